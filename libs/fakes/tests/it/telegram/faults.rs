//! Failures that a test asks for.

use super::{call, try_call};
use crate::LIMIT;
use fakes::telegram::{Fault, TelegramServer};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_next_calls_fail_as_asked_and_then_work() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let send = json!({ "chat_id": ann.id(), "text": "x" });
    telegram.fails_next("sendMessage", &Fault::RetryAfter(7), 1);
    telegram.fails_next("sendMessage", &Fault::Status(500), 1);
    let (status, body) = call(&telegram, "SendMessage", send.clone()).await;
    assert_eq!((status, &body["parameters"]["retry_after"]), (429, &json!(7)));
    assert_eq!(call(&telegram, "getMe", json!({})).await.0, 200);
    assert_eq!(call(&telegram, "sendMessage", send.clone()).await.0, 500);
    assert_eq!(call(&telegram, "sendMessage", send).await.0, 200);
    assert_eq!(ann.bot_messages().len(), 1);
    let statuses: Vec<_> = telegram
        .calls_of("sendMessage")
        .iter()
        .map(|call| call.status)
        .collect();
    assert_eq!(statuses, [Some(429), Some(500), Some(200)]);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_message_is_accepted() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let send = json!({ "chat_id": ann.id(), "text": "x" });
    telegram.fails_next("sendMessage", &Fault::CloseBefore, 1);
    assert!(try_call(&telegram, "sendMessage", send.clone()).await.is_err());
    assert_eq!(ann.bot_messages().len(), 0);
    telegram.fails_next("sendMessage", &Fault::CloseAfter, 1);
    assert!(try_call(&telegram, "sendMessage", send).await.is_err());
    assert_eq!(ann.bot_messages().len(), 1);
}

#[tokio::test]
async fn a_call_can_be_slow_or_never_answered() {
    let telegram = TelegramServer::start().await;
    telegram.fails_next("getMe", &Fault::Slow(Duration::from_millis(200)), 1);
    let started = Instant::now();
    assert_eq!(call(&telegram, "getMe", json!({})).await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(200));
    telegram.fails_next("getMe", &Fault::Hang, 1);
    let parameters = json!({});
    let hanging = call(&telegram, "getMe", parameters);
    let arrived = telegram.wait_until(LIMIT, |telegram| telegram.calls_of("getMe").len() == 2);
    tokio::select! {
        _ = hanging => assert!(telegram.calls().is_empty(), "a call that hangs was answered"),
        arrived = arrived => assert_eq!(arrived, Ok(())),
    }
    assert_eq!(telegram.calls_of("getMe")[1].status, None);
}
