//! `manage chat`: a conversation in the terminal, over the REST API like any other front end.
//!
//! On a terminal it edits lines and shows answers as they grow (`terminal`); otherwise it reads lines and prints
//! answers in order (`piped`), so that it works in scripts.

mod partner;
mod piped;
mod terminal;
mod text;

use std::{
    io::{IsTerminal, stdin, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use rest_client::Client;
use secrecy::SecretString;
use service_kit::{
    Lifecycle, OperatorError, ProcessSettings,
    http::ConnectionSettings,
    launch_with,
    settings::http_url,
    telemetry::{LogFormat, LogSettings},
};
use url::Url;

use crate::data_folder;
use partner::Partner;

/// The most seconds that `--wait` takes: a day.
const LONGEST_WAIT: u64 = 86_400;

/// With whom to talk, and as whom.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage chat\n  printf 'hello\\n' | manage chat\n  \
    printf 'remind me in 5 seconds to drink water\\n' | manage chat --wait 8"
)]
pub(crate) struct ChatArgs {
    /// Where the assistant's REST API is.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    rest_url: Url,
    /// The key that opens it; the data folder's when absent.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// The data folder, where the key is and the typed lines are kept.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
    #[command(flatten)]
    person: Person,
    /// How many seconds to go on listening after the end of a piped input, for reminders.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = clap::value_parser!(u64).range(0..=LONGEST_WAIT))]
    wait: u64,
    /// What is logged: a level, or levels by module.
    #[arg(long = "log", env = "RUST_LOG", value_name = "FILTER", default_value = "warn")]
    log_filter: String,
}

/// Who sits at this machine; used when they talk for the first time.
#[derive(Args, Clone, Debug)]
pub(crate) struct Person {
    /// How you are called, the first time you talk.
    #[arg(long, env = "USER", value_name = "NAME", default_value = "Owner")]
    name: String,
    /// Your IANA time zone, the first time you talk; the machine's when absent.
    #[arg(long, env = "TZ", value_name = "ZONE")]
    time_zone: Option<String>,
    /// Your language, the first time you talk, such as `de` or `en-GB`.
    #[arg(long, env = "LC_ALL", value_name = "LOCALE")]
    locale: Option<String>,
    /// Where that is empty.
    #[arg(long, env = "LANG", value_name = "LOCALE", hide = true)]
    lang: Option<String>,
}

/// How a conversation is held.
pub(crate) struct Options {
    /// Who talks.
    pub(crate) person: Person,
    /// Where typed lines are kept; only in memory when absent.
    pub(crate) history: Option<PathBuf>,
    /// How long to listen after the end of a piped input.
    pub(crate) wait: Duration,
}

impl Options {
    /// Those of a conversation in the process that owns the data folder.
    pub(crate) fn in_folder(person: Person, folder: &Path) -> Self {
        Self {
            person,
            history: Some(history_in(folder)),
            wait: Duration::ZERO,
        }
    }
}

fn history_in(folder: &Path) -> PathBuf {
    folder.join("chat_history")
}

/// Whether someone sits at both ends.
pub(crate) fn on_a_terminal() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Talks to an assistant that runs in another process.
pub(crate) fn run(args: ChatArgs) -> anyhow::Result<ExitCode> {
    let key = match args.service_key {
        Some(key) => key,
        None => data_folder::service_key(&args.data_dir).map_err(|error| {
            let folder = args.data_dir.display();
            partner::nobody(&args.rest_url)
                .because(format!("no key is in the data folder {folder} ({error})"))
        })?,
    };
    let client = Client::new(args.rest_url.clone(), key)?;
    let options = Options {
        person: args.person,
        history: args.data_dir.is_dir().then(|| history_in(&args.data_dir)),
        wait: Duration::from_secs(args.wait),
    };
    let process = ProcessSettings {
        log: LogSettings {
            log_format: LogFormat::Human,
            log_filter: args.log_filter,
            log_file: None,
        },
        connections: ConnectionSettings::default(),
    };
    Ok(launch_with(&process, async |lifecycle| {
        let life = lifecycle.clone();
        lifecycle.spawn("chat", async move {
            let outcome = converse(&client, &args.rest_url, options, &life).await;
            life.stop();
            outcome
        });
        Ok(())
    }))
}

/// Holds a conversation on this process's standard input and output, until the person ends it or the process
/// stops.
///
/// # Errors
/// Nobody answers at `url`, the key is wrong, or a message is refused: one line that says what to do.
pub(crate) async fn converse(
    client: &Client,
    url: &Url,
    options: Options,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    let meeting = Partner::meet(client, url, &options.person);
    let Some(partner) = lifecycle.until_stopping(meeting).await else {
        return Ok(());
    };
    let partner = partner?;
    if on_a_terminal() {
        terminal::talk(partner, options.history, lifecycle).await
    } else {
        piped::talk(partner, options.wait, lifecycle).await
    }
}
