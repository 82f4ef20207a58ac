//! getUpdates: long polling, confirmation, one poller, kinds.

use super::{call, http};
use crate::LIMIT;
use fakes::telegram::TelegramServer;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn ids(body: &Value) -> Vec<i64> {
    body["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|update| update["update_id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn an_offset_confirms_all_lower_updates_for_ever() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    let sent: Vec<i64> = (0..3).map(|n| ann.says(&format!("{n}"))).collect();
    assert_eq!(ids(&call(&telegram, "getUpdates", json!({})).await.1), sent);
    assert_eq!(
        ids(&call(&telegram, "getUpdates", json!({ "limit": 1 })).await.1),
        sent[..1]
    );
    assert_eq!(
        ids(&call(&telegram, "getUpdates", json!({ "offset": sent[1] }))
            .await
            .1),
        sent[1..]
    );
    assert_eq!(
        ids(&call(&telegram, "getUpdates", json!({ "offset": 0 })).await.1),
        sent[1..]
    );
    assert_eq!(
        ids(&call(&telegram, "getUpdates", json!({ "offset": -1 })).await.1),
        sent[2..]
    );
    assert_eq!(telegram.unconfirmed_updates(), 1);
}

#[tokio::test]
async fn a_long_poll_returns_as_soon_as_somebody_writes() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    let started = Instant::now();
    let parameters = json!({ "timeout": 9 });
    let poll = call(&telegram, "getUpdates", parameters);
    let write = async {
        telegram
            .wait_until(LIMIT, |telegram| !telegram.calls_of("getupdates").is_empty())
            .await
            .unwrap();
        ann.says("hello")
    };
    let ((_, body), id) = tokio::join!(poll, write);
    assert_eq!(ids(&body), [id]);
    assert_eq!(body["result"][0]["message"]["text"], "hello");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_long_poll_without_news_ends_empty_at_its_timeout() {
    let telegram = TelegramServer::start().await;
    let started = Instant::now();
    let (_, body) = call(&telegram, "getUpdates", json!({ "timeout": 1 })).await;
    assert_eq!(ids(&body), [0_i64; 0]);
    assert!(started.elapsed() >= Duration::from_millis(990));
}

#[tokio::test]
async fn of_two_pollers_the_earlier_is_told_of_the_conflict() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    let parameters = json!({ "timeout": 9 });
    let first = call(&telegram, "getUpdates", parameters.clone());
    let second = async {
        telegram
            .wait_until(LIMIT, |telegram| telegram.calls_of("getUpdates").len() == 1)
            .await
            .unwrap();
        call(&telegram, "getUpdates", parameters).await
    };
    let write = async {
        telegram
            .wait_until(LIMIT, |telegram| telegram.calls_of("getUpdates").len() == 2)
            .await
            .unwrap();
        ann.says("who gets it?")
    };
    let ((status, refused), (_, body), id) = tokio::join!(first, second, write);
    assert_eq!(status, 409);
    assert_eq!(
        refused["description"],
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
    assert_eq!(ids(&body), [id]);
}

#[tokio::test]
async fn a_webhook_and_polling_exclude_each_other() {
    let telegram = TelegramServer::start().await;
    let (status, _) = call(
        &telegram,
        "setWebhook",
        json!({ "url": "https://example.com/hook" }),
    )
    .await;
    assert_eq!(status, 200);
    let (status, body) = call(&telegram, "getUpdates", json!({})).await;
    assert_eq!((status, &body["ok"]), (409, &json!(false)));
    let (_, info) = call(&telegram, "getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["url"], "https://example.com/hook");
    call(&telegram, "deleteWebhook", json!({})).await;
    assert_eq!(call(&telegram, "getUpdates", json!({})).await.0, 200);
}

#[tokio::test]
async fn allowed_updates_are_remembered_and_hold_for_later_updates() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    telegram.queue_update("message_reaction", json!({}));
    call(
        &telegram,
        "getUpdates",
        json!({ "allowed_updates": ["message_reaction"] }),
    )
    .await;
    ann.says("nobody asked for messages");
    let id = telegram.queue_update("message_reaction", json!({}));
    assert_eq!(ids(&call(&telegram, "getUpdates", json!({})).await.1), [id]);
    telegram.assert_clean();
    call(
        &telegram,
        "getUpdates",
        json!({ "allowed_updates": ["mesage"], "limit": 1000 }),
    )
    .await;
    assert_eq!(telegram.take_violations().len(), 2);
}

#[tokio::test]
async fn every_way_to_pass_parameters_is_read() {
    let telegram = TelegramServer::start().await;
    let ann = telegram.user("Ann");
    ann.says("hi");
    let url = format!("{}/bot{}/SENDMESSAGE", telegram.url(), telegram.token());
    let get = format!("{url}?chat_id={}&text=a%20b", ann.id());
    assert_eq!(http().get(get).send().await.unwrap().status(), 200);
    let form = format!(
        "chat_id={}&text=c+d&reply_markup=%7B%22inline_keyboard%22%3A%5B%5D%7D",
        ann.id()
    );
    let form_type = "application/x-www-form-urlencoded";
    let response = http()
        .post(&url)
        .header("content-type", form_type)
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!(
        "{}{}--XX--\r\n",
        part("chat_id", &ann.id().to_string()),
        part("text", "e\r\nf")
    );
    let multipart = "multipart/form-data; boundary=XX";
    let response = http()
        .post(&url)
        .header("content-type", multipart)
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let texts: Vec<String> = ann
        .bot_messages()
        .into_iter()
        .map(|message| message.text)
        .collect();
    assert_eq!(texts, ["a b", "c d", "e\nf"]);
}

#[tokio::test]
async fn a_wrong_token_an_unknown_method_and_an_unknown_parameter_are_told() {
    let telegram = TelegramServer::start().await;
    let url = format!("{}/bot1:WRONG/getMe", telegram.url());
    let response = http().get(url).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let (status, body) = call(&telegram, "sendTelegram", json!({})).await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({ "ok": false, "error_code": 404, "description": "Not Found" })
    );
    let (status, _) = call(&telegram, "getMe", json!({ "verbose": true })).await;
    assert_eq!(status, 200);
    let violations: Vec<String> = telegram
        .take_violations()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        violations,
        [
            "getMe: Unauthorized",
            "sendTelegram: Not Found",
            "getMe: unknown parameter \"verbose\""
        ]
    );
}

#[tokio::test]
#[should_panic(expected = "the fake Telegram was sent what the real service refuses")]
async fn a_violation_left_unread_fails_the_test() {
    let telegram = TelegramServer::start().await;
    call(&telegram, "sendMessage", json!({ "chat_id": 5, "text": "x" })).await;
}
