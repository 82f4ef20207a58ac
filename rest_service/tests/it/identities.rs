//! Identities: who an outside account is.

use std::collections::HashSet;

use messages::Channel;
use rest_client::{ConflictKind, Error, NewIdentity, PageQuery, ResolveIdentity, UserListQuery, UserState};

use crate::support::{TestApp, TestDb, no_id, on_both, refused_fields};

on_both!(
    a_stranger_becomes_a_pending_user_once,
    many_resolves_at_once_make_one_user,
    an_account_is_linked_to_one_user,
);

fn account(external_id: &str) -> ResolveIdentity {
    ResolveIdentity {
        channel: Channel::Telegram,
        external_id: external_id.to_owned(),
        display_name: "Grace".to_owned(),
        locale: Some("pt-br".to_owned()),
        time_zone: None,
    }
}

async fn a_stranger_becomes_a_pending_user_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let first = app.client.resolve_identity(&account("42")).await.unwrap();
    assert!(first.created);
    assert_eq!(
        (first.user.name.as_str(), first.user.state),
        ("Grace", UserState::Pending)
    );
    assert_eq!(first.user.locale, "pt-br");
    assert_eq!(first.identity.user_id, first.user.id);

    let again = app.client.resolve_identity(&account("42")).await.unwrap();
    assert!(!again.created);
    assert_eq!((&again.user, &again.identity), (&first.user, &first.identity));

    let nameless = ResolveIdentity {
        display_name: String::new(),
        ..account("43")
    };
    assert_eq!(
        app.client.resolve_identity(&nameless).await.unwrap().user.name,
        "43"
    );
    assert_eq!(
        refused_fields(app.client.resolve_identity(&account("")).await),
        ["external_id"]
    );
}

async fn many_resolves_at_once_make_one_user(db: TestDb) {
    let app = TestApp::start(db).await;
    let clients = [app.client.clone(), app.replica().await];
    let calls: Vec<_> = (0..20)
        .map(|i| {
            let client = clients[i % 2].clone();
            tokio::spawn(async move { client.resolve_identity(&account("7")).await.unwrap() })
        })
        .collect();
    let mut users = HashSet::new();
    let mut made = 0;
    for call in calls {
        let resolved = call.await.unwrap();
        users.insert(resolved.user.id);
        made += usize::from(resolved.created);
    }
    assert_eq!((users.len(), made), (1, 1));
    let all = app.client.users(&UserListQuery::default()).await.unwrap();
    assert_eq!(all.items.len(), 1, "no user without an account is left over");
}

async fn an_account_is_linked_to_one_user(db: TestDb) {
    let app = TestApp::start(db).await;
    let (one, two) = (app.user("one").await.id, app.user("two").await.id);
    let new = NewIdentity {
        channel: Channel::Telegram,
        external_id: "42".to_owned(),
        display_name: String::new(),
    };
    let linked = app.client.link_identity(one, &new).await.unwrap();
    assert_eq!(
        app.client.link_identity(one, &new).await.unwrap(),
        linked,
        "again is the same"
    );
    assert!(matches!(
        app.client.link_identity(two, &new).await,
        Err(Error::Conflict {
            kind: ConflictKind::Taken,
            ..
        })
    ));
    assert!(matches!(
        app.client.link_identity(no_id(), &new).await,
        Err(Error::NotFound)
    ));

    let of = async |user| {
        app.client
            .identities(user, &PageQuery::default())
            .await
            .unwrap()
            .items
    };
    assert_eq!(of(one).await, [linked]);
    assert!(of(two).await.is_empty());
    assert_eq!(
        app.client.resolve_identity(&account("42")).await.unwrap().user.id,
        one
    );
}
