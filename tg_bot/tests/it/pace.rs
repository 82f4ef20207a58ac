//! Messages go as fast as Telegram takes them, and none is dropped.

use std::time::Duration;

use tg_bot::outgoing::{Pace, Rate};
use tokio::time::Instant;

/// When each of these messages may go, in whole milliseconds.
fn places(pace: &Pace, chats: impl IntoIterator<Item = i64>) -> Vec<u128> {
    let now = Instant::now() + Duration::from_secs(1);
    let places = chats.into_iter().map(|chat| pace.reserve(chat, now));
    places.map(|at| at.duration_since(now).as_millis()).collect()
}

fn pace() -> Pace {
    Pace::new(Rate::per_second(30, 30), Rate::per_second(1, 3))
}

#[test]
fn one_chat_gets_a_burst_and_then_one_a_second() {
    assert_eq!(places(&pace(), [7; 6]), [0, 0, 0, 1_000, 2_000, 3_000]);
}

#[test]
fn a_group_gets_twenty_a_minute() {
    assert_eq!(places(&pace(), [-7; 5]), [0, 0, 0, 3_000, 6_000]);
}

#[test]
fn all_chats_together_get_thirty_a_second() {
    let places = places(&pace(), 1..=90);
    assert_eq!(places[29], 0);
    assert_eq!(places[30] / 10, 3);
    assert!((1_900..=2_001).contains(&places[89]), "{}", places[89]);
}

#[test]
fn a_chat_that_was_silent_has_its_burst_again() {
    let pace = pace();
    let now = Instant::now() + Duration::from_secs(1);
    for _ in 0..5 {
        pace.reserve(7, now);
    }
    let later = now + Duration::from_secs(60);
    assert!((0..3).all(|_| pace.reserve(7, later) == later));
}

#[test]
fn the_memory_of_silent_chats_is_given_up() {
    let pace = Pace::new(Rate::per_second(1_000_000, 1_000_000), Rate::per_second(1, 3));
    let now = Instant::now();
    for chat in 0..50_000 {
        let then = now + Duration::from_millis(chat.try_into().unwrap());
        assert!(pace.reserve(chat, then) == then);
    }
}
