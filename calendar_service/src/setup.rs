//! What the service has when the operator has set it up with Google: the keys, the OAuth client, the pages' address.

use std::net::SocketAddr;

use secrecy::SecretString;
use service_kit::OperatorError;
use url::Url;

use crate::{check::local_url, oauth::OAuth, settings::Settings, vault::Vault};

/// Where Google sends the browser back to.
pub(crate) const CALLBACK: [&str; 2] = ["auth", "callback"];

/// The service as the operator has set it up with Google.
#[derive(Debug)]
pub(crate) struct Setup {
    /// Encrypts and signs.
    pub(crate) vault: Vault,
    /// Google's OAuth endpoints.
    pub(crate) oauth: OAuth,
    /// Where browsers reach the pages.
    pub(crate) public_url: Url,
}

impl Setup {
    /// What the settings make of it; `None` when there is no client id.
    ///
    /// # Errors
    /// The TLS stack cannot be set up, or an address cannot be built.
    pub(crate) fn new(settings: &Settings, listening: SocketAddr) -> Result<Option<Self>, OperatorError> {
        let google = &settings.google;
        let keys = (&google.google_client_id, &google.google_client_secret);
        let ((Some(id), Some(secret)), Some(vault)) = (keys, Vault::open_keys(&settings.keys)) else {
            return Ok(None);
        };
        let public_url = match &settings.calendar_public_url {
            Some(url) => url.clone(),
            None => local_url(listening.port())?,
        };
        let secret: &SecretString = secret;
        let oauth = OAuth::new(google, id, secret, page(&public_url, &CALLBACK)?)?;
        Ok(Some(Self {
            vault,
            oauth,
            public_url,
        }))
    }

    /// Whether browsers reach us by TLS, so that cookies may insist on it.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// The address of a page.
pub(crate) fn page(public_url: &Url, path: &[&str]) -> Result<Url, OperatorError> {
    let mut url = public_url.clone();
    url.path_segments_mut()
        .map_err(|()| wrong_address())?
        .pop_if_empty()
        .extend(path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

pub(crate) fn wrong_address() -> OperatorError {
    OperatorError::new(
        "the address of the calendar pages cannot be used",
        "set CALENDAR_PUBLIC_URL to the http:// or https:// URL at which browsers reach calendar_service",
    )
}
