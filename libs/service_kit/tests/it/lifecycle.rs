//! A process stops once, and a task that breaks ends it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use service_kit::{Lifecycle, OperatorError, STOP_LIMIT, SystemClock};

fn life() -> (Lifecycle, impl Future<Output = Result<(), OperatorError>>) {
    let (lifecycle, supervisor) = Lifecycle::new(Arc::new(SystemClock));
    (lifecycle, supervisor.supervise())
}

#[tokio::test]
async fn work_in_hand_is_finished_after_the_first_stop() {
    let (lifecycle, supervised) = life();
    let finished = Arc::new(AtomicBool::new(false));
    lifecycle.spawn("worker", {
        let (lifecycle, finished) = (lifecycle.clone(), finished.clone());
        async move {
            lifecycle.stopping().await;
            tokio::task::yield_now().await;
            finished.store(true, Ordering::SeqCst);
            Ok(())
        }
    });
    lifecycle.stop();
    supervised.await.unwrap();
    assert!(finished.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn work_that_does_not_finish_is_dropped_at_the_limit() {
    let (lifecycle, supervised) = life();
    lifecycle.spawn("stuck", std::future::pending());
    lifecycle.stop();
    let started = tokio::time::Instant::now();
    supervised.await.unwrap();
    assert!(started.elapsed() >= STOP_LIMIT && started.elapsed() < STOP_LIMIT + Duration::from_secs(1));
}

#[tokio::test]
async fn a_task_that_fails_stops_the_others_and_is_the_outcome() {
    let (lifecycle, supervised) = life();
    lifecycle.spawn("bystander", {
        let lifecycle = lifecycle.clone();
        async move {
            lifecycle.stopping().await;
            Ok(())
        }
    });
    lifecycle.spawn("worker", async {
        Err(OperatorError::new("the disk is full", "free some space"))
    });
    assert_eq!(
        supervised.await.unwrap_err().to_string(),
        "the disk is full; free some space"
    );
}

#[tokio::test]
async fn a_task_that_panics_ends_the_process_with_an_error() {
    let (lifecycle, supervised) = life();
    lifecycle.spawn("worker", async {
        assert_eq!(1 + 1, 3, "arithmetic");
        Ok(())
    });
    let text = supervised.await.unwrap_err().to_string();
    assert!(
        text.starts_with("worker crashed: ") && text.contains("arithmetic"),
        "{text}"
    );
}

#[tokio::test]
async fn until_stopping_gives_work_up() {
    let (lifecycle, _supervised) = life();
    assert_eq!(lifecycle.until_stopping(async { 7 }).await, Some(7));
    lifecycle.stop();
    assert_eq!(lifecycle.until_stopping(std::future::pending::<()>()).await, None);
}
