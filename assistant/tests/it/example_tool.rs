//! The example of a tool in ARCHITECTURE.md: it compiles, it runs, and the document shows it word for word.

use std::sync::Arc;

use assistant::{
    tools::{Registry, Tool, ToolContext, ToolError, ToolOutput},
    turn::RunTool,
};
use chrono_tz::Tz;
use messages::{Address, Channel, EventId};
use rest_client::Client;
use uuid::Uuid;

use crate::{
    support::{now, row},
    world::KEY,
};

mod degrees;

#[test]
fn the_document_shows_what_is_compiled_here() {
    let document = include_str!("../../../ARCHITECTURE.md");
    let example = include_str!("example_tool/degrees.rs");
    assert!(
        document.contains(&format!("```rust\n{example}```")),
        "ARCHITECTURE.md does not show assistant/tests/it/example_tool/degrees.rs as it is"
    );
}

#[tokio::test]
async fn the_example_works() {
    let toolbox = Registry::of("degrees", degrees::Degrees).toolbox(&[row("degrees")]);
    let context = ToolContext {
        rest: Client::new("http://rest.invalid".parse().expect("a URL"), KEY.into()).expect("a client"),
        calendar: None,
        outside: Arc::default(),
        after_outside: false,
        user_id: Uuid::nil(),
        zone: Tz::UTC,
        locale: "en".to_owned(),
        to: Address {
            channel: Channel::Api,
            chat: "1".to_owned(),
        },
        event_id: EventId::new("e:1"),
        nth: 0,
        is_late: false,
        said_at: now(),
        now: now(),
    };
    let run = async |arguments: &str| {
        let call = RunTool {
            ordinal: 0,
            name: "degrees".to_owned(),
            arguments: arguments.to_owned(),
        };
        toolbox.run(&context, &call).await.expect("a result").content
    };
    assert_eq!(run("{\"fahrenheit\": 212}").await, "{\"celsius\":\"100.0 °C\"}");
    assert!(run("{\"fahrenheit\": -500}").await.contains("nothing is colder"));
    assert!(
        run("{\"kelvin\": 0}")
            .await
            .contains("the arguments of degrees are wrong")
    );
}
