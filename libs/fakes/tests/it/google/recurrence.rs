//! Series: what they unroll to, and their exceptions.

use super::{Client, World, each, hour, reason};
use serde_json::{Value, json};

/// A series that starts on Monday the 5th at nine in Berlin.
fn series(lines: &[&str]) -> Value {
    let mut event = hour("Stand-up", 5, 9);
    event["id"] = json!("series");
    event["recurrence"] = json!(lines);
    event
}

/// The starts in a range, in order.
async fn starts(client: &Client, range: &str) -> Vec<String> {
    let list = client
        .list(&format!("singleEvents=true&orderBy=startTime&{range}"))
        .await;
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            let start = &item["start"];
            start["dateTime"]
                .as_str()
                .or(start["date"].as_str())
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn a_series_keeps_its_local_time_when_the_clocks_change() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    ann.calendar().adds(series(&["RRULE:FREQ=WEEKLY;BYDAY=MO"]));
    let march = "timeMin=2026-03-20T00:00:00Z&timeMax=2026-04-07T00:00:00Z";
    assert_eq!(
        starts(&client, march).await,
        [
            "2026-03-23T09:00:00+01:00",
            "2026-03-30T09:00:00+02:00",
            "2026-04-06T09:00:00+02:00"
        ]
    );
    let list = client
        .list(&format!("singleEvents=true&orderBy=startTime&{march}"))
        .await;
    // The id is in UTC.
    assert_eq!(
        each(&list, "id"),
        [
            "series_20260323T080000Z",
            "series_20260330T070000Z",
            "series_20260406T070000Z"
        ]
    );
    let first = &list["items"][0];
    assert_eq!(
        (
            &first["recurringEventId"],
            &first["originalStartTime"],
            &first["recurrence"]
        ),
        (
            &json!("series"),
            &json!({ "dateTime": "2026-03-23T09:00:00+01:00", "timeZone": "Europe/Berlin" }),
            &Value::Null
        )
    );
    assert_eq!(first["iCalUID"], "series@google.com");
    let (_, same) = client.event("series_20260323T080000Z").await;
    assert_eq!(&same, first);
    for wrong in [
        "series_20260324T080000Z",
        "series_20260323",
        "series_20260323T090000Z",
        "other_20260323T080000Z",
    ] {
        assert_eq!(client.event(wrong).await.0, 404, "{wrong}");
    }
    let (_, whole) = client.event("series").await;
    assert_eq!(whole["recurrence"], json!(["RRULE:FREQ=WEEKLY;BYDAY=MO"]));
}

#[tokio::test]
async fn a_series_in_a_gap_moves_on_by_it_and_in_a_fold_happens_once() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let at = |date: &str| json!({ "dateTime": format!("{date}T02:30:00"), "timeZone": "Europe/Berlin" });
    for (day, id) in [("2026-03-28", "spring"), ("2026-10-24", "autumn")] {
        let rule = ["RRULE:FREQ=DAILY;COUNT=3"];
        ann.calendar()
            .adds(json!({ "id": id, "start": at(day), "end": at(day), "recurrence": rule }));
    }
    assert_eq!(
        starts(&client, "").await,
        [
            "2026-03-28T02:30:00+01:00",
            "2026-03-29T03:30:00+02:00",
            "2026-03-30T02:30:00+02:00",
            "2026-10-24T02:30:00+02:00",
            "2026-10-25T02:30:00+02:00",
            "2026-10-26T02:30:00+01:00",
        ]
    );
}

#[tokio::test]
async fn rules_end_skip_and_add_days() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let day = |number: u32| format!("2026-01-{number:02}T09:00:00+01:00");
    // The 5th is a Monday.
    let cases: [(&[&str], &[u32]); 7] = [
        (&["RRULE:FREQ=DAILY;COUNT=3"], &[5, 6, 7]),
        (&["RRULE:FREQ=DAILY;UNTIL=20260107T080000Z"], &[5, 6, 7]),
        (&["RRULE:FREQ=DAILY;UNTIL=20260107T075959Z"], &[5, 6]),
        (
            &["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3", "EXDATE:20260107T080000Z"],
            &[5, 9],
        ),
        (
            &[
                "EXDATE;TZID=Europe/Berlin:20260106T090000,20260107T090000",
                "RRULE:FREQ=DAILY;COUNT=4",
            ],
            &[5, 8],
        ),
        (&["RDATE:20260120T080000Z,20260110T080000Z"], &[5, 10, 20]),
        // As Google does: a start that is not of the rule's days comes on top of the count.
        (&["RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3"], &[5, 6, 8, 13]),
    ];
    for (index, (lines, days)) in cases.into_iter().enumerate() {
        let mut event = series(lines);
        event["id"] = json!(format!("series{index}"));
        let id = ann.calendar().adds(event);
        let expected: Vec<String> = days.iter().map(|number| day(*number)).collect();
        assert_eq!(starts(&client, "").await, expected, "{lines:?}");
        assert_eq!(client.delete(&id).await.0, 204);
        assert!(starts(&client, "").await.is_empty());
    }
}

#[tokio::test]
async fn rules_that_google_refuses_are_refused() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let refused = [
        "RRULE:FREQ=HOURLY",
        "RRULE:FREQ=DAILY;COUNT=-1",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260107T080000Z",
        "RRULE:FREQ=DAILY;UNTIL=20260107",
        "RRULE:FREQ=DAILY;UNTIL=20260107T080000",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RRULE:BYDAY=MO",
        "RRULE:FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY",
        "DTSTART:20260105T080000Z",
        "EXDATE:20260105T080000Z",
        "RDATE:20260105T080000",
    ];
    for line in refused {
        let (status, body) = client.insert(series(&[line])).await;
        assert_eq!((status, reason(&body)), (400, "invalid"), "{line}");
        assert!(world.violation().contains("Invalid recurrence rule"), "{line}");
    }
    // A series needs a zone, or it would not know what the clocks do.
    let event = json!({ "start": { "dateTime": "2026-01-05T09:00:00Z" }, "end": { "dateTime": "2026-01-05T10:00:00Z" },
        "recurrence": ["RRULE:FREQ=DAILY"] });
    let (status, body) = client.insert(event).await;
    assert_eq!((status, reason(&body)), (400, "required"));
    assert!(
        world
            .violation()
            .contains("Missing time zone definition for start time.")
    );
    let days = |line: &str| json!({ "start": { "date": "2026-01-05" }, "end": { "date": "2026-01-06" }, "recurrence": [line] });
    let (status, _) = client
        .insert(days("RRULE:FREQ=DAILY;UNTIL=20260107T080000Z"))
        .await;
    assert_eq!(status, 400);
    world.violation();
    ann.calendar().adds(days("RRULE:FREQ=DAILY;UNTIL=20260107"));
    assert_eq!(
        starts(&client, "").await,
        ["2026-01-05", "2026-01-06", "2026-01-07"]
    );
}

#[tokio::test]
async fn an_instance_is_changed_or_deleted_alone() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    ann.calendar().adds(series(&["RRULE:FREQ=DAILY;COUNT=4"]));
    let sixth = "series_20260106T080000Z";
    let patch = json!({ "summary": "Long stand-up", "end": { "dateTime": "2026-01-06T11:00:00+01:00" } });
    let (status, changed) = client.patch(sixth, patch).await;
    assert_eq!(
        (status, &changed["id"], &changed["recurringEventId"]),
        (200, &json!(sixth), &json!("series"))
    );
    assert_eq!(client.delete("series_20260107T080000Z").await.0, 204);
    assert_eq!(client.delete("series_20260107T080000Z").await.0, 410);
    // Moved beyond the others, it keeps its name and its original start.
    let moved = json!({ "start": { "dateTime": "2026-01-20T09:00:00+01:00" },
        "end": { "dateTime": "2026-01-20T10:00:00+01:00" } });
    let (_, moved) = client.patch("series_20260108T080000Z", moved).await;
    assert_eq!(
        moved["originalStartTime"]["dateTime"],
        "2026-01-08T09:00:00+01:00"
    );
    let all = client.list("singleEvents=true&orderBy=startTime").await;
    assert_eq!(
        each(&all, "id"),
        ["series_20260105T080000Z", sixth, "series_20260108T080000Z"]
    );
    assert_eq!(each(&all, "summary"), ["Stand-up", "Long stand-up", "Stand-up"]);
    // A change of the series reaches what the exceptions did not change themselves.
    client
        .patch("series", json!({ "summary": "Daily", "location": "Room 1" }))
        .await;
    let all = client.list("singleEvents=true&orderBy=startTime").await;
    assert_eq!(each(&all, "summary"), ["Daily", "Long stand-up", "Daily"]);
    assert_eq!(each(&all, "location"), ["Room 1"; 3]);
    // Without unrolling: the series and its exceptions, the cancelled one too.
    let kept = client.list("").await;
    assert_eq!(
        each(&kept, "id"),
        [
            "series",
            sixth,
            "series_20260107T080000Z",
            "series_20260108T080000Z"
        ]
    );
    let cancelled = &kept["items"][2];
    assert_eq!(
        (&cancelled["status"], &cancelled["summary"], &cancelled["start"]),
        (&json!("cancelled"), &Value::Null, &Value::Null)
    );
    let (status, instances) = client.get("calendars/primary/events/series/instances").await;
    assert_eq!((status, each(&instances, "id").len()), (200, 3));
    let (_, instances) = client
        .get("calendars/primary/events/series/instances?showDeleted=true&maxResults=2")
        .await;
    assert_eq!(each(&instances, "id"), ["series_20260105T080000Z", sixth]);
    let next = instances["nextPageToken"].as_str().unwrap();
    let (_, instances) = client
        .get(&format!(
            "calendars/primary/events/series/instances?showDeleted=true&maxResults=2&pageToken={next}"
        ))
        .await;
    assert_eq!(each(&instances, "status"), ["cancelled", "confirmed"]);
    let (status, back) = client
        .patch("series_20260107T080000Z", json!({ "status": "confirmed" }))
        .await;
    assert_eq!((status, &back["summary"]), (200, &json!("Daily")));
    assert_eq!(starts(&client, "").await.len(), 4);
    let (status, body) = client
        .patch(sixth, json!({ "recurrence": ["RRULE:FREQ=DAILY"] }))
        .await;
    assert_eq!((status, reason(&body)), (400, "invalid"));
    world.violation();
}

#[tokio::test]
async fn this_and_following_is_an_end_and_a_new_series() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    ann.calendar().adds(series(&["RRULE:FREQ=DAILY;COUNT=10"]));
    ann.calendar()
        .changes("series_20260106T080000Z", json!({ "summary": "kept" }));
    ann.calendar()
        .changes("series_20260109T080000Z", json!({ "summary": "lost" }));
    let (status, _) = client
        .patch(
            "series",
            json!({ "recurrence": ["RRULE:FREQ=DAILY;UNTIL=20260107T225959Z"] }),
        )
        .await;
    assert_eq!(status, 200);
    let mut following = hour("Later stand-up", 8, 10);
    following["recurrence"] = json!(["RRULE:FREQ=DAILY;COUNT=2"]);
    assert_eq!(client.insert(following).await.0, 200);
    let all = client.list("singleEvents=true&orderBy=startTime").await;
    assert_eq!(
        each(&all, "summary"),
        ["Stand-up", "kept", "Stand-up", "Later stand-up", "Later stand-up"]
    );
    assert_eq!(client.event("series_20260109T080000Z").await.0, 404);
    // An update without a rule makes it a single event again.
    let (_, single) = client.update("series", hour("Once", 5, 9)).await;
    assert_eq!(single["recurrence"], Value::Null);
    assert_eq!(client.event("series_20260106T080000Z").await.0, 404);
    assert_eq!(each(&client.list("singleEvents=true").await, "id").len(), 3);
    assert_eq!(client.delete("series").await.0, 204);
    assert_eq!(starts(&client, "").await.len(), 2);
}

#[tokio::test]
async fn an_all_day_series_has_days_in_its_ids_and_lasts_whole_days() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let (_, made) = client
        .insert(
            json!({ "id": "fair0", "start": { "date": "2026-03-27" }, "end": { "date": "2026-03-30" },
            "recurrence": ["RRULE:FREQ=YEARLY;COUNT=2", "EXDATE;VALUE=DATE:20280327"] }),
        )
        .await;
    assert_eq!(made["start"], json!({ "date": "2026-03-27" }));
    // Over the change of the clocks: the 29th has 23 hours in Berlin, and the range ends before that day does.
    let list = client
        .list("singleEvents=true&timeMin=2026-03-29T21:59:59Z&timeMax=2027-03-27T00:00:00Z")
        .await;
    assert_eq!(each(&list, "id"), ["fair0_20260327", "fair0_20270327"]);
    let list = client
        .list("singleEvents=true&timeMin=2026-03-29T22:00:00Z&timeMax=2027-03-26T23:00:00Z")
        .await;
    assert!(each(&list, "id").is_empty(), "{list}");
    let (status, instance) = client.event("fair0_20270327").await;
    assert_eq!(
        (status, &instance["end"]),
        (200, &json!({ "date": "2027-03-30" }))
    );
}
