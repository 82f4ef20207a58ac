//! `manage key`, beside a running `manage run` and without one.

use std::process::Output;

use rest_client::{Client, Error, NewUser, UserListQuery};
use serde_json::Value;
use test_support::free_port;

use crate::process::{Place, Running};

/// `manage key` with the data folder of a running process.
fn key(place: &Place, running: &Running, args: &[&str]) -> Output {
    place
        .manage(&[&["key"], args].concat())
        .env("REST_URL", &running.rest_url)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[tokio::test]
async fn a_key_is_made_used_listed_and_revoked_while_the_service_runs() {
    let place = Place::new();
    let running = place.run();
    let made = key(
        &place,
        &running,
        &[
            "create",
            "--name",
            "laptop",
            "--role",
            "read-only",
            "--expires",
            "90d",
        ],
    );
    let token = said(&made);
    let token = token.trim_end();
    assert!(
        token.starts_with("sak_") && !token.contains(char::is_whitespace),
        "alone on stdout: {token}"
    );
    let aside = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(aside.contains("only time") && !aside.contains(token), "{aside}");

    let client = Client::new(running.rest_url.parse().unwrap(), token.into()).unwrap();
    client.users(&UserListQuery::default()).await.unwrap();
    let new = NewUser {
        name: "Ada".to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: None,
    };
    match client.create_user(&new).await {
        Err(Error::Forbidden { detail }) => assert!(detail.contains("users:write"), "{detail}"),
        other => panic!("{other:?}"),
    }

    let listed = said(&key(&place, &running, &["list"]));
    let prefix = &token[.."sak_".len() + 12];
    assert!(
        listed.contains(prefix) && listed.contains("laptop: read-only; until 20"),
        "{listed}"
    );
    assert!(!listed.contains(token));
    let json: Value = serde_json::from_str(&said(&key(&place, &running, &["list", "--json"]))).unwrap();
    assert_eq!(json[0]["prefix"], prefix);

    let revoked = said(&key(&place, &running, &["revoke", prefix]));
    assert!(
        revoked.contains("revoked") && revoked.contains("laptop"),
        "{revoked}"
    );
    assert!(matches!(
        client.users(&UserListQuery::default()).await,
        Err(Error::Unauthorized)
    ));
    assert!(said(&key(&place, &running, &["list"])).contains("; revoked 20"));
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn as_json_the_key_comes_with_its_token_and_scopes() {
    let place = Place::new();
    let running = place.run();
    let args = [
        "create",
        "--json",
        "--name",
        "importer",
        "--scope",
        "assistants:write",
        "--scope",
        "tools:write",
    ];
    let made: Value = serde_json::from_str(&said(&key(&place, &running, &args))).unwrap();
    assert!(made["token"].as_str().unwrap().starts_with("sak_"));
    assert_eq!(
        made["key"]["scopes"],
        serde_json::json!(["assistants:write", "tools:write"])
    );
    assert!(made["key"].get("secret_hash").is_none());
    // The whole token names its key too, as it is what people have at hand.
    let token = made["token"].as_str().unwrap();
    said(&key(&place, &running, &["revoke", token]));
}

#[test]
fn what_cannot_be_done_is_said_in_one_line() {
    let place = Place::new();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let without_folder = place.manage(&["key", "list"]).output().unwrap();
    assert!(complaint(&without_folder).contains("set DATA_DIR to the folder of `manage run`"));
    let not_running = place
        .manage(&["key", "list"])
        .env("REST_URL", &nobody)
        .env("SERVICE_KEY", "some-key-of-some-service")
        .output()
        .unwrap();
    let text = complaint(&not_running);
    assert!(
        text.contains("does not answer") && text.contains("start it with `manage run`"),
        "{text}"
    );

    let running = place.run();
    let wrong_key = place
        .manage(&["key", "list"])
        .env("REST_URL", &running.rest_url)
        .env("SERVICE_KEY", "some-key-of-some-service")
        .output()
        .unwrap();
    assert!(complaint(&wrong_key).contains("refused the key"));
    assert!(complaint(&key(&place, &running, &["revoke", "sak_nobody"])).contains("there is no such key"));
    let outside = [
        "create",
        "--name",
        "x",
        "--role",
        "read-only",
        "--scope",
        "users:write",
    ];
    assert!(complaint(&key(&place, &running, &outside)).contains("users:write is not within the role"));
    let misspelt = key(
        &place,
        &running,
        &["create", "--name", "x", "--scope", "users:admin"],
    );
    assert_eq!(misspelt.status.code(), Some(2), "wrong usage");
    let never = key(&place, &running, &["create", "--name", "x", "--expires", "0d"]);
    assert_eq!(never.status.code(), Some(2));
}
