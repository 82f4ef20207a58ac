//! What the stories stand on: a database of each kind, thrown away at the end, and the service on it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use messages::{Address, Channel, EventId, TaskAction};
use rest_client::{
    Client, DEFAULT_ASSISTANT, Error, FieldError, MessageRole, NewMessage, NewScheduledTask, NewTurn,
    NewUser, TurnStatus, User,
};
use rest_service::{BudgetSettings, CallLimits, Db, RetentionSettings, Settings};
use schedule::Schedule;
use serde_json::Value;
use service_kit::{
    Lifecycle, ManualClock,
    http::{self, Connections},
    settings::{BusSettings, ServiceKey},
};
use test_support::{postgres::TestSchema, redis::TestRedis, sqlite::TestFile};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;
use uuid::Uuid;

/// The key of the services under test.
pub(crate) const KEY: &str = "a-key-of-services-under-test";

/// Makes two tests of each story, `story::postgres` and `story::sqlite`.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$story($crate::support::TestDb::postgres().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$story($crate::support::TestDb::sqlite()).await;
            }
        }
    )+ };
}

pub(crate) use on_both;

/// Makes two tests of each story that needs the bus: `story::postgres_and_redis` and `story::sqlite`.
macro_rules! on_both_with_bus {
    ($($story:ident),+ $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_and_redis() {
                super::$story($crate::support::TestDb::postgres_and_redis().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$story($crate::support::TestDb::sqlite()).await;
            }
        }
    )+ };
}

pub(crate) use on_both_with_bus;

/// An empty database of a test's own, and an empty bus.
pub(crate) struct TestDb {
    pub(crate) url: String,
    pub(crate) bus_url: String,
    pub(crate) redis: Option<TestRedis>,
    _keep: (Keep, TestFile),
}

#[expect(dead_code, reason = "they are held for their drop")]
enum Keep {
    Schema(TestSchema),
    File(TestFile),
}

impl TestDb {
    pub(crate) async fn postgres() -> Self {
        let schema = TestSchema::create().await;
        Self::new(schema.url().to_owned(), Keep::Schema(schema))
    }

    pub(crate) async fn postgres_and_redis() -> Self {
        let redis = TestRedis::start().await;
        Self {
            bus_url: redis.url().to_owned(),
            redis: Some(redis),
            ..Self::postgres().await
        }
    }

    pub(crate) fn sqlite() -> Self {
        let file = TestFile::create();
        Self::new(file.url("db"), Keep::File(file))
    }

    fn new(url: String, keep: Keep) -> Self {
        let bus = TestFile::create();
        Self {
            url,
            bus_url: bus.url("bus"),
            redis: None,
            _keep: (keep, bus),
        }
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.url, 4).await.unwrap()
    }
}

/// The service on a database, at its own port, with a clock that the test moves.
pub(crate) struct TestApp {
    pub(crate) client: Client,
    pub(crate) clock: ManualClock,
    pub(crate) url: Url,
    /// For what the typed client would not send.
    pub(crate) raw: reqwest::Client,
    pub(crate) lifecycle: Lifecycle,
    server: JoinHandle<()>,
    pub(crate) db: TestDb,
}

impl TestApp {
    pub(crate) async fn start(db: TestDb) -> Self {
        Self::start_with(db, NO_LIMITS).await
    }

    /// [`TestApp::start`], where callers may do so much.
    pub(crate) async fn start_with(db: TestDb, limits: CallLimits) -> Self {
        Self::start_on(db, limits, Connections::default()).await
    }

    /// [`TestApp::start`], where models may cost so much.
    pub(crate) async fn start_within(db: TestDb, budgets: BudgetSettings) -> Self {
        Self::start_all(db, NO_LIMITS, Connections::default(), budgets).await
    }

    /// [`TestApp::start_with`], where connections may take so much.
    pub(crate) async fn start_on(db: TestDb, limits: CallLimits, connections: Connections) -> Self {
        Self::start_all(db, limits, connections, BudgetSettings::default()).await
    }

    async fn start_all(
        db: TestDb,
        limits: CallLimits,
        connections: Connections,
        budgets: BudgetSettings,
    ) -> Self {
        let clock = ManualClock::at(at("2026-11-20T12:00:00Z"));
        let address = "127.0.0.1:0".parse().unwrap();
        let (url, lifecycle, server) = serve_with(
            address,
            &db.url,
            &db.bus_url,
            &clock,
            (limits, budgets),
            connections,
        )
        .await;
        Self {
            client: client_of(&db, &url, &lifecycle),
            clock,
            url,
            raw: raw_client(),
            lifecycle,
            server,
            db,
        }
    }

    /// Another replica on the same database.
    pub(crate) async fn replica(&self) -> Client {
        Client::new(self.replica_url().await, KEY.into()).unwrap()
    }

    /// Another replica on the same database, where models may cost so much.
    pub(crate) async fn replica_within(&self, budgets: BudgetSettings) -> Client {
        let address = "127.0.0.1:0".parse().unwrap();
        let (url, ..) = serve_with(
            address,
            &self.db.url,
            &self.db.bus_url,
            &self.clock,
            (NO_LIMITS, budgets),
            Connections::default(),
        )
        .await;
        Client::new(url, KEY.into()).unwrap()
    }

    /// Where another replica on the same database listens.
    pub(crate) async fn replica_url(&self) -> Url {
        serve(&self.db.url, &self.db.bus_url, &self.clock).await.0
    }

    /// Stops the service, which closes its connections, and keeps the database.
    pub(crate) async fn stop(self) -> TestDb {
        self.lifecycle.stop();
        self.server.await.unwrap();
        self.db
    }

    pub(crate) fn clock_now(&self) -> DateTime<Utc> {
        service_kit::Clock::now(&self.clock)
    }

    /// A user in Berlin.
    pub(crate) async fn user(&self, name: &str) -> User {
        let new = NewUser {
            name: name.to_owned(),
            locale: None,
            time_zone: Some("Europe/Berlin".to_owned()),
            role: None,
            state: None,
        };
        self.client.create_user(&new).await.unwrap()
    }

    /// A client that shows another key than the services'.
    pub(crate) fn client_with(&self, token: &str) -> Client {
        Client::new(self.url.clone(), token.into()).unwrap()
    }

    /// Sends what the typed client would not.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = self.url.join(path).unwrap();
        self.raw.request(method.parse().unwrap(), url).bearer_auth(KEY)
    }
}

/// Serves the database at `url`, with the bus at `bus_url`, until the test ends.
pub(crate) async fn serve(url: &str, bus_url: &str, clock: &ManualClock) -> (Url, Lifecycle, JoinHandle<()>) {
    serve_on("127.0.0.1:0".parse().unwrap(), url, bus_url, clock).await
}

/// [`serve`] at an address.
pub(crate) async fn serve_on(
    address: SocketAddr,
    url: &str,
    bus_url: &str,
    clock: &ManualClock,
) -> (Url, Lifecycle, JoinHandle<()>) {
    let limits = (NO_LIMITS, BudgetSettings::default());
    serve_with(address, url, bus_url, clock, limits, Connections::default()).await
}

/// Callers may do what they like.
pub(crate) const NO_LIMITS: CallLimits = CallLimits {
    rest_rate_limit: u32::MAX,
    rest_wrong_keys: u32::MAX,
    trusted_proxies: Vec::new(),
};

async fn serve_with(
    address: SocketAddr,
    url: &str,
    bus_url: &str,
    clock: &ManualClock,
    (limits, budgets): (CallLimits, BudgetSettings),
    connections: Connections,
) -> (Url, Lifecycle, JoinHandle<()>) {
    http::install_tls();
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings {
        rest_listen: address,
        database_url: url.into(),
        database_connections: 4,
        bus: BusSettings {
            bus_url: bus_url.into(),
        },
        key: ServiceKey {
            service_key: KEY.into(),
        },
        limits,
        retention: RetentionSettings {
            retention_task_runs_days: 90,
            retention_tasks_days: 90,
            retention_deliveries_days: 90,
            retention_user_events_days: 90,
            retention_audit_days: 365,
        },
        budgets,
    };
    let (lifecycle, _) = Lifecycle::with_connections(Arc::new(clock.clone()), connections);
    let life = lifecycle.clone();
    let server = tokio::spawn(async move { rest_service::serve(settings, listener, life).await.unwrap() });
    (format!("http://{address}").parse().unwrap(), lifecycle, server)
}

/// As where each database is used: on SQLite the callers are in the same process and need no socket, on PostgreSQL they
/// are elsewhere.
fn client_of(db: &TestDb, url: &Url, lifecycle: &Lifecycle) -> Client {
    let client = Client::new(url.clone(), KEY.into()).unwrap();
    if db.url.starts_with("sqlite:") {
        client.within(lifecycle)
    } else {
        client
    }
}

pub(crate) fn raw_client() -> reqwest::Client {
    http::client(Duration::from_secs(20)).unwrap()
}

/// An instant.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A chat.
pub(crate) fn chat(name: &str) -> Address {
    Address {
        channel: Channel::Telegram,
        chat: name.to_owned(),
    }
}

/// A reminder in the chat "42".
pub(crate) fn reminder(text: &str, schedule: Schedule) -> NewScheduledTask {
    NewScheduledTask {
        action: TaskAction::Remind,
        text: text.to_owned(),
        schedule,
        time_zone: None,
        to: chat("42"),
        idempotency_key: None,
        from_outside: false,
    }
}

/// A turn in the conversation "telegram:42" in which this was said.
pub(crate) fn turn(event: &str, said: &[(MessageRole, &str)]) -> NewTurn {
    let said = said.iter().map(|&(role, content)| NewMessage {
        role,
        content: content.to_owned(),
        tool_calls: None,
        tool_call_id: None,
        from_outside: false,
    });
    NewTurn {
        event_id: EventId::new(event),
        conversation: "telegram:42".to_owned(),
        assistant_id: DEFAULT_ASSISTANT,
        thread_id: None,
        status: TurnStatus::Completed,
        messages: said.collect(),
        replies: Vec::new(),
        covers: Vec::new(),
        sub_turns: Vec::new(),
        model: Some("test-model".to_owned()),
        prompt_tokens: 11,
        completion_tokens: 7,
        model_calls: 1,
        cost: rest_client::TurnCost::default(),
        error: None,
        started_at: at("2026-11-20T12:00:00.123456Z"),
        finished_at: at("2026-11-20T12:00:01Z"),
    }
}

/// The names of the fields that a refusal names.
pub(crate) fn refused_fields<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<String> {
    match outcome {
        Err(Error::Invalid { errors, .. }) => {
            errors.into_iter().map(|FieldError { field, .. }| field).collect()
        }
        other => panic!("not refused as invalid: {other:?}"),
    }
}

/// The fields that a problem, as it was answered, names.
pub(crate) fn wrong_fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect()
}

/// An id that nothing has.
pub(crate) fn no_id() -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_ffff_ffff_ffff)
}
