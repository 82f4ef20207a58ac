//! Changes of a series: this one, this and the following, all of them.

use calendar_client::{
    DeleteEvent, Error, Event, EventPatch, EventTime, EventsQuery, NewEvent, PRIMARY, Scope, UpdateEvent,
};
use serde_json::json;

use crate::{
    support::{World, at},
    writes::{delete, dentist, local, update},
};

/// A stand-up on weekdays at 09:00 in Berlin, from Monday 23 November 2026, ten times.
fn standup(world: &World) -> String {
    world.ann.calendar().adds(json!({
        "summary": "Stand-up",
        "start": {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T09:15:00+01:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10"],
    }))
}

async fn instances(world: &World) -> Vec<Event> {
    let query = EventsQuery {
        from: Some("2026-11-20".parse().unwrap()),
        to: Some("2026-12-31".parse().unwrap()),
        ..EventsQuery::default()
    };
    world.client.events(world.user, &query).await.unwrap().items
}

/// Title and start of each instance, in one line each.
async fn told(world: &World) -> Vec<String> {
    let berlin = chrono_tz::Europe::Berlin;
    let events = instances(world).await;
    events
        .iter()
        .map(|event| {
            let (start, _) = event.time.bounds(berlin);
            format!(
                "{} {}",
                start.with_timezone(&berlin).format("%d %H:%M"),
                event.title
            )
        })
        .collect()
}

fn title(title: &str) -> EventPatch {
    EventPatch {
        title: Some(title.to_owned()),
        ..EventPatch::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_one() {
    let world = World::start().await;
    standup(&world);
    let before = instances(&world).await;
    assert_eq!(before.len(), 10);
    let third = &before[2];
    assert!(third.is_of_series());
    let patch = EventPatch {
        time: Some(local("2026-11-25T10:30:00", "2026-11-25T10:45:00")),
        ..title("Late stand-up")
    };
    let written = world
        .client
        .update(world.user, PRIMARY, &third.id, &update("k1", patch))
        .await
        .unwrap();
    assert_eq!(written.event.series_id, third.series_id);
    let cancelled = world
        .client
        .delete_event(world.user, PRIMARY, &before[3].id, &delete("k2"))
        .await
        .unwrap();
    let now = told(&world).await;
    assert_eq!(now.len(), 9);
    assert_eq!(
        now[1..4],
        ["24 09:00 Stand-up", "25 10:30 Late stand-up", "27 09:00 Stand-up"]
    );

    world.client.undo(world.user, cancelled.id).await.unwrap();
    world.client.undo(world.user, written.id).await.unwrap();
    assert_eq!(
        told(&world).await[1..5],
        [
            "24 09:00 Stand-up",
            "25 09:00 Stand-up",
            "26 09:00 Stand-up",
            "27 09:00 Stand-up"
        ]
    );
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_and_the_following() {
    let world = World::start().await;
    let series = standup(&world);
    let fourth = instances(&world).await.remove(3);
    let patch = EventPatch {
        time: Some(local("2026-11-27T11:00:00", "2026-11-27T11:30:00")),
        ..title("Sync")
    };
    let change = UpdateEvent {
        scope: Scope::ThisAndFollowing,
        if_version: Some(fourth.etag.clone()),
        ..update("k1", patch)
    };
    let written = world
        .client
        .update(world.user, PRIMARY, &fourth.id, &change)
        .await
        .unwrap();
    assert_eq!(
        world
            .client
            .update(world.user, PRIMARY, &fourth.id, &change)
            .await
            .unwrap(),
        written
    );
    // Thursday 26 moved to Friday 27: every following day moves on by one.
    let rules = written.event.recurrence.as_ref().unwrap();
    assert_eq!(rules.rules, ["RRULE:FREQ=WEEKLY;BYDAY=TU,WE,TH,FR,SA;COUNT=7"]);
    let now = told(&world).await;
    assert_eq!(now.len(), 10);
    assert_eq!(now[2..5], ["25 09:00 Stand-up", "27 11:00 Sync", "28 11:00 Sync"]);

    world.client.undo(world.user, written.id).await.unwrap();
    let now = told(&world).await;
    assert_eq!((now.len(), now[3].as_str()), (10, "26 09:00 Stand-up"));
    assert_eq!(world.ann.calendar().events().len(), 1);

    let deletion = DeleteEvent {
        scope: Scope::ThisAndFollowing,
        ..delete("k2")
    };
    let fourth = format!("{series}_20261126T080000Z");
    let deleted = world
        .client
        .delete_event(world.user, PRIMARY, &fourth, &deletion)
        .await
        .unwrap();
    assert_eq!(told(&world).await.len(), 3);
    world.client.undo(world.user, deleted.id).await.unwrap();
    assert_eq!(told(&world).await.len(), 10);
    // From the first one on is all of it.
    let first = format!("{series}_20261123T080000Z");
    let deletion = DeleteEvent {
        idempotency_key: "k3".to_owned(),
        ..deletion
    };
    world
        .client
        .delete_event(world.user, PRIMARY, &first, &deletion)
        .await
        .unwrap();
    assert!(told(&world).await.is_empty());
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_them_keep_their_local_time_over_the_clock_change() {
    let world = World::start_at("2026-10-16T12:00:00Z", "Europe/Berlin").await;
    let new = NewEvent {
        time: local("2026-10-19T09:00:00", "2026-10-19T10:00:00"),
        recurrence: vec!["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261109".to_owned()],
        ..dentist("k1")
    };
    let made = world.client.create(world.user, PRIMARY, &new).await.unwrap();
    let recurrence = made.event.recurrence.as_ref().unwrap();
    assert_eq!(recurrence.description, "every week on Monday, until 9 Nov 2026");
    let starts = async || {
        let query = EventsQuery::default();
        let events = world.client.events(world.user, &query).await.unwrap().items;
        let utc = |event: &Event| event.time.bounds(chrono_tz::UTC).0.to_rfc3339();
        events.iter().map(utc).collect::<Vec<_>>()
    };
    assert_eq!(
        starts().await,
        [
            "2026-10-19T07:00:00+00:00",
            "2026-10-26T08:00:00+00:00",
            "2026-11-02T08:00:00+00:00",
            "2026-11-09T08:00:00+00:00"
        ]
    );
    // The one of 26 October, in winter time, moves to Tuesday at 14:00.
    let second = format!("{}_20261026T080000Z", made.event.id);
    let patch = EventPatch {
        time: Some(local("2026-10-27T14:00:00", "2026-10-27T15:00:00")),
        ..EventPatch::default()
    };
    let change = UpdateEvent {
        scope: Scope::All,
        ..update("k2", patch)
    };
    let written = world
        .client
        .update(world.user, PRIMARY, &second, &change)
        .await
        .unwrap();
    let shown = EventTime::Timed {
        start: at("2026-10-27T13:00:00Z"),
        end: at("2026-10-27T14:00:00Z"),
        zone: "Europe/Berlin".to_owned(),
    };
    assert_eq!((&written.event.id, &written.event.time), (&made.event.id, &shown));
    assert_eq!(
        starts().await,
        [
            "2026-10-20T12:00:00+00:00",
            "2026-10-27T13:00:00+00:00",
            "2026-11-03T13:00:00+00:00",
            "2026-11-10T13:00:00+00:00"
        ]
    );
    world.client.undo(world.user, written.id).await.unwrap();
    assert_eq!(starts().await.len(), 4);
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_meant_is_refused_in_words() {
    let world = World::start().await;
    let series = standup(&world);
    let instance = instances(&world).await.remove(2).id;
    let refusal = async |event: &str, change: UpdateEvent| match world
        .client
        .update(world.user, PRIMARY, event, &change)
        .await
    {
        Err(Error::Invalid { errors, .. }) => errors[0].field.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(&series, update("k1", title("x"))).await, "scope");
    let repeating = EventPatch {
        recurrence: Some(vec!["RRULE:FREQ=DAILY".to_owned()]),
        ..EventPatch::default()
    };
    assert_eq!(refusal(&instance, update("k2", repeating)).await, "recurrence");
    assert_eq!(
        refusal(&instance, update("k3", EventPatch::default())).await,
        "patch"
    );
    let backwards = EventPatch {
        time: Some(local("2026-11-25T10:30:00", "2026-11-25T09:00:00")),
        ..EventPatch::default()
    };
    assert_eq!(refusal(&instance, update("k4", backwards)).await, "time.end");
    let never = NewEvent {
        recurrence: vec!["RRULE:FREQ=HOURLY".to_owned()],
        ..dentist("k5")
    };
    assert!(matches!(
        world.client.create(world.user, PRIMARY, &never).await,
        Err(Error::Invalid { .. })
    ));
    assert!(world.google.calls_of("events.patch").is_empty());
    world.google.assert_clean();
}
