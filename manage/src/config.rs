//! `manage config`: the settings that all services would start with, where each comes from, and what is wrong with them.

mod names;
pub(crate) mod services;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde::Serialize;

use crate::say;
use names::Unknown;
use services::Supplied;

/// What to do with the settings.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  manage config show\n  manage config show --json | jq '.[] | select(.from != \"default\")'\n  \
    manage config check\n\nSettings come from the environment, and from .env in this folder for what the environment \
    does not set. What needs no setting is in the data folder of `manage run`.\n\n\
    Exit codes: 0 done, and nothing is wrong; 1 a setting is wrong (check); 2 wrong usage."
)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    supplied: SuppliedArgs,
}

/// What decides whether a service finds its settings in the data folder.
#[derive(Args)]
struct SuppliedArgs {
    /// The data folder.
    #[arg(
        long,
        env = "DATA_DIR",
        value_name = "FOLDER",
        default_value = "data",
        global = true
    )]
    data_dir: PathBuf,
    /// The database, when it is not the data folder's own.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    database_url: Option<SecretString>,
    /// The bus, when it is not the data folder's own.
    #[arg(
        long,
        env = "BUS_URL",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    bus_url: Option<SecretString>,
    /// The key that services show each other, when it is not the data folder's own.
    #[arg(
        long,
        env = "SERVICE_KEY",
        hide_env_values = true,
        value_name = "KEY",
        global = true
    )]
    service_key: Option<SecretString>,
    /// The key for calendar tokens, when it is not the data folder's own.
    #[arg(
        long,
        env = "ENCRYPTION_KEY",
        hide_env_values = true,
        value_name = "KEY",
        global = true
    )]
    encryption_key: Option<SecretString>,
}

#[derive(Subcommand)]
enum What {
    /// List every setting with its value, where it comes from, and who reads it; secrets as ***.
    Show {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Read every setting as the services do, and name all that are wrong, misspelt names in .env included.
    Check {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Does what was asked.
pub(crate) fn run(args: ConfigArgs) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Show { json } => show(json),
        What::Check { json } => check(args.supplied, json),
    }
}

fn show(as_json: bool) -> anyhow::Result<ExitCode> {
    let settings = names::all()?;
    if as_json {
        say::json(&serde_json::to_string_pretty(&settings)?);
        return Ok(ExitCode::SUCCESS);
    }
    let width = |length: &dyn Fn(&names::Setting) -> usize| settings.iter().map(length).max().unwrap_or(0);
    let name = width(&|setting| setting.name.len());
    let value = width(&|setting| setting.shown().chars().count()).min(48);
    let from = width(&|setting| setting.from.words().len());
    for setting in &settings {
        say::line(&format!(
            "{:<name$}  {:<value$}  {:<from$}  {}",
            setting.name,
            setting.shown(),
            setting.from.words(),
            setting.read_by.join(", ")
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What `manage config check --json` prints.
#[derive(Serialize)]
struct Report {
    problems: Vec<String>,
    unknown: Vec<Unknown>,
}

fn check(args: SuppliedArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let report = Report {
        problems: services::problems(&args.into()),
        unknown: names::unknown()?,
    };
    let is_good = report.problems.is_empty() && report.unknown.is_empty();
    if as_json {
        say::json(&serde_json::to_string_pretty(&report)?);
    } else {
        for problem in &report.problems {
            say::line(&format!("✗ {problem}"));
        }
        for unknown in &report.unknown {
            say::line(&format!("✗ {unknown}"));
        }
        if is_good {
            say::line("All settings are good. `manage doctor` looks at what they lead to.");
        } else {
            say::aside(
                "Correct them in the environment or in .env; `manage config show` says where each comes from.",
            );
        }
    }
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl From<SuppliedArgs> for Supplied {
    fn from(args: SuppliedArgs) -> Self {
        Self {
            data_dir: args.data_dir,
            database_url: args.database_url,
            bus_url: args.bus_url,
            service_key: args.service_key,
            encryption_key: args.encryption_key,
        }
    }
}

/// What is wrong with the settings, misspelt names in `.env` included.
pub(crate) fn problems(supplied: &Supplied) -> Vec<String> {
    let mut found = services::problems(supplied);
    match names::unknown() {
        Ok(unknown) => found.extend(unknown.iter().map(ToString::to_string)),
        Err(error) => found.push(format!("{error:#}")),
    }
    found
}
