//! People change what they wrote, and Telegram tells of it.

use super::super::state::Message;
use super::{Group, User, typed_entities};
use crate::violations::fail;
use serde_json::Value;

impl User {
    /// Changes the text of the person's newest message in private; answers the update's id.
    ///
    /// # Panics
    /// When there is no message to edit.
    pub fn edits_last_message(&self, text: &str) -> i64 {
        self.edits_with(self.id, |message| says_instead(message, text))
    }

    /// Changes the text of the person's newest message in a group; answers the update's id.
    ///
    /// # Panics
    /// When there is no message to edit.
    pub fn edits_last_message_in(&self, group: &Group, text: &str) -> i64 {
        self.edits_with(group.id, |message| says_instead(message, text))
    }

    /// Changes any fields of the person's newest message in private; answers the update's id. Telegram tells of a change
    /// that nobody made as well, as of the preview of a link.
    ///
    /// # Panics
    /// When there is no message to edit.
    pub fn edits_fields(&self, fields: &Value) -> i64 {
        self.edits_with(self.id, |message| {
            message
                .extra
                .extend(fields.as_object().cloned().unwrap_or_default());
        })
    }

    fn edits_with(&self, chat_id: i64, change: impl FnOnce(&mut Message)) -> i64 {
        self.shared.change(|state| {
            let now = state.now();
            let mine = state
                .messages
                .values_mut()
                .rev()
                .find(|m| m.chat_id == chat_id && m.from_id == self.id);
            let Some(message) = mine else {
                fail("the person has written no message to edit")
            };
            change(message);
            message.edit_date = Some(now);
            message.edits += 1;
            let message = message.clone();
            let json = state.message_json(&message);
            state.queue("edited_message", json)
        })
    }
}

fn says_instead(message: &mut Message, text: &str) {
    text.clone_into(&mut message.text);
    message.entities = typed_entities(text);
}
