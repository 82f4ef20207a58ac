//! The bot with everything it needs: a strict Telegram, the real bus, the real rest_service, an assistant's ear.

use std::{sync::Arc, time::Duration};

use bus::{Bus, BusOptions, Consumer, ConsumerOptions};
use clap::{Command, FromArgMatches};
use fakes::telegram::{TelegramServer, User};
use messages::{
    Address, ButtonPressedV1, Channel, Envelope, Event, EventId, ReplyKind, ReplyV1, Topic, TraceId,
    UserMessageV2,
};
use rest_client::{Client, ResolveIdentity};
use secrecy::SecretString;
use service_kit::{Clock, Lifecycle, OperatorError, SystemClock};
use test_support::{postgres::TestSchema, redis::TestRedis, sqlite::TestFile};
use tg_bot::Settings;
use tokio::{runtime::Runtime, sync::oneshot};

/// How long anything may take before a test gives up.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// How long a test watches that something does not happen.
pub(crate) const QUIET: Duration = Duration::from_millis(300);

pub(crate) const OWNER_CODE: &str = "correct-horse-battery";

const SERVICE_KEY: &str = "a-service-key-for-tests";

/// Where things are stored.
pub(crate) enum Stores {
    /// Bus and database are SQLite files.
    Embedded,
    /// The bus is Redis, the database PostgreSQL.
    Distributed,
}

/// Everything around one bot, and the bot itself.
pub(crate) struct Stack {
    pub(crate) telegram: TelegramServer,
    pub(crate) bus: Bus,
    pub(crate) rest: Client,
    pub(crate) settings: Settings,
    inbox: Consumer,
    bot: Option<Bot>,
    rest_service: Option<Process>,
    rest_settings: rest_service::Settings,
    // Kept until the end.
    _folder: TestFile,
    redis: Option<TestRedis>,
    _schema: Option<TestSchema>,
}

/// A service with a runtime of its own, so that it can be killed between any two of its steps.
struct Process {
    runtime: Option<Runtime>,
    lifecycle: Lifecycle,
    ended: oneshot::Receiver<Result<(), OperatorError>>,
}

type Bot = Process;

impl Process {
    fn start<F>(name: &'static str, service: impl FnOnce(Lifecycle) -> F) -> Self
    where
        F: Future<Output = Result<(), OperatorError>> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (lifecycle, supervisor) = Lifecycle::new(Arc::new(SystemClock));
        let (sender, ended) = oneshot::channel();
        let entered = runtime.enter();
        lifecycle.spawn(name, service(lifecycle.clone()));
        drop(entered);
        runtime.spawn(async move {
            // The test may be over.
            let _ = sender.send(supervisor.supervise().await);
        });
        Self {
            runtime: Some(runtime),
            lifecycle,
            ended,
        }
    }

    /// Waits for its end; what it ended with.
    async fn end(mut self) -> Result<(), OperatorError> {
        let ended = tokio::time::timeout(LIMIT, &mut self.ended).await;
        ended.expect("the service ends in time").expect("it says how")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // As kill -9 would: nothing is finished, nothing is said.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Stack {
    /// Starts everything, with a bot.
    pub(crate) async fn start(stores: Stores) -> Self {
        let mut stack = Self::without_bot(stores).await;
        stack.start_bot().await;
        stack
    }

    /// Starts everything but the bot.
    pub(crate) async fn without_bot(stores: Stores) -> Self {
        service_kit::http::install_tls();
        let folder = TestFile::create();
        let (mut redis, mut schema) = (None, None);
        let (bus_url, database_url) = match stores {
            Stores::Embedded => (folder.url("bus"), folder.url("database")),
            Stores::Distributed => (
                redis.insert(TestRedis::start().await).url().to_owned(),
                schema.insert(TestSchema::create().await).url().to_owned(),
            ),
        };
        let telegram = TelegramServer::start().await;
        let rest_port = test_support::free_port();
        let rest_settings: rest_service::Settings = settings(&[
            format!("--rest-listen=127.0.0.1:{rest_port}"),
            format!("--database-url={database_url}"),
            format!("--bus-url={bus_url}"),
            format!("--service-key={SERVICE_KEY}"),
        ]);
        let bot_settings: Settings = settings(&[
            format!("--telegram-bot-token={}", telegram.token()),
            format!("--telegram-api-url={}", telegram.url()),
            format!("--telegram-owner-code={OWNER_CODE}"),
            format!("--bus-url={bus_url}"),
            format!("--rest-url=http://127.0.0.1:{rest_port}"),
            format!("--service-key={SERVICE_KEY}"),
        ]);
        let bus = Bus::connect(&bus_url, BusOptions::default()).await.unwrap();
        let inbox = bus
            .consumer(&Topic::ASSISTANT_INBOX, "assistant", ConsumerOptions::default())
            .await
            .unwrap();
        let rest = Client::new(
            bot_settings.rest.rest_url.clone(),
            SecretString::from(SERVICE_KEY),
        )
        .unwrap();
        let mut stack = Self {
            telegram,
            bus,
            rest,
            settings: bot_settings,
            inbox,
            bot: None,
            rest_service: None,
            rest_settings,
            _folder: folder,
            redis,
            _schema: schema,
        };
        stack.start_rest().await;
        stack
    }

    pub(crate) async fn start_rest(&mut self) {
        let settings = self.rest_settings.clone();
        self.rest_service = Some(Process::start("rest_service", |lifecycle| {
            rest_service::run(settings, lifecycle)
        }));
        test_support::wait_until("rest_service serves", LIMIT, async || {
            self.rest.ready().await.is_ok()
        })
        .await;
    }

    /// Kills rest_service.
    pub(crate) fn kill_rest(&mut self) {
        self.rest_service = None;
    }

    /// The bus of [`Stores::Distributed`], to be stopped and started.
    pub(crate) fn redis(&self) -> &TestRedis {
        self.redis.as_ref().expect("the bus is Redis")
    }

    /// Starts the bot, and waits until it serves.
    pub(crate) async fn start_bot(&mut self) {
        let process = self.spawn_bot();
        let health = process.lifecycle.health().clone();
        self.bot = Some(process);
        test_support::wait_until("the bot serves", LIMIT, async || {
            health.fresh_report().await.ready
        })
        .await;
    }

    /// Starts another replica beside the bot; it dies with what is returned.
    pub(crate) async fn another_bot(&self) -> impl Drop + use<> {
        let process = self.spawn_bot();
        let health = process.lifecycle.health().clone();
        test_support::wait_until("the other bot serves", LIMIT, async || {
            health.fresh_report().await.ready
        })
        .await;
        process
    }

    fn spawn_bot(&self) -> Bot {
        let settings = self.settings.clone();
        Process::start("tg_bot", |lifecycle| {
            lifecycle.health().expect("tg_bot");
            tg_bot::run(settings, lifecycle)
        })
    }

    /// Kills the bot, as kill -9 would.
    pub(crate) fn kill_bot(&mut self) {
        self.bot = None;
    }

    /// Asks the bot to stop, and waits until it has.
    pub(crate) async fn stop_bot(&mut self) {
        let bot = self.bot.take().expect("a bot to stop");
        bot.lifecycle.stop();
        bot.end().await.unwrap();
    }

    /// Starts a bot that is to fail; the line that the operator reads.
    pub(crate) async fn failing_bot(&self) -> String {
        self.spawn_bot()
            .end()
            .await
            .expect_err("the bot fails")
            .to_string()
    }

    /// What the bot's health says is wrong.
    pub(crate) async fn problems(&self) -> Vec<String> {
        let health = self.bot.as_ref().expect("a bot").lifecycle.health().clone();
        let checks = health.fresh_report().await.checks;
        checks.into_iter().filter_map(|check| check.problem).collect()
    }

    /// Waits until the bot's health says that something is wrong, in these words.
    pub(crate) async fn is_unready(&self, words: &str) {
        test_support::wait_until("the bot is not ready", LIMIT, async || {
            self.problems()
                .await
                .iter()
                .any(|problem| problem.contains(words))
        })
        .await;
    }

    /// Waits until nothing is wrong.
    pub(crate) async fn is_ready(&self) {
        test_support::wait_until("the bot is ready", LIMIT, async || {
            self.problems().await.is_empty()
        })
        .await;
    }

    /// A person who owns the bot.
    pub(crate) async fn owner(&self) -> User {
        let owner = self.telegram.user("Olga");
        owner.says(OWNER_CODE);
        let welcome = owner.next_message(LIMIT).await;
        assert!(welcome.text.starts_with("Welcome Olga!"), "{}", welcome.text);
        owner
    }

    /// The next message that reaches the assistant, with its event's id; it is acknowledged.
    pub(crate) async fn heard(&mut self) -> (EventId, UserMessageV2) {
        let delivery = tokio::time::timeout(LIMIT, self.inbox.next()).await;
        let delivery = delivery.expect("the assistant hears something").unwrap();
        let envelope = delivery.envelope().clone();
        delivery.ack().await.unwrap();
        match envelope.event {
            Event::UserMessageV2(message) => (envelope.id, message),
            other => panic!("the assistant heard {other:?}"),
        }
    }

    /// Whatever reaches the assistant next; it is acknowledged.
    pub(crate) async fn next_event(&mut self) -> Envelope {
        let delivery = tokio::time::timeout(LIMIT, self.inbox.next()).await;
        let delivery = delivery.expect("the assistant hears something").unwrap();
        let envelope = delivery.envelope().clone();
        delivery.ack().await.unwrap();
        envelope
    }

    /// The next press that reaches the assistant, with its event's id; it is acknowledged.
    pub(crate) async fn felt(&mut self) -> (EventId, ButtonPressedV1) {
        let delivery = tokio::time::timeout(LIMIT, self.inbox.next()).await;
        let delivery = delivery.expect("the assistant feels a press").unwrap();
        let envelope = delivery.envelope().clone();
        let key = delivery.key().to_owned();
        delivery.ack().await.unwrap();
        match envelope.event {
            Event::ButtonPressedV1(press) => {
                assert_eq!(key, press.from.prompt_key(), "it waits behind no question");
                (envelope.id, press)
            }
            other => panic!("the assistant heard {other:?}"),
        }
    }

    /// Whether something (more) reaches the assistant; it is acknowledged.
    pub(crate) async fn hears(&mut self) -> bool {
        match tokio::time::timeout(QUIET, self.inbox.next()).await {
            Ok(delivery) => {
                delivery.unwrap().ack().await.unwrap();
                true
            }
            Err(_) => false,
        }
    }

    /// Checks that nothing (more) reaches the assistant.
    pub(crate) async fn heard_nothing(&mut self) {
        let heard = tokio::time::timeout(QUIET, self.inbox.next()).await;
        assert!(heard.is_err(), "the assistant heard {heard:?}");
    }

    /// The id of a person's user.
    pub(crate) async fn user_of(&self, person: &User) -> rest_client::User {
        let account = ResolveIdentity {
            channel: Channel::Telegram,
            external_id: person.id().to_string(),
            display_name: String::new(),
            locale: None,
            time_zone: None,
        };
        self.rest.resolve_identity(&account).await.unwrap().user
    }

    /// An answer to a person, not published yet.
    pub(crate) async fn answer(&self, person: &User, text: &str) -> ReplyV1 {
        ReplyV1 {
            event_id: EventId::new(format!("test:{}", uuid::Uuid::new_v4())),
            user_id: self.user_of(person).await.id,
            to: chat(person.id()),
            kind: ReplyKind::Answer,
            text: text.to_owned(),
            receipts: Vec::new(),
            buttons: Vec::new(),
            in_reply_to: None,
            toast: None,
        }
    }

    /// Publishes a reply as the assistant would; its id.
    pub(crate) async fn publish(&self, reply: &ReplyV1) -> EventId {
        let envelope = Envelope {
            id: reply.event_id.child(0),
            trace_id: TraceId::random(),
            at: SystemClock.now(),
            event: Event::ReplyV1(reply.clone()),
        };
        let topic = Topic::outbox(Channel::Telegram);
        self.bus
            .publish(&topic, &reply.to.key(), &envelope)
            .await
            .unwrap();
        envelope.id
    }

    /// Waits until a part of a reply is on record as delivered or refused.
    pub(crate) async fn recorded(&self, reply: &ReplyV1, parts: usize) -> Vec<rest_client::Delivery> {
        let mut recorded = Vec::new();
        test_support::wait_until("the delivery is recorded", LIMIT, async || {
            recorded = self
                .rest
                .deliveries(reply.user_id, &reply.event_id.child(0))
                .await
                .unwrap();
            recorded.len() == parts
        })
        .await;
        recorded
    }

    /// Waits until nothing is left to deliver.
    pub(crate) async fn outbox_is_dry(&self) {
        let topic = Topic::outbox(Channel::Telegram);
        test_support::wait_until("the outbox is dry", LIMIT, async || {
            let stats = self.bus.stats(&topic, tg_bot::outgoing::GROUP).await.unwrap();
            stats.waiting == 0 && stats.in_flight == 0
        })
        .await;
    }

    /// A message as a person sees it when it has become so.
    pub(crate) async fn sees_when(
        &self,
        person: &User,
        message: &fakes::telegram::Message,
        is_so: impl Fn(&fakes::telegram::Message) -> bool,
    ) -> fakes::telegram::Message {
        let is_so = |_: &TelegramServer| person.sees(message).is_some_and(|seen| is_so(&seen));
        let changed = self.telegram.wait_until(LIMIT, is_so).await;
        changed.expect("the message has changed");
        person.sees(message).expect("it is there")
    }

    /// Waits until Telegram has forgotten every update.
    pub(crate) async fn all_confirmed(&self) {
        let confirmed = self
            .telegram
            .wait_until(LIMIT, |telegram| telegram.unconfirmed_updates() == 0);
        confirmed.await.expect("every update is confirmed");
    }
}

/// A Telegram chat's address.
pub(crate) fn chat(id: i64) -> Address {
    Address {
        channel: Channel::Telegram,
        chat: id.to_string(),
    }
}

/// Settings from flags alone, as the operator would write them.
pub(crate) fn settings<S: clap::Args + FromArgMatches>(flags: &[String]) -> S {
    let command = S::augment_args(Command::new("test").no_binary_name(true));
    S::from_arg_matches(&command.get_matches_from(flags)).unwrap()
}
