//! Words of somebody's, made safe to show: one line, no invisible characters, and nothing that turns the direction of
//! writing. Pure.
//!
//! Whatever shows a name, a title or a text that somebody else wrote goes through here: a line break in it would forge
//! a line of ours, and a direction mark would make a reader see another order than the one that is stored.

/// The longest name that is shown, in characters.
pub const LONGEST_NAME: usize = 80;

/// How many marks may stand on one letter. No writing system needs more; stacks of them cover the lines around.
const MOST_MARKS: usize = 4;

/// A person's or thing's name; `(no name)` when nothing visible is in it.
pub fn name(text: &str) -> String {
    match line(text, LONGEST_NAME) {
        name if name.is_empty() => "(no name)".to_owned(),
        name => name,
    }
}

/// A text on one line, without what cannot be seen, cut to `most` characters with an ellipsis for the rest.
pub fn line(text: &str, most: usize) -> String {
    let line = clean(text);
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A text on one line, without what cannot be seen: white space becomes single spaces. Cleaned again it stays as it is.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut marks = 0;
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        if is_space(char) {
            if !cleaned.is_empty() && !cleaned.ends_with(' ') {
                cleaned.push(' ');
            }
            continue;
        }
        marks = if is_mark(char) { marks + 1 } else { 0 };
        let before = cleaned.chars().next_back();
        let is_kept = match char {
            // Emoji and some scripts join letters with these; anywhere else they are only invisible.
            JOINER | NON_JOINER => {
                before.is_some_and(is_joined) && rest.peek().copied().is_some_and(is_joined)
            }
            // The coloured form of an emoji.
            COLOURED => before.is_some_and(|before| !is_space(before) && before != COLOURED),
            char => !is_invisible(char) && marks <= MOST_MARKS,
        };
        if is_kept {
            cleaned.push(char);
        }
    }
    // What was left out may have stood between two spaces, or behind a joiner.
    cleaned.truncate(cleaned.trim_end_matches([' ', JOINER, NON_JOINER]).len());
    cleaned
}

/// A text in quotation marks, cleaned and cut. Where it holds letters that are written from right to left, a mark
/// behind it keeps them from taking what follows into their order.
pub fn quoted(text: &str, most: usize) -> String {
    let inner = line(text, most).replace(['“', '”'], "‟");
    let end = if inner.chars().any(is_right_to_left) {
        "\u{200e}"
    } else {
        ""
    };
    format!("“{inner}”{end}")
}

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
const COLOURED: char = '\u{fe0f}';

/// White space, line breaks of every kind, and other control characters.
fn is_space(char: char) -> bool {
    char.is_whitespace() || char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{2800}')
}

/// What joiners may stand between.
fn is_joined(char: char) -> bool {
    !char.is_ascii() && !is_space(char) && !is_invisible(char) && !matches!(char, JOINER | NON_JOINER)
}

/// Characters that show nothing by themselves (Unicode's `Default_Ignorable_Code_Point` and format characters), all of
/// those that turn the direction of writing among them.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Marks that stand on the letter before them.
fn is_mark(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Letters of the scripts that are written from right to left.
fn is_right_to_left(char: char) -> bool {
    matches!(char,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}
