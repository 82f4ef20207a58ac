//! The assistant's own copy of what was said last in each conversation, so that a turn reads only what is new.
//!
//! What rest_service answers decides: which thread is open, what its summary covers, and where it ends. A copy that does
//! not fit to it is dropped. Messages are never changed, so what a copy has of a thread is what is stored.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rest_client::{Client, Context, ContextQuery, Message, Thread};
use uuid::Uuid;

use super::{Driver, Failure, Task};

/// How much all copies take together, in bytes.
const ROOM: usize = 4 * 1024 * 1024;

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
}

/// What is known of a conversation when its context is asked for; it holds whatever happens to the copy meanwhile.
pub(super) struct Known(Arc<Vec<Message>>);

impl Driver {
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
        if known.is_some() && matches!(asked, Err(rest_client::Error::Invalid { .. })) {
            // A rest_service of before these fields: the assistant may be replaced first.
            (query.known_thread, query.known_seq) = (None, None);
            asked = rest.context(task.user_id, &query).await;
        }
        let mut context = asked?;
        if let Some(known) = known {
            known.complete(&mut context, usize::try_from(most).unwrap_or(usize::MAX));
        }
        self.recent.keep(&query.conversation, &context);
        Ok(context)
    }
}

impl Recent {
    /// What is known of a conversation.
    pub(super) fn of(&self, user: Uuid, conversation: &str) -> Option<Known> {
        let copies = self.lock();
        let kept = copies.of.get(&(user, conversation.to_owned()))?;
        Some(Known(Arc::clone(&kept.messages)))
    }

    /// Keeps what a context has.
    pub(super) fn keep(&self, conversation: &str, context: &Context) {
        let who = (context.user.id, conversation.to_owned());
        let mut copies = self.lock();
        copies.remove(&who);
        if context.messages.len() >= WORTH {
            copies.insert(who, Arc::new(context.messages.clone()));
        }
    }

    /// Forgets what was said by somebody who is known no more.
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
    pub(super) fn leave_out(&self, query: &mut ContextQuery) {
        if let Some(last) = self.0.last() {
            query.known_thread = Some(last.thread_id);
            query.known_seq = Some(last.seq);
        }
    }

    /// Puts what is known before what is new; at most `most` messages, as without it.
    pub(super) fn complete(&self, context: &mut Context, most: usize) {
        let Some(thread) = &context.thread else { return };
        if !self.reaches(thread, &context.messages) {
            return;
        }
        let kept = self.0.iter().filter(|message| message.seq > thread.summarised_to);
        let mut messages: Vec<Message> = kept.cloned().collect();
        messages.append(&mut context.messages);
        let too_many = messages.len().saturating_sub(most);
        messages.drain(..too_many);
        context.messages = messages;
    }

    /// Whether it ends where the new messages begin: where so many came since that not all were handed out, it does not.
    fn reaches(&self, thread: &Thread, newer: &[Message]) -> bool {
        let Some(last) = self.0.last() else { return false };
        let next = newer.first().map_or(thread.last_seq + 1, |first| first.seq);
        last.thread_id == thread.id && next == last.seq + 1
    }
}

impl Copies {
    fn insert(&mut self, who: Who, messages: Arc<Vec<Message>>) {
        let bytes = messages.iter().map(size_of_message).sum();
        self.uses += 1;
        self.bytes += bytes;
        self.order.insert(self.uses, who.clone());
        let used = self.uses;
        self.of.insert(
            who,
            Kept {
                messages,
                bytes,
                used,
            },
        );
        while self.bytes > ROOM {
            let Some(oldest) = self.order.first_key_value().map(|(_, who)| who.clone()) else {
                return;
            };
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
    let calls = message
        .tool_calls
        .as_ref()
        .map_or(0, |calls| calls.to_string().len());
    FRAME + message.content.len() + calls
}
