//! Real peers for a driver: rest_service on a database, a bus, and whoever writes messages and reads replies.

use std::{sync::Arc, time::Duration};

use assistant::{
    driver::{Driver, TurnSettings},
    model::{Model, offline::Offline},
    tools::Registry,
    turn::Limits,
};
use bus::{Bus, BusOptions, Consumer, ConsumerOptions, Delivery};
use chrono::TimeDelta;
use fakes::weather::{Options as WeatherOptions, WeatherServer};
use messages::{
    Address, ButtonPressedV1, Channel, Envelope, Event, EventId, ReplyV1, Topic, TraceId, UserMessageV1,
};
use rest_client::{Client, NewUser, ScheduledTask, TaskListQuery, TaskStatus, UserState};
use secrecy::SecretString;
use service_kit::{Lifecycle, ManualClock, settings};
use test_support::{
    postgres::TestSchema,
    redis::{TestPrefix, TestRedis},
    sqlite::TestFile,
};
use tokio::{net::TcpListener, time::timeout};
use uuid::Uuid;

use crate::support::{now, registry_with};

/// How long a test waits for something that should come at once.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const KEY: &str = "a-service-key-for-tests";

/// Both ways to run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stores {
    Embedded,
    Distributed,
    /// As distributed, on a Redis of the test's own, where another process finds the bus by its URL alone.
    DistributedAlone,
}

/// What vanishes with the test.
type Kept = Box<dyn std::any::Any + Send>;

pub(crate) struct World {
    pub(crate) bus: Bus,
    pub(crate) bus_url: String,
    pub(crate) rest_url: String,
    pub(crate) rest: Client,
    pub(crate) user: Uuid,
    pub(crate) clock: ManualClock,
    pub(crate) lifecycle: Lifecycle,
    /// Joined when the test first handles something itself.
    inbox: Option<Consumer>,
    pub(crate) limits: Limits,
    pub(crate) weather: WeatherServer,
    /// The way to calendars, where a test has them.
    pub(crate) calendar: Option<calendar_client::Client>,
    tools: Registry,
    model: Arc<dyn Model>,
    outbox: Consumer,
    said: usize,
    // Last, so that its files outlive what has them open.
    _kept: Kept,
}

impl World {
    /// A world in which the offline model answers.
    pub(crate) async fn new(stores: Stores) -> Self {
        Self::with_model(stores, Arc::new(Offline)).await
    }

    pub(crate) async fn with_model(stores: Stores, model: Arc<dyn Model>) -> Self {
        Self::with_settings(stores, model, &[]).await
    }

    /// The same, with settings of rest_service.
    pub(crate) async fn with_settings(stores: Stores, model: Arc<dyn Model>, more: &[&str]) -> Self {
        service_kit::http::install_tls();
        let (kept, database, bus_url, bus) = match stores {
            Stores::Embedded => {
                let files = TestFile::create();
                let bus_url = files.url("bus");
                let bus = Bus::connect(&bus_url, BusOptions::default()).await;
                let database = files.url("database");
                (Box::new(files) as Kept, database, bus_url, bus.expect("a bus"))
            }
            Stores::Distributed => {
                let (schema, prefix) = (TestSchema::create().await, TestPrefix::create().await);
                let options = BusOptions {
                    key_prefix: prefix.prefix().trim_end_matches(':').to_owned(),
                    ..BusOptions::default()
                };
                let bus = Bus::connect(prefix.url(), options).await.expect("a bus");
                let database = schema.url().to_owned();
                let bus_url = prefix.url().to_owned();
                (Box::new((schema, prefix)) as Kept, database, bus_url, bus)
            }
            Stores::DistributedAlone => {
                let (schema, redis) = (TestSchema::create().await, TestRedis::start().await);
                let bus_url = redis.url().to_owned();
                let bus = Bus::connect(&bus_url, BusOptions::default())
                    .await
                    .expect("a bus");
                let database = schema.url().to_owned();
                (Box::new((schema, redis)) as Kept, database, bus_url, bus)
            }
        };
        let clock = ManualClock::at(now());
        let their_clock = clock.clone();
        let weather = WeatherServer::start_with(WeatherOptions {
            clock: Some(Arc::new(move || {
                service_kit::Clock::now(&their_clock).timestamp()
            })),
            ..WeatherOptions::default()
        })
        .await;
        let (lifecycle, _) = Lifecycle::new(Arc::new(clock.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        // A bus of its own: the replies of this world are read by the test, in rest_service's place.
        let elsewhere = TestFile::create();
        let settings: rest_service::Settings = settings::parse(
            "rest_service",
            "",
            [
                "rest_service",
                "--database-url",
                &database,
                "--bus-url",
                &elsewhere.url("bus"),
                "--service-key",
                KEY,
            ]
            .into_iter()
            .chain(more.iter().copied()),
        )
        .expect("settings");
        tokio::spawn(rest_service::serve(settings, listener, lifecycle.clone()));
        let rest = Client::new(base.parse().expect("a URL"), SecretString::from(KEY)).expect("a client");
        test_support::wait_until("rest_service", SOON, async || rest.ready().await.is_ok()).await;
        let user = rest
            .create_user(&NewUser {
                name: "Mia".to_owned(),
                locale: None,
                time_zone: Some("Europe/Berlin".to_owned()),
                role: None,
                state: Some(UserState::Active),
            })
            .await
            .expect("a user");
        let outbox = join(&bus, &Topic::outbox(Channel::Api), "test").await;
        Self {
            bus,
            bus_url,
            rest_url: base,
            rest,
            user: user.id,
            clock,
            lifecycle,
            inbox: None,
            limits: Limits {
                time: Duration::from_secs(10),
                ..Limits::default()
            },
            tools: registry_with(&weather.forecast_url(), &weather.geocoding_url()),
            weather,
            calendar: None,
            model,
            outbox,
            said: 0,
            _kept: Box::new((kept, elsewhere)),
        }
    }

    /// Another model answers from now on.
    pub(crate) fn model_is(&mut self, model: Arc<dyn Model>) {
        self.model = model;
    }

    /// The conversation that the tests hold.
    pub(crate) fn address(&self) -> Address {
        Address {
            channel: Channel::Api,
            chat: self.user.to_string(),
        }
    }

    pub(crate) fn driver(&self) -> Driver {
        self.driver_with(self.rest.clone())
    }

    pub(crate) fn driver_with(&self, rest: Client) -> Driver {
        let settings = TurnSettings {
            limits: self.limits,
            context_tokens: 8000,
            answer_tokens: 1000,
        };
        Driver::new(
            self.bus.clone(),
            rest,
            self.model.clone(),
            self.tools.clone(),
            Arc::new(self.clock.clone()),
            settings,
        )
        .with_calendar(self.calendar.clone())
    }

    /// Puts a message of the user's on the inbox; returns its envelope.
    pub(crate) async fn writes(&mut self, text: &str) -> Envelope {
        self.writes_in(&self.user.to_string(), text).await
    }

    /// As [`Self::writes`], in another chat.
    pub(crate) async fn writes_in(&mut self, chat: &str, text: &str) -> Envelope {
        self.said += 1;
        // What is made by two messages has an order, as by any clock.
        self.clock.advance(TimeDelta::milliseconds(1));
        let from = Address {
            channel: Channel::Api,
            chat: chat.to_owned(),
        };
        let event = Event::UserMessageV1(UserMessageV1 {
            user_id: self.user,
            from,
            message_ref: None,
            text: text.to_owned(),
            sent_at: now(),
        });
        let id = EventId::api(self.user, &self.said.to_string());
        self.publishes(id, event).await
    }

    /// Presses a button as a user; returns the press.
    pub(crate) async fn presses_as(&mut self, user_id: Uuid, action: &str) -> Envelope {
        self.said += 1;
        self.clock.advance(TimeDelta::milliseconds(1));
        let event = Event::ButtonPressedV1(ButtonPressedV1 {
            user_id,
            from: self.address(),
            action: action.to_owned(),
            message_ref: None,
            pressed_at: service_kit::Clock::now(&self.clock),
        });
        let id = EventId::api_press(user_id, &self.said.to_string());
        self.publishes(id, event).await
    }

    /// Presses a button; what the user is shown for it.
    pub(crate) async fn presses(&mut self, action: &str) -> String {
        self.presses_as(self.user, action).await;
        self.handle_next().await;
        shown(&self.reply().await)
    }

    pub(crate) async fn publishes(&self, id: EventId, event: Event) -> Envelope {
        let envelope = Envelope {
            id,
            trace_id: TraceId::random(),
            at: service_kit::Clock::now(&self.clock),
            event,
        };
        self.publish_again(&envelope).await;
        envelope
    }

    pub(crate) async fn publish_again(&self, envelope: &Envelope) {
        let key = match &envelope.event {
            Event::UserMessageV1(message) => message.from.key(),
            _ => self.address().key(),
        };
        self.bus
            .publish(&Topic::ASSISTANT_INBOX, &key, envelope)
            .await
            .expect("published");
    }

    /// The next event on the inbox.
    pub(crate) async fn delivery(&mut self) -> Delivery {
        let inbox = match &mut self.inbox {
            Some(inbox) => inbox,
            none => none.insert(join(&self.bus, &Topic::ASSISTANT_INBOX, assistant::GROUP).await),
        };
        timeout(SOON, inbox.next())
            .await
            .expect("an event in time")
            .expect("an event")
    }

    /// Handles the next event on the inbox.
    pub(crate) async fn handle_next(&mut self) {
        let driver = self.driver();
        let delivery = self.delivery().await;
        if let Some(due) = driver.handle(delivery).await {
            driver.sum_up(due).await;
        }
    }

    /// The next reply with its id.
    pub(crate) async fn reply_with_id(&mut self) -> (EventId, ReplyV1) {
        let delivery = timeout(SOON, self.outbox.next())
            .await
            .expect("a reply in time")
            .expect("a reply");
        let envelope = delivery.envelope().clone();
        delivery.ack().await.expect("acked");
        match envelope.event {
            Event::ReplyV1(reply) => (envelope.id, reply),
            other => panic!("a reply was expected, not {other:?}"),
        }
    }

    pub(crate) async fn reply(&mut self) -> ReplyV1 {
        self.reply_with_id().await.1
    }

    /// What the user says, and what they are shown for it: the text, and the receipts below it.
    pub(crate) async fn says(&mut self, text: &str) -> String {
        self.writes(text).await;
        self.handle_next().await;
        let reply = self.reply().await;
        shown(&reply)
    }

    /// Asserts that nothing waits to be sent.
    pub(crate) async fn is_silent(&self) {
        let stats = self
            .bus
            .stats(&Topic::outbox(Channel::Api), "test")
            .await
            .expect("figures");
        assert_eq!(
            (stats.waiting, stats.in_flight),
            (0, 0),
            "something is to be sent"
        );
    }

    pub(crate) async fn tasks(&self, status: TaskStatus) -> Vec<ScheduledTask> {
        let query = TaskListQuery {
            status: Some(status),
            ..TaskListQuery::default()
        };
        self.rest.tasks(self.user, &query).await.expect("tasks").items
    }
}

async fn join(bus: &Bus, topic: &Topic, group: &str) -> Consumer {
    let options = ConsumerOptions {
        max_attempts: 3,
        ..ConsumerOptions::default()
    };
    bus.consumer(topic, group, options).await.expect("a consumer")
}

impl Drop for World {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

/// A reply as a channel shows it.
pub(crate) fn shown(reply: &ReplyV1) -> String {
    let receipts = reply.receipts.iter().map(|receipt| format!("\n{}", receipt.text));
    std::iter::once(reply.text.clone()).chain(receipts).collect()
}

/// The same story on both ways to run; the tests are named by their stores.
macro_rules! on_both {
    ($($name:ident($stores:ident) $story:block)*) => {$(
        mod $name {
            use super::*;

            async fn story($stores: $crate::world::Stores) $story

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story($crate::world::Stores::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_and_redis() {
                story($crate::world::Stores::Distributed).await;
            }
        }
    )*};
}
pub(crate) use on_both;
