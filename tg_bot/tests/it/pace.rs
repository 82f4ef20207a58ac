//! Messages go as fast as Telegram takes them, and none is dropped.

use std::time::Duration;

use tg_bot::outgoing::{Pace, Rank, Rate};
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

#[tokio::test]
async fn what_is_awaited_goes_before_notices() {
    let pace = std::sync::Arc::new(Pace::new(Rate::per_second(200, 1), Rate::per_second(1, 3)));
    // No place is free until all wait for one.
    let now = Instant::now();
    for chat in 1_000..1_600 {
        pace.reserve(chat, now);
    }
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut tasks = tokio::task::JoinSet::new();
    for chat in 1..=60 {
        // Forty strangers are told no, and then twenty people get their answers.
        let rank = if chat <= 40 { Rank::Notice } else { Rank::Awaited };
        let (pace, order) = (pace.clone(), order.clone());
        tasks.spawn(async move {
            pace.wait(chat, rank).await;
            order.lock().unwrap().push(rank);
        });
    }
    tasks.join_all().await;
    let order = order.lock().unwrap();
    assert!(order[..20].iter().all(|rank| *rank == Rank::Awaited), "{order:?}");
    assert_eq!(order.len(), 60);
}

#[tokio::test]
async fn whoever_gives_up_waiting_holds_nobody_up() {
    let pace = Pace::new(Rate::per_second(2, 1), Rate::per_second(1, 3));
    pace.wait(1, Rank::Awaited).await;
    for chat in 2..100 {
        let gives_up = tokio::time::timeout(Duration::from_millis(1), pace.wait(chat, Rank::Awaited));
        let _ = gives_up.await;
    }
    let next = tokio::time::timeout(Duration::from_secs(20), pace.wait(300, Rank::Notice));
    next.await.expect("a place in half a second, not in fifty");
}

#[tokio::test]
async fn a_pause_is_one_chats_own() {
    let pace = Pace::new(Rate::per_second(30, 2), Rate::per_second(1, 3));
    pace.pause(7, Duration::from_secs(3_600));
    assert!(!pace.has_room(7, 0));
    pace.wait(8, Rank::Notice).await;
    let paused = tokio::time::timeout(Duration::from_millis(50), pace.wait(7, Rank::Awaited));
    paused.await.unwrap_err();
}

#[test]
fn a_courtesy_leaves_room_for_a_message() {
    let pace = Pace::new(Rate::per_second(30, 30), Rate::per_second(1, 3));
    assert!(pace.has_room(7, 1) && pace.has_room(7, 1));
    assert!(!pace.has_room(7, 1), "the third place is a message's");
    let now = Instant::now();
    assert!(pace.reserve(7, now) <= now);
}

#[test]
fn a_rate_below_a_limit_stays_below_it_in_any_second() {
    for limit in [1, 10, 30, 1_000] {
        let pace = Pace::new(Rate::below(limit), Rate::per_second(10_000, 10_000));
        let now = Instant::now() + Duration::from_secs(1);
        let places: Vec<_> = (0..i64::from(limit) * 3)
            .map(|chat| pace.reserve(chat + 1, now))
            .collect();
        for (n, first) in places.iter().enumerate() {
            let within = places[n..]
                .iter()
                .filter(|at| at.duration_since(*first) < Duration::from_secs(1))
                .count();
            assert!(within <= usize::try_from(limit).unwrap(), "{within} of {limit}");
        }
        let whole = places.last().unwrap().duration_since(now).as_secs_f64();
        assert!(
            whole < 3.0 * 1.1,
            "{limit} a second: {whole} s for three seconds' worth"
        );
    }
}
