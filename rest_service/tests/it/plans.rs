//! What is asked most costs what it gives, not what there is: by the indexes, with many rows around it.

use std::time::Duration;

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use messages::EventId;
use rest_client::{ClaimTasks, ContextQuery, MessageRole};
use schedule::Schedule;
use serde_json::{Value, json};
use test_support::wait_until;
use tokio_postgres::NoTls;
use uuid::Uuid;

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
        known_thread: None,
        known_seq: None,
    };
    for _ in 0..10 {
        app.clock.advance(chrono::TimeDelta::seconds(2));
        assert_eq!(app.client.claim_tasks(&ask).await.unwrap().tasks.len(), 1);
        assert_eq!(app.client.context(user, &query).await.unwrap().messages.len(), 1);
    }
}

/// The tables that grow with people and with time; the others hold what admins have written by hand.
const GROWING: &str = "'users', 'identities', 'threads', 'turns', 'messages', 'scheduled_tasks', 'task_runs', \
                       'deliveries', 'user_events', 'idempotency_keys', 'audit'";

/// Calls every operation at least once, on the rows of a new user and of one who has a long history.
async fn everything(app: &TestApp, idle: Uuid) {
    busy(app).await;
    let user = app.user("Grace").await.id;
    let call = async |method: &str, path: &str, body: Value| {
        let mut request = app.request(method, path);
        if method != "GET" {
            request = request
                .json(&body)
                .header("idempotency-key", Uuid::new_v4().to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        serde_json::from_str::<Value>(&body).unwrap_or_default()
    };
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    let to = json!({ "channel": "telegram", "chat": "1" });
    let account = json!({ "channel": "telegram", "external_id": "1" });

    let said = turn("e:2", &[(MessageRole::User, "hello")]);
    let stored = call("POST", &format!("/users/{user}/turns"), json!(said)).await;
    let thread = stored["thread_id"].as_str().unwrap();
    let soon = app.clock_now() + chrono::TimeDelta::seconds(1);
    let task = json!(reminder("due", Schedule::Once { at: soon }));
    let task = id(&call("POST", &format!("/users/{user}/scheduled_tasks"), task).await);
    let assistant = json!({ "kind": "secretary", "name": "Max", "instructions": "" });
    let assistant = id(&call("POST", "/assistants", assistant).await);
    let tool = id(&call("POST", "/tools", json!({ "kind": "lamp", "name": "lamp" })).await);
    let identity = format!("/users/{user}/identities");
    call("POST", &identity, account.clone()).await;
    let moved = json!({ "time_zone": "Asia/Tokyo", "state": "active" });
    call("PATCH", &format!("/users/{user}"), moved).await;
    for chosen in [json!(assistant), json!(null)] {
        let path = format!("/users/{user}/secretary");
        call("PUT", &path, json!({ "assistant_id": chosen })).await;
    }
    let link = format!("/assistants/{assistant}/tools/{tool}");
    call("PUT", &link, json!({})).await;
    call("DELETE", &link, json!({})).await;
    call("PATCH", &format!("/tools/{tool}"), json!({ "description": "x" })).await;
    call(
        "PATCH",
        &format!("/assistants/{assistant}"),
        json!({ "name": "x" }),
    )
    .await;
    call("DELETE", &format!("/tools/{tool}"), json!({})).await;
    call("DELETE", &format!("/assistants/{assistant}"), json!({})).await;
    let summary = json!({ "summary": "x", "summarised_to": 1 });
    call("PATCH", &format!("/users/{user}/threads/{thread}"), summary).await;
    let sent = json!({ "to": to, "status": "sent" });
    call("PUT", &format!("/users/{user}/deliveries/e:2:0/0"), sent).await;
    call("POST", "/identities/resolve", account).await;
    app.clock.advance(chrono::TimeDelta::seconds(2));
    let claim = json!({ "limit": 100, "lease_seconds": 60 });
    let claim = call("POST", "/scheduled_tasks/claim", claim).await;
    let lease = &claim["lease_token"];
    let run = json!({ "lease_token": lease, "scheduled_for": soon, "fired_at": soon, "next_run_at": null });
    call("POST", &format!("/scheduled_tasks/{task}/runs"), run).await;
    let path = format!("/users/{user}/scheduled_tasks/{task}");
    call("PATCH", &path, json!({ "text": "x" })).await;
    call("DELETE", &path, json!({})).await;

    let conversation = json!({ "conversation": "telegram:42" });
    call("POST", &format!("/users/{user}/threads/new"), conversation).await;
    for of in [user, idle] {
        for path in [
            "",
            "/secretary",
            "/identities",
            "/threads",
            "/scheduled_tasks",
            "/context?conversation=c1&event_id=idlec1",
            "/deliveries/e:2:0",
        ] {
            call("GET", &format!("/users/{of}{path}"), json!({})).await;
        }
    }
    let first = call("GET", "/users?limit=1", json!({})).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    for path in [
        format!("/users/{user}/turns/e:2"),
        format!("/users/{user}/threads/{thread}/messages"),
        format!("/users/{user}/scheduled_tasks/{task}"),
        // Whoever has many tasks and few of a status has them found by reading through their own.
        format!("/users/{user}/scheduled_tasks?status=paused"),
        format!("/users/{user}/scheduled_tasks/{task}/runs"),
        "/users".to_owned(),
        "/users?state=pending".to_owned(),
        "/users?state=blocked&limit=1".to_owned(),
        format!("/users?cursor={cursor}"),
        "/audit".to_owned(),
        "/audit?resource=tool".to_owned(),
        format!("/audit?id={user}"),
        format!("/audit?key={user}"),
        "/audit?since=2026-11-20T12:00:00Z&resource=user".to_owned(),
    ] {
        call("GET", &path, json!({})).await;
    }
    let mut events = app
        .request("GET", &format!("/users/{user}/events?after=0"))
        .send()
        .await
        .unwrap();
    assert_eq!(events.status(), 200);
    assert!(events.chunk().await.unwrap().is_some());
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
    client.batch_execute(MORE_IDLE_ROWS).await.unwrap();
    client.batch_execute("ANALYZE").await.unwrap();
    let idle = "SELECT id::text FROM users WHERE name = 'idle'";
    let idle = client.query_one(idle, &[]).await.unwrap();
    let idle: Uuid = idle.get::<_, String>(0).parse().unwrap();
    let scans = format!(
        "SELECT relname::text, seq_scan, coalesce(idx_scan, 0) FROM pg_stat_user_tables
         WHERE schemaname = current_schema() AND relname IN ({GROWING}) ORDER BY relname"
    );
    let read = async || -> Vec<(String, i64, i64)> {
        let rows = client.query(&scans, &[]).await.unwrap();
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect()
    };
    client
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let before = read().await;
    assert_eq!(before.len(), 11, "{before:?}");

    let app = TestApp::start(test).await;
    everything(&app, idle).await;
    // The counts are complete when the connections that made them are closed.
    let _test = app.stop().await;
    wait_until("the scans are counted", Duration::from_secs(20), async || {
        let grown = |(after, before): (&(String, i64, i64), &(String, i64, i64))| after.2 > before.2;
        read().await.iter().zip(&before).all(grown)
    })
    .await;
    for (after, before) in read().await.iter().zip(&before) {
        assert_eq!(after.1, before.1, "{} was read from end to end", after.0);
    }
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
        "SELECT id FROM scheduled_tasks WHERE status = 'active' AND held_since IS NULL AND next_run_at <= ? AND (lease_until IS NULL OR lease_until <= ?) ORDER BY next_run_at LIMIT ?",
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

/// Many rows of everybody else's in the other tables, in PostgreSQL.
const MORE_IDLE_ROWS: &str = "
    INSERT INTO users (id, name, locale, time_zone, role, state, created_at, updated_at)
        SELECT gen_random_uuid(), 'other', 'en', 'UTC', 'member', 'active', now(), now() FROM generate_series(1, 20000);
    INSERT INTO identities (id, user_id, channel, external_id, display_name, created_at)
        SELECT gen_random_uuid(), id, 'telegram', id::text, '', now() FROM users;
    INSERT INTO deliveries (id, user_id, reply_id, part, channel, chat, status, created_at)
        SELECT gen_random_uuid(), id, id::text, 0, 'telegram', '1', 'sent', now() FROM users;
    INSERT INTO user_events (user_id, reply_id, payload, created_at)
        SELECT id, id::text, '{}', now() FROM users;
    INSERT INTO scheduled_tasks (id, user_id, action, text, schedule, time_zone, status, next_run_at, channel, chat, created_at, updated_at)
        SELECT gen_random_uuid(), id, 'remind', 'x', '{}', 'UTC', 'active', now() + interval '1 year', 'telegram', '1', now(), now() FROM users WHERE name = 'other';
    INSERT INTO task_runs (id, task_id, user_id, scheduled_for, fired_at, missed, created_at)
        SELECT gen_random_uuid(), id, user_id, now(), now(), 0, now() FROM scheduled_tasks;
    INSERT INTO idempotency_keys (caller, key, fingerprint, status, headers, body, created_at)
        SELECT 'service', id::text, '', 201, '{}', '', now() FROM users;
    INSERT INTO audit (id, at, key_id, caller, role, operation, resource, resource_id, user_id)
        SELECT gen_random_uuid(), now(), gen_random_uuid(), 'x', 'admin', 'create', 'assistant', id, id FROM users;
    INSERT INTO audit (id, at, caller, role, operation, resource, resource_id, user_id)
        SELECT gen_random_uuid(), now(), 'service', 'service', 'update', 'user', id, id FROM users;";

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
            SELECT {id}, users.id, 'remind', 'x', '{{\"kind\": \"daily\", \"times\": [\"09:00\"]}}', 'UTC', 'active', {later}, 'telegram', '1', {now}, {now}
            FROM users, ({numbers}) numbers;
        INSERT INTO threads (id, user_id, assistant_id, conversation, created_at, updated_at)
            SELECT {id}, users.id, assistants.id, 'c' || n, {now}, {now} FROM users, assistants, ({numbers}) numbers WHERE n <= 500;
        INSERT INTO turns (id, event_id, user_id, thread_id, status, replies, prompt_tokens, completion_tokens, model_calls, started_at, finished_at)
            SELECT {id}, 'idle' || conversation, user_id, id, 'completed', '[]', 0, 0, 0, {now}, {now} FROM threads;
        INSERT INTO messages (id, user_id, thread_id, turn_id, seq, role, content, created_at)
            SELECT {id}, user_id, thread_id, id, n, 'user', 'x', {now} FROM turns, ({numbers}) numbers WHERE n <= 40;"
    )
}
