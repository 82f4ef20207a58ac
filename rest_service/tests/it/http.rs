//! The interface itself: closed without the key, and every fault a problem document, never a crash.

use std::time::Duration;

use reqwest::StatusCode;
use rest_client::{Client, Error, Problem, ProblemKind};
use serde_json::{Value, json};
use service_kit::http::{ConnectionLimits, Connections};
use test_support::wait_until;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{KEY, NO_LIMITS, TestApp, TestDb, no_id, on_both};

on_both!(
    nothing_answers_without_the_key,
    faults_are_problem_documents,
    no_input_is_answered_with_a_fault_of_ours,
    the_process_is_ready_when_the_database_and_the_bus_are,
    a_slow_body_is_its_senders_fault,
    a_body_that_will_be_too_large_is_not_waited_for,
    what_is_wrong_is_told_in_bounds,
    no_label_of_a_metric_is_what_a_caller_says,
);

async fn problem(request: reqwest::RequestBuilder) -> Problem {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!(problem.request_id, Some(id), "as the logs know it");
    assert_eq!((problem.status, problem.kind.status()), (status, status));
    assert_eq!(problem.title, problem.kind.title());
    problem
}

async fn nothing_answers_without_the_key(db: TestDb) {
    let app = TestApp::start(db).await;
    let id = no_id();
    let paths = [
        "/users".to_owned(),
        format!("/users/{id}"),
        format!("/users/{id}/context"),
        "/assistants".to_owned(),
        "/tools".to_owned(),
        "/scheduled_tasks/claim".to_owned(),
        "/identities/resolve".to_owned(),
        "/no/such/route".to_owned(),
        "/".to_owned(),
    ];
    for path in &paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let url = app.url.join(path).unwrap();
            for key in [None, Some(""), Some("wrong"), Some(&KEY[1..])] {
                let mut request = app.raw.request(method.parse().unwrap(), url.clone());
                if let Some(key) = key {
                    request = request.bearer_auth(key);
                }
                assert_eq!(
                    problem(request).await.kind,
                    ProblemKind::Unauthorized,
                    "{method} {path}"
                );
            }
        }
    }
    let metrics = app
        .raw
        .get(app.url.join("/metrics").unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(metrics.status(), StatusCode::UNAUTHORIZED);
    let live = app
        .raw
        .get(app.url.join("/health/live").unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(live.status(), StatusCode::OK);

    let stranger = Client::new(app.url.clone(), "not-the-key-of-this-service".into()).unwrap();
    assert!(matches!(stranger.user(id).await, Err(Error::Unauthorized)));
    assert!(!format!("{stranger:?}").contains("not-the-key"));
}

async fn faults_are_problem_documents(db: TestDb) {
    let app = TestApp::start(db).await;
    let kind = async |request| problem(request).await.kind;
    let post = |body: &str| {
        app.request("POST", "/users")
            .header("content-type", "application/json")
            .body(body.to_owned())
    };
    assert_eq!(
        kind(app.request("GET", "/nowhere")).await,
        ProblemKind::UnknownRoute
    );
    assert_eq!(
        kind(app.request("DELETE", "/users")).await,
        ProblemKind::MethodNotAllowed
    );
    assert_eq!(kind(post("{")).await, ProblemKind::Malformed);
    assert_eq!(kind(post("")).await, ProblemKind::Malformed);
    assert_eq!(kind(post("{\"name\":\"\\ud800\"}")).await, ProblemKind::Malformed);
    assert_eq!(
        kind(app.request("POST", "/users").body("{}")).await,
        ProblemKind::UnsupportedMediaType
    );
    assert_eq!(
        kind(app.request("GET", "/users?limit=many")).await,
        ProblemKind::Malformed
    );
    assert_eq!(
        kind(app.request("GET", "/users?offset=3")).await,
        ProblemKind::Malformed
    );
    assert_eq!(
        kind(app.request("GET", "/users/%00")).await,
        ProblemKind::Malformed
    );
    assert_eq!(
        kind(app.request("GET", "/users/%ff")).await,
        ProblemKind::NotFound
    );

    let unknown = problem(post(r#"{"name":"x","admin":true}"#)).await;
    assert_eq!(unknown.kind, ProblemKind::Invalid);
    assert!(unknown.detail.unwrap().contains("unknown field `admin`"));
    let inside = problem(post(r#"{"name":"x","role":"king"}"#)).await;
    assert_eq!(
        (inside.kind, inside.errors[0].field.as_str()),
        (ProblemKind::Invalid, "role")
    );
    let nul = problem(post(r#"{"name":"x","role":["\u0000"]}"#)).await;
    assert_eq!(
        (nul.kind, nul.errors[0].field.as_str()),
        (ProblemKind::Invalid, "role[0]")
    );

    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(kind(post(&large)).await, ProblemKind::TooLarge);
    let told = problem(app.request("GET", "/nowhere")).await;
    let text = serde_json::to_value(&told).unwrap();
    assert_eq!(
        text,
        json!({
            "type": "/problems/unknown-route",
            "title": "There is no such route",
            "status": 404,
            "request_id": told.request_id,
        })
    );
}

async fn no_input_is_answered_with_a_fault_of_ours(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!("\u{0}"),
        json!("\u{fffd}\u{202e}' OR 1=1; --"),
        json!("9999-12-31T23:59:59.999999999Z"),
        json!("+262142-12-31T23:59:59Z"),
        json!("0000-01-01T00:00:00Z"),
        json!([]),
        json!({}),
        json!([[[[{ "a": [null] }]]]]),
        json!({ "kind": "once", "at": "+262142-12-31T23:59:59Z" }),
        json!({ "kind": "every", "seconds": u32::MAX, "anchor": "1970-01-01T00:00:00Z" }),
        json!({ "kind": "cron", "expression": "0 0 31 2 *" }),
        json!({ "kind": "monthly", "days": [0, 255], "times": [] }),
    ];
    let address = json!({ "channel": "telegram", "chat": "1" });
    let good: [(&str, String, Value); 9] = [
        (
            "POST",
            "/users".to_owned(),
            json!({ "name": "x", "locale": "en", "time_zone": "UTC", "role": "member", "state": "active" }),
        ),
        (
            "PATCH",
            format!("/users/{user}"),
            json!({ "name": "x", "locale": "en", "time_zone": "UTC", "role": "owner" }),
        ),
        (
            "POST",
            "/identities/resolve".to_owned(),
            json!({ "channel": "telegram", "external_id": "1", "display_name": "x", "locale": "en", "time_zone": "UTC" }),
        ),
        (
            "POST",
            "/assistants".to_owned(),
            json!({ "kind": "sub", "name": "x", "instructions": "", "model": "m", "parameters": {}, "active": true }),
        ),
        (
            "POST",
            "/tools".to_owned(),
            json!({ "kind": "x", "name": "x", "description": "", "config": {}, "active": true }),
        ),
        ("POST", format!("/users/{user}/turns"), {
            let turn = crate::support::turn("e", &[(rest_client::MessageRole::User, "x")]);
            serde_json::to_value(turn).unwrap()
        }),
        (
            "POST",
            format!("/users/{user}/scheduled_tasks"),
            json!({ "action": "remind", "text": "x", "to": address, "schedule": { "kind": "daily", "times": ["09:00"] }, "time_zone": "UTC", "idempotency_key": "k" }),
        ),
        (
            "POST",
            format!("/scheduled_tasks/{user}/runs"),
            json!({ "lease_token": user, "scheduled_for": "2026-01-01T00:00:00Z", "fired_at": "2026-01-01T00:00:00Z", "missed": 0, "next_run_at": null }),
        ),
        (
            "PUT",
            format!("/users/{user}/deliveries/r/0"),
            json!({ "to": address, "status": "sent", "external_message_id": "1", "error": "x" }),
        ),
    ];
    for (method, path, body) in &good {
        for field in body.as_object().unwrap().keys() {
            for value in &odd {
                let mut body = body.clone();
                body[field] = value.clone();
                let answer = app.request(method, path).json(&body).send().await.unwrap();
                assert!(
                    !answer.status().is_server_error(),
                    "{method} {path} with {field} = {value}: {}",
                    answer.text().await.unwrap()
                );
            }
        }
    }
    for path in [
        format!("/users/{user}/context?conversation=%F0%9F%A6%80&event_id=%2e%2e&limit=4294967295"),
        format!("/users/{user}/context?conversation=&event_id="),
        format!("/users/{user}/turns/{}", "x".repeat(5000)),
        format!("/users/{user}/deliveries/{}", "%F0%9F%A6%80".repeat(500)),
        format!("/users/{user}/deliveries/r/4294967295"),
        format!("/users/{user}/threads?cursor=ffffffff-ffff-ffff-ffff-ffffffffffff"),
        format!("/users/{user}/threads/{user}/messages?cursor=9223372036854775807"),
        format!("/users/{user}/threads/{user}/messages?cursor=9223372036854775808"),
        "/users/00000000-0000-0000-0000-000000000000".to_owned(),
        "/users//".to_owned(),
        "/users?state=asleep&limit=-1".to_owned(),
    ] {
        let answer = app.request("GET", &path).send().await.unwrap();
        assert!(!answer.status().is_server_error(), "{path}");
    }
}

async fn the_process_is_ready_when_the_database_and_the_bus_are(db: TestDb) {
    let app = TestApp::start(db).await;
    let url = app.url.join("/health/ready").unwrap();
    wait_until("the service is ready", Duration::from_secs(10), async || {
        app.raw
            .get(url.clone())
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    let report: Value = app.raw.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        report["checks"],
        json!([{ "name": "rest_service" }, { "name": "database" }, { "name": "bus" }])
    );
    app.client.ready().await.unwrap();
}

async fn a_slow_body_is_its_senders_fault(db: TestDb) {
    let limits = ConnectionLimits {
        body: Duration::from_millis(500),
        ..ConnectionLimits::default()
    };
    let app = TestApp::start_on(db, NO_LIMITS, Connections::new(limits)).await;
    start_counting(&app).await;
    let mut stream = TcpStream::connect(app.url.socket_addrs(|| None).unwrap()[0])
        .await
        .unwrap();
    let head = format!(
        "POST /users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"name\":"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(said.contains("/problems/slow-request"), "{said}");
    let metrics = app.request("GET", "/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains(r#"route="/users",status="408""#), "{metrics}");
    assert!(!metrics.contains(r#"status="504""#), "{metrics}");
}

async fn a_body_that_will_be_too_large_is_not_waited_for(db: TestDb) {
    let app = TestApp::start(db).await;
    let address = app.url.socket_addrs(|| None).unwrap()[0];
    for length in ["1048577", "99999999999999"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with("HTTP/1.1 413 "), "{said}");
    }
}

/// A body may be wrong in tens of thousands of places below a name as long as itself; one of 125 KB once took 800 MB
/// and all of a request's time to describe.
async fn what_is_wrong_is_told_in_bounds(db: TestDb) {
    let app = TestApp::start(db).await;
    let name = "k".repeat(400_000);
    let many = |item: &str| vec![item; 20_000].join(",");
    let bodies = [
        format!(r#"{{"{name}":[{}]}}"#, many(r#""\u0000""#)),
        format!(r#"{{"{name}":[{}]}}"#, many("0.12345678901234567890123")),
        format!(r#"{{"name":"a","{name}":1}}"#),
        format!(r#"{{"{name}":1,"{name}":1}}"#),
        format!(r#"{{"name":"a","role":"{name}"}}"#),
    ];
    for body in bodies {
        let sent = app
            .request("POST", "/users")
            .header("content-type", "application/json");
        let answer = sent.body(body).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{}", answer.status());
        let said = answer.text().await.unwrap();
        assert!(said.len() < 60_000, "an answer of {} bytes", said.len());
        let problem: Problem = serde_json::from_str(&said).unwrap();
        assert!(problem.errors.len() <= 100);
        assert!(problem.errors.iter().all(|error| error.field.len() <= 2_010));
    }
    // A document that is right, and as deep in names.
    let config = json!({ name: vec![vec![json!({}); 1]; 20_000] });
    let tool = json!({"kind": "current_time", "name": "long", "description": "d", "config": config});
    let answer = app.request("POST", "/tools").json(&tool).send().await.unwrap();
    assert!(!answer.status().is_server_error(), "{}", answer.status());
    let path = format!("/users/{}", "k".repeat(20_000));
    let said = app
        .request("GET", &path)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(said.len() < 5_000, "an answer of {} bytes", said.len());
}

/// Metrics are counted from when somebody first asks for them.
async fn start_counting(app: &TestApp) {
    app.request("GET", "/metrics").send().await.unwrap();
}

async fn no_label_of_a_metric_is_what_a_caller_says(db: TestDb) {
    let app = TestApp::start(db).await;
    start_counting(&app).await;
    let attack = async |mark: &str| {
        for n in 0..40 {
            let word = format!("{mark}{n}");
            let method = word.to_uppercase();
            for (method, path) in [
                (method.as_str(), "/users".to_owned()),
                ("GET", format!("/{word}")),
                ("GET", format!("/users/{word}")),
                ("POST", format!("/assistants/{word}/tools/{word}?{word}={word}")),
            ] {
                let request = app
                    .request(method, &path)
                    .header("user-agent", &word)
                    .header("host", &word)
                    .header("traceparent", &word)
                    .header("x-forwarded-for", &word)
                    .header("idempotency-key", &word);
                assert!(!request.send().await.unwrap().status().is_server_error());
                let stranger = app.raw.get(app.url.join(&path).unwrap()).bearer_auth(&word);
                assert!(!stranger.send().await.unwrap().status().is_server_error());
            }
        }
        let metrics = app.request("GET", "/metrics").send().await.unwrap();
        let metrics = metrics.text().await.unwrap().to_lowercase();
        assert!(metrics.contains(r#"method="other""#), "{metrics}");
        assert!(!metrics.contains(mark), "{metrics}");
    };
    attack("zqfirst").await;
    attack("zqsecond").await;
}
