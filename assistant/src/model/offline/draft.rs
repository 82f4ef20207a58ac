//! Something that is being set or moved: what is known of it, and the one thing that is asked next.
//!
//! A draft lives in the conversation alone. The model is handed all of it each time, so [`replay`] makes the draft anew
//! from the sentence that began it, and goes on as long as the questions in between are the ones it would ask itself.

use chrono::{DateTime, Utc};
use serde_json::{Map, json};
use when::{Lean, Length, Need, Reading, Value};

use super::{
    Plan,
    reminders::{WHICH, which},
    sentence::Sentence,
};
use crate::tools::when::{Present, asked, spoken};

const WHAT: &str = "What shall I remind you of? For example: “remind me at 17:30 to call Anna”.";
const WHEN: &str =
    "When shall I remind you? For example: “in 20 minutes”, “tomorrow at 9:00” or “every weekday at 9:00”.";
const WHEN_IS_IT: &str = "When is it? For example: “tomorrow at 12:00”.";
const TO_WHEN: &str = "To what time? For example: “10:30” or “tomorrow at 9:00”.";

/// A sentence with what its times are read against.
#[derive(Clone, Copy)]
pub(super) struct Heard<'h> {
    /// As it was written.
    pub(super) text: &'h str,
    /// Its words.
    pub(super) sentence: &'h Sentence,
    /// What words of time are read against.
    pub(super) time: &'h when::Context,
    /// The present, which may be later than when it was said.
    pub(super) now: DateTime<Utc>,
}

impl Heard<'_> {
    fn present(&self) -> Present {
        Present {
            said_at: self.time.now,
            now: self.now,
            zone: self.time.zone,
        }
    }
}

/// What comes of a sentence.
pub(super) enum Step {
    /// It is clear what to do.
    Do(Plan),
    /// Something must be asked first.
    Ask(Box<Draft>, String),
}

impl From<Plan> for Step {
    fn from(plan: Plan) -> Self {
        Self::Do(plan)
    }
}

impl Step {
    /// What to do now.
    pub(super) fn into_plan(self) -> Plan {
        match self {
            Self::Do(plan) => plan,
            Self::Ask(_, question) => Plan::Say(question),
        }
    }
}

/// What is being set or moved.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    what: What,
    reading: Reading,
}

#[derive(Clone, Debug)]
enum What {
    /// A reminder with this text.
    Set { text: String },
    /// The same, where nobody asked for a reminder: it is offered.
    Offer { text: String },
    /// Another time for one that exists.
    Move { which: String },
    /// An event in the calendar.
    Event { title: String },
}

/// Reads a sentence that sets or moves something.
pub(super) fn begin(heard: &Heard<'_>) -> Option<Step> {
    if let Some(step) = begin_move(heard) {
        return Some(step);
    }
    let parts = requests(heard.text);
    if parts.len() < 2 {
        return begin_set(heard.text, heard);
    }
    // Several in one message: all at once, or the first thing that must be asked.
    let mut plans = Vec::new();
    for part in parts {
        match begin_set(part, heard)? {
            Step::Do(plan) => plans.push(plan),
            Step::Ask(..) => {
                return Some(Step::Do(Plan::Say(format!(
                    "I can't set all of that at once, because this part is not clear: “{}”. Please say them one by one.",
                    super::answers::escaped(part.trim())
                ))));
            }
        }
    }
    Some(Step::Do(Plan::Together(plans)))
}

/// Reads "add lunch with Ann tomorrow at 12", "put dentist in my calendar on friday at 3 pm".
pub(super) fn begin_event(heard: &Heard<'_>) -> Option<Step> {
    let reading = when::parse(heard.text, heard.time);
    let kept = Sentence::read(&reading.kept).bare();
    let words = kept.plain();
    let ["add" | "schedule" | "put" | "book", ..] = words.as_slice() else {
        return None;
    };
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&["reminder", "alarm", "timer", "tool", "assistant"]) {
        return None;
    }
    let place = words
        .windows(2)
        .position(|pair| matches!(pair, ["in" | "to" | "on" | "into", "my" | "the"]));
    let in_calendar =
        place.filter(|place| matches!(words.get(place + 2), Some(&("calendar" | "calender" | "agenda"))));
    if reading.is_nothing() && in_calendar.is_none() {
        return None;
    }
    let title = match in_calendar {
        Some(place) => {
            let (front, behind) = (kept.written(1, place), kept.written(place + 3, kept.len()));
            let behind = behind.trim_start_matches("for ").trim_start_matches(": ");
            [front.as_str(), behind]
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        }
        None => kept.written(1, kept.len()),
    };
    let title = title
        .trim_start_matches("an event ")
        .trim_start_matches("event ")
        .to_owned();
    if title.is_empty() {
        return None;
    }
    let draft = Draft {
        what: What::Event { title },
        reading,
    };
    Some(draft.step(heard))
}

/// Offers a reminder for what reads like one: "call the dentist tomorrow 3pm".
pub(super) fn offer(heard: &Heard<'_>) -> Option<Step> {
    let sentence = heard.sentence.bare();
    let words = sentence.plain();
    let asks = heard.text.trim_end().ends_with('?')
        || matches!(
            words.first(),
            Some(
                &("what"
                    | "who"
                    | "where"
                    | "when"
                    | "why"
                    | "how"
                    | "which"
                    | "is"
                    | "are"
                    | "do"
                    | "does"
                    | "did"
                    | "was"
                    | "were"
                    | "will"
                    | "show"
                    | "list"
                    | "tell"
                    | "say"
                    | "weather"
                    | "time"
                    | "convert")
            )
        );
    if asks || words.len() < 2 {
        return None;
    }
    let reading = when::parse(heard.text, heard.time);
    if reading.value.is_none() {
        return None;
    }
    let kept = Sentence::read(&reading.kept).bare();
    let skipped = match kept.plain().as_slice() {
        ["i", "need" | "have" | "want", "to", ..] => 3,
        ["i", "must" | "should" | "gotta", ..] => 2,
        ["i've", "got", "to", ..] => 3,
        ["need" | "have", "to", ..] => 2,
        _ => 0,
    };
    let text = kept.written(skipped, kept.len());
    if text.is_empty() {
        return None;
    }
    let draft = Draft {
        what: What::Offer { text },
        reading,
    };
    Some(draft.step(heard))
}

/// Where each of several requests begins: "remind me … and remind me …", one on each line.
fn requests(text: &str) -> Vec<&str> {
    let lower = text.to_lowercase();
    // Lower case may be longer than what was written; then it is one.
    if lower.len() != text.len() {
        return vec![text];
    }
    let mut starts = vec![0];
    for trigger in ["remind me", "set a reminder", "set an alarm", "wake me"] {
        for (at, _) in lower.match_indices(trigger) {
            let before = lower[..at].trim_end();
            let is_border = before.ends_with([',', ';', '.', '\n'])
                || before.ends_with(" and")
                || before.ends_with(" then")
                || before.ends_with(" also")
                || lower[..at].ends_with('\n');
            if at > 0 && is_border && !before.is_empty() {
                starts.push(at);
            }
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts: Vec<&str> = starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| text.get(*start..end))
        .map(joined_off)
        .filter(|part| !part.trim().is_empty())
        .collect();
    let is_each_one = parts.iter().all(|part| {
        let part = part.to_lowercase();
        ["remind me", "set a reminder", "set an alarm", "wake me"]
            .iter()
            .any(|trigger| part.contains(trigger))
    });
    if is_each_one { parts } else { vec![text] }
}

/// Without the "and" that leads over to the next request.
fn joined_off(part: &str) -> &str {
    let mut part = part.trim();
    loop {
        let shorter = [",", ";", ".", " and", " then", " also"]
            .iter()
            .find_map(|joint| part.strip_suffix(joint))
            .map(str::trim_end);
        match shorter {
            Some(shorter) => part = shorter,
            None => return part,
        }
    }
}

/// How a request for a reminder begins, among the words that are no words of time.
struct Trigger {
    /// The first word behind it.
    from: usize,
    /// What the reminder says when nothing else is said.
    text: &'static str,
    /// Which half of the day a bare hour means.
    lean: Lean,
    /// "10 minutes" alone counts from now.
    is_timer: bool,
}

fn trigger(words: &[&str]) -> Option<(usize, Trigger)> {
    let plain = |from, text| Trigger {
        from,
        text,
        lean: Lean::None,
        is_timer: false,
    };
    let found = |start: usize, rest: &[&str]| -> Option<Trigger> {
        Some(match rest {
            ["remind", "me" | "us", ..] => plain(start + 2, ""),
            ["reminder", "to" | "for" | "about", ..] if start == 0 => plain(start + 1, ""),
            ["reminder", ..] if start == 0 && rest.len() > 1 => plain(start + 1, ""),
            ["wake", "me", "up", ..] => Trigger {
                lean: Lean::Morning,
                ..plain(start + 3, "wake up")
            },
            ["wake", "me", ..] => Trigger {
                lean: Lean::Morning,
                ..plain(start + 2, "wake up")
            },
            ["set" | "create" | "add" | "make" | "new" | "start", rest @ ..] => {
                let skipped = usize::from(matches!(rest.first(), Some(&("a" | "an" | "the" | "new" | "my"))));
                let from = start + 2 + skipped;
                match rest.get(skipped..)? {
                    ["reminder", ..] => plain(from, ""),
                    ["alarm", ..] => plain(from, "alarm"),
                    ["timer", ..] => Trigger {
                        is_timer: true,
                        ..plain(from, "timer")
                    },
                    // "set a 10 minute timer": the length is no word any more.
                    _ => return None,
                }
            }
            ["alarm", ..] if start == 0 => plain(1, "alarm"),
            ["timer", ..] if start == 0 => Trigger {
                is_timer: true,
                ..plain(1, "timer")
            },
            ["don't" | "dont", "let", "me", "forget", ..] | ["do", "not", "let", "me", "forget", ..] => {
                plain(start + rest.iter().position(|word| *word == "forget")? + 1, "")
            }
            ["don't" | "dont", "forget", ..] => plain(start + 2, ""),
            ["remember", "to", ..] if start == 0 => plain(1, ""),
            [
                "tell" | "ping" | "nudge" | "message" | "text",
                "me",
                "to" | "that" | "about",
                ..,
            ] => plain(start + 2, ""),
            _ => return None,
        })
    };
    (0..words.len()).find_map(|start| Some((start, found(start, words.get(start..)?)?)))
}

fn begin_set(text: &str, heard: &Heard<'_>) -> Option<Step> {
    let first = when::parse(text, heard.time);
    let kept = mended(&first.kept);
    let sentence = Sentence::read(&kept).bare();
    let words = sentence.plain();
    let (start, trigger) = trigger(&words)?;
    // What stands before it must be time alone, or a part of what is to be done.
    let reading = match trigger.lean {
        Lean::None => first,
        lean => when::parse(text, &heard.time.clone().leaning(lean)),
    };
    let reading = match (&reading.need, trigger.is_timer) {
        (Some(Need::Length(length)), true) => when::parse(&in_length(length), heard.time),
        _ => reading,
    };
    let mut from = trigger.from;
    while matches!(
        words.get(from),
        Some(&("to" | "that" | "about" | "of" | "for" | "and" | ":" | "" | "please"))
    ) {
        from += 1;
    }
    let behind = sentence.written(from, sentence.len());
    let before = sentence.written(0, start);
    let event = reading
        .event
        .as_ref()
        .and_then(|event| text.get(event.clone()))
        .map(|event| {
            event
                .trim_start_matches("my ")
                .trim_start_matches("the ")
                .to_owned()
        });
    let text = match (behind.is_empty(), before.is_empty()) {
        (false, _) => behind,
        // "call mom, remind me at 5"
        (true, false) => before,
        (true, true) => event.unwrap_or_else(|| trigger.text.to_owned()),
    };
    let draft = Draft {
        what: What::Set { text },
        reading,
    };
    Some(draft.step(heard))
}

/// Typing mistakes in the words that make a request.
fn mended(kept: &str) -> String {
    let words = kept.split(' ').map(|word| match word.to_lowercase().as_str() {
        "remnd" | "remid" | "remined" | "remiind" | "rimind" | "reming" | "remnid" | "reminde" => "remind",
        "reminer" | "remnder" | "remider" | "reminderr" => "reminder",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// "move the stretch one to 10:30", "push it back an hour", "make it 10".
fn begin_move(heard: &Heard<'_>) -> Option<Step> {
    let sentence = heard.sentence.bare();
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
    let is_earlier = rest
        .iter()
        .any(|word| matches!(*word, "forward" | "earlier" | "sooner"));
    let is_text_change = rest.first() == Some(&"text");
    if is_text_change {
        return None;
    }
    // The last word behind which nothing but a time stands; or a time at the end.
    let whole = |place: usize| {
        let behind = sentence.written(front + place, sentence.len());
        let reading = when::parse(&behind, heard.time);
        let kept = Sentence::read(&reading.kept);
        let is_filler = kept.plain().iter().all(|word| {
            matches!(
                *word,
                "to" | "by"
                    | "for"
                    | "until"
                    | "till"
                    | "back"
                    | "forward"
                    | "later"
                    | "earlier"
                    | "sooner"
                    | "up"
                    | "please"
                    | "another"
                    | ""
                    | "at"
            )
        });
        (!reading.is_nothing() && is_filler).then_some(reading)
    };
    let found = (0..rest.len()).find_map(|place| Some((place, whole(place)?)));
    let (place, reading) = match found {
        Some(found) => found,
        None => (rest.len(), when::parse("", heard.time)),
    };
    let mut named = rest.get(..place).unwrap_or_default();
    while let [head @ .., last] = named
        && matches!(
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
        )
    {
        named = head;
    }
    let which = which(named);
    if which.is_empty() {
        return Some(Step::Do(Plan::Say(WHICH.to_owned())));
    }
    if let Some(length) = length_of(&reading) {
        let length = if is_earlier { length.negated() } else { length };
        return Some(Step::Do(shift(&which, &length)));
    }
    let draft = Draft {
        what: What::Move { which },
        reading,
    };
    Some(draft.step(heard))
}

/// "an hour", "10 minutes later": a length and nothing else.
fn length_of(reading: &Reading) -> Option<Length> {
    match &reading.need {
        Some(Need::Length(length)) if !length.is_vague && !length.is_zero() => Some(*length),
        _ => None,
    }
}

fn shift(which: &str, length: &Length) -> Plan {
    let mut by = Map::new();
    for (name, n) in [
        ("months", i64::from(length.months)),
        ("days", i64::from(length.days)),
        ("seconds", length.seconds),
    ] {
        if n != 0 {
            by.insert(name.to_owned(), n.into());
        }
    }
    Plan::Call {
        tool: "reminder_change",
        arguments: json!({ "which": which, "shift": by }),
    }
}

/// A length as words that count from now.
fn in_length(length: &Length) -> String {
    format!(
        "in {} months {} days {} seconds",
        length.months, length.days, length.seconds
    )
    .replace(" 0 months", "")
    .replace(" 0 days", "")
    .replace(" 0 seconds", "")
}

impl Draft {
    /// What to do, or to ask, about the draft as it is.
    fn step(self, heard: &Heard<'_>) -> Step {
        if let What::Set { text } = &self.what
            && text.is_empty()
        {
            return Step::Ask(Box::new(self), WHAT.to_owned());
        }
        if let What::Event { title } = &self.what
            && let Some(step) = event(title, &self.reading)
        {
            return step;
        }
        if let Some(asked) = asked::question(&self.reading) {
            return Step::Ask(Box::new(self), asked.text());
        }
        let spoken = match (spoken::of_reading(&self.reading, &heard.present()), &self.what) {
            (None, What::Move { .. }) => return Step::Ask(Box::new(self), TO_WHEN.to_owned()),
            (None, What::Event { .. }) => return Step::Ask(Box::new(self), WHEN_IS_IT.to_owned()),
            (None, _) => return Step::Ask(Box::new(self), WHEN.to_owned()),
            (Some(Err(why)), _) => return Step::Do(Plan::Say(super::answers::sentence(&why))),
            (Some(Ok(spoken)), _) => spoken,
        };
        let schedule = serde_json::to_value(&spoken.schedule).unwrap_or_default();
        let mut arguments = Map::new();
        match &self.what {
            What::Offer { text } => {
                let zone = spoken.zone.unwrap_or(heard.time.zone);
                let when = spoken.schedule.describe(zone);
                let question = format!(
                    "Shall I remind you {}: “{}”? (yes or no)",
                    when.replacen("once on ", "on ", 1),
                    super::answers::escaped(text)
                );
                return Step::Ask(Box::new(self), question);
            }
            // A rule that the calendar tool has no word for.
            What::Event { .. } => Step::Do(Plan::Say(
                "I can add events that repeat daily, on workdays, weekly, monthly or yearly. Please say it as one of these."
                    .to_owned(),
            )),
            What::Set { text } => {
                arguments.insert("text".to_owned(), text.as_str().into());
                arguments.insert("schedule".to_owned(), schedule);
                if let Some(zone) = spoken.zone {
                    arguments.insert("zone".to_owned(), zone.name().into());
                }
                Step::Do(Plan::Call {
                    tool: "reminder_create",
                    arguments: arguments.into(),
                })
            }
            What::Move { which } => {
                arguments.insert("which".to_owned(), which.as_str().into());
                let known = &self.reading.understood;
                match known.time {
                    // A time of day alone leaves the day, or the rule, as it is.
                    Some(time) if known.day.is_none() && known.recurrence.is_none() && known.zone.is_none() => {
                        arguments.insert(
                            "at".to_owned(),
                            json!({ "time": time.format("%H:%M").to_string() }),
                        );
                    }
                    _ => {
                        arguments.insert("schedule".to_owned(), schedule);
                    }
                }
                Step::Do(Plan::Call {
                    tool: "reminder_change",
                    arguments: arguments.into(),
                })
            }
        }
    }

    /// Takes the answer to the question that was asked; `None` when it is no answer.
    fn answered(&self, heard: &Heard<'_>) -> Option<Step> {
        let sentence = heard.sentence.bare();
        let words = sentence.plain();
        if is_never_mind(&words) {
            let text = match self.what {
                What::Set { .. } | What::Offer { .. } | What::Event { .. } => "All right, I set nothing.",
                What::Move { .. } => "All right, nothing was changed.",
            };
            return Some(Step::Do(Plan::Say(text.to_owned())));
        }
        match &self.what {
            What::Offer { text } if asked::question(&self.reading).is_none() => {
                let is_yes = matches!(
                    words.first(),
                    Some(&("yes" | "yep" | "yeah" | "sure" | "ok" | "okay" | "y" | "do"))
                );
                if !is_yes {
                    return None;
                }
                let draft = Self {
                    what: What::Set { text: text.clone() },
                    reading: self.reading.clone(),
                };
                Some(draft.step(heard))
            }
            What::Set { text } if text.is_empty() => {
                let from = usize::from(matches!(words.first(), Some(&("to" | "that" | "about" | "of"))));
                let answer = sentence.written(from, sentence.len());
                let joined = when::parse(&answer, heard.time);
                // "the tea at 5" answers two questions where the time was open.
                let (text, reading) =
                    if self.reading.is_nothing() && !joined.is_nothing() && !joined.kept.is_empty() {
                        (joined.kept.clone(), joined)
                    } else {
                        (answer, self.reading.clone())
                    };
                (!text.is_empty()).then(|| {
                    let draft = Self {
                        what: What::Set { text },
                        reading,
                    };
                    draft.step(heard)
                })
            }
            _ => {
                let is_yes = matches!(
                    words.as_slice(),
                    ["yes" | "yep" | "yeah" | "sure" | "ok" | "okay" | "right" | "exactly"]
                );
                let reading = match (&self.reading.need, is_yes) {
                    (Some(Need::Length(length)), true) => when::parse(&in_length(length), heard.time),
                    _ if self.reading.is_nothing() => {
                        Some(when::parse(heard.text, heard.time)).filter(|reading| {
                            !reading.is_nothing() && Sentence::read(&reading.kept).bare().len() < 3
                        })?
                    }
                    _ => when::answer(&self.reading, heard.text, heard.time)?,
                };
                if let (What::Move { which }, Some(length)) = (&self.what, length_of(&reading)) {
                    return Some(Step::Do(shift(which, &length)));
                }
                let draft = Self {
                    what: self.what.clone(),
                    reading,
                };
                Some(draft.step(heard))
            }
        }
    }
}

/// An event whose time is clear; a day alone makes it last all day.
fn event(title: &str, reading: &Reading) -> Option<Step> {
    let mut arguments = Map::from_iter([("title".to_owned(), title.into())]);
    let known = &reading.understood;
    match (&reading.value, &reading.need) {
        (None, Some(Need::TimeOfDay)) if known.recurrence.is_none() => {
            arguments.insert("day".to_owned(), known.day?.to_string().into());
        }
        (Some(Value::Once(moment)), _) if !moment.names_zone => {
            arguments.insert("day".to_owned(), moment.local.date().to_string().into());
            arguments.insert("time".to_owned(), moment.local.format("%H:%M").to_string().into());
            let until_end = moment.end.map(|end| (end - moment.local).num_minutes());
            let lasts = reading.lasts.filter(|length| length.months == 0);
            let minutes =
                until_end.or(lasts.map(|length| length.seconds / 60 + i64::from(length.days) * 1440));
            if let Some(minutes) = minutes.filter(|minutes| *minutes > 0) {
                arguments.insert("minutes".to_owned(), minutes.into());
            }
        }
        (Some(Value::Once(moment)), _) => {
            // Another zone was named: the same instant, on the user's clock, which the receipt shows.
            return Some(Step::Do(Plan::Say(format!(
                "Say that in your own time, please: {} is {}.",
                moment.local.format("%H:%M"),
                moment.zone.name()
            ))));
        }
        (Some(Value::Every(rule)), _) => {
            let [time] = rule.times.as_slice() else {
                return None;
            };
            arguments.insert("time".to_owned(), time.format("%H:%M").to_string().into());
            let (repeat, day) = repeats(rule)?;
            arguments.insert("repeat".to_owned(), repeat.into());
            if let Some(day) = day {
                arguments.insert("day".to_owned(), day.into());
            }
        }
        _ => return None,
    }
    Some(Step::Do(Plan::Call {
        tool: "calendar_create",
        arguments: arguments.into(),
    }))
}

/// The calendar tool's word for a rule, and the day on which it begins where the rule names one.
fn repeats(rule: &when::Recurrence) -> Option<(&'static str, Option<String>)> {
    let is_plain = rule.interval <= 1
        && rule.until.is_none()
        && rule.count.is_none()
        && rule.start.is_none()
        && rule.by_set_pos.is_none()
        && rule.by_month.is_empty()
        && rule.by_month_day.is_empty()
        && rule.except_weekdays.is_empty()
        && rule.except_dates.is_empty()
        && rule.by_day.iter().all(|day| day.nth.is_none());
    if !is_plain {
        return None;
    }
    match (rule.frequency, rule.by_day.as_slice()) {
        (when::Frequency::Daily, []) => Some(("daily", None)),
        (when::Frequency::Weekly, [day]) => Some(("weekly", Some(day.weekday.to_string().to_lowercase()))),
        (when::Frequency::Weekly | when::Frequency::Daily, days) => {
            use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
            let days: Vec<_> = days.iter().map(|day| day.weekday).collect();
            (days == [Mon, Tue, Wed, Thu, Fri]).then_some(("workdays", None))
        }
        _ => None,
    }
}

fn is_never_mind(words: &[&str]) -> bool {
    matches!(
        words,
        ["never", "mind", ..]
            | ["nevermind", ..]
            | ["forget", "it" | "that", ..]
            | ["cancel" | "stop" | "no" | "nope" | "nothing" | "abort"]
            | ["cancel", "that" | "it"]
            | ["no", "thanks" | "thank", ..]
            | ["don't" | "dont", "bother"]
            | ["leave", "it", ..]
    )
}

/// Goes through a conversation from the message that began a draft: each pair is what the user said and what was
/// answered. `None` when the last thing that was said answers no question of ours.
pub(super) fn replay(
    before: &[(&str, &str)],
    heard: &Heard<'_>,
    begin: impl Fn(&Heard<'_>) -> Option<Step>,
) -> Option<Step> {
    (0..before.len()).find_map(|start| {
        let mut draft: Option<Box<Draft>> = None;
        for (said, answered) in before.get(start..)? {
            let sentence = Sentence::read(said);
            let at = Heard {
                text: said,
                sentence: &sentence,
                ..*heard
            };
            let step = match &draft {
                None => begin(&at)?,
                Some(draft) => draft.answered(&at)?,
            };
            match step {
                Step::Ask(next, question) if answered.starts_with(&question) => draft = Some(next),
                Step::Ask(..) | Step::Do(_) => return None,
            }
        }
        draft?.answered(heard)
    })
}
