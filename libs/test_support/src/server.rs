//! What the throw-away servers have in common: starting on a free port, and being shared by a test run.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::binaries::User;
use crate::guard::Guard;
use crate::ports::free_port;
use crate::run::{self, Process};
use crate::wait::comes_true;

/// How long a server may take until it answers, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Somebody else may take the port between our look and the server's.
const ATTEMPTS: usize = 5;

/// A PostgreSQL refuses to start while a process of a killed one still ends, which takes some milliseconds.
const RESTARTS: usize = 20;

/// A kind of server.
pub(crate) trait Server {
    /// Names its folder.
    const KIND: &'static str;

    /// The program and its arguments: data in `folder/data`, listening on `port` of the loopback only.
    fn command(folder: &Path, port: u16) -> Vec<String>;

    /// The user to run it as, if not the current one.
    fn user() -> Option<User>;

    /// Where it is.
    fn url(port: u16) -> String;

    /// Whether the server at `url` answers and its data are in `folder`.
    async fn answers(url: &str, folder: &Path) -> bool;
}

/// Starts a server of its own for the caller.
pub(crate) async fn start<S: Server>(folder: impl Fn() -> std::path::PathBuf) -> (Guard, String) {
    let mut log = String::new();
    for _ in 0..ATTEMPTS {
        let (folder, port) = (folder(), free_port());
        let guard = Guard::new(&folder, S::user(), &S::command(&folder, port));
        guard.start();
        let url = S::url(port);
        if is_ready::<S>(&guard, &url).await {
            return (guard, url);
        }
        log = guard.log();
    }
    panic!("{} does not start:\n{log}", S::KIND)
}

/// Stops the server if it runs, and starts it on the same port and data.
pub(crate) async fn restart<S: Server>(guard: &Guard, url: &str) {
    guard.stop();
    for _ in 0..RESTARTS {
        guard.start();
        if is_ready::<S>(guard, url).await {
            return;
        }
    }
    panic!("{} does not start again:\n{}", S::KIND, guard.log())
}

/// Waits until the server answers; `false` if it ends before, or takes too long.
async fn is_ready<S: Server>(guard: &Guard, url: &str) -> bool {
    let mut answered = false;
    let settled = comes_true(START_LIMIT, async || {
        answered = S::answers(url, guard.folder()).await;
        answered || !guard.is_alive()
    });
    settled.await && answered
}

/// The URL of the server that all test processes of this run share; the first to ask starts it.
pub(crate) async fn shared<S: Server>() -> String {
    let owner = Process::of_this_run();
    let run = run::shared_folder(S::KIND, &owner, S::user());
    let _lock = run::lock(&run).await;
    let address = run.join("url");
    if let Ok(url) = fs::read_to_string(&address) {
        return url;
    }
    let (guard, url) = start::<S>(|| run.join(uuid::Uuid::new_v4().simple().to_string())).await;
    // In this order: killed in between, we leave an unused server to the run, not the address of a dead one.
    guard.keep(&owner, &run);
    fs::write(&address, &url).expect("the folder is writable");
    url
}
