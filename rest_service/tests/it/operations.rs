//! Every operation of the document, walked: closed without a key, bounded by its scope, and walled off between
//! users. A new operation is walked by itself; one with a new variable in its path fails here until the world has
//! such a thing.

use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta};
use reqwest::StatusCode;
use rest_client::{
    DeliveryStatus, FactSource, KeyRole, MessageRole, NewApiKey, NewAssistant, NewCalendarAccount,
    NewCalendarLink, NewCalendarWrite, NewDelivery, NewFact, NewIdentity, NewPendingAction, NewTaskRun,
    NewTool, PageQuery, Problem, ProblemKind, Resource, Scope, Sealed, TakeRefresh, UserPatch, UserState,
};
use schedule::Schedule;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    openapi,
    support::{KEY, TestApp, TestDb, chat, on_both, reminder, turn},
};

on_both!(
    no_operation_answers_without_a_good_key,
    a_key_that_reads_writes_nothing,
    a_missing_scope_is_refused_and_named,
    one_users_things_are_never_under_anothers_path,
);

/// In every text of the owner's, and nowhere else.
const SECRET: &str = "the-owners-secret";

/// Operations with another's ids that do not answer 404, and why that gives nothing away.
const NOT_404: [(&str, StatusCode, &str); 5] = [
    (
        "deliveries_of_reply",
        StatusCode::OK,
        "a reply's id is a filter here; the list is empty",
    ),
    (
        "deliveries_put",
        StatusCode::CONFLICT,
        "the part was recorded for someone else, which is all that is said",
    ),
    (
        "calendar_writes_begin",
        StatusCode::CONFLICT,
        "the id is someone else's, which is all that is said",
    ),
    (
        "calendar_accounts_erase",
        StatusCode::NO_CONTENT,
        "what the stranger does not have is erased already",
    ),
    (
        "calendar_accounts_release_refresh",
        StatusCode::NO_CONTENT,
        "a lease that the stranger does not have is given back already",
    ),
];

/// A user with one of everything, another with nothing, and what stands in paths for them.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) owner: Uuid,
    stranger: Uuid,
    /// The owner's things by the names of the paths' variables.
    things: BTreeMap<&'static str, String>,
    pub(crate) document: Value,
}

/// The ids of what the owner has of a calendar.
struct Calendar {
    grant: Uuid,
    lease: Uuid,
    link: Uuid,
    write: Uuid,
}

impl Calendar {
    async fn new(app: &TestApp, owner: Uuid) -> Self {
        let sealed = || Sealed {
            key_id: "k".to_owned(),
            ciphertext: SECRET.to_owned(),
        };
        let (grant, write) = (Uuid::from_u128(0xa), Uuid::from_u128(0xb));
        let later = app.clock_now() + TimeDelta::days(1);
        let account = NewCalendarAccount {
            grant_id: grant,
            email: format!("{SECRET}@example.com"),
            scopes: "openid".to_owned(),
            tokens: sealed(),
            access_expires_at: later,
            refresh_expires_at: None,
            reply_to: chat(SECRET),
        };
        let account = app.client.put_calendar_account(owner, &account).await.unwrap();
        let ask = TakeRefresh {
            version: account.version,
            lease_seconds: 60,
        };
        let lease = app.client.take_calendar_refresh(owner, &ask).await.unwrap();
        let link = NewCalendarLink {
            reply_to: chat(SECRET),
            expires_at: later,
        };
        let link = app.client.create_calendar_link(owner, &link).await.unwrap();
        let plan = NewCalendarWrite { plan: sealed() };
        app.client
            .begin_calendar_write(owner, write, &plan)
            .await
            .unwrap();
        Self {
            grant,
            lease: lease.lease_token,
            link: link.id,
            write,
        }
    }
}

/// One call that can be made.
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    scope: Scope,
    /// Whether its path is one user's and names a thing of theirs.
    names_a_users_thing: bool,
    pub(crate) is_endless: bool,
}

impl World {
    pub(crate) async fn new(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        let client = &app.client;
        let (owner, stranger) = (app.user(SECRET).await.id, app.user("stranger").await.id);
        let active = UserPatch {
            state: Some(UserState::Active),
            ..UserPatch::default()
        };
        for user in [owner, stranger] {
            client.update_user(user, &active).await.unwrap();
        }
        let account = NewIdentity {
            channel: messages::Channel::Telegram,
            external_id: SECRET.to_owned(),
            display_name: SECRET.to_owned(),
        };
        client.link_identity(owner, &account).await.unwrap();
        let daily = Schedule::Daily {
            times: vec![NaiveTime::MIN],
            cycle: None,
        };
        let task = client.create_task(owner, &reminder(SECRET, daily)).await.unwrap();
        app.clock.advance(TimeDelta::days(2));
        let claim = client
            .claim_tasks(&rest_client::ClaimTasks {
                limit: 10,
                lease_seconds: 60,
            })
            .await
            .unwrap();
        let run = NewTaskRun {
            lease_token: claim.lease_token,
            scheduled_for: task.next_run_at.unwrap(),
            fired_at: app.clock_now(),
            missed: 0,
            next_run_at: Some(app.clock_now() + TimeDelta::days(1)),
        };
        client.record_run(task.id, &run).await.unwrap();
        let said = turn(&format!("e:{SECRET}"), &[(MessageRole::User, SECRET)]);
        let stored = client.create_turn(owner, &said).await.unwrap();
        let reply = stored.event_id.child(0);
        let sent = NewDelivery {
            to: chat(SECRET),
            external_message_id: Some(SECRET.to_owned()),
            status: DeliveryStatus::Sent,
            error: None,
        };
        client.record_delivery(owner, &reply, 0, &sent).await.unwrap();
        let assistant = client
            .create_assistant(&NewAssistant {
                kind: rest_client::AssistantKind::Secretary,
                name: "Walked".to_owned(),
                instructions: String::new(),
                model: None,
                parameters: Map::new(),
                active: None,
            })
            .await
            .unwrap();
        let tool = client
            .create_tool(&NewTool {
                kind: "time".to_owned(),
                name: "walked".to_owned(),
                description: String::new(),
                config: Map::new(),
                active: None,
            })
            .await
            .unwrap();
        let cook = client
            .create_assistant(&NewAssistant {
                kind: rest_client::AssistantKind::Sub,
                name: "Cook".to_owned(),
                instructions: String::new(),
                model: None,
                parameters: Map::new(),
                active: None,
            })
            .await
            .unwrap();
        let no_words = rest_client::NewSubAssistantLink::default();
        client
            .link_sub_assistant(assistant.id, cook.id, &no_words)
            .await
            .unwrap();
        let calendar = Calendar::new(&app, owner).await;
        let fact = NewFact {
            text: SECRET.to_owned(),
            source: FactSource::User,
            from_outside: false,
        };
        let fact = client.create_fact(owner, &fact).await.unwrap();
        let accounts = client.identities(owner, &PageQuery::default()).await.unwrap();
        let action = NewPendingAction {
            conversation: "telegram:42".to_owned(),
            tool: "calendar_delete".to_owned(),
            args: Map::new(),
            summary: SECRET.to_owned(),
            idempotency_key: "walked".to_owned(),
            decided_by: None,
            valid_seconds: 600,
        };
        let action = client.offer(owner, &action).await.unwrap();
        let key = new_key(&app, KeyRole::ReadOnly, None).await;
        let things = BTreeMap::from([
            ("assistant", assistant.id.to_string()),
            ("tool", tool.id.to_string()),
            ("key", key.0.to_string()),
            ("task", task.id.to_string()),
            ("thread", stored.thread_id.to_string()),
            ("event", stored.event_id.to_string()),
            ("reply", reply.to_string()),
            ("part", "0".to_owned()),
            ("sub", cook.id.to_string()),
            ("fact", fact.id.to_string()),
            ("identity", accounts.items[0].id.to_string()),
            ("action", action.id.to_string()),
            ("grant", calendar.grant.to_string()),
            ("lease", calendar.lease.to_string()),
            ("link", calendar.link.to_string()),
            ("write", calendar.write.to_string()),
        ]);
        Self {
            app,
            owner,
            stranger,
            things,
            document: openapi::document(),
        }
    }

    /// Every operation of the document, with the owner's things, as a user's.
    pub(crate) fn calls(&self, user: Uuid) -> Vec<Call> {
        let all = openapi::operations(&self.document);
        all.iter()
            .map(|(method, path, operation)| self.call(user, method, path, operation))
            .collect()
    }

    pub(crate) fn call(&self, user: Uuid, method: &str, path: &str, operation: &Value) -> Call {
        let mut variables = 0;
        let filled: Vec<String> = path
            .split('/')
            .map(
                |part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                    None => part.to_owned(),
                    Some("user") => user.to_string(),
                    Some(name) => {
                        variables += 1;
                        let thing = self.things.get(name);
                        thing
                            .unwrap_or_else(|| panic!("{path}: the world has no {name}; add one to it"))
                            .clone()
                    }
                },
            )
            .collect();
        let query: Vec<String> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
            .map(|parameter| format!("{}=walked", parameter["name"].as_str().unwrap()))
            .collect();
        let json = &operation["requestBody"]["content"]["application/json"];
        Call {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_owned(),
            path: format!("{}?{}", filled.join("/"), query.join("&")),
            body: json.get("example").cloned(),
            scope: operation["x-scope"].as_str().unwrap().parse().unwrap(),
            names_a_users_thing: path.starts_with("/users/{user}/") && variables > 0,
            is_endless: operation["responses"]["200"]["content"]["text/event-stream"].is_object(),
        }
    }

    pub(crate) async fn send(&self, call: &Call, key: Option<&str>) -> reqwest::Response {
        let url = self.app.url.join(&call.path).unwrap();
        let mut request = self.app.raw.request(call.method.parse().unwrap(), url);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    /// All that can be read of both users and of what they share.
    async fn state(&self) -> BTreeMap<String, Value> {
        let mut state = BTreeMap::new();
        for user in [self.owner, self.stranger] {
            for call in self.calls(user) {
                if call.method == "GET" && !call.is_endless {
                    let answer = self.send(&call, Some(KEY)).await;
                    // An archive is no JSON: its bytes stand for themselves.
                    let bytes = answer.bytes().await.unwrap();
                    let mut body = serde_json::from_slice(&bytes)
                        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
                    forget_uses(&mut body);
                    state.insert(call.path, body);
                }
            }
        }
        state
    }
}

/// That a key was used is the one thing that reading writes; each request has an id of its own.
fn forget_uses(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget_uses),
        Value::Object(fields) => {
            fields.remove("last_used_at");
            fields.remove("request_id");
            fields.values_mut().for_each(forget_uses);
        }
        _ => {}
    }
}

/// A new key: its id and its token.
async fn new_key(app: &TestApp, role: KeyRole, scopes: Option<Vec<Scope>>) -> (Uuid, String) {
    let new = NewApiKey {
        name: "walker".to_owned(),
        role,
        scopes,
        expires_at: Some(app.clock_now() + TimeDelta::hours(1)),
    };
    let made = app.client.create_api_key(&new).await.unwrap();
    (made.key.id, made.token)
}

async fn no_operation_answers_without_a_good_key(db: TestDb) {
    let world = World::new(db).await;
    let (revoked, revoked_token) = new_key(&world.app, KeyRole::Admin, None).await;
    world.app.client.revoke_api_key(revoked).await.unwrap();
    let (_, expired) = new_key(&world.app, KeyRole::Admin, None).await;
    world.app.clock.advance(TimeDelta::hours(2));
    let before = world.state().await;
    for call in world.calls(world.owner) {
        for key in [
            None,
            Some("wrong"),
            Some(expired.as_str()),
            Some(revoked_token.as_str()),
        ] {
            let answer = world.send(&call, key).await;
            assert_eq!(answer.status(), 401, "{} with {key:?}", call.id);
            let text = answer.text().await.unwrap();
            assert!(!text.contains(SECRET), "{}: {text}", call.id);
        }
    }
    assert_eq!(world.state().await, before, "and nothing was done");
}

async fn a_key_that_reads_writes_nothing(db: TestDb) {
    let world = World::new(db).await;
    let (_, reader) = new_key(&world.app, KeyRole::ReadOnly, None).await;
    let before = world.state().await;
    let mut writes = 0;
    for call in world.calls(world.owner) {
        let answer = world.send(&call, Some(&reader)).await;
        if call.method == "GET" {
            assert_eq!(answer.status(), 200, "{} reads", call.id);
        } else {
            writes += 1;
            assert_eq!(answer.status(), 403, "{} writes", call.id);
            let problem: Problem = answer.json().await.unwrap();
            assert_eq!(problem.kind, ProblemKind::MissingScope);
            assert!(
                problem.detail.unwrap().contains(&call.scope.to_string()),
                "{}",
                call.id
            );
        }
    }
    assert!(writes > 0);
    assert_eq!(world.state().await, before);
}

async fn a_missing_scope_is_refused_and_named(db: TestDb) {
    let world = World::new(db).await;
    let mut keys = BTreeMap::new();
    for scope in Scope::all() {
        let others = Scope::all().filter(|other| *other != scope).collect();
        let (_, without) = new_key(&world.app, KeyRole::Admin, Some(others)).await;
        let (_, with) = new_key(&world.app, KeyRole::Admin, Some(vec![scope])).await;
        keys.insert(scope, (without, with));
    }
    let mut used: Vec<Resource> = Vec::new();
    for call in world.calls(world.owner) {
        let (without, with) = &keys[&call.scope];
        used.push(call.scope.resource);
        let refused = world.send(&call, Some(without)).await;
        assert_eq!(refused.status(), 403, "{} without {}", call.id, call.scope);
        let problem: Problem = refused.json().await.unwrap();
        assert_eq!(problem.kind, ProblemKind::MissingScope, "{}", call.id);
        assert!(
            problem.detail.unwrap().contains(&call.scope.to_string()),
            "{}",
            call.id
        );
        let answer = world.send(&call, Some(with)).await;
        assert_ne!(answer.status(), 401, "{} with {} alone", call.id, call.scope);
        // A key with one scope makes no key with more.
        if answer.status() == 403 && call.scope.resource != Resource::ApiKeys {
            let problem: Problem = answer.json().await.unwrap();
            assert_ne!(
                problem.kind,
                ProblemKind::MissingScope,
                "{} with {} alone",
                call.id,
                call.scope
            );
        }
    }
    for resource in Resource::ALL {
        assert!(used.contains(&resource), "{} has an operation", resource.name());
    }
}

async fn one_users_things_are_never_under_anothers_path(db: TestDb) {
    let world = World::new(db).await;
    let before = world.state().await;
    let mut named = 0;
    // Erasing the stranger comes last: nothing is found under the path of nobody.
    let (erases, calls): (Vec<_>, Vec<_>) = world
        .calls(world.stranger)
        .into_iter()
        .partition(|call| call.id == "users_erase");
    for call in calls.into_iter().chain(erases) {
        if !call.path.starts_with("/users/") {
            continue;
        }
        // What the stranger may do to themselves is done, but for reading what never ends.
        let answer = world.send(&call, Some(KEY)).await;
        let status = answer.status();
        if call.names_a_users_thing {
            named += 1;
            let expected = NOT_404
                .iter()
                .find(|(id, ..)| *id == call.id)
                .map_or(StatusCode::NOT_FOUND, |(_, status, _)| *status);
            assert_eq!(status, expected, "{} with the owner's ids", call.id);
        }
        assert!(!status.is_server_error(), "{}: {status}", call.id);
        if !call.is_endless {
            let text = answer.text().await.unwrap();
            let asked = call.path.contains(SECRET);
            assert!(asked || !text.contains(SECRET), "{}: {text}", call.id);
        }
    }
    assert!(
        named >= 8,
        "the walk met {named} operations that name a user's thing"
    );
    let after = world.state().await;
    let owners = format!("/users/{}", world.owner);
    for (path, body) in before.iter().filter(|(path, _)| path.starts_with(&owners)) {
        assert_eq!(&after[path], body, "{path} is untouched");
    }
}
