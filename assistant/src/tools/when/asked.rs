//! What is asked when words of time leave something open: one question, which says what was understood, and likely
//! answers, in the user's language.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use schedule::{Language, Unit};
use when::{Length, Need, Reading, Understood};

use super::spoken::day_words;
use crate::tools::ToolError;

/// A question and its likely answers, each of which answers it when it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The question alone.
    pub(crate) question: String,
    /// The likely answers.
    pub(crate) choices: Vec<String>,
    /// The language of both.
    pub(crate) language: Language,
}

/// Why words of time make no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// The user must be asked.
    Ask(Asked),
    /// It cannot be; a sentence.
    Wrong(String),
}

impl From<String> for Unclear {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}

impl From<Unclear> for ToolError {
    fn from(unclear: Unclear) -> Self {
        match unclear {
            Unclear::Ask(asked) => Self::Ask {
                question: asked.text(),
                choices: asked.choices,
            },
            Unclear::Wrong(why) => Self::Told(why),
        }
    }
}

impl Asked {
    /// The question with its answers, on one line.
    pub(crate) fn text(&self) -> String {
        let or = self.language.pick(["or", "oder", "o", "или"]);
        match self.choices.as_slice() {
            [] => self.question.clone(),
            [head @ .., last] if !head.is_empty() => {
                format!("{} ({} {or} {last})", self.question, head.join(", "))
            }
            [one] => format!("{} ({one})", self.question),
            [..] => self.question.clone(),
        }
    }
}

/// The language of words of time.
pub(crate) fn language(context: &when::Context) -> Language {
    match context.locale.language {
        when::Language::English => Language::English,
        when::Language::German => Language::German,
        when::Language::Spanish => Language::Spanish,
        when::Language::Russian => Language::Russian,
    }
}

/// What a reading leaves open; `None` when it is whole or says nothing of time.
pub(crate) fn question(reading: &Reading, context: &when::Context) -> Option<Asked> {
    let need = reading.need.as_ref()?;
    let language = language(context);
    let known = known(&reading.understood, language);
    let asked = |question: String, choices: Vec<String>| Asked {
        question,
        choices,
        language,
    };
    let front = |question: [&str; 4]| match known.as_str() {
        "" => upper(language.pick(question)),
        known => format!("{}: {}", upper(known), language.pick(question)),
    };
    let strings = |choices: &[&str]| choices.iter().map(|choice| (*choice).to_owned()).collect();
    Some(match need {
        Need::When => asked(
            front(["when exactly?", "wann genau?", "¿cuándo exactamente?", "когда именно?"]),
            strings(&language.pick([
                ["in 1 hour", "today at 18:00", "tomorrow at 9:00"],
                ["in 1 Stunde", "heute um 18:00", "morgen um 9:00"],
                ["en 1 hora", "hoy a las 18:00", "mañana a las 9:00"],
                ["через 1 час", "сегодня в 18:00", "завтра в 9:00"],
            ])),
        ),
        Need::TimeOfDay => asked(
            front(["at what time?", "um wie viel Uhr?", "¿a qué hora?", "во сколько?"]),
            hours_ahead(reading, context),
        ),
        Need::AmPm { am, pm } => asked(
            front([
                "in the morning or in the evening?",
                "morgens oder abends?",
                "¿por la mañana o por la tarde?",
                "утром или вечером?",
            ]),
            [am, pm].map(|time| half(*time, context)).into(),
        ),
        Need::Day => {
            let on_which = ["on which day?", "an welchem Tag?", "¿qué día?", "в какой день?"];
            match reading.understood.days {
                Some((first, last)) => asked(
                    format!(
                        "{} {} {}: {}",
                        day_words(first, first, language),
                        language.pick(["to", "bis", "a", "–"]),
                        day_words(last, first, language),
                        language.pick(on_which)
                    ),
                    days(first, last, language),
                ),
                None => asked(front(on_which), Vec::new()),
            }
        }
        Need::Which(choices) => asked(
            language
                .pick([
                    "Which one do you mean?",
                    "Welchen Tag meinst du?",
                    "¿Cuál quieres decir?",
                    "Какой день вы имеете в виду?",
                ])
                .to_owned(),
            choices
                .iter()
                .map(|choice| moment(choice.day, choice.time, language))
                .collect(),
        ),
        Need::Past(at) => {
            let when = language.pick([
                "When instead?",
                "Wann stattdessen?",
                "¿Cuándo, entonces?",
                "Когда тогда?",
            ]);
            let past = language.pick([
                "is in the past",
                "ist schon vorbei",
                "ya pasó",
                if at.is_some() { "— это уже прошло" } else { "уже прошло" },
            ]);
            let what = at.map_or_else(
                || language.pick(["That", "Das", "Eso", "Это"]).to_owned(),
                // A day that is over is over at any hour.
                |at: NaiveDateTime| match at.time() == NaiveTime::MIN {
                    true => language.date(at.date()),
                    false => language.local(at),
                },
            );
            asked(format!("{} {past}. {when}", upper(&what)), Vec::new())
        }
        Need::Start => asked(
            front(["from when on?", "ab wann?", "¿desde cuándo?", "с какого времени?"]),
            strings(&language.pick([
                ["now", "tomorrow at 9:00"],
                ["jetzt", "morgen um 9:00"],
                ["ahora", "mañana a las 9:00"],
                ["сейчас", "завтра в 9:00"],
            ])),
        ),
        Need::Length(length) => {
            let words = length_words(length, language);
            let question = match language {
                Language::English => format!("{} from now?", upper(&words)),
                Language::German => format!("In {words}?"),
                Language::Spanish => format!("¿Dentro de {words}?"),
                Language::Russian => format!("Через {words}?"),
            };
            let within = language.pick(["in", "in", "en", "через"]);
            asked(question, vec![format!("{within} {words}")])
        }
        Need::Anchor => asked(
            language
                .pick([
                    "When is that? Say it as a time, such as “at 15:00”.",
                    "Wann ist das? Sag es als Uhrzeit, zum Beispiel „um 15:00“.",
                    "¿Cuándo es eso? Dilo como una hora, por ejemplo “a las 15:00”.",
                    "Когда это? Назовите время, например «в 15:00».",
                ])
                .to_owned(),
            Vec::new(),
        ),
        Need::Unread => asked(
            language
                .pick([
                    "I can't read that time. Say it, for example, as “in 20 minutes”, “tomorrow at 9:00” or “every \
                     weekday at 9:00”.",
                    "Diese Zeit verstehe ich nicht. Sag es zum Beispiel so: „in 20 Minuten“, „morgen um 9:00“ oder \
                     „jeden Montag um 9:00“.",
                    "No entiendo esa hora. Dilo, por ejemplo, así: “en 20 minutos”, “mañana a las 9:00” o “cada lunes \
                     a las 9:00”.",
                    "Не могу понять время. Скажите, например, «через 20 минут», «завтра в 9:00» или «каждый \
                     понедельник в 9:00».",
                ])
                .to_owned(),
            Vec::new(),
        ),
    })
}

/// Usual hours; of today, those that are ahead.
fn hours_ahead(reading: &Reading, context: &when::Context) -> Vec<String> {
    let now = context.local();
    let is_today = reading.understood.day == Some(now.date());
    let usual = [9, 12, 18].map(|hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
    let late = NaiveTime::from_hms_opt(21, 0, 0).unwrap_or_default();
    let mut hours: Vec<NaiveTime> = usual
        .into_iter()
        .filter(|time| !is_today || *time > now.time())
        .collect();
    if is_today && hours.len() < 3 && late > now.time() {
        hours.push(late);
    }
    hours.into_iter().map(clock).collect()
}

/// A time of day as its user's clock shows it.
fn half(time: NaiveTime, context: &when::Context) -> String {
    if context.locale.dates == Some(when::DateOrder::MonthFirst) {
        return time.format("%-I:%M %P").to_string();
    }
    clock(time)
}

/// A day and an hour as an answer that is read back.
fn moment(day: NaiveDate, time: Option<NaiveTime>, language: Language) -> String {
    let day = match language {
        Language::English => day.format("%a %-d %B %Y").to_string(),
        Language::German | Language::Russian => format!(
            "{} {}",
            language.day(day).split(' ').next().unwrap_or_default(),
            day.format("%-d.%-m.%Y")
        ),
        Language::Spanish => format!(
            "{} {}",
            language.day(day).split(' ').next().unwrap_or_default(),
            day.format("%-d/%-m/%Y")
        ),
    };
    match time {
        Some(time) => {
            let at = language.pick(["at", "um", "a las", "в"]);
            format!("{day} {at} {}", clock(time))
        }
        None => day,
    }
}

/// What is known already, in words: the question begins with it.
fn known(understood: &Understood, language: Language) -> String {
    let mut parts = Vec::new();
    if let Some(rule) = &understood.recurrence {
        parts.push(rule_words(rule, language));
    }
    if let Some(day) = understood.day {
        parts.push(language.date(day));
    }
    if let Some(time) = understood.time {
        let at = language.pick(["at", "um", "a las", "в"]);
        parts.push(format!("{at} {}", clock(time)));
    }
    parts.join(" ")
}

/// The rule without its times, by the words of a schedule.
fn rule_words(rule: &when::Recurrence, language: Language) -> String {
    let start = rule
        .start
        .unwrap_or_else(|| NaiveDate::default().and_time(NaiveTime::MIN));
    if rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_month.is_empty() {
        return language.every(rule.interval.into(), unit(rule.frequency));
    }
    let schedule = schedule::Schedule::Rule {
        start,
        rules: vec![format!("{};BYHOUR=0;BYMINUTE=0", rule.rrule())],
        except: Vec::new(),
    };
    if schedule.validate().is_err() {
        return String::new();
    }
    let words = schedule.describe_in(language, chrono_tz::Tz::UTC);
    let words = words.replace(
        language.pick([" at 00:00", " um 00:00", " a las 00:00", " в 00:00"]),
        "",
    );
    match rule.start {
        Some(_) => words,
        None => {
            let from = language.pick(["from", "ab", "desde el", "с"]);
            words.replace(&format!(", {from} {}", language.date(start.date())), "")
        }
    }
}

fn unit(frequency: when::Frequency) -> Unit {
    match frequency {
        when::Frequency::Minutely => Unit::Minute,
        when::Frequency::Hourly => Unit::Hour,
        when::Frequency::Daily => Unit::Day,
        when::Frequency::Weekly => Unit::Week,
        when::Frequency::Monthly => Unit::Month,
        when::Frequency::Yearly => Unit::Year,
    }
}

/// At most seven days by name.
fn days(first: NaiveDate, last: NaiveDate, language: Language) -> Vec<String> {
    let is_weekend = |day: &NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    // "next weekend": this one or the one after it.
    let is_weekends = is_weekend(&first) && is_weekend(&last) && (last - first).num_days() > 1;
    first
        .iter_days()
        .take_while(|day| *day <= last)
        .filter(|day| !is_weekends || is_weekend(day))
        .take(7)
        .map(|day| match language {
            Language::English => day.format("%a %-d %B").to_string(),
            _ => {
                let weekday = language.day(day);
                let weekday = weekday.split(' ').next().unwrap_or_default();
                let date = match language {
                    Language::Spanish => format!("{}/{}", day.day(), day.month()),
                    Language::Russian => day.format("%d.%m").to_string(),
                    _ => format!("{}.{}.", day.day(), day.month()),
                };
                format!("{weekday} {date}")
            }
        })
        .collect()
}

fn clock(time: NaiveTime) -> String {
    time.format("%-H:%M").to_string()
}

/// "10 minutes", "1 hour 30 minutes", "2 weeks".
fn length_words(length: &Length, language: Language) -> String {
    let mut parts = Vec::new();
    let mut add = |n: i64, unit: Unit| {
        if n != 0 {
            parts.push(language.count(n, unit));
        }
    };
    add(i64::from(length.months), Unit::Month);
    add(i64::from(length.days), Unit::Day);
    add(length.seconds / 3600, Unit::Hour);
    add(length.seconds % 3600 / 60, Unit::Minute);
    add(length.seconds % 60, Unit::Second);
    if length.workdays != 0 {
        let days = language.pick(["working days", "Werktage", "días laborables", "рабочих дней"]);
        parts.push(format!("{} {days}", length.workdays));
    }
    parts.join(" ")
}

pub(crate) fn upper(text: &str) -> String {
    if let Some(rest) = text.strip_prefix('¿') {
        return format!("¿{}", upper(rest));
    }
    let mut characters = text.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + characters.as_str()
}
