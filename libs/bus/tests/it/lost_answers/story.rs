//! The story: messages of several keys are published, handled, retried, failed and taken over, through a proxy.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use bus::{Bus, BusError, BusOptions, Consumer, ConsumerOptions, Delivery, redis_keys};
use fakes::proxy::{Fault, Proxy};
use redis::AsyncCommands;
use test_support::redis::TestPrefix;
use tokio::{sync::Notify, time::Instant};

use crate::backend::{inbox, redis_connection, said, text};

/// How long a story may take before it is stuck: several times what the time limits of the bus add up to.
const STUCK: Duration = Duration::from_secs(60);
/// How long a look at the state waits for the next one.
const LOOK_EVERY: Duration = Duration::from_millis(20);

const KEYS: [&str; 3] = ["a", "b", "c"];
/// How many messages each key has: two before anybody reads, one after the takeover, one at the end.
const EACH: usize = 4;
/// Its first attempt is retried.
const RETRIED: &str = "b1";
/// It is failed.
const FAILED: &str = "c2";

/// How one telling of the story went.
pub(super) struct Told {
    /// How many commands went through the proxy.
    pub(super) commands: u64,
    pub(super) took: Duration,
    /// How long after the fault everything was as it should be; `None` when the story ended before the fault.
    pub(super) recovered: Option<Duration>,
    /// The command that was hit.
    pub(super) hit: String,
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) out_of_order: usize,
    /// How many deliveries were of a message that was done already, which handlers must bear.
    pub(super) came_again: usize,
    /// Everything that is not as it should be.
    pub(super) wrong: Vec<String>,
}

/// What the handlers did, as a database would hold it.
#[derive(Default)]
struct Journal {
    /// What each key's messages did, in order, each once.
    done: BTreeMap<String, Vec<String>>,
    /// How often each message was in a handler's hand.
    handed: HashMap<String, u32>,
    retried: bool,
    /// A consumer was killed, which counts as an attempt of what it had fetched.
    killed: bool,
    came_again: usize,
    wrong: Vec<String>,
}

type SharedJournal = Arc<Mutex<Journal>>;

/// Tells the story, with one command of it going wrong.
pub(super) async fn tell(fault: Option<(u64, Fault)>) -> Told {
    let prefix = TestPrefix::create().await;
    let proxy = Arc::new(Proxy::redis(prefix.url()).await);
    if let Some((number, fault)) = fault {
        proxy.arm(number, fault);
    }
    let journal = SharedJournal::default();
    let started = Instant::now();
    let fired = watch_for_fault(&proxy);
    let finished = tokio::time::timeout(STUCK, play(&proxy, &prefix, &journal, fault)).await;
    let mut told = judge(&journal);
    told.took = started.elapsed();
    match finished {
        Ok((commands, settled_at, wrong)) => {
            told.commands = commands;
            told.wrong.extend(wrong);
            let fired = fired.lock().unwrap();
            told.recovered = fired.map(|fired| settled_at.saturating_duration_since(fired));
        }
        Err(_) => told.wrong.push("it is stuck".to_owned()),
    }
    if let Some((number, _)) = fault {
        let index = usize::try_from(number).unwrap() - 1;
        told.hit = proxy.commands().get(index).cloned().unwrap_or_default();
    }
    told
}

/// Notes when the fault happens.
fn watch_for_fault(proxy: &Arc<Proxy>) -> Arc<Mutex<Option<Instant>>> {
    let (proxy, fired) = (Arc::downgrade(proxy), Arc::new(Mutex::new(None)));
    let noted = Arc::clone(&fired);
    tokio::spawn(async move {
        while let Some(proxy) = proxy.upgrade() {
            if proxy.fired() > 0 {
                *noted.lock().unwrap() = Some(Instant::now());
                return;
            }
            drop(proxy);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    fired
}

/// The story itself. Returns how many commands it took, when all was settled, and what is wrong in Redis.
async fn play(
    proxy: &Proxy,
    prefix: &TestPrefix,
    journal: &SharedJournal,
    fault: Option<(u64, Fault)>,
) -> (u64, Instant, Vec<String>) {
    let bus = connect(proxy.url(), prefix.prefix()).await;
    publish(&bus, 1).await;
    publish_together(&bus, 2).await;
    let dying = Dying::start(proxy.url(), prefix.prefix(), journal);
    dying.holds_one().await;
    let consumer = join(&bus).await;
    let living = tokio::spawn(work(consumer, Arc::clone(journal), None));
    dying.kill(journal);
    publish(&bus, 3).await;
    all_done(journal, 3).await;
    let settled_at = Instant::now();
    // What is late arrives, and changes nothing either.
    if let Some((number, Fault::Late(by))) = fault
        && proxy.has_seen(number)
    {
        tokio::time::sleep(by).await;
    }
    publish(&bus, 4).await;
    all_done(journal, 4).await;
    let wrong = look_at_redis(&bus, prefix).await;
    living.abort();
    (proxy.commands().len() as u64, settled_at, wrong)
}

async fn connect(url: &str, prefix: &str) -> Bus {
    loop {
        let options = BusOptions {
            key_prefix: prefix.to_owned(),
            partitions: 4,
        };
        if let Ok(bus) = Bus::connect(url, options).await {
            return bus;
        }
    }
}

async fn join(bus: &Bus) -> Consumer {
    loop {
        if let Ok(consumer) = bus
            .consumer(&inbox(), "workers", ConsumerOptions::default())
            .await
        {
            return consumer;
        }
    }
}

/// The n-th message of each key, one after the other; a publisher that is not answered tries again.
async fn publish(bus: &Bus, n: usize) {
    for key in KEYS {
        while bus
            .publish(&inbox(), key, &said(format!("{key}{n}")))
            .await
            .is_err()
        {}
    }
}

/// The n-th message of each key in one step.
async fn publish_together(bus: &Bus, n: usize) {
    let items: Vec<_> = KEYS
        .iter()
        .map(|key| ((*key).to_owned(), said(format!("{key}{n}"))))
        .collect();
    while bus.publish_all(&inbox(), &items).await.is_err() {}
}

/// Handles what comes, until told to hold.
async fn work(mut consumer: Consumer, journal: SharedJournal, hold_after: Option<(usize, Arc<Notify>)>) {
    let mut handled = 0;
    while let Ok(delivery) = consumer.next().await {
        if let Some((after, holds)) = &hold_after
            && handled == *after
        {
            journal.lock().unwrap().meet(&delivery);
            holds.notify_one();
            std::future::pending::<()>().await;
        }
        // What cannot be settled comes again.
        let _ = handle(delivery, &journal).await;
        handled += 1;
    }
}

async fn handle(delivery: Delivery, journal: &SharedJournal) -> Result<(), BusError> {
    let message = text(delivery.envelope());
    let key = delivery.key().to_owned();
    let (is_done, is_to_retry) = {
        let mut journal = journal.lock().unwrap();
        journal.meet(&delivery);
        let is_done = journal.done.get(&key).is_some_and(|done| done.contains(&message));
        journal.came_again += usize::from(is_done);
        (is_done, message == RETRIED && !journal.retried)
    };
    if is_done && message != FAILED {
        return delivery.ack().await;
    }
    if is_to_retry {
        delivery.retry(Duration::from_millis(50), "not now").await?;
        journal.lock().unwrap().retried = true;
        return Ok(());
    }
    if !is_done {
        journal
            .lock()
            .unwrap()
            .done
            .entry(key)
            .or_default()
            .push(message.clone());
    }
    if message == FAILED {
        return delivery.fail("never").await;
    }
    delivery.ack().await
}

impl Journal {
    /// An attempt is counted when a handler has it in hand, and not when an answer is lost.
    fn meet(&mut self, delivery: &Delivery) {
        let message = text(delivery.envelope());
        let handed = self.handed.entry(message.clone()).or_default();
        *handed += 1;
        let most = *handed + u32::from(self.killed);
        if delivery.attempt() > most {
            let attempt = delivery.attempt();
            self.wrong.push(format!(
                "{message} has attempt {attempt}, and was handed out {most} times at most"
            ));
        }
    }
}

/// A consumer with a runtime of its own, so that it can die between any two steps.
struct Dying {
    runtime: tokio::runtime::Runtime,
    holds: Arc<Notify>,
}

impl Dying {
    fn start(url: &str, prefix: &str, journal: &SharedJournal) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let holds = Arc::new(Notify::new());
        let (url, prefix, journal) = (url.to_owned(), prefix.to_owned(), Arc::clone(journal));
        let hold_after = Some((2, Arc::clone(&holds)));
        runtime.spawn(async move {
            let bus = connect(&url, &prefix).await;
            let consumer = join(&bus).await;
            work(consumer, journal, hold_after).await;
        });
        Self { runtime, holds }
    }

    async fn holds_one(&self) {
        self.holds.notified().await;
    }

    fn kill(self, journal: &SharedJournal) {
        journal.lock().unwrap().killed = true;
        self.runtime.shutdown_background();
    }
}

/// Waits until the first messages of all keys are done.
async fn all_done(journal: &SharedJournal, each: usize) {
    while !KEYS.iter().all(|key| {
        journal
            .lock()
            .unwrap()
            .done
            .get(*key)
            .is_some_and(|done| done.len() >= each)
    }) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until nothing is left in Redis but the one dead letter; says what is left if that does not come.
async fn look_at_redis(bus: &Bus, prefix: &TestPrefix) -> Vec<String> {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let left = left_in_redis(bus, prefix).await;
        if left.is_empty() || Instant::now() > limit {
            return left;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn left_in_redis(bus: &Bus, prefix: &TestPrefix) -> Vec<String> {
    let mut left = Vec::new();
    match bus.stats(&inbox(), "workers").await {
        Ok(stats) if (stats.waiting, stats.in_flight, stats.dead) == (0, 0, 1) => {}
        stats => left.push(format!("figures: {stats:?}")),
    }
    let mut connection = redis_connection(prefix.url()).await;
    for partition in 0..4 {
        let state = redis_keys::state(prefix.prefix(), inbox().as_str(), "workers", partition);
        let fields: HashMap<String, String> = connection.hgetall(&state).await.unwrap();
        if !fields.is_empty() {
            left.push(format!("{state}: {fields:?}"));
        }
    }
    left
}

fn judge(journal: &SharedJournal) -> Told {
    let journal = journal.lock().unwrap();
    let mut told = Told {
        commands: 0,
        took: Duration::ZERO,
        recovered: None,
        hit: String::new(),
        lost: 0,
        doubled: 0,
        out_of_order: 0,
        came_again: journal.came_again,
        wrong: journal.wrong.clone(),
    };
    for key in KEYS {
        let expected: Vec<String> = (1..=EACH).map(|n| format!("{key}{n}")).collect();
        let done = journal.done.get(key).cloned().unwrap_or_default();
        told.lost += expected.iter().filter(|message| !done.contains(message)).count();
        if !done.is_sorted() {
            told.out_of_order += 1;
        }
        if done != expected {
            told.wrong.push(format!("{key}: {done:?}"));
        }
    }
    told
}
