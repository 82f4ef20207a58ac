//! Reads a whole sentence: which expressions of time say when, which are a part of what is to be done, and what is left.

use std::ops::Range;

use crate::{
    Confidence, Context, Language, Need, Reading,
    context::date_order,
    parser::{Answering, Parser},
    phrase::Phrase,
    resolve::{Resolved, resolve},
    table::{self, W},
    text,
    token::{Kind, Token, tokens},
    work::Work,
};

mod adverbial;
mod lean;
mod left;
mod own_day;
pub(crate) mod roles;

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
    /// A name, unless nothing else says when: "say happy new year".
    Weak,
    /// "at 5 oak street": nobody can say.
    Unsure,
    /// How long it takes.
    Lasts,
}

/// Reads a sentence in the language of its speaker, and in English when that says nothing.
pub(crate) fn parse(text: &str, context: &Context) -> Reading {
    let reading = parse_in(text, context, context.locale.language);
    if context.locale.language == Language::English
        || !(reading.is_nothing() || sounds_english(&reading.kept))
    {
        return reading;
    }
    // "remind me 3/4 at 9:00": whoever understands more of it.
    let english = parse_in(text, context, Language::English);
    let covered = |reading: &Reading| {
        let ranges = reading.spans.iter().chain(&reading.unread);
        ranges.map(Range::len).sum::<usize>()
    };
    if reading.is_nothing() || covered(&english) > covered(&reading) {
        return english;
    }
    reading
}

/// Whether words stand there that English alone has.
fn sounds_english(text: &str) -> bool {
    text.split(|letter: char| !letter.is_alphabetic()).any(|word| {
        [
            "at", "the", "to", "on", "of", "every", "next", "from", "tomorrow", "remind", "pm",
        ]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
    })
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
    let work = Work::for_tokens(tokens.len());
    let parser = Parser {
        text,
        tokens: &tokens,
        now: context.local(),
        language,
        zone: context.zone,
        order: date_order(context),
        answering,
        work: &work,
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
        work: 0,
    }
}

fn read(p: &Parser<'_>, context: &Context) -> Reading {
    let mut found = scan(p);
    let mut said: Option<Phrase> = None;
    let mut unread: Vec<Range<usize>> = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut event = None;
    let mut is_likely = false;
    roles::settle(p, &mut found);
    // "next year's christmas": a name of time before a time.
    for at in 1..found.len() {
        let (before, behind) = found.split_at_mut(at);
        if let (Some(one), Some(next)) = (before.last_mut(), behind.first())
            && one.end == next.start
            && next.role != Role::Name
        {
            let is_possessive = p
                .at(one.end.saturating_sub(1))
                .is_some_and(|token| token.is_possessive);
            let is_time = one.role == Role::Name && one.phrase.has_beginning() && is_possessive;
            // "2 days at 9am", "the last 3 days of may at 9am"
            let is_days = one.role == Role::Lasts
                && one
                    .phrase
                    .bare
                    .is_some_and(|length| length.grain() == crate::Grain::Day);
            // "for 3 days at 5pm": how often, and not what is to be done.
            let is_lead = is_days_long(one)
                && is_hour_alone(next)
                && roles::is_front(p, one.start)
                && matches!(one.role, Role::Lasts | Role::Name);
            if is_time || is_days || is_lead {
                one.role = Role::Unsure;
            }
        }
        // "at 5pm for 3 days", "um 8 Uhr, 10 Tage lang"
        if let (Some(one), Some(next)) = (before.last(), behind.first_mut())
            && one.role == Role::When
            && is_hour_alone(one)
            && is_days_long(next)
            && (one.end == next.start || (one.end + 1 == next.start && p.is_mark(one.end, ',')))
        {
            next.role = Role::Unsure;
        }
        // "morgens und abends", "утром и вечером": two times.
        if let (Some(one), Some(next)) = (before.last(), behind.first_mut())
            && one.role == Role::When
            && one.phrase.has_time()
            && next.phrase.has_time()
            && one.end + 1 == next.start
            && (p.is(one.end, W::And)
                || p.is(one.end, W::Or)
                || p.is_mark(one.end, '&')
                || p.is_mark(one.end, '/'))
            && matches!(next.role, Role::Name | Role::MaybeName)
        {
            next.role = Role::Unsure;
        }
        if let (Some(one), Some(next)) = (before.last_mut(), behind.first_mut())
            && one.end == next.start
        {
            beside_rule(p, one, next);
        }
    }
    for one in &mut found {
        let is_counted = one.phrase.is_past || one.phrase.bare.is_some();
        let is_of = p.is(one.end, W::Of)
            && (one.end + 1..one.end + 3).any(|at| crate::rules::date::month(p, at).is_some());
        // Russian "последнюю пятницу марта"
        let is_of =
            is_of || (p.language == Language::Russian && crate::rules::date::month(p, one.end).is_some());
        if is_counted && is_of && matches!(one.role, Role::Name | Role::Lasts) {
            one.role = Role::Unsure;
        }
    }
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
            Role::Name | Role::Weak => is_likely = true,
            // "friday … at 8": a day that nobody took must be asked about.
            Role::MaybeName | Role::Unsure => unread.push(bytes(p, one.start, one.end)),
            Role::When | Role::Lasts => {}
        }
    }
    unread.extend(
        left::leftovers(p, &found)
            .into_iter()
            .map(|(start, end)| bytes(p, start, end)),
    );
    unread.extend(
        adverbial::unread(p, &found)
            .into_iter()
            .map(|(start, end)| bytes(p, start, end)),
    );
    if p.work.is_spent() {
        // What lies behind was not read.
        unread.clear();
        unread.push(0..p.text.len());
    }
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
        let resolved = lean::asked(p, &spans, &said, resolve(&said, context), context);
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

/// What stands right beside a rule: "5 Tage lang täglich" says how long it lasts, and "every 6 hours two days", "at 7 in
/// the morning … evening" is asked about.
fn beside_rule(p: &Parser<'_>, one: &mut Found, next: &mut Found) {
    let is_rule = |found: &Found| found.role == Role::When && found.phrase.repeat.is_some();
    let is_name = |found: &Found| matches!(found.role, Role::Lasts | Role::Name);
    if is_rule(next) && is_days_long(one) && one.phrase.lasts.is_some() && roles::is_front(p, one.start) {
        one.role = Role::When;
    }
    if is_rule(one) && is_days_long(next) && is_name(next) {
        next.role = Role::Unsure;
    }
    let is_second_part =
        next.phrase.part.is_some() && !next.phrase.has_day() && next.phrase.clocks.is_empty();
    if one.role == Role::When && one.phrase.has_time() && is_second_part && next.role == Role::Name {
        next.role = Role::Unsure;
    }
}

/// Whether it says for how many days, and no more.
fn is_days_long(one: &Found) -> bool {
    let length = one.phrase.lasts.or(one.phrase.bare);
    length.is_some_and(|length| length.grain() == crate::Grain::Day) && !one.phrase.has_beginning()
}

/// Whether it says an hour, and nothing of a day.
fn is_hour_alone(one: &Found) -> bool {
    !one.phrase.clocks.is_empty() && !one.phrase.has_day() && one.phrase.repeat.is_none()
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
    if !unread.is_empty() {
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
        work: p.work.done(),
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
                let role = roles::role(p, place, end, &phrase);
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
