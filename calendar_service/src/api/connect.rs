//! The pages that connect an account: what a user's link opens, and where Google sends the browser back to.
//!
//! Nobody shows a key here. What protects a user is in the link, in `state` and in a cookie; see `links`. The first
//! page says whose assistant a calendar is about to be connected to, so that a link that was passed on is seen for
//! what it is.

use axum::{
    extract::{Form, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use rest_client::{CalendarLink, CalendarLinkStart, UseCalendarLink};
use serde::Deserialize;

use super::App;
use crate::{
    links::{LinkRef, Nonce},
    oauth::{EVENTS_SCOPE, OAuthError},
    pages::{Page, guard},
    setup::Setup,
    tokens::AccountError,
    vault::Purpose,
};

/// How long a user may take on Google's pages.
const ROUND_TRIP: TimeDelta = TimeDelta::minutes(10);

/// The cookie's life in seconds: the link's and the round trip's.
const COOKIE_SECONDS: u32 = 1200;

#[derive(Deserialize)]
pub(super) struct StartQuery {
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
pub(super) struct StartForm {
    #[serde(default)]
    link: String,
    #[serde(default)]
    confirm: String,
}

#[derive(Deserialize)]
pub(super) struct CallbackQuery {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// Says whose assistant a calendar is about to be connected to, and asks to continue. Changes nothing: chat
/// programs open links to show a preview of them.
pub(super) async fn start(State(app): State<App>, Query(query): Query<StartQuery>) -> Response {
    first_page(&app, &query.link)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// Sends the browser to Google.
pub(super) async fn go(State(app): State<App>, headers: HeaderMap, Form(form): Form<StartForm>) -> Response {
    to_google(&app, &headers, &form)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// Takes what Google's page ended with.
pub(super) async fn callback(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Response {
    // A task of its own: who closes the page meanwhile is connected all the same.
    let work = tokio::spawn(async move { finish(&app, &headers, query).await });
    match work.await {
        Ok(Ok(page) | Err(page)) => page.into_response(),
        Err(_) => try_again().into_response(),
    }
}

async fn first_page(app: &App, text: &str) -> Result<Response, Page> {
    let setup = app.accounts.setup().map_err(|_| not_set_up())?;
    let link = LinkRef::read(&setup.vault, text).ok_or_else(not_ours)?;
    let stored = usable(app, link).await?;
    if stored.expires_at <= app.now() {
        return Err(spent());
    }
    let user = app.rest.user(link.user).await.map_err(|_| try_again())?;
    let browser = Nonce::random().ok_or_else(try_again)?;
    let confirm = link.confirmation(&setup.vault, &browser).ok_or_else(try_again)?;
    let page = Page::new(StatusCode::OK, "Connect Google Calendar")
        .say(&format!(
            "This connects your Google Calendar to the assistant of {}: it will be able to see your calendars and to change their events.",
            user.name
        ))
        .say("Continue only if that is you, and if you have just asked your assistant for this link. If somebody else sent it to you, close this page.")
        .button(
            "Continue to Google",
            &[("link", text), ("confirm", &confirm)],
            setup.oauth.auth_origin(),
        );
    let mut response = page.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie(setup, &browser)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn to_google(app: &App, headers: &HeaderMap, form: &StartForm) -> Result<Response, Page> {
    let setup = app.accounts.setup().map_err(|_| not_set_up())?;
    let link = LinkRef::read(&setup.vault, &form.link).ok_or_else(not_ours)?;
    let browser = browser(setup, headers).ok_or_else(other_browser)?;
    if !link.is_confirmed(&setup.vault, &browser, &form.confirm) {
        return Err(other_browser());
    }
    let nonce = Nonce::random().ok_or_else(try_again)?;
    let state = link.state(&setup.vault, &nonce).ok_or_else(try_again)?;
    let (url, verifier) = setup.oauth.consent(state);
    let verifier = secrecy::ExposeSecret::expose_secret(&verifier)
        .as_bytes()
        .to_vec();
    let verifier = setup
        .vault
        .seal(Purpose::Verifier, link.user, &verifier)
        .ok_or_else(try_again)?;
    let start = CalendarLinkStart {
        state_hash: nonce.hash(),
        browser_hash: browser.hash(),
        verifier,
        expires_at: app.now() + ROUND_TRIP,
    };
    match app.rest.start_calendar_link(link.user, link.link, &start).await {
        Ok(_) => {}
        Err(rest_client::Error::NotFound) => return Err(spent()),
        Err(error) => return Err(down(&error)),
    }
    let target = HeaderValue::from_str(url.as_str()).map_err(|_| try_again())?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response();
    guard(&mut response, None);
    Ok(response)
}

async fn finish(app: &App, headers: &HeaderMap, query: CallbackQuery) -> Result<Page, Page> {
    let setup = app.accounts.setup().map_err(|_| not_set_up())?;
    let (link, nonce) = LinkRef::read_state(&setup.vault, &query.state).ok_or_else(not_ours)?;
    let browser = browser(setup, headers).ok_or_else(other_browser)?;
    let stored = usable(app, link).await?;
    let started = stored.started.as_ref().ok_or_else(not_ours)?;
    if !browser.has_hash(&started.browser_hash) {
        return Err(other_browser());
    }
    if !nonce.has_hash(&started.state_hash) || started.expires_at <= app.now() {
        return Err(spent());
    }
    let (Some(code), None) = (query.code, query.error) else {
        return Err(declined());
    };
    // From here on the link is used up, whatever comes of it.
    let ask = UseCalendarLink {
        state_hash: nonce.hash(),
    };
    let used = match app.rest.use_calendar_link(link.user, link.link, &ask).await {
        Ok(used) => used,
        Err(rest_client::Error::NotFound) => return Err(spent()),
        Err(error) => return Err(down(&error)),
    };
    let verifier = used.started.as_ref().ok_or_else(not_ours)?;
    let verifier = setup
        .vault
        .open(Purpose::Verifier, link.user, &verifier.verifier)
        .map_err(|error| {
            tracing::error!(user = %link.user, %error, "the verifier of a link cannot be decrypted");
            failed()
        })?;
    let verifier = String::from_utf8(verifier.to_vec()).map_err(|_| failed())?;
    connect(app, setup, link, used, code, verifier.into()).await
}

/// Exchanges the code and stores what it was exchanged for.
async fn connect(
    app: &App,
    setup: &Setup,
    link: LinkRef,
    used: CalendarLink,
    code: String,
    verifier: secrecy::SecretString,
) -> Result<Page, Page> {
    let user = link.user;
    let refused = |error: OAuthError| {
        tracing::warn!(%user, %error, "an account could not be connected");
        error.tell_operator();
        match error {
            OAuthError::Unavailable(_) => google_down(),
            OAuthError::InvalidGrant | OAuthError::Misconfigured(_) => failed(),
        }
    };
    let granted = setup.oauth.exchange(code, &verifier).await.map_err(refused)?;
    let lacks_events = granted
        .scopes
        .as_ref()
        .is_some_and(|scopes| !scopes.iter().any(|scope| scope == EVENTS_SCOPE));
    let Some(refresh_token) = granted.refresh_token.as_ref().filter(|_| !lacks_events) else {
        // What cannot be used is not kept.
        let token = granted.refresh_token.as_ref().unwrap_or(&granted.access_token);
        if let Err(error) = setup.oauth.revoke(token).await {
            tracing::warn!(%user, %error, "a grant that cannot be used was not revoked");
        }
        return Err(not_enough());
    };
    let email = match setup.oauth.email(&granted.access_token).await {
        Ok(email) => email,
        Err(error) => {
            drop(setup.oauth.revoke(refresh_token).await);
            return Err(refused(error));
        }
    };
    let account = app
        .accounts
        .connect(setup, link, &granted, email, used.reply_to)
        .await
        .inspect(|_| app.lists.forget(user))
        .map_err(|error: AccountError| {
            tracing::warn!(%user, %error, "an account could not be stored");
            try_again()
        })?;
    let name = app
        .rest
        .user(user)
        .await
        .map_or_else(|_| "you".to_owned(), |user| user.name);
    Ok(Page::new(StatusCode::OK, "Google Calendar is connected")
        .say(&format!(
            "The calendar of {} is connected to the assistant of {name}.",
            account.email
        ))
        .say("You can close this page and go back to the chat. If this is not the account that you meant, ask the assistant to disconnect it."))
}

/// A link that has not been used.
async fn usable(app: &App, link: LinkRef) -> Result<CalendarLink, Page> {
    match app.rest.calendar_link(link.user, link.link).await {
        Ok(stored) if stored.used_at.is_none() => Ok(stored),
        Ok(_) | Err(rest_client::Error::NotFound) => Err(spent()),
        Err(error) => Err(down(&error)),
    }
}

/// `__Host-` makes browsers refuse it from another host or without TLS. Lax: Google's redirect carries it, a form
/// on another site does not.
fn cookie(setup: &Setup, browser: &Nonce) -> String {
    let (name, secure) = cookie_name(setup);
    let value = browser.to_text();
    format!("{name}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}")
}

fn cookie_name(setup: &Setup) -> (&'static str, &'static str) {
    if setup.is_secure() {
        ("__Host-calendar", "; Secure")
    } else {
        ("calendar", "")
    }
}

/// The nonce of the browser that a request comes from.
fn browser(setup: &Setup, headers: &HeaderMap) -> Option<Nonce> {
    let (name, _) = cookie_name(setup);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| Nonce::read(value))
}

fn not_set_up() -> Page {
    Page::new(StatusCode::NOT_IMPLEMENTED, "Google Calendar is not set up")
        .say("Whoever runs this assistant can set it up; its documentation says how.")
}

fn not_ours() -> Page {
    Page::new(StatusCode::BAD_REQUEST, "This link is not right")
        .say("Nothing was connected. Ask your assistant for a new link to connect your calendar, and open it whole.")
}

fn spent() -> Page {
    Page::new(StatusCode::GONE, "This link no longer works")
        .say("It was used already, or is too old: a link works once, for some minutes. If your calendar is not connected, ask your assistant for a new link.")
}

fn other_browser() -> Page {
    Page::new(StatusCode::BAD_REQUEST, "Please begin again")
        .say("Nothing was connected. Open the link from the chat in this browser (cookies must be allowed) and go on from there.")
}

fn declined() -> Page {
    Page::new(StatusCode::OK, "Nothing was connected")
        .say("You did not allow it, which is fine. To connect your calendar after all, open the link from the chat again, or ask your assistant for a new one.")
}

fn not_enough() -> Page {
    Page::new(StatusCode::BAD_REQUEST, "Nothing was connected")
        .say("Google did not let the assistant see and change events. Ask your assistant for a new link, and leave the boxes on Google's page ticked.")
}

fn failed() -> Page {
    Page::new(StatusCode::BAD_REQUEST, "Google did not take it")
        .say("Nothing was connected. Ask your assistant for a new link to try again; if that does not help, tell whoever runs it.")
}

fn google_down() -> Page {
    Page::new(StatusCode::BAD_GATEWAY, "Google cannot be reached")
        .say("Nothing was connected. Ask your assistant for a new link in some minutes.")
}

fn try_again() -> Page {
    Page::new(StatusCode::SERVICE_UNAVAILABLE, "Something is not working")
        .say("This is our fault. Open the link from the chat again in a minute, or ask your assistant for a new one.")
}

fn down(error: &rest_client::Error) -> Page {
    tracing::warn!(%error, "a link could not be looked up");
    try_again()
}
