//! Rules over what the workspace's crates depend on: the walls between them, and nothing unused.

use std::path::Path;

use cargo_metadata::{DependencyKind, Package};

use super::code::{names_crate, without_text};
use super::{File, Offence, manifest};

const SERVICES: [&str; 5] = [
    "assistant",
    "calendar_service",
    "cron_service",
    "rest_service",
    "tg_bot",
];

/// The crate that knows the services.
const COMMAND_LINE: &str = "manage";

/// What only tests, the simulator and benchmarks use.
const FOR_TESTS: [&str; 2] = ["fakes", "test_support"];

/// Crates that decide and perform nothing, and what they therefore never need.
const PURE: [&str; 5] = ["messages", "places", "schedule", "texts", "when"];
const PERFORMING: [&str; 7] = [
    "axum",
    "diesel",
    "diesel-async",
    "redis",
    "reqwest",
    "tokio",
    "tokio-postgres",
];

/// Libraries that only some crates know, so that a change of theirs stays behind a wall.
const OWNERS: [(&str, &[&str]); 9] = [
    ("async-openai", &["assistant"]),
    (
        "calendar_client",
        &["assistant", "calendar_service", "manage", "tg_bot"],
    ),
    ("diesel", &["bus", "rest_service"]),
    ("diesel-async", &["bus", "rest_service"]),
    ("diesel_migrations", &["bus", "rest_service"]),
    ("google-calendar3", &["calendar_service"]),
    ("libsqlite3-sys", &["bus", "rest_service"]),
    ("teloxide", &["tg_bot"]),
    ("yup-oauth2", &["calendar_service"]),
];

/// Dependencies that no source names, each with its reason.
const FEATURES_ONLY: [(&str, &str); 1] = [(
    "libsqlite3-sys",
    "turns `bundled` on, so that no system SQLite is needed",
)];

/// A crate of the workspace, as far as the rules look at it.
pub(crate) struct Crate {
    pub(crate) name: String,
    /// The path of its `Cargo.toml` from the root.
    pub(crate) manifest: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    is_for_tests: bool,
}

impl Crate {
    pub(crate) fn read(package: &Package, root: &Path) -> Self {
        let dependencies = package.dependencies.iter().map(|dependency| Dependency {
            name: dependency
                .rename
                .clone()
                .unwrap_or_else(|| dependency.name.clone()),
            is_for_tests: dependency.kind == DependencyKind::Development,
        });
        Self {
            name: package.name.to_string(),
            manifest: package.manifest_path.strip_prefix(root).unwrap().to_string(),
            dependencies: dependencies.collect(),
        }
    }

    fn folder(&self) -> &str {
        self.manifest.trim_end_matches("Cargo.toml")
    }
}

/// Dependencies that break a wall.
pub(crate) fn direction(of: &Crate, manifest_text: &str) -> Vec<Offence> {
    let remedies = of
        .dependencies
        .iter()
        .filter_map(|dependency| Some((dependency, wall(of, dependency)?)));
    remedies
        .map(|(dependency, remedy)| {
            let line = manifest::line_of(manifest_text, &dependency.name);
            Offence::new(&of.manifest, line, "direction", remedy)
        })
        .collect()
}

/// Dependencies that no source of the crate names.
pub(crate) fn unused(of: &Crate, manifest_text: &str, files: &[File]) -> Vec<Offence> {
    let sources = files
        .iter()
        .filter(|file| file.path.starts_with(of.folder()) && file.path.ends_with(".rs"));
    let sources: Vec<(bool, String)> = sources
        .map(|file| {
            (
                file.path[of.folder().len()..].starts_with("src/"),
                without_text(&file.text),
            )
        })
        .collect();
    let is_used = |dependency: &Dependency| {
        let identifier = dependency.name.replace('-', "_");
        let mut sources = sources
            .iter()
            .filter(|(is_product, _)| *is_product || dependency.is_for_tests);
        sources.any(|(_, code)| names_crate(code, &identifier))
            || FEATURES_ONLY.iter().any(|(name, _)| *name == dependency.name)
    };
    of.dependencies
        .iter()
        .filter(|dependency| !is_used(dependency))
        .map(|Dependency { name, .. }| {
            let line = manifest::line_of(manifest_text, name);
            Offence::new(
                &of.manifest,
                line,
                "unused",
                format!("remove `{name}`: no source of the crate names it"),
            )
        })
        .collect()
}

/// What to do instead of depending on `on`, if a wall stands there.
fn wall(of: &Crate, on: &Dependency) -> Option<String> {
    let (from, to) = (of.name.as_str(), on.name.as_str());
    // A service's tests run against the real peer that it calls: a mock of our own code would prove nothing.
    let is_peer = match to {
        "rest_service" => SERVICES.contains(&from),
        "calendar_service" => from == "assistant",
        _ => false,
    };
    if SERVICES.contains(&to) && from != COMMAND_LINE && !(on.is_for_tests && is_peer) {
        return Some(format!(
            "only `manage` knows services: move what `{from}` needs of `{to}` to a library"
        ));
    }
    if to == COMMAND_LINE {
        return Some("nothing depends on `manage`".to_owned());
    }
    if FOR_TESTS.contains(&to) && !on.is_for_tests && from != COMMAND_LINE && !FOR_TESTS.contains(&from) {
        return Some(format!("`{to}` is for tests: make it a dev-dependency"));
    }
    if PURE.contains(&from) && PERFORMING.contains(&to) && !on.is_for_tests {
        return Some(format!(
            "`{from}` does no input or output: move what needs `{to}` elsewhere"
        ));
    }
    let (_, owners) = OWNERS.iter().find(|(library, _)| *library == to)?;
    let checks_a_fake = from == "fakes" && on.is_for_tests;
    (!owners.contains(&from) && !checks_a_fake).then(|| format!("`{to}` is known to {owners:?} alone"))
}

fn planted(name: &str, dependency: &str, is_for_tests: bool) -> Crate {
    let dependencies = vec![Dependency {
        name: dependency.to_owned(),
        is_for_tests,
    }];
    Crate {
        name: name.to_owned(),
        manifest: format!("{name}/Cargo.toml"),
        dependencies,
    }
}

#[test]
fn dependencies_that_break_a_wall_are_offences() {
    for (from, to) in [
        ("tg_bot", "assistant"),
        ("bus", "rest_service"),
        ("bus", "manage"),
        ("tg_bot", "fakes"),
        ("bus", "test_support"),
        ("messages", "tokio"),
        ("schedule", "reqwest"),
        ("assistant", "diesel"),
        ("assistant", "teloxide"),
        ("fakes", "teloxide"),
        ("tg_bot", "async-openai"),
        ("assistant", "google-calendar3"),
        ("rest_service", "calendar_client"),
        ("manage", "yup-oauth2"),
    ] {
        let found = direction(
            &planted(from, to, false),
            &format!("[dependencies]\n{to}.workspace = true\n"),
        );
        assert_eq!(found.len(), 1, "{from} depends on {to}");
        assert_eq!((found[0].line, found[0].rule), (2, "direction"));
    }
    for (from, to) in [("tg_bot", "assistant"), ("tg_bot", "calendar_service")] {
        let found = direction(&planted(from, to, true), "");
        assert_eq!(found.len(), 1, "{from} depends on {to} in tests either");
    }
}

#[test]
fn dependencies_along_the_design_are_no_offence() {
    for (from, to, is_for_tests) in [
        ("manage", "assistant", false),
        ("manage", "fakes", false),
        ("tg_bot", "bus", false),
        ("tg_bot", "teloxide", false),
        ("tg_bot", "fakes", true),
        ("fakes", "teloxide", true),
        ("schedule", "tokio", true),
        ("rest_service", "diesel", false),
        ("tg_bot", "rest_service", true),
        ("assistant", "calendar_service", true),
    ] {
        assert_eq!(
            direction(&planted(from, to, is_for_tests), ""),
            [],
            "{from} depends on {to}"
        );
    }
}

#[test]
fn a_dependency_that_no_source_names_is_an_offence() {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let manifest = "[dependencies]\ntokio-util.workspace = true\n";
    let product = planted("bus", "tokio-util", false);
    let test = planted("bus", "tokio-util", true);

    let comment = [file(
        "bus/src/lib.rs",
        "//! Knows `tokio_util`.\nuse tokio_utils;\n",
    )];
    assert_eq!(unused(&product, manifest, &comment).len(), 1);
    assert_eq!(unused(&product, manifest, &comment)[0].line, 2);
    assert_eq!(unused(&test, manifest, &comment).len(), 1);

    let elsewhere = [file(
        "tg_bot/src/lib.rs",
        "use tokio_util::sync::CancellationToken;\n",
    )];
    assert_eq!(unused(&product, manifest, &elsewhere).len(), 1);

    let in_tests = [file(
        "bus/tests/it/main.rs",
        "use tokio_util::sync::CancellationToken;\n",
    )];
    assert_eq!(
        unused(&product, manifest, &in_tests).len(),
        1,
        "a test alone needs a dev-dependency"
    );
    assert_eq!(unused(&test, manifest, &in_tests), []);

    let in_product = [file(
        "bus/src/lib.rs",
        "use tokio_util::sync::CancellationToken;\n",
    )];
    assert_eq!(unused(&product, manifest, &in_product), []);
    assert_eq!(
        unused(&planted("bus", "libsqlite3-sys", false), manifest, &[]),
        []
    );
}
