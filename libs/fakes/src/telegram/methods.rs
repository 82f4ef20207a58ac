//! The table of methods. To add one: write its function, and give it a line with every parameter that it knows.

use super::error::ApiError;
use super::messages;
use super::params::Params;
use super::state::State;
use super::updates;
use serde_json::{Value, json};

/// A method of the Bot API.
pub(crate) struct Method {
    /// Its name in the documentation's spelling.
    pub(crate) name: &'static str,
    /// Every parameter that the Bot API documents for it, outdated ones included.
    pub(crate) parameters: &'static [&'static str],
    /// What it does; getUpdates waits and is done elsewhere.
    pub(crate) run: fn(&mut State, &Params) -> Result<Value, ApiError>,
}

/// Every method that the fake serves.
pub(crate) const METHODS: &[Method] = &[
    Method {
        name: "getMe",
        parameters: &[],
        run: |state, _| Ok(state.bot.clone()),
    },
    Method {
        name: GET_UPDATES,
        parameters: &["offset", "limit", "timeout", "allowed_updates"],
        run: |_, _| Ok(json!([])),
    },
    Method {
        name: "setWebhook",
        parameters: &[
            "url",
            "certificate",
            "ip_address",
            "max_connections",
            "allowed_updates",
            "drop_pending_updates",
            "secret_token",
        ],
        run: set_webhook,
    },
    Method {
        name: "deleteWebhook",
        parameters: &["drop_pending_updates"],
        run: delete_webhook,
    },
    Method {
        name: "getWebhookInfo",
        parameters: &[],
        run: get_webhook_info,
    },
    Method {
        name: "sendMessage",
        parameters: &[
            "business_connection_id",
            "chat_id",
            "message_thread_id",
            "direct_messages_topic_id",
            "text",
            "parse_mode",
            "entities",
            "link_preview_options",
            "disable_web_page_preview",
            "disable_notification",
            "protect_content",
            "allow_paid_broadcast",
            "message_effect_id",
            "suggested_post_parameters",
            "reply_parameters",
            "reply_to_message_id",
            "allow_sending_without_reply",
            "reply_markup",
        ],
        run: messages::send_message,
    },
    Method {
        name: "sendDocument",
        parameters: &[
            "business_connection_id",
            "chat_id",
            "message_thread_id",
            "direct_messages_topic_id",
            "document",
            "thumbnail",
            "caption",
            "parse_mode",
            "caption_entities",
            "disable_content_type_detection",
            "disable_notification",
            "protect_content",
            "allow_paid_broadcast",
            "message_effect_id",
            "suggested_post_parameters",
            "reply_parameters",
            "reply_markup",
        ],
        run: messages::send_document,
    },
    Method {
        name: "editMessageText",
        parameters: &[
            "business_connection_id",
            "chat_id",
            "message_id",
            "inline_message_id",
            "text",
            "parse_mode",
            "entities",
            "link_preview_options",
            "disable_web_page_preview",
            "reply_markup",
        ],
        run: messages::edit_message_text,
    },
    Method {
        name: "editMessageReplyMarkup",
        parameters: &[
            "business_connection_id",
            "chat_id",
            "message_id",
            "inline_message_id",
            "reply_markup",
        ],
        run: messages::edit_message_reply_markup,
    },
    Method {
        name: "deleteMessage",
        parameters: &["chat_id", "message_id"],
        run: messages::delete_message,
    },
    Method {
        name: "sendChatAction",
        parameters: &["business_connection_id", "chat_id", "message_thread_id", "action"],
        run: messages::send_chat_action,
    },
    Method {
        name: "answerCallbackQuery",
        parameters: &["callback_query_id", "text", "show_alert", "url", "cache_time"],
        run: messages::answer_callback_query,
    },
    Method {
        name: "setMyCommands",
        parameters: &["commands", "scope", "language_code"],
        run: set_my_commands,
    },
    Method {
        name: "getMyCommands",
        parameters: &["scope", "language_code"],
        run: get_my_commands,
    },
    Method {
        name: "getFile",
        parameters: &["file_id"],
        run: get_file,
    },
    Method {
        name: "getChat",
        parameters: &["chat_id"],
        run: get_chat,
    },
];

/// The method that waits.
pub(crate) const GET_UPDATES: &str = "getUpdates";

/// Finds a method in any spelling of case.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    METHODS
        .iter()
        .find(|method| method.name.eq_ignore_ascii_case(name))
}

fn set_webhook(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let Some(url) = params.text("url") else {
        return delete_webhook(state, params);
    };
    if !url.starts_with("https://") {
        return Err(ApiError::bad(
            "bad webhook: An HTTPS URL must be provided for webhook",
        ));
    }
    updates::remember_allowed(state, params)?;
    if params.boolean("drop_pending_updates") {
        state.updates.clear();
    }
    let secret = params.text("secret_token");
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if let Some(secret) = &secret
        && !((1..=256).contains(&secret.len()) && secret.bytes().all(is_allowed))
    {
        return Err(ApiError::bad("secret token contains illegal characters"));
    }
    state.webhook = Some(url.into());
    state.webhook_secret = secret;
    // A waiting getUpdates ends: the webhook took over.
    state.poller += 1;
    Ok(true.into())
}

fn delete_webhook(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    if params.boolean("drop_pending_updates") {
        state.updates.clear();
    }
    state.webhook = None;
    Ok(true.into())
}

fn get_webhook_info(state: &mut State, _: &Params) -> Result<Value, ApiError> {
    let url = state.webhook.clone().unwrap_or_else(|| "".into());
    Ok(json!({ "url": url, "has_custom_certificate": false, "pending_update_count": state.updates.len() }))
}

fn set_my_commands(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let list = params.structure("commands")?.unwrap_or_default();
    let list = list
        .as_array()
        .ok_or_else(|| ApiError::bad("can't parse commands: expected an Array of BotCommand"))?;
    if list.len() > 100 {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for item in list {
        let name = item["command"].as_str().unwrap_or_default();
        let name_fits = (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !name_fits {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        let description = item["description"].as_str().unwrap_or_default();
        if !(1..=256).contains(&description.chars().count()) {
            return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let value = Value::Array(list.clone());
    state.commands.insert(commands_key(params)?, value);
    Ok(true.into())
}

fn get_my_commands(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    Ok(state
        .commands
        .get(&commands_key(params)?)
        .cloned()
        .unwrap_or_else(|| json!([])))
}

fn commands_key(params: &Params) -> Result<String, ApiError> {
    let scope = params
        .structure("scope")?
        .unwrap_or_else(|| json!({ "type": "default" }));
    let language = params.text("language_code").unwrap_or_default();
    if language != language.to_ascii_lowercase() || !matches!(language.len(), 0 | 2) {
        return Err(ApiError::bad("invalid language code specified"));
    }
    let kind = scope["type"].as_str().unwrap_or_default();
    Ok(key_of_commands(kind, scope["chat_id"].as_i64(), &language))
}

/// Under which key the commands of a scope and language are.
pub(crate) fn key_of_commands(kind: &str, chat: Option<i64>, language: &str) -> String {
    format!("{kind} {} {language}", chat.unwrap_or_default())
}

/// Bot API, getFile: bots can download files of up to 20 MB in size.
const LARGEST_FILE: usize = 20 * 1024 * 1024;

fn get_file(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let id = params.text("file_id").unwrap_or_default();
    let Some(file) = state.files.get(&id) else {
        return Err(ApiError::bad("invalid file_id"));
    };
    if file.len() > LARGEST_FILE {
        return Err(ApiError {
            is_violation: false,
            ..ApiError::bad("file is too big")
        });
    }
    Ok(json!({
        "file_id": id, "file_unique_id": format!("u{id}"), "file_size": file.len(),
        "file_path": format!("documents/{id}"),
    }))
}

fn get_chat(state: &mut State, params: &Params) -> Result<Value, ApiError> {
    let id = messages::known_chat(state, params)?;
    let mut chat = state
        .chats
        .get(&id)
        .map(|chat| chat.json.clone())
        .unwrap_or_default();
    // Required fields of ChatFullInfo.
    chat["accent_color_id"] = 0.into();
    chat["max_reaction_count"] = 11.into();
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
        "gifts_from_channels": false,
    });
    Ok(chat)
}
