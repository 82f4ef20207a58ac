//! What the bot receives of people and groups.

use super::call;
use crate::LIMIT;
use fakes::telegram::TelegramServer;
use serde_json::{Value, json};
use std::time::Duration;

async fn last_update(telegram: &TelegramServer) -> Value {
    let (_, body) = call(telegram, "getUpdates", json!({ "offset": -1 })).await;
    body["result"][0].clone()
}

#[tokio::test]
async fn messages_carry_sender_chat_and_the_entities_that_telegram_finds() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user_with_id(42, "Ann");
    ann.says("/start now");
    let update = last_update(&telegram).await;
    let message = &update["message"];
    assert_eq!(
        (&message["from"]["id"], &message["chat"]["id"]),
        (&json!(42), &json!(42))
    );
    assert_eq!(message["chat"]["type"], "private");
    assert_eq!(
        message["entities"],
        json!([{ "type": "bot_command", "offset": 0, "length": 6 }])
    );
    ann.edits_last_message("/stop");
    let update = last_update(&telegram).await;
    assert_eq!(update["edited_message"]["text"], "/stop");
    assert!(update["edited_message"]["edit_date"].is_i64());
    ann.sends_photo("look");
    let update = last_update(&telegram).await;
    assert_eq!(update["message"]["caption"], "look");
    assert!(update["message"]["text"].is_null());
    ann.blocks_bot();
    let update = last_update(&telegram).await;
    assert_eq!(update["my_chat_member"]["new_chat_member"]["status"], "kicked");
    telegram.queue_update("brand_new_kind", json!({ "a": 1 }));
    assert_eq!(last_update(&telegram).await["brand_new_kind"], json!({ "a": 1 }));
}

#[tokio::test]
async fn a_group_shows_mentions_and_replies() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    let family = telegram.group("Family");
    ann.mentions_bot_in(&family, "hello");
    let update = last_update(&telegram).await;
    assert_eq!(update["message"]["text"], "@assistant_fake_bot hello");
    assert_eq!(
        update["message"]["entities"],
        json!([{ "type": "mention", "offset": 0, "length": 19 }])
    );
    assert_eq!(
        update["message"]["chat"],
        json!({ "id": family.id(), "type": "supergroup", "title": "Family" })
    );
    call(
        &telegram,
        "sendMessage",
        json!({ "chat_id": family.id(), "text": "hi all" }),
    )
    .await;
    let message = family.next_message(LIMIT).await;
    ann.replies_to(&message, "thanks");
    let update = last_update(&telegram).await;
    assert_eq!(update["message"]["reply_to_message"]["from"]["is_bot"], true);
    assert_eq!(update["message"]["reply_to_message"]["text"], "hi all");
}

#[tokio::test]
async fn each_message_of_the_bot_is_taken_once_and_in_order() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    for text in ["one", "two"] {
        call(
            &telegram,
            "sendMessage",
            json!({ "chat_id": ann.id(), "text": text }),
        )
        .await;
    }
    assert_eq!(ann.next_message(LIMIT).await.text, "one");
    assert_eq!(ann.next_message(LIMIT).await.text, "two");
    assert!(ann.try_next_message(Duration::from_millis(20)).await.is_none());
}
