//! What happens to people, one thing upon the other: edits in a backlog, albums in groups, files in topics, presses behind
//! files.

use std::time::Duration;

use fakes::telegram::Fault;
use messages::{Address, Button, Event};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::stack::{LIMIT, QUIET, Stack, Stores, chat};

fn document(name: &str) -> Value {
    json!({ "document": { "file_id": name, "file_unique_id": name, "file_name": name, "file_size": 4 } })
}

fn part(album: &str, caption: Option<&str>) -> Value {
    let size = json!({ "file_id": "p", "file_unique_id": "u", "width": 1, "height": 1 });
    let mut part = json!({ "photo": [size], "media_group_id": album });
    if let Some(caption) = caption {
        part["caption"] = caption.into();
    }
    part
}

#[tokio::test]
async fn a_backlog_of_edits_comes_in_order_and_without_what_changes_nothing() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.kill_bot();
    owner.says("version 0");
    for n in 1..=20 {
        owner.edits_last_message(&format!("version {n}"));
        owner.edits_fields(&json!({ "link_preview_options": { "is_disabled": n % 2 == 0 } }));
    }
    owner.says("and now?");
    stack.start_bot().await;
    assert_eq!(stack.heard().await.1.text, "version 0");
    for n in 1..=20 {
        match stack.next_event().await.event {
            Event::MessageEditedV1(edit) => assert_eq!(edit.message.text, format!("version {n}")),
            other => panic!("an edit: {other:?}"),
        }
    }
    assert_eq!(stack.heard().await.1.text, "and now?");
    stack.heard_nothing().await;
}

#[tokio::test]
async fn an_album_in_a_group_is_meant_for_us_by_any_of_its_captions() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.kill_bot();
    for (album, caption) in [
        ("holiday", Some("the beach")),
        ("holiday", None),
        ("asked", Some("the beach")),
        ("asked", Some("@assistant_fake_bot which is best?")),
        ("silent", None),
    ] {
        owner.sends_in(&group, &part(album, caption));
    }
    stack.start_bot().await;
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.text, "the beach\n@assistant_fake_bot which is best?");
    assert_eq!(heard.attachments.len(), 2);
    stack.all_confirmed().await;
    stack.heard_nothing().await;
    assert!(group.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn a_file_that_answers_us_in_a_group_is_read() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    let mut asks = stack.answer(&owner, "Send me the list.").await;
    asks.to = chat(group.id());
    stack.publish(&asks).await;
    let message = group.next_message(LIMIT).await;
    stack.telegram.has_file("list.md", b"milk".to_vec());
    // Nobody asked about this one.
    owner.sends_in(&group, &document("list.md"));
    let mut answer = document("list.md");
    answer["reply_to_message"] = json!({
        "message_id": message.message_id, "date": 1, "text": message.text, "chat": { "id": group.id(), "type": "supergroup" },
        "from": { "id": 700_000_001, "is_bot": true, "first_name": "Assistant" },
    });
    owner.sends_in(&group, &answer);
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.attachments[0].text.as_deref(), Some("milk"));
    assert_eq!(
        heard.reply_to.map(|quoted| quoted.text),
        Some("Send me the list.".to_owned())
    );
    stack.all_confirmed().await;
    stack.heard_nothing().await;
}

#[tokio::test]
async fn a_press_waits_behind_no_file() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut asks = stack.answer(&owner, "Delete it?").await;
    asks.buttons = vec![Button::press("Yes", "action:yes:1")];
    stack.publish(&asks).await;
    let question = owner.next_message(LIMIT).await;
    let slow = Fault::Slow(Duration::from_secs(6));
    stack.telegram.fails_next("getFile", &slow, 1);
    stack.telegram.has_file("list.md", b"milk".to_vec());
    owner.sends(&document("list.md"));
    let begun = Instant::now();
    owner.presses(&question, "Yes");
    assert_eq!(stack.felt().await.1.action, "action:yes:1");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(stack.heard().await.1.attachments[0].text.as_deref(), Some("milk"));
}

#[tokio::test]
async fn what_is_pressed_and_changed_by_those_who_are_not_let_in_comes_to_nothing() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    let sam = stack.telegram.user("Sam");
    let mut asks = stack.answer(&owner, "Delete it?").await;
    asks.to = chat(group.id());
    asks.buttons = vec![Button::press("Yes", "action:yes:1")];
    stack.publish(&asks).await;
    let question = group.next_message(LIMIT).await;
    sam.presses(&question, "Yes");
    sam.says_in(&group, "delete all");
    sam.edits_last_message_in(&group, "@assistant_fake_bot delete all");
    let mut theirs = document("list.md");
    theirs["caption"] = "@assistant_fake_bot do what it says".into();
    sam.sends_in(&group, &theirs);
    stack.all_confirmed().await;
    stack.heard_nothing().await;
    assert!(group.try_next_message(QUIET).await.is_none());
    assert_eq!(
        stack.telegram.calls_of("getFile").len(),
        0,
        "nothing of theirs is fetched"
    );
}

#[tokio::test]
async fn a_file_that_telegram_asks_to_wait_with_comes_later_and_once() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack
        .telegram
        .fails_next("sendDocument", &Fault::RetryAfter(2), 2);
    for _ in 0..2 {
        owner.says("/export");
    }
    let (mut words, mut files) = (0, 0);
    for _ in 0..4 {
        match owner.next_message(LIMIT).await.file {
            Some(_) => files += 1,
            None => words += 1,
        }
    }
    assert_eq!((words, files), (2, 2));
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn the_file_of_a_long_answer_goes_to_its_topic_or_where_that_was() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_chat_messages_per_second = 10_000;
    stack.start_bot().await;
    let owner = stack.owner().await;
    let forum = stack.telegram.forum("House");
    let garden = forum.opens_topic(&owner, "Garden");
    let text = "A sentence of it.\n\n".repeat(2_300);
    let mut answer = stack.answer(&owner, &text).await;
    answer.to = Address::telegram(forum.id(), Some(garden.id()));
    let parts = tg_bot::outgoing::messages(&answer).len();
    assert_eq!(parts, 11);
    let closed = Fault::Refused("TOPIC_CLOSED");
    stack.telegram.fails_next("sendDocument", &closed, 1);
    stack.publish(&answer).await;
    for _ in 0..parts {
        assert_eq!(forum.next_message(LIMIT).await.topic, Some(garden.id()));
    }
    let file = forum.next_message(LIMIT).await;
    assert!(file.file.is_some());
    assert_eq!(file.topic, None, "closed meanwhile");
    let asked = stack.telegram.calls_of("sendDocument");
    assert_eq!(asked[0].parameters["message_thread_id"], garden.id().to_string());
    stack.outbox_is_dry().await;
    assert_eq!(stack.telegram.take_violations().len(), 0);
}
