//! Reads one expression of time from a place in the tokens: piece by piece, the longest first, as far as they fit.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use crate::{
    Language,
    context::DateOrder,
    phrase::{Day, Phrase, Piece},
    rules,
    table::{Part, Unit, W},
    token::{Kind, Token},
    work::Work,
};

/// The tokens, and what they are read against.
pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) now: NaiveDateTime,
    pub(crate) language: Language,
    pub(crate) zone: Tz,
    pub(crate) order: Option<DateOrder>,
    /// Reading the answer to a question: bare numbers are times, or days.
    pub(crate) answering: Answering,
    /// How often a rule was tried.
    pub(crate) work: &'a Work,
}

/// What a bare number in an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    Nothing,
    Time,
    Day,
    Length,
}

/// The prepositions in front of a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leads(u32);

impl Leads {
    pub(crate) const AT: u32 = 1;
    pub(crate) const ON: u32 = 1 << 1;
    pub(crate) const IN: u32 = 1 << 2;
    pub(crate) const BY: u32 = 1 << 3;
    pub(crate) const BEFORE: u32 = 1 << 4;
    pub(crate) const AFTER: u32 = 1 << 5;
    pub(crate) const FROM: u32 = 1 << 6;
    pub(crate) const BETWEEN: u32 = 1 << 7;
    pub(crate) const AROUND: u32 = 1 << 8;
    pub(crate) const THE: u32 = 1 << 9;
    pub(crate) const FOR: u32 = 1 << 10;
    pub(crate) const WITHIN: u32 = 1 << 11;
    pub(crate) const EARLY: u32 = 1 << 13;
    pub(crate) const LATE: u32 = 1 << 14;

    pub(crate) fn has(self, any: u32) -> bool {
        self.0 & any != 0
    }

    /// Whether a preposition of time is among them.
    pub(crate) fn are_of_time(self) -> bool {
        self.has(!(Self::THE | Self::EARLY | Self::LATE))
    }
}

/// No expression of time has more pieces.
const MOST_PIECES: usize = 40;

impl<'a> Parser<'a> {
    pub(crate) fn at(&self, place: usize) -> Option<&'a Token> {
        self.tokens.get(place)
    }

    pub(crate) fn is(&self, place: usize, meaning: W) -> bool {
        self.at(place).is_some_and(|token| token.means(meaning))
    }

    pub(crate) fn is_mark(&self, place: usize, mark: char) -> bool {
        self.at(place).is_some_and(|token| token.is_mark(mark))
    }

    pub(crate) fn is_glued(&self, place: usize) -> bool {
        self.at(place).is_some_and(|token| token.is_glued)
    }

    /// The first meaning that is wanted.
    pub(crate) fn find<T>(&self, place: usize, wanted: impl Fn(W) -> Option<T>) -> Option<T> {
        self.at(place)?
            .meanings
            .iter()
            .find_map(|meaning| wanted(*meaning))
    }

    /// A number in digits, and how many they are.
    pub(crate) fn digits(&self, place: usize) -> Option<(u32, usize)> {
        match self.at(place)?.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            Kind::Word | Kind::Mark(_) => None,
        }
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.now.date()
    }

    /// The place behind a token that may be there.
    pub(crate) fn past(&self, place: usize, meaning: W) -> usize {
        place + usize::from(self.is(place, meaning))
    }

    /// Whether a plain word stands at a place: no number, nothing that speaks of time, and no part of the token before.
    pub(crate) fn is_plain(&self, place: usize) -> bool {
        self.at(place)
            .is_some_and(|token| token.kind == Kind::Word && !token.is_glued && token.meanings.is_empty())
    }

    /// Spanish "hora de Londres", "hora canaria".
    pub(crate) fn is_time_of_place(&self, place: usize) -> bool {
        self.language == Language::Spanish
            && self.word(place).eq_ignore_ascii_case("hora")
            // "hora de este lunes" is no zone, "hora del este" is one.
            && !(self.word(place + 1).eq_ignore_ascii_case("de") && self.word(place + 2) == "este")
            && if self.is(place + 1, W::Of) {
                self.at(place + 2).is_some_and(|token| token.is_capital)
                    || crate::zone::of_place(self.word(place + 2)).is_some()
            } else {
                crate::zone::of_spanish(self.word(place + 1)).is_some()
            }
    }

    /// Whether a word of time is somebody's name: "call June", "llamar a Domingo", "Herr Freitag".
    pub(crate) fn is_person(&self, place: usize) -> bool {
        if place == 0 || !self.at(place).is_some_and(|token| token.is_capital) {
            return false;
        }
        // "Mr. Friday"
        let title = place - usize::from(self.is_mark(place - 1, '.') && place > 1);
        let before = self.word(title - 1).to_lowercase();
        let is_month = self
            .find(place, |meaning| matches!(meaning, W::Month(_)).then_some(()))
            .is_some();
        match self.language {
            Language::English => {
                matches!(
                    before.as_str(),
                    "mr" | "mrs" | "ms" | "dr" | "miss" | "aunt" | "uncle"
                ) || (is_month
                    && self.digits(place + 1).is_none()
                    && matches!(
                        before.as_str(),
                        "call"
                            | "meet"
                            | "text"
                            | "email"
                            | "ask"
                            | "tell"
                            | "with"
                            | "see"
                            | "visit"
                            | "phone"
                            | "ring"
                            | "message"
                            | "thank"
                            | "invite"
                            | "pay"
                            | "help"
                    ))
            }
            Language::German => {
                matches!(
                    before.as_str(),
                    "herr" | "herrn" | "frau" | "onkel" | "tante" | "dr" | "familie"
                ) || (is_month && before == "mit")
            }
            Language::Spanish => matches!(
                before.as_str(),
                "a" | "con" | "señor" | "señora" | "sr" | "sra" | "don" | "doña" | "tío" | "tía"
            ),
            Language::Russian => false,
        }
    }

    /// Whether a phrase of time may end before this place: nothing follows that it could belong to as a name.
    pub(crate) fn is_boundary(&self, place: usize) -> bool {
        let Some(token) = self.at(place) else { return true };
        if self.is_time_of_place(place) {
            return true;
        }
        match token.kind {
            Kind::Mark(mark) => {
                !(token.is_glued && matches!(mark, '%' | '°' | '$' | '€' | '£' | '/' | '\'' | '’'))
            }
            Kind::Number(..) => false,
            Kind::Word => token.meanings.iter().any(|meaning| {
                !matches!(
                    meaning,
                    W::Unit(_)
                        | W::Number(_)
                        | W::EventNoun
                        | W::Counted
                        | W::Hundred
                        | W::Thousand
                        | W::Half
                        | W::Ordinal(_)
                )
            }),
        }
    }

    /// The prepositions at a place, and the place behind them.
    pub(crate) fn leads(&self, place: usize) -> (Leads, usize) {
        let mut leads = Leads::default();
        let mut next = place;
        while let Some(token) = self.at(next) {
            // "до Нового года" says until when, "до 5" by when.
            let is_until = self.language == Language::Russian
                && token.means(W::Until)
                && self.digits(next + 1).is_none()
                && self
                    .find(next + 1, |meaning| matches!(meaning, W::Number(_)).then_some(()))
                    .is_none();
            let lead = if is_until {
                break;
            } else if token.is_mark('@') {
                Leads::AT
            } else if token.is_mark('~') {
                Leads::AROUND
            } else {
                let found = token.meanings.iter().find_map(|meaning| {
                    Some(match meaning {
                        W::At => Leads::AT,
                        W::On => Leads::ON,
                        W::In => Leads::IN,
                        W::By => Leads::BY,
                        W::Before => Leads::BEFORE,
                        W::After => Leads::AFTER,
                        W::From => Leads::FROM,
                        W::Between => Leads::BETWEEN,
                        W::Around => Leads::AROUND,
                        W::The => Leads::THE,
                        W::For => Leads::FOR,
                        W::Within => Leads::WITHIN,
                        W::Early => Leads::EARLY,
                        W::Late => Leads::LATE,
                        W::Ago if self.language == Language::Spanish => 0,
                        W::Filler => 0,
                        // "el día 10"
                        W::Unit(Unit::Day)
                            if self.language == Language::Spanish
                                && next > place
                                && matches!(self.digits(next + 1), Some((1..=31, 1..=2))) =>
                        {
                            Leads::ON | Leads::THE
                        }
                        // "later this week"
                        W::Later
                            if self
                                .find(next + 1, |meaning| matches!(meaning, W::Rel(_)).then_some(()))
                                .is_some()
                                && crate::rules::number::unit(self, next + 2).is_some() =>
                        {
                            0
                        }
                        _ => return None,
                    })
                });
                match found {
                    Some(lead) => lead,
                    None => break,
                }
            };
            leads.0 |= lead;
            next += 1;
            if next - place > 6 {
                break;
            }
        }
        (leads, next)
    }

    /// The expression of time that begins at a place, and the place behind it.
    pub(crate) fn phrase(&self, place: usize, depth: usize) -> Option<(Phrase, usize)> {
        let mut phrase = Phrase::default();
        let mut end = place;
        for _ in 0..MOST_PIECES {
            let Some((piece_end, next)) = self.piece(end, &phrase, depth) else {
                break;
            };
            phrase = next;
            phrase.is_mended |= self
                .tokens
                .get(end..piece_end)
                .unwrap_or_default()
                .iter()
                .any(|token| token.is_mended);
            end = piece_end;
        }
        if phrase.is_empty() && !phrase.is_now {
            return None;
        }
        // "at 5 or so", "tomorrow, please"
        while self.is(end, W::Filler)
            || self.is(end, W::Sharp)
            || (self.is(end, W::Ish) && self.word(end).len() > 3)
        {
            end += 1;
        }
        // "3pm approximately"
        if self.is(end, W::Around) && (self.at(end + 1).is_none() || self.is(end + 1, W::To)) {
            end += 1;
        }
        Some((phrase, end))
    }

    /// The phrase with one more piece, and the place behind that.
    fn piece(&self, place: usize, phrase: &Phrase, depth: usize) -> Option<(usize, Phrase)> {
        let start = if phrase.is_empty() {
            place
        } else {
            self.between(place, phrase)
        };
        let (leads, from) = self.leads(start);
        let mut found: Vec<(usize, Piece)> = Vec::new();
        let token = self.at(from)?;
        let is_russian = self.language == Language::Russian && self.word(from).to_lowercase() == "по";
        let before_zone = !phrase.clocks.is_empty()
            && (is_russian || (1..=3).any(|more| self.is(from + more, W::TimeWord)));
        if token.meanings.is_empty()
            && token.kind == Kind::Word
            && leads == Leads::default()
            && !before_zone
            && !token.is_glued
        {
            return None;
        }
        for rule in rules::ALL {
            if !self.work.try_one() {
                return None;
            }
            rule(self, from, leads, phrase, depth, &mut found);
        }
        if from != start {
            // Rules whose first word is itself a preposition ("for 5 days", "from tomorrow", "between 9 and 5").
            for rule in rules::FROM_PREPOSITION {
                if !self.work.try_one() {
                    return None;
                }
                rule(self, start, Leads::default(), phrase, depth, &mut found);
            }
        }
        self.joined(phrase, &found).map(|(end, mut next)| {
            // "the evening before monday", "the monday after at 9": before or after what, is open.
            let is_beside = leads.has(Leads::BEFORE | Leads::AFTER);
            let hangs = (phrase.part.is_some() && phrase.clocks.is_empty() || phrase.day.is_some())
                && next.day != phrase.day;
            let is_double = leads.has(Leads::AT) && phrase.day.is_some();
            // "after friday at 9", "before christmas at 6pm": on which day?
            let is_holiday = || crate::rules::named::holiday_at(self, from).is_some();
            let is_other_day = phrase.day.is_none()
                && next.day.is_some()
                && self.digits(from).is_none()
                && (leads.has(Leads::AFTER) || leads.has(Leads::BEFORE) && is_holiday());
            next.is_vague |= is_beside && (hangs || is_double || is_other_day);
            next.is_early |= leads.has(Leads::EARLY);
            next.is_late |= leads.has(Leads::LATE);
            if phrase.is_empty() {
                next.is_led |= leads.are_of_time();
            }
            if phrase.is_empty() || (phrase.clocks.is_empty() && phrase.repeat.is_none()) {
                next.is_from |= leads.has(Leads::FROM | Leads::BETWEEN);
                next.is_between |= leads.has(Leads::BETWEEN);
            }
            (end, next)
        })
    }

    /// The longest piece that fits.
    fn joined(&self, phrase: &Phrase, found: &[(usize, Piece)]) -> Option<(usize, Phrase)> {
        let mut order: Vec<usize> = (0..found.len()).collect();
        // Of two equally long ones, what says nothing loses.
        order.sort_by_key(|place| {
            found
                .get(*place)
                .map_or((std::cmp::Reverse(0), 0), |(end, piece)| {
                    let rank = match piece {
                        Piece::Start(_) | Piece::Window(..) => 0,
                        Piece::Until(_) if phrase.repeat.is_some() => 0,
                        Piece::Vague | Piece::VagueWord | Piece::Past => 2,
                        _ => 1,
                    };
                    (std::cmp::Reverse(*end), rank)
                })
        });
        order.into_iter().find_map(|place| {
            let (end, piece) = found.get(place)?;
            let mut next = phrase.clone();
            next.absorb(piece.clone()).then_some((*end, next))
        })
    }

    /// The place behind what may stand between two pieces.
    fn between(&self, place: usize, phrase: &Phrase) -> usize {
        let mut next = place;
        // "on thursday (19.3.) at 4": the date that belongs to the weekday
        let is_opened = self.is_mark(next, '(') && matches!(phrase.day, Some(Day::Weekday(_)));
        let is_closed = self.is_mark(next, ')') && phrase.weekday.is_some();
        if is_opened || is_closed {
            return next + 1;
        }
        if self
            .at(next)
            .is_some_and(|token| matches!(token.kind, Kind::Mark(',' | '∙' | '·' | '|' | '@' | ';')))
        {
            if self.is_mark(next, '@') {
                return next;
            }
            next += 1;
        }
        // "at 9am and 9pm", "at 8, 12 and 18"
        if phrase.repeat.is_some()
            && phrase.has_time()
            && (self.is(next, W::And) || self.is_mark(next, '&') || self.is_mark(next, '/'))
        {
            next += 1;
        }
        // "9am of tomorrow"
        if !phrase.clocks.is_empty() && phrase.day.is_none() && self.is(next, W::Of) {
            next += 1;
        }
        // ISO's T, and what glues a date to its time: 05/31/2024-14:15
        if phrase.day.is_some()
            && phrase.clocks.is_empty()
            && self.is_glued(next)
            && self.is_glued(next + 1)
            && self.digits(next + 1).is_some()
        {
            let is_t = self.is(next, W::Letter('t'));
            let is_mark = self
                .at(next)
                .is_some_and(|token| matches!(token.kind, Kind::Mark('.' | ':' | '-')))
                && self.is_mark(next + 2, ':');
            if is_t || is_mark {
                return next + 1;
            }
        }
        next
    }

    /// The word at a place, as it was written.
    pub(crate) fn word(&self, place: usize) -> &'a str {
        self.at(place)
            .and_then(|token| self.text.get(token.start..token.end))
            .unwrap_or_default()
    }

    pub(crate) fn part_at(&self, place: usize) -> Option<Part> {
        self.find(place, |meaning| match meaning {
            W::Part(part) => Some(part),
            _ => None,
        })
    }

    /// The year that two digits mean: within fifty years ahead.
    pub(crate) fn full_year(&self, two_digits: u32) -> i32 {
        let century = self.now.year() - self.now.year().rem_euclid(100);
        let two_digits = i32::try_from(two_digits).unwrap_or(0);
        let year = century + two_digits;
        if year > self.now.year() + 50 {
            year - 100
        } else {
            year
        }
    }
}
