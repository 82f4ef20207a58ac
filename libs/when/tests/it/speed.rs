//! No quadratic time: ten times the text takes about ten times as long. `cargo bench -p when` has the figures.

use std::time::{Duration, Instant};

use when::{Context, Locale, parse};

fn shortest(text: &str, context: &Context) -> Duration {
    let runs = (0..5).map(|_| {
        let started = Instant::now();
        std::hint::black_box(parse(text, context));
        started.elapsed()
    });
    runs.min().unwrap_or_default()
}

#[test]
fn time_grows_with_the_text_and_no_faster() {
    let context = Context::new(
        "2026-11-26T13:05:00Z".parse().unwrap(),
        chrono_tz::Europe::Berlin,
        Locale::of("en"),
    );
    for piece in [
        "call mom tomorrow at 5pm and then ",
        "every monday and tuesday and ",
        "9 to 5 to 9 to ",
        "1/2/3/4/",
        "an hour before my flight ",
        "in in in at at at the the ",
        "word and more words ",
        "monday, tuesday, ",
        "1 hour and 2 hours and ",
        "until until except ",
        "mondy tusday wensdy ",
    ] {
        let (short, long) = (piece.repeat(200), piece.repeat(2000));
        // Ten times would be linear, a hundred quadratic: in rules that are tried, which no other program disturbs,
        let (few, many) = (parse(&short, &context).work(), parse(&long, &context).work());
        assert!(many <= few.max(1) * 15, "«{piece}»: {few} tries, then {many}");
        // and in time, once in a few attempts on a busy machine.
        let is_linear = (0..5).any(|_| shortest(&long, &context) < shortest(&short, &context) * 35);
        assert!(is_linear, "«{piece}»");
    }
}
