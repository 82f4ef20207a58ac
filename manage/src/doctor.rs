//! `manage doctor`: finds what really goes wrong, and says how to put it right.
//!
//! To add a check: a function that gives its findings, and a line in [`examine`].

mod finding;
mod local;
mod outside;
mod running;
mod stores;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;
use service_kit::{http::install_tls, settings::http_url};
use tokio::time::timeout;
use url::Url;

use crate::{
    config::{self, services::Supplied},
    say::{self, Mark},
};
use finding::Finding;

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(3);

/// The same for Telegram, where our own bot is asked before its updates are listened to.
const TELEGRAM_LIMIT: Duration = Duration::from_secs(4);

/// The same for one answer of a model, which is a real one.
const MODEL_LIMIT: Duration = Duration::from_secs(20);

/// What to look at.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage doctor\n  manage doctor --json | jq '.[] | select(.state != \"good\")'\n  \
    DATABASE_URL=postgres://… BUS_URL=redis://… REST_URL=http://… manage doctor\n\n\
    It reads the settings as the services do, and looks at the data folder of `manage run`, or at the stores that \
    DATABASE_URL and BUS_URL name. It may run at any time. Of a bot whose own health it cannot ask, it polls for \
    updates for two seconds, which interrupts that bot once.\n\n\
    Exit codes: 0 all is good; 1 something is wrong (✗) or to be looked at (!); 2 wrong usage."
)]
pub(crate) struct DoctorArgs {
    /// Print JSON: a list of findings, each with check, state (good, doubtful, bad), text and fix.
    #[arg(long)]
    json: bool,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
    /// The database; the data folder's own when absent.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// The bus; the data folder's own when absent.
    #[arg(long, env = "BUS_URL", hide_env_values = true, value_name = "URL")]
    bus_url: Option<SecretString>,
    /// The key that services show each other; the data folder's own when absent.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// The key for calendar tokens; the data folder's own when absent.
    #[arg(long, env = "ENCRYPTION_KEY", hide_env_values = true, value_name = "KEY")]
    encryption_key: Option<SecretString>,
    /// Where the REST API is.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    rest_url: Url,
    /// Where else a service's health is served, such as http://tg_bot:8084; several with commas between.
    #[arg(
        long = "health-url",
        env = "HEALTH_URLS",
        value_name = "URL",
        value_delimiter = ',',
        value_parser = http_url
    )]
    health_urls: Vec<Url>,
    /// The server whose clock ours is compared with; Telegram, the model or the weather when absent.
    #[arg(long, value_name = "URL", value_parser = http_url)]
    clock_url: Option<Url>,
    /// How many messages may wait in a queue.
    #[arg(long, value_name = "N", default_value = "100")]
    max_waiting: u64,
    /// How much space is to be free on the disks of the data folder and of this folder, in megabytes.
    #[arg(long, value_name = "MB", default_value = "1024")]
    min_free: u64,
}

/// The settings that the checks work with; those of a service are missing when they are wrong, which is a finding of
/// its own.
struct Patient {
    args: DoctorArgs,
    supplied: Supplied,
    assistant: Option<assistant::Settings>,
    rest: Option<rest_service::Settings>,
    calendar: Option<calendar_service::Settings>,
    /// `None` inside when Telegram is off.
    telegram: Option<Option<tg_bot::Settings>>,
}

/// Looks, prints, and fails when something is wrong.
pub(crate) fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    install_tls();
    let as_json = args.json;
    let supplied = Supplied {
        data_dir: args.data_dir.clone(),
        database_url: args.database_url.clone(),
        bus_url: args.bus_url.clone(),
        service_key: args.service_key.clone(),
        encryption_key: args.encryption_key.clone(),
    };
    let patient = Patient {
        assistant: supplied.settings("assistant").ok(),
        rest: supplied.settings("rest_service").ok(),
        calendar: supplied.settings("calendar_service").ok(),
        telegram: supplied.telegram().ok(),
        supplied,
        args,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start")?;
    let findings = runtime.block_on(examine(&patient));
    // What did not answer in time is not waited for.
    runtime.shutdown_background();
    if as_json {
        say::json(&serde_json::to_string_pretty(&findings)?);
    } else {
        for finding in &findings {
            say::finding(finding.state, finding.check, &finding.words());
        }
        let [bad, doubtful] = [Mark::Bad, Mark::Doubtful]
            .map(|state| findings.iter().filter(|finding| finding.state == state).count());
        say::line("");
        say::line(&match (bad, doubtful) {
            (0, 0) => "All is good.".to_owned(),
            _ => format!("{bad} wrong, {doubtful} to be looked at."),
        });
    }
    let is_good = findings.iter().all(|finding| finding.state == Mark::Good);
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// All checks, side by side, each within [`LIMIT`].
async fn examine(patient: &Patient) -> Vec<Finding> {
    let settings = async { settings(patient) };
    let files = async { local::files(&patient.args.data_dir) };
    let disk = async { local::disk(&patient.args.data_dir, patient.args.min_free) };
    let zones = async { vec![local::zones()] };
    let (settings, files, disk, zones, services, database, bus, clock, telegram, model, google) = tokio::join!(
        in_time("settings", settings),
        in_time("files", files),
        in_time("disk", disk),
        in_time("zone data", zones),
        in_time("services", running::services(patient)),
        in_time("database", stores::database(patient)),
        in_time("bus", stores::bus(patient)),
        in_time("clock", outside::clock(patient)),
        within(TELEGRAM_LIMIT, "Telegram", outside::telegram(patient)),
        within(LIMIT + MODEL_LIMIT, "model", outside::model(patient)),
        in_time("Google", outside::google(patient)),
    );
    [
        settings, files, disk, zones, services, database, bus, clock, telegram, model, google,
    ]
    .concat()
}

async fn in_time(check: &'static str, work: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    within(LIMIT, check, work).await
}

async fn within(
    limit: Duration,
    check: &'static str,
    work: impl Future<Output = Vec<Finding>>,
) -> Vec<Finding> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        let advice = match check {
            "database" => "check that the database runs, and DATABASE_URL",
            "bus" => "check that Redis runs, and BUS_URL",
            _ => "check that it runs, and this machine's way there",
        };
        let text = format!("no answer within {} s", limit.as_secs());
        vec![Finding::bad(check, text, advice)]
    })
}

fn settings(patient: &Patient) -> Vec<Finding> {
    let found = config::problems(&patient.supplied);
    if found.is_empty() {
        let text = match patient.supplied.is_distributed() {
            true => "good, for services on PostgreSQL or SQLite and Redis by URL".to_owned(),
            false => format!("good, for the data folder {}", patient.args.data_dir.display()),
        };
        return vec![Finding::good("settings", text)];
    }
    let advice = "correct it in the environment or in .env; `manage config show` says where each comes from";
    found
        .into_iter()
        .map(|text| Finding::bad("settings", text, advice))
        .collect()
}
