//! Whether Google knows our OAuth client and the address that it is to send browsers back to. For the operator's
//! tools; no user is asked for anything.

use std::time::Duration;

use base64::{
    Engine, engine::general_purpose::GeneralPurpose, engine::general_purpose::GeneralPurposeConfig,
};
use reqwest::header::LOCATION;
use secrecy::SecretString;
use service_kit::{OperatorError, answer, http};
use url::Url;

use crate::{
    oauth::{OAuth, OAuthError},
    settings::{GoogleSettings, Settings},
    setup::{CALLBACK, page},
};

/// A code that nobody was given: Google looks at the client first.
const NO_CODE: &str = "4/0-a-code-that-nobody-was-given";

/// The most bytes of Google's page that are looked through.
const LONGEST_PAGE: usize = 2 * 1024 * 1024;

/// Google writes the reason of a refusal into the address of its error page, in base64 of either alphabet.
const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

impl Settings {
    /// Where browsers reach the pages: as set, or else this machine's own address.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn public_url(&self) -> Result<Url, OperatorError> {
        match &self.calendar_public_url {
            Some(url) => Ok(url.clone()),
            None => local_url(self.calendar_listen.port()),
        }
    }
}

impl GoogleSettings {
    /// Asks Google whether it knows the client's id and secret; `Ok(false)` when none is set.
    ///
    /// # Errors
    /// It does not, or does not answer.
    pub async fn check_client(&self) -> Result<bool, OperatorError> {
        // The exchange repeats a redirect address; which one does not matter for a code that is none.
        let Some(oauth) = self.oauth(&local_url(0)?)? else {
            return Ok(false);
        };
        let verifier = SecretString::from("a".repeat(43));
        match oauth.exchange(NO_CODE.to_owned(), &verifier).await {
            Ok(_) | Err(OAuthError::InvalidGrant) => Ok(true),
            Err(OAuthError::Misconfigured(words)) => Err(OperatorError::new(
                format!("Google refuses the OAuth client: {words}"),
                "copy GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET again from https://console.cloud.google.com/apis/credentials",
            )),
            Err(OAuthError::Unavailable(words)) => Err(silent(&words)),
        }
    }

    /// Asks Google's consent page whether it would send browsers back to our pages at `public_url`; `Ok(None)` when no
    /// client is set, else the redirect address.
    ///
    /// # Errors
    /// It would not, or does not answer.
    pub async fn check_redirect(
        &self,
        public_url: &Url,
        limit: Duration,
    ) -> Result<Option<Url>, OperatorError> {
        let Some(oauth) = self.oauth(public_url)? else {
            return Ok(None);
        };
        let redirect = page(public_url, &CALLBACK)?;
        let (consent, _) = oauth.consent("check".to_owned());
        let answer = http::client(limit)?
            .get(consent)
            .send()
            .await
            .map_err(|error| silent(&error.without_url().to_string()))?;
        let status = answer.status();
        let location = answer
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let mut said = location.as_deref().map(reason_in).unwrap_or_default();
        if status.is_client_error() {
            let page = answer::read(answer, LONGEST_PAGE).await.unwrap_or_default();
            said.push_str(&String::from_utf8_lossy(&page));
        }
        if said.contains("redirect_uri_mismatch") {
            return Err(OperatorError::new(
                format!("Google does not send browsers back to {redirect}"),
                format!(
                    "add {redirect} to the client's \"Authorized redirect URIs\" at \
                     https://console.cloud.google.com/apis/credentials, or correct CALENDAR_PUBLIC_URL"
                ),
            ));
        }
        if status.is_client_error() || status.is_server_error() || said.contains("invalid_") {
            return Err(OperatorError::new(
                format!(
                    "Google's consent page cannot be shown (status {})",
                    status.as_u16()
                ),
                "check GOOGLE_CLIENT_ID, GOOGLE_AUTH_URL if you set it, and the client at https://console.cloud.google.com/apis/credentials",
            ));
        }
        Ok(Some(redirect))
    }

    fn oauth(&self, public_url: &Url) -> Result<Option<OAuth>, OperatorError> {
        let (Some(id), Some(secret)) = (&self.google_client_id, &self.google_client_secret) else {
            return Ok(None);
        };
        OAuth::new(self, id, secret, page(public_url, &CALLBACK)?).map(Some)
    }
}

/// Google takes plain http for localhost alone.
pub(crate) fn local_url(port: u16) -> Result<Url, OperatorError> {
    format!("http://localhost:{port}")
        .parse()
        .map_err(|error| crate::setup::wrong_address().because(error))
}

fn silent(why: &str) -> OperatorError {
    OperatorError::new(
        format!("Google does not answer: {why}"),
        "check this machine's way to the internet, and the GOOGLE_…_URL settings if you set them",
    )
}

/// What the address of Google's error page says, as text.
fn reason_in(location: &str) -> String {
    let Ok(url) = location.parse::<Url>() else {
        return String::new();
    };
    let Some((_, reason)) = url.query_pairs().find(|(name, _)| name == "authError") else {
        return String::new();
    };
    let standard = reason.replace('-', "+").replace('_', "/");
    let decoder = GeneralPurpose::new(&base64::alphabet::STANDARD, ANY_PADDING);
    let bytes = decoder.decode(standard.trim_end_matches('=')).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::reason_in;

    #[test]
    fn the_reason_is_read_from_the_address_of_the_error_page() {
        // As Google sends it: a protocol buffer whose first field is the name.
        let address = "https://accounts.google.com/signin/oauth/error?authError=\
            ChVyZWRpcmVjdF91cmlfbWlzbWF0Y2gSsAEKWW91IGNhbid0&client_id=x";
        assert!(reason_in(address).contains("redirect_uri_mismatch"));
        assert_eq!(
            reason_in("https://accounts.google.com/v3/signin/identifier?x=y"),
            ""
        );
        assert_eq!(reason_in("not an address"), "");
    }
}
