//! `manage init`, with and without Telegram, a model and Google to ask.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, process::Output};

use fakes::{
    google::GoogleServer,
    openai::{self, OpenAiServer},
    telegram::TelegramServer,
};

use crate::{process::Place, terminal::Terminal};

/// The settings in the `.env` of a place.
fn written(place: &Place) -> BTreeMap<String, String> {
    let text = fs::read_to_string(place.path().join(".env")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// What a command that failed said, on both streams.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let [out, error] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert_eq!(error.lines().count(), 1, "{error}");
    out + &error
}

#[test]
fn yes_makes_all_that_containers_need_but_the_token_and_says_how_to_get_it() {
    let place = Place::new();
    let text = said(&place.output(&["init", "--yes"]));
    assert!(
        text.contains("@BotFather") && text.contains("--telegram-bot-token TOKEN"),
        "{text}"
    );
    assert!(text.contains("the offline model answers"), "{text}");
    let file = place.path().join(".env");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let mut settings = written(&place);
    let compose = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docker-compose.yml")).unwrap();
    let needed: Vec<_> = compose
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once(":?").map(|(name, _)| name))
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        .collect();
    assert!(needed.contains(&"POSTGRES_PASSWORD") && needed.contains(&"TELEGRAM_BOT_TOKEN"));
    for name in needed {
        assert!(
            settings.contains_key(name) || name == "TELEGRAM_BOT_TOKEN",
            "{name}"
        );
    }
    assert_eq!(settings["ENCRYPTION_KEY"].len(), 64);
    let secrets = settings.len();
    for value in settings.values() {
        assert!(value.len() >= 14 && !text.contains(value), "{value}");
    }
    let values: std::collections::BTreeSet<_> = settings.values().cloned().collect();
    assert_eq!(values.len(), secrets, "each is another");

    // Again, it changes nothing; and another folder gets other secrets.
    let before = fs::read(&file).unwrap();
    assert!(said(&place.output(&["init", "--yes"])).contains("nothing was changed"));
    assert_eq!(fs::read(&file).unwrap(), before);
    let other = Place::new();
    said(&other.output(&["init", "--yes"]));
    settings.extend(written(&other));
    assert!(!settings.values().any(|value| values.contains(value)));
    // And what was written is what `manage run` starts with.
    assert_eq!(place.run().stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_right_is_said_and_written() {
    let (telegram, google) = (TelegramServer::start().await, GoogleServer::start().await);
    let model = openai::Options {
        key: Some("sk-right".to_owned()),
        models: vec!["gpt-4.1-mini".to_owned()],
        ..openai::Options::default()
    };
    let model = OpenAiServer::start_with(model).await;
    google.registers_redirect("http://localhost:8081/auth/callback");
    let mut place = Place::new()
        .with("TELEGRAM_API_URL", telegram.url())
        .with("OPENAI_BASE_URL", model.url())
        .with("OPENAI_API_KEY", "sk-right");
    for (name, value) in google.settings() {
        place = place.with(name, value);
    }
    let text = said(&place.output(&["init", "--yes", "--telegram-token", telegram.token()]));
    for part in [
        "✓ Telegram     the bot is @assistant_fake_bot",
        "✓ model        gpt-4.1-mini is there, and the key is good",
        "✓ Google       knows the client and sends browsers back to http://localhost:8081/auth/callback",
        "manage start",
        "https://t.me/assistant_fake_bot",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let settings = written(&place);
    assert_eq!(settings["TELEGRAM_BOT_TOKEN"], telegram.token());
    assert_eq!(settings["OPENAI_API_KEY"], "sk-right");
    assert_eq!(settings["GOOGLE_CLIENT_ID"], google.client_id());
    assert!(text.contains(&settings["TELEGRAM_OWNER_CODE"]), "{text}");
    assert!(
        !text.contains("sk-right") && !text.contains(google.client_secret()),
        "{text}"
    );
    assert!(said(&place.output(&["init", "--yes"])).contains("nothing was changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_plain_words_and_nothing_is_written() {
    let (telegram, google) = (TelegramServer::start().await, GoogleServer::start().await);
    let model = openai::Options {
        key: Some("sk-right".to_owned()),
        models: vec!["small".to_owned()],
        ..openai::Options::default()
    };
    let model = OpenAiServer::start_with(model).await;
    let mut place = Place::new()
        .with("TELEGRAM_API_URL", telegram.url())
        .with("OPENAI_BASE_URL", model.url());
    for (name, value) in google.settings().into_iter().skip(2) {
        place = place.with(name, value);
    }
    let nobody = format!("http://127.0.0.1:{}", test_support::free_port());
    let (id, secret) = (google.client_id(), google.client_secret());
    for (flags, words) in [
        (
            vec!["--telegram-bot-token", "1:wrong"],
            "TELEGRAM_BOT_TOKEN is wrong",
        ),
        (
            vec!["--telegram-bot-token", "hello"],
            "not a token as @BotFather gives it",
        ),
        (
            vec![
                "--telegram-bot-token",
                telegram.token(),
                "--telegram-api-url",
                &nobody,
            ],
            "Telegram does not answer at http://127.0.0.1",
        ),
        (vec!["--openai-api-key", "sk-wrong"], "refuses the key"),
        (
            vec!["--openai-api-key", "sk-right", "--openai-model", "large"],
            "has no model \"large\"; set OPENAI_MODEL to one that it has: small",
        ),
        (
            vec!["--openai-base-url", &nobody, "--openai-api-key", "sk-right"],
            "the model's server does not answer at http://127.0.0.1",
        ),
        (vec!["--google-client-id", id], "set both or neither"),
        (
            vec!["--google-client-id", id, "--google-client-secret", "wrong"],
            "Google refuses the OAuth client",
        ),
        (
            vec!["--google-client-id", id, "--google-client-secret", secret],
            "add http://localhost:8081/auth/callback to the client's \"Authorized redirect URIs\"",
        ),
    ] {
        let mut args = vec!["init", "--yes"];
        // What this case is not about is right.
        if !flags.contains(&"--openai-api-key") {
            args.extend(["--openai-api-key", "sk-right"]);
        }
        if !flags.contains(&"--openai-model") {
            args.extend(["--openai-model", "small"]);
        }
        args.extend(&flags);
        let text = refused(&place.output(&args));
        assert!(
            text.contains(words) && text.contains("nothing was written"),
            "{flags:?}: {text}"
        );
        assert_eq!(text.matches('✗').count(), 1, "{flags:?}: {text}");
        assert!(!place.path().join(".env").exists());
    }
    // Without asking, it is the operator's word.
    said(&place.output(&["init", "--yes", "--no-check", "--openai-api-key", "sk-wrong"]));
    assert_eq!(written(&place)["OPENAI_API_KEY"], "sk-wrong");
    drop((
        telegram.take_violations(),
        model.take_violations(),
        google.take_violations(),
    ));
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_replaced() {
    let place = Place::new();
    let file = place.path().join(".env");
    let mine =
        "# mine\nSERVICE_KEY=a-key-of-my-own-making\n\nOPENAI_MODEL=mine   # the best\n#REDIS_PASSWORD=\n";
    fs::write(&file, mine).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let text = refused(&place.output(&["init", "--yes", "--openai-model", "other"]));
    assert!(
        text.contains("another OPENAI_MODEL") && text.contains("--force"),
        "{text}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), mine);

    let text = said(&place.output(&["init", "--yes"]));
    assert!(
        text.contains("Added to .env: POSTGRES_PASSWORD, REDIS_PASSWORD, "),
        "{text}"
    );
    let now = fs::read_to_string(&file).unwrap();
    assert!(now.starts_with(mine) && now.len() > mine.len(), "{now}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    said(&place.output(&["init", "--yes", "--force", "--openai-model", "other"]));
    let forced = fs::read_to_string(&file).unwrap();
    assert_eq!(
        forced,
        now.replace("OPENAI_MODEL=mine   # the best", "OPENAI_MODEL=other")
    );
}

#[test]
fn keys_that_run_has_made_are_taken_over() {
    let place = Place::new();
    assert_eq!(place.run().stop(), Some(0));
    let secrets = fs::read_to_string(place.data().join("secrets.env")).unwrap();
    said(&place.output(&["init", "--yes"]));
    let settings = written(&place);
    for name in ["SERVICE_KEY", "ENCRYPTION_KEY", "TELEGRAM_OWNER_CODE"] {
        let line = format!("{name}={}", settings[name]);
        assert!(secrets.lines().any(|there| there == line), "{name}");
    }
}

#[test]
fn without_a_terminal_and_without_yes_it_says_so() {
    let place = Place::new();
    assert!(refused(&place.output(&["init"])).contains("--yes"));
    assert!(!place.path().join(".env").exists());
}

#[test]
fn a_secret_that_a_file_holds_is_not_written_besides() {
    let place = Place::new();
    fs::write(place.path().join("key"), "a-key-in-a-file-of-its-own\n").unwrap();
    let settings = "SERVICE_KEY_FILE=key\nOPENAI_API_KEY_FILE=key\n";
    fs::write(place.path().join(".env"), settings).unwrap();
    said(&place.output(&["init", "--yes", "--no-check"]));
    let settings = written(&place);
    assert!(settings.contains_key("ENCRYPTION_KEY"));
    assert!(!settings.contains_key("SERVICE_KEY") && !settings.contains_key("OPENAI_API_KEY"));
    let shown = said(&place.output(&["config", "show", "--json"]));
    let shown: Vec<serde_json::Value> = serde_json::from_str(&shown).unwrap();
    let key = shown
        .iter()
        .find(|setting| setting["name"] == "SERVICE_KEY")
        .unwrap();
    assert_eq!((&key["value"], &key["from"]), (&"***".into(), &"file".into()));
    assert!(place.output(&["config", "check"]).status.success());
    assert_eq!(place.run().stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_each_answer_is_tried_before_the_next_question() {
    let telegram = TelegramServer::start().await;
    let model = openai::Options {
        key: Some("sk-right".to_owned()),
        models: vec!["small".to_owned()],
        ..openai::Options::default()
    };
    let model = OpenAiServer::start_with(model).await;
    let place = Place::new().with("TELEGRAM_API_URL", telegram.url());
    let mut terminal = Terminal::start(&place.manage(&["init"]));
    terminal.expect("@BotFather");
    terminal.expect("Token, which is not shown (empty: later): ");
    terminal.types_unseen("700000001:wrong");
    terminal.expect("✗");
    terminal.expect("Token, which is not shown (empty: later): ");
    terminal.types_unseen(telegram.token());
    for (key, name, mark) in [
        ("sk-wrong", "small", "✗"),
        ("sk-right", "large", "✗"),
        ("sk-right", "small", "✓"),
    ] {
        terminal.expect("Base URL (empty: OpenAI's): ");
        terminal.types(model.url());
        terminal.expect("Key, which is not shown (empty: none): ");
        terminal.types_unseen(key);
        terminal.expect("Model (empty: gpt-4.1-mini): ");
        terminal.types(name);
        terminal.expect(mark);
    }
    terminal.expect("Google Calendar: set it up now? [y/N] ");
    terminal.types("");
    terminal.expect(".env written");
    terminal.expect("Then send");
    assert_eq!(terminal.exit_code(), Some(0), "{}", terminal.shown);
    for secret in ["sk-right", "sk-wrong", telegram.token()] {
        assert!(!terminal.shown.contains(secret), "{}", terminal.shown);
    }
    let settings = written(&place);
    assert_eq!(settings["TELEGRAM_BOT_TOKEN"], telegram.token());
    assert_eq!(settings["OPENAI_API_KEY"], "sk-right");
    assert_eq!(settings["OPENAI_MODEL"], "small");
    // The wrong answers were tried, and refused.
    assert!(!telegram.take_violations().is_empty());
    assert!(!model.take_violations().is_empty());
}

#[test]
fn who_stops_answering_has_written_nothing() {
    let place = Place::new();
    let mut terminal = Terminal::start(&place.manage(&["init", "--no-check"]));
    terminal.expect("Token, which is not shown (empty: later): ");
    terminal.types_unseen("");
    terminal.expect("Base URL (empty: OpenAI's): ");
    terminal.ends();
    terminal.expect("the input ended; nothing was written");
    assert_eq!(terminal.exit_code(), Some(1), "{}", terminal.shown);
    assert!(!place.path().join(".env").exists());
}
