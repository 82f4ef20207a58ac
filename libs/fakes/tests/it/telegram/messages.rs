//! What the fake refuses of messages, keyboards, commands and answers, and in which words.

use super::{call, refusal};
use crate::LIMIT;
use fakes::telegram::{RateLimits, TelegramServer};
use serde_json::{Value, json};

#[tokio::test]
async fn a_text_has_1_to_4096_utf16_units_after_parsing() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let send = |text: String| json!({ "chat_id": ann.id(), "text": text, "parse_mode": "HTML" });
    assert_eq!(
        call(
            &telegram,
            "sendMessage",
            send(format!("<b>{}</b>", "x".repeat(4096)))
        )
        .await
        .0,
        200
    );
    assert_eq!(
        call(&telegram, "sendMessage", send("😀".repeat(2048))).await.0,
        200
    );
    let refused = refusal(&telegram, "sendMessage", send("😀".repeat(2049))).await;
    assert_eq!(refused, "Bad Request: message is too long");
    let refused = refusal(&telegram, "sendMessage", send(String::new())).await;
    assert_eq!(refused, "Bad Request: message text is empty");
    let refused = refusal(&telegram, "sendMessage", send("<b> \n</b>".to_owned())).await;
    assert_eq!(refused, "Bad Request: text must be non-empty");
    let refused = refusal(&telegram, "sendMessage", send("a <b>bold".to_owned())).await;
    assert_eq!(
        refused,
        "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
    );
    let other = json!({ "chat_id": ann.id(), "text": "x", "parse_mode": "Html5" });
    assert_eq!(
        refusal(&telegram, "sendMessage", other).await,
        "Bad Request: unsupported parse_mode"
    );
}

#[tokio::test]
async fn formatting_is_stored_as_entities_without_the_markup() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let parameters = json!({ "chat_id": ann.id(), "text": "😀 *b `c`*\\!", "parse_mode": "MarkdownV2" });
    call(&telegram, "sendMessage", parameters).await;
    let message = ann.next_message(LIMIT).await;
    assert_eq!(message.text, "😀 b c!");
    assert_eq!(
        json!(message.entities),
        json!([{ "type": "bold", "offset": 3, "length": 2 }, { "type": "code", "offset": 5, "length": 1 }])
    );
}

#[tokio::test]
async fn submitted_entities_are_checked_against_the_text() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let send = |entities: Value| json!({ "chat_id": ann.id(), "text": "a😀b", "entities": entities });
    let bold = |offset: usize, length: usize| json!({ "type": "bold", "offset": offset, "length": length });
    assert_eq!(
        call(&telegram, "sendMessage", send(json!([bold(1, 2)]))).await.0,
        200
    );
    for (entities, word) in [
        (json!([bold(2, 1)]), "begins in a middle of a UTF-16 symbol"),
        (json!([bold(0, 2)]), "ends in a middle of a UTF-16 symbol"),
        (json!([bold(1, 9)]), "ends after the end of the text"),
        (json!([bold(4, 1)]), "begins after the end of the text"),
        (json!([bold(0, 0)]), "length 0"),
        (
            json!([{ "type": "bolder", "offset": 0, "length": 1 }]),
            "unsupported",
        ),
        (
            json!([{ "type": "bold", "offset": -1, "length": 1 }]),
            "can't parse MessageEntity",
        ),
        (json!("x"), "JSON object"),
    ] {
        let refused = refusal(&telegram, "sendMessage", send(entities)).await;
        assert!(refused.contains(word), "{refused}");
    }
    let italic = json!({ "type": "italic", "offset": 1, "length": 3 });
    assert_eq!(
        call(&telegram, "sendMessage", send(json!([bold(0, 3), italic])))
            .await
            .0,
        200
    );
    assert_eq!(
        telegram.take_violations()[0].reason,
        "Telegram would drop the overlap of bold at 0 with italic at 1 without a word"
    );
    let many: Vec<Value> = (0..101).map(|_| bold(0, 1)).collect();
    assert_eq!(call(&telegram, "sendMessage", send(json!(many))).await.0, 200);
    assert_eq!(telegram.take_violations().len(), 1);
}

#[tokio::test]
async fn the_bot_writes_only_where_it_may() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    let send = json!({ "chat_id": ann.id(), "text": "hello" });
    assert_eq!(
        refusal(&telegram, "sendMessage", send.clone()).await,
        "Bad Request: chat not found"
    );
    ann.says("hi");
    assert_eq!(call(&telegram, "sendMessage", send.clone()).await.0, 200);
    ann.blocks_bot();
    let (status, body) = call(&telegram, "sendMessage", send.clone()).await;
    assert_eq!(
        (status, body["description"].as_str().unwrap()),
        (403, "Forbidden: bot was blocked by the user")
    );
    ann.unblocks_bot();
    assert_eq!(call(&telegram, "sendMessage", send).await.0, 200);
}

#[tokio::test]
async fn a_reply_needs_its_message_unless_it_says_otherwise() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let reply = |id: i64, optional: bool| {
        let target = json!({ "message_id": id, "allow_sending_without_reply": optional });
        json!({ "chat_id": ann.id(), "text": "hello", "reply_parameters": target })
    };
    let (_, body) = call(&telegram, "sendMessage", reply(1, false)).await;
    assert_eq!(body["result"]["reply_to_message"]["text"], "hi");
    assert_eq!(
        refusal(&telegram, "sendMessage", reply(99, false)).await,
        "Bad Request: message to be replied not found"
    );
    assert_eq!(call(&telegram, "sendMessage", reply(99, true)).await.0, 200);
}

#[tokio::test]
async fn keyboards_are_checked_button_by_button() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let send = |keyboard: Value| json!({ "chat_id": ann.id(), "text": "x", "reply_markup": { "inline_keyboard": keyboard } });
    let button = |data: &str| json!({ "text": "Done", "callback_data": data });
    let fits = json!([[button(&"d".repeat(64)), { "text": "Open", "url": "https://example.com" }]]);
    assert_eq!(call(&telegram, "sendMessage", send(fits)).await.0, 200);
    let row: Vec<Value> = (0..9).map(|_| button("a")).collect();
    let rows: Vec<Value> = (0..13).map(|_| json!(row[..8])).collect();
    for (keyboard, word) in [
        (json!([[button(&"é".repeat(33))]]), "BUTTON_DATA_INVALID"),
        (json!([[button("")]]), "BUTTON_DATA_INVALID"),
        (
            json!([[{ "text": "Done" }]]),
            "Text buttons are unallowed in the inline keyboard",
        ),
        (json!([[{ "text": " ", "callback_data": "a" }]]), "non-empty"),
        (json!([[{ "callback_data": "a" }]]), "Can't find field \"text\""),
        (json!([[{ "text": "a", "url": "nowhere" }]]), "Wrong HTTP URL"),
        (
            json!([[{ "text": "a", "callback_data": "a", "url": "https://example.com" }]]),
            "exactly one",
        ),
        (json!([[{ "text": "a", "callbackdata": "a" }]]), "unknown field"),
        (json!([row]), "more than 8 buttons"),
        (json!(rows), "too long"),
        (json!([[]]), "empty row"),
        (json!([button("a")]), "Array of Array"),
    ] {
        let refused = refusal(&telegram, "sendMessage", send(keyboard)).await;
        assert!(refused.contains(word), "{refused}");
    }
}

#[tokio::test]
async fn an_edit_changes_an_own_message_and_must_change_something() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    call(
        &telegram,
        "sendMessage",
        json!({ "chat_id": ann.id(), "text": "one" }),
    )
    .await;
    let message = ann.next_message(LIMIT).await;
    let edit = |id: i64, text: &str| json!({ "chat_id": ann.id(), "message_id": id, "text": text });
    let (_, body) = call(&telegram, "editMessageText", edit(message.message_id, "two")).await;
    assert_eq!(body["result"]["text"], "two");
    assert!(body["result"]["edit_date"].is_i64());
    assert_eq!(ann.sees(&message).unwrap().text, "two");
    let refused = refusal(&telegram, "editMessageText", edit(message.message_id, "two")).await;
    assert!(
        refused.starts_with("Bad Request: message is not modified"),
        "{refused}"
    );
    assert_eq!(
        refusal(&telegram, "editMessageText", edit(99, "x")).await,
        "Bad Request: message to edit not found"
    );
    assert_eq!(
        refusal(&telegram, "editMessageText", edit(1, "x")).await,
        "Bad Request: message can't be edited"
    );
    let delete = json!({ "chat_id": ann.id(), "message_id": message.message_id });
    assert_eq!(call(&telegram, "deleteMessage", delete.clone()).await.0, 200);
    assert!(ann.sees(&message).is_none());
    let refused = refusal(&telegram, "deleteMessage", delete).await;
    assert_eq!(refused, "Bad Request: message to delete not found");
}

#[tokio::test]
async fn a_pressed_button_is_answered_once() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let markup = json!({ "inline_keyboard": [[{ "text": "Done", "callback_data": "done:1" }]] });
    call(
        &telegram,
        "sendMessage",
        json!({ "chat_id": ann.id(), "text": "x", "reply_markup": markup }),
    )
    .await;
    let message = ann.next_message(LIMIT).await;
    let update = ann.presses(&message, "Done");
    let (_, body) = call(&telegram, "getUpdates", json!({ "offset": update })).await;
    let query = &body["result"][0]["callback_query"];
    assert_eq!(
        (query["data"].as_str(), &query["message"]["text"]),
        (Some("done:1"), &json!("x"))
    );
    let answer = json!({ "callback_query_id": query["id"], "text": "Well done" });
    assert_eq!(
        call(&telegram, "answerCallbackQuery", answer.clone()).await.0,
        200
    );
    assert_eq!(telegram.callback_answers()[0].text, "Well done");
    let refused = refusal(&telegram, "answerCallbackQuery", answer).await;
    assert_eq!(
        refused,
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
    let clear = json!({ "chat_id": ann.id(), "message_id": message.message_id });
    assert_eq!(call(&telegram, "editMessageReplyMarkup", clear).await.0, 200);
    assert!(ann.sees(&message).unwrap().keyboard.is_empty());
}

#[tokio::test]
async fn commands_and_actions_have_known_shapes() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let command = |name: &str, text: &str| json!({ "commands": [{ "command": name, "description": text }] });
    assert_eq!(
        call(&telegram, "setMyCommands", command("new_1", "Start anew"))
            .await
            .0,
        200
    );
    assert_eq!(telegram.commands()[0]["command"], "new_1");
    assert_eq!(
        refusal(&telegram, "setMyCommands", command("New", "x")).await,
        "Bad Request: BOT_COMMAND_INVALID"
    );
    let refused = refusal(&telegram, "setMyCommands", command("new", "")).await;
    assert_eq!(refused, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID");
    let action = |action: &str| json!({ "chat_id": ann.id(), "action": action });
    assert_eq!(call(&telegram, "sendChatAction", action("typing")).await.0, 200);
    assert_eq!(telegram.chat_actions()[0].action, "typing");
    let refused = refusal(&telegram, "sendChatAction", action("thinking")).await;
    assert_eq!(refused, "Bad Request: wrong parameter action in request");
}

#[tokio::test]
async fn a_flood_is_told_to_wait() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    let bob = telegram.user("Bob");
    let family = telegram.group("Family");
    ann.says("hi");
    bob.says("hi");
    telegram.limits_rate(RateLimits {
        per_chat_burst: 2,
        per_group_per_minute: 1,
        ..RateLimits::default()
    });
    let send = |chat: i64| json!({ "chat_id": chat, "text": "x" });
    assert_eq!(call(&telegram, "sendMessage", send(ann.id())).await.0, 200);
    assert_eq!(call(&telegram, "sendMessage", send(ann.id())).await.0, 200);
    let (status, body) = call(&telegram, "sendMessage", send(ann.id())).await;
    assert_eq!((status, &body["parameters"]["retry_after"]), (429, &json!(1)));
    assert_eq!(body["description"], "Too Many Requests: retry after 1");
    assert_eq!(call(&telegram, "sendMessage", send(bob.id())).await.0, 200);
    assert_eq!(call(&telegram, "sendMessage", send(family.id())).await.0, 200);
    let (status, body) = call(&telegram, "sendMessage", send(family.id())).await;
    assert_eq!((status, &body["parameters"]["retry_after"]), (429, &json!(60)));
}

#[tokio::test]
async fn white_space_around_a_text_goes_and_the_formatting_moves_with_it() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let parameters =
        json!({ "chat_id": ann.id(), "text": "\r\n  a\r\n<b>b\r </b> \n", "parse_mode": "HTML" });
    call(&telegram, "sendMessage", parameters).await;
    let message = ann.next_message(LIMIT).await;
    assert_eq!(message.text, "a\nb");
    assert_eq!(
        json!(message.entities),
        json!([{ "type": "bold", "offset": 2, "length": 1 }])
    );
}

#[tokio::test]
async fn absurd_numbers_are_refused_and_not_computed_with() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let entity = json!({ "type": "bold", "offset": u64::MAX, "length": u64::MAX });
    let send = json!({ "chat_id": ann.id(), "text": "x", "entities": [entity] });
    assert!(
        refusal(&telegram, "sendMessage", send)
            .await
            .contains("begins after the end")
    );
    let send = json!({ "chat_id": f64::MAX, "text": "x" });
    assert_eq!(
        refusal(&telegram, "sendMessage", send).await,
        "Bad Request: chat not found"
    );
    assert_eq!(
        call(&telegram, "getUpdates", json!({ "offset": i64::MIN, "limit": 1 }))
            .await
            .0,
        200
    );
    assert_eq!(
        call(&telegram, "getUpdates", json!({ "offset": i64::MAX }))
            .await
            .0,
        200
    );
}
