//! The formatter on whatever comes: documents of all shapes, cut, spliced and sprinkled at random. It never panics, takes
//! no time to speak of, and what it makes is what Telegram takes.
//!
//! An hour: `TEST_FUZZ_SECONDS=3600 cargo test -p tg_bot --test it -- --nocapture fuzz`.

use std::time::{Duration, Instant};

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

/// How long one document may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

struct Random(u64);

impl Random {
    /// Below `end` (xorshift).
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end.max(1)
    }

    fn border(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

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
    let seed = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .subsec_nanos();
    let mut random = Random(u64::from(seed) | 1);
    let (begun, time) = (Instant::now(), test_support::fuzz_time());
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
        assert!(took < PATIENCE, "{took:?}: {text:?}");
        slowest = slowest.max(took);
        executions += 1;
    }
    println!(
        "{executions} executions in {:.0?}, the slowest {slowest:?}",
        begun.elapsed()
    );
}
