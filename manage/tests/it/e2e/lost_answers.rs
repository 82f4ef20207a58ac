//! The whole product, with a proxy before Redis and one before PostgreSQL that lose what the services say, one command
//! at a time: each message is answered, once, in order, and its reminder is made once; nobody is restarted.
//!
//! The suite steps over the commands of a message, so that it takes a minute at most. Every one of them, with a table
//! of the runs: `TEST_LONG_FORM=1 cargo test -p manage --test it -- --nocapture e2e::lost_answers`.

use std::{collections::VecDeque, fmt::Write as _, sync::Mutex, time::Duration};

use fakes::{
    openai::Step,
    proxy::{Fault, Proxy, Then},
};
use futures::future::join_all;
use serde_json::json;
use tokio::{sync::OnceCell, time::Instant};

use super::world::World;

/// Everything that can go wrong with one command. Those that fail at once come first.
const FAULTS: [Fault; 8] = [
    Fault::CommandLost(Then::Cut),
    Fault::AnswerLost(Then::Cut),
    Fault::AnswerCut(Then::Cut),
    Fault::AnswerLost(Then::Silence),
    Fault::CommandLost(Then::Silence),
    Fault::AnswerCut(Then::Silence),
    Fault::Late(Duration::from_secs(3)),
    Fault::Late(Duration::from_secs(7)),
];

/// The most that an answer may take.
const PROMISED: Duration = Duration::from_secs(15);

/// Twice that, for a loaded machine.
const LIMIT: Duration = Duration::from_secs(30);

/// How many products the long form runs side by side.
const LANES: usize = 8;

/// The store whose proxy loses a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Store {
    Redis,
    Postgres,
}

impl Store {
    fn proxy(self, world: &World) -> &Proxy {
        match self {
            Self::Redis => &world.proxies().redis,
            Self::Postgres => &world.proxies().postgres,
        }
    }
}

/// One message that was said, and what went wrong meanwhile.
struct Run {
    store: Store,
    fault: Fault,
    number: u64,
    hit: bool,
    took: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_lost_or_unanswered_or_late() {
    let is_long = test_support::is_long_form();
    // The silent faults take seconds each: few of them here, all in the long form.
    let is_chosen = move |store, number, fault| {
        let step = match (store, fault) {
            (Store::Redis, 0..3) => 5,
            (Store::Redis, _) => 29,
            (Store::Postgres, 0..3) => 13,
            (Store::Postgres, _) => 151,
        };
        is_long || (number + 3 * fault) % step == 0
    };
    // Most of a run is waiting: several products side by side, each on stores of its own, share the work.
    let plan = Plan::default();
    let lanes = if is_long { LANES } else { 1 };
    let runs: Vec<Run> = join_all((0..lanes).map(|_| sweep(&plan, is_chosen)))
        .await
        .into_iter()
        .flatten()
        .collect();
    println!("{}", table(&runs));
    if is_long {
        let slowest = runs.iter().map(|run| run.took).max().unwrap_or_default();
        assert!(slowest <= PROMISED, "the slowest answer took {slowest:?}");
    }
}

/// What is still to be tried, by all lanes.
#[derive(Default)]
struct Plan {
    jobs: OnceCell<Mutex<VecDeque<(Store, u64, Fault)>>>,
}

impl Plan {
    /// What this lane tries next. The first lane to ask finds out how many commands a message has.
    async fn next(
        &self,
        world: &World,
        said: &mut u64,
        is_chosen: impl Fn(Store, u64, u64) -> bool,
    ) -> Option<(Store, u64, Fault)> {
        let measure = async || {
            let mut jobs = VecDeque::new();
            for store in [Store::Redis, Store::Postgres] {
                let before = seen(store.proxy(world));
                say(world, said).await;
                for number in 1..=seen(store.proxy(world)) - before {
                    let chosen = (0..)
                        .zip(FAULTS)
                        .filter(|(index, _)| is_chosen(store, number, *index));
                    jobs.extend(chosen.map(|(_, fault)| (store, number, fault)));
                }
            }
            Mutex::new(jobs)
        };
        let jobs = self.jobs.get_or_init(measure).await;
        jobs.lock().unwrap().pop_front()
    }
}

/// One lane: a product of its own, which tries what is left of the plan.
async fn sweep(plan: &Plan, is_chosen: impl Fn(Store, u64, u64) -> bool + Copy) -> Vec<Run> {
    let world = World::start_with_proxies().await;
    world.openai.answers_with(|request| {
        if request.last_role() == "tool" {
            return Step::text(format!("Set {}.", request.last_user_text()));
        }
        Step::tool_call(
            "reminder_create",
            json!({"text": request.last_user_text(), "at": {"day": "2099-01-01", "time": "09:00"}}),
        )
    });
    let mut said = 0;
    // The first ones fill caches and prepare statements.
    for _ in 0..3 {
        say(&world, &mut said).await;
    }
    let mut runs = Vec::new();
    while let Some((store, number, fault)) = plan.next(&world, &mut said, is_chosen).await {
        let proxy = store.proxy(&world);
        let fired = proxy.fired();
        proxy.arm(seen(proxy) + number, fault);
        let took = say(&world, &mut said).await;
        let hit = proxy.fired() > fired;
        runs.push(Run {
            store,
            fault,
            number,
            hit,
            took,
        });
    }
    world.settled().await;
    // Nothing came twice, nothing out of order, nothing was made twice.
    let answers: Vec<String> = world
        .ann
        .bot_messages()
        .into_iter()
        .map(|message| message.text)
        .collect();
    let answers: Vec<&str> = answers
        .iter()
        .filter_map(|text| text.strip_prefix("Set ")?.split_once('.').map(|(text, _)| text))
        .collect();
    let expected: Vec<String> = (1..=said).map(|n| format!("message {n}")).collect();
    let table = table(&runs);
    assert_eq!(answers, expected, "{table}\n{}", world.logs());
    let mut made: Vec<String> = all_tasks(&world).await;
    made.sort_by_key(|text| {
        text.trim_start_matches("message ")
            .parse::<u64>()
            .unwrap_or_default()
    });
    assert_eq!(made, expected, "{table}");
    world.telegram.assert_clean();
    runs
}

fn seen(proxy: &Proxy) -> u64 {
    proxy.commands().len() as u64
}

/// Says the next message and waits for its answer.
async fn say(world: &World, said: &mut u64) -> Duration {
    *said += 1;
    let started = Instant::now();
    world.ann.says(&format!("message {said}"));
    let answer = world.ann.try_next_message(LIMIT).await;
    let answer =
        answer.unwrap_or_else(|| panic!("message {said} has no answer; the logs:\n{}", world.logs()));
    assert!(
        answer.text.starts_with(&format!("Set message {said}.")),
        "{}",
        answer.text
    );
    started.elapsed()
}

async fn all_tasks(world: &World) -> Vec<String> {
    let (client, ann) = (world.client(), world.ann_id().await);
    let (mut texts, mut query) = (Vec::new(), rest_client::TaskListQuery::default());
    loop {
        let page = client.tasks(ann, &query).await.unwrap();
        texts.extend(page.items.into_iter().map(|task| task.text));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return texts,
        }
    }
}

fn table(runs: &[Run]) -> String {
    let mut table =
        "| before | fault | messages | hit | slowest answer | at command |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for store in [Store::Redis, Store::Postgres] {
        for fault in FAULTS {
            let of: Vec<&Run> = runs
                .iter()
                .filter(|run| run.store == store && run.fault == fault)
                .collect();
            let Some(slowest) = of.iter().max_by_key(|run| run.took) else {
                continue;
            };
            writeln!(
                table,
                "| {store:?} | {fault:?} | {} | {} | {:.1} s | {} |",
                of.len(),
                of.iter().filter(|run| run.hit).count(),
                slowest.took.as_secs_f64(),
                slowest.number
            )
            .unwrap();
        }
    }
    table
}
