//! Redis goes away under load, for a moment or for long, while a replica dies: everybody is answered, once and in
//! order, and nobody restarts anything.
//!
//! The suite has the short form. The whole matrix, with its table:
//! `TEST_LONG_FORM=1 cargo test -p manage --test it -- --nocapture e2e::outages`.

use std::{fmt::Write as _, time::Duration};

use fakes::{openai::Step, telegram::User};
use messages::Channel;
use rest_client::{ResolveIdentity, UserPatch, UserState};
use test_support::namespace::{self, Firewall};
use tokio::time::Instant;

use super::world::{Model, Service, Way, World};

/// How long nothing may come before the rest counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the model takes.
const THINKING: Duration = Duration::from_millis(50);

/// How long the long form takes Redis away.
const LENGTHS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(40),
];

/// How Redis goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    /// It is held still (SIGSTOP).
    Paused(Duration),
    /// Nothing passes the proxy before it, and nothing is closed.
    Dropped(Duration),
    /// A firewall drops all packets to it and from it.
    Firewalled(Duration),
    /// It is killed and started again on its append-only file.
    Restarted,
}

impl Outage {
    fn length(self) -> Duration {
        match self {
            Self::Paused(length) | Self::Dropped(length) | Self::Firewalled(length) => length,
            Self::Restarted => Duration::ZERO,
        }
    }
}

/// How it went.
struct Outcome {
    outage: Outage,
    messages: usize,
    twice: usize,
    /// From the end of the outage until the next answer.
    resumed: Duration,
    /// From the end of the outage until the last answer to what was said before it ended.
    recovered: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_goes_away_and_a_replica_of_each_dies() {
    if !test_support::is_long_form() {
        return one_short(
            Outage::Paused(Duration::from_secs(3)),
            World::start_with_proxies().await,
        )
        .await;
    }
    let outages = LENGTHS
        .map(Outage::Paused)
        .into_iter()
        .chain(LENGTHS.map(Outage::Dropped))
        .chain([Outage::Restarted]);
    matrix(outages).await;
}

/// The same behind a firewall, in a network of the test's own: packets vanish, and no end of a connection hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firewall_drops_what_goes_to_redis_and_a_replica_of_each_dies() {
    let name = "e2e::outages::a_firewall_drops_what_goes_to_redis_and_a_replica_of_each_dies";
    let run = tokio::task::block_in_place(|| namespace::enter(name));
    if run != namespace::Run::Inside {
        return;
    }
    if !test_support::is_long_form() {
        let outage = Outage::Firewalled(Duration::from_secs(3));
        return one_short(outage, World::start(Way::Distributed, Model::OpenAi).await).await;
    }
    matrix(LENGTHS.map(Outage::Firewalled)).await;
}

async fn one_short(outage: Outage, mut world: World) {
    let crowd = let_in(&world, 10).await;
    suffer(&mut world, &crowd, outage, Duration::from_millis(500), 14).await;
}

/// Each outage under twenty messages a second; prints a table.
#[expect(clippy::print_stdout, reason = "the long form tells its figures")]
async fn matrix(outages: impl IntoIterator<Item = Outage>) {
    let mut table = "| outage | messages | lost | out of order | twice | first answer after its end | all from before answered |\n\
                     |---|---|---|---|---|---|---|\n"
        .to_owned();
    for outage in outages {
        let mut world = match outage {
            Outage::Firewalled(_) => World::start(Way::Distributed, Model::OpenAi).await,
            _ => World::start_with_proxies().await,
        };
        let crowd = let_in(&world, 20).await;
        let each = usize::try_from(outage.length().as_secs()).unwrap() + 8;
        let outcome = suffer(&mut world, &crowd, outage, Duration::from_secs(1), each).await;
        writeln!(
            table,
            "| {:?} | {} | 0 | 0 | {} | {:.1} s | {:.1} s |",
            outcome.outage,
            outcome.messages,
            outcome.twice,
            outcome.resumed.as_secs_f64(),
            outcome.recovered.as_secs_f64()
        )
        .unwrap();
        println!("{table}");
    }
}

/// People who may talk to the bot.
async fn let_in(world: &World, count: usize) -> Vec<User> {
    let client = world.client();
    let mut crowd = Vec::new();
    for n in 0..count {
        let id = 900_000 + i64::try_from(n).unwrap();
        let account = ResolveIdentity {
            channel: Channel::Telegram,
            external_id: id.to_string(),
            display_name: format!("Person {n}"),
            locale: None,
            time_zone: None,
        };
        let user = client.resolve_identity(&account).await.unwrap().user;
        let active = UserPatch {
            state: Some(UserState::Active),
            ..UserPatch::default()
        };
        client.update_user(user.id, &active).await.unwrap();
        crowd.push(world.telegram.user_with_id(id, &format!("Person {n}")));
    }
    crowd
}

/// Everybody says `each` messages, one every `pace`; in their midst Redis goes away, and one assistant and one bot die.
async fn suffer(world: &mut World, crowd: &[User], outage: Outage, pace: Duration, each: usize) -> Outcome {
    world
        .openai
        .answers_with(|request| Step::text(request.last_user_text()).after(THINKING));
    world.start_replica(Service::Assistant);
    world.start_replica(Service::Telegram);
    let talking = tokio::spawn(talk(crowd.to_vec(), pace, each));
    // Answers flow before it breaks.
    wait_for_answers(world, crowd, 2 * crowd.len()).await;
    let mut firewall = None;
    match outage {
        Outage::Paused(_) => world.pause_bus(),
        Outage::Dropped(_) => world.proxies().redis.pause(),
        Outage::Firewalled(_) => firewall = Some(Firewall::around(world.bus_port())),
        Outage::Restarted => world.restart_bus().await,
    }
    let length = outage.length();
    tokio::time::sleep(length / 2).await;
    world.kill(Service::Assistant);
    world.kill(Service::Telegram);
    tokio::time::sleep(length - length / 2).await;
    match outage {
        Outage::Paused(_) => world.resume_bus(),
        Outage::Dropped(_) => world.proxies().redis.resume(),
        Outage::Firewalled(_) => drop(firewall),
        Outage::Restarted => {}
    }
    let ended = Instant::now();
    let answered = count_answers(crowd);
    wait_for_answers(world, crowd, answered + 1).await;
    let resumed = ended.elapsed();
    let said_before = usize::try_from(length.as_millis() / pace.as_millis())
        .unwrap()
        .min(each)
        * crowd.len();
    wait_for_answers(world, crowd, said_before).await;
    let recovered = ended.elapsed();
    talking.await.unwrap();
    wait_for_answers(world, crowd, each * crowd.len()).await;
    world.settled().await;
    let expected: Vec<String> = (1..=each).map(|n| n.to_string()).collect();
    let mut twice = 0;
    for person in crowd {
        let all = person.bot_messages().len();
        // Who dies between Telegram's acceptance and our record of it sends that one message again.
        let messages = distinct(person);
        twice += all - messages.len();
        let answers = each_of(&messages);
        assert_eq!(answers, expected, "{outage:?}; the logs:\n{}", world.logs());
    }
    assert!(
        twice <= crowd.len(),
        "{twice} came twice; only what was being sent at the kill may"
    );
    Outcome {
        outage,
        messages: each * crowd.len(),
        twice,
        resumed,
        recovered,
    }
}

async fn talk(crowd: Vec<User>, pace: Duration, each: usize) {
    let mut ticks = tokio::time::interval(pace);
    for n in 1..=each {
        ticks.tick().await;
        for person in &crowd {
            person.says(&n.to_string());
        }
    }
}

/// How many answers came, those not counted that came twice.
fn count_answers(crowd: &[User]) -> usize {
    crowd.iter().map(|person| each_of(&distinct(person)).len()).sum()
}

/// What a person was told, without what came twice.
fn distinct(person: &User) -> Vec<String> {
    let messages = person.bot_messages().into_iter();
    let mut texts: Vec<String> = messages.map(|message| message.text).collect();
    texts.dedup();
    texts
}

/// What was answered: what waited while another answer was made is answered together.
fn each_of(messages: &[String]) -> Vec<String> {
    let answers = messages.iter().flat_map(|text| text.split("\n\n"));
    answers.map(str::to_owned).collect()
}

/// Waits until so many answers came in all; gives up when none came for long.
async fn wait_for_answers(world: &World, crowd: &[User], count: usize) {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let answers = count_answers(crowd);
        if answers >= count {
            return;
        }
        if answers > last {
            (last, since) = (answers, Instant::now());
        }
        assert!(
            since.elapsed() < PATIENCE,
            "{answers} of {count} answers; the logs:\n{}",
            world.logs()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
