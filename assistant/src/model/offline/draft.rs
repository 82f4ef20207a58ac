//! Something that is being set or moved: what is known of it, and the one thing that is asked next.
//!
//! A draft lives in the conversation alone. The model is handed all of it each time, so [`replay`] makes the draft anew
//! from the sentence that began it, and goes on as long as the questions in between are the ones it would ask itself.

use chrono::{DateTime, Utc};
use schedule::Language;
use serde_json::{Map, json};
use when::{Length, Need, Reading};

use super::{Plan, Question, events::event, sentence::Sentence};
use crate::tools::when::{Present, asked, spoken};

/// What is to be said at the time.
fn what(language: Language) -> Question {
    Question::open(language.pick([
        "What shall I remind you of? For example: “remind me at 17:30 to call Anna”.",
        "Woran soll ich dich erinnern? Zum Beispiel: „erinnere mich um 17:30 an Annas Anruf“.",
        "¿Qué te recuerdo? Por ejemplo: “recuérdame a las 17:30 llamar a Ana”.",
        "О чём напомнить? Например: «напомни в 17:30 позвонить Анне».",
    ]))
}

fn when(language: Language) -> Question {
    Question {
        text: language
            .pick([
                "When shall I remind you? For example: “in 20 minutes”, “tomorrow at 9:00” or “every weekday at 9:00”.",
                "Wann soll ich dich erinnern? Zum Beispiel: „in 20 Minuten“, „morgen um 9:00“ oder „jeden Montag um 9:00“.",
                "¿Cuándo te lo recuerdo? Por ejemplo: “en 20 minutos”, “mañana a las 9:00” o “cada lunes a las 9:00”.",
                "Когда напомнить? Например: «через 20 минут», «завтра в 9:00» или «каждый понедельник в 9:00».",
            ])
            .to_owned(),
        choices: soon(language),
    }
}

fn when_is_it(language: Language) -> Question {
    Question::open(language.pick([
        "When is it? For example: “tomorrow at 12:00”.",
        "Wann ist das? Zum Beispiel: „morgen um 12:00“.",
        "¿Cuándo es? Por ejemplo: “mañana a las 12:00”.",
        "Когда это? Например: «завтра в 12:00».",
    ]))
}

fn to_when(language: Language) -> Question {
    Question {
        text: language
            .pick([
                "To what time? For example: “10:30” or “tomorrow at 9:00”.",
                "Auf wann? Zum Beispiel: „10:30“ oder „morgen um 9:00“.",
                "¿Para cuándo? Por ejemplo: “10:30” o “mañana a las 9:00”.",
                "На какое время? Например: «10:30» или «завтра в 9:00».",
            ])
            .to_owned(),
        choices: soon(language),
    }
}

/// Times that are often meant.
fn soon(language: Language) -> Vec<String> {
    let words = language.pick([
        ["in 1 hour", "tomorrow at 9:00"],
        ["in 1 Stunde", "morgen um 9:00"],
        ["en 1 hora", "mañana a las 9:00"],
        ["через 1 час", "завтра в 9:00"],
    ]);
    words.map(str::to_owned).to_vec()
}

/// The two answers to what is offered.
pub(super) fn yes_or_no(language: Language) -> Vec<String> {
    let words = language.pick([["yes", "no"], ["ja", "nein"], ["sí", "no"], ["да", "нет"]]);
    words.map(str::to_owned).to_vec()
}

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
    /// Whether reminders were spoken of just now: then a bare correction is of the last one.
    pub(super) is_about_reminders: bool,
}

impl Heard<'_> {
    /// The user's language.
    pub(super) fn language(&self) -> Language {
        asked::language(self.time)
    }

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
    Ask(Box<Draft>, Question),
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
            Self::Ask(_, question) => Plan::Question(question),
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

/// The same time, read in English: for words of our own.
pub(super) fn english(time: &when::Context) -> when::Context {
    when::Context {
        locale: when::Locale::default(),
        ..time.clone()
    }
}

/// What a timer says when nothing else is said, in each language.
pub(super) const TIMER: [&str; 4] = ["timer", "Timer", "temporizador", "таймер"];

fn is_timer(text: &str) -> bool {
    TIMER.contains(&text)
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
        let language = heard.language();
        // A timer's length counts from now.
        if let (What::Set { text }, Some(length)) = (&self.what, length_of(&self.reading))
            && is_timer(text)
        {
            let reading = when::parse(&in_length(&length), &english(heard.time));
            return Self { reading, ..self }.step(heard);
        }
        if let What::Set { text } = &self.what
            && text.is_empty()
        {
            return Step::Ask(Box::new(self), what(language));
        }
        if let What::Event { title } = &self.what
            && let Some(step) = event(title, &self.reading, heard.time.zone)
        {
            return step;
        }
        if let (What::Move { which }, Some((am, pm))) = (&self.what, self.reading.open_hour()) {
            // The one that suits when it was: the tool knows.
            let either = [am, pm].map(|time| time.format("%H:%M").to_string());
            return Step::Do(Plan::Call {
                tool: "reminder_change",
                arguments: json!({ "which": which, "either": either }),
            });
        }
        if let What::Move { which } = &self.what
            && let Some(step) = super::moving::to_day(which, &self.reading)
        {
            return step;
        }
        if let Some(asked) = asked::question(&self.reading, heard.time) {
            let question = Question {
                text: asked.text(),
                choices: asked.choices,
            };
            return Step::Ask(Box::new(self), question);
        }
        let spoken = match (spoken::of_reading(&self.reading, &heard.present()), &self.what) {
            (None, What::Move { .. }) => return Step::Ask(Box::new(self), to_when(language)),
            (None, What::Event { .. }) => return Step::Ask(Box::new(self), when_is_it(language)),
            (None, _) => return Step::Ask(Box::new(self), when(language)),
            (Some(Err(why)), _) => return Step::Do(Plan::Say(super::answers::sentence(&why))),
            (Some(Ok(spoken)), _) => spoken,
        };
        let schedule = serde_json::to_value(&spoken.schedule).unwrap_or_default();
        let mut arguments = Map::new();
        match &self.what {
            What::Offer { text } => {
                let zone = spoken.zone.unwrap_or(heard.time.zone);
                let when = spoken.schedule.shown_in(language, zone);
                let text = super::answers::escaped(text);
                let question = match language {
                    Language::English if spoken.schedule.is_recurring() => {
                        format!("Shall I remind you {when}: “{text}”? (yes or no)")
                    }
                    Language::English => format!("Shall I remind you on {when}: “{text}”? (yes or no)"),
                    Language::German => format!("Soll ich dich erinnern ({when}): „{text}“? (ja oder nein)"),
                    Language::Spanish => format!("¿Te lo recuerdo ({when}): “{text}”? (sí o no)"),
                    Language::Russian => format!("Напомнить ({when}): «{text}»? (да или нет)"),
                };
                let question = Question {
                    text: question,
                    choices: yes_or_no(language),
                };
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
                    Some(time)
                        if !self.reading.says_day()
                            && known.recurrence.is_none()
                            && known.zone.is_none() =>
                    {
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
                What::Set { .. } | What::Offer { .. } | What::Event { .. } => [
                    "All right, I set nothing.",
                    "In Ordnung, ich habe nichts eingestellt.",
                    "De acuerdo, no he puesto nada.",
                    "Хорошо, ничего не записано.",
                ],
                What::Move { .. } => [
                    "All right, nothing was changed.",
                    "In Ordnung, es bleibt, wie es war.",
                    "De acuerdo, no he cambiado nada.",
                    "Хорошо, ничего не изменено.",
                ],
            };
            return Some(Step::Do(Plan::Say(heard.language().pick(text).to_owned())));
        }
        match &self.what {
            What::Offer { text } if asked::question(&self.reading, heard.time).is_none() => {
                let is_yes = matches!(
                    words.first(),
                    Some(&("yes" | "yep" | "yeah" | "sure" | "ok" | "okay" | "y" | "do"))
                );
                if !is_yes {
                    let reading = super::moving::offered(&self.reading, heard)?;
                    let draft = Self {
                        what: self.what.clone(),
                        reading,
                    };
                    return Some(draft.step(heard));
                }
                let draft = Self {
                    what: What::Set { text: text.clone() },
                    reading: self.reading.clone(),
                };
                Some(draft.step(heard))
            }
            What::Set { text } if text.is_empty() => {
                let from = words
                    .iter()
                    .take_while(|word| super::tongue::is_joint(word, heard.language()))
                    .count();
                let answer = sentence.written(from, sentence.len());
                let joined = when::parse(&answer, heard.time);
                // "a las 9" begins with what leads to a text as well.
                let whole = when::parse(heard.text, heard.time);
                // "9", "tomorrow": no text, and so what is to be said is asked again.
                if let Some(reading) = time_alone(&self.reading, &whole, heard) {
                    let draft = Self {
                        what: self.what.clone(),
                        reading,
                    };
                    return Some(draft.step(heard));
                }
                let says_both = !joined.is_nothing() && !joined.kept.is_empty();
                // "the tea at 5" answers two questions where the time was open.
                let (text, reading) = if self.reading.is_nothing() && says_both {
                    (joined.kept.clone(), joined)
                } else if let Some(reading) = Some(&self.reading)
                    .filter(|reading| says_both && reading.need.is_some())
                    .and_then(|reading| when::answer(reading, &answer, heard.time))
                    .filter(|reading| reading.value.is_some())
                {
                    (joined.kept, reading)
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
                    (Some(Need::Length(length)), true) => {
                        when::parse(&in_length(length), &english(heard.time))
                    }
                    _ if self.reading.is_nothing() => {
                        Some(when::parse(heard.text, heard.time)).filter(|reading| {
                            !reading.is_nothing() && Sentence::read(&reading.kept).bare().len() < 3
                        })?
                    }
                    _ => when::answer(&self.reading, heard.text, heard.time)?,
                };
                let moves = super::moving::moves(&reading).or_else(|| length_of(&reading));
                if let (What::Move { which }, Some(length)) = (&self.what, moves) {
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

/// What is known of the time once an answer says when, and nothing else; `None` when it says more, or nothing of time.
fn time_alone(before: &Reading, joined: &Reading, heard: &Heard<'_>) -> Option<Reading> {
    let bare = heard.text.trim().trim_end_matches(['.', '!']);
    let is_hour = bare.parse::<u32>().is_ok_and(|hour| hour <= 24);
    let is_time = !joined.is_nothing()
        && joined
            .kept
            .trim_matches(|c: char| !c.is_alphanumeric())
            .is_empty();
    if !is_hour && !is_time {
        return None;
    }
    let alone = if is_hour {
        let at = heard.language().pick(["at", "um", "a las", "в"]);
        when::parse(&format!("{at} {bare}"), heard.time)
    } else {
        joined.clone()
    };
    if before.need.is_some() {
        return when::answer(before, heard.text, heard.time).or(Some(alone));
    }
    // "remind me at 5", "tomorrow": the hour stays.
    if let (Some(when::Value::Once(moment)), Some(Need::TimeOfDay)) = (&before.value, &alone.need) {
        let hour = moment.local.format("%H:%M").to_string();
        return when::answer(&alone, &hour, heard.time).or(Some(alone));
    }
    Some(alone)
}

fn is_never_mind(words: &[&str]) -> bool {
    let mut words = words;
    while let ["actually" | "oh" | "well" | "ah" | "hm" | "sorry", rest @ ..] = words
        && !rest.is_empty()
    {
        words = rest;
    }
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
                Step::Ask(next, question) if answered.starts_with(&question.text) => draft = Some(next),
                Step::Ask(..) | Step::Do(_) => return None,
            }
        }
        draft?.answered(heard)
    })
}
