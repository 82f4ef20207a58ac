//! Reply markup: inline keyboards and reply keyboards checked to the letter, the other kinds by their shape.

use super::entities::link;
use super::error::ApiError;
use serde::Serialize;
use serde_json::Value;

/// A button of an inline keyboard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Button {
    /// The label.
    pub text: String,
    /// What the bot gets when it is pressed, 1 to 64 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// What a press opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The fields that say what a button does; exactly one of them must be there.
const ACTIONS: [&str; 10] = [
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
];
/// Looks only.
const DECORATIONS: [&str; 2] = ["icon_custom_emoji_id", "style"];
const MAX_BUTTONS: usize = 100;
const MAX_IN_ROW: usize = 8;
/// Bot API, InlineKeyboardButton: 1 to 64 bytes.
const MAX_CALLBACK_BYTES: usize = 64;

/// Reads a `reply_markup`; other kinds than an inline keyboard give no buttons.
pub(crate) fn read(markup: Option<Value>) -> Result<Vec<Vec<Button>>, ApiError> {
    let Some(markup) = markup else {
        return Ok(Vec::new());
    };
    let Some(fields) = markup.as_object() else {
        return Err(ApiError::bad("object expected as reply markup"));
    };
    let kinds = ["inline_keyboard", "keyboard", "remove_keyboard", "force_reply"];
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    if !kinds.iter().any(|kind| fields.contains_key(*kind)) {
        return Err(ApiError::bad("can't parse reply keyboard markup JSON object"));
    }
    let Some(keyboard) = fields.get("inline_keyboard") else {
        return Ok(Vec::new());
    };
    if let Some(unknown) = fields.keys().find(|name| *name != "inline_keyboard") {
        return Err(ApiError::bad(&format!(
            "unknown field \"{unknown}\" in the inline keyboard"
        )));
    }
    let rows = keyboard.as_array().ok_or_else(|| {
        ApiError::bad("can't parse inline keyboard: Field \"inline_keyboard\" must be of type Array")
    })?;
    let rows: Vec<Vec<Button>> = rows.iter().map(row).collect::<Result<_, _>>()?;
    if rows.iter().map(Vec::len).sum::<usize>() > MAX_BUTTONS {
        return Err(ApiError::bad("reply markup is too long"));
    }
    Ok(rows)
}

fn row(row: &Value) -> Result<Vec<Button>, ApiError> {
    let buttons = row.as_array().ok_or_else(|| {
        ApiError::bad("can't parse inline keyboard: expected an Array of Array of InlineKeyboardButton")
    })?;
    if buttons.is_empty() {
        return Err(ApiError::bad("an inline keyboard has an empty row"));
    }
    if buttons.len() > MAX_IN_ROW {
        return Err(ApiError::bad(&format!(
            "more than {MAX_IN_ROW} buttons in one row of the inline keyboard"
        )));
    }
    buttons.iter().map(button).collect()
}

fn button(button: &Value) -> Result<Button, ApiError> {
    let refused = |reason: &str| ApiError::bad(&format!("can't parse inline keyboard button: {reason}"));
    let fields = button
        .as_object()
        .ok_or_else(|| refused("InlineKeyboardButton must be an Object"))?;
    let known = |name: &&String| {
        name.as_str() == "text" || ACTIONS.contains(&name.as_str()) || DECORATIONS.contains(&name.as_str())
    };
    if let Some(unknown) = fields.keys().find(|name| !known(name)) {
        return Err(refused(&format!("unknown field \"{unknown}\"")));
    }
    let text = fields
        .get("text")
        .ok_or_else(|| refused("Can't find field \"text\""))?;
    let text = text
        .as_str()
        .ok_or_else(|| refused("Field \"text\" must be of type String"))?;
    if text.trim().is_empty() {
        return Err(refused("the text of a button must be non-empty"));
    }
    match ACTIONS
        .iter()
        .filter(|action| fields.contains_key(**action))
        .count()
    {
        0 => return Err(refused("Text buttons are unallowed in the inline keyboard")),
        1 => {}
        _ => return Err(refused("exactly one of the optional fields must be used")),
    }
    let text_field = |name: &str| -> Result<Option<String>, ApiError> {
        let Some(value) = fields.get(name) else {
            return Ok(None);
        };
        let value = value
            .as_str()
            .ok_or_else(|| refused(&format!("Field \"{name}\" must be of type String")))?;
        Ok(Some(value.to_owned()))
    };
    let callback_data = text_field("callback_data")?;
    if callback_data
        .as_ref()
        .is_some_and(|data| data.is_empty() || data.len() > MAX_CALLBACK_BYTES)
    {
        return Err(ApiError::bad("BUTTON_DATA_INVALID"));
    }
    let url = text_field("url")?;
    if let Some(url) = &url
        && !link::is_button_url(url)
    {
        return Err(ApiError::bad(&format!(
            "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
        )));
    }
    Ok(Button {
        text: text.to_owned(),
        callback_data,
        url,
    })
}

/// What a button of a reply keyboard may ask for besides sending its text; at most one of them.
const REQUESTS: [&str; 6] = [
    "request_users",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
];
const REPLY_KEYBOARD_FIELDS: [&str; 6] = [
    "keyboard",
    "is_persistent",
    "resize_keyboard",
    "one_time_keyboard",
    "input_field_placeholder",
    "selective",
];

/// Checks a reply keyboard (Bot API, "ReplyKeyboardMarkup"); answers the label of the button that shares where the
/// user is, if it has one.
pub(crate) fn location_button(markup: Option<&Value>, is_group: bool) -> Result<Option<String>, ApiError> {
    let Some(fields) = markup
        .and_then(Value::as_object)
        .filter(|fields| fields.contains_key("keyboard"))
    else {
        return Ok(None);
    };
    if let Some(unknown) = fields
        .keys()
        .find(|name| !REPLY_KEYBOARD_FIELDS.contains(&name.as_str()))
    {
        return Err(ApiError::bad(&format!(
            "unknown field \"{unknown}\" in the reply keyboard"
        )));
    }
    let refused = |reason: &str| ApiError::bad(&format!("can't parse keyboard button: {reason}"));
    let rows = fields.get("keyboard").and_then(Value::as_array);
    let rows =
        rows.ok_or_else(|| ApiError::bad("Field \"keyboard\" of the ReplyKeyboardMarkup must be an Array"))?;
    let mut label = None;
    for row in rows {
        let buttons = row.as_array().filter(|buttons| !buttons.is_empty());
        let buttons = buttons.ok_or_else(|| {
            ApiError::bad("can't parse keyboard: expected an Array of Array of KeyboardButton")
        })?;
        for button in buttons {
            let Some(button) = button.as_object() else {
                if button.is_string() {
                    continue;
                }
                return Err(refused("KeyboardButton must be a String or an Object"));
            };
            let known = |name: &&String| {
                name.as_str() == "text"
                    || REQUESTS.contains(&name.as_str())
                    || DECORATIONS.contains(&name.as_str())
            };
            if let Some(unknown) = button.keys().find(|name| !known(name)) {
                return Err(refused(&format!("unknown field \"{unknown}\"")));
            }
            let text = button.get("text").and_then(Value::as_str).unwrap_or_default();
            if text.trim().is_empty() {
                return Err(ApiError::bad("text of a keyboard button must be non-empty"));
            }
            let asks = |name: &&&str| {
                button
                    .get(**name)
                    .is_some_and(|value| *value != Value::Bool(false))
            };
            if REQUESTS.iter().filter(asks).count() > 1 {
                return Err(refused("at most one of the optional fields must be used"));
            }
            if button.get("request_location") == Some(&Value::Bool(true)) {
                if is_group {
                    return Err(ApiError::bad("location can be requested in private chats only"));
                }
                label = Some(text.to_owned());
            }
        }
    }
    Ok(label)
}
