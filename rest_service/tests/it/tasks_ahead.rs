//! What is ahead of a task: its next instants, the one that is skipped, its words; and how many a user may have.

use chrono::TimeDelta;
use messages::TaskAction;
use rest_client::{
    Error, ScheduledTaskPatch, TaskDocument, TaskEntry, TaskImportQuery, TaskListQuery, TaskStatus,
    UserPatch, limits,
};
use schedule::Schedule;

use crate::{
    scheduled_tasks::{daily_at_nine, status},
    support::{TestApp, TestDb, on_both, refused_fields, reminder},
};

on_both!(
    the_next_one_is_skipped_and_that_is_taken_back,
    a_task_is_put_into_its_users_words,
    a_user_has_so_many_tasks_and_no_more,
);

async fn the_next_one_is_skipped_and_that_is_taken_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let task = app
        .client
        .create_task(user, &reminder("stretch", daily_at_nine()))
        .await
        .unwrap();
    let [next, following, ..] = task.next_runs.as_slice() else {
        panic!("{:?}", task.next_runs);
    };
    assert_eq!(task.next_run_at, Some(*next));
    let skip = |at| ScheduledTaskPatch {
        next_run_at: Some(at),
        ..ScheduledTaskPatch::default()
    };
    let skipped = app
        .client
        .update_task(user, task.id, &skip(*following))
        .await
        .unwrap();
    assert_eq!((skipped.next_run_at, skipped.version), (Some(*following), 2));
    assert_eq!(skipped.next_runs.first(), Some(following));
    // Again is the same: nothing is skipped twice.
    let again = app
        .client
        .update_task(user, task.id, &skip(*following))
        .await
        .unwrap();
    assert_eq!((again.next_run_at, again.version), (Some(*following), 2));
    let back = app.client.update_task(user, task.id, &skip(*next)).await.unwrap();
    assert_eq!(back.next_run_at, Some(*next));
    // Only instants of the schedule that lie ahead, and only of what is active.
    for wrong in [*next + TimeDelta::minutes(1), *next - TimeDelta::days(30)] {
        let refused = app.client.update_task(user, task.id, &skip(wrong)).await;
        assert_eq!(refused_fields(refused), ["next_run_at"]);
    }
    app.client
        .update_task(user, task.id, &status(TaskStatus::Paused))
        .await
        .unwrap();
    let refused = app.client.update_task(user, task.id, &skip(*following)).await;
    assert_eq!(refused_fields(refused), ["next_run_at"]);
}

async fn a_task_is_put_into_its_users_words(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let task = app
        .client
        .create_task(user, &reminder("stretch", daily_at_nine()))
        .await
        .unwrap();
    assert_eq!(task.description.as_deref(), Some("every day at 09:00"));
    for (locale, words) in [
        ("de-AT", "jeden Tag um 09:00"),
        ("es", "cada día a las 09:00"),
        ("ru", "каждый день в 09:00"),
        ("fr", "every day at 09:00"),
    ] {
        let speaks = UserPatch {
            locale: Some(locale.to_owned()),
            ..UserPatch::default()
        };
        app.client.update_user(user, &speaks).await.unwrap();
        let listed = app.client.tasks(user, &TaskListQuery::default()).await.unwrap();
        assert_eq!(listed.items[0].description.as_deref(), Some(words), "{locale}");
        assert_eq!(listed.items[0].next_runs.len(), 5);
    }
    let ended = app
        .client
        .update_task(user, task.id, &status(TaskStatus::Cancelled))
        .await
        .unwrap();
    assert!(ended.next_runs.is_empty());
    let twice = Schedule::Rule {
        start: "2026-12-01T09:00:00".parse().unwrap(),
        rules: vec!["FREQ=DAILY;COUNT=2".to_owned()],
        except: Vec::new(),
    };
    let twice = app
        .client
        .create_task(user, &reminder("stretch", twice))
        .await
        .unwrap();
    assert_eq!(twice.next_runs.len(), 2, "then it is over");
}

async fn a_user_has_so_many_tasks_and_no_more(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let entry = |n: usize| TaskEntry {
        id: None,
        action: TaskAction::Remind,
        text: format!("stretch {n}"),
        schedule: daily_at_nine(),
        time_zone: None,
        to: reminder("", daily_at_nine()).to,
        status: TaskStatus::Active,
        from_outside: None,
    };
    let half = usize::try_from(limits::TASKS).unwrap() / 2;
    for first in [0, half] {
        let document = TaskDocument {
            tasks: (first..first + half).map(entry).collect(),
        };
        let now = TaskImportQuery { dry_run: false };
        app.client.import_tasks(user, &document, &now).await.unwrap();
    }
    let one_more = reminder("one more", daily_at_nine());
    match app.client.create_task(user, &one_more).await {
        Err(Error::Invalid { errors, .. }) => assert_eq!(
            errors[0].message,
            "there are 1000 reminders and tasks already, which is the most: cancel some first"
        ),
        other => panic!("{other:?}"),
    }
    // What is imported counts as well, and is refused as a whole.
    let document = TaskDocument {
        tasks: (2 * half..2 * half + 2).map(entry).collect(),
    };
    let apply = TaskImportQuery { dry_run: false };
    match app.client.import_tasks(user, &document, &apply).await {
        Err(Error::Invalid { errors, .. }) => assert_eq!(
            errors[0].message,
            "would make 1002 active and paused tasks of this user, and 1000 is the most"
        ),
        other => panic!("{other:?}"),
    }
    app.client.create_task(other, &one_more).await.unwrap();
    let first = app
        .client
        .tasks(user, &TaskListQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    app.client
        .update_task(user, first.id, &status(TaskStatus::Cancelled))
        .await
        .unwrap();
    app.client.create_task(user, &one_more).await.unwrap();
}
