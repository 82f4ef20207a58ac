//! Calls about threads, turns, context and deliveries.

use messages::EventId;
use uuid::Uuid;

use super::{Again, Client};
use crate::{
    CloseThreads, ClosedThreads, Context, ContextQuery, Delivery, Error, Message, NewDelivery, NewTurn, Page,
    PageQuery, Thread, ThreadPatch, Turn,
};

impl Client {
    /// Everything a turn starts from.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn context(&self, user: Uuid, query: &ContextQuery) -> Result<Context, Error> {
        self.get_with(&["users", &user.to_string(), "context"], query)
            .await
    }

    /// Stores a turn with its messages; the same event again stores nothing and gives what is stored.
    ///
    /// # Errors
    /// [`crate::ConflictKind::Taken`] when the event is another user's; see [`Error`].
    pub async fn create_turn(&self, user: Uuid, new: &NewTurn) -> Result<Turn, Error> {
        self.post(&["users", &user.to_string(), "turns"], new, Again::Safe)
            .await
    }

    /// The turn of an event.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn turn(&self, user: Uuid, event: &EventId) -> Result<Turn, Error> {
        self.get(&["users", &user.to_string(), "turns", event.as_str()])
            .await
    }

    /// A user's turns, the newest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn turns(&self, user: Uuid, page: &PageQuery) -> Result<Page<Turn>, Error> {
        self.get_with(&["users", &user.to_string(), "turns"], page).await
    }

    /// A user's threads, the newest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn threads(&self, user: Uuid, page: &PageQuery) -> Result<Page<Thread>, Error> {
        self.get_with(&["users", &user.to_string(), "threads"], page)
            .await
    }

    /// Closes the open threads of a conversation, so that the next message begins a new one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn close_threads(&self, user: Uuid, which: &CloseThreads) -> Result<ClosedThreads, Error> {
        self.post(
            &["users", &user.to_string(), "threads", "new"],
            which,
            Again::Safe,
        )
        .await
    }

    /// Stores a thread's summary.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_thread(
        &self,
        user: Uuid,
        thread: Uuid,
        patch: &ThreadPatch,
    ) -> Result<Thread, Error> {
        self.patch(
            &["users", &user.to_string(), "threads", &thread.to_string()],
            patch,
        )
        .await
    }

    /// A thread's messages in order.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn messages(&self, user: Uuid, thread: Uuid, page: &PageQuery) -> Result<Page<Message>, Error> {
        let path = [
            "users",
            &user.to_string(),
            "threads",
            &thread.to_string(),
            "messages",
        ];
        self.get_with(&path, page).await
    }

    /// Records how a part of a reply was delivered; again is the same.
    ///
    /// # Errors
    /// [`crate::ConflictKind::Taken`] when the reply is another user's; see [`Error`].
    pub async fn record_delivery(
        &self,
        user: Uuid,
        reply: &EventId,
        part: u32,
        new: &NewDelivery,
    ) -> Result<Delivery, Error> {
        let path = [
            "users",
            &user.to_string(),
            "deliveries",
            reply.as_str(),
            &part.to_string(),
        ];
        self.put(&path, new).await
    }

    /// The parts of a reply that were delivered or refused, in order; none when nothing was tried.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn deliveries(&self, user: Uuid, reply: &EventId) -> Result<Vec<Delivery>, Error> {
        let path = ["users", &user.to_string(), "deliveries", reply.as_str()];
        self.get::<Page<Delivery>>(&path).await.map(|page| page.items)
    }
}
