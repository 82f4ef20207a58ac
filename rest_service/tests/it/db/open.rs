//! A wrong `DATABASE_URL` is one clear line that says what to do.

use std::{fs, path::Path};

use rest_service::Db;
use test_support::{free_port, postgres::TestSchema, sqlite::TestFile};

async fn refusal(url: &str) -> String {
    let error = Db::open(url, 2).await.err().expect("the URL is refused");
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test]
async fn another_scheme() {
    for url in ["mysql://localhost/x", "data.sqlite", "", "postgres"] {
        let line = refusal(url).await;
        assert!(line.contains("DATABASE_URL"), "{url:?}: {line}");
    }
    assert_eq!(
        refusal("mysql://root:secret@localhost/x").await,
        "DATABASE_URL is not the URL of a database; set it to sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE"
    );
}

#[tokio::test]
async fn a_url_that_cannot_be_read() {
    for url in [
        "postgres://localhost:99999/x",
        "postgres://localhost/x?connect_timeout=soon",
        "postgres:///x",
        "postgres://localhost/x?sslmode=maybe",
    ] {
        let line = refusal(url).await;
        assert!(line.starts_with("DATABASE_URL cannot be read"), "{url:?}: {line}");
    }
}

#[tokio::test]
async fn a_host_that_is_down() {
    let port = free_port();
    let line = refusal(&format!("postgres://me:hunter2@127.0.0.1:{port}/x")).await;
    assert!(
        line.starts_with(&format!("cannot connect to PostgreSQL at 127.0.0.1:{port}")),
        "{line}"
    );
    assert!(line.ends_with("; start it, or correct DATABASE_URL"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[tokio::test]
async fn a_database_or_user_that_is_missing() {
    let schema = TestSchema::create().await;
    let line = refusal(&schema.url().replace("/postgres?", "/missing?")).await;
    assert!(line.contains("has no database \"missing\""), "{line}");
    let line = refusal(&schema.url().replace("postgres@", "nobody:hunter2@")).await;
    assert!(line.contains("refuses the user or the password"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[tokio::test]
async fn a_server_without_tls_where_tls_is_required() {
    let schema = TestSchema::create().await;
    for mode in ["require", "verify-full"] {
        let line = refusal(
            &schema
                .url()
                .replace("sslmode=disable", &format!("sslmode={mode}")),
        )
        .await;
        assert!(line.starts_with("cannot connect to PostgreSQL"), "{line}");
    }
    let preferred = schema.url().replace("sslmode=disable", "sslmode=prefer");
    Db::open(&preferred, 1).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn an_sqlite_file_that_cannot_be_used() {
    let folder = TestFile::create();
    let at = |name: &str| format!("sqlite:{}", folder.path().join(name).display());

    let line = refusal(&at("missing/db.sqlite")).await;
    assert!(line.starts_with("there is no folder"), "{line}");
    let line = refusal(&format!("sqlite:{}", folder.path().display())).await;
    assert!(line.starts_with("cannot open the database file"), "{line}");
    fs::write(
        folder.path().join("notes.txt"),
        "not a database, but long enough to be read as one",
    )
    .unwrap();
    let line = refusal(&at("notes.txt")).await;
    assert!(line.contains("as an SQLite database"), "{line}");
    for url in ["sqlite:", "sqlite::memory:", "sqlite://"] {
        assert!(
            refusal(url).await.starts_with("DATABASE_URL names no file"),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_new_sqlite_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TestFile::create();
    let url = folder.url("new");
    let db = Db::open(&url, 1).await.unwrap();
    db.check().await.unwrap();
    let path = Path::new(url.strip_prefix("sqlite:").unwrap());
    for file in [path.to_owned(), path.with_extension("sqlite-wal")] {
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file:?}"
        );
    }
}
