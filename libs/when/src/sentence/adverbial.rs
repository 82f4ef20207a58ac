//! What leads in like a time and was not read: "on my birthday at 9am", "am Zahltag um 9", "en mi cumpleaños a las 9". Beside
//! an hour alone it says on which day that is, and so it must be asked about.

use super::{Found, Role};
use crate::{
    Language,
    parser::Parser,
    table::{Unit, W},
    token::Kind,
};

/// What stands between the preposition and its noun has at most so many words ("on my dear mother's birthday").
const LONGEST: usize = 4;

/// The words that say when and were not read.
pub(super) fn unread(p: &Parser<'_>, found: &[Found]) -> Vec<(usize, usize)> {
    let mut whens = found.iter().filter(|one| one.role == Role::When);
    if let Some(span) = whens.clone().find_map(|one| of_event(p, one)) {
        return vec![span];
    }
    let says_day = |one: &Found| one.phrase.has_day() || one.phrase.repeat.is_some() || one.phrase.is_now;
    if whens.clone().any(says_day) {
        return Vec::new();
    }
    let Some(first) = whens.find(|one| one.phrase.has_time() || one.phrase.bounds.start.is_some()) else {
        return Vec::new();
    };
    let is_found = |place: usize| {
        let next = found.partition_point(|one| one.end <= place);
        found.get(next).is_some_and(|one| one.start <= place)
    };
    let mut left: Vec<(usize, usize)> = leading(p, first.start).into_iter().collect();
    // "remind me Towel Day at 9am": a day of the calendar that is not known here.
    let is_name = |place: usize| p.is_plain(place) && p.at(place).is_some_and(|token| token.is_capital);
    if let Some(day) = first.start.checked_sub(1)
        && p.language == Language::English
        && matches!(p.word(day), "Day" | "Eve")
        && day > 0
        && is_name(day - 1)
    {
        left.push((day - 1, day + 1));
    }
    let read_to = left.first().map_or(0, |(_, end)| *end);
    for place in read_to..p.tokens.len() {
        if is_some_day(p, place)
            && !is_found(place)
            && let Some(start) = preposition_before(p, place)
        {
            left.push((start, place + 1));
        }
    }
    left
}

/// "the cake before the party at 6pm": the hour is the party's, and how long before it is not said.
fn of_event(p: &Parser<'_>, one: &Found) -> Option<(usize, usize)> {
    let noun = one.start.checked_sub(1)?;
    let is_event = p.is(noun, W::EventNoun);
    let is_name = is_event || p.is_plain(noun);
    if one.phrase.clocks.is_empty() || !is_name {
        return None;
    }
    // "vor dem Haus" says where, "look after the kids" what.
    let is_before = |place: usize| {
        let says_when = is_event || p.language != Language::German;
        p.is(place, W::Before) && !p.is(place, W::To) && says_when
    };
    let is_after = |place: usize| p.is(place, W::After) && is_event && p.language != Language::German;
    (noun.saturating_sub(3)..noun)
        .rev()
        .take_while(|place| !p.is(*place, W::EventNoun))
        .find(|place| is_before(*place) || is_after(*place))
        .map(|place| (place, one.start))
}

/// "remind me on groundhog day at 9 to …", "before the meeting at 5 …": what stands between the command and the hour, led
/// in by a preposition that is one of time.
fn leading(p: &Parser<'_>, hour: usize) -> Option<(usize, usize)> {
    let mut start = 0;
    while start < hour
        && !leads_in(p, start)
        && p.at(start).is_some_and(|token| {
            token.means(W::Alarm) || token.means(W::Filler) || matches!(token.kind, Kind::Mark(_))
        })
    {
        start += 1;
    }
    if !leads_in(p, start) || start + 1 >= hour || hour - start > LONGEST + 2 {
        return None;
    }
    let is_name = |place: usize| {
        p.at(place).is_some_and(|token| {
            token.kind == Kind::Word && (!token.means(W::Closed) || token.means(W::Of)) && !is_verb(p, place)
        })
    };
    (start + 1..hour).all(is_name).then_some((start, hour))
}

fn lower(p: &Parser<'_>, place: usize) -> String {
    p.word(place).to_lowercase()
}

/// Whether a preposition stands there that says when wherever it begins a sentence: "in" and "at" say where as well.
fn leads_in(p: &Parser<'_>, place: usize) -> bool {
    let word = lower(p, place);
    match p.language {
        Language::English => matches!(
            word.as_str(),
            "on" | "during" | "before" | "after" | "until" | "till" | "when" | "while" | "once"
        ),
        Language::German => {
            matches!(word.as_str(), "am" | "während" | "wenn" | "sobald")
                // "an meinem Geburtstag" says when, "an meinen Geburtstag" what.
                || (word == "an" && lower(p, place + 1).ends_with("em"))
        }
        Language::Spanish => matches!(
            word.as_str(),
            "durante" | "cuando" | "antes de" | "antes del" | "después de" | "después del" | "tras"
        ),
        Language::Russian => matches!(word.as_str(), "через" | "после" | "перед" | "когда" | "во время"),
    }
}

/// Whether a word is an infinitive: then the words before it are what is to be done.
fn is_verb(p: &Parser<'_>, place: usize) -> bool {
    let word = lower(p, place);
    let is_long = word.chars().count() > 3;
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match p.language {
        Language::English => false,
        Language::German => {
            is_long && !p.at(place).is_some_and(|token| token.is_capital) && ends(&["en", "ern", "eln"])
        }
        Language::Spanish => is_long && ends(&["ar", "er", "ir"]),
        Language::Russian => is_long && ends(&["ть", "ться", "ти", "чь"]),
    }
}

/// Whether a word names a day that only the speaker knows, or a day of the calendar that is not known here.
fn is_some_day(p: &Parser<'_>, place: usize) -> bool {
    let Some(token) = p.at(place) else { return false };
    if token.kind != Kind::Word {
        return false;
    }
    let word = lower(p, place);
    let word = word.trim_end_matches("'s").trim_end_matches("’s");
    // "on the day of the move", "am Tag der Abreise", "el día de la mudanza", "в день отъезда"
    let is_day = token.means(W::Unit(Unit::Day))
        && matches!(
            word,
            "day" | "days" | "tag" | "tagen" | "día" | "días" | "dia" | "день" | "дни"
        );
    let is_plain = token.meanings.is_empty();
    match p.language {
        Language::English => {
            is_day
                || matches!(
                    word,
                    "birthday"
                        | "bday"
                        | "anniversary"
                        | "wedding"
                        | "graduation"
                        | "vacation"
                        | "holidays"
                        | "holiday"
                )
                || (is_plain && word.len() > 5 && word.ends_with("day"))
        }
        Language::German => {
            is_day
                || matches!(word, "urlaub" | "ferien" | "hochzeit" | "jubiläum")
                || (is_plain
                    && token.is_capital
                    && ["tag", "tagen", "ferien"]
                        .iter()
                        .any(|ending| word.ends_with(ending)))
        }
        Language::Spanish => {
            is_day
                || matches!(
                    word,
                    "cumpleaños" | "cumple" | "aniversario" | "boda" | "vacaciones"
                )
                || (word == "santa" && place > 0 && lower(p, place - 1) == "semana")
        }
        Language::Russian => {
            is_day
                || matches!(
                    word,
                    "др" | "годовщину"
                        | "отпуске"
                        | "отпуск"
                        | "каникулы"
                        | "каникулах"
                        | "праздники"
                        | "свадьбу"
                )
        }
    }
}

/// The preposition that makes a day of a noun: "on", not the "for" of "a cake for her birthday".
fn preposition_before(p: &Parser<'_>, noun: usize) -> Option<usize> {
    (noun.saturating_sub(LONGEST)..noun).rev().find(|place| {
        let word = lower(p, *place);
        let is_day = p.is(noun, W::Unit(Unit::Day));
        match p.language {
            Language::English => matches!(word.as_str(), "on" | "in" | "during" | "over"),
            Language::German => {
                matches!(word.as_str(), "am" | "im" | "während")
                    || (word == "an" && (place + 1 < noun || lower(p, noun).ends_with("tagen")))
                    || (word == "in" && matches!(lower(p, *place + 1).as_str(), "den" | "meinen" | "unseren"))
            }
            Language::Spanish => {
                matches!(word.as_str(), "en" | "durante" | "por")
                    || (is_day && matches!(word.as_str(), "el" | "los") && p.is(noun + 1, W::Of))
            }
            Language::Russian => matches!(word.as_str(), "в" | "во") && (place + 1 == noun || !is_day),
        }
    })
}
