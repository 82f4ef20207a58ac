//! Scheduled tasks: planned, changed, claimed by one at a time, recorded once.

use std::collections::HashSet;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use rest_client::{
    Claim, ClaimTasks, Client, ConflictKind, Error, NewScheduledTask, NewTaskRun, PageQuery,
    ScheduledTaskPatch, TaskListQuery, TaskStatus, UserPatch,
};
use schedule::Schedule;
use uuid::Uuid;

use crate::support::{TestApp, TestDb, at, no_id, on_both, refused_fields, reminder};

on_both!(
    a_task_is_planned_in_the_users_zone,
    the_same_idempotency_key_makes_one_task,
    what_would_never_fire_is_refused_in_words,
    a_task_is_paused_resumed_and_cancelled,
    an_active_task_is_fired_now_and_goes_on_as_planned,
    once_local_times_move_when_the_zone_becomes_known,
    recurring_local_tasks_follow_the_users_zone,
    twenty_claims_at_once_never_overlap,
    a_lease_that_runs_out_is_taken_over,
    a_run_is_recorded_once,
    a_changed_task_makes_its_lease_stale,
);

pub(crate) fn daily_at_nine() -> Schedule {
    Schedule::Daily {
        times: vec![NaiveTime::from_hms_opt(9, 0, 0).unwrap()],
        cycle: None,
    }
}

fn once(text: &str) -> Schedule {
    Schedule::Once { at: at(text) }
}

pub(crate) fn status(status: TaskStatus) -> ScheduledTaskPatch {
    ScheduledTaskPatch {
        status: Some(status),
        ..ScheduledTaskPatch::default()
    }
}

async fn claim(client: &Client, limit: u32) -> Claim {
    let ask = ClaimTasks {
        limit,
        lease_seconds: 30,
    };
    client.claim_tasks(&ask).await.unwrap()
}

fn run_of(claim: &Claim, next_run_at: Option<DateTime<Utc>>) -> (Uuid, NewTaskRun) {
    let task = &claim.tasks[0];
    let run = NewTaskRun {
        lease_token: claim.lease_token,
        scheduled_for: task.next_run_at.unwrap(),
        fired_at: task.next_run_at.unwrap() + TimeDelta::seconds(1),
        missed: 2,
        next_run_at,
    };
    (task.id, run)
}

fn is_stale<T>(outcome: &Result<T, Error>) -> bool {
    matches!(
        outcome,
        Err(Error::Conflict {
            kind: ConflictKind::StaleLease,
            ..
        })
    )
}

async fn a_task_is_planned_in_the_users_zone(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let task = app
        .client
        .create_task(user, &reminder("stretch", daily_at_nine()))
        .await
        .unwrap();
    assert_eq!(
        task.next_run_at,
        Some(at("2026-11-21T08:00:00Z")),
        "9:00 in Berlin"
    );
    assert_eq!(
        (task.time_zone.as_str(), task.status),
        ("Europe/Berlin", TaskStatus::Active)
    );
    assert_eq!(app.client.task(user, task.id).await.unwrap(), task);

    let abroad = NewScheduledTask {
        time_zone: Some("Asia/Tokyo".to_owned()),
        ..reminder("call", daily_at_nine())
    };
    let abroad = app.client.create_task(user, &abroad).await.unwrap();
    assert_eq!(
        abroad.next_run_at,
        Some(at("2026-11-21T00:00:00Z")),
        "9:00 in Tokyo"
    );

    let text = ScheduledTaskPatch {
        text: Some("stretch well".to_owned()),
        ..ScheduledTaskPatch::default()
    };
    let changed = app.client.update_task(user, task.id, &text).await.unwrap();
    assert_eq!(
        (changed.text.as_str(), changed.next_run_at, changed.version),
        ("stretch well", task.next_run_at, 2)
    );
    let moved = ScheduledTaskPatch {
        schedule: Some(once("2026-11-20T13:00:00Z")),
        ..ScheduledTaskPatch::default()
    };
    let changed = app.client.update_task(user, task.id, &moved).await.unwrap();
    assert_eq!(changed.next_run_at, Some(at("2026-11-20T13:00:00Z")));
    let all = app.client.tasks(user, &TaskListQuery::default()).await.unwrap();
    assert_eq!(all.items.len(), 2);
}

async fn the_same_idempotency_key_makes_one_task(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let new = NewScheduledTask {
        idempotency_key: Some("e:1:0".to_owned()),
        ..reminder("drink", once("2026-11-20T13:00:00Z"))
    };
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (client, new) = (app.client.clone(), new.clone());
            tokio::spawn(async move { client.create_task(user, &new).await.unwrap().id })
        })
        .collect();
    let mut made = HashSet::new();
    for call in calls {
        made.insert(call.await.unwrap());
    }
    assert_eq!(made.len(), 1);
    app.clock.set(at("2026-11-20T14:00:00Z"));
    let again = app.client.create_task(user, &new).await.unwrap();
    assert!(made.contains(&again.id), "even when its time has come");
    let later = NewScheduledTask {
        schedule: once("2026-11-20T15:00:00Z"),
        ..new
    };
    let others = app.client.create_task(other, &later).await.unwrap();
    assert!(!made.contains(&others.id), "a key is the user's own");
}

async fn what_would_never_fire_is_refused_in_words(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let refused = async |schedule| match app.client.create_task(user, &reminder("x", schedule)).await {
        Err(Error::Invalid { errors, .. }) => {
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].field, "schedule");
            errors[0].message.clone()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(once("2026-11-20T11:59:59Z")).await,
        "this time is already past"
    );
    let never = Schedule::Yearly {
        month: 2,
        day: 30,
        times: vec![NaiveTime::MIN],
    };
    assert!(refused(never).await.contains("February never has a day 30"));
    let bad = NewScheduledTask {
        time_zone: Some("Nowhere/City".to_owned()),
        idempotency_key: Some(String::new()),
        ..reminder("", daily_at_nine())
    };
    assert_eq!(
        refused_fields(app.client.create_task(user, &bad).await),
        ["text", "time_zone", "idempotency_key"]
    );
    assert!(matches!(
        app.client
            .create_task(no_id(), &reminder("x", daily_at_nine()))
            .await,
        Err(Error::NotFound)
    ));
}

async fn a_task_is_paused_resumed_and_cancelled(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let task = app
        .client
        .create_task(user, &reminder("drink", once("2026-11-20T13:00:00Z")))
        .await
        .unwrap()
        .id;
    let change = async |patch| app.client.update_task(user, task, &patch).await;

    let paused = change(status(TaskStatus::Paused)).await.unwrap();
    assert_eq!((paused.status, paused.next_run_at), (TaskStatus::Paused, None));
    let resumed = change(status(TaskStatus::Active)).await.unwrap();
    assert_eq!(resumed.next_run_at, Some(at("2026-11-20T13:00:00Z")));
    change(status(TaskStatus::Paused)).await.unwrap();
    app.clock.set(at("2026-11-20T14:00:00Z"));
    assert_eq!(
        refused_fields(change(status(TaskStatus::Active)).await),
        ["schedule"]
    );
    assert!(
        claim(&app.client, 10).await.tasks.is_empty(),
        "what is paused does not fire"
    );
    assert_eq!(refused_fields(change(status(TaskStatus::Done)).await), ["status"]);

    for _ in 0..2 {
        let cancelled = app.client.cancel_task(user, task).await.unwrap();
        assert_eq!(
            (cancelled.status, cancelled.next_run_at),
            (TaskStatus::Cancelled, None)
        );
    }
    let active = TaskListQuery {
        status: Some(TaskStatus::Active),
        ..TaskListQuery::default()
    };
    assert!(app.client.tasks(user, &active).await.unwrap().items.is_empty());
}

async fn an_active_task_is_fired_now_and_goes_on_as_planned(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let new = reminder("drink", daily_at_nine());
    let task = app.client.create_task(user, &new).await.unwrap();
    assert!(claim(&app.client, 10).await.tasks.is_empty());

    let due = app.client.run_task_now(user, task.id).await.unwrap();
    assert_eq!(
        (due.next_run_at, due.version),
        (Some(at("2026-11-20T12:00:00Z")), task.version + 1)
    );
    let held = claim(&app.client, 10).await;
    assert_eq!(held.tasks[0].id, task.id);
    // Again while somebody holds it: that lease is over, and there is one firing in the end.
    app.clock.advance(TimeDelta::seconds(1));
    app.client.run_task_now(user, task.id).await.unwrap();
    let (id, run) = run_of(&held, task.next_run_at);
    let stale = app.client.record_run(id, &run).await;
    assert!(
        matches!(
            stale,
            Err(Error::Conflict {
                kind: ConflictKind::StaleLease,
                ..
            })
        ),
        "{stale:?}"
    );
    let (id, run) = run_of(&claim(&app.client, 10).await, task.next_run_at);
    app.client.record_run(id, &run).await.unwrap();
    assert_eq!(
        app.client.any_task(task.id).await.unwrap().next_run_at,
        task.next_run_at
    );

    assert!(matches!(
        app.client.run_task_now(other, task.id).await,
        Err(Error::NotFound)
    ));
    app.client
        .update_task(user, task.id, &status(TaskStatus::Paused))
        .await
        .unwrap();
    assert_eq!(
        refused_fields(app.client.run_task_now(user, task.id).await),
        ["task"]
    );
}

async fn once_local_times_move_when_the_zone_becomes_known(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let zone = |name: &str| UserPatch {
        time_zone: Some(name.to_owned()),
        ..UserPatch::default()
    };
    app.client.update_user(user, &zone("UTC")).await.unwrap();
    let local = |at: &str| Schedule::OnceLocal {
        at: at.parse().unwrap(),
    };
    let make = async |schedule| {
        let new = reminder("call", schedule);
        app.client.create_task(user, &new).await.unwrap().id
    };
    // It is 09:00 in UTC, and 10:00 in Berlin.
    app.clock.set(at("2026-11-20T09:00:00Z"));
    let later = make(local("2026-11-20T18:00:00")).await;
    let past_there = make(local("2026-11-20T09:30:00")).await;
    let instant = make(once("2026-11-21T08:00:00Z")).await;
    app.client
        .update_user(user, &zone("Europe/Berlin"))
        .await
        .unwrap();
    let next = async |task| app.client.task(user, task).await.unwrap().next_run_at;
    assert_eq!(next(later).await, Some(at("2026-11-20T17:00:00Z")));
    assert_eq!(
        next(past_there).await,
        Some(at("2026-11-20T09:30:00Z")),
        "never lost"
    );
    assert_eq!(next(instant).await, Some(at("2026-11-21T08:00:00Z")));

    // Whoever moves on, knowing where they were, keeps the instants.
    app.client
        .update_user(user, &zone("America/New_York"))
        .await
        .unwrap();
    assert_eq!(next(later).await, Some(at("2026-11-20T17:00:00Z")));
}

async fn recurring_local_tasks_follow_the_users_zone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let make = async |user, new: NewScheduledTask| app.client.create_task(user, &new).await.unwrap().id;
    let local = make(user, reminder("stretch", daily_at_nine())).await;
    let paused = make(user, reminder("paused", daily_at_nine())).await;
    app.client
        .update_task(user, paused, &status(TaskStatus::Paused))
        .await
        .unwrap();
    let instant = make(user, reminder("call", once("2026-11-21T08:00:00Z"))).await;
    let pinned = NewScheduledTask {
        time_zone: Some("Asia/Tokyo".to_owned()),
        ..reminder("Tokyo", daily_at_nine())
    };
    let pinned = make(user, pinned).await;
    let others = make(other, reminder("stretch", daily_at_nine())).await;
    for i in 0..250 {
        make(user, reminder(&format!("many {i}"), daily_at_nine())).await;
    }

    let patch = UserPatch {
        time_zone: Some("America/New_York".to_owned()),
        ..UserPatch::default()
    };
    app.client.update_user(user, &patch).await.unwrap();
    let now_at = async |user, task| {
        let task = app.client.task(user, task).await.unwrap();
        (task.time_zone, task.next_run_at)
    };
    let moved = ("America/New_York".to_owned(), Some(at("2026-11-20T14:00:00Z")));
    assert_eq!(now_at(user, local).await, moved);
    assert_eq!(now_at(user, paused).await, ("America/New_York".to_owned(), None));
    assert_eq!(
        now_at(user, instant).await.1,
        Some(at("2026-11-21T08:00:00Z")),
        "an instant stays"
    );
    assert_eq!(
        now_at(user, pinned).await,
        ("Asia/Tokyo".to_owned(), Some(at("2026-11-21T00:00:00Z")))
    );
    assert_eq!(
        now_at(other, others).await.0,
        "Europe/Berlin",
        "nobody else's move"
    );
    let mut query = TaskListQuery {
        limit: Some(200),
        ..TaskListQuery::default()
    };
    let mut followed = 0;
    loop {
        let page = app.client.tasks(user, &query).await.unwrap();
        let many = page.items.iter().filter(|task| task.text.starts_with("many"));
        followed += many.filter(|task| task.next_run_at == moved.1).count();
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(followed, 250, "however many there are");

    // One that is due while the user moves still fires, and its next time is planned in the new zone.
    app.clock.set(at("2026-11-20T14:00:00Z"));
    let taken = claim(&app.client, 1000).await;
    assert!(taken.tasks.iter().any(|task| task.id == local));
    let back = UserPatch {
        time_zone: Some("Europe/Berlin".to_owned()),
        ..UserPatch::default()
    };
    app.client.update_user(user, &back).await.unwrap();
    let again = claim(&app.client, 1000).await;
    let due = again.tasks.iter().find(|task| task.id == local).unwrap();
    assert_eq!(
        (due.next_run_at, due.time_zone.as_str()),
        (moved.1, "Europe/Berlin")
    );
}

async fn twenty_claims_at_once_never_overlap(db: TestDb) {
    let app = TestApp::start(db).await;
    let clients = [app.client.clone(), app.replica().await];
    let user = app.user("Ada").await.id;
    for i in 0..60 {
        let due = reminder(&i.to_string(), once("2026-11-20T12:00:01Z"));
        app.client.create_task(user, &due).await.unwrap();
    }
    let idle = app
        .client
        .create_task(user, &reminder("later", daily_at_nine()))
        .await
        .unwrap()
        .id;
    app.clock.advance(TimeDelta::seconds(2));
    let claims: Vec<_> = (0..20)
        .map(|i| {
            let client = clients[i % 2].clone();
            tokio::spawn(async move { claim(&client, 4).await })
        })
        .collect();
    let (mut taken, mut tokens) = (Vec::new(), HashSet::new());
    for one in claims {
        let one = one.await.unwrap();
        assert!(one.tasks.len() <= 4);
        tokens.insert(one.lease_token);
        taken.extend(one.tasks.into_iter().map(|task| task.id));
    }
    taken.extend(
        claim(&app.client, 100)
            .await
            .tasks
            .into_iter()
            .map(|task| task.id),
    );
    assert_eq!(tokens.len(), 20);
    assert_eq!(taken.len(), 60, "each is taken");
    assert_eq!(taken.iter().collect::<HashSet<_>>().len(), 60, "by one");
    assert!(!taken.contains(&idle));
}

async fn a_lease_that_runs_out_is_taken_over(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    app.client
        .create_task(user, &reminder("x", once("2026-11-20T12:00:10Z")))
        .await
        .unwrap();
    assert!(claim(&app.client, 10).await.tasks.is_empty(), "not due yet");
    app.clock.advance(TimeDelta::seconds(10));
    let first = claim(&app.client, 10).await;
    assert_eq!(first.tasks.len(), 1);
    assert_eq!(first.lease_until, at("2026-11-20T12:00:40Z"));
    app.clock.advance(TimeDelta::seconds(29));
    assert!(claim(&app.client, 10).await.tasks.is_empty(), "the lease holds");
    app.clock.advance(TimeDelta::seconds(1));
    let second = claim(&app.client, 10).await;
    assert_eq!(second.tasks.len(), 1);

    let (task, late) = run_of(&first, None);
    assert!(is_stale(&app.client.record_run(task, &late).await));
    let (task, run) = run_of(&second, None);
    app.client.record_run(task, &run).await.unwrap();
}

async fn a_run_is_recorded_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let task = app
        .client
        .create_task(user, &reminder("stretch", daily_at_nine()))
        .await
        .unwrap()
        .id;
    let days = [at("2026-11-21T08:00:00Z"), at("2026-11-22T08:00:00Z")];

    app.clock.set(days[0]);
    let taken = claim(&app.client, 1).await;
    let (id, run) = run_of(&taken, Some(days[1]));
    assert_eq!((id, run.scheduled_for), (task, days[0]));
    let recorded = app.client.record_run(task, &run).await.unwrap();
    assert_eq!((recorded.user_id, recorded.missed), (user, 2));
    let after = app.client.task(user, task).await.unwrap();
    assert_eq!(
        (after.next_run_at, after.last_run_at),
        (Some(days[1]), Some(run.fired_at))
    );

    assert_eq!(
        app.client.record_run(task, &run).await.unwrap(),
        recorded,
        "again is the same"
    );
    assert_eq!(
        app.client.task(user, task).await.unwrap(),
        after,
        "and changes nothing"
    );

    app.clock.set(days[1]);
    let (_, last) = run_of(&claim(&app.client, 1).await, None);
    app.client.record_run(task, &last).await.unwrap();
    let done = app.client.task(user, task).await.unwrap();
    assert_eq!((done.status, done.next_run_at), (TaskStatus::Done, None));
    assert_eq!(
        app.client.cancel_task(user, task).await.unwrap().status,
        TaskStatus::Done
    );

    let mut page = PageQuery {
        limit: Some(1),
        cursor: None,
    };
    let newest = app.client.task_runs(user, task, &page).await.unwrap();
    assert_eq!(newest.items[0].scheduled_for, days[1]);
    page.cursor = newest.next_cursor;
    assert_eq!(
        app.client.task_runs(user, task, &page).await.unwrap().items,
        [recorded]
    );

    let backwards = NewTaskRun {
        next_run_at: Some(days[0]),
        ..last
    };
    assert_eq!(
        refused_fields(app.client.record_run(task, &backwards).await),
        ["next_run_at"]
    );
    assert!(matches!(
        app.client.record_run(no_id(), &last_of(&run)).await,
        Err(Error::NotFound)
    ));
}

fn last_of(run: &NewTaskRun) -> NewTaskRun {
    NewTaskRun {
        next_run_at: None,
        ..run.clone()
    }
}

async fn a_changed_task_makes_its_lease_stale(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let make = async || {
        let soon = app.clock_now() + TimeDelta::seconds(1);
        app.client
            .create_task(user, &reminder("x", Schedule::Once { at: soon }))
            .await
            .unwrap();
        app.clock.advance(TimeDelta::seconds(1));
        claim(&app.client, 1).await
    };
    let cancelled = make().await;
    let (task, run) = run_of(&cancelled, None);
    app.client.cancel_task(user, task).await.unwrap();
    assert!(is_stale(&app.client.record_run(task, &run).await));
    assert_eq!(
        app.client.task(user, task).await.unwrap().status,
        TaskStatus::Cancelled
    );

    let reworded = make().await;
    let (task, run) = run_of(&reworded, None);
    let text = ScheduledTaskPatch {
        text: Some("y".to_owned()),
        ..ScheduledTaskPatch::default()
    };
    app.client.update_task(user, task, &text).await.unwrap();
    app.client.record_run(task, &run).await.unwrap();
    assert_eq!(
        app.client.task(user, task).await.unwrap().status,
        TaskStatus::Done
    );
}
