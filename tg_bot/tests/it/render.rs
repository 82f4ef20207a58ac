//! Markdown as Telegram shows it.

use tg_bot::outgoing::{
    render::{Style, render},
    split::split,
};

/// The rendering with its styles written around the text: readable, and exact.
pub(crate) fn shown(markdown: &str) -> String {
    let rich = render(markdown);
    let mut marks = Vec::new();
    for (order, span) in rich.spans().iter().enumerate() {
        let name = match &span.style {
            Style::Bold => "b".to_owned(),
            Style::Italic => "i".to_owned(),
            Style::Strikethrough => "s".to_owned(),
            Style::Code => "code".to_owned(),
            Style::Pre { language } => format!("pre {}", language.as_deref().unwrap_or("-")),
            Style::Link(url) => format!("a {url}"),
            Style::Underline => "u".to_owned(),
            Style::Spoiler => "spoiler".to_owned(),
            Style::Quote => "quote".to_owned(),
            Style::Details => "details".to_owned(),
        };
        let depth = isize::try_from(order).unwrap();
        marks.push((span.range.start, 1, depth, format!("⟨{name}⟩")));
        marks.push((
            span.range.end,
            0,
            -depth,
            format!("⟨/{}⟩", name.split(' ').next().unwrap()),
        ));
    }
    marks.sort();
    let mut shown = rich.text().to_owned();
    for (at, _, _, mark) in marks.into_iter().rev() {
        shown.insert_str(at, &mark);
    }
    shown
}

#[test]
fn emphasis_nests() {
    insta::assert_snapshot!(
        shown("**bold *both* bold** *it* ~~gone~~ `x < y` ***all***"),
        @"⟨b⟩bold ⟨i⟩both⟨/i⟩ bold⟨/b⟩ ⟨i⟩it⟨/i⟩ ⟨s⟩gone⟨/s⟩ ⟨code⟩x < y⟨/code⟩ ⟨i⟩⟨b⟩all⟨/b⟩⟨/i⟩"
    );
}

#[test]
fn emphasis_stops_at_code_because_telegram_allows_none_in_it() {
    insta::assert_snapshot!(shown("**run `make` now**"), @"⟨b⟩run ⟨/b⟩⟨code⟩make⟨/code⟩⟨b⟩ now⟨/b⟩");
}

#[test]
fn a_link_keeps_its_address_when_its_label_is_code() {
    insta::assert_snapshot!(
        shown("see [`docs`](https://docs.rs/x), **[bold](https://a.example)**"),
        @"see ⟨a https://docs.rs/x⟩docs⟨/a⟩, ⟨b⟩⟨a https://a.example/⟩bold⟨/a⟩⟨/b⟩"
    );
}

#[test]
fn an_address_that_telegram_would_drop_is_written_out() {
    insta::assert_snapshot!(
        shown("[here](http://localhost:8080/x) [file](docs/readme.md) [js](javascript:alert(1)) <me@example.org> [mail](mailto:a@b.example) []()"),
        @"here (http://localhost:8080/x) file (docs/readme.md) js (javascript:alert(1)) me@example.org mail (a@b.example)"
    );
}

#[test]
fn images_become_links() {
    insta::assert_snapshot!(
        shown("![a cat](https://x.example/cat.png) ![](https://x.example/dog.png) [![badge](https://x.example/b.svg)](https://x.example)"),
        @"⟨a https://x.example/cat.png⟩a cat⟨/a⟩ ⟨a https://x.example/dog.png⟩https://x.example/dog.png⟨/a⟩ ⟨a https://x.example/⟩badge⟨/a⟩"
    );
}

#[test]
fn headings_are_bold_and_blocks_stand_apart() {
    insta::assert_snapshot!(
        shown("# Title\ntext\nmore\n\n---\nSub *title*\n---\nend"),
        @r"
    ⟨b⟩Title⟨/b⟩

    text
    more

    ———

    ⟨b⟩Sub ⟨i⟩title⟨/i⟩⟨/b⟩

    end
    "
    );
}

#[test]
fn lists_have_bullets_numbers_and_levels() {
    insta::assert_snapshot!(
        shown("Buy:\n- **milk**\n- eggs\n  brown ones\n  1. six\n  2. ten\n     - free range\n-\n\n7. seven\n8. eight\n\n- [x] done\n- [ ] open\n\n- loose\n\n  second paragraph\n\n- next"),
        @r"
    Buy:

    • ⟨b⟩milk⟨/b⟩
    • eggs
       brown ones
       1. six
       2. ten
          ◦ free range
    • 

    7. seven
    8. eight

    ☑ done
    ☐ open
    • loose
       second paragraph
    • next
    "
    );
}

#[test]
fn code_blocks_keep_their_language_indentation_and_markdown() {
    insta::assert_snapshot!(
        shown("Try:\n```rust ignore\n\tfn main() {\n\t\t**x**\n\t}\n\n```\nthen\n\n    indented\n\n1. one\n   ```\n   in item\n   ```\n2. two"),
        @r"
    Try:

    ⟨pre rust⟩    fn main() {
            **x**
        }⟨/pre⟩

    then

    ⟨pre -⟩indented⟨/pre⟩

    1. one
    ⟨pre -⟩in item⟨/pre⟩
    2. two
    "
    );
}

#[test]
fn quotes_hold_paragraphs_code_and_lists_but_not_quotes() {
    insta::assert_snapshot!(
        shown("> said **so**\n>\n> > deeper `x`\n>\n> - a\n> - b\n\nafter"),
        @r"
    ⟨quote⟩said ⟨b⟩so⟨/b⟩

    deeper ⟨code⟩x⟨/code⟩

    • a
    • b⟨/quote⟩

    after
    "
    );
}

#[test]
fn tables_are_aligned_in_a_fixed_font() {
    insta::assert_snapshot!(
        shown("| City | Temp | 天気 |\n|:--|--:|:-:|\n| **Tokyo** | 9 | 晴れ |\n| [B](https://b.example) | -12 | snow |\n\nend"),
        @r"
    ⟨pre -⟩City                   Temp  天気
    ─────────────────────  ────  ────
    Tokyo                     9  晴れ
    B (https://b.example)   -12  snow⟨/pre⟩

    end
    "
    );
}

#[test]
fn html_that_is_no_element_of_a_chat_is_literal_text() {
    insta::assert_snapshot!(
        shown("a <b>b</b> &lt;c&gt; <!-- d --> the <b> tag, Vec<T>, </i>\n\n<table>\nx < y\n</table>\n\nend"),
        @r"
    a ⟨b⟩b⟨/b⟩ <c> <!-- d --> the <b> tag, Vec<T>, </i>

    <table>
    x < y
    </table>

    end
    "
    );
}

#[test]
fn unfinished_markup_is_text() {
    insta::assert_snapshot!(
        shown("**open `code _x_ [link](http://a.example 2*3*4 snake_case_name \\*escaped\\*"),
        @"**open `code ⟨i⟩x⟨/i⟩ [link](http://a.example 2⟨i⟩3⟨/i⟩4 snake_case_name *escaped*"
    );
}

#[test]
fn control_characters_do_not_reach_telegram() {
    insta::assert_snapshot!(shown("a\u{0}b\u{7}c\r\nd\u{85}e"), @r"
    a b c
    d e
    ");
}

#[test]
fn offsets_count_utf_16_units() {
    let parts = split(&render("👩‍👩‍👧 **été 𝄞** `x`"));
    let entities: Vec<_> = parts[0]
        .entities
        .iter()
        .map(|entity| (entity.offset, entity.length))
        .collect();
    assert_eq!(entities, [(9, 6), (16, 1)]);
}

#[test]
fn deep_nesting_is_rendered_in_time() {
    for deep in ["> ", "*", "**", "[", "- ", "~~", "`", "![", "<b>", "|"] {
        let rendered = render(&format!("{}\nx", deep.repeat(5_000)));
        assert!(rendered.text().contains('x'), "{deep}");
    }
}
