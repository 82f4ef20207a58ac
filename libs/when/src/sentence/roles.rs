//! Tells what says when from what is a part of a name.

use super::{Found, Role};
use crate::{
    Language,
    parser::{Leads, Parser},
    phrase::Phrase,
    table::W,
    token::Kind,
};

/// Whether all tokens before a place are the command ("remind me", "set an alarm") and what introduces a time.
pub(crate) fn is_front(p: &Parser<'_>, place: usize) -> bool {
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
        && (token.means(W::EventNoun)
            || token.meanings.iter().all(|meaning| {
                matches!(
                    meaning,
                    W::EventNoun
                        | W::Counted
                        | W::Times
                        | W::Unit(_)
                        | W::Letter(_)
                        | W::Vague
                        | W::Season(_)
                )
            }))
}

pub(super) fn role(p: &Parser<'_>, start: usize, end: usize, phrase: &Phrase) -> Role {
    let is_lasting = (phrase.lasts.is_some() || phrase.bare.is_some())
        && phrase.repeat.is_none()
        && !phrase.has_beginning();
    let is_possessive = p
        .at(end.saturating_sub(1))
        .is_some_and(|token| token.is_possessive);
    let (_, first) = p.leads(start);
    // "a", "my", "the" in front, or among what leads it in.
    let has_determiner = (start > 0 && (p.is(start - 1, W::Determiner) || p.is(start - 1, W::One)))
        || (start..first).any(|at| p.is(at, W::The));
    let follows_name = is_name(p, end);
    let is_hyphened = p.is_mark(end, '-') && p.is_glued(end) && p.is_glued(end + 1);
    // "next month's first monday", "this week's end"
    let goes_on = p
        .find(end, |meaning| {
            matches!(
                meaning,
                W::Ordinal(_)
                    | W::End
                    | W::Begin
                    | W::Mid
                    | W::Weekday(_)
                    | W::Rel(_)
                    | W::Workday
                    | W::Weekend
            )
            .then_some(())
        })
        .is_some();
    if is_possessive
        && goes_on
        && phrase.has_beginning()
        && matches!(phrase.day, Some(crate::phrase::Day::Stretch(..)))
    {
        return Role::Unsure;
    }
    if is_possessive && (follows_name || p.at(end).is_some()) && phrase.repeat.is_none() {
        return Role::Name;
    }
    if is_hyphened && is_name(p, end + 1) {
        return Role::Name;
    }
    let is_front = is_front(p, start);
    // "every 30 min. until 1pm": an end belongs to its rule.
    if !phrase.has_beginning() && phrase.bounds.until.is_some() {
        return Role::When;
    }
    if is_lasting {
        return if follows_name && !is_front {
            Role::Name
        } else {
            Role::Lasts
        };
    }
    // "buy a cake for saturday", "mit Anna über Montag sprechen": the day belongs to what is to be done.
    if !is_front
        && phrase.day.is_some()
        && phrase.repeat.is_none()
        && is_about(p, start)
        && !is_planned(p, start, end)
    {
        let is_day_alone = !phrase.has_time() && phrase.end.is_none();
        return if is_day_alone { Role::Name } else { Role::Unsure };
    }
    // "say happy new year", "buy easter eggs": a holiday with nothing that makes it a day.
    let is_holiday = (first..end).all(|at| crate::rules::named::holiday_at(p, at).is_some());
    if is_holiday && !phrase.is_led && !is_front {
        return Role::Weak;
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
    let is_every = phrase.repeat.is_some() && (p.is(first, W::Every) || !phrase.clocks.is_empty());
    let the_event = p.is(end, W::EventNoun)
        && ((p.is(first.saturating_sub(1), W::The) && !p.is(first.saturating_sub(1), W::On))
            || (start == first && has_determiner));
    if !is_every && (the_event || (has_determiner && !is_front && !phrase.is_led)) {
        return Role::Name;
    }
    // "mondays at 9am standup" begins with when; "friday meeting" with what.
    let is_told =
        is_every || (is_front && !phrase.clocks.is_empty() && (phrase.has_day() || phrase.repeat.is_some()));
    if is_event && !phrase.is_led && !is_told {
        return Role::Name;
    }
    // "meet bob at 5 oak street"
    if !is_front && phrase.is_led && ends_in_bare_hour(p, end) {
        return Role::Unsure;
    }
    if is_front || phrase.is_led || is_every {
        return Role::When;
    }
    // Nothing but a weak word before a name: "morning pills", "weekly report".
    let is_weak = !phrase.has_day() && phrase.clocks.is_empty();
    if is_weak { Role::Name } else { Role::MaybeName }
}

/// Whether what stands there is what something is for, or about: "for saturday", "über Montag", "на воскресенье".
fn is_about(p: &Parser<'_>, start: usize) -> bool {
    let is_topic = |place: usize| {
        matches!(
            p.word(place).to_lowercase().as_str(),
            "about" | "regarding" | "über" | "wegen" | "sobre" | "про" | "о" | "об"
        )
    };
    let (leads, _) = p.leads(start);
    let is_for = match p.language {
        Language::English | Language::Russian => leads.has(Leads::FOR),
        // "auf" is "on" of what is moved.
        Language::German => leads.has(Leads::FOR) && p.word(start).eq_ignore_ascii_case("für"),
        Language::Spanish => leads.has(Leads::BY),
    };
    is_for || is_topic(start) || (start > 0 && is_topic(start - 1))
}

/// How words begin that give something a time, or ask what has it: "book a table for saturday", "cancel all for tomorrow".
fn plans(language: Language) -> &'static str {
    match language {
        Language::English => {
            "book schedul reschedul reserv plan arrang move moving postpon set invit appoint cancel delet remov clear show \
             list what weather forecast make pause skip meeting deadline flight ticket interview"
        }
        Language::German => {
            "buch reservier termin verschieb verleg trag stell lösch streich storn zeig wetter plan besprechung treffen flug \
             cancel"
        }
        Language::Spanish => {
            "reserv agend program cita ponlo ponme pon mueve pásalo apunta cancel borra elimin muestra tiempo reunión vuelo"
        }
        Language::Russian => {
            "запиши записать запись заброни назнач постав перенес заплан создай билет заказ отлож отмен удал покаж план погод \
             встреч совещ рейс cancel"
        }
    }
}

/// Whether a time is given to something, no more than a few words before it, or by the German verb behind.
fn is_planned(p: &Parser<'_>, start: usize, end: usize) -> bool {
    let behind = if p.language == Language::German {
        end..end + 4
    } else {
        end..end
    };
    (start.saturating_sub(8)..start).chain(behind).any(|place| {
        let word = p.word(place).to_lowercase();
        plans(p.language)
            .split_whitespace()
            .any(|plan| word.starts_with(plan))
    })
}

/// Whether the last thing said is a number with nothing that makes it an hour.
fn ends_in_bare_hour(p: &Parser<'_>, end: usize) -> bool {
    let Some(last) = end.checked_sub(1).and_then(|last| p.at(last)) else {
        return false;
    };
    let is_number = matches!(last.kind, Kind::Number(..))
        || last
            .meanings
            .iter()
            .any(|meaning| matches!(meaning, W::Number(_)));
    let is_joined = last.is_glued
        || (end >= 2
            && p.at(end.saturating_sub(2)).is_some_and(|before| {
                before
                    .meanings
                    .iter()
                    .any(|meaning| matches!(meaning, W::Past | W::To | W::Month(_)))
            }));
    is_number && !is_joined
}

/// Decides between names and times where the other expressions tell.
pub(super) fn settle(p: &Parser<'_>, found: &mut [Found]) {
    let tells_when =
        |one: &Found| one.role == Role::When && one.phrase.has_beginning() && !one.phrase.is_past;
    let has_when = found.iter().any(tells_when);
    // "friday meeting 5pm": where nothing else says the day, the name may.
    let says_day = found
        .iter()
        .any(|one| one.role == Role::When && (one.phrase.has_day() || one.phrase.repeat.is_some()));
    if has_when && !says_day {
        for one in found.iter_mut() {
            let is_day = one.phrase.day.is_some();
            if one.role == Role::Name
                && is_day
                && !one.phrase.has_time()
                && one.start == p.leads(one.start).1
                && is_front(p, one.start)
                && !(one.start > 0 && p.is(one.start - 1, W::Determiner))
                && p.is(one.end, W::EventNoun)
            {
                one.role = Role::Unsure;
            }
        }
    }
    let is_first_name_only = !has_when;
    let mut before: Option<(usize, Role)> = None;
    let mut says_hour = false;
    for one in found.iter_mut() {
        // "monday to last night": what hangs on a time with nothing but a joint between belongs to it.
        let hangs = before.is_some_and(|(end, role)| {
            role == Role::When
                && (end..one.start).all(|at| {
                    p.is(at, W::To)
                        || p.is(at, W::And)
                        || p.is(at, W::Until)
                        || p.at(at).is_some_and(|token| matches!(token.kind, Kind::Mark(_)))
                })
        });
        if one.role == Role::When && one.phrase.is_past && has_when && !hangs {
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
        // "at 10 about the meeting on monday": the meeting's day, or the reminder's?
        let is_of_event = one.start > 0 && p.is(one.start - 1, W::EventNoun);
        if one.role == Role::When
            && is_of_event
            && says_hour
            && one.phrase.has_day()
            && !one.phrase.has_time()
        {
            one.role = Role::Unsure;
        }
        says_hour |= one.role == Role::When && !one.phrase.clocks.is_empty() && !one.phrase.has_day();
        if one.role == Role::Weak {
            one.role = if has_when { Role::Name } else { Role::When };
        }
        if one.role == Role::MaybeName && is_first_name_only {
            // "call mom tomorrow re taxes": nothing else says when.
            one.role = Role::When;
        }
        before = Some((one.end, one.role));
    }
}
