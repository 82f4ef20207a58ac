//! Prefixes in the shared Redis, and Redis servers of a test's own.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncTypedCommands, Client};
use test_support::redis::{TestPrefix, TestRedis, shared_url};

async fn connect(url: &str) -> MultiplexedConnection {
    Client::open(url)
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap()
}

#[tokio::test]
async fn keys_under_a_prefix_vanish_on_drop_and_others_stay() {
    let (mine, yours) = (TestPrefix::create().await, TestPrefix::create().await);
    let mut connection = connect(&shared_url().await).await;
    let my_keys: Vec<String> = (0..2500)
        .map(|number| format!("{}{number}", mine.prefix()))
        .collect();
    let pairs: Vec<(&str, &str)> = my_keys.iter().map(|key| (key.as_str(), "value")).collect();
    connection.mset(&pairs).await.unwrap();
    let your_key = format!("{}key", yours.prefix());
    connection.set(&your_key, "value").await.unwrap();

    drop(mine);

    for key in my_keys {
        assert!(!connection.exists(&key).await.unwrap(), "{key} is left");
    }
    assert!(connection.exists(&your_key).await.unwrap());
}

#[tokio::test]
async fn a_killed_server_comes_back_on_its_port_with_what_it_acknowledged() {
    let server = TestRedis::start().await;
    connect(server.url()).await.set("key", "kept").await.unwrap();

    server.kill();
    assert!(
        Client::open(server.url())
            .unwrap()
            .get_multiplexed_async_connection()
            .await
            .is_err()
    );
    server.restart().await;

    assert_eq!(
        connect(server.url()).await.get("key").await.unwrap().as_deref(),
        Some("kept")
    );
}

#[tokio::test]
async fn a_stopped_server_comes_back_with_its_data() {
    let server = TestRedis::start().await;
    connect(server.url()).await.set("key", "kept").await.unwrap();

    server.stop();
    server.restart().await;

    assert_eq!(
        connect(server.url()).await.get("key").await.unwrap().as_deref(),
        Some("kept")
    );
}

#[tokio::test]
async fn a_paused_server_answers_once_it_resumes() {
    let server = TestRedis::start().await;
    let mut connection = connect(server.url()).await;

    server.pause();
    let answer = tokio::time::timeout(Duration::from_millis(100), connection.ping()).await;
    assert!(answer.is_err(), "a paused server answered");
    server.resume();

    connect(server.url()).await.ping().await.unwrap();
}
