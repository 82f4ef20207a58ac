//! `manage config`: what the settings are, where from, and what is wrong with them.

use std::{fs, process::Output};

use serde_json::Value;

use crate::process::Place;

fn output(place: &Place, args: &[&str]) -> Output {
    place.output(&[&["config"], args].concat())
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn each_setting_is_shown_with_where_it_comes_from_and_secrets_are_not() {
    let place = Place::new()
        .with("OPENAI_MODEL", "from-the-environment")
        .with("SERVICE_KEY", "a-key-in-the-environment");
    let dotenv = "OPENAI_MODEL=hidden\nOPENAI_API_KEY=sk-secret\nCRON_POLL_MS=500\n\
                  WEATHER_URL=http://me:pass-word@127.0.0.1/\nREST_TRUSTED_PROXIES=10.0.0.1,10.0.0.2\n";
    fs::write(place.path().join(".env"), dotenv).unwrap();
    let shown = output(&place, &["show", "--json"]);
    assert_eq!(shown.status.code(), Some(0));
    let settings: Vec<Value> = serde_json::from_str(&text(&shown)).unwrap();
    let get = |name: &str| {
        let setting = settings.iter().find(|setting| setting["name"] == name);
        let setting = setting.unwrap_or_else(|| panic!("{name} is not there"));
        (setting["value"].as_str(), setting["from"].as_str().unwrap())
    };
    assert_eq!(get("OPENAI_MODEL"), (Some("from-the-environment"), "environment"));
    assert_eq!(get("OPENAI_API_KEY"), (Some("***"), ".env"));
    assert_eq!(get("CRON_POLL_MS"), (Some("500"), ".env"));
    assert_eq!(get("REST_TRUSTED_PROXIES"), (Some("10.0.0.1,10.0.0.2"), ".env"));
    assert_eq!(get("SERVICE_KEY"), (Some("***"), "environment"));
    assert_eq!(get("DATABASE_CONNECTIONS"), (Some("16"), "default"));
    assert_eq!(get("DATABASE_URL"), (None, "data folder"));
    assert_eq!(get("GOOGLE_CLIENT_ID"), (None, "not set"));
    let key = settings
        .iter()
        .find(|setting| setting["name"] == "SERVICE_KEY")
        .unwrap();
    for service in [
        "rest_service",
        "assistant",
        "cron_service",
        "calendar_service",
        "tg_bot",
    ] {
        assert!(
            key["read_by"].as_array().unwrap().contains(&service.into()),
            "{key}"
        );
    }
    let people = text(&output(&place, &["show"]));
    assert_eq!(people.lines().count(), settings.len());
    for secret in ["sk-secret", "a-key-in-the-environment", "pass-word"] {
        assert!(
            !people.contains(secret) && !text(&shown).contains(secret),
            "{secret}"
        );
    }
    assert!(!place.data().exists());
}

#[test]
fn every_wrong_setting_is_named_at_once_and_misspelt_names_too() {
    let place = Place::new();
    assert_eq!(output(&place, &["check"]).status.code(), Some(0));
    assert!(text(&output(&place, &["check"])).contains("All settings are good"));
    let dotenv = "CRON_POLL_MS=often\nBUS_URL=amqp://guest:hunter2@localhost\nSERVICE_KEY=short\n\
                  RUST_LOG=??=\nTELEGRAM_BOT_TOKEN=hello-token\n\
                  OPENAI_KEY=sk-secret\nRETENTION_AUDIT=1\nMY_OWN=1\nCOMPOSE_PROJECT_NAME=x\nPOSTGRES_PASSWORD=x\n";
    fs::write(place.path().join(".env"), dotenv).unwrap();
    let checked = output(&place, &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    let told = text(&checked);
    for words in [
        "CRON_POLL_MS cannot be \"often\"",
        "BUS_URL cannot be what it is",
        "SERVICE_KEY cannot be what it is (shorter than 16 characters)",
        "RUST_LOG cannot be",
        "TELEGRAM_BOT_TOKEN cannot be what it is",
        "OPENAI_KEY in .env is no setting; did you mean OPENAI_API_KEY?",
        "RETENTION_AUDIT in .env is no setting; did you mean RETENTION_AUDIT_DAYS?",
    ] {
        assert_eq!(told.matches(words).count(), 1, "{words}: {told}");
    }
    for hidden in [
        "hunter2",
        "hello-token",
        "sk-secret",
        "MY_OWN",
        "COMPOSE_PROJECT_NAME",
        "POSTGRES",
    ] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    let json: Value = serde_json::from_str(&text(&output(&place, &["check", "--json"]))).unwrap();
    assert_eq!(
        json["problems"].as_array().unwrap().len(),
        told.lines().count() - 2
    );
    assert_eq!(json["unknown"][0]["did_you_mean"], "OPENAI_API_KEY");

    // When each is right, what contradicts another is found.
    let dotenv = "GOOGLE_CLIENT_ID=id\nOPENAI_BASE_URL='not a url'\n";
    fs::write(place.path().join(".env"), dotenv).unwrap();
    let told = text(&output(&place, &["check"]));
    for words in [
        "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET go together",
        "OPENAI_BASE_URL cannot be used",
    ] {
        assert_eq!(told.matches(words).count(), 1, "{words}: {told}");
    }
}
