//! What buttons stand for: the action that a button carries and a press brings back. Pure.
//!
//! An action names one thing of one user's by its random id. Whoever handles a press looks it up among the presser's
//! own things, so that an action is worth nothing to anybody else.

use std::{fmt, str::FromStr};

use chrono_tz::Tz;
use texts::{Language, Text};
use uuid::Uuid;

/// What a pressed button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Take back a change: the pending action that does it.
    Undo(Uuid),
    /// Take back a write in the calendar, by calendar_service's id of it.
    UndoWrite(Uuid),
    /// Yes to a question: the pending action that it was about.
    Confirm(Uuid),
    /// No to it.
    Dismiss(Uuid),
    /// The user's time zone is this one.
    Zone(Tz),
    /// Cancel a reminder of a list.
    TaskOff(Uuid),
    /// Take that back.
    TaskOn(Uuid),
    /// What to do about a reminder that has fired.
    Fired {
        /// What.
        what: Fired,
        /// Which reminder.
        task: Uuid,
        /// Which firing: the planned instant, in Unix seconds.
        at: i64,
    },
}

/// What can be done about a reminder that has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    /// It is done.
    Done,
    /// Say it again in ten minutes.
    TenMinutes,
    /// Say it again in an hour.
    Hour,
    /// Say it again tomorrow at the same time of day.
    Tomorrow,
    /// Neither: as if nothing had been pressed.
    Back,
}

impl Fired {
    /// Those of a reminder that has just fired, in the order of the buttons.
    pub(crate) const ALL: [Self; 4] = [Self::Done, Self::TenMinutes, Self::Hour, Self::Tomorrow];

    /// What the button says.
    pub(crate) fn label(self, language: Language) -> String {
        language.say(&match self {
            Self::Done => Text::Done,
            Self::TenMinutes => Text::SnoozeTenMinutes,
            Self::Hour => Text::SnoozeHour,
            Self::Tomorrow => Text::SnoozeTomorrow,
            Self::Back => Text::Undo,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::Tomorrow => "1d",
            Self::Back => "back",
        }
    }
}

/// The form in callback data. What the buttons of one choice have in common stands last, see
/// [`messages::Button::choice`].
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undo(id) => write!(f, "undo:{}", id.simple()),
            Self::UndoWrite(id) => write!(f, "undo:calendar:{}", id.simple()),
            Self::Confirm(id) => write!(f, "confirm:{}", id.simple()),
            Self::Dismiss(id) => write!(f, "dismiss:{}", id.simple()),
            Self::Zone(zone) => write!(f, "tz:{}:zone", zone.name()),
            Self::TaskOff(task) => write!(f, "task:off:{}", task.simple()),
            Self::TaskOn(task) => write!(f, "task:on:{}", task.simple()),
            Self::Fired { what, task, at } => write!(f, "task:{}:{at}:{}", what.name(), task.simple()),
        }
    }
}

/// It is not an action of this build.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownAction;

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        let id = |text: &str| Uuid::try_parse(text).map_err(|_| UnknownAction);
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            ["undo", action] => Ok(Self::Undo(id(action)?)),
            ["undo", "calendar", write] => Ok(Self::UndoWrite(id(write)?)),
            ["confirm", action] => Ok(Self::Confirm(id(action)?)),
            ["dismiss", action] => Ok(Self::Dismiss(id(action)?)),
            ["tz", zone, "zone"] => zone.parse().map(Self::Zone).map_err(|_| UnknownAction),
            ["task", "off", task] => Ok(Self::TaskOff(id(task)?)),
            ["task", "on", task] => Ok(Self::TaskOn(id(task)?)),
            ["task", name, at, task] => Ok(Self::Fired {
                what: Fired::ALL
                    .into_iter()
                    .chain([Fired::Back])
                    .find(|what| what.name() == *name)
                    .ok_or(UnknownAction)?,
                task: id(task)?,
                at: at.parse().map_err(|_| UnknownAction)?,
            }),
            _ => Err(UnknownAction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use messages::Button;

    #[test]
    fn what_a_button_carries_is_read_back_and_fits() {
        let id = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);
        let fired = Fired::ALL.map(|what| Action::Fired {
            what,
            task: id,
            at: 9_999_999_999,
        });
        let others = [
            Action::Undo(id),
            Action::UndoWrite(id),
            Action::Confirm(id),
            Action::Dismiss(id),
            Action::TaskOff(id),
            Action::TaskOn(id),
        ];
        for action in fired.into_iter().chain(others) {
            let text = action.to_string();
            assert_eq!(text.parse(), Ok(action), "{text}");
            assert!(text.len() <= Button::LONGEST_ACTION, "{text}");
            assert_eq!(Button::choice(&text), id.simple().to_string());
        }
        for zone in chrono_tz::TZ_VARIANTS {
            let text = Action::Zone(zone).to_string();
            assert_eq!(text.parse(), Ok(Action::Zone(zone)), "{text}");
            assert!(text.len() <= Button::LONGEST_ACTION, "{text}");
        }
        for other in [
            "tz:Nowhere/At_All:zone",
            "tz:UTC",
            "",
            "undo",
            "undo:1",
            "task:done:now:1",
            "task:2h:1:1",
            "access:approve:1",
        ] {
            assert_eq!(other.parse::<Action>(), Err(UnknownAction), "{other}");
        }
    }
}
