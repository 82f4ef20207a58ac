//! `manage migrate`, `upgrade` and `downgrade`, as an operator and a developer type them.

use std::fs;

use test_support::postgres::TestSchema;

use crate::process::Place;

fn said(place: &Place, args: &[&str]) -> String {
    let output = place.output(args);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Up, down, up again; each step says what it did.
fn up_and_down(place: &Place) {
    assert!(said(place, &["upgrade"]).contains("applied"));
    assert!(said(place, &["upgrade"]).contains("up to date"));
    let reverted = said(place, &["downgrade", "--yes"]);
    let name = reverted
        .trim()
        .strip_prefix("reverted")
        .unwrap()
        .trim()
        .to_owned();
    assert!(said(place, &["upgrade"]).contains(&name), "{name}");
    // The schema that came back is one that the product runs on.
    assert_eq!(place.run().stop(), Some(0));
}

#[test]
fn up_down_up_on_sqlite() {
    up_and_down(&Place::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn up_down_up_on_postgres() {
    let schema = TestSchema::create().await;
    up_and_down(&Place::new().with("DATABASE_URL", schema.url()));
}

#[test]
fn all_the_way_down_and_up_again_on_sqlite() {
    let place = Place::new();
    said(&place, &["upgrade"]);
    let mut steps = 0;
    while !said(&place, &["downgrade", "--yes"]).contains("nothing to revert") {
        steps += 1;
    }
    assert!(steps >= 1);
    assert_eq!(
        said(&place, &["upgrade"])
            .lines()
            .filter(|line| line.contains("applied"))
            .count(),
        steps
    );
}

#[test]
fn a_downgrade_without_a_word_is_not_done_unasked() {
    let place = Place::new();
    said(&place, &["upgrade"]);
    let output = place.output(&["downgrade"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--yes"));
    assert!(said(&place, &["upgrade"]).contains("up to date"));
}

#[test]
fn a_database_in_use_is_not_migrated_under_the_process() {
    let place = Place::new();
    let running = place.run();
    let output = place.output(&["downgrade", "--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("is using the data folder")
    );
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_new_migration_is_made_for_both_databases() {
    let place = Place::new();
    for dialect in ["postgres", "sqlite"] {
        fs::create_dir_all(place.path().join("rest_service/migrations").join(dialect)).unwrap();
    }
    fs::write(place.path().join("Cargo.toml"), "").unwrap();
    said(&place, &["migrate", "Add usage per user!"]);
    let mut names = Vec::new();
    for dialect in ["postgres", "sqlite"] {
        let folder = place.path().join("rest_service/migrations").join(dialect);
        let made: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(made.len(), 1);
        for file in ["up.sql", "down.sql"] {
            assert!(
                fs::read_to_string(made[0].join(file))
                    .unwrap()
                    .contains("Add usage per user!")
            );
        }
        names.push(made[0].file_name().unwrap().to_owned());
    }
    assert_eq!(names[0], names[1]);
    assert!(names[0].to_str().unwrap().ends_with("_add_usage_per_user"));
}

#[test]
fn a_migration_is_refused_outside_of_the_source_and_without_a_name() {
    let place = Place::new();
    let outside = place.output(&["migrate", "x"]);
    assert_eq!(outside.status.code(), Some(1));
    assert!(
        String::from_utf8(outside.stderr)
            .unwrap()
            .contains("inside a clone of the project")
    );
    assert_eq!(place.output(&["migrate", "…"]).status.code(), Some(1));
}
