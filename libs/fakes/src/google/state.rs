//! What the server knows: people, tokens, calendars, and the log that tests read.

use super::calendar::Calendar;
use super::error::ApiError;
use super::fault::Faults;
use super::listing::Page;
use crate::clock::Now;
use crate::violations::Violations;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// The app that is registered with Google.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) redirect_uris: BTreeSet<String>,
    /// Whether its publishing status is "Testing", so that refresh tokens live seven days.
    pub(crate) is_testing: bool,
}

/// A Google account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// The id that never changes, in `sub`.
    pub(crate) subject: String,
    /// What the app was allowed so far.
    pub(crate) granted: BTreeSet<String>,
}

/// An authorization code that waits to be exchanged.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) account: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) scopes: Vec<String>,
    /// Whether the exchange gives a refresh token: asked for, and consented to anew.
    pub(crate) gives_refresh_token: bool,
    pub(crate) issued_at: i64,
    pub(crate) used: bool,
}

/// An access or a refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: i64,
    /// `None`: lives until it is revoked.
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked: bool,
}

impl Token {
    pub(crate) fn is_alive(&self, now: i64) -> bool {
        !self.revoked && self.expires_at.is_none_or(|end| now < end)
    }
}

/// One request, for the log. Requests that were refused for their token or form are in it too.
#[derive(Clone, Debug)]
pub struct Call {
    /// `oauth.authorize`, `oauth.code`, `oauth.refresh`, `oauth.revoke`, `oauth.userinfo`, or Google's name of a
    /// Calendar method: `events.insert`, `freebusy.query`.
    pub kind: String,
    /// The HTTP method and the path.
    pub target: String,
    /// The account of the access token; empty when there was none.
    pub account: String,
    /// The query's parameters; the last one of a repeated name.
    pub query: BTreeMap<String, String>,
    /// The JSON body, or the form as an object; `null` without one.
    pub body: Value,
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// When it arrived.
    pub at: Instant,
    /// The HTTP status that it got; `None` while it is open and when the connection was cut.
    pub status: Option<u16>,
}

impl Call {
    /// Whether this is a request of the kind.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

/// A mail that Google would have sent to guests, because of `sendUpdates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestMail {
    /// The event that it is about.
    pub event_id: String,
    /// `invitation`, `update` or `cancellation`.
    pub subject: &'static str,
    /// The guests' addresses.
    pub to: Vec<String>,
}

/// How many requests a user may make, by the server's clock.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Requests a minute of one user; Google's own default is 600.
    pub per_user_per_minute: usize,
}

/// Everything behind the server's lock.
pub(crate) struct State {
    pub(crate) app: App,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) access_tokens: BTreeMap<String, Token>,
    pub(crate) refresh_tokens: BTreeMap<String, Token>,
    /// Every scope that the app ever asked for.
    pub(crate) asked_scopes: BTreeSet<String>,
    pub(crate) refreshes: usize,
    pub(crate) refuses_refresh_tokens: bool,
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) pages: BTreeMap<String, Page>,
    /// Counts changes of events, so that a sync token is a number; never repeats.
    pub(crate) changes: u64,
    /// Sync tokens from before this change are too old.
    pub(crate) oldest_sync: u64,
    /// Pages are no longer than this, whatever `maxResults` says, as Google may do.
    pub(crate) page_limit: Option<usize>,
    /// The day that answers say instead of their own, and under which names; see `says_days`.
    pub(crate) odd_days: Option<(String, Vec<String>)>,
    pub(crate) quota: Option<Quota>,
    pub(crate) recent: BTreeMap<String, VecDeque<i64>>,
    pub(crate) mails: Vec<GuestMail>,
    pub(crate) keeps_calls: bool,
    pub(crate) calls: Vec<Call>,
    pub(crate) faults: Faults,
    pub(crate) violations: Violations,
    pub(crate) clock: Now,
    /// Where the server is, for links and to keep two servers' tokens apart.
    pub(crate) url: String,
    pub(crate) secrets: u64,
}

impl State {
    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// An unguessable-looking string of this many characters of base64url, new each time.
    pub(crate) fn secret(&mut self, length: usize) -> String {
        use base64::Engine;
        self.secrets += 1;
        let mut text = String::new();
        for part in 0..=length / 43 {
            let digest = Sha256::digest(format!("{} {} {part}", self.url, self.secrets));
            text.push_str(&base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest));
        }
        text.truncate(length);
        text
    }

    /// An id as Google makes them: 26 characters of base32hex.
    pub(crate) fn event_id(&mut self) -> String {
        self.secrets += 1;
        let digest = Sha256::digest(format!("{} event {}", self.url, self.secrets));
        let mut id = String::new();
        for byte in digest.iter().take(26) {
            let digit = char::from_digit(u32::from(byte % 32), 32).unwrap_or('0');
            let _ = write!(id, "{digit}");
        }
        id
    }

    /// The number of the next change.
    pub(crate) fn next_change(&mut self) -> u64 {
        self.changes += 1;
        self.changes
    }

    /// The account with this address, made when it is new, with its primary calendar.
    pub(crate) fn person(&mut self, email: &str, time_zone: chrono_tz::Tz) -> &mut Person {
        let number = self.people.len();
        if !self.people.contains_key(email) {
            let calendar = Calendar::new(email, email, time_zone, email);
            self.calendars.insert(email.to_owned(), calendar);
        }
        self.people.entry(email.to_owned()).or_insert_with(|| Person {
            subject: format!("1{:020}", 4_815_162_342_u64 + number as u64),
            granted: BTreeSet::new(),
        })
    }

    /// Ends everything that the app may do with an account, as one revoked token does at Google.
    pub(crate) fn revoke(&mut self, account: &str) {
        let tokens = self
            .access_tokens
            .values_mut()
            .chain(self.refresh_tokens.values_mut());
        for token in tokens.filter(|token| token.account == account) {
            token.revoked = true;
        }
        if let Some(person) = self.people.get_mut(account) {
            person.granted.clear();
        }
    }

    /// The token in an `Authorization` header, when it is alive.
    pub(crate) fn bearer(&self, authorization: Option<&str>) -> Result<Token, ApiError> {
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.and_then(|token| self.access_tokens.get(token));
        match token {
            Some(token) if token.is_alive(self.now()) => Ok(token.clone()),
            found => Err(ApiError::unauthorized(found.is_some())),
        }
    }

    /// Counts a request of the account against the quota.
    pub(crate) fn take_quota(&mut self, account: &str) -> Result<(), ApiError> {
        let Some(quota) = self.quota else {
            return Ok(());
        };
        let now = self.now();
        let recent = self.recent.entry(account.to_owned()).or_default();
        while recent.front().is_some_and(|at| at + 60 <= now) {
            recent.pop_front();
        }
        if recent.len() >= quota.per_user_per_minute {
            return Err(ApiError::rate_limited(403, "rateLimitExceeded"));
        }
        recent.push_back(now);
        Ok(())
    }
}

/// The state behind its lock, and the bell that rings at each change.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) changed: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes those who wait for a change.
    pub(crate) fn change<T>(&self, run: impl FnOnce(&mut State) -> T) -> T {
        let result = run(&mut self.lock());
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        result
    }
}
