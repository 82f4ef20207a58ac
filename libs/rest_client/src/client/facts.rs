//! Calls about facts, usage and budgets.

use uuid::Uuid;

use super::{Again, Client};
use crate::{
    Error, Fact, FactPatch, Held, NewFact, NewHold, NewSpending, Page, PageQuery, UsageQuery, UsageReport,
};

impl Client {
    /// Adds a fact about a user; the same text again is the same fact.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the user has the most facts already; see [`Error`].
    pub async fn create_fact(&self, user: Uuid, new: &NewFact) -> Result<Fact, Error> {
        self.post(&["users", &user.to_string(), "facts"], new, Again::Safe)
            .await
    }

    /// What is to be known of a user, the oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn facts(&self, user: Uuid, page: &PageQuery) -> Result<Page<Fact>, Error> {
        self.get_with(&["users", &user.to_string(), "facts"], page).await
    }

    /// One fact about a user.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fact(&self, user: Uuid, fact: Uuid) -> Result<Fact, Error> {
        self.get(&["users", &user.to_string(), "facts", &fact.to_string()])
            .await
    }

    /// Changes a fact.
    ///
    /// # Errors
    /// [`crate::ConflictKind::AlreadyExists`] when another fact says the same; see [`Error`].
    pub async fn update_fact(&self, user: Uuid, fact: Uuid, patch: &FactPatch) -> Result<Fact, Error> {
        self.patch(&["users", &user.to_string(), "facts", &fact.to_string()], patch)
            .await
    }

    /// Forgets a fact.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn delete_fact(&self, user: Uuid, fact: Uuid) -> Result<(), Error> {
        self.delete(&["users", &user.to_string(), "facts", &fact.to_string()])
            .await
    }

    /// What a user's turns have cost.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn usage_of(&self, user: Uuid, days: &UsageQuery) -> Result<UsageReport, Error> {
        self.get_with(&["users", &user.to_string(), "usage"], days).await
    }

    /// Holds back what a call of a model may cost; the same id again is the same call.
    ///
    /// # Errors
    /// See [`Error`]; that a budget would be crossed is none.
    pub async fn hold(&self, user: Uuid, new: &NewHold) -> Result<Held, Error> {
        self.post(&["users", &user.to_string(), "budget_holds"], new, Again::Safe)
            .await
    }

    /// Counts what models have cost a user outside of a turn.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn spend(&self, user: Uuid, new: &NewSpending) -> Result<(), Error> {
        self.post(&["users", &user.to_string(), "usage"], new, Again::Once)
            .await
    }

    /// What all users' turns have cost together.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn usage(&self, days: &UsageQuery) -> Result<UsageReport, Error> {
        self.get_with(&["usage"], days).await
    }
}
