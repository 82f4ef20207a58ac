//! `manage key`: who may call the REST API, and what for.
//!
//! It goes over the API like any other admin, with the service key, so that it works while `manage run` runs and
//! against a distributed set-up alike.

use std::{path::PathBuf, process::ExitCode};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use rest_client::{ApiKey, Client, Error, KeyRole, NewApiKey, PageQuery, Scope};
use secrecy::SecretString;
use serde_json::json;
use service_kit::{Clock, OperatorError, SystemClock, settings::http_url};
use url::Url;
use uuid::Uuid;

use crate::{data_folder, say};

/// Make, list and revoke API keys.
#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make a key and print it: once, on standard output, and never again.
    Create(CreateArgs),
    /// List all keys, without their secrets.
    List(ListArgs),
    /// End a key, within a second on every replica.
    Revoke(RevokeArgs),
}

/// What the new key is for.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage key create --name laptop\n  \
    manage key create --name grafana --role read-only --expires 90d\n  \
    manage key create --name importer --scope assistants:write --scope tools:write\n  \
    KEY=$(manage key create --name script)\n  \
    curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/users")]
struct CreateArgs {
    /// What you call it.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What it is for, which bounds its scopes.
    #[arg(long, value_enum, default_value = "admin")]
    role: RoleName,
    /// What it is good for, such as users:read; again for more. All that the role allows when absent.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// When it stops working: after so many days (90d), hours (12h) or minutes (30m). Never when absent.
    #[arg(long, value_name = "TIME", value_parser = span)]
    expires: Option<TimeDelta>,
    #[command(flatten)]
    service: ServiceArgs,
}

/// Which service, and how to print.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage key list\n  manage key list --json | jq '.[].name'")]
struct ListArgs {
    #[command(flatten)]
    service: ServiceArgs,
}

/// Which key.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage key revoke sak_3f9a2c1b7d40\n  \
    manage key revoke 0198c5a0-7e00-7000-8000-000000000001")]
struct RevokeArgs {
    /// The key's prefix or id, as `manage key list` shows them.
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    service: ServiceArgs,
}

/// Where the service is.
#[derive(Args)]
struct ServiceArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Where the REST API is.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    rest_url: Url,
    /// The key that opens it; the data folder's when absent.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

/// The roles, as they are typed.
#[derive(Clone, Copy, clap::ValueEnum)]
enum RoleName {
    /// A service of this installation: every scope but those of keys.
    Service,
    /// Every scope.
    Admin,
    /// Every scope that reads.
    ReadOnly,
}

impl From<RoleName> for KeyRole {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Service => Self::Service,
            RoleName::Admin => Self::Admin,
            RoleName::ReadOnly => Self::ReadOnly,
        }
    }
}

/// Does what was asked.
pub(crate) fn run(args: KeyArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match args.command {
            KeyCommand::Create(args) => create(args).await,
            KeyCommand::List(args) => list(&args).await,
            KeyCommand::Revoke(args) => revoke(&args).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn create(args: CreateArgs) -> Result<(), OperatorError> {
    let service = &args.service;
    let new = NewApiKey {
        name: args.name,
        role: args.role.into(),
        scopes: (!args.scopes.is_empty()).then_some(args.scopes),
        expires_at: args.expires.map(|span| SystemClock.now() + span),
    };
    let made = service.client()?.create_api_key(&new).await;
    let made = made.map_err(|error| service.explained(error))?;
    if service.json {
        say::line(&format!("{:#}", json!(made)));
    } else {
        // Alone on standard output, so that a script can take it.
        say::line(&made.token);
        say::aside(&format!(
            "Made {}: {}. This is the only time that it is shown.",
            made.key.prefix,
            good_for(&made.key)
        ));
    }
    Ok(())
}

async fn list(args: &ListArgs) -> Result<(), OperatorError> {
    let keys = all(&args.service).await?;
    if args.service.json {
        say::line(&format!("{:#}", json!(keys)));
        return Ok(());
    }
    if keys.is_empty() {
        say::line("There are no keys; `manage key create --name NAME` makes one.");
    }
    let now = SystemClock.now();
    for key in &keys {
        let used = key.last_used_at.map_or_else(
            || "never used".to_owned(),
            |at| format!("last used {}", day_and_time(at)),
        );
        say::entry(
            &key.prefix,
            &format!("{}: {}; {}; {used}", key.name, good_for(key), standing(key, now)),
        );
    }
    Ok(())
}

async fn revoke(args: &RevokeArgs) -> Result<(), OperatorError> {
    let service = &args.service;
    let id = match args.key.parse::<Uuid>() {
        Ok(id) => id,
        Err(_) => {
            let keys = all(service).await?;
            // The whole token is what people have at hand.
            let found = keys.iter().find(|key| {
                args.key == key.prefix
                    || args
                        .key
                        .strip_prefix(&key.prefix)
                        .is_some_and(|rest| rest.starts_with('_'))
            });
            found.map(|key| key.id).ok_or_else(unknown)?
        }
    };
    let revoked = match service.client()?.revoke_api_key(id).await {
        Err(Error::NotFound) => return Err(unknown()),
        revoked => revoked.map_err(|error| service.explained(error))?,
    };
    if service.json {
        say::line(&format!("{:#}", json!(revoked)));
    } else {
        say::entry("revoked", &format!("{} ({})", revoked.prefix, revoked.name));
    }
    Ok(())
}

fn unknown() -> OperatorError {
    OperatorError::new("there is no such key", "`manage key list` shows them all")
}

async fn all(service: &ServiceArgs) -> Result<Vec<ApiKey>, OperatorError> {
    let client = service.client()?;
    let (mut keys, mut query) = (Vec::new(), PageQuery::default());
    loop {
        let page = client.api_keys(&query).await;
        let page = page.map_err(|error| service.explained(error))?;
        keys.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(keys),
        }
    }
}

impl ServiceArgs {
    fn client(&self) -> Result<Client, OperatorError> {
        let key = match &self.service_key {
            Some(key) => key.clone(),
            None => data_folder::service_key(&self.data_dir).map_err(|error| {
                OperatorError::new(
                    format!("no service key is in the data folder {}", self.data_dir.display()),
                    "set DATA_DIR to the folder of `manage run`, or SERVICE_KEY to the key of the services",
                )
                .because(error)
            })?,
        };
        Client::new(self.rest_url.clone(), key)
    }

    fn explained(&self, error: Error) -> OperatorError {
        let url = &self.rest_url;
        match error {
            Error::Unavailable(_) => OperatorError::new(
                format!("rest_service does not answer at {url}"),
                "start it with `manage run`, or set REST_URL to where it runs",
            ),
            Error::Unauthorized => OperatorError::new(
                format!("rest_service at {url} refused the key"),
                "set DATA_DIR to its data folder, or SERVICE_KEY to its key",
            ),
            Error::Invalid { detail, .. } => OperatorError::new(detail, "change it and try again"),
            Error::Forbidden { detail } => {
                OperatorError::new(detail, "use the service key, or a key that has this scope")
            }
            error => OperatorError::new(
                format!("rest_service at {url} cannot do that"),
                "check that it is of the same version",
            )
            .because(error),
        }
    }
}

/// What a key may do, in words.
fn good_for(key: &ApiKey) -> String {
    let role = match key.role {
        KeyRole::Service => "service",
        KeyRole::Admin => "admin",
        KeyRole::ReadOnly => "read-only",
    };
    match &key.scopes {
        None => role.to_owned(),
        Some(scopes) => {
            let names: Vec<String> = scopes.iter().map(ToString::to_string).collect();
            format!("{role} with {}", names.join(", "))
        }
    }
}

/// Whether a key works, in words.
fn standing(key: &ApiKey, now: DateTime<Utc>) -> String {
    match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", day_and_time(at)),
        (None, Some(end)) if end <= now => format!("expired {}", day_and_time(end)),
        (None, Some(end)) => format!("until {}", day_and_time(end)),
        (None, None) => "without an end".to_owned(),
    }
}

fn day_and_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Reads `90d`, `12h` or `30m`.
fn span(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "use a number of days, hours or minutes, such as 90d, 12h or 30m".to_owned();
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let number: i64 = number
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(wrong)?;
    let span = match unit {
        "d" => TimeDelta::try_days(number),
        "h" => TimeDelta::try_hours(number),
        "m" => TimeDelta::try_minutes(number),
        _ => None,
    };
    span.filter(|span| *span <= TimeDelta::days(36_500))
        .ok_or_else(wrong)
}
