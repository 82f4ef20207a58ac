//! Reads a whole sentence: which expressions of time say when, which are a part of what is to be done, and what is left.

use std::ops::Range;

use crate::{
    Confidence, Context, Language, Need, Reading,
    context::date_order,
    parser::{Answering, Parser},
    phrase::Phrase,
    resolve::{Resolved, resolve},
    table::{self, Unit, W},
    text,
    token::{Kind, Token, tokens},
};

/// An expression of time in the sentence.
struct Found {
    /// Tokens.
    start: usize,
    end: usize,
    phrase: Phrase,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Says when.
    When,
    /// Belongs to a name: "the friday meeting", "tomorrow's weather", "a 10 minute break".
    Name,
    /// Belongs to a name that may also say when: "friday … lights".
    MaybeName,
    /// How long it takes.
    Lasts,
}

/// Reads a sentence in the language of its speaker, and in English when that says nothing.
pub(crate) fn parse(text: &str, context: &Context) -> Reading {
    let reading = parse_in(text, context, context.locale.language);
    if context.locale.language != Language::English && reading.is_nothing() {
        let english = parse_in(text, context, Language::English);
        if !english.is_nothing() {
            return english;
        }
    }
    reading
}

/// A parser over a text's tokens.
pub(crate) fn with_parser<T>(
    text: &str,
    context: &Context,
    language: Language,
    answering: Answering,
    run: impl FnOnce(&Parser<'_>) -> T,
) -> Option<T> {
    let table = table::of(language)?;
    let tokens = tokens(text, table);
    let parser = Parser {
        text,
        tokens: &tokens,
        now: context.local(),
        language,
        order: date_order(context),
        answering,
    };
    Some(run(&parser))
}

fn parse_in(text: &str, context: &Context, language: Language) -> Reading {
    with_parser(text, context, language, Answering::Nothing, |parser| {
        read(parser, context)
    })
    .unwrap_or_else(|| nothing(text))
}

fn nothing(text: &str) -> Reading {
    Reading {
        value: None,
        need: None,
        understood: crate::Understood::default(),
        spans: Vec::new(),
        kept: text.trim().to_owned(),
        unread: Vec::new(),
        event: None,
        lasts: None,
        confidence: Confidence::Sure,
        said: Phrase::default(),
    }
}

fn read(p: &Parser<'_>, context: &Context) -> Reading {
    let mut found = scan(p);
    let mut said: Option<Phrase> = None;
    let mut unread: Vec<Range<usize>> = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut event = None;
    let mut is_likely = false;
    settle_roles(p, &mut found);
    // What says when: all parts that fit together.
    for one in found.iter().filter(|one| one.role == Role::When) {
        match &mut said {
            None => said = Some(one.phrase.clone()),
            Some(said) => {
                if !said.merge(&one.phrase) {
                    unread.push(bytes(p, one.start, one.end));
                }
            }
        }
        event = event.or(one.phrase.event);
        spans.push((one.start, one.end));
    }
    let says_when = said.is_some();
    let lasts = found
        .iter()
        .find(|one| one.role == Role::Lasts)
        .and_then(|one| one.phrase.lasts.or(one.phrase.bare));
    for one in &found {
        match one.role {
            Role::Name => is_likely = true,
            // "friday … at 8": a day that nobody took must be asked about.
            Role::MaybeName => unread.push(bytes(p, one.start, one.end)),
            Role::When | Role::Lasts => {}
        }
    }
    unread.extend(
        leftovers(p, &found)
            .into_iter()
            .map(|(start, end)| bytes(p, start, end)),
    );
    unread.sort_by_key(|range| range.start);
    let mut said = said.unwrap_or_default();
    if let (Some(lasts), None) = (lasts, said.repeat.as_ref())
        && says_when
    {
        said.lasts = said.lasts.or(Some(lasts));
    }
    let has_time_of_its_own = says_when || !unread.is_empty();
    let resolved = if !has_time_of_its_own {
        match found.iter().find(|one| one.role == Role::Lasts) {
            // Only "for 10 minutes": it is kept, and when is open.
            Some(one) => {
                spans.push((one.start, one.end));
                said = one.phrase.clone();
                resolve(&said, context)
            }
            None if found.iter().any(|one| one.role == Role::Name) => Resolved {
                need: Some(Need::When),
                ..Resolved::default()
            },
            None => Resolved::default(),
        }
    } else if says_when {
        let is_beside = said.repeat.is_none() && said.has_beginning();
        let lasting = said.lasts.take_if(|_| is_beside);
        let resolved = resolve(&said, context);
        said.lasts = said.lasts.or(lasting);
        resolved
    } else {
        Resolved {
            need: Some(Need::Unread),
            ..Resolved::default()
        }
    };
    finish(
        p,
        said,
        resolved,
        Parts {
            spans,
            unread,
            event,
            lasts,
            is_likely,
        },
    )
}

/// What was found beside what was said.
struct Parts {
    spans: Vec<(usize, usize)>,
    unread: Vec<Range<usize>>,
    event: Option<(usize, usize)>,
    lasts: Option<crate::Length>,
    is_likely: bool,
}

fn finish(p: &Parser<'_>, said: Phrase, mut resolved: Resolved, parts: Parts) -> Reading {
    let mut unread = parts.unread;
    if resolved.need == Some(Need::Unread) && unread.is_empty() {
        unread = parts
            .spans
            .iter()
            .map(|(start, end)| bytes(p, *start, *end))
            .collect();
    }
    if !unread.is_empty() && resolved.need.is_none() {
        resolved.value = None;
        resolved.need = Some(Need::Unread);
    }
    let spans: Vec<Range<usize>> = parts
        .spans
        .iter()
        .map(|(start, end)| bytes(p, *start, *end))
        .collect();
    let kept = text::kept(p.text, &spans);
    let is_likely = parts.is_likely || said.is_mended;
    Reading {
        value: resolved.value,
        need: resolved.need,
        understood: resolved.understood,
        spans,
        kept,
        unread,
        event: parts.event.map(|(start, end)| bytes(p, start, end)),
        lasts: parts.lasts,
        confidence: if is_likely {
            Confidence::Likely
        } else {
            Confidence::Sure
        },
        said,
    }
}

fn bytes(p: &Parser<'_>, start: usize, end: usize) -> Range<usize> {
    let first = p.at(start).map_or(0, |token| token.start);
    let last = end
        .checked_sub(1)
        .and_then(|last| p.at(last))
        .map_or(first, |token| token.end);
    first..last
}

/// All expressions of time, from left to right.
fn scan(p: &Parser<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(token) = p.at(place) {
        if is_dull(token) {
            place += 1;
            continue;
        }
        match p.phrase(place, 0) {
            Some((phrase, end)) if end > place => {
                let role = role(p, place, end, &phrase);
                found.push(Found {
                    start: place,
                    end,
                    phrase,
                    role,
                });
                place = end;
            }
            _ => place += 1,
        }
    }
    found
}

/// Whether no expression of time begins with a token.
fn is_dull(token: &Token) -> bool {
    match token.kind {
        Kind::Word => token.meanings.is_empty(),
        Kind::Number(..) => false,
        Kind::Mark(mark) => !matches!(mark, '@' | '+' | '-' | '~' | '½' | '¼' | '¾'),
    }
}

/// Whether all tokens before a place are the command ("remind me", "set an alarm") and what introduces a time.
fn is_front(p: &Parser<'_>, place: usize) -> bool {
    // No command has more words.
    place <= 8
        && p.tokens.iter().take(place).all(|token| {
            matches!(token.kind, Kind::Mark(_))
                || token.meanings.iter().any(|meaning| {
                    matches!(
                        meaning,
                        W::Alarm | W::Filler | W::Determiner | W::The | W::One | W::For | W::Closed
                    )
                })
        })
}

/// Whether a word that may be a name stands at a place.
fn is_name(p: &Parser<'_>, place: usize) -> bool {
    let Some(token) = p.at(place) else { return false };
    token.kind == Kind::Word
        && token.meanings.iter().all(|meaning| {
            matches!(
                meaning,
                W::EventNoun | W::Unit(_) | W::Letter(_) | W::Vague | W::Season(_)
            )
        })
}

fn role(p: &Parser<'_>, start: usize, end: usize, phrase: &Phrase) -> Role {
    let is_lasting = (phrase.lasts.is_some() || phrase.bare.is_some())
        && phrase.repeat.is_none()
        && !phrase.has_beginning();
    let is_possessive = p.at(end - 1).is_some_and(|token| token.is_possessive);
    let (_, first) = p.leads(start);
    // "a", "my", "the" in front, or among what leads it in.
    let has_determiner = (start > 0 && (p.is(start - 1, W::Determiner) || p.is(start - 1, W::One)))
        || (start..first).any(|at| p.is(at, W::The));
    let follows_name = is_name(p, end);
    let is_hyphened = p.is_mark(end, '-') && p.is_glued(end) && p.is_glued(end + 1);
    if is_possessive && (follows_name || p.at(end).is_some()) && phrase.repeat.is_none() {
        return Role::Name;
    }
    if is_hyphened && is_name(p, end + 1) {
        return Role::Name;
    }
    let is_front = is_front(p, start);
    if is_lasting {
        return if follows_name && !is_front {
            Role::Name
        } else {
            Role::Lasts
        };
    }
    if !follows_name {
        // "good morning", "the other night": no more than a part of the day with nothing that makes it a time.
        let is_weak = phrase.part.is_some()
            && !phrase.has_day()
            && phrase.clocks.is_empty()
            && !phrase.is_led
            && phrase.repeat.is_none();
        if is_weak && has_determiner && !is_front {
            return Role::Name;
        }
        return Role::When;
    }
    let is_event = p.is(end, W::EventNoun) || phrase.is_vague;
    if has_determiner && !phrase.is_led && !is_front {
        return Role::Name;
    }
    if is_event && !phrase.is_led {
        return Role::Name;
    }
    if is_front || phrase.is_led {
        return Role::When;
    }
    // Nothing but a weak word before a name: "morning pills", "weekly report".
    let is_weak = !phrase.has_day() && phrase.clocks.is_empty();
    if is_weak { Role::Name } else { Role::MaybeName }
}

/// Decides between names and times where the other expressions tell.
fn settle_roles(p: &Parser<'_>, found: &mut [Found]) {
    let tells_when =
        |one: &Found| one.role == Role::When && one.phrase.has_beginning() && !one.phrase.is_past;
    let has_when = found.iter().any(tells_when);
    let is_first_name_only = !has_when;
    for one in found.iter_mut() {
        if one.role == Role::When && one.phrase.is_past && has_when {
            // "what we discussed yesterday" beside another time.
            one.role = Role::Name;
        }
        if one.role == Role::When
            && one.phrase.is_vague
            && has_when
            && !one.phrase.has_beginning()
            && !one.phrase.is_led
        {
            let is_beside = (one.start > 0 && p.at(one.start - 1).is_none()) || one.phrase.has_day();
            if !is_beside && one.start > 0 && (p.is(one.start - 1, W::Determiner) || p.is(one.start, W::The))
            {
                one.role = Role::Name;
            }
        }
        if one.role == Role::MaybeName && is_first_name_only {
            // "call mom tomorrow re taxes": nothing else says when.
            one.role = Role::When;
        }
    }
}

/// Words of time that no expression took.
fn leftovers(p: &Parser<'_>, found: &[Found]) -> Vec<(usize, usize)> {
    let mut left = Vec::new();
    let mut spans = found.iter().peekable();
    let mut place = 0;
    let mut behind_when: Option<&Found> = None;
    while let Some(token) = p.at(place) {
        if let Some(span) = spans.peek()
            && span.start == place
        {
            behind_when = Some(span).filter(|span| span.role == Role::When).copied();
            place = span.end;
            spans.next();
            continue;
        }
        let before_when = spans
            .peek()
            .is_some_and(|span| span.start == place + 1 && span.role == Role::When);
        if is_left(p, place, token, behind_when, before_when) {
            left.push((place, place + 1));
        }
        behind_when = None;
        place += 1;
    }
    left
}

fn is_left(p: &Parser<'_>, place: usize, token: &Token, behind: Option<&Found>, is_before: bool) -> bool {
    let has = |wanted: fn(&W) -> bool| token.meanings.iter().any(wanted);
    let is_number = |place: usize| {
        p.digits(place).is_some()
            || p.at(place).is_some_and(|token| {
                token
                    .meanings
                    .iter()
                    .any(|meaning| matches!(meaning, W::Number(_)))
            })
    };
    if has(|meaning| matches!(meaning, W::Ago | W::FromNow | W::OClock))
        && place > 0
        && (is_number(place - 1) || super::rules::number::unit(p, place - 1).is_some())
    {
        return true;
    }
    if has(|meaning| matches!(meaning, W::Am | W::Pm)) && place > 0 && p.digits(place - 1).is_some() {
        return true;
    }
    if has(|meaning| matches!(meaning, W::Every)) {
        let next = p.at(place + 1);
        return next.is_some_and(|next| {
            next.meanings.iter().any(|meaning| {
                matches!(
                    meaning,
                    W::Unit(_)
                        | W::Weekday(_)
                        | W::Part(_)
                        | W::Month(_)
                        | W::Workday
                        | W::Weekend
                        | W::Other
                        | W::Number(_)
                        | W::Ordinal(_)
                        | W::Holiday(_)
                        | W::Few
                        | W::Couple
                )
            }) || matches!(next.kind, Kind::Number(..))
        });
    }
    if has(|meaning| matches!(meaning, W::Weekday(_) | W::Weekdays(_))) {
        return token.end - token.start > 4;
    }
    if has(|meaning| matches!(meaning, W::Day(_) | W::TodayPart(_) | W::Clock(..) | W::InPart(_))) {
        return true;
    }
    // A month's name that nothing took, but for those that are words of their own.
    if has(|meaning| matches!(meaning, W::Month(_))) && token.end - token.start > 4 && token.is_capital {
        let is_common = matches!(
            p.word(place).to_lowercase().as_str(),
            "march" | "august" | "april" | "marzo"
        );
        return !is_common && p.is_boundary(place + 1);
    }
    if let Some(behind) = behind {
        // Right behind a time: "at 5pm 30", "every day until I finish", "at 9 unless".
        let is_small = matches!(token.kind, Kind::Number(value, _) if value <= 2999)
            || has(|meaning| matches!(meaning, W::Number(2..=59)));
        let bounds = has(|meaning| {
            matches!(
                meaning,
                W::Until | W::Except | W::Starting | W::Ending | W::Through | W::Between
            )
        });
        let is_unit = has(|meaning| matches!(meaning, W::Unit(unit) if *unit >= Unit::Minute))
            && behind.phrase.repeat.is_none()
            && token.end - token.start > 2;
        let counts = has(|meaning| matches!(meaning, W::Times | W::Twice | W::Ish | W::AndHalf));
        let is_range = token.is_mark('-') && !behind.phrase.is_empty() && is_number(place + 1);
        let is_half = has(|meaning| matches!(meaning, W::Am | W::Pm)) && token.meanings.len() == 1;
        if is_small || bounds || (is_unit && behind.phrase.has_time()) || counts || is_range || is_half {
            return true;
        }
        if behind.phrase.repeat.is_some() && has(|meaning| matches!(meaning, W::Before | W::After | W::From))
        {
            return has(|meaning| matches!(meaning, W::From))
                && p.at(place + 1).is_some_and(|token| !token.meanings.is_empty())
                && false;
        }
    }
    if is_before {
        // "7 tomorrow", "half tomorrow"
        let is_small = matches!(token.kind, Kind::Number(value, digits) if value <= 24 && digits <= 2)
            || has(|meaning| matches!(meaning, W::Number(2..=24)));
        return is_small && !token.is_glued;
    }
    false
}
