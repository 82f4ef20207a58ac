//! The wire types' JSON, which the service and its callers share.

use calendar_client::{
    DeleteEvent, EventPatch, NewEvent, NewTime, Problem, ProblemKind, Reminder, ReminderMethod, Reminders,
    Scope, UpdateEvent,
};
use insta::assert_json_snapshot;

use crate::{days, event, timed};

#[test]
fn an_event_and_its_times() {
    assert_json_snapshot!(event("Dentist", days("2026-11-24", "2026-11-24")), @r#"
    {
      "id": "dentist",
      "calendar_id": "ann@example.com",
      "etag": "\"1\"",
      "status": "confirmed",
      "title": "Dentist",
      "time": {
        "kind": "all_day",
        "first": "2026-11-24",
        "last": "2026-11-24"
      },
      "reminders": {
        "kind": "default"
      },
      "busy": true
    }
    "#);
    assert_json_snapshot!(timed("2026-11-24T14:00:00Z", "2026-11-24T15:00:00Z", "Europe/Berlin"), @r#"
    {
      "kind": "timed",
      "start": "2026-11-24T14:00:00Z",
      "end": "2026-11-24T15:00:00Z",
      "zone": "Europe/Berlin"
    }
    "#);
}

#[test]
fn writes() {
    let new = NewEvent {
        idempotency_key: "tg:1:2:0".to_owned(),
        title: "Dentist".to_owned(),
        time: NewTime::Local {
            start: "2026-11-24T15:00:00".parse().unwrap(),
            end: "2026-11-24T16:00:00".parse().unwrap(),
            zone: None,
        },
        location: None,
        description: None,
        attendees: vec!["bob@example.com".to_owned()],
        reminders: Some(Reminders::Own {
            list: vec![Reminder {
                method: ReminderMethod::Popup,
                minutes: 30,
            }],
        }),
        recurrence: Vec::new(),
    };
    assert_json_snapshot!(new, @r#"
    {
      "idempotency_key": "tg:1:2:0",
      "title": "Dentist",
      "time": {
        "kind": "local",
        "start": "2026-11-24T15:00:00",
        "end": "2026-11-24T16:00:00"
      },
      "attendees": [
        "bob@example.com"
      ],
      "reminders": {
        "kind": "own",
        "list": [
          {
            "method": "popup",
            "minutes": 30
          }
        ]
      }
    }
    "#);
    let change = UpdateEvent {
        idempotency_key: "k".to_owned(),
        patch: EventPatch {
            location: Some(None),
            ..EventPatch::default()
        },
        scope: Scope::ThisAndFollowing,
        if_version: Some("\"1\"".to_owned()),
    };
    assert_json_snapshot!(change, @r#"
    {
      "idempotency_key": "k",
      "patch": {
        "location": null
      },
      "scope": "this_and_following",
      "if_version": "\"1\""
    }
    "#);
    let json = r#"{"location":null}"#;
    let patch: EventPatch = serde_json::from_str(json).unwrap();
    assert_eq!((patch.location, patch.description), (Some(None), None));
    assert!(serde_json::from_str::<DeleteEvent>(r#"{"idempotency_key":"k","all":true}"#).is_err());
}

#[test]
fn every_problem_has_its_status() {
    let problem = Problem {
        kind: ProblemKind::RateLimited,
        title: ProblemKind::RateLimited.title().to_owned(),
        status: ProblemKind::RateLimited.status(),
        detail: None,
        errors: Vec::new(),
        request_id: None,
        retry_after: Some(30),
    };
    assert_json_snapshot!(problem, @r#"
    {
      "type": "/problems/rate-limited",
      "title": "Google limits how often it is asked",
      "status": 429,
      "retry_after": 30
    }
    "#);
}
