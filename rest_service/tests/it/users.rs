//! Users: made, changed, listed.

use messages::Channel;
use rest_client::{
    ClaimOwnership, Error, NewUser, ResolveIdentity, Role, UserListQuery, UserPatch, UserState,
};

use crate::support::{TestApp, TestDb, no_id, on_both, refused_fields};

on_both!(
    a_user_is_made_and_changed,
    every_bad_field_is_named,
    users_are_listed_by_pages,
    of_two_who_claim_the_installation_at_once_one_owns_it,
);

fn named(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: None,
    }
}

async fn a_user_is_made_and_changed(db: TestDb) {
    let app = TestApp::start(db).await;
    let made = app.client.create_user(&named("Ada Łović 🦀")).await.unwrap();
    assert_eq!(
        (
            made.locale.as_str(),
            made.time_zone.as_str(),
            made.role,
            made.state,
            made.version
        ),
        ("en", "UTC", Role::Member, UserState::Pending, 1)
    );
    assert_eq!(app.client.user(made.id).await.unwrap(), made);

    let patch = UserPatch {
        time_zone: Some("europe/berlin".to_owned()),
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    let changed = app.client.update_user(made.id, &patch).await.unwrap();
    assert_eq!(
        changed.time_zone, "Europe/Berlin",
        "a zone is stored by its official name"
    );
    assert_eq!((changed.state, changed.version), (UserState::Active, 2));
    assert_eq!(changed.name, made.name, "what a patch does not name stays");
    assert_eq!(app.client.user(made.id).await.unwrap(), changed);

    assert!(matches!(app.client.user(no_id()).await, Err(Error::NotFound)));
    assert!(matches!(
        app.client.update_user(no_id(), &patch).await,
        Err(Error::NotFound)
    ));
}

async fn every_bad_field_is_named(db: TestDb) {
    let app = TestApp::start(db).await;
    let bad = NewUser {
        name: " ".to_owned(),
        locale: Some("not a locale".to_owned()),
        time_zone: Some("UTC+2".to_owned()),
        ..named("")
    };
    let refused = app.client.create_user(&bad).await;
    assert_eq!(refused_fields(refused), ["name", "locale", "time_zone"]);
    let refused = app.client.create_user(&named(&"x".repeat(201))).await;
    assert_eq!(refused_fields(refused), ["name"]);
    let refused = app.client.create_user(&named("nul\0")).await;
    assert_eq!(refused_fields(refused), ["name"]);
    app.client.create_user(&named(&"ü".repeat(200))).await.unwrap();
}

async fn users_are_listed_by_pages(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut made = Vec::new();
    for i in 0..5 {
        app.clock.advance(chrono::TimeDelta::milliseconds(1));
        made.push(app.user(&format!("user {i}")).await.id);
    }
    let patch = UserPatch {
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    app.client.update_user(made[3], &patch).await.unwrap();

    let mut query = UserListQuery {
        limit: Some(2),
        ..UserListQuery::default()
    };
    let mut listed = Vec::new();
    loop {
        let page = app.client.users(&query).await.unwrap();
        assert!(page.items.len() <= 2);
        listed.extend(page.items.into_iter().map(|user| user.id));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(listed, made);

    let active = UserListQuery {
        state: Some(UserState::Active),
        ..UserListQuery::default()
    };
    let page = app.client.users(&active).await.unwrap();
    assert_eq!(
        page.items.iter().map(|user| user.id).collect::<Vec<_>>(),
        [made[3]]
    );
    for (cursor, limit, field) in [
        (Some("x"), None, "cursor"),
        (None, Some(0), "limit"),
        (None, Some(201), "limit"),
    ] {
        let query = UserListQuery {
            cursor: cursor.map(str::to_owned),
            limit,
            ..UserListQuery::default()
        };
        assert_eq!(refused_fields(app.client.users(&query).await), [field]);
    }
}

async fn of_two_who_claim_the_installation_at_once_one_owns_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let claim = ClaimOwnership {
        channel: Channel::Telegram,
    };
    for round in 0..50 {
        let mut claimants = Vec::new();
        for n in 0..2 {
            let account = ResolveIdentity {
                channel: Channel::Telegram,
                external_id: format!("{round}-{n}"),
                display_name: "Claimant".to_owned(),
                locale: None,
                time_zone: None,
            };
            claimants.push(app.client.resolve_identity(&account).await.unwrap().user.id);
        }
        let (one, other) = tokio::join!(
            app.client.claim_ownership(claimants[0], &claim),
            app.client.claim_ownership(claimants[1], &claim),
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(one.granted, other.granted, "round {round}");
        for claimed in [&one, &other] {
            let expected = if claimed.granted {
                (Role::Owner, UserState::Active)
            } else {
                (Role::Member, UserState::Pending)
            };
            assert_eq!((claimed.user.role, claimed.user.state), expected, "round {round}");
        }
        // A claim that comes again finds what it did.
        let owner = if one.granted { &one } else { &other }.user.clone();
        let again = app.client.claim_ownership(owner.id, &claim).await.unwrap();
        assert!(
            again.granted && again.user.version == owner.version,
            "round {round}"
        );
        // An owner who is blocked owns nothing: the next may claim it.
        let blocked = UserPatch {
            state: Some(UserState::Blocked),
            ..UserPatch::default()
        };
        app.client.update_user(owner.id, &blocked).await.unwrap();
    }
}
