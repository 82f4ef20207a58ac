//! Codes, tokens, and their ends.

use super::{EVENTS, EVERYTHING, REDIRECT, VERIFIER, World, code, post_form, read};
use crate::http;
use fakes::google::{Fault, Options};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn text(token: &Value, name: &str) -> String {
    token[name].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_code_gives_tokens_and_says_who_it_is() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "Europe/Berlin");
    let token = world.connect(&ann, &format!("openid email {EVENTS}")).await;
    assert_eq!(
        (&token["expires_in"], &token["token_type"]),
        (&json!(3599), &json!("Bearer"))
    );
    assert_eq!(
        token["scope"],
        format!("openid https://www.googleapis.com/auth/userinfo.email {EVENTS}")
    );
    assert!(
        text(&token, "access_token").starts_with("ya29.")
            && text(&token, "refresh_token").starts_with("1//0")
    );
    assert!(token["refresh_token_expires_in"].is_null());
    let id_token = text(&token, "id_token");
    let claims = id_token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&base64(claims)).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["aud"], &claims["email"]),
        (
            &json!("https://accounts.google.com"),
            &json!(world.google.client_id()),
            &json!("ann@example.com")
        )
    );
    let request = http()
        .get(world.google.userinfo_url())
        .bearer_auth(text(&token, "access_token"));
    let (status, info) = read(request.send().await.unwrap()).await;
    assert_eq!(
        (status, &info["email"], &info["sub"], &info["name"]),
        (200, &json!("ann@example.com"), &claims["sub"], &Value::Null)
    );
    assert!(ann.is_connected());
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

#[tokio::test]
async fn without_openid_there_is_no_identity() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "Europe/Berlin");
    let token = world.connect(&ann, EVENTS).await;
    assert!(token["id_token"].is_null());
    let request = http()
        .get(world.google.userinfo_url())
        .bearer_auth(text(&token, "access_token"));
    assert_eq!(read(request.send().await.unwrap()).await.0, 403);
    world.violation();
}

#[tokio::test]
async fn a_code_is_for_one_use_within_ten_minutes() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let codes: Vec<String> = (0..3)
        .map(|_| code(&world.google.consent(&world.address(&[]), &ann)))
        .collect();
    assert_eq!(world.token(&world.exchange_form(&codes[0])).await.0, 200);
    let (status, body) = world.token(&world.exchange_form(&codes[0])).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    world.wait(599);
    assert_eq!(world.token(&world.exchange_form(&codes[1])).await.0, 200);
    world.wait(1);
    let (status, body) = world.token(&world.exchange_form(&codes[2])).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_code_is_bound_to_client_redirect_and_verifier() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let code = code(&world.google.consent(&world.address(&[]), &ann));
    // What is changed, what is answered, and whether the client is to blame.
    let cases = [
        ("client_id", "other", 401, "invalid_client", true),
        ("client_secret", "wrong", 401, "invalid_client", true),
        ("client_secret", "", 400, "invalid_request", true),
        (
            "redirect_uri",
            "http://127.0.0.1:8090/",
            400,
            "redirect_uri_mismatch",
            true,
        ),
        ("redirect_uri", "", 400, "invalid_request", true),
        ("grant_type", "password", 400, "unsupported_grant_type", true),
        ("grant_type", "", 400, "invalid_request", true),
        ("code", "", 400, "invalid_request", true),
        ("code", "4/0Astolen", 400, "invalid_grant", false),
        ("code_verifier", "", 400, "invalid_grant", true),
        ("code_verifier", "tooshort", 400, "invalid_grant", true),
        (
            "code_verifier",
            "0000000000000000000000000000000000000000000",
            400,
            "invalid_grant",
            false,
        ),
    ];
    for (name, value, status, error, blames) in cases {
        let mut form = world.exchange_form(&code);
        if value.is_empty() {
            form.remove(name);
        } else {
            form.insert(name, value.to_owned());
        }
        let (got, body) = world.token(&form).await;
        assert_eq!(
            (got, body["error"].as_str().unwrap()),
            (status, error),
            "{name}={value}"
        );
        assert_eq!(
            world.google.take_violations().len(),
            usize::from(blames),
            "{name}={value}"
        );
    }
    let mut form = world.exchange_form(&code);
    form.insert("audience", "x".to_owned());
    // None of the refusals used it up.
    assert_eq!(world.token(&form).await.0, 200);
    assert!(world.violation().contains("audience"));
}

#[tokio::test]
async fn the_client_may_show_itself_in_a_header_and_must_send_a_form() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let mut form = world.exchange_form(&code(&world.google.consent(&world.address(&[]), &ann)));
    let response = http()
        .post(world.google.token_url())
        .json(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(read(response).await.0, 400);
    world.violation();
    form.remove("client_id");
    form.remove("client_secret");
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form)
        .finish();
    let request = http()
        .post(world.google.token_url())
        .basic_auth(world.google.client_id(), Some(world.google.client_secret()))
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(read(request.body(body).send().await.unwrap()).await.0, 200);
}

#[tokio::test]
async fn access_tokens_expire_and_are_renewed_without_a_new_refresh_token() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let token = world.connect(&ann, EVERYTHING).await;
    let client = world.client(&text(&token, "access_token"));
    world.wait(3598);
    assert_eq!(client.get("calendars/primary").await.0, 200);
    world.wait(1);
    let (status, body) = client.get("calendars/primary").await;
    assert_eq!((status, super::reason(&body)), (401, "authError"));
    let (status, fresh) = world
        .token(&world.refresh_form(&text(&token, "refresh_token")))
        .await;
    assert_eq!((status, &fresh["refresh_token"]), (200, &Value::Null), "{fresh}");
    assert_eq!(fresh["scope"], token["scope"]);
    assert_eq!(world.google.refreshes(), 1);
    let client = world.client(&text(&fresh, "access_token"));
    assert_eq!(client.get("calendars/primary").await.0, 200);
    ann.expires_access_tokens();
    assert_eq!(client.get("calendars/primary").await.0, 401);
    assert!(ann.is_connected());
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_but_not_for_more() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let token = world.connect(&ann, EVERYTHING).await;
    let mut form = world.refresh_form(&text(&token, "refresh_token"));
    form.insert("scope", "openid email".to_owned());
    let (status, fresh) = world.token(&form).await;
    assert_eq!(
        (status, &fresh["scope"]),
        (
            200,
            &json!("openid https://www.googleapis.com/auth/userinfo.email")
        )
    );
    form.insert("scope", EVENTS.to_owned());
    let (status, body) = world.token(&form).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_scope")));
    world.violation();
    assert_eq!(world.google.refreshes(), 1);
}

#[tokio::test]
async fn a_second_consent_without_prompt_gives_no_refresh_token() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    world.connect(&ann, EVERYTHING).await;
    let callback = world.google.consent(&world.address(&[("prompt", "")]), &ann);
    let (_, token) = world.token(&world.exchange_form(&code(&callback))).await;
    assert!(token["refresh_token"].is_null(), "{token}");
    ann.removes_app();
    let callback = world.google.consent(&world.address(&[("prompt", "")]), &ann);
    let (_, token) = world.token(&world.exchange_form(&code(&callback))).await;
    assert!(token["refresh_token"].is_string(), "{token}");
}

#[tokio::test]
async fn refresh_tokens_end_by_the_users_hand_by_idleness_and_in_testing_mode() {
    let invalid =
        json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." });
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let form = world.refresh_form(&text(&world.connect(&ann, EVERYTHING).await, "refresh_token"));
    world.google.refuses_refresh_tokens(true);
    assert_eq!(world.token(&form).await, (400, invalid.clone()));
    world.google.refuses_refresh_tokens(false);
    world.wait(179 * 24 * 3600);
    assert_eq!(world.token(&form).await.0, 200);
    world.wait(179 * 24 * 3600);
    assert_eq!(world.token(&form).await.0, 200);
    ann.removes_app();
    assert_eq!(world.token(&form).await, (400, invalid.clone()));
    assert!(!ann.is_connected());
    assert_eq!(world.google.refreshes(), 2);

    let world = World::start_with(Options {
        is_testing: true,
        ..Options::default()
    })
    .await;
    let ann = world.google.account("ann@example.com", "UTC");
    let token = world.connect(&ann, EVERYTHING).await;
    assert_eq!(token["refresh_token_expires_in"], 604_799);
    let form = world.refresh_form(&text(&token, "refresh_token"));
    world.wait(604_798);
    let (status, body) = world.token(&form).await;
    assert_eq!((status, &body["refresh_token_expires_in"]), (200, &json!(1)));
    world.wait(1);
    assert_eq!(world.token(&form).await, (400, invalid));
}

#[tokio::test]
async fn one_revoked_token_ends_the_whole_grant() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let bob = world.google.account("bob@example.com", "UTC");
    let first = world.connect(&ann, EVERYTHING).await;
    let second = world.connect(&ann, EVERYTHING).await;
    world.connect(&bob, EVERYTHING).await;
    let revoke = |token: String| {
        let url = world.google.revoke_url();
        async move { post_form(&url, &BTreeMap::from([("token", token)])).await }
    };
    assert_eq!(revoke(text(&first, "access_token")).await, (200, json!({})));
    assert!(!ann.is_connected() && bob.is_connected());
    let (status, body) = world
        .token(&world.refresh_form(&text(&second, "refresh_token")))
        .await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    let client = world.client(&text(&second, "access_token"));
    assert_eq!(client.get("calendars/primary").await.0, 401);
    let (status, body) = revoke(text(&first, "refresh_token")).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_token")));
    world.google.assert_clean();
    assert_eq!(revoke("never given".to_owned()).await.0, 400);
    world.violation();
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_kills_the_first() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let first = world.connect(&ann, EVERYTHING).await;
    world.wait(1);
    for _ in 0..99 {
        world.connect(&ann, EVERYTHING).await;
    }
    let state = world.google.calls_of("oauth.code").len();
    assert_eq!(state, 100);
    let form = world.refresh_form(&text(&first, "refresh_token"));
    let last = world.connect(&ann, EVERYTHING).await;
    assert_eq!(world.token(&form).await.0, 400);
    assert_eq!(
        world
            .token(&world.refresh_form(&text(&last, "refresh_token")))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn the_endpoints_fail_as_asked() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let token = world.connect(&ann, EVERYTHING).await;
    let form = world.refresh_form(&text(&token, "refresh_token"));
    world.google.fails_next("oauth.refresh", &Fault::Status(503), 1);
    world
        .google
        .fails_next("oauth.refresh", &Fault::RetryAfter(429, 3), 1);
    let (status, body) = world.token(&form).await;
    assert_eq!((status, &body["error"]), (503, &json!("internal_failure")));
    let (status, body) = world.token(&form).await;
    assert_eq!((status, &body["error"]), (429, &json!("rate_limit_exceeded")));
    assert_eq!(world.google.refreshes(), 0);
    assert_eq!(world.token(&form).await.0, 200);
    // A code whose exchange worked, and nobody was told: it is used up.
    let code = code(&world.google.consent(&world.address(&[]), &ann));
    world.google.fails_next("oauth.code", &Fault::CloseAfter, 1);
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&world.exchange_form(&code))
        .finish();
    let request = http()
        .post(world.google.token_url())
        .header("content-type", "application/x-www-form-urlencoded");
    assert!(request.body(body).send().await.is_err());
    assert_eq!(world.token(&world.exchange_form(&code)).await.0, 400);
    let call = &world.google.calls_of("oauth.code")[1];
    assert_eq!(
        (
            &call.body["code_verifier"],
            &call.body["redirect_uri"],
            call.status
        ),
        (&json!(VERIFIER), &json!(REDIRECT), None)
    );
}
