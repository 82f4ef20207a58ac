//! The service as a whole: its settings, its loop, its end.

use std::{sync::Arc, time::Duration};

use assistant::{Settings, driver::backoff};
use fakes::openai::{OpenAiServer, Step};
use rest_client::TaskStatus;
use serde_json::json;
use service_kit::settings::{Settings as _, SettingsError, parse};

use crate::{
    openai::model,
    world::{KEY, SOON, Stores, World},
};

fn settings(more: &[&str]) -> Result<Settings, SettingsError> {
    let needed = [
        "assistant",
        "--bus-url",
        "sqlite:bus.db",
        "--service-key",
        "a-service-key-for-tests",
    ];
    parse(
        "assistant",
        assistant::ABOUT,
        needed.iter().chain(more).map(ToString::to_string),
    )
}

#[test]
fn settings_that_cannot_work_are_named() {
    let wrong = |more: &[&str]| match settings(more) {
        Err(SettingsError::Wrong(error)) => error.to_string(),
        other => panic!("it should be refused: {other:?}"),
    };
    assert!(wrong(&["--openai-base-url", "localhost"]).contains("OPENAI_BASE_URL"));
    assert!(wrong(&["--turn-deadline", "0"]).contains("TURN_DEADLINE"));
    let fine = settings(&[
        "--openai-base-url",
        "",
        "--openai-api-key",
        "",
        "--model-deadline",
        "1.5",
    ])
    .expect("settings");
    assert_eq!(fine.model.model_deadline, Duration::from_millis(1500));
    assert!(fine.problems().is_empty());
    let secret = settings(&["--openai-api-key", "sk-very-secret"]).expect("settings");
    assert!(!format!("{secret:?}").contains("very-secret"));
}

#[test]
fn tries_wait_longer_each_time_up_to_a_limit() {
    let waits: Vec<u64> = (1..=9)
        .map(|attempt| u64::try_from(backoff(attempt).as_millis()).expect("milliseconds"))
        .collect();
    assert_eq!(
        waits,
        [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]
    );
    assert_eq!(backoff(u32::MAX), Duration::from_secs(30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_runs_on_its_settings_alone() {
    let mut world = World::new(Stores::Embedded).await;
    let settings: Settings = parse(
        "assistant",
        assistant::ABOUT,
        [
            "assistant",
            "--bus-url",
            &world.bus_url,
            "--rest-url",
            &world.rest_url,
            "--service-key",
            KEY,
            "--find-ollama",
            "false",
        ],
    )
    .expect("settings");
    let (lifecycle, supervisor) = service_kit::Lifecycle::new(Arc::new(world.clock.clone()));
    lifecycle.health().expect("assistant");
    lifecycle
        .clone()
        .spawn("assistant", assistant::run(settings, lifecycle.clone()));
    let supervised = tokio::spawn(supervisor.supervise());
    world.writes("what time is it?").await;
    assert_eq!(
        world.reply().await.text,
        "It is Fri 20 Nov 2026, 12:03 Europe/Berlin."
    );
    let report = lifecycle.health().fresh_report().await;
    assert!(report.ready, "{report:?}");
    let names: Vec<_> = report.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["assistant", "rest_service", "bus"]);
    lifecycle.stop();
    let ended = tokio::time::timeout(SOON, supervised)
        .await
        .expect("it stops in time");
    ended.expect("no panic").expect("no error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_ollama_is_found_by_itself_and_not_where_it_is_not_looked_for() {
    let ollama = OpenAiServer::start_with(fakes::openai::Options {
        is_open: true,
        models: ["gemma2:2b", "qwen3:8b"].map(str::to_owned).into(),
        provider: fakes::openai::provider("Ollama: "),
        ..fakes::openai::Options::default()
    })
    .await;
    ollama.answers_with(|_| Step::text("Hello from this machine!"));
    let folder =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ollama-{}", std::process::id()));
    let servers =
        json!({ "servers": [{ "name": "ollama", "url": ollama.url(), "key": null, "model": null }] });
    std::fs::write(&folder, servers.to_string()).expect("a file");
    for (find, answer) in [("true", "Hello from this machine!"), ("false", "offline model")] {
        let mut world = World::new(Stores::Embedded).await;
        let settings: Settings = parse(
            "assistant",
            assistant::ABOUT,
            [
                "assistant",
                "--bus-url",
                &world.bus_url,
                "--rest-url",
                &world.rest_url,
                "--service-key",
                KEY,
                "--models-file",
                folder.to_str().expect("a path"),
                "--find-ollama",
                find,
            ],
        )
        .expect("settings");
        let (lifecycle, _supervisor) = service_kit::Lifecycle::new(Arc::new(world.clock.clone()));
        lifecycle
            .clone()
            .spawn("assistant", assistant::run(settings, lifecycle.clone()));
        world.writes("hello").await;
        let told = world.reply().await.text;
        assert!(told.contains(answer), "FIND_OLLAMA={find}: {told}");
        lifecycle.stop();
    }
    std::fs::remove_file(folder).expect("the file");
    // The one that calls tools, and as many times as it was asked.
    assert_eq!(ollama.requests().len(), 1);
    assert_eq!(ollama.requests()[0].body["model"], "qwen3:8b");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_in_hand_is_finished_when_the_service_stops() {
    let openai = OpenAiServer::start().await;
    let mut world = World::with_model(
        Stores::Embedded,
        Arc::new(model(openai.url(), Duration::from_secs(10))),
    )
    .await;
    openai.script([Step::text("Just in time.").after(Duration::from_millis(300))]);
    let (lifecycle, _supervisor) = service_kit::Lifecycle::new(Arc::new(world.clock.clone()));
    let (bus, driver, life) = (world.bus.clone(), world.driver(), lifecycle.clone());
    let service = tokio::spawn(async move { assistant::serve(&bus, driver, &life).await });
    world.writes("hello").await;
    assert!(openai.wait_for_requests(1, SOON).await);
    lifecycle.stop();
    let ended = tokio::time::timeout(SOON, service)
        .await
        .expect("it stops in time");
    ended.expect("no panic").expect("no error");
    assert_eq!(world.reply().await.text, "Just in time.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_run_side_by_side() {
    let openai = OpenAiServer::start().await;
    let slow = |_: &fakes::openai::Request| Step::text("Hello!").after(Duration::from_millis(500));
    openai.answers_with(slow);
    let mut world = World::with_model(
        Stores::Embedded,
        Arc::new(model(openai.url(), Duration::from_secs(10))),
    )
    .await;
    let (lifecycle, _supervisor) = service_kit::Lifecycle::new(Arc::new(world.clock.clone()));
    let (bus, driver, life) = (world.bus.clone(), world.driver(), lifecycle.clone());
    let service = tokio::spawn(async move { assistant::serve(&bus, driver, &life).await });
    let began = tokio::time::Instant::now();
    for chat in 0..10 {
        world.writes_in(&chat.to_string(), "hello").await;
    }
    for _ in 0..10 {
        assert_eq!(world.reply().await.text, "Hello!");
    }
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "one after the other takes 5 s, this took {:?}",
        began.elapsed()
    );
    lifecycle.stop();
    service.await.expect("no panic").expect("no error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_after_a_tool_call_leaves_one_reminder_and_one_answer() {
    let openai = OpenAiServer::start().await;
    let mut world = World::new(Stores::DistributedAlone).await;
    let (bus_url, rest_url, openai_url) = (
        world.bus_url.clone(),
        world.rest_url.clone(),
        openai.url().to_owned(),
    );
    let start = || {
        tokio::process::Command::new(env!("CARGO_BIN_EXE_assistant"))
            .args(["--bus-url", &bus_url, "--rest-url", &rest_url])
            .args(["--service-key", KEY, "--openai-base-url", &openai_url])
            .args(["--openai-api-key", "sk-test", "--log", "error"])
            .kill_on_drop(true)
            .spawn()
            .expect("the process starts")
    };
    let create = || {
        Step::tool_call(
            "reminder_create",
            json!({ "text": "drink", "in": { "minutes": 5 } }),
        )
    };
    openai.script([create(), Step::hang()]);
    let mut first = start();
    world.writes("remind me in 5 minutes to drink").await;
    assert!(
        openai.wait_for_requests(2, SOON).await,
        "the tool was run and the model is asked again"
    );
    openai.script([create(), Step::text("Done.")]);
    first.kill().await.expect("killed with SIGKILL");
    let _second = start();
    let reply = world.reply().await;
    assert_eq!(reply.text, "Done.");
    assert_eq!(reply.receipts.len(), 1);
    assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
    // What is said next is answered next: nothing of the turn before is left.
    openai.answers("You're welcome.");
    world.writes("thanks").await;
    assert_eq!(world.reply().await.text, "You're welcome.");
    assert_eq!(openai.served(), 5);
}
