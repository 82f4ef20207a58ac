//! Calls about API keys.

use uuid::Uuid;

use super::{Again, Client};
use crate::{ApiKey, CreatedApiKey, Error, NewApiKey, Page, PageQuery};

impl Client {
    /// Makes a key. Its token is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field that is not acceptable; [`Error::Forbidden`] when it would be good for more
    /// than the caller's own key.
    pub async fn create_api_key(&self, new: &NewApiKey) -> Result<CreatedApiKey, Error> {
        // Sent again, it would leave a key behind whose token nobody has.
        self.post(&["api_keys"], new, Again::Unsafe).await
    }

    /// A page of all keys, revoked ones too, the oldest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad cursor or limit.
    pub async fn api_keys(&self, query: &PageQuery) -> Result<Page<ApiKey>, Error> {
        self.get_with(&["api_keys"], query).await
    }

    /// A key.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn api_key(&self, id: Uuid) -> Result<ApiKey, Error> {
        self.get(&["api_keys", &id.to_string()]).await
    }

    /// Ends a key; revoking it again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_api_key(&self, id: Uuid) -> Result<ApiKey, Error> {
        self.delete(&["api_keys", &id.to_string()]).await
    }
}
