//! Text into tokens: words with their meanings, numbers, marks. Linear in the text.

use crate::table::{Entry, Table, W, normal};

/// A word (or an expression of several), a number, or a mark.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// Where it stands in the text (bytes).
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    /// Whether it follows the token before it without a space.
    pub(crate) is_glued: bool,
    /// Whether it begins with a capital letter.
    pub(crate) is_capital: bool,
    /// "monday's".
    pub(crate) is_possessive: bool,
    /// Whether a misspelling was mended.
    pub(crate) is_mended: bool,
    pub(crate) meanings: &'static [W],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Word,
    /// A number in digits: its value, and how many digits.
    Number(u32, usize),
    Mark(char),
}

impl Token {
    pub(crate) fn means(&self, meaning: W) -> bool {
        self.meanings.contains(&meaning)
    }

    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

/// Numbers of more digits are no part of a time.
const MOST_DIGITS: usize = 9;

/// Cuts a text into tokens.
pub(crate) fn tokens(text: &str, table: &'static Table) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4 + 4);
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let two = digit_for_word(text, at);
        let end = if let Some(end) = two {
            end
        } else if first.is_ascii_digit() {
            run(text, at, |letter| letter.is_ascii_digit())
        } else if first.is_alphabetic() {
            word_end(text, at)
        } else {
            at + first.len_utf8()
        };
        let raw = text.get(at..end).unwrap_or_default();
        let is_glued = tokens.last().is_some_and(|before| before.end == at);
        let kind = if two.is_some() {
            Kind::Word
        } else if first.is_ascii_digit() {
            match raw.parse() {
                Ok(value) if raw.len() <= MOST_DIGITS => Kind::Number(value, raw.len()),
                _ => Kind::Word,
            }
        } else if first.is_alphabetic() {
            Kind::Word
        } else {
            Kind::Mark(match first {
                '–' | '—' | '−' | '‒' | '‑' => '-',
                '，' | '、' => ',',
                '：' => ':',
                other => other,
            })
        };
        tokens.push(Token {
            start: at,
            end,
            kind,
            is_glued,
            is_capital: first.is_uppercase(),
            is_possessive: raw.ends_with("'s") || raw.ends_with("’s"),
            is_mended: false,
            meanings: &[],
        });
        at = end;
    }
    with_meanings(text, &tokens, table)
}

/// The end of "2moro", "2nite": words that are written with a digit.
fn digit_for_word(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if !rest.starts_with('2') || text.get(..at)?.ends_with(char::is_alphanumeric) {
        return None;
    }
    let end = run(text, at + 1, char::is_alphabetic);
    let word = text.get(at + 1..end)?;
    ["moro", "morro", "morrow", "mrw", "nite", "night"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
        .then_some(end)
}

fn run(text: &str, at: usize, belongs: impl Fn(char) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find(|letter: char| !belongs(letter)).unwrap_or(rest.len())
}

/// The end of a word: letters with apostrophes between them, or letters with dots behind each ("a.m.").
fn word_end(text: &str, at: usize) -> usize {
    let mut end = run(text, at, char::is_alphabetic);
    let letters_before_dot =
        |from: usize, to: usize| text.get(from..to).is_some_and(|w| w.chars().count() == 1);
    let after = |end: usize| {
        let mut letters = text.get(end..).unwrap_or_default().chars();
        (letters.next(), letters.next())
    };
    if letters_before_dot(at, end)
        && matches!(after(end), (Some('.'), Some(letter)) if letter.is_alphabetic())
    {
        // "a.m.", "p.m", "e.o.d."
        let mut from = end + 1;
        loop {
            let to = run(text, from, char::is_alphabetic);
            if !letters_before_dot(from, to) {
                return end;
            }
            end = to;
            match after(end) {
                (Some('.'), Some(letter)) if letter.is_alphabetic() => from = end + 1,
                (Some('.'), _) => return end + 1,
                _ => return end,
            }
        }
    }
    while let (Some('\'' | '’' | '‘' | '`'), Some(letter)) = after(end)
        && letter.is_alphabetic()
    {
        let apostrophe = text
            .get(end..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8);
        end = run(text, end + apostrophe, char::is_alphabetic);
    }
    end
}

/// Looks the words up; expressions of several words become one token.
fn with_meanings(text: &str, raw: &[Token], table: &'static Table) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(raw.len());
    let word_at = |place: usize| {
        raw.get(place)
            .map(|token| normal(text.get(token.start..token.end).unwrap_or_default()))
    };
    let mut place = 0;
    while let Some(token) = raw.get(place) {
        let mut token = token.clone();
        place += 1;
        if token.kind == Kind::Word {
            let word = word_at(place - 1).unwrap_or_default();
            if let Some((entry, is_mended)) = entry(&word, &token, table) {
                token.meanings = &entry.meanings;
                token.is_mended = is_mended;
                if let Some((meanings, next)) = expression(entry, raw, place, &word_at) {
                    token.meanings = meanings;
                    token.end = raw.get(next - 1).map_or(token.end, |last| last.end);
                    token.is_possessive = raw.get(next - 1).is_some_and(|last| last.is_possessive);
                    place = next;
                }
                // The dot of an abbreviation: "Dec. 21", "approx. 5".
                if let (Some(dot), Some(behind)) = (raw.get(place), raw.get(place + 1))
                    && dot.is_mark('.')
                    && dot.is_glued
                    && word.chars().count() <= 5
                    && !token.meanings.is_empty()
                    && (matches!(behind.kind, Kind::Number(..))
                        || behind.is_mark(',')
                        || is_unit_before_word(&token, behind))
                {
                    token.end = dot.end;
                    place += 1;
                }
            }
        }
        tokens.push(token);
    }
    tokens
}

/// "alle 30 min. bis 18 Uhr": the dot ends no sentence, a small letter follows.
fn is_unit_before_word(token: &Token, behind: &Token) -> bool {
    let is_unit = token.meanings.iter().any(|meaning| matches!(meaning, W::Unit(_)));
    is_unit
        && token.end - token.start <= 8
        && behind.kind == Kind::Word
        && !behind.is_capital
        && !behind.is_glued
}

fn entry(word: &str, token: &Token, table: &'static Table) -> Option<(&'static Entry, bool)> {
    if let Some(entry) = table.get(word) {
        // "monday's" is no plural.
        let is_plural = entry
            .meanings
            .iter()
            .any(|meaning| matches!(meaning, W::Weekdays(_) | W::Parts(_) | W::Workdays | W::Weekends));
        let single = word
            .strip_suffix('s')
            .filter(|_| is_plural && token.is_possessive);
        return Some((single.and_then(|word| table.get(word)).unwrap_or(entry), false));
    }
    // "tomorrow's"
    if token.is_possessive
        && let Some(entry) = word.strip_suffix('s').and_then(|word| table.get(word))
    {
        return Some((entry, false));
    }
    // A name in the midst of a sentence is no misspelling.
    table.mended(word).map(|entry| (entry, true))
}

/// The longest expression that goes on behind its first word, and the place behind it.
fn expression(
    entry: &'static Entry,
    raw: &[Token],
    place: usize,
    word_at: &impl Fn(usize) -> Option<String>,
) -> Option<(&'static [W], usize)> {
    'phrases: for (rest, meanings) in &entry.phrases {
        let mut next = place;
        for wanted in rest {
            // "day-after-tomorrow"
            if raw
                .get(next)
                .is_some_and(|token| token.is_mark('-') && token.is_glued)
                && raw.get(next + 1).is_some_and(|token| token.is_glued)
            {
                next += 1;
            }
            // "St. Patrick's Day"
            let is_short = next == place
                && place
                    .checked_sub(1)
                    .and_then(|first| raw.get(first))
                    .is_some_and(|first| first.end - first.start <= 3);
            if is_short
                && raw
                    .get(next)
                    .is_some_and(|token| token.is_mark('.') && token.is_glued)
            {
                next += 1;
            }
            if raw.get(next).is_none_or(|token| token.kind != Kind::Word)
                || word_at(next).as_deref() != Some(wanted)
            {
                continue 'phrases;
            }
            next += 1;
        }
        return Some((meanings, next));
    }
    None
}
