//! Messages as others' programs judge them: aiogram's models (PyPI) check each request, TDLib's own parser (`tdjson`)
//! reads its formatting and looks for links. Nothing may be refused, and no text lost.
//!
//! Far more documents: `TEST_LONG_FORM=1 cargo test -p tg_bot --test it -- --nocapture judged`.

use std::{fs, path::Path, process::Command};

use messages::{Address, Channel, EventId, ReplyKind, ReplyV1};
use pulldown_cmark::{Event, Options, Parser};
use serde_json::json;
use test_support::python;

use crate::split::{check, essence, is_subsequence};

/// Both install in seconds.
const PACKAGES: [&str; 2] = ["aiogram==3.31.0", "tdjson==1.8.69"];

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judge");

/// What stands between two documents of the file.
const BETWEEN: &str = "\n%%%%\n";

/// Pieces that documents are made of, in every order.
const BLOCKS: [&str; 24] = [
    "A paragraph with **bold**, *italic*, ~~gone~~ and `code` words.",
    "## A heading with `code` and *stress*",
    "- one **item**\n- two\n  - deeper *item*\n  - and [a link](https://example.com/a?b=1)\n- three",
    "1. first\n2. second\n   ```sh\n   ./run.sh --now\n   ```\n3. third",
    "> quoted **words**\n> on two lines",
    "> [!TIP]\n> Take `care` of *this*.",
    "```rust\nfn main() {\n    println!(\"**x** 👋\");\n}\n```",
    "| a | b |\n|---|--:|\n| 1 | **2** |\n| x | `y` |",
    "| Name of the thing | What it is good for | Since when |\n|---|---|---|\n| **Alpha** | reads main.rs | 2019 |\n| Beta | writes | 2021 |",
    "The value is $x_1^2 + \\alpha$, or \\(\\frac{a}{b}\\).",
    "$$\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$$",
    "\\[\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}\\]",
    "One<br>two <b>bold <i>both</i></b> H<sub>2</sub>O <kbd>Esc</kbd>",
    "<details>\n<summary>More of it</summary>\n\nHidden **words**.\n\n</details>",
    "The answer is ||forty **two**||, a || b.",
    "A claim.[^1]\n\n[^1]: Its source, with *stress*.",
    "これは**「重要」**です。**Да**, конечно.",
    "See README.md, src/lib.rs and foo.py.",
    "👩‍👩‍👧 🇩🇪 𝄞 *é́* **🦀**",
    "---",
    "- [x] done\n- [ ] open",
    "**no end, *nor here, `nor here",
    "<b>no end, Vec<String> &lt;x&gt; a<b",
    "![a cat](https://example.com/cat.png) <https://example.com> www.example.com",
];

pub(crate) fn documents() -> Vec<String> {
    let file = fs::read_to_string(Path::new(FOLDER).join("documents.txt")).unwrap();
    let mut documents: Vec<String> = file.split(BETWEEN).map(str::to_owned).collect();
    documents.push("Control: a\u{7}b\u{1b}c\0d\tTab\rCR\u{2028}LS\u{2029}PS\u{85}NEL".to_owned());
    for (long, times) in [
        ("word ", 3_000),
        ("Sentence number one is here. ", 500),
        ("## Section\n\nWith **bold**, *italic*, `code`.\n\n- item\n\n", 90),
        ("**b** *i* `c` ~~s~~ [l](https://a.example) ", 300),
        ("1. Item **bold** with `code_1` and README1.md\n", 400),
        ("👩‍👩‍👧", 1_500),
        ("漢字", 4_000),
        ("🇩🇪", 2_500),
        ("> quoted *line*\n", 500),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\n", 150),
        ("$x_1$ and $\\alpha$ ", 700),
    ] {
        documents.push(long.repeat(times));
    }
    documents.push(format!("a{}", "\u{301}".repeat(6_000)));
    documents.push(format!("```\n{}\n```", "x".repeat(5_000)));
    documents.push(format!("```rust\n{}```", "let 👋 = 1;\n".repeat(700)));
    documents.push(format!("**{}**", "bold ".repeat(2_000)));
    documents.push(format!("||{}||", "secret ".repeat(900)));
    documents.push(format!("[{}](https://example.com)", "label ".repeat(900)));
    documents.push(format!(
        "<details><summary>Long</summary>\n\n{}\n\n</details>",
        "Detail *sentence*. ".repeat(600)
    ));
    let rows = "| cell with words | more words in here | `code` |\n".repeat(120);
    documents.push(format!(
        "| A long heading | Another heading | One more |\n|---|---|---|\n{rows}"
    ));
    let generated = if test_support::is_long_form() { 5_000 } else { 90 };
    let mut seed = 7_u64;
    for _ in 0..generated {
        let mut next = || {
            // Knuth's MMIX generator: the same documents each time.
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap()
        };
        let length = 1 + next() % 12;
        let glue = ["\n\n", "\n", " ", "\n\n> ", "\n- "][next() % 5];
        let blocks: Vec<&str> = (0..length).map(|_| BLOCKS[next() % BLOCKS.len()]).collect();
        documents.push(blocks.join(glue));
    }
    documents
}

pub(crate) fn reply(text: &str) -> ReplyV1 {
    ReplyV1 {
        event_id: EventId::new("tg:1:1"),
        user_id: uuid::Uuid::nil(),
        to: Address {
            channel: Channel::Telegram,
            chat: "42".to_owned(),
        },
        kind: ReplyKind::Answer,
        text: text.to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
        toast: None,
    }
}

/// The texts of a document that must be in its messages: those that the Markdown parser sees, but for formulas and for the
/// names of elements.
fn texts_of(document: &str) -> Vec<String> {
    let options = Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let other_letters = [
        ("$$", "$$"),
        ("$", "$"),
        ("\\(", "\\)"),
        ("\\[", "\\]"),
        ("\\begin{equation}", "\\end{equation}"),
        ("<sub>", "</sub>"),
        ("<sup>", "</sup>"),
    ];
    let prose = without(document, &other_letters)
        .replace("&lt;", " ")
        .replace("&gt;", " ");
    let texts = Parser::new_ext(&prose, options).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        Event::Html(text) | Event::InlineHtml(text) => Some(without(&text, &[("<", ">")])),
        _ => None,
    });
    texts.collect()
}

/// A text without what stands between these, on one line.
fn without(text: &str, marks: &[(&str, &str)]) -> String {
    let mut rest = text.to_owned();
    for (open, close) in marks {
        let mut kept = String::new();
        let mut left = rest.as_str();
        while let Some((before, behind)) = left.split_once(open) {
            kept.push_str(before);
            match behind.split_once(close) {
                Some((inner, after)) if !inner.contains("\n\n") => {
                    kept.push(' ');
                    left = after;
                }
                _ => {
                    kept.push_str(open);
                    left = behind;
                }
            }
        }
        kept.push_str(left);
        rest = kept;
    }
    rest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_refused_and_no_text_is_lost() {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let documents = documents();
    let (mut lines, mut lost) = (String::new(), Vec::new());
    for (number, document) in documents.iter().enumerate() {
        let parts = tg_bot::outgoing::messages(&reply(document));
        let mut joined = String::new();
        for part in &parts {
            check(part);
            joined.push_str(&essence(&part.text));
            let message = json!({ "document": number, "text": part.text, "entities": part.entities });
            lines.push_str(&format!("{message}\n"));
        }
        let texts = texts_of(document);
        let is_whole = if document.contains("|---") {
            // A list of rows says the columns' names again and again.
            let words = texts
                .iter()
                .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
            let missing: Vec<&str> = words
                .filter(|word| word.len() < 40 && !joined.contains(word))
                .collect();
            if !missing.is_empty() {
                lost.push(format!("{missing:?} of"));
            }
            missing.is_empty()
        } else {
            is_subsequence(&essence(&texts.concat()), &joined)
        };
        if !is_whole {
            lost.push(format!("document {number}: {document}"));
        }
    }
    assert!(lost.is_empty(), "text was lost\n{}", lost.join("\n"));
    let python = tokio::task::spawn_blocking(|| python::program(tmp, &PACKAGES, "python"));
    let python = python.await.unwrap();
    let input = tmp.join(format!("judged-{}.jsonl", std::process::id()));
    fs::write(&input, lines).unwrap();
    let mut judge = Command::new(python);
    judge.arg(Path::new(FOLDER).join("judge.py")).arg(&input);
    let told = tokio::task::spawn_blocking(move || judge.output())
        .await
        .unwrap()
        .unwrap();
    fs::remove_file(&input).unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let first = said.lines().next().unwrap_or_default();
    println!("{} documents: {first}", documents.len());
    assert!(first.ends_with(" 0 faults"), "{said}");
}
