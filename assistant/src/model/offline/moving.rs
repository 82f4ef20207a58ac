//! Another time for a reminder that exists: "move the stretch one to 10:30", "push it back an hour", "make it 20", "no, at
//! 6pm". To add one: a pattern here, and a conversation in `tests/it/offline/dialogues.txt`.

use schedule::Language;
use serde_json::json;
use when::{Length, Need, Reading};

use super::{
    Plan,
    draft::{Draft, Heard, Step, What, length_of, shift},
    reminders::{which, which_one},
    sentence::Sentence,
    tongue::{is_earlier, is_move_joint},
};

/// Reads a sentence that moves something.
pub(super) fn begin(heard: &Heard<'_>) -> Option<Step> {
    again(heard).or_else(|| corrected(heard)).or_else(|| moved(heard))
}

/// How much later, or earlier, a reading says that something is to be.
pub(super) fn moves(reading: &Reading) -> Option<Length> {
    let length = reading.moves()?;
    (!length.is_vague && !length.is_zero() && length.workdays == 0).then_some(length)
}

/// "another 5 minutes", "10 minutes later": of the one that was spoken of last.
fn again(heard: &Heard<'_>) -> Option<Step> {
    let sentence = heard.sentence.bare();
    let words = sentence.plain();
    let whole = when::parse(&sentence.written(0, sentence.len()), heard.time);
    if let Some(length) = moves(&whole)
        && is_empty(&whole.kept)
    {
        return Some(which_is_meant(heard).unwrap_or_else(|| Step::Do(shift("last", &length))));
    }
    let (from, to) = match words.as_slice() {
        ["another", .., _] => (1, words.len()),
        [_, .., "more"] => (0, words.len() - 1),
        _ => return None,
    };
    let reading = when::parse(&sentence.written(from, to), heard.time);
    let length = length_of(&reading).filter(|_| is_empty(&reading.kept))?;
    Some(Step::Do(shift("last", &length)))
}

/// Whether nothing but punctuation is left.
fn is_empty(kept: &str) -> bool {
    !kept.chars().any(char::is_alphanumeric)
}

/// Words in front of a correction: "no, at 6pm".
const CORRECTS: [&str; 28] = [
    "no",
    "nope",
    "wait",
    "actually",
    "sorry",
    "rather",
    "oh",
    "better",
    "i",
    "meant",
    "mean",
    "oops",
    "nein",
    "ach",
    "doch",
    "lieber",
    "besser",
    "eigentlich",
    "moment",
    "sondern",
    "perdón",
    "mejor",
    "digo",
    "нет",
    "ой",
    "лучше",
    "точнее",
    "вернее",
];

/// Words behind a correction: "tomorrow instead".
const INSTEAD: [&str; 10] = [
    "instead",
    "rather",
    "actually",
    "please",
    "lieber",
    "stattdessen",
    "besser",
    "mejor",
    "лучше",
    "вместо",
];

/// What a correction says, without the words that make it one; `None` when it corrects nothing.
fn correction(sentence: &Sentence) -> Option<String> {
    let words = sentence.plain();
    let front = words
        .iter()
        .take_while(|word| CORRECTS.contains(word) || word.is_empty())
        .count();
    let behind = words
        .iter()
        .rev()
        .take_while(|word| INSTEAD.contains(word) || word.is_empty())
        .count();
    let end = words.len().saturating_sub(behind);
    ((front > 0 || behind > 0) && front < end).then(|| sentence.written(front, end))
}

/// "no, at 6pm", "tomorrow instead": of the one that was spoken of last.
fn corrected(heard: &Heard<'_>) -> Option<Step> {
    let (_, reading) = correcting(heard)?;
    which_is_meant(heard).or_else(|| Some(step("last".to_owned(), reading, heard)))
}

/// The question which reminder is meant, where none was spoken of: the last one may be of last week.
fn which_is_meant(heard: &Heard<'_>) -> Option<Step> {
    if heard.is_about_reminders {
        return None;
    }
    let words = heard.language().pick([
        "Which reminder do you mean? Say, for example, “move the stretch one to 10”.",
        "Welche Erinnerung meinst du? Sag zum Beispiel: „verschiebe die Bericht-Erinnerung auf 10 Uhr“.",
        "¿Qué recordatorio quieres decir? Di, por ejemplo: “cambia el del informe a las 10”.",
        "Какое напоминание вы имеете в виду? Скажите, например: «перенеси отчёт на 10:00».",
    ]);
    Some(Step::Do(Plan::Say(words.to_owned())))
}

/// What a correction says, and its time.
fn correcting(heard: &Heard<'_>) -> Option<(String, Reading)> {
    let said = correction(&heard.sentence.bare())?;
    let reading = time_of(&said, heard);
    // "no, 20 minutes": from now, or so much later?
    let is_time = !reading.is_nothing() && is_empty(&reading.kept) && length_of(&reading).is_none();
    is_time.then_some((said, reading))
}

/// What is offered at another time: "no, at 6pm". The day stays where none is said.
pub(super) fn offered(before: &Reading, heard: &Heard<'_>) -> Option<Reading> {
    let (said, reading) = correcting(heard)?;
    match before.understood.day {
        Some(day) if !reading.says_day() && before.understood.recurrence.is_none() => {
            Some(when::parse(&format!("{day} {said}"), heard.time))
        }
        _ => Some(reading),
    }
}

/// A time as it is said of something that is moved: a number alone is an hour.
fn time_of(said: &str, heard: &Heard<'_>) -> Reading {
    let reading = when::parse(said, heard.time);
    if reading.is_nothing() && said.parse::<u8>().is_ok() {
        let at = heard.language().pick(["at", "um", "a las", "в"]);
        return when::parse(&format!("{at} {said}"), heard.time);
    }
    reading
}

fn step(which: String, reading: Reading, heard: &Heard<'_>) -> Step {
    if let Some(length) = moves(&reading).or_else(|| length_of(&reading)) {
        return Step::Do(shift(&which, &length));
    }
    let draft = Draft {
        what: What::Move { which },
        reading,
    };
    draft.step(heard)
}

/// "tomorrow instead", "move it to friday", of the one that was spoken of last: the hour is its own, which the tool knows.
pub(super) fn to_day(which: &str, reading: &Reading) -> Option<Step> {
    let known = &reading.understood;
    let day = known.day.filter(|_| reading.need == Some(Need::TimeOfDay))?;
    let is_day_alone = known.time.is_none() && known.recurrence.is_none() && known.zone.is_none();
    (is_day_alone && which == "last").then(|| {
        Step::Do(Plan::Call {
            tool: "reminder_change",
            arguments: json!({ "which": which, "said": day.to_string() }),
        })
    })
}

/// "make it 20" behind "remind me in 10 minutes": 20 minutes, and so 10 more. `before` is what the user said until then,
/// the newest first.
pub(super) fn same_length<'s>(heard: &Heard<'_>, before: impl Iterator<Item = &'s str>) -> Option<Plan> {
    let wanted = make_it(heard.text)?;
    let mut now = None;
    for said in before.take(4) {
        if let Some(number) = make_it(said) {
            // "make it 20", and then "make it 30".
            now = now.or(Some(number));
            continue;
        }
        let reading = when::parse(said, heard.time);
        let (Some(first), [span]) = (reading.elapsed(), reading.spans.as_slice()) else {
            return None;
        };
        let span = said.get(span.clone())?;
        let changed = |number: u32| with_number(span, number, heard);
        let from = match now {
            Some(number) => changed(number)?,
            None => first,
        };
        return Some(shift("last", &difference(changed(wanted)?, from)?));
    }
    None
}

/// The number of "make it 20".
fn make_it(said: &str) -> Option<u32> {
    let sentence = Sentence::read(said).bare();
    match sentence.plain().as_slice() {
        ["make", "it" | "that", number] | ["make", "it" | "that", "in", number] => number.parse().ok(),
        _ => None,
    }
}

/// "in 10 minutes" with another number: in the place of its own, or of "an", or in front of the unit ("через час").
fn with_number(span: &str, number: u32, heard: &Heard<'_>) -> Option<Length> {
    let words: Vec<&str> = span.split_whitespace().collect();
    let read = |words: &[&str], number: &str, skipped: usize, place: usize| {
        let (front, behind) = (words.get(..place)?, words.get(place + skipped..)?);
        let text = [front, &[number], behind].concat().join(" ");
        let reading = when::parse(&text, heard.time);
        reading.elapsed().filter(|_| is_empty(&reading.kept))
    };
    let number = number.to_string();
    [1, 0]
        .into_iter()
        .find_map(|skipped| (0..words.len()).find_map(|place| read(&words, &number, skipped, place)))
}

fn difference(wanted: Length, from: Length) -> Option<Length> {
    let length = Length {
        months: wanted.months.checked_sub(from.months)?,
        days: wanted.days.checked_sub(from.days)?,
        seconds: wanted.seconds.checked_sub(from.seconds)?,
        ..Length::default()
    };
    (!length.is_zero()).then_some(length)
}

/// Words between a time and what leads it in.
const FILLERS: [&str; 15] = [
    "to", "by", "for", "until", "till", "back", "forward", "later", "earlier", "sooner", "up", "please",
    "another", "", "at",
];

/// "move the stretch one to 10:30", "push it back an hour", "make it 10".
fn moved(heard: &Heard<'_>) -> Option<Step> {
    let sentence = heard.sentence.bare();
    // "actually make it 10"
    let corrects = |word: &&&str| CORRECTS.contains(word) || word.is_empty();
    let skipped = sentence.plain().iter().take_while(corrects).count();
    let sentence = sentence.part(skipped, sentence.len());
    let words = sentence.plain();
    let rest = match words.as_slice() {
        [
            "change" | "move" | "postpone" | "reschedule" | "shift" | "snooze" | "push" | "delay" | "bring",
            rest @ ..,
        ] => rest,
        ["make", "it" | "that" | "this", ..] => words.get(1..)?,
        ["make", "the", .., "one" | "reminder", _] => words.get(1..)?,
        _ => return None,
    };
    let front = words.len() - rest.len();
    let language = heard.language();
    if rest.first() == Some(&"text") {
        return None;
    }
    // The last word behind which nothing but a time stands; or a time at the end.
    let whole = |place: usize| {
        let behind = sentence.written(front + place, sentence.len());
        let reading = time_of(&behind, heard);
        let kept = Sentence::read(&reading.kept);
        let is_filler = kept
            .plain()
            .iter()
            .all(|word| FILLERS.contains(word) || is_move_joint(word, language));
        (!reading.is_nothing() && is_filler).then_some(reading)
    };
    let found = places(rest, language)
        .into_iter()
        .find_map(|place| Some((place, whole(place)?)));
    let is_found = found.is_some();
    let (place, reading) = found.unwrap_or_else(|| (rest.len(), when::parse("", heard.time)));
    let which = match which(named(rest.get(..place).unwrap_or_default(), language)) {
        // "postpone by an hour": the one that was spoken of last.
        which if which.is_empty() && is_found => "last".to_owned(),
        which if which.is_empty() => {
            return Some(Step::Do(Plan::Say(which_one(language).to_owned())));
        }
        which => which,
    };
    let is_earlier = rest.iter().any(|word| is_earlier(word));
    if let Some(length) = length_of(&reading).filter(|_| is_earlier) {
        return Some(Step::Do(shift(&which, &length.negated())));
    }
    Some(step(which, reading, heard))
}

/// Where a time may begin. Behind "to" and the like first: "the stretch one to 10" is not one minute to ten.
fn places(rest: &[&str], language: Language) -> Vec<usize> {
    let leads = |word: &str| {
        matches!(word, "to" | "until" | "till" | "for" | "by" | "back") || is_move_joint(word, language)
    };
    let joints = (1..rest.len()).filter(|place| rest.get(place - 1).is_some_and(|word| leads(word)));
    let all = (0..rest.len()).filter(|place| rest.get(*place) != Some(&"one"));
    joints.chain(all).collect()
}

/// The words that name what is moved, without those that lead to its time.
fn named<'w>(words: &'w [&'w str], language: Language) -> &'w [&'w str] {
    let mut named = words;
    while let [head @ .., last] = named
        && (matches!(
            *last,
            "to" | "by"
                | "for"
                | "until"
                | "till"
                | "back"
                | "forward"
                | "later"
                | "earlier"
                | "up"
                | "on"
                | "at"
        ) || is_move_joint(last, language))
    {
        named = head;
    }
    named
}
