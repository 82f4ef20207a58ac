//! Starts `manage` in a folder of its own, with an environment of its own, and reads what it says.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use rest_client::Client;

/// How long a start may take on a loaded machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A folder to work in and the environment for the processes that are started there.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// `manage` with `args`, not yet started. It sees nothing of the environment of the tests but PATH.
    pub(crate) fn manage(&self, args: &[&str]) -> Command {
        let program = test_support::manage().map(|path| std::path::absolute(path).unwrap());
        let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_manage").into()));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null());
        if let Ok(path) = path_variable() {
            command.env("PATH", path);
        }
        command
            .env("REST_LISTEN", "127.0.0.1:0")
            .env("CALENDAR_LISTEN", "127.0.0.1:0")
            // What runs on the machine of whoever runs the tests is none of theirs.
            .env("FIND_OLLAMA", "false")
            .envs(self.environment.iter().cloned());
        command
    }

    /// Runs `manage` to its end.
    pub(crate) fn output(&self, args: &[&str]) -> Output {
        self.manage(args).output().unwrap()
    }

    /// Starts `manage run` and waits until it says that it is ready.
    pub(crate) fn run(&self) -> Running {
        let mut child = self
            .manage(&["run"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, lines) = mpsc::channel();
        read_lines(child.stdout.take().unwrap(), said.clone());
        read_lines(child.stderr.take().unwrap(), said);
        let mut running = Running {
            child,
            rest_url: String::new(),
            said: Vec::new(),
        };
        while !running.said.iter().any(|line| line.starts_with("Ready in ")) {
            match lines.recv_timeout(START_LIMIT) {
                Ok(line) => running.said.push(line),
                Err(error) => panic!("not ready ({error}); it said:\n{}", running.said.join("\n")),
            }
        }
        let url = running
            .said
            .iter()
            .find_map(|line| line.trim().strip_prefix("REST"))
            .unwrap();
        running.rest_url = url.trim().to_owned();
        running
    }

    /// A client with the key that the data folder holds.
    pub(crate) fn client(&self, running: &Running) -> Client {
        let secrets = std::fs::read_to_string(self.data().join("secrets.env")).unwrap();
        let key = secrets
            .lines()
            .find_map(|line| line.strip_prefix("SERVICE_KEY="))
            .unwrap();
        Client::new(running.rest_url.parse().unwrap(), key.into()).unwrap()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the started process needs the PATH of the tests, and nothing else"
)]
fn path_variable() -> Result<String, std::env::VarError> {
    std::env::var("PATH")
}

fn read_lines(from: impl std::io::Read + Send + 'static, to: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // The test may have read enough; the process must not block on a full pipe all the same.
            drop(to.send(line));
        }
    });
}

/// A `manage run` that said it is ready; killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) rest_url: String,
    /// What it said until it was ready.
    pub(crate) said: Vec<String>,
}

impl Running {
    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
