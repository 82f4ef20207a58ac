//! Whom a reminder in a group is for: their phone rings, and others know that it is not for them.

use messages::{Channel, ReplyV1, plain};
use rest_client::{Client, Error, PageQuery};
use teloxide::types::{MessageEntity, User, UserId};
use uuid::Uuid;

/// A person who is mentioned at the beginning of a message.
pub(super) struct Mention {
    account: u64,
    name: String,
}

impl Mention {
    /// That of a user; `None` for one without a Telegram account.
    ///
    /// # Errors
    /// See [`Error`].
    pub(super) async fn of(rest: &Client, user: Uuid) -> Result<Option<Self>, Error> {
        let identities = rest.identities(user, &PageQuery::default()).await?;
        let account = identities
            .items
            .iter()
            .find(|identity| identity.channel == Channel::Telegram)
            .and_then(|identity| identity.external_id.parse().ok());
        let Some(account) = account else {
            return Ok(None);
        };
        let name = plain::name(&rest.user(user).await?.name);
        Ok((!name.trim().is_empty()).then_some(Self { account, name }))
    }

    /// The reply, which begins with their name.
    pub(super) fn begin(&self, reply: &ReplyV1) -> ReplyV1 {
        ReplyV1 {
            text: format!("{}: {}", self.name, reply.text),
            ..reply.clone()
        }
    }

    /// What makes a mention of the name.
    pub(super) fn entity(&self) -> MessageEntity {
        let user = User {
            id: UserId(self.account),
            is_bot: false,
            first_name: self.name.clone(),
            last_name: None,
            username: None,
            language_code: None,
            is_premium: false,
            added_to_attachment_menu: false,
        };
        MessageEntity::text_mention(user, 0, self.name.encode_utf16().count())
    }
}
