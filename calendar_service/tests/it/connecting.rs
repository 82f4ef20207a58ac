//! A calendar is connected in a browser, and attacks on the way there are refused.

use calendar_client::AccountStatus;
use chrono::TimeDelta;
use fakes::google::Fault;
use reqwest::StatusCode;
use rest_client::NewCalendarAccount;
use test_support::wait_until;
use url::Url;
use uuid::Uuid;

use crate::house::{Browser, House, PATIENCE, logged_and_shown};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_a_consent_a_word_in_the_chat_and_away_again_on_postgres() {
    let house = House::on_postgres().await;
    assert!(house.is_on_postgres());
    the_whole_flow(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_a_consent_a_word_in_the_chat_and_away_again_on_sqlite() {
    the_whole_flow(&House::on_sqlite().await).await;
}

async fn the_whole_flow(house: &House) {
    let google_ann = house.google.account("ann_the_1st@example.com", "Europe/Berlin");
    let client = &house.calendar.client;
    let before = client.account(house.ann).await.unwrap();
    assert_eq!(before.status, AccountStatus::NotConnected);

    let mut browser = Browser::new();
    let link = house.link(house.ann).await;
    let first = browser.open(&link).await;
    assert!(first.text.contains("the assistant of Ann"), "{}", first.text);
    assert!(first.policy.contains("default-src 'none'") && first.policy.contains("frame-ancestors 'none'"));
    let cookie = first.set_cookie.clone().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let fields = (first.hidden("link"), first.hidden("confirm"));
    let onward = browser
        .submit(&link, &[("link", &fields.0), ("confirm", &fields.1)])
        .await;
    let to_google = onward.location.unwrap();
    let asked: Vec<(String, String)> = to_google.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
        ("prompt", "consent"),
    ] {
        assert!(
            asked.contains(&(name.to_owned(), value.to_owned())),
            "{name} in {asked:?}"
        );
    }
    let callback = house.google.consent(to_google.as_str(), &google_ann);
    let last = browser.open(&callback).await;
    assert_eq!(last.status, StatusCode::OK, "{}", last.text);
    assert!(last.text.contains("ann_the_1st@example.com") && last.text.contains("the assistant of Ann"));

    let told = house.told().await;
    assert_eq!(told.text, r"Calendar connected: ann\_the\_1st@example.com");
    assert_eq!((told.user_id, told.to.chat.as_str()), (house.ann, "42"));
    house.until_chores_are_done(house.ann).await;
    let connected = client.account(house.ann).await.unwrap();
    assert_eq!(connected.status, AccountStatus::Connected);
    assert_eq!(connected.email.as_deref(), Some("ann_the_1st@example.com"));
    assert_eq!(client.calendars(house.ann).await.unwrap().len(), 1);

    let gone = client.disconnect(house.ann).await.unwrap();
    assert_eq!(gone.status, AccountStatus::NotConnected);
    wait_until(
        "Google to be told and the tokens to be erased",
        PATIENCE,
        async || {
            !google_ann.is_connected()
                && matches!(
                    house.rest.calendar_account(house.ann).await,
                    Err(rest_client::Error::NotFound)
                )
        },
    )
    .await;
    assert!(matches!(
        client.calendars(house.ann).await,
        Err(calendar_client::Error::NotConnected)
    ));
    assert_eq!(house.untold().await, 0, "one message, no more");
    nothing_leaked(house, &[&callback]);
    house.google.assert_clean();
}

/// No token, code, verifier or state that Google or we made is in the log or on a page.
fn nothing_leaked(house: &House, callbacks: &[&Url]) {
    let seen = logged_and_shown();
    assert!(
        seen.contains("a calendar account was connected"),
        "the log is kept"
    );
    let mut secrets: Vec<String> = Vec::new();
    for kind in ["oauth.code", "oauth.refresh", "oauth.revoke"] {
        for call in house.google.calls_of(kind) {
            for name in ["code", "code_verifier", "refresh_token", "token", "client_secret"] {
                secrets.extend(call.body[name].as_str().map(str::to_owned));
            }
        }
    }
    for callback in callbacks {
        let query = callback
            .query_pairs()
            .filter(|(name, _)| name == "code" || name == "state");
        secrets.extend(query.map(|(_, value)| value.into_owned()));
    }
    assert!(secrets.len() >= 5, "{}", secrets.len());
    // Google's access and refresh tokens all begin so.
    secrets.extend(["ya29.".to_owned(), "1//0".to_owned()]);
    for secret in secrets {
        assert!(!seen.contains(&secret), "{secret} is in the log or on a page");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_works_in_the_browser_that_started_it_and_once() {
    let house = House::on_sqlite().await;
    let (ann, mallory) = (
        house.google.account("ann@example.com", "Europe/Berlin"),
        house.google.account("mallory@example.com", "Europe/Berlin"),
    );
    let bob = house.user("Bob").await;
    let (mut anns, mut bobs) = (Browser::new(), Browser::new());
    let for_ann = anns.consents(&house, house.ann, &ann).await;
    let for_bob = bobs.consents(&house, bob, &mallory).await;

    // Another user's state, in this user's browser, and the other way round.
    for (browser, callback) in [(&mut anns, &for_bob), (&mut bobs, &for_ann)] {
        let refused = browser.open(callback).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        assert!(refused.text.contains("Please begin again"));
    }
    // A browser that was not there at all.
    let refused = Browser::new().open(&for_ann).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    // A state whose bytes were changed, anywhere.
    let state = value(&for_ann, "state");
    for at in [0, 25, 60, state.len() - 2] {
        let mut forged = state.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = with(&for_ann, "state", &String::from_utf8(forged).unwrap());
        let refused = anns.open(&forged).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "byte {at}");
        assert!(refused.text.contains("This link is not right"));
    }
    assert!(
        house.google.calls_of("oauth.code").is_empty(),
        "no code was exchanged"
    );

    // The right one works, and then never again.
    assert_eq!(anns.open(&for_ann).await.status, StatusCode::OK);
    for _ in 0..2 {
        let replayed = anns.open(&for_ann).await;
        assert_eq!(replayed.status, StatusCode::GONE, "{}", replayed.text);
    }
    assert_eq!(house.google.calls_of("oauth.code").len(), 1);
    assert!(matches!(
        house.rest.calendar_account(bob).await,
        Err(rest_client::Error::NotFound)
    ));
    nothing_leaked(&house, &[&for_ann, &for_bob]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_that_come_back_at_once_connect_once() {
    let house = House::on_postgres().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    let mut browser = Browser::new();
    let callback = browser.consents(&house, house.ann, &ann).await;
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (mut tab, callback) = (Browser::new(), callback.clone());
        tab.cookie.clone_from(&browser.cookie);
        tabs.spawn(async move { tab.open(&callback).await.status });
    }
    let mut statuses = tabs.join_all().await;
    statuses.sort();
    assert_eq!(statuses[0], StatusCode::OK);
    assert!(
        statuses[1..].iter().all(|status| *status == StatusCode::GONE),
        "{statuses:?}"
    );
    assert_eq!(house.google.calls_of("oauth.code").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_and_a_state_are_good_for_ten_minutes() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    let link = house.link(house.ann).await;
    let mut browser = Browser::new();
    let callback = browser.consents(&house, house.ann, &ann).await;
    house.clock.advance(TimeDelta::minutes(10));
    for url in [&link, &callback] {
        let late = browser.open(url).await;
        assert_eq!(late.status, StatusCode::GONE, "{}", late.text);
    }
    assert!(house.google.calls_of("oauth.code").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swapped_code_and_one_without_its_verifier_connect_nothing() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    let mallory = house.google.account("mallory@example.com", "Europe/Berlin");
    let (mut anns, mut mallorys) = (Browser::new(), Browser::new());
    let bob = house.user("Bob").await;
    let for_ann = anns.consents(&house, house.ann, &ann).await;
    let for_mallory = mallorys.consents(&house, bob, &mallory).await;
    // Mallory's code in Ann's browser, with Ann's state: its verifier is another.
    let swapped = with(&for_ann, "code", &value(&for_mallory, "code"));
    let refused = anns.open(&swapped).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    assert!(refused.text.contains("Google did not take it"));
    // The state is used up by that.
    assert_eq!(anns.open(&for_ann).await.status, StatusCode::GONE);
    // Each exchange showed its verifier.
    let calls = house.google.calls_of("oauth.code");
    assert_eq!(calls.len(), 1);
    assert!(calls[0].body["code_verifier"].as_str().unwrap().len() >= 43);
    for user in [house.ann, bob] {
        assert!(matches!(
            house.rest.calendar_account(user).await,
            Err(rest_client::Error::NotFound)
        ));
    }
    // And what comes back without a code, or with Google's "no", connects nothing.
    let mut browser = Browser::new();
    let to_google = browser.starts(&house, house.ann).await;
    let declined = browser.open(&house.google.decline(to_google.as_str())).await;
    assert!(
        declined.text.contains("You did not allow it"),
        "{}",
        declined.text
    );
    nothing_connected(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_from_another_site_starts_nothing_and_no_redirect_leads_elsewhere() {
    let house = House::on_sqlite().await;
    let link = house.link(house.ann).await;
    let link_text = value(&link, "link");
    // Without the cookie of the page that says whose assistant it is, which a foreign form does not carry.
    let mut victim = Browser::new();
    let forged = victim
        .submit(&link, &[("link", &link_text), ("confirm", "")])
        .await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    // With a confirmation that belongs to the attacker's own browser.
    let attackers = Browser::new().open(&link).await.hidden("confirm");
    victim.open(&link).await;
    let forged = victim
        .submit(&link, &[("link", &link_text), ("confirm", &attackers)])
        .await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    assert!(forged.location.is_none());

    // Nothing in a request says where a redirect leads.
    let mut open = link.clone();
    for name in ["redirect_uri", "next", "return_to", "url"] {
        open.query_pairs_mut().append_pair(name, "https://evil.example/");
    }
    let first = victim.open(&open).await;
    assert!(!first.text.contains("evil.example"));
    let confirm = first.hidden("confirm");
    let fields = [
        ("link", link_text.as_str()),
        ("confirm", &confirm),
        ("redirect_uri", "https://evil.example/"),
    ];
    let onward = victim.submit(&open, &fields).await.location.unwrap();
    assert!(onward.as_str().starts_with(&house.google.auth_url()), "{onward}");
    assert!(!onward.as_str().contains("evil.example"));
    let redirect = value(&onward, "redirect_uri");
    assert_eq!(
        redirect,
        house.calendar.url.join("/auth/callback").unwrap().as_str()
    );
    // A link that is not whole, or none.
    for text in ["", "x", &link_text[1..]] {
        let refused = victim.open(&with(&link, "link", text)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ciphertext_in_another_users_row_opens_nothing() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    let bob = house.user("Bob").await;
    let anns = house.rest.calendar_account(house.ann).await.unwrap();
    let moved = NewCalendarAccount {
        grant_id: Uuid::from_u128(7),
        email: anns.email,
        scopes: anns.scopes,
        tokens: anns.tokens,
        access_expires_at: anns.access_expires_at,
        refresh_expires_at: None,
        reply_to: anns.reply_to,
    };
    house.rest.put_calendar_account(bob, &moved).await.unwrap();
    let client = &house.calendar.client;
    assert!(matches!(
        client.calendars(bob).await,
        Err(calendar_client::Error::ReconnectNeeded)
    ));
    assert_eq!(
        client.account(bob).await.unwrap().status,
        AccountStatus::ReconnectNeeded
    );
    assert_eq!(client.calendars(house.ann).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_consent_is_given_back_and_google_being_down_is_told() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    let mut browser = Browser::new();
    let to_google = browser.starts(&house, house.ann).await;
    let callback = house.google.consent_to(to_google.as_str(), &ann, |scope| {
        !scope.ends_with("calendar.events")
    });
    let refused = browser.open(&callback).await;
    assert!(refused.text.contains("leave the boxes"), "{}", refused.text);
    assert!(!ann.is_connected(), "what cannot be used is given back");
    nothing_connected(&house).await;

    let callback = browser.consents(&house, house.ann, &ann).await;
    house.google.fails_next("oauth.code", &Fault::Status(503), 1);
    let down = browser.open(&callback).await;
    assert_eq!(down.status, StatusCode::BAD_GATEWAY, "{}", down.text);
    nothing_connected(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_account_takes_the_place_of_the_first_which_is_given_back() {
    let house = House::on_sqlite().await;
    let work = house.google.account("ann@work.example", "Europe/Berlin");
    let home = house.google.account("ann@home.example", "Europe/Berlin");
    house.connect(house.ann, &work).await;
    house.connect(house.ann, &home).await;
    assert!(!work.is_connected() && home.is_connected());
    // The same account again keeps its grant.
    house.connect(house.ann, &home).await;
    assert!(home.is_connected());
    let status = house.calendar.client.account(house.ann).await.unwrap();
    assert_eq!(status.email.as_deref(), Some("ann@home.example"));
    assert_eq!(house.calendar.client.calendars(house.ann).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_while_google_is_down_takes_effect_at_once_and_google_is_told_later() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    house.until_chores_are_done(house.ann).await;
    house.google.fails_next("oauth.revoke", &Fault::Status(503), 2);
    let gone = house.calendar.client.disconnect(house.ann).await.unwrap();
    assert_eq!(gone.status, AccountStatus::NotConnected);
    assert!(matches!(
        house.calendar.client.calendars(house.ann).await,
        Err(calendar_client::Error::NotConnected)
    ));
    wait_until("Google to be told again", PATIENCE, async || {
        !ann.is_connected()
            && matches!(
                house.rest.calendar_account(house.ann).await,
                Err(rest_client::Error::NotFound)
            )
    })
    .await;
    assert_eq!(house.google.calls_of("oauth.revoke").len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_pages_answer_without_the_service_key() {
    let house = House::on_sqlite().await;
    let mut stranger = Browser::new();
    for path in [
        format!("/users/{}/account", house.ann),
        format!("/users/{}/links", house.ann),
        "/accounts/reencrypt".to_owned(),
        "/metrics".to_owned(),
        "/nothing".to_owned(),
    ] {
        let url = house.calendar.url.join(&path).unwrap();
        assert_eq!(
            stranger.open(&url).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
}

async fn nothing_connected(house: &House) {
    assert!(matches!(
        house.rest.calendar_account(house.ann).await,
        Err(rest_client::Error::NotFound)
    ));
}

fn value(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .unwrap()
        .1
        .into_owned()
}

/// The same address with another value.
fn with(url: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(key, old)| {
            let new = if key == name {
                value.to_owned()
            } else {
                old.into_owned()
            };
            (key.into_owned(), new)
        })
        .collect();
    let mut changed = url.clone();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}
