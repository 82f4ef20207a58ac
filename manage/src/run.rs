//! `manage run`: every service in one process, on embedded stores, with nothing to install.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use rest_client::Client;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{
    Lifecycle, OperatorError, ProcessSettings, http, launch_with,
    retry::wait_for,
    settings::{self, Settings, SettingsError, parse},
};
use tokio::{net::TcpListener, time::Instant};
use url::Url;

use crate::{
    calendar,
    chat::{self, Person},
    data_folder::{self, DataFolder},
    say,
};

/// Where the process keeps what it keeps, and where it listens.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage run\n  manage run --data-dir /srv/assistant --rest-listen 127.0.0.1:9000\n  \
    TELEGRAM_BOT_TOKEN=… OPENAI_API_KEY=… manage run\n\n\
    The services' own settings (models, Telegram, …) come from the environment or .env; \
    `manage serve NAME -- --help` describes them."
)]
pub(crate) struct RunArgs {
    /// The folder for everything that is kept; made when it is not there.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
    /// Where the REST API listens.
    #[arg(
        long,
        env = "REST_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    rest_listen: SocketAddr,
    /// Where calendar_service listens, whose pages connect calendars.
    #[arg(
        long,
        env = "CALENDAR_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8081"
    )]
    calendar_listen: SocketAddr,
    /// Another database than the data folder's: postgres://… or sqlite:FILE.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// Another bus than the data folder's: redis://… or sqlite:FILE.
    #[arg(long, env = "BUS_URL", hide_env_values = true, value_name = "URL")]
    bus_url: Option<SecretString>,
    /// Another service key than the data folder's.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// Another key for calendar tokens than the data folder's.
    #[arg(long, env = "ENCRYPTION_KEY", hide_env_values = true, value_name = "KEY")]
    encryption_key: Option<SecretString>,
    /// Earlier keys for calendar tokens, besides the data folder's; separated by commas.
    #[arg(long, env = "ENCRYPTION_KEY_OLD", hide_env_values = true, value_name = "KEYS")]
    encryption_key_old: Option<SecretString>,
    /// The bot's token from @BotFather; without it, Telegram is off.
    #[arg(
        long,
        env = "TELEGRAM_BOT_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    telegram_bot_token: Option<SecretString>,
    /// Owner code: whoever sends it to the bot first owns it [default: the data folder's].
    #[arg(
        long,
        env = "TELEGRAM_OWNER_CODE",
        hide_env_values = true,
        value_name = "CODE"
    )]
    telegram_owner_code: Option<SecretString>,
    /// The Telegram id of who owns the bot; then no owner code is needed, nor taken.
    #[arg(long, env = "TELEGRAM_OWNER_ID", value_name = "ID")]
    telegram_owner_id: Option<u64>,
    #[command(flatten)]
    process: ProcessSettings,
    #[command(flatten)]
    person: Person,
}

/// Where log lines go while somebody talks on the terminal, in the data folder.
const LOG_FILE: &str = "log";

/// How long a start may take before the operator is told what it waits for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs everything until it is told to stop.
pub(crate) fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    // Owned until nothing writes any more: the lock is the first thing taken and the last thing given up.
    let folder = DataFolder::open(&args.data_dir)?;
    let mut process = args.process.clone();
    let chat = (args.telegram_bot_token.is_none() && chat::on_a_terminal())
        .then(|| chat::Options::in_folder(args.person.clone(), folder.path()));
    if chat.is_some() {
        // Log lines would break into what is being typed.
        process
            .log
            .log_file
            .get_or_insert_with(|| folder.path().join(LOG_FILE));
    }
    Ok(launch_with(&process, |lifecycle| {
        start(args, &folder, chat, started, lifecycle)
    }))
}

async fn start(
    args: RunArgs,
    folder: &DataFolder,
    chat: Option<chat::Options>,
    started: Instant,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    let listeners = Listeners {
        rest: http::bind(args.rest_listen, "REST_LISTEN").await?,
        calendar: http::bind(args.calendar_listen, "CALENDAR_LISTEN").await?,
    };
    let keys = calendar::key_flags(
        args.encryption_key.as_ref(),
        args.encryption_key_old.as_ref(),
        &folder.secrets,
    );
    let shared = Shared {
        rest_url: url_of(&listeners.rest, "REST_LISTEN")?,
        calendar_url: url_of(&listeners.calendar, "CALENDAR_LISTEN")?,
        encryption: keys,
        database_url: args
            .database_url
            .map_or_else(|| folder.sqlite_url(data_folder::DATABASE_FILE), Ok)?,
        bus_url: args
            .bus_url
            .map_or_else(|| folder.sqlite_url(data_folder::BUS_FILE), Ok)?,
        service_key: args
            .service_key
            .unwrap_or_else(|| folder.secrets.service_key.clone()),
        owner_code: args
            .telegram_owner_code
            .unwrap_or_else(|| folder.secrets.owner_code.clone()),
        owner_id: args.telegram_owner_id,
    };
    say::heading(&format!("Smart Assistant {}", env!("CARGO_PKG_VERSION")));
    for made in &folder.made {
        say::entry("made", made);
    }
    say::entry("data folder", &folder.path().display().to_string());
    say::entry("database", kind_of(&shared.database_url));
    say::entry("bus", kind_of(&shared.bus_url));
    say::entry("REST", shared.rest_url.as_str());
    say::entry("calendar", shared.calendar_url.as_str());
    let with_telegram = args.telegram_bot_token.is_some();
    if with_telegram {
        say::entry("Telegram", &owner(args.telegram_owner_id, &shared.owner_code));
    } else {
        say::entry(
            "Telegram",
            "off; set TELEGRAM_BOT_TOKEN (from @BotFather) to talk there",
        );
    }
    let settings = shared.all_settings(with_telegram)?;
    if settings.calendar.google.google_client_id.is_none() {
        say::entry(
            "Google",
            "off; set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET to connect calendars",
        );
    }
    let rest_url = shared.rest_url.clone();
    let rest = Client::new(rest_url.clone(), shared.service_key.clone())?;
    let manager = lifecycle.clone();
    lifecycle.spawn("manage", async move {
        spawn_services(settings, listeners, &rest, &manager).await;
        if manager.until_stopping(until_ready(&manager)).await.is_some() {
            let took = started.elapsed().as_secs_f64();
            let Some(options) = chat else {
                say::heading(&format!("Ready in {took:.1} s. Ctrl-C stops it."));
                manager.stopping().await;
                return Ok(());
            };
            say::heading(&format!("Ready in {took:.1} s."));
            chat::converse(&rest, &rest_url, options, &manager).await?;
            manager.stop();
        }
        manager.stopping().await;
        Ok(())
    });
    Ok(())
}

/// The sockets that are bound before anything starts, so that a taken port is found at once.
struct Listeners {
    rest: TcpListener,
    calendar: TcpListener,
}

/// The settings of every service that runs in this process.
struct AllSettings {
    rest: rest_service::Settings,
    assistant: assistant::Settings,
    cron: cron_service::Settings,
    calendar: calendar_service::Settings,
    telegram: Option<tg_bot::Settings>,
}

/// Starts rest_service and, when it serves, the others: a database that cannot be used is then told once, by the
/// service that found out.
async fn spawn_services(settings: AllSettings, listeners: Listeners, rest: &Client, lifecycle: &Lifecycle) {
    let life = || lifecycle.clone();
    let database = rest_service::serve(settings.rest, listeners.rest, life());
    spawn(lifecycle, "rest_service", database);
    // The listener is bound, so the first try is answered as soon as the service accepts.
    if wait_for(lifecycle, "rest_service", || rest.ready())
        .await
        .is_none()
    {
        return;
    }
    spawn(lifecycle, "assistant", assistant::run(settings.assistant, life()));
    spawn(
        lifecycle,
        "cron_service",
        cron_service::run(settings.cron, life()),
    );
    let calendar = calendar_service::serve(settings.calendar, listeners.calendar, life());
    spawn(lifecycle, "calendar_service", calendar);
    if let Some(telegram) = settings.telegram {
        spawn(lifecycle, "tg_bot", tg_bot::run(telegram, life()));
    }
}

/// What the services of this process share.
struct Shared {
    rest_url: Url,
    calendar_url: Url,
    /// calendar_service's flags for its keys.
    encryption: Vec<String>,
    database_url: SecretString,
    bus_url: SecretString,
    service_key: SecretString,
    owner_code: SecretString,
    owner_id: Option<u64>,
}

impl Shared {
    /// Reads the settings of all services, so that whatever is wrong is told at once and before anything starts.
    fn all_settings(&self, with_telegram: bool) -> Result<AllSettings, OperatorError> {
        let mut problems = Vec::new();
        let rest = keep(
            &mut problems,
            self.settings("rest_service", &[self.database(), self.bus()]),
        );
        let assistant = keep(
            &mut problems,
            self.settings("assistant", &[self.bus(), self.rest(), self.calendar()]),
        );
        let cron = keep(
            &mut problems,
            self.settings("cron_service", &[self.bus(), self.rest()]),
        );
        let mut calendar = vec![self.bus(), self.rest(), self.calendar_listen()];
        calendar.extend(self.encryption.iter().cloned());
        let calendar = keep(&mut problems, self.settings("calendar_service", &calendar));
        let telegram = if with_telegram {
            let owner = match self.owner_id {
                Some(id) => format!("--telegram-owner-id={id}"),
                None => format!("--telegram-owner-code={}", self.owner_code.expose_secret()),
            };
            keep(
                &mut problems,
                self.settings("tg_bot", &[self.bus(), self.rest(), owner]),
            )
        } else {
            None
        };
        match (rest, assistant, cron, calendar) {
            (Some(rest), Some(assistant), Some(cron), Some(calendar)) if problems.is_empty() => {
                Ok(AllSettings {
                    rest,
                    assistant,
                    cron,
                    calendar,
                    telegram,
                })
            }
            _ => Err(OperatorError::new(problems.join("; "), settings::ADVICE)),
        }
    }

    fn database(&self) -> String {
        format!("--database-url={}", self.database_url.expose_secret())
    }

    fn bus(&self) -> String {
        format!("--bus-url={}", self.bus_url.expose_secret())
    }

    fn rest(&self) -> String {
        format!("--rest-url={}", self.rest_url)
    }

    fn calendar(&self) -> String {
        format!("--calendar-url={}", self.calendar_url)
    }

    /// The address that was bound: what the pages' own address is made from, when none is set.
    fn calendar_listen(&self) -> String {
        let port = self.calendar_url.port().unwrap_or_default();
        format!("--calendar-listen=127.0.0.1:{port}")
    }

    /// A service's settings: its own from the environment, the shared ones from here. They are handed over as
    /// flags, inside the process, because flags win over the environment.
    fn settings<S: Settings>(&self, name: &'static str, flags: &[String]) -> Result<S, OperatorError> {
        let key = format!("--service-key={}", self.service_key.expose_secret());
        let args = [name.to_owned(), key].into_iter().chain(flags.iter().cloned());
        parse(name, "", args).map_err(|error| match error {
            SettingsError::Wrong(error) => error,
            SettingsError::Info(text) => {
                OperatorError::new(text.to_string(), "this is a bug, please report it")
            }
        })
    }
}

/// The settings, or else their problems on the list; one that several services share is listed once.
fn keep<S>(problems: &mut Vec<String>, read: Result<S, OperatorError>) -> Option<S> {
    match read {
        Ok(settings) => Some(settings),
        Err(error) => {
            if !problems.iter().any(|problem| problem == error.what()) {
                problems.push(error.what().to_owned());
            }
            None
        }
    }
}

fn spawn<F>(lifecycle: &Lifecycle, name: &'static str, service: F)
where
    F: Future<Output = Result<(), OperatorError>> + Send + 'static,
{
    lifecycle.health().expect(name);
    lifecycle.spawn(name, service);
}

/// Resolves when every service is ready; after [`PATIENCE`] it says what it waits for, once.
async fn until_ready(lifecycle: &Lifecycle) {
    let started = Instant::now();
    let mut pause = Duration::from_millis(5);
    let mut said = false;
    loop {
        let report = lifecycle.health().fresh_report().await;
        if report.ready {
            return;
        }
        if !said && started.elapsed() > PATIENCE {
            said = true;
            for check in report.checks {
                if let Some(problem) = check.problem {
                    say::entry("waiting for", &format!("{}: {problem}", check.name));
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

fn url_of(listener: &TcpListener, setting: &str) -> Result<Url, OperatorError> {
    let unusable = |error: Box<dyn std::error::Error + Send + Sync>| {
        OperatorError::new(
            "cannot tell where a service listens",
            format!("set {setting} to an address of this machine"),
        )
        .because(error)
    };
    let mut address = listener.local_addr().map_err(|error| unusable(error.into()))?;
    // "Every address" is not one that a peer can call.
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}")
        .parse()
        .map_err(|error: url::ParseError| unusable(error.into()))
}

fn kind_of(url: &SecretString) -> &'static str {
    match url.expose_secret().split(':').next() {
        Some("sqlite") => "SQLite, in a file",
        Some("postgres" | "postgresql") => "PostgreSQL",
        Some("redis" | "rediss") => "Redis",
        _ => "unknown",
    }
}

/// Who owns the bot, or how somebody becomes its owner. Where it is known, the code is not shown, nor is it taken.
fn owner(id: Option<u64>, code: &SecretString) -> String {
    match id {
        Some(id) => format!("on; the account {id} owns your bot (TELEGRAM_OWNER_ID)"),
        None => format!(
            "on; send your bot the code {} to become its owner",
            code.expose_secret()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_code_is_shown_only_where_it_makes_an_owner() {
        let code = SecretString::from("correct-horse-battery");
        assert_eq!(
            owner(None, &code),
            "on; send your bot the code correct-horse-battery to become its owner"
        );
        assert_eq!(
            owner(Some(42), &code),
            "on; the account 42 owns your bot (TELEGRAM_OWNER_ID)"
        );
    }
}
