//! Webhook mode: as Telegram sends it, through several replicas, and the change of mode either way.

use std::time::Duration;

use fakes::telegram::TelegramServer;
use reqwest::StatusCode;
use service_kit::http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::stack::{LIMIT, Stack, Stores};

const SECRET: &str = "a-secret-of-Telegram_1";

fn listens(stack: &mut Stack) -> String {
    let address = format!("127.0.0.1:{}", test_support::free_port());
    stack.settings.telegram_webhook_url = Some("https://bot.example.org/hook".parse().unwrap());
    stack.settings.telegram_webhook_listen = Some(address.parse().unwrap());
    stack.settings.telegram_webhook_secret = Some(SECRET.into());
    format!("http://{address}/hook")
}

fn asks(stack: &mut Stack) {
    stack.settings.telegram_webhook_url = None;
    stack.settings.telegram_webhook_listen = None;
    stack.settings.telegram_webhook_secret = None;
}

async fn send(to: &str, secret: Option<&str>, body: String) -> Option<StatusCode> {
    let mut request = http::client(LIMIT).unwrap().post(to).body(body);
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    request.send().await.ok().map(|answer| answer.status())
}

/// Sends what there is, one after the other, to the replicas in turn, each again until it is taken.
async fn deliver(telegram: &TelegramServer, replicas: &[String]) {
    let mut turn = 0;
    while let Some((id, update, secret)) = telegram.sends_next() {
        let to = &replicas[turn % replicas.len()];
        turn += 1;
        if send(to, Some(&secret), update.to_string()).await == Some(StatusCode::OK) {
            telegram.confirms(id);
        }
    }
}

/// What is answered to bytes that are sent, as far as it comes at once.
async fn answered(stack: &Stack, bytes: &str) -> String {
    let to = stack.settings.telegram_webhook_listen.unwrap();
    let mut socket = tokio::net::TcpStream::connect(to).await.unwrap();
    socket.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1_000];
    let read = tokio::time::timeout(LIMIT / 4, socket.read(&mut answer)).await;
    let length = read.expect("an answer").unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

async fn is_set(stack: &Stack, to: Option<&str>) {
    let is_so = |telegram: &TelegramServer| telegram.webhook().as_deref() == to;
    stack
        .telegram
        .wait_until(LIMIT, is_so)
        .await
        .expect("the mode changes");
}

async fn updates_come_by_webhook_and_the_mode_changes_without_loss(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    owner.says("asked for before, and never taken");
    let first = listens(&mut stack);
    stack.start_bot().await;
    is_set(&stack, Some("https://bot.example.org/hook")).await;
    // A second replica, with an address of its own.
    let second = listens(&mut stack);
    let replica = stack.another_bot().await;
    for n in 0..20 {
        owner.says(&format!("message {n}"));
    }
    deliver(&stack.telegram, &[first.clone(), second.clone()]).await;
    assert_eq!(stack.heard().await.1.text, "asked for before, and never taken");
    for n in 0..20 {
        assert_eq!(stack.heard().await.1.text, format!("message {n}"));
    }
    stack.all_confirmed().await;
    // Sent again, since the answer was lost: the same event.
    owner.says("twice");
    let (id, update, _) = stack.telegram.sends_next().unwrap();
    for to in [&first, &second] {
        assert_eq!(
            send(to, Some(SECRET), update.to_string()).await,
            Some(StatusCode::OK)
        );
    }
    stack.telegram.confirms(id);
    let (one, other) = (stack.heard().await, stack.heard().await);
    assert_eq!(one, other);
    // One that dies does not take anything with it.
    drop(replica);
    owner.says("after a death");
    assert_eq!(send(&second, Some(SECRET), update.to_string()).await, None);
    deliver(&stack.telegram, &[second, first]).await;
    assert_eq!(stack.heard().await.1.text, "after a death");
    // And back.
    stack.kill_bot();
    owner.says("between the modes");
    asks(&mut stack);
    stack.start_bot().await;
    is_set(&stack, None).await;
    assert_eq!(stack.heard().await.1.text, "between the modes");
    stack.all_confirmed().await;
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn updates_come_by_webhook_and_the_mode_changes_without_loss_on_sqlite() {
    updates_come_by_webhook_and_the_mode_changes_without_loss(Stores::Embedded).await;
}

#[tokio::test]
async fn updates_come_by_webhook_and_the_mode_changes_without_loss_on_redis_and_postgres() {
    updates_come_by_webhook_and_the_mode_changes_without_loss(Stores::Distributed).await;
}

#[tokio::test]
async fn who_does_not_know_the_secret_is_nobody_and_what_cannot_be_handled_is_sent_again() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    let to = listens(&mut stack);
    stack.start_bot().await;
    is_set(&stack, Some("https://bot.example.org/hook")).await;
    owner.says("hello");
    let (id, update, secret) = stack.telegram.sends_next().unwrap();
    assert_eq!(secret, SECRET);
    let longer = format!("{SECRET}x");
    for wrong in [
        None,
        Some(""),
        Some("a-secret-of-Telegram_2"),
        Some(longer.as_str()),
    ] {
        let refused = send(&to, wrong, update.to_string()).await;
        assert_eq!(refused, Some(StatusCode::UNAUTHORIZED), "{wrong:?}");
    }
    stack.heard_nothing().await;
    // Before anything that they send is read: it never comes.
    let head = "POST /hook HTTP/1.1\r\nhost: bot\r\ncontent-length: 500000\r\n\r\n";
    assert!(answered(&stack, head).await.starts_with("HTTP/1.1 401"));
    let huge = send(&to, Some(SECRET), "x".repeat(2 * 1024 * 1024)).await;
    assert_ne!(huge, Some(StatusCode::OK));
    assert_eq!(
        send(&to, Some(SECRET), "{".to_owned()).await,
        Some(StatusCode::OK),
        "it has no id"
    );
    stack.kill_rest();
    let trying = tokio::time::timeout(
        Duration::from_secs(2),
        send(&to, Some(SECRET), update.to_string()),
    )
    .await;
    assert!(
        trying.is_err(),
        "it is not taken before it is handled: {trying:?}"
    );
    stack.start_rest().await;
    assert_eq!(
        send(&to, Some(SECRET), update.to_string()).await,
        Some(StatusCode::OK)
    );
    stack.telegram.confirms(id);
    assert_eq!(stack.heard().await.1.text, "hello");
}

/// With a webhook each part of an album comes by itself: what cannot be read is said once all the same.
#[tokio::test]
async fn of_an_album_that_comes_in_parts_it_is_said_once_that_it_cannot_be_seen() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.kill_bot();
    let to = listens(&mut stack);
    stack.start_bot().await;
    is_set(&stack, Some("https://bot.example.org/hook")).await;
    let second = listens(&mut stack);
    let _replica = stack.another_bot().await;
    let photo = serde_json::json!({ "media_group_id": "7", "photo": [
        { "file_id": "p", "file_unique_id": "u", "width": 1, "height": 1 }
    ] });
    for _ in 0..6 {
        owner.sends(&photo);
    }
    deliver(&stack.telegram, &[to, second]).await;
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "I cannot read pictures yet. Please write it to me as text."
    );
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(crate::stack::QUIET).await.is_none());
}
