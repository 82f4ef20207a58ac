//! A conversation without a terminal: a line in, its answer out, in order, until the input ends.

use std::{
    io::{self, BufRead, Write, stdin, stdout},
    time::Duration,
};

use messages::EventId;
use rest_client::UserEvent;
use service_kit::{Lifecycle, OperatorError};
use tokio::{sync::mpsc, time::Instant};

use super::{
    partner::{ANSWER_LIMIT, Partner, answers},
    text::{NO_BUTTON, Offered},
};

/// Why the conversation ends before its input does.
enum End {
    /// The process was asked to stop, or nobody reads any more.
    Quiet,
    Failed(OperatorError),
}

impl From<OperatorError> for End {
    fn from(error: OperatorError) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Quiet
    }
}

/// Talks until the input has ended and its last line is answered, and then listens for `wait` longer.
pub(super) async fn talk(
    mut partner: Partner,
    wait: Duration,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    let work = async {
        let mut lines = lines_of_stdin();
        let mut offered = Offered::default();
        loop {
            tokio::select! {
                line = lines.recv() => match line {
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => {
                        match partner.say_or_press(line.trim_end(), &offered).await? {
                            Some(question) => {
                                listen(&mut partner, &mut offered, Some(&question), ANSWER_LIMIT).await?;
                            }
                            None => writeln!(stdout(), "{NO_BUTTON}")?,
                        }
                    }
                    None => break,
                },
                event = partner.hear() => print(event?, &mut offered)?,
            }
        }
        if !wait.is_zero() {
            listen(&mut partner, &mut offered, None, wait).await?;
        }
        Ok::<_, End>(())
    };
    match lifecycle.until_stopping(work).await {
        Some(Err(End::Failed(error))) => Err(error),
        None | Some(Ok(()) | Err(End::Quiet)) => Ok(()),
    }
}

/// Prints what comes until the question is answered, or until the time is over.
async fn listen(
    partner: &mut Partner,
    offered: &mut Offered,
    question: Option<&EventId>,
    limit: Duration,
) -> Result<(), End> {
    let end = Instant::now() + limit;
    loop {
        match tokio::time::timeout_at(end, partner.hear()).await {
            Ok(event) => {
                let event = event?;
                let done = matches!((&event, question), (UserEvent::Reply { reply, .. }, Some(question)) if answers(reply, question));
                print(event, offered)?;
                if done {
                    return Ok(());
                }
            }
            Err(_) if question.is_none() => return Ok(()),
            Err(_) => {
                let what = format!("no answer came within {} s", limit.as_secs());
                let advice = "see the assistant's log; the answer will still come when it can";
                return Err(OperatorError::new(what, advice).into());
            }
        }
    }
}

/// A reader who is gone is no fault: `manage chat | head -1`.
fn print(event: UserEvent, offered: &mut Offered) -> io::Result<()> {
    match event {
        UserEvent::Reply { reply, .. } => writeln!(stdout(), "{}", offered.show(&reply)),
        UserEvent::Hello(_) | UserEvent::Delta(_) => Ok(()),
    }
}

/// The lines of standard input, read on a thread because nothing else can wait for them; it ends with the process.
fn lines_of_stdin() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    if sender.blocking_send(line).is_err() {
                        return;
                    }
                }
            }
        }
    });
    lines
}
