//! Programs from PyPI, each in a virtual environment of its own under the target folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    binaries,
    once::{made, run},
};

/// The path of `program` of the pinned `packages` (`name==version`); installed into `folder` if it is not there
/// yet, once, however many tests ask at the same time.
///
/// # Panics
/// If Python is not on this machine or the packages cannot be installed, saying what to do: a test that can't
/// run is never skipped in silence.
pub fn program(folder: &Path, packages: &[&str], program: &str) -> PathBuf {
    let name: String = packages
        .join("-")
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char } else { '_' })
        .collect();
    made(folder, &name, |environment| install(environment, packages))
        .join("bin")
        .join(program)
}

fn install(environment: &Path, packages: &[&str]) {
    let python = binaries::require("python3");
    run(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(environment),
        "install the package `python3-venv`",
    );
    run(
        Command::new(environment.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(packages),
        "is the package index, pypi.org or the one that pip is configured with, within reach?",
    );
}
