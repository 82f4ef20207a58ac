//! Configuration as a document: out, in, and back, whole or not at all.

use rest_client::{
    AssistantEntry, AssistantKind, ChangeAction, Configuration, ConflictKind, DEFAULT_ASSISTANT, Error,
    ImportQuery, MessageRole, NewTool, PageQuery, ToolEntry,
};
use serde_json::{Map, Value, json};

use crate::support::{TestApp, TestDb, on_both, refused_fields, turn};

on_both!(
    what_is_exported_is_imported_without_a_change,
    an_import_makes_and_changes_what_the_document_says,
    a_dry_run_changes_nothing,
    every_fault_is_named_and_nothing_is_done,
    only_pruning_deletes_and_keeps_what_is_in_use,
    a_document_that_costs_too_much_is_refused,
);

const APPLY: ImportQuery = ImportQuery {
    dry_run: false,
    prune: false,
};

const TRY: ImportQuery = ImportQuery {
    dry_run: true,
    prune: false,
};

fn coach() -> AssistantEntry {
    AssistantEntry {
        id: None,
        kind: AssistantKind::Sub,
        name: "Coach".to_owned(),
        instructions: "Be brief.\nBe kind.".to_owned(),
        model: Some("gpt-x".to_owned()),
        parameters: Map::from_iter([("temperature".to_owned(), json!(0.5))]),
        active: true,
        tools: Some(vec!["time".to_owned(), "lamp".to_owned()]),
    }
}

fn weather() -> ToolEntry {
    ToolEntry {
        id: None,
        kind: "lamp".to_owned(),
        name: "lamp".to_owned(),
        description: "yes".to_owned(),
        config: Map::new(),
        active: false,
    }
}

fn document() -> Configuration {
    Configuration {
        tools: vec![weather()],
        assistants: vec![coach()],
    }
}

async fn imported(
    app: &TestApp,
    document: &Configuration,
    how: &ImportQuery,
) -> Vec<(String, ChangeAction, Vec<String>)> {
    let report = app.client.import(document, how).await.unwrap();
    assert_eq!(report.dry_run, how.dry_run);
    let told = report.changes.into_iter().map(|change| {
        let fields = change.fields.into_iter().map(|field| field.field).collect();
        (change.name, change.action, fields)
    });
    told.collect()
}

async fn post(app: &TestApp, content_type: &str, body: String) -> (u16, Value) {
    let answer = app
        .request("POST", "/import")
        .header("content-type", content_type)
        .body(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn what_is_exported_is_imported_without_a_change(db: TestDb) {
    let app = TestApp::start(db).await;
    app.client.import(&document(), &APPLY).await.unwrap();
    let exported = app.client.export().await.unwrap();
    assert_eq!(exported.assistants.len(), 2);
    let told = imported(&app, &exported, &ImportQuery { prune: true, ..APPLY }).await;
    assert!(
        told.iter()
            .all(|(_, action, _)| *action == ChangeAction::Unchanged),
        "{told:?}"
    );

    let yaml = app.request("GET", "/export?format=yaml").send().await.unwrap();
    assert_eq!(yaml.headers()["content-type"], "application/yaml");
    let yaml = yaml.text().await.unwrap();
    assert!(yaml.contains("name: Coach"), "{yaml}");
    for kind in ["application/yaml", "text/yaml; charset=utf-8"] {
        let (status, report) = post(&app, kind, yaml.clone()).await;
        assert_eq!(status, 200, "{report}");
        for change in report["changes"].as_array().unwrap() {
            assert_eq!(change["action"], "unchanged", "{change}");
        }
    }
    // The text `yes` came back as a text, and the number as a number.
    assert_eq!(app.client.export().await.unwrap(), exported);
}

async fn an_import_makes_and_changes_what_the_document_says(db: TestDb) {
    let app = TestApp::start(db).await;
    let made = imported(&app, &document(), &APPLY).await;
    assert_eq!(
        made.iter()
            .map(|(name, action, _)| (name.as_str(), *action))
            .collect::<Vec<_>>(),
        [("lamp", ChangeAction::Created), ("Coach", ChangeAction::Created)]
    );
    let again = imported(&app, &document(), &APPLY).await;
    assert!(
        again
            .iter()
            .all(|(_, action, _)| *action == ChangeAction::Unchanged),
        "{again:?}"
    );

    let mut changed = document();
    changed.assistants[0].instructions = "Be long.".to_owned();
    changed.assistants[0].model = None;
    changed.assistants[0].tools = Some(vec!["reminder".to_owned()]);
    changed.tools.clear();
    let report = app.client.import(&changed, &APPLY).await.unwrap();
    let change = &report.changes[0];
    assert_eq!(change.action, ChangeAction::Changed);
    let fields: Vec<_> = change
        .fields
        .iter()
        .map(|field| (field.field.as_str(), field.before.clone(), field.after.clone()))
        .collect();
    assert_eq!(
        fields,
        [
            ("instructions", json!("Be brief.\nBe kind."), json!("Be long.")),
            ("model", json!("gpt-x"), Value::Null),
            ("tools", json!(["lamp", "time"]), json!(["reminder"])),
        ]
    );
    let stored = app.client.assistant(change.id).await.unwrap();
    assert_eq!((stored.instructions.as_str(), stored.version), ("Be long.", 2));
    let tools = app
        .client
        .assistant_tools(change.id, &PageQuery::default())
        .await
        .unwrap();
    assert_eq!(
        tools
            .items
            .iter()
            .map(|tool| tool.name.as_str())
            .collect::<Vec<_>>(),
        ["reminder"]
    );
    // By its id it can be called otherwise.
    changed.assistants[0].id = Some(change.id);
    changed.assistants[0].name = "Trainer".to_owned();
    changed.assistants[0].tools = None;
    let renamed = imported(&app, &changed, &APPLY).await;
    assert_eq!(
        renamed,
        [(
            "Trainer".to_owned(),
            ChangeAction::Changed,
            vec!["name".to_owned()]
        )]
    );
    assert_eq!(app.client.export().await.unwrap().assistants.len(), 2);
}

async fn a_dry_run_changes_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let before = app.client.export().await.unwrap();
    let mut document = document();
    document.assistants.push(AssistantEntry {
        instructions: "Other.".to_owned(),
        tools: None,
        ..before.assistants[0].clone()
    });
    document.assistants[0].tools = None;
    let told = imported(&app, &document, &ImportQuery { prune: true, ..TRY }).await;
    assert_eq!(
        told.iter()
            .filter(|(_, action, _)| *action == ChangeAction::Deleted)
            .count(),
        4,
        "{told:?}"
    );
    assert_eq!(app.client.export().await.unwrap(), before);
    assert_eq!(app.client.assistant(DEFAULT_ASSISTANT).await.unwrap().version, 1);
}

async fn every_fault_is_named_and_nothing_is_done(db: TestDb) {
    let app = TestApp::start(db).await;
    let before = app.client.export().await.unwrap();
    let body = json!({
        "tools": [
            { "kind": "x y", "name": "" },
            { "kind": "lamp" },
            { "kind": "lamp", "name": "good", "config": 7 },
        ],
        "assistants": [
            { "kind": "boss", "name": "A", "instructions": "" },
            { "kind": "sub", "name": " ", "instructions": "", "colour": "red" },
            7,
        ],
        "users": [],
    });
    let (status, problem) = post(&app, "application/json", body.to_string()).await;
    assert_eq!(status, 422, "{problem}");
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    for field in [
        "tools[0].kind",
        "tools[0].name",
        "tools[1]",
        "tools[2].config",
        "assistants[0].kind",
        "assistants[1].colour",
        "assistants[2]",
        "users",
    ] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }
    let mut unfit = document();
    unfit.tools.push(ToolEntry {
        kind: "lamp".to_owned(),
        name: "time".to_owned(),
        ..weather()
    });
    unfit.assistants[0].tools = Some(vec!["time".to_owned(), "nothing".to_owned()]);
    unfit.assistants.push(AssistantEntry {
        id: Some(DEFAULT_ASSISTANT),
        active: false,
        ..coach()
    });
    unfit.assistants.push(AssistantEntry {
        id: Some(DEFAULT_ASSISTANT),
        kind: AssistantKind::Secretary,
        ..coach()
    });
    assert_eq!(
        refused_fields(app.client.import(&unfit, &APPLY).await),
        [
            "tools[1].kind",
            "assistants[2]",
            "assistants[0].tools[1]",
            "assistants[1].active",
            "assistants[1].kind",
        ]
    );
    assert_eq!(app.client.export().await.unwrap(), before, "all or nothing");
}

async fn only_pruning_deletes_and_keeps_what_is_in_use(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let report = app.client.import(&document(), &APPLY).await.unwrap();
    let coach = report.changes[1].id;
    let mut said = turn("e:1", &[(MessageRole::User, "hello")]);
    said.assistant_id = coach;
    app.client.create_turn(user, &said).await.unwrap();
    let other = Configuration {
        tools: Vec::new(),
        assistants: vec![AssistantEntry {
            name: "Cook".to_owned(),
            tools: None,
            ..self::coach()
        }],
    };
    app.client.import(&other, &APPLY).await.unwrap();
    assert_eq!(
        app.client.export().await.unwrap().assistants.len(),
        3,
        "nothing was deleted"
    );

    let empty = Configuration::default();
    let pruned = imported(&app, &empty, &ImportQuery { prune: true, ..APPLY }).await;
    let actions = |wanted| {
        let mut names: Vec<&str> = pruned
            .iter()
            .filter(|(_, action, _)| *action == wanted)
            .map(|(name, ..)| name.as_str())
            .collect();
        names.sort_unstable();
        names
    };
    assert_eq!(actions(ChangeAction::Kept), ["Assistant", "Coach"]);
    assert_eq!(
        actions(ChangeAction::Deleted),
        ["Cook", "calendar", "lamp", "reminder", "time", "weather"]
    );
    let left = app.client.export().await.unwrap();
    assert!(left.tools.is_empty());
    assert_eq!(left.assistants.len(), 2);
    // A name that was another's before is free in the same import.
    let tool = NewTool {
        kind: "time".to_owned(),
        name: "clock".to_owned(),
        description: String::new(),
        config: Map::new(),
        active: None,
    };
    let clock = app.client.create_tool(&tool).await.unwrap();
    assert!(matches!(
        app.client.create_tool(&tool).await,
        Err(Error::Conflict {
            kind: ConflictKind::AlreadyExists,
            ..
        })
    ));
    let renamed = Configuration {
        tools: vec![ToolEntry {
            id: Some(clock.id),
            kind: "time".to_owned(),
            ..weather()
        }],
        assistants: Vec::new(),
    };
    imported(&app, &renamed, &APPLY).await;
    assert_eq!(app.client.tool(clock.id).await.unwrap().name, "lamp");
}

async fn a_document_that_costs_too_much_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (one, before) in ["b", "c", "d", "e", "f", "g", "h", "i"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        bomb.push_str(&format!("{one}: &{one} [*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before}]\n"));
    }
    let (status, problem) = post(&app, "application/yaml", bomb).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (400, Some("/problems/malformed")),
        "{problem}"
    );
    let deep = "[".repeat(100_000);
    assert_eq!(post(&app, "application/yaml", deep).await.0, 400);
    let large = format!("tools: \"{}\"", "x".repeat(1024 * 1024));
    assert_eq!(post(&app, "application/yaml", large).await.0, 413);
    assert_eq!(post(&app, "application/json", "{".to_owned()).await.0, 400);
    assert_eq!(post(&app, "text/plain", "{}".to_owned()).await.0, 415);
}
