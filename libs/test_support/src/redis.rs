//! Throw-away Redis: one server per test run with a key prefix per test, or a server of a test's own.

use std::path::Path;

use redis::AsyncTypedCommands;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::binaries::{self, User};
use crate::guard::Guard;
use crate::run;
use crate::server::{self, Server};
use crate::settings;
use crate::wait::finish_on_a_thread;

/// The URL of the Redis that this test run shares: `TEST_REDIS_URL` if set, else a server that the first
/// caller starts and that goes when the run does. It writes nothing to disk.
///
/// # Panics
/// If there is no `redis-server` on this machine, or it doesn't start.
pub async fn shared_url() -> String {
    static URL: OnceCell<String> = OnceCell::const_new();
    let url = URL.get_or_init(async || match settings::redis_url() {
        Some(url) => url,
        None => server::shared::<InMemory>().await,
    });
    url.await.clone()
}

/// A key prefix of a test's own in the shared server. Keys under it are deleted on drop.
pub struct TestPrefix {
    url: String,
    prefix: String,
}

impl TestPrefix {
    /// Picks a prefix that nobody else has.
    ///
    /// # Panics
    /// As [`shared_url`].
    pub async fn create() -> Self {
        Self {
            url: shared_url().await,
            prefix: format!("test:{}:", Uuid::new_v4().simple()),
        }
    }

    /// The shared server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What each key of this test begins with, such as `test:…:`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl Drop for TestPrefix {
    fn drop(&mut self) {
        let (url, pattern) = (self.url.clone(), format!("{}*", self.prefix));
        finish_on_a_thread(async move { delete(&url, &pattern).await.expect("keys can be deleted") });
    }
}

/// A Redis of a test's own, which keeps every write (`appendfsync always`), to be killed and restarted at
/// will. Gone with its data on drop, or when the test process dies in whatever way.
pub struct TestRedis {
    url: String,
    guard: Guard,
}

impl TestRedis {
    /// Starts a server with no data.
    ///
    /// # Panics
    /// If there is no `redis-server` on this machine, or it doesn't start.
    pub async fn start() -> Self {
        let (guard, url) = server::start::<Durable>(|| run::private_folder(Durable::KIND)).await;
        Self { url, guard }
    }

    /// Where the server is, whether it runs or not.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills the server (SIGKILL).
    pub fn kill(&self) {
        self.guard.kill();
    }

    /// Shuts the server down.
    pub fn stop(&self) {
        self.guard.stop();
    }

    /// Starts the server again on the same port and data, after [`stop`](Self::stop) if it still runs, and
    /// waits until it answers.
    ///
    /// # Panics
    /// If it doesn't start.
    pub async fn restart(&self) {
        server::restart::<Durable>(&self.guard, &self.url).await;
    }

    /// Holds the server still (SIGSTOP): connections stay open and nothing answers.
    pub fn pause(&self) {
        self.guard.pause();
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.guard.resume();
    }
}

struct InMemory;

impl Server for InMemory {
    const KIND: &'static str = "redis";

    fn command(folder: &Path, port: u16) -> Vec<String> {
        command(folder, port, &["--appendonly", "no"])
    }

    fn user() -> Option<User> {
        None
    }

    fn url(port: u16) -> String {
        format!("redis://127.0.0.1:{port}/")
    }

    async fn answers(url: &str, folder: &Path) -> bool {
        serves(url, folder).await.unwrap_or_default()
    }
}

struct Durable;

impl Server for Durable {
    const KIND: &'static str = "redis";

    fn command(folder: &Path, port: u16) -> Vec<String> {
        command(folder, port, &["--appendonly", "yes", "--appendfsync", "always"])
    }

    fn user() -> Option<User> {
        None
    }

    fn url(port: u16) -> String {
        InMemory::url(port)
    }

    async fn answers(url: &str, folder: &Path) -> bool {
        InMemory::answers(url, folder).await
    }
}

fn command(folder: &Path, port: u16, more: &[&str]) -> Vec<String> {
    let binary = binaries::require("redis-server").display().to_string();
    let (folder, port) = (folder.display().to_string(), port.to_string());
    let arguments = [
        "--bind",
        "127.0.0.1",
        "--port",
        &port,
        "--dir",
        &folder,
        "--save",
        "",
        "--daemonize",
        "no",
    ];
    std::iter::once(binary.as_str())
        .chain(arguments)
        .chain(more.iter().copied())
        .map(str::to_owned)
        .collect()
}

/// Fails while the server starts or reads its data.
async fn serves(url: &str, folder: &Path) -> redis::RedisResult<bool> {
    let mut connection = redis::Client::open(url)?
        .get_multiplexed_async_connection()
        .await?;
    connection.ping().await?;
    let directory: Vec<String> = redis::cmd("CONFIG")
        .arg("GET")
        .arg("dir")
        .query_async(&mut connection)
        .await?;
    let folder = folder.canonicalize().unwrap_or_default();
    Ok(directory
        .get(1)
        .is_some_and(|directory| Path::new(directory) == folder))
}

async fn delete(url: &str, pattern: &str) -> redis::RedisResult<()> {
    let mut connection = redis::Client::open(url)?
        .get_multiplexed_async_connection()
        .await?;
    let mut cursor = 0_u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut connection).await?;
        if !keys.is_empty() {
            connection.unlink(keys).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
