//! Words that lean to a half of the day: "dinner on friday at 9" is hardly in the morning, "breakfast at 5" hardly in the
//! afternoon. They never decide, they only ask.

use chrono::NaiveTime;

use crate::{
    Context, Language, Lean, Need,
    parser::Parser,
    phrase::Phrase,
    resolve::{Resolved, resolve},
    token::Kind,
};

/// What was worked out, or the question which half of the day is meant where a word beside it tells otherwise.
pub(super) fn asked(
    p: &Parser<'_>,
    spans: &[(usize, usize)],
    said: &Phrase,
    resolved: Resolved,
    context: &Context,
) -> Resolved {
    let [clock] = said.clocks.as_slice() else {
        return resolved;
    };
    let is_open = clock.is_open && !clock.is_formal && said.part.is_none();
    if !is_open || context.lean != Lean::None || resolved.value.is_none() {
        return resolved;
    }
    let lean = of_words(p, spans);
    if lean == Lean::None || resolve(said, &context.clone().leaning(lean)).value == resolved.value {
        return resolved;
    }
    let time = |is_pm| {
        let clock = clock.in_half(is_pm)?;
        NaiveTime::from_hms_opt(clock.hour, clock.minute, 0)
    };
    match (time(false), time(true)) {
        (Some(am), Some(pm)) => Resolved {
            value: None,
            need: Some(Need::AmPm { am, pm }),
            ..resolved
        },
        _ => resolved,
    }
}

/// The half of the day that the words leave no doubt of; those that contradict each other say nothing.
fn of_words(p: &Parser<'_>, spans: &[(usize, usize)]) -> Lean {
    let mut found = Lean::None;
    let mut spans = spans.iter().peekable();
    for (place, token) in p.tokens.iter().enumerate() {
        if spans.peek().is_some_and(|(_, end)| *end <= place) {
            spans.next();
        }
        let is_said = spans.peek().is_some_and(|(start, _)| *start <= place);
        if is_said || token.kind != Kind::Word {
            continue;
        }
        // "wake me" is one expression.
        let word = p.word(place).to_lowercase();
        let lean = of_word(p.language, word.split(' ').next().unwrap_or_default());
        if lean != Lean::None && found != Lean::None && lean != found {
            return Lean::None;
        }
        if lean != Lean::None {
            found = lean;
        }
    }
    found
}

fn of_word(language: Language, word: &str) -> Lean {
    let begins = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    let is = |words: &[&str]| words.contains(&word);
    let (is_morning, is_evening) = match language {
        Language::English => (
            begins(&["breakfast"]) || is(&["wake", "sunrise", "brekkie"]),
            is(&["dinner", "supper", "drinks", "dinners", "nightcap"]),
        ),
        Language::German => (
            begins(&["frühstück", "weck", "aufwach", "aufsteh"]),
            begins(&["abendessen", "abendbrot", "feierabend"]),
        ),
        Language::Spanish => (
            begins(&["desayun", "despert", "despiert", "despiért"]),
            is(&["cena", "cenar", "cenamos", "cenas", "copas"]),
        ),
        Language::Russian => (begins(&["завтрак", "разбуд", "будильник"]), begins(&["ужин"])),
    };
    match (is_morning, is_evening) {
        (true, false) => Lean::Morning,
        (false, true) => Lean::Evening,
        _ => Lean::None,
    }
}
