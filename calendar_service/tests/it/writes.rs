//! Events made, changed and deleted, each once, and taken back.

use calendar_client::{
    DeleteEvent, Error, EventPatch, EventTime, NewEvent, NewTime, PRIMARY, Scope, UpdateEvent, WriteKind,
};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{World, at};

/// Tuesday 24 November 2026, 15:00 to 16:00 in Berlin.
pub(crate) fn dentist(key: &str) -> NewEvent {
    NewEvent {
        idempotency_key: key.to_owned(),
        title: "Dentist".to_owned(),
        time: local("2026-11-24T15:00:00", "2026-11-24T16:00:00"),
        location: Some("Main St 1".to_owned()),
        description: None,
        attendees: Vec::new(),
        reminders: None,
        recurrence: Vec::new(),
    }
}

pub(crate) fn local(start: &str, end: &str) -> NewTime {
    NewTime::Local {
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
        zone: None,
    }
}

pub(crate) fn update(key: &str, patch: EventPatch) -> UpdateEvent {
    UpdateEvent {
        idempotency_key: key.to_owned(),
        patch,
        scope: Scope::ThisOne,
        if_version: None,
    }
}

pub(crate) fn delete(key: &str) -> DeleteEvent {
    DeleteEvent {
        idempotency_key: key.to_owned(),
        scope: Scope::ThisOne,
        if_version: None,
    }
}

fn berlin(start: &str, end: &str) -> EventTime {
    EventTime::Timed {
        start: at(start),
        end: at(end),
        zone: "Europe/Berlin".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_made_once_and_undone_once() {
    let world = World::start().await;
    let made = world
        .client
        .create(world.user, PRIMARY, &dentist("k1"))
        .await
        .unwrap();
    assert_eq!(
        (made.kind, made.event.title.as_str()),
        (WriteKind::Create, "Dentist")
    );
    assert_eq!(
        made.event.time,
        berlin("2026-11-24T14:00:00Z", "2026-11-24T15:00:00Z")
    );
    assert_eq!(made.undo_until, at("2026-11-21T12:00:00Z"));
    assert!(made.event.html_link.is_some());
    let again = world
        .client
        .create(world.user, PRIMARY, &dentist("k1"))
        .await
        .unwrap();
    assert_eq!(again, made);
    assert_eq!(world.ann.calendar().events().len(), 1);
    assert_eq!(world.google.calls_of("events.insert").len(), 1);
    let other = world
        .client
        .create(world.user, PRIMARY, &dentist("k2"))
        .await
        .unwrap();
    assert_ne!(other.event.id, made.event.id);

    let undone = world.client.undo(world.user, made.id).await.unwrap();
    assert_eq!(
        (undone.kind, undone.event.id.as_str()),
        (WriteKind::Create, made.event.id.as_str())
    );
    assert_eq!(world.client.undo(world.user, made.id).await.unwrap(), undone);
    assert_eq!(world.ann.calendar().events().len(), 1);
    assert_eq!(
        world.google.calls_of("events.delete").len(),
        1,
        "the second undo asks nothing of Google"
    );
    // Late, the same call again does not bring it back.
    assert_eq!(
        world
            .client
            .create(world.user, PRIMARY, &dentist("k1"))
            .await
            .unwrap(),
        made
    );
    assert_eq!(world.ann.calendar().events().len(), 1);
    assert!(matches!(
        world.client.event(world.user, PRIMARY, &made.event.id).await,
        Err(Error::Gone { .. })
    ));
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_keeps_what_it_does_not_name_and_is_undone_whole() {
    let world = World::start().await;
    let bob = "bob@example.com";
    let id = world.ann.calendar().adds(json!({
        "summary": "Review",
        "location": "Room 4",
        "description": "Bring numbers",
        "attendees": [{"email": bob, "responseStatus": "accepted"}],
        "reminders": {"useDefault": false, "overrides": [{"method": "popup", "minutes": 5}]},
        "start": {"dateTime": "2026-11-24T15:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-24T16:00:00+01:00", "timeZone": "Europe/Berlin"},
    }));
    let before = world.client.event(world.user, PRIMARY, &id).await.unwrap();
    let patch = EventPatch {
        title: Some("Big review".to_owned()),
        time: Some(NewTime::AllDay {
            first: "2026-11-27".parse().unwrap(),
            last: "2026-11-27".parse().unwrap(),
        }),
        location: Some(None),
        attendees: Some(vec![bob.to_uppercase(), "cem@example.com".to_owned()]),
        reminders: Some(calendar_client::Reminders::Default),
        ..EventPatch::default()
    };
    let change = UpdateEvent {
        if_version: Some(before.etag.clone()),
        ..update("k1", patch)
    };
    let written = world
        .client
        .update(world.user, PRIMARY, &id, &change)
        .await
        .unwrap();
    assert_eq!(
        world
            .client
            .update(world.user, PRIMARY, &id, &change)
            .await
            .unwrap(),
        written
    );
    assert_eq!(written.before.as_ref(), Some(&before));
    let after = &written.event;
    assert_eq!(
        (after.title.as_str(), after.location.as_deref()),
        ("Big review", None)
    );
    assert_eq!(after.description.as_deref(), Some("Bring numbers"));
    assert_eq!(
        after.time,
        EventTime::AllDay {
            first: "2026-11-27".parse().unwrap(),
            last: "2026-11-27".parse().unwrap(),
        }
    );
    let guests: Vec<_> = after
        .attendees
        .iter()
        .map(|one| (one.email.as_str(), one.response))
        .collect();
    assert_eq!(
        guests,
        [
            (bob, calendar_client::Response::Accepted),
            ("cem@example.com", calendar_client::Response::NeedsAction)
        ]
    );
    assert_eq!(world.google.calls_of("events.patch").len(), 1);
    assert!(!world.google.mails().is_empty(), "guests are told");

    world.client.undo(world.user, written.id).await.unwrap();
    let restored = world.client.event(world.user, PRIMARY, &id).await.unwrap();
    let same = calendar_client::Event {
        etag: restored.etag.clone(),
        ..before
    };
    assert_eq!(restored, same);
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_meanwhile_is_left_alone() {
    let world = World::start().await;
    let made = world
        .client
        .create(world.user, PRIMARY, &dentist("k1"))
        .await
        .unwrap();
    let id = &made.event.id;
    let title = |title: &str| EventPatch {
        title: Some(title.to_owned()),
        ..EventPatch::default()
    };
    let written = world
        .client
        .update(world.user, PRIMARY, id, &update("k2", title("Doctor")))
        .await
        .unwrap();

    world
        .ann
        .calendar()
        .changes(id, json!({"summary": "Ann's own title"}));
    let stale = UpdateEvent {
        if_version: Some(written.event.etag.clone()),
        ..update("k3", title("Stale"))
    };
    let refused = world.client.update(world.user, PRIMARY, id, &stale).await;
    assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
    let deletion = DeleteEvent {
        if_version: Some(written.event.etag.clone()),
        ..delete("k4")
    };
    let refused = world
        .client
        .delete_event(world.user, PRIMARY, id, &deletion)
        .await;
    assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
    let refused = world.client.undo(world.user, written.id).await;
    assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
    let event = world.client.event(world.user, PRIMARY, id).await.unwrap();
    assert_eq!(event.title, "Ann's own title");
    let other = world.client.create(world.user, PRIMARY, &dentist("k2")).await;
    assert!(matches!(other, Err(Error::Conflict { .. })), "{other:?}");
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_event_comes_back() {
    let world = World::start().await;
    let made = world
        .client
        .create(world.user, PRIMARY, &dentist("k1"))
        .await
        .unwrap();
    let id = &made.event.id;
    let deletion = delete("k2");
    let deleted = world
        .client
        .delete_event(world.user, PRIMARY, id, &deletion)
        .await
        .unwrap();
    assert_eq!(
        (deleted.kind, deleted.event.title.as_str()),
        (WriteKind::Delete, "Dentist")
    );
    assert_eq!(
        world
            .client
            .delete_event(world.user, PRIMARY, id, &deletion)
            .await
            .unwrap(),
        deleted
    );
    assert!(world.ann.calendar().events().is_empty());
    let refused = world
        .client
        .delete_event(world.user, PRIMARY, id, &delete("k3"))
        .await;
    assert!(matches!(refused, Err(Error::Gone { .. })), "{refused:?}");

    let undone = world.client.undo(world.user, deleted.id).await.unwrap();
    assert_eq!(world.client.undo(world.user, deleted.id).await.unwrap(), undone);
    let event = world.client.event(world.user, PRIMARY, id).await.unwrap();
    assert_eq!((event.title.as_str(), &event.time), ("Dentist", &made.event.time));
    assert_eq!(event.location.as_deref(), Some("Main St 1"));
    assert_eq!(world.ann.calendar().events().len(), 1);
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_can_be_undone_for_a_day_and_by_its_user_alone() {
    let world = World::start().await;
    let made = world
        .client
        .create(world.user, PRIMARY, &dentist("k1"))
        .await
        .unwrap();
    let stored = world.rest.calendar_write(world.user, made.id).await.unwrap();
    assert!(!stored.plan.ciphertext.contains("Dentist"));
    let other = uuid::Uuid::from_u128(1);
    assert!(matches!(
        world.client.undo(other, made.id).await,
        Err(Error::NotFound)
    ));
    world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let late = world.client.undo(world.user, made.id).await;
    assert!(matches!(late, Err(Error::Gone { .. })), "{late:?}");
    assert_eq!(world.ann.calendar().events().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_at_once_make_one_event() {
    let world = World::start().await;
    let other = world.serve(&world.rest_url).await;
    let other = calendar_client::Client::new(other, crate::support::KEY.into()).unwrap();
    let new = dentist("k1");
    let (one, two) = tokio::join!(
        world.client.create(world.user, PRIMARY, &new),
        other.create(world.user, PRIMARY, &new)
    );
    assert_eq!(one.unwrap().event, two.unwrap().event);
    assert_eq!(world.ann.calendar().events().len(), 1);
    let made = world.client.create(world.user, PRIMARY, &new).await.unwrap();
    let (one, two) = tokio::join!(
        world.client.undo(world.user, made.id),
        other.undo(world.user, made.id)
    );
    assert_eq!(one.unwrap(), two.unwrap());
    assert!(world.ann.calendar().events().is_empty());
    world.google.assert_clean();
}
