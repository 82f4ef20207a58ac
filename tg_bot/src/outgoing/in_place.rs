//! Answers that take the place of a message that is there already: of the message whose button was pressed, or of their
//! own preview.

use messages::ReplyV1;
use teloxide::{
    payloads::EditMessageText,
    types::{ChatId, LinkPreviewOptions, MessageId, ReplyMarkup},
};

use super::{Outbox, Paused, Rank, compose, preview::Standing, split::Part};
use crate::telegram::{Sent, TelegramError};

/// No page that a link leads to is shown below the message.
pub(super) fn no_link_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edited {
    /// The message says what it is to say.
    Done,
    /// It is there, and stays as it is.
    Refused,
    /// It is not there any more.
    Gone,
}

impl Outbox {
    /// Puts the reply in the place of the message that it quotes; `false` where that cannot be.
    pub(super) async fn replace(&self, chat: ChatId, reply: &ReplyV1) -> Result<bool, TelegramError> {
        let quoted = reply.in_reply_to.as_ref().and_then(|id| id.parse().ok());
        let parts = compose::messages(reply);
        let (Some(quoted), [part]) = (quoted, parts.as_slice()) else {
            return Ok(false);
        };
        let mut edit = edit(chat, MessageId(quoted), part);
        edit.reply_markup = compose::keyboard(reply);
        let edited = self.edit(chat, edit, Rank::of(reply.kind)).await?;
        Ok(edited == Edited::Done)
    }

    /// Puts the first part of an answer in the place of its preview; `false` where it has to be a new message, and the
    /// preview is gone as well as it can be.
    pub(super) async fn finish_preview(
        &self,
        chat: ChatId,
        preview: Standing,
        reply: &ReplyV1,
        part: &Part,
        is_last: bool,
    ) -> Result<bool, TelegramError> {
        let markup = is_last.then(|| compose::markup(reply, chat)).flatten();
        let mut edit = edit(chat, preview.message, part);
        // Others than these cannot stand below a changed message (Bot API, "editMessageText").
        let is_possible = match markup {
            None => true,
            Some(ReplyMarkup::InlineKeyboard(keyboard)) => {
                edit.reply_markup = Some(keyboard);
                true
            }
            Some(_) => false,
        };
        let is_to_go = !is_possible || preview.is_unsteady;
        if is_to_go && self.previews.delete(chat, preview.message).await {
            return Ok(false);
        }
        let edited = match is_possible {
            true => self.edit(chat, edit, Rank::of(reply.kind)).await?,
            false => Edited::Refused,
        };
        if edited == Edited::Refused {
            self.previews.delete(chat, preview.message).await;
        }
        Ok(edited == Edited::Done)
    }

    /// Changes a message, without formatting where Telegram refuses that.
    async fn edit(
        &self,
        chat: ChatId,
        mut edit: EditMessageText,
        rank: Rank,
    ) -> Result<Edited, TelegramError> {
        loop {
            let slot = match self.pace.wait(chat.0, rank).await {
                Ok(slot) => slot,
                Err(Paused(wait)) => return Err(TelegramError::TooMany(wait)),
            };
            let edited = self.telegram.call::<_, Sent>(&edit).await;
            drop(slot);
            match edited {
                Ok(_) => return Ok(Edited::Done),
                Err(TelegramError::Refused(reason)) if reason.contains("message is not modified") => {
                    return Ok(Edited::Done);
                }
                Err(TelegramError::Refused(reason)) if reason.contains("not found") => {
                    tracing::debug!(reason, "the message is not there any more");
                    return Ok(Edited::Gone);
                }
                Err(TelegramError::Refused(reason)) if edit.entities.take().is_some() => {
                    tracing::warn!(reason, "Telegram refused the change; making it plainer");
                }
                Err(TelegramError::Refused(reason)) => {
                    tracing::debug!(reason, "the message cannot be changed");
                    return Ok(Edited::Refused);
                }
                Err(TelegramError::TooMany(wait)) => {
                    self.pace.refused(chat.0, wait);
                    return Err(TelegramError::TooMany(wait));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn edit(chat: ChatId, message: MessageId, part: &Part) -> EditMessageText {
    let mut edit = EditMessageText::new(chat, message, &part.text);
    if !part.entities.is_empty() {
        edit.entities = Some(part.entities.clone());
    }
    edit.link_preview_options = Some(no_link_preview());
    edit
}
