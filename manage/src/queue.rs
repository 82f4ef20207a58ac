//! `manage queue`: what waits on the bus, what was given up, and what to do about it.

mod letter;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use bus::{Bus, BusOptions, DeadLetter};
use clap::{Args, Subcommand};
use messages::Topic;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use service_kit::http::install_tls;

use crate::{data_folder, say};
use letter::Letter;

/// How many dead letters are read in one call.
const PAGE: usize = 200;

/// What to do with the queues.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  manage queue status\n  manage queue dead\n  manage queue dead --json\n  \
    manage queue retry --all\n  manage queue purge outbox.telegram/tg_bot/42\n\n\
    A dead letter is a message that was given up after all its attempts; the user was told. It keeps its place here \
    until it is retried, purged, or older than the retention."
)]
pub(crate) struct QueueArgs {
    #[command(subcommand)]
    what: What,
    /// The bus; the data folder's own when absent.
    #[arg(
        long,
        env = "BUS_URL",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    bus_url: Option<SecretString>,
    /// The data folder.
    #[arg(
        long,
        env = "DATA_DIR",
        value_name = "FOLDER",
        default_value = "data",
        global = true
    )]
    data_dir: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Say how much waits, is in hand, and was given up.
    Status {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// List the dead letters, oldest first.
    Dead {
        /// As JSON, with what each message says: keep it to yourself.
        #[arg(long)]
        json: bool,
    },
    /// Put dead letters back in their queue, with all attempts before them again.
    Retry(Chosen),
    /// Delete dead letters for good.
    Purge(Chosen),
}

/// Which dead letters.
#[derive(Args)]
#[group(required = true)]
struct Chosen {
    /// The ids that `manage queue dead` lists.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All of them.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

/// Does what was asked.
pub(crate) fn run(args: QueueArgs) -> anyhow::Result<ExitCode> {
    install_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let bus = open(args.bus_url, &args.data_dir).await?;
        match args.what {
            What::Status { json } => status(&bus, json).await,
            What::Dead { json } => dead(&bus, json).await,
            What::Retry(chosen) => {
                each(&bus, &chosen, "put back", async |(topic, group, id)| {
                    bus.retry_dead(&topic, group, &id).await
                })
                .await
            }
            What::Purge(chosen) => {
                each(&bus, &chosen, "deleted", async |(topic, group, id)| {
                    bus.purge_dead(&topic, group, &id).await
                })
                .await
            }
        }
    })
}

async fn open(url: Option<SecretString>, data_dir: &std::path::Path) -> anyhow::Result<Bus> {
    let url = match url {
        Some(url) => url,
        None => data_folder::existing_sqlite_url(data_dir, data_folder::BUS_FILE)?,
    };
    Bus::connect(url.expose_secret(), BusOptions::default())
        .await
        .context("the bus cannot be opened; check BUS_URL, and that Redis runs")
}

/// One queue as `manage queue status --json` prints it.
#[derive(Serialize)]
struct Queue {
    topic: String,
    group: &'static str,
    waiting: u64,
    in_flight: u64,
    dead: u64,
    partitions_without_consumer: u32,
}

async fn status(bus: &Bus, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut queues = Vec::new();
    for (topic, group) in cron_service::queues() {
        let stats = bus.stats(&topic, group).await?;
        queues.push(Queue {
            topic: topic.to_string(),
            group,
            waiting: stats.waiting,
            in_flight: stats.in_flight,
            dead: stats.dead,
            partitions_without_consumer: stats.partitions_without_consumer,
        });
    }
    if as_json {
        say::json(&serde_json::to_string_pretty(&queues)?);
        return Ok(ExitCode::SUCCESS);
    }
    for queue in queues {
        let mut text = format!(
            "{} waiting, {} in hand, {} dead",
            queue.waiting, queue.in_flight, queue.dead
        );
        if queue.partitions_without_consumer > 0 {
            text.push_str(&format!(
                ", {} partitions that nobody reads (is {} running?)",
                queue.partitions_without_consumer, queue.group
            ));
        }
        say::entry(&queue.topic, &text);
    }
    Ok(ExitCode::SUCCESS)
}

async fn dead(bus: &Bus, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut letters = Vec::new();
    for (topic, group) in cron_service::queues() {
        for dead in all_dead(bus, &topic, group).await? {
            letters.push(Letter::new(&topic, group, &dead));
        }
    }
    if as_json {
        say::json(&serde_json::to_string_pretty(&letters)?);
    } else if letters.is_empty() {
        say::line("No dead letters.");
    } else {
        for letter in &letters {
            say::line(&letter.to_string());
        }
        say::line("");
        say::line("`manage queue retry ID` puts one back, `manage queue purge ID` deletes it.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn all_dead(bus: &Bus, topic: &Topic, group: &str) -> anyhow::Result<Vec<DeadLetter>> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|letter: &DeadLetter| letter.id.clone());
        let page = bus.dead_letters(topic, group, after.as_deref(), PAGE).await?;
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Does one thing to each chosen dead letter; those that are gone are told, and make it a failure.
async fn each(
    bus: &Bus,
    chosen: &Chosen,
    done: &str,
    act: impl AsyncFn((Topic, &'static str, String)) -> Result<bool, bus::BusError>,
) -> anyhow::Result<ExitCode> {
    let mut targets = Vec::new();
    if chosen.all {
        for (topic, group) in cron_service::queues() {
            for dead in all_dead(bus, &topic, group).await? {
                targets.push((topic.clone(), group, dead.id));
            }
        }
    } else {
        for id in &chosen.ids {
            targets.push(letter::find(id)?);
        }
    }
    let (mut count, mut gone) = (0, Vec::new());
    for target in targets {
        let name = letter::name(&target.0, target.1, &target.2);
        if act(target).await? {
            count += 1;
        } else {
            gone.push(name);
        }
    }
    say::line(&format!("{count} {done}."));
    if !gone.is_empty() {
        bail!("there is no dead letter {} (any more)", gone.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}
