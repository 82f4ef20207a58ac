//! The list of calendars, their properties, and when they are busy.

use super::{World, each, hour, reason};
use fakes::google::Role;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_list_has_ones_own_and_those_that_others_share() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let work = ann.new_calendar("Work", "America/New_York");
    let bob = world.google.account("bob@example.com", "UTC");
    bob.calendar().shares_with(&ann, Role::Reader);
    let _hidden = bob.new_calendar("Hidden", "UTC");
    let (status, list) = client.get("users/me/calendarList").await;
    assert_eq!(
        (status, each(&list, "id")),
        (200, vec!["ann@example.com", "bob@example.com", work.id()])
    );
    assert_eq!(each(&list, "accessRole"), ["owner", "reader", "owner"]);
    assert_eq!(
        (&list["items"][0]["primary"], &list["items"][1]["primary"]),
        (&json!(true), &Value::Null)
    );
    let (_, owned) = client
        .get("users/me/calendarList?minAccessRole=owner&maxResults=1")
        .await;
    assert_eq!(each(&owned, "id"), ["ann@example.com"]);
    let next = owned["nextPageToken"].as_str().unwrap();
    let (_, rest) = client
        .get(&format!(
            "users/me/calendarList?minAccessRole=owner&maxResults=1&pageToken={next}"
        ))
        .await;
    assert_eq!(each(&rest, "summary"), ["Work"]);
    let id = work.id().replace('@', "%40");
    for path in [format!("calendars/{id}"), format!("users/me/calendarList/{id}")] {
        let (status, calendar) = client.get(&path).await;
        assert_eq!(
            (status, &calendar["timeZone"]),
            (200, &json!("America/New_York")),
            "{path}"
        );
    }
    assert_eq!(client.get("calendars/primary").await.1["id"], "ann@example.com");
    assert_eq!(client.get("calendars/eve%40example.com").await.0, 404);
    // An event without a zone lives in its calendar's.
    let event = json!({ "start": { "dateTime": "2026-01-05T15:00:00Z" }, "end": { "dateTime": "2026-01-05T16:00:00Z" } });
    let (_, made) = client
        .send(Method::POST, &format!("calendars/{id}/events"), event)
        .await;
    assert_eq!(
        made["start"],
        json!({ "dateTime": "2026-01-05T10:00:00-05:00", "timeZone": "America/New_York" })
    );
    assert_eq!(made["organizer"], json!({ "email": work.id() }));
    assert_eq!(
        made["creator"],
        json!({ "email": "ann@example.com", "self": true })
    );
}

#[tokio::test]
async fn busy_times_are_joined_cut_and_only_of_what_keeps_one_busy() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let bob = world.google.account("bob@example.com", "UTC");
    bob.calendar().shares_with(&ann, Role::FreeBusyReader);
    let calendar = ann.calendar();
    calendar.adds(hour("a", 5, 9));
    calendar.adds(hour("b", 5, 10));
    let mut free = hour("free", 5, 14);
    free["transparency"] = json!("transparent");
    calendar.adds(free);
    let mut declined = hour("declined", 5, 15);
    declined["attendees"] = json!([{ "email": "ann@example.com", "responseStatus": "declined" }]);
    calendar.adds(declined);
    let gone = calendar.adds(hour("gone", 5, 16));
    calendar.deletes(&gone);
    let mut series = hour("series", 4, 20);
    series["id"] = json!("series");
    series["recurrence"] = json!(["RRULE:FREQ=DAILY"]);
    calendar.adds(series);
    calendar.deletes("series_20260106T190000Z");
    bob.calendar()
        .adds(json!({ "start": { "date": "2026-01-05" }, "end": { "date": "2026-01-08" } }));
    let ask = |items: &[&str]| {
        let items: Vec<Value> = items.iter().map(|id| json!({ "id": id })).collect();
        json!({ "timeMin": "2026-01-05T08:30:00Z", "timeMax": "2026-01-07T00:00:00Z", "items": items })
    };
    let mut body = ask(&["primary", "bob@example.com", "eve@example.com"]);
    let (status, answer) = client.send(Method::POST, "freeBusy", body.clone()).await;
    let span = |start: &str, end: &str| json!({ "start": start, "end": end });
    assert_eq!(status, 200, "{answer}");
    let expected = json!({
        "primary": { "busy": [
            span("2026-01-05T08:30:00Z", "2026-01-05T10:00:00Z"),
            span("2026-01-05T19:00:00Z", "2026-01-05T20:00:00Z"),
        ] },
        "bob@example.com": { "busy": [span("2026-01-05T08:30:00Z", "2026-01-07T00:00:00Z")] },
        "eve@example.com": { "busy": [], "errors": [{ "domain": "global", "reason": "notFound" }] },
    });
    assert_eq!(answer["calendars"], expected);
    body["timeZone"] = json!("Europe/Berlin");
    let (_, answer) = client.send(Method::POST, "freeBusy", body).await;
    assert_eq!(
        answer["calendars"]["primary"]["busy"][0]["start"],
        "2026-01-05T09:30:00+01:00"
    );
}

#[tokio::test]
async fn a_guest_is_busy_until_they_decline() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let bob = world.google.account("bob@example.com", "UTC");
    bob.calendar().shares_with(&ann, Role::FreeBusyReader);
    let mut lunch = hour("Lunch", 5, 12);
    lunch["attendees"] = json!([{ "email": "bob@example.com" }]);
    let id = ann.calendar().adds(lunch);
    let ask = json!({ "timeMin": "2026-01-05T00:00:00Z", "timeMax": "2026-01-06T00:00:00Z",
        "items": [{ "id": "bob@example.com" }] });
    let busy = async || {
        let (_, answer) = client.send(Method::POST, "freeBusy", ask.clone()).await;
        answer["calendars"]["bob@example.com"]["busy"].clone()
    };
    let lunch = json!([{ "start": "2026-01-05T11:00:00Z", "end": "2026-01-05T12:00:00Z" }]);
    assert_eq!(busy().await, lunch);
    let declined = json!({ "email": "bob@example.com", "responseStatus": "declined" });
    ann.calendar().changes(&id, json!({ "attendees": [declined] }));
    assert_eq!(busy().await, json!([]));
}

#[tokio::test]
async fn a_free_busy_query_has_its_limits() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let range =
        |min: &str, max: &str| json!({ "timeMin": min, "timeMax": max, "items": [{ "id": "primary" }] });
    let (start, later) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let with = |name: &str, value: Value| {
        let mut body = range(start, later);
        body[name] = value;
        body
    };
    let refused = [
        (range(start, "2026-04-01T00:00:01Z"), "timeRangeTooLong"),
        (range(later, start), "timeRangeEmpty"),
        (with("timeMin", Value::Null), "required"),
        (with("timeMax", json!("tomorrow")), "badRequest"),
        (with("timeZone", json!("Mars")), "invalid"),
        (
            with("items", json!(vec![json!({ "id": "primary" }); 51])),
            "tooManyCalendarsRequested",
        ),
        (with("items", json!([{}])), "required"),
    ];
    for (body, expected) in refused {
        let (status, answer) = client.send(Method::POST, "freeBusy", body.clone()).await;
        assert_eq!((status, reason(&answer)), (400, expected), "{body}");
        world.violation();
    }
    assert_eq!(
        client
            .send(Method::POST, "freeBusy", range(start, "2026-04-01T00:00:00Z"))
            .await
            .0,
        200
    );
}
