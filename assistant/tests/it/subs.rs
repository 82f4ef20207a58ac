//! Sub-assistants: asked as tools, side by side with others, with their own threads, tools and models.

use std::{borrow::Cow, sync::Arc, time::Duration};

use assistant::tools::ask::offer;
use fakes::{
    openai::{OpenAiServer, Request, Step, ToolCall},
    weather::Fault,
};
use messages::EventId;
use rest_client::{
    AssistantKind, DEFAULT_ASSISTANT, NewAssistant, NewSubAssistantLink, PageQuery, SubAssistant,
    SubAssistantLink, TaskStatus, TurnStatus,
};
use serde_json::{Map, json};
use test_support::wait_until;
use uuid::Uuid;

use crate::{
    openai::model,
    support::now,
    world::{SOON, Stores, World, on_both, shown},
};

/// A sub-assistant with these tools (by kind), which `asker` may ask.
pub(crate) async fn sub(world: &World, asker: Uuid, name: &str, kinds: &[&str]) -> Uuid {
    let new = NewAssistant {
        kind: AssistantKind::Sub,
        name: name.to_owned(),
        instructions: format!("You are the best {name} there is."),
        model: Some(format!("{}-model", name.to_lowercase())),
        parameters: Map::new(),
        active: None,
    };
    let sub = world
        .rest
        .create_assistant(&new)
        .await
        .expect("a sub-assistant")
        .id;
    let tools = world
        .rest
        .tools(&rest_client::ToolListQuery::default())
        .await
        .expect("tools")
        .items;
    for tool in tools.iter().filter(|tool| kinds.contains(&tool.kind.as_str())) {
        world.rest.link_tool(sub, tool.id).await.expect("a tool");
    }
    let link = NewSubAssistantLink {
        description: format!("for all work of a {name}"),
    };
    world
        .rest
        .link_sub_assistant(asker, sub, &link)
        .await
        .expect("linked");
    sub
}

async fn world_with(openai: &OpenAiServer, stores: Stores) -> World {
    World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(10)))).await
}

fn model_of(request: &Request) -> &str {
    request.body["model"].as_str().unwrap_or_default()
}

fn result(request: &Request, n: usize) -> String {
    request.tool_results()[n].1.clone()
}

on_both! {
    the_offline_model_asks_the_cook(stores) {
        let mut world = World::new(stores).await;
        sub(&world, DEFAULT_ASSISTANT, "Cook", &["reminder"]).await;
        assert_eq!(
            world.says("ask the cook for a soup").await,
            "Cook: “a soup” needs a language model, and only the offline one is connected. \
             What I can do without one is about reminders."
        );
        // Its own tool, side by side with the weather.
        let both = world
            .says("ask the cook to remind me in 10 minutes to stir the soup and what's the weather in Bergen?")
            .await;
        assert!(both.starts_with("Cook: Done, I'll remind you.\n\nBergen, Vestland, Norway, now: "), "{both}");
        assert!(both.ends_with("\n⏰ Fri 20 Nov 2026, 12:13 Europe/Berlin: stir the soup"), "{both}");
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
        assert_eq!(world.says("ask the baker for bread").await, "I can ask these: cook.");
    }

    a_sub_assistant_works_with_its_own_model_tools_and_thread(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = world_with(&openai, stores).await;
        let cook = sub(&world, DEFAULT_ASSISTANT, "Cook", &["reminder"]).await;
        openai.script([
            Step::tool_calls([
                ToolCall::new("ask_cook", &json!({ "request": "a soup for two" })),
                ToolCall::new("weather", &json!({ "place": "Bergen" })),
            ]),
            Step::tool_call("reminder_create", json!({ "text": "stir", "in": { "minutes": 10 } })),
            Step::text("Leek soup."),
            Step::text("Leek soup, and it is mild."),
        ]);
        let envelope = world.writes("a soup, and the weather in Bergen?").await;
        world.handle_next().await;
        let (id, reply) = world.reply_with_id().await;
        assert_eq!(
            shown(&reply),
            "Leek soup, and it is mild.\n⏰ Fri 20 Nov 2026, 12:13 Europe/Berlin: stir"
        );
        let requests = openai.requests();
        assert_eq!(requests.iter().map(model_of).collect::<Vec<_>>(), ["gpt-test", "cook-model", "cook-model", "gpt-test"]);
        assert!(requests[0].tool_names().contains(&"ask_cook"));
        let cooks = &requests[1];
        assert_eq!(cooks.tool_names(), ["reminder_create", "reminder_list", "reminder_change", "reminder_cancel"]);
        let instructions = cooks.messages()[0]["content"].as_str().unwrap_or_default();
        assert!(
            instructions.starts_with("You are the best Cook there is.") && instructions.contains("It is Assistant."),
            "{instructions}"
        );
        assert_eq!(cooks.last_user_text(), "a soup for two");
        assert_eq!(result(&requests[3], 0), json!({ "from": "Cook", "answer": "Leek soup." }).to_string());
        assert!(result(&requests[3], 1).contains("Bergen, Vestland, Norway"));

        // Stored once, with a thread and a turn of its own, and its cost under its own model.
        let threads = world.rest.threads(world.user, &PageQuery::default()).await.expect("threads").items;
        let [kitchen, main] = [cook, DEFAULT_ASSISTANT]
            .map(|assistant| threads.iter().find(|thread| thread.assistant_id == assistant).expect("a thread"));
        assert_eq!((threads.len(), kitchen.parent_id), (2, Some(main.id)));
        let said = world.rest.messages(world.user, kitchen.id, &PageQuery::default()).await.expect("messages").items;
        assert_eq!(said.iter().map(|message| message.content.as_str()).next_back(), Some("Leek soup."));
        let (.., random) = cook.as_u64_pair();
        let child = EventId::new(format!("{}:{:08x}.0", envelope.id, random & 0xffff_ffff));
        let part = world.rest.turn(world.user, &child).await.expect("its turn");
        assert_eq!((part.model.as_deref(), part.model_calls), (Some("cook-model"), 2));
        assert!(part.prompt_tokens > 0 && part.replies.is_empty());
        let whole = world.rest.turn(world.user, &envelope.id).await.expect("the turn");
        assert_eq!((whole.model_calls, whole.status), (2, TurnStatus::Completed));

        // The same event again changes nothing.
        world.publish_again(&envelope).await;
        world.handle_next().await;
        assert_eq!(world.reply_with_id().await.0, id);
        assert_eq!(openai.served(), 4);
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);

        // It remembers what it was asked, in other turns and in the same one.
        openai.script([
            Step::tool_call("ask_cook", json!({ "request": "without onions" })),
            Step::text("Then pumpkin."),
            Step::tool_call("ask_cook", json!({ "request": "and bread?" })),
            Step::text("Rye."),
            Step::text("Pumpkin and rye."),
        ]);
        assert_eq!(world.says("no onions").await, "Pumpkin and rye.");
        let requests = openai.requests();
        let heard = |request: &Request| {
            request.messages().iter().filter_map(|message| message["content"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        assert!(heard(&requests[5]).contains(&"Leek soup.".to_owned()));
        assert_eq!(heard(&requests[7])[heard(&requests[7]).len() - 3..], ["without onions", "Then pumpkin.", "and bread?"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sub_assistant_does_not_wait_for_another_tool() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai, Stores::Embedded).await;
    sub(&world, DEFAULT_ASSISTANT, "Cook", &[]).await;
    world.weather.breaks(Fault::Slow(Duration::from_secs(3)));
    openai.script([
        Step::tool_calls([
            ToolCall::new("weather", &json!({ "place": "Bergen" })),
            ToolCall::new("ask_cook", &json!({ "request": "a soup" })),
        ]),
        Step::text("Soup."),
        Step::text("Both."),
    ]);
    assert_eq!(world.says("both").await, "Both.");
    let requests = openai.requests();
    let waited = requests[1].at - requests[0].at;
    assert!(
        waited < Duration::from_secs(3),
        "the cook was asked after {waited:?}"
    );
    assert!(requests[2].at - requests[0].at >= Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_failure_is_told_to_the_model_that_asks() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai, Stores::Embedded).await;
    let cook = sub(&world, DEFAULT_ASSISTANT, "Cook", &["time"]).await;
    openai.script([
        Step::tool_call("ask_cook", json!({ "request": "a soup" })),
        Step::error(400, "bad_model", "no such model"),
        Step::text("The cook is not there."),
    ]);
    assert_eq!(world.says("a soup").await, "The cook is not there.");
    let told = result(&openai.requests()[2], 0);
    assert!(
        told.contains("Cook gave no answer: The language model refused to work for me."),
        "{told}"
    );
    let threads = world
        .rest
        .threads(world.user, &PageQuery::default())
        .await
        .expect("threads")
        .items;
    assert!(
        threads.iter().any(|thread| thread.assistant_id == cook),
        "what failed is stored"
    );

    // Wrong arguments are told too, and a budget that is spent leaves a last word to who asked.
    world.limits.model_calls = 4;
    openai.script([
        Step::tool_call("ask_cook", json!({ "dish": "soup" })),
        Step::tool_call("ask_cook", json!({ "request": "when?" })),
        Step::tool_call("time", json!({})),
        Step::text("The cook took too long."),
    ]);
    assert_eq!(world.says("a soup, when?").await, "The cook took too long.");
    let requests = openai.requests();
    assert!(
        result(&requests[4], 0).contains("unknown field `dish`"),
        "{}",
        result(&requests[4], 0)
    );
    let told = result(&requests[6], 0);
    assert!(
        told.contains("I could not finish this within the 4 steps"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_the_middle_repeats_nothing() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai, Stores::Embedded).await;
    sub(&world, DEFAULT_ASSISTANT, "Cook", &["reminder"]).await;
    let asked = || Step::tool_call("ask_cook", json!({ "request": "a soup" }));
    let reminds = || {
        Step::tool_call(
            "reminder_create",
            json!({ "text": "stir", "in": { "minutes": 10 } }),
        )
    };
    openai.script([asked(), reminds(), Step::hang()]);
    let envelope = world.writes("a soup").await;
    let (driver, delivery) = (world.driver(), world.delivery().await);
    let first = tokio::spawn(async move { driver.handle(delivery).await });
    wait_until("the reminder is made", SOON, async || {
        world.tasks(TaskStatus::Active).await.len() == 1 && openai.served() == 3
    })
    .await;
    first.abort();
    assert!(
        world.rest.turn(world.user, &envelope.id).await.is_err(),
        "nothing is stored yet"
    );
    openai.script([asked(), reminds(), Step::text("Soup."), Step::text("Soup!")]);
    world.handle_next().await;
    assert!(shown(&world.reply().await).starts_with("Soup!\n⏰ "));
    assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sub_assistants_have_sub_assistants_down_to_the_third() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai, Stores::Embedded).await;
    let cook = sub(&world, DEFAULT_ASSISTANT, "Cook", &[]).await;
    let baker = sub(&world, cook, "Baker", &[]).await;
    sub(&world, baker, "Miller", &["reminder"]).await;
    let ask = |name: &str| Step::tool_call(name, json!({ "request": "flour" }));
    openai.script([
        ask("ask_cook"),
        ask("ask_baker"),
        ask("ask_miller"),
        Step::tool_call(
            "reminder_create",
            json!({ "text": "grind", "in": { "minutes": 10 } }),
        ),
        Step::text("Flour."),
        Step::text("Bread."),
        Step::text("Soup with bread."),
        Step::text("Here it is."),
    ]);
    let shown = world.says("a soup").await;
    assert_eq!(
        shown,
        "Here it is.\n⏰ Fri 20 Nov 2026, 12:13 Europe/Berlin: grind"
    );
    let requests = openai.requests();
    let models: Vec<_> = requests.iter().map(model_of).collect();
    assert_eq!(
        models[..4],
        ["gpt-test", "cook-model", "baker-model", "miller-model"]
    );
    assert!(!requests[0].tool_names().contains(&"ask_baker"));
}

fn configured(id: u128, name: &str, askers: &[u128]) -> SubAssistant {
    SubAssistant {
        links: askers
            .iter()
            .map(|asker| SubAssistantLink {
                assistant_id: Uuid::from_u128(*asker),
                description: String::new(),
            })
            .collect(),
        assistant: rest_client::Assistant {
            id: Uuid::from_u128(id),
            kind: AssistantKind::Sub,
            name: name.to_owned(),
            instructions: "Do it.".to_owned(),
            model: None,
            parameters: Map::new(),
            active: true,
            version: 1,
            created_at: now(),
            updated_at: now(),
        },
        tools: Vec::new(),
        thread: None,
        messages: Vec::new(),
    }
}

#[test]
fn tools_of_sub_assistants_have_names_that_models_take_and_know_no_circles() {
    let path = |ids: &[u128]| ids.iter().copied().map(Uuid::from_u128).collect::<Vec<_>>();
    let names = |path: &[Uuid], subs: &[SubAssistant]| {
        let taken = [Cow::Borrowed("ask_clock")];
        let asks = offer(path, subs, &taken);
        asks.into_iter()
            .map(|ask| ask.spec.name.into_owned())
            .collect::<Vec<_>>()
    };
    let long = "x".repeat(100);
    let subs = [
        configured(7, "Clock", &[1]),
        configured(6, &long, &[1]),
        configured(5, "  Köchin & Söhne ", &[1]),
        configured(4, "料理人", &[1]),
        configured(3, "the COOK!", &[1]),
        configured(2, "The Cook", &[1]),
        configured(8, "Stranger", &[9]),
    ];
    let expected = [
        "ask_the_cook",
        "ask_the_cook_2",
        "ask_assistant",
        "ask_k_chin_s_hne",
        &format!("ask_{}", "x".repeat(60)),
        "ask_clock_2",
    ];
    assert_eq!(names(&path(&[1]), &subs), expected);
    // A circle in the configuration ends at run time.
    let circle = [configured(1, "One", &[2]), configured(2, "Two", &[1])];
    assert_eq!(names(&path(&[1]), &circle), ["ask_two"]);
    assert_eq!(names(&path(&[1, 2]), &circle), Vec::<String>::new());
    // So does a chain that is too long.
    let chain = [configured(4, "Four", &[3]), configured(5, "Five", &[4])];
    assert_eq!(names(&path(&[1, 2, 3]), &chain), ["ask_four"]);
    assert_eq!(names(&path(&[1, 2, 3, 4]), &chain), Vec::<String>::new());
}
