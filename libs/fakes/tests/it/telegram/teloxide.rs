//! teloxide, the product's client, is content with the fake.

use crate::{LIMIT, http};
use fakes::telegram::{Fault, TelegramServer};
use teloxide::prelude::*;
use teloxide::types::{
    BotCommand, ChatAction, InlineKeyboardButton, InlineKeyboardMarkup, ParseMode, ReplyParameters,
    UpdateKind,
};
use teloxide::{ApiError, RequestError};

fn bot(telegram: &TelegramServer) -> Bot {
    // Installs the TLS provider that teloxide's own client asks for.
    let _ = http();
    Bot::new(telegram.token()).set_api_url(telegram.url().parse().unwrap())
}

#[tokio::test]
async fn a_conversation_goes_through_teloxide() {
    let telegram = TelegramServer::start().await;
    let bot = bot(&telegram);
    let ann = telegram.user("Ann");
    assert_eq!(bot.get_me().await.unwrap().username(), "assistant_fake_bot");
    bot.set_my_commands([BotCommand::new("start", "Begin")])
        .await
        .unwrap();
    assert_eq!(bot.get_my_commands().await.unwrap().len(), 1);
    ann.says("hello");
    telegram.queue_update("brand_new_kind", serde_json::json!({ "a": 1 }));
    let updates = bot.get_updates().timeout(1).await.unwrap();
    let UpdateKind::Message(message) = &updates[0].kind else {
        panic!("no message: {updates:?}")
    };
    assert_eq!(message.text(), Some("hello"));
    assert!(matches!(updates[1].kind, UpdateKind::Error(_)));
    bot.send_chat_action(message.chat.id, ChatAction::Typing)
        .await
        .unwrap();
    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Done", "done:1")]]);
    let sent = bot
        .send_message(message.chat.id, "<b>hi</b> &amp; welcome")
        .parse_mode(ParseMode::Html)
        .reply_parameters(ReplyParameters::new(message.id))
        .reply_markup(keyboard)
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("hi & welcome"));
    let shown = ann.next_message(LIMIT).await;
    ann.presses(&shown, "Done");
    let updates = bot.get_updates().offset(updates[1].id.as_offset()).await.unwrap();
    let UpdateKind::CallbackQuery(query) = &updates[0].kind else {
        panic!("no press: {updates:?}")
    };
    assert_eq!(query.data.as_deref(), Some("done:1"));
    bot.answer_callback_query(query.id.clone())
        .text("Well done")
        .await
        .unwrap();
    bot.edit_message_text(sent.chat.id, sent.id, "done")
        .await
        .unwrap();
    assert_eq!(ann.sees(&shown).unwrap().text, "done");
    bot.delete_message(sent.chat.id, sent.id).await.unwrap();
    assert!(ann.bot_messages().is_empty());
    assert_eq!(
        bot.get_chat(sent.chat.id).await.unwrap().first_name(),
        Some("Ann")
    );
    assert!(bot.get_webhook_info().await.unwrap().url.is_none());
    telegram.assert_clean();
}

#[tokio::test]
async fn teloxide_reads_every_update_of_people() {
    let telegram = TelegramServer::start().await;
    let bot = bot(&telegram);
    let ann = telegram.user("Ann");
    let family = telegram.group("Family");
    ann.mentions_bot_in(&family, "hi");
    ann.says("one");
    ann.edits_last_message("two");
    ann.sends_photo("look");
    ann.blocks_bot();
    let updates = bot.get_updates().await.unwrap();
    let kinds: Vec<&str> = updates
        .iter()
        .map(|update| match update.kind {
            UpdateKind::Message(_) => "message",
            UpdateKind::EditedMessage(_) => "edited",
            UpdateKind::MyChatMember(_) => "member",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["message", "message", "edited", "message", "member"]);
}

#[tokio::test]
async fn refusals_are_the_errors_that_teloxide_knows() {
    let telegram = TelegramServer::start().await;
    let bot = bot(&telegram);
    let ann = telegram.user("Ann");
    let chat = ChatId(ann.id());
    let refused = bot.send_message(chat, "x").await.unwrap_err();
    assert!(
        matches!(refused, RequestError::Api(ApiError::ChatNotFound)),
        "{refused:?}"
    );
    ann.says("hi");
    let refused = bot
        .send_message(chat, "a.b")
        .parse_mode(ParseMode::MarkdownV2)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, RequestError::Api(ApiError::CantParseEntities(_))),
        "{refused:?}"
    );
    let refused = bot.send_message(chat, "x".repeat(4097)).await.unwrap_err();
    assert!(
        matches!(refused, RequestError::Api(ApiError::MessageIsTooLong)),
        "{refused:?}"
    );
    let sent = bot.send_message(chat, "x").await.unwrap();
    let refused = bot.edit_message_text(chat, sent.id, "x").await.unwrap_err();
    assert!(
        matches!(refused, RequestError::Api(ApiError::MessageNotModified)),
        "{refused:?}"
    );
    let refused = bot
        .answer_callback_query("77".to_owned().into())
        .await
        .unwrap_err();
    // teloxide 0.17 knows this one only in an older spelling of Telegram's.
    assert!(
        matches!(refused, RequestError::Api(ApiError::Unknown(_))),
        "{refused:?}"
    );
    assert_eq!(telegram.take_violations().len(), 5);
    ann.blocks_bot();
    let refused = bot.send_message(chat, "x").await.unwrap_err();
    assert!(
        matches!(refused, RequestError::Api(ApiError::BotBlocked)),
        "{refused:?}"
    );
    telegram.fails_next("sendMessage", &Fault::RetryAfter(3), 1);
    let refused = bot.send_message(chat, "x").await.unwrap_err();
    assert!(
        matches!(refused, RequestError::RetryAfter(wait) if wait.seconds() == 3),
        "{refused:?}"
    );
}
