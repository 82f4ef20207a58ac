//! Long answers become messages that Telegram takes and people can read.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};
use teloxide::types::MessageEntityKind;
use tg_bot::outgoing::{
    render::{escape, render},
    split::{MAX_ENTITIES, MAX_UNITS, Part, split},
};

pub(crate) fn parts(markdown: &str) -> Vec<Part> {
    let parts = split(&render(markdown));
    for part in &parts {
        check(part);
    }
    parts
}

/// What the Bot API demands of a message's text and entities ("MessageEntity", "Formatting options").
pub(crate) fn check(part: &Part) {
    let units: Vec<u16> = part.text.encode_utf16().collect();
    assert!(units.len() <= MAX_UNITS, "{} units", units.len());
    assert!(!part.text.is_empty() && part.text == part.text.trim_end());
    assert!(part.entities.len() <= MAX_ENTITIES);
    for (index, entity) in part.entities.iter().enumerate() {
        let end = entity.offset + entity.length;
        assert!(entity.length > 0 && end <= units.len());
        let text = String::from_utf16(&units[entity.offset..end]).unwrap();
        assert_eq!(text.trim_end(), text);
        assert!(is_block(&entity.kind) || text.trim_start() == text);
        for other in &part.entities[index + 1..] {
            assert!(entity.offset <= other.offset, "sorted");
            if other.offset < end {
                assert!(other.offset + other.length <= end, "one within the other");
                assert!(!is_code(&entity.kind), "nothing within code");
                assert!(!is_code(&other.kind) || is_quote(&entity.kind));
                assert!(!(is_quote(&entity.kind) && is_quote(&other.kind)));
                assert_ne!(
                    std::mem::discriminant(&entity.kind),
                    std::mem::discriminant(&other.kind)
                );
            }
        }
    }
}

fn is_pre(kind: &MessageEntityKind) -> bool {
    matches!(kind, MessageEntityKind::Pre { .. })
}

fn is_block(kind: &MessageEntityKind) -> bool {
    is_pre(kind) || is_quote(kind)
}

fn is_quote(kind: &MessageEntityKind) -> bool {
    matches!(
        kind,
        MessageEntityKind::Blockquote | MessageEntityKind::ExpandableBlockquote
    )
}

fn is_code(kind: &MessageEntityKind) -> bool {
    is_pre(kind) || *kind == MessageEntityKind::Code
}

/// The letters and digits that the Markdown parser sees, in order.
fn essence_of_markdown(markdown: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let texts = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        // A character reference in HTML is its character.
        Event::Html(text) | Event::InlineHtml(text) => Some(text.replace("&amp;", "&")),
        _ => None,
    });
    texts.map(|text| essence(&text)).collect()
}

pub(crate) fn essence(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

pub(crate) fn is_subsequence(needle: &str, hay: &str) -> bool {
    let mut hay = hay.chars();
    needle.chars().all(|c| hay.any(|h| h == c))
}

#[test]
fn nothing_visible_is_no_message() {
    for nothing in ["", " \n\t", "\u{200b}\u{feff}", "[]()", "```\n```", "\u{2800}"] {
        assert_eq!(parts(nothing), [], "{nothing:?}");
    }
}

#[test]
fn a_text_that_fits_is_one_message() {
    assert_eq!(parts(&"x".repeat(MAX_UNITS)).len(), 1);
    assert_eq!(parts(&"😀".repeat(MAX_UNITS / 2)).len(), 1);
    assert_eq!(parts(&"x".repeat(MAX_UNITS + 1)).len(), 2);
}

#[test]
fn cuts_fall_between_paragraphs() {
    let paragraphs: Vec<String> = (0..20).map(|n| format!("{n} {}", "word ".repeat(120))).collect();
    let parts = parts(&paragraphs.join("\n\n"));
    assert!(parts.len() > 2);
    for part in parts {
        let first = part.text.split(' ').next().unwrap();
        assert!(
            first.parse::<u32>().is_ok(),
            "begins with a paragraph's number: {first}"
        );
        assert!(part.text.ends_with("word"));
    }
}

#[test]
fn cuts_fall_between_lines_then_sentences_then_words() {
    let lines = "one line of text\n".repeat(600);
    assert!(parts(&lines).iter().all(|part| part.text.ends_with("text")));
    let sentences = "This is a sentence. ".repeat(600);
    assert!(
        parts(&sentences)
            .iter()
            .all(|part| part.text.ends_with("sentence."))
    );
    let words = "word ".repeat(2_000);
    assert!(parts(&words).iter().all(|part| part.text.ends_with("word")));
}

#[test]
fn a_code_block_that_fits_is_not_torn() {
    let code = "let x = 1;\n".repeat(350);
    let parts = parts(&format!("Short intro.\n\n```rust\n{code}```\n\nShort end."));
    let blocks: Vec<_> = parts
        .iter()
        .flat_map(|part| &part.entities)
        .filter(|entity| is_pre(&entity.kind))
        .collect();
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].length, code.trim_end().len());
}

#[test]
fn a_code_block_that_is_too_long_goes_on_with_its_indentation() {
    let code = "    if deep {\n        go();\n    }\n".repeat(300);
    let parts = parts(&format!("```rust\n{code}```"));
    assert!(parts.len() > 1);
    for part in &parts {
        assert_eq!(part.entities.len(), 1, "one block each");
        assert_eq!(part.entities[0].length, part.text.len(), "the whole of it");
        assert!(part.text.starts_with("    "), "whole lines");
    }
    let joined: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(joined.join("\n"), code.trim_end());
}

#[test]
fn a_style_goes_on_in_the_next_message() {
    let parts = parts(&format!("**{}**", "bold ".repeat(1_500).trim_end()));
    assert!(parts.len() > 1);
    assert!(
        parts
            .iter()
            .all(|part| part.entities[0].kind == MessageEntityKind::Bold
                && part.entities[0].length == part.text.len())
    );
}

#[test]
fn a_hard_cut_keeps_graphemes_whole() {
    let family = "👩‍👩‍👧";
    for part in parts(&family.repeat(1_000)) {
        assert_eq!(part.text.len() % family.len(), 0);
    }
}

#[test]
fn one_grapheme_longer_than_a_message_is_cut_all_the_same() {
    let zalgo = format!("a{}", "\u{301}".repeat(10_000));
    assert_eq!(
        parts(&zalgo).iter().map(|part| part.text.len()).sum::<usize>(),
        zalgo.len()
    );
}

#[test]
fn of_too_many_entities_those_go_that_are_missed_least() {
    let parts = parts(&"**b** `c` ".repeat(150));
    assert_eq!(parts.len(), 1, "no message is cut for them");
    let code = parts[0].entities.iter().filter(|entity| is_code(&entity.kind));
    assert_eq!(code.count(), MAX_ENTITIES);
    // An address that went would be lost.
    let links = self::parts(&"[b](https://a.example) *c* ".repeat(150));
    let kept = links.iter().flat_map(|part| &part.entities);
    let kept = kept.filter(|entity| matches!(entity.kind, MessageEntityKind::TextLink { .. }));
    assert_eq!((links.len(), kept.count()), (2, 150));
}

#[test]
fn entities_do_not_multiply_messages() {
    let text = "A **word** and `code` in *each* sentence of ~~this~~ text. ".repeat(1_700);
    assert!(text.len() > 100_000);
    let parts = parts(&text);
    let units: usize = parts.iter().map(|part| part.text.encode_utf16().count()).sum();
    assert!(
        parts.len() <= units / MAX_UNITS * 2 + 1,
        "{} messages of {units}",
        parts.len()
    );
}

/// Pieces of Markdown that get in each other's way.
fn markdown() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        4 => "[a-z]{1,12}",
        4 => Just(" ".to_owned()),
        3 => Just("\n".to_owned()),
        2 => Just("\n\n".to_owned()),
        8 => prop::sample::select(vec![
            "*", "**", "_", "~~", "`", "```", "```rust\n", "# ", "> ", "- ", "1. ", "| ", "|---|---|\n", "[", "](",
            "https://a.example/", ")", "![", "<b>", "||", "> [!NOTE]\n", "[^1]", "[^1]: ", "**「", "」**", "main.rs", "\\", "    ", "\t", "---\n", "&amp;", "- [ ] ", "<http://b.example>",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["👩‍👩‍👧", "é", "𝄞", "\u{200b}", "\u{301}", "日本語", "\r", "\0", "\u{2028}"])
            .prop_map(str::to_owned),
        1 => "[a-z .]{200,900}",
    ];
    prop::collection::vec(token, 0..150).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_becomes_valid_messages_that_hold_all_of_it(text in markdown()) {
        let joined: String = parts(&text).iter().map(|part| essence(&part.text)).collect();
        let essence = essence_of_markdown(&text);
        prop_assert!(is_subsequence(&essence, &joined), "{essence:?} in {joined:?}");
    }

    #[test]
    fn escaped_text_is_shown_as_it_is(text in "\\PC{0,60}|[ -~]{0,60}") {
        prop_assume!(!text.trim().is_empty());
        let shown = render(&format!("**{}** says", escape(&text)));
        prop_assert_eq!(shown.text(), format!("{} says", text.trim()));
    }

    #[test]
    fn any_text_becomes_valid_messages_that_hold_all_of_it(text in "\\PC{0,5000}") {
        // Formulas are shown by other characters.
        let text = text.replace(['$', '\\'], " ");
        let joined: String = parts(&text).iter().map(|part| essence(&part.text)).collect();
        let essence = essence_of_markdown(&text);
        prop_assert!(is_subsequence(&essence, &joined));
    }
}
