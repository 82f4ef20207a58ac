//! What the stories stand on: rest_service on a throw-away file, a fake Google, and calendar_service between them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use calendar_client::{Client, NewLink};
use calendar_service::{GoogleSettings, KeySettings, Settings};
use chrono::{DateTime, Utc};
use fakes::google::{Account, GoogleServer, Options};
use messages::{Address, Channel};
use rest_client::NewUser;
use service_kit::{
    Clock, Lifecycle, ManualClock, http,
    settings::{self, BusSettings, RestSettings, ServiceKey},
};
use test_support::sqlite::TestFile;
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

/// The key of the services under test.
pub(crate) const KEY: &str = "a-key-of-services-under-test";

/// The key that tokens are encrypted with.
pub(crate) const ENCRYPTION_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// Ann in Berlin, who has connected her calendar.
pub(crate) struct World {
    pub(crate) google: GoogleServer,
    pub(crate) ann: Account,
    pub(crate) user: Uuid,
    pub(crate) client: Client,
    pub(crate) rest: rest_client::Client,
    pub(crate) rest_url: Url,
    pub(crate) clock: ManualClock,
    pub(crate) files: TestFile,
}

impl World {
    /// On Friday 20 November 2026, noon UTC.
    pub(crate) async fn start() -> Self {
        Self::start_at("2026-11-20T12:00:00Z", "Europe/Berlin").await
    }

    /// At an instant, with a user who lives in a zone; the calendar's zone is Berlin.
    pub(crate) async fn start_at(now: &str, zone: &str) -> Self {
        http::install_tls();
        let clock = ManualClock::at(at(now));
        let files = TestFile::create();
        let googles = clock.clone();
        let google = GoogleServer::start_with(Options {
            clock: Some(Arc::new(move || googles.now().timestamp())),
            ..Options::default()
        })
        .await;
        let ann = google.account("ann@example.com", "Europe/Berlin");
        let rest_url = start_rest(&files.url("db"), &files, &clock).await;
        let rest = rest_client::Client::new(rest_url.clone(), KEY.into()).unwrap();
        let new = NewUser {
            name: "Ann".to_owned(),
            locale: None,
            time_zone: Some(zone.to_owned()),
            role: None,
            state: None,
        };
        let user = rest.create_user(&new).await.unwrap().id;
        let mut world = Self {
            client: Client::new(rest_url.clone(), KEY.into()).unwrap(),
            google,
            ann,
            user,
            rest,
            rest_url,
            clock,
            files,
        };
        let service = world.serve(&world.rest_url).await;
        world.client = Client::new(service, KEY.into()).unwrap();
        world.connect(user, &world.ann).await;
        world
    }

    /// Starts a calendar_service that finds rest_service at `rest`; where it is.
    pub(crate) async fn serve(&self, rest: &Url) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.google
            .registers_redirect(&format!("http://localhost:{}/auth/callback", address.port()));
        let settings = self.settings(address, rest);
        let (lifecycle, _) = Lifecycle::new(Arc::new(self.clock.clone()));
        tokio::spawn(async move {
            calendar_service::serve(settings, listener, lifecycle)
                .await
                .unwrap();
        });
        format!("http://localhost:{}", address.port()).parse().unwrap()
    }

    fn settings(&self, address: SocketAddr, rest: &Url) -> Settings {
        let google = &self.google;
        let url = |text: String| text.parse().unwrap();
        Settings {
            calendar_listen: address,
            calendar_public_url: None,
            calendar_poll_ms: 1_000,
            google: GoogleSettings {
                google_client_id: Some(google.client_id().to_owned()),
                google_client_secret: Some(google.client_secret().into()),
                google_auth_url: url(google.auth_url()),
                google_token_url: url(google.token_url()),
                google_revoke_url: url(google.revoke_url()),
                google_userinfo_url: url(google.userinfo_url()),
                google_calendar_url: url(google.calendar_url()),
            },
            keys: KeySettings {
                encryption_key: Some(ENCRYPTION_KEY.into()),
                encryption_key_old: Vec::new(),
            },
            bus: self.bus(),
            rest: RestSettings {
                rest_url: rest.clone(),
                key: ServiceKey {
                    service_key: KEY.into(),
                },
            },
        }
    }

    fn bus(&self) -> BusSettings {
        BusSettings {
            bus_url: self.files.url("bus").into(),
        }
    }

    /// The user follows the link, consents, and comes back.
    async fn connect(&self, user: Uuid, account: &Account) {
        let reply_to = Address {
            channel: Channel::Telegram,
            chat: "42".to_owned(),
        };
        let link = self.client.link(user, &NewLink { reply_to }).await.unwrap();
        let browser = http::client(Duration::from_secs(20)).unwrap();
        let first = browser.get(link.url.clone()).send().await.unwrap();
        let cookie = first.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let page = first.text().await.unwrap();
        let hidden = |name: &str| {
            let field = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
            field.split('"').next().unwrap().to_owned()
        };
        let form = [("link", hidden("link")), ("confirm", hidden("confirm"))];
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let onward = browser
            .post(link.url)
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        let to_google = onward.headers()["location"].to_str().unwrap().to_owned();
        let callback = self.google.consent(&to_google, account);
        let page = browser
            .get(callback)
            .header("cookie", cookie)
            .send()
            .await
            .unwrap();
        assert!(page.status().is_success(), "{}", page.text().await.unwrap());
    }
}

/// Serves rest_service on a database until the test ends.
pub(crate) async fn start_rest(database: &str, files: &TestFile, clock: &ManualClock) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let flags = [
        "rest_service".to_owned(),
        format!("--database-url={database}"),
        format!("--bus-url={}", files.url("bus")),
        format!("--service-key={KEY}"),
    ];
    let settings: rest_service::Settings = settings::parse("rest_service", "", flags).unwrap();
    let (lifecycle, _) = Lifecycle::new(Arc::new(clock.clone()));
    tokio::spawn(async move { rest_service::serve(settings, listener, lifecycle).await.unwrap() });
    let url: Url = format!("http://{address}").parse().unwrap();
    let client = rest_client::Client::new(url.clone(), KEY.into()).unwrap();
    test_support::wait_until("rest_service to serve", Duration::from_secs(30), async || {
        client.ready().await.is_ok()
    })
    .await;
    url
}

/// An instant.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
