//! Dates at both ends of time, from callers and from Google: refused in words or left out, and never a failure.

use calendar_client::{
    AgendaQuery, Error, EventPatch, EventsQuery, FreeBusyQuery, FreeSlotsQuery, NewTime, PRIMARY, Scope,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::json;

use crate::{
    support::{World, at},
    writes::{dentist, update},
};

/// Both ends of what is read at all, and the borders of RFC 3339 and of ours.
fn days() -> Vec<NaiveDate> {
    let edges = [
        (-262_143, 1, 1),
        (-4_713, 11, 24),
        (0, 1, 1),
        (1, 1, 1),
        (1969, 12, 31),
        (2200, 12, 31),
        (2201, 1, 1),
        (9998, 12, 31),
        (9999, 12, 31),
        (10_000, 1, 1),
        (262_142, 12, 31),
    ];
    edges
        .into_iter()
        .map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap())
        .collect()
}

fn instants() -> Vec<DateTime<Utc>> {
    days()
        .into_iter()
        .flat_map(|day| [day.and_time(NaiveTime::MIN), day.and_hms_opt(23, 59, 59).unwrap()])
        .map(|at| at.and_utc())
        .collect()
}

/// Answered, or refused for what is wrong with it.
fn fine<T: std::fmt::Debug>(what: &str, outcome: Result<T, Error>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(Error::Invalid { .. }) => false,
        Err(error) => panic!("{what}: {error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_date_of_a_caller_breaks_anything() {
    let world = World::start().await;
    let (client, user) = (&world.client, world.user);
    let mut outcomes = [0, 0];
    let mut count = |is_answered: bool| outcomes[usize::from(is_answered)] += 1;
    for day in days() {
        for (from, to) in [(Some(day), None), (None, Some(day)), (Some(day), Some(day))] {
            let query = EventsQuery {
                from,
                to,
                ..EventsQuery::default()
            };
            count(fine("events", client.events(user, &query).await));
            let query = FreeSlotsQuery {
                minutes: 60,
                from,
                to,
                zone: None,
                working_hours: None,
                attendees: Vec::new(),
                limit: None,
            };
            count(fine("free_slots", client.free_slots(user, &query).await));
        }
        for days in [None, Some(92), Some(u32::MAX)] {
            let query = AgendaQuery {
                from: Some(day),
                days,
                ..AgendaQuery::default()
            };
            count(fine("agenda", client.agenda(user, &query).await));
        }
    }
    for instant in instants() {
        for (from, to) in [
            (instant, at("2026-11-25T00:00:00Z")),
            (at("2026-11-25T00:00:00Z"), instant),
        ] {
            let query = FreeBusyQuery {
                from,
                to,
                calendars: Vec::new(),
            };
            count(fine("free_busy", client.free_busy(user, &query).await));
        }
    }
    let weekly = vec!["RRULE:FREQ=WEEKLY;COUNT=3".to_owned()];
    let event = client
        .create(user, PRIMARY, &dentist("first"))
        .await
        .unwrap()
        .event;
    for (n, time) in times().into_iter().enumerate() {
        for recurrence in [Vec::new(), weekly.clone()] {
            let key = format!("c{n}{}", recurrence.len());
            let new = calendar_client::NewEvent {
                time: time.clone(),
                recurrence,
                ..dentist(&key)
            };
            count(fine(
                &format!("create {time:?}"),
                client.create(user, PRIMARY, &new).await,
            ));
        }
        let patch = EventPatch {
            time: Some(time.clone()),
            ..EventPatch::default()
        };
        let changed = client
            .update(user, PRIMARY, &event.id, &update(&format!("u{n}"), patch))
            .await;
        count(fine(&format!("update {time:?}"), changed));
    }
    for until in [
        "99981231",
        "99981231T235959Z",
        "99991231",
        "99991231T235959Z",
        "00010101",
        "+2621421231",
        "+2621421231T235959Z",
        "-2621430101",
        "20261324",
        "20261224T250000Z",
        "",
    ] {
        let new = calendar_client::NewEvent {
            recurrence: vec![format!("RRULE:FREQ=YEARLY;UNTIL={until}")],
            ..dentist(&format!("r{until}"))
        };
        let written = client.create(user, PRIMARY, &new).await;
        let is_usual = until.starts_with("9998");
        assert_eq!(written.is_ok(), is_usual, "{until}: {written:?}");
        if let Ok(written) = written {
            let patch = EventPatch {
                time: Some(NewTime::AllDay {
                    first: "2026-11-26".parse().unwrap(),
                    last: "2026-11-26".parse().unwrap(),
                }),
                ..EventPatch::default()
            };
            let mut moved = update(&format!("m{until}"), patch);
            moved.scope = Scope::All;
            count(fine(
                until,
                client.update(user, PRIMARY, &written.event.id, &moved).await,
            ));
        }
    }
    let [refused, answered] = outcomes;
    assert!(
        answered > 10 && refused > 100,
        "{answered} answered, {refused} refused"
    );
}

fn times() -> Vec<NewTime> {
    let all_day = days().into_iter().flat_map(|first| {
        days()
            .into_iter()
            .map(move |last| NewTime::AllDay { first, last })
    });
    let timed = instants().into_iter().flat_map(|start| {
        [
            NewTime::Timed {
                start,
                end: start,
                zone: Some("Pacific/Kiritimati".to_owned()),
            },
            NewTime::Local {
                start: start.naive_utc(),
                end: start.naive_utc(),
                zone: Some("Pacific/Niue".to_owned()),
            },
            NewTime::Timed {
                start: at("2026-11-24T15:00:00Z"),
                end: start,
                zone: None,
            },
        ]
    });
    all_day
        .filter(|time| matches!(time, NewTime::AllDay { first, last } if first <= last))
        .step_by(5)
        .chain(timed)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_date_of_googles_breaks_anything() {
    let world = World::start().await;
    let (client, user) = (&world.client, world.user);
    let written = client.create(user, PRIMARY, &dentist("first")).await.unwrap();
    let series = calendar_client::NewEvent {
        recurrence: vec!["RRULE:FREQ=WEEKLY;COUNT=4".to_owned()],
        ..dentist("series")
    };
    let series = client.create(user, PRIMARY, &series).await.unwrap();
    world.ann.calendar().adds(json!({
        "summary": "Trip", "start": { "date": "2026-11-24" }, "end": { "date": "2026-11-26" },
    }));
    let month = AgendaQuery {
        from: Some("2026-11-20".parse().unwrap()),
        days: Some(30),
        ..AgendaQuery::default()
    };
    let instance = client.agenda(user, &month);
    let instance = instance.await.unwrap().events.into_iter();
    let instance = instance
        .filter(|event| event.series_id.as_ref() == Some(&series.event.id))
        .nth(1)
        .unwrap()
        .id;
    let both = ["start", "end", "originalStartTime"];
    for (n, day) in [
        "+262142-12-31",
        "-262143-01-01",
        "9999-12-31",
        "0001-01-01",
        "+10000-01-01",
    ]
    .into_iter()
    .enumerate()
    {
        for (m, names) in [&both[..], &both[..1], &both[1..2], &both[2..]]
            .into_iter()
            .enumerate()
        {
            world.google.says_days(day, names);
            let what = format!("{day} {names:?}");
            let query = AgendaQuery {
                from: Some("2026-11-20".parse().unwrap()),
                days: Some(30),
                ..AgendaQuery::default()
            };
            let agenda = client.agenda(user, &query).await;
            let agenda = agenda.unwrap_or_else(|error| panic!("{what}: {error:?}"));
            agenda.text(50);
            let events = client.events(user, &EventsQuery::default()).await;
            for event in events.unwrap_or_else(|error| panic!("{what}: {error:?}")).items {
                event.describe(chrono_tz::Pacific::Kiritimati);
                event.time.days(chrono_tz::Pacific::Niue);
                event.time.duration();
            }
            let slots = FreeSlotsQuery {
                minutes: 60,
                from: Some("2026-11-24".parse().unwrap()),
                to: None,
                zone: None,
                working_hours: None,
                attendees: Vec::new(),
                limit: None,
            };
            let free = client.free_slots(user, &slots).await;
            free.unwrap_or_else(|error| panic!("{what}: {error:?}"));
            let of_series = |scope| {
                let patch = EventPatch {
                    time: Some(NewTime::Local {
                        start: "2026-11-25T10:00:00".parse().unwrap(),
                        end: "2026-11-25T11:00:00".parse().unwrap(),
                        zone: None,
                    }),
                    ..EventPatch::default()
                };
                let mut change = update(&format!("{n}.{m}.{scope:?}"), patch);
                change.scope = scope;
                change
            };
            for (event, scope) in [
                (&written.event.id, Scope::ThisOne),
                (&instance, Scope::ThisOne),
                (&instance, Scope::ThisAndFollowing),
                (&instance, Scope::All),
            ] {
                let read = client.event(user, PRIMARY, event).await;
                assert!(
                    matches!(read, Ok(_) | Err(Error::NotFound | Error::Gone { .. })),
                    "{what}: {read:?}"
                );
                let changed = client.update(user, PRIMARY, event, &of_series(scope)).await;
                assert!(
                    !matches!(changed, Err(Error::Unavailable(_) | Error::Protocol { .. })),
                    "{what} {scope:?}: {changed:?}"
                );
            }
        }
    }
    world.google.says_days("", &[]);
    client.agenda(user, &AgendaQuery::default()).await.unwrap();
}
