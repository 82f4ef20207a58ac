//! Requests against Google's own description: addresses, parameters, bodies, tokens, scopes.

use super::{EVENTS, World, hour, reason};
use crate::http;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn parameters_are_known_typed_and_single() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let refused = [
        "maxResults=0",
        "maxResults=many",
        "singleEvents=1",
        "singleEvents=True",
        "orderBy=start",
        "timeMin=2026-01-05",
        "timeMin=2026-01-05T00:00:00",
        "eventTypes=holiday",
        "alt=media",
    ];
    for query in refused {
        let (status, body) = client.get(&format!("calendars/primary/events?{query}")).await;
        assert_eq!(
            (status, &body["error"]["errors"][0]["locationType"]),
            (400, &json!("parameter")),
            "{query}"
        );
        world.violation();
    }
    for (query, told) in [
        ("maxresults=5", "unknown parameter \"maxresults\""),
        ("sendUpdates=all", "unknown parameter \"sendUpdates\""),
        ("calendarId=x", "unknown parameter \"calendarId\""),
        ("q=a&q=b", "repeated parameter \"q\""),
    ] {
        assert_eq!(
            client.get(&format!("calendars/primary/events?{query}")).await.0,
            200,
            "{query}"
        );
        assert!(world.violation().contains(told), "{query}");
    }
    assert_eq!(
        client
            .get("calendars/primary/events?alt=json&prettyPrint=false&quotaUser=7")
            .await
            .0,
        200
    );
    world.google.assert_clean();
}

#[tokio::test]
async fn bodies_are_json_of_the_described_shape() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let with = |name: &str, value: Value| {
        let mut event = hour("x", 5, 9);
        event[name] = value;
        event
    };
    let refused = [
        with("summary", json!(7)),
        with("attendees", json!("bob@example.com")),
        with("attendees", json!(["bob@example.com"])),
        with("reminders", json!({ "useDefault": "no" })),
        with("sequence", json!(1.5)),
        with("start", json!("2026-01-05T09:00:00Z")),
        json!([]),
    ];
    for body in refused {
        let (status, answer) = client.insert(body.clone()).await;
        assert_eq!((status, reason(&answer)), (400, "parseError"), "{body}");
        world.violation();
    }
    let text = client.request(Method::POST, "calendars/primary/events");
    let text = text
        .header("content-type", "text/plain")
        .body(hour("x", 5, 9).to_string());
    assert_eq!(text.send().await.unwrap().status(), 400);
    world.violation();
    let unknown = [
        (with("title", json!("x")), "unknown field \"title\""),
        (
            with("reminders", json!({ "use_default": true })),
            "unknown field \"reminders.use_default\"",
        ),
        (
            with(
                "attendees",
                json!([{ "email": "bob@example.com", "name": "Bob" }]),
            ),
            "unknown field \"attendees[0].name\"",
        ),
    ];
    for (body, told) in unknown {
        assert_eq!(client.insert(body).await.0, 200, "{told}");
        assert!(world.violation().contains(told), "{told}");
    }
    let with_body = client.request(Method::GET, "calendars/primary").body("{}");
    assert_eq!(with_body.send().await.unwrap().status(), 200);
    world.violation();
}

#[tokio::test]
async fn what_the_api_has_not_and_what_the_fake_does_not_do_is_told() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    for path in [
        "calendars/primary/event",
        "",
        "calendars/ann@example.com/x/events",
        "users/me/calendarlist",
    ] {
        assert_eq!(client.get(path).await.0, 404, "{path}");
        world.violation();
    }
    let mut event = hour("x", 5, 9);
    event["conferenceData"] = json!({ "createRequest": { "requestId": "1" } });
    assert_eq!(client.insert(event).await.0, 501);
    world.violation();
    assert_eq!(client.get("calendars/primary/events/a%2Fb").await.0, 404);
    // An id with a plus and an at sign, as holidays and shared calendars have.
    let id = ann.calendar().id().replace('@', "%40");
    assert_eq!(client.get(&format!("calendars/{id}")).await.0, 200);
    world.google.assert_clean();
}

#[tokio::test]
async fn only_a_living_token_in_the_header_opens_the_api() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let url = format!("{}/calendars/primary", world.google.calendar_url());
    let with = [None, Some("Bearer nobody's"), Some("Basic YTpi")];
    for value in with {
        let mut request = http().get(&url);
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        let (status, body) = super::read(request.send().await.unwrap()).await;
        assert_eq!((status, reason(&body)), (401, "authError"), "{value:?}");
        assert_eq!(body["error"]["status"], "UNAUTHENTICATED");
        world.violation();
    }
    assert_eq!(client.get("calendars/primary").await.0, 200);
    let calls = world.google.calls_of("calendars.get");
    let told: Vec<_> = calls
        .iter()
        .map(|call| (call.account.as_str(), call.status))
        .collect();
    assert_eq!(
        told,
        [
            ("", Some(401)),
            ("", Some(401)),
            ("", Some(401)),
            ("ann@example.com", Some(200))
        ]
    );
}

#[tokio::test]
async fn each_method_needs_one_of_its_scopes() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let auth = "https://www.googleapis.com/auth/";
    let ask = json!({ "timeMin": "2026-01-05T00:00:00Z", "timeMax": "2026-01-06T00:00:00Z", "items": [] });
    // Which of list, insert, free/busy and the list of calendars each scope opens.
    let cases = [
        ("calendar.events", [200, 200, 403, 403]),
        ("calendar.events.readonly", [200, 403, 403, 403]),
        ("calendar.events.owned", [200, 200, 403, 403]),
        ("calendar.freebusy", [403, 403, 200, 403]),
        ("calendar.events.freebusy", [403, 403, 200, 403]),
        ("calendar.calendarlist.readonly", [403, 403, 403, 200]),
        ("calendar.readonly", [200, 403, 200, 200]),
        ("calendar", [200, 200, 200, 200]),
    ];
    for (scope, expected) in cases {
        let token = world.connect(&ann, &format!("{auth}{scope}")).await;
        let client = world.client(token["access_token"].as_str().unwrap());
        let got = [
            client.get("calendars/primary/events").await.0,
            client.insert(hour("x", 5, 9)).await.0,
            client.send(Method::POST, "freeBusy", ask.clone()).await.0,
            client.get("users/me/calendarList").await.0,
        ];
        assert_eq!(got, expected, "{scope}");
        let _ = world.google.take_violations();
    }
}

#[tokio::test]
async fn a_scope_that_was_never_asked_for_is_the_apps_fault() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let token = world.connect(&ann, EVENTS).await;
    let client = world.client(token["access_token"].as_str().unwrap());
    let (status, body) = client.get("users/me/calendarList").await;
    assert_eq!((status, reason(&body)), (403, "insufficientPermissions"));
    assert!(world.violation().contains("insufficient authentication scopes"));
}
