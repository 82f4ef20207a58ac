//! What the running services say of themselves.

use std::time::Duration;

use serde::Deserialize;
use service_kit::{answer, http};
use url::Url;

use super::{Patient, finding::Finding};
use crate::health::LONGEST_REPORT;

/// How long each address may take to answer.
const LIMIT: Duration = Duration::from_millis(1500);

/// What `/health/ready` answers.
#[derive(Deserialize)]
struct Report {
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    name: String,
    problem: Option<String>,
}

/// Whether the services run and are ready.
pub(super) async fn services(patient: &Patient) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut names = Vec::new();
    for (url, report) in reports(patient).await {
        match report {
            Some(report) => {
                for check in report.checks {
                    match check.problem {
                        Some(problem) => found.push(Finding::bad(
                            "services",
                            format!("{} is not well: {problem}", check.name),
                            format!("look at the log of the service at {url}"),
                        )),
                        // Some services have a check of their own name.
                        None if names.contains(&check.name) => {}
                        None => names.push(check.name),
                    }
                }
            }
            None => found.push(Finding::bad(
                "services",
                format!("nothing answers at {url}"),
                if patient.supplied.is_distributed() {
                    "start the service there, or correct REST_URL or --health-url"
                } else {
                    "start it with `manage run`; or set REST_URL to where it listens"
                },
            )),
        }
    }
    if found.is_empty() {
        found.push(Finding::good("services", format!("ready: {}", names.join(", "))));
    }
    found
}

/// Whether our running bot says that somebody else receives its updates; `None` when no bot of ours can be asked.
pub(super) async fn telegram_conflict(patient: &Patient) -> Option<bool> {
    let reports = reports(patient).await;
    let mut checks = reports
        .into_iter()
        .filter_map(|(_, report)| report)
        .flat_map(|report| report.checks);
    let check = checks.find(|check| check.name == "telegram")?;
    Some(
        check
            .problem
            .is_some_and(|problem| problem.contains("receives this bot's updates")),
    )
}

/// What each address answers; `None` for one where nothing does.
async fn reports(patient: &Patient) -> Vec<(Url, Option<Report>)> {
    let mut all = Vec::new();
    let urls = std::iter::once(&patient.args.rest_url).chain(&patient.args.health_urls);
    let bot = patient
        .telegram
        .iter()
        .flatten()
        .find_map(|settings| settings.tg_bot_listen);
    let bot = bot.and_then(|address| format!("http://{address}").parse::<Url>().ok());
    for url in urls.chain(&bot) {
        all.push((url.clone(), report(url).await));
    }
    all
}

async fn report(base: &Url) -> Option<Report> {
    let url = base.join("/health/ready").ok()?;
    let answer = http::client(LIMIT).ok()?.get(url).send().await.ok()?;
    let report = answer::read(answer, LONGEST_REPORT).await.ok()?;
    serde_json::from_slice(&report).ok()
}
