//! Copies of the database: whole, taken while it serves, and the same on the other kind of database.

use std::{
    collections::BTreeMap,
    io::BufReader,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use messages::EventId;
use rest_client::{MessageRole, UserListQuery};
use rest_service::{BackupError, Db};
use schedule::Schedule;
use serde_json::{Value, json};

use crate::support::{TestApp, TestDb, at, on_both, reminder, turn};

on_both!(
    every_row_is_the_same_on_the_other_database,
    a_copy_taken_under_load_restores,
    a_database_with_users_is_left_alone,
    a_file_that_is_cut_short_or_changed_changes_nothing
);

async fn every_row_is_the_same_on_the_other_database(db: TestDb) {
    let app = TestApp::start(db).await;
    fill(&app).await;
    let from = app.db.open().await;
    let copy = copy_of(&from).await;
    for other in [TestDb::sqlite(), TestDb::postgres().await] {
        let to = other.open().await;
        let rows = restore(&to, &copy, false).await.unwrap();
        assert!(rows > 20, "{rows} rows");
        assert_eq!(rows_of(&copy_of(&to).await), rows_of(&copy));
        // It serves, and numbers what comes next behind what was restored.
        let app = TestApp::start(other).await;
        let next = app.user("next").await;
        let said = turn("e:next", &[(MessageRole::User, "hello")]);
        app.client.create_turn(next.id, &said).await.unwrap();
        let names = app.client.users(&UserListQuery::default()).await.unwrap();
        assert!(names.items.iter().any(|user| user.name == "Zoë \"😀\"\n\\"));
    }
}

async fn a_copy_taken_under_load_restores(db: TestDb) {
    let app = TestApp::start(db).await;
    let stop = Arc::new(AtomicBool::new(false));
    let stored = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (client, stop, stored) = (app.client.clone(), stop.clone(), stored.clone());
            let user = format!("writer {writer}");
            let new = rest_client::NewUser {
                name: user,
                locale: None,
                time_zone: None,
                role: None,
                state: None,
            };
            tokio::spawn(async move {
                let user = client.create_user(&new).await.unwrap();
                let mut turns = 0;
                while !stop.load(Ordering::Relaxed) {
                    let mut said = turn("", &[(MessageRole::User, "a"), (MessageRole::Assistant, "b")]);
                    said.event_id = EventId::new(format!("e:{writer}:{turns}"));
                    client.create_turn(user.id, &said).await.unwrap();
                    turns += 1;
                    stored.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let from = app.db.open().await;
    let mut copies = Vec::new();
    // Each copy begins and ends while turns are being stored.
    while copies.len() < 5 {
        let before = stored.load(Ordering::Relaxed);
        let copy = copy_of(&from).await;
        if stored.load(Ordering::Relaxed) > before {
            copies.push(copy);
        }
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let other = TestDb::sqlite();
    let to = other.open().await;
    for copy in &copies {
        // References hold in a restore, so no row of the copy lacks what it refers to.
        restore(&to, copy, true).await.unwrap();
        let rows = rows_of(copy);
        assert_eq!(
            rows["messages"].len(),
            2 * rows["turns"].len(),
            "whole turns only"
        );
        assert_eq!(rows_of(&copy_of(&to).await), rows);
    }
}

async fn a_database_with_users_is_left_alone(db: TestDb) {
    let app = TestApp::start(db).await;
    fill(&app).await;
    let db = app.db.open().await;
    let copy = copy_of(&db).await;
    app.user("another").await;
    let refused = restore(&db, &copy, false).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty(_))), "{refused:?}");
    restore(&db, &copy, true).await.unwrap();
    assert_eq!(rows_of(&copy_of(&db).await), rows_of(&copy));
}

async fn a_file_that_is_cut_short_or_changed_changes_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    fill(&app).await;
    let db = app.db.open().await;
    let copy = String::from_utf8(copy_of(&db).await).unwrap();
    let lines: Vec<_> = copy.lines().collect();
    let mut bad = vec![String::new(), "hello\n".to_owned()];
    for cut in [1, lines.len() / 2, lines.len() - 1] {
        bad.push(lines[..cut].join("\n"));
    }
    bad.push(copy.replacen("\"end\":\"users\",\"rows\":", "\"end\":\"users\",\"rows\":1", 1));
    bad.push(copy.replacen(
        "[\"name\",\"text\"]",
        "[\"name\\\"; DROP TABLE users; --\",\"text\"]",
        1,
    ));
    bad.push(format!("{copy}\n[1]\n"));
    for bad in bad {
        assert_ne!(bad, copy);
        let refused = restore(&db, bad.as_bytes(), true).await;
        assert!(matches!(refused, Err(BackupError::Damaged(_))), "{refused:?}");
        assert_eq!(rows_of(&copy_of(&db).await), rows_of(copy.as_bytes()));
    }
    let newer = copy.replacen("\"schema\":[", "\"schema\":[\"2099-01-01-000000_to_come\",", 1);
    let refused = restore(&db, newer.as_bytes(), true).await;
    assert!(matches!(refused, Err(BackupError::Newer(_))), "{refused:?}");
}

/// Something in every table that the API fills.
async fn fill(app: &TestApp) {
    let user = app.user("Zoë \"😀\"\n\\").await.id;
    let mut said = turn(
        "e:1",
        &[(MessageRole::User, "secret\ttext"), (MessageRole::Assistant, "")],
    );
    said.messages[1].tool_calls = Some(json!([{ "n": 1.5, "deep": { "null": null, "ü": [true, -3] } }]));
    app.client.create_turn(user, &said).await.unwrap();
    let once = Schedule::Once {
        at: at("2027-01-01T00:00:00.000001Z"),
    };
    app.client
        .create_task(user, &reminder("new year", once))
        .await
        .unwrap();
    // More rows than one statement takes.
    for n in 0..3 {
        let many: Vec<_> = (0..200).map(|_| (MessageRole::User, "x")).collect();
        app.client
            .create_turn(user, &turn(&format!("e:many:{n}"), &many))
            .await
            .unwrap();
    }
}

async fn copy_of(db: &Db) -> Vec<u8> {
    let mut copy = Vec::new();
    db.back_up(&mut copy, &mut |_, _| ()).await.unwrap();
    copy
}

async fn restore(db: &Db, copy: &[u8], replace: bool) -> Result<u64, BackupError> {
    db.restore(&mut BufReader::new(copy), replace, &mut |_| ()).await
}

/// The rows by table, in one order whatever the database; JSON in them as values, whose texts may differ.
fn rows_of(copy: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    let (mut table, mut columns) = (String::new(), Vec::new());
    for line in std::str::from_utf8(copy).unwrap().lines() {
        match serde_json::from_str(line).unwrap() {
            Value::Array(mut row) => {
                for (value, kind) in row.iter_mut().zip(&columns) {
                    if let (Value::String(text), "document") = (&*value, *kind) {
                        *value = serde_json::from_str(text).unwrap();
                    }
                }
                tables.get_mut(&table).unwrap().push(json!(row).to_string());
            }
            Value::Object(head) => {
                if let Some(name) = head.get("table") {
                    table = name.as_str().unwrap().to_owned();
                    columns = head["columns"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|column| kind_of(column[1].as_str().unwrap()))
                        .collect();
                    tables.insert(table.clone(), Vec::new());
                }
            }
            other => panic!("{other}"),
        }
    }
    tables.values_mut().for_each(|rows| rows.sort());
    tables
}

fn kind_of(kind: &str) -> &'static str {
    if kind == "document" { "document" } else { "another" }
}
