//! What commands do, and what they answer.

use chrono_tz::Tz;
use messages::Button;
use rest_client::{CloseThreads, ScheduledTask, TaskListQuery, TaskSort, TaskStatus, UsageQuery, UserState};

use super::{
    HandleError, Incoming,
    wire::{Account, Press},
    zone::{self, Answer, Asked},
};
use crate::{
    commands::{self, Command},
    texts,
};

/// How many reminders one list shows; each has a button.
const LISTED: u32 = 20;

/// The actions of the buttons below /delete_me; what they have in common stands last.
const ERASE: &str = "me:erase:me";
const KEEP: &str = "me:keep:me";

/// What a command came to.
pub(super) enum Done {
    /// This is the answer.
    Answer(Answer),
    /// The assistant answers, as if the user had said this.
    Said(&'static str),
}

impl Incoming {
    /// Does what a command asks for.
    pub(super) async fn command(
        &self,
        command: Command,
        account: &Account,
        asked: &Asked<'_>,
    ) -> Result<Done, HandleError> {
        let rest = self.rest.with_trace(asked.trace_id);
        let user = asked.user;
        let text = match command {
            Command::Start(_) => {
                let mut answer = texts::welcome(account.first_name.as_deref().unwrap_or_default());
                if zone::is_unknown(user) && asked.chat.0 > 0 {
                    let (question, buttons) = zone::question(user);
                    answer.push_str("\n\n");
                    answer.push_str(&question);
                    return Ok(Done::Answer((answer, buttons)));
                }
                answer
            }
            Command::Help => texts::help(&commands::list()),
            Command::New => {
                let conversation = CloseThreads {
                    conversation: asked.to.key(),
                };
                rest.close_threads(user.id, &conversation).await?;
                texts::NEW_CONVERSATION.to_owned()
            }
            Command::Reminders => return Ok(Done::Answer(self.reminders(asked).await?)),
            Command::Calendar => return Ok(Done::Said(texts::CALENDAR_QUESTION)),
            Command::Tz(words) => return Ok(Done::Answer(self.zone_command(asked, &words).await?)),
            Command::Usage => {
                let usage = rest.usage_of(user.id, &UsageQuery::default()).await?;
                texts::usage(&usage)
            }
            Command::Status => {
                let active = self.active_tasks(asked).await?;
                texts::status(
                    user,
                    active.len(),
                    active.first().map(|next| line(next, zone_of(user))),
                    self.clock.now(),
                )
            }
            Command::Privacy => texts::PRIVACY.to_owned(),
            Command::DeleteMe if asked.chat.0 < 0 => texts::ONLY_IN_PRIVATE.to_owned(),
            Command::DeleteMe => {
                let buttons = vec![
                    Button::press(texts::ERASE, ERASE),
                    Button::press(texts::KEEP, KEEP),
                ];
                return Ok(Done::Answer((texts::ERASE_QUESTION.to_owned(), buttons)));
            }
        };
        Ok(Done::Answer((text, Vec::new())))
    }

    async fn active_tasks(&self, asked: &Asked<'_>) -> Result<Vec<ScheduledTask>, HandleError> {
        let query = TaskListQuery {
            status: Some(TaskStatus::Active),
            sort: Some(TaskSort::NextRunAt),
            limit: Some(200),
            ..TaskListQuery::default()
        };
        Ok(self
            .rest
            .with_trace(asked.trace_id)
            .tasks(asked.user.id, &query)
            .await?
            .items)
    }

    async fn reminders(&self, asked: &Asked<'_>) -> Result<Answer, HandleError> {
        let tasks = self.active_tasks(asked).await?;
        if tasks.is_empty() {
            return Ok((texts::NO_REMINDERS.to_owned(), Vec::new()));
        }
        let zone = zone_of(asked.user);
        let shown = usize::try_from(LISTED).unwrap_or(usize::MAX);
        let lines: Vec<String> = tasks.iter().take(shown).map(|task| line(task, zone)).collect();
        let buttons = (1..)
            .zip(tasks.iter().take(shown))
            .map(|(number, task): (usize, _)| {
                Button::press(format!("🗑 {number}"), format!("task:off:{}", task.id.simple()))
            });
        Ok((texts::reminders(&lines, tasks.len()), buttons.collect()))
    }

    /// The answer to /delete_me, when the press is one: what is said over the chat.
    pub(super) async fn decides_erasure(
        &self,
        press: &Press,
        action: &str,
    ) -> Result<Option<String>, HandleError> {
        if action == KEEP {
            return Ok(Some(texts::KEPT.to_owned()));
        }
        if action != ERASE {
            return Ok(None);
        }
        let standing = self.access.standing(&press.from.to_user(), None).await?;
        let super::access::Standing::Member(user) = standing else {
            return Ok(Some(texts::SPENT_BUTTON.to_owned()));
        };
        debug_assert_eq!(user.state, UserState::Active, "members are");
        self.rest.erase_user(user.id).await?;
        self.access.forget(messages::Resource::User, user.id);
        tracing::info!(user_id = %user.id, "a user deleted themselves");
        Ok(Some(texts::ERASED.to_owned()))
    }
}

fn zone_of(user: &rest_client::User) -> Tz {
    schedule::parse_zone(&user.time_zone).unwrap_or(Tz::UTC)
}

/// A reminder on one line, as plain text.
fn line(task: &ScheduledTask, own: Tz) -> String {
    let zone = schedule::parse_zone(&task.time_zone).unwrap_or(own);
    let when = match task.next_run_at {
        Some(next) if task.schedule.is_recurring() => {
            format!(
                "{} (next: {})",
                task.schedule.describe(zone),
                schedule::format_instant(next, zone)
            )
        }
        Some(next) => schedule::format_instant(next, zone),
        None => task.schedule.describe(zone),
    };
    let words = task.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = words.chars().take(80).collect();
    format!("{when}: {text}")
}
