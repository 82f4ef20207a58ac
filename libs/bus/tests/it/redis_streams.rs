//! What only Redis can go through: restarts, leases taken by force, partitions shared.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bus::{BusError, BusOptions, ConsumerOptions, redis_keys};
use fakes::proxy::{Fault, Proxy};
use redis::AsyncCommands;
use test_support::{redis::TestRedis, wait_until};

use crate::backend::{
    Backend, LIMIT, connect, inbox, long_lease, next, redis_connection, said, short_lease, take, text,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_redis_is_killed_again_and_again() {
    let server = TestRedis::start().await;
    let bus = connect(server.url(), "sa").await;
    let mut consumer = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    let worker = tokio::spawn(async move {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        while seen.len() < 600 {
            let delivery = next(&mut consumer).await;
            let number = text(delivery.envelope()).parse().unwrap();
            // A lost answer means that it comes again: at least once.
            if delivery.ack().await.is_ok() {
                seen.insert(number);
            }
        }
        seen
    });
    let publisher = tokio::spawn(async move {
        for number in 0..600_usize {
            while bus
                .publish(&inbox(), &format!("key-{}", number % 7), &said(number))
                .await
                .is_err()
            {}
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bus
    });
    for _ in 0..3 {
        server.kill();
        server.restart().await;
    }
    let bus = publisher.await.unwrap();
    assert_eq!(worker.await.unwrap(), (0..600).collect());
    wait_until("nothing waits", LIMIT, async || {
        let stats = bus.stats(&inbox(), "workers").await.unwrap();
        (stats.waiting, stats.in_flight, stats.dead) == (0, 0, 0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publish_without_redis_fails_within_seconds_and_works_again_after() {
    let server = TestRedis::start().await;
    let bus = connect(server.url(), "sa").await;
    let mut subscription = bus.subscribe().await.unwrap();
    server.kill();
    let before = Instant::now();
    let (topic, lost) = (inbox(), said("lost"));
    let (published, ping) = tokio::join!(bus.publish(&topic, "key", &lost), bus.ping());
    assert!(
        matches!(published, Err(BusError::Unavailable(_))),
        "{published:?}"
    );
    assert!(matches!(ping, Err(BusError::Unavailable(_))), "{ping:?}");
    assert!(
        before.elapsed() < Duration::from_secs(8),
        "took {:?}",
        before.elapsed()
    );
    server.restart().await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["hello"]);
    // The subscription connects again by itself.
    wait_until("the broadcast is heard again", LIMIT, async || {
        bus.broadcast(&said("news")).await.unwrap();
        tokio::time::timeout(Duration::from_millis(200), subscription.next())
            .await
            .is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_in_hand_survives_a_restart_of_redis() {
    let server = TestRedis::start().await;
    let bus = connect(server.url(), "sa").await;
    bus.publish(&inbox(), "key", &said("first")).await.unwrap();
    bus.publish(&inbox(), "key", &said("second")).await.unwrap();
    let mut consumer = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    let delivery = next(&mut consumer).await;
    server.kill();
    server.restart().await;
    delivery.ack().await.unwrap();
    let delivery = next(&mut consumer).await;
    assert_eq!(
        (text(delivery.envelope()).as_str(), delivery.attempt()),
        ("second", 1)
    );
    delivery.ack().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lost_the_fence_changes_nothing() {
    let backend = Backend::redis().await;
    let bus = backend.bus().await;
    for key in ["a", "b", "c"] {
        bus.publish(&inbox(), key, &said(key)).await.unwrap();
    }
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    let held = [
        next(&mut consumer).await,
        next(&mut consumer).await,
        next(&mut consumer).await,
    ];
    let mut connection = redis_connection(&backend.url()).await;
    for partition in 0..BusOptions::default().partitions {
        let fence = redis_keys::fence(backend.key_prefix(), inbox().as_str(), "workers", partition);
        let _: () = connection.set(fence, "someone else").await.unwrap();
    }
    let [a, b, c] = held;
    assert!(matches!(a.ack().await, Err(BusError::LeaseLost)));
    assert!(matches!(
        b.retry(Duration::ZERO, "again").await,
        Err(BusError::LeaseLost)
    ));
    assert!(matches!(c.fail("never").await, Err(BusError::LeaseLost)));
    let stats = bus.stats(&inbox(), "workers").await.unwrap();
    assert_eq!((stats.waiting + stats.in_flight, stats.dead), (3, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitions_are_shared_fairly_and_go_to_who_is_left() {
    let backend = Backend::redis().await;
    let options = ConsumerOptions {
        lease: Duration::from_secs(5),
        ..long_lease()
    };
    let (bus, other_bus) = (backend.bus().await, backend.bus().await);
    let one = bus.consumer(&inbox(), "workers", options.clone()).await.unwrap();
    wait_for_shares(&backend, &[16]).await;
    let other = other_bus
        .consumer(&inbox(), "workers", options.clone())
        .await
        .unwrap();
    wait_for_shares(&backend, &[8, 8]).await;
    one.close().await;
    wait_for_shares(&backend, &[16]).await;
    assert_eq!(
        bus.stats(&inbox(), "workers")
            .await
            .unwrap()
            .partitions_without_consumer,
        0
    );
    other.close().await;
    assert_eq!(
        bus.stats(&inbox(), "workers")
            .await
            .unwrap()
            .partitions_without_consumer,
        16
    );
}

async fn wait_for_shares(backend: &Backend, expected: &[usize]) {
    let mut connection = redis_connection(&backend.url()).await;
    wait_until("the partitions are shared", LIMIT, async || {
        let mut shares = std::collections::BTreeMap::<String, usize>::new();
        for partition in 0..BusOptions::default().partitions {
            let lease = redis_keys::lease(backend.key_prefix(), inbox().as_str(), "workers", partition);
            let token: Option<String> = connection.get(lease).await.unwrap();
            if let Some((member, _)) = token.as_deref().and_then(|token| token.split_once('/')) {
                *shares.entry(member.to_owned()).or_default() += 1;
            }
        }
        shares.into_values().collect::<Vec<_>>() == expected
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_to_use_a_topic_decides_its_partitions() {
    let backend = Backend::redis().await;
    let options = |partitions| BusOptions {
        key_prefix: backend.key_prefix().to_owned(),
        partitions,
    };
    let first = bus::Bus::connect(&backend.url(), options(3)).await.unwrap();
    let second = bus::Bus::connect(&backend.url(), options(5)).await.unwrap();
    let mut consumer = first.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    for number in 0..20 {
        second
            .publish(&inbox(), &format!("key-{number}"), &said(number))
            .await
            .unwrap();
    }
    assert_eq!(take(&mut consumer, 20).await.len(), 20);
    let key = redis_keys::partitions(backend.key_prefix(), inbox().as_str());
    let stored: u32 = redis_connection(&backend.url()).await.get(key).await.unwrap();
    assert_eq!(stored, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_redis_is_used_again() {
    let server = TestRedis::start().await;
    let bus = connect(server.url(), "sa").await;
    let mut consumer = bus.consumer(&inbox(), "workers", short_lease()).await.unwrap();
    bus.publish(&inbox(), "key", &said("before")).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["before"]);
    let mut connection = redis_connection(server.url()).await;
    let _: () = redis::cmd("FLUSHALL").query_async(&mut connection).await.unwrap();
    bus.publish(&inbox(), "key", &said("after")).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["after"]);
}

/// Entries that another group still needs stay in the stream; they must not wake a consumer that is past them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_consumer_is_quiet_while_another_group_is_behind() {
    let server = TestRedis::start().await;
    let bus = connect(server.url(), "sa").await;
    bus.consumer(&inbox(), "behind", long_lease())
        .await
        .unwrap()
        .close()
        .await;
    let mut before_restart = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    assert_eq!(take(&mut before_restart, 1).await, ["hello"]);
    before_restart.close().await;
    let mut consumer = bus.consumer(&inbox(), "workers", long_lease()).await.unwrap();
    bus.publish(&inbox(), "other", &said("there")).await.unwrap();
    assert_eq!(take(&mut consumer, 1).await, ["there"]);
    let before = scripts_run(&server).await;
    let idle = tokio::time::timeout(Duration::from_secs(1), consumer.next()).await;
    assert!(idle.is_err(), "{idle:?}");
    let run = scripts_run(&server).await - before;
    assert!(run < 20, "an idle consumer ran {run} scripts in a second");
}

async fn scripts_run(server: &TestRedis) -> u64 {
    let mut connection = redis_connection(server.url()).await;
    let info: redis::InfoDict = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(&mut connection)
        .await
        .unwrap();
    let stats: String = info.get("cmdstat_evalsha").unwrap();
    let calls = stats
        .split(',')
        .find_map(|part| part.strip_prefix("calls="))
        .unwrap();
    calls.parse().unwrap()
}

/// A Redis that was held finds in its sockets what was sent meanwhile, the renewals of the dead too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_that_arrives_after_its_lease_is_no_sign_of_life() {
    let backend = Backend::redis().await;
    let proxy = Proxy::redis(&backend.url()).await;
    let (url, prefix) = (proxy.url().to_owned(), backend.key_prefix().to_owned());
    let options = ConsumerOptions {
        lease: Duration::from_secs(2),
        ..ConsumerOptions::default()
    };
    let late = Duration::from_millis(2_500);
    let process = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let member = options.clone();
    process.spawn(async move {
        let bus = connect(&url, &prefix).await;
        let _consumer = bus.consumer(&inbox(), "workers", member).await.unwrap();
        std::future::pending::<()>().await;
    });
    let mut redis = redis_connection(&backend.url()).await;
    let members = redis_keys::members(backend.key_prefix(), "inbox", "workers");
    let is_there = async |redis: &mut redis::aio::MultiplexedConnection| -> bool {
        let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(redis).await.unwrap();
        let now = seconds * 1000 + micros / 1000;
        redis
            .zcount::<_, _, _, usize>(&members, now, "+inf")
            .await
            .unwrap()
            > 0
    };
    wait_until("the consumer is there", LIMIT, async || {
        is_there(&mut redis.clone()).await
    })
    .await;
    let renewal = members.clone();
    proxy.arm_next(Fault::Late(late), move |command| command.contains(&renewal));
    wait_until("a renewal is held back", LIMIT, async || proxy.fired() == 1).await;
    let held_since = Instant::now();
    // As kill -9 does: nothing is said to anybody.
    process.shutdown_background();
    wait_until("its renewal has arrived", LIMIT, async || {
        held_since.elapsed() > late + Duration::from_millis(200)
    })
    .await;
    assert!(!is_there(&mut redis).await, "the dead consumer is alive again");
    let bus = backend.bus().await;
    bus.publish(&inbox(), "key", &said("hello")).await.unwrap();
    let mut heir = bus.consumer(&inbox(), "workers", options).await.unwrap();
    let before = Instant::now();
    assert_eq!(take(&mut heir, 1).await, ["hello"]);
    assert!(
        before.elapsed() < Duration::from_secs(1),
        "took {:?}",
        before.elapsed()
    );
}
