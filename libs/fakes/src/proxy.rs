//! A TCP proxy before Redis or PostgreSQL that loses a command, or the answer to one, exactly where it is told to.
//!
//! Whoever sends a command over a network and gets no answer does not know whether it ran. [`Proxy`] makes each of
//! these cases at will: it understands enough of both protocols to count the commands that pass it and to tell which
//! answer belongs to which, and it does to the n-th of them what a [`Fault`] says. The story under test then has to end
//! as if nothing had happened, for every n and every fault.

mod postgres;
mod relay;
mod resp;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use url::Url;

/// What goes wrong with one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It never arrives at the server.
    CommandLost(Then),
    /// It runs, and nothing of its answer arrives.
    AnswerLost(Then),
    /// It runs, and half of its answer arrives.
    AnswerCut(Then),
    /// It and all behind it on its connection arrive only after this time, whether the client still waits or has
    /// hung up: what a server does that was held still, or a network that delivers what was given up long ago.
    Late(Duration),
}

/// What becomes of the connection then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Then {
    /// Both sides see it closed.
    Cut,
    /// It stays open, and nothing passes any more: what a firewall does that drops packets.
    Silence,
}

/// Which protocol is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Redis,
    Postgres,
}

/// The proxy. Its connections end when it is dropped.
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What the connections of a proxy share.
struct Shared {
    protocol: Protocol,
    server: String,
    plan: Mutex<Plan>,
    paused: watch::Sender<bool>,
    /// Counted up to cut every connection of before.
    cuts: watch::Sender<u64>,
}

/// What has passed, and what is to go wrong.
#[derive(Default)]
struct Plan {
    commands: Vec<String>,
    armed: BTreeMap<u64, Fault>,
    armed_for: Vec<(Matches, Fault)>,
    fired: u64,
}

type Matches = Box<dyn Fn(&str) -> bool + Send>;

impl Proxy {
    /// A proxy before the Redis of this URL.
    ///
    /// # Panics
    /// If the URL names no host, or no port of loopback is free.
    pub async fn redis(url: &str) -> Self {
        Self::start(Protocol::Redis, url, 6379).await
    }

    /// A proxy before the PostgreSQL of this URL. Connections with TLS pass it, and their commands cannot be told
    /// apart.
    ///
    /// # Panics
    /// If the URL names no host, or no port of loopback is free.
    pub async fn postgres(url: &str) -> Self {
        Self::start(Protocol::Postgres, url, 5432).await
    }

    #[expect(clippy::expect_used, reason = "a test that has no proxy cannot go on")]
    async fn start(protocol: Protocol, url: &str, default_port: u16) -> Self {
        let mut url: Url = url.parse().expect("a URL");
        let host = url.host_str().expect("the URL names a host");
        let server = format!("{host}:{}", url.port().unwrap_or(default_port));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        point_at(&mut url, address);
        let shared = Arc::new(Shared {
            protocol,
            server,
            plan: Mutex::default(),
            paused: watch::Sender::new(false),
            cuts: watch::Sender::new(0),
        });
        Self {
            url: url.to_string(),
            accepting: tokio::spawn(accept(listener, Arc::clone(&shared))),
            shared,
        }
    }

    /// The server's URL, by way of the proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The command with this number (from 1, over all connections, counted since the proxy was started) goes wrong.
    pub fn arm(&self, number: u64, fault: Fault) {
        self.shared.plan().armed.insert(number, fault);
    }

    /// The next command that matches goes wrong. What is asked is the command as [`Self::commands`] shows it.
    pub fn arm_next(&self, fault: Fault, matches: impl Fn(&str) -> bool + Send + 'static) {
        self.shared.plan().armed_for.push((Box::new(matches), fault));
    }

    /// How many faults have happened.
    pub fn fired(&self) -> u64 {
        self.shared.plan().fired
    }

    /// Whether the command with this number has come by.
    pub fn has_seen(&self, number: u64) -> bool {
        self.shared.plan().commands.len() as u64 >= number
    }

    /// Every command that has come by, in order, shortened: of Redis its words, of PostgreSQL its SQL.
    pub fn commands(&self) -> Vec<String> {
        self.shared.plan().commands.clone()
    }

    /// Nothing passes from now on, in either direction; connections stay open, and new ones get no answer.
    pub fn pause(&self) {
        self.shared.paused.send_replace(true);
    }

    /// What was held back passes, and everything behind it.
    pub fn resume(&self) {
        self.shared.paused.send_replace(false);
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    /// Nothing panics while it holds the lock; a poisoned one still holds whole data.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a command and says what goes wrong with it.
    fn count(&self, command: String) -> Option<Fault> {
        let mut plan = self.plan();
        let matching = plan.armed_for.iter().position(|(matches, _)| matches(&command));
        plan.commands.push(command);
        let number = plan.commands.len() as u64;
        let fault = match matching {
            Some(index) => Some(plan.armed_for.remove(index).1),
            None => plan.armed.remove(&number),
        };
        plan.fired += u64::from(fault.is_some());
        fault
    }

    /// Waits while the proxy is paused.
    async fn let_pass(&self) {
        // The sender lives as long as what is borrowed here.
        let _ = self.paused.subscribe().wait_for(|paused| !paused).await;
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            shared.let_pass().await;
            // A server that is down: the client sees its connection closed.
            if let Ok(server) = TcpStream::connect(&shared.server).await {
                relay::relay(client, server, &shared).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

#[expect(clippy::expect_used, reason = "both are URLs with a host")]
fn point_at(url: &mut Url, address: SocketAddr) {
    url.set_host(Some(&address.ip().to_string()))
        .expect("an address is a host");
    url.set_port(Some(address.port()))
        .expect("the URL may have a port");
}
