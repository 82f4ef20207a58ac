//! Calls about a user's tasks as a document.

use super::{Again, Call, Client, query_string};
use crate::{Error, ExportQuery, ImportReport, TaskDocument, TaskImportQuery};
use reqwest::Method;
use uuid::Uuid;

impl Client {
    /// A user's tasks that are not over, as a document.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn export_tasks(&self, user: Uuid) -> Result<TaskDocument, Error> {
        let path = ["users", &user.to_string(), "scheduled_tasks", "export"];
        self.get_with(&path, &ExportQuery::default()).await
    }

    /// Makes a user's tasks what the document says, all or none; again changes nothing. Tasks that it does not have stay.
    ///
    /// # Errors
    /// [`Error::Invalid`] names every fault by its path; see [`Error`].
    pub async fn import_tasks(
        &self,
        user: Uuid,
        document: &TaskDocument,
        how: &TaskImportQuery,
    ) -> Result<ImportReport, Error> {
        let path = ["users", &user.to_string(), "scheduled_tasks", "import"];
        let mut call = Call::new(Method::POST, &path, Some(document), Again::Safe);
        call.query = Some(query_string(how)?);
        self.call(call).await
    }
}
