//! What is accepted comes back as it was sent, through every column that holds JSON or text; what would not is refused
//! in clear words. The values are generated; their seed is fixed.

use std::collections::BTreeMap;

use proptest::{
    arbitrary::any,
    collection, prop_oneof,
    strategy::{Just, Strategy, ValueTree},
    test_runner::TestRunner,
};
use rest_client::{
    AssistantKind, AssistantPatch, AuditQuery, FactSource, MessageRole, NewAssistant, NewFact, NewMessage,
    NewPendingAction, NewTool, PageQuery, ThreadPatch, ToolPatch, UserPatch,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestDb, on_both, turn, wrong_fields};

on_both!(
    a_number_at_the_end_of_its_range_can_be_read,
    what_would_come_back_changed_is_refused,
    generated_documents_come_back_through_every_json_column,
    generated_numbers_come_back_or_are_refused,
    generated_texts_come_back_through_every_text_column,
);

/// How many values are generated for each column.
const CASES: usize = 24;

fn values<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// A text with anything in it but U+0000, which is refused everywhere.
fn text() -> impl Strategy<Value = String> {
    let odd = prop_oneof![
        Just("\u{85}".to_owned()),
        Just("\u{2028}\r\n\t ".to_owned()),
        Just("\u{feff}x\u{ffff}".to_owned()),
        Just("\u{10ffff}\u{1f600}\u{7f}\u{1}".to_owned()),
        Just("yes".to_owned()),
        Just("0x1F".to_owned()),
        Just(" # : - {} [] & * ! | > ' \" % @ `".to_owned()),
        Just("  two\n\n  lines\n".to_owned()),
        any::<String>(),
    ];
    odd.prop_map(|text| text.replace('\0', "0"))
}

fn number() -> impl Strategy<Value = Value> {
    let doubles = prop_oneof![
        Just(f64::MAX),
        Just(f64::MIN),
        Just(f64::MIN_POSITIVE),
        Just(5e-324),
        Just(1e16),
        Just(1e22),
        Just(1.234_567_890_123_456_7e18),
        Just(9_007_199_254_740_993.0),
        Just(0.1 + 0.2),
        Just(-0.0),
        any::<f64>().prop_filter("JSON has finite numbers", |number| number.is_finite()),
    ];
    prop_oneof![
        doubles.prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
    ]
}

/// Any JSON.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        number(),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            fields(inner).prop_map(Value::Object),
        ]
    })
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    collection::btree_map(text(), value, 0..6).prop_map(|fields| fields.into_iter().collect())
}

fn documents(count: usize) -> Vec<Map<String, Value>> {
    let mut all = values(&fields(document()), count);
    // As deep as a document may be.
    let deepest = (1..64).fold(json!(1.5), |inner, _| json!([inner]));
    all.push(Map::from_iter([("deep".to_owned(), deepest)]));
    all
}

async fn tool(app: &TestApp, name: &str, config: Map<String, Value>) -> rest_client::Tool {
    let new = NewTool {
        kind: "time".to_owned(),
        name: name.to_owned(),
        description: String::new(),
        config,
        active: None,
    };
    app.client.create_tool(&new).await.unwrap()
}

async fn assistant(app: &TestApp, parameters: Map<String, Value>) -> rest_client::Assistant {
    let new = NewAssistant {
        kind: AssistantKind::Secretary,
        name: "Exact".to_owned(),
        instructions: String::new(),
        model: None,
        parameters,
        active: None,
    };
    app.client.create_assistant(&new).await.unwrap()
}

async fn send(app: &TestApp, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
    let request = app.request("POST", path).header("content-type", kind).body(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn read(app: &TestApp, path: &str) -> Value {
    let answer = app.request("GET", path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn a_number_at_the_end_of_its_range_can_be_read(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let parts = r#"{"kind":"time","name":"odd","config":{"most":1.7976931348623157e308}}"#;
    let document = format!(
        r#"{{"tools":[{parts}],"assistants":[{{"kind":"secretary","name":"Odd","instructions":"",
        "parameters":{{"most":1.7976931348623157e308}},"tools":["odd"]}}]}}"#
    );
    let (status, report) = send(&app, "/import", "application/json", document).await;
    assert_eq!(status, 200, "{report}");
    let id = report["changes"][0]["id"].as_str().unwrap();
    let own = report["changes"][1]["id"].as_str().unwrap();
    let serves = json!({ "assistant_id": own });
    let put = app
        .request("PUT", &format!("/users/{user}/secretary"))
        .json(&serves);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let most = json!(f64::MAX);
    assert_eq!(read(&app, &format!("/tools/{id}")).await["config"]["most"], most);
    assert_eq!(
        read(&app, "/tools?sort=-created_at&limit=1").await["items"][0]["config"]["most"],
        most
    );
    assert_eq!(
        read(&app, &format!("/assistants/{own}")).await["parameters"]["most"],
        most
    );
    let context = read(&app, &format!("/users/{user}/context?conversation=a&event_id=b")).await;
    assert_eq!(context["assistant"]["parameters"]["most"], most);
    assert_eq!(context["tools"][0]["config"]["most"], most);
    assert!(read(&app, "/audit").await["items"].as_array().unwrap().len() > 1);
    for format in ["json", "yaml"] {
        let export = app
            .request("GET", &format!("/export?format={format}"))
            .send()
            .await
            .unwrap();
        assert_eq!(export.status(), 200);
        let body = export.text().await.unwrap();
        let kind = format!("application/{format}");
        let (status, report) = send(&app, "/import?dry_run=true", &kind, body).await;
        assert_eq!(status, 200, "{format}: {report}");
        let changes = report["changes"].as_array().unwrap();
        assert!(
            changes.iter().all(|change| change["action"] == "unchanged"),
            "{format}: {report}"
        );
    }
}

async fn what_would_come_back_changed_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for (value, status) in [
        ("1e400".to_owned(), 400),
        ("1e-400".to_owned(), 422),
        ("-1E-99999999999999999999".to_owned(), 422),
        ("123456789012345678901234567890".to_owned(), 422),
        ("18446744073709551616".to_owned(), 422),
        ("0.30000000000000000001".to_owned(), 422),
        ("[1, {\"b\": 3.14159265358979323846}]".to_owned(), 422),
        (r#""\u0000""#.to_owned(), 422),
        (r#"{"\u0000": 1}"#.to_owned(), 422),
        (r#""\ud800""#.to_owned(), 400),
        (r#"{"a": 1, "a": 2}"#.to_owned(), 400),
        (deep(64), 422),
        (deep(200), 400),
    ] {
        for (path, body, field) in [
            (
                "/tools",
                format!(r#"{{"kind":"time","name":"a","description":"","config":{{"x":{value}}}}}"#),
                "config",
            ),
            (
                "/import",
                format!(r#"{{"tools":[{{"kind":"time","name":"a","config":{{"x":{value}}}}}]}}"#),
                "tools[0].config",
            ),
        ] {
            let (got, problem) = send(&app, path, "application/json", body).await;
            assert_eq!(got, status, "{value} at {path}: {problem}");
            if status == 422 {
                let fields = wrong_fields(&problem);
                assert!(fields[0].starts_with(field), "{value} at {path}: {problem}");
            } else {
                assert!(!problem["detail"].as_str().unwrap().is_empty(), "{problem}");
            }
        }
    }
    for value in [
        "123456789012345678901234567890",
        "0.30000000000000000001",
        ".nan",
        ".inf",
        "1e400",
    ] {
        let body = format!("tools:\n- kind: time\n  name: a\n  config:\n    x: {value}\n");
        let (status, problem) = send(&app, "/import", "application/yaml", body).await;
        assert!((400..500).contains(&status), "{value}: {status} {problem}");
    }
    let page = app
        .client
        .tools(&rest_client::ToolListQuery::default())
        .await
        .unwrap();
    assert!(
        page.items.iter().all(|tool| tool.name != "a"),
        "nothing was stored"
    );
}

async fn generated_documents_come_back_through_every_json_column(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let (kept, own) = (
        tool(&app, "kept", Map::new()).await,
        assistant(&app, Map::new()).await,
    );
    app.client.link_tool(own.id, kept.id).await.unwrap();
    let now = &rest_client::SetSecretary {
        assistant_id: Some(own.id),
    };
    app.client.set_secretary(user, now).await.unwrap();
    for (i, sent) in documents(CASES).into_iter().enumerate() {
        let what = || Value::Object(sent.clone());
        // Written and read by itself, in a list, in what a turn starts from.
        let made = tool(&app, &format!("t{i}"), sent.clone()).await;
        assert_eq!(made.config, sent);
        assert_eq!(app.client.tool(made.id).await.unwrap().config, sent, "{}", what());
        let patch = ToolPatch {
            config: Some(sent.clone()),
            ..ToolPatch::default()
        };
        app.client.update_tool(kept.id, &patch).await.unwrap();
        let patch = AssistantPatch {
            parameters: Some(sent.clone()),
            ..AssistantPatch::default()
        };
        app.client.update_assistant(own.id, &patch).await.unwrap();
        // Lines of the audit are sorted by when they were written, to the millisecond.
        app.clock.advance(chrono::TimeDelta::milliseconds(2));
        assert_eq!(assistant(&app, sent.clone()).await.parameters, sent);
        let context = read(&app, &format!("/users/{user}/context?conversation=a&event_id=b")).await;
        assert_eq!(context["assistant"]["parameters"], what(), "{context}");
        assert_eq!(context["tools"][0]["config"], what(), "{context}");
        // What the audit says of it, but for texts that may be secrets.
        let changes = app
            .client
            .audit(&AuditQuery {
                limit: Some(1),
                ..AuditQuery::default()
            })
            .await
            .unwrap();
        let after = changes.items[0].after.clone().unwrap();
        assert_eq!(
            without_texts(&after["parameters"]),
            without_texts(&what()),
            "{after}"
        );
        // The calls of tools, the arguments of an action.
        let event = format!("e:{i}");
        let mut said = turn(&event, &[(MessageRole::User, "hello")]);
        said.messages.push(NewMessage {
            from_outside: false,
            role: MessageRole::Assistant,
            content: String::new(),
            tool_calls: Some(what()),
            tool_call_id: None,
        });
        let stored = app.client.create_turn(user, &said).await.unwrap();
        let path = format!("/users/{user}/threads/{}/messages?limit=200", stored.thread_id);
        let messages = read(&app, &path).await;
        let newest = messages["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(newest["tool_calls"], what());
        let action = NewPendingAction {
            conversation: "api:a".to_owned(),
            tool: "calendar_delete".to_owned(),
            args: sent.clone(),
            summary: String::new(),
            idempotency_key: format!("k{i}"),
            decided_by: None,
            valid_seconds: 60,
        };
        let action = app.client.offer(user, &action).await.unwrap();
        assert_eq!(action.args, sent);
        assert_eq!(
            read(&app, &format!("/users/{user}/pending_actions/{}", action.id)).await["args"],
            what()
        );
        replayed_equal(&app, i, &sent).await;
    }
    for format in ["json", "yaml"] {
        let export = app
            .request("GET", &format!("/export?format={format}"))
            .send()
            .await
            .unwrap();
        let body = export.text().await.unwrap();
        let (status, report) = send(
            &app,
            "/import?dry_run=true",
            &format!("application/{format}"),
            body,
        )
        .await;
        assert_eq!(status, 200, "{format}: {report}");
        let changed = report["changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|change| change["action"] != "unchanged");
        assert_eq!(changed.collect::<Vec<_>>(), Vec::<&Value>::new(), "{format}");
    }
}

/// The answer that is kept for a repeated call is the first one.
async fn replayed_equal(app: &TestApp, i: usize, config: &Map<String, Value>) {
    let body = json!({ "kind": "time", "name": format!("r{i}"), "description": "", "config": config });
    let call = || {
        app.request("POST", "/tools")
            .header("idempotency-key", format!("call-{i}"))
            .json(&body)
            .send()
    };
    let (first, again) = (call().await.unwrap(), call().await.unwrap());
    assert_eq!(first.headers()["location"], again.headers()["location"]);
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    let (first, again): (Value, Value) = (first.json().await.unwrap(), again.json().await.unwrap());
    assert_eq!(first["config"], Value::Object(config.clone()));
    assert_eq!(first, again);
}

fn without_texts(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(""),
        Value::Array(items) => items.iter().map(without_texts).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), without_texts(value)));
            Value::Object(fields.collect())
        }
        plain => plain.clone(),
    }
}

/// A number's digits without zeros at the ends, and where its point is.
fn decimal(text: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let is_negative = mantissa.starts_with('-');
    let (whole, fraction) = mantissa
        .trim_start_matches('-')
        .split_once('.')
        .unwrap_or((mantissa.trim_start_matches('-'), ""));
    let all = format!("{whole}{fraction}");
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0').to_owned();
    if digits.is_empty() {
        return (false, digits, 0);
    }
    let point = i64::try_from(whole.len()).unwrap() - i64::try_from(leading).unwrap();
    (is_negative, digits, exponent.parse::<i64>().unwrap() + point)
}

async fn generated_numbers_come_back_or_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let made = tool(&app, "numbers", Map::new()).await;
    let path = format!("/tools/{}", made.id);
    let (mut kept, mut refused) = (0, 0);
    let numbers = "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?";
    for number in values(&proptest::string::string_regex(numbers).unwrap(), 200) {
        let body = format!(r#"{{"config":{{"x":{number}}}}}"#);
        let patch = app
            .request("PATCH", &path)
            .header("content-type", "application/json")
            .body(body);
        let status = patch.send().await.unwrap().status().as_u16();
        if status == 200 {
            kept += 1;
            let text = app
                .request("GET", &path)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap();
            let after = text.split_once(r#""config":{"x":"#).unwrap().1;
            let back = after.split_once('}').unwrap().0;
            assert_eq!(decimal(&number), decimal(back), "{number} came back as {back}");
        } else {
            refused += 1;
            assert!(status == 400 || status == 422, "{number}: {status}");
        }
    }
    assert!(kept > 20 && refused > 20, "{kept} kept, {refused} refused");
}

async fn generated_texts_come_back_through_every_text_column(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let texts = values(&text(), 40);
    let texts = texts
        .iter()
        .filter(|text| !text.trim().is_empty() && text.chars().count() <= 200);
    for (i, sent) in texts.enumerate() {
        let patch = UserPatch {
            name: Some(sent.clone()),
            ..UserPatch::default()
        };
        assert_eq!(app.client.update_user(user, &patch).await.unwrap().name, *sent);
        assert_eq!(app.client.user(user).await.unwrap().name, *sent);
        let fact = NewFact {
            text: sent.clone(),
            source: FactSource::User,
            from_outside: false,
        };
        let fact = app.client.create_fact(user, &fact).await.unwrap();
        assert_eq!(
            read(&app, &format!("/users/{user}/facts/{}", fact.id)).await["text"],
            **sent
        );
        let event = format!("t:{i}:{}", Uuid::new_v4());
        let said = turn(&event, &[(MessageRole::User, sent)]);
        let stored = app.client.create_turn(user, &said).await.unwrap();
        let thread = stored.thread_id;
        let messages = read(
            &app,
            &format!("/users/{user}/threads/{thread}/messages?limit=200"),
        )
        .await;
        assert_eq!(
            messages["items"].as_array().unwrap().last().unwrap()["content"],
            **sent
        );
        let summary = ThreadPatch {
            summary: sent.clone(),
            summarised_to: 0,
        };
        let path = format!("/users/{user}/threads/{thread}");
        let patched = app.request("PATCH", &path).json(&summary).send().await.unwrap();
        assert_eq!(patched.status(), 200);
        let threads = app.client.threads(user, &PageQuery::default()).await.unwrap();
        assert_eq!(threads.items[0].summary, *sent);
        let fields = BTreeMap::from([("instructions", sent.clone()), ("model", sent.clone())]);
        let path = format!("/assistants/{}", rest_client::DEFAULT_ASSISTANT);
        assert_eq!(
            app.request("PATCH", &path)
                .json(&fields)
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
        let back = read(&app, &path).await;
        assert_eq!(
            (&back["instructions"], &back["model"]),
            (&json!(sent), &json!(sent))
        );
    }
    let export = app
        .request("GET", "/export?format=yaml")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let (status, report) = send(&app, "/import?dry_run=true", "application/yaml", export).await;
    assert_eq!(
        (status, &report["changes"][0]["action"]),
        (200, &json!("unchanged")),
        "{report}"
    );
}
