//! What is asked most costs what it gives, not what there is: by the indexes, with many rows around it.

use std::time::Duration;

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use messages::EventId;
use rest_client::{ClaimTasks, ContextQuery, MessageRole};
use schedule::Schedule;
use test_support::wait_until;
use tokio_postgres::NoTls;

use crate::support::{TestApp, TestDb, reminder, turn};

const IDLE: usize = 20_000;

/// Serves claims and contexts beside many idle tasks and messages.
async fn busy(app: &TestApp) {
    let user = app.user("Ada").await.id;
    let soon = Schedule::Once {
        at: app.clock_now() + chrono::TimeDelta::seconds(1),
    };
    app.client
        .create_task(user, &reminder("due", soon))
        .await
        .unwrap();
    app.client
        .create_turn(user, &turn("e:1", &[(MessageRole::User, "hello")]))
        .await
        .unwrap();
    app.clock.advance(chrono::TimeDelta::seconds(2));
    let ask = ClaimTasks {
        limit: 100,
        lease_seconds: 1,
    };
    let query = ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: EventId::new("e:1"),
        limit: None,
    };
    for _ in 0..10 {
        app.clock.advance(chrono::TimeDelta::seconds(2));
        assert_eq!(app.client.claim_tasks(&ask).await.unwrap().tasks.len(), 1);
        assert_eq!(app.client.context(user, &query).await.unwrap().messages.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_reads_no_table_from_end_to_end() {
    let test = TestDb::postgres().await;
    test.open().await.migrate().await.unwrap();
    let (client, connection) = tokio_postgres::connect(&test.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
        .batch_execute(&idle_rows(
            "gen_random_uuid()",
            "now()",
            "now() + interval '1 year'",
            true,
        ))
        .await
        .unwrap();
    client.batch_execute("ANALYZE").await.unwrap();
    let scans = "SELECT coalesce(sum(seq_scan), 0)::bigint, coalesce(sum(idx_scan), 0)::bigint FROM pg_stat_user_tables
        WHERE schemaname = current_schema() AND relname IN ('scheduled_tasks', 'messages', 'turns', 'threads')";
    let read = async || {
        let row = client.query_one(scans, &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };
    client
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let before = read().await;

    let app = TestApp::start(test).await;
    busy(&app).await;
    // The counts are complete when the connections that made them are closed.
    let _test = app.stop().await;
    wait_until("the scans are counted", Duration::from_secs(20), async || {
        read().await.1 > before.1 + 50
    })
    .await;
    assert_eq!(read().await.0, before.0, "tables that were read from end to end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_reads_no_table_from_end_to_end() {
    let test = TestDb::sqlite();
    test.open().await.migrate().await.unwrap();
    let mut connection = SqliteConnection::establish(test.url.strip_prefix("sqlite:").unwrap()).unwrap();
    let rows = idle_rows("randomblob(16)", "1", "1900000000000000", false);
    diesel::connection::SimpleConnection::batch_execute(&mut connection, &rows).unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut connection, "ANALYZE").unwrap();
    busy(&TestApp::start(test).await).await;

    // The statements as the service sends them.
    let hot = [
        "SELECT id FROM scheduled_tasks WHERE status = 'active' AND next_run_at <= ? AND (lease_until IS NULL OR lease_until <= ?) ORDER BY next_run_at LIMIT ?",
        "SELECT id FROM threads WHERE user_id = ? AND conversation = ? AND assistant_id = ? AND closed_at IS NULL LIMIT 1",
        "SELECT id FROM messages WHERE thread_id = ? AND user_id = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
        "SELECT id FROM turns WHERE event_id = ? AND user_id = ? LIMIT 1",
    ];
    for statement in hot {
        let plan: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
            .load(&mut connection)
            .unwrap();
        for Step { detail } in plan {
            assert!(
                detail.starts_with("SEARCH") && detail.contains("INDEX"),
                "{statement}: {detail}"
            );
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = sql_types::Text)]
    detail: String,
}

/// Many tasks that are not due, and many messages of other conversations.
fn idle_rows(id: &str, now: &str, later: &str, is_postgres: bool) -> String {
    let numbers = if is_postgres {
        format!("SELECT n FROM generate_series(1, {IDLE}) n")
    } else {
        format!(
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {IDLE}) SELECT n FROM s"
        )
    };
    format!(
        "INSERT INTO users (id, name, locale, time_zone, role, state, created_at, updated_at)
            VALUES ({id}, 'idle', 'en', 'UTC', 'member', 'active', {now}, {now});
        INSERT INTO scheduled_tasks (id, user_id, action, text, schedule, time_zone, status, next_run_at, channel, chat, created_at, updated_at)
            SELECT {id}, users.id, 'remind', 'x', '{{}}', 'UTC', 'active', {later}, 'telegram', '1', {now}, {now}
            FROM users, ({numbers}) numbers;
        INSERT INTO threads (id, user_id, assistant_id, conversation, created_at, updated_at)
            SELECT {id}, users.id, assistants.id, 'c' || n, {now}, {now} FROM users, assistants, ({numbers}) numbers WHERE n <= 500;
        INSERT INTO turns (id, event_id, user_id, thread_id, status, replies, prompt_tokens, completion_tokens, model_calls, started_at, finished_at)
            SELECT {id}, 'idle' || conversation, user_id, id, 'completed', '[]', 0, 0, 0, {now}, {now} FROM threads;
        INSERT INTO messages (id, user_id, thread_id, turn_id, seq, role, content, created_at)
            SELECT {id}, user_id, thread_id, id, n, 'user', 'x', {now} FROM turns, ({numbers}) numbers WHERE n <= 40;"
    )
}
