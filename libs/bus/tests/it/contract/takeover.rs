//! Consumers that die, hang, leave, or only seem to.

use std::time::Duration;

use bus::ConsumerOptions;
use test_support::wait_until;
use tokio::time::Instant;

use super::on_both;
use crate::{
    backend::{Backend, LIMIT, inbox, long_lease, next, said, short_lease, take, text},
    child::Holder,
};

on_both!(
    takes_over_from_a_process_that_was_killed,
    a_message_that_kills_its_process_becomes_a_dead_letter,
    refuses_a_process_that_was_paused_and_comes_back,
    a_handler_that_is_slower_than_the_lease_keeps_its_delivery,
    a_closed_consumer_gives_its_work_up_at_once,
    a_dropped_consumer_gives_its_work_up_too,
    a_delivery_can_be_settled_after_its_consumer_was_closed,
    what_was_fetched_ahead_is_not_counted_as_an_attempt,
    a_retry_is_not_due_earlier_because_its_consumer_left,
);

async fn takes_over_from_a_process_that_was_killed(backend: Backend) {
    let bus = backend.bus().await;
    for item in ["a1", "a2", "b1"] {
        bus.publish(&inbox(), &item[..1], &said(item)).await.unwrap();
    }
    let mut holder = Holder::start(&backend);
    let mut held = [holder.word().await, holder.word().await];
    held.sort();
    assert_eq!(held, ["a1 1", "b1 1"]);
    holder.kill().await;
    let killed = Instant::now();
    let mut consumer = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let delivery = next(&mut consumer).await;
        seen.push((text(delivery.envelope()), delivery.attempt()));
        delivery.ack().await.unwrap();
    }
    assert!(
        killed.elapsed() < Duration::from_secs(10),
        "took {:?}",
        killed.elapsed()
    );
    let place = |item: &str| seen.iter().position(|(text, _)| text == item).unwrap();
    assert!(place("a1") < place("a2"));
    seen.sort();
    assert_eq!(seen, [("a1".into(), 2), ("a2".into(), 1), ("b1".into(), 2)]);
}

async fn a_message_that_kills_its_process_becomes_a_dead_letter(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("poison")).await.unwrap();
    bus.publish(&inbox(), "key", &said("next")).await.unwrap();
    let mut holder = Holder::start(&backend);
    assert_eq!(holder.word().await, "poison 1");
    holder.kill().await;
    let options = ConsumerOptions {
        max_attempts: 1,
        ..short_lease()
    };
    let mut consumer = bus.consumer(&inbox(), "workers", options).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["next"]);
    let dead = bus.dead_letters(&inbox(), "workers", None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].attempts), (1, 1));
}

async fn refuses_a_process_that_was_paused_and_comes_back(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("first")).await.unwrap();
    bus.publish(&inbox(), "key", &said("second")).await.unwrap();
    let mut holder = Holder::start(&backend);
    assert_eq!(holder.word().await, "first 1");
    holder.pause(&backend).await;
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let delivery = next(&mut consumer).await;
    assert_eq!(
        (text(delivery.envelope()).as_str(), delivery.attempt()),
        ("first", 2)
    );
    holder.ack().await;
    holder.resume().await;
    assert_eq!(holder.word().await, "Err(LeaseLost)");
    // Nothing was changed: the message is still in the new hand, and the next one waits for it.
    let stats = bus.stats(&inbox(), "workers").await.unwrap();
    assert_eq!((stats.in_flight, stats.waiting), (1, 1));
    holder.kill().await;
    delivery.ack().await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["second"]);
}

async fn a_handler_that_is_slower_than_the_lease_keeps_its_delivery(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("slow")).await.unwrap();
    let mut slow = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    let mut rival = backend
        .bus()
        .await
        .consumer(&inbox(), "workers", short_lease())
        .await
        .unwrap();
    let (delivery, idle) = tokio::select! {
        delivery = slow.next() => (delivery.unwrap(), &mut rival),
        delivery = rival.next() => (delivery.unwrap(), &mut slow),
    };
    let three_leases = short_lease().lease * 3;
    let stolen = tokio::time::timeout(three_leases, idle.next()).await;
    assert!(stolen.is_err(), "taken over from a live process: {stolen:?}");
    delivery.ack().await.unwrap();
    assert_eq!(bus.stats(&inbox(), "workers").await.unwrap().in_flight, 0);
}

async fn a_closed_consumer_gives_its_work_up_at_once(backend: Backend) {
    let bus = backend.bus().await;
    let options = ConsumerOptions {
        lease: Duration::from_secs(5),
        ..long_lease()
    };
    let leaving = bus.consumer(&inbox(), "workers", options.clone()).await.unwrap();
    wait_until("all partitions are read", LIMIT, async || {
        bus.stats(&inbox(), "workers")
            .await
            .unwrap()
            .partitions_without_consumer
            == 0
    })
    .await;
    leaving.close().await;
    let closed = Instant::now();
    let mut heir = bus.consumer(&inbox(), "workers", options.clone()).await.unwrap();
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    assert_eq!(take(&mut heir, 1).await, ["hello"]);
    assert!(
        closed.elapsed() < options.lease,
        "waited for the lease: {:?}",
        closed.elapsed()
    );
}

async fn a_dropped_consumer_gives_its_work_up_too(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let mut leaving = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    drop(next(&mut leaving).await);
    drop(leaving);
    let mut heir = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    assert_eq!(take(&mut heir, 1).await, ["hello"]);
}

async fn a_delivery_can_be_settled_after_its_consumer_was_closed(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("first")).await.unwrap();
    bus.publish(&inbox(), "key", &said("second")).await.unwrap();
    let mut leaving = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    let delivery = next(&mut leaving).await;
    leaving.close().await;
    let mut heir = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    let two_leases = short_lease().lease * 2;
    let stolen = tokio::time::timeout(two_leases, heir.next()).await;
    assert!(stolen.is_err(), "taken over while it was in hand: {stolen:?}");
    delivery.ack().await.unwrap();
    assert_eq!(take(&mut heir, 1).await, ["second"]);
}

async fn what_was_fetched_ahead_is_not_counted_as_an_attempt(backend: Backend) {
    let bus = backend.bus().await;
    for key in ["a", "b", "c", "d"] {
        bus.publish(&inbox(), key, &said(key)).await.unwrap();
    }
    let leaving = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    wait_until("all are fetched ahead", LIMIT, async || {
        bus.stats(&inbox(), "workers").await.unwrap().in_flight == 4
    })
    .await;
    leaving.close().await;
    let mut heir = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    for _ in 0..4 {
        let delivery = next(&mut heir).await;
        assert_eq!(delivery.attempt(), 1);
        delivery.ack().await.unwrap();
    }
}

async fn a_retry_is_not_due_earlier_because_its_consumer_left(backend: Backend) {
    let bus = backend.bus().await;
    for text in ["later", "behind it"] {
        bus.publish(&inbox(), "key", &said(text)).await.unwrap();
    }
    let mut leaving = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    next(&mut leaving)
        .await
        .retry(Duration::from_secs(3600), "not now")
        .await
        .unwrap();
    leaving.close().await;
    let mut heir = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    // One key per partition and more, so that the delayed key's partition has been taken over when all are here.
    for number in 0..100 {
        bus.publish(&inbox(), &format!("other-{number}"), &said(number))
            .await
            .unwrap();
    }
    for _ in 0..100 {
        let delivery = next(&mut heir).await;
        assert_ne!(delivery.key(), "key");
        delivery.ack().await.unwrap();
    }
    let stats = bus.stats(&inbox(), "workers").await.unwrap();
    assert_eq!((stats.waiting, stats.in_flight), (2, 0));
}
