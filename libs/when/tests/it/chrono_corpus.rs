//! The phrases of a public corpus, where it lies beside the checkout.

use std::path::PathBuf;

use chrono::{NaiveDateTime, TimeZone};
use serde_json::Value as Json;
use when::{Context, Locale, Need, Value, parse};

/// In the folder that `TIME_CORPORA` named when the test was built, as `.ci/run` does where there is one.
fn corpus() -> Option<String> {
    let folder = PathBuf::from(option_env!("TIME_CORPORA").filter(|folder| !folder.is_empty())?);
    Some(std::fs::read_to_string(folder.join("chrono.jsonl")).expect("TIME_CORPORA has chrono.jsonl"))
}

fn time(text: &Json) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text.as_str().unwrap(), "%Y-%m-%dT%H:%M:%S").unwrap()
}

/// The text without its words of time: what a phrase's sentence may keep.
fn is_kept(kept: &str, said: &str, phrase: &str) -> bool {
    let around: String = said.replacen(phrase, " ", 1);
    let words = |text: &str| {
        let words = text
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>()
    };
    let extra = words(&around);
    let kept = words(kept);
    // Whatever stands beside the phrase may stay or go; nothing else may.
    let wanted = words("remind me to call mom");
    let rest: Vec<&String> = kept.iter().filter(|word| !extra.contains(word)).collect();
    wanted.iter().filter(|word| !extra.contains(word)).eq(rest)
}

#[test]
fn the_corpus_is_read_or_asked_about() {
    let Some(text) = corpus() else { return };
    let (mut tried, mut right, mut asked, mut wrong) = (0, 0, 0, Vec::new());
    let mut questions = Vec::new();
    let mut set_otherwise = Vec::new();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let said = case["said"].as_str().unwrap().trim();
        let zone: chrono_tz::Tz = case["zone"].as_str().unwrap().parse().unwrap();
        let now = zone.from_local_datetime(&time(&case["now"])).unwrap().to_utc();
        let context = Context::new(now, zone, Locale::of("en"));
        for sentence in [
            format!("remind me {said} to call mom"),
            format!("remind me to call mom {said}"),
        ] {
            let reading = parse(&sentence, &context);
            let moment = match &reading.value {
                Some(Value::Once(moment)) => Some(moment),
                Some(Value::Every(rule)) => {
                    wrong.push(format!("{sentence}: {rule}"));
                    continue;
                }
                None => None,
            };
            if case["bucket"] != "use" {
                if let Some(moment) = moment {
                    assert!(moment.instant > now, "{sentence}: {} is over", moment.local);
                    set_otherwise.push(format!("{sentence} [{}]: {}", case["bucket"], moment.local));
                }
                continue;
            }
            tried += 1;
            let Some(moment) = moment else {
                // What was not understood at all is no sensible question.
                asked += usize::from(reading.need != Some(Need::Unread));
                questions.push(format!("{sentence}: {:?}", reading.need));
                assert!(reading.need.is_some(), "{sentence}: neither read nor asked about");
                continue;
            };
            let accepted = case["accept"].as_array().unwrap();
            let fits = accepted
                .iter()
                .any(|span| (time(&span[0])..time(&span[1])).contains(&moment.local));
            let phrase = case["phrase"].as_str().unwrap().trim();
            if fits && is_kept(&reading.kept, said, phrase) {
                right += 1;
            } else {
                wrong.push(format!(
                    "{sentence}: {} «{}», wanted {}",
                    moment.local, reading.kept, case["accept"]
                ));
            }
        }
    }
    println!(
        "{tried} tried, {right} right, {asked} asked, {} wrong",
        wrong.len()
    );
    println!("asked:\n{}", questions.join("\n"));
    println!("set, though not scored:\n{}", set_otherwise.join("\n"));
    assert!(tried > 200, "{tried} phrases of the corpus");
    assert!(
        wrong.len() * 1000 <= tried * 3,
        "{} wrong of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        (right + asked) * 100 >= tried * 97,
        "{right} right and {asked} asked of {tried}"
    );
}
