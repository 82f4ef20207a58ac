//! Pending actions: offered once, decided once, in time, by their user alone.

use bus::{Bus, BusOptions, ConsumerOptions};
use chrono::TimeDelta;
use messages::{Event, EventId, Topic};
use rest_client::{Decision, Error, NewPendingAction, NewPress, PendingState, UserPatch, UserState};
use serde_json::Map;

use crate::support::{TestApp, TestDb, no_id, on_both, on_both_with_bus, refused_fields};

on_both!(
    an_action_is_decided_once,
    an_action_is_decided_in_time_and_by_its_user,
    what_needs_no_press_is_decided_from_the_start
);
on_both_with_bus!(a_press_over_rest_reaches_the_inbox_once);

fn new(key: &str) -> NewPendingAction {
    NewPendingAction {
        conversation: "telegram:42".to_owned(),
        tool: "calendar_delete".to_owned(),
        args: Map::from_iter([("do".to_owned(), "delete_event".into())]),
        summary: "Delete the dentist".to_owned(),
        idempotency_key: key.to_owned(),
        decided_by: None,
        valid_seconds: 3600,
    }
}

fn decision(confirmed: bool, event: &str) -> Decision {
    Decision {
        confirmed,
        event_id: EventId::new(event),
    }
}

async fn an_action_is_decided_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let offered = app.client.offer(user, &new("a")).await.unwrap();
    assert_eq!((offered.state, &offered.decided_by), (PendingState::Open, &None));
    let mut again = new("a");
    again.summary = "something else".to_owned();
    assert_eq!(
        app.client.offer(user, &again).await.unwrap(),
        offered,
        "the first stands"
    );
    assert_eq!(
        app.client.offered(user, "a").await.unwrap().as_ref(),
        Some(&offered)
    );
    assert_eq!(app.client.offered(user, "b").await.unwrap(), None);

    let first = app
        .client
        .decide(user, offered.id, &decision(true, "p:1"))
        .await
        .unwrap();
    assert_eq!(
        (first.state, first.decided_by.clone()),
        (PendingState::Confirmed, Some(EventId::new("p:1")))
    );
    for other in [
        decision(true, "p:1"),
        decision(true, "p:2"),
        decision(false, "p:3"),
    ] {
        assert_eq!(app.client.decide(user, offered.id, &other).await.unwrap(), first);
    }
}

async fn an_action_is_decided_in_time_and_by_its_user(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, stranger) = (app.user("Ada").await.id, app.user("Eve").await.id);
    let offered = app.client.offer(user, &new("a")).await.unwrap();
    assert_eq!(app.client.offered(stranger, "a").await.unwrap(), None);
    for who in [stranger, no_id()] {
        let refused = app.client.decide(who, offered.id, &decision(true, "p:1")).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
    app.clock.advance(TimeDelta::seconds(3600));
    let late = app
        .client
        .decide(user, offered.id, &decision(true, "p:1"))
        .await
        .unwrap();
    assert_eq!(late, offered);

    // Long after, it is gone.
    app.clock.advance(TimeDelta::days(31));
    app.client.offer(user, &new("b")).await.unwrap();
    assert_eq!(app.client.offered(user, "a").await.unwrap(), None);
    let wrong = NewPendingAction {
        tool: "two words".to_owned(),
        valid_seconds: 0,
        ..new("c")
    };
    let refused = app.client.offer(user, &wrong).await;
    assert_eq!(refused_fields(refused), ["tool", "valid_seconds"]);
}

async fn what_needs_no_press_is_decided_from_the_start(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let decided = NewPendingAction {
        decided_by: Some(EventId::new("tg:1:2")),
        ..new("a")
    };
    let offered = app.client.offer(user, &decided).await.unwrap();
    assert_eq!(
        (offered.state, offered.decided_by.clone()),
        (PendingState::Confirmed, Some(EventId::new("tg:1:2")))
    );
    let pressed = app
        .client
        .decide(user, offered.id, &decision(false, "p:1"))
        .await
        .unwrap();
    assert_eq!(pressed, offered);
}

async fn a_press_over_rest_reaches_the_inbox_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let active = UserPatch {
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    app.client.update_user(user, &active).await.unwrap();
    let bus = Bus::connect(&app.db.bus_url, BusOptions::default())
        .await
        .unwrap();
    let mut inbox = bus
        .consumer(&Topic::ASSISTANT_INBOX, "test", ConsumerOptions::default())
        .await
        .unwrap();
    let press = NewPress {
        client_id: "p-1".to_owned(),
        action: "undo:1".to_owned(),
    };
    let accepted = app.client.press(user, &press).await.unwrap();
    assert_eq!(app.client.press(user, &press).await.unwrap(), accepted);
    let delivery = inbox.next().await.unwrap();
    let envelope = delivery.envelope().clone();
    delivery.ack().await.unwrap();
    assert_eq!(envelope.id, accepted.event_id);
    let Event::ButtonPressedV1(pressed) = envelope.event else {
        panic!("a press was expected, not {:?}", envelope.event)
    };
    assert_eq!((pressed.user_id, pressed.action.as_str()), (user, "undo:1"));
    assert_eq!(pressed.from.chat, user.to_string());

    // A message of the same client id is another event.
    let blocked = UserPatch {
        state: Some(UserState::Blocked),
        ..UserPatch::default()
    };
    app.client.update_user(user, &blocked).await.unwrap();
    let refused = app.client.press(user, &press).await;
    assert!(matches!(refused, Err(Error::NotActive)), "{refused:?}");
}
