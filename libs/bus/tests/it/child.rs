//! A consumer in a process of its own, to be killed and stopped: the test binary, started again.

use std::process::Stdio;

use bus::{Bus, ConsumerOptions};
use messages::Topic;
use test_support::wait_until;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::mpsc,
};

use crate::backend::{self, Backend, LIMIT};

const URL: &str = "BUS_TEST_URL";
const PREFIX: &str = "BUS_TEST_PREFIX";
const WORD: &str = "child says:";

/// A process that takes deliveries of the group `workers` and holds them.
pub(crate) struct Holder {
    process: Child,
    orders: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    pub(crate) fn start(backend: &Backend) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child::holds_deliveries",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(URL, backend.url())
            .env(PREFIX, backend.key_prefix())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            orders: process.stdin.take().unwrap(),
            words: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    /// The next thing that it says: what a delivery said and its attempt, or how an ack went.
    pub(crate) async fn word(&mut self) -> String {
        tokio::time::timeout(LIMIT, async {
            loop {
                let line = self.words.next_line().await.unwrap().expect("the child lives");
                // The test harness writes the test's name in front of the first word.
                if let Some((_, word)) = line.split_once(WORD) {
                    return word.trim().to_owned();
                }
            }
        })
        .await
        .expect("the child says something")
    }

    /// Tells it to ack all that it holds.
    pub(crate) async fn ack(&mut self) {
        self.orders.write_all(b"ack\n").await.unwrap();
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Stops it between two transactions: a process that is frozen inside of one keeps SQLite's only write lock,
    /// and then nobody can show anything.
    pub(crate) async fn pause(&self, backend: &Backend) {
        wait_until(
            "the child is stopped outside of a transaction",
            LIMIT,
            async || {
                self.signal("-STOP").await;
                wait_until("every thread of the child stands", LIMIT, async || self.stands()).await;
                let is_outside = backend.is_writable();
                if !is_outside {
                    self.signal("-CONT").await;
                }
                is_outside
            },
        )
        .await;
    }

    /// Whether all its threads are stopped (proc(5): the state after the name in parentheses).
    fn stands(&self) -> bool {
        let tasks = format!("/proc/{}/task", self.process.id().unwrap());
        std::fs::read_dir(tasks).unwrap().all(|task| {
            let stat = std::fs::read_to_string(task.unwrap().path().join("stat")).unwrap_or_default();
            stat.rsplit_once(')')
                .is_none_or(|(_, rest)| rest.trim_start().starts_with('T'))
        })
    }

    pub(crate) async fn resume(&self) {
        self.signal("-CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let id = self.process.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .await
                .unwrap()
                .success()
        );
    }
}

/// What [`Holder`] runs. Ends when its parent does.
#[tokio::test]
#[ignore = "runs in a child process of other tests"]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment is how a parent tells its child where to go"
)]
async fn holds_deliveries() {
    let (url, prefix) = (std::env::var(URL).unwrap(), std::env::var(PREFIX).unwrap());
    let bus: Bus = backend::connect(&url, &prefix).await;
    let options: ConsumerOptions = backend::short_lease();
    let topic: Topic = backend::inbox();
    let mut consumer = bus.consumer(&topic, "workers", options).await.unwrap();
    let mut held = Vec::new();
    let (order_sender, mut orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            order_sender.send(line.unwrap()).unwrap();
        }
    });
    loop {
        tokio::select! {
            delivery = consumer.next() => {
                let delivery = delivery.unwrap();
                println!("\n{WORD} {} {}", backend::text(delivery.envelope()), delivery.attempt());
                held.push(delivery);
            }
            order = orders.recv() => {
                if order.is_none() {
                    return;
                }
                for delivery in held.drain(..) {
                    println!("\n{WORD} {:?}", delivery.ack().await);
                }
            }
        }
    }
}
