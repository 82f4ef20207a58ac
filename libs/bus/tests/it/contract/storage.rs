//! Groups, trimming, figures, broadcast.

use bus::GroupStats;
use test_support::wait_until;

use super::on_both;
use crate::backend::{Backend, LIMIT, inbox, long_lease, next, said, take, text};

on_both!(
    each_group_gets_everything,
    a_message_waits_for_the_first_group,
    trims_behind_what_every_group_has_acked_and_no_further,
    a_group_that_is_created_later_starts_at_the_oldest_that_is_still_there,
    counts_what_waits_and_what_is_in_hand,
    topics_do_not_mix,
    broadcast_reaches_everyone_who_listens,
    answers_a_ping,
    shows_what_waits_behind_a_message_and_takes_nothing,
);

async fn shows_what_waits_behind_a_message_and_takes_nothing(backend: Backend) {
    let bus = backend.bus().await;
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    for number in 0..6 {
        bus.publish(&inbox(), "key", &said(number)).await.unwrap();
        bus.publish(&inbox(), "other", &said("aside")).await.unwrap();
    }
    let first = loop {
        let delivery = next(&mut consumer).await;
        if delivery.key() == "key" {
            break delivery;
        }
        delivery.ack().await.unwrap();
    };
    let behind = first.behind(3).await.unwrap();
    let ids: Vec<&str> = behind.iter().map(|envelope| envelope.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(first.behind(100).await.unwrap().len(), 5);
    first.ack().await.unwrap();
    let mut rest = Vec::new();
    while rest.len() < 5 {
        let delivery = next(&mut consumer).await;
        if delivery.key() == "key" {
            rest.push(text(delivery.envelope()));
        }
        delivery.ack().await.unwrap();
    }
    assert_eq!(rest, ["1", "2", "3", "4", "5"]);
}

async fn each_group_gets_everything(backend: Backend) {
    let bus = backend.bus().await;
    let mut one = bus.consumer(&inbox(), "one", long_lease()).await.unwrap();
    let mut other = bus.consumer(&inbox(), "other", long_lease()).await.unwrap();
    for number in 0..20 {
        bus.publish(&inbox(), "key", &said(number)).await.unwrap();
    }
    let expected: Vec<String> = (0..20).map(|number: usize| number.to_string()).collect();
    assert_eq!(take(&mut one, 20).await, expected);
    assert_eq!(take(&mut other, 20).await, expected);
}

async fn a_message_waits_for_the_first_group(backend: Backend) {
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("early")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["early"]);
}

async fn trims_behind_what_every_group_has_acked_and_no_further(backend: Backend) {
    let bus = backend.bus().await;
    let mut fast = bus.consumer(&inbox(), "fast", long_lease()).await.unwrap();
    let mut slow = bus.consumer(&inbox(), "slow", long_lease()).await.unwrap();
    for number in 0..50 {
        bus.publish(&inbox(), "key", &said(number)).await.unwrap();
    }
    take(&mut fast, 50).await;
    take(&mut slow, 20).await;
    wait_until("what both acked is gone", LIMIT, async || {
        backend.stored(&inbox()).await == 30
    })
    .await;
    take(&mut slow, 30).await;
    wait_until("everything is gone", LIMIT, async || {
        backend.stored(&inbox()).await == 0
    })
    .await;
    bus.publish(&inbox(), "key", &said("next")).await.unwrap();
    assert_eq!(take(&mut fast, 1).await, ["next"]);
    assert_eq!(take(&mut slow, 1).await, ["next"]);
}

async fn a_group_that_is_created_later_starts_at_the_oldest_that_is_still_there(backend: Backend) {
    let bus = backend.bus().await;
    let mut first = bus.consumer(&inbox(), "first", long_lease()).await.unwrap();
    for number in 0..4 {
        bus.publish(&inbox(), "key", &said(number)).await.unwrap();
    }
    take(&mut first, 2).await;
    wait_until("the first two are gone", LIMIT, async || {
        backend.stored(&inbox()).await == 2
    })
    .await;
    let mut later = bus.consumer(&inbox(), "later", long_lease()).await.unwrap();
    assert_eq!(take(&mut later, 2).await, ["2", "3"]);
    assert_eq!(take(&mut first, 2).await, ["2", "3"]);
}

async fn counts_what_waits_and_what_is_in_hand(backend: Backend) {
    let bus = backend.bus().await;
    for number in 0..10 {
        bus.publish(&inbox(), "key", &said(number)).await.unwrap();
    }
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let delivery = next(&mut consumer).await;
    let stats = bus.stats(&inbox(), "workers").await.unwrap();
    assert_eq!((stats.waiting, stats.in_flight, stats.dead), (9, 1, 0));
    delivery.fail("no").await.unwrap();
    take(&mut consumer, 9).await;
    let expected = GroupStats {
        dead: 1,
        ..GroupStats::default()
    };
    assert_eq!(bus.stats(&inbox(), "workers").await.unwrap(), expected);
}

async fn topics_do_not_mix(backend: Backend) {
    let bus = backend.bus().await;
    let outbox = messages::Topic::named("outbox");
    let mut inbox_consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let mut outbox_consumer = bus.consumer(&outbox, "workers", long_lease()).await.unwrap();
    bus.publish(&outbox, "key", &said("out")).await.unwrap();
    bus.publish(&inbox(), "key", &said("in")).await.unwrap();
    assert_eq!(take(&mut inbox_consumer, 1).await, ["in"]);
    assert_eq!(take(&mut outbox_consumer, 1).await, ["out"]);
}

async fn broadcast_reaches_everyone_who_listens(backend: Backend) {
    let (bus, other) = (backend.bus().await, backend.bus().await);
    let mut listeners = [
        bus.subscribe().await.unwrap(),
        bus.subscribe().await.unwrap(),
        other.subscribe().await.unwrap(),
    ];
    bus.broadcast(&said("hello")).await.unwrap();
    for listener in &mut listeners {
        let envelope = tokio::time::timeout(LIMIT, listener.next())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(text(&envelope), "hello");
    }
}

async fn answers_a_ping(backend: Backend) {
    backend.bus().await.ping().await.unwrap();
}
