//! A conversation on a terminal: line editing and history, the answer as it grows, reminders above the prompt.

mod prompt;

use std::{
    io::{self, Write, stdout},
    path::PathBuf,
};

use messages::EventId;
use rest_client::UserEvent;
use service_kit::{Lifecycle, OperatorError};
use tokio::time::Instant;

use super::{
    partner::{ANSWER_LIMIT, Partner, answers},
    text::{NO_BUTTON, Offered, rows, safe},
};
use prompt::{Prompt, Typed};

const WELCOME: &str = "Type a message and press Enter; /help says more, Ctrl-D quits.";

const HELP: &str = "\
Say what you want in plain words, for example:
  what time is it in Tokyo?
  remind me in 5 minutes to drink water
  list my reminders
/1 presses the first button below an answer, /2 the second.
/new begins a new conversation, /usage shows what was spent, /quit (or Ctrl-D) quits. Ctrl-C clears the line.";

/// What is shown while nothing of the answer is there.
const THINKING: &str = "…";

/// Talks until the person quits or the process stops.
pub(super) async fn talk(
    mut partner: Partner,
    history: Option<PathBuf>,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    let mut prompt = Prompt::start(history).map_err(no_terminal)?;
    write(WELCOME).map_err(no_terminal)?;
    let talking = conversation(&mut partner, &mut prompt);
    let outcome = lifecycle.until_stopping(talking).await.unwrap_or(Ok(()));
    // The terminal is given back as it was before anything else is said.
    prompt.end().await;
    outcome
}

async fn conversation(partner: &mut Partner, prompt: &mut Prompt) -> Result<(), OperatorError> {
    let mut offered = Offered::default();
    loop {
        prompt.ask();
        let line = loop {
            tokio::select! {
                typed = prompt.typed() => match typed {
                    Typed::Line(line) => break line,
                    Typed::End => return Ok(()),
                    Typed::Broken(error) => return Err(no_terminal(error)),
                },
                event = partner.hear() => if let UserEvent::Reply { reply, .. } = event? {
                    prompt.print_above(offered.show(&reply));
                },
            }
        };
        match line.trim() {
            "" => {}
            "/quit" | "/exit" => return Ok(()),
            "/help" => write(HELP).map_err(no_terminal)?,
            "/new" => match partner.forget().await {
                Ok(()) => write("A new conversation.").map_err(no_terminal)?,
                Err(error) => write(&safe(&error.to_string())).map_err(no_terminal)?,
            },
            "/usage" => match partner.usage().await {
                Ok(text) => write(&text).map_err(no_terminal)?,
                Err(error) => write(&safe(&error.to_string())).map_err(no_terminal)?,
            },
            text => match partner.say_or_press(text, &offered).await {
                Ok(None) => write(NO_BUTTON).map_err(no_terminal)?,
                Ok(Some(question)) => until_answered(partner, &question, &mut offered).await?,
                // The line is in the history: the person can send it again.
                Err(error) => write(&safe(&error.to_string())).map_err(no_terminal)?,
            },
        }
    }
}

/// Shows the answer as it grows, and whatever else comes meanwhile.
async fn until_answered(
    partner: &mut Partner,
    question: &EventId,
    offered: &mut Offered,
) -> Result<(), OperatorError> {
    let end = Instant::now() + ANSWER_LIMIT;
    let mut live = Live::default();
    let mut so_far = THINKING.to_owned();
    loop {
        live.draw(&so_far).map_err(no_terminal)?;
        let Ok(event) = tokio::time::timeout_at(end, partner.hear()).await else {
            live.erase().map_err(no_terminal)?;
            return write("No answer yet; it will be shown when it comes.").map_err(no_terminal);
        };
        match event? {
            UserEvent::Delta(delta) if delta.event_id == *question => so_far = safe(&delta.text),
            UserEvent::Reply { reply, .. } => {
                live.erase().map_err(no_terminal)?;
                write(&offered.show(&reply)).map_err(no_terminal)?;
                if answers(&reply, question) {
                    return Ok(());
                }
            }
            UserEvent::Delta(_) | UserEvent::Hello(_) => {}
        }
    }
}

/// The rows at the end of the screen that are drawn anew as the answer grows.
#[derive(Default)]
struct Live {
    rows: usize,
}

impl Live {
    /// Draws the end of a safe text, as much as the screen holds: what scrolls away cannot be erased.
    fn draw(&mut self, text: &str) -> io::Result<()> {
        let (width, height) = crossterm::terminal::size().unwrap_or((80, 24));
        // A row that is full to its last column would move the cursor on.
        let rows = rows(text, usize::from(width).saturating_sub(1));
        let first = rows
            .len()
            .saturating_sub(usize::from(height).saturating_sub(2).max(1));
        self.erase()?;
        let visible = &rows[first..];
        self.rows = visible.len();
        write!(stdout(), "{}", visible.join("\n"))?;
        stdout().flush()
    }

    fn erase(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.rows) {
            0 => Ok(()),
            1 => write!(stdout(), "\r\x1b[J"),
            rows => write!(stdout(), "\r\x1b[{}A\x1b[J", rows - 1),
        }
    }
}

fn write(text: &str) -> io::Result<()> {
    writeln!(stdout(), "{text}")
}

fn no_terminal(error: io::Error) -> OperatorError {
    OperatorError::new(
        "the terminal cannot be used",
        "try another one, or pipe lines into `manage chat`",
    )
    .because(error)
}
