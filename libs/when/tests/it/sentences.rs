//! Sentences as data: each line of `tests/data/*.tsv` is a sentence, what is kept of it, and its value or question.
//!
//! `# now=2026-11-26T14:05 zone=Europe/Berlin locale=en-GB` sets what the lines below are read against. The third
//! column is a [`when::Value`] or, behind `?`, a [`when::Need`], as they are displayed; `-` is a sentence that says
//! nothing of time.

use std::fmt::Write;
use std::path::PathBuf;

use chrono::{NaiveDateTime, TimeZone};
use when::{Context, Locale, Reading, parse};

/// What the lines of a file are read against.
pub(crate) fn context(line: &str) -> Context {
    let field = |name: &str| {
        line.split_whitespace()
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
            .unwrap_or_else(|| panic!("{line}: no {name}"))
    };
    let zone: chrono_tz::Tz = field("zone").parse().unwrap();
    let now = NaiveDateTime::parse_from_str(field("now"), "%Y-%m-%dT%H:%M").unwrap();
    let now = zone.from_local_datetime(&now).unwrap().to_utc();
    Context::new(now, zone, Locale::of(field("locale")))
}

/// A reading as the files write it.
pub(crate) fn shown(reading: &Reading) -> String {
    match (&reading.value, &reading.need) {
        (Some(value), None) => value.to_string(),
        (None, Some(need)) => format!("?{need}"),
        (None, None) => "-".to_owned(),
        (Some(_), Some(_)) => panic!("a value and a question"),
    }
}

fn all_hold(file: &str, least: usize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(file);
    hold(&std::fs::read_to_string(path).unwrap(), least);
}

fn hold(text: &str, least: usize) {
    let mut context: Option<Context> = None;
    let mut count = 0;
    let mut wrong = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(header) = line.strip_prefix('#') {
            if header.contains("now=") {
                context = Some(self::context(header));
            }
            continue;
        }
        let context = context.as_ref().expect("a header before the first sentence");
        let [sentence, kept, value] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        count += 1;
        let reading = parse(sentence, context);
        let shown = shown(&reading);
        if shown != value || reading.kept != kept {
            writeln!(
                wrong,
                "{sentence}\n    wanted {value} «{kept}»\n    read   {shown} «{}»",
                reading.kept
            )
            .unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "\n{wrong}\n{} lines wrong of {count}",
        wrong.lines().count() / 3
    );
    assert!(count >= least, "{count} sentences, {least} are wanted");
}

#[test]
fn everyday_sentences() {
    all_hold("everyday.tsv", 1000);
}

#[test]
fn recurrences() {
    all_hold("recurrences.tsv", 300);
}

#[test]
fn shapes_that_collections_of_time_expressions_have() {
    all_hold("shapes.tsv", 900);
}

#[test]
fn german() {
    all_hold("german.tsv", 150);
}

#[test]
fn spanish() {
    all_hold("spanish.tsv", 150);
}

#[test]
fn russian() {
    all_hold("russian.tsv", 150);
}
