//! What people say reaches the assistant once, in order, and is confirmed only then.

use std::time::Duration;

use fakes::telegram::Fault;
use messages::{Author, EventId, Quoted};
use serde_json::json;

use crate::stack::{LIMIT, QUIET, Stack, Stores, chat};

async fn a_text_reaches_the_assistant_once(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let update = owner.says("remind me at 9 👋");
    let (id, heard) = stack.heard().await;
    let bot_id = stack.telegram.token().split(':').next().unwrap().parse().unwrap();
    assert_eq!(id, EventId::telegram(bot_id, u32::try_from(update).unwrap()));
    assert_eq!(heard.text, "remind me at 9 👋");
    assert_eq!(heard.from, chat(owner.id()));
    assert_eq!(heard.user_id, stack.user_of(&owner).await.id);
    assert!(heard.message_ref.is_some());
    stack.all_confirmed().await;
    stack.stop_bot().await;
    stack.start_bot().await;
    stack.heard_nothing().await;
}

#[tokio::test]
async fn a_text_reaches_the_assistant_once_on_sqlite() {
    a_text_reaches_the_assistant_once(Stores::Embedded).await;
}

#[tokio::test]
async fn a_text_reaches_the_assistant_once_on_redis_and_postgres() {
    a_text_reaches_the_assistant_once(Stores::Distributed).await;
}

#[tokio::test]
async fn nothing_is_confirmed_while_it_cannot_be_handled() {
    let mut stack = Stack::start(Stores::Embedded).await;
    stack.kill_rest();
    let ann = stack.telegram.user("Ann");
    ann.says("hello");
    let confirmed = stack
        .telegram
        .wait_until(QUIET, |telegram| telegram.unconfirmed_updates() == 0);
    assert!(confirmed.await.is_err(), "confirmed without being handled");
    stack.start_rest().await;
    ann.next_message(LIMIT).await;
    stack.all_confirmed().await;
}

#[tokio::test]
async fn what_came_while_the_bot_was_down_is_handled_in_order() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    for n in 0..150 {
        owner.says(&format!("message {n}"));
    }
    stack.start_bot().await;
    for n in 0..150 {
        assert_eq!(stack.heard().await.1.text, format!("message {n}"));
    }
    stack.all_confirmed().await;
}

/// Of what is handled while the next poll is on its way, its answer has some once more.
#[tokio::test]
async fn what_is_polled_again_while_it_is_handled_is_handled_once() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    stack.telegram.has_file("f", b"milk".to_vec());
    // Each poll's answer is on its way for a second, and so is the file that is first.
    stack
        .telegram
        .fails_next("getUpdates", &Fault::Slow(Duration::from_secs(1)), 4);
    stack
        .telegram
        .fails_next("getFile", &Fault::Slow(Duration::from_millis(700)), 4);
    for _ in 0..4 {
        owner.sends(&json!({ "document": { "file_id": "f", "file_unique_id": "u", "file_name": "f.txt" } }));
    }
    owner.says("the last");
    stack.start_bot().await;
    stack.all_confirmed().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(stack.heard().await.0);
    }
    ids.dedup();
    assert_eq!(ids.len(), 5);
    stack.heard_nothing().await;
}

#[tokio::test]
async fn an_update_that_comes_again_after_a_crash_has_the_same_id() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    // The poll that would confirm the update never gets through.
    stack.kill_bot();
    owner.says("once");
    stack.start_bot().await;
    let (first, _) = stack.heard().await;
    stack.kill_bot();
    if stack.telegram.unconfirmed_updates() > 0 {
        stack.start_bot().await;
        assert_eq!(stack.heard().await.0, first);
    }
}

async fn killed_again_and_again_the_bot_loses_nothing(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    for round in 0..6 {
        for n in 0..30 {
            said.push(format!("{round}.{n}"));
            owner.says(said.last().unwrap());
        }
        // Killed at another place of the batch in each round.
        while heard.len() < round * 30 + round * 5 + 1 {
            hear(&mut stack, &mut heard).await;
        }
        stack.kill_bot();
        stack.start_bot().await;
    }
    while heard.len() < said.len() {
        hear(&mut stack, &mut heard).await;
    }
    let texts: Vec<_> = heard.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, said);
    stack.all_confirmed().await;
}

/// Hears the next message, and forgets it if its event was heard before, as the assistant does.
async fn hear(stack: &mut Stack, heard: &mut Vec<(EventId, String)>) {
    let (id, message) = stack.heard().await;
    if heard.iter().all(|(known, _)| *known != id) {
        heard.push((id, message.text));
    }
}

#[tokio::test]
async fn killed_again_and_again_the_bot_loses_nothing_on_sqlite() {
    killed_again_and_again_the_bot_loses_nothing(Stores::Embedded).await;
}

#[tokio::test]
async fn killed_again_and_again_the_bot_loses_nothing_on_redis_and_postgres() {
    killed_again_and_again_the_bot_loses_nothing(Stores::Distributed).await;
}

#[tokio::test]
async fn updates_that_nobody_knows_cost_nothing() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.stop_bot().await;
    let person = json!({ "id": owner.id(), "is_bot": false, "first_name": "Olga" });
    let place = json!({ "id": owner.id(), "type": "private", "first_name": "Olga" });
    stack.telegram.queue_update("brand_new_kind", json!({ "x": 1 }));
    stack
        .telegram
        .queue_update("message", json!({ "is": "not a message" }));
    stack.telegram.queue_update(
        "message",
        json!({ "message_id": 9, "date": 1, "chat": place, "from": person, "brand_new_content": { "x": 1 } }),
    );
    stack.telegram.queue_update(
        "message_reaction",
        json!({ "chat": place, "message_id": 7, "user": person, "date": 1, "old_reaction": [],
            "new_reaction": [{ "type": "emoji", "emoji": "👍" }, { "type": "brand_new" }] }),
    );
    stack.telegram.queue_update("message", json!(null));
    owner.says("still there?");
    stack.start_bot().await;
    assert_eq!(stack.heard().await.1.text, "still there?");
    stack.all_confirmed().await;
}

/// As the Bot API hands them out, and with single fields that are not as they were documented.
#[tokio::test]
async fn whatever_people_send_is_answered_once() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_chat_messages_per_second = 1_000;
    stack.settings.telegram_messages_per_second = 10_000;
    stack.start_bot().await;
    let owner = stack.owner().await;
    let before = owner.bot_messages().len();
    let mut contents: Vec<serde_json::Value> = serde_json::from_str(include_str!("../updates.json")).unwrap();
    for content in &mut contents {
        // An album would be one message.
        content.as_object_mut().unwrap().remove("media_group_id");
    }
    let mut sent = 0;
    for content in &contents {
        owner.sends(content);
        // Each of its fields spoilt by itself.
        for name in content.as_object().unwrap().keys() {
            for junk in [json!(5), json!([{ "id": [] }])] {
                let mut spoilt = content.clone();
                spoilt[name] = junk;
                owner.sends(&spoilt);
                sent += 1;
            }
        }
        sent += 1;
    }
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    let mut heard = 0;
    while stack.hears().await {
        heard += 1;
    }
    let told = owner.bot_messages().len() - before;
    assert_eq!(heard + told, sent, "{heard} heard, {told} told");
    assert!(heard > 20 && told > 20, "{heard} heard, {told} told");
}

#[tokio::test]
async fn what_a_message_is_about_goes_with_it() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let reminder = stack.answer(&owner, "take the pill").await;
    stack.publish(&reminder).await;
    let message = owner.next_message(LIMIT).await;
    owner.replies_to(&message, "cancel this one");
    let heard = stack.heard().await.1;
    assert_eq!(
        heard.reply_to,
        Some(Quoted {
            message_ref: Some(message.message_id.to_string()),
            author: Author::Assistant,
            text: "take the pill".to_owned(),
        })
    );

    let bob = json!({ "id": 77, "is_bot": false, "first_name": "Bob", "last_name": "B" });
    owner.sends(
        &json!({ "text": "/new", "forward_origin": { "type": "user", "sender_user": bob, "date": 1 } }),
    );
    let heard = stack.heard().await.1;
    assert_eq!(heard.text, "/new", "what others wrote is no command");
    assert_eq!(
        heard.forwarded_from,
        Some(Author::Other {
            name: "Bob B".to_owned()
        })
    );

    owner.sends(&json!({
        "text": "and he?", "external_reply": { "origin": { "type": "channel", "chat": { "id": -5, "title": "News" } } },
        "quote": { "text": "the moon is cheese" },
        "entities": [{ "type": "text_link", "offset": 4, "length": 2, "url": "https://example.com/he" }],
        "photo": [{ "file_id": "small" }, { "file_id": "large", "file_size": 7 }],
        "is_topic_message": true, "message_thread_id": 9,
    }));
    let heard = stack.heard().await.1;
    let quoted = heard.reply_to.unwrap();
    assert_eq!(
        quoted.author,
        Author::Other {
            name: "News".to_owned()
        }
    );
    assert_eq!(quoted.text, "the moon is cheese");
    assert_eq!(
        (heard.links[0].text.as_str(), heard.links[0].url.as_str()),
        ("he", "https://example.com/he")
    );
    assert_eq!(
        (heard.attachments[0].file_ref.as_str(), heard.attachments[0].bytes),
        ("large", Some(7))
    );
    assert_eq!(heard.thread.as_deref(), Some("9"));
}

#[tokio::test]
async fn captions_are_read_and_the_rest_is_said_to_be_unreadable() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.sends_photo("what is this?");
    assert_eq!(stack.heard().await.1.text, "what is this?");
    owner.sends_photo("");
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "I cannot read pictures yet. Please write it to me as text."
    );
    owner.sends(&json!({ "voice": { "file_id": "v", "file_unique_id": "u", "duration": 1, "mime_type": "audio/ogg", "file_size": 9 } }));
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "I cannot read voice messages yet. Please write it to me as text."
    );
    owner.sends(&json!({ "pinned_message": null }));
    stack.all_confirmed().await;
    stack.heard_nothing().await;
}

#[tokio::test]
async fn edits_reach_the_assistant_behind_what_they_correct() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("helo");
    let (_, said) = stack.heard().await;
    owner.edits_last_message("hello");
    let edit = stack.next_event().await;
    let messages::Event::MessageEditedV1(edit) = edit.event else {
        panic!("an edit: {edit:?}")
    };
    assert_eq!(edit.message.text, "hello");
    assert_eq!(
        (edit.message.message_ref, edit.message.from, edit.message.user_id),
        (said.message_ref, said.from, said.user_id)
    );
    // A command was answered when it was given, and strangers are not heard.
    owner.says("/help");
    owner.next_message(LIMIT).await;
    owner.edits_last_message("/status");
    let sam = stack.telegram.user("Sam");
    sam.says("hello?");
    sam.next_message(LIMIT).await;
    sam.edits_last_message("hello!");
    stack.all_confirmed().await;
    stack.heard_nothing().await;
}

#[tokio::test]
async fn stop_is_told_to_whoever_makes_the_answer() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut words = stack.bus.subscribe().await.unwrap();
    owner.says("/stop");
    assert_eq!(owner.next_message(LIMIT).await.text, "There is nothing to stop.");
    owner.says("think for long");
    let (_, said) = stack.heard().await;
    owner.says("/STOP");
    for _ in 0..2 {
        let stop = loop {
            if let messages::Event::StopTurnV1(stop) = words.next().await.unwrap().event {
                break stop;
            }
        };
        assert_eq!((stop.user_id, &stop.from), (said.user_id, &said.from));
    }
    stack.all_confirmed().await;
    // The answer itself says that it was stopped.
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn typing_ends_with_the_answer_to_several_messages() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("buy milk");
    let (first, _) = stack.heard().await;
    owner.says("and bread");
    let (_, last) = stack.heard().await;
    let mut answer = stack.answer(&owner, "Both.").await;
    answer.event_id = first;
    answer.in_reply_to = last.message_ref;
    stack.publish(&answer).await;
    assert_eq!(owner.next_message(LIMIT).await.text, "Both.");
    owner.says("/stop");
    assert_eq!(owner.next_message(LIMIT).await.text, "There is nothing to stop.");
}

#[tokio::test]
async fn in_groups_the_bot_listens_when_it_is_meant() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let stranger = stack.telegram.user("Sam");
    let group = stack.telegram.group("Family");
    owner.says_in(&group, "dinner at 7?");
    stranger.mentions_bot_in(&group, "let me in");
    owner.mentions_bot_in(&group, "remind us at 7");
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.text, "remind us at 7");
    assert_eq!(heard.from, chat(group.id()));
    owner.says_in(&group, "/help");
    owner.says_in(&group, "/help@assistant_fake_bot");
    let help = group.next_message(LIMIT).await;
    assert!(help.text.starts_with("I answer questions"), "{}", help.text);
    owner.replies_to(&help, "thanks");
    assert_eq!(stack.heard().await.1.text, "thanks");
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    assert_eq!(group.bot_messages().len(), 1);
    stack.heard_nothing().await;
}

#[tokio::test]
async fn a_second_poller_is_reported_and_outlasted() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let other = service_kit::http::client(LIMIT).unwrap();
    let url = format!(
        "{}/bot{}/getUpdates?timeout=0",
        stack.telegram.url(),
        stack.telegram.token()
    );
    other.get(url).send().await.unwrap();
    test_support::wait_until("the bot reports it", LIMIT, async || {
        let problems = stack.problems().await;
        problems
            .iter()
            .any(|problem| problem.starts_with("somebody else receives this bot's updates"))
    })
    .await;
    owner.says("are you there?");
    assert_eq!(stack.heard().await.1.text, "are you there?");
}

#[tokio::test]
async fn polls_that_fail_are_tried_again() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    let faults = [
        Fault::CloseBefore,
        Fault::BadGatewayPage,
        Fault::RetryAfter(1),
        Fault::CloseAfter,
    ];
    for fault in &faults {
        stack.telegram.fails_next("getUpdates", fault, 1);
    }
    stack.telegram.fails_next("getMe", &Fault::Status(500), 2);
    stack.start_bot().await;
    stack.owner().await;
}

#[tokio::test]
async fn typing_is_shown_until_the_answer_comes() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("think hard");
    stack.heard().await;
    let shown = stack.telegram.wait_until(LIMIT, |telegram| {
        telegram
            .chat_actions()
            .iter()
            .any(|action| action.chat_id == owner.id() && action.action == "typing")
    });
    shown.await.expect("typing is shown");
    let answer = stack.answer(&owner, "42").await;
    stack.publish(&answer).await;
    assert_eq!(owner.next_message(LIMIT).await.text, "42");
}

#[tokio::test]
async fn stopping_does_not_wait_for_the_poll() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let stopped = tokio::time::timeout(Duration::from_secs(5), stack.stop_bot());
    stopped.await.expect("it stops at once");
}
