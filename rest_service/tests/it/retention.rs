//! The cleanup: drops what is old enough, in any order and twice at once, and nothing that is still needed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use messages::EventId;
use rest_client::{
    ClaimTasks, CleanUp, CleanedUp, DeliveryStatus, MessageRole, NewDelivery, NewTaskRun, PageQuery,
    TaskStatus,
};
use schedule::Schedule;
use uuid::Uuid;

use crate::{
    support::{TestApp, TestDb, chat, on_both, reminder, turn},
    user_data::{execute, seed_event},
};

on_both!(
    a_time_beyond_all_measure_is_refused,
    what_is_old_is_dropped_and_what_is_needed_stays,
    nothing_goes_before_the_dead_letters,
    much_is_dropped_in_steps_and_by_two_at_once,
);

/// A user with a turn, a delivery, an answer on the API channel, a task that has fired, a recurring one that has,
/// and one that is to come.
async fn full(app: &TestApp) -> (Uuid, Vec<Uuid>) {
    let user = app.user("Ada").await.id;
    app.client
        .create_turn(user, &turn("e:1", &[(MessageRole::User, "hello")]))
        .await
        .unwrap();
    let sent = NewDelivery {
        to: chat("42"),
        external_message_id: Some("1".to_owned()),
        status: DeliveryStatus::Sent,
        error: None,
    };
    app.client
        .record_delivery(user, &EventId::new("e:1:0"), 0, &sent)
        .await
        .unwrap();
    seed_event(&app.db, user, "e:1:0").await;
    let mut tasks = Vec::new();
    for (text, minutes) in [("once", 1), ("again", 1), ("later", 60 * 24 * 4_000)] {
        let at = app.clock_now() + TimeDelta::minutes(minutes);
        let task = reminder(text, Schedule::Once { at });
        tasks.push(app.client.create_task(user, &task).await.unwrap().id);
    }
    app.clock.advance(TimeDelta::minutes(2));
    let ask = ClaimTasks {
        limit: 10,
        lease_seconds: 10,
    };
    let claim = app.client.claim_tasks(&ask).await.unwrap();
    for task in &claim.tasks {
        let next = (task.text == "again").then(|| app.clock_now() + TimeDelta::days(4_000));
        let run = NewTaskRun {
            lease_token: claim.lease_token,
            scheduled_for: task.next_run_at.unwrap(),
            fired_at: app.clock_now(),
            missed: 0,
            next_run_at: next,
        };
        app.client.record_run(task.id, &run).await.unwrap();
    }
    (user, tasks)
}

async fn clean_up(app: &TestApp, dead_letters_days: u32) -> CleanedUp {
    app.client.clean_up(&CleanUp { dead_letters_days }).await.unwrap()
}

fn counts(done: &CleanedUp) -> Vec<(&str, u64)> {
    done.removed
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(table, count)| (table.as_str(), *count))
        .collect()
}

async fn what_is_old_is_dropped_and_what_is_needed_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, tasks) = full(&app).await;
    app.clock.advance(TimeDelta::days(89));
    let early = clean_up(&app, 30).await;
    // The keys under which the four were made are good for a day.
    assert_eq!(counts(&early), [("idempotency_keys", 4)]);
    assert!(early.complete, "{early:?}");
    app.clock.advance(TimeDelta::days(2));
    let done = clean_up(&app, 30).await;
    assert!(done.complete);
    assert_eq!(
        counts(&done),
        [
            ("deliveries", 1),
            ("scheduled_tasks", 1),
            ("task_runs", 2),
            ("user_events", 1)
        ]
    );
    let again = clean_up(&app, 30).await;
    assert!(again.complete && counts(&again).is_empty(), "{again:?}");

    // The event's turn stays: the same event again is still found handled.
    app.client
        .create_turn(user, &turn("e:1", &[(MessageRole::User, "hello")]))
        .await
        .unwrap();
    let turns = app.client.turns(user, &PageQuery::default()).await.unwrap().items;
    assert_eq!(turns.len(), 1);
    let left = app.client.tasks(user, &Default::default()).await.unwrap().items;
    assert!(left.iter().all(|task| task.status == TaskStatus::Active));
    // Ids of one millisecond are in no order.
    let ids = |ids: &mut dyn Iterator<Item = Uuid>| ids.collect::<BTreeSet<_>>();
    assert_eq!(
        ids(&mut left.iter().map(|task| task.id)),
        ids(&mut tasks[1..].iter().copied())
    );
}

async fn nothing_goes_before_the_dead_letters(db: TestDb) {
    let app = TestApp::start(db).await;
    full(&app).await;
    app.clock.advance(TimeDelta::days(95));
    // Runs do not guard a second try; the rest waits for the dead letters, for ever if they stay for ever.
    let kept = clean_up(&app, 0).await;
    assert_eq!(counts(&kept), [("idempotency_keys", 4), ("task_runs", 2)]);
    assert!(counts(&clean_up(&app, 100).await).is_empty());
    app.clock.advance(TimeDelta::days(6));
    assert_eq!(
        counts(&clean_up(&app, 100).await),
        [("deliveries", 1), ("scheduled_tasks", 1), ("user_events", 1)]
    );
}

async fn much_is_dropped_in_steps_and_by_two_at_once(db: TestDb) {
    const MANY: u64 = 1_700;
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let is_postgres = app.db.url.starts_with("postgres");
    let (id, owner, old) = if is_postgres {
        ("gen_random_uuid()", format!("'{user}'"), "'2026-01-01T00:00:00Z'")
    } else {
        (
            "randomblob(16)",
            format!("x'{}'", user.simple()),
            "1767225600000000",
        )
    };
    execute(
        &app.db,
        &format!(
            "INSERT INTO deliveries (id, user_id, reply_id, part, channel, chat, status, created_at)
             WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {MANY})
             SELECT {id}, {owner}, 'old:' || n, 0, 'telegram', '1', 'sent', {old} FROM s"
        ),
    )
    .await;
    let replica = app.replica().await;
    let ask = CleanUp {
        dead_letters_days: 30,
    };
    let (one, other) = tokio::join!(app.client.clean_up(&ask), replica.clean_up(&ask));
    let removed = one.unwrap().removed["deliveries"] + other.unwrap().removed["deliveries"];
    let rest = app.client.clean_up(&ask).await.unwrap();
    assert!(rest.complete);
    assert_eq!(removed + rest.removed["deliveries"], MANY, "each is counted once");
}

async fn a_time_beyond_all_measure_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    for dead_letters_days in [36_501, 999_999_999, u32::MAX] {
        let refused = app.client.clean_up(&CleanUp { dead_letters_days }).await;
        assert_eq!(crate::support::refused_fields(refused), ["dead_letters_days"]);
    }
    assert!(clean_up(&app, 36_500).await.complete);
}
