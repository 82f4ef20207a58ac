//! How a draft begins: sentences that set, move or offer something. To add one: a pattern in `trigger`, and a conversation
//! in `tests/it/offline/dialogues.txt`.

use schedule::Language;
use when::{Lean, Need};

use super::{
    Plan,
    draft::{Draft, Heard, Step, TIMER, What, english, in_length},
    moving,
    sentence::Sentence,
    tongue::is_joint,
    typos::mended,
};

/// Reads a sentence that sets or moves something.
pub(super) fn begin(heard: &Heard<'_>) -> Option<Step> {
    if let Some(step) = moving::begin(heard) {
        return Some(step);
    }
    let parts = requests(heard.text);
    if parts.len() < 2 {
        let step = begin_set(heard.text, heard)?;
        return Some(match &step {
            Step::Ask(draft, _) if draft.reading.need == Some(Need::Unread) => joined(heard).unwrap_or(step),
            Step::Ask(..) | Step::Do(_) => step,
        });
    }
    // Several in one message: all at once, or none.
    let mut plans = Vec::new();
    for part in parts {
        match begin_set(part, heard)? {
            Step::Do(plan) => plans.push(plan),
            Step::Ask(..) => {
                let part = super::answers::escaped(part.trim());
                return Some(Step::Do(Plan::Say(heard.language().pick([
                    format!(
                        "I can't set all of that at once, because this part is not clear: “{part}”. Please say them one by one."
                    ),
                    format!("Das geht nicht auf einmal, denn dieser Teil ist nicht klar: „{part}“. Bitte eins nach dem anderen."),
                    format!("No puedo ponerlo todo a la vez: esta parte no está clara: “{part}”. Dímelo de uno en uno, por favor."),
                    format!("Не могу записать всё сразу: эта часть неясна: «{part}». Скажите по одному, пожалуйста."),
                ]))));
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
    if reading.value.is_none() && !matches!(reading.need, Some(Need::AmPm { .. })) {
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

/// How many reminders one request may set.
const MOST_JOINED: usize = 8;

/// Longer requests, in bytes, are not taken apart: each place at which they may be is read on its own.
const LONGEST_JOINED: usize = 400;

/// "remind me to call Ann at 17:00 and to call Bob at 18:00": one request for several, each with a time of its own.
fn joined(heard: &Heard<'_>) -> Option<Step> {
    if heard.text.len() > LONGEST_JOINED {
        return None;
    }
    let mut plans = Vec::new();
    let mut rest = heard.text.to_owned();
    while plans.len() < MOST_JOINED {
        if let Some(plan) = set_whole(&rest, heard) {
            plans.push(plan);
            return (plans.len() > 1).then_some(Step::Do(Plan::Together(plans)));
        }
        let (plan, behind) = JOINTS.iter().find_map(|joint| {
            rest.match_indices(joint).find_map(|(at, joint)| {
                let plan = set_whole(rest.get(..at)?, heard)?;
                let behind = rest.get(at + joint.len()..)?.trim_start();
                Some((plan, on_the_same_day(rest.get(..at)?, behind, heard)?))
            })
        })?;
        plans.push(plan);
        rest = behind;
    }
    None
}

/// What stands behind "and", as a request of its own, on the day that stands before it: "tomorrow at 5 to call Ann and at 6
/// to call Bob". `None` where a rule or a zone stands there, which may be meant for both or not.
fn on_the_same_day(before: &str, behind: &str, heard: &Heard<'_>) -> Option<String> {
    let (first, second) = (when::parse(before, heard.time), when::parse(behind, heard.time));
    let is_alike = |reading: &when::Reading| {
        (
            reading.understood.recurrence.is_some(),
            reading.understood.zone.is_some(),
        )
    };
    let is_own = second.understood.recurrence.is_some() || second.elapsed().is_some();
    if !is_own && is_alike(&first) != is_alike(&second) {
        return None;
    }
    Some(match first.understood.day {
        Some(day) if !is_own && first.says_day() && !second.says_day() => format!("remind me {day} {behind}"),
        _ => format!("remind me {behind}"),
    })
}

/// What may stand between two things that one request is for.
const JOINTS: [&str; 9] = [
    "\n", ";", ", and ", " and ", " und ", " y ", " и ", ", ", " then ",
];

/// A reminder that is set at once, with nothing to ask.
fn set_whole(text: &str, heard: &Heard<'_>) -> Option<Plan> {
    match begin_set(text, heard)? {
        Step::Do(plan @ Plan::Call { .. }) => Some(plan),
        Step::Do(_) | Step::Ask(..) => None,
    }
}

/// Words between two requests.
const LEADING_OVER: &[&str] = &[
    " and",
    " then",
    " also",
    " und",
    " dann",
    " außerdem",
    " y",
    " luego",
    " también",
    " и",
    " потом",
    " также",
];

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
                || LEADING_OVER.iter().any(|word| before.ends_with(word))
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
        let shorter = [",", ";", "."]
            .iter()
            .chain(LEADING_OVER)
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

fn trigger(words: &[&str], language: Language) -> Option<(usize, Trigger)> {
    let wake_up = language.pick(["wake up", "Aufstehen", "despertar", "подъём"]);
    let alarm = language.pick(["alarm", "Wecker", "alarma", "будильник"]);
    let timer = language.pick(TIMER);
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
                ..plain(start + 3, wake_up)
            },
            ["wake", "me", ..] => Trigger {
                lean: Lean::Morning,
                ..plain(start + 2, wake_up)
            },
            ["set" | "create" | "add" | "make" | "new" | "start", rest @ ..] => {
                let skipped = usize::from(matches!(rest.first(), Some(&("a" | "an" | "the" | "new" | "my"))));
                let from = start + 2 + skipped;
                match rest.get(skipped..)? {
                    ["reminder", ..] => plain(from, ""),
                    ["alarm", ..] => Trigger {
                        lean: Lean::Morning,
                        ..plain(from, alarm)
                    },
                    ["timer", ..] => Trigger {
                        is_timer: true,
                        ..plain(from, timer)
                    },
                    // "set a 10 minute timer": the length is no word any more.
                    _ => return None,
                }
            }
            ["alarm", ..] if start == 0 => Trigger {
                lean: Lean::Morning,
                ..plain(1, alarm)
            },
            ["timer", ..] if start == 0 => Trigger {
                is_timer: true,
                ..plain(1, timer)
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

/// "remind me at 5pm that the shop closes at 6pm": what stands before "that" says when, what stands behind it is what the
/// reminder says, whatever times are in it. `None` where nothing before it says when.
fn said_that(text: &str, heard: &Heard<'_>) -> Option<Step> {
    let that = heard.language().pick([" that ", " dass ", " que ", " что "]);
    let (head, tail) = text.split_once(that)?;
    let reading = when::parse(head, heard.time);
    if reading.is_nothing() || tail.trim().is_empty() {
        return None;
    }
    let kept = mended(&reading.kept);
    let sentence = Sentence::read(&kept).bare();
    let words = sentence.plain();
    let (_, trigger) = trigger(&words, heard.language())?;
    // "the book that I lent": no part of the request itself.
    let is_request = words
        .get(trigger.from..)?
        .iter()
        .all(|word| is_joint(word, heard.language()));
    if !is_request || !trigger.text.is_empty() {
        return None;
    }
    let text = tail.trim().trim_end_matches('.').to_owned();
    let draft = Draft {
        what: What::Set { text },
        reading,
    };
    Some(draft.step(heard))
}

/// Whether a message asks for a reminder of its own, wherever in it the time stands: "in an hour tell me to …" answers
/// no question that waits.
pub(super) fn is_set(heard: &Heard<'_>) -> bool {
    let reading = when::parse(heard.text, heard.time);
    let kept = mended(&reading.kept);
    let sentence = Sentence::read(&kept).bare();
    let words = sentence.plain();
    let found = trigger(&words, heard.language());
    found.is_some_and(|(_, trigger)| {
        let behind = words.get(trigger.from..).unwrap_or_default();
        !behind.iter().all(|word| is_joint(word, heard.language()))
    })
}

fn begin_set(text: &str, heard: &Heard<'_>) -> Option<Step> {
    if let Some(step) = said_that(text, heard) {
        return Some(step);
    }
    let first = when::parse(text, heard.time);
    let kept = mended(&first.kept);
    let sentence = Sentence::read(&kept).bare();
    let words = sentence.plain();
    let (start, trigger) = trigger(&words, heard.language())?;
    // What stands before it must be time alone, or a part of what is to be done.
    let reading = match trigger.lean {
        Lean::None => first,
        lean => when::parse(text, &heard.time.clone().leaning(lean)),
    };
    let reading = match (&reading.need, trigger.is_timer) {
        (Some(Need::Length(length)), true) => when::parse(&in_length(length), &english(heard.time)),
        _ => reading,
    };
    let mut from = trigger.from;
    while words
        .get(from)
        .is_some_and(|word| is_joint(word, heard.language()))
    {
        from += 1;
    }
    let behind = sentence.written(from, sentence.len());
    // "can you remind me to buy milk?": the question is whether I can.
    let behind = behind.trim_end_matches(['?', ' ']).to_owned();
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
