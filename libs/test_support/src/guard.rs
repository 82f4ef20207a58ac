//! One throw-away server process, watched by a small `sh` script that outlives the test and tidies up.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::binaries::User;
use crate::run::Process;

/// A server and its folder. Both are gone soon after this is dropped or the process that holds it dies.
pub(crate) struct Guard {
    folder: PathBuf,
    channel: Mutex<Channel>,
}

struct Channel {
    guard: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Guard {
    /// Makes `folder` and gets ready to run `command` (a program and its arguments), as `user` if given.
    /// Nothing runs before [`Guard::start`].
    pub(crate) fn new(folder: &Path, user: Option<User>, command: &[String]) -> Self {
        let mut guard = Command::new("sh");
        guard
            .args(["-c", include_str!("guard.sh"), "guard"])
            .arg(folder)
            .args(command)
            .current_dir("/")
            // A Ctrl-C, or a runner that ends a test's process group, must not take the guard with it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(user) = user {
            guard.uid(user.id).gid(user.group);
        }
        let mut guard = guard.spawn().expect("`sh` starts");
        let orders = guard.stdin.take();
        let answers = BufReader::new(guard.stdout.take().expect("stdout is piped"));
        Self {
            folder: folder.to_owned(),
            channel: Mutex::new(Channel {
                guard,
                orders,
                answers,
            }),
        }
    }

    /// Starts the server, without waiting until it answers.
    pub(crate) fn start(&self) {
        self.order("start");
    }

    /// Whether the server's process runs (or is paused).
    pub(crate) fn is_alive(&self) -> bool {
        self.order("alive") == "yes"
    }

    /// Kills the server and its children with SIGKILL.
    pub(crate) fn kill(&self) {
        self.order("kill");
    }

    /// Asks the server to stop (SIGINT) and waits until it has.
    pub(crate) fn stop(&self) {
        self.order("stop");
    }

    /// Holds the server still (SIGSTOP): connections stay open and nothing answers.
    pub(crate) fn pause(&self) {
        self.order("pause");
    }

    /// Lets a paused server go on (SIGCONT).
    pub(crate) fn resume(&self) {
        self.order("resume");
    }

    /// Hands the server over: it lives as long as `owner` does, and `run` is removed with it.
    pub(crate) fn keep(self, owner: &Process, run: &Path) {
        self.order(&format!("keep {} {} {}", owner.id, owner.since, run.display()));
    }

    /// The server's folder, where its `data` and `log` are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the server wrote, for a failure's message.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn order(&self, order: &str) -> String {
        let mut channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = channel.orders.as_mut().expect("orders are taken until the drop");
        let sent = writeln!(orders, "{order}");
        let mut answer = String::new();
        let received = channel.answers.read_line(&mut answer);
        if sent.is_err() || received.is_err() || answer.is_empty() {
            panic!(
                "the guard has gone: can the server's user make the folder {}?",
                self.folder.display()
            );
        }
        answer.trim_end().to_owned()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let channel = self.channel.get_mut().unwrap_or_else(PoisonError::into_inner);
        channel.orders = None;
        // A guard that was told to keep its server has closed its output and goes on: it isn't waited for.
        if channel.answers.fill_buf().is_ok_and(<[u8]>::is_empty) && !self.folder.exists() {
            let _ = channel.guard.wait();
        }
    }
}
