//! Where a caller goes on: `Link` to the next page of every list, whatever its form, filter, order and length;
//! `Location` of everything that a call creates.

use std::collections::BTreeSet;

use chrono::{NaiveTime, TimeDelta};
use rest_client::{
    AssistantKind, FactSource, KeyRole, MessageRole, NewApiKey, NewAssistant, NewFact, NewIdentity, NewTool,
    NewUser, Role, UserState,
};
use schedule::Schedule;
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    openapi,
    support::{TestApp, TestDb, at, on_both, reminder, turn},
};

on_both!(
    following_next_links_gives_exactly_the_list,
    what_is_created_is_found_at_its_location,
);

/// How many of everything there are.
const MANY: usize = 7;

struct World {
    app: TestApp,
    user: Uuid,
    assistant: Uuid,
    task: Uuid,
    thread: Uuid,
}

impl World {
    async fn new(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        let client = &app.client;
        let later = |app: &TestApp| app.clock.advance(TimeDelta::milliseconds(2));
        let mut user = Uuid::nil();
        for i in 0..MANY {
            later(&app);
            let new = NewUser {
                name: format!("an & ü={}", i % 3),
                locale: None,
                time_zone: None,
                role: Some(if i % 2 == 0 { Role::Member } else { Role::Owner }),
                state: Some(UserState::Active),
            };
            user = client.create_user(&new).await.unwrap().id;
        }
        let new = NewAssistant {
            kind: AssistantKind::Secretary,
            name: "A".to_owned(),
            instructions: String::new(),
            model: None,
            parameters: Map::new(),
            active: None,
        };
        let assistant = client.create_assistant(&new).await.unwrap().id;
        let (mut task, mut thread) = (Uuid::nil(), Uuid::nil());
        for i in 0..MANY {
            later(&app);
            let new = NewAssistant {
                name: format!("B {}", i % 3),
                ..new.clone()
            };
            client.create_assistant(&new).await.unwrap();
            let tool = NewTool {
                kind: "time".to_owned(),
                name: format!("tool_{i}"),
                description: "=1+1".to_owned(),
                config: Map::new(),
                active: Some(i % 2 == 0),
            };
            let tool = client.create_tool(&tool).await.unwrap();
            client.link_tool(assistant, tool.id).await.unwrap();
            let fact = NewFact {
                text: format!("fact {i}"),
                source: FactSource::User,
                from_outside: false,
            };
            client.create_fact(user, &fact).await.unwrap();
            let account = NewIdentity {
                channel: messages::Channel::Telegram,
                external_id: format!("{i}"),
                display_name: String::new(),
            };
            client.link_identity(user, &account).await.unwrap();
            let daily = Schedule::Daily {
                times: vec![NaiveTime::MIN],
                cycle: None,
            };
            task = client
                .create_task(user, &reminder(&format!("task {i}"), daily))
                .await
                .unwrap()
                .id;
            let said = turn(&format!("e:{i}"), &[(MessageRole::User, "hello")]);
            thread = client.create_turn(user, &said).await.unwrap().thread_id;
            let mut elsewhere = turn(&format!("other:{i}"), &[(MessageRole::User, "hello")]);
            elsewhere.conversation = format!("telegram:{i}");
            client.create_turn(user, &elsewhere).await.unwrap();
            let key = NewApiKey {
                name: format!("key {i}"),
                role: KeyRole::ReadOnly,
                scopes: None,
                expires_at: None,
            };
            client.create_api_key(&key).await.unwrap();
        }
        Self {
            app,
            user,
            assistant,
            task,
            thread,
        }
    }

    /// The queries that are asked of each list, and how many items at least it must have then. Lists that have no
    /// pages, or none of their things here, have one.
    fn queries(&self, id: &str) -> Vec<(String, usize)> {
        let owned = |queries: &[(&str, usize)]| {
            queries
                .iter()
                .map(|(query, least)| ((*query).to_owned(), *least))
                .collect()
        };
        match id {
            "users_list" => owned(&[
                ("", MANY),
                ("role=member&sort=-created_at", 4),
                ("name=an%20%26%20%C3%BC%3D&sort=-name&state=active", MANY),
            ]),
            "assistants_list" => owned(&[("", MANY), ("kind=secretary&active=true&sort=-name", MANY)]),
            "tools_list" => owned(&[("", MANY), ("kind=time&active=true&sort=name", 4)]),
            "scheduled_tasks_list" => owned(&[
                ("", MANY),
                ("status=active&action=remind&sort=-created_at", MANY),
                ("due_before=2026-12-01T00%3A00%3A00%2B02:00", MANY),
            ]),
            "scheduled_tasks_list_all" => vec![
                (String::new(), MANY),
                (
                    format!("user={}&status=active&sort=-next_run_at", self.user),
                    MANY,
                ),
            ],
            "audit_list" => owned(&[("", MANY), ("resource=tool", MANY)]),
            "pending_actions_list" => owned(&[("idempotency_key=none", 0)]),
            "scheduled_tasks_runs"
            | "deliveries_of_reply"
            | "sub_assistants_list"
            | "calendar_accounts_list" => owned(&[("", 0)]),
            _ => owned(&[("", MANY)]),
        }
    }

    fn path(&self, path: &str) -> String {
        path.replace("{user}", &self.user.to_string())
            .replace("{assistant}", &self.assistant.to_string())
            .replace("{task}", &self.task.to_string())
            .replace("{thread}", &self.thread.to_string())
            .replace("{reply}", "e:0:0")
    }

    /// The lines of one answer and its next link.
    async fn page(&self, url: Url, accept: &str) -> (Vec<String>, Option<Url>) {
        let request = self
            .app
            .raw
            .get(url.clone())
            .bearer_auth(crate::support::KEY)
            .header("accept", accept);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        let next = answer.headers().get("link").map(|link| {
            let link = link.to_str().unwrap();
            let target = link
                .strip_prefix('<')
                .unwrap()
                .strip_suffix(">; rel=\"next\"")
                .unwrap();
            url.join(target).unwrap()
        });
        let text = answer.text().await.unwrap();
        if accept == "text/csv" {
            return (
                text.split("\r\n")
                    .skip(1)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
                next,
            );
        }
        let page: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(page["next_cursor"].is_string(), next.is_some(), "{url}: {text}");
        (
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(Value::to_string)
                .collect(),
            next,
        )
    }
}

async fn following_next_links_gives_exactly_the_list(db: TestDb) {
    let world = World::new(db).await;
    let document = openapi::document();
    let mut lists = BTreeSet::new();
    for (method, path, operation) in openapi::operations(&document) {
        let content = &operation["responses"]["200"]["content"];
        let schema = content["application/json"]["schema"]["$ref"]
            .as_str()
            .unwrap_or_default();
        if method != "GET" || !schema.ends_with("Page") {
            continue;
        }
        let id = operation["operationId"].as_str().unwrap();
        lists.insert(id.to_owned());
        assert!(
            operation["responses"]["200"]["headers"]["Link"].is_object(),
            "{id} tells of Link"
        );
        let has_pages = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .any(|parameter| parameter["name"] == "cursor");
        for (query, least) in world.queries(id) {
            for accept in ["application/json", "text/csv"] {
                if accept == "text/csv" && content["text/csv"].is_null() {
                    continue;
                }
                let ask = |more: &str| {
                    let mut url = world.app.url.join(&world.path(&path)).unwrap();
                    url.set_query(
                        Some(&format!("{query}{more}"))
                            .filter(|query| !query.is_empty())
                            .map(|query| query.trim_start_matches('&')),
                    );
                    url
                };
                let what = format!("{id}?{query} as {accept}");
                let (whole, more) = world
                    .page(ask(if has_pages { "&limit=200" } else { "" }), accept)
                    .await;
                assert_eq!(more, None, "{what}");
                assert!(whole.len() >= least, "{what} has {}", whole.len());
                if !has_pages {
                    continue;
                }
                let mut next = Some(ask("&limit=2"));
                let mut followed = Vec::new();
                while let Some(url) = next {
                    let (items, following) = world.page(url, accept).await;
                    assert!(items.len() <= 2, "{what} keeps its length");
                    followed.extend(items);
                    next = following;
                }
                assert_eq!(followed, whole, "{what}");
            }
        }
    }
    assert!(lists.len() >= 15, "{lists:?}");
}

async fn what_is_created_is_found_at_its_location(db: TestDb) {
    let world = World::new(db).await;
    let (app, user) = (&world.app, world.user);
    let until = at("2026-11-25T12:00:00Z");
    let created = [
        ("/users".to_owned(), json!({ "name": "New" })),
        (
            "/assistants".to_owned(),
            json!({ "kind": "sub", "name": "New", "instructions": "" }),
        ),
        (
            "/tools".to_owned(),
            json!({ "kind": "time", "name": "new", "description": "", "config": {} }),
        ),
        (
            "/api_keys".to_owned(),
            json!({ "name": "New", "role": "read_only" }),
        ),
        (
            "/identities/resolve".to_owned(),
            json!({ "channel": "telegram", "external_id": "new", "display_name": "" }),
        ),
        (
            format!("/users/{user}/identities"),
            json!({ "channel": "telegram", "external_id": "own", "display_name": "" }),
        ),
        (
            format!("/users/{user}/facts"),
            json!({ "text": "new", "source": "user" }),
        ),
        (
            format!("/users/{user}/scheduled_tasks"),
            json!(reminder("new", Schedule::Once { at: until })),
        ),
        (
            format!("/users/{user}/turns"),
            json!(turn("e: new/ü%", &[(MessageRole::User, "hello")])),
        ),
        (
            format!("/users/{user}/pending_actions"),
            json!({ "conversation": "a", "tool": "t", "args": {}, "summary": "", "idempotency_key": "new", "valid_seconds": 60 }),
        ),
        (
            format!("/users/{user}/calendar_links"),
            json!({ "reply_to": { "channel": "telegram", "chat": "42" }, "expires_at": until }),
        ),
    ];
    let mut met = BTreeSet::new();
    for (path, body) in created {
        let answer = app.request("POST", &path).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{path}");
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let made: Value = answer.json().await.unwrap();
        let found = app.request("GET", &location).send().await.unwrap();
        assert_eq!(found.status(), 200, "{path} is found at {location}");
        let found: Value = found.json().await.unwrap();
        let made = made.get("key").or(made.get("user")).unwrap_or(&made);
        assert_eq!(found["id"], made["id"], "{location}");
        met.insert(path.replace(&user.to_string(), "{user}"));
    }
    // Every operation that creates tells of it; those that are not called here are the services' own.
    for (method, path, operation) in openapi::operations(&openapi::document()) {
        let answer = &operation["responses"]["201"];
        if answer.is_object() {
            assert!(answer["headers"]["Location"].is_object(), "{method} {path}");
            assert!(
                met.contains(&path) || path == "/scheduled_tasks/{task}/runs",
                "{method} {path} is tried"
            );
        }
    }
}
