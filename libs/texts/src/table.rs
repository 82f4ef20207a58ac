//! All texts in all languages, side by side, for a person to read.

use crate::{Language, Text};

/// Each text with its name, a line for each language, and again where another number has other words. Texts whose names
/// do not contain `part` are left out.
pub fn table(part: &str) -> String {
    let mut table = String::new();
    for samples in Text::samples() {
        let [text, ..] = &samples;
        if !text.id().contains(part) {
            continue;
        }
        table.push_str(&format!("{}\n", text.id()));
        for language in Language::ALL {
            let mut said: Vec<String> = samples.iter().map(|text| language.say(text)).collect();
            said.dedup();
            for words in said {
                let words = words.replace('\n', "\n        ");
                table.push_str(&format!("    {}  {words}\n", language.code()));
            }
        }
        table.push('\n');
    }
    table
}
