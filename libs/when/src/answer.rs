//! Reads the answer to a question, and joins it with all that was said before.

use chrono::{Datelike, NaiveDate, Timelike};

use crate::{
    Confidence, Context, Frequency, Language, Need, Reading,
    parser::{Answering, Parser},
    phrase::{Clock, Day, Phrase},
    recurrence::NthDay,
    resolve::resolve,
    rules::{number, weekday},
    sentence,
    table::{Rel, W},
};

/// Reads an answer; `None` when it says nothing of time.
pub(crate) fn answer(reading: &Reading, text: &str, context: &Context) -> Option<Reading> {
    let languages = [context.locale.language, Language::English];
    let count = if languages[0] == languages[1] { 1 } else { 2 };
    languages.iter().take(count).find_map(|language| {
        let said = said(reading, text, context, *language)?;
        // Which day was meant beside what nobody could read is not to be guessed: an hour alone is no answer.
        let is_hour_alone = !said.has_day() && said.repeat.is_none() && said.elapsed.is_none();
        if reading.need == Some(Need::Unread) && reading.said.has_day() && is_hour_alone {
            return Some(reading.clone());
        }
        Some(joined(reading, said, context))
    })
}

fn joined(reading: &Reading, said: Phrase, context: &Context) -> Reading {
    let lasting = said
        .lasts
        .filter(|_| said.repeat.is_none() && said.has_beginning());
    let asked = Phrase {
        lasts: if lasting.is_some() { None } else { said.lasts },
        ..said.clone()
    };
    let resolved = resolve(&asked, context);
    Reading {
        value: resolved.value,
        need: resolved.need,
        understood: resolved.understood,
        unread: Vec::new(),
        confidence: if said.is_mended {
            Confidence::Likely
        } else {
            reading.confidence
        },
        said,
        ..reading.clone()
    }
}

/// What has been said with the answer.
fn said(reading: &Reading, text: &str, context: &Context, language: Language) -> Option<Phrase> {
    let need = reading.need.as_ref()?;
    let answering = match need {
        Need::TimeOfDay
        | Need::AmPm { .. }
        | Need::When
        | Need::Past(_)
        | Need::Start
        | Need::Unread
        | Need::Anchor => Answering::Time,
        Need::Day | Need::Which(_) => Answering::Day,
        Need::Length(_) => Answering::Length,
    };
    if let Need::Which(choices) = need {
        let days: Vec<NaiveDate> = choices.iter().map(|choice| choice.day).collect();
        let chosen = sentence::with_parser(text, context, language, Answering::Day, |p| chosen(p, &days))?;
        if let Some(day) = chosen {
            let mut phrase = Phrase {
                day: Some(Day::Date(day)),
                weekday: None,
                elapsed: None,
                ..reading.said.clone()
            };
            // The midnight that was chosen is that with which its day begins.
            for clock in &mut phrase.clocks {
                if clock.hour == 24 {
                    clock.hour = 0;
                }
            }
            return Some(phrase);
        }
    }
    if let Need::AmPm { am, pm } = need {
        let half = sentence::with_parser(text, context, language, Answering::Time, half_of_day)?;
        if let Some(is_pm) = half {
            let time = if is_pm { pm } else { am };
            return Some(with_time(&reading.said, Clock::known(time.hour(), time.minute())));
        }
    }
    let phrase = sentence::with_parser(text, context, language, answering, |p| whole(p, reading))??;
    if let (Need::AmPm { am, .. }, [clock]) = (need, phrase.clocks.as_slice())
        && clock.is_written
        && clock.is_open
        && phrase.part.is_none()
        && !phrase.has_day()
        && (clock.hour, clock.minute) == (am.hour(), am.minute())
    {
        // "8:15 or 20:15?": "8:15" is the first of the two.
        let mut chosen = *clock;
        chosen.is_open = false;
        return Some(with_time(&reading.said, chosen));
    }
    Some(join(reading, need, phrase))
}

/// The answer as one expression; everything in it must be understood.
fn whole(p: &Parser<'_>, reading: &Reading) -> Option<Phrase> {
    if let Some(days) = rule_days(p, reading) {
        return Some(days);
    }
    let mut said: Option<Phrase> = None;
    let mut place = 0;
    while let Some(token) = p.at(place) {
        match p.phrase(place, 0) {
            Some((phrase, end)) => {
                match &mut said {
                    None => said = Some(phrase),
                    // "9am and 9pm" of what repeats
                    Some(said) if reading.said.repeat.is_some() && phrase.is_clock() && said.is_clock() => {
                        said.clocks.extend(phrase.clocks);
                    }
                    Some(said) => {
                        if !said.merge(&phrase) {
                            return None;
                        }
                    }
                }
                place = end;
            }
            None if matches!(token.kind, crate::token::Kind::Number(..)) => return None,
            None => place += 1,
        }
    }
    said.filter(|_| !p.work.is_spent())
}

/// "monday and thursday", "the 15th", "last day" for a rule that lacks its days.
fn rule_days(p: &Parser<'_>, reading: &Reading) -> Option<Phrase> {
    let repeat = reading
        .said
        .repeat
        .as_ref()
        .filter(|repeat| reading.need == Some(Need::Day) && !repeat.has_days())?;
    let (_, from) = p.leads(0);
    let mut joined = repeat.clone();
    let end = match repeat.frequency {
        Frequency::Weekly => {
            let list = crate::rules::repeat_days::list(p, from)?;
            joined.days = list
                .days
                .iter()
                .map(|weekday| NthDay {
                    nth: None,
                    weekday: *weekday,
                })
                .collect();
            list.end
        }
        Frequency::Monthly => {
            let (day, end) = number::ordinal(p, from)
                .or_else(|| p.digits(from).map(|(day, _)| (day, from + 1)))
                .or_else(|| (weekday::rel(p, from) == Some(Rel::Last)).then_some((31, from + 2)))?;
            let day = if day == 31 && weekday::rel(p, from) == Some(Rel::Last) {
                -1
            } else {
                i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?
            };
            joined.month_days = vec![day];
            end
        }
        _ => return None,
    };
    let mut phrase = Phrase {
        repeat: Some(joined),
        ..Phrase::default()
    };
    if let Some((more, _)) = p.phrase(end, 0)
        && more.repeat.is_none()
        && more.has_time()
    {
        phrase.clocks = more.clocks;
        phrase.part = more.part;
    }
    Some(phrase)
}

/// "am", "pm", "in the evening", "morning".
fn half_of_day(p: &Parser<'_>) -> Option<bool> {
    let place = if p.tokens.len() == 1 { 0 } else { p.leads(0).1 };
    (place + 1 == p.tokens.len()).then(|| half_at(p, place))?
}

fn half_at(p: &Parser<'_>, place: usize) -> Option<bool> {
    p.find(place, |meaning| match meaning {
        W::Am => Some(false),
        W::Pm => Some(true),
        W::Part(part) | W::InPart(part) | W::TodayPart(part) | W::Parts(part) => {
            Some(crate::rules::part::hours(part).usual.0 >= 12)
        }
        _ => None,
    })
}

/// Which of several days an answer names: "the first", "today", "friday", "the 4th", "next week".
fn chosen(p: &Parser<'_>, days: &[NaiveDate]) -> Option<NaiveDate> {
    if let Some((phrase, end)) = p.phrase(0, 0)
        && p.at(end).is_none()
        && !phrase.has_time()
    {
        let fits = |day: &&NaiveDate| match &phrase.day {
            Some(Day::Date(date)) => **day == *date,
            Some(Day::Yearless(month, number)) => day.month() == *month && day.day() == *number,
            Some(Day::OfMonth(number)) => day.day() == *number,
            Some(Day::Weekday(weekday)) => day.weekday() == *weekday,
            Some(Day::Stretch(first, last)) => (*first..=*last).contains(*day),
            Some(Day::Either(..)) | None => false,
        };
        let fitting: Vec<&NaiveDate> = days.iter().filter(fits).collect();
        if let [only] = fitting.as_slice() {
            return Some(**only);
        }
    }
    let (_, place) = p.leads(0);
    if let Some(rel) = weekday::rel(p, place) {
        return match rel {
            Rel::This | Rel::Coming => days.first().copied(),
            Rel::Next | Rel::AfterNext | Rel::Last => days.last().copied(),
        };
    }
    let (n, end) = number::ordinal(p, place).or_else(|| number::whole(p, place))?;
    let is_all = p.at(end).is_none() || p.at(end + 1).is_none();
    let by_number = days.iter().find(|day| day.day() == n).copied();
    let by_place = usize::try_from(n)
        .ok()
        .and_then(|n| n.checked_sub(1))
        .and_then(|place| days.get(place))
        .copied();
    (is_all).then_some(by_number.or(by_place))?
}

fn with_time(said: &Phrase, clock: Clock) -> Phrase {
    let mut phrase = said.clone();
    match phrase.clocks.iter_mut().find(|clock| clock.is_open) {
        Some(open) => *open = clock,
        None => phrase.clocks = vec![clock],
    }
    phrase.part = None;
    phrase
}

/// All that was said, with the answer's parts in place of those before.
fn join(reading: &Reading, need: &Need, answer: Phrase) -> Phrase {
    let before = &reading.said;
    // "10 minutes": "from now"
    if let Need::Length(length) = need
        && answer.is_now
    {
        return Phrase {
            elapsed: Some(*length),
            ..Phrase::default()
        };
    }
    let replaces_all = matches!(need, Need::When | Need::Unread)
        || answer.elapsed.is_some()
        || answer.shift.is_some()
        || answer.is_past
        || answer.is_vague;
    if replaces_all {
        return answer;
    }
    if matches!(need, Need::Anchor) {
        return Phrase {
            shift: before.shift,
            lacks_anchor: false,
            ..answer
        };
    }
    let mut joined = before.clone();
    joined.is_past = false;
    joined.is_vague = false;
    joined.is_word_vague = false;
    joined.is_hour_vague = false;
    joined.is_now = false;
    joined.bare = None;
    if let Some(repeat) = answer.repeat {
        joined.repeat = Some(repeat);
        joined.day = None;
    }
    if !answer.clocks.is_empty() || answer.part.is_some() {
        // "in the evening" behind "at 8" tells its half; anything else stands in place of it.
        let keeps_clock = answer.clocks.is_empty()
            && joined.clocks.iter().any(|clock| clock.is_open)
            && !matches!(need, Need::Past(_));
        if !keeps_clock {
            // "at 8" behind "in the evening" is the evening's.
            let keeps_part = answer.part.is_none()
                && answer.clocks.iter().all(|clock| clock.is_open)
                && matches!(need, Need::TimeOfDay);
            joined.clocks = answer.clocks;
            if !keeps_part {
                joined.part = None;
            }
        }
        joined.part = answer.part.or(joined.part);
    }
    if let Some(day) = answer.day {
        let placed = placed(before.day.as_ref(), &day);
        joined.day = Some(placed.unwrap_or(day));
        joined.weekday = answer.weekday;
        joined.elapsed = None;
    }
    joined.zone = answer.zone.or(joined.zone);
    joined.end = answer.end.or(joined.end);
    joined
}

/// A weekday or a day of the month within the stretch that was asked about.
fn placed(before: Option<&Day>, day: &Day) -> Option<Day> {
    let Some(Day::Stretch(first, last)) = before else {
        return None;
    };
    let mut days = first
        .iter_days()
        .take_while(|date| date <= last)
        .filter(|date| match day {
            Day::Weekday(weekday) => date.weekday() == *weekday,
            Day::OfMonth(number) => date.day() == *number,
            _ => false,
        });
    let found = days.next()?;
    days.next().is_none().then_some(Day::Date(found))
}
