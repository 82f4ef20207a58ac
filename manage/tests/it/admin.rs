//! `manage user` and `manage task`, as an operator types them against a running installation.

use std::{process::Output, time::Duration};

use chrono::NaiveTime;
use messages::{Address, Channel, TaskAction};
use rest_client::{NewScheduledTask, NewUser, UserState};
use schedule::Schedule;
use serde_json::Value;
use test_support::wait_until;

use crate::process::{Place, Running};

/// Firing takes a tick of cron_service, on a loaded machine.
const LIMIT: Duration = Duration::from_secs(30);

fn manage(place: &Place, running: &Running, args: &[&str]) -> Output {
    let mut command = place.manage(args);
    command.env("REST_URL", &running.rest_url).output().unwrap()
}

fn said(place: &Place, running: &Running, args: &[&str]) -> String {
    let output = manage(place, running, args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && errors.is_empty(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why it failed, after checking that it is one line.
fn refused(place: &Place, running: &Running, args: &[&str]) -> String {
    let output = manage(place, running, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    errors
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn users_are_listed_let_in_turned_away_and_invited() {
    let place = Place::new();
    let running = place.run();
    let client = place.client(&running);
    let stranger = NewUser {
        name: "Sam".to_owned(),
        locale: None,
        time_zone: Some("Europe/Berlin".to_owned()),
        role: None,
        state: None,
    };
    let sam = client.create_user(&stranger).await.unwrap();

    let pending = said(&place, &running, &["user", "list", "--state", "pending"]);
    assert!(
        pending.contains("Sam") && pending.contains("pending") && pending.contains("Europe/Berlin"),
        "{pending}"
    );
    let approved = said(&place, &running, &["user", "approve", "Sam"]);
    assert!(
        approved.contains("active") && approved.contains(&sam.id.to_string()),
        "{approved}"
    );
    assert_eq!(client.user(sam.id).await.unwrap().state, UserState::Active);
    let blocked = json(&said(
        &place,
        &running,
        &["user", "block", &sam.id.to_string(), "--json"],
    ));
    assert_eq!(blocked["state"], "blocked");
    let none = said(&place, &running, &["user", "list", "--state", "pending"]);
    assert_eq!(none.trim(), "There are none.");

    // An invitation is good for whoever has that account, and again is the same.
    let invite = [
        "user",
        "invite",
        "--telegram",
        "5550100",
        "--name",
        "Bob",
        "--json",
    ];
    let bob = json(&said(&place, &running, &invite));
    assert_eq!(bob["state"], "active");
    assert_eq!(json(&said(&place, &running, &invite))["id"], bob["id"]);
    let shown = said(&place, &running, &["user", "show", "Bob"]);
    assert!(shown.contains("5550100") && shown.contains("telegram"), "{shown}");
    let shown = json(&said(&place, &running, &["user", "show", "Bob", "--json"]));
    assert_eq!(shown["identities"][0]["external_id"], "5550100");

    // A zone that is given for somebody who is known already is not forgotten.
    let zoned = [&invite[..], &["--time-zone", "Europe/Madrid"]].concat();
    assert_eq!(
        json(&said(&place, &running, &zoned))["time_zone"],
        "Europe/Madrid"
    );
    let edit = [
        "user",
        "edit",
        "Bob",
        "--time-zone",
        "berlin",
        "--name",
        "Robert",
        "--role",
        "owner",
        "--json",
    ];
    let robert = json(&said(&place, &running, &edit));
    assert_eq!(robert["id"], bob["id"]);
    assert_eq!(robert["time_zone"], "Europe/Berlin");
    assert_eq!(
        (&robert["name"], &robert["role"]),
        (&"Robert".into(), &"owner".into())
    );
    let member = said(&place, &running, &["user", "edit", "Robert", "--role", "member"]);
    assert!(
        member.contains("member") && member.contains("Europe/Berlin"),
        "{member}"
    );
    let german = said(
        &place,
        &running,
        &["user", "edit", "Robert", "--language", "de-AT", "--json"],
    );
    let german: serde_json::Value = serde_json::from_str(&german).unwrap();
    assert_eq!(german["locale"], "de-AT");
    let no_language = refused(
        &place,
        &running,
        &["user", "edit", "Robert", "--language", "not one"],
    );
    assert!(no_language.contains("language tag"), "{no_language}");
    let nowhere = refused(
        &place,
        &running,
        &["user", "edit", "Robert", "--time-zone", "Nowhere/At_All"],
    );
    assert!(nowhere.contains("not a time zone"), "{nowhere}");
    let budget = [
        "user",
        "edit",
        "Robert",
        "--budget-day",
        "2.50",
        "--budget-month-tokens",
        "1000",
        "--json",
    ];
    let limited = json(&said(&place, &running, &budget));
    assert_eq!(limited["budget_day_micros"], 2_500_000);
    assert_eq!(limited["budget_month_tokens"], 1_000);
    let shown = said(&place, &running, &["user", "show", "Robert"]);
    assert!(
        shown.contains("$0.00 of $2.50 spent, until ") && shown.contains("0 of 1000 tokens spent, until "),
        "{shown}"
    );
    let default = ["user", "edit", "Robert", "--budget-day", "default", "--json"];
    let default = json(&said(&place, &running, &default));
    assert_eq!(default["budget_day_micros"], serde_json::Value::Null);
    assert_eq!(default["budget_month_tokens"], 1_000);
    let nothing = refused(&place, &running, &["user", "edit", "Robert"]);
    assert!(nothing.contains("--time-zone"), "{nothing}");

    client.create_user(&stranger).await.unwrap();
    let two = refused(&place, &running, &["user", "approve", "Sam"]);
    assert!(
        two.contains("say which by the id") && two.contains(&sam.id.to_string()),
        "{two}"
    );
    let nobody = refused(&place, &running, &["user", "block", "Nobody"]);
    assert!(nobody.contains("manage user list"), "{nobody}");
    let wrong = manage(
        &place,
        &running,
        &["user", "invite", "--telegram", "@bob", "--name", "Bob"],
    );
    assert_eq!(wrong.status.code(), Some(2));
}

fn person(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: Some(UserState::Active),
    }
}

fn daily(text: &str) -> NewScheduledTask {
    NewScheduledTask {
        action: TaskAction::Remind,
        text: text.to_owned(),
        schedule: Schedule::Daily {
            times: vec![NaiveTime::from_hms_opt(9, 0, 0).unwrap()],
            cycle: None,
        },
        time_zone: None,
        to: Address {
            channel: Channel::Api,
            chat: "terminal".to_owned(),
        },
        idempotency_key: None,
        from_outside: false,
    }
}

#[tokio::test]
async fn tasks_are_handed_from_one_user_to_another_as_a_file() {
    let place = Place::new();
    let running = place.run();
    let client = place.client(&running);
    let ada = client.create_user(&person("Ada")).await.unwrap().id;
    let bob = client.create_user(&person("Bob")).await.unwrap().id.to_string();
    client.create_task(ada, &daily("water the plants")).await.unwrap();

    let ada = ada.to_string();
    let yaml = said(&place, &running, &["task", "export", "--user", &ada]);
    assert!(yaml.contains("text: water the plants"), "{yaml}");
    for file in ["tasks.yaml", "tasks.json"] {
        said(
            &place,
            &running,
            &["task", "export", "--user", &ada, "--output", file],
        );
        let import = |args: &[&str]| {
            let args = [&["task", "import", file, "--user", &bob], args].concat();
            said(&place, &running, &args)
        };
        if file.ends_with("yaml") {
            let tried = import(&["--dry-run"]);
            assert!(tried.starts_with("+ task water the plants\n"), "{tried}");
            assert!(tried.contains("nothing was changed (dry run)"), "{tried}");
            assert!(import(&[]).contains("1 changed, 0 stayed"));
        }
        assert!(import(&[]).contains("Nothing to change; 1 are as the document says."));
    }
    let path = place.path().join("tasks.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("Etc/UTC", "Mars/Base").replace("UTC", "Mars/Base"),
    )
    .unwrap();
    let output = manage(
        &place,
        &running,
        &["task", "import", "tasks.yaml", "--user", &bob],
    );
    assert_eq!(output.status.code(), Some(1));
    let named = String::from_utf8(output.stdout).unwrap();
    assert!(named.starts_with("tasks[0].time_zone: "), "{named}");
    std::fs::write(&path, "tasks: [").unwrap();
    let broken = refused(
        &place,
        &running,
        &["task", "import", "tasks.yaml", "--user", &bob],
    );
    assert!(broken.contains("cannot read tasks.yaml"), "{broken}");
    let nobody = "0198c5a0-7e00-7000-8000-00000000ffff";
    let unknown = refused(&place, &running, &["task", "export", "--user", nobody]);
    assert!(unknown.contains("manage user list"), "{unknown}");
}

#[tokio::test]
async fn a_task_is_listed_fired_held_and_ended() {
    let place = Place::new();
    let running = place.run();
    let client = place.client(&running);
    let user = client.create_user(&person("Ada")).await.unwrap().id;
    let task = client
        .create_task(user, &daily("water the plants"))
        .await
        .unwrap();
    let id = task.id.to_string();

    let listed = said(&place, &running, &["task", "list"]);
    assert!(listed.contains(&id) && listed.contains("next 20"), "{listed}");
    assert!(
        !listed.contains("plants"),
        "a list does not tell what people wrote"
    );
    said(&place, &running, &["task", "run-now", &id]);
    let fired = async || {
        let shown = json(&said(&place, &running, &["task", "show", &id, "--json"]));
        // It goes on as planned.
        shown["runs"].as_array().unwrap().len() == 1
            && shown["next_run_at"] == serde_json::json!(task.next_run_at)
    };
    wait_until("the task to fire", LIMIT, fired).await;
    let shown = said(&place, &running, &["task", "show", &id]);
    assert!(
        shown.contains("water the plants") && shown.contains("has fired"),
        "{shown}"
    );

    let paused = said(&place, &running, &["task", "pause", &id]);
    assert!(paused.contains("paused"), "{paused}");
    assert_eq!(
        said(&place, &running, &["task", "list"]).trim(),
        "There are none."
    );
    let held = refused(&place, &running, &["task", "run-now", &id]);
    assert!(held.contains("not active"), "{held}");
    let resumed = said(&place, &running, &["task", "resume", &id]);
    assert!(
        resumed.contains("active") && resumed.contains("next 20"),
        "{resumed}"
    );
    said(&place, &running, &["task", "cancel", &id]);
    let over = said(&place, &running, &["task", "list", "--all"]);
    assert!(over.contains("cancelled"), "{over}");
    let unknown = refused(&place, &running, &["task", "show", &user.to_string()]);
    assert!(unknown.contains("manage task list"), "{unknown}");
}
