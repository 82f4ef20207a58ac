//! What Google refuses, each told by its meaning, and what is tried again.

use std::time::Duration;

use calendar_client::{AgendaQuery, Error, PRIMARY};
use fakes::google::{Fault, Role};
use serde_json::json;

use crate::{
    support::World,
    writes::{delete, dentist, update},
};

fn calls(world: &World, kind: &str) -> usize {
    world.google.calls_of(kind).len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_renewed_once() {
    let world = World::start().await;
    world.ann.expires_access_tokens();
    world
        .client
        .agenda(world.user, &AgendaQuery::default())
        .await
        .unwrap();
    assert_eq!(world.google.refreshes(), 1);
    world.ann.removes_app();
    let refused = world.client.calendars(world.user).await;
    assert!(matches!(refused, Err(Error::ReconnectNeeded)), "{refused:?}");
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_limit_is_waited_out_and_a_long_one_is_told() {
    let world = World::start().await;
    for fault in [
        Fault::RateLimitExceeded,
        Fault::UserRateLimitExceeded,
        Fault::RetryAfter(429, 1),
        Fault::Status(503),
        Fault::BadGatewayPage,
        Fault::BrokenJson,
        Fault::CloseBefore,
        Fault::CloseAfter,
    ] {
        let before = calls(&world, "events.insert");
        world.google.fails_next("events.insert", &fault, 1);
        let key = format!("{fault:?}");
        world
            .client
            .create(world.user, PRIMARY, &dentist(&key))
            .await
            .unwrap();
        assert_eq!(calls(&world, "events.insert") - before, 2, "{fault:?}");
    }
    assert_eq!(world.ann.calendar().events().len(), 8, "one event each");

    world
        .google
        .fails_next("events.insert", &Fault::RetryAfter(429, 60), 1);
    let before = calls(&world, "events.insert");
    match world.client.create(world.user, PRIMARY, &dentist("long")).await {
        Err(Error::RateLimited { retry_after }) => assert_eq!(retry_after, Some(Duration::from_secs(60))),
        other => panic!("{other:?}"),
    }
    assert_eq!(calls(&world, "events.insert") - before, 1);
    // The same call again, when the time has come, finishes what was begun.
    world
        .client
        .create(world.user, PRIMARY, &dentist("long"))
        .await
        .unwrap();

    world.google.fails_next("events.insert", &Fault::Status(500), 9);
    let before = calls(&world, "events.insert");
    let down = world.client.create(world.user, PRIMARY, &dentist("down")).await;
    assert!(matches!(down, Err(Error::Unavailable(_))), "{down:?}");
    assert_eq!(calls(&world, "events.insert") - before, 4, "not for ever");
    world.google.works_again();
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_has_its_meaning() {
    let world = World::start().await;
    let bob = world.google.account("bob@example.com", "Europe/Berlin");
    bob.calendar().shares_with(&world.ann, Role::Reader);
    let bobs = bob.calendar().adds(json!({
        "summary": "Bob's", "start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"},
    }));
    let patch = calendar_client::EventPatch {
        title: Some("Mine".to_owned()),
        ..Default::default()
    };
    let refused = world
        .client
        .update(world.user, "bob@example.com", &bobs, &update("k1", patch))
        .await;
    match refused {
        Err(Error::Forbidden { detail }) => assert!(detail.contains("read this calendar"), "{detail}"),
        other => panic!("{other:?}"),
    }
    let refused = world.client.event(world.user, PRIMARY, "nosuchevent").await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let refused = world.client.event(world.user, "nobody@example.com", "x").await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let refused = world
        .client
        .delete_event(world.user, PRIMARY, "..", &delete("k2"))
        .await;
    assert!(refused.is_err());
    let stranger = world.client.calendars(uuid::Uuid::from_u128(5)).await;
    assert!(matches!(stranger, Err(Error::NotConnected)), "{stranger:?}");
    world.google.assert_clean();
}
