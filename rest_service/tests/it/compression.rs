//! Answers are compressed for who asks, streams are not held back by it, and compressed bodies are refused in words.

use std::io::Read;

use flate2::read::GzDecoder;
use rest_client::{UserPatch, UserState};
use serde_json::{Value, json};

use crate::support::{TestApp, TestDb, on_both};

on_both!(
    answers_are_compressed_for_who_asks,
    streams_and_archives_are_not,
    compressed_bodies_are_refused,
);

async fn answers_are_compressed_for_who_asks(db: TestDb) {
    let app = TestApp::start(db).await;
    let plain = app.request("GET", "/openapi.json").send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    assert_eq!(plain.headers()["vary"], "accept-encoding");
    let plain = plain.bytes().await.unwrap();
    let request = app
        .request("GET", "/openapi.json")
        .header("accept-encoding", "br;q=1, gzip;q=0.8");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let small = answer.bytes().await.unwrap();
    assert!(
        small.len() * 5 < plain.len(),
        "{} of {} bytes",
        small.len(),
        plain.len()
    );
    let mut read = Vec::new();
    GzDecoder::new(small.as_ref()).read_to_end(&mut read).unwrap();
    assert_eq!(read, plain);
    let refused = app
        .request("GET", "/nothing/here")
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 404);
    assert_eq!(refused.headers()["content-encoding"], "gzip", "problems too");
    // A tag that was read with a compressed answer is good for a change.
    let user = app.user("Ada").await.id;
    let read = app
        .request("GET", &format!("/users/{user}"))
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    let tag = read.headers()["etag"].clone();
    let change = app
        .request("PATCH", &format!("/users/{user}"))
        .header("if-match", tag)
        .json(&json!({ "name": "Bea" }));
    assert_eq!(change.send().await.unwrap().status(), 200);
}

async fn streams_and_archives_are_not(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let active = UserPatch {
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    app.client.update_user(user, &active).await.unwrap();
    let events = app
        .request("GET", &format!("/users/{user}/events"))
        .header("accept-encoding", "gzip");
    let mut events = events.send().await.unwrap();
    assert!(events.headers().get("content-encoding").is_none());
    let first = events.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: hello"), "it comes at once");
    let archive = app
        .request("GET", &format!("/users/{user}/export"))
        .header("accept-encoding", "gzip");
    let archive = archive.send().await.unwrap();
    assert!(
        archive.headers().get("content-encoding").is_none(),
        "it is compressed already"
    );
}

async fn compressed_bodies_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    for path in ["/users", "/import"] {
        let request = app
            .request("POST", path)
            .header("content-encoding", "gzip")
            .json(&json!({}));
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), 415, "{path}");
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["detail"], "send the body without content-encoding");
    }
}
