//! What belongs into one turn: a message, what its user said right behind it, and corrections of either.
//!
//! Only what waits on the bus is read, and nothing of it is taken: the turn is stored with the events that it answers
//! too (`covers`), and when their turn comes, each is found stored. Killed anywhere, nothing is lost or answered twice.

use std::{sync::Arc, time::Duration};

use bus::{BusError, Delivery};
use messages::{Envelope, Event, EventId, ReplyV1, StopTurnV1, UserMessageV2};
use rest_client::{NewTurn, TurnStatus};
use service_kit::Clock;

use super::{
    Driver, Failure,
    said::{self, Said},
};
use crate::running::{self, Stoppable};

/// How many messages are read behind one.
const MOST: usize = 50;

/// How much one turn says at most, in bytes: several messages, and the files that come with them.
const LONGEST: usize = 65_536;

/// From how many UTF-16 units on a message may be the first part of a longer one: Telegram splits at 4,096, at a space
/// where there is one.
const NEARLY_FULL: usize = 3_900;

/// How long after such a part the rest of it may come.
const REST: Duration = Duration::from_millis(1_500);

/// The most parts of one paste that are waited for.
const MOST_PARTS: usize = 8;

/// How messages are read, by what answers them.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Whether whatever waits is read at once, as a language model can; else only the parts of one paste are.
    joins: bool,
    /// How many bytes one turn may say.
    room: usize,
    /// The message behind which nothing is read, by its number in the chat.
    until: Option<i64>,
}

/// A message that was handed out, with what belongs to it.
pub(super) struct Gathered<'e> {
    delivery: &'e Delivery,
    first: &'e UserMessageV2,
    pub(super) together: Together,
    pub(super) stop: Arc<Stoppable>,
}

/// What one turn answers.
pub(super) struct Together {
    reading: Reading,
    messages: Vec<UserMessageV2>,
    /// The events behind the first one that it answers too.
    pub(super) covers: Vec<EventId>,
}

impl Together {
    /// What a message says by itself, and with what stands behind it.
    fn of(first: &UserMessageV2, behind: &[Envelope], reading: Reading) -> Self {
        let mut together = Self {
            reading,
            messages: vec![first.clone()],
            covers: Vec::new(),
        };
        let mut length = said::own_length(first);
        let mut is_whole = false;
        for next in behind {
            match &next.event {
                Event::UserMessageV2(message) if message.user_id == first.user_id => {
                    if !together.is_followed_by(message) || together.is_behind(message) {
                        continue;
                    }
                    length = length.saturating_add(said::own_length(message));
                    is_whole |= !together.takes(message) || length > reading.room;
                    if is_whole {
                        // In its own turn; what stands behind it may correct what is here.
                        continue;
                    }
                    together.messages.push(message.clone());
                }
                Event::MessageEditedV1(edit) if edit.message.user_id == first.user_id => {
                    let corrected = together.messages.iter_mut().find(|message| {
                        message.message_ref.is_some() && message.message_ref == edit.message.message_ref
                    });
                    let Some(corrected) = corrected else { continue };
                    *corrected = edit.message.clone();
                }
                // In its own turn, and so is what comes behind it.
                _ => break,
            }
            if !together.covers.contains(&next.id) {
                together.covers.push(next.id.clone());
            }
        }
        together
    }

    /// Whether a message was sent when the turn had been stopped.
    fn is_behind(&self, message: &UserMessageV2) -> bool {
        let until = self.reading.until.zip(number(message));
        until.is_some_and(|(until, message)| message > until)
    }

    /// Whether the next message belongs to what is here.
    fn takes(&self, next: &UserMessageV2) -> bool {
        let is_part = next.reply_to.is_none() && next.attachments.is_empty();
        self.reading.joins || (is_part && self.messages.last().is_some_and(is_nearly_full))
    }

    /// Whether a message was sent after all that are here. One that was not is on the bus twice, or was overtaken: its own
    /// turn finds what became of it.
    fn is_followed_by(&self, message: &UserMessageV2) -> bool {
        match (self.messages.last().and_then(number), number(message)) {
            (Some(last), Some(next)) => next > last,
            _ => !self.messages.contains(message),
        }
    }

    /// What it says in words. Files share what room the user's own words leave.
    pub(super) fn said(&self) -> Said {
        let own: usize = self.messages.iter().map(said::own_length).sum();
        let mut room = self.reading.room.saturating_sub(own);
        let mut whole = Said {
            text: String::new(),
            is_outside: false,
        };
        let mut is_going_on = false;
        for message in &self.messages {
            let said = said::compose_within(message, &mut room);
            if !whole.text.is_empty() {
                whole.text.push_str(if is_going_on { "\n" } else { "\n\n" });
            }
            whole.text.push_str(&said.text);
            whole.is_outside |= said.is_outside;
            is_going_on = is_nearly_full(message);
        }
        whole
    }

    /// The channel's id of the last message: the one that the answer quotes.
    pub(super) fn message_ref(&self) -> Option<&str> {
        self.messages.last()?.message_ref.as_deref()
    }

    /// Whether what the earlier one took as said has been changed since.
    fn corrects(&self, earlier: &Self) -> bool {
        let known = earlier.messages.len();
        self.messages.get(..known) != Some(earlier.messages.as_slice())
    }

    /// The earlier one with what corrects it, and without messages that came later.
    fn corrections_of(first: &UserMessageV2, behind: &[Envelope], earlier: &Self) -> Self {
        let is_new = |event: &Envelope| {
            matches!(event.event, Event::UserMessageV2(_)) && !earlier.covers.contains(&event.id)
        };
        let known: Vec<Envelope> = behind.iter().filter(|event| !is_new(event)).cloned().collect();
        Self::of(first, &known, earlier.reading)
    }
}

impl Driver {
    /// Stops what its user wants no answer to.
    pub(crate) fn stop(&self, stop: &StopTurnV1) {
        self.running
            .stop(&stop.from, stop.user_id, stop.message_ref.as_deref());
    }

    /// Reads what belongs together with a message that was handed out.
    pub(super) async fn gather<'e>(
        &self,
        delivery: &'e Delivery,
        first: &'e UserMessageV2,
    ) -> Result<Gathered<'e>, BusError> {
        let message = first.message_ref.as_deref();
        let stop = self.running.begin(&first.from, first.user_id, message);
        let together = loop {
            let reading = Reading {
                joins: self.model.is_language_model(),
                // Three of the four bytes of each token, so that what was said before has room, too.
                room: self.settings.context_tokens.saturating_mul(3).min(LONGEST),
                until: stop.until(),
            };
            let together = gather(delivery, first, reading, &*self.clock, &stop).await?;
            if stop.answers(together.message_ref()) {
                break together;
            }
        };
        Ok(Gathered {
            delivery,
            first,
            together,
            stop: Arc::new(stop),
        })
    }

    /// What was said as it is now, when it was corrected while the turn ran and the turn has changed nothing yet.
    pub(super) async fn corrected(
        &self,
        gathered: &Gathered<'_>,
        turn: &NewTurn,
    ) -> Result<Option<Together>, Failure> {
        let (first, answered) = (gathered.first, &gathered.together);
        let is_free = |reply: &ReplyV1| reply.receipts.is_empty() && reply.buttons.is_empty();
        let has_ended = turn.status == TurnStatus::Completed;
        if !has_ended || !turn.replies.iter().all(is_free) {
            return Ok(None);
        }
        let behind = gathered.delivery.behind(MOST).await?;
        let newer = Together::corrections_of(first, &behind, answered);
        Ok(newer.corrects(answered).then_some(newer))
    }
}

/// Waits for the rest of a paste, unless it is stopped.
async fn gather(
    delivery: &Delivery,
    first: &UserMessageV2,
    reading: Reading,
    clock: &dyn Clock,
    stop: &Stoppable,
) -> Result<Together, BusError> {
    let mut seen = 0;
    for _ in 0..MOST_PARTS {
        let behind = delivery.behind(MOST).await?;
        let together = Together::of(first, &behind, reading);
        let last = match together.covers.last() {
            Some(id) => behind.iter().find(|event| event.id == *id).map(|event| event.at),
            None => Some(delivery.envelope().at),
        };
        let is_open = together.messages.last().is_some_and(is_nearly_full) && together.messages.len() > seen;
        seen = together.messages.len();
        let age = last
            .and_then(|at| (clock.now() - at).to_std().ok())
            .unwrap_or_default();
        let Some(wait) = REST.checked_sub(age).filter(|wait| is_open && !wait.is_zero()) else {
            return Ok(together);
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.stopped() => return Ok(together),
        }
    }
    Ok(Together::of(first, &delivery.behind(MOST).await?, reading))
}

fn number(message: &UserMessageV2) -> Option<i64> {
    running::number(message.message_ref.as_deref()?)
}

fn is_nearly_full(message: &UserMessageV2) -> bool {
    message.text.encode_utf16().count() >= NEARLY_FULL
}
