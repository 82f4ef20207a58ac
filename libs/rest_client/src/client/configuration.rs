//! Calls about configuration as a document.

use super::{Again, Call, Client, query_string};
use crate::{Configuration, Error, ExportQuery, ImportQuery, ImportReport};
use reqwest::Method;

impl Client {
    /// All assistants and tools, as a document.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn export(&self) -> Result<Configuration, Error> {
        self.get_with(&["export"], &ExportQuery::default()).await
    }

    /// Makes the assistants and tools what the document says, all or none; again changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] names every fault by its path; see [`Error`].
    pub async fn import(&self, document: &Configuration, how: &ImportQuery) -> Result<ImportReport, Error> {
        let mut call = Call::new(Method::POST, &["import"], Some(document), Again::Safe);
        call.query = Some(query_string(how)?);
        self.call(call).await
    }
}
