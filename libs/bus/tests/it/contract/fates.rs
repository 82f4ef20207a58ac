//! Retry, fail, and what nobody can read.

use std::time::Duration;

use bus::{Bus, ConsumerOptions, DeadLetter};
use messages::Envelope;
use test_support::wait_until;
use tokio::time::Instant;

use super::on_both;
use crate::backend::{Backend, LIMIT, inbox, long_lease, next, said, take, text};

on_both!(
    retry_delays_its_key_alone_even_with_thousands_behind_it,
    retry_keeps_the_order_and_counts,
    a_dropped_delivery_comes_back_and_counts,
    fail_makes_a_dead_letter_with_everything_in_it,
    the_last_retry_makes_a_dead_letter,
    a_message_whose_handler_always_drops_it_becomes_a_dead_letter,
    a_dead_letter_can_be_tried_again_by_its_group_alone,
    a_dead_letter_can_be_purged,
    lists_dead_letters_in_pages,
    what_this_build_cannot_read_becomes_a_dead_letter_and_the_rest_goes_on,
);

async fn dead_letters(bus: &Bus) -> Vec<DeadLetter> {
    bus.dead_letters(&inbox(), "workers", None, 100).await.unwrap()
}

async fn wait_for_dead_letters(bus: &Bus, count: usize) -> Vec<DeadLetter> {
    wait_until("dead letters", LIMIT, async || {
        dead_letters(bus).await.len() >= count
    })
    .await;
    let dead = dead_letters(bus).await;
    assert_eq!(dead.len(), count);
    dead
}

async fn retry_delays_its_key_alone_even_with_thousands_behind_it(backend: Backend) {
    let bus = backend.bus().await;
    let slow: Vec<_> = (0..5000)
        .map(|number| ("slow".to_owned(), said(number)))
        .collect();
    bus.publish_all(&inbox(), &slow).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    next(&mut consumer)
        .await
        .retry(Duration::from_secs(3600), "not now")
        .await
        .unwrap();
    // Enough keys that some share the slow one's partition.
    let others: Vec<_> = (0..100)
        .map(|number| (format!("other-{number}"), said(number)))
        .collect();
    bus.publish_all(&inbox(), &others).await.unwrap();
    for _ in 0..100 {
        let delivery = next(&mut consumer).await;
        assert_ne!(delivery.key(), "slow");
        delivery.ack().await.unwrap();
    }
    let stats = bus.stats(&inbox(), "workers").await.unwrap();
    assert_eq!((stats.waiting, stats.in_flight), (5000, 0));
}

async fn retry_keeps_the_order_and_counts(backend: Backend) {
    let bus = backend.bus().await;
    for text in ["first", "second"] {
        bus.publish(&inbox(), "key", &said(text)).await.unwrap();
    }
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let delivery = next(&mut consumer).await;
    assert_eq!(
        (text(delivery.envelope()).as_str(), delivery.attempt()),
        ("first", 1)
    );
    let before = Instant::now();
    delivery
        .retry(Duration::from_millis(300), "not now")
        .await
        .unwrap();
    let delivery = next(&mut consumer).await;
    assert!(
        before.elapsed() >= Duration::from_millis(299),
        "came after {:?}",
        before.elapsed()
    );
    assert_eq!(
        (text(delivery.envelope()).as_str(), delivery.attempt()),
        ("first", 2)
    );
    delivery.ack().await.unwrap();
    let delivery = next(&mut consumer).await;
    assert_eq!(
        (text(delivery.envelope()).as_str(), delivery.attempt()),
        ("second", 1)
    );
    delivery.ack().await.unwrap();
}

async fn a_dropped_delivery_comes_back_and_counts(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    drop(next(&mut consumer).await);
    let delivery = next(&mut consumer).await;
    assert_eq!(delivery.attempt(), 2);
    delivery.ack().await.unwrap();
    assert_eq!(bus.stats(&inbox(), "workers").await.unwrap().waiting, 0);
}

async fn fail_makes_a_dead_letter_with_everything_in_it(backend: Backend) {
    let bus = backend.bus().await;
    let envelope = said("hello");
    bus.publish(&inbox(), "key", &envelope).await.unwrap();
    bus.publish(&inbox(), "key", &said("next")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    next(&mut consumer)
        .await
        .retry(Duration::ZERO, "once more")
        .await
        .unwrap();
    next(&mut consumer).await.fail("nobody knows how").await.unwrap();
    let dead = dead_letters(&bus).await.remove(0);
    assert_eq!(
        (dead.key.as_str(), dead.reason.as_str(), dead.attempts),
        ("key", "nobody knows how", 2)
    );
    assert_eq!(Envelope::decode(&dead.payload).unwrap(), envelope);
    let first = dead.first_attempt_at.unwrap();
    assert!(dead.published_at <= first && first <= dead.failed_at, "{dead:?}");
    assert_eq!(take(&mut consumer, 1).await, ["next"]);
}

async fn the_last_retry_makes_a_dead_letter(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let options = ConsumerOptions {
        max_attempts: 2,
        ..long_lease()
    };
    let mut consumer = bus.consumer(&inbox(), "workers", options).await.unwrap();
    let first = next(&mut consumer).await;
    assert!(!first.is_last_attempt());
    first.retry(Duration::ZERO, "one").await.unwrap();
    let second = next(&mut consumer).await;
    assert!(second.is_last_attempt());
    second.retry(Duration::ZERO, "two").await.unwrap();
    let dead = dead_letters(&bus).await.remove(0);
    assert_eq!((dead.reason.as_str(), dead.attempts), ("two", 2));
}

async fn a_message_whose_handler_always_drops_it_becomes_a_dead_letter(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("poison")).await.unwrap();
    bus.publish(&inbox(), "key", &said("next")).await.unwrap();
    let options = ConsumerOptions {
        max_attempts: 3,
        ..long_lease()
    };
    let mut consumer = bus.consumer(&inbox(), "workers", options).await.unwrap();
    for attempt in 1..=3 {
        let delivery = next(&mut consumer).await;
        assert_eq!(
            (text(delivery.envelope()).as_str(), delivery.attempt()),
            ("poison", attempt)
        );
    }
    assert_eq!(take(&mut consumer, 1).await, ["next"]);
    let dead = dead_letters(&bus).await;
    assert_eq!((dead.len(), dead[0].attempts), (1, 3));
    assert_eq!(bus.stats(&inbox(), "workers").await.unwrap().dead, 1);
}

async fn a_dead_letter_can_be_tried_again_by_its_group_alone(backend: Backend) {
    let bus = backend.bus().await;
    let mut workers = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let mut others = bus.consumer(&inbox(), "others", long_lease()).await.unwrap();
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    assert_eq!(take(&mut others, 1).await, ["hello"]);
    next(&mut workers).await.fail("down").await.unwrap();
    let dead = dead_letters(&bus).await.remove(0);
    assert!(bus.retry_dead(&inbox(), "workers", &dead.id).await.unwrap());
    assert!(!bus.retry_dead(&inbox(), "workers", &dead.id).await.unwrap());
    bus.publish(&inbox(), "key", &said("next")).await.unwrap();
    let again = next(&mut workers).await;
    assert_eq!((text(again.envelope()).as_str(), again.attempt()), ("hello", 1));
    again.ack().await.unwrap();
    assert_eq!(take(&mut workers, 1).await, ["next"]);
    assert_eq!(take(&mut others, 1).await, ["next"]);
    assert_eq!(dead_letters(&bus).await, []);
}

async fn a_dead_letter_can_be_purged(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    next(&mut consumer).await.fail("down").await.unwrap();
    let dead = dead_letters(&bus).await.remove(0);
    assert!(!bus.purge_dead(&inbox(), "workers", "nonsense").await.unwrap());
    assert!(!bus.purge_dead(&inbox(), "others", &dead.id).await.unwrap());
    assert!(bus.purge_dead(&inbox(), "workers", &dead.id).await.unwrap());
    assert!(!bus.purge_dead(&inbox(), "workers", &dead.id).await.unwrap());
    assert_eq!(dead_letters(&bus).await, []);
}

async fn lists_dead_letters_in_pages(backend: Backend) {
    let bus = backend.bus().await;
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    for number in 0..5 {
        bus.publish(&inbox(), "key", &said(number)).await.unwrap();
        next(&mut consumer).await.fail(number.to_string()).await.unwrap();
    }
    let (mut reasons, mut after) = (Vec::new(), None);
    loop {
        let page = bus
            .dead_letters(&inbox(), "workers", after.as_deref(), 2)
            .await
            .unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        reasons.extend(page.into_iter().map(|dead| dead.reason));
    }
    assert_eq!(reasons, ["0", "1", "2", "3", "4"]);
}

async fn what_this_build_cannot_read_becomes_a_dead_letter_and_the_rest_goes_on(backend: Backend) {
    let bus = backend.bus().await;
    let newer =
        br#"{"id":"x","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","type":"user_message.v99","data":{}}"#;
    backend.publish_bytes(&inbox(), "key", newer).await;
    backend.publish_bytes(&inbox(), "key", b"\xff{").await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["hello"]);
    let dead = wait_for_dead_letters(&bus, 2).await;
    assert_eq!(dead[0].payload, newer);
    assert_eq!((dead[0].attempts, dead[0].first_attempt_at), (0, None));
    assert!(dead[0].reason.contains("user_message.v99"), "{}", dead[0].reason);
    assert_eq!(dead[1].payload, b"\xff{");
    assert!(
        dead[1].reason.starts_with("malformed envelope: "),
        "{}",
        dead[1].reason
    );
}
