//! Folders that are made once, however many tests ask at the same time.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// The folder `name` in `folder`, which `make` has filled; made anew where that was cut short.
pub(crate) fn made(folder: &Path, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(folder).expect("the folder can be made");
    // Held until the end; given up by the system if this process dies.
    let lock = File::create(path.with_extension("lock")).expect("the lock can be made");
    lock.lock().expect("the lock can be taken");
    // Written last: an installation that was cut short begins anew.
    let whole = path.join("whole");
    if !whole.is_file() {
        make(&path);
        File::create(whole).expect("the folder can be written");
    }
    path
}

/// Runs a command to its end.
///
/// # Panics
/// If it fails, with what it said and the advice.
pub(crate) fn run(command: &mut Command, advice: &str) {
    let output = command.output().expect("the program can be started");
    assert!(
        output.status.success(),
        "{command:?} failed; {advice}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
