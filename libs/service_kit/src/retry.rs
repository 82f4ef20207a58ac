//! Trying again, with backoff and a limit; and waiting for what is not there yet.

use std::{fmt::Display, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::Lifecycle;

/// How often and how long to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times to try in all; at least one.
    pub attempts: usize,
    /// The wait after the first failure; it doubles each time, with jitter.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl RetryPolicy {
    /// For a call that a caller waits for: three tries within about half a second.
    pub const CALL: Self = Self {
        attempts: 3,
        first_wait: Duration::from_millis(100),
        longest_wait: Duration::from_millis(400),
    };

    /// The waits between the tries, one fewer than the tries.
    pub fn waits(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::default()
            .with_min_delay(self.first_wait)
            .with_max_delay(self.longest_wait)
            .with_max_times(self.attempts.saturating_sub(1))
            .with_jitter()
            .build()
            .map({
                let longest = self.longest_wait;
                // Jitter is added on top of the longest wait; the limit is kept all the same.
                move |wait| wait.min(longest)
            })
    }

    /// Runs `call` until it succeeds, fails for good, or the tries are used up; the last error is returned.
    pub async fn run<T, E, F: Future<Output = Result<T, E>>>(
        &self,
        is_transient: impl Fn(&E) -> bool,
        mut call: impl FnMut() -> F,
    ) -> Result<T, E> {
        let mut waits = self.waits();
        loop {
            match call().await {
                Err(error) if is_transient(&error) => match waits.next() {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Err(error),
                },
                settled => return settled,
            }
        }
    }
}

/// Calls `attempt` until it succeeds, for a peer that starts later than we do: 100 ms, 200 ms, … up to 5 s
/// between tries, for as long as the process lives. Says what it waits for in the log, once, and when it came.
///
/// `None` when the process was asked to stop first.
pub async fn wait_for<T, E: Display, F: Future<Output = Result<T, E>>>(
    lifecycle: &Lifecycle,
    peer: &str,
    mut attempt: impl FnMut() -> F,
) -> Option<T> {
    let mut wait = Duration::from_millis(100);
    let mut said = false;
    loop {
        match lifecycle.until_stopping(attempt()).await? {
            Ok(value) => {
                if said {
                    tracing::info!(peer, "reached");
                }
                return Some(value);
            }
            Err(error) if !said && wait > Duration::from_secs(1) => {
                said = true;
                tracing::warn!(peer, %error, "waiting; trying until it answers");
            }
            Err(error) => tracing::debug!(peer, %error, "not there yet"),
        }
        lifecycle.until_stopping(tokio::time::sleep(wait)).await?;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}
