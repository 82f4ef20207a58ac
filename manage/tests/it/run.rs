//! `manage run`: one process, one data folder, nothing else.

use std::{os::unix::fs::PermissionsExt, path::Path};

use crate::process::Place;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn every_service_is_ready_using_only_the_data_folder() {
    let place = Place::new();
    let running = place.run();
    place.client(&running).ready().await.unwrap();

    let ready = service_kit::http::client(std::time::Duration::from_secs(5))
        .unwrap()
        .get(format!("{}health/ready", running.rest_url))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 200);
    let report: serde_json::Value = ready.json().await.unwrap();
    let names: Vec<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    for service in [
        "rest_service",
        "assistant",
        "cron_service",
        "calendar_service",
        "bus",
    ] {
        assert!(names.contains(&service), "{names:?}");
    }
    let made: Vec<_> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(made, ["data"]);
}

#[test]
fn the_data_folder_and_its_secrets_are_the_owners_alone() {
    let place = Place::new();
    let running = place.run();
    assert_eq!(mode(&place.data()), 0o700);
    assert_eq!(mode(&place.data().join("secrets.env")), 0o600);
    let said = running.said.join("\n");
    assert!(said.contains("made") && said.contains("secrets.env"), "{said}");
    let secrets = std::fs::read_to_string(place.data().join("secrets.env")).unwrap();
    for line in secrets.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.split_once('=').unwrap();
        assert!(value.len() >= 12 && !said.contains(value));
    }
}

#[test]
fn secrets_stay_the_same_and_are_closed_again_at_the_next_start() {
    let place = Place::new();
    assert_eq!(place.run().stop(), Some(0));
    let path = place.data().join("secrets.env");
    let before = std::fs::read(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let running = place.run();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(mode(&path), 0o600);
    assert!(
        running
            .said
            .iter()
            .any(|line| line.contains("made readable for you alone"))
    );
}

#[test]
fn a_second_run_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let place = Place::new();
    let first = place.run();
    let second = place.output(&["run"]);
    assert_eq!(second.status.code(), Some(1));
    let text = String::from_utf8(second.stderr).unwrap();
    let pid = first.child.id();
    assert!(
        text.contains(&format!(
            "another `manage run` (process {pid}) is using the data folder"
        )),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(first.stop(), Some(0));
}

#[test]
fn sigterm_ends_it_cleanly() {
    let place = Place::new();
    assert_eq!(place.run().stop(), Some(0));
    assert_eq!(place.run().stop(), Some(0));
}

#[test]
fn nobody_else_can_read_any_file_of_the_data_folder() {
    let place = Place::new();
    let running = place.run();
    for entry in std::fs::read_dir(place.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_secret_may_come_from_a_file() {
    let place = Place::new();
    let path = place.path().join("service_key");
    std::fs::write(&path, "a-service-key-from-a-file\n").unwrap();
    let place = place.with("SERVICE_KEY_FILE", path.display().to_string());
    let running = place.run();
    let list = |place: &Place| {
        place
            .manage(&["key", "list"])
            .env("REST_URL", &running.rest_url)
            .output()
            .unwrap()
    };
    assert!(list(&place).status.success());
    std::fs::write(&path, "another-service-key\n").unwrap();
    assert!(!list(&place).status.success(), "the file is what counts");
    std::fs::remove_file(&path).unwrap();
    let complaint = String::from_utf8(list(&place).stderr).unwrap();
    assert!(complaint.contains("which SERVICE_KEY_FILE names"), "{complaint}");
}
