//! Rules over one Rust source file.

use super::Offence;
use super::code::{calls_macro, test_lines, without_text};

/// Beyond this a product file has more than one subject.
const PRODUCT_LINES: usize = 500;

/// Tests may be longer: they are read one at a time.
const TEST_LINES: usize = 800;

/// `main` is a table of contents.
const MAIN_LINES: usize = 40;

/// Every offence of the file at `path` against the rules for Rust sources.
pub(crate) fn offences(path: &str, text: &str) -> Vec<Offence> {
    let code = without_text(text);
    let mut offences = Vec::new();
    offences.extend(name(path));
    offences.extend(header(path, text));
    offences.extend(length(path, &code));
    offences.extend(suppressions(path, &code));
    offences.extend(unfinished(path, &code));
    offences.extend(printing(path, &code));
    offences.extend(unchecked_dates(path, &code));
    offences.extend(endless_answers(path, &code));
    offences
}

/// A date that came from somebody may be the last there is, and `+` panics beyond it.
fn unchecked_dates(path: &str, code: &str) -> Vec<Offence> {
    if is_test(path) {
        return Vec::new();
    }
    let tests = test_lines(code);
    let is_unchecked = |line: &str| {
        ["TimeDelta::", "Days::", "Months::", "chrono::"]
            .iter()
            .any(|step| {
                ["+", "-", "+=", "-="].iter().any(|sign| {
                    let Some((before, _)) = line.split_once(&format!(" {sign} {step}")) else {
                        return false;
                    };
                    // The present is far from both ends.
                    !["now", "now()", "UNIX_EPOCH"]
                        .iter()
                        .any(|known| before.ends_with(known))
                })
            })
    };
    each_line(
        path,
        code,
        "unchecked date",
        "use `checked_add_signed`, `checked_add_days` and their like, and say plainly what is wrong",
        is_unchecked,
    )
    .into_iter()
    .filter(|offence| !tests.contains(&(offence.line - 1)))
    .collect()
}

/// A peer may send for ever: its answers are read by `service_kit::answer`, up to a limit.
fn endless_answers(path: &str, code: &str) -> Option<Offence> {
    let is_own = ["libs/fakes/", "libs/test_support/"]
        .iter()
        .any(|folder| path.starts_with(folder));
    if is_test(path) || is_own {
        return None;
    }
    let tests = test_lines(code);
    let product = (0..)
        .zip(code.lines())
        .filter(|(number, _)| !tests.contains(number));
    let product: String = product.flat_map(|(_, line)| line.split_whitespace()).collect();
    let found = [
        ".json().await",
        ".text().await",
        ".bytes().await",
        ".bytes_stream()",
    ]
    .iter()
    .find(|call| product.contains(**call))?;
    let remedy = format!("read answers by `service_kit::answer::read`, which has a limit, not by `{found}`");
    Some(Offence::new(path, 1, "endless answer", remedy))
}

fn name(path: &str) -> Option<Offence> {
    let found = path.ends_with("/mod.rs");
    found.then(|| Offence::new(path, 1, "name", "move `name/mod.rs` to `name.rs` beside `name/`"))
}

fn header(path: &str, text: &str) -> Option<Offence> {
    let first = text.lines().next().unwrap_or_default();
    let says_something = first
        .strip_prefix("//!")
        .is_some_and(|header| !header.trim().is_empty());
    let remedy = "open the file with a `//!` sentence that says what it is for";
    (!says_something).then(|| Offence::new(path, 1, "header", remedy))
}

fn length(path: &str, code: &str) -> Option<Offence> {
    let all = code.lines().count();
    let (lines, limit) = if is_test(path) {
        (all, TEST_LINES)
    } else if path.ends_with("src/main.rs") {
        (all, MAIN_LINES)
    } else {
        (all - test_lines(code).len(), PRODUCT_LINES)
    };
    let remedy = || format!("{lines} lines, {limit} are allowed: split it by subject");
    (lines > limit).then(|| Offence::new(path, limit + 1, "length", remedy()))
}

fn suppressions(path: &str, code: &str) -> Vec<Offence> {
    let suppresses = |line: &str| {
        let line: String = line.split_whitespace().collect();
        line.contains("#[allow(")
            || line.contains("#![allow(")
            || (line.contains("[cfg_attr(") && line.contains(",allow("))
    };
    each_line(
        path,
        code,
        "allow",
        "use `#[expect(lint, reason = \"…\")]`",
        suppresses,
    )
}

fn unfinished(path: &str, code: &str) -> Vec<Offence> {
    let found = |line: &str| {
        ["todo", "unimplemented", "dbg"]
            .iter()
            .any(|name| calls_macro(line, name))
    };
    each_line(
        path,
        code,
        "unfinished",
        "finish the work, or leave it out and say so in its issue",
        found,
    )
}

fn printing(path: &str, code: &str) -> Vec<Offence> {
    let is_example = path.split('/').any(|folder| folder == "examples");
    if is_test(path) || is_example || path.starts_with("manage/") {
        return Vec::new();
    }
    let tests = test_lines(code);
    let names = ["print", "println", "eprint", "eprintln"];
    let found = |line: &str| names.iter().any(|name| calls_macro(line, name));
    let mut offences = each_line(
        path,
        code,
        "printing",
        "log with `tracing`; only `manage` and examples print",
        found,
    );
    offences.retain(|offence| !tests.contains(&(offence.line - 1)));
    offences
}

fn each_line(
    path: &str,
    code: &str,
    rule: &'static str,
    remedy: &str,
    breaks_it: impl Fn(&str) -> bool,
) -> Vec<Offence> {
    let lines = code.lines().zip(1..).filter(|(line, _)| breaks_it(line));
    lines
        .map(|(_, number)| Offence::new(path, number, rule, remedy))
        .collect()
}

fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|folder| folder == "tests" || folder == "benches")
}

/// The rules that `text` breaks at `path`, with the lines.
fn broken(path: &str, text: &str) -> Vec<(&'static str, usize)> {
    offences(path, text)
        .into_iter()
        .map(|offence| (offence.rule, offence.line))
        .collect()
}

#[test]
fn a_tidy_file_is_no_offence() {
    assert_eq!(
        broken("libs/a/src/lib.rs", "//! Says what it is for.\n\nfn a() {}\n"),
        []
    );
}

#[test]
fn a_file_without_a_header_is_an_offence() {
    for text in ["", "fn a() {}\n", "// Not a header.\n", "//!\n"] {
        assert_eq!(broken("libs/a/src/lib.rs", text), [("header", 1)], "{text}");
    }
}

#[test]
fn a_mod_rs_is_an_offence() {
    assert_eq!(broken("libs/a/src/b/mod.rs", "//! B.\n"), [("name", 1)]);
}

#[test]
fn long_files_are_offences_each_by_its_own_limit() {
    let file = |lines: usize| format!("//! A.\n{}", "// x\n".repeat(lines - 1));
    for (path, limit) in [
        ("libs/a/src/lib.rs", 500),
        ("libs/a/tests/it/main.rs", 800),
        ("tg_bot/src/main.rs", 40),
    ] {
        assert_eq!(broken(path, &file(limit)), [], "{path}");
        assert_eq!(broken(path, &file(limit + 1)), [("length", limit + 1)], "{path}");
    }
}

#[test]
fn unit_tests_do_not_count_as_product_lines() {
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(400));
    let file = |product: usize| format!("//! A.\n{}{tests}", "// x\n".repeat(product - 1));
    assert_eq!(broken("libs/a/src/lib.rs", &file(500)), []);
    assert_eq!(broken("libs/a/src/lib.rs", &file(501)), [("length", 501)]);
}

#[test]
fn dates_that_are_not_checked_are_offences() {
    for line in [
        "day + Days::new(1)",
        "at - TimeDelta::seconds(1)",
        "at += chrono::TimeDelta::days(n)",
        "first - chrono::Months::new(1)",
    ] {
        let text = format!("//! A.\nfn a() {{\n    {line};\n}}\n");
        assert_eq!(
            broken("libs/a/src/lib.rs", &text),
            [("unchecked date", 3)],
            "{line}"
        );
        assert_eq!(broken("libs/a/tests/it/a.rs", &text), []);
        let tests = format!("//! A.\n#[cfg(test)]\nmod tests {{\n    fn a() {{ {line} }}\n}}\n");
        assert_eq!(broken("libs/a/src/lib.rs", &tests), []);
    }
    let known = "//! A.\nfn a() {\n    now + TimeDelta::hours(1);\n    clock.now() - Days::new(1);\n}\n";
    assert_eq!(broken("libs/a/src/lib.rs", known), []);
}

#[test]
fn answers_without_a_limit_are_offences() {
    for call in [
        ".json().await",
        ".text()\n        .await",
        ".bytes().await",
        ".bytes_stream()",
    ] {
        let text = format!("//! A.\nasync fn a() {{\n    answer{call};\n}}\n");
        assert_eq!(
            broken("libs/a/src/lib.rs", &text),
            [("endless answer", 1)],
            "{call}"
        );
        assert_eq!(broken("libs/a/tests/it/a.rs", &text), []);
        assert_eq!(broken("libs/fakes/src/lib.rs", &text), []);
    }
    let sent = "//! A.\nfn a() {\n    ask.json(&body).send().await;\n    name.bytes().all(f);\n}\n";
    assert_eq!(broken("libs/a/src/lib.rs", sent), []);
}

#[test]
fn suppressing_a_lint_is_an_offence() {
    for attribute in [
        "#[allow(dead_code)]",
        "#![allow(dead_code)]",
        "#[cfg_attr(test, allow(dead_code))]",
    ] {
        let text = format!("//! A.\n{attribute}\nfn a() {{}}\n");
        assert_eq!(broken("libs/a/src/lib.rs", &text), [("allow", 2)], "{attribute}");
    }
    let expected = "//! A.\n#[expect(dead_code, reason = \"not #[allow(\")]\nfn allow(a: u8) {}\n";
    assert_eq!(broken("libs/a/src/lib.rs", expected), []);
}

#[test]
fn unfinished_work_is_an_offence_in_tests_too() {
    for call in ["todo!()", "unimplemented!(\"x\")", "dbg!(1)", "std::dbg!(1)"] {
        let text = format!("//! A.\nfn a() {{\n    {call};\n}}\n");
        assert_eq!(
            broken("libs/a/tests/it/main.rs", &text),
            [("unfinished", 3)],
            "{call}"
        );
    }
}

#[test]
fn printing_is_an_offence_outside_manage_and_tests() {
    for call in ["println!()", "eprintln!()", "print!()", "eprint!()"] {
        let text = format!("//! A.\nfn a() {{ {call} }}\n");
        assert_eq!(broken("libs/a/src/lib.rs", &text), [("printing", 2)], "{call}");
        assert_eq!(broken("manage/src/run.rs", &text), []);
        assert_eq!(broken("libs/a/tests/it/main.rs", &text), []);
        assert_eq!(broken("libs/a/examples/a.rs", &text), []);
        let unit_test = format!("//! A.\n#[cfg(test)]\nmod tests {{\n    fn a() {{ {call} }}\n}}\n");
        assert_eq!(broken("libs/a/src/lib.rs", &unit_test), []);
    }
}
