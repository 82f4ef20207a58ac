//! The database goes away and comes back; callers hang up in the middle.

use std::time::Duration;

use rest_client::{Client, Error, MessageRole, UserListQuery};
use service_kit::ManualClock;
use test_support::{postgres::TestPostgres, sqlite::TestFile, wait_until};
use tokio_postgres::NoTls;
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

fn named(name: &str) -> rest_client::NewUser {
    rest_client::NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: None,
    }
}
