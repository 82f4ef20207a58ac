//! Agendas and searches: whole days, midnight, clock changes, other zones, series with exceptions, thousands of events.

use std::collections::HashSet;

use calendar_client::{AgendaQuery, Error, EventTime, EventsQuery, PRIMARY};
use fakes::google::{Fault, Role};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::World;

fn timed(title: &str, start: &str, end: &str) -> Value {
    json!({"summary": title, "start": {"dateTime": start}, "end": {"dateTime": end}})
}

fn whole(title: &str, first: &str, after: &str) -> Value {
    json!({"summary": title, "start": {"date": first}, "end": {"date": after}})
}

fn days(from: &str, days: u32) -> AgendaQuery {
    AgendaQuery {
        from: Some(from.parse().unwrap()),
        days: Some(days),
        ..AgendaQuery::default()
    }
}

async fn text(world: &World, query: &AgendaQuery) -> String {
    world.client.agenda(world.user, query).await.unwrap().text(100)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_day_has_what_touches_it_and_nothing_else() {
    let world = World::start().await;
    let calendar = world.ann.calendar();
    calendar.adds(whole("Yesterday", "2026-11-23", "2026-11-24"));
    calendar.adds(whole("Today", "2026-11-24", "2026-11-25"));
    calendar.adds(whole("Tomorrow", "2026-11-25", "2026-11-26"));
    calendar.adds(whole("Fair", "2026-11-22", "2026-11-26"));
    calendar.adds(timed(
        "Until midnight",
        "2026-11-23T22:00:00+01:00",
        "2026-11-24T00:00:00+01:00",
    ));
    calendar.adds(timed(
        "Night train",
        "2026-11-23T22:30:00+01:00",
        "2026-11-24T06:30:00+01:00",
    ));
    calendar.adds(timed(
        "Call",
        "2026-11-24T18:00:00-05:00",
        "2026-11-24T19:30:00-05:00",
    ));
    calendar.adds(timed(
        "At midnight",
        "2026-11-25T00:00:00+01:00",
        "2026-11-25T01:00:00+01:00",
    ));
    let gone = calendar.adds(timed(
        "Gone",
        "2026-11-24T10:00:00+01:00",
        "2026-11-24T11:00:00+01:00",
    ));
    calendar.deletes(&gone);
    assert_snapshot!(text(&world, &days("2026-11-24", 1)).await, @r"
    Tue 24 Nov 2026 (Europe/Berlin)
    - all day: Today
    - all day (3 of 4): Fair
    - until 06:30: Night train
    ");
    assert_snapshot!(text(&world, &days("2026-11-25", 1)).await, @r"
    Wed 25 Nov 2026 (Europe/Berlin)
    - all day (4 of 4): Fair
    - all day: Tomorrow
    - 00:00–01:00: At midnight
    - 00:00–01:30: Call
    ");
    // Absent: today in the user's zone.
    assert_snapshot!(text(&world, &AgendaQuery::default()).await, @r"
    Fri 20 Nov 2026 (Europe/Berlin)
    - nothing planned
    ");
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_days_on_which_the_clocks_change_are_whole() {
    let world = World::start().await;
    let calendar = world.ann.calendar();
    for day in ["2026-03-29", "2026-10-25"] {
        let next: chrono::NaiveDate = day.parse().unwrap();
        calendar.adds(whole("Sunday", day, &next.succ_opt().unwrap().to_string()));
    }
    calendar.adds(timed(
        "Into the gap",
        "2026-03-29T00:30:00Z",
        "2026-03-29T01:30:00Z",
    ));
    calendar.adds(timed("Late", "2026-03-29T21:30:00Z", "2026-03-29T22:30:00Z"));
    calendar.adds(timed("Twice", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"));
    calendar.adds(timed("Late", "2026-10-25T22:30:00Z", "2026-10-25T23:30:00Z"));
    calendar.adds(timed("Not yet", "2026-10-24T21:00:00Z", "2026-10-24T22:00:00Z"));
    assert_snapshot!(text(&world, &days("2026-03-29", 1)).await, @r"
    Sun 29 Mar 2026 (Europe/Berlin)
    - all day: Sunday
    - 01:30–03:30: Into the gap
    - 23:30–00:30 Mon: Late
    ");
    assert_snapshot!(text(&world, &days("2026-10-25", 1)).await, @r"
    Sun 25 Oct 2026 (Europe/Berlin)
    - all day: Sunday
    - 02:30 CEST–02:30 CET: Twice
    - 23:30–00:30 Mon: Late
    ");
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_far_from_their_calendars_zone_sees_their_own_days() {
    // Auckland is 12 hours ahead of Berlin in November; Honolulu 11 behind.
    let world = World::start_at("2026-11-20T12:00:00Z", "Pacific/Auckland").await;
    let calendar = world.ann.calendar();
    calendar.adds(whole("Holiday", "2026-11-24", "2026-11-25"));
    calendar.adds(whole("Day after", "2026-11-25", "2026-11-26"));
    calendar.adds(json!({
        "summary": "Review",
        "start": {"dateTime": "2026-11-23T15:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T16:00:00+01:00", "timeZone": "Europe/Berlin"},
    }));
    assert_snapshot!(text(&world, &days("2026-11-24", 1)).await, @r"
    Tue 24 Nov 2026 (Pacific/Auckland)
    - all day: Holiday
    - 03:00–04:00: Review (15:00 Europe/Berlin)
    ");
    let there = AgendaQuery {
        zone: Some("Pacific/Honolulu".to_owned()),
        ..days("2026-11-24", 1)
    };
    assert_snapshot!(text(&world, &there).await, @r"
    Tue 24 Nov 2026 (Pacific/Honolulu)
    - all day: Holiday
    ");
    let there = AgendaQuery {
        from: Some("2026-11-23".parse().unwrap()),
        ..there
    };
    assert_snapshot!(text(&world, &there).await, @r"
    Mon 23 Nov 2026 (Pacific/Honolulu)
    - 04:00–05:00: Review (15:00 Europe/Berlin)
    ");
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_shows_its_exceptions_and_not_what_was_cancelled() {
    let world = World::start().await;
    let calendar = world.ann.calendar();
    let series = calendar.adds(json!({
        "summary": "Stand-up",
        "start": {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T09:15:00+01:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=DAILY"],
    }));
    calendar.changes(
        &format!("{series}_20261125T080000Z"),
        json!({
            "summary": "Long stand-up",
            "start": {"dateTime": "2026-11-26T14:00:00+01:00"},
            "end": {"dateTime": "2026-11-26T15:00:00+01:00"},
        }),
    );
    calendar.deletes(&format!("{series}_20261127T080000Z"));
    assert_snapshot!(text(&world, &days("2026-11-24", 5)).await, @r"
    Tue 24 Nov 2026 (Europe/Berlin)
    - 09:00–09:15: Stand-up
    Wed 25 Nov 2026 (Europe/Berlin)
    - nothing planned
    Thu 26 Nov 2026 (Europe/Berlin)
    - 09:00–09:15: Stand-up
    - 14:00–15:00: Long stand-up
    Fri 27 Nov 2026 (Europe/Berlin)
    - nothing planned
    Sat 28 Nov 2026 (Europe/Berlin)
    - 09:00–09:15: Stand-up
    ");
    let moved = world
        .client
        .event(world.user, PRIMARY, &format!("{series}_20261125T080000Z"))
        .await
        .unwrap();
    assert_eq!(moved.series_id.as_deref(), Some(series.as_str()));
    assert_eq!(
        moved.original_start.unwrap().to_rfc3339(),
        "2026-11-25T08:00:00+00:00"
    );
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_five_hundred_events_come_in_pages_and_in_one_agenda() {
    const MANY: usize = 2_500;
    let world = World::start().await;
    let calendar = world.ann.calendar();
    let first: chrono::NaiveDate = "2026-11-01".parse().unwrap();
    for number in 0..MANY {
        let day = first + chrono::Days::new((number % 90) as u64);
        let start = day.and_hms_opt(8, 0, 0).unwrap() + chrono::TimeDelta::minutes((number / 90) as i64 * 20);
        let end = start + chrono::TimeDelta::minutes(15);
        calendar.adds(json!({
            "summary": format!("Event {number}"),
            "start": {"dateTime": format!("{}Z", start.format("%Y-%m-%dT%H:%M:%S"))},
            "end": {"dateTime": format!("{}Z", end.format("%Y-%m-%dT%H:%M:%S"))},
        }));
    }
    let mut query = EventsQuery {
        from: Some(first),
        to: Some("2027-02-28".parse().unwrap()),
        limit: Some(250),
        ..EventsQuery::default()
    };
    let (mut titles, mut starts, mut pages) = (HashSet::new(), Vec::new(), 0);
    loop {
        let page = world.client.events(world.user, &query).await.unwrap();
        pages += 1;
        starts.extend(page.items.iter().map(|event| event.time.bounds(chrono_tz::UTC)));
        titles.extend(page.items.into_iter().map(|event| event.title));
        let Some(next) = page.next_cursor else { break };
        query.cursor = Some(next);
    }
    assert_eq!((titles.len(), starts.len(), pages), (MANY, MANY, 10));
    assert!(starts.is_sorted());

    // Google may give shorter pages than it is asked for.
    world.google.limits_pages(400);
    let agenda = world
        .client
        .agenda(world.user, &days("2026-11-01", 92))
        .await
        .unwrap();
    assert_eq!((agenda.events.len(), agenda.truncated), (MANY, false));
    let text = agenda.text(usize::MAX);
    assert_eq!(
        text.lines().filter(|line| line.contains(": Event ")).count(),
        MANY
    );
    assert!(
        text.contains("Sun 1 Nov 2026 (Europe/Berlin)\n- 09:00–09:15: Event 0\n- 09:20–09:35: Event 90\n")
    );
    calendar.adds(timed(
        "One too many",
        "2026-11-02T10:00:00Z",
        "2026-11-02T11:00:00Z",
    ));
    let agenda = world
        .client
        .agenda(world.user, &days("2026-11-01", 92))
        .await
        .unwrap();
    assert!(agenda.truncated);
    assert!(agenda.text(10).contains("ask for fewer days"));
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_found_by_words_days_and_calendar() {
    let world = World::start().await;
    let calendar = world.ann.calendar();
    calendar.adds(timed(
        "Dentist",
        "2026-11-24T15:00:00+01:00",
        "2026-11-24T16:00:00+01:00",
    ));
    calendar.adds(timed(
        "Dentist",
        "2025-01-10T15:00:00+01:00",
        "2025-01-10T16:00:00+01:00",
    ));
    calendar.adds(whole("Trip", "2026-11-24", "2026-11-27"));
    let query = EventsQuery {
        query: Some("dentist".to_owned()),
        ..EventsQuery::default()
    };
    let found = world.client.events(world.user, &query).await.unwrap().items;
    assert_eq!(found.len(), 1, "not what was two years ago");
    let query = EventsQuery {
        from: Some("2026-11-26".parse().unwrap()),
        to: Some("2026-11-26".parse().unwrap()),
        ..EventsQuery::default()
    };
    let found = world.client.events(world.user, &query).await.unwrap().items;
    assert_eq!(
        found[0].time,
        EventTime::AllDay {
            first: "2026-11-24".parse().unwrap(),
            last: "2026-11-26".parse().unwrap()
        }
    );
    let wrong = EventsQuery {
        cursor: Some("x".to_owned()),
        ..EventsQuery::default()
    };
    assert!(matches!(
        world.client.events(world.user, &wrong).await,
        Err(Error::Invalid { .. })
    ));
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agenda_reads_all_shown_calendars_and_says_what_it_could_not() {
    let world = World::start().await;
    let family = world.ann.new_calendar("Family", "Europe/Berlin");
    family.adds(timed(
        "Dinner",
        "2026-11-24T19:00:00+01:00",
        "2026-11-24T20:00:00+01:00",
    ));
    let bob = world.google.account("bob@example.com", "Europe/Berlin");
    bob.calendar().adds(timed(
        "Secret",
        "2026-11-24T12:00:00+01:00",
        "2026-11-24T13:00:00+01:00",
    ));
    bob.calendar().shares_with(&world.ann, Role::FreeBusyReader);
    let eve = world.google.account("eve@example.com", "Europe/Berlin");
    eve.calendar().shares_with(&world.ann, Role::Reader);
    world.ann.calendar().adds(timed(
        "Lunch",
        "2026-11-24T12:00:00+01:00",
        "2026-11-24T13:00:00+01:00",
    ));
    let text = text(&world, &days("2026-11-24", 1)).await;
    assert!(
        text.contains("- 12:00–13:00: Lunch\n- 19:00–20:00: Dinner (Family)\n"),
        "{text}"
    );
    // Of Bob she sees no more than when he is busy, which is no event of hers.
    assert!(!text.contains("Secret") && !text.contains("bob"), "{text}");
    let calendars = world.client.calendars(world.user).await.unwrap();
    assert_eq!(calendars.len(), 4);
    assert!(calendars[0].primary);
    // What she was let see a moment ago.
    eve.calendar().shares_with(&world.ann, Role::FreeBusyReader);
    let text = self::text(&world, &days("2026-11-24", 1)).await;
    assert!(
        text.contains("Dinner (Family)") && text.contains("could not be read: eve@example.com"),
        "{text}"
    );
    let one = AgendaQuery {
        calendar: Some(family.id().to_owned()),
        ..days("2026-11-24", 1)
    };
    assert_eq!(
        world.client.agenda(world.user, &one).await.unwrap().events.len(),
        1
    );
    world.google.fails_next("events.list", &Fault::Status(403), 1);
    let refused = world.client.agenda(world.user, &one).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    world.google.assert_clean();
}
