//! What commands do, and what they answer.

mod mine;

use chrono_tz::Tz;
use messages::{Button, Envelope, Event, StopTurnV1, plain};
use rest_client::{
    CloseThreads, Role, ScheduledTask, TaskListQuery, TaskSort, TaskStatus, UsageQuery, User, UserListQuery,
    UserPatch, UserState,
};
use texts::{Language, Text};

use super::{
    HandleError, Incoming,
    buttons::Verdict,
    wire::{Account, Press},
    zone::{self, Answer, Asked},
};
use crate::{
    commands::{self, Command},
    outgoing::render::escape,
    words::{self, button},
};

/// How many reminders one list shows; each has a button.
const LISTED: u32 = 20;

/// The actions of the buttons below /delete_me; what they have in common stands last.
const ERASE: &str = "me:erase:me";
const KEEP: &str = "me:keep:me";

/// What a button that chooses a language begins and ends with.
const LANGUAGE: (&str, &str) = ("me:language:", ":me");

/// How many people one list shows, and how many of those who wait have buttons.
const PEOPLE: u32 = 50;
const ASKED_ABOUT: usize = 10;

/// What /calendar asks the assistant, in the language that every model reads.
const CALENDAR_QUESTION: &str = "What's on in my calendar today and tomorrow?";

/// What a command came to.
pub(super) enum Done {
    /// This is the answer.
    Answer(Answer),
    /// The assistant answers, as if the user had said this.
    Said(&'static str),
    /// The answer comes from elsewhere.
    Nothing,
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
        let language = words::language(user);
        let is_owner = user.role == Role::Owner;
        let is_private = asked.place.chat.0 > 0;
        let text = match command {
            Command::Start(_) => {
                let mut answer = words::welcome(language, account.first_name.as_deref().unwrap_or_default());
                if zone::is_unknown(user) && is_private {
                    let (question, buttons) = zone::question(user);
                    answer.push_str("\n\n");
                    answer.push_str(&question);
                    return Ok(Done::Answer((answer, buttons)));
                }
                answer
            }
            Command::Help => language.say(&Text::Help {
                commands: &commands::list(language, is_owner && is_private),
            }),
            Command::New => {
                let conversation = CloseThreads {
                    conversation: asked.to.key(),
                };
                rest.close_threads(user.id, &conversation).await?;
                language.say(&Text::NewConversation)
            }
            Command::Stop => {
                let is_running = self.typing.is_shown(asked.place);
                self.stop(asked).await;
                if is_running {
                    return Ok(Done::Nothing);
                }
                language.say(&Text::NothingToStop)
            }
            Command::Reminders => return Ok(Done::Answer(self.reminders(asked).await?)),
            Command::Calendar => return Ok(Done::Said(CALENDAR_QUESTION)),
            Command::Tz(words) => return Ok(Done::Answer(self.zone_command(asked, &words).await?)),
            Command::Language(words) => return Ok(Done::Answer(self.language_command(asked, &words).await?)),
            Command::Usage => {
                let usage = rest.usage_of(user.id, &UsageQuery::default()).await?;
                words::usage(user, &usage, self.clock.now(), escape)
            }
            Command::Status => {
                let active = self.active_tasks(asked).await?;
                let next = active.iter().find(|task| task.held_since.is_none());
                let next = next.map(|next| self.line(next, user));
                words::status(language, user, active.len(), next, self.clock.now())
            }
            Command::Memory | Command::Export if !is_private => language.say(&Text::OnlyInPrivate),
            Command::Memory => return Ok(Done::Answer(self.memory(asked).await?)),
            Command::Export => {
                self.export(asked).await?;
                return Ok(Done::Nothing);
            }
            Command::Why => self.why(asked).await?,
            Command::Privacy => language.say(&Text::Privacy),
            Command::DeleteMe | Command::Users | Command::Invite if !is_private => {
                language.say(&Text::OnlyInPrivate)
            }
            Command::DeleteMe => {
                let buttons = vec![
                    button(language, &Text::Erase, ERASE),
                    button(language, &Text::Keep, KEEP),
                ];
                return Ok(Done::Answer((language.say(&Text::EraseQuestion), buttons)));
            }
            Command::Users | Command::Invite if !is_owner => language.say(&Text::OnlyForOwner),
            Command::Users => return Ok(Done::Answer(self.people(asked).await?)),
            Command::Invite => language.say(&Text::Invite {
                link: &format!("https://t.me/{}?start=hello", escape(&self.me.username)),
            }),
        };
        Ok(Done::Answer((text, Vec::new())))
    }

    /// Tells whoever makes the user's answer that it is not wanted any more; that is said in its place. A word that is
    /// lost costs a wait.
    async fn stop(&self, asked: &Asked<'_>) {
        let envelope = Envelope {
            id: asked.event_id.clone(),
            trace_id: asked.trace_id,
            at: self.clock.now(),
            event: Event::StopTurnV1(StopTurnV1 {
                user_id: asked.user.id,
                from: asked.to.clone(),
                message_ref: asked.message_ref.clone(),
            }),
        };
        if let Err(error) = self.bus.broadcast(&envelope).await {
            tracing::warn!(%error, "the answer goes on: nobody could be told to stop");
        }
    }

    /// Who is known here, those who wait first, with buttons to decide about them.
    async fn people(&self, asked: &Asked<'_>) -> Result<Answer, HandleError> {
        let language = words::language(asked.user);
        let rest = self.rest.with_trace(asked.trace_id);
        let mut people = Vec::new();
        for state in [UserState::Pending, UserState::Active, UserState::Blocked] {
            let query = UserListQuery {
                state: Some(state),
                limit: Some(PEOPLE),
                ..UserListQuery::default()
            };
            people.extend(rest.users(&query).await?.items);
        }
        let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
        let mut text = format!("{}\n", language.say(&Text::UsersHead { count }));
        let mut buttons = Vec::new();
        for person in &people {
            let shown = plain::name(&person.name);
            let name = &escape(&shown);
            let line = language.say(&match (person.state, person.role) {
                (UserState::Pending, _) => Text::UserPending { name },
                (UserState::Blocked, _) => Text::UserBlocked { name },
                (UserState::Active, Role::Owner) => Text::UserOwner { name },
                (UserState::Active, _) => Text::UserActive { name },
            });
            text.push_str(&format!("\n- {line}"));
            if person.state == UserState::Pending && buttons.len() < ASKED_ABOUT * 2 {
                for verdict in [Verdict::Approve, Verdict::Decline] {
                    let label = format!("{}: {shown}", language.say(&verdict.label()));
                    buttons.push(Button::press(label, verdict.action(person.id)));
                }
            }
        }
        Ok((text, buttons))
    }

    /// `/language` and what stands behind it.
    async fn language_command(&self, asked: &Asked<'_>, words: &str) -> Result<Answer, HandleError> {
        let language = words::language(asked.user);
        let choices = Language::ALL.map(|one| {
            let action = format!("{}{}{}", LANGUAGE.0, one.code(), LANGUAGE.1);
            Button::press(one.name(), action)
        });
        if words.is_empty() {
            return Ok((language.say(&Text::LanguageQuestion), choices.into()));
        }
        let wanted = words.to_lowercase();
        let found = Language::ALL
            .into_iter()
            .find(|one| one.code() == wanted || one.name().to_lowercase() == wanted);
        match found {
            None => Ok((language.say(&Text::NoSuchLanguage), choices.into())),
            Some(chosen) => {
                let chat = Some(asked.place.chat.0).filter(|chat| *chat > 0);
                self.set_language(asked.user, chosen, chat).await?;
                Ok((chosen.say(&Text::LanguageIs), Vec::new()))
            }
        }
    }

    /// The language of a user's from now on, and that of the menu in their private chat.
    async fn set_language(
        &self,
        user: &User,
        language: Language,
        chat: Option<i64>,
    ) -> Result<(), HandleError> {
        // "de-AT" is German already, and says more.
        if words::language(user) != language || !user.locale.starts_with(language.code()) {
            let patch = UserPatch {
                locale: Some(language.code().to_owned()),
                ..UserPatch::default()
            };
            self.rest.update_user(user.id, &patch).await?;
            self.access.forget(messages::Resource::User, user.id);
        }
        if let Some(chat) = chat
            && let Err(error) =
                commands::publish_for(&self.telegram, chat, language, user.role == Role::Owner).await
        {
            tracing::debug!(%error, "the menu keeps its language");
        }
        Ok(())
    }

    /// The answer to the question of /language, when the press is one: what is said over the chat.
    pub(super) async fn decides_language(
        &self,
        press: &Press,
        action: &str,
    ) -> Result<Option<String>, HandleError> {
        let code = action
            .strip_prefix(LANGUAGE.0)
            .and_then(|rest| rest.strip_suffix(LANGUAGE.1));
        let Some(language) = code.and_then(|code| Language::ALL.into_iter().find(|one| one.code() == code))
        else {
            return Ok(None);
        };
        let standing = self.access.standing(&press.from.to_user(), None).await?;
        let super::access::Standing::Member(user) = standing else {
            return Ok(Some(language.say(&Text::SpentButton)));
        };
        let chat = press.message.as_ref().map(|message| message.chat.id);
        self.set_language(&user, language, chat.filter(|chat| *chat > 0))
            .await?;
        Ok(Some(language.say(&Text::LanguageIs)))
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
        let language = words::language(asked.user);
        if tasks.is_empty() {
            return Ok((language.say(&Text::NoReminders), Vec::new()));
        }
        let shown = usize::try_from(LISTED).unwrap_or(usize::MAX);
        let lines: Vec<String> = tasks
            .iter()
            .take(shown)
            .map(|task| self.line(task, asked.user))
            .collect();
        let buttons = (1..)
            .zip(tasks.iter().take(shown))
            .map(|(number, task): (usize, _)| {
                Button::press(format!("🗑 {number}"), format!("task:off:{}", task.id.simple()))
            });
        Ok((words::reminders(language, &lines, tasks.len()), buttons.collect()))
    }

    /// The answer to /delete_me, when the press is one: what is said over the chat.
    pub(super) async fn decides_erasure(
        &self,
        press: &Press,
        action: &str,
    ) -> Result<Option<String>, HandleError> {
        if action != KEEP && action != ERASE {
            return Ok(None);
        }
        let standing = self.access.standing(&press.from.to_user(), None).await?;
        let super::access::Standing::Member(user) = standing else {
            let locale = press.from.language_code.as_deref().unwrap_or_default();
            return Ok(Some(Language::of(locale).say(&Text::SpentButton)));
        };
        let language = words::language(&user);
        if action == KEEP {
            return Ok(Some(language.say(&Text::Kept)));
        }
        debug_assert_eq!(user.state, UserState::Active, "members are");
        self.rest.erase_user(user.id).await?;
        self.access.forget(messages::Resource::User, user.id);
        tracing::info!(user_id = %user.id, "a user deleted themselves");
        Ok(Some(language.say(&Text::Erased)))
    }

    /// A reminder on one line, as plain text.
    fn line(&self, task: &ScheduledTask, user: &User) -> String {
        let language = words::language(user);
        let zone = schedule::parse_zone(&task.time_zone).unwrap_or(zone_of(user));
        let when = match task.next_run_at {
            Some(next) => {
                let next = texts::spoken(language, next, self.clock.now(), zone);
                if task.schedule.is_recurring() {
                    let schedule = &task.schedule.describe(zone);
                    language.say(&Text::NextTime {
                        schedule,
                        next: &next,
                    })
                } else {
                    next
                }
            }
            None => task.schedule.describe(zone),
        };
        let words = task.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text: String = words.chars().take(80).collect();
        let line = format!("{when}: {text}");
        match task.held_since {
            Some(_) => language.say(&Text::TaskHeld { line: &line }),
            None => line,
        }
    }
}

fn zone_of(user: &rest_client::User) -> Tz {
    schedule::parse_zone(&user.time_zone).unwrap_or(Tz::UTC)
}
