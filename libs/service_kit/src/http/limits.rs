//! How many HTTP connections a process holds, and for how long: settings, and what follows from the process's own
//! limits where nothing is set.

use std::time::Duration;

use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most connections of strangers that are held unless the operator says otherwise.
const MOST: usize = 8192;

/// The fewest, however few files the process may open.
const FEWEST: usize = 16;

/// How long HTTP connections may take for what they do. They hold for all listeners of the process together.
#[derive(Args, Clone, Debug, Default)]
pub struct ConnectionSettings {
    /// How many HTTP connections are held at most, those of services not counted; by default a third of the files that
    /// the process may open, and 8192 at most.
    #[arg(long, env = "HTTP_CONNECTIONS", value_name = "N", value_parser = connections, help_heading = "HTTP")]
    pub http_connections: Option<usize>,
    /// How many of them one address may have; by default half of them.
    #[arg(long, env = "HTTP_CONNECTIONS_PER_ADDRESS", value_name = "N", value_parser = connections, help_heading = "HTTP")]
    pub http_connections_per_address: Option<usize>,
    /// How long the head of a request may take, in seconds.
    #[arg(long, env = "HTTP_HEADER_SECONDS", value_name = "S", default_value = "10", value_parser = seconds(), help_heading = "HTTP")]
    pub http_header_seconds: Option<u64>,
    /// How long the body of a request may take, in seconds.
    #[arg(long, env = "HTTP_BODY_SECONDS", value_name = "S", default_value = "30", value_parser = seconds(), help_heading = "HTTP")]
    pub http_body_seconds: Option<u64>,
    /// How long a connection may wait between two requests, in seconds.
    #[arg(long, env = "HTTP_IDLE_SECONDS", value_name = "S", default_value = "75", value_parser = seconds(), help_heading = "HTTP")]
    pub http_idle_seconds: Option<u64>,
    /// How long a request and its answer may take in all, in seconds; event streams may take longer.
    #[arg(long, env = "HTTP_TOTAL_SECONDS", value_name = "S", default_value = "600", value_parser = seconds(), help_heading = "HTTP")]
    pub http_total_seconds: Option<u64>,
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 8..=1_000_000) => Ok(number),
        _ => Err("use a number from 8 to 1000000".to_owned()),
    }
}

fn seconds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=86_400)
}

/// What the settings come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The connections of strangers in all: those that have not shown the service key.
    pub in_all: usize,
    /// Those of one address.
    pub per_address: usize,
    /// For the head of a request.
    pub header: Duration,
    /// For its body.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// For a request and its answer, unless that is an event stream.
    pub total: Duration,
    /// For a peer that takes nothing of what it is sent.
    pub stalled: Duration,
}

impl ConnectionLimits {
    /// How many requests of strangers are served at a time. The rest of the connections are room for newcomers, one of
    /// whom may be a service whose key is not read yet.
    pub fn at_a_time(&self) -> usize {
        self.in_all - (self.in_all / 4).max(1).min(self.in_all)
    }

    /// How many connections may be on their way out, their sockets still open: the process's files have room for them.
    pub(super) fn ending(&self) -> usize {
        (self.in_all / 4).max(1)
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self::from(&ConnectionSettings::default())
    }
}

impl From<&ConnectionSettings> for ConnectionLimits {
    fn from(settings: &ConnectionSettings) -> Self {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let third = usize::try_from(files / 3).unwrap_or(MOST);
        let in_all = settings.http_connections.unwrap_or(third.clamp(FEWEST, MOST));
        let after = |set: Option<u64>, default| Duration::from_secs(set.unwrap_or(default));
        Self {
            in_all,
            per_address: settings
                .http_connections_per_address
                .unwrap_or(in_all / 2)
                .min(in_all),
            header: after(settings.http_header_seconds, 10),
            body: after(settings.http_body_seconds, 30),
            // Longer than our own clients keep a connection, so that none is closed while it is taken up again.
            idle: after(settings.http_idle_seconds, 75),
            total: after(settings.http_total_seconds, 600),
            stalled: Duration::from_secs(30),
        }
    }
}

/// Lets the process open as many files as it may: the limit that it starts with is often the one of programs from
/// decades ago.
pub(crate) fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current < maximum {
        let raised = Rlimit {
            current: maximum,
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::debug!(%error, "the limit on open files stays as it is");
        }
    }
}
