//! Everything a story needs: the product's processes, a Telegram with its owner in it, and a model.

use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bus::{Bus, BusOptions};
use fakes::{
    google::{GoogleServer, Options as GoogleOptions},
    openai::OpenAiServer,
    proxy::Proxy,
    telegram::{Message, TelegramServer, User},
    weather::{Options as WeatherOptions, WeatherServer},
};
use messages::{Channel, Topic};
use rest_client::{Client, ResolveIdentity, ScheduledTask, TaskListQuery, TaskStatus};
use service_kit::{Clock, SystemClock};
use test_support::{postgres::TestSchema, redis::TestRedis, wait_until};

use crate::process::Place;

/// How long an answer may take, restarts and taken-over leases included, on a loaded machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

const OWNER: i64 = 4711;
const KEY: &str = "a-service-key-for-the-tests";
const ENCRYPTION_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// How the product runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// `manage run`: one process, SQLite.
    Embedded,
    /// A process per service, Redis and PostgreSQL.
    Distributed,
}

/// What answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Model {
    /// The fake OpenAI.
    #[default]
    OpenAi,
    /// The product's own offline model.
    Offline,
}

/// A process of the product.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Service {
    Rest,
    Assistant,
    Cron,
    Telegram,
    Calendar,
}

impl Service {
    /// Those that every story has, in the order in which they are started; see [`World::serves_calendar`].
    pub(crate) const ALL: [Self; 4] = [Self::Rest, Self::Assistant, Self::Cron, Self::Telegram];

    fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest_service",
            Self::Assistant => "assistant",
            Self::Cron => "cron_service",
            Self::Telegram => "tg_bot",
            Self::Calendar => "calendar_service",
        }
    }
}

/// The stores of the distributed way; gone when dropped.
struct Stores {
    redis: TestRedis,
    _schema: TestSchema,
}

/// What stands between the services and their stores, to lose what they say.
pub(crate) struct Proxies {
    pub(crate) redis: Proxy,
    pub(crate) postgres: Proxy,
}

/// The product and the world around it.
pub(crate) struct World {
    pub(crate) telegram: TelegramServer,
    pub(crate) openai: OpenAiServer,
    pub(crate) weather: WeatherServer,
    pub(crate) google: GoogleServer,
    /// The owner of the bot.
    pub(crate) ann: User,
    pub(crate) way: Way,
    place: Place,
    rest_url: String,
    calendar_url: String,
    bus_url: String,
    stores: Option<Stores>,
    proxies: Option<Proxies>,
    processes: BTreeMap<Service, Child>,
    replicas: BTreeMap<Service, Child>,
}

impl World {
    /// Starts everything.
    pub(crate) async fn start(way: Way, model: Model) -> Self {
        Self::start_with(way, model, false).await
    }

    /// Starts a process per service, with a proxy before either store.
    pub(crate) async fn start_with_proxies() -> Self {
        Self::start_with(Way::Distributed, Model::OpenAi, true).await
    }

    async fn start_with(way: Way, model: Model, with_proxies: bool) -> Self {
        let telegram = TelegramServer::start().await;
        let openai = OpenAiServer::start().await;
        // The processes live by the system's clock.
        let weather = WeatherServer::start_with(WeatherOptions {
            clock: Some(Arc::new(|| SystemClock.now().timestamp())),
            ..WeatherOptions::default()
        })
        .await;
        let google = GoogleServer::start_with(GoogleOptions {
            clock: Some(Arc::new(|| SystemClock.now().timestamp())),
            ..GoogleOptions::default()
        })
        .await;
        let ann = telegram.user_with_id(OWNER, "Ann");
        let address = format!("127.0.0.1:{}", test_support::free_port());
        let rest_url = format!("http://{address}");
        let calendar = format!("127.0.0.1:{}", test_support::free_port());
        let calendar_url = format!("http://{calendar}");
        google.registers_redirect(&format!("{calendar_url}/auth/callback"));
        let mut place = Place::new()
            .with("REST_LISTEN", &address)
            .with("REST_URL", &rest_url)
            .with("SERVICE_KEY", KEY)
            .with("TELEGRAM_BOT_TOKEN", telegram.token())
            .with("TELEGRAM_API_URL", telegram.url())
            .with("TELEGRAM_OWNER_ID", OWNER.to_string())
            .with("WEATHER_URL", weather.forecast_url())
            .with("GEOCODING_URL", weather.geocoding_url())
            .with("CALENDAR_LISTEN", calendar)
            .with("CALENDAR_URL", &calendar_url)
            .with("CALENDAR_PUBLIC_URL", &calendar_url)
            .with("ENCRYPTION_KEY", ENCRYPTION_KEY)
            // The pace of the real Telegram would make the suite slow; its own tests hold it.
            .with("TELEGRAM_CHAT_MESSAGES_PER_SECOND", "1000")
            .with("TELEGRAM_MESSAGES_PER_SECOND", "1000");
        for (name, value) in google.settings() {
            place = place.with(name, value);
        }
        if model == Model::OpenAi {
            place = place
                .with("OPENAI_BASE_URL", openai.url())
                .with("OPENAI_API_KEY", "sk-test");
        }
        let (mut stores, mut proxies) = (None, None);
        let mut bus_url = format!("sqlite:{}", place.data().join("bus.db").display());
        if way == Way::Distributed {
            let redis = TestRedis::start().await;
            let schema = TestSchema::create().await;
            if with_proxies {
                proxies = Some(Proxies {
                    redis: Proxy::redis(redis.url()).await,
                    postgres: Proxy::postgres(schema.url()).await,
                });
            }
            let (bus, database) = match &proxies {
                Some(proxies) => (proxies.redis.url(), proxies.postgres.url()),
                None => (redis.url(), schema.url()),
            };
            place = place.with("BUS_URL", bus).with("DATABASE_URL", database);
            bus_url = redis.url().to_owned();
            stores = Some(Stores {
                redis,
                _schema: schema,
            });
        }
        let mut world = Self {
            telegram,
            openai,
            weather,
            google,
            ann,
            way,
            place,
            rest_url,
            calendar_url,
            bus_url,
            stores,
            proxies,
            processes: BTreeMap::new(),
            replicas: BTreeMap::new(),
        };
        for service in Service::ALL {
            world.start_again(service);
        }
        world.serves().await;
        // Ann owns the bot from now on; what she says next is for the assistant.
        let welcome = world.ask("/start").await;
        assert!(welcome.starts_with("Welcome Ann!"), "{welcome}");
        world.settled().await;
        world
    }

    /// Kills the process of a service with -9; everything, where all is one process.
    pub(crate) fn kill(&mut self, service: Service) {
        if let Some(mut child) = self.processes.remove(&self.process_of(service)) {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts the process of a service, unless it runs.
    pub(crate) fn start_again(&mut self, service: Service) {
        let process = self.process_of(service);
        if self.processes.contains_key(&process) {
            return;
        }
        let child = self.spawn(process, None);
        self.processes.insert(process, child);
    }

    /// Kills the one process of the embedded way and starts one that dies right behind its `number`-th commit.
    pub(crate) fn restart_to_die_after_commit(&mut self, number: u64) {
        self.kill(Service::Rest);
        let child = self.spawn(Service::Rest, Some(number));
        self.processes.insert(Service::Rest, child);
    }

    /// Whether the process of a service has died by itself; it can be started again then.
    pub(crate) fn has_died(&mut self, service: Service) -> bool {
        let process = self.process_of(service);
        let ended = self
            .processes
            .get_mut(&process)
            .and_then(|child| child.try_wait().unwrap());
        let Some(status) = ended else { return false };
        let killed = std::os::unix::process::ExitStatusExt::signal(&status);
        assert_eq!(killed, Some(9), "it ended otherwise; the logs:\n{}", self.logs());
        self.processes.remove(&process);
        true
    }

    /// Starts a second process of a service.
    pub(crate) fn start_replica(&mut self, service: Service) {
        let child = self.spawn(service, None);
        self.replicas.insert(service, child);
    }

    fn spawn(&self, process: Service, last_commit: Option<u64>) -> Child {
        let args: &[&str] = match self.way {
            Way::Embedded => &["run"],
            Way::Distributed => &["serve", process.name()],
        };
        let mut command: Command = self.place.manage(args);
        if let Some(number) = last_commit {
            command.env("TEST_DIE_AFTER_COMMIT", number.to_string());
        }
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.place.path().join(format!("{}.log", process.name())))
            .unwrap();
        command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// Starts calendar_service, where it is a process of its own, and waits until it serves.
    pub(crate) async fn serves_calendar(&mut self) {
        self.start_again(Service::Calendar);
        let ann = self.ann_id().await;
        let calendar = calendar_client::Client::new(self.calendar_url.parse().unwrap(), KEY.into()).unwrap();
        wait_until("calendar_service serves", LIMIT, async || {
            calendar.account(ann).await.is_ok()
        })
        .await;
    }

    /// Kills a service's process and starts it again.
    pub(crate) fn restart(&mut self, service: Service) {
        self.kill(service);
        self.start_again(service);
    }

    /// In one process every service is that process.
    fn process_of(&self, service: Service) -> Service {
        match self.way {
            Way::Embedded => Service::Rest,
            Way::Distributed => service,
        }
    }

    /// Waits until what was started serves.
    pub(crate) async fn serves(&self) {
        let client = self.client();
        wait_until("rest_service serves", LIMIT, async || {
            client.ready().await.is_ok()
        })
        .await;
        wait_until("the bot polls", LIMIT, async || {
            !self.telegram.calls_of("getUpdates").is_empty()
        })
        .await;
    }

    /// Waits until everything that was said is answered, sent and recorded: a kill from here on hits nothing but
    /// what the story says next.
    pub(crate) async fn settled(&self) {
        let bus = Bus::connect(&self.bus_url, BusOptions::default()).await.unwrap();
        let queues = [
            (Topic::ASSISTANT_INBOX, "assistant"),
            (Topic::outbox(Channel::Telegram), "tg_bot"),
        ];
        wait_until("everything is settled", LIMIT, async || {
            for (topic, group) in &queues {
                let stats = bus.stats(topic, group).await.unwrap();
                if stats.waiting + stats.in_flight > 0 {
                    return false;
                }
            }
            self.telegram.unconfirmed_updates() == 0
        })
        .await;
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.rest_url.parse().unwrap(), KEY.into()).unwrap()
    }

    /// The metrics of rest_service's process, as Prometheus reads them.
    pub(crate) async fn metrics(&self) -> String {
        let client = service_kit::http::client(LIMIT).unwrap();
        let answer = client.get(format!("{}/metrics", self.rest_url)).bearer_auth(KEY);
        let answer = answer.send().await.unwrap().error_for_status().unwrap();
        answer.text().await.unwrap()
    }

    /// What stands before the stores.
    pub(crate) fn proxies(&self) -> &Proxies {
        self.proxies.as_ref().unwrap()
    }

    /// The port of the bus's store, where it is a server of its own.
    pub(crate) fn bus_port(&self) -> u16 {
        let url: url::Url = self.bus_url.parse().unwrap();
        url.port().unwrap()
    }

    /// Kills the bus's store (SIGKILL) and starts it again on what it has written.
    pub(crate) async fn restart_bus(&self) {
        let redis = &self.stores.as_ref().unwrap().redis;
        redis.kill();
        redis.restart().await;
    }

    /// Stops the bus's store, where it is a server of its own, without ending it.
    pub(crate) fn pause_bus(&self) {
        self.stores.as_ref().unwrap().redis.pause();
    }

    /// Lets the bus's store go on.
    pub(crate) fn resume_bus(&self) {
        self.stores.as_ref().unwrap().redis.resume();
    }

    /// The bot's next message to Ann.
    pub(crate) async fn answer(&self) -> Message {
        match self.ann.try_next_message(LIMIT).await {
            Some(message) => message,
            None => panic!("no answer; the logs:\n{}", self.logs()),
        }
    }

    /// Says something and waits for the one message that answers it.
    pub(crate) async fn ask(&self, text: &str) -> String {
        self.answer_to(text).await.text
    }

    /// As [`Self::ask`], with the buttons below the message.
    pub(crate) async fn answer_to(&self, text: &str) -> Message {
        self.ann.says(text);
        self.answer().await
    }

    /// Presses a button and waits for the one message that answers it.
    pub(crate) async fn press(&self, message: &Message, label: &str) -> Message {
        self.ann.presses(message, label);
        self.answer().await
    }

    /// The day in Bergen.
    pub(crate) fn today_in_bergen(&self) -> chrono::NaiveDate {
        let now = SystemClock.now();
        now.with_timezone(&chrono_tz::Europe::Oslo).date_naive()
    }

    /// Ann's tasks that are still to fire.
    pub(crate) async fn active_tasks(&self) -> Vec<ScheduledTask> {
        let query = TaskListQuery {
            status: Some(TaskStatus::Active),
            ..TaskListQuery::default()
        };
        self.client()
            .tasks(self.ann_id().await, &query)
            .await
            .unwrap()
            .items
    }

    /// All of Ann's tasks.
    pub(crate) async fn tasks(&self) -> Vec<ScheduledTask> {
        self.client()
            .tasks(self.ann_id().await, &TaskListQuery::default())
            .await
            .unwrap()
            .items
    }

    pub(crate) async fn ann_id(&self) -> uuid::Uuid {
        let account = ResolveIdentity {
            channel: Channel::Telegram,
            external_id: OWNER.to_string(),
            display_name: "Ann".to_owned(),
            locale: None,
            time_zone: None,
        };
        self.client().resolve_identity(&account).await.unwrap().user.id
    }

    /// What the processes logged, for a test that failed.
    pub(crate) fn logs(&self) -> String {
        let mut logs = String::new();
        for service in Service::ALL.into_iter().chain([Service::Calendar]) {
            let path = self.place.path().join(format!("{}.log", service.name()));
            if let Ok(log) = std::fs::read_to_string(path) {
                logs.push_str(&format!("== {}\n{log}", service.name()));
            }
        }
        logs
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A paused server cannot be stopped by its guard.
        if let Some(stores) = &self.stores {
            stores.redis.resume();
        }
        for child in self.processes.values_mut().chain(self.replicas.values_mut()) {
            // Both fail only when the process has ended already.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
