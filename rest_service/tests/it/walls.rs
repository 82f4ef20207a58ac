//! Users are walled off: what is one user's is not there under another's path, on every route.

use chrono::NaiveTime;
use messages::EventId;
use rest_client::{
    CloseThreads, ContextQuery, DeliveryStatus, MessageRole, NewDelivery, PageQuery, TaskListQuery,
    TaskStatus, UserListQuery,
};
use schedule::Schedule;
use serde_json::{Value, json};

use crate::support::{TestApp, TestDb, chat, no_id, on_both, reminder, turn};

on_both!(
    another_users_things_are_not_there,
    lists_show_the_users_own_alone,
    an_unknown_user_has_no_routes
);

async fn another_users_things_are_not_there(db: TestDb) {
    let app = TestApp::start(db).await;
    let (owner, stranger) = (app.user("owner").await.id, app.user("stranger").await.id);
    let daily = Schedule::Daily {
        times: vec![NaiveTime::MIN],
        cycle: None,
    };
    let task = app
        .client
        .create_task(owner, &reminder("secret", daily))
        .await
        .unwrap();
    let said = turn("e:1", &[(MessageRole::User, "secret")]);
    let stored = app.client.create_turn(owner, &said).await.unwrap();
    let thread = stored.thread_id;

    let routes: [(&str, String, Option<Value>); 8] = [
        ("GET", format!("/turns/{}", stored.event_id), None),
        ("GET", format!("/threads/{thread}/messages"), None),
        (
            "PATCH",
            format!("/threads/{thread}"),
            Some(json!({ "summary": "mine", "summarised_to": 1 })),
        ),
        ("GET", format!("/scheduled_tasks/{}", task.id), None),
        (
            "PATCH",
            format!("/scheduled_tasks/{}", task.id),
            Some(json!({ "text": "mine" })),
        ),
        ("DELETE", format!("/scheduled_tasks/{}", task.id), None),
        ("GET", format!("/scheduled_tasks/{}/runs", task.id), None),
        (
            "PATCH",
            format!("/scheduled_tasks/{}", task.id),
            Some(json!({ "status": "paused" })),
        ),
    ];
    for (method, path, body) in &routes {
        let under = async |user| {
            let mut request = app.request(method, &format!("/users/{user}{path}"));
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let (status, text) = under(stranger).await;
        assert_eq!(status, 404, "{method} {path}");
        assert!(!text.contains("secret"), "{method} {path}: {text}");
        if *method == "GET" {
            assert_eq!(under(owner).await.0, 200, "{method} {path} is the owner's");
        }
    }
    let after = app.client.task(owner, task.id).await.unwrap();
    assert_eq!(
        (after.text.as_str(), after.status, after.version),
        ("secret", TaskStatus::Active, 1)
    );
    let mut intruding = turn("e:2", &[(MessageRole::User, "mine")]);
    intruding.thread_id = Some(thread);
    app.client.create_turn(stranger, &intruding).await.unwrap_err();
    let messages = app
        .client
        .messages(owner, thread, &PageQuery::default())
        .await
        .unwrap();
    assert_eq!(messages.items.len(), 1);
}

async fn lists_show_the_users_own_alone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (owner, stranger) = (app.user("owner").await.id, app.user("stranger").await.id);
    app.client
        .create_turn(owner, &turn("e:1", &[(MessageRole::User, "secret")]))
        .await
        .unwrap();
    let once = Schedule::Once {
        at: app.clock_now() + chrono::TimeDelta::hours(1),
    };
    app.client
        .create_task(owner, &reminder("secret", once))
        .await
        .unwrap();
    let sent = NewDelivery {
        to: chat("42"),
        external_message_id: Some("1".to_owned()),
        status: DeliveryStatus::Sent,
        error: None,
    };
    let reply = EventId::new("e:1:0");
    app.client.record_delivery(owner, &reply, 0, &sent).await.unwrap();

    let page = PageQuery::default();
    assert!(
        app.client
            .threads(stranger, &page)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(
        app.client
            .tasks(stranger, &TaskListQuery::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(
        app.client
            .identities(stranger, &page)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(app.client.deliveries(stranger, &reply).await.unwrap().is_empty());
    let query = ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: EventId::new("e:1"),
        limit: None,
        known_thread: None,
        known_seq: None,
    };
    let context = app.client.context(stranger, &query).await.unwrap();
    assert!(context.thread.is_none() && context.messages.is_empty() && context.turn.is_none());
    let which = CloseThreads {
        conversation: "telegram:42".to_owned(),
    };
    assert_eq!(
        app.client.close_threads(stranger, &which).await.unwrap().closed,
        0
    );
    assert!(app.client.context(owner, &query).await.unwrap().thread.is_some());
}

async fn an_unknown_user_has_no_routes(db: TestDb) {
    let app = TestApp::start(db).await;
    let address = json!({ "channel": "telegram", "chat": "1" });
    let said = serde_json::to_value(turn("e:1", &[])).unwrap();
    let task = json!({ "action": "remind", "text": "x", "to": address, "schedule": { "kind": "daily", "times": ["09:00"] } });
    let routes: [(&str, &str, Option<Value>); 14] = [
        ("GET", "", None),
        ("PATCH", "", Some(json!({ "name": "x" }))),
        ("GET", "/identities", None),
        (
            "POST",
            "/identities",
            Some(json!({ "channel": "telegram", "external_id": "1" })),
        ),
        ("GET", "/secretary", None),
        ("PUT", "/secretary", Some(json!({ "assistant_id": null }))),
        ("GET", "/context?conversation=c&event_id=e", None),
        ("POST", "/turns", Some(said)),
        ("GET", "/threads", None),
        ("POST", "/threads/new", Some(json!({ "conversation": "c" }))),
        ("GET", "/scheduled_tasks", None),
        ("POST", "/scheduled_tasks", Some(task)),
        ("GET", "/deliveries/r", None),
        (
            "PUT",
            "/deliveries/r/0",
            Some(json!({ "to": address, "status": "sent" })),
        ),
    ];
    for user in [no_id().to_string(), "not-an-id".to_owned()] {
        for (method, path, body) in &routes {
            let mut request = app.request(method, &format!("/users/{user}{path}"));
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 404, "{method} {path}");
        }
    }
    assert!(
        app.client
            .users(&UserListQuery::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
}
