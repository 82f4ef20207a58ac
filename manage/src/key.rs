//! `manage key`: who may call the REST API, and what for.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use rest_client::{ApiKey, Error, KeyRole, NewApiKey, PageQuery, Scope};
use serde_json::json;
use service_kit::{Clock, OperatorError, SystemClock};
use uuid::Uuid;

use crate::{
    say,
    service::{ServiceArgs, all_pages},
};

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
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

/// Which service, and how to print.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage key list\n  manage key list --json | jq '.[].name'")]
struct ListArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
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
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
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
    if args.json {
        say::json(&format!("{:#}", json!(made)));
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
    if args.json {
        say::json(&format!("{:#}", json!(keys)));
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
    if args.json {
        say::json(&format!("{:#}", json!(revoked)));
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
    let keys = all_pages(async |cursor| {
        let query = PageQuery {
            cursor,
            limit: Some(200),
        };
        client.api_keys(&query).await
    });
    keys.await.map_err(|error| service.explained(error))
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
