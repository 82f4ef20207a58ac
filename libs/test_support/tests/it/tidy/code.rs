//! Reads Rust just well enough: what is code and what is text or a comment, and which items are tests.

/// The same text, with comments and the insides of literals replaced by spaces; lines stay where they are.
pub(crate) fn without_text(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = text_end(&chars, at);
        if end > at {
            code.extend(
                chars[at..end]
                    .iter()
                    .map(|&char| if char == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        } else {
            code.push(chars[at]);
            at += 1;
        }
    }
    code
}

/// The numbers (from 0) of the lines that belong to `#[cfg(test)]` modules, in what [`without_text`] left.
pub(crate) fn test_lines(code: &str) -> Vec<usize> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim() != "#[cfg(test)]" {
            at += 1;
            continue;
        }
        let mut depth = 0_usize;
        loop {
            found.push(at);
            let opened = lines[at].matches('{').count();
            depth = (depth + opened).saturating_sub(lines[at].matches('}').count());
            let ended = lines[at].contains(['}', ';']);
            at += 1;
            if at == lines.len() || (depth == 0 && ended) {
                break;
            }
        }
    }
    found
}

/// Whether a path in `code` begins with the crate `name`, or a `use` names it.
pub(crate) fn names_crate(code: &str, name: &str) -> bool {
    positions(code, name).any(|at| {
        let (before, after) = (code[..at].trim_end(), code[at + name.len()..].trim_start());
        let parent = before.strip_suffix("::").unwrap_or_default();
        let is_inner = parent.ends_with(|char: char| char.is_alphanumeric() || char == '_' || char == '>');
        !is_inner && (after.starts_with("::") || before.ends_with("use"))
    })
}

/// Whether the macro `name` is called in `code`.
pub(crate) fn calls_macro(code: &str, name: &str) -> bool {
    positions(code, name).any(|at| {
        let rest = &code[at + name.len()..];
        rest.starts_with('!') && !rest.starts_with("!=")
    })
}

fn positions<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let inside = |char: char| char.is_alphanumeric() || char == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| !code[..at].ends_with(inside) && !code[at + word.len()..].starts_with(inside))
}

/// Where the comment or literal that begins at `at` ends; `at` itself if none does.
fn text_end(chars: &[char], at: usize) -> usize {
    let starts = |text: &str| chars[at..].iter().take(text.len()).copied().eq(text.chars());
    let follows_name = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if starts("//") {
        at + chars[at..].iter().take_while(|&&char| char != '\n').count()
    } else if starts("/*") {
        block_comment_end(chars, at)
    } else if starts("\"") {
        quoted_end(chars, at)
    } else if !follows_name && (starts("r\"") || starts("r#") || starts("br\"") || starts("br#")) {
        raw_string_end(chars, at)
    } else if starts("'") && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')) {
        quoted_end(chars, at)
    } else {
        at
    }
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < chars.len() {
        match chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != chars[start] {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// `r"…"`, `r#"…"#`, `br##"…"##`; `at` itself for a raw identifier (`r#type`).
fn raw_string_end(chars: &[char], start: usize) -> usize {
    let prefix = chars[start..]
        .iter()
        .take_while(|&&char| char == 'b' || char == 'r')
        .count();
    let hashes = chars[start + prefix..]
        .iter()
        .take_while(|&&char| char == '#')
        .count();
    let open = start + prefix + hashes;
    if chars.get(open) != Some(&'"') {
        return start;
    }
    let closes = |at: usize| {
        chars[at] == '"'
            && chars[at + 1..]
                .iter()
                .take_while(|&&char| char == '#')
                .take(hashes)
                .count()
                == hashes
    };
    (open + 1..chars.len())
        .find(|&at| closes(at))
        .map_or(chars.len(), |at| at + 1 + hashes)
}

#[test]
fn comments_and_literals_are_not_code() {
    for text in [
        "// todo!()",
        "/* todo!() /* nested */ todo!() */",
        r#""todo!()""#,
        r#""\" todo!()""#,
        r###"r#"" todo!()"#"###,
        r#"b"todo!()""#,
    ] {
        assert!(!calls_macro(&without_text(text), "todo"), "{text}");
    }
}

#[test]
fn code_around_literals_and_lifetimes_is_code() {
    for text in [
        "fn f<'a>(x: &'a str) { todo!() }",
        r#"let quote = '"'; todo!()"#,
        r"let quote = '\''; todo!()",
        r##"let r#type = "x"; todo!()"##,
        "/* a comment */ todo!()",
        "// a comment\ntodo!()",
    ] {
        let code = without_text(text);
        assert!(calls_macro(&code, "todo"), "{text}");
        assert_eq!(code.lines().count(), text.lines().count());
    }
}

#[test]
fn a_crate_is_told_from_other_things_of_its_name() {
    for code in [
        "use bus::Bus;",
        "use ::bus::Bus;",
        "let x = bus :: new();",
        "use bus as line;",
        "#[bus::test]",
    ] {
        assert!(names_crate(code, "bus"), "{code}");
    }
    for code in [
        "let bus = 1;",
        "use crate::bus::Bus;",
        "rebus::new()",
        "bus_url::parse()",
        "x.bus",
        "<T>::bus::x",
    ] {
        assert!(!names_crate(code, "bus"), "{code}");
    }
}

#[test]
fn a_macro_is_told_from_other_things_of_its_name() {
    assert!(calls_macro("std::todo!()", "todo"));
    assert!(!calls_macro("fn todo() -> bool { todo != 1 }", "todo"));
    assert!(!calls_macro("not_todo!(); todo_list!()", "todo"));
}

#[test]
fn test_modules_are_told_from_product_code() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n#[cfg(test)]\nmod d;\nfn e() {}";
    assert_eq!(test_lines(code), [1, 2, 3, 4, 5, 7, 8]);
}
