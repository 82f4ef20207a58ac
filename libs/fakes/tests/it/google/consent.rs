//! The consent page and the ways back from it.

use super::{EVENTS, EVERYTHING, REDIRECT, World, code, parameter};
use crate::http;
use fakes::google::GoogleServer;

#[tokio::test]
async fn the_callback_carries_the_state_and_a_code_that_needs_decoding() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "Europe/Berlin");
    let callback = world.google.consent(&world.address(&[]), &ann);
    assert!(
        callback.as_str().starts_with(&format!("{REDIRECT}?")),
        "{callback}"
    );
    assert_eq!(parameter(&callback, "state").unwrap(), "s t/a+te");
    assert!(code(&callback).starts_with("4/0A") && callback.as_str().contains("code=4%2F0A"));
    assert_eq!(
        parameter(&callback, "scope").unwrap(),
        "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/calendar"
    );
}

#[tokio::test]
async fn a_user_who_cancels_is_sent_back_without_a_code() {
    let world = World::start().await;
    let callback = world.google.decline(&world.address(&[]));
    assert_eq!(parameter(&callback, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&callback, "state").unwrap(), "s t/a+te");
    assert_eq!(parameter(&callback, "code"), None);
}

#[tokio::test]
async fn a_user_can_untick_what_the_app_may_do_but_not_who_they_are() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "Europe/Berlin");
    let callback = world.google.consent_to(
        &world.address(&[("scope", &format!("openid email {EVENTS}"))]),
        &ann,
        |_| false,
    );
    let (_, token) = world.token(&world.exchange_form(&code(&callback))).await;
    assert_eq!(
        token["scope"],
        "openid https://www.googleapis.com/auth/userinfo.email"
    );
    let client = world.client(token["access_token"].as_str().unwrap());
    let (status, body) = client.get("calendars/primary/events").await;
    assert_eq!((status, super::reason(&body)), (403, "insufficientPermissions"));
    assert_eq!(
        body["error"]["details"][0]["reason"],
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    );
    world.google.assert_clean();
}

#[tokio::test]
async fn an_app_that_asks_wrongly_gets_a_page_and_no_redirect() {
    let world = World::start().await;
    let cases = [
        (("client_id", "other"), 401, "invalid_client"),
        (("client_id", ""), 400, "invalid_request"),
        (
            ("redirect_uri", "http://127.0.0.1:8090/auth/callback/"),
            400,
            "redirect_uri_mismatch",
        ),
        (
            ("redirect_uri", "https://evil.example/"),
            400,
            "redirect_uri_mismatch",
        ),
        (("response_type", "token"), 400, "invalid_request"),
        (("scope", ""), 400, "invalid_request"),
        (
            ("scope", "https://www.googleapis.com/auth/calender"),
            400,
            "invalid_scope",
        ),
        (("access_type", ""), 400, "invalid_request"),
        (("state", ""), 400, "invalid_request"),
        (("code_challenge", ""), 400, "invalid_request"),
        (("code_challenge", "short"), 400, "invalid_request"),
        (("code_challenge_method", "plain"), 400, "invalid_request"),
        (("prompt", "always"), 400, "invalid_request"),
    ];
    for (change, status, name) in cases {
        let response = http().get(world.address(&[change])).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{change:?}");
        let page = response.text().await.unwrap();
        assert!(
            page.contains(&format!("Error {status}: {name}")),
            "{change:?}: {page}"
        );
        world.violation();
    }
    let unknown = format!("{}&aproval_prompt=force", world.address(&[]));
    assert_eq!(http().get(unknown).send().await.unwrap().status(), 200);
    assert!(world.violation().contains("aproval_prompt"));
    let doubled = format!("{}&state=other", world.address(&[]));
    assert_eq!(http().get(doubled).send().await.unwrap().status(), 400);
    world.violation();
}

#[tokio::test]
async fn the_page_works_by_hand() {
    let world = World::start().await;
    let _ann = world.google.account("ann@example.com", "Europe/Berlin");
    let address = world.address(&[("scope", EVERYTHING), ("login_hint", "ann@example.com")]);
    let page = http().get(&address).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("value=\"ann@example.com\" checked"), "{page}");
    let query = address.split_once('?').unwrap().1;
    let form = |answer: &str| {
        let fields = [
            ("query", query),
            ("other", ""),
            ("account", "ann@example.com"),
            ("scope", "https://www.googleapis.com/auth/calendar"),
            ("answer", answer),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = http().post(format!("{}/consent", world.google.auth_url()));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
    };
    let response = form("allow").await.unwrap();
    assert_eq!(response.status(), 302);
    let callback = response.headers()["location"].to_str().unwrap().parse().unwrap();
    let (status, token) = world.token(&world.exchange_form(&code(&callback))).await;
    assert_eq!(status, 200, "{token}");
    assert!(token["scope"].as_str().unwrap().ends_with("/auth/calendar"));
    let response = form("deny").await.unwrap();
    assert!(
        response.headers()["location"]
            .to_str()
            .unwrap()
            .contains("error=access_denied")
    );
}

#[tokio::test]
#[should_panic(expected = "Google does not register http://example.com/callback")]
async fn redirects_outside_of_the_own_machine_need_tls() {
    GoogleServer::start()
        .await
        .registers_redirect("http://example.com/callback");
}

#[tokio::test]
#[should_panic(expected = "shows no consent page: Missing required parameter: state")]
async fn the_helper_is_as_strict_as_the_page() {
    let world = World::start().await;
    let ann = world.google.account("ann@example.com", "UTC");
    let _ = world.google.consent(&world.address(&[("state", "")]), &ann);
}
