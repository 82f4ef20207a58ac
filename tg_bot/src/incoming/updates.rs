//! The poll loop: an update is confirmed to Telegram only when everything it caused is on the bus.
//!
//! Telegram forgets an update when a later poll asks for a higher offset. So the offset moves behind an update
//! only when it and all before it are handled; killed before that, they come again, and the deterministic ids
//! make the second time harmless. Where to start is Telegram's own memory: no offset is stored here, none can
//! be stale, and no backlog is dropped.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::value::RawValue;
use service_kit::{Lifecycle, OperatorError};
use tokio::time::Instant;

use super::{
    Incoming, albums,
    in_hand::InHand,
    wire::{Kind, Update},
};
use crate::telegram::{POLL, Telegram, TelegramError};

/// The waits after failed polls: 0.5 s, 1 s, 2 s … up to 30 s.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The waits between tries of an update while REST or the bus are away: 0.5 s, then 1 s. A try has limits of its own, and
/// everybody waits behind the update: a longer wait would go on when they are long back.
const LONGEST_TRY_WAIT: Duration = Duration::from_secs(1);

/// How many updates one poll gives at most (Bot API, "getUpdates").
pub(super) const MOST_AT_ONCE: usize = 100;

/// How long the next poll waits for what is in hand. What takes longer keeps only its own chat waiting.
const SOON: Duration = Duration::from_millis(500);

/// How long what is in hand may take when the process stops.
const LAST_WAIT: Duration = Duration::from_secs(20);

/// How long the pictures of an album may take after the first.
const ALBUM_WAIT: Duration = Duration::from_millis(700);

/// How long after a poll that another poller ended the next one comes.
const CONFLICT_WAIT: Duration = Duration::from_secs(5);

/// Two conflicts within this time are another poller: each takes its turn, so that polls succeed in between. One
/// alone is a restart that overlaps, or an operator who looks.
const CONFLICT_MEMORY: Duration = Duration::from_secs(30);

/// Whether Telegram answers, and us alone; for readiness.
#[derive(Clone, Default)]
pub(crate) struct Reachable(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    last: Option<Result<Instant, String>>,
    /// The last two conflicts, the later one second.
    conflicts: [Option<Instant>; 2],
}

impl Reachable {
    /// # Errors
    /// The last poll failed, or there was none for too long; in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let [Some(earlier), Some(_)] = seen.conflicts
            && earlier.elapsed() < CONFLICT_MEMORY
        {
            return Err("somebody else receives this bot's updates too, again and again".to_owned());
        }
        match &seen.last {
            None => Err("not asked yet".to_owned()),
            Some(Err(problem)) => Err(problem.clone()),
            Some(Ok(at)) if at.elapsed() > POLL * 3 => {
                Err("no poll for updates was answered lately".to_owned())
            }
            Some(Ok(_)) => Ok(()),
        }
    }

    /// Notes that Telegram answered.
    pub(crate) fn answered(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last = Some(Ok(Instant::now()));
    }

    pub(crate) fn failed(&self, error: &TelegramError) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.last = Some(Err(error.to_string()));
        if let TelegramError::Conflict(_) = error {
            seen.conflicts = [seen.conflicts[1], Some(Instant::now())];
        }
    }
}

/// Polls for updates and hands them to [`Incoming`] until the process stops. Nothing that Telegram answers ends it: a
/// token that is refused may be that of a bot that comes back, and the other services of this process are not to fall
/// with the bot. Until a poll succeeds again, readiness and the log say what is wrong.
///
/// # Errors
/// None; the type is that of the tasks beside it.
pub(crate) async fn run(
    telegram: Telegram,
    incoming: Arc<Incoming>,
    reachable: Reachable,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    let mut failures = Failures::default();
    let mut is_first = true;
    let mut has_waited = false;
    let mut in_hand = InHand::new(incoming, lifecycle.clone());
    loop {
        // The first poll after a failure does not wait, so that it is soon known that all is well again.
        let timeout = if failures.wait.is_some() || !in_hand.is_empty() {
            Duration::ZERO
        } else {
            POLL
        };
        let poll = telegram.updates(in_hand.confirmed(), timeout);
        let Ok(polled) = in_hand.until(lifecycle.until_stopping(poll)).await else {
            return Ok(());
        };
        let Some(polled) = polled else { break };
        match polled {
            Ok(updates) => {
                is_first = false;
                reachable.answered();
                failures.clear();
                let is_full = updates.len() >= MOST_AT_ONCE;
                let mut updates: Vec<Update> = updates.iter().filter_map(|update| read(update)).collect();
                updates.retain(|update| !in_hand.knows(update.id));
                let album = albums::at_the_end(&updates);
                let waited = if album > 0 && !is_full && !std::mem::replace(&mut has_waited, true) {
                    // Asked for again, with the pictures that are on their way.
                    let wait = lifecycle.until_stopping(tokio::time::sleep(ALBUM_WAIT));
                    in_hand.until(wait).await.map(drop)
                } else {
                    has_waited = false;
                    if is_full && (album < updates.len() || !in_hand.is_empty()) {
                        // The rest of it comes with the next.
                        updates.truncate(updates.len() - album);
                    }
                    let count = u64::try_from(updates.len()).unwrap_or(0);
                    metrics::counter!("telegram_updates_total").increment(count);
                    in_hand.take(albums::joined(updates));
                    in_hand.for_at_most(SOON).await
                };
                if waited.is_err() {
                    return Ok(());
                }
            }
            // The bot was reached by a webhook before. Later, it is somebody else who set one.
            Err(TelegramError::Conflict(words)) if is_first && words.contains("webhook") => {
                is_first = false;
                match telegram.delete_webhook().await {
                    Ok(()) => tracing::info!("the webhook is over; updates are asked for from now on"),
                    Err(error) => tracing::warn!(%error, "the webhook stays"),
                }
            }
            Err(error) => {
                reachable.failed(&error);
                let wait = failures.wait_after(&error);
                let wait = lifecycle.until_stopping(tokio::time::sleep(wait));
                if in_hand.until(wait).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
    // What is not done comes again after the restart.
    let _ = in_hand.for_at_most(LAST_WAIT).await;
    confirm(&telegram, in_hand.confirmed()).await;
    Ok(())
}

/// Confirms what was handled, so that it does not come again after the restart; only a courtesy.
async fn confirm(telegram: &Telegram, offset: Option<i64>) {
    if offset.is_some()
        && let Err(error) = telegram.updates(offset, Duration::ZERO).await
    {
        tracing::debug!(%error, "the last updates were not confirmed; they will come again and be recognised");
    }
}

/// Handles one update that was sent to us; `false` when it is to be sent again.
pub(crate) async fn handle_sent(incoming: &Incoming, json: &str, lifecycle: &Lifecycle) -> bool {
    let Some(update) = Update::read(json) else {
        tracing::warn!("ignored an update without an id");
        return true;
    };
    metrics::counter!("telegram_updates_total").increment(1);
    handle_until_done(incoming, &update, lifecycle).await
}

/// Handles one update, again and again while REST or the bus are away. `false` when the process stops first.
pub(super) async fn handle_until_done(incoming: &Incoming, update: &Update, lifecycle: &Lifecycle) -> bool {
    let mut wait = FIRST_WAIT;
    loop {
        match incoming.handle(update).await {
            Ok(()) => return true,
            Err(error) if error.is_transient() => {
                tracing::warn!(update_id = update.id, error = %error.with_cause(), "an update waits; trying again");
            }
            Err(error) => {
                // Holding everything up for it would not help it either.
                tracing::error!(update_id = update.id, error = %error.with_cause(), "an update cannot be handled");
                return true;
            }
        }
        if lifecycle.until_stopping(tokio::time::sleep(wait)).await.is_none() {
            return false;
        }
        wait = (wait * 2).min(LONGEST_TRY_WAIT);
    }
}

/// Reads one update; `None` only for what has no id.
fn read(update: &RawValue) -> Option<Update> {
    let read = Update::read(update.get());
    match &read {
        None => tracing::warn!("ignored an update without an id"),
        Some(Update {
            id,
            kind: Kind::Unknown,
            ..
        }) => tracing::debug!(
            update_id = id,
            "an update of a kind that this build does not know"
        ),
        Some(_) => {}
    }
    read
}

/// What the log says and how long the loop waits while polls fail.
#[derive(Default)]
struct Failures {
    wait: Option<Duration>,
    said: bool,
}

impl Failures {
    fn clear(&mut self) {
        if self.said {
            tracing::info!("Telegram answers again");
        }
        *self = Self::default();
    }

    fn wait_after(&mut self, error: &TelegramError) -> Duration {
        let wait = match error {
            TelegramError::TooMany(wait) => *wait,
            TelegramError::Conflict(_) => CONFLICT_WAIT,
            _ => self.wait.map_or(FIRST_WAIT, |wait| (wait * 2).min(LONGEST_WAIT)),
        };
        self.wait = Some(wait.min(LONGEST_WAIT));
        // Said once, not at each try.
        if std::mem::replace(&mut self.said, true) {
            tracing::debug!(%error, "still no updates");
        } else if let TelegramError::Unauthorized = error {
            tracing::error!(
                %error,
                "the bot is deaf and dumb until Telegram takes its token again; everything else goes on"
            );
        } else if let TelegramError::Conflict(words) = error {
            tracing::warn!(
                words,
                "another program receives this bot's updates: stop it, or give this one a bot of its own; trying on"
            );
        } else {
            tracing::warn!(%error, "no updates from Telegram; trying on");
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::{Reachable, TelegramError};

    #[test]
    fn a_second_poller_is_remembered_between_polls_that_succeed() {
        let conflict = TelegramError::Conflict("terminated by other getUpdates request".to_owned());
        let reachable = Reachable::default();
        reachable.answered();
        reachable.failed(&conflict);
        reachable.answered();
        reachable.check().unwrap();
        reachable.failed(&conflict);
        reachable.answered();
        let problem = reachable.check().unwrap_err();
        assert!(problem.contains("receives this bot's updates"), "{problem}");
    }
}
