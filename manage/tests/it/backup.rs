//! `manage backup` and `manage restore`: one encrypted file, taken while everything runs, put back on either database.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Output,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use age::{Decryptor, Identity, scrypt};
use rest_client::{Client, NewUser};
use rest_service::Db;
use serde_json::{Value, json};
use test_support::{postgres::TestSchema, wait_until};

use crate::{process::Place, terminal::Terminal};

const PASSPHRASE: &str = "correct horse battery";

fn place() -> Place {
    Place::new().with("BACKUP_PASSPHRASE", PASSPHRASE)
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// The one line on standard error of a command that could not be done.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(output.stdout.is_empty(), "{output:?}");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_moves_to_a_server_from_sqlite_to_postgres() {
    let schema = TestSchema::create().await;
    let to = place().with("DATABASE_URL", schema.url());
    moves(&place(), &to, schema.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_moves_back_from_postgres_to_sqlite() {
    let schema = TestSchema::create().await;
    let from = place().with("DATABASE_URL", schema.url());
    let to = place();
    let url = format!("sqlite:{}", to.data().join("smart_assistant.db").display());
    moves(&from, &to, &url).await;
}

/// Backs `from` up while it runs and is written to, restores into the empty `to`, whose database is at `url`, and
/// compares all rows and all settings.
async fn moves(from: &Place, to: &Place, url: &str) {
    let settings = "RUST_LOG=warn\nOPENAI_MODEL='a model' # mine\n";
    fs::write(from.path().join(".env"), settings).unwrap();
    let running = from.run();
    let client = from.client(&running);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (client, stop, done) = (client.clone(), Arc::clone(&stop), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let user = client.create_user(&user(&format!("Zoë {writer} {n} \"\\"))).await;
                    done.lock().unwrap().push(user.unwrap().id);
                }
            })
        })
        .collect();
    wait_until("some writes", Duration::from_secs(30), async || {
        acknowledged.lock().unwrap().len() > 100
    })
    .await;
    let before = acknowledged.lock().unwrap().clone();
    let file = from.path().join("copy.backup");
    let text = said(&from.output(&["backup", "copy.backup"]));
    assert!(
        acknowledged.lock().unwrap().len() > before.len(),
        "it was written to meanwhile"
    );
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(running.stop(), Some(0));
    assert!(
        text.contains("copy.backup: ") && text.contains(".env and secrets.env"),
        "{text}"
    );
    assert_eq!(mode(&file), 0o600);
    let leftovers = fs::read_dir(from.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert_eq!(
        leftovers
            .filter(|name| name.to_string_lossy().ends_with(".part"))
            .count(),
        0
    );

    let text = said(&to.output(&["restore", file.to_str().unwrap()]));
    assert!(text.contains("rows restored"), "{text}");
    let rows = rows_of(&decrypted(&file));
    let ids: Vec<_> = rows["users"].iter().map(ToString::to_string).collect();
    for id in &before {
        let id = id.simple().to_string();
        assert!(ids.iter().any(|row| row.contains(&id)), "{id} is missing");
    }
    assert_eq!(rows_of(&copy_of(url).await), rows);
    for (settings, place) in [(".env", Path::new("")), ("secrets.env", Path::new("data"))] {
        let [was, is] = [from, to].map(|side| side.path().join(place).join(settings));
        assert_eq!(fs::read(&is).unwrap(), fs::read(was).unwrap());
        assert_eq!(mode(&is), 0o600);
    }

    // It serves there, with the same keys.
    let running = to.run();
    let client: Client = to.client(&running);
    assert_eq!(client.user(before[0]).await.unwrap().id, before[0]);
    assert_eq!(running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_short_or_changed_or_not_ours_changes_nothing() {
    let (from, to) = (filled(40).await, filled(3).await);
    said(&from.output(&["backup", "copy.backup"]));
    let whole = fs::read(from.path().join("copy.backup")).unwrap();
    let url = format!("sqlite:{}", to.data().join("smart_assistant.db").display());
    let before = (
        copy_of(&url).await,
        fs::read(to.data().join("secrets.env")).unwrap(),
    );
    let flipped = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    };
    let last = whole.len() - 1;
    let bad = [
        ("empty", Vec::new()),
        ("a text", b"hello\n".to_vec()),
        ("the header alone", whole[..150].to_vec()),
        ("half", whole[..whole.len() / 2].to_vec()),
        ("all but a byte", whole[..last].to_vec()),
        ("a changed header", flipped(100)),
        ("a changed middle", flipped(whole.len() / 2)),
        ("a changed end", flipped(last)),
        ("one byte more", [whole.as_slice(), b"x"].concat()),
    ];
    for (what, bytes) in bad {
        let file = to.path().join("bad.backup");
        fs::write(&file, bytes).unwrap();
        let text = complaint(&to.output(&["restore", "bad.backup", "--force"]));
        assert!(
            text.contains("nothing was restored") || text.contains("is not a backup"),
            "{what}: {text}"
        );
        assert_eq!(copy_of(&url).await, before.0, "{what}");
    }
    let mut wrong = to.manage(&["restore", "--force"]);
    let wrong = wrong
        .arg(from.path().join("copy.backup"))
        .env("BACKUP_PASSPHRASE", "wrong horse battery");
    let text = complaint(&wrong.output().unwrap());
    assert!(text.contains("passphrase is wrong"), "{text}");
    assert_eq!(copy_of(&url).await, before.0);
    assert_eq!(fs::read(to.data().join("secrets.env")).unwrap(), before.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn into_a_database_with_users_only_by_force_and_never_into_one_in_use() {
    let (from, to) = (filled(5).await, filled(3).await);
    said(&from.output(&["backup", "copy.backup"]));
    let file = from.path().join("copy.backup");
    let file = file.to_str().unwrap();
    let url = format!("sqlite:{}", to.data().join("smart_assistant.db").display());
    let before = copy_of(&url).await;
    let keys = fs::read(to.data().join("secrets.env")).unwrap();
    let text = complaint(&to.output(&["restore", file]));
    assert!(
        text.contains("--force") && text.contains("nothing was changed"),
        "{text}"
    );
    assert_eq!(copy_of(&url).await, before);

    let running = to.run();
    let text = complaint(&to.output(&["restore", file, "--force"]));
    assert!(text.contains("is using the data folder"), "{text}");
    assert_eq!(running.stop(), Some(0));
    assert_eq!(rows_of(&copy_of(&url).await)["users"], rows_of(&before)["users"]);

    let text = said(&to.output(&["restore", file, "--force"]));
    assert!(text.contains("secrets.env.restored"), "{text}");
    let rows = rows_of(&decrypted(Path::new(file)));
    assert_eq!(rows_of(&copy_of(&url).await), rows);
    // Its own keys stay; the backup's are beside them.
    assert_eq!(fs::read(to.data().join("secrets.env")).unwrap(), keys);
    let beside = to.data().join("secrets.env.restored");
    assert_eq!(
        fs::read(&beside).unwrap(),
        fs::read(from.data().join("secrets.env")).unwrap()
    );
    assert_eq!(mode(&beside), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_between_nothing_is_half_done() {
    let (from, to) = (filled(5).await, place());
    // Nobody else's password is in the way of a name that is taken.
    let mut killed = from.manage(&["backup", "copy.backup"]).spawn().unwrap();
    let draft = from.path().join("copy.backup.part");
    wait_until("a draft", Duration::from_secs(30), async || draft.exists()).await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!from.path().join("copy.backup").exists());
    assert_eq!(mode(&draft), 0o600);
    said(&from.output(&["backup", "copy.backup"]));
    let text = complaint(&from.output(&["backup", "copy.backup"]));
    assert!(text.contains("is there already"), "{text}");

    let file = from.path().join("copy.backup");
    let file = file.to_str().unwrap();
    let mut killed = to.manage(&["restore", file]).spawn().unwrap();
    let database = to.data().join("smart_assistant.db");
    wait_until("a database", Duration::from_secs(30), async || database.exists()).await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    said(&to.output(&["restore", file, "--force"]));
    let url = format!("sqlite:{}", database.display());
    assert_eq!(
        rows_of(&copy_of(&url).await),
        rows_of(&decrypted(Path::new(file)))
    );
    assert_eq!(
        fs::read(to.data().join("secrets.env")).unwrap(),
        fs::read(from.data().join("secrets.env")).unwrap()
    );
}

#[test]
fn what_a_passphrase_must_be_is_said() {
    let without = Place::new();
    assert_eq!(without.run().stop(), Some(0));
    let text = complaint(&without.output(&["backup", "a.backup"]));
    assert!(text.contains("BACKUP_PASSPHRASE"), "{text}");
    let short = without
        .manage(&["backup", "a.backup"])
        .env("BACKUP_PASSPHRASE", "short")
        .output();
    assert!(complaint(&short.unwrap()).contains("at least 12 characters"));
    fs::write(without.path().join("key"), format!("{PASSPHRASE}\nand more\n")).unwrap();
    said(&without.output(&["backup", "a.backup", "--passphrase-file", "key"]));
    assert!(!rows_of(&decrypted(&without.path().join("a.backup")))["assistants"].is_empty());
    let nothing = place();
    let text = complaint(&nothing.output(&["backup"]));
    assert!(text.contains("set DATA_DIR"), "{text}");
}

/// A data folder that has run, with so many users.
async fn filled(users: usize) -> Place {
    let place = place();
    let running = place.run();
    let client = place.client(&running);
    for n in 0..users {
        client.create_user(&user(&format!("user {n}"))).await.unwrap();
    }
    assert_eq!(running.stop(), Some(0));
    place
}

fn user(name: &str) -> NewUser {
    serde_json::from_value(json!({ "name": name })).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What is in the file behind the line with the settings.
fn decrypted(file: &Path) -> Vec<u8> {
    let file = BufReader::new(File::open(file).unwrap());
    let identity = scrypt::Identity::new(PASSPHRASE.into());
    let reader = Decryptor::new_buffered(file)
        .unwrap()
        .decrypt(std::iter::once(&identity as &dyn Identity))
        .unwrap();
    let lines = BufReader::new(reader).lines().skip(1).map(Result::unwrap);
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

/// What the database at `url` has, as a backup holds it.
async fn copy_of(url: &str) -> Vec<u8> {
    let database = Db::open(url, 2).await.unwrap();
    let mut copy = Vec::new();
    database.back_up(&mut copy, &mut |_, _| ()).await.unwrap();
    copy
}

/// The rows by table, in one order whatever the database; JSON in them as values, whose texts may differ.
fn rows_of(copy: &[u8]) -> BTreeMap<String, Vec<Value>> {
    let mut tables = BTreeMap::<String, Vec<Value>>::new();
    let (mut table, mut columns) = (String::new(), Vec::new());
    for line in std::str::from_utf8(copy).unwrap().lines() {
        match serde_json::from_str(line).unwrap() {
            Value::Array(mut row) => {
                for (value, is_document) in row.iter_mut().zip(&columns) {
                    if let (Value::String(text), true) = (&*value, *is_document) {
                        *value = serde_json::from_str(text).unwrap();
                    }
                }
                tables.get_mut(&table).unwrap().push(Value::Array(row));
            }
            Value::Object(head) => {
                if let Some(name) = head.get("table") {
                    table = name.as_str().unwrap().to_owned();
                    let described = head["columns"].as_array().unwrap();
                    columns = described.iter().map(|column| column[1] == "document").collect();
                    tables.insert(table.clone(), Vec::new());
                }
            }
            other => panic!("{other}"),
        }
    }
    tables
        .values_mut()
        .for_each(|rows| rows.sort_by_key(ToString::to_string));
    tables
}

#[test]
fn on_a_terminal_the_passphrase_is_typed_twice_and_not_shown() {
    let place = Place::new();
    place.run().kill();
    let backup = ["backup", "it.backup"];
    let mut terminal = Terminal::start(&place.manage(&backup));
    terminal.expect("Passphrase for the backup: ");
    terminal.types_unseen(PASSPHRASE);
    terminal.expect("Once more: ");
    terminal.types_unseen("correct horse buttery");
    terminal.expect("the two differ; nothing was written");
    assert_eq!(terminal.exit_code(), Some(1));
    assert!(!place.path().join("it.backup").exists());

    let mut terminal = Terminal::start(&place.manage(&backup));
    terminal.expect("Passphrase for the backup: ");
    terminal.types_unseen(PASSPHRASE);
    terminal.expect("Once more: ");
    terminal.types_unseen(PASSPHRASE);
    terminal.expect("it.backup: ");
    assert_eq!(terminal.exit_code(), Some(0), "{}", terminal.shown);
    assert!(!terminal.shown.contains(PASSPHRASE), "{}", terminal.shown);
    let restore = ["restore", "it.backup", "--data-dir", "other"];
    let mut terminal = Terminal::start(&place.manage(&restore));
    terminal.expect("Passphrase of the backup: ");
    terminal.types_unseen(PASSPHRASE);
    terminal.expect("rows restored.");
    assert_eq!(terminal.exit_code(), Some(0), "{}", terminal.shown);
}
