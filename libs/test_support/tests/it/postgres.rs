//! Schemas in the shared PostgreSQL, and PostgreSQL servers of a test's own.

use std::time::Duration;

use test_support::postgres::{TestPostgres, TestSchema, shared_url};
use test_support::wait_until;
use tokio_postgres::{Client, NoTls};

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn has_schema(name: &str) -> bool {
    let client = connect(&shared_url().await).await;
    let query = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
    client.query_one(query, &[&name]).await.unwrap().get::<_, i64>(0) == 1
}

async fn count_notes(url: &str) -> i64 {
    connect(url)
        .await
        .query_one("SELECT count(*) FROM notes", &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn tests_do_not_see_each_others_tables() {
    let (mine, yours) = (TestSchema::create().await, TestSchema::create().await);
    for schema in [&mine, &yours] {
        connect(schema.url())
            .await
            .batch_execute("CREATE TABLE notes (text TEXT)")
            .await
            .unwrap();
    }

    connect(mine.url())
        .await
        .batch_execute("INSERT INTO notes VALUES ('mine')")
        .await
        .unwrap();

    assert_eq!(count_notes(mine.url()).await, 1);
    assert_eq!(count_notes(yours.url()).await, 0);
}

#[tokio::test]
async fn a_schema_is_dropped_even_while_a_transaction_holds_its_tables() {
    let schema = TestSchema::create().await;
    let name = schema.name().to_owned();
    let client = connect(schema.url()).await;
    client
        .batch_execute("CREATE TABLE notes (text TEXT); BEGIN; LOCK TABLE notes")
        .await
        .unwrap();
    assert!(has_schema(&name).await);

    drop(schema);

    assert!(!has_schema(&name).await);
}

#[tokio::test]
async fn a_schema_is_dropped_when_the_test_panics() {
    let schema = TestSchema::create().await;
    let name = schema.name().to_owned();

    let test = tokio::spawn(async move {
        let _schema = schema;
        panic!("a failing test");
    });

    assert!(test.await.unwrap_err().is_panic());
    assert!(!has_schema(&name).await);
}

#[tokio::test]
async fn a_killed_server_comes_back_on_its_port_with_what_it_committed() {
    let server = TestPostgres::start().await;
    let statements = "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')";
    connect(server.url())
        .await
        .batch_execute(statements)
        .await
        .unwrap();

    server.kill();
    assert!(tokio_postgres::connect(server.url(), NoTls).await.is_err());
    server.restart().await;

    assert_eq!(count_notes(server.url()).await, 1);
}

#[tokio::test]
async fn a_running_server_can_be_restarted_which_ends_its_connections() {
    let server = TestPostgres::start().await;
    let client = connect(server.url()).await;

    server.restart().await;

    wait_until("the connection to end", Duration::from_secs(10), async || {
        client.is_closed()
    })
    .await;
    connect(server.url()).await;
}

#[tokio::test]
async fn a_paused_server_keeps_its_connections_and_answers_once_it_resumes() {
    let server = TestPostgres::start().await;
    let client = connect(server.url()).await;

    server.pause();
    let answer = tokio::time::timeout(Duration::from_millis(100), client.query_one("SELECT 1", &[])).await;
    assert!(answer.is_err(), "a paused server answered");
    server.resume();

    client.query_one("SELECT 1", &[]).await.unwrap();
}
