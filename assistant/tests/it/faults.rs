//! However the model fails, the user gets a useful message within the deadline, and the turn is stored as failed.

use std::{sync::Arc, time::Duration};

use fakes::openai::{OpenAiServer, Step};
use futures::future::join_all;
use messages::{Event, EventId, ReplyKind, TaskAction, TaskDueV1};
use rest_client::{TaskStatus, TurnStatus};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    openai::model,
    support::now,
    world::{SOON, Stores, World, shown},
};

/// The turn's deadline in these tests; a call's is half of it.
const DEADLINE: Duration = Duration::from_secs(2);

async fn world(base_url: &str) -> World {
    let model = Arc::new(model(base_url, DEADLINE / 2));
    let mut world = World::with_model(Stores::Embedded, model).await;
    world.limits.time = DEADLINE;
    world
}

/// What the user is told when every request is answered by `step`. Only where a model is slow is it waited for as short
/// as that: all worlds of a test share one machine.
async fn told(step: Step, is_slow: bool) -> (String, TurnStatus) {
    let openai = OpenAiServer::start().await;
    openai.answers_with(move |_| step.clone());
    let mut world = match is_slow {
        true => world(openai.url()).await,
        false => {
            let patient = Arc::new(model(openai.url(), SOON));
            let mut world = World::with_model(Stores::Embedded, patient).await;
            world.limits.time = SOON;
            world
        }
    };
    world.writes("hello").await;
    told_in_turn(&mut world).await
}

async fn told_in_turn(world: &mut World) -> (String, TurnStatus) {
    world.handle_next().await;
    let told = shown(&world.reply().await);
    let turn = world
        .rest
        .turn(world.user, &EventId::api(world.user, "1"))
        .await
        .expect("the turn is stored");
    assert_eq!(turn.error.is_some(), turn.status == TurnStatus::Failed);
    (told, turn.status)
}

async fn told_in(world: &mut World) -> (String, TurnStatus) {
    let began = Instant::now();
    world.writes("hello").await;
    let told = told_in_turn(world).await;
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_down() {
    let mut world = world(&format!("http://127.0.0.1:{}/v1", test_support::free_port())).await;
    let (told, status) = told_in(&mut world).await;
    assert_eq!(
        told,
        "I can't reach the language model at the moment. Nothing was changed. Please try again in a few minutes."
    );
    assert_eq!(status, TurnStatus::Failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_model_ends_in_a_useful_message() {
    let text = || Step::text("a longer answer that never comes to its end");
    let rows = [
        ("slow", Step::hang(), "did not answer within 1 second"),
        ("stalled", text().hang_after(2), "did not answer within 1 second"),
        ("429", Step::rate_limited(0), "too many requests"),
        ("429 for long", Step::rate_limited(300), "try again in 5 minutes"),
        ("500", Step::server_error(), "can't reach the language model"),
        (
            "no quota",
            Step::error(429, "insufficient_quota", "no money"),
            "the reason is in its log",
        ),
        (
            "wrong key",
            Step::error(401, "invalid_api_key", "wrong"),
            "the reason is in its log",
        ),
        ("cut", text().cut_after(3), "got lost on the way"),
        ("empty", Step::empty_stream(), "got lost on the way"),
        ("malformed", text().malformed_frame_at(1), "got lost on the way"),
        (
            "a tool that does not exist, for ever",
            Step::tool_call("teleport", json!({})),
            "8 steps",
        ),
        (
            "arguments that don't parse, for ever",
            Step::tool_call_with_text("time", "{\"place"),
            "going in circles",
        ),
        (
            "the same call, for ever",
            Step::tool_call("time", json!({})),
            "going in circles",
        ),
    ];
    let told_each = rows.into_iter().map(async |(name, step, words)| {
        let is_slow = words.contains("within 1 second");
        let (told, status) = told(step, is_slow).await;
        assert!(
            told.contains(words) && told.contains("Nothing was changed."),
            "{name}: {told}"
        );
        assert_eq!(status, TurnStatus::Failed, "{name}");
    });
    join_all(told_each).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_loop_of_different_calls_ends_at_the_limit() {
    let openai = OpenAiServer::start().await;
    openai.answers_with(|request| Step::tool_call("time", json!({ "plus_days": request.messages().len() })));
    let mut world = world(openai.url()).await;
    let (told, status) = told_in(&mut world).await;
    assert!(told.contains("8 steps") && status == TurnStatus::Failed, "{told}");
    assert_eq!(openai.served(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_mends_its_mistakes_gets_on() {
    let openai = OpenAiServer::start().await;
    let mut world = world(openai.url()).await;
    openai.script([
        Step::tool_call("clock", json!({})),
        Step::tool_call_with_text("time", "{\"place\": "),
        Step::tool_call("time", json!({ "city": "Tokyo" })),
        Step::tool_call("time", json!({ "place": "Tokyo" })),
        Step::text("It is evening in Tokyo."),
    ]);
    assert_eq!(
        world.says("what time is it in Tokyo?").await,
        "It is evening in Tokyo."
    );
    let results: Vec<String> = openai
        .requests()
        .iter()
        .skip(1)
        .map(|request| request.tool_results().pop().expect("a result").1)
        .collect();
    assert!(
        results[0].contains("there is no tool") && results[0].contains("reminder_create"),
        "{}",
        results[0]
    );
    assert!(
        results[1].contains("the arguments of time are wrong"),
        "{}",
        results[1]
    );
    assert!(
        results[2].contains("unknown field `city`, expected one of `place`"),
        "{}",
        results[2]
    );
    assert!(
        results[3].contains("Fri 20 Nov 2026, 20:03 Asia/Tokyo"),
        "{}",
        results[3]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_model_cannot_make_a_turn_that_is_not_stored() {
    // Over what one document may hold, and over what a reminder's text may have.
    let (huge, long) = ("x".repeat(70_000), "x".repeat(12_000));
    let rows = [
        Step::tool_call_with_text(&long, "{}"),
        Step::tool_call_with_text("time\0", "\0"),
        Step::tool_call("time", json!({ long.as_str(): 1 })),
        Step::tool_call("time", json!({ "place": huge })),
        Step::tool_call("time", json!({ "day": "-262142-01-01", "plus_days": i32::MIN })),
        Step::tool_call(
            "reminder_create",
            json!({ "text": "a\0b", "in": { "minutes": 5 } }),
        ),
        Step::tool_call("reminder_create", json!({ "text": long, "in": { "minutes": 5 } })),
        Step::tool_call(
            "reminder_create",
            json!({ "text": "a", "in": { "days": u32::MAX, "hours": u32::MAX } }),
        ),
        Step::tool_call(
            "reminder_create",
            json!({ "text": "a", "repeat": { "unit": "cron", "cron": long } }),
        ),
        Step::tool_call(
            "reminder_create",
            json!({ "text": "a", "repeat": { "unit": "days", "every": 65535, "times": ["9"] } }),
        ),
        Step::tool_call("reminder_create", json!([1, 2, 3])),
        Step::tool_call("reminder_cancel", json!({ "which": long })),
    ];
    let each = rows.into_iter().enumerate().map(async |(n, step)| {
        let openai = OpenAiServer::start().await;
        openai.script([step, Step::text("All right.\0")]);
        // The huge ones come in many frames.
        let patient = Arc::new(model(openai.url(), Duration::from_secs(20)));
        let mut world = World::with_model(Stores::Embedded, patient).await;
        world.limits.time = Duration::from_secs(20);
        let told = world.says("hello\0").await;
        let is_told = told == "All right." || told == "All right.\n\nNothing was changed.";
        assert!(is_told, "row {n}: {told}");
        assert!(openai.requests()[1].bytes < 400_000, "row {n}");
    });
    join_all(each).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_before_the_model_failed_is_shown() {
    let openai = OpenAiServer::start().await;
    let mut world = world(openai.url()).await;
    openai.script([Step::tool_call(
        "reminder_create",
        json!({ "text": "drink", "in": { "minutes": 5 } }),
    )]);
    openai.answers_with(|_| Step::server_error());
    world.writes("remind me in 5 minutes to drink").await;
    world.handle_next().await;
    let reply = world.reply().await;
    assert_eq!(reply.kind, ReplyKind::Notice);
    assert_eq!(
        shown(&reply),
        "I can't reach the language model at the moment. What I did before that is listed below. Please try again in a few minutes.\n⏰ Fri 20 Nov 2026, 12:08 Europe/Berlin: drink"
    );
    assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
}

/// A task's question of the model is due.
async fn a_prompt_is_due(world: &World, text: &str) {
    let event = Event::TaskDueV1(TaskDueV1 {
        task_id: Uuid::from_u128(7),
        user_id: world.user,
        to: world.address(),
        action: TaskAction::Prompt,
        text: text.to_owned(),
        scheduled_for: now(),
        fired_at: now(),
        missed: 0,
        from_outside: false,
    });
    world.publishes(EventId::task(Uuid::from_u128(7), 1), event).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_task_asks_is_asked_again_until_the_model_is_back() {
    let openai = OpenAiServer::start().await;
    let model = Arc::new(model(openai.url(), SOON));
    let mut world = World::with_model(Stores::Embedded, model).await;
    let failures = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = failures.clone();
    openai.answers_with(move |_| {
        // All tries of the first delivery fail; the second one is answered.
        if seen.load(std::sync::atomic::Ordering::SeqCst) == 0 {
            Step::unavailable_page()
        } else {
            Step::text("Good morning! Nothing is planned.")
        }
    });
    world.limits.time = DEADLINE;
    a_prompt_is_due(&world, "my morning digest").await;
    world.handle_next().await;
    world.is_silent().await;
    failures.store(1, std::sync::atomic::Ordering::SeqCst);
    world.limits.time = SOON;
    world.handle_next().await;
    assert_eq!(shown(&world.reply().await), "Good morning! Nothing is planned.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_whose_model_stays_away_says_so() {
    let mut world = world(&format!("http://127.0.0.1:{}/v1", test_support::free_port())).await;
    a_prompt_is_due(&world, "my morning digest").await;
    world.handle_next().await;
    world.is_silent().await;
    // Half an hour later it is given up. What earlier tries came to, this one does not claim.
    world.clock.advance(chrono::TimeDelta::minutes(31));
    world.handle_next().await;
    let reply = world.reply().await;
    assert_eq!(reply.kind, ReplyKind::Notice);
    assert_eq!(
        shown(&reply),
        "This was planned, and I could not do it: “my morning digest” (Fri 20 Nov 2026, 12:03 Europe/Berlin).\n\nI \
         can't reach the language model at the moment. Please try again in a few minutes."
    );
}
