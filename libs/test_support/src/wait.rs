//! Waiting for a state, with a limit.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Waits until `check` says so, asking every 5 ms at first and every 50 ms later.
///
/// # Panics
/// When `limit` is over, naming `what` was waited for.
pub async fn wait_until(what: &str, limit: Duration, check: impl AsyncFnMut() -> bool) {
    assert!(comes_true(limit, check).await, "waited {limit:?} for: {what}");
}

/// As [`wait_until`], saying whether it came true.
pub(crate) async fn comes_true(limit: Duration, mut check: impl AsyncFnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    loop {
        if check().await {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Runs `work` to its end from a `drop`, whatever runtime it happens in: on a thread with its own.
pub(crate) fn finish_on_a_thread(work: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(work);
    });
    let finished = thread.join();
    assert!(
        finished.is_ok() || std::thread::panicking(),
        "cleaning up after a test failed"
    );
}
