//! An open stream does not outlive the right to it: on every replica it ends, says why, and cannot be opened again.

use std::time::Duration;

use chrono::TimeDelta;
use messages::{Channel, EventId, ReplyKind, ReplyV1};
use rest_client::{KeyRole, NewApiKey, NewUser, UserPatch, UserState};
use test_support::wait_until;
use tokio::time::{Instant, timeout};
use url::Url;
use uuid::Uuid;

use crate::support::{KEY, TestApp, TestDb, on_both_with_bus};

on_both_with_bus!(
    a_revoked_keys_streams_end_everywhere,
    an_expired_keys_streams_end,
    a_blocked_users_streams_end_everywhere,
    an_erased_users_streams_end_everywhere,
    who_is_not_let_in_hears_nothing,
    an_archive_ends_with_its_key,
);

/// How long anything may take before a test gives up, on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// How long a stream may outlive its key. The machine of a test may be busy with others: some of it is theirs.
const SOON: Duration = Duration::from_secs(5);

/// A stream as the network shows it.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(app: &TestApp, base: &Url, user: Uuid, key: &str) -> Self {
        let url = base.join(&format!("/users/{user}/events")).unwrap();
        let response = app.raw.get(url).bearer_auth(key).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut stream = Self {
            response,
            text: String::new(),
        };
        stream.until("event: hello").await;
        stream
    }

    /// Reads until the text was told.
    async fn until(&mut self, text: &str) {
        while !self.text.contains(text) {
            let piece = timeout(LIMIT, self.response.chunk())
                .await
                .expect("it is told in time")
                .unwrap();
            let piece = piece.unwrap_or_else(|| panic!("ended without {text}: {}", self.text));
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// What is told until it ends, and how long that takes.
    async fn rest(mut self) -> (String, Duration) {
        let began = Instant::now();
        while let Some(piece) = timeout(LIMIT, self.response.chunk())
            .await
            .expect("it ends")
            .unwrap()
        {
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        (self.text, began.elapsed())
    }
}

async fn user(app: &TestApp, name: &str) -> Uuid {
    let new = NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: Some(UserState::Active),
    };
    app.client.create_user(&new).await.unwrap().id
}

async fn key(app: &TestApp, lasts: Option<TimeDelta>) -> (Uuid, String) {
    let new = NewApiKey {
        name: "listener".to_owned(),
        role: KeyRole::ReadOnly,
        scopes: None,
        expires_at: lasts.map(|lasts| app.clock_now() + lasts),
    };
    let made = app.client.create_api_key(&new).await.unwrap();
    (made.key.id, made.token)
}

/// Two replicas, a listener on each, and one with another key and another user, who is to hear on.
struct World {
    app: TestApp,
    bases: Vec<Url>,
    user: Uuid,
    key: Uuid,
    token: String,
    streams: Vec<Stream>,
    bystander: (Uuid, Stream),
}

impl World {
    async fn new(db: TestDb, lasts: Option<TimeDelta>) -> Self {
        let app = TestApp::start(db).await;
        let bases = vec![app.url.clone(), app.replica_url().await];
        wait_until("the bus is there", LIMIT, async || {
            let ready = app.request("GET", "/health/ready").send().await.unwrap();
            ready.status() == 200
        })
        .await;
        let (ada, bob) = (user(&app, "Ada").await, user(&app, "Bob").await);
        let (id, token) = key(&app, lasts).await;
        let mut streams = Vec::new();
        for base in &bases {
            streams.push(Stream::open(&app, base, ada, &token).await);
            streams.push(Stream::open(&app, base, ada, &token).await);
        }
        let bystander = (bob, Stream::open(&app, &bases[1], bob, KEY).await);
        Self {
            app,
            bases,
            user: ada,
            key: id,
            token,
            streams,
            bystander,
        }
    }

    /// All streams end soon for this reason; opened again they are refused; the bystander hears on.
    async fn ends(mut self, reason: &str, again: u16) {
        for stream in std::mem::take(&mut self.streams) {
            let (text, took) = stream.rest().await;
            assert!(took < SOON, "it took {took:?}");
            let last = format!("event: end\ndata: {{\"reason\":\"{reason}\"}}\n\n");
            assert!(text.ends_with(&last), "{text}");
        }
        for base in &self.bases {
            let url = base.join(&format!("/users/{}/events", self.user)).unwrap();
            wait_until("the key is no longer believed", LIMIT, async || {
                let answer = self
                    .app
                    .raw
                    .get(url.clone())
                    .bearer_auth(&self.token)
                    .send()
                    .await;
                answer.unwrap().status() == again
            })
            .await;
        }
        let (bob, mut stream) = self.bystander;
        tell(&self.app, bob, "still there").await;
        stream.until("still there").await;
    }
}

async fn tell(app: &TestApp, user: Uuid, text: &str) {
    let bus = bus::Bus::connect(&app.db.bus_url, bus::BusOptions::default())
        .await
        .unwrap();
    let reply = ReplyV1 {
        event_id: EventId::api(user, "question"),
        user_id: user,
        to: messages::Address {
            channel: Channel::Api,
            chat: user.to_string(),
        },
        kind: ReplyKind::Answer,
        text: text.to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
        toast: None,
    };
    let envelope = messages::Envelope {
        id: EventId::new("told:0"),
        trace_id: messages::TraceId::random(),
        at: app.clock_now(),
        event: messages::Event::ReplyV1(reply.clone()),
    };
    let topic = messages::Topic::outbox(Channel::Api);
    bus.publish(&topic, &reply.to.key(), &envelope).await.unwrap();
}

async fn a_revoked_keys_streams_end_everywhere(db: TestDb) {
    let world = World::new(db, None).await;
    world.app.client.revoke_api_key(world.key).await.unwrap();
    world.ends("key", 401).await;
}

async fn an_expired_keys_streams_end(db: TestDb) {
    let world = World::new(db, Some(TimeDelta::hours(1))).await;
    world.app.clock.advance(TimeDelta::minutes(61));
    world.ends("key", 401).await;
}

async fn a_blocked_users_streams_end_everywhere(db: TestDb) {
    let world = World::new(db, None).await;
    let block = UserPatch {
        state: Some(UserState::Blocked),
        ..UserPatch::default()
    };
    world.app.client.update_user(world.user, &block).await.unwrap();
    world.ends("user_not_active", 403).await;
}

async fn an_erased_users_streams_end_everywhere(db: TestDb) {
    let world = World::new(db, None).await;
    assert!(world.app.client.erase_user(world.user).await.unwrap().found);
    world.ends("user_erased", 404).await;
}

async fn who_is_not_let_in_hears_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let ada = user(&app, "Ada").await;
    for (state, status) in [
        (UserState::Pending, 403),
        (UserState::Blocked, 403),
        (UserState::Active, 200),
    ] {
        let patch = UserPatch {
            state: Some(state),
            ..UserPatch::default()
        };
        app.client.update_user(ada, &patch).await.unwrap();
        let answer = app
            .request("GET", &format!("/users/{ada}/events"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{state:?}");
    }
}

/// An archive that is read slowly is cut off when its key ends: more than what is on its way does not come.
async fn an_archive_ends_with_its_key(db: TestDb) {
    let app = TestApp::start(db).await;
    let ada = user(&app, "Ada").await;
    let (id, token) = key(&app, None).await;
    // Text that does not shrink, more of it than sockets hold.
    let mut seed = 1_u64;
    for i in 0..24 {
        let noise: String = (0..190_000)
            .map(|_| {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                char::from(b'!' + u8::try_from(seed >> 58).unwrap())
            })
            .collect();
        let said: Vec<_> = (0..4)
            .map(|_| (rest_client::MessageRole::User, noise.as_str()))
            .collect();
        let turn = crate::support::turn(&format!("e:{i}"), &said);
        app.client.create_turn(ada, &turn).await.unwrap();
    }
    let url = app.url.join(&format!("/users/{ada}/export")).unwrap();
    let mut archive = app.raw.get(url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(archive.status(), 200);
    assert!(archive.chunk().await.unwrap().is_some(), "it has begun");
    app.client.revoke_api_key(id).await.unwrap();
    // Within a second it is known; nothing here is read meanwhile.
    wait_until("the key is refused", LIMIT, async || {
        let url = app.url.join("/users").unwrap();
        app.raw
            .get(url)
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .status()
            == 401
    })
    .await;
    let after = Instant::now() + Duration::from_secs(2);
    wait_until("two looks later", LIMIT, async || Instant::now() > after).await;
    let cut_off = loop {
        match timeout(LIMIT, archive.chunk()).await.unwrap() {
            Ok(Some(_)) => {}
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(cut_off, "an archive that is not whole must not look whole");
}
