//! `manage health`: asks a service whether it is ready; the containers' health check, which needs no curl.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use clap::Args;
use service_kit::{answer, http, settings::http_url};
use url::Url;

use crate::say;

/// How long the service may take to answer.
const LIMIT: Duration = Duration::from_secs(3);

/// The most bytes of a report that are read.
pub(crate) const LONGEST_REPORT: usize = 256 * 1024;

/// Which service.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage health\n  manage health http://127.0.0.1:8082\n\n\
    Exit codes: 0 it is ready; 1 it is not, or nothing answers there."
)]
pub(crate) struct HealthArgs {
    /// Where the service's health is served.
    #[arg(value_name = "URL", env = "REST_URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    url: Url,
}

/// Asks, prints what the service says, and fails when it is not ready.
pub(crate) fn run(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (is_ready, report) = runtime.block_on(ask(&args.url))?;
    if !is_ready {
        bail!("the service at {} is not ready: {}", args.url, report.trim());
    }
    say::line(report.trim_end());
    Ok(ExitCode::SUCCESS)
}

async fn ask(base: &Url) -> anyhow::Result<(bool, String)> {
    let url = base.join("/health/ready")?;
    let nobody = || format!("nothing answers at {base}; is the service running there?");
    let answer = http::client(LIMIT)?.get(url).send().await.with_context(nobody)?;
    let is_ready = answer.status().is_success();
    let report = answer::read(answer, LONGEST_REPORT).await.with_context(nobody)?;
    Ok((is_ready, String::from_utf8_lossy(&report).into_owned()))
}
