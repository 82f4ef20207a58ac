//! A day of backlog: whatever piled up while the bot was away is handled once and in order, though it is killed meanwhile.
//!
//! 600 updates; 5,000 with `TEST_LONG_FORM=1`.

use std::collections::{BTreeMap, HashSet};

use fakes::telegram::User;
use messages::Event;
use rest_client::{UserPatch, UserState};
use serde_json::json;

use crate::stack::{LIMIT, Stack, Stores};

const PEOPLE: usize = 20;

/// What a person did, as the assistant is to hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    Said(String),
    Edited(String),
    Album(String, usize),
}

fn photo(album: &str, caption: Option<&str>) -> serde_json::Value {
    let mut photo = json!({
        "photo": [{ "file_id": "p", "file_unique_id": "u", "width": 1, "height": 1 }], "media_group_id": album,
    });
    if let Some(caption) = caption {
        photo["caption"] = caption.into();
    }
    photo
}

async fn people(stack: &Stack) -> Vec<User> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let person = stack.telegram.user(&format!("Person {number}"));
        let user = stack.user_of(&person).await.id;
        let patch = UserPatch {
            state: Some(UserState::Active),
            ..UserPatch::default()
        };
        stack.rest.update_user(user, &patch).await.unwrap();
        people.push(person);
    }
    people
}

/// Lets a person do the next thing; what the assistant is to hear of it, and whether the bot answers it itself.
fn does(stack: &Stack, person: &User, number: usize) -> (Vec<Heard>, bool) {
    let text = format!("message {number}");
    match number / PEOPLE % 12 {
        // Never the first: there is something to edit.
        3 => {
            person.edits_last_message(&text);
            (vec![Heard::Edited(text)], false)
        }
        5 => {
            // From the future, and of no kind that anybody knows.
            stack.telegram.queue_update(
                "brand_new_kind",
                json!({ "from": { "id": person.id() }, "n": number }),
            );
            (Vec::new(), false)
        }
        7 => {
            let album = format!("album {number}");
            person.sends(&photo(&album, None));
            person.sends(&photo(&album, Some(&text)));
            person.sends(&photo(&album, None));
            (vec![Heard::Album(text, 3)], false)
        }
        8 => {
            let album = format!("album {number}");
            for _ in 0..3 {
                person.sends(&photo(&album, None));
            }
            (Vec::new(), true)
        }
        9 => {
            person.sends(&json!({ "voice": { "file_id": "v", "file_unique_id": "u", "duration": 1 } }));
            (Vec::new(), true)
        }
        10 => {
            person.sends(&json!({ "hologram": { "depth": 3 } }));
            (Vec::new(), true)
        }
        11 => {
            person.sends(&json!({ "pinned_message": { "message_id": 1 } }));
            (Vec::new(), false)
        }
        _ => {
            person.says(&text);
            (vec![Heard::Said(text)], false)
        }
    }
}

async fn a_backlog_is_handled_once_and_in_order(stores: Stores) {
    let count = if test_support::is_long_form() { 5_000 } else { 600 };
    let mut stack = Stack::without_bot(stores).await;
    stack.settings.telegram_messages_per_second = 10_000;
    stack.settings.telegram_chat_messages_per_second = 10_000;
    let people = people(&stack).await;
    // Telegram remembers what the bot asked for.
    stack.start_bot().await;
    stack.kill_bot();
    let mut expected: BTreeMap<String, Vec<Heard>> = BTreeMap::new();
    let mut notices: BTreeMap<i64, usize> = BTreeMap::new();
    let mut number = 0;
    while stack.telegram.unconfirmed_updates() < count {
        let person = &people[number % PEOPLE];
        let (heard, is_answered) = does(&stack, person, number);
        expected.entry(person.id().to_string()).or_default().extend(heard);
        *notices.entry(person.id()).or_default() += usize::from(is_answered);
        number += 1;
    }
    let all: usize = expected.values().map(Vec::len).sum();
    let mut heard: BTreeMap<String, Vec<Heard>> = BTreeMap::new();
    let mut known = HashSet::new();
    let kills = [all / 5, all / 2, all * 4 / 5];
    stack.start_bot().await;
    while known.len() < all {
        let envelope = stack.next_event().await;
        if !known.insert(envelope.id) {
            continue;
        }
        let (from, what) = match envelope.event {
            Event::UserMessageV2(said) if said.attachments.is_empty() => (said.from, Heard::Said(said.text)),
            Event::UserMessageV2(said) => (said.from, Heard::Album(said.text, said.attachments.len())),
            Event::MessageEditedV1(edit) => (edit.message.from, Heard::Edited(edit.message.text)),
            other => panic!("{other:?}"),
        };
        heard.entry(from.chat).or_default().push(what);
        if kills.contains(&known.len()) {
            stack.kill_bot();
            stack.start_bot().await;
        }
    }
    assert!(heard == expected, "the order of somebody's messages is another");
    stack.all_confirmed().await;
    // What the killed bots had in hand comes back when their leases end.
    let topic = messages::Topic::outbox(messages::Channel::Telegram);
    test_support::wait_until("all is delivered", 6 * LIMIT, async || {
        let stats = stack.bus.stats(&topic, tg_bot::outgoing::GROUP).await.unwrap();
        stats.waiting == 0 && stats.in_flight == 0
    })
    .await;
    // What came again has the id that it had, and nothing else came.
    while stack.hears().await {}
    for person in &people {
        let (answers, wanted) = (person.bot_messages().len(), notices[&person.id()]);
        // Killed between Telegram's acceptance and our record, one message may repeat (ARCHITECTURE.md); there is no
        // other way to a second one.
        assert!(
            (wanted..=wanted + kills.len()).contains(&answers),
            "{}: {answers} answers, not {wanted}",
            person.id()
        );
    }
    let unread = stack
        .telegram
        .wait_until(LIMIT, |telegram| telegram.unconfirmed_updates() == 0);
    unread.await.expect("nothing is left");
}

#[tokio::test]
async fn a_backlog_is_handled_once_and_in_order_on_sqlite() {
    a_backlog_is_handled_once_and_in_order(Stores::Embedded).await;
}

#[tokio::test]
async fn a_backlog_is_handled_once_and_in_order_on_redis_and_postgres() {
    a_backlog_is_handled_once_and_in_order(Stores::Distributed).await;
}
