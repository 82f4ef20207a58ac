//! The formatting parsers against what TDLib's `parseTextEntities` answers for the same inputs.
//!
//! `tdlib_entities.json` was recorded from TDLib 1.8.69: its inputs are hand-picked cases and random compositions.

use fakes::telegram::{parse_html, parse_markdown_v2};
use serde_json::{Value, json};

#[test]
fn texts_are_parsed_and_refused_as_tdlib_does() {
    let table: Vec<Value> = serde_json::from_str(include_str!("tdlib_entities.json")).unwrap();
    let differing: Vec<String> = table.iter().filter_map(difference).collect();
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        table.len(),
        differing.join("\n")
    );
}

/// What the fake makes of a row, where that is not what TDLib made of it.
fn difference(row: &Value) -> Option<String> {
    let input = row["input"].as_str().unwrap();
    let parsed = if row["mode"] == "html" {
        parse_html(input)
    } else {
        parse_markdown_v2(input)
    };
    let ours = match parsed {
        Err(error) => json!({ "error": error }),
        Ok(formatted) => {
            let mut entities = json!(formatted.entities);
            for entity in entities.as_array_mut().unwrap() {
                if entity["type"] == "text_mention" {
                    entity["user"] = entity["user"]["id"].clone();
                }
            }
            json!({ "text": formatted.text, "entities": entities })
        }
    };
    let mut theirs = row.clone();
    let fields = theirs.as_object_mut().unwrap();
    fields.remove("mode");
    fields.remove("input");
    (ours != theirs).then(|| format!("{input:?} ({})\n  ours   {ours}\n  theirs {theirs}", row["mode"]))
}
