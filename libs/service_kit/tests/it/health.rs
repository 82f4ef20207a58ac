//! Readiness: every component started, every check passing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use service_kit::Health;

fn problems(report: &service_kit::health::Report) -> Vec<(&str, Option<&str>)> {
    report
        .checks
        .iter()
        .map(|check| (check.name.as_str(), check.problem.as_deref()))
        .collect()
}

#[tokio::test]
async fn nothing_expected_is_not_ready() {
    assert!(!Health::default().fresh_report().await.ready);
}

#[tokio::test]
async fn ready_when_all_have_started_and_all_checks_pass() {
    let health = Health::default();
    let up = Arc::new(AtomicBool::new(false));
    health.expect("a");
    health.check("database", {
        let up = up.clone();
        move || {
            let up = up.load(Ordering::SeqCst);
            async move {
                if up {
                    Ok(())
                } else {
                    Err("connection refused".to_owned())
                }
            }
        }
    });
    let report = health.fresh_report().await;
    assert!(!report.ready);
    assert_eq!(
        problems(&report),
        [("a", Some("starting")), ("database", Some("connection refused"))]
    );
    health.started("a");
    up.store(true, Ordering::SeqCst);
    assert!(health.fresh_report().await.ready);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_fails_after_its_limit() {
    let health = Health::default();
    health.started("a");
    health.check("bus", std::future::pending::<Result<(), String>>);
    let report = health.fresh_report().await;
    assert_eq!(
        problems(&report),
        [("a", None), ("bus", Some("no answer within 2 s"))]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_reused_for_half_a_second() {
    let health = Health::default();
    health.expect("a");
    assert!(!health.report().await.ready);
    health.started("a");
    assert!(!health.report().await.ready);
    tokio::time::advance(std::time::Duration::from_millis(501)).await;
    assert!(health.report().await.ready);
}

#[tokio::test]
async fn services_of_one_process_share_the_check_of_a_peer() {
    let health = Health::default();
    health.started("a");
    health.check("bus", || async { Ok(()) });
    health.check("bus", || async { Ok(()) });
    assert_eq!(
        problems(&health.fresh_report().await),
        [("a", None), ("bus", None)]
    );
}
