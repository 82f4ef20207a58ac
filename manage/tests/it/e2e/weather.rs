//! The weather and a sub-assistant, as a person in Telegram sees them.

use fakes::{
    openai::{Step, ToolCall},
    weather::{Day, Fault},
};
use rest_client::{AssistantKind, DEFAULT_ASSISTANT, Error, NewAssistant, NewSubAssistantLink, UserPatch};
use serde_json::json;
use uuid::Uuid;

use super::{
    both_ways,
    world::{Model, Way, World},
};

both_ways! {
    a_model_tells_the_weather_and_asks_the_cook;
}

/// A rainy day in Bergen: tomorrow there, which is told by the server's clock and not by the model.
fn rains_in_bergen(world: &World) {
    let tomorrow = world.today_in_bergen().succ_opt().unwrap();
    let day = Day {
        code: 63,
        low: 3.0,
        high: 7.0,
        rain: 6.2,
        chance: 80,
        wind: 30.0,
    };
    world.weather.sets_day("Bergen", &tomorrow.to_string(), day);
}

/// A cook who keeps reminders, whom the default assistant may ask.
async fn hires_a_cook(world: &World) -> Uuid {
    let client = world.client();
    let cook = NewAssistant {
        kind: AssistantKind::Sub,
        name: "Cook".to_owned(),
        instructions: "You cook.".to_owned(),
        model: None,
        parameters: serde_json::Map::new(),
        active: None,
    };
    let cook = client.create_assistant(&cook).await.unwrap().id;
    let tools = client
        .tools(&rest_client::ToolListQuery::default())
        .await
        .unwrap()
        .items;
    let reminder = tools.iter().find(|tool| tool.kind == "reminder").unwrap();
    client.link_tool(cook, reminder.id).await.unwrap();
    let link = NewSubAssistantLink {
        description: "knows recipes".to_owned(),
    };
    client
        .link_sub_assistant(DEFAULT_ASSISTANT, cook, &link)
        .await
        .unwrap();
    let circle = client.link_sub_assistant(cook, cook, &link).await;
    let Err(Error::Invalid { detail, .. }) = circle else {
        panic!("a circle is refused: {circle:?}")
    };
    assert!(detail.contains("Cook → Cook"), "{detail}");
    cook
}

async fn a_model_tells_the_weather_and_asks_the_cook(world: World) {
    rains_in_bergen(&world);
    let told = async |arguments| {
        world
            .openai
            .script([Step::tool_call("weather", arguments), Step::text("So it is.")]);
        assert_eq!(world.ask("the weather, please").await, "So it is.");
        world
            .openai
            .requests()
            .pop()
            .unwrap()
            .tool_results()
            .pop()
            .unwrap()
            .1
    };
    let city = told(json!({ "place": "Bergen", "day": "tomorrow" })).await;
    assert!(city.contains("3 °C") && city.contains("moderate rain"), "{city}");
    let several = told(json!({ "place": "Springfield" })).await;
    assert!(
        several.contains("Springfield, Illinois, United States"),
        "{several}"
    );
    let unknown = told(json!({ "place": "Xyzzyville" })).await;
    assert!(unknown.contains("unknown_place"), "{unknown}");
    world.weather.breaks(Fault::Down);
    let down = told(json!({ "place": "Tokyo" })).await;
    assert!(down.contains("cannot be reached"), "{down}");
    world.weather.heals();

    hires_a_cook(&world).await;
    world.openai.script([
        Step::tool_calls([
            ToolCall::new(
                "ask_cook",
                &json!({ "request": "a soup, and remind me to stir it" }),
            ),
            ToolCall::new(
                "weather",
                &json!({ "place": "Bergen", "day": "tomorrow", "units": "fahrenheit" }),
            ),
        ]),
        Step::tool_call(
            "reminder_create",
            json!({ "text": "stir", "in": { "minutes": 30 } }),
        ),
        Step::text("Leek soup."),
        Step::text("Leek soup, for it rains."),
    ]);
    let both = world.ask("a soup, and the weather in Bergen?").await;
    assert!(
        both.starts_with("Leek soup, for it rains.") && both.ends_with(": stir"),
        "{both}"
    );
    let request = world.openai.requests().pop().unwrap();
    let results = request.tool_results();
    assert!(
        results[0].1.contains("Leek soup.") && results[1].1.contains("37 °F"),
        "{results:?}"
    );
    assert_eq!(world.active_tasks().await.len(), 1);

    world.openai.script([
        Step::tool_call("ask_cook", json!({ "request": "a cake" })),
        Step::error(400, "bad_request", "no"),
        Step::text("The cook is away."),
    ]);
    assert_eq!(world.ask("a cake?").await, "The cook is away.");
    let request = world.openai.requests().pop().unwrap();
    assert!(request.tool_results()[0].1.contains("Cook gave no answer"));
    world.weather.assert_clean();
    world.openai.assert_clean();
    world.telegram.assert_clean();
}

/// The same with no model but the product's own.
async fn offline(way: Way) {
    let world = World::start(way, Model::Offline).await;
    rains_in_bergen(&world);
    let bergen = world.ask("what's the weather in Bergen tomorrow?").await;
    assert!(bergen.contains("moderate rain, 3 °C to 7 °C"), "{bergen}");
    let which = world.ask("weather in Springfield").await;
    assert!(which.contains("Which Springfield do you mean?"), "{which}");
    let illinois = world.ask("Illinois").await;
    assert!(
        illinois.starts_with("Springfield, Illinois, United States, now:"),
        "{illinois}"
    );
    let unknown = world.ask("weather in Xyzzyville").await;
    assert!(
        unknown.contains("I don't know a place called “Xyzzyville”"),
        "{unknown}"
    );
    let american = UserPatch {
        locale: Some("en-US".to_owned()),
        ..UserPatch::default()
    };
    world
        .client()
        .update_user(world.ann_id().await, &american)
        .await
        .unwrap();
    let bergen = world.ask("what's the weather in Bergen tomorrow?").await;
    assert!(bergen.contains("37 °F to 45 °F"), "{bergen}");

    hires_a_cook(&world).await;
    let soup = world.ask("ask the cook for a soup").await;
    assert!(
        soup.starts_with("Cook: “a soup” needs a language model"),
        "{soup}"
    );
    let both = world
        .ask("ask the cook to remind me in 30 minutes to stir the soup and what's the weather in Bergen?")
        .await;
    assert!(
        both.starts_with("Cook: Done, I'll remind you.\n\nBergen, Vestland, Norway, now:")
            && both.ends_with("stir the soup"),
        "{both}"
    );
    world.weather.breaks(Fault::Down);
    let down = world.ask("weather in Tokyo").await;
    assert!(down.contains("cannot be reached"), "{down}");
    assert_eq!(world.openai.served(), 0);
    world.weather.assert_clean();
    world.telegram.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_embedded_sqlite() {
    offline(Way::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_distributed_redis_postgres() {
    offline(Way::Distributed).await;
}
