//! What was asked before, for a while: bounded, in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Answers by their question. When it is full, the oldest makes room.
pub(super) struct Cache<T> {
    name: &'static str,
    lifetime: TimeDelta,
    capacity: usize,
    entries: Mutex<HashMap<String, Known<T>>>,
}

/// An answer, and when it was given.
type Known<T> = (DateTime<Utc>, Arc<T>);

impl<T> Cache<T> {
    /// `name` stands in the metrics.
    pub(super) fn new(name: &'static str, lifetime: TimeDelta, capacity: usize) -> Self {
        Self {
            name,
            lifetime,
            capacity,
            entries: Mutex::default(),
        }
    }

    /// What is known and not too old.
    pub(super) fn get(&self, key: &str, now: DateTime<Utc>) -> Option<Arc<T>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries
            .get(key)
            .filter(|(at, _)| self.is_fresh(*at, now))
            .map(|(_, value)| Arc::clone(value));
        let outcome = if found.is_some() { "hit" } else { "miss" };
        metrics::counter!("assistant_weather_cache_total", "cache" => self.name, "outcome" => outcome)
            .increment(1);
        found
    }

    /// Keeps an answer.
    pub(super) fn put(&self, key: String, now: DateTime<Utc>, value: Arc<T>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity && !entries.contains_key(&key) {
            entries.retain(|_, (at, _)| self.is_fresh(*at, now));
            let oldest = entries
                .iter()
                .min_by_key(|(_, (at, _))| *at)
                .map(|(key, _)| key.clone());
            if let Some(oldest) = oldest
                && entries.len() >= self.capacity
            {
                entries.remove(&oldest);
            }
        }
        entries.insert(key, (now, value));
    }

    /// A clock that was set back makes nothing live longer.
    fn is_fresh(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..self.lifetime).contains(&(now - at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    #[test]
    fn answers_are_kept_for_their_lifetime_and_no_more_than_fit() {
        let cache = Cache::new("test", TimeDelta::minutes(10), 2);
        for (minute, key) in [(0, "a"), (1, "b"), (2, "c")] {
            cache.put(key.to_owned(), at(minute), Arc::new(key));
        }
        assert_eq!(cache.get("a", at(2)), None, "the oldest made room");
        assert_eq!(cache.get("b", at(10)).as_deref(), Some(&"b"));
        assert_eq!(cache.get("b", at(11)), None, "it is too old");
        assert_eq!(cache.get("c", at(1)), None, "it is from the future");
    }
}
