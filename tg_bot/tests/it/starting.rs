//! What the operator reads when the bot cannot start.

use secrecy::SecretString;
use service_kit::settings::{SettingsError, parse};
use tg_bot::Settings;

use crate::stack::{Stack, Stores};

#[tokio::test]
async fn a_wrong_token_is_one_clear_line_without_the_token() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_bot_token = SecretString::from("123456:WRONGwrong");
    let line = stack.failing_bot().await;
    assert!(line.contains("TELEGRAM_BOT_TOKEN is wrong"), "{line}");
    assert!(!line.contains("WRONGwrong"), "{line}");
    assert!(!stack.telegram.take_violations().is_empty());
}

#[tokio::test]
async fn a_token_that_is_revoked_ends_the_bot() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack
        .telegram
        .fails_next("getUpdates", &fakes::telegram::Fault::Status(401), 1);
    let line = stack.failing_bot().await;
    assert!(line.contains("TELEGRAM_BOT_TOKEN is wrong"), "{line}");
    stack.kill_bot();
}

#[test]
fn settings_that_cannot_work_are_named_and_secrets_are_not_shown() {
    let Err(SettingsError::Wrong(error)) = parse::<Settings>(
        "tg_bot",
        tg_bot::ABOUT,
        [
            "tg_bot",
            "--telegram-bot-token=not-a-token",
            "--telegram-owner-code=short",
            "--bus-url=sqlite:/tmp/x",
            "--service-key=a-service-key-for-tests",
        ],
    ) else {
        panic!("these settings are wrong");
    };
    let line = error.to_string();
    assert!(
        line.contains("TELEGRAM_BOT_TOKEN") && line.contains("TELEGRAM_OWNER_CODE"),
        "{line}"
    );
    assert!(
        !line.contains("not-a-token") && !line.contains("short)"),
        "{line}"
    );
}

#[test]
fn settings_do_not_print_their_secrets() {
    let settings: Settings = crate::stack::settings(&[
        "--telegram-bot-token=123456:SECRETsecret".to_owned(),
        "--telegram-owner-code=hush-hush".to_owned(),
        "--bus-url=redis://:hunter22@localhost".to_owned(),
        "--service-key=a-service-key-for-tests".to_owned(),
    ]);
    let shown = format!("{settings:?}");
    for secret in ["SECRETsecret", "hush-hush", "hunter22", "a-service-key-for-tests"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
