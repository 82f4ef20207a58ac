//! Calls about the audit.

use super::Client;
use crate::{AuditEntry, AuditQuery, Error, Page};

impl Client {
    /// Who changed what, the newest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn audit(&self, query: &AuditQuery) -> Result<Page<AuditEntry>, Error> {
        self.get_with(&["audit"], query).await
    }
}
