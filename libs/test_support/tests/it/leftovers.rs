//! Neither process nor folder outlives a test run, however it ends. The runs here are child processes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use test_support::postgres::{self, TestPostgres};
use test_support::redis::{self, TestRedis};
use test_support::wait_until;
use url::Url;

const LIMIT: Duration = Duration::from_secs(30);

/// Starts one server of each sort, says where they are, and ends as the name says.
#[tokio::test]
#[ignore = "runs in a child process of other tests"]
async fn servers_of_a_test_that_panics() {
    let _servers = report_servers().await;
    panic!("as a failing test does");
}

#[tokio::test]
#[ignore = "runs in a child process of other tests"]
async fn servers_of_a_test_that_pauses_one_and_hangs() {
    let (_postgres, redis) = report_servers().await;
    redis.pause();
    std::future::pending::<()>().await;
}

#[tokio::test]
#[ignore = "runs in a child process of other tests"]
async fn shared_servers() {
    report("shared", &postgres::shared_url().await);
    report("shared", &redis::shared_url().await);
}

async fn report_servers() -> (TestPostgres, TestRedis) {
    let (postgres, redis) = (TestPostgres::start().await, TestRedis::start().await);
    let shared = (postgres::shared_url().await, redis::shared_url().await);
    for url in [postgres.url(), redis.url(), &shared.0, &shared.1] {
        report("server", url);
    }
    (postgres, redis)
}

#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn report(what: &str, url: &str) {
    println!("\n{what} {url}");
}

/// A process whose servers' folders are in a temporary folder of its own.
struct Run {
    process: Child,
    output: std::io::Lines<BufReader<std::process::ChildStdout>>,
    folder: TempDir,
}

impl Run {
    fn of_test(name: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--ignored",
            "--exact",
            "--nocapture",
            &format!("leftovers::{name}"),
        ]);
        Self::of(command, temporary_folder())
    }

    /// Two test processes, one after the other, under a runner: `sh` by the name of `cargo`.
    fn of_two_test_processes() -> Self {
        let folder = temporary_folder();
        let runner = folder.path().join("cargo");
        fs::copy("/bin/sh", &runner).unwrap();
        let mut command = Command::new(runner);
        let script = r#""$0" --ignored --exact --nocapture leftovers::shared_servers;
            "$0" --ignored --exact --nocapture leftovers::shared_servers; echo done; read -r _"#;
        command.args(["-c", script]).arg(std::env::current_exe().unwrap());
        Self::of(command, folder)
    }

    fn of(mut command: Command, folder: TempDir) -> Self {
        command
            .env("TMPDIR", folder.path())
            .env_remove("TEST_POSTGRES_URL")
            .env_remove("TEST_REDIS_URL");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            process,
            output,
            folder,
        }
    }

    /// The next `count` addresses that the process reports.
    fn servers(&mut self, what: &str, count: usize) -> Vec<Url> {
        let lines = self.output.by_ref().map(Result::unwrap);
        let urls = lines.filter_map(|line| Some(line.strip_prefix(what)?.trim().parse().unwrap()));
        let urls: Vec<Url> = urls.take(count).collect();
        assert_eq!(urls.len(), count, "the process ended early");
        urls
    }

    fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    }

    /// The programs that name the folder or work in it: guards, servers, and what prepares their data.
    fn programs(&self) -> Vec<String> {
        let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let concerned = processes.filter_map(|process| {
            let command = fs::read_to_string(process.join("cmdline")).ok()?;
            let names_it = command.contains(&*self.folder.path().to_string_lossy());
            let is_in_it =
                || fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(self.folder.path()));
            (names_it || is_in_it()).then_some(command)
        });
        concerned
            .map(|command| command.split('\0').next().unwrap_or_default().to_owned())
            .collect()
    }

    async fn leaves_nothing(&mut self, servers: &[Url]) {
        self.process.wait().unwrap();
        wait_until("the folders to be removed", LIMIT, async || {
            self.folders().is_empty()
        })
        .await;
        for server in servers {
            wait_until(&format!("{server} to be gone"), LIMIT, async || !answers(server)).await;
        }
        wait_until("the processes to end", LIMIT, async || self.programs().is_empty()).await;
    }
}

/// The other user that root starts PostgreSQL as must get into the folder.
fn temporary_folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    folder
}

fn answers(server: &Url) -> bool {
    TcpStream::connect(("127.0.0.1", server.port().unwrap())).is_ok()
}

#[tokio::test]
async fn a_test_that_panics_leaves_nothing() {
    let mut run = Run::of_test("servers_of_a_test_that_panics");
    let servers = run.servers("server", 4);
    run.leaves_nothing(&servers).await;
}

#[tokio::test]
async fn a_test_process_that_is_killed_leaves_nothing() {
    let mut run = Run::of_test("servers_of_a_test_that_pauses_one_and_hangs");
    let servers = run.servers("server", 4);
    assert!(servers.iter().all(answers));
    assert_eq!(run.folders().len(), 4);

    run.process.kill().unwrap();

    run.leaves_nothing(&servers).await;
}

#[tokio::test]
async fn a_test_process_that_is_killed_while_a_server_starts_leaves_nothing() {
    for program in ["sh", "initdb", "postgres"] {
        let mut run = Run::of_test("servers_of_a_test_that_pauses_one_and_hangs");
        let runs = async || run.programs().iter().any(|running| running.ends_with(program));
        wait_until(program, LIMIT, runs).await;

        run.process.kill().unwrap();

        run.leaves_nothing(&[]).await;
    }
}

#[tokio::test]
async fn test_processes_of_one_run_share_their_servers_which_end_with_the_run() {
    let mut run = Run::of_two_test_processes();
    let first = run.servers("shared", 2);
    let second = run.servers("shared", 2);
    assert_eq!(first, second);
    assert!(run.output.by_ref().any(|line| line.unwrap() == "done"));
    assert!(
        first.iter().all(answers),
        "the servers ended with the first process"
    );

    run.process.kill().unwrap();

    run.leaves_nothing(&first).await;
}
