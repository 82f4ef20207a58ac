//! Every operation of the OpenAPI document, called with valid and invalid input that schemathesis makes from it.
//!
//! What it looks for: answers of 5xx, statuses, types, headers and bodies that the document does not tell,
//! invalid input that is taken and valid input that is not, calls that a wrong key opens, things that are still
//! there after they were deleted. The seed is fixed, so the calls are the same each time but for ids and times.

use std::{fmt::Write, path::Path, process::Stdio, time::Duration};

use chrono::NaiveTime;
use messages::EventId;
use rest_client::{MessageRole, UserPatch, UserState};
use schedule::Schedule;
use test_support::{python, wait_until};
use tokio::process::Command;

use crate::support::{KEY, TestApp, TestDb, on_both, reminder, turn};

on_both!(the_generated_suite_finds_nothing);

/// What decides which calls are made.
const PACKAGES: [&str; 2] = ["schemathesis==4.32.5", "hypothesis==6.170.15"];
const SEED: &str = "20261121";

/// How long one run may take on a loaded machine; about half a minute is usual.
const LIMIT: Duration = Duration::from_secs(400);

/// What holds for all runs.
///
/// A schema cannot tell that a time zone or a cron expression exists, or that one time is later than another: 422
/// is an answer to valid input. U+0000 is refused everywhere, see `http.rs`.
const CONFIG: &str = r#"
[generation]
allow-x00 = false

[checks.positive_data_acceptance]
# 400: a header is also sent empty, whatever its schema says of its length.
expected-statuses = ["2xx", "400", "304", "401", "403", "404", "409", "412", "413", "422"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422"]

# A new user has no calendar account yet, although its path says no more than the user's id.
[[operations]]
include-operation-id = "calendar_accounts_get"
checks.ensure_resource_availability.enabled = false
"#;

async fn the_generated_suite_finds_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = tokio::task::spawn_blocking(|| python::program(tmp, &PACKAGES, "st"));
    let program = program.await.unwrap();
    let ready = app.url.join("/health/ready").unwrap();
    wait_until("the bus is there", Duration::from_secs(20), async || {
        let answer = app.raw.get(ready.clone()).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    let folder = tempfile::tempdir_in(tmp).unwrap();
    std::fs::write(folder.path().join("openapi.json"), rest_service::openapi()).unwrap();

    // Everything, with ids as they come: most name nothing, but those of what the calls themselves have made do.
    let everything = ["--phases=examples,coverage,fuzzing,stateful", "--max-examples=6"];
    run(&program, folder.path(), &app, CONFIG, &everything).await;
    // Valid input for things that are there.
    let config = format!("{CONFIG}\n{}", existing(&app).await);
    let within = ["--phases=coverage,fuzzing", "--max-examples=8", "--mode=positive"];
    run(&program, folder.path(), &app, &config, &within).await;
}

/// The ids of things that are there, as the variables of paths.
async fn existing(app: &TestApp) -> String {
    let user = app.user("Ada").await.id;
    let active = UserPatch {
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    app.client.update_user(user, &active).await.unwrap();
    let daily = Schedule::Daily {
        times: vec![NaiveTime::MIN],
        cycle: None,
    };
    let task = app
        .client
        .create_task(user, &reminder("drink water", daily))
        .await
        .unwrap();
    let said = turn("e:existing", &[(MessageRole::User, "hello")]);
    let stored = app.client.create_turn(user, &said).await.unwrap();
    let ids = [
        ("user", user.to_string()),
        ("task", task.id.to_string()),
        ("thread", stored.thread_id.to_string()),
        ("event", EventId::new("e:existing").to_string()),
    ];
    let mut config = "[parameters]\n".to_owned();
    for (name, id) in ids {
        writeln!(config, "\"path.{name}\" = \"{id}\"").unwrap();
    }
    config
}

async fn run(program: &Path, folder: &Path, app: &TestApp, config: &str, args: &[&str]) {
    let config_file = folder.join("schemathesis.toml");
    std::fs::write(&config_file, config).unwrap();
    let suite = Command::new(program)
        .arg("--config-file")
        .arg(&config_file)
        .args([
            "run",
            "openapi.json",
            "--url",
            app.url.as_str().trim_end_matches('/'),
        ])
        .args(["--header", &format!("Authorization: Bearer {KEY}")])
        // An event stream has no end, and its reader waits for one.
        .args(["--exclude-operation-id", "channel_listen"])
        .args([
            "--seed",
            SEED,
            "--continue-on-failure",
            "--no-shrink",
            "--warnings=off",
        ])
        .args(["--request-timeout=15", "--workers=1"])
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, suite).await;
    let output = output.expect("schemathesis did not come to an end").unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("generated"), "it made calls: {said}");
}
