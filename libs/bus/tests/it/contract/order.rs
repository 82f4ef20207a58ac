//! Order per key, one in flight per key, and how many side by side.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use bus::{Bus, Consumer, ConsumerOptions, Delivery};
use test_support::wait_until;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::on_both;
use crate::backend::{Backend, LIMIT, inbox, long_lease, next, said, take, text};

on_both!(
    hands_the_messages_of_a_key_out_in_order_one_at_a_time_over_three_consumers,
    keeps_the_order_while_consumers_join_and_leave,
    serves_ten_thousand_keys,
    holds_one_message_of_a_key_and_lets_other_keys_pass,
    holds_no_more_in_flight_than_asked,
    carries_a_megabyte,
    publishes_many_in_order,
);

/// What the handlers saw: the order of each key, and that a key was never in two hands.
#[derive(Default)]
struct Journal {
    seen: HashMap<String, Vec<usize>>,
    in_hand: HashSet<String>,
    count: usize,
}

type SharedJournal = Arc<Mutex<Journal>>;

/// Handles deliveries side by side and notes them in the journal, until told to stop; then finishes what is in
/// hand and leaves.
async fn work(mut consumer: Consumer, journal: SharedJournal, stop: CancellationToken) {
    let mut handlers = JoinSet::new();
    loop {
        let delivery = tokio::select! {
            () = stop.cancelled() => break,
            delivery = consumer.next() => delivery.unwrap(),
        };
        let journal = Arc::clone(&journal);
        handlers.spawn(async move {
            note(&journal, &delivery).await;
            delivery.ack().await.unwrap();
        });
    }
    consumer.close().await;
    while let Some(handled) = handlers.join_next().await {
        handled.unwrap();
    }
}

/// Has a delivery in hand for a moment.
async fn note(journal: &SharedJournal, delivery: &Delivery) {
    let key = delivery.key().to_owned();
    assert!(
        journal.lock().unwrap().in_hand.insert(key.clone()),
        "{key} is in two hands"
    );
    tokio::task::yield_now().await;
    let mut journal = journal.lock().unwrap();
    journal
        .seen
        .entry(key.clone())
        .or_default()
        .push(text(delivery.envelope()).parse().unwrap());
    journal.in_hand.remove(&key);
    journal.count += 1;
}

async fn publish_numbers(bus: &Bus, keys: usize, each: usize) {
    for number in 0..each {
        let items: Vec<_> = (0..keys)
            .map(|key| (format!("key-{key}"), said(number)))
            .collect();
        bus.publish_all(&inbox(), &items).await.unwrap();
    }
}

fn assert_complete_and_in_order(journal: &SharedJournal, keys: usize, each: usize) {
    let journal = journal.lock().unwrap();
    assert_eq!(journal.seen.len(), keys);
    for (key, seen) in &journal.seen {
        assert_eq!(*seen, (0..each).collect::<Vec<_>>(), "{key}");
    }
}

async fn wait_for_count(journal: &SharedJournal, count: usize) {
    wait_until("all messages are handled", LIMIT, async || {
        journal.lock().unwrap().count >= count
    })
    .await;
}

async fn hands_the_messages_of_a_key_out_in_order_one_at_a_time_over_three_consumers(backend: Backend) {
    let (journal, stop) = (SharedJournal::default(), CancellationToken::new());
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        let consumer = backend
            .bus()
            .await
            .consumer(&inbox(), "workers", long_lease())
            .await
            .unwrap();
        workers.spawn(work(consumer, Arc::clone(&journal), stop.clone()));
    }
    publish_numbers(&backend.bus().await, 40, 25).await;
    wait_for_count(&journal, 1000).await;
    stop.cancel();
    while let Some(worker) = workers.join_next().await {
        worker.unwrap();
    }
    assert_complete_and_in_order(&journal, 40, 25);
}

async fn keeps_the_order_while_consumers_join_and_leave(backend: Backend) {
    // Long enough that none runs out by itself; renewed, and so shared anew, every 600 ms.
    let options = ConsumerOptions {
        lease: Duration::from_secs(3),
        ..long_lease()
    };
    let bus = backend.bus().await;
    let (journal, stays, enough) = (
        SharedJournal::default(),
        CancellationToken::new(),
        CancellationToken::new(),
    );
    let publisher = {
        let (bus, enough) = (bus.clone(), enough.clone());
        tokio::spawn(async move {
            let mut each = 0;
            while !enough.is_cancelled() {
                let items: Vec<_> = (0..30).map(|key| (format!("key-{key}"), said(each))).collect();
                bus.publish_all(&inbox(), &items).await.unwrap();
                each += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            each
        })
    };
    let consumer = bus.consumer(&inbox(), "workers", options.clone()).await.unwrap();
    let steady = tokio::spawn(work(consumer, Arc::clone(&journal), stays.clone()));
    for _ in 0..3 {
        let mut guest = backend
            .bus()
            .await
            .consumer(&inbox(), "workers", options.clone())
            .await
            .unwrap();
        for _ in 0..50 {
            let delivery = next(&mut guest).await;
            note(&journal, &delivery).await;
            delivery.ack().await.unwrap();
        }
        guest.close().await;
    }
    enough.cancel();
    let each = publisher.await.unwrap();
    wait_for_count(&journal, 30 * each).await;
    stays.cancel();
    steady.await.unwrap();
    assert_complete_and_in_order(&journal, 30, each);
}

async fn serves_ten_thousand_keys(backend: Backend) {
    let bus = backend.bus().await;
    let journal = SharedJournal::default();
    let stop = CancellationToken::new();
    publish_numbers(&bus, 10_000, 1).await;
    let consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let worker = tokio::spawn(work(consumer, Arc::clone(&journal), stop.clone()));
    wait_for_count(&journal, 10_000).await;
    stop.cancel();
    worker.await.unwrap();
    assert_complete_and_in_order(&journal, 10_000, 1);
}

async fn holds_one_message_of_a_key_and_lets_other_keys_pass(backend: Backend) {
    let bus = backend.bus().await;
    for item in ["a1", "a2", "b1"] {
        bus.publish(&inbox(), &item[..1], &said(item)).await.unwrap();
    }
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let (one, other) = (next(&mut consumer).await, next(&mut consumer).await);
    let mut texts = [text(one.envelope()), text(other.envelope())];
    texts.sort();
    assert_eq!(texts, ["a1", "b1"]);
    bus.publish(&inbox(), "c", &said("c1")).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["c1"]);
    one.ack().await.unwrap();
    other.ack().await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["a2"]);
}

async fn holds_no_more_in_flight_than_asked(backend: Backend) {
    let bus = backend.bus().await;
    publish_numbers(&bus, 10, 1).await;
    let options = ConsumerOptions {
        max_in_flight: 3,
        ..long_lease()
    };
    let mut consumer = bus.consumer(&inbox(), "workers", options).await.unwrap();
    let mut held = vec![
        next(&mut consumer).await,
        next(&mut consumer).await,
        next(&mut consumer).await,
    ];
    let stats = bus.stats(&inbox(), "workers").await.unwrap();
    assert_eq!((stats.in_flight, stats.waiting), (3, 7));
    for _ in 0..7 {
        held.pop().unwrap().ack().await.unwrap();
        held.push(next(&mut consumer).await);
        assert_eq!(bus.stats(&inbox(), "workers").await.unwrap().in_flight, 3);
    }
}

async fn carries_a_megabyte(backend: Backend) {
    let bus = backend.bus().await;
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let long = "m".repeat(1 << 20);
    bus.publish(&inbox(), "key", &said(&long)).await.unwrap();
    assert!(take(&mut consumer, 1).await == [long]);
}

async fn publishes_many_in_order(backend: Backend) {
    let bus = backend.bus().await;
    let items: Vec<_> = (0..300).map(|number| ("key".to_owned(), said(number))).collect();
    bus.publish_all(&inbox(), &items).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let expected: Vec<String> = (0..300).map(|number: usize| number.to_string()).collect();
    assert_eq!(take(&mut consumer, 300).await, expected);
}
