//! Pressed buttons. To add an action: its form in [`Verdict`]'s manner, and its branch in [`Incoming::pressed`].

use messages::{EventId, TraceId};
use rest_client::{Error, Role, UserPatch, UserState};
use teloxide::{
    payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageText},
    types::CallbackQuery,
};
use uuid::Uuid;

use super::{HandleError, Incoming, access};
use crate::{
    notices::Notice,
    telegram::{Sent, TelegramError},
    texts,
};

/// What an owner decides about a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Let in.
    Approve,
    /// Turn away.
    Decline,
}

impl Verdict {
    /// What the button says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Decline => "Decline",
        }
    }

    /// The callback data: worth nothing by itself, since who presses is checked.
    pub(crate) fn action(self, stranger: Uuid) -> String {
        format!("{}{}", self.prefix(), stranger.simple())
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Approve => "access:approve:",
            Self::Decline => "access:decline:",
        }
    }

    fn read(action: &str) -> Option<(Self, Uuid)> {
        [Self::Approve, Self::Decline].into_iter().find_map(|verdict| {
            let id = action.strip_prefix(verdict.prefix())?.parse().ok()?;
            Some((verdict, id))
        })
    }
}

impl Incoming {
    /// A button was pressed. The press is always answered, or the button would spin on.
    pub(super) async fn pressed(&self, query: &CallbackQuery, trace_id: TraceId) -> Result<(), HandleError> {
        let verdict = query.data.as_deref().and_then(Verdict::read);
        let answer = match verdict {
            Some((verdict, stranger)) => self.decide(query, verdict, stranger, trace_id).await?,
            None => "This button does nothing yet.".to_owned(),
        };
        let answer = AnswerCallbackQuery::new(query.id.clone()).text(texts::toast(&answer));
        match self.telegram.call::<_, bool>(&answer).await {
            Ok(_) => {}
            // Pressed long ago, or answered before a restart.
            Err(TelegramError::Refused(reason)) => {
                tracing::debug!(reason, "the press is not waiting any more");
            }
            Err(error) => tracing::warn!(%error, "the press was not answered"),
        }
        Ok(())
    }

    /// Lets a stranger in or turns them away, if the one who presses owns the bot. Pressing again, or the other
    /// button later, changes nothing.
    async fn decide(
        &self,
        query: &CallbackQuery,
        verdict: Verdict,
        stranger: Uuid,
        trace_id: TraceId,
    ) -> Result<String, HandleError> {
        let access::Standing::Member(presser) = self.access.standing(&query.from, None).await? else {
            return Ok("Only the owner can decide that.".to_owned());
        };
        if presser.role != Role::Owner {
            return Ok("Only the owner can decide that.".to_owned());
        }
        let rest = self.rest.with_trace(trace_id);
        let mut user = match rest.user(stranger).await {
            Ok(user) => user,
            Err(Error::NotFound) => return Ok("This person is not known any more.".to_owned()),
            Err(error) => return Err(error.into()),
        };
        if user.state == UserState::Pending {
            let state = match verdict {
                Verdict::Approve => UserState::Active,
                Verdict::Decline => UserState::Blocked,
            };
            let patch = UserPatch {
                state: Some(state),
                ..UserPatch::default()
            };
            user = rest.update_user(stranger, &patch).await?;
            self.access.forget(messages::Resource::User, stranger);
            tracing::info!(user_id = %stranger, ?verdict, "the owner decided about a stranger");
        }
        if verdict == Verdict::Approve && user.state == UserState::Active {
            self.welcome(&rest, stranger, trace_id).await?;
        }
        let outcome = match user.state {
            UserState::Active => format!("✅ {} is let in.", user.name),
            UserState::Blocked => format!("🚫 {} is turned away.", user.name),
            UserState::Pending => format!("{} is still waiting.", user.name),
        };
        self.replace_question(query, &outcome).await;
        Ok(outcome)
    }

    /// Tells somebody that they are in. The notice's id comes from the person, so it is delivered once.
    async fn welcome(
        &self,
        rest: &rest_client::Client,
        user_id: Uuid,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let Some(to) = access::private_chat(rest, user_id).await? else {
            return Ok(());
        };
        let notice = Notice {
            event_id: EventId::new(format!("access:{user_id}:let-in")),
            user_id,
            to,
            text: texts::LET_IN.to_owned(),
            buttons: Vec::new(),
        };
        self.notices.say(trace_id, notice).await?;
        Ok(())
    }

    /// Puts the outcome in the place of the question and its buttons; only a courtesy.
    async fn replace_question(&self, query: &CallbackQuery, outcome: &str) {
        let Some(question) = &query.message else { return };
        let edit = EditMessageText::new(question.chat().id, question.id(), outcome);
        match self.telegram.call::<_, Sent>(&edit).await {
            Ok(_) => {}
            // It says so already: pressed twice.
            Err(TelegramError::Refused(reason)) => tracing::debug!(reason, "the question stays as it is"),
            Err(error) => tracing::debug!(%error, "the question stays as it is"),
        }
    }
}
