//! Names of files that Telegram would take for web addresses: `.md`, `.rs` and `.py` are top-level domains. Pure.

use std::ops::Range;

/// Endings of files that Telegram knows as top-level domains, too (asked of `TDLib`).
const ENDINGS: &[&str] = &[
    "md", "rs", "py", "sh", "pl", "ps", "cc", "zip", "mov", "mk", "ml", "tf", "st", "pm", "bz", "gd", "so",
    "as", "vi", "java", "pub", "map", "data",
];

/// Names with an ending that is a domain, of things that are none.
const PRODUCTS: &[&str] = &[
    "ASP.NET",
    "VB.NET",
    "ADO.NET",
    "ML.NET",
    "Paint.NET",
    "Socket.IO",
    "socket.io",
];

/// Where such names stand in a text, with the folders before them.
pub(super) fn in_text(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Most texts have none.
    if !text.contains('.') {
        return found;
    }
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_part = character.is_alphanumeric() || "._-/\\@:+~%?=&#".contains(character);
        match (is_part, start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                found.extend(name_in(text, begun..at));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The name that a run of such characters is, without the punctuation around it.
fn name_in(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let run = text.get(range.clone())?;
    let tail = run.trim_end_matches(['.', ':', '/', '-', '?', '=', '&', '#', '\\']);
    let name = tail.trim_start_matches([':', '-', '=', '&', '?', '#']);
    let start = range.start + (tail.len() - name.len());
    if PRODUCTS.contains(&name) {
        return Some(start..start + name.len());
    }
    // Addresses of pages and people stay what they are.
    let is_address = name.contains("://") || name.contains('@') || name.starts_with("www.");
    let (before, ending) = name.rsplit_once('.')?;
    // "main.rs:12" names a line.
    let (ending, line) = ending.split_once(':').unwrap_or((ending, "0"));
    let is_file = !is_address
        && before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
        && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        && line.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
        && !before.contains(['?', '&', '%']);
    is_file.then(|| start..start + name.len())
}
