//! Programs from PyPI, each in a virtual environment of its own under the target folder.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::binaries;

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
    let environment = folder.join(name);
    let path = environment.join("bin").join(program);
    fs::create_dir_all(folder).expect("the folder can be made");
    // Held until the end; given up by the system if this process dies.
    let lock = File::create(environment.with_extension("lock")).expect("the lock can be made");
    lock.lock().expect("the lock can be taken");
    // Written last: an installation that was cut short begins anew.
    let whole = environment.join("whole");
    if !whole.is_file() {
        install(&environment, packages);
        File::create(whole).expect("the folder can be written");
    }
    path
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

fn run(command: &mut Command, advice: &str) {
    let output = command.output().expect("the program can be started");
    assert!(
        output.status.success(),
        "{command:?} failed; {advice}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
