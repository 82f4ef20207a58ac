//! Calls of the API channel.

use uuid::Uuid;

use super::{Again, Client};
use crate::{AcceptedMessage, Error, Events, NewPress, NewUserMessage};

impl Client {
    /// Says something as a user. The message is not lost any more when this returns; the same `client_id` again
    /// is the same message.
    ///
    /// # Errors
    /// [`Error::NotActive`] when the user is not let in; see [`Error`].
    pub async fn send_message(&self, user: Uuid, new: &NewUserMessage) -> Result<AcceptedMessage, Error> {
        self.post(&["users", &user.to_string(), "messages"], new, Again::Safe)
            .await
    }

    /// Presses a button as a user. The press is not lost any more when this returns; the same `client_id` again is
    /// the same press.
    ///
    /// # Errors
    /// [`Error::NotActive`] when the user is not let in; see [`Error`].
    pub async fn press(&self, user: Uuid, new: &NewPress) -> Result<AcceptedMessage, Error> {
        self.post(&["users", &user.to_string(), "presses"], new, Again::Safe)
            .await
    }

    /// What a user is told behind the reply `after`, or from now on. Nothing is sent before the first
    /// [`Events::next`]; after its [`crate::UserEvent::Hello`] no reply is missed.
    pub fn events(&self, user: Uuid, after: Option<i64>) -> Events {
        Events::new(self.clone(), user, after)
    }
}
