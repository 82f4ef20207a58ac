//! The bus's metrics: counted per topic and group, never per key.

use std::time::Duration;

use crate::names::GroupName;

pub(crate) fn published(topic: &str, count: usize) {
    metrics::counter!("bus_published_total", "topic" => topic.to_owned())
        .increment(u64::try_from(count).unwrap_or(u64::MAX));
}

pub(crate) fn delivered(name: &GroupName) {
    metrics::counter!("bus_delivered_total", "topic" => name.topic.to_string(), "group" => name.group.to_string())
        .increment(1);
}

pub(crate) fn retried(name: &GroupName) {
    metrics::counter!("bus_retried_total", "topic" => name.topic.to_string(), "group" => name.group.to_string())
        .increment(1);
}

pub(crate) fn dead(name: &GroupName) {
    metrics::counter!("bus_dead_total", "topic" => name.topic.to_string(), "group" => name.group.to_string())
        .increment(1);
}

/// How long a delivery was in the handler's hand.
pub(crate) fn handled(name: &GroupName, time: Duration) {
    metrics::histogram!("bus_handle_seconds", "topic" => name.topic.to_string(), "group" => name.group.to_string())
        .record(time.as_secs_f64());
}
