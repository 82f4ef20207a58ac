//! What holds for any text, and for sentences that are put together at random. `PROPTEST_CASES=1000000 cargo test -p
//! when --release --test it -- properties` is the long form: it runs for as many cases as that says.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use proptest::prelude::*;
use when::{Context, Locale, Need, Reading, Value, answer, parse};

const FILES: [&str; 5] = [
    include_str!("../data/everyday.tsv"),
    include_str!("../data/recurrences.tsv"),
    include_str!("../data/german.tsv"),
    include_str!("../data/spanish.tsv"),
    include_str!("../data/russian.tsv"),
];

fn context(locale: &str) -> Context {
    // A Thursday.
    Context::new(
        "2026-11-26T13:05:00Z".parse().unwrap(),
        chrono_tz::Europe::Berlin,
        Locale::of(locale),
    )
}

/// All words of the sentences that have values, and some that are there to disturb.
fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> = FILES
        .iter()
        .flat_map(|file| file.lines().filter(|line| !line.starts_with('#')))
        .flat_map(|line| line.split('\t').next().unwrap_or_default().split(' '))
        .chain([
            "-",
            "–",
            ",",
            ".",
            "/",
            ":",
            "1",
            "12",
            "99",
            "2027",
            "999999999",
            "0",
            "'s",
            "’",
            "(",
            ")",
            "½",
            "\n",
            "ё",
            "🦀",
            "İ",
            "ß",
            "T",
            "+",
            "@",
        ])
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn some_text() -> impl Strategy<Value = String> {
    let of_words = prop::collection::vec(
        (
            prop::sample::select(words()),
            prop::sample::select(vec![" ", " ", " ", "", "  "]),
        ),
        0..24,
    )
    .prop_map(|words| {
        words
            .into_iter()
            .map(|(word, gap)| format!("{word}{gap}"))
            .collect()
    });
    prop_oneof![4 => of_words, 1 => any::<String>(), 1 => "[0-9a-z:/.,' -]{0,40}"]
}

/// The letters and digits of a text.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// What must hold for each reading of each text.
pub(crate) fn is_sound(text: &str, reading: &Reading) {
    let mut rest = String::new();
    let mut from = 0;
    for span in &reading.spans {
        assert!(
            span.start >= from && span.end > span.start,
            "{text}: {:?}",
            reading.spans
        );
        rest.push_str(&text[from..span.start]);
        from = span.end;
    }
    rest.push_str(&text[from..]);
    // The removed spans and the kept text are the input: nothing else was lost, nothing was made up.
    assert_eq!(letters(&rest), letters(&reading.kept), "{text}");
    assert!(
        reading.value.is_none() || reading.need.is_none(),
        "{text}: {reading:?}"
    );
    for span in &reading.unread {
        assert!(text.get(span.clone()).is_some(), "{text}: {:?}", reading.unread);
    }
    if let Some(event) = &reading.event {
        assert!(text.get(event.clone()).is_some(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_soundly(text in some_text(), locale in prop::sample::select(vec!["en", "en-GB", "de", "es", "ru"]), replies in prop::collection::vec(some_text(), 0..3)) {
        let context = context(locale);
        let mut reading = parse(&text, &context);
        is_sound(&text, &reading);
        if let Some(Value::Once(moment)) = &reading.value {
            prop_assert!(moment.instant > context.now, "{}: {} is over", text, moment.local);
        }
        for reply in &replies {
            if let Some(next) = answer(&reading, reply, &context) {
                prop_assert!(next.value.is_none() || next.need.is_none());
                prop_assert_eq!(&next.kept, &reading.kept);
                if let Some(Value::Once(moment)) = &next.value {
                    prop_assert!(moment.instant > context.now, "{} + {}: {} is over", text, reply, moment.local);
                }
                reading = next;
            }
        }
    }

    #[test]
    fn what_is_set_leaves_no_words_of_time_in_the_text(
        (said, _) in day(),
        (hour, _) in time(),
        text in subject(),
        shape in 0..6_usize,
    ) {
        let sentence = match shape {
            0 => format!("remind me {said} {hour} to {text}"),
            1 => format!("remind me to {text} {said} {hour}"),
            2 => format!("{said} {hour} {text}"),
            3 => format!("remind me {hour} {said} to {text}"),
            4 => format!("{said} remind me to {text} {hour}"),
            _ => format!("remind me {hour} to {text} {said}"),
        };
        let context = context("en-GB");
        let reading = parse(&sentence, &context);
        if reading.value.is_some() {
            prop_assert!(parse(&reading.kept, &context).is_nothing(), "{}: «{}» is left", sentence, reading.kept);
            prop_assert_eq!(letters(&reading.kept).replace("remindmeto", ""), letters(text));
        } else {
            prop_assert!(reading.need.is_some(), "{}", sentence);
        }
    }

    #[test]
    fn a_day_and_an_hour_are_set_as_said((said, date) in day(), (hour, at) in time(), text in subject(), first in any::<bool>()) {
        let sentence = if first { format!("remind me to {text} {said} {hour}") } else { format!("remind me to {text} {hour} {said}") };
        let context = context("en-GB");
        match &parse(&sentence, &context).value {
            Some(Value::Once(moment)) => prop_assert_eq!(moment.local, date.and_time(at), "{}", sentence),
            other => prop_assert!(false, "{}: {:?}", sentence, other),
        }
    }

    #[test]
    fn two_days_are_never_one((one, first) in day(), (other, second) in day(), (hour, _) in time(), text in subject()) {
        // "on saturday on 11 september" is one day when that is a Saturday.
        if first == second || first.weekday() == second.weekday() {
            return Ok(());
        }
        let context = context("en-GB");
        for sentence in [format!("remind me {one} to {text} {other} {hour}"), format!("remind me {one} {hour} to {text} {other}"), format!("{text} {one} {other} {hour}")] {
            let reading = parse(&sentence, &context);
            prop_assert!(reading.value.is_none(), "{}: {:?}", sentence, reading.value);
            prop_assert!(reading.need.is_some());
        }
    }

    #[test]
    fn what_nobody_understands_beside_a_time_is_asked_about((said, _) in day(), (hour, _) in time(), odd in prop::sample::select(vec!["until", "except sunday", "and 5", "- 17", "30", "every", "twice", "25:00", "ago"]), text in subject()) {
        let context = context("en-GB");
        let sentence = format!("remind me to {text} {said} {hour} {odd}");
        let reading = parse(&sentence, &context);
        // "from 9 - 17" is a range with an end, and as good.
        if let Some(Value::Once(moment)) = &reading.value {
            prop_assert!(moment.end.is_some(), "{}: {} «{}»", sentence, moment.local, reading.kept);
        }
    }

    #[test]
    fn elapsed_time_is_exact(count in 1_i64..600, unit in prop::sample::select(vec![("minutes", 60), ("min", 60), ("hours", 3600), ("seconds", 1), ("h", 3600)]), front in any::<bool>()) {
        let context = context("en");
        let (name, seconds) = unit;
        let sentence = if front { format!("in {count} {name} call mom") } else { format!("call mom in {count} {name}") };
        match parse(&sentence, &context).value {
            Some(Value::Once(moment)) => {
                prop_assert_eq!(moment.instant, context.now + TimeDelta::seconds(count * seconds), "{}", sentence);
                prop_assert!(moment.is_elapsed);
            }
            other => prop_assert!(false, "{}: {:?}", sentence, other),
        }
    }

    #[test]
    fn an_answer_with_an_hour_completes_a_day((said, date) in day(), (hour, at) in time(), text in subject()) {
        let context = context("en-GB");
        let asked = parse(&format!("remind me {said} to {text}"), &context);
        prop_assert_eq!(&asked.need, &Some(Need::TimeOfDay), "{}", said);
        let answered = answer(&asked, &hour, &context).unwrap();
        match &answered.value {
            Some(Value::Once(moment)) => prop_assert_eq!(moment.local, date.and_time(at), "{} + {}", said, hour),
            other => prop_assert!(false, "{} + {}: {:?}", said, hour, other),
        }
    }
}

fn subject() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "call mom",
        "buy milk",
        "water the plants",
        "pay the rent",
        "send bob the slides",
        "feed the cat",
        "go home",
    ])
}

/// A day in words, and its date: from tomorrow on, unambiguous on the Thursday of `context`.
fn day() -> impl Strategy<Value = (String, NaiveDate)> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
    let dated = (1_i64..300, 0..6_usize).prop_map(move |(ahead, shape)| {
        let date = today + TimeDelta::days(ahead);
        let (day, month, year) = (date.day(), date.format("%B").to_string(), date.year());
        let ordinal = match day {
            1 | 21 | 31 => "st",
            2 | 22 => "nd",
            3 | 23 => "rd",
            _ => "th",
        };
        let said = match shape {
            0 => format!("on {day} {month}"),
            1 => format!("on {month} {day}{ordinal}"),
            2 => format!("on the {day}{ordinal} of {month}"),
            3 => format!("on {day} {month} {year}"),
            4 => date.format("on %Y-%m-%d").to_string(),
            _ => date.format("on %d/%m/%Y").to_string(),
        };
        (said, date)
    });
    let named = (1_i64..7, any::<bool>()).prop_map(move |(ahead, is_this)| {
        let date = today + TimeDelta::days(ahead);
        let name = match date.weekday() {
            Weekday::Mon => "monday",
            Weekday::Tue => "tuesday",
            Weekday::Wed => "wednesday",
            Weekday::Thu => "thursday",
            Weekday::Fri => "friday",
            Weekday::Sat => "saturday",
            Weekday::Sun => "sunday",
        };
        (
            if is_this {
                format!("this {name}")
            } else {
                format!("on {name}")
            },
            date,
        )
    });
    let plain = prop::sample::select(vec![("tomorrow", 1), ("the day after tomorrow", 2)])
        .prop_map(move |(said, ahead)| (said.to_owned(), today + TimeDelta::days(ahead)));
    prop_oneof![3 => dated, 2 => named, 1 => plain]
}

/// An hour in words, and its time.
fn time() -> impl Strategy<Value = (String, NaiveTime)> {
    (
        0_u32..24,
        prop::sample::select(vec![0_u32, 5, 15, 30, 45, 59]),
        0..6_usize,
    )
        .prop_map(|(hour, minute, shape)| {
            let at = NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
            let (twelve, half) = (
                if hour % 12 == 0 { 12 } else { hour % 12 },
                if hour < 12 { "am" } else { "pm" },
            );
            let said = match shape {
                0 => format!("at {hour:02}:{minute:02}"),
                1 => format!("at {twelve}:{minute:02}{half}"),
                2 => format!("at {twelve}.{minute:02} {half}"),
                3 if minute == 0 => format!("at {twelve}{half}"),
                4 if minute == 15 => format!("at quarter past {twelve}{half}"),
                5 if minute == 30 => format!("at half past {twelve} {half}"),
                _ => format!("at {twelve}:{minute:02} {half}"),
            };
            // An hour from 10 to 12 with no am or pm is open.
            let said = if shape == 0 && (10..=12).contains(&hour) {
                format!("at {twelve}:{minute:02} {half}")
            } else {
                said
            };
            (said, at)
        })
}
