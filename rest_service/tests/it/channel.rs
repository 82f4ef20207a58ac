//! The API channel: what a user says is on the bus once, what the user is told comes once, in order.

use std::time::Duration;

use bus::{Bus, BusOptions, Consumer, ConsumerOptions};
use messages::{
    Address, Channel, Envelope, Event, EventId, Receipt, ReplyDeltaV1, ReplyKind, ReplyV1, Topic, TraceId,
};
use rest_client::{
    AcceptedMessage, Client, Error, Events, Hello, NewUser, NewUserMessage, UserEvent, UserPatch, UserState,
};
use serde_json::json;
use service_kit::ManualClock;
use test_support::wait_until;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use uuid::Uuid;

use crate::support::{KEY, TestApp, TestDb, at, no_id, on_both_with_bus, raw_client, serve, serve_on};

/// How long anything may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(20);

on_both_with_bus!(
    what_is_said_is_on_the_bus,
    the_same_message_again_is_the_same_event,
    what_cannot_be_said_is_refused,
    who_is_not_let_in_says_nothing,
    a_reply_comes_to_the_stream_that_was_opened_before,
    a_stream_goes_on_where_it_was_cut,
    a_client_goes_on_through_a_restart,
    every_replica_tells_everything,
    nobody_hears_what_another_is_told,
    a_slow_reader_misses_no_reply,
    a_reply_that_comes_again_is_told_once,
    a_reply_to_nobody_is_dropped,
    open_streams_end_with_the_process,
);

/// The bus as another service has it.
async fn bus_of(db: &TestDb) -> Bus {
    Bus::connect(&db.bus_url, BusOptions::default()).await.unwrap()
}

async fn inbox(bus: &Bus) -> Consumer {
    bus.consumer(&Topic::ASSISTANT_INBOX, "assistant", ConsumerOptions::default())
        .await
        .unwrap()
}

async fn active(client: &Client, name: &str) -> Uuid {
    let new = NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: Some(UserState::Active),
    };
    client.create_user(&new).await.unwrap().id
}

fn message(client_id: &str, text: &str) -> NewUserMessage {
    NewUserMessage {
        client_id: client_id.to_owned(),
        text: text.to_owned(),
        sent_at: None,
    }
}

fn reply(user: Uuid, text: &str) -> ReplyV1 {
    ReplyV1 {
        event_id: EventId::api(user, "question"),
        user_id: user,
        to: Address {
            channel: Channel::Api,
            chat: user.to_string(),
        },
        kind: ReplyKind::Answer,
        text: text.to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
        toast: None,
    }
}

fn envelope(id: &str, event: Event) -> Envelope {
    Envelope {
        id: EventId::new(id),
        trace_id: TraceId::random(),
        at: at("2026-11-20T12:00:00Z"),
        event,
    }
}

/// Sends a reply as the assistant does.
async fn tell(bus: &Bus, id: &str, reply: &ReplyV1) {
    bus.publish(
        &Topic::outbox(Channel::Api),
        &reply.to.key(),
        &envelope(id, Event::ReplyV1(reply.clone())),
    )
    .await
    .unwrap();
}

async fn next(events: &mut Events) -> UserEvent {
    timeout(LIMIT, events.next())
        .await
        .expect("an event comes")
        .unwrap()
}

async fn hello(events: &mut Events) -> i64 {
    match next(events).await {
        UserEvent::Hello(Hello { position }) => position,
        other => panic!("no greeting: {other:?}"),
    }
}

/// The next reply, past greetings and live text.
async fn told(events: &mut Events) -> (i64, ReplyV1) {
    loop {
        if let UserEvent::Reply { id, reply } = next(events).await {
            return (id, reply);
        }
    }
}

async fn texts(events: &mut Events, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        texts.push(told(events).await.1.text);
    }
    texts
}

async fn what_is_said_is_on_the_bus(db: TestDb) {
    let app = TestApp::start(db).await;
    let bus = bus_of(&app.db).await;
    let mut inbox = inbox(&bus).await;
    let user = active(&app.client, "Ada").await;
    let trace = TraceId::random();
    let long = "ü\u{1f600}\u{1b}[31m ".repeat(10_000);
    let said = NewUserMessage {
        sent_at: Some(at("2026-11-19T08:00:00Z")),
        ..message("one", &long)
    };
    let accepted = send(&app, &app.client.with_trace(trace), user, &said).await;
    assert_eq!(accepted.event_id, EventId::api(user, "one"));

    let delivery = timeout(LIMIT, inbox.next()).await.unwrap().unwrap();
    assert_eq!(delivery.envelope().id, accepted.event_id);
    assert_eq!(delivery.envelope().trace_id, trace);
    assert_eq!(delivery.key(), format!("api:{user}"));
    let Event::UserMessageV1(heard) = &delivery.envelope().event else {
        panic!("{delivery:?}");
    };
    assert_eq!((heard.user_id, heard.text.as_str()), (user, long.as_str()));
    assert_eq!(heard.from, reply(user, "").to);
    assert_eq!(heard.sent_at, at("2026-11-19T08:00:00Z"));
    delivery.ack().await.unwrap();

    send(&app, &app.client, user, &message("two", "next")).await;
    let delivery = timeout(LIMIT, inbox.next()).await.unwrap().unwrap();
    assert_eq!(
        delivery.envelope().id,
        EventId::api(user, "two"),
        "the first was there once"
    );
    let Event::UserMessageV1(heard) = &delivery.envelope().event else {
        panic!("{delivery:?}");
    };
    assert_eq!(heard.sent_at, app.clock_now());
    delivery.ack().await.unwrap();
}

/// Sends a message, waiting for a service that has not reached the bus yet.
async fn send(app: &TestApp, client: &Client, user: Uuid, new: &NewUserMessage) -> AcceptedMessage {
    reached_the_bus(app).await;
    client.send_message(user, new).await.unwrap()
}

async fn reached_the_bus(app: &TestApp) {
    wait_until("the service has reached the bus", LIMIT, async || {
        let ready = app.request("GET", "/health/ready").send().await.unwrap();
        ready.status() == 200
    })
    .await;
}

async fn the_same_message_again_is_the_same_event(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = active(&app.client, "Ada").await;
    let first = send(&app, &app.client, user, &message("one", "hello")).await;
    let again = send(&app, &app.client, user, &message("one", "hello")).await;
    assert_eq!(first, again);
    let other = active(&app.client, "Bob").await;
    let others = send(&app, &app.client, other, &message("one", "hello")).await;
    assert_ne!(first, others, "another user's message is another event");
}

async fn what_cannot_be_said_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let user = active(&app.client, "Ada").await;
    for (client_id, text, field) in [
        ("", "hello", "client_id"),
        (&*"x".repeat(101), "hello", "client_id"),
        ("a:0", "hello", "client_id"),
        ("a\n", "hello", "client_id"),
        ("a", "", "text"),
        ("a", " \n", "text"),
        ("a", &*"x".repeat(200_001), "text"),
    ] {
        let refused = app.client.send_message(user, &message(client_id, text)).await;
        let Err(Error::Invalid { errors, .. }) = refused else {
            panic!("{client_id:?} {refused:?}");
        };
        assert_eq!(errors[0].field, field);
    }
    let path = format!("/users/{user}/messages");
    let early = json!({ "client_id": "a", "text": "x", "sent_at": "1969-01-01T00:00:00Z" });
    assert_eq!(
        app.request("POST", &path)
            .json(&early)
            .send()
            .await
            .unwrap()
            .status(),
        422
    );
    let events = format!("/users/{user}/events");
    for bad in ["x", "1.5", "99999999999999999999"] {
        let answer = app
            .request("GET", &events)
            .header("last-event-id", bad)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{bad}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    let nobody = app.request("GET", &events).send().await.unwrap();
    assert_eq!(nobody.headers()["content-type"], "text/event-stream");
    let url = app.url.join(&events).unwrap();
    assert_eq!(raw_client().get(url).send().await.unwrap().status(), 401);
    let missing = app.client.events(no_id(), None).next().await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    let missing = app.client.send_message(no_id(), &message("a", "hello")).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
}

async fn who_is_not_let_in_says_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let bus = bus_of(&app.db).await;
    let mut inbox = inbox(&bus).await;
    let user = active(&app.client, "Ada").await;
    for state in [UserState::Pending, UserState::Blocked] {
        let patch = UserPatch {
            state: Some(state),
            ..UserPatch::default()
        };
        app.client.update_user(user, &patch).await.unwrap();
        let refused = app.client.send_message(user, &message("one", "let me in")).await;
        assert!(matches!(refused, Err(Error::NotActive)), "{refused:?}");
        let path = format!("/users/{user}/messages");
        let answer = app
            .request("POST", &path)
            .json(&message("one", "let me in"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403);
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], "/problems/not-active");
    }
    let other = active(&app.client, "Bob").await;
    let accepted = send(&app, &app.client, other, &message("one", "hello")).await;
    let delivery = timeout(LIMIT, inbox.next()).await.unwrap().unwrap();
    assert_eq!(delivery.envelope().id, accepted.event_id, "nothing came before");
    delivery.ack().await.unwrap();
}

async fn a_reply_comes_to_the_stream_that_was_opened_before(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    tell(&bus, "old:0", &reply(user, "old")).await;
    let mut from_start = app.client.events(user, Some(0));
    let (old, _) = told(&mut from_start).await;

    let mut events = app.client.events(user, None);
    assert_eq!(
        hello(&mut events).await,
        old,
        "it starts behind what was told before"
    );
    let sent = ReplyV1 {
        receipts: vec![Receipt {
            text: "⏰ Tue 24 Nov 2026, 09:00 Europe/Berlin: drink water".to_owned(),
            undo: None,
        }],
        ..reply(user, "line one\nline two\r\n\u{1f600}")
    };
    let delta = ReplyDeltaV1 {
        event_id: sent.event_id.clone(),
        user_id: user,
        to: sent.to.clone(),
        text: "line".to_owned(),
    };
    // What is broadcast may be lost, so it is said until it is heard.
    let heard = async {
        match events.next().await.unwrap() {
            UserEvent::Delta(delta) => delta,
            other => panic!("{other:?}"),
        }
    };
    let say = async {
        loop {
            let live = envelope("live", Event::ReplyDeltaV1(delta.clone()));
            bus.broadcast(&live).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let heard = tokio::select! {
        heard = heard => heard,
        () = say => unreachable!(),
        () = tokio::time::sleep(LIMIT) => panic!("no live text came"),
    };
    assert_eq!(heard, delta);
    tell(&bus, "new:0", &sent).await;
    let (id, came) = told(&mut events).await;
    assert!(id > old);
    assert_eq!(came, sent);
}

async fn a_stream_goes_on_where_it_was_cut(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    let mut events = app.client.events(user, None);
    let start = hello(&mut events).await;
    for n in 0..3 {
        tell(&bus, &format!("e:{n}"), &reply(user, &n.to_string())).await;
    }
    let (_, first) = told(&mut events).await;
    let (second_id, second) = told(&mut events).await;
    assert_eq!((first.text.as_str(), second.text.as_str()), ("0", "1"));
    drop(events);
    // More than a page waits.
    for n in 3..40 {
        tell(&bus, &format!("e:{n}"), &reply(user, &n.to_string())).await;
    }
    let mut resumed = app.client.events(user, Some(second_id));
    assert_eq!(hello(&mut resumed).await, second_id);
    let rest: Vec<_> = (2..40).map(|n| n.to_string()).collect();
    assert_eq!(texts(&mut resumed, 38).await, rest);
    let mut all = app.client.events(user, Some(start));
    assert_eq!(texts(&mut all, 40).await[0], "0");
    // By the query, as a page in a browser starts; its own header wins when it connects again.
    let path = format!("/users/{user}/events?after={start}");
    let raw = app.request("GET", &path).header("last-event-id", second_id);
    let mut answer = raw.send().await.unwrap();
    let begin = answer.chunk().await.unwrap().unwrap();
    let begin = String::from_utf8_lossy(&begin).into_owned();
    assert!(begin.contains(&format!("id: {second_id}\n")), "{begin}");
    // A position from the future, as after a restored database: what is new comes all the same.
    let mut ahead = app.client.events(user, Some(i64::MAX));
    hello(&mut ahead).await;
    tell(&bus, "e:new", &reply(user, "new")).await;
    assert_eq!(texts(&mut ahead, 1).await, ["new"]);
}

async fn a_client_goes_on_through_a_restart(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    let mut events = app.client.events(user, None);
    hello(&mut events).await;
    tell(&bus, "e:0", &reply(user, "before")).await;
    assert_eq!(texts(&mut events, 1).await, ["before"]);
    let address = app.url.socket_addrs(|| None).unwrap()[0];
    let clock = app.clock.clone();
    let db = app.stop().await;
    tell(&bus, "e:1", &reply(user, "meanwhile")).await;
    let (_, _life, _server) = serve_on(address, &db.url, &db.bus_url, &clock).await;
    tell(&bus, "e:2", &reply(user, "after")).await;
    assert_eq!(texts(&mut events, 2).await, ["meanwhile", "after"]);
}

async fn every_replica_tells_everything(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let replica = app.replica().await;
    let bus = bus_of(&app.db).await;
    let users = [active(&app.client, "Ada").await, active(&app.client, "Bob").await];
    let mut streams = Vec::new();
    for client in [&app.client, &replica] {
        for user in users {
            let mut events = client.events(user, None);
            hello(&mut events).await;
            streams.push(events);
        }
    }
    for n in 0..20 {
        for user in users {
            tell(&bus, &format!("{user}:{n}"), &reply(user, &format!("{user} {n}"))).await;
        }
    }
    for (events, user) in streams.iter_mut().zip([users, users].concat()) {
        let expected: Vec<_> = (0..20).map(|n| format!("{user} {n}")).collect();
        assert_eq!(texts(events, 20).await, expected);
    }
}

async fn nobody_hears_what_another_is_told(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let (user, other) = (active(&app.client, "Ada").await, active(&app.client, "Bob").await);
    tell(&bus, "earlier:0", &reply(other, "secret")).await;
    let mut others = app.client.events(other, Some(0));
    told(&mut others).await;
    let mut events = app.client.events(user, Some(0));
    hello(&mut events).await;
    let live = ReplyDeltaV1 {
        event_id: EventId::new("live"),
        user_id: other,
        to: reply(other, "").to,
        text: "secret".to_owned(),
    };
    for n in 0..5 {
        bus.broadcast(&envelope("live", Event::ReplyDeltaV1(live.clone())))
            .await
            .unwrap();
        tell(&bus, &format!("other:{n}"), &reply(other, "secret")).await;
    }
    // Another channel's replies are not for this one, even if they are this user's.
    let elsewhere = ReplyDeltaV1 {
        user_id: user,
        to: crate::support::chat("42"),
        ..live
    };
    bus.broadcast(&envelope("live", Event::ReplyDeltaV1(elsewhere)))
        .await
        .unwrap();
    texts(&mut others, 5).await;
    tell(&bus, "own:0", &reply(user, "own")).await;
    match next(&mut events).await {
        UserEvent::Reply { reply, .. } => assert_eq!(reply.text, "own"),
        other => panic!("{other:?}"),
    }
}

async fn a_slow_reader_misses_no_reply(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    let mut watcher = app.client.events(user, None);
    hello(&mut watcher).await;
    let mut slow = open_stream(&app, user).await;
    // Far more than the sockets' buffers hold; live text that passes meanwhile may be lost, no reply may.
    let count = 150;
    for n in 0..count {
        let text = format!("{n} {}", "x".repeat(100_000));
        let live = ReplyDeltaV1 {
            event_id: EventId::new("live"),
            user_id: user,
            to: reply(user, "").to,
            text: text.clone(),
        };
        bus.broadcast(&envelope("live", Event::ReplyDeltaV1(live)))
            .await
            .unwrap();
        tell(&bus, &format!("e:{n}"), &reply(user, &text)).await;
    }
    texts(&mut watcher, count).await;
    let mut seen = Vec::new();
    let mut rest = Vec::new();
    let mut buffer = vec![0; 1 << 20];
    while seen.len() < count {
        let read = timeout(LIMIT, slow.read(&mut buffer)).await.unwrap().unwrap();
        assert!(read > 0, "the stream goes on");
        rest.extend_from_slice(&buffer[..read]);
        let end = rest
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        for line in String::from_utf8_lossy(&rest[..end]).lines() {
            if let Some(event) = line.strip_prefix("data: ")
                && line.contains("\"kind\"")
            {
                let head = event.split("\"text\":\"").nth(1).unwrap();
                seen.push(head.split(' ').next().unwrap().to_owned());
            }
        }
        rest.drain(..end);
    }
    assert_eq!(seen, (0..count).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// A stream that is opened and then not read.
async fn open_stream(app: &TestApp, user: Uuid) -> TcpStream {
    let mut stream = TcpStream::connect(app.url.socket_addrs(|| None).unwrap()[0])
        .await
        .unwrap();
    // HTTP/1.0: without chunks, the body is the events alone.
    let request = format!("GET /users/{user}/events HTTP/1.0\r\nauthorization: Bearer {KEY}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 64];
    let read = timeout(LIMIT, stream.read(&mut first)).await.unwrap().unwrap();
    assert!(
        first[..read].starts_with(b"HTTP/1.0 200"),
        "{:?}",
        String::from_utf8_lossy(&first)
    );
    stream
}

async fn a_reply_that_comes_again_is_told_once(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    let mut events = app.client.events(user, None);
    hello(&mut events).await;
    for _ in 0..3 {
        tell(&bus, "e:0", &reply(user, "once")).await;
    }
    // A model may write what PostgreSQL cannot hold.
    tell(&bus, "e:1", &reply(user, "nul: \0")).await;
    assert_eq!(texts(&mut events, 2).await, ["once", "nul: \u{fffd}"]);
}

async fn a_reply_to_nobody_is_dropped(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let topic = Topic::outbox(Channel::Api);
    tell(&bus, "e:0", &reply(no_id(), "anyone?")).await;
    bus.publish(
        &topic,
        "x",
        &envelope(
            "live",
            Event::ReplyDeltaV1(ReplyDeltaV1 {
                event_id: EventId::new("live"),
                user_id: no_id(),
                to: reply(no_id(), "").to,
                text: String::new(),
            }),
        ),
    )
    .await
    .unwrap();
    wait_until("both are settled", LIMIT, async || {
        let stats = bus.stats(&topic, "rest_service").await.unwrap();
        stats.waiting == 0 && stats.in_flight == 0 && stats.dead > 0
    })
    .await;
    // Nothing that was said to somebody who was erased is kept.
    let dead = bus.dead_letters(&topic, "rest_service", None, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].reason, "not a reply");
}

async fn open_streams_end_with_the_process(db: TestDb) {
    let app = TestApp::start(db).await;
    reached_the_bus(&app).await;
    let user = active(&app.client, "Ada").await;
    let mut read = app
        .request("GET", &format!("/users/{user}/events"))
        .send()
        .await
        .unwrap();
    read.chunk().await.unwrap().unwrap();
    let started = Instant::now();
    app.stop().await;
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(read.chunk().await.unwrap(), None, "the stream ended whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_does_not_read_does_not_hold_the_process() {
    let app = TestApp::start(TestDb::sqlite()).await;
    reached_the_bus(&app).await;
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    let mut watcher = app.client.events(user, None);
    hello(&mut watcher).await;
    let _stalled = open_stream(&app, user).await;
    for n in 0..100 {
        tell(&bus, &format!("e:{n}"), &reply(user, &"x".repeat(100_000))).await;
    }
    texts(&mut watcher, 100).await;
    drop(watcher);
    timeout(LIMIT, app.stop())
        .await
        .expect("it ends within its limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_nothing_is_accepted_and_what_was_told_can_be_read() {
    let app = TestApp::start(TestDb::postgres_and_redis().await).await;
    reached_the_bus(&app).await;
    let redis = app.db.redis.as_ref().unwrap();
    let bus = bus_of(&app.db).await;
    let user = active(&app.client, "Ada").await;
    let mut events = app.client.events(user, None);
    hello(&mut events).await;
    tell(&bus, "e:0", &reply(user, "before")).await;
    assert_eq!(texts(&mut events, 1).await, ["before"]);
    redis.kill();
    let path = format!("/users/{user}/messages");
    let answer = app
        .request("POST", &path)
        .json(&message("one", "hello"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 503);
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/unavailable");
    assert_eq!(texts(&mut app.client.events(user, Some(0)), 1).await, ["before"]);
    // A replica that starts without the bus serves what needs none, and takes the rest up when it is there.
    let clock = ManualClock::at(at("2026-11-20T12:00:00Z"));
    let (url, ..) = serve(&app.db.url, &app.db.bus_url, &clock).await;
    let late = Client::new(url.clone(), KEY.into()).unwrap();
    assert_eq!(late.user(user).await.unwrap().id, user);
    let refused = late.send_message(user, &message("one", "hello")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    redis.restart().await;
    wait_until("both replicas accept again", LIMIT, async || {
        let mut accepted = 0;
        for client in [&app.client, &late] {
            accepted += usize::from(client.send_message(user, &message("one", "hello")).await.is_ok());
        }
        accepted == 2
    })
    .await;
    tell(&bus, "e:1", &reply(user, "after")).await;
    assert_eq!(texts(&mut events, 1).await, ["after"]);
}
