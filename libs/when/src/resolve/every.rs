//! Works out what repeats: days, times, window, beginning, end and exceptions; or what must be asked.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{
    Present, Resolved, arrange, hours,
    hours::{Hour, Setting},
    only_date,
    times::{Asked, times},
};
use crate::{
    Context, Frequency, Grain, Need, Recurrence, Understood, Value,
    phrase::{Day, Phrase},
    recurrence::NthDay,
    rules::weekday,
};

/// Works out a phrase that repeats.
pub(super) fn resolve(phrase: &Phrase, context: &Context) -> Resolved {
    let unread = || Resolved::ask(Need::Unread, Understood::default());
    if let Some(arranged) = arrange::arranged(phrase) {
        return resolve(&arranged, context);
    }
    let Some(repeat) = &phrase.repeat else {
        return unread();
    };
    let present = Present::of(phrase, context);
    if repeat.is_unclear || phrase.shift.is_some() {
        return unread();
    }
    let mut rule = Recurrence {
        frequency: repeat.frequency,
        interval: repeat.interval.max(1),
        by_day: repeat.days.clone(),
        by_month_day: repeat.month_days.clone(),
        by_month: repeat.months.clone(),
        by_set_pos: repeat.set_pos,
        except_weekdays: phrase.bounds.except_weekdays.clone(),
        count: phrase.bounds.count,
        from_completion: repeat.from_completion,
        zone: phrase.zone,
        ..Recurrence::default()
    };
    rule.by_month_day.sort_unstable_by_key(|day| {
        if *day < 0 {
            i16::from(*day) + 100
        } else {
            i16::from(*day)
        }
    });
    rule.by_month_day.dedup();
    let ticks = matches!(rule.frequency, Frequency::Minutely | Frequency::Hourly);
    if let Some(day) = &phrase.day
        && beside(&mut rule, day, present).is_none()
    {
        return unread();
    }
    if !begins(&mut rule, phrase, context, present) {
        return unread();
    }
    if !excepts(&mut rule, phrase, present) {
        return unread();
    }
    let asked = times(&mut rule, phrase, context, ticks);
    let day_is_known = !lacks_day(&rule);
    if !ends(&mut rule, phrase, context, present) {
        return unread();
    }
    let understood = Understood {
        recurrence: Some(rule.clone()),
        zone: phrase.zone,
        time: rule.times.first().copied(),
        ..Understood::default()
    };
    if !day_is_known {
        return Resolved::ask(Need::Day, understood);
    }
    match asked {
        Asked::Nothing => {}
        Asked::Hour(need) => return Resolved::ask(need, understood),
        Asked::Unread => return unread(),
    }
    // "twice a day" needs two times, "twice a week" two days.
    let named = match repeat.frequency {
        Frequency::Daily => rule.times.len(),
        Frequency::Weekly => rule.by_day.len() * rule.times.len().max(1),
        Frequency::Monthly | Frequency::Yearly => {
            (rule.by_month_day.len() + rule.by_day.len()) * rule.times.len().max(1)
        }
        Frequency::Minutely | Frequency::Hourly => 1,
    };
    if repeat.per > 1 && u32::try_from(named).unwrap_or(0) != repeat.per {
        let need = if repeat.frequency == Frequency::Daily {
            Need::TimeOfDay
        } else {
            Need::Day
        };
        return Resolved::ask(need, understood);
    }
    if rule.until.is_some_and(|until| until <= present.local) {
        return Resolved::ask(Need::Past(rule.until), understood);
    }
    Resolved {
        value: Some(Value::Every(rule)),
        need: None,
        understood,
    }
}

/// Takes a day beside the rule: "weekly … monday", "monthly … the 15th", "every day … tomorrow". `None` when
/// it does not fit.
fn beside(rule: &mut Recurrence, day: &Day, present: Present) -> Option<()> {
    let is_bare = rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_month.is_empty();
    match (rule.frequency, day) {
        (Frequency::Weekly, Day::Weekday(weekday)) if is_bare => {
            rule.by_day = vec![NthDay {
                nth: None,
                weekday: *weekday,
            }];
            Some(())
        }
        (Frequency::Monthly, Day::OfMonth(day)) if is_bare => {
            rule.by_month_day = vec![i8::try_from(*day).ok()?];
            Some(())
        }
        (Frequency::Yearly, Day::Yearless(month, day)) if is_bare => {
            rule.by_month = vec![u8::try_from(*month).ok()?];
            rule.by_month_day = vec![i8::try_from(*day).ok()?];
            Some(())
        }
        (Frequency::Yearly, Day::OfMonth(day))
            if rule.by_month.len() == 1 && rule.by_month_day.is_empty() && rule.by_day.is_empty() =>
        {
            rule.by_month_day = vec![i8::try_from(*day).ok()?];
            Some(())
        }
        // "every hour on monday": once or each? "every day next week"
        (_, Day::Stretch(..) | Day::Either(..)) => None,
        (Frequency::Minutely | Frequency::Hourly | Frequency::Daily, Day::Weekday(_)) => None,
        (Frequency::Minutely | Frequency::Hourly, Day::Date(date)) => {
            // "every hour tomorrow": that day alone.
            rule.start = Some(date.and_time(NaiveTime::MIN)).filter(|start| *start > present.local);
            rule.until = date.and_hms_opt(23, 59, 59);
            Some(())
        }
        (_, Day::Date(date)) if is_bare && *date >= present.today() => {
            anchored(rule, *date);
            rule.start = Some(date.and_time(NaiveTime::MIN));
            Some(())
        }
        _ => None,
    }
}

/// A rule without days takes those of the date on which it begins.
fn anchored(rule: &mut Recurrence, date: NaiveDate) {
    if !(rule.by_day.is_empty() && rule.by_month_day.is_empty()) {
        return;
    }
    match rule.frequency {
        Frequency::Weekly => {
            rule.by_day = vec![NthDay {
                nth: None,
                weekday: date.weekday(),
            }];
        }
        Frequency::Monthly => rule.by_month_day = vec![i8::try_from(date.day()).unwrap_or(1)],
        Frequency::Yearly if rule.by_month.is_empty() => {
            rule.by_month = vec![u8::try_from(date.month()).unwrap_or(1)];
            rule.by_month_day = vec![i8::try_from(date.day()).unwrap_or(1)];
        }
        Frequency::Yearly | Frequency::Minutely | Frequency::Hourly | Frequency::Daily => {}
    }
}

/// "starting aug 3", "starting at 9pm", "from monday".
fn begins(rule: &mut Recurrence, phrase: &Phrase, context: &Context, present: Present) -> bool {
    let Some(said) = phrase.bounds.start.as_deref() else {
        return true;
    };
    if said.is_vague || said.is_past || said.lacks_anchor || said.end.is_some() {
        return false;
    }
    if let Some(length) = said.elapsed {
        let Some(at) = length.from_local(present.local) else {
            return false;
        };
        rule.start = Some(if length.grain() == Grain::Day {
            at.date().and_time(NaiveTime::MIN)
        } else {
            at
        });
        anchored(rule, at.date());
        return true;
    }
    if said.is_now {
        return true;
    }
    let date = match &said.day {
        Some(Day::Stretch(first, last)) => Some(*first).filter(|_| first < last && *first > present.today()),
        Some(day) => only_date(day, present.today()),
        None => None,
    };
    if said.day.is_some() {
        let Some(date) = date.filter(|date| *date >= present.today()) else {
            return false;
        };
        rule.start = Some(date.and_time(NaiveTime::MIN));
        anchored(rule, date);
    }
    if !said.has_time() {
        return true;
    }
    if !matches!(rule.frequency, Frequency::Minutely | Frequency::Hourly) {
        // Its hour is each day's, read with the others in `times`.
        return true;
    }
    let setting = match date {
        Some(date) if date > present.today() => Setting::Dated,
        Some(_) => Setting::Today(hour_of(present.local)),
        None => Setting::Undated(hour_of(present.local)),
    };
    let Some(clock) = said.clocks.first() else {
        return false;
    };
    let Hour::At(minutes, _) = hours::settle(*clock, said.part, context.lean, setting) else {
        return false;
    };
    let day = date.unwrap_or_else(|| present.today());
    let at = hours::on(day, minutes, 0)
        .filter(|at| *at > present.local)
        .or_else(|| hours::on(day.succ_opt()?, minutes, 0));
    rule.start = at;
    at.is_some()
}

fn hour_of(now: NaiveDateTime) -> u32 {
    use chrono::Timelike;
    now.hour() * 60 + now.minute()
}

fn excepts(rule: &mut Recurrence, phrase: &Phrase, present: Present) -> bool {
    for said in &phrase.bounds.except {
        let Some(date) = said.day.as_ref().and_then(|day| match day {
            Day::Weekday(_) | Day::OfMonth(_) => None,
            day => only_date(day, present.today()),
        }) else {
            return false;
        };
        rule.except_dates.push(date);
    }
    rule.except_weekdays
        .sort_by_key(chrono::Weekday::num_days_from_monday);
    rule.except_weekdays.dedup();
    // What leaves nothing was not meant so.
    rule.except_weekdays.len() < 7
}

fn lacks_day(rule: &Recurrence) -> bool {
    match rule.frequency {
        Frequency::Weekly => rule.by_day.is_empty(),
        Frequency::Monthly => rule.by_day.is_empty() && rule.by_month_day.is_empty(),
        Frequency::Yearly => {
            rule.by_month.is_empty() || (rule.by_day.is_empty() && rule.by_month_day.is_empty())
        }
        Frequency::Minutely | Frequency::Hourly | Frequency::Daily => false,
    }
}

/// "until christmas", "for 5 days", "for an hour".
fn ends(rule: &mut Recurrence, phrase: &Phrase, context: &Context, present: Present) -> bool {
    let base = rule.start.unwrap_or(present.local);
    if let Some(length) = phrase.lasts {
        if length.is_vague || rule.until.is_some() || rule.count.is_some() {
            return false;
        }
        let is_days = length.grain() == Grain::Day && length.months == 0 && length.workdays == 0;
        let per_day = u32::try_from(rule.times.len().max(1)).unwrap_or(1);
        if is_days && rule.frequency == Frequency::Daily && rule.except_weekdays.is_empty() {
            let days = u32::try_from(length.days).unwrap_or(0) / rule.interval;
            rule.count = Some(days * per_day).filter(|count| *count > 0);
            return rule.count.is_some();
        }
        let until = length.from_local(base);
        // Shorter than a step is how long it takes, not how long it is repeated.
        let step = match rule.frequency {
            Frequency::Minutely => i64::from(rule.interval) * 60,
            Frequency::Hourly => i64::from(rule.interval) * 3600,
            Frequency::Daily => i64::from(rule.interval) * 86_400,
            Frequency::Weekly => i64::from(rule.interval) * 7 * 86_400,
            Frequency::Monthly => i64::from(rule.interval) * 28 * 86_400,
            Frequency::Yearly => i64::from(rule.interval) * 365 * 86_400,
        };
        rule.until = until.filter(|until| (*until - base).num_seconds() >= step);
        if let Some(until) = rule.until
            && !matches!(rule.frequency, Frequency::Minutely | Frequency::Hourly)
        {
            // So many days end with the day before.
            rule.until = until
                .date()
                .pred_opt()
                .and_then(|date| date.and_hms_opt(23, 59, 59));
        }
        return rule.until.is_some();
    }
    let Some(said) = phrase.bounds.until.as_deref() else {
        return phrase
            .end
            .as_deref()
            .is_none_or(|end| end.day.is_none() || end_day(rule, end, base));
    };
    if said.is_vague || said.is_past || said.lacks_anchor || said.repeat.is_some() || said.end.is_some() {
        return false;
    }
    if let Some(length) = said.elapsed {
        rule.until = length.from_local(present.local);
        return rule.until.is_some();
    }
    let date = match &said.day {
        Some(Day::Weekday(day)) => weekday::after(base.date(), *day),
        Some(Day::Stretch(..)) => None,
        Some(day) => only_date(day, base.date().max(present.today())),
        None => Some(base.date()),
    };
    let Some(date) = date else { return false };
    // "every 2 hours from 9 until 6": each day, or once? Asked.
    let is_window = said.day.is_none()
        && phrase
            .bounds
            .start
            .as_deref()
            .is_some_and(|start| start.day.is_none() && start.has_time());
    if is_window && !said.clocks.is_empty() {
        return false;
    }
    let Some(clock) = said.clocks.first() else {
        if said.part.is_some() {
            return false;
        }
        rule.until = date.and_hms_opt(23, 59, 59);
        return rule.until.is_some();
    };
    let setting = if said.day.is_none() {
        Setting::Undated(hour_of(base))
    } else {
        Setting::Dated
    };
    let Hour::At(minutes, seconds) = hours::settle(*clock, said.part, context.lean, setting) else {
        return false;
    };
    let at = hours::on(date, minutes, seconds);
    rule.until = match at {
        Some(at) if at <= base && said.day.is_none() => at.checked_add_signed(TimeDelta::days(1)),
        other => other,
    };
    rule.until.is_some()
}

/// "every day from monday to friday": the end of the range is the rule's.
fn end_day(rule: &mut Recurrence, end: &Phrase, base: NaiveDateTime) -> bool {
    if !end.clocks.is_empty() {
        return false;
    }
    let date = match &end.day {
        Some(Day::Weekday(day)) => weekday::after(base.date(), *day),
        Some(Day::Stretch(..)) | None => None,
        Some(day) => only_date(day, base.date()),
    };
    rule.until = date.and_then(|date| date.and_hms_opt(23, 59, 59));
    rule.until.is_some()
}
