//! Calendar accounts: one refresher at a time, changes that know what they change, links that are used once.

use chrono::TimeDelta;
use rest_client::{
    CalendarAccountPatch, CalendarAccountState, CalendarChore, CalendarChores, CalendarLinkStart, ChoreDone,
    ConflictKind, Error, NewCalendarAccount, NewCalendarLink, PageQuery, Sealed, TakeRefresh,
    UseCalendarLink,
};
use uuid::Uuid;

use crate::support::{TestApp, TestDb, chat, on_both, refused_fields};

on_both!(
    an_account_is_connected_changed_and_erased,
    one_of_many_refreshes,
    chores_stay_until_they_are_done,
    a_link_is_used_once_by_its_user,
    accounts_and_links_of_others_are_not_there,
);

fn sealed(text: &str) -> Sealed {
    Sealed {
        key_id: "0a1b2c3d".to_owned(),
        ciphertext: text.to_owned(),
    }
}

fn new_account(app: &TestApp, grant: u128) -> NewCalendarAccount {
    NewCalendarAccount {
        grant_id: Uuid::from_u128(grant),
        email: "ann@example.com".to_owned(),
        scopes: "openid email".to_owned(),
        tokens: sealed("AAAA"),
        access_expires_at: app.clock_now() + TimeDelta::hours(1),
        refresh_expires_at: None,
        reply_to: chat("42"),
    }
}

fn patch(version: i64) -> CalendarAccountPatch {
    CalendarAccountPatch {
        version,
        state: None,
        tokens: None,
        access_expires_at: None,
        refresh_expires_at: None,
    }
}

fn is_stale<T>(outcome: &Result<T, Error>) -> bool {
    matches!(
        outcome,
        Err(Error::Conflict {
            kind: ConflictKind::StaleLease,
            ..
        })
    )
}

async fn an_account_is_connected_changed_and_erased(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ann").await.id;
    assert!(matches!(
        app.client.calendar_account(user).await,
        Err(Error::NotFound)
    ));
    let made = app
        .client
        .put_calendar_account(user, &new_account(&app, 1))
        .await
        .unwrap();
    assert_eq!(
        (made.state, made.chore, made.version),
        (
            CalendarAccountState::Active,
            Some(CalendarChore::TellConnected),
            1
        )
    );
    // The same grant again changes nothing, another takes its place and cannot be mistaken for it.
    let again = NewCalendarAccount {
        email: "other@example.com".to_owned(),
        ..new_account(&app, 1)
    };
    assert_eq!(app.client.put_calendar_account(user, &again).await.unwrap(), made);
    let second = app
        .client
        .put_calendar_account(user, &new_account(&app, 2))
        .await
        .unwrap();
    assert!(second.version > made.version);
    assert!(is_stale(
        &app.client
            .patch_calendar_account(user, &patch(made.version))
            .await
    ));

    let renewed = CalendarAccountPatch {
        tokens: Some(sealed("BBBB")),
        ..patch(second.version)
    };
    let changed = app.client.patch_calendar_account(user, &renewed).await.unwrap();
    assert_eq!((changed.tokens, changed.email), (sealed("BBBB"), second.email));
    let listed = app.client.calendar_accounts(&PageQuery::default()).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    assert_eq!(
        (
            listed.items[0].user_name.as_str(),
            listed.items[0].key_id.as_str()
        ),
        ("Ann", "0a1b2c3d")
    );
    assert!(!serde_json::to_string(&listed).unwrap().contains("BBBB"));

    app.client
        .erase_calendar_account(user, Uuid::from_u128(1))
        .await
        .unwrap();
    assert!(app.client.calendar_account(user).await.is_ok(), "another grant's");
    app.client
        .erase_calendar_account(user, Uuid::from_u128(2))
        .await
        .unwrap();
    assert!(matches!(
        app.client.calendar_account(user).await,
        Err(Error::NotFound)
    ));

    let bad = NewCalendarAccount {
        email: " ".to_owned(),
        tokens: sealed(""),
        ..new_account(&app, 3)
    };
    assert_eq!(
        refused_fields(app.client.put_calendar_account(user, &bad).await),
        ["email", "tokens.ciphertext"]
    );
}

async fn one_of_many_refreshes(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ann").await.id;
    let account = app
        .client
        .put_calendar_account(user, &new_account(&app, 1))
        .await
        .unwrap();
    let ask = TakeRefresh {
        version: account.version,
        lease_seconds: 15,
    };
    let asks = (0..8).map(|_| app.client.take_calendar_refresh(user, &ask));
    let answers = futures::future::join_all(asks).await;
    let leases: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(leases.len(), 1, "one has the right to refresh");
    // Given back, and when it has run out, another has it.
    app.client
        .release_calendar_refresh(user, Uuid::from_u128(9))
        .await
        .unwrap();
    assert!(is_stale(&app.client.take_calendar_refresh(user, &ask).await));
    app.client
        .release_calendar_refresh(user, leases[0].lease_token)
        .await
        .unwrap();
    app.client.take_calendar_refresh(user, &ask).await.unwrap();
    app.clock.advance(TimeDelta::seconds(15));
    app.client.take_calendar_refresh(user, &ask).await.unwrap();
    // A change ends it, and whoever read the version before has nothing to refresh.
    let changed = app
        .client
        .patch_calendar_account(user, &patch(account.version))
        .await
        .unwrap();
    assert!(is_stale(&app.client.take_calendar_refresh(user, &ask).await));
    let ask = TakeRefresh {
        version: changed.version,
        ..ask
    };
    app.client.take_calendar_refresh(user, &ask).await.unwrap();
}

async fn chores_stay_until_they_are_done(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ann").await.id;
    let mut new = new_account(&app, 1);
    new.refresh_expires_at = Some(app.clock_now() + TimeDelta::days(7));
    let account = app.client.put_calendar_account(user, &new).await.unwrap();
    let chores = async |warn_in: TimeDelta| {
        let ask = CalendarChores {
            warn_before: app.clock_now() + warn_in,
            limit: 10,
        };
        let page = app.client.calendar_chores(&ask).await.unwrap();
        page.items
            .into_iter()
            .filter_map(|account| account.chore)
            .collect::<Vec<_>>()
    };
    let done = async |grant: u128, chore| {
        let done = ChoreDone {
            grant_id: Uuid::from_u128(grant),
            chore,
        };
        app.client.calendar_chore_done(user, &done).await.unwrap();
    };
    let soon = TimeDelta::days(8);
    assert_eq!(
        chores(soon).await,
        [CalendarChore::TellConnected],
        "one after the other"
    );
    done(2, CalendarChore::TellConnected).await;
    done(1, CalendarChore::TellReconnect).await;
    assert_eq!(
        chores(soon).await,
        [CalendarChore::TellConnected],
        "not what was done"
    );
    done(1, CalendarChore::TellConnected).await;
    assert_eq!(chores(TimeDelta::days(1)).await, [], "too early to warn");
    assert_eq!(chores(soon).await, [CalendarChore::TellExpiring]);
    done(1, CalendarChore::TellExpiring).await;
    assert_eq!(chores(soon).await, [], "warned once");
    for (state, chore) in [
        (CalendarAccountState::Reconnect, CalendarChore::TellReconnect),
        (CalendarAccountState::Closed, CalendarChore::Revoke),
    ] {
        let version = app.client.calendar_account(user).await.unwrap().version;
        let change = CalendarAccountPatch {
            state: Some(state),
            ..patch(version)
        };
        app.client.patch_calendar_account(user, &change).await.unwrap();
        assert_eq!(chores(soon).await, [chore]);
    }
    assert_eq!(account.chore, Some(CalendarChore::TellConnected));
}

async fn a_link_is_used_once_by_its_user(db: TestDb) {
    let app = TestApp::start(db).await;
    let (ann, bob) = (app.user("Ann").await.id, app.user("Bob").await.id);
    let new = NewCalendarLink {
        reply_to: chat("42"),
        expires_at: app.clock_now() + TimeDelta::minutes(10),
    };
    let link = app.client.create_calendar_link(ann, &new).await.unwrap();
    let start = |hash: &str| CalendarLinkStart {
        state_hash: hash.to_owned(),
        browser_hash: "browser".to_owned(),
        verifier: sealed("AAAA"),
        expires_at: app.clock_now() + TimeDelta::minutes(10),
    };
    let used = async |user, hash: &str| {
        let ask = UseCalendarLink {
            state_hash: hash.to_owned(),
        };
        app.client.use_calendar_link(user, link.id, &ask).await
    };
    assert!(
        matches!(used(ann, "first").await, Err(Error::NotFound)),
        "not started"
    );
    app.client
        .start_calendar_link(ann, link.id, &start("first"))
        .await
        .unwrap();
    app.client
        .start_calendar_link(ann, link.id, &start("second"))
        .await
        .unwrap();
    for (user, hash) in [(ann, "first"), (bob, "second"), (ann, "third")] {
        assert!(matches!(used(user, hash).await, Err(Error::NotFound)), "{hash}");
    }
    assert!(matches!(
        app.client.start_calendar_link(bob, link.id, &start("bob")).await,
        Err(Error::NotFound)
    ));
    let tries = futures::future::join_all((0..8).map(|_| used(ann, "second"))).await;
    assert_eq!(
        tries.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "one succeeds"
    );
    assert!(matches!(
        app.client
            .start_calendar_link(ann, link.id, &start("again"))
            .await,
        Err(Error::NotFound)
    ));

    let late = app.client.create_calendar_link(ann, &new).await.unwrap();
    app.client
        .start_calendar_link(ann, late.id, &start("late"))
        .await
        .unwrap();
    app.clock.advance(TimeDelta::minutes(10));
    let ask = UseCalendarLink {
        state_hash: "late".to_owned(),
    };
    assert!(matches!(
        app.client.use_calendar_link(ann, late.id, &ask).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.start_calendar_link(ann, late.id, &start("late")).await,
        Err(Error::NotFound)
    ));
    // What expired a day ago is forgotten when the next one is made.
    app.clock.advance(TimeDelta::days(1));
    app.client.create_calendar_link(ann, &new).await.unwrap();
    assert!(matches!(
        app.client.calendar_link(ann, late.id).await,
        Err(Error::NotFound)
    ));
}

async fn accounts_and_links_of_others_are_not_there(db: TestDb) {
    let app = TestApp::start(db).await;
    let (ann, bob) = (app.user("Ann").await.id, app.user("Bob").await.id);
    app.client
        .put_calendar_account(ann, &new_account(&app, 1))
        .await
        .unwrap();
    let new = NewCalendarLink {
        reply_to: chat("42"),
        expires_at: app.clock_now() + TimeDelta::minutes(10),
    };
    let link = app.client.create_calendar_link(ann, &new).await.unwrap();
    assert!(matches!(
        app.client.calendar_account(bob).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.calendar_link(bob, link.id).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.patch_calendar_account(bob, &patch(1)).await,
        Err(Error::NotFound)
    ));
    app.client
        .erase_calendar_account(bob, Uuid::from_u128(1))
        .await
        .unwrap();
    assert!(app.client.calendar_account(ann).await.is_ok());
}
