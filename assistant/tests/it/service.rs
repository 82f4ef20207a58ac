//! The service as a whole: its settings, its loop, its end.

use std::{sync::Arc, time::Duration};

use assistant::Settings;
use fakes::openai::{OpenAiServer, Step};
use service_kit::settings::{Settings as _, SettingsError, parse};

use crate::{
    openai::model,
    world::{SOON, Stores, World},
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
