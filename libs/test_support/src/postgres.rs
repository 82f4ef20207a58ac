//! Throw-away PostgreSQL: one server per test run with a schema per test, or a server of a test's own.

use std::path::Path;

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};
use url::Url;
use uuid::Uuid;

use crate::binaries::{self, User};
use crate::guard::Guard;
use crate::run;
use crate::server::{self, Server};
use crate::settings;
use crate::wait::finish_on_a_thread;

/// Makes the data folder unless it is there (`$1`; `$2` is `initdb`), then becomes the server (the rest).
const SCRIPT: &str = r#"
data=$1 initdb=$2
shift 2
[ -f "$data/PG_VERSION" ] ||
  "$initdb" -D "$data" -U postgres --auth=trust --no-sync --encoding=UTF8 --locale=C || exit 1
exec "$@"
"#;

/// Dynamic memory is in the data folder, so that a killed server leaves nothing in `/dev/shm`.
const OPTIONS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "dynamic_shared_memory_type=mmap",
    "max_connections=300",
    "shared_buffers=64MB",
    "logging_collector=off",
    "log_min_messages=warning",
];

/// What a server that is thrown away need not pay for.
const CARELESS: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// The URL of the PostgreSQL that this test run shares, as a superuser, in its default database:
/// `TEST_POSTGRES_URL` if set, else a server that the first caller starts and that goes when the run does.
///
/// # Panics
/// If there is no PostgreSQL on this machine, or it doesn't start.
pub async fn shared_url() -> String {
    static URL: OnceCell<String> = OnceCell::const_new();
    let url = URL.get_or_init(async || match settings::postgres_url() {
        Some(url) => url,
        None => server::shared::<Careless>().await,
    });
    url.await.clone()
}

/// A schema of a test's own in the shared server, dropped with all that is in it on drop.
pub struct TestSchema {
    server: String,
    name: String,
    url: String,
}

impl TestSchema {
    /// Makes an empty schema.
    ///
    /// # Panics
    /// As [`shared_url`].
    pub async fn create() -> Self {
        let server = shared_url().await;
        let name = format!("test_{}", Uuid::new_v4().simple());
        let client = connect(&server)
            .await
            .expect("the shared PostgreSQL takes connections");
        client
            .batch_execute(&format!("CREATE SCHEMA {name}"))
            .await
            .expect("the user may make schemas");
        let mut url = Url::parse(&server).expect("a PostgreSQL URL");
        url.query_pairs_mut()
            .append_pair("application_name", &name)
            .append_pair("options", &format!("-csearch_path={name}"));
        Self {
            server,
            name,
            url: url.into(),
        }
    }

    /// The shared server; connections to this URL see this schema alone.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The schema's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestSchema {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        finish_on_a_thread(async move {
            let client = connect(&server)
                .await
                .expect("the shared PostgreSQL takes connections");
            // A connection that is still open may hold locks: it goes first.
            let statements = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}';
                 SET lock_timeout = '20s';
                 DROP SCHEMA {name} CASCADE"
            );
            client
                .batch_execute(&statements)
                .await
                .expect("the schema can be dropped");
        });
    }
}

/// A PostgreSQL of a test's own, which keeps what it committed, to be killed and restarted at will. Gone with
/// its data on drop, or when the test process dies in whatever way.
pub struct TestPostgres {
    url: String,
    guard: Guard,
}

impl TestPostgres {
    /// Starts a server with an empty database.
    ///
    /// # Panics
    /// If there is no PostgreSQL on this machine, or it doesn't start.
    pub async fn start() -> Self {
        let (guard, url) = server::start::<Durable>(|| run::private_folder(Durable::KIND)).await;
        Self { url, guard }
    }

    /// Where the server is (a superuser's URL), whether it runs or not.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills the server and its backends (SIGKILL).
    pub fn kill(&self) {
        self.guard.kill();
    }

    /// Shuts the server down, which ends its connections.
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

    /// Holds the server and its backends still (SIGSTOP): connections stay open and nothing answers.
    pub fn pause(&self) {
        self.guard.pause();
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.guard.resume();
    }
}

struct Careless;

impl Server for Careless {
    const KIND: &'static str = "postgres";

    fn command(folder: &Path, port: u16) -> Vec<String> {
        command(folder, port, &CARELESS)
    }

    fn user() -> Option<User> {
        binaries::postgres_user()
    }

    fn url(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable")
    }

    async fn answers(url: &str, folder: &Path) -> bool {
        let Ok(client) = connect(url).await else {
            return false;
        };
        let Ok(row) = client.query_one("SHOW data_directory", &[]).await else {
            return false;
        };
        Path::new(row.get::<_, &str>(0)) == folder.join("data")
    }
}

struct Durable;

impl Server for Durable {
    const KIND: &'static str = "postgres";

    fn command(folder: &Path, port: u16) -> Vec<String> {
        command(folder, port, &[])
    }

    fn user() -> Option<User> {
        binaries::postgres_user()
    }

    fn url(port: u16) -> String {
        Careless::url(port)
    }

    async fn answers(url: &str, folder: &Path) -> bool {
        Careless::answers(url, folder).await
    }
}

fn command(folder: &Path, port: u16, more: &[&str]) -> Vec<String> {
    let [initdb, postgres] = ["initdb", "postgres"].map(|name| binaries::require(name).display().to_string());
    let data = folder.join("data").display().to_string();
    let start = [
        "sh",
        "-c",
        SCRIPT,
        "postgres",
        &data,
        &initdb,
        &postgres,
        "-D",
        &data,
        "-p",
        &port.to_string(),
    ];
    let options = OPTIONS.iter().chain(more).flat_map(|option| ["-c", option]);
    start.into_iter().chain(options).map(str::to_owned).collect()
}

/// A connection that lives as long as the client does.
async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
