//! `Idempotency-Key`: the same call again has one effect and the same answer.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use rest_client::{Client, MessageRole, Problem, ProblemKind, UserListQuery};
use schedule::Schedule;
use serde_json::{Value, json};
use test_support::wait_until;
use tokio::{process::Command, sync::Barrier};
use tokio_postgres::NoTls;
use url::Url;

use crate::support::{KEY, TestApp, TestDb, on_both, raw_client, reminder, turn};

on_both!(
    the_same_call_again_has_one_effect_and_the_same_answer,
    twins_at_once_have_one_effect_and_the_same_answer,
    another_request_with_the_key_is_refused,
    a_call_that_failed_leaves_its_key_free,
    a_key_is_kept_for_a_day,
    a_key_must_be_a_key,
    a_change_that_needs_a_version_can_be_repeated,
    every_post_takes_a_key,
    calls_that_a_kill_cuts_off_have_one_effect,
);

/// Status, tag, whether it was given before, and the body.
type Answer = (u16, Option<String>, bool, String);

async fn post(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    send(
        app.request("POST", path)
            .header("idempotency-key", key)
            .json(body),
    )
    .await
}

async fn send(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let header = |name: &str| {
        let value = answer.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let (tag, replayed) = (header("etag"), header("idempotent-replayed").is_some());
    (
        answer.status().as_u16(),
        tag,
        replayed,
        answer.text().await.unwrap(),
    )
}

async fn users(app: &TestApp) -> usize {
    app.client
        .users(&UserListQuery::default())
        .await
        .unwrap()
        .items
        .len()
}

async fn the_same_call_again_has_one_effect_and_the_same_answer(db: TestDb) {
    let app = TestApp::start(db).await;
    let ada = json!({ "name": "Ada" });
    let first = post(&app, "/users", "\"k-1\"", &ada).await;
    assert_eq!(
        (first.0, first.1.as_deref(), first.2),
        (201, Some("\"1\""), false)
    );
    app.clock.advance(chrono::TimeDelta::hours(23));
    // With and without the quotes it is the same key; another key is another call.
    for key in ["\"k-1\"", "k-1"] {
        let again = post(&app, "/users", key, &ada).await;
        assert_eq!(
            (again.0, &again.1, again.2, &again.3),
            (201, &first.1, true, &first.3)
        );
    }
    assert_eq!(users(&app).await, 1);
    let other = post(&app, "/users", "k-2", &ada).await;
    assert!(!other.2 && other.3 != first.3);
    assert_eq!(users(&app).await, 2);
}

async fn twins_at_once_have_one_effect_and_the_same_answer(db: TestDb) {
    const TWINS: usize = 12;
    let app = Arc::new(TestApp::start(db).await);
    for round in 0..5 {
        let together = Arc::new(Barrier::new(TWINS));
        let twins: Vec<_> = (0..TWINS)
            .map(|_| {
                let (app, together) = (app.clone(), together.clone());
                tokio::spawn(async move {
                    together.wait().await;
                    loop {
                        let key = format!("twins-{round}");
                        let answer = post(&app, "/users", &key, &json!({ "name": "Ada" })).await;
                        // Whoever waited too long is told to ask again.
                        if answer.0 != 409 && answer.0 != 503 {
                            return answer;
                        }
                    }
                })
            })
            .collect();
        let mut bodies = Vec::new();
        let mut firsts = 0;
        for twin in twins {
            let (status, _, replayed, body) = twin.await.unwrap();
            assert_eq!(status, 201, "{body}");
            firsts += usize::from(!replayed);
            bodies.push(body);
        }
        bodies.dedup();
        assert_eq!((bodies.len(), firsts), (1, 1));
        assert_eq!(users(&app).await, round + 1);
    }
}

async fn another_request_with_the_key_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let first = post(&app, "/users", "k", &json!({ "name": "Ada" })).await;
    for (path, body) in [
        ("/users", json!({ "name": "Grace" })),
        ("/users?x=1", json!({ "name": "Ada" })),
        ("/tools", json!({ "kind": "lamp", "name": "lamp" })),
    ] {
        let (status, _, _, body) = post(&app, path, "k", &body).await;
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, problem.kind),
            (422, ProblemKind::IdempotencyKeyReused),
            "{path}"
        );
    }
    assert_eq!(users(&app).await, 1);
    assert_eq!(
        post(&app, "/users", "k", &json!({ "name": "Ada" })).await.3,
        first.3
    );
}

async fn a_call_that_failed_leaves_its_key_free(db: TestDb) {
    let app = TestApp::start(db).await;
    let taken = json!({ "kind": "time", "name": "time" });
    assert_eq!(post(&app, "/users", "k", &json!({ "name": "" })).await.0, 422);
    assert_eq!(post(&app, "/tools", "k", &taken).await.0, 409);
    assert_eq!(post(&app, "/users", "k", &json!({ "name": "Ada" })).await.0, 201);
    assert_eq!(users(&app).await, 1);
}

async fn a_key_is_kept_for_a_day(db: TestDb) {
    let app = TestApp::start(db).await;
    let ada = json!({ "name": "Ada" });
    let first = post(&app, "/users", "k", &ada).await;
    app.clock
        .advance(chrono::TimeDelta::hours(24) + chrono::TimeDelta::seconds(1));
    let later = post(&app, "/users", "k", &ada).await;
    assert!(!later.2 && later.3 != first.3);
    let again = post(&app, "/users", "k", &ada).await;
    assert!(again.2 && again.3 == later.3);
    assert_eq!(users(&app).await, 2);
}

async fn a_key_must_be_a_key(db: TestDb) {
    let app = TestApp::start(db).await;
    let long = "x".repeat(201);
    for key in ["", "\"\"", "\"open", "two words", &long, "a\"b"] {
        let (status, _, _, body) = post(&app, "/users", key, &json!({ "name": "Ada" })).await;
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!((status, problem.kind), (400, ProblemKind::Malformed), "{key:?}");
    }
    assert_eq!(users(&app).await, 0);
}

async fn a_change_that_needs_a_version_can_be_repeated(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await;
    let change = || {
        let request = app.request("PATCH", &format!("/users/{}", user.id));
        request
            .header("if-match", "\"1\"")
            .header("idempotency-key", "k")
            .json(&json!({ "name": "Grace" }))
    };
    let first = send(change()).await;
    assert_eq!((first.0, first.1.as_deref()), (200, Some("\"2\"")));
    // Without the key this would be 412: the first changed the version.
    let again = send(change()).await;
    assert_eq!((again.0, again.2, &again.3), (200, true, &first.3));
    assert_eq!(app.client.user(user.id).await.unwrap().version, 2);
}

async fn every_post_takes_a_key(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let once = Schedule::Once {
        at: app.clock_now() + chrono::TimeDelta::hours(1),
    };
    let said = turn("e:1", &[(MessageRole::User, "hello")]);
    let calls = [
        (
            format!("/users/{user}/scheduled_tasks"),
            serde_json::to_value(reminder("tea", once)).unwrap(),
        ),
        (
            format!("/users/{user}/turns"),
            serde_json::to_value(said).unwrap(),
        ),
        (
            format!("/users/{user}/identities"),
            json!({ "channel": "telegram", "external_id": "42" }),
        ),
        (
            "/identities/resolve".to_owned(),
            json!({ "channel": "telegram", "external_id": "43" }),
        ),
        (
            "/assistants".to_owned(),
            json!({ "kind": "sub", "name": "Max", "instructions": "" }),
        ),
    ];
    for (n, (path, body)) in calls.iter().enumerate() {
        let key = format!("k-{n}");
        let first = post(&app, path, &key, body).await;
        assert_eq!(first.0, 201, "{path}: {}", first.3);
        // Without its key each of these would say 200, or be made twice.
        let again = post(&app, path, &key, body).await;
        assert_eq!((again.0, again.2, &again.3), (201, true, &first.3), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_twin_that_takes_too_long_is_not_waited_for() {
    let app = TestApp::start(TestDb::postgres().await).await;
    assert_eq!(users(&app).await, 0, "it serves");
    let (twin, connection) = tokio_postgres::connect(&app.db.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let taken = "BEGIN; INSERT INTO idempotency_keys VALUES ('service', 'k', '', 0, '{}', '', now());";
    twin.batch_execute(taken).await.unwrap();
    // On a loaded machine the request's own limit, which is a little longer, may come first.
    wait_until("it is told", LIMIT, async || {
        let request = app.request("POST", "/users").header("idempotency-key", "k");
        let answer = request.json(&json!({ "name": "Ada" })).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(matches!(status, 409 | 503 | 504), "{status}");
        assert!(answer.headers().contains_key("retry-after"));
        let problem: Problem = answer.json().await.unwrap();
        problem.kind == ProblemKind::InProgress
    })
    .await;
    twin.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(post(&app, "/users", "k", &json!({ "name": "Ada" })).await.0, 201);
    assert_eq!(users(&app).await, 1);
}

/// How many calls are made while the service is killed again and again.
const CALLS: usize = 60;

/// How many of them at once.
const CLIENTS: usize = 6;

/// How long all may take on a loaded machine.
const LIMIT: Duration = Duration::from_secs(90);

async fn calls_that_a_kill_cuts_off_have_one_effect(db: TestDb) {
    let address = format!("127.0.0.1:{}", test_support::free_port());
    let url = Url::parse(&format!("http://{address}/users")).unwrap();
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_rest_service"))
            .env_clear()
            .env("DATABASE_URL", &db.url)
            .env("BUS_URL", &db.bus_url)
            .env("REST_LISTEN", &address)
            .env("SERVICE_KEY", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    };
    let mut service = start();
    let client = raw_client();
    // Sends a call until it is answered well, as a client does that means it.
    let call = async |n: usize| {
        let mut body = String::new();
        wait_until("the call is answered", LIMIT, async || {
            let request = client.post(url.clone()).bearer_auth(KEY);
            let request = request.header("idempotency-key", format!("k-{n}"));
            let sent = request.json(&json!({ "name": format!("user {n}") })).send().await;
            match sent {
                Ok(answer) if answer.status().as_u16() == 201 => match answer.text().await {
                    Ok(text) => {
                        body = text;
                        true
                    }
                    Err(_) => false,
                },
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    assert!(matches!(status, 409 | 503 | 504), "{status}");
                    false
                }
                Err(_) => false,
            }
        })
        .await;
        body
    };
    let answered = AtomicUsize::new(0);
    let calls = futures::stream::iter(0..CALLS)
        .map(async |n| {
            let body = call(n).await;
            answered.fetch_add(1, Ordering::Relaxed);
            (n, body)
        })
        .buffer_unordered(CLIENTS)
        .collect::<Vec<_>>();
    let kills = async {
        for round in 1..6 {
            wait_until("some calls are answered", LIMIT, async || {
                answered.load(Ordering::Relaxed) >= round * CALLS / 6
            })
            .await;
            service.kill().await.unwrap();
            service = start();
        }
    };
    let (bodies, ()) = tokio::join!(calls, kills);

    for (n, body) in &bodies {
        assert_eq!(&call(*n).await, body, "call {n} again");
    }
    let query = UserListQuery {
        limit: Some(200),
        ..UserListQuery::default()
    };
    let client = Client::new(url.join("/").unwrap(), KEY.into()).unwrap();
    let users = client.users(&query).await.unwrap().items;
    assert_eq!(users.len(), CALLS, "one effect for each call");
}
