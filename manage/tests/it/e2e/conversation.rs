//! The main job, as a person sees it.

use serde_json::json;

use super::{
    both_ways,
    world::{LIMIT, Model, Way, World},
};

both_ways! {
    a_model_that_calls_tools_sets_a_reminder_that_fires;
    a_stranger_gets_one_polite_line_and_costs_nothing;
}

async fn a_model_that_calls_tools_sets_a_reminder_that_fires(world: World) {
    world.openai.answers("Hello Ann!");
    assert_eq!(world.ask("hello").await, "Hello Ann!");

    world.openai.calls_tool("time", json!({"place": "Tokyo"}));
    world.openai.answers("It is late in Tokyo.");
    assert_eq!(
        world.ask("what time is it in Tokyo?").await,
        "It is late in Tokyo."
    );
    assert!(
        last_tool_result(&world).contains("Asia/Tokyo"),
        "{}",
        last_tool_result(&world)
    );

    world.openai.calls_tool(
        "reminder_create",
        json!({"text": "drink water", "in": {"seconds": 1}}),
    );
    world.openai.answers("I will.");
    let promise = world.ask("remind me in a second to drink water").await;
    let (words, receipt) = promise.split_once("\n\n").unwrap();
    assert_eq!(words, "I will.");
    assert!(
        receipt.starts_with("⏰ ") && receipt.ends_with(" UTC: drink water"),
        "{receipt}"
    );
    assert!(world.answer().await.text.contains("drink water"));

    world.openai.calls_tool(
        "reminder_create",
        json!({"text": "stretch", "repeat": {"unit": "weeks", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "times": ["09:00"]}}),
    );
    world.openai.answers("Every weekday it is.");
    world.ask("remind me every weekday at 9 to stretch").await;
    let tasks = world.active_tasks().await;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!(tasks[0].text, "stretch");

    world.openai.calls_tool("reminder_list", json!({}));
    world.openai.answers("You have one.");
    assert_eq!(world.ask("list my reminders").await, "You have one.");
    let listed = last_tool_result(&world);
    assert!(
        listed.contains("stretch") && !listed.contains("drink water"),
        "{listed}"
    );

    world
        .openai
        .calls_tool("reminder_cancel", json!({"which": "stretch"}));
    world.openai.answers("Gone.");
    let gone = world.ask("cancel the stretch one").await;
    assert!(
        gone.starts_with("Gone.") && gone.contains("cancelled: stretch"),
        "{gone}"
    );
    assert!(world.active_tasks().await.is_empty());
    world.telegram.assert_clean();
    world.openai.assert_clean();
}

/// What the last tool that was called told the model.
fn last_tool_result(world: &World) -> String {
    let request = world.openai.requests().pop().unwrap();
    request.tool_results().pop().unwrap().1
}

async fn a_stranger_gets_one_polite_line_and_costs_nothing(world: World) {
    let eve = world.telegram.user("Eve");
    eve.says("hello");
    eve.says("is anybody there?");
    let line = eve.next_message(LIMIT).await.text;
    assert_eq!(line, "This is a private assistant. Ask its owner to let you in.");
    // The owner is asked whether to let her in.
    assert!(world.answer().await.text.contains("Eve"));
    world.settled().await;
    assert_eq!(eve.bot_messages().len(), 1);
    assert_eq!(world.openai.served(), 0);
    world.telegram.assert_clean();
}

/// The conversation of the README, with no model but the product's own.
async fn offline(way: Way) {
    let world = World::start(way, Model::Offline).await;
    let hello = world.ask("hello").await;
    assert!(
        hello.contains("offline model") && hello.contains("OPENAI_API_KEY"),
        "{hello}"
    );
    let time = world.ask("what time is it in Tokyo?").await;
    assert!(time.contains("Tokyo"), "{time}");

    let promise = world.ask("remind me in 1 second to drink water").await;
    assert!(
        promise.contains("⏰ ") && promise.contains("UTC: drink water"),
        "{promise}"
    );
    assert!(world.answer().await.text.contains("drink water"));

    let promise = world.ask("remind me every weekday at 9 to stretch").await;
    assert!(promise.contains("every weekday at 09:00"), "{promise}");
    let list = world.ask("list my reminders").await;
    assert!(
        list.contains("stretch") && !list.contains("drink water"),
        "{list}"
    );
    let cancelled = world.ask("cancel the stretch one").await;
    assert!(cancelled.contains("stretch"), "{cancelled}");
    assert!(world.active_tasks().await.is_empty());
    world.telegram.assert_clean();
    assert_eq!(world.openai.served(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_embedded_sqlite() {
    offline(Way::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_distributed_redis_postgres() {
    offline(Way::Distributed).await;
}
