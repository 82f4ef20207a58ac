//! Lists of events: ranges, order, pages, search, sync.

use super::{Client, World, each, hour, reason};
use serde_json::{Value, json};

#[tokio::test]
async fn the_bounds_of_a_range_are_exclusive() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    for (summary, day, at) in [("nine", 5, 9), ("ten", 5, 10), ("eleven", 5, 11)] {
        ann.calendar().adds(hour(summary, day, at));
    }
    let mut night = hour("night", 4, 23);
    night["end"] = json!({ "dateTime": "2026-01-05T01:00:00+01:00" });
    ann.calendar().adds(night);
    ann.calendar().adds(
        json!({ "summary": "day", "start": { "date": "2026-01-05" }, "end": { "date": "2026-01-06" } }),
    );
    let found = async |range: &str| {
        let list = client
            .list(&format!("singleEvents=true&orderBy=startTime&{range}"))
            .await;
        each(&list, "summary").join(" ")
    };
    // Ten in Berlin is nine in UTC; the day lasts from midnight to midnight in Berlin.
    assert_eq!(
        found("timeMin=2026-01-05T10:00:00%2B01:00&timeMax=2026-01-05T11:00:00%2B01:00").await,
        "day ten"
    );
    assert_eq!(
        found("timeMin=2026-01-04T23:00:00Z&timeMax=2026-01-05T07:00:00Z").await,
        "night day"
    );
    assert_eq!(found("timeMin=2026-01-05T23:00:00Z").await, "");
    assert_eq!(found("timeMax=2026-01-04T22:00:00Z").await, "");
    assert_eq!(found("").await, "night day nine ten eleven");
    let (status, body) = client
        .get("calendars/primary/events?timeMin=2026-01-05T00:00:00Z&timeMax=2026-01-05T00:00:00Z")
        .await;
    assert_eq!((status, reason(&body)), (400, "timeRangeEmpty"));
    world.violation();
}

#[tokio::test]
async fn times_are_told_in_the_asked_zone() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    ann.calendar().adds(hour("nine", 5, 9));
    let list = client.list("timeZone=Asia/Kolkata").await;
    assert_eq!(list["timeZone"], "Asia/Kolkata");
    assert_eq!(
        list["items"][0]["start"],
        json!({ "dateTime": "2026-01-05T13:30:00+05:30", "timeZone": "Europe/Berlin" })
    );
    assert_eq!(
        client.list("timeZone=UTC").await["items"][0]["start"]["dateTime"],
        "2026-01-05T08:00:00Z"
    );
    assert_eq!(client.get("calendars/primary/events?timeZone=Mars").await.0, 400);
    world.violation();
}

#[tokio::test]
async fn order_is_only_there_when_asked_for() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let add = |id: &str, at: u32| {
        let mut event = hour(id, 5, at);
        event["id"] = json!(id);
        ann.calendar().adds(event);
        world.wait(1);
    };
    add("late0", 15);
    add("eager", 8);
    add("aaaaa", 12);
    ann.calendar().changes("late0", json!({ "summary": "late0" }));
    assert_eq!(
        each(&client.list("singleEvents=true").await, "id"),
        ["aaaaa", "eager", "late0"]
    );
    assert_eq!(
        each(&client.list("singleEvents=true&orderBy=startTime").await, "id"),
        ["eager", "aaaaa", "late0"]
    );
    assert_eq!(
        each(&client.list("orderBy=updated").await, "id"),
        ["eager", "aaaaa", "late0"]
    );
    assert_eq!(
        each(&client.list("updatedMin=2026-01-01T00:00:02Z").await, "id"),
        ["aaaaa", "late0"]
    );
    let (status, body) = client
        .get("calendars/primary/events?updatedMin=2025-12-01T00:00:00Z")
        .await;
    assert_eq!((status, reason(&body)), (410, "updatedMinTooLongAgo"));
    let (status, body) = client.get("calendars/primary/events?orderBy=startTime").await;
    assert_eq!((status, reason(&body)), (400, "badRequest"));
    world.violation();
}

#[tokio::test]
async fn a_search_finds_whole_words_in_any_case() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let mut lunch = hour("Lunch with Bob", 5, 12);
    lunch["attendees"] = json!([{ "email": "bob@example.com", "displayName": "Robert Berg" }]);
    lunch["location"] = json!("Café Münster");
    ann.calendar().adds(lunch);
    ann.calendar().adds(hour("Dentist", 5, 15));
    for (q, found) in [
        ("LUNCH", 1),
        ("lunch+berg", 1),
        ("lunch+dentist", 0),
        ("lun", 0),
        ("m%C3%BCnster", 1),
        ("bob%40example.com", 1),
        ("", 2),
    ] {
        assert_eq!(
            each(&client.list(&format!("q={q}")).await, "id").len(),
            found,
            "{q}"
        );
    }
}

#[tokio::test]
async fn properties_uids_and_types_filter() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let mut event = hour("Lunch", 5, 12);
    event["extendedProperties"] = json!({ "private": { "key": "a=b" } });
    event["iCalUID"] = json!("lunch@example.com");
    ann.calendar().adds(event);
    ann.calendar().adds(hour("Dentist", 5, 15));
    for (query, found) in [
        ("privateExtendedProperty=key%3Da%3Db", 1),
        ("privateExtendedProperty=key%3Da", 0),
        ("sharedExtendedProperty=key%3Da%3Db", 0),
        ("iCalUID=lunch%40example.com", 1),
        ("eventTypes=default", 2),
        ("eventTypes=birthday&eventTypes=focusTime", 0),
    ] {
        assert_eq!(each(&client.list(query).await, "id").len(), found, "{query}");
    }
    assert_eq!(
        client
            .get("calendars/primary/events?privateExtendedProperty=key")
            .await
            .0,
        400
    );
    world.violation();
}

/// All ids of a list, and the sizes of its pages.
async fn all(client: &Client, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut sizes, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let list = client.list(&format!("{query}{token}")).await;
        let page = each(&list, "id");
        sizes.push(page.len());
        ids.extend(page.into_iter().map(str::to_owned));
        match list["nextPageToken"].as_str() {
            Some(next) => token = format!("&pageToken={next}"),
            None => return (ids, sizes),
        }
    }
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    for number in 0..2600 {
        let mut event = hour("x", 1 + number % 28, number % 23);
        event["id"] = json!(format!("lot{number:04}"));
        ann.calendar().adds(event);
    }
    let (ids, sizes) = all(&client, "singleEvents=true&orderBy=startTime&maxResults=2500").await;
    assert_eq!(sizes, [2500, 100]);
    assert_eq!(ids.len(), 2600);
    assert_eq!(all(&client, "maxResults=9999").await.1, [2500, 100]);
    let (mut ids, sizes) = all(&client, "").await;
    assert_eq!(sizes, [[250; 10].as_slice(), &[100]].concat());
    ids.dedup();
    assert_eq!(ids.len(), 2600);
    world.google.limits_pages(900);
    assert_eq!(all(&client, "maxResults=2500").await.1, [900, 900, 800]);
    world.google.limits_pages(0);
    assert_eq!(all(&client, "maxResults=2500").await.1, [0, 2500, 100]);
    let list = client.list("maxResults=1&singleEvents=true").await;
    let token = list["nextPageToken"].as_str().unwrap();
    for query in [format!("pageToken={token}"), "pageToken=other".to_owned()] {
        assert_eq!(
            client.get(&format!("calendars/primary/events?{query}")).await.0,
            400,
            "{query}"
        );
        world.violation();
    }
}

#[tokio::test]
async fn deleted_events_show_when_asked_for() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let id = ann.calendar().adds(hour("gone", 5, 12));
    ann.calendar().deletes(&id);
    let mut series = hour("gone series", 6, 9);
    series["recurrence"] = json!(["RRULE:FREQ=DAILY;COUNT=2"]);
    let series = ann.calendar().adds(series);
    ann.calendar().deletes(&series);
    assert!(each(&client.list("").await, "id").is_empty());
    assert_eq!(
        each(&client.list("showDeleted=true").await, "status"),
        ["cancelled"; 2]
    );
    // Unrolled, the instances show and the series does not.
    let list = client.list("showDeleted=true&singleEvents=true").await;
    assert_eq!(each(&list, "status"), ["cancelled"; 3]);
    assert!(!each(&list, "id").contains(&series.as_str()));
}

#[tokio::test]
async fn a_sync_token_gives_what_changed_and_grows_too_old() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let first = ann.calendar().adds(hour("first", 5, 9));
    let second = ann.calendar().adds(hour("second", 5, 10));
    let token = |list: &Value| list["nextSyncToken"].as_str().unwrap().to_owned();
    let page = client.list("maxResults=1").await;
    assert!(page["nextSyncToken"].is_null());
    let since = token(&client.list("").await);
    let list = client.list(&format!("syncToken={since}")).await;
    assert!(each(&list, "id").is_empty());
    ann.calendar().deletes(&first);
    ann.calendar().changes(&second, json!({ "summary": "changed" }));
    let third = ann.calendar().adds(hour("third", 5, 11));
    let list = client.list(&format!("syncToken={since}")).await;
    let mut changed: Vec<(&str, &str)> = each(&list, "id").into_iter().zip(each(&list, "status")).collect();
    changed.sort_unstable();
    let mut expected = [
        (first.as_str(), "cancelled"),
        (second.as_str(), "confirmed"),
        (third.as_str(), "confirmed"),
    ];
    expected.sort_unstable();
    assert_eq!(changed, expected);
    let since = token(&list);
    assert!(each(&client.list(&format!("syncToken={since}")).await, "id").is_empty());
    for with in [
        "timeMin=2026-01-05T00:00:00Z",
        "q=x",
        "orderBy=updated",
        "showDeleted=false",
    ] {
        let (status, body) = client
            .get(&format!("calendars/primary/events?syncToken={since}&{with}"))
            .await;
        assert_eq!((status, reason(&body)), (400, "invalid"), "{with}");
        world.violation();
    }
    assert!(client.list("q=x").await["nextSyncToken"].is_null());
    world.google.forgets_sync_tokens();
    let (status, body) = client
        .get(&format!("calendars/primary/events?syncToken={since}"))
        .await;
    assert_eq!((status, reason(&body)), (410, "fullSyncRequired"));
    let since = token(&client.list("").await);
    assert_eq!(
        client
            .get(&format!("calendars/primary/events?syncToken={since}"))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_partial_answer_has_what_was_selected() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    ann.calendar().adds(hour("nine", 5, 9));
    let list = client.list("fields=timeZone,items(summary,start/dateTime)").await;
    let expected = json!({ "timeZone": "Europe/Berlin",
        "items": [{ "summary": "nine", "start": { "dateTime": "2026-01-05T09:00:00+01:00" } }] });
    assert_eq!(list, expected);
    assert_eq!(
        client.list("fields=items/summary").await,
        json!({ "items": [{ "summary": "nine" }] })
    );
    for wrong in ["items(summary", "items)", "items,,", ""] {
        assert_eq!(
            client
                .get(&format!("calendars/primary/events?fields={wrong}"))
                .await
                .0,
            400,
            "{wrong}"
        );
        world.violation();
    }
}
