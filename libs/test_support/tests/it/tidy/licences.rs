//! Everything that we link may be given away with the product: its SPDX expression holds with what we allow.

use super::Offence;
use super::graph::Package;

/// Licences that ask for no more than a notice, or for the sources of what we don't change (MPL; ODbL, of the borders of
/// time zones).
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "ODbL-1.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A package whose licence is missing, can't be read, or isn't allowed.
pub(crate) fn offence(package: &Package) -> Option<Offence> {
    let expression = package.licence.as_deref().unwrap_or_default();
    (!is_allowed(expression)).then(|| {
        let Package { name, version, .. } = package;
        let remedy = format!("`{name}` {version} is under `{expression}`: replace it");
        Offence::new("Cargo.lock", 1, "licence", remedy)
    })
}

/// Whether the expression holds; `false` for what is no expression.
fn is_allowed(expression: &str) -> bool {
    // Before SPDX, Cargo wrote `MIT/Apache-2.0`.
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    matches!(alternatives(&words), Some((allowed, [])) if allowed)
}

/// Reads `A OR B OR …`, where AND binds stronger (SPDX 2.3, annex D); gives what holds and the words after it.
fn alternatives<'a>(words: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    let (mut holds, mut rest) = conjunction(words)?;
    while let ["OR", after @ ..] = rest {
        let (next, left) = conjunction(after)?;
        (holds, rest) = (holds | next, left);
    }
    Some((holds, rest))
}

fn conjunction<'a>(words: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    let (mut holds, mut rest) = licence(words)?;
    while let ["AND", after @ ..] = rest {
        let (next, left) = licence(after)?;
        (holds, rest) = (holds & next, left);
    }
    Some((holds, rest))
}

fn licence<'a>(words: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    match words {
        ["(", inside @ ..] => match alternatives(inside)? {
            (holds, [")", rest @ ..]) => Some((holds, rest)),
            _ => None,
        },
        [")" | "OR" | "AND" | "WITH", ..] | [] => None,
        [name, "WITH", exception, rest @ ..] => Some((
            ALLOWED.contains(&format!("{name} WITH {exception}").as_str()),
            rest,
        )),
        [name, rest @ ..] => Some((ALLOWED.contains(name), rest)),
    }
}

#[test]
fn expressions_are_judged_as_spdx_says() {
    for (expression, allowed) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT AND ISC", true),
        ("MIT OR ISC AND GPL-3.0-only", true),
        ("(MIT OR ISC) AND GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("MIT WITH LLVM-exception", false),
        ("", false),
        ("MIT OR", false),
        ("(MIT", false),
        ("MIT)", false),
        ("MIT Apache-2.0", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}

#[test]
fn a_package_without_an_allowed_licence_is_an_offence() {
    let package = |licence: Option<&str>| Package {
        name: "planted".to_owned(),
        version: "1.0.0".to_owned(),
        licence: licence.map(str::to_owned),
    };
    assert_eq!(offence(&package(Some("MIT"))), None);
    assert!(
        offence(&package(Some("AGPL-3.0-only")))
            .unwrap()
            .remedy
            .contains("`planted` 1.0.0")
    );
    assert!(offence(&package(None)).is_some());
}
