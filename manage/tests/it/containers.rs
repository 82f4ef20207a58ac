//! Where the data is with containers, commands on the stores go there. A script stands in for Docker and notes what it is
//! asked; docs/developing.md says how to try it on a real engine.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Output};

use crate::process::Place;

/// Answers as Docker with one PostgreSQL container, and the services' containers in state `$STATE`; notes each call's
/// arguments, a line each, and ends `run` with 7.
const DOCKER: &str = r#"#!/bin/sh
case "$*" in
  "compose version"*) echo 2.40.0 ;;
  "version"*) echo 28.0.0 ;;
  "compose ps"*postgres) printf '%s' "$POSTGRES" ;;
  "compose ps"*) echo '{"Service":"rest_service","Name":"smart-assistant-rest_service-1","State":"'$STATE'"}' ;;
  *) printf '%s\n' "$@" >"$NOTES"; exit 7 ;;
esac
"#;

const POSTGRES: &str = r#"{"Service":"postgres","Name":"smart-assistant-postgres-1","State":"exited"}"#;

/// A folder with an installation in containers, of which Docker says `postgres`.
struct Installation {
    place: Place,
    notes: PathBuf,
}

impl Installation {
    fn new(postgres: &str) -> Self {
        let place = Place::new();
        let (here, notes) = (place.path().to_owned(), place.path().join("notes"));
        fs::write(here.join("docker"), DOCKER).unwrap();
        fs::set_permissions(here.join("docker"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(here.join("docker-compose.yml"), "services: {}\n").unwrap();
        fs::write(here.join(".env"), "POSTGRES_PASSWORD=p\nSERVICE_KEY_FILE=key\n").unwrap();
        fs::write(here.join("key"), "0123456789abcdef").unwrap();
        let place = place
            .with("PATH", format!("{}:/usr/bin:/bin", here.display()))
            .with("NOTES", notes.to_str().unwrap())
            .with("POSTGRES", postgres)
            .with("STATE", "running");
        Self { place, notes }
    }

    /// What Docker was told to run, if it was.
    fn asked(&self) -> Option<Vec<String>> {
        let notes = fs::read_to_string(&self.notes).ok()?;
        Some(notes.lines().map(str::to_owned).collect())
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_command_on_the_stores_is_handed_on_whole_with_the_folders_it_needs() {
    let one = Installation::new(POSTGRES);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("a.backup");
    let file = file.to_str().unwrap();
    let output = one.place.output(&["backup", file, "--passphrase-file", "key"]);
    assert_eq!(output.status.code(), Some(7), "its exit code is ours: {output:?}");
    let asked = one.asked().unwrap();
    let here = one.place.path().canonicalize().unwrap();
    let here = here.to_str().unwrap();
    let at = |text: &str| asked.iter().position(|argument| argument == text);
    assert!(asked.starts_with(&["compose", "--progress", "quiet", "run", "--rm"].map(str::to_owned)));
    assert!(at("--no-TTY").is_some(), "nobody sits here: {asked:?}");
    assert_eq!(asked[at("--workdir").unwrap() + 1], here);
    let elsewhere = elsewhere.path().display();
    for volume in [format!("{here}:{here}"), format!("{elsewhere}:{elsewhere}")] {
        assert!(at(&volume).is_some(), "{volume}: {asked:?}");
    }
    assert!(
        at("SERVICE_KEY_FILE=").is_some(),
        "the container has the key itself, and not the file: {asked:?}"
    );
    assert!(asked.ends_with(&["manage", "backup", file, "--passphrase-file", "key"].map(str::to_owned)));
}

#[test]
fn nothing_is_handed_on_that_names_its_stores_or_where_no_container_was_made() {
    let one = Installation::new(POSTGRES);
    let data = one.place.data();
    let data = data.to_str().unwrap();
    for args in [
        ["queue", "--data-dir", data, "status"].as_slice(),
        &["queue", "status", "--bus-url", "sqlite:none/bus.db"],
        &["key", "list"],
    ] {
        let output = one.place.output(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
        assert_eq!(one.asked(), None, "{args:?}");
    }
    let none = Installation::new("");
    let output = none.place.output(&["queue", "status"]);
    assert!(error(&output).contains("data/bus.db"), "{output:?}");
    assert_eq!(none.asked(), None);
}

#[test]
fn a_restore_waits_for_the_services_to_be_stopped() {
    let one = Installation::new(POSTGRES);
    let output = one.place.output(&["restore", "a.backup"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error(&output).contains("`manage stop` first"), "{output:?}");
    assert_eq!(one.asked(), None);
    let one = Installation {
        place: one.place.with("STATE", "exited"),
        ..one
    };
    assert_eq!(one.place.output(&["restore", "a.backup"]).status.code(), Some(7));
}

#[test]
fn the_log_lines_of_no_turn_are_not_all_lines() {
    let output = Installation::new(POSTGRES).place.output(&["logs", "--turn", ""]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let one = Installation::new(POSTGRES);
    let output = one.place.output(&["backup", "none/a.backup"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error(&output).contains("there is no folder"), "{output:?}");
    assert_eq!(one.asked(), None);
}
