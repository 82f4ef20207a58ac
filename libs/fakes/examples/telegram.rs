//! A fake Telegram to try a bot by hand: what you type is what Ann, the bot's owner, writes to it.
//!
//! ```sh
//! cargo run -p fakes --example telegram -- [LISTEN]
//! ```
//!
//! It prints the settings for the bot, then each message of the bot's and each violation. A line `/press LABEL` presses
//! a button of the last message. With LISTEN `0.0.0.0:8098` a bot in a container reaches it, as
//! `http://host.docker.internal:8098`.
#![expect(clippy::print_stdout, reason = "the program's purpose")]

use fakes::telegram::{Message, Options, TelegramServer, User};
use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const LISTEN: &str = "127.0.0.1:8098";
const OWNER: i64 = 4711;

#[expect(
    clippy::disallowed_methods,
    reason = "a person's own clock is the one to go by here"
)]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}

/// Above those of the last time, which the bot remembers: up to 16 updates a second since November 2023, in 32 bits.
fn first_update_id() -> i64 {
    (now() - 1_700_000_000) * 16
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or(LISTEN)).await?;
    let telegram = TelegramServer::serve(
        listener,
        Options {
            first_update_id: first_update_id(),
            clock: Some(Arc::new(now)),
            leftovers_fail: false,
            ..Options::default()
        },
    );
    let ann = telegram.user_with_id(OWNER, "Ann");
    println!("TELEGRAM_API_URL={}", telegram.url());
    println!("TELEGRAM_BOT_TOKEN={}", telegram.token());
    println!("TELEGRAM_OWNER_ID={OWNER}");
    let mut lines = typed();
    let mut last = None;
    let mut violations = 0;
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some(line) => say(&ann, &line, last.as_ref()),
                None => return Ok(()),
            },
            message = ann.try_next_message(Duration::from_secs(1)) => if let Some(message) = message {
                show(&message);
                last = Some(message);
            },
        }
        for violation in telegram.violations().iter().skip(violations) {
            println!("VIOLATION {violation}");
            violations += 1;
        }
    }
}

/// Standard input's lines. A thread of its own reads them: nothing else can wait for a terminal.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (to, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn say(ann: &User, line: &str, last: Option<&Message>) {
    match (line.strip_prefix("/press "), last) {
        (Some(label), Some(message)) if message.button(label).is_some() => {
            ann.presses(message, label);
        }
        (Some(label), _) => println!("the last message has no button \"{label}\""),
        (None, _) if line.trim().is_empty() => {}
        (None, _) => {
            ann.says(line);
        }
    }
}

fn show(message: &Message) {
    println!("{}", message.text);
    for button in message.keyboard.iter().flatten() {
        println!("  [{}]", button.text);
    }
}
