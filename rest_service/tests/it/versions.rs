//! Versions: two who change one thing at once, entity tags, and reads of what is known already.

use std::sync::Arc;

use rest_client::{
    AssistantKind, AssistantPatch, DEFAULT_ASSISTANT, Error, FactSource, NewAssistant, NewFact, NewTool,
    Problem, ProblemKind,
};
use schedule::Schedule;
use serde_json::{Map, Value, json};
use tokio::sync::Barrier;

use crate::support::{TestApp, TestDb, on_both, reminder};

on_both!(
    of_many_who_change_one_thing_at_once_one_wins,
    a_tag_is_on_every_answer_that_is_one_resource,
    a_change_without_a_tag_or_with_any_is_made,
    a_tag_that_cannot_be_read_is_refused,
    what_is_known_is_not_sent_again,
    the_typed_client_knows_a_stale_version,
    a_patch_that_changes_nothing_changes_nothing,
);

/// One of each versioned kind: the path, and a patch that it takes.
async fn one_of_each(app: &TestApp) -> Vec<(String, Value)> {
    let user = app.user("Ada").await.id;
    let once = Schedule::Once {
        at: app.clock_now() + chrono::TimeDelta::hours(1),
    };
    let task = app
        .client
        .create_task(user, &reminder("tea", once))
        .await
        .unwrap()
        .id;
    let fact = NewFact {
        text: "likes tea".to_owned(),
        source: FactSource::Admin,
        from_outside: false,
    };
    let fact = app.client.create_fact(user, &fact).await.unwrap().id;
    let assistant = app.client.create_assistant(&assistant()).await.unwrap().id;
    let tool = NewTool {
        kind: "lamp".to_owned(),
        name: "lamp".to_owned(),
        description: String::new(),
        config: Map::new(),
        active: None,
    };
    let tool = app.client.create_tool(&tool).await.unwrap().id;
    vec![
        (format!("/users/{user}"), json!({ "name": "Grace" })),
        (
            format!("/users/{user}/scheduled_tasks/{task}"),
            json!({ "text": "coffee" }),
        ),
        (
            format!("/users/{user}/facts/{fact}"),
            json!({ "text": "likes coffee" }),
        ),
        (format!("/assistants/{assistant}"), json!({ "name": "Max" })),
        (format!("/tools/{tool}"), json!({ "description": "The weather." })),
    ]
}

fn assistant() -> NewAssistant {
    NewAssistant {
        kind: AssistantKind::Secretary,
        name: "Moritz".to_owned(),
        instructions: "Be kind.".to_owned(),
        model: None,
        parameters: Map::new(),
        active: None,
    }
}

async fn of_many_who_change_one_thing_at_once_one_wins(db: TestDb) {
    const WRITERS: usize = 8;
    let app = TestApp::start(db).await;
    for (path, patch) in one_of_each(&app).await {
        let before: Value = app
            .request("GET", &path)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let version = before["version"].as_i64().unwrap();
        let together = Arc::new(Barrier::new(WRITERS));
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let request = app
                    .request("PATCH", &path)
                    .header("if-match", format!("\"{version}\""))
                    .json(&patch);
                let together = together.clone();
                tokio::spawn(async move {
                    together.wait().await;
                    let answer = request.send().await.unwrap();
                    let tag = answer.headers().get("etag").cloned();
                    (answer.status().as_u16(), tag, answer.text().await.unwrap())
                })
            })
            .collect();
        let mut winners = 0;
        for writer in writers {
            let (status, tag, body) = writer.await.unwrap();
            if status == 200 {
                winners += 1;
                assert_eq!(tag.unwrap(), format!("\"{}\"", version + 1).as_str(), "{path}");
            } else {
                let problem: Problem = serde_json::from_str(&body).unwrap();
                assert_eq!((status, problem.kind), (412, ProblemKind::PreconditionFailed));
                assert_eq!(problem.current_version, Some(version + 1), "{path}");
            }
        }
        assert_eq!(winners, 1, "{path}");

        // The loser's delete is refused too, and the winner's is made.
        let delete = async |version: i64| {
            let request = app
                .request("DELETE", &path)
                .header("if-match", format!("\"{version}\""));
            request.send().await.unwrap().status().as_u16()
        };
        if !path.starts_with("/users/") || path.contains("scheduled_tasks") {
            assert_eq!(delete(version).await, 412, "{path}");
            assert!(matches!(delete(version + 1).await, 200 | 204), "{path}");
        }
    }
}

async fn a_tag_is_on_every_answer_that_is_one_resource(db: TestDb) {
    let app = TestApp::start(db).await;
    let tag = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.headers()["etag"].to_str().unwrap().to_owned()
    };
    for (path, patch) in one_of_each(&app).await {
        assert_eq!(tag(app.request("GET", &path)).await, "\"1\"", "{path}");
        assert_eq!(
            tag(app.request("PATCH", &path).json(&patch)).await,
            "\"2\"",
            "{path}"
        );
    }
    let user = json!({ "name": "Ada" });
    assert_eq!(tag(app.request("POST", "/users").json(&user)).await, "\"1\"");
    assert_eq!(
        tag(app.request("POST", "/assistants").json(&assistant())).await,
        "\"1\""
    );
}

async fn a_change_without_a_tag_or_with_any_is_made(db: TestDb) {
    let app = TestApp::start(db).await;
    for (path, patch) in one_of_each(&app).await {
        let mut count = 0;
        let mut change = async |tag: Option<&str>| {
            // Each time another text: the same again is no change.
            count += 1;
            let mut patch = patch.clone();
            for field in patch.as_object_mut().unwrap().values_mut() {
                *field = json!(format!("{}{count}", field.as_str().unwrap()));
            }
            let mut request = app.request("PATCH", &path).json(&patch);
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            request.send().await.unwrap().status().as_u16()
        };
        for tag in [None, Some("*"), Some("\"3\""), Some("\"9\", \"4\"")] {
            assert_eq!(change(tag).await, 200, "{path} {tag:?}");
        }
        // Stale, weak (which never matches for a change), and none of ours.
        for tag in ["\"1\"", "W/\"5\"", "\"five\""] {
            assert_eq!(change(Some(tag)).await, 412, "{path} {tag}");
        }
    }
}

async fn a_tag_that_cannot_be_read_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let path = format!("/assistants/{DEFAULT_ASSISTANT}");
    for tag in ["1", "\"1", "", "\"1\",", "\"1\" \"2\"", "W/1"] {
        let request = app.request("PATCH", &path).header("if-match", tag);
        let answer = request.json(&json!({ "name": "Max" })).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{tag:?}");
        let problem: Problem = answer.json().await.unwrap();
        assert_eq!(problem.kind, ProblemKind::Malformed);
    }
    assert_eq!(app.client.assistant(DEFAULT_ASSISTANT).await.unwrap().version, 1);
}

async fn what_is_known_is_not_sent_again(db: TestDb) {
    let app = TestApp::start(db).await;
    let path = format!("/assistants/{DEFAULT_ASSISTANT}");
    let get = async |known: &str| {
        let request = app.request("GET", &path).header("if-none-match", known);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().len())
    };
    for known in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
        assert_eq!(get(known).await, (304, 0), "{known}");
    }
    assert_eq!(get("\"2\"").await.0, 200);
    let missing = app
        .request("GET", "/assistants/0198-no-such")
        .header("if-none-match", "*");
    assert_eq!(missing.send().await.unwrap().status().as_u16(), 404);
}

async fn the_typed_client_knows_a_stale_version(db: TestDb) {
    let app = TestApp::start(db).await;
    let patch = AssistantPatch {
        instructions: Some("Be brief.".to_owned()),
        ..AssistantPatch::default()
    };
    let update = async |version| {
        app.client
            .update_assistant_if(DEFAULT_ASSISTANT, version, &patch)
            .await
    };
    assert_eq!(update(1).await.unwrap().version, 2);
    let stale = update(1).await.unwrap_err();
    assert!(
        matches!(
            stale,
            Error::Stale {
                current_version: Some(2)
            }
        ),
        "{stale:?}"
    );
}

async fn a_patch_that_changes_nothing_changes_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    // Of a user's own things, what an API key changes is audited.
    let admin = rest_client::NewApiKey {
        name: "admin".to_owned(),
        role: rest_client::KeyRole::Admin,
        scopes: None,
        expires_at: None,
    };
    let token = app.client.create_api_key(&admin).await.unwrap().token;
    let patched = async |path: &str, patch: &Value, tag: Option<&str>| {
        let mut request = app
            .raw
            .patch(app.url.join(path).unwrap())
            .bearer_auth(&token)
            .json(patch);
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        request.send().await.unwrap()
    };
    let lines = async || {
        let query = rest_client::AuditQuery {
            limit: Some(200),
            ..Default::default()
        };
        app.client.audit(&query).await.unwrap().items.len()
    };
    for (path, patch) in one_of_each(&app).await {
        let answer = patched(&path, &patch, None).await;
        assert_eq!(answer.status(), 200, "{path}");
        let first: Value = answer.json().await.unwrap();
        let before = lines().await;
        app.clock.advance(chrono::TimeDelta::seconds(1));
        let own: Map<String, Value> = first
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .filter(|(name, _)| {
                let fields = [
                    "name",
                    "locale",
                    "time_zone",
                    "role",
                    "state",
                    "text",
                    "schedule",
                    "source",
                    "config",
                    "parameters",
                    "instructions",
                    "description",
                    "active",
                    "status",
                ];
                // A task's is written by the server.
                let is_told = name == "description" && path.contains("scheduled_tasks");
                fields.contains(&name.as_str()) && !is_told
            })
            .collect();
        for same in [patch.clone(), json!({}), Value::Object(own)] {
            let again: Value = patched(&path, &same, Some("\"2\"")).await.json().await.unwrap();
            assert_eq!(again, first, "{path} with {same}");
        }
        assert_eq!(
            patched(&path, &json!({}), Some("\"1\"")).await.status(),
            412,
            "{path}"
        );
        assert_eq!(lines().await, before, "{path} is not audited");
    }
    let user = app.user("Bea").await;
    let choose = json!({ "assistant_id": DEFAULT_ASSISTANT });
    let path = format!("/users/{}/secretary", user.id);
    let mut seen = Vec::new();
    for _ in 0..2 {
        assert_eq!(
            app.request("PUT", &path)
                .json(&choose)
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
        seen.push((app.client.user(user.id).await.unwrap().version, lines().await));
    }
    assert_eq!(seen[0], seen[1], "choosing the same again changes nothing");
}
