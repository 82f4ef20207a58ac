//! What the bot itself says, in Markdown and in the user's language: the texts of the catalogue with what stands in them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use messages::Button;
use rest_client::{BudgetPeriod, BudgetUnit, Usage, UsageReport, User, dollars_of};
use texts::{Language, Text, clock};

use crate::outgoing::render::escape;

/// The language that a user is spoken to.
pub(crate) fn language(user: &User) -> Language {
    Language::of(&user.locale)
}

/// A button with a text of the catalogue.
pub(crate) fn button(language: Language, text: &Text<'_>, action: impl Into<String>) -> Button {
    Button::press(language.say(text), action)
}

/// The answer to /start.
pub(crate) fn welcome(language: Language, name: &str) -> String {
    language.say(&Text::Welcome { name: &escape(name) })
}

/// The answer to the owner code.
pub(crate) fn welcome_owner(language: Language, name: &str) -> String {
    language.say(&Text::WelcomeOwner { name: &escape(name) })
}

/// The question to the owner about a stranger.
pub(crate) fn access_request(language: Language, name: &str, account: &str) -> String {
    language.say(&Text::AccessRequest {
        name: &escape(name),
        account: &escape(account),
    })
}

/// What the answer to a pressed button may have, in characters (Bot API `answerCallbackQuery`: 200).
const TOAST_MAX: usize = 200;

/// A short text over the chat, cut to what Telegram takes.
pub(crate) fn toast(text: &str) -> String {
    text.chars().take(TOAST_MAX).collect()
}

/// What a new owner is told of their zone.
pub(crate) fn owner_zone(language: Language, zone: Tz) -> String {
    language.say(&Text::OwnerZone {
        zone: &escape(zone.name()),
    })
}

/// The answer to /tz alone.
pub(crate) fn your_zone(language: Language, zone: &str, now: DateTime<Utc>, has_button: bool) -> String {
    let known = match zone.parse::<Tz>() {
        Ok(Tz::UTC) | Err(_) => language.say(&Text::ZoneUnknown),
        Ok(zone) => language.say(&Text::ZoneKnown {
            zone: &with_time(language, zone, now),
        }),
    };
    let how = if has_button {
        Text::ZoneByButton
    } else {
        Text::ZoneByWords
    };
    format!("{known}\n\n{}", language.say(&how))
}

/// The answer to a change of zone.
pub(crate) fn zone_is(language: Language, zone: Tz, now: DateTime<Utc>) -> String {
    language.say(&Text::ZoneIs {
        zone: &with_time(language, zone, now),
    })
}

/// The answer to what changes nothing.
pub(crate) fn in_your_zone(language: Language, zone: Tz, now: DateTime<Utc>) -> String {
    language.say(&Text::ZoneAlready {
        zone: &with_time(language, zone, now),
    })
}

/// The answer to a place that nobody knows.
pub(crate) fn no_such_place(language: Language, words: &str) -> String {
    let words: String = words.chars().take(80).collect();
    language.say(&Text::NoSuchPlace {
        words: &escape(&words),
    })
}

/// The question which of several places.
pub(crate) fn which_place(language: Language, words: &str) -> String {
    language.say(&Text::WhichPlace {
        words: &escape(words),
    })
}

/// The offer when a pin is in another zone.
pub(crate) fn elsewhere(language: Language, zone: Tz, own: &str) -> String {
    language.say(&Text::Elsewhere {
        zone: &escape(zone.name()),
        own: &escape(own),
    })
}

fn with_time(language: Language, zone: Tz, now: DateTime<Utc>) -> String {
    let name = match zone {
        Tz::Etc__UTC => "UTC",
        zone => zone.name(),
    };
    language.say(&Text::ZoneWithTime {
        zone: &escape(name),
        time: &clock(now, zone),
    })
}

/// The answer to /reminders: the lines of those that are shown, of so many.
pub(crate) fn reminders(language: Language, lines: &[String], all: usize) -> String {
    let mut text = format!("{}\n\n", language.say(&Text::RemindersHead));
    for (number, line) in (1..).zip(lines) {
        text.push_str(&format!("{number}. {}\n", escape(line)));
    }
    if all > lines.len() {
        let count = i64::try_from(all - lines.len()).unwrap_or(i64::MAX);
        text.push_str(&format!("\n{}", language.say(&Text::RemindersMore { count })));
    }
    text
}

/// The answer to /usage; `escape` writes amounts as text of the channel.
pub fn usage(
    user: &User,
    report: &UsageReport,
    now: DateTime<Utc>,
    escape: impl Fn(&str) -> String,
) -> String {
    let language = language(user);
    let zone = user.time_zone.parse().unwrap_or(Tz::UTC);
    let sum = |count: fn(&Usage) -> i64| report.items.iter().map(count).sum::<i64>();
    let turns = sum(|usage| usage.turns);
    let mut text = match turns {
        0 => language.say(&Text::NoUsage),
        turns => language.say(&Text::Usage {
            turns,
            calls: sum(|usage| usage.model_calls),
            read: sum(|usage| usage.prompt_tokens),
            written: sum(|usage| usage.completion_tokens),
        }),
    };
    let cost = sum(|usage| usage.cost_micros);
    if cost > 0 {
        let cost = &escape(&dollars_of(cost));
        text.push_str(&format!(" {}", language.say(&Text::UsageCost { cost })));
    }
    for budget in &report.budgets {
        let amount = |amount| match budget.unit {
            BudgetUnit::Micros => escape(&dollars_of(amount)),
            BudgetUnit::Tokens => language.say(&Text::Tokens { count: amount }),
        };
        let (spent, limit) = (&amount(budget.spent), &amount(budget.limit));
        let resets = &texts::spoken(language, budget.resets_at, now, zone);
        let line = language.say(&match budget.period {
            BudgetPeriod::Day => Text::UsageBudgetDay { spent, limit, resets },
            BudgetPeriod::Month => Text::UsageBudgetMonth { spent, limit, resets },
        });
        text.push_str(&format!("\n- {line}"));
    }
    text
}

/// The answer to /status: who the user is to us, how many reminders there are, and the next one.
pub(crate) fn status(
    language: Language,
    user: &User,
    reminders: usize,
    next: Option<String>,
    now: DateTime<Utc>,
) -> String {
    let zone = match user.time_zone.parse::<Tz>() {
        Ok(Tz::UTC) | Err(_) => language.say(&Text::StatusNoZone),
        Ok(zone) => with_time(language, zone, now),
    };
    let mut text = language.say(&Text::Status {
        name: &escape(&user.name),
        zone: &zone,
        count: i64::try_from(reminders).unwrap_or(i64::MAX),
    });
    if let Some(next) = next {
        let next = language.say(&Text::StatusNext { next: &escape(&next) });
        text.push_str(&format!("\n- {next}"));
    }
    text
}
