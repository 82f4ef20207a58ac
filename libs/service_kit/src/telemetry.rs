//! Logs for people or for machines, and the metrics registry.

use std::{
    fs::File,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use clap::ValueEnum;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{
    EnvFilter,
    filter::ParseError,
    fmt::{self, writer::BoxMakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::OperatorError;

mod help;

pub use help::METRICS;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: one readable line each, in colour on a terminal.
    Human,
    /// For machines: one JSON object each.
    Json,
}

/// What is logged unless the operator says otherwise.
const DEFAULT_FILTER: &str = "info";

/// What holds besides, unless the operator names the very module: the scheduler tells its life story at `info`,
/// PostgreSQL's client repeats the server's notices, async_openai prints what it cannot read: what a user wrote.
const QUIET: &str = "tokio_cron_scheduler=warn,tokio_postgres=warn,async_openai=off";

/// What is logged, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct LogSettings {
    /// How log lines look.
    #[arg(
        long,
        env = "LOG_FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Logs"
    )]
    pub log_format: LogFormat,
    /// What is logged: a level, or levels by module ("info,bus=debug").
    #[arg(long = "log", env = "RUST_LOG", value_name = "FILTER", default_value = DEFAULT_FILTER, value_parser = parse_filter, help_heading = "Logs")]
    pub log_filter: String,
    /// The file that log lines are added to; standard error when absent.
    #[arg(long, env = "LOG_FILE", value_name = "FILE", help_heading = "Logs")]
    pub log_file: Option<PathBuf>,
}

fn parse_filter(text: &str) -> Result<String, String> {
    filter(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

/// What the operator says goes over what is quiet.
fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::try_new(format!("{QUIET},{text}"))
}

/// Seconds, from half a millisecond to the longest deadline. No step is more than twice the one before, most are one and
/// a half times, so that a P95 read from them is that close.
const SECONDS_BUCKETS: [f64; 30] = [
    0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2,
    0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 30.0, 60.0, 120.0,
];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Sends logs to where `settings` say. Later calls in one process change nothing.
///
/// # Errors
/// The filter cannot be read, or the file cannot be written.
pub fn init(settings: &LogSettings) -> Result<(), OperatorError> {
    let filter = filter(&settings.log_filter).map_err(|error| {
        OperatorError::new(
            format!("cannot read the log filter {:?}", settings.log_filter),
            "set RUST_LOG to a level such as info or debug",
        )
        .because(error)
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let (writer, ansi) = match &settings.log_file {
        Some(path) => (BoxMakeWriter::new(Mutex::new(open(path)?)), false),
        None => (
            BoxMakeWriter::new(std::io::stderr),
            std::io::IsTerminal::is_terminal(&std::io::stderr()),
        ),
    };
    // An earlier subscriber stays: tests run many services in one process.
    drop(match settings.log_format {
        LogFormat::Human => registry
            .with(
                fmt::layer()
                    .with_writer(writer)
                    .with_target(false)
                    .with_ansi(ansi),
            )
            .try_init(),
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .with_writer(writer)
                    .flatten_event(true)
                    .with_current_span(true),
            )
            .try_init(),
    });
    Ok(())
}

/// Opens the log, which only its owner can read.
fn open(path: &Path) -> Result<File, OperatorError> {
    let file = File::options().append(true).create(true).mode(0o600).open(path);
    file.map_err(|error| {
        OperatorError::new(
            format!("cannot write the log file {}", path.display()),
            "set LOG_FILE to a file that can be written",
        )
        .because(error)
    })
}

/// The process's metrics, installed at the first call.
///
/// `None` when another recorder was installed first, as a foreign test harness might.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    if let Some(handle) = HANDLE.get() {
        return Some(handle);
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
        .ok()?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
        return Some(HANDLE.get_or_init(|| handle));
    }
    HANDLE.get()
}

/// Says what each metric says.
fn describe() {
    for (name, help) in METRICS.iter().copied() {
        match name {
            name if name.ends_with("_total") => metrics::describe_counter!(name, help),
            name if name.ends_with("_seconds") => metrics::describe_histogram!(name, help),
            name => metrics::describe_gauge!(name, help),
        }
    }
    process().describe();
}

/// The process's own figures: CPU seconds, memory, open files, threads.
fn process() -> metrics_process::Collector {
    metrics_process::Collector::default()
}

/// Brings the figures of the process itself up to date.
pub(crate) fn measure_process() {
    process().collect();
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What of one line of each kind is logged.
    fn logged(text: &str) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = fmt::layer().with_writer(move || writer.clone()).without_time();
        let subscriber = tracing_subscriber::registry()
            .with(filter(text).unwrap())
            .with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "async_openai::client", "a frame");
            tracing::info!(target: "tokio_cron_scheduler::job", "a job");
            tracing::info!(target: "bus", "a message");
            tracing::debug!(target: "bus", "a detail");
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_quiet_stays_so_whatever_the_level() {
        for text in [DEFAULT_FILTER, "debug", "trace,bus=debug", "bus=debug"] {
            let logged = logged(text);
            assert!(
                !logged.contains("a frame") && !logged.contains("a job"),
                "{text}: {logged}"
            );
            assert!(logged.contains("a message"), "{text}: {logged}");
            assert_eq!(
                logged.contains("a detail"),
                text != DEFAULT_FILTER,
                "{text}: {logged}"
            );
        }
        let named = logged("info,async_openai=debug,tokio_cron_scheduler=info");
        assert!(named.contains("a frame") && named.contains("a job"), "{named}");
    }
}
