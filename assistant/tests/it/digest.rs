//! The morning's digest of docs/examples: imported as it lies there, due, answered with the tools.

use std::sync::{Arc, Mutex};

use fakes::openai::{OpenAiServer, Step};
use messages::{Address, Channel, Event, EventId, TaskAction, TaskDueV1};
use rest_client::{NewScheduledTask, TaskDocument, TaskImportQuery, TaskStatus};
use schedule::Schedule;
use serde_json::json;

use crate::{
    openai::model,
    world::{SOON, Stores, World, shown},
};

const DIGEST: &str = include_str!("../../../docs/examples/morning-digest.json");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_morning_digest_tells_what_the_day_brings() {
    let openai = OpenAiServer::start().await;
    let mut world = World::with_model(Stores::Embedded, Arc::new(model(openai.url(), SOON))).await;
    let plants = NewScheduledTask {
        action: TaskAction::Remind,
        text: "water the plants".to_owned(),
        schedule: Schedule::Daily {
            times: vec![chrono::NaiveTime::from_hms_opt(8, 0, 0).expect("a time")],
            cycle: None,
        },
        time_zone: None,
        to: world.address(),
        from_outside: false,
        idempotency_key: None,
    };
    world.rest.create_task(world.user, &plants).await.expect("made");
    let mut digest: TaskDocument = serde_json::from_str(DIGEST).expect("the example is a document of tasks");
    // Whoever imports it says where it goes.
    for task in &mut digest.tasks {
        assert_eq!(task.to.channel, Channel::Telegram);
        task.to = Address {
            channel: Channel::Api,
            chat: world.user.to_string(),
        };
    }
    let import = TaskImportQuery { dry_run: false };
    world
        .rest
        .import_tasks(world.user, &digest, &import)
        .await
        .expect("the example is imported");
    let tasks = world.tasks(TaskStatus::Active).await;
    let task = tasks
        .iter()
        .find(|task| task.action == TaskAction::Prompt)
        .expect("the digest");
    assert_eq!(
        task.description.as_deref(),
        Some("every weekday at 07:30"),
        "what people read of it"
    );
    assert_eq!(task.next_runs.len(), 5);

    let told = Arc::new(Mutex::new(String::new()));
    let seen = told.clone();
    openai.answers_with(move |request| {
        let results = request.tool_results();
        if results.is_empty() {
            assert!(request.last_user_text().contains("what today brings"));
            return Step::tool_call("reminder_list", json!({}));
        }
        seen.lock().expect("unpoisoned").push_str(&format!("{results:?}"));
        Step::text("Good morning! At 8:00 you water the plants.")
    });
    let due = TaskDueV1 {
        task_id: task.id,
        user_id: world.user,
        to: task.to.clone(),
        action: task.action,
        text: task.text.clone(),
        scheduled_for: task.next_run_at.expect("it is active"),
        fired_at: task.next_run_at.expect("it is active"),
        missed: 0,
        from_outside: task.from_outside,
    };
    let id = EventId::task(task.id, due.scheduled_for.timestamp_millis());
    world.publishes(id, Event::TaskDueV1(due)).await;
    world.handle_next().await;
    assert_eq!(
        shown(&world.reply().await),
        "Good morning! At 8:00 you water the plants."
    );
    assert!(
        told.lock().expect("unpoisoned").contains("water the plants"),
        "the model was told of it"
    );
}
