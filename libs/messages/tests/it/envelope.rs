//! One snapshot per version; unknown and malformed envelopes told apart.

use chrono::{DateTime, Utc};
use messages::{
    Address, Attachment, Author, Button, ButtonPressedV1, Channel, ConfigChangedV1, DecodeError, Envelope,
    Event, EventId, Link, MessageEditedV1, Quoted, Receipt, ReplyDeltaV1, ReplyKind, ReplyV1, Resource,
    StopTurnV1, TaskAction, TaskDueV1, UserMessageV1, UserMessageV2,
};
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn user() -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)
}

fn task() -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002)
}

fn chat() -> Address {
    Address {
        channel: Channel::Telegram,
        chat: "-1001".into(),
    }
}

fn envelope(id: EventId, event: Event) -> Envelope {
    Envelope {
        id,
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
        at: at("2026-11-20T12:00:00.5Z"),
        event,
    }
}

/// Encodes, checks that decoding gives the same back, and returns readable JSON for the snapshot.
fn wire(envelope: &Envelope) -> String {
    let bytes = envelope.encode().unwrap();
    assert_eq!(&Envelope::decode(&bytes).unwrap(), envelope);
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(value["type"], envelope.event.type_name());
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn user_message_v1() {
    insta::assert_snapshot!(wire(&envelope(
        EventId::telegram(7, 42),
        Event::UserMessageV1(UserMessageV1 {
            user_id: user(),
            from: chat(),
            message_ref: Some("17".into()),
            text: "hello 👋".into(),
            sent_at: at("2026-11-20T11:59:59Z"),
        }),
    )));
}

#[test]
fn user_message_v2() {
    let plain = UserMessageV2::from(UserMessageV1 {
        user_id: user(),
        from: chat(),
        message_ref: Some("17".into()),
        text: "cancel this one".into(),
        sent_at: at("2026-11-20T11:59:59Z"),
    });
    let whole = UserMessageV2 {
        thread: Some("9".into()),
        forwarded_from: Some(Author::Other { name: "Bob".into() }),
        reply_to: Some(Quoted {
            message_ref: Some("16".into()),
            author: Author::Assistant,
            text: "take the pill".into(),
        }),
        links: vec![Link {
            text: "this".into(),
            url: "https://example.com/".into(),
        }],
        attachments: vec![Attachment {
            kind: "document".into(),
            file_ref: "BQACAg".into(),
            name: Some("a.pdf".into()),
            media_type: Some("application/pdf".into()),
            bytes: Some(7),
            text: None,
        }],
        ..plain.clone()
    };
    let id = || EventId::telegram(7, 42);
    let value = |event| -> serde_json::Value { serde_json::from_str(&wire(&envelope(id(), event))).unwrap() };
    assert_eq!(
        value(Event::UserMessageV2(plain))["data"],
        serde_json::json!({
            "user_id": user(), "from": { "channel": "telegram", "chat": "-1001" }, "message_ref": "17",
            "text": "cancel this one", "sent_at": "2026-11-20T11:59:59Z",
        })
    );
    assert_eq!(
        value(Event::UserMessageV2(whole)),
        serde_json::json!({
            "id": "tg:7:42", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "at": "2026-11-20T12:00:00.500Z",
            "type": "user_message.v2",
            "data": {
                "user_id": user(), "from": { "channel": "telegram", "chat": "-1001" }, "message_ref": "17",
                "thread": "9", "text": "cancel this one", "sent_at": "2026-11-20T11:59:59Z",
                "forwarded_from": { "kind": "other", "name": "Bob" },
                "reply_to": { "message_ref": "16", "author": { "kind": "assistant" }, "text": "take the pill" },
                "links": [{ "text": "this", "url": "https://example.com/" }],
                "attachments": [{
                    "kind": "document", "file_ref": "BQACAg", "name": "a.pdf", "media_type": "application/pdf",
                    "bytes": 7,
                }],
            },
        })
    );
}

#[test]
fn the_instant_of_a_firing_is_in_its_id() {
    assert_eq!(
        EventId::task(task(), 1_795_176_000_000).planned_for(),
        DateTime::from_timestamp_millis(1_795_176_000_000)
    );
    for other in ["tg:1:2", "task:", "task:x:y", "task:x:99999999999999999999"] {
        assert_eq!(EventId::new(other).planned_for(), None, "{other}");
    }
}

#[test]
fn button_pressed_v1() {
    insta::assert_snapshot!(wire(&envelope(
        EventId::telegram(7, 43),
        Event::ButtonPressedV1(ButtonPressedV1 {
            user_id: user(),
            from: chat(),
            action: "undo:01900000000070008000000000000002".into(),
            message_ref: Some("18".into()),
            pressed_at: at("2026-11-20T12:00:00Z"),
        }),
    )));
}

#[test]
fn buttons_about_one_thing_are_one_choice() {
    assert_eq!(Button::choice("task:done:1795176000:0190"), "0190");
    assert_eq!(Button::choice("confirm:0190"), Button::choice("dismiss:0190"));
    assert_eq!(Button::choice("plain"), "plain");
}

#[test]
fn task_due_v1() {
    insta::assert_snapshot!(wire(&envelope(
        EventId::task(task(), 1_795_600_000_000),
        Event::TaskDueV1(TaskDueV1 {
            task_id: task(),
            user_id: user(),
            to: chat(),
            action: TaskAction::Remind,
            text: "drink water".into(),
            scheduled_for: at("2026-11-20T11:00:00Z"),
            fired_at: at("2026-11-20T12:00:00Z"),
            missed: 3,
            from_outside: false,
        }),
    )));
}

#[test]
fn reply_v1() {
    let event_id = EventId::telegram(7, 42);
    insta::assert_snapshot!(wire(&envelope(
        event_id.child(0),
        Event::ReplyV1(ReplyV1 {
            event_id,
            user_id: user(),
            to: chat(),
            kind: ReplyKind::Answer,
            text: "Done.".into(),
            receipts: vec![Receipt {
                text: "⏰ Tue 24 Nov 2026, 09:00 Europe/Berlin: drink water".into(),
                undo: Some(Button::press("Undo", "undo:1")),
            }],
            buttons: vec![
                Button::press("Snooze 1 h", "snooze:60"),
                Button::link("Reconnect", "https://example.org/")
            ],
            in_reply_to: Some("17".into()),
            toast: None,
        }),
    )));
}

#[test]
fn reply_delta_v1() {
    insta::assert_snapshot!(wire(&envelope(
        EventId::telegram(7, 42).child(0),
        Event::ReplyDeltaV1(ReplyDeltaV1 {
            event_id: EventId::telegram(7, 42),
            user_id: user(),
            to: Address {
                channel: Channel::Api,
                chat: user().to_string()
            },
            text: "Do".into(),
        }),
    )));
}

#[test]
fn message_edited_v1() {
    let message = UserMessageV2::from(UserMessageV1 {
        user_id: user(),
        from: Address::telegram(-1001, Some(7)),
        message_ref: Some("17".into()),
        text: "at nine".into(),
        sent_at: at("2026-11-20T11:59:59Z"),
    });
    let id = EventId::telegram(7, 44);
    let event = Event::MessageEditedV1(MessageEditedV1 { message });
    let value: serde_json::Value = serde_json::from_str(&wire(&envelope(id, event))).unwrap();
    assert_eq!(
        value["data"],
        serde_json::json!({ "message": {
            "user_id": user(), "from": { "channel": "telegram", "chat": "-1001/7" }, "message_ref": "17",
            "text": "at nine", "sent_at": "2026-11-20T11:59:59Z",
        } })
    );
}

#[test]
fn stop_turn_v1() {
    let event = Event::StopTurnV1(StopTurnV1 {
        user_id: user(),
        from: chat(),
        message_ref: Some("18".into()),
    });
    let value: serde_json::Value =
        serde_json::from_str(&wire(&envelope(EventId::telegram(7, 45), event))).unwrap();
    let earlier =
        serde_json::json!({ "user_id": user(), "from": { "channel": "telegram", "chat": "-1001" } });
    let mut now = earlier.clone();
    now["message_ref"] = "18".into();
    assert_eq!(value["data"], now);
    let earlier: StopTurnV1 = serde_json::from_value(earlier).unwrap();
    assert_eq!(earlier.message_ref, None);
}

#[test]
fn a_topic_is_part_of_the_address() {
    let topic = Address::telegram(-1001, Some(7));
    assert_eq!(
        (topic.chat.as_str(), topic.key().as_str()),
        ("-1001/7", "telegram:-1001/7")
    );
    assert_eq!((topic.whole_chat(), topic.topic()), ("-1001", Some("7")));
    // What older versions wrote is the chat itself.
    assert_eq!((chat().whole_chat(), chat().topic()), ("-1001", None));
    assert_eq!(Address::telegram(-1001, None), chat());
}

#[test]
fn config_changed_v1() {
    insta::assert_snapshot!(wire(&envelope(
        EventId::new("config:1"),
        Event::ConfigChangedV1(ConfigChangedV1 {
            resource: Resource::Assistant,
            id: task()
        }),
    )));
}

#[test]
fn optional_fields_may_be_absent() {
    let json = r#"{"id":"x","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","at":"2026-11-20T12:00:00Z",
        "type":"reply.v1","data":{"event_id":"x","user_id":"01900000-0000-7000-8000-000000000001",
        "to":{"channel":"api","chat":"1"},"kind":"notice","text":"hi"}}"#;
    let Event::ReplyV1(reply) = Envelope::decode(json.as_bytes()).unwrap().event else {
        panic!("a reply")
    };
    assert!(reply.receipts.is_empty() && reply.buttons.is_empty() && reply.in_reply_to.is_none());
}

#[test]
fn an_unknown_version_is_told_from_a_malformed_one() {
    let unknown = br#"{"id":"x","type":"user_message.v9","data":{}}"#;
    let Err(DecodeError::UnknownType { type_name }) = Envelope::decode(unknown) else {
        panic!("unknown type")
    };
    assert_eq!(type_name, "user_message.v9");
    for malformed in [
        &b""[..],
        b"{}",
        b"\xff",
        br#"{"id":"x","type":"user_message.v1","data":{}}"#,
    ] {
        assert!(matches!(
            Envelope::decode(malformed),
            Err(DecodeError::Malformed(_))
        ));
    }
}
