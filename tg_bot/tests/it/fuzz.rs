//! The formatter on whatever comes: documents of all shapes, cut, spliced and sprinkled at random. It never panics, takes
//! no time to speak of, and what it makes is what Telegram takes.
//!
//! An hour: `TEST_FUZZ_SECONDS=3600 cargo test -p tg_bot --test it -- --nocapture fuzz`. What fails says its seed, and
//! `TEST_FUZZ_SEED` begins with it.

use std::time::{Duration, Instant};

use test_support::Random;

use crate::{judged, split::check};

/// What is sprinkled in.
const TOKENS: [&str; 64] = [
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```",
    "```rust\n",
    "~~~",
    "# ",
    "## ",
    "> ",
    "> [!NOTE]\n",
    "- ",
    "+ ",
    "1. ",
    "- [ ] ",
    "| ",
    "|---|\n",
    "||",
    "[",
    "]",
    "](",
    "](https://a.example)",
    "![",
    "[^1]",
    "[^1]: ",
    "<",
    ">",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
    "<br>",
    "<sub>",
    "</sub>",
    "<pre>",
    "</pre>",
    "<a href=\"https://a.example\">",
    "</a>",
    "<ul>",
    "<li>",
    "</li>",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\frac{",
    "}",
    "^{",
    "\\begin{align}",
    "\\end{align}",
    "main.rs",
    "\\|",
    "**「",
    "」**",
];

const CHARACTERS: [char; 24] = [
    '\n',
    '\n',
    ' ',
    '\t',
    '\r',
    '\0',
    'a',
    'é',
    'я',
    '漢',
    '\u{301}',
    '\u{200d}',
    '\u{200b}',
    '👩',
    '🇩',
    '𝄞',
    '\u{2e31}',
    '\u{f0000}',
    '\u{2028}',
    '\\',
    '&',
    '!',
    '.',
    '\u{feff}',
];

/// The longest document that is mutated, in bytes: the worst of the formatter is not linear.
const LONGEST: usize = 6_000;

/// How long the short form takes.
const SHORT_FORM: Duration = Duration::from_secs(2);

/// How long one document may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

fn mutate(random: &mut Random, documents: &[String]) -> String {
    let mut text = documents[random.below(documents.len())].clone();
    for _ in 0..=random.below(12) {
        let at = random.border(&text);
        match random.below(6) {
            0 => text.insert(at, CHARACTERS[random.below(CHARACTERS.len())]),
            1 => {
                let (from, to) = (at, random.border(&text));
                text.replace_range(from.min(to)..from.max(to), "");
            }
            2 => {
                let other = &documents[random.below(documents.len())];
                let from = random.border(other);
                text.insert_str(at, &other[from..]);
            }
            3 => {
                let times = 1 + random.below(40);
                text.insert_str(at, &TOKENS[random.below(TOKENS.len())].repeat(times));
            }
            _ => text.insert_str(at, TOKENS[random.below(TOKENS.len())]),
        }
        if text.len() > LONGEST {
            let mut end = LONGEST;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
    }
    text
}

#[test]
fn whatever_comes_becomes_messages_that_telegram_takes() {
    let mut documents = judged::documents();
    documents.retain(|document| document.len() <= LONGEST);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let seed = test_support::fuzz_seed().unwrap_or(now.subsec_nanos().into());
    let mut random = Random::new(seed);
    let (begun, time) = (Instant::now(), test_support::fuzz_time().unwrap_or(SHORT_FORM));
    let (mut executions, mut slowest) = (0_u64, Duration::ZERO);
    while begun.elapsed() < time {
        let text = mutate(&mut random, &documents);
        let started = Instant::now();
        let made = std::panic::catch_unwind(|| {
            let parts = tg_bot::outgoing::messages(&judged::reply(&text));
            parts.iter().for_each(check);
        });
        assert!(made.is_ok(), "seed {seed}, after {executions}: {text:?}");
        let took = started.elapsed();
        assert!(
            took < PATIENCE,
            "{took:?}: seed {seed}, after {executions}: {text:?}"
        );
        slowest = slowest.max(took);
        executions += 1;
    }
    println!(
        "{executions} executions in {:.0?} from seed {seed}, the slowest {slowest:?}",
        begun.elapsed()
    );
}
