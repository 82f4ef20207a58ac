//! Migrations go up, down and up again, and a database from a newer version is refused.

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use rest_service::Db;

use crate::support::{TestDb, on_both};

on_both!(
    up_down_and_up_again,
    two_replicas_migrate_at_once,
    a_database_from_a_newer_version_is_refused,
);

async fn up_down_and_up_again(test: TestDb) {
    let db = test.open().await;
    let before = db.migration_status().await.unwrap();
    assert!(before.applied.is_empty() && before.unknown.is_empty());
    assert!(!before.pending.is_empty());

    assert_eq!(db.migrate().await.unwrap(), before.pending);
    assert!(
        db.migrate().await.unwrap().is_empty(),
        "nothing is pending any more"
    );

    let mut reverted = Vec::new();
    while let Some(name) = db.revert().await.unwrap() {
        reverted.push(name);
    }
    reverted.reverse();
    assert_eq!(reverted, before.pending);
    assert_eq!(db.migration_status().await.unwrap(), before);

    assert_eq!(db.migrate().await.unwrap(), before.pending);
    let after = db.migration_status().await.unwrap();
    assert_eq!(after.applied, before.pending);
    assert!(after.pending.is_empty());
}

async fn two_replicas_migrate_at_once(test: TestDb) {
    let (one, two) = (test.open().await, test.open().await);
    let all = one.migration_status().await.unwrap().pending;
    let (first, second) = tokio::join!(
        tokio::spawn(async move { one.migrate().await }),
        tokio::spawn(async move { two.migrate().await }),
    );
    let mut done = first.unwrap().unwrap();
    done.extend(second.unwrap().unwrap());
    assert_eq!(done, all, "each migration is applied once");
}

async fn a_database_from_a_newer_version_is_refused(test: TestDb) {
    let db = test.open().await;
    db.migrate().await.unwrap();
    execute(
        &test,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')",
    )
    .await;
    let db = Db::open(&test.url, 1).await.unwrap();
    for refused in [db.migrate().await.unwrap_err(), db.revert().await.unwrap_err()] {
        assert_eq!(
            refused.to_string(),
            "this database was made by a newer version (it has the migration 29990101000000); \
             run that version, or restore a backup from before it"
        );
    }
    assert_eq!(db.migration_status().await.unwrap().unknown, ["29990101000000"]);
}

/// Runs a statement behind the service's back.
async fn execute(test: &TestDb, statement: &str) {
    if let Some(path) = test.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnection::establish(path).unwrap();
        sql_query(statement).execute(&mut connection).unwrap();
    } else {
        let (client, connection) = tokio_postgres::connect(&test.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
    }
}
