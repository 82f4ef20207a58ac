//! Death right behind a commit to SQLite, for tests: what was stored is stored, and nobody has heard of it.

/// Says that SQLite has just committed; called before anybody else learns of it.
///
/// In a build with debug assertions, a process that tests started with `TEST_DIE_AFTER_COMMIT=N` kills itself
/// (SIGKILL) here at its N-th commit, whichever file that is to. A release build has none of this.
#[inline]
pub fn committed() {
    #[cfg(debug_assertions)]
    death::is_due();
}

#[cfg(debug_assertions)]
mod death {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    };

    use rustix::process::{Signal, getpid, kill_process};

    /// How many commits are made before the process dies; 0 when it does not.
    static LAST: LazyLock<u64> = LazyLock::new(last);
    static MADE: AtomicU64 = AtomicU64::new(0);

    pub(super) fn is_due() {
        if *LAST != 0 && MADE.fetch_add(1, Ordering::SeqCst) + 1 == *LAST {
            // What fails is seen by the test: the process lives.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "no setting: the product has no such thing, only builds for tests have"
    )]
    fn last() -> u64 {
        std::env::var("TEST_DIE_AFTER_COMMIT")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }
}
