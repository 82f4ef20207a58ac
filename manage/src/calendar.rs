//! `manage calendar`: which calendars are connected, and a new key for their tokens.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use rest_client::{CalendarAccountEntry, CalendarAccountState, Client, PageQuery};
use secrecy::{ExposeSecret, SecretString};
use service_kit::{SystemClock, http, settings::http_url, telemetry::LogFormat, telemetry::LogSettings};
use url::Url;

use crate::{
    data_folder::{self, Secrets},
    say,
};

mod rotate;

/// What to do about calendars.
#[derive(Subcommand)]
pub(crate) enum CalendarCommand {
    /// List the connected accounts: user, address, state, key.
    Accounts(AccountsArgs),
    /// Encrypt all tokens with a new key.
    RotateKey(rotate::RotateArgs),
}

/// Where to ask.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage calendar accounts\n  manage calendar accounts --json | jq .email"
)]
pub(crate) struct AccountsArgs {
    /// Where the REST API is.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    rest_url: Url,
    #[command(flatten)]
    key: KeyArgs,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
}

/// The key that opens the services.
#[derive(Args)]
pub(crate) struct KeyArgs {
    /// The service key; the data folder's when absent.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

impl KeyArgs {
    fn service_key(&self) -> anyhow::Result<SecretString> {
        if let Some(key) = &self.service_key {
            return Ok(key.clone());
        }
        data_folder::service_key(&self.data_dir).with_context(|| {
            format!(
                "no key is in the data folder {}; set DATA_DIR or SERVICE_KEY",
                self.data_dir.display()
            )
        })
    }
}

/// calendar_service's flags for its keys: the data folder's, unless another one is named. Whatever earlier keys there are,
/// in the folder or named, still open what they have closed.
pub(crate) fn key_flags(
    other: Option<&SecretString>,
    old: Option<&SecretString>,
    secrets: &Secrets,
) -> Vec<String> {
    let current = other.unwrap_or(&secrets.encryption_key);
    let of_folder = secrets.encryption_key_old.as_ref().filter(|_| other.is_none());
    let old: Vec<&str> = [of_folder, old]
        .into_iter()
        .flatten()
        .map(|keys| keys.expose_secret().trim())
        .filter(|keys| !keys.is_empty())
        .collect();
    let mut flags = vec![format!("--encryption-key={}", current.expose_secret())];
    if !old.is_empty() {
        flags.push(format!("--encryption-key-old={}", old.join(",")));
    }
    flags
}

/// Does what was asked.
pub(crate) fn run(command: CalendarCommand) -> anyhow::Result<ExitCode> {
    http::install_tls();
    let log = LogSettings {
        log_format: LogFormat::Human,
        log_filter: "warn".to_owned(),
        log_file: None,
    };
    service_kit::telemetry::init(&log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        match command {
            CalendarCommand::Accounts(args) => accounts(&args).await,
            CalendarCommand::RotateKey(args) => rotate::run(args, std::sync::Arc::new(SystemClock)).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn accounts(args: &AccountsArgs) -> anyhow::Result<()> {
    let rest = Client::new(args.rest_url.clone(), args.key.service_key()?)?;
    let all = all_accounts(&rest)
        .await
        .with_context(|| format!("cannot list the accounts at {}", args.rest_url))?;
    if args.json {
        for account in &all {
            say::line(&serde_json::to_string(account)?);
        }
        return Ok(());
    }
    if all.is_empty() {
        say::line("No calendar is connected. Users connect theirs by asking the assistant for it.");
        return Ok(());
    }
    let width = |length: fn(&CalendarAccountEntry) -> usize, least: usize| {
        all.iter().map(length).max().unwrap_or(0).max(least)
    };
    let (name, email) = (
        width(|account| account.user_name.chars().count(), 4),
        width(|account| account.email.chars().count(), 7),
    );
    say::heading(&format!(
        "{:<name$}  {:<email$}  {:<16}  KEY",
        "USER", "ACCOUNT", "STATE"
    ));
    for account in &all {
        let state = match account.state {
            CalendarAccountState::Active => "connected",
            CalendarAccountState::Reconnect => "reconnect needed",
            CalendarAccountState::Closed => "being revoked",
        };
        say::line(&format!(
            "{:<name$}  {:<email$}  {state:<16}  {}",
            account.user_name, account.email, account.key_id
        ));
    }
    Ok(())
}

/// All accounts, page by page.
async fn all_accounts(rest: &Client) -> anyhow::Result<Vec<CalendarAccountEntry>> {
    let mut query = PageQuery {
        cursor: None,
        limit: Some(200),
    };
    let mut all = Vec::new();
    loop {
        let page = rest.calendar_accounts(&query).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(cursor) if query.cursor.as_ref() == Some(&cursor) => bail!("the list does not end"),
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(all),
        }
    }
}
