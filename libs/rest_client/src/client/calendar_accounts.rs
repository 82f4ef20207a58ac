//! Calls about connected calendar accounts, for calendar_service and operators.

use uuid::Uuid;

use super::{Again, Client};
use crate::{
    CalendarAccount, CalendarAccountEntry, CalendarAccountPatch, CalendarChores, CalendarLink,
    CalendarLinkStart, ChoreDone, Error, NewCalendarAccount, NewCalendarLink, Page, PageQuery, RefreshLease,
    TakeRefresh, UseCalendarLink,
};

/// The last parts of the paths.
const ACCOUNT: &str = "calendar_account";
const LINKS: &str = "calendar_links";

impl Client {
    /// A user's account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the user has none; see [`Error`].
    pub async fn calendar_account(&self, user: Uuid) -> Result<CalendarAccount, Error> {
        self.get(&["users", &user.to_string(), ACCOUNT]).await
    }

    /// Connects an account, in place of the one that was there; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn put_calendar_account(
        &self,
        user: Uuid,
        new: &NewCalendarAccount,
    ) -> Result<CalendarAccount, Error> {
        self.put(&["users", &user.to_string(), ACCOUNT], new).await
    }

    /// Changes an account, if it still has the version that was read. A change whose answer is lost may have been
    /// made: a retry then says that the version is stale, and the caller reads again.
    ///
    /// # Errors
    /// [`crate::ConflictKind::StaleLease`] when it was changed meanwhile; see [`Error`].
    pub async fn patch_calendar_account(
        &self,
        user: Uuid,
        patch: &CalendarAccountPatch,
    ) -> Result<CalendarAccount, Error> {
        self.patch(&["users", &user.to_string(), ACCOUNT], patch).await
    }

    /// Erases an account, if it still is the one of this grant; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn erase_calendar_account(&self, user: Uuid, grant: Uuid) -> Result<(), Error> {
        self.delete(&["users", &user.to_string(), ACCOUNT, &grant.to_string()])
            .await
    }

    /// Asks to be the one who refreshes an account's tokens. A right whose answer is lost ends with its lease.
    ///
    /// # Errors
    /// [`crate::ConflictKind::StaleLease`] when somebody else is, or was meanwhile; see [`Error`].
    pub async fn take_calendar_refresh(&self, user: Uuid, ask: &TakeRefresh) -> Result<RefreshLease, Error> {
        let path = ["users", &user.to_string(), ACCOUNT, "refresh"];
        self.post(&path, ask, Again::Once).await
    }

    /// Gives the right to refresh back, when it could not be used; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn release_calendar_refresh(&self, user: Uuid, lease_token: Uuid) -> Result<(), Error> {
        let lease = lease_token.to_string();
        self.delete(&["users", &user.to_string(), ACCOUNT, "refresh", &lease])
            .await
    }

    /// What was to be done about an account is done; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn calendar_chore_done(&self, user: Uuid, done: &ChoreDone) -> Result<(), Error> {
        let path = ["users", &user.to_string(), ACCOUNT, "chore_done"];
        self.post(&path, done, Again::Safe).await
    }

    /// The accounts about which something is to be done, of all users.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn calendar_chores(&self, ask: &CalendarChores) -> Result<Page<CalendarAccount>, Error> {
        self.post(&["calendar_accounts", "chores"], ask, Again::Safe)
            .await
    }

    /// All accounts, by their users' ids, without their tokens.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn calendar_accounts(&self, page: &PageQuery) -> Result<Page<CalendarAccountEntry>, Error> {
        self.get_with(&["calendar_accounts"], page).await
    }

    /// Makes a link. One whose answer is lost expires unused.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_calendar_link(
        &self,
        user: Uuid,
        new: &NewCalendarLink,
    ) -> Result<CalendarLink, Error> {
        self.post(&["users", &user.to_string(), LINKS], new, Again::Safe)
            .await
    }

    /// A link of a user's.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn calendar_link(&self, user: Uuid, link: Uuid) -> Result<CalendarLink, Error> {
        self.get(&["users", &user.to_string(), LINKS, &link.to_string()])
            .await
    }

    /// Starts a link's round trip to Google; an earlier one ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the link was used or has expired, or is another user's; see [`Error`].
    pub async fn start_calendar_link(
        &self,
        user: Uuid,
        link: Uuid,
        start: &CalendarLinkStart,
    ) -> Result<CalendarLink, Error> {
        let path = ["users", &user.to_string(), LINKS, &link.to_string(), "start"];
        self.put(&path, start).await
    }

    /// Uses a link up: of any number of calls, one succeeds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was used, its round trip has expired or was another; see [`Error`].
    pub async fn use_calendar_link(
        &self,
        user: Uuid,
        link: Uuid,
        ask: &UseCalendarLink,
    ) -> Result<CalendarLink, Error> {
        let path = ["users", &user.to_string(), LINKS, &link.to_string(), "use"];
        self.post(&path, ask, Again::Once).await
    }
}
