//! Turns: stored once, in order, and found again as context.

use std::collections::HashSet;

use messages::{EventId, ReplyKind, ReplyV1};
use rest_client::{
    CloseThreads, ConflictKind, Context, ContextQuery, Error, MessageRole, NewTurn, PageQuery, ThreadPatch,
    TurnStatus,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{TestApp, TestDb, chat, no_id, on_both, refused_fields, turn};

on_both!(
    a_turn_is_the_next_ones_context,
    the_same_event_is_stored_once,
    the_same_event_at_once_is_stored_once,
    turns_at_once_number_their_messages_without_gaps,
    an_event_of_another_user_is_refused,
    a_closed_thread_is_not_continued,
    what_the_caller_has_is_left_out,
    a_summary_stands_for_what_it_covers,
    every_bad_field_of_a_turn_is_named,
    events_that_a_turn_covers_are_answered_by_it,
    who_was_erased_meanwhile_is_nobody,
);

const HELLO: [(MessageRole, &str); 2] = [(MessageRole::User, "hello"), (MessageRole::Assistant, "hi")];

async fn context(app: &TestApp, user: Uuid, event: &str) -> Context {
    let query = ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: EventId::new(event),
        limit: Some(4),
        known_thread: None,
        known_seq: None,
    };
    app.client.context(user, &query).await.unwrap()
}

fn texts(context: &Context) -> Vec<&str> {
    context
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect()
}

/// The assistant drops what nobody said, and keeps what it cannot store: an erased user's words must not be kept.
async fn who_was_erased_meanwhile_is_nobody(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let stored = app
        .client
        .create_turn(user, &turn("tg:1:1", &HELLO))
        .await
        .unwrap();
    let mut next = turn("tg:1:2", &HELLO);
    next.thread_id = Some(stored.thread_id);
    app.client.erase_user(user).await.unwrap();
    let refused = app.client.create_turn(user, &next).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    next.thread_id = None;
    let refused = app.client.create_turn(user, &next).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    // Somebody else's thread is still said to be that.
    let other = app.user("Bob").await.id;
    next.thread_id = Some(stored.thread_id);
    assert_eq!(
        refused_fields(app.client.create_turn(other, &next).await),
        ["thread_id"]
    );
}

async fn events_that_a_turn_covers_are_answered_by_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let mut one = turn("tg:1:1", &HELLO);
    one.replies = vec![reply(user, "tg:1:1")];
    one.covers = vec![EventId::new("tg:1:2"), EventId::new("tg:1:3")];
    let stored = app.client.create_turn(user, &one).await.unwrap();
    assert_eq!(
        app.client.create_turn(user, &one).await.unwrap(),
        stored,
        "the same again"
    );
    let covered = context(&app, user, "tg:1:2").await.turn.expect("it has a turn");
    assert!(covered.replies.is_empty());
    assert_eq!(covered.thread_id, stored.thread_id);
    // One that was answered before is left as it is.
    let mut next = turn("tg:1:4", &HELLO);
    next.covers = vec![EventId::new("tg:1:3"), EventId::new("tg:1:5")];
    app.client.create_turn(user, &next).await.unwrap();
    assert!(context(&app, user, "tg:1:5").await.turn.is_some());
    assert_eq!(context(&app, user, "tg:1:6").await.messages.len(), 4);
    let mut many = turn("tg:1:9", &HELLO);
    many.covers = (0..51).map(|n| EventId::new(format!("tg:2:{n}"))).collect();
    let refused = app.client.create_turn(user, &many).await;
    assert_eq!(refused_fields(refused), ["covers"]);
}

fn reply(user: Uuid, event: &str) -> ReplyV1 {
    ReplyV1 {
        event_id: EventId::new(event),
        user_id: user,
        to: chat("42"),
        kind: ReplyKind::Answer,
        text: "**hi** \"there\" 🦀\n".to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: Some("17".to_owned()),
        toast: None,
    }
}

async fn a_turn_is_the_next_ones_context(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await;
    let fresh = context(&app, user.id, "e:1").await;
    assert_eq!(fresh.user, user);
    assert_eq!(fresh.tools.len(), 5);
    assert!(fresh.thread.is_none() && fresh.messages.is_empty() && fresh.turn.is_none());

    let mut new = turn("e:1", &HELLO);
    new.messages[1].tool_calls = Some(json!([{ "id": "c1", "name": "time", "arguments": { "zone": null } }]));
    new.replies = vec![reply(user.id, "e:1")];
    let stored = app.client.create_turn(user.id, &new).await.unwrap();
    assert_eq!(stored.replies, new.replies, "replies are stored as they are");
    assert_eq!(
        (stored.started_at, stored.prompt_tokens, stored.status),
        (new.started_at, 11, TurnStatus::Completed)
    );

    let next = context(&app, user.id, "e:2").await;
    assert_eq!(texts(&next), ["hello", "hi"]);
    assert_eq!(next.messages[1].tool_calls, new.messages[1].tool_calls);
    assert_eq!(next.thread.as_ref().unwrap().id, stored.thread_id);
    assert!(next.turn.is_none());
    assert_eq!(context(&app, user.id, "e:1").await.turn, Some(stored.clone()));
    assert_eq!(
        app.client.turn(user.id, &EventId::new("e:1")).await.unwrap(),
        stored
    );

    for i in 2..6 {
        let said = format!("question {i}");
        app.client
            .create_turn(user.id, &turn(&format!("e:{i}"), &[(MessageRole::User, &said)]))
            .await
            .unwrap();
    }
    let bounded = context(&app, user.id, "e:9").await;
    assert_eq!(
        texts(&bounded),
        ["question 2", "question 3", "question 4", "question 5"]
    );
    assert_eq!(
        bounded
            .messages
            .iter()
            .map(|message| message.seq)
            .collect::<Vec<_>>(),
        [3, 4, 5, 6]
    );

    let mut page = PageQuery {
        limit: Some(4),
        cursor: None,
    };
    let first = app
        .client
        .messages(user.id, stored.thread_id, &page)
        .await
        .unwrap();
    page.cursor = first.next_cursor;
    let second = app
        .client
        .messages(user.id, stored.thread_id, &page)
        .await
        .unwrap();
    assert_eq!(
        (first.items.len(), second.items.len(), second.next_cursor),
        (4, 2, None)
    );
}

async fn the_same_event_is_stored_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let first = app.client.create_turn(user, &turn("e:1", &HELLO)).await.unwrap();
    let other = turn("e:1", &[(MessageRole::User, "something else")]);
    assert_eq!(app.client.create_turn(user, &other).await.unwrap(), first);
    assert_eq!(texts(&context(&app, user, "e:2").await), ["hello", "hi"]);

    let path = format!("/users/{user}/turns");
    let status = |event: &str| {
        let body = turn(event, &HELLO);
        let sent = app.request("POST", &path).json(&body).send();
        async move { sent.await.unwrap().status().as_u16() }
    };
    assert_eq!(status("e:2").await, 201);
    assert_eq!(status("e:2").await, 200);
}

async fn the_same_event_at_once_is_stored_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let clients = [app.client.clone(), app.replica().await];
    for round in 0..5 {
        let calls: Vec<_> = (0..6)
            .map(|i| {
                let client = clients[i % 2].clone();
                let new = NewTurn {
                    conversation: format!("telegram:{round}"),
                    ..turn(&format!("e:{round}"), &HELLO)
                };
                tokio::spawn(async move { client.create_turn(user, &new).await.unwrap() })
            })
            .collect();
        let mut turns = HashSet::new();
        let mut thread = None;
        for call in calls {
            let stored = call.await.unwrap();
            turns.insert(stored.id);
            thread = Some(stored.thread_id);
        }
        assert_eq!(turns.len(), 1);
        let messages = app
            .client
            .messages(user, thread.unwrap(), &PageQuery::default())
            .await
            .unwrap();
        assert_eq!(messages.items.len(), 2);
    }
    assert_eq!(
        app.client
            .threads(user, &PageQuery::default())
            .await
            .unwrap()
            .items
            .len(),
        5
    );
}

async fn turns_at_once_number_their_messages_without_gaps(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let calls: Vec<_> = (0..12)
        .map(|i| {
            let client = app.client.clone();
            tokio::spawn(async move {
                client
                    .create_turn(user, &turn(&format!("e:{i}"), &HELLO))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut threads = HashSet::new();
    for call in calls {
        threads.insert(call.await.unwrap().thread_id);
    }
    assert_eq!(threads.len(), 1, "one thread is open");
    let thread = threads.into_iter().next().unwrap();
    let messages = app
        .client
        .messages(user, thread, &PageQuery::default())
        .await
        .unwrap()
        .items;
    let numbers: Vec<_> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(numbers, (1..=24).collect::<Vec<_>>());
    for pair in messages.chunks(2) {
        assert_eq!(
            pair[0].turn_id, pair[1].turn_id,
            "a turn's messages stay together"
        );
    }
}

async fn an_event_of_another_user_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let (one, two) = (app.user("one").await.id, app.user("two").await.id);
    app.client.create_turn(one, &turn("e:1", &HELLO)).await.unwrap();
    match app.client.create_turn(two, &turn("e:1", &HELLO)).await {
        Err(Error::Conflict {
            kind: ConflictKind::Taken,
            detail,
        }) => {
            assert!(
                !detail.contains("hello") && !detail.contains(&one.to_string()),
                "{detail}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(context(&app, two, "e:1").await.turn.is_none());
    assert!(matches!(
        app.client.create_turn(no_id(), &turn("e:2", &HELLO)).await,
        Err(Error::NotFound)
    ));
}

async fn what_the_caller_has_is_left_out(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let stored = app
        .client
        .create_turn(user, &turn("tg:1:1", &HELLO))
        .await
        .unwrap();
    let mut next = turn(
        "tg:1:2",
        &[(MessageRole::User, "tea?"), (MessageRole::Assistant, "yes")],
    );
    next.thread_id = Some(stored.thread_id);
    app.client.create_turn(user, &next).await.unwrap();
    let after = |thread: Option<Uuid>, seq: Option<i64>| ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: EventId::new("tg:1:3"),
        limit: Some(3),
        known_thread: thread,
        known_seq: seq,
    };
    let thread = Some(stored.thread_id);
    for (query, expected) in [
        (after(thread, Some(0)), &["hi", "tea?", "yes"][..]),
        (after(thread, Some(2)), &["tea?", "yes"]),
        (after(thread, Some(4)), &[]),
        (after(thread, Some(400)), &[]),
        // Of another thread.
        (after(Some(no_id()), Some(4)), &["hi", "tea?", "yes"]),
    ] {
        let context = app.client.context(user, &query).await.unwrap();
        assert_eq!(texts(&context), expected, "{query:?}");
        assert_eq!(context.thread.unwrap().last_seq, 4);
    }
    for (query, field) in [
        (after(thread, None), "known_seq"),
        (after(None, Some(1)), "known_seq"),
        (after(thread, Some(-1)), "known_seq"),
    ] {
        assert_eq!(refused_fields(app.client.context(user, &query).await), [field]);
    }
}

async fn a_closed_thread_is_not_continued(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let first = app
        .client
        .create_turn(user, &turn("e:1", &HELLO))
        .await
        .unwrap()
        .thread_id;
    let close = async |conversation: &str| {
        let which = CloseThreads {
            conversation: conversation.to_owned(),
        };
        app.client.close_threads(user, &which).await.unwrap().closed
    };
    assert_eq!(close("telegram:1").await, 0, "another conversation's stay open");
    assert_eq!(close("telegram:42").await, 1);
    assert_eq!(close("telegram:42").await, 0);
    assert!(context(&app, user, "e:2").await.thread.is_none());

    let mut late = turn("e:2", &[(MessageRole::User, "asked before it was closed")]);
    late.thread_id = Some(first);
    assert_eq!(
        app.client.create_turn(user, &late).await.unwrap().thread_id,
        first
    );
    let second = app
        .client
        .create_turn(user, &turn("e:3", &HELLO))
        .await
        .unwrap()
        .thread_id;
    assert_ne!(second, first);
    assert_eq!(texts(&context(&app, user, "e:4").await), ["hello", "hi"]);
    let threads = app
        .client
        .threads(user, &PageQuery::default())
        .await
        .unwrap()
        .items;
    let open: Vec<_> = threads.iter().map(|thread| thread.closed_at.is_none()).collect();
    assert_eq!(threads.len(), 2);
    assert_eq!(open.iter().filter(|open| **open).count(), 1);
}

async fn a_summary_stands_for_what_it_covers(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let thread = app
        .client
        .create_turn(user, &turn("e:1", &HELLO))
        .await
        .unwrap()
        .thread_id;
    let patch = |summary: &str, summarised_to| ThreadPatch {
        summary: summary.to_owned(),
        summarised_to,
    };
    let stored = app
        .client
        .update_thread(user, thread, &patch("greeted", 1))
        .await
        .unwrap();
    assert_eq!((stored.summary.as_str(), stored.summarised_to), ("greeted", 1));
    assert_eq!(texts(&context(&app, user, "e:2").await), ["hi"]);
    let stored = app
        .client
        .update_thread(user, thread, &patch("older", 0))
        .await
        .unwrap();
    assert_eq!(
        stored.summary, "greeted",
        "a summary that covers less is not taken"
    );
    let stored = app
        .client
        .update_thread(user, thread, &patch("ahead", 99))
        .await
        .unwrap();
    assert_eq!(
        stored.summary, "greeted",
        "nor one of messages that are not there"
    );
}

async fn every_bad_field_of_a_turn_is_named(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let mut bad = turn("", &[(MessageRole::User, "x")]);
    bad.messages[0].content = "x".repeat(200_001);
    bad.replies = vec![reply(other, "e:2")];
    bad.started_at = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    assert_eq!(
        refused_fields(app.client.create_turn(user, &bad).await),
        [
            "event_id",
            "messages[0].content",
            "replies[0].user_id",
            "replies[0].event_id",
            "started_at"
        ]
    );
    let mut bad = turn("e:1", &HELLO);
    bad.assistant_id = no_id();
    assert_eq!(
        refused_fields(app.client.create_turn(user, &bad).await),
        ["assistant_id"]
    );
    bad.thread_id = Some(no_id());
    assert_eq!(
        refused_fields(app.client.create_turn(user, &bad).await),
        ["thread_id"]
    );
    assert!(
        context(&app, user, "e:1").await.thread.is_none(),
        "nothing was stored"
    );
}
