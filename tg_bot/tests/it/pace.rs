//! Messages go as fast as Telegram takes them, and none is dropped. The limits here are quick, so that seconds of theirs
//! are milliseconds of ours.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tg_bot::outgoing::{Pace, Rank};
use tokio::{task::JoinSet, time::Instant};

const FOREVER: Duration = Duration::from_secs(3_600);

/// Sends so many messages, each of which arrives at a moment of its own between its slot and its answer. Where and when
/// they arrived, in that order.
async fn arrivals(pace: &Arc<Pace>, messages: impl IntoIterator<Item = i64>) -> Vec<(i64, Instant)> {
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let mut sending = JoinSet::new();
    for (number, chat) in (0_u64..).zip(messages) {
        let (pace, arrived) = (pace.clone(), arrived.clone());
        sending.spawn(async move {
            let slot = pace.wait(chat, Rank::Awaited).await.unwrap();
            tokio::time::sleep(Duration::from_millis(number * 7 % 23)).await;
            arrived.lock().unwrap().push((chat, Instant::now()));
            tokio::time::sleep(Duration::from_millis(number * 5 % 11)).await;
            drop(slot);
        });
    }
    sending.join_all().await;
    let mut arrived = arrived.lock().unwrap().clone();
    arrived.sort_by_key(|(_, at)| *at);
    arrived
}

/// The most that arrived in any span of this length.
fn most_within(arrivals: &[(i64, Instant)], span: Duration) -> usize {
    let within = |(n, first): (usize, &(i64, Instant))| {
        let rest = arrivals.get(n..).unwrap_or_default();
        rest.iter().filter(|(_, at)| *at - first.1 < span).count()
    };
    arrivals.iter().enumerate().map(within).max().unwrap_or(0)
}

#[tokio::test]
async fn no_second_has_more_than_its_limit_however_late_messages_arrive() {
    let pace = Arc::new(Pace::new(50, 10_000));
    let begun = Instant::now();
    let arrivals = arrivals(&pace, 1..=150).await;
    let most = most_within(&arrivals, Duration::from_secs(1));
    assert!(most <= 50, "{most} in a second");
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn one_chat_gets_a_burst_and_then_its_average() {
    let pace = Arc::new(Pace::new(1_000, 10));
    let begun = Instant::now();
    let arrivals = arrivals(&pace, [7; 8]).await;
    assert!(
        arrivals[2].1 - begun < Duration::from_millis(700),
        "a burst of three"
    );
    for four in arrivals.windows(4) {
        let span = four[3].1 - four[0].1;
        assert!(
            span >= Duration::from_millis(99),
            "the fourth came after {span:?}"
        );
    }
}

#[tokio::test]
async fn a_group_gets_twenty_a_minute() {
    let pace = Pace::new(1_000, 1_000);
    for _ in 0..20 {
        drop(pace.wait(-7, Rank::Awaited).await.unwrap());
    }
    let paused = pace.wait(-7, Rank::Awaited).await.unwrap_err();
    assert!((50..=60).contains(&paused.0.as_secs()), "{paused:?}");
    pace.wait(-8, Rank::Awaited).await.expect("another group's");
}

#[tokio::test]
async fn the_memory_of_silent_chats_is_given_up() {
    let pace = Pace::new(1_000_000, 1_000_000);
    for chat in 0..30_000 {
        drop(pace.wait(chat, Rank::Awaited).await.unwrap());
    }
    let remembered = format!("{pace:?}").matches("Gate").count();
    assert!(remembered <= 10_001, "{remembered}");
}

/// Of what waits for the same chat, and of what waits for its turn among all chats.
#[tokio::test]
async fn what_is_awaited_goes_before_notices_and_edits_go_last() {
    for is_one_chat in [true, false] {
        let pace = Arc::new(Pace::new(if is_one_chat { 1_000 } else { 100 }, 100));
        // No place is free until all wait for one.
        let first = pace.wait(1, Rank::Awaited).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let waiting = Arc::new(tokio::sync::Barrier::new(31));
        for n in 0..30_i64 {
            let rank = [Rank::Edit, Rank::Notice, Rank::Awaited][usize::try_from(n / 10).unwrap()];
            let chat = if is_one_chat { 1 } else { 100 + n };
            let (pace, order, waiting) = (pace.clone(), order.clone(), waiting.clone());
            if !is_one_chat {
                pace.refused(1, Duration::from_millis(200));
                pace.refused(2, Duration::from_millis(200));
            }
            tasks.spawn(async move {
                waiting.wait().await;
                let _slot = pace.wait(chat, rank).await.unwrap();
                order.lock().unwrap().push((rank, n));
            });
        }
        waiting.wait().await;
        tokio::task::yield_now().await;
        drop(first);
        tasks.join_all().await;
        let order = order.lock().unwrap();
        let ranks: Vec<Rank> = order.iter().map(|(rank, _)| *rank).collect();
        assert!(ranks.is_sorted(), "{order:?}");
        assert_eq!(ranks.len(), 30);
    }
}

#[tokio::test]
async fn whoever_gives_up_waiting_holds_nobody_up() {
    let pace = Pace::new(2, 1);
    drop(pace.wait(1, Rank::Awaited).await.unwrap());
    for chat in 2..100 {
        let gives_up = tokio::time::timeout(Duration::from_millis(1), pace.wait(chat, Rank::Awaited));
        drop(gives_up.await);
    }
    let next = tokio::time::timeout(Duration::from_secs(20), pace.wait(300, Rank::Notice));
    next.await
        .expect("a place in half a second, not in fifty")
        .unwrap();
}

#[tokio::test]
async fn a_refusal_is_one_chats_own() {
    let pace = Pace::new(30, 1);
    pace.refused(7, FOREVER);
    assert!(pace.room(7, 0).is_none());
    pace.wait(8, Rank::Notice).await.unwrap();
    let paused = pace.wait(7, Rank::Awaited).await.unwrap_err();
    assert!(paused.0 > FOREVER / 2, "{paused:?}");
}

#[tokio::test]
async fn two_chats_that_are_refused_together_mean_all() {
    let pace = Pace::new(30, 1);
    pace.refused(7, Duration::from_secs(1));
    pace.refused(7, Duration::from_secs(1));
    assert!(pace.room(9, 0).is_some(), "one chat, twice");
    pace.refused(8, Duration::from_millis(300));
    assert!(pace.room(9, 0).is_none());
    let begun = Instant::now();
    pace.wait(9, Rank::Awaited).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(250));
}

#[tokio::test]
async fn a_courtesy_leaves_room_for_a_message() {
    let pace = Pace::new(1_000, 1);
    assert!(pace.room(7, 1).is_some() && pace.room(7, 1).is_some());
    assert!(pace.room(7, 1).is_none(), "the third place is a message's");
    let now = Instant::now();
    let slot = pace.wait(7, Rank::Awaited).await.unwrap();
    assert!(now.elapsed() < Duration::from_millis(900));
    assert!(pace.room(7, 0).is_none(), "while a message is on its way");
    drop(slot);
}

/// The time that a message waits for its place among all chats is none in which its chat recovers.
#[tokio::test]
async fn a_wait_for_the_overall_limit_gives_a_chat_no_credit() {
    let pace = Arc::new(Pace::new(50, 4));
    // All places are taken for a second.
    arrivals(&pace, 100..150).await;
    let arrivals = arrivals(&pace, [7; 6]).await;
    for four in arrivals.windows(4) {
        let span = four[3].1 - four[0].1;
        assert!(
            span >= Duration::from_millis(249),
            "the fourth came after {span:?}"
        );
    }
}
