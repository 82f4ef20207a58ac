//! Waiting for a state, and free ports.

use std::net::TcpListener;
use std::time::Duration;

use test_support::{free_port, wait_until};

#[tokio::test]
async fn waits_until_the_state_is_there() {
    let mut asked = 0;
    wait_until("the third time", Duration::from_secs(10), async || {
        asked += 1;
        asked == 3
    })
    .await;
    assert_eq!(asked, 3);
}

#[tokio::test]
#[should_panic(expected = "waited 10ms for: a state that never comes")]
async fn gives_up_at_the_limit_and_says_what_was_waited_for() {
    wait_until(
        "a state that never comes",
        Duration::from_millis(10),
        async || false,
    )
    .await;
}

#[test]
fn a_free_port_can_be_bound() {
    TcpListener::bind(("127.0.0.1", free_port())).unwrap();
}
