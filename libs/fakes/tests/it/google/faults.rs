//! What goes wrong on purpose, and quotas.

use super::{World, hour, reason};
use crate::LIMIT;
use fakes::google::{Fault, Quota};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn errors_have_googles_shape_and_change_nothing() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let faults = [
        (Fault::Status(500), 500, "backendError"),
        (Fault::Status(503), 503, "backendError"),
        (Fault::Status(401), 401, "authError"),
        (Fault::RateLimitExceeded, 403, "rateLimitExceeded"),
        (Fault::UserRateLimitExceeded, 403, "userRateLimitExceeded"),
        (Fault::QuotaExceeded, 403, "quotaExceeded"),
        (Fault::Status(429), 429, "rateLimitExceeded"),
    ];
    for (fault, status, expected) in faults {
        world.google.fails_next("events.insert", &fault, 1);
        // Other kinds don't take it.
        assert_eq!(client.get("calendars/primary").await.0, 200);
        let (got, body) = client.insert(hour("x", 5, 9)).await;
        assert_eq!((got, reason(&body)), (status, expected), "{fault:?}");
        assert_eq!(body["error"]["code"], status);
    }
    world.google.fails_next("*", &Fault::RetryAfter(503, 7), 1);
    let response = client
        .request(Method::GET, "calendars/primary")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    world.google.fails_next("*", &Fault::BadGatewayPage, 1);
    let response = client
        .request(Method::GET, "calendars/primary")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 502);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    world.google.fails_next("*", &Fault::Status(500), 9);
    world.google.works_again();
    assert_eq!(client.insert(hour("x", 5, 9)).await.0, 200);
    assert_eq!(ann.calendar().events().len(), 1);
}

#[tokio::test]
async fn an_insert_can_be_done_without_anybody_being_told() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let mut event = hour("x", 5, 9);
    event["id"] = json!("dup00");
    let send = || {
        let request = client
            .request(Method::POST, "calendars/primary/events")
            .json(&event);
        request.send()
    };
    world.google.fails_next("events.insert", &Fault::CloseBefore, 1);
    assert!(send().await.is_err());
    assert!(ann.calendar().events().is_empty());
    world.google.fails_next("events.insert", &Fault::CloseAfter, 1);
    assert!(send().await.is_err());
    assert_eq!(ann.calendar().events().len(), 1);
    assert_eq!(send().await.unwrap().status(), 409);
    let calls = world.google.calls_of("events.insert");
    let told: Vec<_> = calls.iter().map(|call| call.status).collect();
    assert_eq!(told, [None, None, Some(409)]);
    assert_eq!(calls[0].body, event);
    world.google.fails_next("events.get", &Fault::BrokenJson, 1);
    let response = client
        .request(Method::GET, "calendars/primary/events/dup00")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.json::<serde_json::Value>().await.is_err());
}

#[tokio::test]
async fn answers_can_be_slow_or_never_come() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let wait = Duration::from_millis(100);
    world.google.fails_next("calendars.get", &Fault::Slow(wait), 1);
    let started = Instant::now();
    assert_eq!(client.get("calendars/primary").await.0, 200);
    assert!(started.elapsed() >= wait);
    world.google.fails_next("calendars.get", &Fault::Hang, 1);
    let hanging = client.request(Method::GET, "calendars/primary").send();
    tokio::select! {
        answered = hanging => assert!(answered.is_err(), "a request that hangs was answered"),
        arrived = world.google.wait_until(LIMIT, |google| google.calls_of("calendars.get").len() == 2) => {
            assert!(arrived);
        }
    }
    assert_eq!(world.google.calls_of("calendars.get")[1].status, None);
}

#[tokio::test]
async fn a_quota_counts_by_user_and_minute() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let bob = world.google.account("bob@example.com", "UTC");
    let token = world.connect(&bob, super::EVERYTHING).await;
    let other = world.client(token["access_token"].as_str().unwrap());
    world.google.limits_requests(Quota {
        per_user_per_minute: 2,
    });
    for status in [200, 200, 403] {
        assert_eq!(client.get("calendars/primary").await.0, status);
    }
    assert_eq!(
        reason(&client.get("calendars/primary").await.1),
        "rateLimitExceeded"
    );
    assert_eq!(other.get("calendars/primary").await.0, 200);
    world.wait(60);
    assert_eq!(client.get("calendars/primary").await.0, 200);
}
