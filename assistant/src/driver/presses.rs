//! A press of a button: what it asks for is done, with no model in the way.
//!
//! Whatever a press does can be done again: the event may come twice, and its user may press twice.

use chrono::{DateTime, Utc};
use messages::{Button, ButtonPressedV1, Envelope, ReplyKind, ReplyV1};
use rest_client::{
    Client, Context, Decision, Error, NewTurn, PendingAction, PendingState, ScheduledTaskPatch, TaskStatus,
    TurnCost, TurnStatus,
};
use texts::{Language, Text};
use uuid::Uuid;

use super::{Driver, Failure, Task};
use crate::{
    actions::Action,
    context::{self, to_stored},
    model::Message,
    reasons,
    tools::{
        ToolError, connect_button,
        deeds::{self, Deed, Hands, Made, ReminderPatch},
        event_undone, timezone,
    },
};

mod fired;

/// What a press came to.
#[derive(Default)]
struct Answer {
    text: String,
    made: Vec<Made>,
    buttons: Vec<Button>,
    /// What the thread holds instead of the text, where that quotes others.
    told: Option<String>,
    /// What is said in passing while the answer takes the place of the message with the button.
    toast: Option<String>,
}

impl Answer {
    fn saying(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// A press under way.
struct Press<'p> {
    driver: &'p Driver,
    task: &'p Task<'p>,
    press: &'p ButtonPressedV1,
    rest: &'p Client,
    zone: chrono_tz::Tz,
    language: Language,
}

impl Driver {
    /// Does what a button stands for; the turn that tells of it.
    pub(super) async fn pressed(
        &self,
        task: &Task<'_>,
        press: &ButtonPressedV1,
        context: &Context,
        rest: &Client,
    ) -> Result<NewTurn, Failure> {
        let started_at = self.clock.now();
        let under_way = Press {
            driver: self,
            task,
            press,
            rest,
            zone: context::zone_of(context),
            language: context::language_of(context),
        };
        let answer = match press.action.parse() {
            Ok(action) => under_way.perform(action).await?,
            Err(_) => under_way.saying(&Text::SpentButton),
        };
        Ok(turn(
            task.cause,
            press,
            context,
            answer,
            started_at,
            self.clock.now(),
        ))
    }
}

impl Press<'_> {
    async fn perform(&self, action: Action) -> Result<Answer, Error> {
        let done = match action {
            Action::Undo(id) => self.decided(id, true, &UNDO).await,
            Action::Confirm(id) => self.decided(id, true, &QUESTION).await,
            Action::Dismiss(id) => self.decided(id, false, &QUESTION).await,
            Action::UndoWrite(write) => self.undo_write(write).await,
            Action::Zone(zone) => self.set_zone(zone).await,
            Action::TaskOff(task) => self.set_status(task, TaskStatus::Cancelled).await,
            Action::TaskOn(task) => self.set_status(task, TaskStatus::Active).await,
            Action::Fired { what, task, at } => self.fired(what, task, at).await,
        };
        match done {
            Ok(answer) => Ok(answer),
            // It is another's, or long gone: which of them is nobody's business.
            Err(ToolError::Away(Error::NotFound)) => Ok(self.saying(&Text::SpentButton)),
            Err(ToolError::Away(error)) => Err(error),
            Err(ToolError::Unsure(_)) if self.task.tries.is_late => Ok(self.saying(&Text::CalendarUnsure)),
            Err(ToolError::Unsure(error)) => Err(Error::Unavailable(Some(Box::new(error)))),
            Err(ToolError::Ask { question, .. }) => Ok(Answer::saying(question)),
            Err(error @ (ToolError::Told(_) | ToolError::Outside { .. } | ToolError::Changed(_))) => {
                let why = &reasons::said(self.language, &error);
                Ok(self.saying(&Text::DidNotWork { why }))
            }
            Err(ToolError::NotConnected(why)) => {
                let calendar = self.driver.calendar.as_ref();
                let button = connect_button(
                    self.rest,
                    calendar,
                    self.press.user_id,
                    &self.press.from,
                    self.language,
                )
                .await;
                let why = &reasons::in_language(self.language, &why);
                Ok(Answer {
                    text: self.language.say(&Text::DidNotWork { why }),
                    buttons: button.into_iter().collect(),
                    ..Answer::default()
                })
            }
        }
    }

    fn saying(&self, text: &Text<'_>) -> Answer {
        Answer::saying(self.language.say(text))
    }

    /// `undo`: the action whose undo is offered.
    fn hands<'h>(&'h self, undo: Option<&'h PendingAction>) -> Hands<'h> {
        Hands {
            rest: self.rest,
            calendar: self.driver.calendar.as_ref(),
            user_id: self.press.user_id,
            zone: self.zone,
            language: self.language,
            conversation: self.press.from.key(),
            undo: undo.map(|action| (action.tool.as_str(), format!("press:{}:undo", action.id))),
        }
    }

    /// Decides about a pending action; the first press decides, and does it.
    async fn decided(&self, id: Uuid, confirmed: bool, words: &Words) -> Result<Answer, ToolError> {
        let decision = Decision {
            confirmed,
            event_id: self.task.cause.id.clone(),
        };
        let action = self
            .rest
            .decide(self.press.user_id, id, &decision)
            .await
            .map_err(ToolError::Away)?;
        let is_this_press = action.decided_by.as_ref() == Some(&self.task.cause.id);
        Ok(match (action.state, is_this_press) {
            (PendingState::Open, _) => self.saying(&words.too_late),
            (PendingState::Confirmed, false) => self.saying(&words.confirmed_before),
            (PendingState::Dismissed, false) => self.saying(&words.dismissed_before),
            (PendingState::Dismissed, true) => self.saying(&Text::AllRight),
            (PendingState::Confirmed, true) => {
                let deed = deeds::read(&action)?;
                let undo = words.has_undo.then_some(&action);
                match self.hands(undo).perform(&deed).await {
                    Ok(made) => Answer {
                        made,
                        ..self.saying(&words.done)
                    },
                    Err(ToolError::Changed(why)) if words.has_undo => {
                        self.ask_anew(&action, &deed, why).await?
                    }
                    Err(error) => return Err(error),
                }
            }
        })
    }

    /// The question showed what is no longer so: says that, does nothing, and asks about what is so now.
    async fn ask_anew(
        &self,
        action: &PendingAction,
        deed: &Deed,
        why: &'static str,
    ) -> Result<Answer, ToolError> {
        let key = format!("press:{}:anew", action.id);
        let question = self.hands(None).ask_anew(&action.tool, deed, key).await?;
        let why = &reasons::of_change(self.language, why);
        let said = self.language.say(&Text::DidNothing { why });
        let Some(question) = question else {
            return Ok(Answer::saying(format!(
                "{said} {}",
                self.language.say(&Text::NotThereAnyMore)
            )));
        };
        Ok(Answer {
            text: format!("{said}\n\n❓ {}", context::escaped(&question.text)),
            buttons: question.buttons,
            told: Some(format!(
                "{said} (The user was asked again, with Yes and No buttons.)"
            )),
            ..Answer::default()
        })
    }

    async fn undo_write(&self, write: Uuid) -> Result<Answer, ToolError> {
        let Some(calendar) = &self.driver.calendar else {
            return Ok(self.saying(&Text::SpentButton));
        };
        let calendar = calendar.with_trace(self.task.cause.trace_id);
        match calendar.undo(self.press.user_id, write).await {
            Ok(undone) => Ok(Answer {
                made: vec![event_undone(&undone, self.zone, self.language)],
                ..self.saying(&Text::Undone)
            }),
            Err(calendar_client::Error::NotFound) => Ok(self.saying(&Text::SpentButton)),
            Err(calendar_client::Error::Changed) => Ok(self.saying(&Text::EventChanged)),
            Err(calendar_client::Error::Gone { .. }) => Ok(self.saying(&Text::UndoTooLate)),
            Err(error) => Err(deeds::again(error)),
        }
    }

    /// A reminder of a list is cancelled, or that is taken back.
    async fn set_status(&self, task: Uuid, status: TaskStatus) -> Result<Answer, ToolError> {
        // It is another's, or long gone: which of them is nobody's business.
        let nobodys = |error| match error {
            ToolError::Away(Error::NotFound) => {
                ToolError::Told("there is no such reminder any more".to_owned())
            }
            other => other,
        };
        let found = self.rest.task(self.press.user_id, task).await;
        let found = found.map_err(|error| nobodys(ToolError::Away(error)))?;
        let set = ScheduledTaskPatch {
            status: Some(status),
            ..ScheduledTaskPatch::default()
        };
        let deed = Deed::ChangeReminders {
            changes: vec![ReminderPatch::of(&found, set)],
        };
        let mut made = self.hands(None).perform(&deed).await.map_err(nobodys)?;
        if status == TaskStatus::Cancelled {
            for made in &mut made {
                made.receipt.undo = Some(Button::press(
                    self.language.say(&Text::Undo),
                    Action::TaskOn(task).to_string(),
                ));
            }
        }
        Ok(Answer {
            made,
            ..self.saying(&if status == TaskStatus::Cancelled {
                Text::Cancelled
            } else {
                Text::Undone
            })
        })
    }

    /// Where the user is: one of the places that they were offered, or back to where they were.
    async fn set_zone(&self, zone: chrono_tz::Tz) -> Result<Answer, ToolError> {
        let receipt = timezone::set(
            self.rest,
            self.press.user_id,
            zone,
            self.driver.clock.now(),
            self.language,
        )
        .await?;
        Ok(Answer {
            made: vec![Made {
                told: receipt.text.clone(),
                receipt,
            }],
            ..self.saying(&Text::AllRightZone)
        })
    }
}

/// What is said about a decision.
struct Words {
    done: Text<'static>,
    confirmed_before: Text<'static>,
    dismissed_before: Text<'static>,
    too_late: Text<'static>,
    /// Whether what is done can be undone again.
    has_undo: bool,
}

const UNDO: Words = Words {
    done: Text::Undone,
    confirmed_before: Text::UndoneAlready,
    dismissed_before: Text::SpentButton,
    too_late: Text::UndoTooLate,
    has_undo: false,
};

const QUESTION: Words = Words {
    done: Text::DoneAsAsked,
    confirmed_before: Text::SaidYesAlready,
    dismissed_before: Text::SaidNoAlready,
    too_late: Text::QuestionTooOld,
    has_undo: true,
};

/// What is stored, so that it is sent once and the conversation knows of it.
fn turn(
    cause: &Envelope,
    press: &ButtonPressedV1,
    context: &Context,
    answer: Answer,
    started_at: DateTime<Utc>,
    finished_at: DateTime<Utc>,
) -> NewTurn {
    // What later turns are shown holds no words of others: no title, and no question that quotes one.
    let told = answer.told.unwrap_or_else(|| answer.text.clone());
    let lines = answer.made.iter().map(|made| format!("\n{}", made.told));
    let said = Message::said(std::iter::once(told).chain(lines).collect::<String>());
    NewTurn {
        event_id: cause.id.clone(),
        conversation: press.from.key(),
        assistant_id: context.assistant.id,
        thread_id: context.thread.as_ref().map(|thread| thread.id),
        status: TurnStatus::Completed,
        messages: vec![to_stored(&said, false)],
        replies: vec![ReplyV1 {
            event_id: cause.id.clone(),
            user_id: press.user_id,
            to: press.from.clone(),
            kind: ReplyKind::Notice,
            text: answer.text,
            receipts: answer.made.into_iter().map(|made| made.receipt).collect(),
            buttons: answer.buttons,
            in_reply_to: press.message_ref.clone(),
            toast: answer.toast,
        }],
        covers: Vec::new(),
        sub_turns: Vec::new(),
        model: None,
        prompt_tokens: 0,
        completion_tokens: 0,
        model_calls: 0,
        cost: TurnCost::default(),
        error: None,
        started_at,
        finished_at,
    }
}
