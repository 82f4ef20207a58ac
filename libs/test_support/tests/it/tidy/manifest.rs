//! Rules over the text of a crate's `Cargo.toml`.

use super::Offence;

/// Every offence of the manifest at `path`: dependencies and lints are declared once, in the workspace.
pub(crate) fn offences(path: &str, text: &str) -> Vec<Offence> {
    let mut offences = dependencies(path, text);
    offences.extend(lints(path, text));
    offences
}

fn lints(path: &str, text: &str) -> Option<Offence> {
    let inherits = text
        .split_once("[lints]")
        .is_some_and(|(_, rest)| rest.trim_start().starts_with("workspace = true"));
    (!inherits).then(|| Offence::new(path, 1, "lints", "add `[lints]` with `workspace = true`"))
}

fn dependencies(path: &str, text: &str) -> Vec<Offence> {
    let mut section = String::new();
    let mut offences = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            if section.contains("dependencies.") {
                let remedy = "write the dependency on one line: `name.workspace = true`";
                offences.push(Offence::new(path, number, "workspace", remedy));
            }
        } else if section.ends_with("dependencies")
            && line.contains('=')
            && !line.starts_with('#')
            && !line
                .split_whitespace()
                .collect::<String>()
                .contains("workspace=true")
        {
            let remedy = "declare it in the workspace's Cargo.toml, and here `name.workspace = true`";
            offences.push(Offence::new(path, number, "workspace", remedy));
        }
    }
    offences
}

/// Unit tests in a library that says it has none, and so never runs them: `sources` are the paths and texts of its
/// `src`.
pub(crate) fn tests_that_never_run<'a>(
    text: &str,
    sources: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<Offence> {
    let has_none = text
        .split_once("[lib]")
        .is_some_and(|(_, rest)| rest.trim_start().starts_with("test = false"));
    sources
        .filter(|(_, source)| has_none && source.contains("#[cfg(test)]"))
        .map(|(path, _)| {
            let remedy = "move the tests to tests/, or take `test = false` out of the crate's Cargo.toml";
            Offence::new(path, 1, "unit tests", remedy)
        })
        .collect()
}

/// The line of `text` where the dependency `name` is declared; the first if it can't be found.
pub(crate) fn line_of(text: &str, name: &str) -> usize {
    let declares = |line: &str| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    let dependencies = text
        .lines()
        .zip(1..)
        .skip_while(|(line, _)| !line.contains("dependencies]"));
    dependencies
        .into_iter()
        .find(|(line, _)| declares(line))
        .map_or(1, |(_, number)| number)
}

#[test]
fn a_dependency_with_a_version_of_its_own_is_an_offence() {
    let lines = |text: &str| -> Vec<usize> {
        dependencies("a/Cargo.toml", text)
            .into_iter()
            .map(|offence| offence.line)
            .collect()
    };
    assert!(lines("[package]\nname = \"a\"\n[dependencies]\n# why = \"x\"\nb.workspace = true\n").is_empty());
    assert!(lines("[dependencies]\nb = { workspace = true, features = [\"c\"] }\n").is_empty());
    for section in [
        "dependencies",
        "dev-dependencies",
        "build-dependencies",
        "target.'cfg(unix)'.dependencies",
    ] {
        assert_eq!(
            lines(&format!("[{section}]\nb.workspace = true\nc = \"1\"\n")),
            [3],
            "{section}"
        );
    }
    assert_eq!(lines("[dependencies]\nb = { path = \"../b\" }\n"), [2]);
    assert_eq!(lines("[dependencies.b]\nversion = \"1\"\n"), [1]);
}

#[test]
fn a_dependency_is_found_by_its_whole_name() {
    let text =
        "[package]\nname = \"a\"\n\n[dependencies]\ntokio-util.workspace = true\ntokio.workspace = true\n";
    assert_eq!(line_of(text, "tokio"), 6);
    assert_eq!(line_of(text, "absent"), 1);
}

#[test]
fn a_crate_without_the_workspaces_lints_is_an_offence() {
    assert_eq!(offences("a/Cargo.toml", "[lints]\nworkspace = true\n"), []);
    for text in [
        "[package]\n",
        "[lints]\n\n[dependencies]\n",
        "[lints]\nworkspace = false\n",
    ] {
        assert_eq!(offences("a/Cargo.toml", text).len(), 1, "{text}");
    }
}

#[test]
fn unit_tests_of_a_library_without_them_are_an_offence() {
    let sources = || {
        [
            ("a/src/lib.rs", "mod b;"),
            ("a/src/b.rs", "#[cfg(test)]\nmod tests {}"),
        ]
        .into_iter()
    };
    let found = tests_that_never_run("[lib]\ntest = false\n\n[dependencies]", sources());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "a/src/b.rs");
    assert!(tests_that_never_run("[[bin]]\ntest = false\n", sources()).is_empty());
}
