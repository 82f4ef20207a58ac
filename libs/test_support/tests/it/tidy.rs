//! The workspace keeps its house rules: one test reads everything and lists every offence.
//!
//! To add a rule: a pure function in a module below, a test that shows it catching a planted offence, and a
//! call in `offences`.

use std::fmt;
use std::fs;
use std::path::Path;

use cargo_metadata::MetadataCommand;
use walkdir::WalkDir;

mod code;
mod dependencies;
mod graph;
mod licences;
mod manifest;
mod source;

use dependencies::Crate;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offence {
    /// From the workspace's root.
    path: String,
    /// Counted from 1.
    line: usize,
    rule: &'static str,
    remedy: String,
}

impl Offence {
    fn new(path: &str, line: usize, rule: &'static str, remedy: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}: {}: {}",
            self.path, self.line, self.rule, self.remedy
        )
    }
}

/// A text file of the workspace.
struct File {
    path: String,
    text: String,
}

#[test]
fn the_workspace_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let offences: Vec<String> = offences(&root).iter().map(ToString::to_string).collect();
    assert!(
        offences.is_empty(),
        "{} offences:\n{}",
        offences.len(),
        offences.join("\n")
    );
}

fn offences(root: &Path) -> Vec<Offence> {
    let files = files(root);
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        offences.extend(source::offences(&file.path, &file.text));
    }

    let mut metadata = MetadataCommand::new();
    metadata.manifest_path(root.join("Cargo.toml"));
    metadata.other_options(["--filter-platform".to_owned(), host()]);
    let metadata = metadata.exec().unwrap();
    let crates: Vec<Crate> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Crate::read(package, root))
        .collect();
    assert!(crates.len() > 10, "cargo names the workspace's crates");
    for one in &crates {
        let manifest = files.iter().find(|file| file.path == one.manifest).unwrap();
        offences.extend(manifest::offences(&manifest.path, &manifest.text));
        let source = one.manifest.replace("Cargo.toml", "src/");
        let sources = files.iter().filter(|file| file.path.starts_with(&source));
        offences.extend(manifest::tests_that_never_run(
            &manifest.text,
            sources.map(|file| (file.path.as_str(), file.text.as_str())),
        ));
        offences.extend(dependencies::direction(one, &manifest.text));
        offences.extend(dependencies::unused(one, &manifest.text, &files));
    }

    let packages = graph::packages(&metadata);
    assert!(
        packages.len() > 100,
        "cargo names what the workspace is built from"
    );
    for package in &packages {
        offences.extend(graph::banned(package));
        offences.extend(licences::offence(package));
    }
    offences.sort();
    offences
}

/// The Rust sources and the manifests of the workspace.
fn files(root: &Path) -> Vec<File> {
    let wanted = |name: &str| name == "Cargo.toml" || name.ends_with(".rs");
    let walk = WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || (name != "target" && !name.starts_with('.'))
        });
    walk.map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file() && wanted(&entry.file_name().to_string_lossy()))
        .map(|entry| File {
            path: entry
                .path()
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned(),
            text: fs::read_to_string(entry.path()).unwrap(),
        })
        .collect()
}

/// The platform that we build for, as `rustc` calls it.
fn host() -> String {
    let output = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}
