//! One story of REST calls, told once for every command that it sends to PostgreSQL and everything that can go wrong
//! with that command: each call is answered, has its effect once, and its caller notices nothing but the time.
//!
//! The suite steps over the commands, so that it takes seconds; every one of them, with a table of the runs:
//! `TEST_LONG_FORM=1 cargo test -p rest_service --test it -- --nocapture lost_answers`.

use std::{fmt::Write as _, time::Duration};

use fakes::proxy::{Fault, Proxy, Then};
use futures::StreamExt;
use messages::EventId;
use rest_client::{
    Client, ContextQuery, DeliveryStatus, Error, FactSource, MessageRole, NewDelivery, NewFact, NewUser,
    UserPatch,
};
use schedule::Schedule;
use service_kit::ManualClock;
use test_support::{postgres::TestSchema, sqlite::TestFile};
use tokio::time::Instant;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::support::{KEY, at, chat, reminder, serve, turn};

/// Everything that can go wrong with one command. The first of the late ones arrives while its sender waits, the second
/// when its sender has given up.
const FAULTS: [Fault; 8] = [
    Fault::CommandLost(Then::Cut),
    Fault::CommandLost(Then::Silence),
    Fault::AnswerLost(Then::Cut),
    Fault::AnswerLost(Then::Silence),
    Fault::AnswerCut(Then::Cut),
    Fault::AnswerCut(Then::Silence),
    Fault::Late(Duration::from_secs(3)),
    Fault::Late(Duration::from_millis(7500)),
];

/// How many stories are told at the same time: each has a pool of its own, and the server a limit.
const AT_ONCE: usize = 14;

/// How long a story may take: what is promised, and as much again for a loaded machine.
const STUCK: Duration = Duration::from_secs(30);

/// How one telling of the story went.
struct Told {
    number: u64,
    fault: Fault,
    /// The command that was hit; none when the story ended before.
    hit: Option<String>,
    took: Duration,
    wrong: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_lost_or_unanswered_or_late() {
    let is_long = test_support::is_long_form();
    let table = sweep(|number, fault| is_long || (number * 8 + fault).is_multiple_of(37)).await;
    println!("{table}");
}

async fn sweep(is_chosen: impl Fn(u64, u64) -> bool) -> String {
    let schema = TestSchema::create().await;
    let clock = ManualClock::at(at("2026-11-20T12:00:00Z"));
    // Makes the tables.
    let bus = TestFile::create();
    serve(schema.url(), &bus.url("bus"), &clock).await;
    let (quiet, commands) = tell(schema.url(), 0, None).await;
    assert_eq!(quiet.wrong, Vec::<String>::new());
    let chosen = (1..=commands)
        .flat_map(|number| {
            (0..)
                .zip(FAULTS)
                .map(move |(index, fault)| (number, index, fault))
        })
        .filter(|(number, index, _)| is_chosen(*number, *index));
    let told: Vec<Told> = futures::stream::iter(chosen)
        .map(async |(number, index, fault)| {
            let (told, _) = tell(schema.url(), number * 8 + index, Some((number, fault))).await;
            told
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let table = table(&told, commands, quiet.took);
    let wrong: Vec<String> = told
        .iter()
        .filter(|told| !told.wrong.is_empty())
        .map(|told| {
            format!(
                "{:?} of command {}, {:?}: {:#?}",
                told.fault, told.number, told.hit, told.wrong
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
    table
}

/// Tells the story; and how many commands it took.
async fn tell(url: &str, name: u64, fault: Option<(u64, Fault)>) -> (Told, u64) {
    let proxy = Proxy::postgres(url).await;
    let bus = TestFile::create();
    let clock = ManualClock::at(at("2026-11-20T12:00:00Z"));
    let (address, lifecycle, server) = serve(proxy.url(), &bus.url("bus"), &clock).await;
    let client = Client::new(address, KEY.into()).unwrap();
    client.ready().await.unwrap();
    let before = proxy.commands().len() as u64;
    if let Some((number, fault)) = fault {
        proxy.arm(before + number, fault);
    }
    let started = Instant::now();
    let name = format!("story {name}");
    let played = tokio::time::timeout(STUCK, play(&client, &name)).await;
    let took = started.elapsed();
    let commands = proxy.commands();
    let mut wrong = match played {
        Ok(Ok(user)) => look(url, user).await,
        Ok(Err(error)) => vec![format!("{error:?}")],
        Err(_) => vec!["it is stuck".to_owned()],
    };
    // The pool gets over it: no connection is lost for good.
    for _ in 0..8 {
        if let Err(error) = client.ready().await {
            wrong.push(format!("afterwards: {error:?}"));
        }
    }
    lifecycle.stop();
    server.await.unwrap();
    let told = Told {
        number: fault.map_or(0, |(number, _)| number),
        fault: fault.map_or(FAULTS[0], |(_, fault)| fault),
        hit: (proxy.fired() > 0).then(|| {
            let index = usize::try_from(before + fault.unwrap().0).unwrap() - 1;
            commands[index].clone()
        }),
        took,
        wrong,
    };
    (told, commands.len() as u64 - before)
}

/// The story: every call succeeds at once, as its caller sees it.
async fn play(client: &Client, name: &str) -> Result<Uuid, Error> {
    let new = NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: None,
    };
    let user = client.create_user(&new).await?.id;
    let patch = UserPatch {
        locale: Some("de".to_owned()),
        ..UserPatch::default()
    };
    client.update_user(user, &patch).await?;
    let event = EventId::new(format!("event of {name}"));
    let said = [(MessageRole::User, "hello"), (MessageRole::Assistant, "hi")];
    client.create_turn(user, &turn(event.as_str(), &said)).await?;
    let at = at("2099-01-01T00:00:00Z");
    client
        .create_task(user, &reminder("drink water", Schedule::Once { at }))
        .await?;
    let fact = NewFact {
        text: "likes tea".to_owned(),
        source: FactSource::User,
        from_outside: false,
    };
    let fact = client.create_fact(user, &fact).await?.id;
    client.delete_fact(user, fact).await?;
    let sent = NewDelivery {
        to: chat("42"),
        external_message_id: Some("7".to_owned()),
        status: DeliveryStatus::Sent,
        error: None,
    };
    client.record_delivery(user, &event.child(0), 0, &sent).await?;
    let query = ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: event,
        limit: Some(10),
        known_thread: None,
        known_seq: None,
    };
    client.context(user, &query).await?;
    Ok(user)
}

/// What is not there once.
async fn look(url: &str, user: Uuid) -> Vec<String> {
    let (database, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut wrong = Vec::new();
    let id = user.to_string();
    let expected = [
        ("users", "users WHERE id::text = $1", 1),
        (
            "users of the name",
            "users WHERE name = (SELECT name FROM users WHERE id::text = $1)",
            1,
        ),
        ("turns", "turns WHERE user_id::text = $1", 1),
        (
            "messages",
            "messages m JOIN turns t ON t.id = m.turn_id WHERE t.user_id::text = $1",
            2,
        ),
        ("tasks", "scheduled_tasks WHERE user_id::text = $1", 1),
        ("facts", "facts WHERE user_id::text = $1", 0),
        ("deliveries", "deliveries WHERE user_id::text = $1", 1),
        (
            "changes of the user in the audit",
            "audit WHERE resource_id::text = $1",
            2,
        ),
    ];
    for (what, from, expected) in expected {
        let query = format!("SELECT count(*) FROM {from}");
        let found: i64 = database.query_one(&query, &[&id]).await.unwrap().get(0);
        if found != expected {
            wrong.push(format!("{what}: {found} and not {expected}"));
        }
    }
    wrong
}

fn table(told: &[Told], commands: u64, quiet: Duration) -> String {
    let mut table = format!(
        "The story without a fault: {commands} commands, {:.1} s.\n\
         | fault | runs | hit | not as it should be | slowest story |\n|---|---|---|---|---|\n",
        quiet.as_secs_f64()
    );
    for fault in FAULTS {
        let runs: Vec<&Told> = told.iter().filter(|told| told.fault == fault).collect();
        let hit = runs.iter().filter(|told| told.hit.is_some()).count();
        let wrong = runs.iter().filter(|told| !told.wrong.is_empty()).count();
        let slowest = runs.iter().map(|told| told.took).max().unwrap_or_default();
        writeln!(
            table,
            "| {fault:?} | {} | {hit} | {wrong} | {:.1} s |",
            runs.len(),
            slowest.as_secs_f64()
        )
        .unwrap();
    }
    table
}
