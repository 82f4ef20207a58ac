//! Finds the servers' binaries on this machine, the user that may run them, and how to install what is missing.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

mod install;

pub use install::{InstallCommand, InstallError, install_command, install_command_on};

/// A server program that tests need and this machine lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// The program, such as `initdb`.
    pub program: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
}

/// The programs that tests start, each with its Debian package.
const NEEDED: &[Missing] = &[
    Missing {
        program: "initdb",
        package: "postgresql",
    },
    Missing {
        program: "postgres",
        package: "postgresql",
    },
    Missing {
        program: "redis-server",
        package: "redis-server",
    },
    Missing {
        program: "python3",
        package: "python3-venv",
    },
    Missing {
        program: "node",
        package: "nodejs",
    },
    Missing {
        program: "npm",
        package: "npm",
    },
    // Tests that break a network do so in one of their own, which only Linux has.
    #[cfg(target_os = "linux")]
    Missing {
        program: "ip",
        package: "iproute2",
    },
    #[cfg(target_os = "linux")]
    Missing {
        program: "nft",
        package: "nftables",
    },
];

/// What this machine lacks to run the tests.
pub fn missing() -> Vec<Missing> {
    NEEDED
        .iter()
        .copied()
        .filter(|needed| find(needed.program).is_none())
        .collect()
}

/// A user of this system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    pub(crate) id: u32,
    pub(crate) group: u32,
}

/// The path of `program`.
///
/// # Panics
/// If it isn't there, saying what to install: a test that can't run is never skipped in silence.
pub(crate) fn require(program: &str) -> PathBuf {
    find(program).unwrap_or_else(|| {
        let package = NEEDED
            .iter()
            .find(|needed| needed.program == program)
            .map_or("", |needed| needed.package);
        panic!(
            "`{program}` is not on this machine: install the package `{package}`, or run the tests with \
             `cargo manage test`, which does so"
        )
    })
}

/// Whom to run PostgreSQL as: it refuses to serve as root, so root starts it as `postgres`.
///
/// # Panics
/// If this is root and the system has no such user.
pub(crate) fn postgres_user() -> Option<User> {
    if !is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some(User {
            id: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    });
    Some(user.expect("the package `postgresql` makes a user `postgres`"))
}

/// Whether this process may do everything on the system.
pub fn is_root() -> bool {
    // proc(5): the real, effective, saved and file system user ids.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
}

/// Whether this machine has `program`.
pub(crate) fn is_there(program: &str) -> bool {
    find(program).is_some()
}

fn find(program: &str) -> Option<PathBuf> {
    let search_path = search_path().unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&search_path).collect();
    folders.extend(postgres_folders());
    folders.extend(["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    folders
        .into_iter()
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Debian keeps the versions of PostgreSQL side by side, outside the search path. The newest first.
fn postgres_folders() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut folders: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin"))))
        .collect();
    folders.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.into_iter().map(|(_, folder)| folder).collect()
}

fn version(folder: &Path) -> Option<u32> {
    folder.file_name()?.to_str()?.parse().ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "where programs are is the machine's business, not a setting"
)]
fn search_path() -> Option<OsString> {
    std::env::var_os("PATH")
}

/// Where root finds programs: others too, though most of their search paths lack the places of its own.
pub(crate) fn search_path_of_root() -> OsString {
    let mut path = search_path().unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    path
}
