//! What the operator reads when the bot cannot start.

use fakes::telegram::Fault;
use secrecy::SecretString;
use service_kit::settings::{SettingsError, parse};
use tg_bot::Settings;

use crate::stack::{LIMIT, Stack, Stores};

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
async fn a_token_that_is_revoked_makes_the_bot_unready_until_it_works_again() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.revokes_token(true);
    stack.is_unready("TELEGRAM_BOT_TOKEN").await;
    // What was said meanwhile is neither lost nor doubled.
    owner.says("are you there?");
    stack.telegram.revokes_token(false);
    assert_eq!(stack.heard().await.1.text, "are you there?");
    stack.is_ready().await;
    stack.all_confirmed().await;
    stack.heard_nothing().await;
}

#[tokio::test]
async fn a_page_in_place_of_updates_makes_the_bot_unready_until_they_come() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    // The poll that is under way is cut off by a call beside it; those behind it get the page.
    stack.telegram.fails_next("getUpdates", &Fault::NotFoundPage, 3);
    owner.says("are you there?");
    stack.is_unready("TELEGRAM_API_URL").await;
    assert!(
        stack
            .problems()
            .await
            .iter()
            .all(|problem| !problem.contains("token"))
    );
    let mut heard = vec![stack.heard().await.1.text];
    assert_eq!(heard.pop().unwrap(), "are you there?");
    stack.is_ready().await;
    stack.all_confirmed().await;
    stack.heard_nothing().await;
}

#[tokio::test]
async fn answers_wait_while_a_page_stands_in_the_way() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.fails_next("sendMessage", &Fault::NotFoundPage, 2);
    let answer = stack.answer(&owner, "late, but here").await;
    stack.publish(&answer).await;
    assert_eq!(owner.next_message(LIMIT).await.text, "late, but here");
}

#[tokio::test]
async fn a_page_at_the_start_is_waited_out() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.telegram.fails_next("getMe", &Fault::NotFoundPage, 2);
    stack.start_bot().await;
    stack.owner().await;
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
