//! One event: made, read, changed, deleted.

use super::{World, hour, reason};
use fakes::google::{GuestMail, Role};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_inserted_event_comes_back_with_what_google_adds() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let mut event = hour("Dentist", 5, 15);
    event["location"] = json!("Main street 1");
    event["id"] = json!("a0b1c2d3e4f5");
    let (status, made) = client.insert(event).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(
        made["start"],
        json!({ "dateTime": "2026-01-05T15:00:00+01:00", "timeZone": "Europe/Berlin" })
    );
    assert_eq!(
        made["end"],
        json!({ "dateTime": "2026-01-05T16:00:00+01:00", "timeZone": "Europe/Berlin" })
    );
    let fixed = json!({
        "kind": "calendar#event", "id": "a0b1c2d3e4f5", "status": "confirmed", "summary": "Dentist",
        "location": "Main street 1", "sequence": 0, "iCalUID": "a0b1c2d3e4f5@google.com", "eventType": "default",
        "created": "2026-01-01T00:00:00.000Z", "updated": "2026-01-01T00:00:00.000Z",
        "creator": { "email": "ann@example.com", "self": true },
        "organizer": { "email": "ann@example.com", "self": true }, "reminders": { "useDefault": true },
    });
    for (name, value) in fixed.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert!(
        made["htmlLink"]
            .as_str()
            .unwrap()
            .starts_with("https://www.google.com/calendar/event?eid=")
    );
    assert_eq!(client.event("a0b1c2d3e4f5").await, (200, made));
}

#[tokio::test]
async fn ids_are_taken_for_ever_and_have_an_alphabet() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let with_id = |id: &str| {
        let mut event = hour("Dentist", 5, 15);
        event["id"] = json!(id);
        event
    };
    assert_eq!(client.insert(with_id("0123abcv")).await.0, 200);
    let (status, body) = client.insert(with_id("0123abcv")).await;
    assert_eq!((status, reason(&body)), (409, "duplicate"));
    assert_eq!(client.delete("0123abcv").await.0, 204);
    assert_eq!(client.insert(with_id("0123abcv")).await.0, 409);
    world.google.assert_clean();
    for wrong in ["abcd", "abcdw", "ABCDE", "abc-de", "abc_de", &"a".repeat(1025)] {
        let (status, body) = client.insert(with_id(wrong)).await;
        assert_eq!((status, reason(&body)), (400, "invalid"), "{wrong}");
        world.violation();
    }
    let (_, made) = client.insert(hour("Its own id", 6, 9)).await;
    assert_eq!(made["id"].as_str().unwrap().len(), 26);
    let mut twin = hour("Same uid", 6, 9);
    twin["iCalUID"] = json!("uid@example.com");
    assert_eq!(client.insert(twin.clone()).await.0, 200);
    assert_eq!(client.insert(twin).await.0, 409);
}

#[tokio::test]
async fn a_deleted_event_is_gone_once_and_can_come_back() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let id = ann.calendar().adds(hour("Dentist", 5, 15));
    assert_eq!(client.delete("nosuchevent").await.0, 404);
    assert_eq!(client.delete(&id).await, (204, Value::Null));
    let (status, body) = client.delete(&id).await;
    assert_eq!((status, reason(&body)), (410, "deleted"));
    let (status, event) = client.event(&id).await;
    assert_eq!(
        (status, &event["status"], &event["summary"]),
        (200, &json!("cancelled"), &json!("Dentist"))
    );
    let (status, event) = client.patch(&id, json!({ "status": "confirmed" })).await;
    assert_eq!(
        (status, &event["status"], &event["summary"]),
        (200, &json!("confirmed"), &json!("Dentist"))
    );
    assert_eq!(ann.calendar().events().len(), 1);
}

#[tokio::test]
async fn a_patch_merges_and_an_update_replaces() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let mut event = hour("Dentist", 5, 15);
    event["location"] = json!("Main street 1");
    event["extendedProperties"] = json!({ "private": { "a": "1", "b": "2" } });
    let id = ann.calendar().adds(event);
    let patch =
        json!({ "summary": "Doctor", "location": null, "extendedProperties": { "private": { "a": null } } });
    let (_, event) = client.patch(&id, patch).await;
    assert_eq!(
        (&event["summary"], &event["location"], &event["sequence"]),
        (&json!("Doctor"), &Value::Null, &json!(0))
    );
    assert_eq!(event["extendedProperties"]["private"], json!({ "b": "2" }));
    let (_, moved) = client
        .patch(
            &id,
            json!({ "start": { "dateTime": "2026-07-06T15:00:00" }, "end": { "dateTime": "2026-07-06T16:00:00" } }),
        )
        .await;
    assert_eq!(moved["start"]["dateTime"], "2026-07-06T15:00:00+02:00");
    assert_eq!(moved["sequence"], 1);
    // A whole event read, changed and sent back: what only Google sets is no fault.
    let mut whole = moved.clone();
    whole["description"] = json!("bring the card");
    let (status, whole) = client.update(&id, whole).await;
    assert_eq!(
        (status, &whole["description"], &whole["sequence"]),
        (200, &json!("bring the card"), &json!(1))
    );
    let (_, replaced) = client.update(&id, hour("New", 7, 9)).await;
    assert_eq!(
        (&replaced["description"], &replaced["extendedProperties"]),
        (&Value::Null, &Value::Null)
    );
    world.google.assert_clean();
    let mut stale = hour("Old", 7, 9);
    stale["sequence"] = json!(0);
    let (status, body) = client.update(&id, stale).await;
    assert!(
        status == 400
            && body["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with("Invalid sequence value")
    );
    world.violation();
}

#[tokio::test]
async fn an_etag_guards_against_changes_in_between() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let id = ann.calendar().adds(hour("Dentist", 5, 15));
    let path = format!("calendars/primary/events/{id}");
    let response = client.request(Method::GET, &path).send().await.unwrap();
    let old = response.headers()["etag"].to_str().unwrap().to_owned();
    let (_, event) = super::read(response).await;
    assert_eq!(event["etag"], old.as_str());
    let unchanged = client.request(Method::GET, &path).header("if-none-match", &old);
    assert_eq!(unchanged.send().await.unwrap().status(), 304);
    ann.calendar().changes(&id, json!({ "summary": "Doctor" }));
    for method in [Method::PATCH, Method::PUT, Method::DELETE] {
        let mut request = client.request(method.clone(), &path).header("if-match", &old);
        if method != Method::DELETE {
            request = request.json(&hour("Mine", 5, 16));
        }
        let (status, body) = super::read(request.send().await.unwrap()).await;
        assert_eq!((status, reason(&body)), (412, "conditionNotMet"), "{method}");
    }
    let (_, event) = client.event(&id).await;
    let etag = event["etag"].as_str().unwrap();
    assert_ne!(etag, old);
    let request = client.request(Method::PATCH, &path).header("if-match", etag);
    let (status, event) =
        super::read(request.json(&json!({ "summary": "Mine" })).send().await.unwrap()).await;
    assert_eq!((status, &event["summary"]), (200, &json!("Mine")));
    let calls = world.google.calls_of("events.patch");
    assert_eq!(calls.last().unwrap().if_match.as_deref(), Some(etag));
    let any = client.request(Method::DELETE, &path).header("if-match", "*");
    assert_eq!(any.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn times_are_read_strictly() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let at = |start: Value, end: Value| json!({ "summary": "x", "start": start, "end": end });
    let time = |text: &str| json!({ "dateTime": text });
    let day = |text: &str| json!({ "date": text });
    let berlin = |text: &str| json!({ "dateTime": text, "timeZone": "Europe/Berlin" });
    let both = json!({ "date": "2026-01-05", "dateTime": "2026-01-05T10:00:00Z" });
    let ten = "2026-01-05T10:00:00Z";
    let refused = [
        (at(time(ten), time("2026-01-05T09:59:59Z")), "timeRangeEmpty"),
        (at(day("2026-01-05"), day("2026-01-05")), "timeRangeEmpty"),
        (at(day("2026-01-05"), time(ten)), "invalid"),
        (at(both.clone(), both), "invalid"),
        (at(time("2026-01-05T10:00:00"), time(ten)), "required"),
        (at(time("2026-01-05 10:00"), time(ten)), "invalid"),
        (at(day("2026-1-5"), day("2026-01-06")), "invalid"),
        (at(day("2026-02-30"), day("2026-03-06")), "invalid"),
        (
            at(json!({ "dateTime": ten, "timeZone": "CEST+1" }), time(ten)),
            "invalid",
        ),
        (at(json!({}), time(ten)), "required"),
        (json!({ "start": time(ten) }), "required"),
    ];
    for (event, expected) in refused {
        let (status, body) = client.insert(event.clone()).await;
        assert_eq!((status, reason(&body)), (400, expected), "{event}");
        world.violation();
    }
    // A zero length, whole days, a gap and a fold of Berlin's clocks.
    let taken = [
        (
            at(time(ten), time(ten)),
            "2026-01-05T11:00:00+01:00",
            "2026-01-05T11:00:00+01:00",
        ),
        (
            at(berlin("2026-03-29T02:30:00"), berlin("2026-03-29T04:00:00")),
            "2026-03-29T03:30:00+02:00",
            "2026-03-29T04:00:00+02:00",
        ),
        (
            at(berlin("2026-10-25T02:30:00"), berlin("2026-10-25T03:30:00")),
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T03:30:00+01:00",
        ),
    ];
    for (event, start, end) in taken {
        let (_, made) = client.insert(event).await;
        assert_eq!(
            (&made["start"]["dateTime"], &made["end"]["dateTime"]),
            (&json!(start), &json!(end))
        );
    }
    let (_, made) = client.insert(at(day("2026-01-05"), day("2026-01-07"))).await;
    assert_eq!(
        (&made["start"], &made["end"]),
        (&day("2026-01-05"), &day("2026-01-07"))
    );
    let (status, body) = client
        .patch(made["id"].as_str().unwrap(), json!({ "start": time(ten) }))
        .await;
    assert_eq!(
        (status, reason(&body)),
        (400, "invalid"),
        "a patch has to take the date away"
    );
    world.violation();
    let patch =
        json!({ "start": { "date": null, "dateTime": ten }, "end": { "date": null, "dateTime": ten } });
    assert_eq!(client.patch(made["id"].as_str().unwrap(), patch).await.0, 200);
}

#[tokio::test]
async fn attendees_reminders_and_choices_are_checked() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let refused = [
        (json!({ "attendees": [{ "email": "bob" }] }), "invalid"),
        (json!({ "attendees": [{ "displayName": "Bob" }] }), "required"),
        (
            json!({ "attendees": [{ "email": "bob@example.com", "responseStatus": "yes" }] }),
            "invalid",
        ),
        (
            json!({ "attendees": vec![json!({ "email": "bob@example.com" }); 201] }),
            "invalid",
        ),
        (
            json!({ "reminders": { "useDefault": true, "overrides": [{ "method": "popup", "minutes": 5 }] } }),
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        (
            json!({ "reminders": { "useDefault": false, "overrides": [{ "method": "sms", "minutes": 5 }] } }),
            "invalid",
        ),
        (
            json!({ "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 40_321 }] } }),
            "invalid",
        ),
        (
            json!({ "reminders": { "useDefault": false,
                "overrides": vec![json!({ "method": "popup", "minutes": 5 }); 6] } }),
            "invalid",
        ),
        (json!({ "status": "maybe" }), "invalid"),
        (json!({ "transparency": "busy" }), "invalid"),
        (json!({ "colorId": "12" }), "invalid"),
    ];
    for (change, expected) in refused {
        let mut event = hour("x", 5, 9);
        event
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let (status, body) = client.insert(event).await;
        assert_eq!((status, reason(&body)), (400, expected), "{change}");
        world.violation();
    }
    let mut event = hour("Lunch", 5, 12);
    event["attendees"] =
        json!([{ "email": "bob@example.com" }, { "email": "ann@example.com", "self": true }]);
    event["reminders"] = json!({ "useDefault": false, "overrides": [{ "method": "popup", "minutes": 5 }] });
    let (_, made) = client.insert(event).await;
    assert_eq!(
        made["attendees"],
        json!([
            { "email": "bob@example.com", "responseStatus": "needsAction" },
            { "email": "ann@example.com", "responseStatus": "needsAction", "self": true, "organizer": true },
        ])
    );
}

#[tokio::test]
async fn guests_are_written_to_when_asked_for() {
    let world = World::start().await;
    let (_, client) = world.ann().await;
    let mut event = hour("Lunch", 5, 12);
    event["id"] = json!("lunch");
    event["attendees"] = json!([{ "email": "bob@example.com" }, { "email": "eve@other.org" }]);
    let path = |id: &str, query: &str| format!("calendars/primary/events{id}?{query}");
    client
        .send(Method::POST, &path("", "sendUpdates=all"), event)
        .await;
    let patch = json!({ "summary": "Long lunch" });
    client
        .send(
            Method::PATCH,
            &path("/lunch", "sendUpdates=externalOnly"),
            patch.clone(),
        )
        .await;
    client
        .send(Method::PATCH, &path("/lunch", "sendUpdates=none"), patch.clone())
        .await;
    client.send(Method::PATCH, &path("/lunch", ""), patch).await;
    let delete = client.request(Method::DELETE, &path("/lunch", "sendUpdates=all"));
    assert_eq!(delete.send().await.unwrap().status(), 204);
    let mail = |subject, to: &[&str]| GuestMail {
        event_id: "lunch".to_owned(),
        subject,
        to: to.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(
        world.google.mails(),
        [
            mail("invitation", &["bob@example.com", "eve@other.org"]),
            mail("update", &["eve@other.org"]),
            mail("cancellation", &["bob@example.com", "eve@other.org"]),
        ]
    );
    assert_eq!(
        world.google.calls_of("events.insert")[0].query["sendUpdates"],
        "all"
    );
}

#[tokio::test]
async fn other_peoples_calendars_open_as_far_as_they_are_shared() {
    let world = World::start().await;
    let (ann, client) = world.ann().await;
    let bob = world.google.account("bob@example.com", "America/New_York");
    let id = bob.calendar().adds(hour("Secret", 5, 9));
    let path = format!("calendars/bob%40example.com/events/{id}");
    assert_eq!(client.get(&path).await.0, 404);
    bob.calendar().shares_with(&ann, Role::FreeBusyReader);
    assert_eq!(client.get(&path).await.0, 404);
    bob.calendar().shares_with(&ann, Role::Reader);
    let (status, event) = client.get(&path).await;
    // Nine in Berlin, told in the calendar's own zone.
    assert_eq!(
        (status, &event["start"]["dateTime"]),
        (200, &json!("2026-01-05T03:00:00-05:00"))
    );
    let (status, body) = client.send(Method::PATCH, &path, json!({ "summary": "x" })).await;
    assert_eq!((status, reason(&body)), (403, "requiredAccessLevel"));
    bob.calendar().shares_with(&ann, Role::Writer);
    assert_eq!(
        client
            .send(Method::PATCH, &path, json!({ "summary": "x" }))
            .await
            .0,
        200
    );
}
