//! How long a sentence of 200 characters and a text of 100 KB take: `cargo bench -p when`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::time::Instant;

use when::{Context, Locale, parse};

const SENTENCE: &str = "remind me every other friday at quarter past three in the afternoon until the end of june to send \
the weekly report about the first half of the year to everybody in the team, and to call bob about it to";

fn main() {
    let context = Context::new(
        "2026-11-26T13:05:00Z".parse().unwrap(),
        chrono_tz::Europe::Berlin,
        Locale::of("en"),
    );
    let sentence: String = SENTENCE.chars().take(200).collect();
    std::hint::black_box(parse(&sentence, &context));
    let mut times: Vec<_> = (0..2000)
        .map(|_| {
            let started = Instant::now();
            std::hint::black_box(parse(&sentence, &context));
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "{} characters: fastest {:?}, median {:?}, 99 % {:?}",
        sentence.chars().count(),
        times[0],
        times[1000],
        times[1980]
    );
    let text = format!("{sentence} ").repeat(100 * 1024 / (sentence.len() + 1));
    let plain = "the quick brown fox jumps over the lazy dog and runs away ".repeat(1750);
    for (name, text) in [("of such sentences", text), ("of plain words", plain)] {
        let mut times: Vec<_> = (0..20)
            .map(|_| {
                let started = Instant::now();
                std::hint::black_box(parse(&text, &context));
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{} KB {name}: fastest {:?}, median {:?}",
            text.len() / 1024,
            times[0],
            times[10]
        );
    }
}
