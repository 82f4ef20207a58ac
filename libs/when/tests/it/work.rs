//! How much work a sentence takes, counted in rules that are tried: it grows with the sentence, and it ends.

use when::{Context, Locale, Need, parse};

fn context(locale: &str) -> Context {
    let now = "2026-11-26T13:05:00Z".parse().unwrap();
    Context::new(now, chrono_tz::Europe::Berlin, Locale::of(locale))
}

/// The most that any sentence may take: what `parser::Work` allows, with a token for each byte, and a rule that was
/// being tried in each of two languages.
fn most(text: &str) -> u32 {
    20_001 + 300 * u32::try_from(text.len()).unwrap()
}

#[test]
fn ordinary_sentences_take_a_fraction_of_what_they_may() {
    for (locale, file) in crate::fuzz::FILES {
        for text in file
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split('\t').next())
        {
            let work = parse(text, &context(locale)).work();
            assert!(work < 8_000, "{work}: {text}");
        }
    }
}

#[test]
fn what_nests_takes_bounded_work() {
    let pieces = [
        "an hour before ",
        "a day after the day before ",
        "from 9 to 5 until ",
        "an hour before my flight at ",
        "the same time ",
        "9 to 5 to 9 to ",
        "every day starting every day until ",
        "monday to friday until monday to ",
        "between 1 and 2 and ",
        "1 2 3 4 5 ",
        "1-2-3-",
        "the first monday after the second tuesday before ",
        "two weeks from monday in two weeks on ",
    ];
    for piece in pieces {
        for times in [1, 3, 10, 30] {
            let text = format!("remind me {}noon", piece.repeat(times));
            let work = parse(&text, &context("en")).work();
            assert!(work <= most(&text), "{work}: {text}");
        }
    }
}

#[test]
fn what_would_take_too_much_is_asked_about() {
    // Each piece alone is read; so many of them, nested, are more than may be tried.
    let text = "an hour before my flight at ".repeat(60);
    let reading = parse(&text, &context("en"));
    assert!(reading.work() <= most(&text), "{}", reading.work());
    assert!(reading.value.is_none());
    assert!(
        matches!(reading.need, Some(Need::Unread | Need::Anchor | Need::When)),
        "{:?}",
        reading.need
    );
}
