//! Calls about changes in users' calendars.

use uuid::Uuid;

use super::Client;
use crate::{CalendarWrite, CalendarWritePatch, Error, NewCalendarWrite};

impl Client {
    /// Writes a change down before it is made; the one that is written down already stays as it is.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn begin_calendar_write(
        &self,
        user: Uuid,
        write: Uuid,
        new: &NewCalendarWrite,
    ) -> Result<CalendarWrite, Error> {
        self.put(
            &["users", &user.to_string(), "calendar_writes", &write.to_string()],
            new,
        )
        .await
    }

    /// One of a user's changes.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn calendar_write(&self, user: Uuid, write: Uuid) -> Result<CalendarWrite, Error> {
        self.get(&["users", &user.to_string(), "calendar_writes", &write.to_string()])
            .await
    }

    /// Says how far a change has come; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn settle_calendar_write(
        &self,
        user: Uuid,
        write: Uuid,
        patch: &CalendarWritePatch,
    ) -> Result<CalendarWrite, Error> {
        self.patch(
            &["users", &user.to_string(), "calendar_writes", &write.to_string()],
            patch,
        )
        .await
    }
}
