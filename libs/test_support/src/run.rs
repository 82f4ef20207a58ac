//! The test run that shared servers belong to: the process that started the test processes.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use uuid::Uuid;

use crate::binaries::User;

/// Begins the name of every folder that this crate makes under the system's temporary folder.
const FOLDER: &str = "smart-assistant-test";

/// Programs that start one test process after another. Under anything else (a shell, a debugger) a test
/// process is a run of its own.
const RUNNERS: [&str; 3] = ["cargo", "manage", "rustdoc"];

/// A process that can't be mistaken for a later one with the same id.
pub(crate) struct Process {
    pub(crate) id: u32,
    /// When it began; empty once it is dead. The guard script computes the same text.
    pub(crate) since: String,
}

impl Process {
    fn with_id(id: u32) -> Self {
        Self { id, since: since(id) }
    }

    fn current() -> Self {
        Self::with_id(std::process::id())
    }

    /// The process whose end is the end of this test run.
    pub(crate) fn of_this_run() -> Self {
        let parent = std::os::unix::process::parent_id();
        let name = fs::read_to_string(format!("/proc/{parent}/comm"))
            .unwrap_or_else(|_| output("ps", &["-o", "comm=", "-p", &parent.to_string()]));
        let name = name.trim().rsplit('/').next().unwrap_or_default();
        if RUNNERS.iter().any(|runner| name.starts_with(runner)) {
            Self::with_id(parent)
        } else {
            Self::current()
        }
    }

    fn is_alive(&self) -> bool {
        !self.since.is_empty() && self.since == since(self.id)
    }
}

/// The folder of a server that all test processes of this run share.
pub(crate) fn shared_folder(kind: &str, owner: &Process, user: Option<User>) -> PathBuf {
    remove_leftovers();
    let folder = folder(owner, kind);
    fs::create_dir_all(&folder).expect("the temporary folder is writable");
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("it is ours");
    if let Some(user) = user {
        chown(&folder, Some(user.id), Some(user.group)).expect("root may give a folder away");
    }
    folder
}

/// A new name for the folder of a server that this process has for itself.
pub(crate) fn private_folder(kind: &str) -> PathBuf {
    remove_leftovers();
    folder(
        &Process::current(),
        &format!("{kind}-{}", Uuid::new_v4().simple()),
    )
}

/// Waits until no other process of this run is setting the shared server in `folder` up.
pub(crate) async fn lock(folder: &Path) -> File {
    let path = folder.join("lock");
    let locking = tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .expect("the folder is writable");
        file.lock().expect("the file system has locks");
        file
    });
    locking.await.expect("locking does not panic")
}

/// Removes folders whose owner and whose guard are gone, such as after a power cut.
fn remove_leftovers() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(owner) else {
            continue;
        };
        if !owner.is_alive() {
            // Its guard may be at it too: whoever comes first.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The folder `name` of `owner`.
fn folder(owner: &Process, name: &str) -> PathBuf {
    let prefix = prefix();
    std::env::temp_dir().join(format!("{prefix}{}-{}-{name}", owner.id, owner.since))
}

/// Whose folder it is, if it is one of ours.
fn owner(folder: &str) -> Option<Process> {
    let (id, rest) = folder.strip_prefix(&prefix())?.split_once('-')?;
    let (since, _) = rest.split_once('-')?;
    Some(Process {
        id: id.parse().ok()?,
        since: since.to_owned(),
    })
}

/// Containers may share a temporary folder but not their processes' ids, so the namespace is in the name.
fn prefix() -> String {
    let namespace = fs::metadata("/proc/self/ns/pid")
        .map(|file| file.ino())
        .unwrap_or_default();
    format!("{FOLDER}-{namespace}-")
}

fn since(id: u32) -> String {
    if !Path::new("/proc/self/stat").exists() {
        let date = output("ps", &["-o", "lstart=", "-p", &id.to_string()]);
        return date.split_whitespace().collect::<Vec<_>>().join("_");
    }
    // proc(5): the state is field 3, the first behind the name in parentheses; the start is field 22.
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    match fields.next() {
        Some("Z") | None => String::new(),
        Some(_) => fields.nth(18).unwrap_or_default().to_owned(),
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map(|output| output.stdout);
    String::from_utf8_lossy(&output.unwrap_or_default()).into_owned()
}
