//! Tokens stay fresh: one refresh for all who ask, an outage that is none of the user's business, an end that is told
//! once, keys that change under them.

use calendar_client::{AccountStatus, Error, Reencrypt};
use chrono::TimeDelta;
use fakes::google::Fault;
use rest_client::{CalendarAccountState, PageQuery};
use test_support::wait_until;

use crate::{
    house::{House, PATIENCE, logged_and_shown},
    support::ENCRYPTION_KEY,
};

/// Another key than the one that accounts are connected with.
const NEW_KEY: &str = "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_calls_at_once_on_two_replicas_refresh_once_on_postgres() {
    ten_calls_refresh_once(&House::on_postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_calls_at_once_on_two_replicas_refresh_once_on_sqlite() {
    ten_calls_refresh_once(&House::on_sqlite().await).await;
}

async fn ten_calls_refresh_once(house: &House) {
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    let other = house.replica(ENCRYPTION_KEY, &[]).await;
    for (round, expire) in [
        // By our own clock; then by Google's 401 alone.
        (1, &(|| house.clock.advance(TimeDelta::hours(2))) as &dyn Fn()),
        (2, &|| ann.expires_access_tokens()),
    ] {
        expire();
        let calls = (0..10).map(|i| {
            let replica = if i % 2 == 0 { &house.calendar } else { &other };
            replica.client.calendars(house.ann)
        });
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.unwrap().len(), 1);
        }
        assert_eq!(house.google.refreshes(), round, "one refresh for ten calls");
    }
    let seen = logged_and_shown();
    assert!(!seen.contains("ya29.") && !seen.contains("1//0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_is_ahead_of_the_end_and_an_outage_then_goes_unnoticed() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    house.clock.advance(TimeDelta::minutes(57));
    house.google.fails_next("oauth.refresh", &Fault::Status(503), 1);
    let client = &house.calendar.client;
    assert_eq!(
        client.calendars(house.ann).await.unwrap().len(),
        1,
        "with the old token"
    );
    assert_eq!(house.google.refreshes(), 0);
    assert_eq!(client.calendars(house.ann).await.unwrap().len(), 1);
    assert_eq!(house.google.refreshes(), 1, "and the next call refreshed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_not_the_end_of_a_grant() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    house.clock.advance(TimeDelta::hours(2));
    house.google.fails_next("oauth.refresh", &Fault::Status(503), 100);
    let client = &house.calendar.client;
    assert!(matches!(
        client.calendars(house.ann).await,
        Err(Error::Unavailable(_))
    ));
    assert_eq!(
        client.account(house.ann).await.unwrap().status,
        AccountStatus::Connected
    );
    house.google.works_again();
    assert_eq!(client.calendars(house.ann).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_grant_is_told_once_with_a_link_that_works() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    assert!(house.told().await.text.starts_with("Calendar connected"));
    let other = house.replica(ENCRYPTION_KEY, &[]).await;
    ann.removes_app();
    house.clock.advance(TimeDelta::hours(2));
    for client in [&house.calendar.client, &other.client, &house.calendar.client] {
        assert!(matches!(
            client.calendars(house.ann).await,
            Err(Error::ReconnectNeeded)
        ));
    }
    let told = house.told().await;
    assert!(told.text.contains("Connect it again"), "{}", told.text);
    house.until_chores_are_done(house.ann).await;
    house.is_told_once(&told).await;
    let stored = house.rest.calendar_account(house.ann).await.unwrap();
    assert_eq!(stored.state, CalendarAccountState::Reconnect);

    // Days later the link in the message still opens.
    house.clock.advance(TimeDelta::days(6));
    let link = told.buttons[0].url.as_deref().unwrap();
    let page = crate::house::Browser::new().open(&link.parse().unwrap()).await;
    assert!(page.text.contains("the assistant of Ann"), "{}", page.text);
    house.connect(house.ann, &ann).await;
    assert_eq!(house.calendar.client.calendars(house.ann).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_in_testing_mode_warns_a_day_before_once() {
    let house = House::in_testing_mode().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    assert!(house.told().await.text.starts_with("Calendar connected"));
    let status = house.calendar.client.account(house.ann).await.unwrap();
    let ends = status.expires_at.unwrap();
    house.clock.set(ends - TimeDelta::hours(25));
    house.until_chores_are_done(house.ann).await;
    assert_eq!(house.untold().await, 0, "not yet");
    house.clock.set(ends - TimeDelta::hours(24));
    let told = house.told().await;
    assert!(
        told.text
            .contains("ends on Fri 27 Nov 2026, 12:59:59 Europe/Berlin")
            && told.text.contains("Connect it again"),
        "{}",
        told.text
    );
    house.until_chores_are_done(house.ann).await;
    house.clock.advance(TimeDelta::hours(12));
    let other = house.replica(ENCRYPTION_KEY, &[]).await;
    assert!(other.client.account(house.ann).await.is_ok());
    house.until_chores_are_done(house.ann).await;
    assert_eq!(house.untold().await, 0, "told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_rotated_under_connected_accounts() {
    let house = House::on_sqlite().await;
    let mut users = Vec::new();
    for i in 0..60 {
        let user = house.user(&format!("user {i}")).await;
        let account = house
            .google
            .account(&format!("user{i}@example.com"), "Europe/Berlin");
        house.connect(user, &account).await;
        users.push(user);
    }
    let rotated = house.replica(NEW_KEY, &[ENCRYPTION_KEY]).await;
    assert_eq!(
        rotated.client.calendars(users[0]).await.unwrap().len(),
        1,
        "before"
    );
    let mut ask = Reencrypt::default();
    let (mut checked, mut reencrypted) = (0, 0);
    loop {
        let done = rotated.client.reencrypt(&ask).await.unwrap();
        checked += done.checked;
        reencrypted += done.reencrypted;
        assert!(done.unreadable.is_empty());
        match done.next_cursor {
            Some(cursor) => ask.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!((checked, reencrypted), (60, 60));
    let again = rotated.client.reencrypt(&Reencrypt::default()).await.unwrap();
    assert_eq!(again.reencrypted, 0, "again is the same");
    let listed = house.rest.calendar_accounts(&PageQuery::default()).await.unwrap();
    assert!(listed.items.iter().all(|account| account.key_id == again.key_id));
    // The old key is needed no more.
    let new_only = house.replica(NEW_KEY, &[]).await;
    for user in users.iter().take(3) {
        assert_eq!(new_only.client.calendars(*user).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_is_told_to_the_operator_and_a_found_one_heals() {
    let house = House::on_sqlite().await;
    let ann = house.google.account("ann@example.com", "Europe/Berlin");
    house.connect(house.ann, &ann).await;
    house.until_chores_are_done(house.ann).await;
    let lost = house.replica(NEW_KEY, &[]).await;
    assert!(matches!(
        lost.client.calendars(house.ann).await,
        Err(Error::ReconnectNeeded)
    ));
    assert_eq!(
        lost.client.account(house.ann).await.unwrap().status,
        AccountStatus::ReconnectNeeded
    );
    let done = lost.client.reencrypt(&Reencrypt::default()).await.unwrap();
    assert_eq!((done.reencrypted, done.unreadable), (0, vec![house.ann]));
    let key_id = house
        .rest
        .calendar_account(house.ann)
        .await
        .unwrap()
        .tokens
        .key_id;
    let seen = logged_and_shown();
    assert!(seen.contains(&format!("with the key {key_id}")) && seen.contains("ENCRYPTION_KEY_OLD"));
    // Nothing was marked: with the key again, it works again.
    let found = house.replica(NEW_KEY, &[ENCRYPTION_KEY]).await;
    assert_eq!(found.client.calendars(house.ann).await.unwrap().len(), 1);
    // And what cannot be decrypted can be disconnected all the same.
    lost.client.disconnect(house.ann).await.unwrap();
    wait_until("the account to be erased", PATIENCE, async || {
        matches!(
            house.rest.calendar_account(house.ann).await,
            Err(rest_client::Error::NotFound)
        )
    })
    .await;
}
