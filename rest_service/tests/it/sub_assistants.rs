//! Sub-assistants: links without circles, what a turn is told of them, and their parts of a turn.

use rest_client::{
    AssistantKind, AssistantPatch, Client, ConflictKind, ContextQuery, DEFAULT_ASSISTANT, Error, MessageRole,
    NewAssistant, NewSubAssistantLink, NewSubTurn, NewTurn, PageQuery, TurnStatus,
};
use serde_json::Map;
use uuid::Uuid;

use crate::support::{TestApp, TestDb, at, no_id, on_both, refused_fields, turn};

on_both!(
    a_sub_assistant_is_linked_described_and_unlinked,
    circles_and_chains_that_are_too_deep_are_refused_with_the_names_on_the_way,
    two_links_at_once_do_not_close_a_circle_together,
    a_turn_is_told_of_the_active_sub_assistants_below,
    a_sub_assistants_part_is_stored_with_the_turn_or_not_at_all,
);

async fn assistant(client: &Client, kind: AssistantKind, name: &str) -> Uuid {
    let new = NewAssistant {
        kind,
        name: name.to_owned(),
        instructions: format!("You are {name}."),
        model: None,
        parameters: Map::new(),
        active: None,
    };
    client.create_assistant(&new).await.unwrap().id
}

async fn sub(client: &Client, name: &str) -> Uuid {
    assistant(client, AssistantKind::Sub, name).await
}

async fn link(client: &Client, from: Uuid, to: Uuid) -> Result<(), Error> {
    let description = NewSubAssistantLink::default();
    client.link_sub_assistant(from, to, &description).await
}

fn why(outcome: Result<(), Error>) -> String {
    match outcome {
        Err(Error::Invalid { detail, .. }) => detail,
        other => panic!("not refused: {other:?}"),
    }
}

async fn a_sub_assistant_is_linked_described_and_unlinked(db: TestDb) {
    let app = TestApp::start(db).await;
    let client = &app.client;
    let cook = sub(client, "Cook").await;
    for description in ["knows recipes", "knows recipes and wines"] {
        let new = NewSubAssistantLink {
            description: description.to_owned(),
        };
        client
            .link_sub_assistant(DEFAULT_ASSISTANT, cook, &new)
            .await
            .unwrap();
        let linked = client.sub_assistant(DEFAULT_ASSISTANT, cook).await.unwrap();
        assert_eq!(
            (linked.assistant.name.as_str(), linked.description.as_str()),
            ("Cook", description)
        );
    }
    assert_eq!(
        client
            .sub_assistants(DEFAULT_ASSISTANT)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    // What is asked by another cannot be deleted.
    let deleted = client.delete_assistant(cook).await;
    assert!(
        matches!(
            deleted,
            Err(Error::Conflict {
                kind: ConflictKind::InUse,
                ..
            })
        ),
        "{deleted:?}"
    );

    let secretary = assistant(client, AssistantKind::Secretary, "Max").await;
    assert!(why(link(client, cook, secretary).await).contains("must be an assistant of the kind sub"));
    assert!(matches!(link(client, cook, no_id()).await, Err(Error::NotFound)));
    assert!(matches!(link(client, no_id(), cook).await, Err(Error::NotFound)));
    let long = NewSubAssistantLink {
        description: "x".repeat(1001),
    };
    let refused = client.link_sub_assistant(DEFAULT_ASSISTANT, cook, &long).await;
    assert_eq!(refused_fields(refused), ["description"]);
    for n in 0..7 {
        let other = sub(client, &format!("Cook {n}")).await;
        link(client, DEFAULT_ASSISTANT, other).await.unwrap();
    }
    let ninth = sub(client, "Ninth").await;
    assert!(why(link(client, DEFAULT_ASSISTANT, ninth).await).contains("must not be more than 8"));

    for _ in 0..2 {
        client
            .unlink_sub_assistant(DEFAULT_ASSISTANT, cook)
            .await
            .unwrap();
    }
    assert!(matches!(
        client.sub_assistant(DEFAULT_ASSISTANT, cook).await,
        Err(Error::NotFound)
    ));
    client.delete_assistant(cook).await.unwrap();
}

async fn circles_and_chains_that_are_too_deep_are_refused_with_the_names_on_the_way(db: TestDb) {
    let app = TestApp::start(db).await;
    let client = &app.client;
    let mut chain = vec![DEFAULT_ASSISTANT];
    for name in ["Cook", "Baker", "Miller"] {
        let next = sub(client, name).await;
        link(client, chain[chain.len() - 1], next).await.unwrap();
        chain.push(next);
    }
    let [_, cook, baker, miller] = chain[..] else {
        panic!("four")
    };
    assert!(why(link(client, cook, cook).await).contains("must not close a circle: Cook → Cook"));
    let circle = why(link(client, miller, cook).await);
    assert!(
        circle.contains("must not close a circle: Miller → Cook → Baker → Miller"),
        "{circle}"
    );
    let farmer = sub(client, "Farmer").await;
    let deep = why(link(client, miller, farmer).await);
    assert!(
        deep.contains("must not lead more than 3 links deep: Assistant → Cook → Baker → Miller → Farmer"),
        "{deep}"
    );
    // Two ways to one are no circle; and what was refused left nothing behind.
    link(client, DEFAULT_ASSISTANT, miller).await.unwrap();
    link(client, baker, farmer).await.unwrap();
    // A link in the middle joins what leads to it and what leads on.
    let (grower, sower) = (sub(client, "Grower").await, sub(client, "Sower").await);
    link(client, grower, sower).await.unwrap();
    let joined = why(link(client, baker, grower).await);
    assert!(
        joined.contains("Assistant → Cook → Baker → Grower → Sower"),
        "{joined}"
    );
    assert!(client.sub_assistants(miller).await.unwrap().items.is_empty());
}

async fn two_links_at_once_do_not_close_a_circle_together(db: TestDb) {
    let app = TestApp::start(db).await;
    let other = app.replica().await;
    for round in 0..10 {
        let one = sub(&app.client, &format!("One {round}")).await;
        let two = sub(&app.client, &format!("Two {round}")).await;
        let outcomes = tokio::join!(link(&app.client, one, two), link(&other, two, one));
        let stored = [outcomes.0.is_ok(), outcomes.1.is_ok()];
        assert_eq!(stored.iter().filter(|stored| **stored).count(), 1, "{outcomes:?}");
    }
}

fn asks() -> ContextQuery {
    ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: messages::EventId::new("e:9"),
        limit: None,
        known_thread: None,
        known_seq: None,
    }
}

async fn a_turn_is_told_of_the_active_sub_assistants_below(db: TestDb) {
    let app = TestApp::start(db).await;
    let client = &app.client;
    let user = app.user("Mia").await.id;
    assert!(
        client
            .context(user, &asks())
            .await
            .unwrap()
            .sub_assistants
            .is_empty()
    );
    let (cook, baker, gone) = (
        sub(client, "Cook").await,
        sub(client, "Baker").await,
        sub(client, "Gone").await,
    );
    for (from, to) in [
        (DEFAULT_ASSISTANT, cook),
        (cook, baker),
        (DEFAULT_ASSISTANT, gone),
        (DEFAULT_ASSISTANT, baker),
    ] {
        link(client, from, to).await.unwrap();
    }
    let off = AssistantPatch {
        active: Some(false),
        ..AssistantPatch::default()
    };
    client.update_assistant(gone, &off).await.unwrap();
    let tools = client
        .tools(&rest_client::ToolListQuery::default())
        .await
        .unwrap()
        .items;
    let weather = tools.iter().find(|tool| tool.kind == "weather").unwrap();
    client.link_tool(cook, weather.id).await.unwrap();

    let context = client.context(user, &asks()).await.unwrap();
    assert_eq!(context.sub_assistants.len(), 2, "the inactive one is left out");
    // Both are linked directly: which one comes first says nothing.
    let of = |id: Uuid| {
        let mut subs = context.sub_assistants.iter();
        subs.find(|sub| sub.assistant.id == id).unwrap()
    };
    let (cooks, bakers) = (of(cook), of(baker));
    assert_eq!(
        cooks
            .tools
            .iter()
            .map(|tool| tool.name.as_str())
            .collect::<Vec<_>>(),
        ["weather"]
    );
    let mut askers: Vec<_> = bakers.links.iter().map(|link| link.assistant_id).collect();
    askers.sort();
    assert_eq!(askers, [DEFAULT_ASSISTANT, cook]);
    assert!(bakers.tools.is_empty() && bakers.thread.is_none() && bakers.messages.is_empty());
}

fn with_part(event: &str, sub: Uuid, child: &str) -> NewTurn {
    let part = turn(
        child,
        &[
            (MessageRole::User, "a soup"),
            (MessageRole::Assistant, "leek soup"),
        ],
    );
    NewTurn {
        covers: Vec::new(),
        sub_turns: vec![NewSubTurn {
            event_id: part.event_id,
            assistant_id: sub,
            status: TurnStatus::Completed,
            messages: part.messages,
            model: Some("cook-model".to_owned()),
            prompt_tokens: 5,
            completion_tokens: 3,
            model_calls: 1,
            cost_micros: 0,
            error: None,
            started_at: at("2026-11-20T12:00:00Z"),
            finished_at: at("2026-11-20T12:00:01Z"),
        }],
        ..turn(
            event,
            &[(MessageRole::User, "soup!"), (MessageRole::Assistant, "here")],
        )
    }
}

async fn a_sub_assistants_part_is_stored_with_the_turn_or_not_at_all(db: TestDb) {
    let app = TestApp::start(db).await;
    let client = &app.client;
    let (user, other) = (app.user("Mia").await.id, app.user("Bob").await.id);
    let cook = sub(client, "Cook").await;
    link(client, DEFAULT_ASSISTANT, cook).await.unwrap();

    // A part that does not follow from the event is refused, and with it the whole.
    let refused = client.create_turn(user, &with_part("e:1", cook, "f:1:x.0")).await;
    assert_eq!(refused_fields(refused), ["sub_turns[0].event_id"]);
    assert!(matches!(
        client.turn(user, &messages::EventId::new("e:1")).await,
        Err(Error::NotFound)
    ));

    let whole = with_part("e:1", cook, "e:1:x.0");
    let main = client.create_turn(user, &whole).await.unwrap();
    assert_eq!(
        client.create_turn(user, &whole).await.unwrap(),
        main,
        "again is the same"
    );
    let part = client
        .turn(user, &messages::EventId::new("e:1:x.0"))
        .await
        .unwrap();
    assert_eq!(
        (part.model.as_deref(), part.prompt_tokens),
        (Some("cook-model"), 5)
    );
    assert_ne!(part.thread_id, main.thread_id);
    let threads = client.threads(user, &PageQuery::default()).await.unwrap().items;
    let kitchen = threads.iter().find(|thread| thread.id == part.thread_id).unwrap();
    assert_eq!(
        (kitchen.parent_id, kitchen.last_seq, threads.len()),
        (Some(main.thread_id), 2, 2)
    );

    // The next turn starts from it; nobody else's does.
    let told = client
        .context(user, &asks())
        .await
        .unwrap()
        .sub_assistants
        .remove(0);
    assert_eq!(told.thread.map(|thread| thread.id), Some(kitchen.id));
    assert_eq!(
        told.messages
            .iter()
            .map(|said| said.content.as_str())
            .collect::<Vec<_>>(),
        ["a soup", "leek soup"]
    );
    let others = client
        .context(other, &asks())
        .await
        .unwrap()
        .sub_assistants
        .remove(0);
    assert!(others.thread.is_none() && others.messages.is_empty());

    // One that is gone meanwhile takes nothing else with it.
    client
        .create_turn(user, &with_part("e:2", no_id(), "e:2:x.0"))
        .await
        .unwrap();
    assert!(client.turn(user, &messages::EventId::new("e:2")).await.is_ok());
    assert!(matches!(
        client.turn(user, &messages::EventId::new("e:2:x.0")).await,
        Err(Error::NotFound)
    ));
}
