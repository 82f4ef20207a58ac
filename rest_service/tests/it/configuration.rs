//! Configuration as a document: out, in, and back, whole or not at all.

use rest_client::{
    AssistantEntry, AssistantKind, ChangeAction, Configuration, ConflictKind, DEFAULT_ASSISTANT, Error,
    ImportQuery, MessageRole, NewTool, PageQuery, SubAssistantEntry, ToolEntry,
};
use serde_json::{Map, Value, json};

use crate::support::{TestApp, TestDb, no_id, on_both, refused_fields, turn, wrong_fields};

on_both!(
    what_is_exported_is_imported_without_a_change,
    an_import_makes_and_changes_what_the_document_says,
    a_dry_run_changes_nothing,
    every_fault_is_named_and_nothing_is_done,
    only_pruning_deletes_and_keeps_what_is_in_use,
    a_document_that_costs_too_much_is_refused,
    who_asks_whom_is_part_of_the_document,
    pruning_keeps_whom_somebody_asks,
    circles_chains_and_strangers_in_a_document_are_named,
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
        sub_assistants: None,
    }
}

/// A sub-assistant without tools that asks those of these names.
fn one(name: &str, asks: &[&str]) -> AssistantEntry {
    let asks = asks.iter().map(|name| SubAssistantEntry {
        id: None,
        name: (*name).to_owned(),
        description: format!("for what {name} knows"),
    });
    AssistantEntry {
        name: name.to_owned(),
        tools: None,
        sub_assistants: Some(asks.collect()),
        ..coach()
    }
}

fn of(assistants: Vec<AssistantEntry>) -> Configuration {
    Configuration {
        tools: Vec::new(),
        assistants,
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
        5,
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
    let fields = wrong_fields(&problem);
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
        [
            "Cook", "calendar", "lamp", "memory", "reminder", "time", "weather"
        ]
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

async fn who_asks_whom_is_part_of_the_document(db: TestDb) {
    let app = TestApp::start(db).await;
    let document = of(vec![one("Cook", &["Baker"]), one("Baker", &[])]);
    app.client.import(&document, &APPLY).await.unwrap();
    let exported = app.client.export().await.unwrap();
    let cook = exported.assistants.iter().find(|one| one.name == "Cook").unwrap();
    let asked = &cook.sub_assistants.as_ref().unwrap()[0];
    assert_eq!(
        (asked.name.as_str(), asked.description.as_str()),
        ("Baker", "for what Baker knows")
    );
    let linked = app.client.sub_assistants(cook.id.unwrap()).await.unwrap().items;
    assert_eq!(linked.len(), 1);
    assert_eq!(linked[0].description, "for what Baker knows");
    for again in [&document, &exported] {
        let told = imported(&app, again, &APPLY).await;
        assert!(
            told.iter()
                .all(|(_, action, _)| *action == ChangeAction::Unchanged),
            "{told:?}"
        );
    }

    // By its id another name is the same sub-assistant, and another description is a change.
    let mut renamed = exported.clone();
    let place =
        |name: &str, among: &Configuration| among.assistants.iter().position(|one| one.name == name).unwrap();
    let (cook, baker) = (place("Cook", &exported), place("Baker", &exported));
    renamed.assistants[baker].name = "Miller".to_owned();
    renamed.assistants[cook].sub_assistants.as_mut().unwrap()[0].description = "flour".to_owned();
    let report = app.client.import(&renamed, &APPLY).await.unwrap();
    let change = report
        .changes
        .iter()
        .find(|change| change.name == "Cook")
        .unwrap();
    assert_eq!(change.fields.len(), 1);
    assert_eq!(
        (&change.fields[0].before, &change.fields[0].after),
        (
            &json!([{ "name": "Baker", "description": "for what Baker knows" }]),
            &json!([{ "name": "Miller", "description": "flour" }])
        )
    );
    // An empty list takes them away; no list leaves them.
    let quiet = AssistantEntry {
        sub_assistants: None,
        ..one("Cook", &[])
    };
    app.client.import(&of(vec![quiet]), &APPLY).await.unwrap();
    let asked = |exported: Configuration| {
        let cook = exported.assistants.into_iter().find(|one| one.name == "Cook");
        cook.unwrap().sub_assistants.unwrap().len()
    };
    assert_eq!(asked(app.client.export().await.unwrap()), 1);
    app.client
        .import(&of(vec![one("Cook", &[])]), &APPLY)
        .await
        .unwrap();
    assert_eq!(asked(app.client.export().await.unwrap()), 0);
}

async fn pruning_keeps_whom_somebody_asks(db: TestDb) {
    let app = TestApp::start(db).await;
    let document = of(vec![
        one("Cook", &["Baker"]),
        one("Baker", &["Miller"]),
        one("Miller", &[]),
        one("Chief", &["Clerk"]),
        one("Clerk", &[]),
    ]);
    app.client.import(&document, &APPLY).await.unwrap();
    let prune = ImportQuery { prune: true, ..APPLY };
    // Of Cook the document says nothing about whom he asks: Baker stays for him, and Miller for her. Chief and Clerk go.
    let cook = AssistantEntry {
        sub_assistants: None,
        ..one("Cook", &[])
    };
    let told = imported(&app, &of(vec![cook]), &prune).await;
    let action = |name: &str| {
        told.iter()
            .find(|(of, ..)| of == name)
            .map(|(_, action, _)| *action)
    };
    for kept in ["Baker", "Miller"] {
        assert_eq!(action(kept), Some(ChangeAction::Kept), "{kept}");
    }
    for gone in ["Chief", "Clerk"] {
        assert_eq!(action(gone), Some(ChangeAction::Deleted), "{gone}");
    }
    // Once he is said to ask nobody, they go too.
    imported(&app, &of(vec![one("Cook", &[])]), &prune).await;
    let left = app.client.export().await.unwrap().assistants;
    let names: Vec<&str> = left.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Assistant", "Cook"]);
}

async fn circles_chains_and_strangers_in_a_document_are_named(db: TestDb) {
    let app = TestApp::start(db).await;
    let secretary = AssistantEntry {
        kind: AssistantKind::Secretary,
        ..one("Max", &[])
    };
    let document = of(vec![
        one("A", &["B", "Nobody", "Max", "B"]),
        one("B", &["C"]),
        one("C", &["A", "D"]),
        one("D", &["E"]),
        one("E", &[]),
        secretary,
        one("Twin", &[]),
        AssistantEntry {
            id: Some(no_id()),
            ..one("Twin", &[])
        },
        one("F", &["Twin"]),
    ]);
    let refused = app.client.import(&document, &APPLY).await;
    let Err(Error::Invalid { errors, .. }) = refused else {
        panic!("not refused: {refused:?}")
    };
    let told: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| (error.field.as_str(), error.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "assistants[0].sub_assistants[1]",
                "is no assistant, here or in the document"
            ),
            (
                "assistants[0].sub_assistants[2]",
                "must be an assistant of the kind sub"
            ),
            ("assistants[0].sub_assistants[3]", "is in the list twice"),
            (
                "assistants[2].sub_assistants[0]",
                "must not close a circle: C → A → B → C"
            ),
            (
                "assistants[3].sub_assistants[0]",
                "must not lead more than 3 links deep: A → B → C → D → E"
            ),
            (
                "assistants[8].sub_assistants[0]",
                "is the name of several; say which by its id"
            ),
        ]
    );
    let nine = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let many = of(vec![one("A", &nine)]);
    assert_eq!(
        refused_fields(app.client.import(&many, &APPLY).await),
        ["assistants[0].sub_assistants"]
    );
    assert_eq!(app.client.export().await.unwrap().assistants.len(), 1);
}
