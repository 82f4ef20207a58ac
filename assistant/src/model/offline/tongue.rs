//! German, Spanish and Russian requests in the words that the rules know: "erinnere mich" becomes "remind me", and what
//! the user wants to be told stays as it is.
//!
//! To teach a language a phrase: a line in its file in `tongue/`, and a conversation in `tests/it/offline/dialogues.txt`.

use schedule::Language;

use crate::tools::when::asked;

mod german;
mod russian;
mod spanish;

/// Where a phrase is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It begins the sentence; `…` in the phrase stands for the words in between, and ends it.
    Start,
    /// It is the whole sentence.
    Whole,
    /// The first time that it stands anywhere.
    Anywhere,
}
use Place::{Anywhere, Start, Whole};

type Line = (Place, &'static str, &'static str);

/// Words between a request and what it is about, which say nothing.
pub(super) fn is_joint(word: &str, language: Language) -> bool {
    let own: &[&str] = language.pick([
        &[],
        &["daran", "an", "ans", "dass", "zu"],
        &["que", "de", "a", "para"],
        &["о", "об", "про", "что", "чтобы"],
    ]);
    matches!(
        word,
        "to" | "that" | "about" | "of" | "for" | "and" | ":" | "" | "please"
    ) || own.contains(&word)
}

/// Words between which reminder is moved, and to when.
pub(super) fn is_move_joint(word: &str, language: Language) -> bool {
    let own: &[&str] = language.pick([
        &[],
        &[
            "auf", "um", "nach", "hinten", "vorne", "später", "früher", "zurück",
        ],
        &["a", "al", "para", "hasta", "en", "las"],
        &["на", "до", "к", "позже", "раньше", "вперёд"],
    ]);
    own.contains(&word)
}

/// Words that move something to an earlier time.
pub(super) fn is_earlier(word: &str) -> bool {
    matches!(
        word,
        "forward" | "earlier" | "sooner" | "früher" | "temprano" | "antes" | "раньше"
    )
}

/// What was said, with its commands in English; `time` is what its words of time are read against.
pub(super) fn in_english(said: &str, time: &when::Context) -> String {
    let text = commands(said, asked::language(time));
    if text != said
        && ["what's the weather", "weather", "will it"]
            .iter()
            .any(|ask| text.starts_with(ask))
    {
        return with_date(&text, time);
    }
    text
}

/// A question about a day, with the date that its words say: those who answer it read English alone.
fn with_date(text: &str, time: &when::Context) -> String {
    let reading = when::parse(text, time);
    let kept = reading.kept.trim_end_matches(['?', ' ']);
    match (reading.understood.day, reading.understood.days) {
        (Some(day), _) => format!("{kept} {day}"),
        (None, Some((first, last))) if (last - first).num_days() <= 1 => format!("{kept} this weekend"),
        (None, Some(_)) => format!("{kept} this week"),
        (None, None) => text.to_owned(),
    }
}

fn commands(said: &str, language: Language) -> String {
    let table: &[Line] = language.pick([&[], german::PHRASES, spanish::PHRASES, russian::PHRASES]);
    let trimmed = said.trim();
    let (polite, rest) = without_politeness(trimmed);
    let lower = rest.to_lowercase();
    // Offsets are those of the lower case: where that differs in length, nothing is replaced.
    if table.is_empty() || lower.len() != rest.len() {
        return said.to_owned();
    }
    let whole: String = lower
        .chars()
        .filter(|c| !matches!(c, '.' | '!' | '?' | ',' | '¿' | '¡' | '…'))
        .collect();
    let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = table
        .iter()
        .filter_map(|line| replaced(*line, rest, &lower, &whole).map(|text| (line.1.len(), text)));
    match found.max_by_key(|(length, _)| *length) {
        Some((_, text)) => text,
        None => polite.map_or_else(|| said.to_owned(), |_| rest.to_owned()),
    }
}

/// Politeness in front, which says nothing.
fn without_politeness(said: &str) -> (Option<&str>, &str) {
    let mut rest = said.trim_start_matches(['¿', '¡']);
    let begun = rest;
    loop {
        let lower = rest.to_lowercase();
        let cut = [
            "bitte ",
            "por favor ",
            "por favor, ",
            "пожалуйста ",
            "пожалуйста, ",
            "und ",
            "y ",
        ]
        .iter()
        .find(|word| lower.starts_with(**word))
        .and_then(|word| rest.get(word.len()..));
        match cut {
            Some(shorter) => rest = shorter.trim_start(),
            None => return ((rest.len() < begun.len()).then_some(begun), rest),
        }
    }
}

fn replaced((place, phrase, english): Line, text: &str, lower: &str, whole: &str) -> Option<String> {
    let ends = |at: usize| {
        lower
            .get(at..)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    match place {
        Whole => (whole == phrase).then(|| english.to_owned()),
        Start => {
            let Some((front, behind)) = phrase.split_once(" … ") else {
                let at = phrase.len();
                let is_it = lower.starts_with(phrase) && ends(at);
                return is_it.then(|| format!("{english}{}", text.get(at..).unwrap_or_default()));
            };
            // "was steht morgen an", "kannst du mich morgen um 9 an X erinnern"
            let is_last = |body: &&str| body.ends_with(' ');
            let last = lower.trim_end_matches(['.', '!', '?', ' ']).strip_suffix(behind);
            // "kannst du mich morgen um 9 daran erinnern, X zu tun"
            let body_end = last.filter(is_last).map(str::len).or_else(|| {
                let at = lower.find(&format!(" {behind}"))? + 1;
                (behind.chars().count() > 4 && ends(at + behind.len())).then_some(at)
            })?;
            let is_it = lower.starts_with(front) && ends(front.len()) && body_end > front.len();
            let body = text.get(front.len()..body_end)?;
            let rest = text
                .get(body_end + behind.len()..)?
                .trim_start_matches([',', ' ', '.', '!', '?']);
            is_it.then(|| format!("{english} {} {rest}", body.trim()).trim_end().to_owned())
        }
        Anywhere => {
            // Each of several requests begins with it: "erinnere mich … und erinnere mich …".
            let begins = |at: usize| {
                lower
                    .get(..at)
                    .is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric()))
            };
            let mut out = String::with_capacity(text.len());
            let mut from = 0;
            for (at, _) in lower.match_indices(phrase) {
                let end = at + phrase.len();
                if begins(at) && ends(end) {
                    out.push_str(text.get(from..at)?);
                    out.push_str(english);
                    from = end;
                }
            }
            out.push_str(text.get(from..)?);
            (from > 0).then_some(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_english_and_texts_stay() {
        for (language, said, english) in [
            (
                Language::German,
                "Erinnere mich morgen um 9 an den Zahnarzt",
                "remind me morgen um 9 an den Zahnarzt",
            ),
            (
                Language::German,
                "Bitte erinnere mich, Anna anzurufen",
                "remind me, Anna anzurufen",
            ),
            (
                Language::German,
                "Kannst du mich um 17 Uhr an die Wäsche erinnern?",
                "remind me um 17 Uhr an die Wäsche",
            ),
            (Language::German, "Was steht morgen an?", "what's on morgen"),
            (Language::German, "Vergiss es!", "never mind"),
            (Language::Spanish, "¿Qué tengo mañana?", "what's on mañana?"),
            (
                Language::Spanish,
                "Recuérdame mañana a las 9 comprar leche",
                "remind me mañana a las 9 comprar leche",
            ),
            (
                Language::Russian,
                "Завтра в 9 напомни купить молоко",
                "Завтра в 9 remind me купить молоко",
            ),
            (Language::Russian, "Отмени все", "cancel all"),
            (Language::English, "remind me", "remind me"),
            (Language::German, "remind me tomorrow", "remind me tomorrow"),
        ] {
            assert_eq!(commands(said, language), english);
        }
    }
}
