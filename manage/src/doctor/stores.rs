//! The database and the bus: whether they answer, what waits in them, whether they keep what they are given.

use std::path::Path;

use bus::{Bus, BusOptions, RedisReport};
use rest_service::{Db, DbKind};
use secrecy::ExposeSecret;
use service_kit::{Clock, SystemClock};

use super::{
    Patient,
    finding::Finding,
    outside::{compared, skew_of},
};

/// Who reads the queue to Telegram.
const BOT: &str = "tg_bot";

/// Whether the database answers, and its schema is this version's.
pub(super) async fn database(patient: &Patient) -> Vec<Finding> {
    let url = patient.supplied.database_url();
    if let Some(missing) = missing_file("database", url.expose_secret()) {
        return vec![missing];
    }
    let database = match Db::open(url.expose_secret(), 2).await {
        Ok(database) => database,
        Err(error) => return vec![Finding::of("database", &error)],
    };
    let kind = match database.kind() {
        DbKind::Postgres => "PostgreSQL",
        DbKind::Sqlite => "SQLite",
    };
    let status = match database.migration_status().await {
        Ok(status) => status,
        Err(error) => return vec![Finding::of("database", &error)],
    };
    let mut found = Vec::new();
    if !status.unknown.is_empty() {
        found.push(Finding::bad(
            "database",
            format!("{kind}: a newer version made it ({})", status.unknown.join(", ")),
            "run that version, or restore a backup from before it",
        ));
    } else if status.pending.is_empty() {
        let count = status.applied.len();
        found.push(Finding::good(
            "database",
            format!("{kind} answers; all {count} migrations are applied"),
        ));
    } else {
        found.push(Finding::bad(
            "database",
            format!("{kind}: {} migrations are pending ({})", status.pending.len(), status.pending.join(", ")),
            "apply them: `manage upgrade` (with a fresh backup), or start rest_service or `manage run`, which do it",
        ));
    }
    match database.now().await {
        Ok(Some(theirs)) => found.extend(compared(kind, skew_of(theirs, SystemClock.now()))),
        Ok(None) => {}
        Err(error) => found.push(Finding::bad(
            "database",
            format!("{kind}'s clock cannot be read: {error}"),
            "see the database's log",
        )),
    }
    found
}

/// Whether the bus answers and keeps what it is given, what was given up, and what nobody reads.
pub(super) async fn bus(patient: &Patient) -> Vec<Finding> {
    let url = patient.supplied.bus_url();
    if let Some(missing) = missing_file("bus", url.expose_secret()) {
        return vec![missing];
    }
    let refused = |error: bus::BusError| {
        let error = anyhow::Error::new(error);
        vec![Finding::bad(
            "bus",
            format!("{error:#}"),
            "check BUS_URL (its password too), and that Redis runs",
        )]
    };
    let bus = match Bus::connect(url.expose_secret(), BusOptions::default()).await {
        Ok(bus) => bus,
        Err(error) => return refused(error),
    };
    let mut found = match bus.redis_report().await {
        Ok(Some(report)) => of_redis(&report),
        Ok(None) => Vec::new(),
        Err(error) => return refused(error),
    };
    match queues(&bus, patient).await {
        Ok(more) => found.extend(more),
        Err(error) => return refused(error),
    }
    if found.is_empty() {
        let kind = if url.expose_secret().starts_with("sqlite:") {
            "SQLite"
        } else {
            "Redis"
        };
        found.push(Finding::good("bus", format!("{kind} answers; nothing is stuck")));
    }
    found
}

/// What of Redis' own configuration loses messages.
fn of_redis(report: &RedisReport) -> Vec<Finding> {
    let mut found: Vec<_> = compared("Redis", skew_of(report.now, SystemClock.now()))
        .into_iter()
        .collect();
    if !report.appends {
        found.push(Finding::bad(
            "bus",
            "Redis keeps what it confirms in memory alone: a restart loses messages",
            "set `appendonly yes` and `appendfsync always` in redis.conf (or CONFIG SET both)",
        ));
    } else if report.fsync.as_deref() == Some("no") {
        found.push(Finding::doubtful(
            "bus",
            "Redis leaves it to the system when its file reaches the disk: a power cut loses messages",
            "set `appendfsync always` (or everysec, for at most a second's messages)",
        ));
    }
    if report.eviction != "noeviction" {
        found.push(Finding::bad(
            "bus",
            format!("Redis drops keys when its memory is full ({})", report.eviction),
            "set `maxmemory-policy noeviction`: who publishes is told then, and nothing confirmed is lost",
        ));
    }
    found
}

async fn queues(bus: &Bus, patient: &Patient) -> Result<Vec<Finding>, bus::BusError> {
    let mut found = Vec::new();
    for (topic, group) in cron_service::queues() {
        let stats = bus.stats(&topic, group).await?;
        if stats.dead > 0 {
            found.push(Finding::doubtful(
                "bus",
                format!("{topic}: {} dead letters, given up after all attempts", stats.dead),
                "`manage queue dead` says why; `manage queue retry --all` tries them again, `purge` deletes them",
            ));
        }
        // Without Telegram nobody reads its queue, and nothing comes there.
        let is_off = matches!(patient.telegram, Some(None)) && group == BOT && stats.waiting == 0;
        if stats.partitions_without_consumer > 0 && !is_off {
            found.push(Finding::bad(
                "bus",
                format!(
                    "{topic}: nobody reads {} of its partitions, {} messages wait",
                    stats.partitions_without_consumer, stats.waiting
                ),
                format!("start {group}, or look at its log when it runs"),
            ));
        }
        if stats.waiting > patient.args.max_waiting {
            found.push(Finding::doubtful(
                "bus",
                format!("{topic}: {} messages wait", stats.waiting),
                format!(
                    "{group} does not keep up: look at its log, or start more of it (`docker compose up --scale \
                     {group}=2`); --max-waiting sets the limit"
                ),
            ));
        }
    }
    Ok(found)
}

/// A store in a file that is not there: looking must not make it.
fn missing_file(check: &'static str, url: &str) -> Option<Finding> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!Path::new(path).is_file()).then(|| {
        Finding::doubtful(
            check,
            format!("there is no {path}: nothing has run here yet"),
            "start it with `manage run`; or set DATA_DIR to its folder, or DATABASE_URL and BUS_URL to its stores",
        )
    })
}
