//! Words of others as they are shown: on one line, seen whole, in the order in which they are stored.

use messages::plain::{LONGEST_NAME, clean, line, name, quoted};
use proptest::prelude::*;

/// Characters that turn the direction of writing, and those that show nothing.
const UNSEEN: &[char] = &[
    '\u{ad}',
    '\u{34f}',
    '\u{61c}',
    '\u{115f}',
    '\u{1160}',
    '\u{17b4}',
    '\u{180e}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2060}',
    '\u{2061}',
    '\u{2064}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206a}',
    '\u{206f}',
    '\u{3164}',
    '\u{fe00}',
    '\u{feff}',
    '\u{ffa0}',
    '\u{fff9}',
    '\u{fffb}',
    '\u{1d173}',
    '\u{e0001}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{e01ef}',
];

/// What a reader, or a terminal, may take for the end of a line, or obeys.
const BREAKS: &[char] = &[
    '\0', '\t', '\n', '\u{b}', '\u{c}', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}',
    '\u{2800}',
];

#[test]
fn what_is_not_seen_is_not_kept() {
    for unseen in UNSEEN {
        for text in [
            format!("a{unseen}b"),
            format!("{unseen}ab"),
            format!("ab{unseen}"),
            format!("a{unseen}{unseen}b"),
        ] {
            assert_eq!(clean(&text), "ab", "{unseen:?}");
        }
        assert_eq!(name(&unseen.to_string()), "(no name)", "{unseen:?}");
    }
    for br in BREAKS {
        assert_eq!(clean(&format!("a{br}b{br}")), "a b", "{br:?}");
    }
}

#[test]
fn joiners_stay_where_they_join_and_marks_do_not_pile_up() {
    for kept in ["👩‍👩‍👧", "می‌خواهم", "क्‍ष", "❤️", "é", "שָׁלוֹם", "a b"]
    {
        assert_eq!(clean(kept), kept);
    }
    assert_eq!(clean("a\u{200d}b"), "ab");
    assert_eq!(clean("a\u{200c}\u{200d}"), "a");
    let piled = format!("a{}b", "\u{301}".repeat(50));
    assert_eq!(clean(&piled).chars().count(), 6, "four marks at most");
}

#[test]
fn names_and_quotes_have_an_end() {
    assert_eq!(name(&"x".repeat(500)).chars().count(), LONGEST_NAME);
    assert!(name(&"x".repeat(500)).ends_with('…'));
    assert_eq!(line("one\ntwo", 100), "one two");
    // A quotation mark in it does not end it.
    assert_eq!(quoted("a” → “b", 20), "“a‟ → ‟b”");
    assert_eq!(quoted("שלום", 20), "“שלום”\u{200e}");
}

proptest! {
    #[test]
    fn a_clean_text_is_one_line_and_stays_as_it_is(text in ".*", odd in proptest::collection::vec(0..UNSEEN.len() + BREAKS.len(), 0..8)) {
        let odd: String = odd.into_iter().map(|n| UNSEEN.iter().chain(BREAKS).nth(n).copied().unwrap_or('x')).collect();
        let mixed = format!("{odd}{text}{odd}");
        let cleaned = clean(&mixed);
        prop_assert_eq!(clean(&cleaned), cleaned.clone());
        prop_assert!(!cleaned.chars().any(|c| UNSEEN.contains(&c) || BREAKS.contains(&c)), "{:?}", cleaned);
        prop_assert!(!cleaned.starts_with(' ') && !cleaned.ends_with(' ') && !cleaned.contains("  "));
        prop_assert!(line(&mixed, 10).chars().count() <= 10);
        let inner = quoted(&mixed, 50);
        prop_assert_eq!((inner.matches('“').count(), inner.matches('”').count()), (1, 1));
    }
}
