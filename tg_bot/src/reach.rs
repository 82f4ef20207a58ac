//! Which chats can be reached: the tasks of those that cannot wait, rather than fail at each of their times.
//!
//! Telegram says when somebody blocks the bot or takes it out of a group, and so does a message that it refuses. When they
//! are back is said too; but updates are kept for a day only, so whoever writes lets their tasks go on as well.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use messages::Channel;
use rest_client::{Client, Error, HoldTasks, MoveChat};
use tokio::time::Instant;
use uuid::Uuid;

/// For how long nobody asks again whether tasks of somebody who writes are held; another replica may have held them.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Of how many it is remembered.
const MOST: usize = 20_000;

/// What is known of it. Clones share it.
#[derive(Clone)]
pub(crate) struct Reach {
    rest: Client,
    heard: Arc<Mutex<HashMap<(i64, Uuid), Instant>>>,
}

impl Reach {
    /// Nothing is known yet.
    pub(crate) fn new(rest: Client) -> Self {
        Self {
            rest,
            heard: Arc::default(),
        }
    }

    /// A chat is out of reach: whatever is planned there waits.
    pub(crate) async fn lost(&self, chat: i64) -> Result<(), Error> {
        self.lock().retain(|(known, _), _| *known != chat);
        let held = self.hold(chat, None, true).await?;
        tracing::info!(tasks = held, "a chat cannot be reached; its tasks wait");
        Ok(())
    }

    /// A chat is in reach again: what waited goes on.
    pub(crate) async fn found(&self, chat: i64) -> Result<(), Error> {
        let released = self.hold(chat, None, false).await?;
        tracing::info!(tasks = released, "a chat can be reached; its tasks go on");
        Ok(())
    }

    /// Somebody wrote in a chat: their tasks there go on, if they waited.
    pub(crate) async fn heard(&self, chat: i64, user: Uuid) -> Result<(), Error> {
        let is_known = |at: &Instant| at.elapsed() < REMEMBERED;
        if self.lock().get(&(chat, user)).is_some_and(is_known) {
            return Ok(());
        }
        let released = self.hold(chat, Some(user), false).await?;
        if released > 0 {
            tracing::info!(user_id = %user, tasks = released, "they write again; their tasks go on");
        }
        let mut heard = self.lock();
        if heard.len() >= MOST {
            heard.retain(|_, at| is_known(at));
            if heard.len() >= MOST {
                heard.clear();
            }
        }
        heard.insert((chat, user), Instant::now());
        Ok(())
    }

    /// A group has another id now; everything of it goes along.
    pub(crate) async fn moved(&self, from: i64, to: i64) -> Result<(), Error> {
        let ask = MoveChat {
            channel: Channel::Telegram,
            from: from.to_string(),
            to: to.to_string(),
        };
        let moved = self.rest.move_chat(&ask).await?;
        tracing::info!(
            threads = moved.threads,
            tasks = moved.tasks,
            "a group became a supergroup"
        );
        Ok(())
    }

    async fn hold(&self, chat: i64, user_id: Option<Uuid>, held: bool) -> Result<u64, Error> {
        let ask = HoldTasks {
            user_id,
            channel: Channel::Telegram,
            chat: chat.to_string(),
            held,
        };
        Ok(self.rest.hold_tasks(&ask).await?.tasks)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(i64, Uuid), Instant>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
