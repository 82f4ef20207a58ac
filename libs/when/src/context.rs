//! What a sentence is read against: the moment, the zone, the language and its customs.

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

/// What a sentence is read against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// When it was said.
    pub now: DateTime<Utc>,
    /// The zone of who said it.
    pub zone: Tz,
    /// The language and customs of who said it.
    pub locale: Locale,
    /// Which half of the day a bare hour is likelier to mean: "wake me at 7" leans to the morning.
    pub lean: Lean,
    /// The hour for a day that was said without one; `None` asks.
    pub day_hour: Option<NaiveTime>,
}

impl Context {
    /// A context that leans to no half of the day and asks for missing hours.
    pub fn new(now: DateTime<Utc>, zone: Tz, locale: Locale) -> Self {
        Self {
            now,
            zone,
            locale,
            lean: Lean::None,
            day_hour: None,
        }
    }

    /// The same, leaning to a half of the day.
    #[must_use]
    pub fn leaning(mut self, lean: Lean) -> Self {
        self.lean = lean;
        self
    }

    /// What the clocks of the zone show.
    pub fn local(&self) -> NaiveDateTime {
        self.now.with_timezone(&self.zone).naive_local()
    }
}

/// Which half of the day a bare hour is likelier to mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lean {
    /// Neither.
    #[default]
    None,
    /// "wake me at 7".
    Morning,
    /// "dinner at 8".
    Evening,
}

/// A language that has a table in `lang/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English; also what other languages fall back to.
    #[default]
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
}

/// How 3/4 is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 4 March.
    MonthFirst,
    /// 3 April.
    DayFirst,
}

/// A language and its customs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locale {
    /// Whose words are read. English is read as well where they say nothing.
    pub language: Language,
    /// How 3/4 is read; `None` goes by the zone, and asks where the zone does not tell.
    pub dates: Option<DateOrder>,
}

impl Locale {
    /// Of a tag such as `en`, `en-GB`, `de_AT`. What is unknown is English.
    pub fn of(tag: &str) -> Self {
        let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
        let (language, region) = tag.split_once('-').unwrap_or((&tag, ""));
        let (language, dates) = match language {
            "de" => (Language::German, Some(DateOrder::DayFirst)),
            "es" => (Language::Spanish, Some(DateOrder::DayFirst)),
            "ru" => (Language::Russian, Some(DateOrder::DayFirst)),
            _ => (Language::English, None),
        };
        let dates = match (language, region) {
            (Language::English, "us" | "ph" | "pr" | "fm") => Some(DateOrder::MonthFirst),
            (Language::English, "") => None,
            (Language::English, _) => Some(DateOrder::DayFirst),
            _ => dates,
        };
        Self { language, dates }
    }
}

/// How figures such as 3/4 are to be read here; `None` where it must be asked.
pub(crate) fn date_order(context: &Context) -> Option<DateOrder> {
    if context.locale.dates.is_some() {
        return context.locale.dates;
    }
    let name = context.zone.name();
    let is_american = name.starts_with("America/") || name.starts_with("US/") || name == "Pacific/Honolulu";
    let tells_nothing = name.starts_with("Etc/") || matches!(name, "UTC" | "GMT");
    (is_american || tells_nothing).then_some(DateOrder::MonthFirst)
}
