//! The fake Google.

mod calendars;
mod consent;
mod events;
mod faults;
mod lists;
mod recurrence;
mod requests;
mod tokens;

use crate::http;
use fakes::Now;
use fakes::google::{Account, GoogleServer, Options};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use url::Url;

const REDIRECT: &str = "http://127.0.0.1:8090/auth/callback";
const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
/// What covers every method that the fake has.
const EVERYTHING: &str = "openid email https://www.googleapis.com/auth/calendar";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;

/// A server with a clock that only the test moves.
struct World {
    google: GoogleServer,
    time: Arc<AtomicI64>,
}

impl World {
    async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    async fn start_with(options: Options) -> Self {
        let time = Arc::new(AtomicI64::new(START));
        let clock: Now = {
            let time = Arc::clone(&time);
            Arc::new(move || time.load(Ordering::SeqCst))
        };
        let google = GoogleServer::start_with(Options {
            clock: Some(clock),
            redirect_uris: vec![REDIRECT.to_owned()],
            ..options
        })
        .await;
        Self { google, time }
    }

    fn wait(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The address of the consent page, as an app makes it; `changes` sets or, with an empty text, takes away.
    fn address(&self, changes: &[(&str, &str)]) -> String {
        let mut parameters = BTreeMap::from([
            ("client_id", self.google.client_id()),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", EVERYTHING),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("state", "s t/a+te"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        parameters.extend(changes.iter().copied());
        parameters.retain(|_, value| !value.is_empty());
        Url::parse_with_params(&self.google.auth_url(), parameters)
            .unwrap()
            .to_string()
    }

    /// The form that exchanges a code.
    fn exchange_form(&self, code: &str) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("client_id", self.google.client_id().to_owned()),
            ("client_secret", self.google.client_secret().to_owned()),
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("code", code.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ])
    }

    /// The form that uses a refresh token.
    fn refresh_form(&self, refresh_token: &str) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("client_id", self.google.client_id().to_owned()),
            ("client_secret", self.google.client_secret().to_owned()),
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh_token.to_owned()),
        ])
    }

    /// The status and the JSON of the token endpoint.
    async fn token(&self, form: &BTreeMap<&'static str, String>) -> (u16, Value) {
        post_form(&self.google.token_url(), form).await
    }

    /// What the app is given when the account lets it in with these scopes.
    async fn connect(&self, account: &Account, scopes: &str) -> Value {
        let callback = self.google.consent(&self.address(&[("scope", scopes)]), account);
        let (status, body) = self.token(&self.exchange_form(&code(&callback))).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Ann, who has let the app in, and a client with her token.
    async fn ann(&self) -> (Account, Client) {
        let ann = self.google.account("ann@example.com", "Europe/Berlin");
        let token = self.connect(&ann, EVERYTHING).await;
        let client = self.client(token["access_token"].as_str().unwrap());
        (ann, client)
    }

    fn client(&self, access_token: &str) -> Client {
        Client {
            base: format!("{}/", self.google.calendar_url()),
            token: access_token.to_owned(),
        }
    }

    /// The only violation, which is taken off the list.
    fn violation(&self) -> String {
        let violations = self.google.take_violations();
        assert_eq!(violations.len(), 1, "{violations:?}");
        violations[0].to_string()
    }
}

/// Calls the API with one token.
struct Client {
    base: String,
    token: String,
}

impl Client {
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        http()
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        read(self.request(method, path).json(&body).send().await.unwrap()).await
    }

    async fn insert(&self, body: Value) -> (u16, Value) {
        self.send(Method::POST, "calendars/primary/events", body).await
    }

    async fn patch(&self, id: &str, body: Value) -> (u16, Value) {
        self.send(Method::PATCH, &format!("calendars/primary/events/{id}"), body)
            .await
    }

    async fn update(&self, id: &str, body: Value) -> (u16, Value) {
        self.send(Method::PUT, &format!("calendars/primary/events/{id}"), body)
            .await
    }

    async fn delete(&self, id: &str) -> (u16, Value) {
        let path = format!("calendars/primary/events/{id}");
        read(self.request(Method::DELETE, &path).send().await.unwrap()).await
    }

    async fn event(&self, id: &str) -> (u16, Value) {
        self.get(&format!("calendars/primary/events/{id}")).await
    }

    /// The list of a query, which is answered.
    async fn list(&self, query: &str) -> Value {
        let (status, body) = self.get(&format!("calendars/primary/events?{query}")).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

async fn post_form(url: &str, form: &BTreeMap<&'static str, String>) -> (u16, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = http()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded");
    read(request.body(body).send().await.unwrap()).await
}

/// The code in a callback.
fn code(callback: &Url) -> String {
    parameter(callback, "code").unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
}

/// The reason of an error.
fn reason(body: &Value) -> &str {
    body["error"]["errors"][0]["reason"].as_str().unwrap_or_default()
}

/// An hour on a day of January 2026, in the calendar's zone.
fn hour(summary: &str, day: u32, hour: u32) -> Value {
    json!({
        "summary": summary,
        "start": { "dateTime": format!("2026-01-{day:02}T{hour:02}:00:00"), "timeZone": "Europe/Berlin" },
        "end": { "dateTime": format!("2026-01-{day:02}T{:02}:00:00", hour + 1), "timeZone": "Europe/Berlin" },
    })
}

/// One field of each item of a list.
fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item[field].as_str().unwrap_or_default())
        .collect()
}
