//! The audit: every change by an admin, with what it was and became, and nothing that was taken back.

use rest_client::{
    AssistantPatch, AuditEntry, AuditQuery, AuditedOperation, AuditedResource, DEFAULT_ASSISTANT,
    MessageRole, UserPatch, UserState,
};
use serde_json::{Value, json};

use crate::support::{TestApp, TestDb, on_both, turn};

on_both!(
    every_change_is_told_with_what_it_was_and_became,
    secrets_and_conversations_are_not_in_it,
    what_was_not_done_is_not_in_it,
    it_is_found_by_what_and_when_and_read_in_pages,
);

async fn all(app: &TestApp, query: &AuditQuery) -> Vec<AuditEntry> {
    app.client.audit(query).await.unwrap().items
}

async fn every_change_is_told_with_what_it_was_and_became(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await;
    let block = UserPatch {
        state: Some(UserState::Blocked),
        ..UserPatch::default()
    };
    app.client.update_user(user.id, &block).await.unwrap();
    for (method, path, body) in [
        (
            "POST",
            "/tools".to_owned(),
            json!({ "kind": "lamp", "name": "lamp" }),
        ),
        (
            "POST",
            format!("/users/{}/identities", user.id),
            json!({ "channel": "telegram", "external_id": "42" }),
        ),
        (
            "POST",
            "/identities/resolve".to_owned(),
            json!({ "channel": "telegram", "external_id": "43", "display_name": "Eve" }),
        ),
        (
            "PUT",
            format!("/users/{}/secretary", user.id),
            json!({ "assistant_id": DEFAULT_ASSISTANT }),
        ),
    ] {
        let answer = app.request(method, &path).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
    }
    let page = app
        .client
        .tools(&rest_client::ToolListQuery::default())
        .await
        .unwrap();
    let tool = page.items.into_iter().find(|tool| tool.name == "lamp").unwrap();
    // Again is the same, and no change.
    for _ in 0..2 {
        app.client.link_tool(DEFAULT_ASSISTANT, tool.id).await.unwrap();
    }
    for _ in 0..2 {
        app.client.unlink_tool(DEFAULT_ASSISTANT, tool.id).await.unwrap();
    }
    app.client.delete_tool(tool.id).await.unwrap();

    use AuditedOperation::{Create, Delete, Update};
    use AuditedResource::{AssistantTool, Identity, Secretary, Tool, User};
    let told = all(&app, &AuditQuery::default()).await;
    let mut order: Vec<_> = told
        .iter()
        .map(|entry| (entry.operation, entry.resource))
        .collect();
    order.reverse();
    // Entries of one request, and of one instant of the test's clock, are in no order.
    let mut wanted = vec![
        (Create, User),
        (Update, User),
        (Create, Tool),
        (Create, Identity),
        (Create, User),
        (Create, Identity),
        (Update, Secretary),
        (Create, AssistantTool),
        (Delete, AssistantTool),
        (Delete, Tool),
    ];
    let name = |(operation, resource): &(_, _)| format!("{operation:?} {resource:?}");
    wanted.sort_by_key(name);
    order.sort_by_key(name);
    assert_eq!(order, wanted);

    let change = told
        .iter()
        .find(|entry| entry.operation == Update && entry.resource == User);
    let change = change.unwrap();
    assert_eq!((change.resource_id, change.user_id), (user.id, Some(user.id)));
    assert_eq!((change.caller.as_str(), change.key_id), ("service", None));
    assert_eq!(change.remote_address.unwrap().to_string(), "127.0.0.1");
    assert_eq!(change.at, app.clock_now());
    let state = |document: &Option<Value>| document.as_ref().unwrap()["state"].clone();
    assert_eq!(
        (state(&change.before), state(&change.after)),
        (json!("pending"), json!("blocked"))
    );
    let chosen = told.iter().find(|entry| entry.resource == Secretary).unwrap();
    assert_eq!(chosen.before, Some(json!({ "assistant_id": null })));
    assert_eq!(chosen.after, Some(json!({ "assistant_id": DEFAULT_ASSISTANT })));
}

async fn secrets_and_conversations_are_not_in_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    app.client
        .create_turn(user, &turn("e:1", &[(MessageRole::User, "my own words")]))
        .await
        .unwrap();
    let config =
        json!({ "url": "https://example.org", "headers": [{ "X-Api-Key": "s3cret" }], "max_tokens": 5 });
    let tool = json!({ "kind": "mcp", "name": "notes", "config": config });
    let answer = app.request("POST", "/tools").json(&tool).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    let told = all(&app, &AuditQuery::default()).await;
    let text = serde_json::to_string(&told).unwrap();
    assert!(
        !text.contains("s3cret") && !text.contains("my own words"),
        "{text}"
    );
    let told = told.iter().find(|entry| entry.resource == AuditedResource::Tool);
    let config = &told.unwrap().after.as_ref().unwrap()["config"];
    assert_eq!(
        config,
        &json!({ "url": "https://example.org", "headers": [{ "X-Api-Key": "[redacted]" }], "max_tokens": 5 })
    );
}

async fn what_was_not_done_is_not_in_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let path = format!("/assistants/{DEFAULT_ASSISTANT}");
    for (method, path, body) in [
        ("PATCH", path.as_str(), json!({ "active": false })),
        ("DELETE", path.as_str(), json!({})),
        ("POST", "/tools", json!({ "kind": "time", "name": "time" })),
        ("POST", "/users", json!({ "name": "" })),
    ] {
        let answer = app.request(method, path).json(&body).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{method} {path}");
    }
    let stale = app.request("PATCH", &path).header("if-match", "\"9\"");
    let stale = stale.json(&json!({ "name": "Max" })).send().await.unwrap();
    assert_eq!(stale.status().as_u16(), 412);
    assert!(all(&app, &AuditQuery::default()).await.is_empty());
}

async fn it_is_found_by_what_and_when_and_read_in_pages(db: TestDb) {
    let app = TestApp::start(db).await;
    let (ada, _) = (app.user("Ada").await.id, app.user("Grace").await.id);
    app.clock.advance(chrono::TimeDelta::seconds(1));
    let later = app.clock_now();
    for n in 0..5 {
        app.clock.advance(chrono::TimeDelta::milliseconds(1));
        let patch = AssistantPatch {
            instructions: Some(format!("{n}")),
            ..AssistantPatch::default()
        };
        app.client
            .update_assistant(DEFAULT_ASSISTANT, &patch)
            .await
            .unwrap();
    }
    let of_users = AuditQuery {
        resource: Some(AuditedResource::User),
        ..AuditQuery::default()
    };
    assert_eq!(all(&app, &of_users).await.len(), 2);
    let of_ada = AuditQuery {
        id: Some(ada),
        ..AuditQuery::default()
    };
    assert_eq!(all(&app, &of_ada).await.len(), 1);
    let of_a_key = AuditQuery {
        key: Some(ada),
        ..AuditQuery::default()
    };
    assert!(all(&app, &of_a_key).await.is_empty());

    let mut query = AuditQuery {
        since: Some(later),
        limit: Some(2),
        ..AuditQuery::default()
    };
    let mut told = Vec::new();
    loop {
        let page = app.client.audit(&query).await.unwrap();
        told.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    let became: Vec<_> = told
        .iter()
        .map(|entry| entry.after.as_ref().unwrap()["instructions"].as_str().unwrap())
        .collect();
    assert_eq!(became, ["4", "3", "2", "1", "0"], "the newest first");
}
