//! The settings of rest_service.

use std::net::{IpAddr, SocketAddr};

use clap::Args;
use rest_client::{
    limits::{LONGEST_KEPT_DAYS, MOST_SPENT},
    micros_of,
};
use secrecy::SecretString;
use service_kit::settings::{self, BusSettings, ServiceKey};

use crate::store::Limits;

/// The settings of rest_service.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    #[arg(
        long,
        env = "REST_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub rest_listen: SocketAddr,
    /// The database: sqlite:FILE on one machine, postgres://USER:PASSWORD@HOST/DATABASE for many.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: SecretString,
    /// How many database connections are open at most.
    #[arg(long, env = "DATABASE_CONNECTIONS", value_name = "N", default_value = "16", value_parser = connections)]
    pub database_connections: usize,
    /// Where the bus is, for the API channel: what users say goes there, what they are told comes from there.
    #[command(flatten)]
    pub bus: BusSettings,
    /// The key that services show each other.
    #[command(flatten)]
    pub key: ServiceKey,
    /// How much callers may do.
    #[command(flatten)]
    pub limits: CallLimits,
    /// How long things are kept.
    #[command(flatten)]
    pub retention: RetentionSettings,
    /// What models may cost.
    #[command(flatten)]
    pub budgets: BudgetSettings,
}

/// How much callers may do. Each replica counts for itself; `SERVICE_KEY` is not counted.
#[derive(Args, Clone, Debug)]
pub struct CallLimits {
    /// How many calls an API key may make per minute.
    #[arg(long, env = "REST_RATE_LIMIT", value_name = "N", default_value = "6000", value_parser = clap::value_parser!(u32).range(1..))]
    pub rest_rate_limit: u32,
    /// How many wrong keys an address may show per minute before it is locked out for a minute.
    #[arg(long, env = "REST_WRONG_KEYS", value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..))]
    pub rest_wrong_keys: u32,
    /// The addresses of reverse proxies whose X-Forwarded-For is believed, with commas between them; Forwarded is not
    /// read. Without them, all callers behind a proxy count as one address.
    #[arg(
        long = "rest-trusted-proxies",
        env = "REST_TRUSTED_PROXIES",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<IpAddr>,
}

/// How long things are kept, in days; 0 keeps them. cron_service asks for the cleanup.
#[derive(Args, Clone, Debug)]
pub struct RetentionSettings {
    /// After how many days the record of a task's firing is dropped; 0 keeps it.
    #[arg(long, env = "RETENTION_TASK_RUNS_DAYS", value_name = "DAYS", default_value = "90", value_parser = days)]
    pub retention_task_runs_days: u32,
    /// After how many days a task that is done or cancelled is dropped, no earlier than dead letters; 0 keeps it.
    #[arg(long, env = "RETENTION_TASKS_DAYS", value_name = "DAYS", default_value = "90", value_parser = days)]
    pub retention_tasks_days: u32,
    /// After how many days the record of what was sent is dropped, no earlier than dead letters; 0 keeps it.
    #[arg(long, env = "RETENTION_DELIVERIES_DAYS", value_name = "DAYS", default_value = "90", value_parser = days)]
    pub retention_deliveries_days: u32,
    /// After how many days an answer on the API channel can no longer be read again, no earlier than dead letters;
    /// 0 keeps it.
    #[arg(long, env = "RETENTION_USER_EVENTS_DAYS", value_name = "DAYS", default_value = "90", value_parser = days)]
    pub retention_user_events_days: u32,
    /// After how many days a line of the audit is dropped; 0 keeps it.
    #[arg(long, env = "RETENTION_AUDIT_DAYS", value_name = "DAYS", default_value = "365", value_parser = days)]
    pub retention_audit_days: u32,
}

/// What models may cost. Before a call is made, the most that it may cost is held back; one that would cross a limit is
/// not made. Models without a known price cost nothing: limit their tokens.
#[derive(Args, Clone, Debug, Default)]
pub struct BudgetSettings {
    /// What one user's model calls may cost per day (UTC), in US dollars, such as 2.50; no limit when absent. A user
    /// may have a limit of their own (`manage user edit`).
    #[arg(long, env = "BUDGET_USER_DAY", value_name = "DOLLARS", default_value = "", hide_default_value = true, value_parser = dollars, help_heading = "Budgets")]
    pub budget_user_day: Amount,
    /// The same per month.
    #[arg(long, env = "BUDGET_USER_MONTH", value_name = "DOLLARS", default_value = "", hide_default_value = true, value_parser = dollars, help_heading = "Budgets")]
    pub budget_user_month: Amount,
    /// What all users' model calls together may cost per day, in US dollars; no limit when absent.
    #[arg(long, env = "BUDGET_INSTALLATION_DAY", value_name = "DOLLARS", default_value = "", hide_default_value = true, value_parser = dollars, help_heading = "Budgets")]
    pub budget_installation_day: Amount,
    /// The same per month.
    #[arg(long, env = "BUDGET_INSTALLATION_MONTH", value_name = "DOLLARS", default_value = "", hide_default_value = true, value_parser = dollars, help_heading = "Budgets")]
    pub budget_installation_month: Amount,
    /// How many tokens one user may use per day; no limit when absent.
    #[arg(long, env = "BUDGET_USER_DAY_TOKENS", value_name = "N", default_value = "", hide_default_value = true, value_parser = tokens, help_heading = "Budgets")]
    pub budget_user_day_tokens: Amount,
    /// The same per month.
    #[arg(long, env = "BUDGET_USER_MONTH_TOKENS", value_name = "N", default_value = "", hide_default_value = true, value_parser = tokens, help_heading = "Budgets")]
    pub budget_user_month_tokens: Amount,
    /// How many tokens all users together may use per day; no limit when absent.
    #[arg(long, env = "BUDGET_INSTALLATION_DAY_TOKENS", value_name = "N", default_value = "", hide_default_value = true, value_parser = tokens, help_heading = "Budgets")]
    pub budget_installation_day_tokens: Amount,
    /// The same per month.
    #[arg(long, env = "BUDGET_INSTALLATION_MONTH_TOKENS", value_name = "N", default_value = "", hide_default_value = true, value_parser = tokens, help_heading = "Budgets")]
    pub budget_installation_month_tokens: Amount,
}

/// A limit, if there is one: millionths of a dollar, or tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount(pub Option<i64>);

impl BudgetSettings {
    /// What a user may spend who has no limits of their own.
    pub(crate) fn of_user(&self) -> Limits {
        Limits {
            day_micros: self.budget_user_day.0,
            month_micros: self.budget_user_month.0,
            day_tokens: self.budget_user_day_tokens.0,
            month_tokens: self.budget_user_month_tokens.0,
        }
    }

    /// What all may spend together.
    pub(crate) fn of_installation(&self) -> Limits {
        Limits {
            day_micros: self.budget_installation_day.0,
            month_micros: self.budget_installation_month.0,
            day_tokens: self.budget_installation_day_tokens.0,
            month_tokens: self.budget_installation_month_tokens.0,
        }
    }

    /// Whether there is a limit in money.
    pub fn is_in_money(&self) -> bool {
        [self.of_user(), self.of_installation()]
            .iter()
            .any(|limits| limits.day_micros.is_some() || limits.month_micros.is_some())
    }
}

/// An empty variable is how Compose files say "not set".
fn dollars(text: &str) -> Result<Amount, String> {
    match text.trim() {
        "" => Ok(Amount(None)),
        text => micros_of(text).map(|micros| Amount(Some(micros))),
    }
}

fn tokens(text: &str) -> Result<Amount, String> {
    match text.trim() {
        "" => Ok(Amount(None)),
        text => match text.parse() {
            Ok(tokens @ 0..=MOST_SPENT) => Ok(Amount(Some(tokens))),
            _ => Err("use a number of tokens".to_owned()),
        },
    }
}

fn days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number <= LONGEST_KEPT_DAYS => Ok(number),
        _ => Err(format!(
            "use a number of days from 0 (keep) to {LONGEST_KEPT_DAYS}"
        )),
    }
}

impl settings::Settings for Settings {}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("use a number from 1 to 1000".to_owned()),
    }
}
