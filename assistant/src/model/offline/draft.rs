//! Something that is being set or moved: what is known of it, and the one thing that is asked next.
//!
//! A draft lives in the conversation alone. The model is handed all of it each time, so [`replay`] makes the draft anew
//! from the sentence that began it, and goes on as long as the questions in between are the ones it would ask itself.

use chrono::{DateTime, Utc};
use serde_json::{Map, json};
use when::{Length, Need, Reading};

use super::{Plan, events::event, sentence::Sentence};
use crate::tools::when::{Present, asked, spoken};

const WHAT: &str = "What shall I remind you of? For example: “remind me at 17:30 to call Anna”.";
const WHEN: &str =
    "When shall I remind you? For example: “in 20 minutes”, “tomorrow at 9:00” or “every weekday at 9:00”.";
const WHEN_IS_IT: &str = "When is it? For example: “tomorrow at 12:00”.";
const TO_WHEN: &str = "To what time? For example: “10:30” or “tomorrow at 9:00”.";

/// A sentence with what its times are read against.
#[derive(Clone, Copy)]
pub(super) struct Heard<'h> {
    /// As it was written.
    pub(super) text: &'h str,
    /// Its words.
    pub(super) sentence: &'h Sentence,
    /// What words of time are read against.
    pub(super) time: &'h when::Context,
    /// The present, which may be later than when it was said.
    pub(super) now: DateTime<Utc>,
}

impl Heard<'_> {
    fn present(&self) -> Present {
        Present {
            said_at: self.time.now,
            now: self.now,
            zone: self.time.zone,
        }
    }
}

/// What comes of a sentence.
pub(super) enum Step {
    /// It is clear what to do.
    Do(Plan),
    /// Something must be asked first.
    Ask(Box<Draft>, String),
}

impl From<Plan> for Step {
    fn from(plan: Plan) -> Self {
        Self::Do(plan)
    }
}

impl Step {
    /// What to do now.
    pub(super) fn into_plan(self) -> Plan {
        match self {
            Self::Do(plan) => plan,
            Self::Ask(_, question) => Plan::Say(question),
        }
    }
}

/// What is being set or moved.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) what: What,
    pub(super) reading: Reading,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// A reminder with this text.
    Set { text: String },
    /// The same, where nobody asked for a reminder: it is offered.
    Offer { text: String },
    /// Another time for one that exists.
    Move { which: String },
    /// An event in the calendar.
    Event { title: String },
}

/// "an hour", "10 minutes later": a length and nothing else.
pub(super) fn length_of(reading: &Reading) -> Option<Length> {
    match &reading.need {
        Some(Need::Length(length)) if !length.is_vague && !length.is_zero() => Some(*length),
        _ => None,
    }
}

pub(super) fn shift(which: &str, length: &Length) -> Plan {
    let mut by = Map::new();
    for (name, n) in [
        ("months", i64::from(length.months)),
        ("days", i64::from(length.days)),
        ("seconds", length.seconds),
    ] {
        if n != 0 {
            by.insert(name.to_owned(), n.into());
        }
    }
    Plan::Call {
        tool: "reminder_change",
        arguments: json!({ "which": which, "shift": by }),
    }
}

/// A length as words that count from now.
pub(super) fn in_length(length: &Length) -> String {
    format!(
        "in {} months {} days {} seconds",
        length.months, length.days, length.seconds
    )
    .replace(" 0 months", "")
    .replace(" 0 days", "")
    .replace(" 0 seconds", "")
}

impl Draft {
    /// What to do, or to ask, about the draft as it is.
    pub(super) fn step(self, heard: &Heard<'_>) -> Step {
        if let What::Set { text } = &self.what
            && text.is_empty()
        {
            return Step::Ask(Box::new(self), WHAT.to_owned());
        }
        if let What::Event { title } = &self.what
            && let Some(step) = event(title, &self.reading)
        {
            return step;
        }
        if let (What::Move { which }, Some(Need::AmPm { am, pm })) = (&self.what, &self.reading.need)
            && self.reading.understood.day.is_none()
            && self.reading.understood.recurrence.is_none()
        {
            // The one that is nearer to when it was: the tool knows.
            let either = [am, pm].map(|time| time.format("%H:%M").to_string());
            return Step::Do(Plan::Call {
                tool: "reminder_change",
                arguments: json!({ "which": which, "either": either }),
            });
        }
        if let Some(asked) = asked::question(&self.reading) {
            return Step::Ask(Box::new(self), asked.text());
        }
        let spoken = match (spoken::of_reading(&self.reading, &heard.present()), &self.what) {
            (None, What::Move { .. }) => return Step::Ask(Box::new(self), TO_WHEN.to_owned()),
            (None, What::Event { .. }) => return Step::Ask(Box::new(self), WHEN_IS_IT.to_owned()),
            (None, _) => return Step::Ask(Box::new(self), WHEN.to_owned()),
            (Some(Err(why)), _) => return Step::Do(Plan::Say(super::answers::sentence(&why))),
            (Some(Ok(spoken)), _) => spoken,
        };
        let schedule = serde_json::to_value(&spoken.schedule).unwrap_or_default();
        let mut arguments = Map::new();
        match &self.what {
            What::Offer { text } => {
                let zone = spoken.zone.unwrap_or(heard.time.zone);
                let when = spoken.schedule.describe(zone);
                let question = format!(
                    "Shall I remind you {}: “{}”? (yes or no)",
                    when.replacen("once on ", "on ", 1),
                    super::answers::escaped(text)
                );
                Step::Ask(Box::new(self), question)
            }
            // A rule that the calendar tool has no word for.
            What::Event { .. } => Step::Do(Plan::Say(
                "I can add events that repeat daily, on workdays, weekly, monthly or yearly. Please say it as one of these."
                    .to_owned(),
            )),
            What::Set { text } => {
                arguments.insert("text".to_owned(), text.as_str().into());
                arguments.insert("schedule".to_owned(), schedule);
                if let Some(zone) = spoken.zone {
                    arguments.insert("zone".to_owned(), zone.name().into());
                }
                Step::Do(Plan::Call {
                    tool: "reminder_create",
                    arguments: arguments.into(),
                })
            }
            What::Move { which } => {
                arguments.insert("which".to_owned(), which.as_str().into());
                let known = &self.reading.understood;
                match known.time {
                    // A time of day alone leaves the day, or the rule, as it is.
                    Some(time) if known.day.is_none() && known.recurrence.is_none() && known.zone.is_none() => {
                        arguments.insert(
                            "at".to_owned(),
                            json!({ "time": time.format("%H:%M").to_string() }),
                        );
                    }
                    _ => {
                        arguments.insert("schedule".to_owned(), schedule);
                    }
                }
                Step::Do(Plan::Call {
                    tool: "reminder_change",
                    arguments: arguments.into(),
                })
            }
        }
    }

    /// Takes the answer to the question that was asked; `None` when it is no answer.
    fn answered(&self, heard: &Heard<'_>) -> Option<Step> {
        let sentence = heard.sentence.bare();
        let words = sentence.plain();
        if is_never_mind(&words) {
            let text = match self.what {
                What::Set { .. } | What::Offer { .. } | What::Event { .. } => "All right, I set nothing.",
                What::Move { .. } => "All right, nothing was changed.",
            };
            return Some(Step::Do(Plan::Say(text.to_owned())));
        }
        match &self.what {
            What::Offer { text } if asked::question(&self.reading).is_none() => {
                let is_yes = matches!(
                    words.first(),
                    Some(&("yes" | "yep" | "yeah" | "sure" | "ok" | "okay" | "y" | "do"))
                );
                if !is_yes {
                    return None;
                }
                let draft = Self {
                    what: What::Set { text: text.clone() },
                    reading: self.reading.clone(),
                };
                Some(draft.step(heard))
            }
            What::Set { text } if text.is_empty() => {
                let from = usize::from(matches!(words.first(), Some(&("to" | "that" | "about" | "of"))));
                let answer = sentence.written(from, sentence.len());
                let joined = when::parse(&answer, heard.time);
                // "the tea at 5" answers two questions where the time was open.
                let (text, reading) =
                    if self.reading.is_nothing() && !joined.is_nothing() && !joined.kept.is_empty() {
                        (joined.kept.clone(), joined)
                    } else {
                        (answer, self.reading.clone())
                    };
                (!text.is_empty()).then(|| {
                    let draft = Self {
                        what: What::Set { text },
                        reading,
                    };
                    draft.step(heard)
                })
            }
            _ => {
                let is_yes = matches!(
                    words.as_slice(),
                    ["yes" | "yep" | "yeah" | "sure" | "ok" | "okay" | "right" | "exactly"]
                );
                let reading = match (&self.reading.need, is_yes) {
                    (Some(Need::Length(length)), true) => when::parse(&in_length(length), heard.time),
                    _ if self.reading.is_nothing() => {
                        Some(when::parse(heard.text, heard.time)).filter(|reading| {
                            !reading.is_nothing() && Sentence::read(&reading.kept).bare().len() < 3
                        })?
                    }
                    _ => when::answer(&self.reading, heard.text, heard.time)?,
                };
                if let (What::Move { which }, Some(length)) = (&self.what, length_of(&reading)) {
                    return Some(Step::Do(shift(which, &length)));
                }
                let draft = Self {
                    what: self.what.clone(),
                    reading,
                };
                Some(draft.step(heard))
            }
        }
    }
}

fn is_never_mind(words: &[&str]) -> bool {
    matches!(
        words,
        ["never", "mind", ..]
            | ["nevermind", ..]
            | ["forget", "it" | "that", ..]
            | ["cancel" | "stop" | "no" | "nope" | "nothing" | "abort"]
            | ["cancel", "that" | "it"]
            | ["no", "thanks" | "thank", ..]
            | ["don't" | "dont", "bother"]
            | ["leave", "it", ..]
    )
}

/// Goes through a conversation from the message that began a draft: each pair is what the user said and what was
/// answered. `None` when the last thing that was said answers no question of ours.
pub(super) fn replay(
    before: &[(&str, &str)],
    heard: &Heard<'_>,
    begin: impl Fn(&Heard<'_>) -> Option<Step>,
) -> Option<Step> {
    (0..before.len()).find_map(|start| {
        let mut draft: Option<Box<Draft>> = None;
        for (said, answered) in before.get(start..)? {
            let sentence = Sentence::read(said);
            let at = Heard {
                text: said,
                sentence: &sentence,
                ..*heard
            };
            let step = match &draft {
                None => begin(&at)?,
                Some(draft) => draft.answered(&at)?,
            };
            match step {
                Step::Ask(next, question) if answered.starts_with(&question) => draft = Some(next),
                Step::Ask(..) | Step::Do(_) => return None,
            }
        }
        draft?.answered(heard)
    })
}
