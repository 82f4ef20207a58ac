//! Packages from npm, as a `package.json` with its `package-lock.json` names them, under the target folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    binaries,
    once::{made, run},
};

/// The path of Node.js.
///
/// # Panics
/// If it is not on this machine, saying what to install.
pub fn program() -> PathBuf {
    binaries::require("node")
}

/// A folder that has the `node_modules` that `manifest`, a folder, asks for; installed into `folder` if they are not
/// there yet, once, however many tests ask at the same time. Scripts of packages are not run.
///
/// # Panics
/// If npm is not on this machine or the packages cannot be installed, saying what to do: a test that can't run is
/// never skipped in silence.
pub fn packages(folder: &Path, manifest: &Path) -> PathBuf {
    let lock = fs::read(manifest.join("package-lock.json")).expect("the packages are pinned");
    // FNV-1a: other packages, another folder.
    let hash = lock.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    made(folder, &format!("npm_{hash:016x}"), |place| {
        fs::create_dir_all(place).expect("the folder can be made");
        for name in ["package.json", "package-lock.json"] {
            fs::copy(manifest.join(name), place.join(name)).expect("the files can be copied");
        }
        run(
            Command::new(binaries::require("npm"))
                .args([
                    "ci",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                ])
                .current_dir(place),
            "is the package index, npm's own or the one that npm is configured with, within reach?",
        );
    })
}
