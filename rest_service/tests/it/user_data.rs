//! A user's data: all of it in one archive, and none of it left when it is erased. Both walk the schema, so that a
//! new table with a user's rows fails here until it is handled.

use std::{collections::BTreeMap, io::Read};

use chrono::TimeDelta;
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types,
};
use messages::{Address, Channel, EventId, ReplyKind, ReplyV1};
use rest_client::{
    ClaimTasks, ConflictKind, DeliveryStatus, Error, FactSource, MessageRole, NewDelivery, NewFact,
    NewIdentity, NewTaskRun, Role, UserPatch, UserState,
};
use schedule::Schedule;
use serde_json::Value;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::support::{TestApp, TestDb, chat, no_id, on_both, reminder, turn};

on_both!(
    an_archive_has_every_table_of_the_user,
    a_long_archive_is_cut_into_files,
    an_erased_user_leaves_no_row,
    the_last_owner_cannot_be_erased,
    what_comes_for_an_erased_user_is_not_found,
    an_account_is_taken_from_its_user,
);

/// Runs a statement behind the service's back.
pub(crate) async fn execute(db: &TestDb, statement: &str) {
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnection::establish(path).unwrap();
        connection
            .batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;")
            .unwrap();
        connection.batch_execute(statement).unwrap();
    } else {
        let (client, connection) = tokio_postgres::connect(&db.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// The tables that have a `user_id`.
async fn tables_of_users(db: &TestDb) -> Vec<String> {
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnection::establish(path).unwrap();
        let rows: Vec<Named> = sql_query(
            "SELECT m.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name = 'user_id' ORDER BY m.name",
        )
        .load(&mut connection)
        .unwrap();
        rows.into_iter().map(|row| row.name).collect()
    } else {
        let (client, connection) = tokio_postgres::connect(&db.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let rows = client
            .query(
                "SELECT table_name::text FROM information_schema.columns
                 WHERE table_schema = current_schema() AND column_name = 'user_id' ORDER BY table_name",
                &[],
            )
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// How many of the user's rows each table has.
async fn rows_of(db: &TestDb, user: Uuid) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for (table, column) in tables_of_users(db)
        .await
        .into_iter()
        .map(|table| (table, "user_id"))
        .chain([("users".to_owned(), "id")])
    {
        let count = if let Some(path) = db.url.strip_prefix("sqlite:") {
            #[derive(QueryableByName)]
            struct Count {
                #[diesel(sql_type = sql_types::BigInt)]
                n: i64,
            }
            let mut connection = SqliteConnection::establish(path).unwrap();
            let query = format!(
                "SELECT count(*) AS n FROM {table} WHERE {column} = x'{}'",
                user.simple()
            );
            sql_query(query).get_result::<Count>(&mut connection).unwrap().n
        } else {
            let (client, connection) = tokio_postgres::connect(&db.url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let query = format!("SELECT count(*) FROM {table} WHERE {column} = '{user}'");
            client.query_one(&query, &[]).await.unwrap().get(0)
        };
        counts.insert(table, count);
    }
    counts
}

/// An answer on the API channel, as the outbox stores it.
pub(crate) async fn seed_event(db: &TestDb, user: Uuid, reply_id: &str) {
    let reply = ReplyV1 {
        event_id: EventId::new("e:1"),
        user_id: user,
        to: Address {
            channel: Channel::Api,
            chat: user.to_string(),
        },
        kind: ReplyKind::Answer,
        text: "told".to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
        toast: None,
    };
    let payload = serde_json::to_string(&reply).unwrap();
    let (user, at) = if db.url.starts_with("sqlite:") {
        (format!("x'{}'", user.simple()), "1795176000000000")
    } else {
        (format!("'{user}'"), "'2026-11-20T12:00:00Z'")
    };
    execute(
        db,
        &format!(
            "INSERT INTO user_events (user_id, reply_id, payload, created_at) VALUES ({user}, '{reply_id}', '{payload}', {at})"
        ),
    )
    .await;
}

/// Gives a user a row in every table that has users' rows.
async fn fill(app: &TestApp, user: Uuid, mark: &str) {
    let account = NewIdentity {
        channel: Channel::Telegram,
        external_id: mark.to_owned(),
        display_name: mark.to_owned(),
    };
    app.client.link_identity(user, &account).await.unwrap();
    let fact = NewFact {
        text: format!("{mark} drinks tea"),
        source: FactSource::User,
        from_outside: false,
    };
    app.client.create_fact(user, &fact).await.unwrap();
    let event = format!("e:{mark}");
    app.client
        .create_turn(user, &turn(&event, &[(MessageRole::User, mark)]))
        .await
        .unwrap();
    let hold = rest_client::NewHold {
        id: format!("{event}:more#0"),
        event_id: EventId::new(format!("{event}:more")),
        tokens: 10,
        micros: 10,
        ended: Vec::new(),
    };
    app.client.hold(user, &hold).await.unwrap();
    let at = app.clock_now() + TimeDelta::seconds(1);
    app.client
        .create_task(user, &reminder(mark, Schedule::Once { at }))
        .await
        .unwrap();
    app.clock.advance(TimeDelta::seconds(2));
    let ask = ClaimTasks {
        limit: 10,
        lease_seconds: 1,
    };
    let claim = app.client.claim_tasks(&ask).await.unwrap();
    for task in &claim.tasks {
        let run = NewTaskRun {
            lease_token: claim.lease_token,
            scheduled_for: at,
            fired_at: at,
            missed: 0,
            next_run_at: None,
        };
        app.client.record_run(task.id, &run).await.unwrap();
    }
    let sent = NewDelivery {
        to: chat(mark),
        external_message_id: Some("1".to_owned()),
        status: DeliveryStatus::Sent,
        error: None,
    };
    let reply = EventId::new(format!("{event}:0"));
    app.client.record_delivery(user, &reply, 0, &sent).await.unwrap();
    seed_event(&app.db, user, reply.as_str()).await;
    let (owner, id, at) = if app.db.url.starts_with("sqlite:") {
        (
            format!("x'{}'", user.simple()),
            "randomblob(16)",
            "1795176000000000",
        )
    } else {
        (format!("'{user}'"), "gen_random_uuid()", "'2026-11-20T12:00:00Z'")
    };
    execute(
        &app.db,
        &format!(
            "INSERT INTO calendar_accounts (user_id, grant_id, email, state, scopes, key_id, ciphertext, access_expires_at, channel, chat, created_at, updated_at)
                VALUES ({owner}, {id}, '{mark}@example.org', 'active', 'calendar', 'k', 'sealed', {at}, 'telegram', '1', {at}, {at});
            INSERT INTO calendar_links (id, user_id, channel, chat, expires_at, created_at)
                VALUES ({id}, {owner}, 'telegram', '1', {at}, {at});
            INSERT INTO calendar_writes (id, user_id, state, key_id, ciphertext, created_at, updated_at)
                VALUES ({id}, {owner}, 'done', 'k', 'sealed', {at}, {at});
            INSERT INTO pending_actions (id, user_id, conversation, tool, args, summary, idempotency_key, state, expires_at, created_at)
                VALUES ({id}, {owner}, 'telegram:1', 'calendar_delete', '{{}}', '{mark}', '{mark}', 'open', {at}, {at});"
        ),
    )
    .await;
    // What is not filled here would not be seen missing.
    let counts = rows_of(&app.db, user).await;
    assert!(counts.values().all(|count| *count > 0), "{counts:?}");
}

/// The files of a user's archive.
async fn archive(app: &TestApp, user: Uuid) -> BTreeMap<String, String> {
    let answer = app
        .request("GET", &format!("/users/{user}/export"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/gzip");
    let bytes = answer.bytes().await.unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        assert!(files.insert(name, text).is_none());
    }
    files
}

async fn an_archive_has_every_table_of_the_user(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    fill(&app, user, "ada").await;
    fill(&app, other, "bob").await;
    let files = archive(&app, user).await;
    let counts = rows_of(&app.db, user).await;
    for (table, count) in counts {
        if table == "users" {
            let own: Value = serde_json::from_str(&files["user.json"]).unwrap();
            assert_eq!(own["name"], "Ada");
            continue;
        }
        let file = files
            .get(&format!("{table}-00001.json"))
            .unwrap_or_else(|| panic!("{table} is not in the archive: handle it in store/archive.rs"));
        let rows: Vec<Value> = serde_json::from_str(file).unwrap();
        assert_eq!(rows.len(), usize::try_from(count).unwrap(), "{table}");
        assert!(
            files["README.md"].contains(&format!("{table}-00001.json")),
            "{table}"
        );
    }
    for (name, text) in &files {
        assert!(
            !text.contains("bob") && !text.contains(&other.to_string()),
            "{name}"
        );
    }
    assert!(files["messages-00001.json"].contains("\"ada\""));
    let unknown = app
        .request("GET", &format!("/users/{}/export", no_id()))
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
}

async fn a_long_archive_is_cut_into_files(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let said: Vec<String> = (0..150).map(|i| format!("message {i}")).collect();
    for part in 0..3 {
        let messages: Vec<_> = said
            .iter()
            .map(|text| (MessageRole::User, text.as_str()))
            .collect();
        app.client
            .create_turn(user, &turn(&format!("e:{part}"), &messages))
            .await
            .unwrap();
    }
    let files = archive(&app, user).await;
    let mut all = 0;
    for (file, text) in files.iter().filter(|(name, _)| name.starts_with("messages-")) {
        let rows: Vec<Value> = serde_json::from_str(text).unwrap();
        assert!(rows.len() <= 200, "{file}");
        all += rows.len();
    }
    assert_eq!(all, 450);
    assert!(files.contains_key("messages-00003.json"));
}

async fn an_erased_user_leaves_no_row(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    fill(&app, user, "ada").await;
    fill(&app, other, "bob").await;
    let (before, others) = (rows_of(&app.db, user).await, rows_of(&app.db, other).await);

    let erasure = app.client.erase_user(user).await.unwrap();
    assert!(erasure.found && !erasure.kept.is_empty());
    for (table, count) in rows_of(&app.db, user).await {
        assert_eq!(count, 0, "{table} still has rows of the erased user");
    }
    for (table, count) in before {
        assert_eq!(
            erasure.erased.get(&table).copied(),
            u64::try_from(count).ok(),
            "{table} is told"
        );
    }
    assert_eq!(rows_of(&app.db, other).await, others, "others keep theirs");
    assert!(matches!(app.client.user(user).await, Err(Error::NotFound)));

    let again = app.client.erase_user(user).await.unwrap();
    assert!(!again.found && again.erased.is_empty());
}

async fn the_last_owner_cannot_be_erased(db: TestDb) {
    let app = TestApp::start(db).await;
    let (one, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let owner = UserPatch {
        role: Some(Role::Owner),
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    app.client.update_user(one, &owner).await.unwrap();
    let refused = |outcome: &Result<_, Error>| {
        matches!(
            outcome,
            Err(Error::Conflict {
                kind: ConflictKind::LastOwner,
                ..
            })
        )
    };
    let outcome = app.client.erase_user(one).await;
    assert!(refused(&outcome), "{outcome:?}");
    assert_eq!(
        app.client.user(one).await.unwrap().state,
        UserState::Active,
        "nothing was done"
    );
    app.client.update_user(other, &owner).await.unwrap();
    // Of two at once, one stays.
    let replica = app.replica().await;
    let (first, second) = tokio::join!(app.client.erase_user(one), replica.erase_user(other));
    assert_eq!(
        [refused(&first), refused(&second)]
            .iter()
            .filter(|is| **is)
            .count(),
        1,
        "{first:?} {second:?}"
    );
}

async fn what_comes_for_an_erased_user_is_not_found(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    app.client.erase_user(user).await.unwrap();
    let said = turn("e:1", &[(MessageRole::User, "hello")]);
    assert!(matches!(
        app.client.create_turn(user, &said).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.deliveries(user, &EventId::new("e:1:0")).await,
        Err(Error::NotFound)
    ));
}

async fn an_account_is_taken_from_its_user(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let account = NewIdentity {
        channel: Channel::Telegram,
        external_id: "7".to_owned(),
        display_name: String::new(),
    };
    let linked = app.client.link_identity(user, &account).await.unwrap();
    assert!(matches!(
        app.client.unlink_identity(other, linked.id).await,
        Err(Error::NotFound)
    ));
    app.client.unlink_identity(user, linked.id).await.unwrap();
    let again = app.client.link_identity(other, &account).await.unwrap();
    assert_eq!(again.user_id, other);
}
