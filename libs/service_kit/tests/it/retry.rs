//! Retries end, and only what may pass is retried.

use std::time::Duration;

use service_kit::retry::RetryPolicy;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    Transient,
    Final,
}

async fn tries(policy: RetryPolicy, outcomes: &[Result<u8, Failure>]) -> (Result<u8, Failure>, usize) {
    let mut calls = 0;
    let result = policy
        .run(
            |error| *error == Failure::Transient,
            || {
                calls += 1;
                std::future::ready(outcomes[calls - 1])
            },
        )
        .await;
    (result, calls)
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_tried_again_until_the_tries_are_used_up() {
    use Failure::Transient;
    assert_eq!(
        tries(RetryPolicy::CALL, &[Err(Transient), Ok(1)]).await,
        (Ok(1), 2)
    );
    let all = [Err(Transient), Err(Transient), Err(Transient)];
    assert_eq!(tries(RetryPolicy::CALL, &all).await, (Err(Transient), 3));
}

#[tokio::test(start_paused = true)]
async fn a_final_failure_is_not_tried_again() {
    assert_eq!(
        tries(RetryPolicy::CALL, &[Err(Failure::Final)]).await,
        (Err(Failure::Final), 1)
    );
}

#[test]
fn waits_grow_and_keep_their_limit() {
    let policy = RetryPolicy {
        attempts: 6,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_secs(5),
    };
    let waits: Vec<_> = policy.waits().collect();
    assert_eq!(waits.len(), 5);
    assert!(
        waits[0] >= Duration::from_secs(1) && waits[0] < Duration::from_secs(3),
        "{waits:?}"
    );
    assert!(
        waits.iter().all(|wait| *wait <= Duration::from_secs(5)),
        "{waits:?}"
    );
    assert_eq!(waits[4], Duration::from_secs(5));
}
