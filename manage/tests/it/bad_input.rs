//! What goes wrong is one clear line that says what to do, and exit code 1.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::{Command, Output},
};

use test_support::postgres::TestSchema;

use crate::process::Place;

/// The one line on standard error, after checking that it is one and that the exit code is 1.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("error: "), "{text}");
    assert!(
        !text.contains("panicked") && !text.contains("backtrace"),
        "{text}"
    );
    text
}

fn refused(place: &Place) -> String {
    complaint(&place.output(&["run"]))
}

#[test]
fn an_unreadable_dotenv() {
    let place = Place::new();
    std::fs::create_dir(place.path().join(".env")).unwrap();
    assert!(refused(&place).contains("make .env a readable text file, or remove it"));
}

#[test]
fn a_dotenv_with_a_broken_line_is_named_by_its_number() {
    let place = Place::new();
    std::fs::write(
        place.path().join(".env"),
        "RUST_LOG=info\nOPENAI API KEY sk-secret\n",
    )
    .unwrap();
    let text = refused(&place);
    assert!(
        text.contains(".env at line 2") && !text.contains("sk-secret"),
        "{text}"
    );
}

#[test]
fn a_setting_from_dotenv_that_cannot_be_is_named() {
    let place = Place::new();
    std::fs::write(place.path().join(".env"), "CRON_POLL_MS=often\n").unwrap();
    assert!(refused(&place).contains("CRON_POLL_MS cannot be \"often\""));
}

#[test]
fn a_database_url_of_another_kind() {
    let text = refused(&Place::new().with("DATABASE_URL", "mysql://root:hunter2@localhost/x"));
    assert!(
        text.contains("DATABASE_URL") && text.contains("postgres://"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_database_that_does_not_answer() {
    let port = test_support::free_port();
    let url = format!("postgres://ann:hunter2@127.0.0.1:{port}/x?sslmode=disable");
    let text = refused(&Place::new().with("DATABASE_URL", url));
    assert!(
        text.contains("DATABASE_URL") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn a_database_that_does_not_exist() {
    let url = test_support::postgres::shared_url().await;
    let mut url: url::Url = url.parse().unwrap();
    url.set_path("/nobody_made_this");
    let text = refused(&Place::new().with("DATABASE_URL", url.as_str()));
    assert!(text.contains("has no database \"nobody_made_this\""), "{text}");
}

#[test]
fn a_database_file_that_cannot_be_opened() {
    let text = refused(&Place::new().with("DATABASE_URL", "sqlite:/proc/none/x.db"));
    assert!(
        text.contains("no folder /proc/none") && text.contains("DATABASE_URL"),
        "{text}"
    );
}

#[test]
fn a_bus_url_of_another_kind() {
    let text = refused(&Place::new().with("BUS_URL", "amqp://guest:hunter2@localhost"));
    assert!(
        text.contains("BUS_URL") && text.contains("redis://") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_busy_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = refused(&Place::new().with("REST_LISTEN", &address));
    assert!(
        text.contains(&format!("cannot listen on {address}")) && text.contains("set REST_LISTEN"),
        "{text}"
    );
}

#[test]
fn a_read_only_data_folder() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    std::fs::set_permissions(place.data(), std::fs::Permissions::from_mode(0o555)).unwrap();
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let text = complaint(&unprivileged(place.manage(&["run"])));
    assert!(
        text.contains("cannot use the data folder") && text.contains("set DATA_DIR"),
        "{text}"
    );
}

/// Permissions do not bind root, so as root the command runs as nobody.
fn unprivileged(mut command: Command) -> Output {
    if !test_support::binaries::is_root() {
        return command.output().unwrap();
    }
    // Nobody may not look into the folder of the tests' binaries, so a copy stands where it may.
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("manage");
    std::fs::copy(command.get_program(), &copy).unwrap();
    let mut wrapped = Command::new("setpriv");
    wrapped
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(copy)
        .args(command.get_args());
    wrapped
        .current_dir(command.get_current_dir().unwrap())
        .env_clear();
    wrapped.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    wrapped.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version() {
    let schema = TestSchema::create().await;
    let place = Place::new().with("DATABASE_URL", schema.url());
    assert_eq!(place.run().stop(), Some(0));
    let (client, connection) = tokio_postgres::connect(schema.url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
    client.batch_execute(newer).await.unwrap();
    let text = refused(&place);
    assert!(text.contains("newer version"), "{text}");
}

#[test]
fn a_damaged_secrets_file() {
    let place = Place::new();
    assert_eq!(place.run().stop(), Some(0));
    std::fs::write(place.data().join("secrets.env"), "SERVICE_KEY=\n").unwrap();
    let text = refused(&place);
    assert!(text.contains("secrets.env") && text.contains("restore"), "{text}");
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let place = Place::new();
    assert_eq!(place.output(&["fly"]).status.code(), Some(2));
    assert_eq!(place.output(&["run", "--frobnicate"]).status.code(), Some(2));
    assert_eq!(place.output(&["--help"]).status.code(), Some(0));
}
