//! Google's OAuth endpoints: the consent page's address, codes and refresh tokens to access tokens, revocation, whose
//! account it is.

use std::{fmt, pin::Pin, time::Duration};

use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse,
    TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use reqwest::{StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use service_kit::{
    OperatorError,
    answer::{self, AnswerError},
    http,
    settings::ADVICE,
};
use url::{Url, form_urlencoded};

use crate::settings::GoogleSettings;

/// How long one call may take. Shorter than the lease on a refresh.
const CALL_LIMIT: Duration = Duration::from_secs(8);

/// The most bytes of an answer that are read: tokens and an address have some thousand.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What we ask for, and no more: who it is, the list of calendars, their events, free and busy times.
pub(crate) const SCOPES: [&str; 5] = [
    "openid",
    "email",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    EVENTS_SCOPE,
    "https://www.googleapis.com/auth/calendar.freebusy",
];

/// What nothing works without. Google lets people untick what is asked for.
pub(crate) const EVENTS_SCOPE: &str = "https://www.googleapis.com/auth/calendar.events";

/// Google's own fields in a token response.
#[derive(Clone, Deserialize, Serialize)]
struct GoogleFields {
    /// Seconds until the refresh token ends by itself; only for apps in "Testing" mode.
    #[serde(default)]
    refresh_token_expires_in: Option<u64>,
}

impl fmt::Debug for GoogleFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GoogleFields")
    }
}

impl ExtraTokenFields for GoogleFields {}

type Response = StandardTokenResponse<GoogleFields, BasicTokenType>;

type GoogleClient = oauth2::Client<
    BasicErrorResponse,
    Response,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What Google handed out.
pub(crate) struct Granted {
    pub(crate) access_token: SecretString,
    /// Absent when Google thinks that we have one already.
    pub(crate) refresh_token: Option<SecretString>,
    /// How long the access token lives.
    pub(crate) expires_in: Duration,
    /// How long the refresh token lives, where it ends by itself.
    pub(crate) refresh_expires_in: Option<Duration>,
    /// What the user allowed; absent when it is what was asked for.
    pub(crate) scopes: Option<Vec<String>>,
}

/// Why Google handed nothing out. No text of it holds a token or a code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OAuthError {
    /// The code or the refresh token is not taken (any more).
    #[error("Google takes the grant no more")]
    InvalidGrant,
    /// Google does not know us: a matter for the operator.
    #[error("Google refuses our client: {0}")]
    Misconfigured(String),
    /// Google cannot be reached, or cannot serve now.
    #[error("Google cannot be reached or cannot serve now: {0}")]
    Unavailable(String),
}

/// Why an HTTP exchange with Google failed.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("the connection failed")]
    Http(#[source] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] AnswerError),
    #[error("a message was malformed")]
    Malformed,
}

/// Google's OAuth endpoints, as one client of theirs sees them.
pub(crate) struct OAuth {
    client: GoogleClient,
    http: Caller,
    auth_url: Url,
    revoke_url: Url,
    userinfo_url: Url,
}

impl OAuth {
    /// The endpoints of the settings, for the client `id`, whose consent pages end at `redirect_url`.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub(crate) fn new(
        settings: &GoogleSettings,
        id: &str,
        secret: &SecretString,
        redirect_url: Url,
    ) -> Result<Self, OperatorError> {
        let client: GoogleClient = oauth2::Client::new(ClientId::new(id.to_owned()))
            .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::from_url(settings.google_auth_url.clone()))
            .set_token_uri(TokenUrl::from_url(settings.google_token_url.clone()))
            .set_redirect_uri(RedirectUrl::from_url(redirect_url));
        Ok(Self {
            client,
            http: Caller(http::client(CALL_LIMIT)?),
            auth_url: settings.google_auth_url.clone(),
            revoke_url: settings.google_revoke_url.clone(),
            userinfo_url: settings.google_userinfo_url.clone(),
        })
    }

    /// Where the consent page is, for a page that may send a form's answer there.
    pub(crate) fn auth_origin(&self) -> String {
        self.auth_url.origin().ascii_serialization()
    }

    /// The consent page for `state`, and the PKCE verifier that belongs to it.
    pub(crate) fn consent(&self, state: String) -> (Url, SecretString) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, _) = self
            .client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .add_extra_param("access_type", "offline")
            .add_extra_param("prompt", "consent")
            .url();
        (url, verifier.into_secret().into())
    }

    /// Exchanges a code.
    ///
    /// # Errors
    /// See [`OAuthError`].
    pub(crate) async fn exchange(
        &self,
        code: String,
        verifier: &SecretString,
    ) -> Result<Granted, OAuthError> {
        let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
        let answer = self
            .client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(verifier)
            .request_async(&self.http)
            .await;
        answer.map(Granted::from).map_err(OAuthError::from)
    }

    /// A new access token.
    ///
    /// # Errors
    /// See [`OAuthError`].
    pub(crate) async fn refresh(&self, refresh_token: &SecretString) -> Result<Granted, OAuthError> {
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let answer = self
            .client
            .exchange_refresh_token(&token)
            .request_async(&self.http)
            .await;
        answer.map(Granted::from).map_err(OAuthError::from)
    }

    /// Ends a grant. One that Google does not know (any more) has ended.
    ///
    /// # Errors
    /// [`OAuthError::Unavailable`].
    pub(crate) async fn revoke(&self, token: &SecretString) -> Result<(), OAuthError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose_secret())
            .finish();
        let answer = self
            .http
            .0
            .post(self.revoke_url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .map_err(unavailable)?;
        match answer.status() {
            status if status.is_success() || status == StatusCode::BAD_REQUEST => Ok(()),
            status => Err(OAuthError::Unavailable(format!("it answered {status}"))),
        }
    }

    /// The address of the account whose token this is.
    ///
    /// # Errors
    /// See [`OAuthError`].
    pub(crate) async fn email(&self, access_token: &SecretString) -> Result<String, OAuthError> {
        #[derive(Deserialize)]
        struct Info {
            email: String,
        }
        let answer = self
            .http
            .0
            .get(self.userinfo_url.clone())
            .bearer_auth(access_token.expose_secret())
            .send()
            .await
            .map_err(unavailable)?;
        if !answer.status().is_success() {
            return Err(OAuthError::Unavailable(format!(
                "it answered {}",
                answer.status()
            )));
        }
        let body = answer::read(answer, LONGEST_ANSWER)
            .await
            .map_err(|error| OAuthError::Unavailable(error.to_string()))?;
        let info: Info = serde_json::from_slice(&body)
            .map_err(|_| OAuthError::Unavailable("it did not tell the account's address".to_owned()))?;
        Ok(info.email)
    }
}

/// Our HTTP client, for the OAuth library, which would bring another one.
struct Caller(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Caller {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let failed = |error: reqwest::Error| CallError::Http(error.without_url());
            let request = reqwest::Request::try_from(request).map_err(failed)?;
            let answer = self.0.execute(request).await.map_err(failed)?;
            let mut response = oauth2::http::Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            let body = answer::read(answer, LONGEST_ANSWER).await?;
            response.body(body).map_err(|_| CallError::Malformed)
        })
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth").finish_non_exhaustive()
    }
}

impl From<Response> for Granted {
    fn from(answer: Response) -> Self {
        Self {
            access_token: answer.access_token().secret().clone().into(),
            refresh_token: answer.refresh_token().map(|token| token.secret().clone().into()),
            // Google always says; an hour is what it says.
            expires_in: answer.expires_in().unwrap_or(Duration::from_secs(3600)),
            refresh_expires_in: answer
                .extra_fields()
                .refresh_token_expires_in
                .map(Duration::from_secs),
            scopes: answer
                .scopes()
                .map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
        }
    }
}

impl From<RequestTokenError<CallError, BasicErrorResponse>> for OAuthError {
    fn from(error: RequestTokenError<CallError, BasicErrorResponse>) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => match answer.error() {
                BasicErrorResponseType::InvalidGrant => Self::InvalidGrant,
                BasicErrorResponseType::Extension(_) => {
                    Self::Unavailable("it answered with an error of its own".to_owned())
                }
                other => Self::Misconfigured(other.as_ref().to_owned()),
            },
            RequestTokenError::Request(CallError::Http(error)) => unavailable(error),
            RequestTokenError::Request(CallError::Answer(error)) => Self::Unavailable(error.to_string()),
            // The body may hold tokens, so it is not told.
            RequestTokenError::Request(CallError::Malformed)
            | RequestTokenError::Parse(..)
            | RequestTokenError::Other(_) => Self::Unavailable("its answer cannot be understood".to_owned()),
        }
    }
}

impl OAuthError {
    /// Logs what only the operator can mend, with what to do.
    pub(crate) fn tell_operator(&self) {
        if let Self::Misconfigured(_) = self {
            tracing::error!(error = %self, "{ADVICE}: GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET");
        }
    }
}

fn unavailable(error: reqwest::Error) -> OAuthError {
    OAuthError::Unavailable(error.without_url().to_string())
}
