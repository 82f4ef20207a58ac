//! What the stories of accounts stand on: rest_service on a database of either kind, a fake Google, and as many
//! replicas of calendar_service as a story needs, each with its keys; browsers; the chat; the log.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bus::{Bus, BusOptions, ConsumerOptions};
use calendar_client::{Client, NewLink};
use calendar_service::{GoogleSettings, KeySettings, Settings};
use fakes::google::{Account, GoogleServer, Options};
use messages::{Address, Channel, Event, ReplyV1, Topic};
use reqwest::{Response, StatusCode};
use rest_client::NewUser;
use service_kit::{
    Clock, Lifecycle, ManualClock, http,
    settings::{BusSettings, RestSettings, ServiceKey},
};
use test_support::{postgres::TestSchema, sqlite::TestFile, wait_until};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use crate::support::{ENCRYPTION_KEY, KEY, at, start_rest};

/// How long anything may take on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A database, a Google, a user called Ann, and one replica.
pub(crate) struct House {
    pub(crate) google: GoogleServer,
    pub(crate) rest: rest_client::Client,
    pub(crate) clock: ManualClock,
    pub(crate) ann: Uuid,
    /// The first replica.
    pub(crate) calendar: Replica,
    rest_url: Url,
    files: TestFile,
    schema: Option<TestSchema>,
}

/// A calendar_service.
pub(crate) struct Replica {
    pub(crate) client: Client,
    pub(crate) url: Url,
    lifecycle: Lifecycle,
}

impl House {
    pub(crate) async fn on_sqlite() -> Self {
        Self::build(None, false).await
    }

    pub(crate) async fn on_postgres() -> Self {
        Self::build(Some(TestSchema::create().await), false).await
    }

    /// Whose app is in Google's "Testing" mode.
    pub(crate) async fn in_testing_mode() -> Self {
        Self::build(None, true).await
    }

    async fn build(schema: Option<TestSchema>, is_testing: bool) -> Self {
        http::install_tls();
        keep_logs();
        let clock = ManualClock::at(at("2026-11-20T12:00:00Z"));
        let files = TestFile::create();
        let googles = clock.clone();
        let google = GoogleServer::start_with(Options {
            is_testing,
            clock: Some(Arc::new(move || googles.now().timestamp())),
            ..Options::default()
        })
        .await;
        let database = schema
            .as_ref()
            .map_or_else(|| files.url("db"), |schema| schema.url().to_owned());
        let rest_url = start_rest(&database, &files, &clock).await;
        let rest = rest_client::Client::new(rest_url.clone(), KEY.into()).unwrap();
        let calendar = replica(&google, &rest_url, &files, &clock, keys(ENCRYPTION_KEY, &[])).await;
        let mut house = Self {
            google,
            rest,
            clock,
            ann: Uuid::nil(),
            calendar,
            rest_url,
            files,
            schema,
        };
        house.ann = house.user("Ann").await;
        house
    }

    /// A user in Berlin.
    pub(crate) async fn user(&self, name: &str) -> Uuid {
        let new = NewUser {
            name: name.to_owned(),
            locale: None,
            time_zone: Some("Europe/Berlin".to_owned()),
            role: None,
            state: None,
        };
        self.rest.create_user(&new).await.unwrap().id
    }

    /// Another replica, with these keys.
    pub(crate) async fn replica(&self, current: &str, old: &[&str]) -> Replica {
        replica(
            &self.google,
            &self.rest_url,
            &self.files,
            &self.clock,
            keys(current, old),
        )
        .await
    }

    /// Whether it runs on PostgreSQL.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.schema.is_some()
    }

    /// Connects an account of this address; the callback's address.
    pub(crate) async fn connect(&self, user: Uuid, account: &Account) -> Url {
        let mut browser = Browser::new();
        let callback = browser.consents(self, user, account).await;
        let page = browser.open(&callback).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        callback
    }

    /// The next message to the chat 42.
    pub(crate) async fn told(&self) -> ReplyV1 {
        let bus = Bus::connect(&self.files.url("bus"), BusOptions::default())
            .await
            .unwrap();
        let outbox = Topic::outbox(Channel::Telegram);
        let mut chat = bus
            .consumer(&outbox, "chat", ConsumerOptions::default())
            .await
            .unwrap();
        let delivery = tokio::time::timeout(PATIENCE, chat.next())
            .await
            .unwrap()
            .unwrap();
        let envelope = delivery.envelope().clone();
        delivery.ack().await.unwrap();
        chat.close().await;
        match envelope.event {
            Event::ReplyV1(reply) => reply,
            other => panic!("{other:?}"),
        }
    }

    /// How many messages wait in the chat 42 unread.
    pub(crate) async fn untold(&self) -> u64 {
        let bus = Bus::connect(&self.files.url("bus"), BusOptions::default())
            .await
            .unwrap();
        bus.stats(&Topic::outbox(Channel::Telegram), "chat")
            .await
            .unwrap()
            .waiting
    }

    /// Nothing else waits in the chat 42. What two replicas tell at the same moment has one id, and is delivered once.
    pub(crate) async fn is_told_once(&self, told: &ReplyV1) {
        for _ in 0..self.untold().await {
            assert_eq!(self.told().await.event_id, told.event_id);
        }
    }

    /// Waits until nothing is to be done about a user's account.
    pub(crate) async fn until_chores_are_done(&self, user: Uuid) {
        wait_until("the account's chores to be done", PATIENCE, async || {
            match self.rest.calendar_account(user).await {
                Ok(account) => account.chore.is_none(),
                Err(_) => true,
            }
        })
        .await;
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

/// A browser: one cookie jar.
pub(crate) struct Browser {
    http: reqwest::Client,
    pub(crate) cookie: Option<String>,
}

/// What a browser was shown.
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<Url>,
    pub(crate) policy: String,
    pub(crate) set_cookie: Option<String>,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            http: http::client(PATIENCE).unwrap(),
            cookie: None,
        }
    }

    /// Opens a page, without following where it leads.
    pub(crate) async fn open(&mut self, url: &Url) -> Shown {
        self.keep(self.with_cookie(self.http.get(url.clone())).send().await.unwrap())
            .await
    }

    /// Sends the form of a page back to it.
    pub(crate) async fn submit(&mut self, url: &Url, fields: &[(&str, &str)]) -> Shown {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .http
            .post(url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        self.keep(self.with_cookie(request).send().await.unwrap()).await
    }

    fn with_cookie(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    async fn keep(&mut self, response: Response) -> Shown {
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let set_cookie = header("set-cookie");
        if let Some(cookie) = &set_cookie {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let shown = Shown {
            status: response.status(),
            location: header("location").map(|to| to.parse().unwrap()),
            policy: header("content-security-policy").unwrap_or_default(),
            set_cookie,
            text: String::new(),
        };
        let text = response.text().await.unwrap();
        remember(&text);
        Shown { text, ..shown }
    }

    /// Opens a user's link and presses "Continue"; where that leads, at Google.
    pub(crate) async fn starts(&mut self, house: &House, user: Uuid) -> Url {
        let link = house.link(user).await;
        let first = self.open(&link).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.text);
        let (link_field, confirm) = (first.hidden("link"), first.hidden("confirm"));
        let onward = self
            .submit(&link, &[("link", &link_field), ("confirm", &confirm)])
            .await;
        assert_eq!(onward.status, StatusCode::SEE_OTHER, "{}", onward.text);
        onward.location.unwrap()
    }

    /// Goes all the way to the callback, which is not opened yet.
    pub(crate) async fn consents(&mut self, house: &House, user: Uuid, account: &Account) -> Url {
        let to_google = self.starts(house, user).await;
        house.google.consent(to_google.as_str(), account)
    }
}

impl House {
    /// A new link of a user's.
    pub(crate) async fn link(&self, user: Uuid) -> Url {
        let reply_to = Address {
            channel: Channel::Telegram,
            chat: "42".to_owned(),
        };
        self.calendar
            .client
            .link(user, &NewLink { reply_to })
            .await
            .unwrap()
            .url
    }
}

impl Shown {
    /// A hidden field of the page's form.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let field = self
            .text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap()
            .1;
        field.split('"').next().unwrap().to_owned()
    }
}

fn keys(current: &str, old: &[&str]) -> KeySettings {
    KeySettings {
        encryption_key: Some(current.into()),
        encryption_key_old: old.iter().map(|&key| key.into()).collect(),
    }
}

async fn replica(
    google: &GoogleServer,
    rest_url: &Url,
    files: &TestFile,
    clock: &ManualClock,
    keys: KeySettings,
) -> Replica {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    google.registers_redirect(&format!("http://localhost:{}/auth/callback", address.port()));
    let url = |text: String| text.parse().unwrap();
    let settings = Settings {
        calendar_listen: address,
        calendar_public_url: None,
        calendar_poll_ms: 100,
        google: GoogleSettings {
            google_client_id: Some(google.client_id().to_owned()),
            google_client_secret: Some(google.client_secret().into()),
            google_auth_url: url(google.auth_url()),
            google_token_url: url(google.token_url()),
            google_revoke_url: url(google.revoke_url()),
            google_userinfo_url: url(google.userinfo_url()),
            google_calendar_url: url(google.calendar_url()),
        },
        keys,
        bus: BusSettings {
            bus_url: files.url("bus").into(),
        },
        rest: RestSettings {
            rest_url: rest_url.clone(),
            key: ServiceKey {
                service_key: KEY.into(),
            },
        },
    };
    let (lifecycle, _) = Lifecycle::new(Arc::new(clock.clone()));
    let life = lifecycle.clone();
    tokio::spawn(async move { calendar_service::serve(settings, listener, life).await.unwrap() });
    let url: Url = format!("http://localhost:{}", address.port()).parse().unwrap();
    Replica {
        client: Client::new(url.clone(), KEY.into()).unwrap(),
        url,
        lifecycle,
    }
}

/// Everything that was logged, at any level, and every page that was shown.
static SEEN: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

/// All that was logged and shown so far.
pub(crate) fn logged_and_shown() -> String {
    let seen = SEEN.get().unwrap().lock().unwrap();
    String::from_utf8_lossy(&seen).into_owned()
}

fn remember(text: &str) {
    if let Some(seen) = SEEN.get() {
        seen.lock().unwrap().extend_from_slice(text.as_bytes());
    }
}

#[derive(Clone)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn keep_logs() {
    SEEN.get_or_init(|| {
        let memory = Memory(Arc::default());
        let seen = Arc::clone(&memory.0);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || memory.clone())
            .finish();
        // One test process, one log.
        drop(tracing::subscriber::set_global_default(subscriber));
        seen
    });
}
