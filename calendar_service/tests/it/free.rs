//! Free times: within working hours, with others, without guessing about who cannot be seen.

use calendar_client::{AgendaQuery, Error, EventsQuery, FreeBusyQuery, FreeSlotsQuery, Slot, WorkingHours};
use fakes::google::Role;
use serde_json::json;

use crate::support::{World, at};

fn hour(minutes: u32) -> FreeSlotsQuery {
    FreeSlotsQuery {
        minutes,
        from: Some("2026-11-24".parse().unwrap()),
        to: Some("2026-11-24".parse().unwrap()),
        zone: None,
        working_hours: None,
        attendees: Vec::new(),
        limit: None,
    }
}

fn slot(start: &str, end: &str) -> Slot {
    Slot {
        start: at(start),
        end: at(end),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_with_bob() {
    let world = World::start().await;
    let bob = world.google.account("bob@example.com", "Europe/London");
    bob.calendar().shares_with(&world.ann, Role::FreeBusyReader);
    let cem = world.google.account("cem@example.com", "Europe/London");
    cem.calendar().adds(json!({
        "start": {"dateTime": "2026-11-24T09:00:00Z"}, "end": {"dateTime": "2026-11-24T16:00:00Z"},
    }));
    bob.calendar().adds(json!({
        "start": {"dateTime": "2026-11-24T13:00:00Z"}, "end": {"dateTime": "2026-11-24T14:30:00Z"},
    }));
    world.ann.calendar().adds(json!({
        "summary": "Lunch", "start": {"dateTime": "2026-11-24T11:00:00Z"}, "end": {"dateTime": "2026-11-24T12:00:00Z"},
    }));
    world.ann.calendar().adds(json!({
        "summary": "Not really", "transparency": "transparent",
        "start": {"dateTime": "2026-11-24T08:00:00Z"}, "end": {"dateTime": "2026-11-24T16:00:00Z"},
    }));
    let query = FreeSlotsQuery {
        attendees: vec!["bob@example.com".to_owned(), "cem@example.com".to_owned()],
        ..hour(60)
    };
    let free = world.client.free_slots(world.user, &query).await.unwrap();
    assert_eq!(free.zone, "Europe/Berlin");
    assert_eq!(
        free.slots,
        [
            slot("2026-11-24T08:00:00Z", "2026-11-24T11:00:00Z"),
            slot("2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"),
            slot("2026-11-24T14:30:00Z", "2026-11-24T16:00:00Z"),
        ]
    );
    assert_eq!(free.unknown, ["cem@example.com"]);
    let evening = FreeSlotsQuery {
        working_hours: Some(WorkingHours {
            days: vec![chrono::Weekday::Tue],
            start: "18:00:00".parse().unwrap(),
            end: "00:00:00".parse().unwrap(),
        }),
        limit: Some(1),
        ..query
    };
    let free = world.client.free_slots(world.user, &evening).await.unwrap();
    assert_eq!(free.slots, [slot("2026-11-24T17:00:00Z", "2026-11-24T23:00:00Z")]);
    let wrong = FreeSlotsQuery {
        attendees: vec!["bob".to_owned()],
        ..hour(1)
    };
    match world.client.free_slots(world.user, &wrong).await {
        Err(Error::Invalid { errors, .. }) => {
            let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, ["minutes", "attendees"]);
        }
        other => panic!("{other:?}"),
    }
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_times_come_in_the_order_of_the_question() {
    let world = World::start().await;
    world.ann.calendar().adds(json!({
        "start": {"dateTime": "2026-11-24T11:00:00Z"}, "end": {"dateTime": "2026-11-24T12:00:00Z"},
    }));
    let query = FreeBusyQuery {
        from: at("2026-11-24T00:00:00Z"),
        to: at("2026-11-25T00:00:00Z"),
        calendars: vec!["nobody@example.com".to_owned(), "ann@example.com".to_owned()],
    };
    let busy = world
        .client
        .free_busy(world.user, &query)
        .await
        .unwrap()
        .calendars;
    assert_eq!((busy[0].visible, busy[0].busy.len()), (false, 0));
    assert_eq!(
        busy[1].busy,
        [slot("2026-11-24T11:00:00Z", "2026-11-24T12:00:00Z")]
    );
    let long = FreeBusyQuery {
        to: at("2027-11-25T00:00:00Z"),
        ..query
    };
    assert!(matches!(
        world.client.free_busy(world.user, &long).await,
        Err(Error::Invalid { .. })
    ));
    world.google.assert_clean();
}

/// Every date that a caller may send, at the ends of what can be written: refused in words, with no panic.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_at_the_end_of_time_are_refused() {
    let world = World::start().await;
    for date in [
        "+262142-12-31",
        "-262143-01-01",
        "9999-12-31",
        "0000-01-01",
        "2201-01-01",
    ] {
        let date: chrono::NaiveDate = date.parse().unwrap();
        for (from, to) in [(Some(date), None), (None, Some(date)), (Some(date), Some(date))] {
            let slots = FreeSlotsQuery { from, to, ..hour(60) };
            let refused = world.client.free_slots(world.user, &slots).await;
            assert!(
                matches!(refused, Err(Error::Invalid { .. })),
                "{from:?} {to:?}: {refused:?}"
            );
            let events = EventsQuery {
                from,
                to,
                ..EventsQuery::default()
            };
            let refused = world.client.events(world.user, &events).await;
            assert!(
                matches!(refused, Err(Error::Invalid { .. })),
                "{from:?} {to:?}: {refused:?}"
            );
        }
        let days = AgendaQuery {
            from: Some(date),
            days: Some(92),
            ..AgendaQuery::default()
        };
        let refused = world.client.agenda(world.user, &days).await;
        assert!(
            matches!(refused, Err(Error::Invalid { .. })),
            "{date}: {refused:?}"
        );
    }
}
