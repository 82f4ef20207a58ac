//! A crowd of people who write to a bot at once, and count its answers: none may be missing, none out of order.
//!
//! ```sh
//! cargo run -p fakes --example crowd -- [PEOPLE [MESSAGES [TELEGRAM_LISTEN [MODEL_LISTEN]]]]
//! ```
//!
//! It is the Telegram and the model of the bot at the same time; the model takes a moment and repeats what it is told.
//! docs/operating.md says how to let it meet containers, and to kill some of them meanwhile. Exit code 1 says that
//! something was lost or out of order. An answer that came twice is counted apart: Telegram cannot be asked whether it
//! has a message, so who is killed in the moment of sending sends it again.
#![expect(clippy::print_stdout, reason = "the program's purpose")]

use fakes::openai::{self, OpenAiServer, Step};
use fakes::telegram::{self, TelegramServer, User};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::time::{Instant, interval, sleep};

const OWNER: i64 = 4711;
/// How long the model takes: long enough that a kill finds turns under way.
const THINKING: Duration = Duration::from_millis(300);
/// Between two messages of each person.
const PAUSE: Duration = Duration::from_millis(500);
/// How long nothing may come before the rest counts as lost: longer than a dead consumer's lease, and a restart.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the bot may take to come and ask for updates.
const START: Duration = Duration::from_secs(1800);

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
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (people, messages): (usize, usize) = (next("40").parse()?, next("25").parse()?);
    let telegram = TelegramServer::serve(
        TcpListener::bind(next("127.0.0.1:8098")).await?,
        telegram::Options {
            first_update_id: first_update_id(),
            keeps_calls: false,
            leftovers_fail: false,
            ..telegram::Options::default()
        },
    );
    let model = OpenAiServer::serve(
        TcpListener::bind(next("127.0.0.1:8097")).await?,
        openai::Options {
            keeps_requests: false,
            leftovers_fail: false,
            ..openai::Options::default()
        },
    );
    model.answers_with(|request| Step::text(request.last_user_text()).after(THINKING));
    println!("TELEGRAM_API_URL={}", telegram.url());
    println!("TELEGRAM_BOT_TOKEN={}", telegram.token());
    println!("TELEGRAM_OWNER_ID={OWNER}");
    println!("OPENAI_BASE_URL={}", model.url());
    println!("OPENAI_API_KEY=any");

    let crowd = let_in(&telegram, people).await?;
    let began = Instant::now();
    let writing = write(Arc::clone(&crowd), messages);
    tokio::join!(writing, watch(&crowd, messages));
    let took = began.elapsed().as_secs_f64();

    let mut total = Count::default();
    for person in crowd.iter() {
        total.add(person, messages);
    }
    println!(
        "{} messages of {people} people in {took:.0} s: {} answered, {} lost, {} out of order, {} twice",
        people * messages,
        total.answered,
        total.lost,
        total.out_of_order,
        total.twice
    );
    let violations = [telegram.violations(), model.violations()].concat();
    for violation in &violations {
        println!("VIOLATION {violation}");
    }
    let is_well = total.lost == 0 && total.out_of_order == 0 && violations.is_empty();
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// New people, whom the bot's owner lets in one after the other, as it is asked to.
async fn let_in(telegram: &TelegramServer, count: usize) -> Result<Arc<[User]>, String> {
    let owner = telegram.user_with_id(OWNER, "Ann");
    owner.says("/start");
    let welcome = owner.try_next_message(START).await;
    welcome.ok_or("the bot does not answer; has it the settings above?")?;
    // As large as an id may be in the library that most bots are made with: below 2^40.
    let first = now() * 100;
    let crowd: Arc<[User]> = (first..)
        .take(count)
        .map(|id| telegram.user_with_id(id, &format!("Person {}", id - first)))
        .collect();
    for person in crowd.iter() {
        person.says("/start");
    }
    for _ in crowd.iter() {
        let question = owner.try_next_message(PATIENCE).await;
        let question = question.ok_or("the owner was not asked about everybody")?;
        if question.button("Approve").is_some() {
            owner.presses(&question, "Approve");
        }
    }
    for person in crowd.iter() {
        loop {
            let notice = person.try_next_message(PATIENCE).await;
            if notice
                .ok_or("somebody was not let in")?
                .text
                .starts_with("You are in")
            {
                break;
            }
        }
    }
    println!("{count} people are let in; they write now");
    Ok(crowd)
}

/// Each person writes one message after the other, without waiting for answers.
async fn write(crowd: Arc<[User]>, messages: usize) {
    let mut rounds = interval(PAUSE);
    for n in 0..messages {
        rounds.tick().await;
        for person in crowd.iter() {
            person.says(&text(n));
        }
    }
    println!("all is written");
}

/// Says how far the answers are, until all are there or none has come for long.
async fn watch(crowd: &[User], messages: usize) {
    let all = crowd.len() * messages;
    let (mut before, mut moved) = (0, Instant::now());
    loop {
        sleep(Duration::from_secs(1)).await;
        let different = |person: &User| answers(person).into_iter().collect::<BTreeSet<_>>().len();
        let answered = crowd.iter().map(different).sum();
        if answered != before {
            println!("{answered} of {all} answered");
            (before, moved) = (answered, Instant::now());
        }
        if answered >= all && moved.elapsed() > Duration::from_secs(5) || moved.elapsed() > PATIENCE {
            return;
        }
    }
}

fn text(n: usize) -> String {
    format!("message {n}")
}

/// The numbers of the messages that were answered, in the order of the answers.
fn answers(person: &User) -> Vec<usize> {
    let messages = person.bot_messages();
    // What waited while another answer was made is answered together.
    let numbers = messages
        .iter()
        .flat_map(|message| message.text.lines())
        .filter_map(|line| line.strip_prefix("message ")?.parse().ok());
    numbers.collect()
}

#[derive(Default)]
struct Count {
    answered: usize,
    lost: usize,
    out_of_order: usize,
    twice: usize,
}

impl Count {
    fn add(&mut self, person: &User, messages: usize) {
        let mut had = BTreeSet::new();
        for n in answers(person) {
            if had.last().is_some_and(|last| n < *last) && !had.contains(&n) {
                self.out_of_order += 1;
            }
            if !had.insert(n) {
                self.twice += 1;
            }
        }
        self.answered += had.len();
        let lost: Vec<usize> = (0..messages).filter(|n| !had.contains(n)).collect();
        if !lost.is_empty() {
            println!("lost to {}: {lost:?}", person.id());
        }
        self.lost += lost.len();
    }
}
