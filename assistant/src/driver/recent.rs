//! The assistant's own copy of what was said last in each conversation, so that a turn reads only what is new.
//!
//! What rest_service answers decides: which thread is open, what its summary covers, and where it ends. A copy that does
//! not fit to it is dropped. Messages are never changed, so what a copy has of a thread is what is stored.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rest_client::{Client, Context, ContextQuery, Message};
use uuid::Uuid;

use super::{Driver, Failure, Task};
use crate::model::size_of_json;

/// How much all copies take together, in bytes.
const ROOM: usize = 4 * 1024 * 1024;

/// For how long a copy is kept that is not used.
const KEPT: Duration = Duration::from_secs(3_600);

/// From how many messages on a copy is worth its memory.
const WORTH: usize = 10;

/// What a message takes beside its texts, in bytes.
const FRAME: usize = size_of::<Message>();

/// A user in a conversation.
type Who = (Uuid, String);

/// The copies of one process: those that were used last, as many as have room.
#[derive(Default)]
pub(super) struct Recent(Mutex<Copies>);

#[derive(Default)]
struct Copies {
    of: HashMap<Who, Kept>,
    /// Who used theirs when, the oldest first.
    order: BTreeMap<u64, Who>,
    uses: u64,
    bytes: usize,
}

struct Kept {
    messages: Arc<Vec<Message>>,
    bytes: usize,
    used: u64,
    at: Instant,
}

/// What is known of a conversation when its context is asked for; it holds whatever happens to the copy meanwhile.
struct Known(Arc<Vec<Message>>);

impl Driver {
    /// Forgets what was said by a user of whom something was changed: they may have been erased.
    pub(crate) fn forget(&self, user: Uuid) {
        self.recent.forget(user);
    }

    /// What a turn starts from; of the conversation only what is new is asked for.
    pub(super) async fn context_of(&self, task: &Task<'_>, rest: &Client) -> Result<Context, Failure> {
        let most = task.request.messages();
        let mut query = ContextQuery {
            conversation: task.to.key(),
            event_id: task.cause.id.clone(),
            limit: Some(most),
            known_thread: None,
            known_seq: None,
        };
        if most == 0 {
            return Ok(rest.context(task.user_id, &query).await?);
        }
        let known = self.recent.of(task.user_id, &query.conversation);
        if let Some(known) = &known {
            known.leave_out(&mut query);
        }
        let mut asked = rest.context(task.user_id, &query).await;
        if let Some(known) = known {
            let is_whole = match &mut asked {
                Ok(context) => known.complete(context, usize::try_from(most).unwrap_or(usize::MAX)),
                // A rest_service of before these fields: the assistant may be replaced first.
                Err(error) => !matches!(error, rest_client::Error::Invalid { .. }),
            };
            if !is_whole {
                (query.known_thread, query.known_seq) = (None, None);
                asked = rest.context(task.user_id, &query).await;
            }
        }
        let context = asked?;
        self.recent.keep(&query.conversation, &context);
        Ok(context)
    }
}

impl Recent {
    /// What is known of a conversation.
    fn of(&self, user: Uuid, conversation: &str) -> Option<Known> {
        let copies = self.lock();
        let kept = copies.of.get(&(user, conversation.to_owned()))?;
        Some(Known(Arc::clone(&kept.messages)))
    }

    /// Keeps what a context has.
    fn keep(&self, conversation: &str, context: &Context) {
        let who = (context.user.id, conversation.to_owned());
        let mut copies = self.lock();
        copies.remove(&who);
        if context.messages.len() >= WORTH {
            copies.insert(who, Arc::new(context.messages.clone()));
        }
    }

    /// Forgets what was said by somebody who may be known no more.
    pub(super) fn forget(&self, user: Uuid) {
        let mut copies = self.lock();
        let theirs: Vec<Who> = copies.of.keys().filter(|who| who.0 == user).cloned().collect();
        for who in theirs {
            copies.remove(&who);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Copies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Asks for what is new alone.
    fn leave_out(&self, query: &mut ContextQuery) {
        if let Some(last) = self.0.last() {
            query.known_thread = Some(last.thread_id);
            query.known_seq = Some(last.seq);
        }
    }

    /// Puts what is known before what is new; at most `most` messages, as without it. `false` when messages are missing:
    /// what is stored ends before the copy does, as behind a restore.
    fn complete(&self, context: &mut Context, most: usize) -> bool {
        let (Some(thread), Some(last)) = (&context.thread, self.0.last()) else {
            return true;
        };
        if last.thread_id != thread.id {
            return true;
        }
        let next = context
            .messages
            .first()
            .map_or(thread.last_seq + 1, |first| first.seq);
        if next != last.seq + 1 {
            // So many came since that not all were handed out: then they are all that a turn starts from.
            return context.messages.len() >= most;
        }
        let kept = self.0.iter().filter(|message| message.seq > thread.summarised_to);
        let mut messages: Vec<Message> = kept.cloned().collect();
        messages.append(&mut context.messages);
        let too_many = messages.len().saturating_sub(most);
        messages.drain(..too_many);
        context.messages = messages;
        true
    }
}

impl Copies {
    fn insert(&mut self, who: Who, messages: Arc<Vec<Message>>) {
        let bytes = messages.iter().map(size_of_message).sum();
        self.uses += 1;
        self.bytes += bytes;
        self.order.insert(self.uses, who.clone());
        let used = self.uses;
        let at = Instant::now();
        let kept = Kept {
            messages,
            bytes,
            used,
            at,
        };
        self.of.insert(who, kept);
        while let Some((_, oldest)) = self.order.first_key_value() {
            let is_old = self.of.get(oldest).is_none_or(|kept| kept.at.elapsed() >= KEPT);
            if self.bytes <= ROOM && !is_old {
                return;
            }
            let oldest = oldest.clone();
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, who: &Who) {
        if let Some(kept) = self.of.remove(who) {
            self.order.remove(&kept.used);
            self.bytes = self.bytes.saturating_sub(kept.bytes);
        }
    }
}

fn size_of_message(message: &Message) -> usize {
    let calls = message.tool_calls.as_ref().map_or(0, size_of_json);
    FRAME + message.content.len() + calls
}
