//! The methods that write into chats: sendMessage, the edits, deleteMessage, sendChatAction, answerCallbackQuery.

use super::entities::utf16_length;
use super::error::ApiError;
use super::keyboard::{self, Button};
use super::params::Params;
use super::state::{CallbackAnswer, ChatAction, Message, State};
use super::text;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Bot API, deleteMessage: a message can be deleted for 48 hours.
const DELETABLE_SECONDS: i64 = 48 * 3600;
/// Bot API, answerCallbackQuery: 0 to 200 characters.
const MAX_ANSWER_UNITS: usize = 200;
/// Bot API, sendDocument: 0 to 1024 characters.
const MAX_CAPTION_UNITS: usize = 1024;
/// How long Telegram's apps wait for the answer to a pressed button.
const QUERY_SECONDS: i64 = 15 * 60;
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];
const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

pub(crate) fn send_message(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let chat_id = writable_chat(state, params)?;
    let topic = topic(state, params, chat_id)?;
    let reply_to = reply_target(state, params, chat_id)?;
    let formatted = text::read(state, "sendMessage", params, "message is too long")?;
    let markup = params.structure("reply_markup")?;
    let is_group = state.chats.get(&chat_id).is_some_and(|chat| chat.is_group);
    let location_button = keyboard::location_button(markup.as_ref(), is_group)?;
    let keyboard = keyboard::read(markup)?;
    limit_rate(state, chat_id)?;
    let mut message = state.blank_message(chat_id, state.bot_id());
    message.location_button = location_button;
    message.text = formatted.text;
    message.entities = formatted.entities;
    message.keyboard = keyboard;
    message.reply_to = reply_to;
    message.topic = topic;
    let message = state.store(message);
    state
        .untaken
        .entry(chat_id)
        .or_default()
        .push_back(message.message_id);
    Ok(state.message_json(&message))
}

pub(crate) fn send_document(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let chat_id = writable_chat(state, params)?;
    let topic = topic(state, params, chat_id)?;
    let reply_to = reply_target(state, params, chat_id)?;
    let file = params
        .structure("document")?
        .filter(|file| file["file_name"].is_string())
        .ok_or_else(|| ApiError::bad("there is no document in the request"))?;
    let content = file["content"].as_str().unwrap_or_default();
    if content.is_empty() {
        return Err(ApiError::bad("file must be non-empty"));
    }
    let caption = params.text("caption").unwrap_or_default();
    if utf16_length(&caption) > MAX_CAPTION_UNITS {
        return Err(ApiError::bad("message caption is too long"));
    }
    let keyboard = keyboard::read(params.structure("reply_markup")?)?;
    limit_rate(state, chat_id)?;
    let mut message = state.blank_message(chat_id, state.bot_id());
    message.keyboard = keyboard;
    message.reply_to = reply_to;
    message.topic = topic;
    let document = json!({
        "file_id": format!("file-{}", message.message_id), "file_unique_id": format!("u{}", message.message_id),
        "file_name": file["file_name"], "file_size": content.len(),
    });
    message.extra.insert("document".to_owned(), document);
    if !caption.is_empty() {
        message.extra.insert("caption".to_owned(), caption.into());
    }
    message.file = Some((
        file["file_name"].as_str().unwrap_or_default().to_owned(),
        content.to_owned(),
    ));
    let message = state.store(message);
    state
        .untaken
        .entry(chat_id)
        .or_default()
        .push_back(message.message_id);
    Ok(state.message_json(&message))
}

pub(crate) fn edit_message_text(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let current = own_message(state, params)?;
    let formatted = text::read(state, "editMessageText", params, "MESSAGE_TOO_LONG")?;
    let keyboard = keyboard::read(params.structure("reply_markup")?)?;
    if (&formatted.text, &formatted.entities, &keyboard)
        == (&current.text, &current.entities, &current.keyboard)
    {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    limit_rate(state, current.chat_id)?;
    Ok(edit(state, &current, |message| {
        message.text = formatted.text;
        message.entities = formatted.entities;
        message.keyboard = keyboard;
    }))
}

pub(crate) fn edit_message_reply_markup(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let current = own_message(state, params)?;
    let keyboard: Vec<Vec<Button>> = keyboard::read(params.structure("reply_markup")?)?;
    if keyboard == current.keyboard {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    limit_rate(state, current.chat_id)?;
    Ok(edit(state, &current, |message| message.keyboard = keyboard))
}

pub(crate) fn delete_message(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let chat_id = writable_chat(state, params)?;
    let id = params
        .integer("message_id")?
        .ok_or_else(|| ApiError::bad("message identifier is not specified"))?;
    let now = state.now();
    let message = state
        .messages
        .get_mut(&(chat_id, id))
        .filter(|message| !message.deleted);
    let message = message.ok_or_else(|| ApiError::bad("message to delete not found"))?;
    if now - message.date > DELETABLE_SECONDS {
        return Err(ApiError::bad("message can't be deleted for everyone"));
    }
    message.deleted = true;
    Ok(true.into())
}

pub(crate) fn send_chat_action(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let chat_id = writable_chat(state, params)?;
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad("wrong parameter action in request"));
    }
    let topic = topic(state, params, chat_id)?;
    limit_rate(state, chat_id)?;
    state.actions.push(ChatAction {
        chat_id,
        topic,
        action,
        at: Instant::now(),
    });
    Ok(true.into())
}

pub(crate) fn answer_callback_query(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    if utf16_length(&text) > MAX_ANSWER_UNITS {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let now = state.now();
    let open = state
        .queries
        .get_mut(&id)
        .filter(|query| !query.answered && now - query.date <= QUERY_SECONDS);
    let Some(query) = open else {
        return Err(ApiError::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    };
    query.answered = true;
    let user_id = query.user_id;
    state.answers.push(CallbackAnswer {
        query_id: id,
        user_id,
        text,
        show_alert: params.boolean("show_alert"),
    });
    Ok(true.into())
}

/// The chat that the call names, if it exists and the bot may write there.
pub(crate) fn writable_chat(state: &State, params: &Params) -> Result<i64, ApiError> {
    let id = known_chat(state, params)?;
    let chat = state.chats.get(&id);
    if let Some(to) = chat.and_then(|chat| chat.migrated_to) {
        return Err(ApiError::migrated(to));
    }
    match chat {
        Some(chat) if chat.blocked && chat.is_group => {
            Err(ApiError::forbidden("bot was kicked from the supergroup chat"))
        }
        Some(chat) if chat.blocked => Err(ApiError::forbidden("bot was blocked by the user")),
        _ => Ok(id),
    }
}

/// The topic that the call names, if the chat has it (Bot API, `message_thread_id`).
fn topic(state: &State, params: &Params, chat_id: i64) -> Result<Option<i64>, ApiError> {
    let Some(topic) = params.integer("message_thread_id")? else {
        return Ok(None);
    };
    let chat = state.chats.get(&chat_id);
    if !chat.is_some_and(|chat| chat.topics.contains(&topic)) {
        return Err(ApiError {
            // A topic may be deleted at any time: nobody's fault.
            is_violation: !chat.is_some_and(|chat| chat.json["is_forum"] == true),
            ..ApiError::bad("message thread not found")
        });
    }
    Ok(Some(topic))
}

/// The chat that the call names by number or by `@name`, if it exists and the bot has met it.
pub(crate) fn known_chat(state: &State, params: &Params) -> Result<i64, ApiError> {
    let name = params
        .text("chat_id")
        .ok_or_else(|| ApiError::bad("chat_id is empty"))?;
    let found = if let Some(username) = name.strip_prefix('@') {
        state
            .chats
            .iter()
            .find(|(_, chat)| chat.is_group && chat.json["username"] == username)
            .map(|(id, _)| *id)
    } else {
        name.parse()
            .ok()
            .filter(|id| state.chats.get(id).is_some_and(|chat| chat.started))
    };
    found.ok_or_else(|| ApiError::bad("chat not found"))
}

/// The message to answer: `reply_parameters`, or the older `reply_to_message_id`.
fn reply_target(state: &State, params: &Params, chat_id: i64) -> Result<Option<i64>, ApiError> {
    const KNOWN: [&str; 9] = [
        "message_id",
        "chat_id",
        "allow_sending_without_reply",
        "quote",
        "quote_parse_mode",
        "quote_entities",
        "quote_position",
        "checklist_task_id",
        "poll_option_id",
    ];
    let (target, optional) = if let Some(reply) = params.structure("reply_parameters")? {
        let fields = reply
            .as_object()
            .ok_or_else(|| ApiError::bad("object expected as reply parameters"))?;
        if let Some(unknown) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            state.violations.record(
                "sendMessage",
                format!("unknown field \"{unknown}\" in reply_parameters"),
            );
        }
        let id = reply["message_id"].as_i64();
        let id =
            id.ok_or_else(|| ApiError::bad("can't parse reply parameters: Can't find field \"message_id\""))?;
        (Some(id), reply["allow_sending_without_reply"] == true)
    } else {
        (
            params.integer("reply_to_message_id")?,
            params.boolean("allow_sending_without_reply"),
        )
    };
    let exists = |id: &i64| {
        state
            .messages
            .get(&(chat_id, *id))
            .is_some_and(|message| !message.deleted)
    };
    match target {
        Some(id) if exists(&id) => Ok(Some(id)),
        Some(_) if !optional => Err(ApiError::bad("message to be replied not found")),
        _ => Ok(None),
    }
}

fn own_message(state: &State, params: &Params) -> Result<Message, ApiError> {
    if params.get("inline_message_id").is_some() {
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    let chat_id = writable_chat(state, params)?;
    let id = params
        .integer("message_id")?
        .ok_or_else(|| ApiError::bad("message identifier is not specified"))?;
    let message = state
        .messages
        .get(&(chat_id, id))
        .filter(|message| !message.deleted);
    let message = message.ok_or_else(|| ApiError::bad("message to edit not found"))?;
    if message.from_id != state.bot_id() {
        return Err(ApiError::bad("message can't be edited"));
    }
    Ok(message.clone())
}

fn edit(state: &mut State, current: &Message, change: impl FnOnce(&mut Message)) -> Value {
    let mut message = current.clone();
    change(&mut message);
    message.edit_date = Some(state.now());
    message.edits += 1;
    let json = state.message_json(&message);
    state
        .messages
        .insert((message.chat_id, message.message_id), message);
    json
}

fn limit_rate(state: &mut State, chat_id: i64) -> Result<(), ApiError> {
    let is_group = state.chats.get(&chat_id).is_some_and(|chat| chat.is_group);
    let Some(limiter) = &mut state.limiter else {
        return Ok(());
    };
    limiter
        .take(chat_id, is_group, Instant::now())
        .map_err(ApiError::too_many)
}
