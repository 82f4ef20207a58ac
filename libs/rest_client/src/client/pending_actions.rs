//! Calls about pending actions.

use uuid::Uuid;

use super::{Again, Client};
use crate::{Decision, Error, NewPendingAction, Page, PendingAction, PendingActionQuery};

impl Client {
    /// Offers an action; the same key again gives the one that it made.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn offer(&self, user: Uuid, new: &NewPendingAction) -> Result<PendingAction, Error> {
        self.post(&["users", &user.to_string(), "pending_actions"], new, Again::Safe)
            .await
    }

    /// The action that was offered with this key, if there is one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn offered(&self, user: Uuid, key: &str) -> Result<Option<PendingAction>, Error> {
        let query = PendingActionQuery {
            idempotency_key: key.to_owned(),
        };
        let page: Page<PendingAction> = self
            .get_with(&["users", &user.to_string(), "pending_actions"], &query)
            .await?;
        Ok(page.items.into_iter().next())
    }

    /// Decides about an action; the answer tells what stands, which is another's decision when it was first, and
    /// none when the time is over.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not this user's; see [`Error`].
    pub async fn decide(
        &self,
        user: Uuid,
        action: Uuid,
        decision: &Decision,
    ) -> Result<PendingAction, Error> {
        let path = [
            "users",
            &user.to_string(),
            "pending_actions",
            &action.to_string(),
            "decision",
        ];
        self.put(&path, decision).await
    }
}
