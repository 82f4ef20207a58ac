//! Runs recorded many at a time: each once, each with its own outcome.

use chrono::TimeDelta;
use rest_client::{ClaimTasks, Client, NewTaskRunOf, NewTaskRuns, PageQuery, RunOutcome, TaskStatus};
use schedule::Schedule;

use crate::support::{TestApp, TestDb, no_id, on_both, refused_fields, reminder};

on_both!(
    a_claims_runs_are_recorded_in_one_call,
    two_that_record_the_same_runs_at_once_record_each_once,
    runs_are_checked,
);

async fn due(app: &TestApp, count: usize) -> NewTaskRuns {
    let user = app.user("Ada").await.id;
    for i in 0..count {
        let at = app.clock_now() + TimeDelta::seconds(1);
        let task = reminder(&format!("task {i}"), Schedule::Once { at });
        app.client.create_task(user, &task).await.unwrap();
    }
    app.clock.advance(TimeDelta::seconds(2));
    claimed(&app.client).await
}

async fn claimed(client: &Client) -> NewTaskRuns {
    let ask = ClaimTasks {
        limit: 1_000,
        lease_seconds: 10,
    };
    let claim = client.claim_tasks(&ask).await.unwrap();
    let runs = claim.tasks.iter().map(|task| NewTaskRunOf {
        task_id: task.id,
        scheduled_for: task.next_run_at.unwrap(),
        fired_at: task.next_run_at.unwrap() + TimeDelta::seconds(1),
        missed: 0,
        next_run_at: None,
    });
    NewTaskRuns {
        lease_token: claim.lease_token,
        runs: runs.collect(),
    }
}

async fn a_claims_runs_are_recorded_in_one_call(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut runs = due(&app, 4).await;
    assert_eq!(runs.runs.len(), 4);
    let user = app.client.users(&Default::default()).await.unwrap().items[0].id;
    // One recurs, one was changed since, one is gone.
    runs.runs[0].next_run_at = Some(runs.runs[0].scheduled_for + TimeDelta::hours(1));
    let changed = runs.runs[1].task_id;
    app.client.cancel_task(user, changed).await.unwrap();
    runs.runs[2].task_id = no_id();

    let outcomes = app.client.record_runs(&runs).await.unwrap().outcomes;
    assert_eq!(
        outcomes,
        [
            RunOutcome::Recorded,
            RunOutcome::StaleLease,
            RunOutcome::NotFound,
            RunOutcome::Recorded
        ]
    );
    let recurring = app.client.task(user, runs.runs[0].task_id).await.unwrap();
    assert_eq!(
        (recurring.status, recurring.next_run_at, recurring.last_run_at),
        (
            TaskStatus::Active,
            runs.runs[0].next_run_at,
            Some(runs.runs[0].fired_at)
        )
    );
    assert_eq!(
        app.client.task(user, runs.runs[3].task_id).await.unwrap().status,
        TaskStatus::Done
    );
    let again = app.client.record_runs(&runs).await.unwrap().outcomes;
    assert_eq!(
        again,
        [
            RunOutcome::Known,
            RunOutcome::StaleLease,
            RunOutcome::NotFound,
            RunOutcome::Known
        ]
    );
    for (i, count) in [(0, 1), (1, 0), (3, 1)] {
        let page = app
            .client
            .task_runs(user, runs.runs[i].task_id, &PageQuery::default())
            .await
            .unwrap();
        assert_eq!(page.items.len(), count);
    }
    // Somebody else's lease records nothing.
    let later = due(&app, 1).await;
    let foreign = NewTaskRuns {
        lease_token: no_id(),
        ..later
    };
    let outcomes = app.client.record_runs(&foreign).await.unwrap().outcomes;
    assert_eq!(outcomes, [RunOutcome::StaleLease]);
    let none = NewTaskRuns {
        runs: Vec::new(),
        ..foreign
    };
    assert!(app.client.record_runs(&none).await.unwrap().outcomes.is_empty());
}

async fn two_that_record_the_same_runs_at_once_record_each_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let runs = due(&app, 40).await;
    let mut backwards = runs.clone();
    backwards.runs.reverse();
    let replica = app.replica().await;
    let (one, other) = tokio::join!(app.client.record_runs(&runs), replica.record_runs(&backwards));
    let mut other = other.unwrap().outcomes;
    other.reverse();
    for (i, pair) in one.unwrap().outcomes.into_iter().zip(other).enumerate() {
        assert!(
            matches!(
                pair,
                (RunOutcome::Recorded, RunOutcome::Known) | (RunOutcome::Known, RunOutcome::Recorded)
            ),
            "run {i}: {pair:?}"
        );
    }
}

async fn runs_are_checked(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut runs = due(&app, 2).await;
    runs.runs[1].task_id = runs.runs[0].task_id;
    runs.runs[1].next_run_at = Some(runs.runs[1].scheduled_for);
    assert_eq!(
        refused_fields(app.client.record_runs(&runs).await),
        ["runs[1].task_id", "runs[1].next_run_at"]
    );
    runs.runs = vec![runs.runs[0].clone(); 1_001];
    assert_eq!(refused_fields(app.client.record_runs(&runs).await)[0], "runs");
}
