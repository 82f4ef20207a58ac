//! Sentences of the corpora, broken and joined at random: each is read without a panic, soundly, and in bounded time.
//!
//! `WHEN_FUZZ_SECONDS=3600 cargo test -p when --release --test it -- fuzz --nocapture` is the long form: it goes on for as
//! long as that says, and tells how many sentences it has read. `WHEN_FUZZ_SEED` begins elsewhere.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use when::{Context, Lean, Locale, Need, Value, answer, parse};

use crate::properties::is_sound;

/// How many sentences the short form reads.
const SHORT_FORM: u64 = 3000;

/// The longest sentence, in bytes: memory stays bounded.
const LONGEST: usize = 4096;

/// No sentence of at most [`LONGEST`] bytes may take longer, on however busy a machine: it is a hundred times what
/// they take.
const SLOWEST: Duration = Duration::from_secs(5);

pub(crate) const FILES: [(&str, &str); 5] = [
    ("en-GB", include_str!("../data/everyday.tsv")),
    ("en-US", include_str!("../data/recurrences.tsv")),
    ("de", include_str!("../data/german.tsv")),
    ("es", include_str!("../data/spanish.tsv")),
    ("ru", include_str!("../data/russian.tsv")),
];

/// What is put into sentences to disturb them.
const ODD: [&str; 40] = [
    " ",
    "  ",
    "\n",
    "\t",
    "-",
    "–",
    ",",
    ".",
    "/",
    ":",
    "'",
    "’",
    "½",
    "0",
    "00",
    "1",
    "12",
    "29",
    "31",
    "32",
    "99",
    "1999",
    "2027",
    "9999",
    "10000",
    "4294967296",
    "18446744073709551616",
    "ё",
    "🦀",
    "İ",
    "ß",
    "e\u{301}",
    "\u{200b}",
    "T",
    "Z",
    "+",
    "@",
    "every",
    "until",
    "before",
];

/// A small generator (splitmix64): the same seed gives the same sentences.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// A border between two characters.
fn border(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn changed(text: &mut String, others: &[&str], random: &mut Random) {
    let (one, other) = (border(text, random), border(text, random));
    let (from, to) = (one.min(other), one.max(other));
    match random.below(9) {
        0 => text.replace_range(from..to, ""),
        1 => {
            let piece = text[from..to].to_owned();
            text.insert_str(from, &piece);
        }
        2 => text.insert_str(from, random.one(&ODD)),
        3 => {
            // Another sentence's words, from a space to its end.
            let sentence = random.one(others);
            let at = sentence.match_indices(' ').map(|(at, _)| at).collect::<Vec<_>>();
            let at = if at.is_empty() { 0 } else { random.one(&at) };
            text.insert_str(from, &sentence[at..]);
        }
        4 => text.push_str(random.one(&ODD)),
        5 => {
            let mut words: Vec<&str> = text.split(' ').collect();
            let (a, b) = (random.below(words.len()), random.below(words.len()));
            words.swap(a, b);
            *text = words.join(" ");
        }
        6 => *text = text.to_uppercase(),
        7 => {
            if let Some(letter) = char::from_u32(u32::try_from(random.next() % 0x1_1000).unwrap()) {
                text.insert(from, letter);
            }
        }
        _ => {
            let times = 1 + random.below(40);
            let piece = text[from..to].repeat(times);
            text.push_str(&piece);
        }
    }
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

fn some_context(locale: &str, random: &mut Random) -> Context {
    let zone = random.one(&chrono_tz::TZ_VARIANTS);
    // From 1990 to 2090.
    let seconds = 631_152_000 + i64::try_from(random.next() % 3_155_760_000).unwrap();
    let now = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    let lean = random.one(&[Lean::None, Lean::Morning, Lean::Evening]);
    Context::new(now, zone, Locale::of(locale)).leaning(lean)
}

/// Reads one sentence and answers it, as a conversation would.
fn read(text: &str, replies: &[&str], context: &Context) {
    let mut reading = parse(text, context);
    is_sound(text, &reading);
    let most = 20_001 + 300 * u32::try_from(text.len()).expect("few bytes");
    assert!(reading.work() <= most, "{text:?}: {} tries", reading.work());
    for reply in replies {
        if let Some(Value::Once(moment)) = &reading.value {
            assert!(moment.instant > context.now, "{text:?}: {} is over", moment.local);
        }
        if let Some(Need::Which(choices)) = &reading.need {
            assert!(choices.len() > 1, "{text:?}: a choice of {choices:?}");
        }
        match answer(&reading, reply, context) {
            Some(next) => {
                assert!(
                    next.value.is_none() || next.need.is_none(),
                    "{text:?} + {reply:?}"
                );
                reading = next;
            }
            None => return,
        }
    }
}

#[test]
fn broken_sentences_are_read_soundly() {
    let number = |text: Option<&str>| text.map(|text| text.parse::<u64>().expect("a number"));
    let seconds = number(option_env!("WHEN_FUZZ_SECONDS"));
    let seed = number(option_env!("WHEN_FUZZ_SEED")).unwrap_or(14);
    let limit = seconds.map(Duration::from_secs);
    let sentences: Vec<(&str, &str)> = FILES
        .iter()
        .flat_map(|(locale, file)| {
            file.lines()
                .filter(|line| !line.starts_with('#'))
                .filter_map(|line| Some((*locale, line.split('\t').next()?)))
        })
        .collect();
    let texts: Vec<&str> = sentences.iter().map(|(_, text)| *text).collect();
    let begun = Instant::now();
    let mut random = Random(seed);
    let (mut count, mut slowest) = (0_u64, (Duration::ZERO, String::new()));
    while limit.map_or(count < SHORT_FORM, |limit| begun.elapsed() < limit) {
        let (locale, sentence) = random.one(&sentences);
        let mut text = sentence.to_owned();
        for _ in 0..=random.below(6) {
            changed(&mut text, &texts, &mut random);
        }
        let context = some_context(locale, &mut random);
        let replies = [random.one(&texts), random.one(&texts)];
        let started = Instant::now();
        read(&text, &replies, &context);
        let took = started.elapsed();
        assert!(took < SLOWEST, "{took:?}: {text:?}");
        if took > slowest.0 {
            slowest = (took, text);
        }
        count += 1;
    }
    if limit.is_some() {
        let mut out = std::io::stderr();
        writeln!(
            out,
            "{count} sentences in {:?} from seed {seed}; the slowest took {:?}, of {} bytes",
            begun.elapsed(),
            slowest.0,
            slowest.1.len()
        )
        .unwrap();
    }
}
