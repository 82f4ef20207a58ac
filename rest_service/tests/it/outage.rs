//! The database goes away and comes back; callers hang up in the middle.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rest_client::{Client, Error, MessageRole, UserListQuery};
use serde_json::json;
use service_kit::ManualClock;
use test_support::{postgres::TestPostgres, sqlite::TestFile, wait_until};
use tokio_postgres::NoTls;
use url::Url;
use uuid::Uuid;

use crate::support::{KEY, TestApp, TestDb, at, on_both, raw_client, serve, turn};

on_both!(callers_who_hang_up_leave_no_transaction_open);

async fn callers_who_hang_up_leave_no_transaction_open(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let text = "x".repeat(2_000);
    let said: Vec<_> = (0..100).map(|_| (MessageRole::User, text.as_str())).collect();
    for i in 0..60_u64 {
        let request = app
            .request("POST", &format!("/users/{user}/turns"))
            .json(&turn(&format!("e:{i}"), &said));
        // Each hangs up a little later than the one before, so that all stages are met.
        let hung_up = tokio::time::timeout(Duration::from_micros(300 * i), request.send()).await;
        drop(hung_up);
    }
    let url = app.db.url.clone();
    if url.starts_with("postgres") {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = current_setting('application_name')
            AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
        wait_until("no transaction is open", Duration::from_secs(10), async || {
            client.query_one(open, &[]).await.unwrap().get::<_, i64>(0) == 0
        })
        .await;
    }
    // All that was sent whole is stored, and the next caller is served at once.
    let last = app.client.create_turn(user, &turn("last", &said)).await.unwrap();
    let context = rest_client::ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: last.event_id,
        limit: Some(200),
        known_thread: None,
        known_seq: None,
    };
    let context = app.client.context(user, &context).await.unwrap();
    assert_eq!(context.thread.unwrap().last_seq % 100, 0, "whole turns only");
    assert_eq!(context.messages.len() % 100, 0);
}

/// A service on a PostgreSQL that the test may kill.
async fn on_its_own_server() -> (TestPostgres, TestFile, Client, url::Url) {
    let (postgres, bus) = (TestPostgres::start().await, TestFile::create());
    let clock = ManualClock::at(at("2026-11-20T12:00:00Z"));
    let (url, ..) = serve(postgres.url(), &bus.url("bus"), &clock).await;
    let client = Client::new(url.clone(), KEY.into()).unwrap();
    client.users(&UserListQuery::default()).await.unwrap();
    (postgres, bus, client, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_killed_and_restarted_is_used_again() {
    let (postgres, _bus, client, url) = on_its_own_server().await;
    let made = client.create_user(&named("before")).await.unwrap();
    // All pooled connections are open when the server dies.
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.user(made.id).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    postgres.kill();
    match client.user(made.id).await {
        Err(error @ Error::Unavailable(_)) => assert!(error.is_retryable()),
        other => panic!("{other:?}"),
    }
    let ready = async || {
        let answer = raw_client().get(url.join("/health/ready").unwrap()).send().await;
        answer.unwrap().status().as_u16()
    };
    wait_until(
        "it says that it is not ready",
        Duration::from_secs(10),
        async || ready().await == 503,
    )
    .await;

    postgres.restart().await;
    assert_eq!(
        client.user(made.id).await.unwrap(),
        made,
        "what was acknowledged is there, at the first call"
    );
    client.create_user(&named("after")).await.unwrap();
    wait_until("it is ready again", Duration::from_secs(10), async || {
        ready().await == 200
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_to_a_postgres_that_hangs_fail_in_time() {
    let (postgres, _bus, client, url) = on_its_own_server().await;
    postgres.pause();
    let path = url.join(&format!("/users/{}", Uuid::nil())).unwrap();
    let started = std::time::Instant::now();
    let calls: Vec<_> = (0..8)
        .map(|_| tokio::spawn(raw_client().get(path.clone()).bearer_auth(KEY).send()))
        .collect();
    for call in calls {
        let status = call.await.unwrap().unwrap().status().as_u16();
        assert!(matches!(status, 503 | 504), "{status}");
    }
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    postgres.resume();
    wait_until("it serves again", Duration::from_secs(15), async || {
        client.users(&UserListQuery::default()).await.is_ok()
    })
    .await;
}

/// How many clients write at once.
const WRITERS: usize = 8;

/// How many messages each turn has.
const MESSAGES: i64 = 5;

/// How long an answer may take: the service's own limit for a request, and what a loaded machine adds.
const ANSWER_LIMIT: Duration = Duration::from_secs(13);

/// What a writer has seen.
#[derive(Default)]
struct Seen {
    turns: AtomicUsize,
    users: AtomicUsize,
    failures: AtomicUsize,
    enough: AtomicBool,
}

/// One client that stores turns and makes users, each with a key of its own, until it is enough. Gives the events and
/// the users' names that were acknowledged.
async fn write(url: Url, user: Uuid, writer: usize, seen: Arc<Seen>) -> (Vec<String>, Vec<String>) {
    let client = raw_client();
    let (mut events, mut names) = (Vec::new(), Vec::new());
    // Each name is tried until it is acknowledged, as a careful client does.
    let mut name = 0;
    for n in 0.. {
        if seen.enough.load(Ordering::Relaxed) {
            break;
        }
        let send = async |path: String, key: Option<String>, body: serde_json::Value| {
            let mut request = client.post(url.join(&path).unwrap()).bearer_auth(KEY).json(&body);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            let started = Instant::now();
            let status = request.send().await.unwrap().status().as_u16();
            assert!(
                started.elapsed() < ANSWER_LIMIT,
                "{path}: {:?}",
                started.elapsed()
            );
            assert!(matches!(status, 201 | 409 | 503 | 504), "{path}: {status}");
            if status != 201 {
                seen.failures.fetch_add(1, Ordering::Relaxed);
            }
            status == 201
        };
        let event = format!("e:{writer}:{n}");
        let said: Vec<_> = (0..MESSAGES).map(|_| (MessageRole::User, "hello")).collect();
        let mut new = turn(&event, &said);
        new.conversation = format!("telegram:{writer}");
        if send(format!("/users/{user}/turns"), None, json!(new)).await {
            events.push(event);
            seen.turns.fetch_add(1, Ordering::Relaxed);
        }
        let own = format!("{writer}-{name}");
        if send("/users".to_owned(), Some(own.clone()), json!({ "name": own })).await {
            names.push(own);
            name += 1;
            seen.users.fetch_add(1, Ordering::Relaxed);
        }
    }
    (events, names)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_restarted_under_load_loses_and_halves_nothing() {
    let (postgres, _bus, client, url) = on_its_own_server().await;
    let user = client.create_user(&named("everybody's")).await.unwrap().id;
    let seen = Arc::new(Seen::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(url.clone(), user, writer, seen.clone())))
        .collect();
    let grows = async |count: &AtomicUsize, by: usize, what: &str| {
        let before = count.load(Ordering::Relaxed);
        wait_until(what, Duration::from_secs(60), async || {
            count.load(Ordering::Relaxed) >= before + by
        })
        .await;
    };
    for round in 0..4 {
        grows(&seen.turns, 2 * WRITERS, "turns are stored").await;
        grows(&seen.users, 2 * WRITERS, "users are made").await;
        // Both ways to go: crashed, and shut down fast.
        if round % 2 == 0 {
            postgres.kill();
        } else {
            postgres.stop();
        }
        grows(&seen.failures, WRITERS, "writers are told that it is away").await;
        postgres.restart().await;
    }
    grows(&seen.turns, WRITERS, "it has recovered by itself").await;
    seen.enough.store(true, Ordering::Relaxed);
    let (mut events, mut names) = (Vec::new(), Vec::new());
    for writer in writers {
        let (own_events, own_names) = writer.await.unwrap();
        events.extend(own_events);
        names.extend(own_names);
    }

    let (database, connection) = tokio_postgres::connect(postgres.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let count = async |what: &str, from: &str| {
        let row = database
            .query_one(&format!("SELECT count(*) FROM {from}"), &[])
            .await;
        (what.to_owned(), row.unwrap().get::<_, i64>(0))
    };
    for (what, halves) in [
        count(
            "turns without all their messages",
            &format!("turns WHERE (SELECT count(*) FROM messages WHERE turn_id = turns.id) <> {MESSAGES}"),
        )
        .await,
        count(
            "threads whose count is not of their messages",
            "threads WHERE last_seq <> (SELECT count(*) FROM messages WHERE thread_id = threads.id)",
        )
        .await,
        count(
            "names that two users have",
            "(SELECT name FROM users GROUP BY name HAVING count(*) > 1) twice",
        )
        .await,
        count(
            "users without their line in the audit",
            "users WHERE NOT EXISTS (SELECT FROM audit WHERE resource_id = users.id)",
        )
        .await,
        count(
            "lines in the audit without their user",
            "audit WHERE NOT EXISTS (SELECT FROM users WHERE users.id = resource_id)",
        )
        .await,
        count(
            "keys without their answer",
            "idempotency_keys WHERE status <> 201",
        )
        .await,
    ] {
        assert_eq!(halves, 0, "{what}");
    }
    let kept = async |query: &str, acknowledged: &Vec<String>| {
        let row = database.query_one(query, &[acknowledged]).await;
        usize::try_from(row.unwrap().get::<_, i64>(0)).unwrap()
    };
    let query = "SELECT count(*) FROM turns WHERE event_id = ANY($1)";
    assert_eq!(kept(query, &events).await, events.len(), "acknowledged turns");
    let query = "SELECT count(*) FROM users WHERE name = ANY($1)";
    assert_eq!(kept(query, &names).await, names.len(), "acknowledged users");
}

fn named(name: &str) -> rest_client::NewUser {
    rest_client::NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: None,
    }
}
