//! What is left of a sentence without its words of time.

use std::ops::Range;

/// The sentence without the spans: joined where they were cut out, without the commas and dashes that hung on them.
/// Inside of what is left nothing changes.
pub(crate) fn kept(text: &str, spans: &[Range<usize>]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    let mut is_cut = false;
    for span in spans {
        push(
            &mut kept,
            text.get(from..span.start).unwrap_or_default(),
            is_cut,
            true,
        );
        from = span.end;
        is_cut = true;
    }
    push(&mut kept, text.get(from..).unwrap_or_default(), is_cut, false);
    let trimmed = kept.trim();
    trimmed.to_owned()
}

fn push(kept: &mut String, piece: &str, is_cut_before: bool, is_cut_behind: bool) {
    let mut piece = piece;
    if is_cut_before {
        let hangs = |letter: char| {
            letter.is_whitespace()
                || matches!(
                    letter,
                    ',' | ';' | ':' | '-' | '–' | '—' | ')' | ']' | '.' | '!' | '?' | '…' | '∙' | '·'
                )
        };
        // A full stop that ends the sentence goes with it; one that stands before more text ends what came before.
        let rest = piece.trim_start_matches(hangs);
        let cut = piece.get(..piece.len() - rest.len()).unwrap_or_default();
        let is_new = rest.chars().next().is_some_and(char::is_uppercase);
        let ends = is_new
            && cut.trim().starts_with(['.', '!', '?'])
            && !rest.is_empty()
            && !kept.trim_end().is_empty();
        if ends {
            while kept.ends_with(char::is_whitespace) {
                kept.pop();
            }
            let end = cut.trim().chars().next().unwrap_or('.');
            if !kept.ends_with(['.', '!', '?', ':']) {
                kept.push(end);
            }
        }
        piece = rest;
    }
    if is_cut_behind {
        piece = piece.trim_end_matches(|letter: char| {
            letter.is_whitespace()
                || matches!(letter, ',' | ';' | '(' | '[' | '-' | '–' | '—' | ':' | '∙' | '·')
        });
    }
    if piece.is_empty() {
        return;
    }
    if !kept.is_empty() && !kept.ends_with(char::is_whitespace) {
        kept.push(' ');
    }
    kept.push_str(piece);
}
