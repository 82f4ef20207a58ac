//! Calls about maintenance.

use super::{Again, Client};
use crate::{CleanUp, CleanedUp, Error};

impl Client {
    /// Drops what has been kept for long enough, in bounded steps: ask again until it is complete.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn clean_up(&self, what: &CleanUp) -> Result<CleanedUp, Error> {
        self.post(&["maintenance", "cleanup"], what, Again::Safe).await
    }
}
