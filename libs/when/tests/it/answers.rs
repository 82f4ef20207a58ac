//! Questions and answers: what was said before is kept through any number of steps.

use when::{Context, Lean, Locale, Need, Reading, answer, parse};

use crate::sentences::shown;

/// A Thursday, 14:05 in Berlin.
fn context(locale: &str) -> Context {
    let now = "2026-11-26T13:05:00Z".parse().unwrap();
    Context::new(now, chrono_tz::Europe::Berlin, Locale::of(locale))
}

/// The reading after each answer, as it is shown.
fn dialogue(locale: &str, said: &str, answers: &[&str]) -> Vec<String> {
    let context = context(locale);
    let mut reading: Reading = parse(said, &context);
    let mut steps = vec![shown(&reading)];
    for one in answers {
        match answer(&reading, one, &context) {
            Some(next) => {
                assert_eq!(next.kept, reading.kept, "the text stays");
                steps.push(shown(&next));
                reading = next;
            }
            None => steps.push("no answer".to_owned()),
        }
    }
    steps
}

fn steps(said: &str, answers: &[&str]) -> Vec<String> {
    dialogue("en-GB", said, answers)
}

#[test]
fn an_hour_completes_a_day() {
    for (said, wanted) in [
        ("9", "2026-12-18T09:00"),
        ("at 9", "2026-12-18T09:00"),
        ("9:30", "2026-12-18T09:30"),
        ("nine thirty", "2026-12-18T09:30"),
        ("half past nine", "2026-12-18T09:30"),
        ("18", "2026-12-18T18:00"),
        ("6pm please", "2026-12-18T18:00"),
        ("noon", "2026-12-18T12:00"),
        ("in the evening", "2026-12-18T19:00"),
        ("morning", "2026-12-18T09:00"),
        ("8 in the evening", "2026-12-18T20:00"),
        ("at 9am london time", "2026-12-18T09:00 Europe/London"),
    ] {
        assert_eq!(
            steps("on 18 december call mom", &[said]),
            ["?time", wanted],
            "{said}"
        );
    }
}

#[test]
fn a_bare_hour_is_settled_by_a_word() {
    for (said, wanted) in [
        ("pm", "2026-11-27T19:00"),
        ("am", "2026-11-27T07:00"),
        ("evening", "2026-11-27T19:00"),
        ("in the morning", "2026-11-27T07:00"),
        ("7pm", "2026-11-27T19:00"),
        ("19:00", "2026-11-27T19:00"),
        ("at 8 in the morning", "2026-11-27T08:00"),
    ] {
        assert_eq!(
            steps("call mom tomorrow at 7", &[said]),
            ["?ampm 07:00 19:00", wanted],
            "{said}"
        );
    }
}

#[test]
fn two_steps_keep_what_was_said() {
    assert_eq!(
        steps("call mom tomorrow", &["at 8", "pm"]),
        ["?time", "?ampm 08:00 20:00", "2026-11-27T20:00"]
    );
    assert_eq!(
        steps("call mom next week", &["tuesday", "10am"]),
        ["?day", "?time", "2026-12-01T10:00"]
    );
    assert_eq!(
        steps("call mom next week at 10am", &["on tuesday"]),
        ["?day", "2026-12-01T10:00"]
    );
    assert_eq!(
        steps("call mom next week", &["tuesday at 10am"]),
        ["?day", "2026-12-01T10:00"]
    );
    assert_eq!(
        steps("call mom next month", &["the 5th", "noon"]),
        ["?day", "?time", "2026-12-05T12:00"]
    );
    assert_eq!(
        steps("every week call mom", &["monday", "9am"]),
        ["?day", "?time", "FREQ=WEEKLY;BYDAY=MO @09:00"]
    );
    assert_eq!(
        steps("every week call mom", &["monday and friday at 9am"]),
        ["?day", "FREQ=WEEKLY;BYDAY=MO,FR @09:00"]
    );
    assert_eq!(
        steps("every month call mom", &["15th", "9am"]),
        ["?day", "?time", "FREQ=MONTHLY;BYMONTHDAY=15 @09:00"]
    );
    assert_eq!(
        steps("every day call mom", &["at 9 in the evening"]),
        ["?time", "FREQ=DAILY @21:00"]
    );
}

#[test]
fn one_of_several_days_is_chosen() {
    let asked = "?which 2026-11-27T18:00 2026-12-04T18:00";
    for (said, wanted) in [
        ("tomorrow", "2026-11-27T18:00"),
        ("the first", "2026-11-27T18:00"),
        ("this friday", "2026-11-27T18:00"),
        ("the second one", "2026-12-04T18:00"),
        ("next week", "2026-12-04T18:00"),
        ("the 4th", "2026-12-04T18:00"),
        ("4 december", "2026-12-04T18:00"),
    ] {
        assert_eq!(
            steps("drinks next friday at 6pm", &[said]),
            [asked, wanted],
            "{said}"
        );
    }
}

#[test]
fn the_midnight_that_is_meant_is_chosen() {
    let asked = "?which 2026-11-27T00:00 2026-11-28T00:00";
    assert_eq!(
        steps("pay the fee tomorrow at midnight", &["the first"]),
        [asked, "2026-11-27T00:00"]
    );
    assert_eq!(
        steps("pay the fee tomorrow at midnight", &["saturday"]),
        [asked, "2026-11-28T00:00"]
    );
}

#[test]
fn what_is_over_or_unread_is_said_again() {
    assert_eq!(
        steps("call mom yesterday at 5", &["tomorrow at 5"]),
        ["?past", "2026-11-27T17:00"]
    );
    assert_eq!(
        steps("call mom today at 9am", &["at 3pm"]),
        ["?past", "2026-11-26T15:00"]
    );
    assert_eq!(
        steps("call mom soon", &["in 2 hours"]),
        ["?when", "2026-11-26T16:05"]
    );
    assert_eq!(
        steps("call mom an hour before the meeting", &["at 4pm"]),
        ["?anchor", "2026-11-26T15:00"]
    );
    assert_eq!(
        steps("take a break for 10 minutes", &["at 4pm"]),
        ["?length", "2026-11-26T16:00"]
    );
    assert_eq!(
        steps("until 5pm call bob", &["from 4pm"]),
        ["?start", "2026-11-26T16:00"]
    );
}

#[test]
fn what_says_nothing_of_time_is_no_answer() {
    assert_eq!(
        steps("call mom tomorrow", &["never mind", "9"]),
        ["?time", "no answer", "2026-11-27T09:00"]
    );
    assert_eq!(
        steps("call mom tomorrow", &["what do you mean"]),
        ["?time", "no answer"]
    );
}

#[test]
fn an_answer_may_bring_more_than_was_asked_for() {
    assert_eq!(
        steps("call mom tomorrow", &["on friday at 9am instead"]),
        ["?time", "2026-11-27T09:00"]
    );
    assert_eq!(
        steps("call mom tomorrow", &["next monday at 9am"]),
        ["?time", "2026-11-30T09:00"]
    );
    assert_eq!(
        steps("call mom tomorrow", &["in 2 hours"]),
        ["?time", "2026-11-26T16:05"]
    );
    assert_eq!(steps("call mom", &["9"]), ["-", "no answer"]);
    assert_eq!(
        steps("call mom every day", &["9am and 9pm"]),
        ["?time", "FREQ=DAILY @09:00,21:00"]
    );
    assert_eq!(
        steps("call mom twice a day", &["at 9am and 9pm"]),
        ["?time", "FREQ=DAILY @09:00,21:00"]
    );
    assert_eq!(
        steps("call mom on monday", &["every monday at 9am"]),
        ["?time", "FREQ=WEEKLY;BYDAY=MO @09:00"]
    );
    assert_eq!(
        steps("call mom at 9 and then dad", &["tomorrow"]),
        ["?ampm 09:00 21:00", "2026-11-27T09:00"]
    );
    assert_eq!(
        steps("timer 10 minutes", &["now"]),
        ["?length", "2026-11-26T14:15"]
    );
    assert_eq!(steps("call mom on 3/4", &["9am"]), ["?time", "2027-04-03T09:00"]);
    assert_eq!(
        dialogue("en", "call mom on 3/4 at 9am", &["in april"]),
        ["?which 2027-03-04T09:00 2027-04-03T09:00", "2027-04-03T09:00"]
    );
}

#[test]
fn other_languages_answer_too() {
    assert_eq!(
        dialogue("de", "morgen Mama anrufen", &["um 9"]),
        ["?time", "2026-11-27T09:00"]
    );
    assert_eq!(
        dialogue("es", "mañana llamar a mamá", &["a las 9"]),
        ["?time", "2026-11-27T09:00"]
    );
    assert_eq!(
        dialogue("ru", "завтра позвонить маме", &["в 9 утра"]),
        ["?time", "2026-11-27T09:00"]
    );
    assert_eq!(
        dialogue("de", "morgen Mama anrufen", &["9am"]),
        ["?time", "2026-11-27T09:00"]
    );
}

#[test]
fn a_command_may_lean_to_a_half_of_the_day() {
    let morning = context("en").leaning(Lean::Morning);
    assert_eq!(shown(&parse("wake me at 7", &morning)), "2026-11-27T07:00");
    assert_eq!(
        shown(&parse("wake me tomorrow at 7", &morning)),
        "2026-11-27T07:00"
    );
    assert_eq!(shown(&parse("wake me at 7pm", &morning)), "2026-11-26T19:00");
    let mut hour = context("en");
    hour.day_hour = chrono::NaiveTime::from_hms_opt(9, 0, 0);
    assert_eq!(shown(&parse("call mom tomorrow", &hour)), "2026-11-27T09:00");
    assert_eq!(parse("call mom", &hour).need, None::<Need>);
}
