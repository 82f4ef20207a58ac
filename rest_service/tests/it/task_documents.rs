//! A user's tasks as a document: out, in, and elsewhere, whole or not at all.

use chrono::{NaiveTime, TimeDelta};
use messages::{Address, Channel};
use rest_client::{
    AuditQuery, AuditedResource, ChangeAction, Error, NewScheduledTask, ScheduledTaskPatch, TaskDocument,
    TaskEntry, TaskImportQuery, TaskListQuery, TaskStatus,
};
use schedule::Schedule;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestDb, at, no_id, on_both, refused_fields, reminder, wrong_fields};

on_both!(
    what_is_exported_is_imported_without_a_change,
    for_another_user_the_tasks_are_made_once,
    an_entry_changes_the_task_that_it_names,
    a_dry_run_makes_nothing,
    every_fault_is_named_and_nothing_is_made,
    nobody_has_no_tasks_to_export_or_import,
);

const APPLY: TaskImportQuery = TaskImportQuery { dry_run: false };

fn daily_at_nine() -> Schedule {
    Schedule::Daily {
        times: vec![NaiveTime::from_hms_opt(9, 0, 0).unwrap()],
        cycle: None,
    }
}

/// A user with an active task, a paused one whose time is over, one that is called off, and one that is done.
async fn busy(app: &TestApp, name: &str) -> Uuid {
    let user = app.user(name).await.id;
    let once = |text: &str, at_text: &str| reminder(text, Schedule::Once { at: at(at_text) });
    let stretch = NewScheduledTask {
        time_zone: Some("Asia/Tokyo".to_owned()),
        ..reminder("stretch", daily_at_nine())
    };
    app.client.create_task(user, &stretch).await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    for (text, status) in [
        ("held", TaskStatus::Paused),
        ("called off", TaskStatus::Cancelled),
    ] {
        let task = once(text, "2026-11-20T12:00:10Z");
        let task = app.client.create_task(user, &task).await.unwrap();
        let patch = ScheduledTaskPatch {
            status: Some(status),
            ..ScheduledTaskPatch::default()
        };
        app.client.update_task(user, task.id, &patch).await.unwrap();
    }
    app.clock.advance(TimeDelta::seconds(20));
    user
}

async fn texts(app: &TestApp, user: Uuid) -> Vec<(String, TaskStatus)> {
    let page = app.client.tasks(user, &TaskListQuery::default()).await.unwrap();
    let mut texts: Vec<_> = page
        .items
        .into_iter()
        .map(|task| (task.text, task.status))
        .collect();
    texts.sort_by(|one, other| one.0.cmp(&other.0));
    texts
}

async fn imported(
    app: &TestApp,
    user: Uuid,
    document: &TaskDocument,
) -> Vec<(String, ChangeAction, Vec<String>)> {
    let report = app.client.import_tasks(user, document, &APPLY).await.unwrap();
    let told = report.changes.into_iter().map(|change| {
        let fields = change.fields.into_iter().map(|field| field.field).collect();
        (change.name, change.action, fields)
    });
    told.collect()
}

fn actions(told: &[(String, ChangeAction, Vec<String>)]) -> Vec<ChangeAction> {
    told.iter().map(|(_, action, _)| *action).collect()
}

async fn what_is_exported_is_imported_without_a_change(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = busy(&app, "Ada").await;
    let exported = app.client.export_tasks(user).await.unwrap();
    let said: Vec<_> = exported
        .tasks
        .iter()
        .map(|task| (task.text.as_str(), task.status))
        .collect();
    assert_eq!(
        said,
        [("stretch", TaskStatus::Active), ("held", TaskStatus::Paused)]
    );
    assert_eq!(exported.tasks[0].time_zone.as_deref(), Some("Asia/Tokyo"));
    let told = imported(&app, user, &exported).await;
    assert_eq!(actions(&told), [ChangeAction::Unchanged; 2]);

    let path = format!("/users/{user}/scheduled_tasks");
    let yaml = app
        .request("GET", &format!("{path}/export?format=yaml"))
        .send()
        .await
        .unwrap();
    assert_eq!(yaml.headers()["content-type"], "application/yaml");
    let yaml = yaml.text().await.unwrap();
    assert!(yaml.contains("text: stretch"), "{yaml}");
    let answer = app
        .request("POST", &format!("{path}/import"))
        .header("content-type", "application/yaml")
        .body(yaml)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let report: Value = answer.json().await.unwrap();
    for change in report["changes"].as_array().unwrap() {
        assert_eq!(change["action"], "unchanged", "{change}");
        assert_eq!(change["what"], "task", "{change}");
    }
    assert_eq!(app.client.export_tasks(user).await.unwrap(), exported);
}

async fn for_another_user_the_tasks_are_made_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (ada, bob) = (busy(&app, "Ada").await, app.user("Bob").await.id);
    let document = app.client.export_tasks(ada).await.unwrap();
    let told = imported(&app, bob, &document).await;
    assert_eq!(actions(&told), [ChangeAction::Created; 2], "{told:?}");
    let mut bobs = app.client.export_tasks(bob).await.unwrap();
    // Made at the same time, in any order.
    bobs.tasks.sort_by_key(|task| task.status == TaskStatus::Paused);
    for (one, other) in document.tasks.iter().zip(&bobs.tasks) {
        assert_ne!(one.id, other.id, "an id is one task's");
        assert_eq!(
            &TaskEntry {
                id: one.id,
                ..other.clone()
            },
            one
        );
    }
    let task = app.client.task(bob, bobs.tasks[0].id.unwrap()).await.unwrap();
    assert_eq!(
        task.next_run_at,
        Some(at("2026-11-21T00:00:00Z")),
        "9:00 in Tokyo"
    );
    let again = imported(&app, bob, &document).await;
    assert_eq!(actions(&again), [ChangeAction::Unchanged; 2], "{again:?}");
    assert_eq!(texts(&app, bob).await.len(), 2);
    assert_eq!(
        app.client.export_tasks(ada).await.unwrap(),
        document,
        "hers are as they were"
    );

    // Two that say the same are two, and stay two.
    let twice = TaskDocument {
        tasks: vec![
            TaskEntry {
                id: None,
                ..document.tasks[0].clone()
            };
            2
        ],
    };
    let told = imported(&app, bob, &twice).await;
    assert_eq!(actions(&told), [ChangeAction::Unchanged, ChangeAction::Created]);
    assert_eq!(
        actions(&imported(&app, bob, &twice).await),
        [ChangeAction::Unchanged; 2]
    );
    // What is made is in the audit, without what it says.
    let audit = app.client.audit(&AuditQuery::default()).await.unwrap().items;
    let made: Vec<_> = audit.iter().filter(|entry| entry.user_id == Some(bob)).collect();
    let made: Vec<_> = made
        .iter()
        .filter(|entry| entry.resource == AuditedResource::ScheduledTask)
        .collect();
    assert_eq!(made.len(), 3);
    assert!(!format!("{made:?}").contains("stretch"), "{made:?}");
}

async fn an_entry_changes_the_task_that_it_names(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = busy(&app, "Ada").await;
    let mut document = app.client.export_tasks(user).await.unwrap();
    document.tasks[0].text = "stretch well".to_owned();
    document.tasks[0].time_zone = None;
    document.tasks[0].status = TaskStatus::Paused;
    document.tasks[1].schedule = daily_at_nine();
    document.tasks[1].status = TaskStatus::Active;
    let told = imported(&app, user, &document).await;
    let fields = |i: usize| told[i].2.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(actions(&told), [ChangeAction::Changed; 2]);
    assert_eq!(fields(0), ["text", "time_zone", "status"]);
    assert_eq!(fields(1), ["schedule", "status"]);
    let [stretch, held] = [0, 1].map(|i| document.tasks[i].id.unwrap());
    let stretch = app.client.task(user, stretch).await.unwrap();
    assert_eq!(
        (
            stretch.text.as_str(),
            stretch.time_zone.as_str(),
            stretch.next_run_at
        ),
        ("stretch well", "Europe/Berlin", None)
    );
    let held = app.client.task(user, held).await.unwrap();
    assert_eq!(held.next_run_at, Some(at("2026-11-21T08:00:00Z")));
    assert_eq!(held.version, 3);
    // Called off by name, it is made active again.
    let over = app.client.tasks(user, &TaskListQuery::default()).await.unwrap();
    let over = over
        .items
        .into_iter()
        .find(|task| task.status == TaskStatus::Cancelled)
        .unwrap();
    let again = TaskDocument {
        tasks: vec![TaskEntry {
            id: Some(over.id),
            text: over.text,
            ..document.tasks[1].clone()
        }],
    };
    assert_eq!(
        actions(&imported(&app, user, &again).await),
        [ChangeAction::Changed]
    );
    assert!(
        texts(&app, user)
            .await
            .contains(&("called off".to_owned(), TaskStatus::Active))
    );
}

async fn a_dry_run_makes_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let (ada, bob) = (busy(&app, "Ada").await, app.user("Bob").await.id);
    let mut document = app.client.export_tasks(ada).await.unwrap();
    let dry = TaskImportQuery { dry_run: true };
    let report = app.client.import_tasks(bob, &document, &dry).await.unwrap();
    assert!(report.dry_run);
    assert!(
        report
            .changes
            .iter()
            .all(|change| change.action == ChangeAction::Created)
    );
    assert!(texts(&app, bob).await.is_empty());
    let before = document.clone();
    document.tasks[0].text = "other".to_owned();
    let report = app.client.import_tasks(ada, &document, &dry).await.unwrap();
    assert_eq!(report.changes[0].action, ChangeAction::Changed);
    assert_eq!(app.client.export_tasks(ada).await.unwrap(), before);
    assert_eq!(
        app.client
            .task(ada, before.tasks[0].id.unwrap())
            .await
            .unwrap()
            .version,
        1
    );
}

async fn every_fault_is_named_and_nothing_is_made(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = busy(&app, "Ada").await;
    let before = texts(&app, user).await;
    let good = app.client.export_tasks(user).await.unwrap().tasks;
    let path = format!("/users/{user}/scheduled_tasks/import");
    let mut unreadable = serde_json::to_value(&good[0]).unwrap();
    unreadable["colour"] = json!("red");
    let mut empty = serde_json::to_value(&good[0]).unwrap();
    empty["text"] = json!(" ");
    empty["time_zone"] = json!("Mars/Base");
    empty["status"] = json!("done");
    empty["to"]["chat"] = json!("");
    let body = json!({ "tasks": [unreadable, empty, 7], "users": [] });
    let answer = app.request("POST", &path).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.unwrap();
    let fields = wrong_fields(&problem);
    for field in [
        "tasks[0].colour",
        "tasks[1].text",
        "tasks[1].time_zone",
        "tasks[1].status",
        "tasks[1].to.chat",
        "tasks[2]",
        "users",
    ] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }

    let past = Schedule::Once {
        at: at("2026-11-20T11:00:00Z"),
    };
    let unfit = TaskDocument {
        tasks: vec![
            TaskEntry {
                id: None,
                text: "new".to_owned(),
                ..good[0].clone()
            },
            TaskEntry {
                id: None,
                text: "late".to_owned(),
                schedule: past,
                ..good[0].clone()
            },
            TaskEntry {
                to: Address {
                    channel: Channel::Telegram,
                    chat: "another".to_owned(),
                },
                ..good[0].clone()
            },
            TaskEntry {
                text: "twice".to_owned(),
                ..good[0].clone()
            },
            // It is over, and would be made active as it is.
            TaskEntry {
                status: TaskStatus::Active,
                ..good[1].clone()
            },
        ],
    };
    assert_eq!(
        refused_fields(app.client.import_tasks(user, &unfit, &APPLY).await),
        [
            "tasks[3].id",
            "tasks[1].schedule",
            "tasks[2].to",
            "tasks[4].schedule"
        ]
    );
    assert_eq!(texts(&app, user).await, before, "all or nothing");
}

async fn nobody_has_no_tasks_to_export_or_import(db: TestDb) {
    let app = TestApp::start(db).await;
    assert!(matches!(
        app.client.export_tasks(no_id()).await,
        Err(Error::NotFound)
    ));
    let empty = TaskDocument::default();
    let refused = app.client.import_tasks(no_id(), &empty, &APPLY).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
}
