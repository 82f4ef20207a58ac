//! Calls about users, identities and secretaries.

use uuid::Uuid;

use super::{Again, Client};
use crate::{
    Assistant, ClaimOwnership, Erasure, Error, Identity, NewIdentity, NewUser, Ownership, Page, PageQuery,
    ResolveIdentity, Resolved, SetSecretary, User, UserListQuery, UserPatch,
};

impl Client {
    /// Makes a user.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_user(&self, new: &NewUser) -> Result<User, Error> {
        self.post(&["users"], new, Again::Once).await
    }

    /// One user.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn user(&self, id: Uuid) -> Result<User, Error> {
        self.get(&["users", &id.to_string()]).await
    }

    /// Users, the oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn users(&self, query: &UserListQuery) -> Result<Page<User>, Error> {
        self.get_with(&["users"], query).await
    }

    /// Changes a user. When the time zone changes, their recurring local tasks in the old zone follow.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_user(&self, id: Uuid, patch: &UserPatch) -> Result<User, Error> {
        self.patch(&["users", &id.to_string()], patch).await
    }

    /// Who an outside account is; one that nobody has yet becomes a pending user. Safe to repeat and to call
    /// from two places at once.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn resolve_identity(&self, account: &ResolveIdentity) -> Result<Resolved, Error> {
        self.post(&["identities", "resolve"], account, Again::Safe).await
    }

    /// A user's outside accounts, the oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn identities(&self, user: Uuid, page: &PageQuery) -> Result<Page<Identity>, Error> {
        self.get_with(&["users", &user.to_string(), "identities"], page)
            .await
    }

    /// Links an outside account to a user; again is the same.
    ///
    /// # Errors
    /// [`crate::ConflictKind::Taken`] when it is another user's; see [`Error`].
    pub async fn link_identity(&self, user: Uuid, new: &NewIdentity) -> Result<Identity, Error> {
        self.post(&["users", &user.to_string(), "identities"], new, Again::Safe)
            .await
    }

    /// Takes an outside account from a user; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn unlink_identity(&self, user: Uuid, identity: Uuid) -> Result<(), Error> {
        self.delete(&["users", &user.to_string(), "identities", &identity.to_string()])
            .await
    }

    /// Erases a user with everything that is stored of them; again finds nobody.
    ///
    /// # Errors
    /// [`crate::ConflictKind::LastOwner`] when nobody else could let people in; see [`Error`].
    pub async fn erase_user(&self, user: Uuid) -> Result<Erasure, Error> {
        self.delete(&["users", &user.to_string()]).await
    }

    /// The assistant that serves a user.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn secretary(&self, user: Uuid) -> Result<Assistant, Error> {
        self.get(&["users", &user.to_string(), "secretary"]).await
    }

    /// Makes a user the owner, unless somebody else owns the installation on that channel. Two that claim at once are
    /// answered one after the other. Safe to repeat.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn claim_ownership(&self, user: Uuid, claim: &ClaimOwnership) -> Result<Ownership, Error> {
        self.post(&["users", &user.to_string(), "ownership"], claim, Again::Safe)
            .await
    }

    /// Chooses the assistant that serves a user.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn set_secretary(&self, user: Uuid, choice: &SetSecretary) -> Result<Assistant, Error> {
        self.put(&["users", &user.to_string(), "secretary"], choice).await
    }

    /// Everything that is stored of a user: a gzipped tar file.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn export_user(&self, user: Uuid) -> Result<Vec<u8>, Error> {
        let url = self.url(&["users", &user.to_string(), "export"], None)?;
        self.bytes(url).await
    }
}
