//! The service's own periodic jobs, by tokio-cron-scheduler.
//!
//! To add one: a function, and a line in [`start`]. Times are UTC: the scheduler freezes a zone's offset when the
//! job is made, so local times would shift with daylight saving. Users' reminders are rows, never jobs here.

use std::sync::Arc;

use bus::Bus;
use messages::{Channel, Topic};
use service_kit::OperatorError;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::clean_up::Cleaner;

/// The queues of the product, with the group that reads each.
pub fn queues() -> [(Topic, &'static str); 3] {
    [
        (Topic::ASSISTANT_INBOX, "assistant"),
        (Topic::outbox(Channel::Telegram), "tg_bot"),
        (Topic::outbox(Channel::Api), "rest_service"),
    ]
}

/// Starts all jobs; they end when the scheduler is dropped.
///
/// # Errors
/// A job's expression is wrong.
pub(crate) async fn start(bus: &Bus, cleaner: &Arc<Cleaner>) -> Result<JobScheduler, OperatorError> {
    schedule(bus, cleaner).await.map_err(|error| {
        OperatorError::new(
            "cannot start the periodic jobs",
            "this is a bug, please report it",
        )
        .because(error)
    })
}

async fn schedule(bus: &Bus, cleaner: &Arc<Cleaner>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let measured = bus.clone();
    scheduler
        .add(Job::new_async("*/15 * * * * *", move |_, _| {
            let bus = measured.clone();
            Box::pin(async move { measure_queues(&bus).await })
        })?)
        .await?;
    let cleaner = Arc::clone(cleaner);
    scheduler
        .add(Job::new_async("0 17 * * * *", move |_, _| {
            let cleaner = Arc::clone(&cleaner);
            Box::pin(async move { cleaner.clean_up().await })
        })?)
        .await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// Publishes how much waits in each queue, so that a growing backlog or a dead letter raises an alert.
async fn measure_queues(bus: &Bus) {
    for (topic, group) in queues() {
        match bus.stats(&topic, group).await {
            Ok(stats) => {
                let labels = [("topic", topic.to_string()), ("group", group.to_owned())];
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a gauge is a float; queues are shorter than 2^52"
                )]
                for (name, value) in [("bus_waiting", stats.waiting), ("bus_dead_letters", stats.dead)] {
                    metrics::gauge!(name, &labels).set(value as f64);
                }
            }
            Err(error) => tracing::debug!(%topic, group, %error, "cannot measure the queue"),
        }
    }
}
