//! Assistants, tools, and who serves whom.

use rest_client::{
    AssistantKind, AssistantListQuery, AssistantPatch, ConflictKind, DEFAULT_ASSISTANT, Error, NewAssistant,
    NewTool, PageQuery, SetSecretary, ToolPatch,
};
use serde_json::{Map, json};

use crate::support::{TestApp, TestDb, no_id, on_both, refused_fields, turn};

on_both!(
    the_default_assistant_has_the_built_in_tools,
    an_assistant_is_made_changed_and_deleted,
    a_tool_is_made_linked_and_deleted,
    a_user_is_served_by_an_active_secretary,
);

fn secretary(name: &str) -> NewAssistant {
    NewAssistant {
        kind: AssistantKind::Secretary,
        name: name.to_owned(),
        instructions: "Be kind.".to_owned(),
        model: None,
        parameters: Map::new(),
        active: None,
    }
}

fn tool(name: &str) -> NewTool {
    NewTool {
        kind: "weather".to_owned(),
        name: name.to_owned(),
        description: String::new(),
        config: Map::new(),
        active: None,
    }
}

fn is_conflict<T>(outcome: &Result<T, Error>, wanted: ConflictKind) -> bool {
    matches!(outcome, Err(Error::Conflict { kind, .. }) if *kind == wanted)
}

async fn the_default_assistant_has_the_built_in_tools(db: TestDb) {
    let app = TestApp::start(db).await;
    let assistant = app.client.assistant(DEFAULT_ASSISTANT).await.unwrap();
    assert_eq!(
        (assistant.kind, assistant.active),
        (AssistantKind::Secretary, true)
    );
    let tools = app
        .client
        .assistant_tools(DEFAULT_ASSISTANT, &PageQuery::default())
        .await
        .unwrap();
    let names: Vec<_> = tools.items.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["time", "reminder", "weather", "calendar", "memory"]);
    assert!(is_conflict(
        &app.client.delete_assistant(DEFAULT_ASSISTANT).await,
        ConflictKind::InUse
    ));
    let off = AssistantPatch {
        active: Some(false),
        ..AssistantPatch::default()
    };
    assert!(is_conflict(
        &app.client.update_assistant(DEFAULT_ASSISTANT, &off).await,
        ConflictKind::InUse
    ));
}

async fn an_assistant_is_made_changed_and_deleted(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut new = secretary("Max");
    new.model = Some("a-model".to_owned());
    new.parameters.insert("temperature".to_owned(), json!(0.5));
    let made = app.client.create_assistant(&new).await.unwrap();
    assert_eq!(made.parameters, new.parameters);
    assert_eq!(app.client.assistant(made.id).await.unwrap(), made);

    let patch = AssistantPatch {
        model: Some(None),
        ..AssistantPatch::default()
    };
    let changed = app.client.update_assistant(made.id, &patch).await.unwrap();
    assert_eq!((changed.model, changed.version), (None, 2), "null clears");
    assert_eq!(changed.parameters, new.parameters, "absent stays");

    let all = app
        .client
        .assistants(&AssistantListQuery::default())
        .await
        .unwrap();
    assert_eq!(all.items.len(), 2);
    app.client.delete_assistant(made.id).await.unwrap();
    assert!(matches!(
        app.client.assistant(made.id).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.delete_assistant(made.id).await,
        Err(Error::NotFound)
    ));
    new.name.clear();
    assert_eq!(refused_fields(app.client.create_assistant(&new).await), ["name"]);
}

async fn a_tool_is_made_linked_and_deleted(db: TestDb) {
    let app = TestApp::start(db).await;
    let assistant = app.client.create_assistant(&secretary("Max")).await.unwrap().id;
    let made = app.client.create_tool(&tool("radar")).await.unwrap();
    assert!(is_conflict(
        &app.client.create_tool(&tool("radar")).await,
        ConflictKind::AlreadyExists
    ));
    assert_eq!(
        refused_fields(app.client.create_tool(&tool("a name with blanks")).await),
        ["name"]
    );
    let rename = ToolPatch {
        name: Some("time".to_owned()),
        ..ToolPatch::default()
    };
    assert!(is_conflict(
        &app.client.update_tool(made.id, &rename).await,
        ConflictKind::AlreadyExists
    ));

    let linked = async || {
        let page = app
            .client
            .assistant_tools(assistant, &PageQuery::default())
            .await
            .unwrap();
        page.items.len()
    };
    for _ in 0..2 {
        app.client.link_tool(assistant, made.id).await.unwrap();
        assert_eq!(linked().await, 1);
    }
    for _ in 0..2 {
        app.client.unlink_tool(assistant, made.id).await.unwrap();
        assert_eq!(linked().await, 0);
    }
    app.client.link_tool(assistant, made.id).await.unwrap();
    app.client.delete_tool(made.id).await.unwrap();
    assert_eq!(linked().await, 0, "a deleted tool is nobody's");
    assert!(matches!(app.client.tool(made.id).await, Err(Error::NotFound)));
    assert!(matches!(
        app.client.link_tool(assistant, no_id()).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.link_tool(no_id(), made.id).await,
        Err(Error::NotFound)
    ));
}

async fn a_user_is_served_by_an_active_secretary(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    assert_eq!(app.client.secretary(user).await.unwrap().id, DEFAULT_ASSISTANT);
    let own = app.client.create_assistant(&secretary("Max")).await.unwrap().id;
    let choose = async |assistant_id| {
        app.client
            .set_secretary(user, &SetSecretary { assistant_id })
            .await
    };
    assert_eq!(choose(Some(own)).await.unwrap().id, own);
    assert_eq!(app.client.user(user).await.unwrap().secretary_id, Some(own));
    assert!(is_conflict(
        &app.client.delete_assistant(own).await,
        ConflictKind::InUse
    ));

    let off = AssistantPatch {
        active: Some(false),
        ..AssistantPatch::default()
    };
    app.client.update_assistant(own, &off).await.unwrap();
    assert_eq!(
        app.client.secretary(user).await.unwrap().id,
        DEFAULT_ASSISTANT,
        "an inactive one does not serve"
    );
    assert_eq!(refused_fields(choose(Some(own)).await), ["assistant_id"]);
    assert_eq!(refused_fields(choose(Some(no_id())).await), ["assistant_id"]);
    assert_eq!(choose(None).await.unwrap().id, DEFAULT_ASSISTANT);
    app.client.delete_assistant(own).await.unwrap();

    let talked = app
        .client
        .create_assistant(&secretary("Moritz"))
        .await
        .unwrap()
        .id;
    let mut said = turn("e:1", &[]);
    said.assistant_id = talked;
    app.client.create_turn(user, &said).await.unwrap();
    assert!(is_conflict(
        &app.client.delete_assistant(talked).await,
        ConflictKind::InUse
    ));
}
