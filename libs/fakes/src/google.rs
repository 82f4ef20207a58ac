//! A Google server for tests: OAuth with its consent page, and Calendar v3, checked against Google's own description.
//!
//! ```no_run
//! # async fn example(auth_url: &str) {
//! use fakes::google::{Fault, GoogleServer};
//! use serde_json::json;
//!
//! let google = GoogleServer::start().await;
//! google.registers_redirect("http://127.0.0.1:8090/auth/callback");
//! let ann = google.account("ann@example.com", "Europe/Berlin");
//! // … start calendar_service with `google.settings()`, and get the address that a user is sent to …
//! let callback = google.consent(auth_url, &ann);
//! // … GET the callback as a browser would …
//! let dentist = ann.calendar().adds(json!({
//!     "summary": "Dentist",
//!     "start": { "dateTime": "2026-01-05T15:00:00+01:00" },
//!     "end": { "dateTime": "2026-01-05T15:30:00+01:00" },
//! }));
//! google.fails_next("events.insert", &Fault::CloseAfter, 1);
//! google.assert_clean();
//! # }
//! ```
//!
//! Not here, and refused with 501 and a violation: conferences, attachments, watching, moving between calendars. Guests
//! get no copy of an event in their own calendars, but are busy then; [`GoogleServer::mails`] says who would have been
//! written to.

mod account;
mod calendar;
mod calendars;
mod consent;
mod discovery;
mod error;
mod events;
mod fault;
mod fields;
mod listing;
mod recurrence;
mod server;
mod state;
mod times;
mod tokens;

pub use account::{Account, CalendarOf};
pub use calendar::Role;
pub use fault::Fault;
pub use state::{Call, GuestMail, Quota};

use crate::clock::{Now, default_clock};
use crate::violations::{Violation, Violations, fail};
use state::{App, Shared, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::Url;

/// What a server is started with; `Options::default()` suits a test.
pub struct Options {
    /// The app's id, for `GOOGLE_CLIENT_ID`.
    pub client_id: String,
    /// The app's secret, for `GOOGLE_CLIENT_SECRET`.
    pub client_secret: String,
    /// Where the app may have browsers sent back to; see [`GoogleServer::registers_redirect`].
    pub redirect_uris: Vec<String>,
    /// Whether the app's publishing status is "Testing": its refresh tokens die after seven days, and say so.
    pub is_testing: bool,
    /// Requests that a user may make; no limit by default.
    pub quota: Option<Quota>,
    /// The time by which tokens and codes expire and events change; the default starts on 2026-01-01.
    pub clock: Option<Now>,
    /// Whether requests are kept for [`GoogleServer::calls`]; a long benchmark goes without.
    pub keeps_calls: bool,
    /// Whether dropping the server with unread violations fails the test.
    pub leftovers_fail: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            client_id: "407408718192-fake.apps.googleusercontent.com".to_owned(),
            client_secret: "GOCSPX-FakeSecretForTestsOnly".to_owned(),
            redirect_uris: Vec::new(),
            is_testing: false,
            quota: None,
            clock: None,
            keeps_calls: true,
            leftovers_fail: true,
        }
    }
}

/// A running server; dropping it stops it and fails the test when a violation was left unread.
pub struct GoogleServer {
    shared: Arc<Shared>,
    url: String,
    client_id: String,
    client_secret: String,
    leftovers_fail: bool,
    task: JoinHandle<()>,
}

impl GoogleServer {
    /// Starts a server with default options on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound, or an option can't be.
    pub async fn start_with(options: Options) -> Self {
        match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => Self::serve(listener, options),
            Err(error) => fail(&format!("no free port for the fake Google: {error}")),
        }
    }

    /// Serves on a socket of the caller's, such as one that a container publishes.
    ///
    /// # Panics
    /// Outside a tokio runtime, or when an option can't be.
    #[must_use]
    pub fn serve(listener: TcpListener, options: Options) -> Self {
        let address = listener
            .local_addr()
            .map_or_else(|_| String::new(), |address| address.to_string());
        let url = format!("http://{address}");
        let state = State {
            app: App {
                client_id: options.client_id.clone(),
                client_secret: options.client_secret.clone(),
                redirect_uris: BTreeSet::new(),
                is_testing: options.is_testing,
            },
            people: BTreeMap::new(),
            codes: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            asked_scopes: BTreeSet::new(),
            refreshes: 0,
            refuses_refresh_tokens: false,
            calendars: BTreeMap::new(),
            pages: BTreeMap::new(),
            changes: 0,
            oldest_sync: 0,
            page_limit: None,
            odd_days: None,
            quota: options.quota,
            recent: BTreeMap::new(),
            mails: Vec::new(),
            keeps_calls: options.keeps_calls,
            calls: Vec::new(),
            faults: fault::Faults::default(),
            violations: Violations::default(),
            clock: options.clock.unwrap_or_else(default_clock),
            url: url.clone(),
            secrets: 0,
        };
        let shared = Arc::new(Shared::new(state));
        let task = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        let server = Self {
            shared,
            url,
            client_id: options.client_id,
            client_secret: options.client_secret,
            leftovers_fail: options.leftovers_fail,
            task,
        };
        for uri in &options.redirect_uris {
            server.registers_redirect(uri);
        }
        server
    }

    /// The server's base address; without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The consent page, for `GOOGLE_AUTH_URL`.
    #[must_use]
    pub fn auth_url(&self) -> String {
        format!("{}{}", self.url, consent::PATH)
    }

    /// The token endpoint, for `GOOGLE_TOKEN_URL`.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// The revocation endpoint, for `GOOGLE_REVOKE_URL`.
    #[must_use]
    pub fn revoke_url(&self) -> String {
        format!("{}/revoke", self.url)
    }

    /// Who a token is of, for `GOOGLE_USERINFO_URL`. `/oauth2/v3/userinfo` is the same, as on www.googleapis.com.
    #[must_use]
    pub fn userinfo_url(&self) -> String {
        format!("{}/v1/userinfo", self.url)
    }

    /// The Calendar API, for `GOOGLE_CALENDAR_URL`; without a slash at the end.
    #[must_use]
    pub fn calendar_url(&self) -> String {
        format!("{}/calendar/v3", self.url)
    }

    /// The app's id, for `GOOGLE_CLIENT_ID`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The app's secret, for `GOOGLE_CLIENT_SECRET`.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The settings that make calendar_service use this server, as names and values of its environment.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("GOOGLE_CLIENT_ID", self.client_id.clone()),
            ("GOOGLE_CLIENT_SECRET", self.client_secret.clone()),
            ("GOOGLE_AUTH_URL", self.auth_url()),
            ("GOOGLE_TOKEN_URL", self.token_url()),
            ("GOOGLE_REVOKE_URL", self.revoke_url()),
            ("GOOGLE_USERINFO_URL", self.userinfo_url()),
            ("GOOGLE_CALENDAR_URL", self.calendar_url()),
        ]
    }

    /// Enters an address into the app's registration, to which browsers may be sent back: exactly this one.
    ///
    /// # Panics
    /// When Google's console would not take it: no TLS outside of the own machine, a fragment, a wildcard.
    pub fn registers_redirect(&self, uri: &str) {
        let is_local = |url: &Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let is_allowed = Url::parse(uri).is_ok_and(|url| {
            let by_address = matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)));
            let is_safe = url.scheme() == "https" && !by_address;
            (is_safe || (url.scheme() == "http" && is_local(&url)))
                && url.fragment().is_none()
                && url.username().is_empty()
                && !uri.contains('*')
        });
        if !is_allowed {
            fail(&format!("Google does not register {uri} as a redirect URI"));
        }
        self.shared.change(|state| {
            state.app.redirect_uris.insert(uri.to_owned());
        });
    }

    /// The account with this address; a new one gets a primary calendar in this zone of the IANA database.
    ///
    /// # Panics
    /// When there is no such zone.
    #[must_use]
    pub fn account(&self, email: &str, time_zone: &str) -> Account {
        let zone = account::zone(time_zone);
        self.shared.change(|state| {
            state.person(email, zone);
        });
        Account::new(Arc::clone(&self.shared), email)
    }

    /// The user follows the address to the consent page, picks the account and allows everything; where the browser
    /// is sent.
    ///
    /// # Panics
    /// When Google would show an error instead of the page.
    #[must_use]
    pub fn consent(&self, address: &str, account: &Account) -> Url {
        self.consent_to(address, account, |_| true)
    }

    /// Like [`Self::consent`], but the user allows only those scopes, by their full names, that `allows` says.
    ///
    /// # Panics
    /// When Google would show an error instead of the page.
    #[must_use]
    pub fn consent_to(&self, address: &str, account: &Account, allows: impl Fn(&str) -> bool) -> Url {
        self.at_page(address, |state, ask| ask.approve(state, account.email(), allows))
    }

    /// The user follows the address to the consent page and cancels; where the browser is sent.
    ///
    /// # Panics
    /// When Google would show an error instead of the page.
    #[must_use]
    pub fn decline(&self, address: &str) -> Url {
        self.at_page(address, |_, ask| ask.decline())
    }

    fn at_page(&self, address: &str, act: impl FnOnce(&mut State, &consent::Ask) -> Url) -> Url {
        let Some(query) = address
            .strip_prefix(&self.auth_url())
            .and_then(|rest| rest.strip_prefix('?'))
        else {
            fail(&format!("{address} is not the consent page of {}", self.url));
        };
        let result = self.shared.change(|state| {
            let ask = consent::read(state, query)?;
            Ok(act(state, &ask))
        });
        result.unwrap_or_else(|refusal: consent::Refusal| {
            fail(&format!(
                "the fake Google shows no consent page: {}",
                refusal.reason
            ))
        })
    }

    /// How many access tokens were given for a refresh token.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.shared.lock().refreshes
    }

    /// Answers `invalid_grant` to every refresh token from now on, or no longer.
    pub fn refuses_refresh_tokens(&self, refuses: bool) {
        self.shared.change(|state| state.refuses_refresh_tokens = refuses);
    }

    /// Makes every sync token so far too old: 410 `fullSyncRequired`.
    pub fn forgets_sync_tokens(&self) {
        self.shared.change(|state| {
            // Tokens carry the number of a change, and those of the last one are too old as well.
            state.oldest_sync = state.next_change();
        });
    }

    /// Lets pages be shorter than asked for, as Google may do; with 0 each list begins with an empty page.
    pub fn limits_pages(&self, most: usize) {
        self.shared.change(|state| state.page_limit = Some(most));
    }

    /// Lets answers say this day in place of whatever they have under these names (`start`, `end`,
    /// `originalStartTime`), as no Google should; nothing that is kept changes. With no names they are right again.
    pub fn says_days(&self, day: &str, names: &[&str]) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.shared
            .change(|state| state.odd_days = (!names.is_empty()).then(|| (day.to_owned(), names)));
    }

    /// Sets the quota from now on.
    pub fn limits_requests(&self, quota: Quota) {
        self.shared.change(|state| state.quota = Some(quota));
    }

    /// The mails that guests would have got, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<GuestMail> {
        self.shared.lock().mails.clone()
    }

    /// Every request, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// The requests of one kind, oldest first; see [`Call::kind`].
    #[must_use]
    pub fn calls_of(&self, kind: &str) -> Vec<Call> {
        let state = self.shared.lock();
        state.calls.iter().filter(|call| call.is(kind)).cloned().collect()
    }

    /// Lets the next requests of a kind fail (see [`Call::kind`]; `*` is any), after those that were asked for before.
    pub fn fails_next(&self, kind: &str, fault: &Fault, times: usize) {
        self.shared.change(|state| state.faults.add(kind, fault, times));
    }

    /// Takes back every fault that has not happened yet.
    pub fn works_again(&self) {
        self.shared.change(|state| state.faults.clear());
    }

    /// Waits until something holds of the server, asked again after every request; `false` when the limit comes first.
    pub async fn wait_until(&self, limit: Duration, mut holds: impl FnMut(&Self) -> bool) -> bool {
        let deadline = Instant::now() + limit;
        let mut changed = self.shared.changed.subscribe();
        while !holds(self) {
            if tokio::time::timeout_at(deadline, changed.changed())
                .await
                .is_err()
            {
                return holds(self);
            }
        }
        true
    }

    /// What was done against the rules so far; it stays on the list.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.lock().violations.list()
    }

    /// What was done against the rules so far; the list is empty afterwards.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.lock().violations.take()
    }

    /// Fails when a violation is on the list.
    ///
    /// # Panics
    /// When one is.
    pub fn assert_clean(&self) {
        let violations = self.shared.lock().violations.clone();
        violations.assert_clean("the fake Google");
    }
}

impl Drop for GoogleServer {
    fn drop(&mut self) {
        self.task.abort();
        if self.leftovers_fail {
            self.assert_clean();
        }
    }
}
