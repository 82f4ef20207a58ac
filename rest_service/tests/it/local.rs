//! Callers in the same process: without a socket, and with the same answers. All stories on SQLite are told that way
//! besides, and those on PostgreSQL over sockets (`support.rs`).

use rest_client::{DEFAULT_ASSISTANT, Error, FactSource, NewFact};

use crate::support::{KEY, TestApp, TestDb, no_id, on_both};

on_both!(
    without_a_socket_the_same_guard_and_the_same_answers,
    a_service_that_has_stopped_is_not_found,
);

async fn without_a_socket_the_same_guard_and_the_same_answers(db: TestDb) {
    let app = TestApp::start(db).await;
    let open = |key: &str| app.client_with(key).within(&app.lifecycle);
    let (local, socket) = (open(KEY), app.client_with(KEY));
    socket.ready().await.unwrap();
    assert!(app.lifecycle.local().find(&app.url).is_some());

    let user = app.user("Ann").await;
    assert_eq!(local.user(user.id).await.unwrap(), user);
    assert_eq!(socket.user(user.id).await.unwrap(), user);
    let fact = NewFact {
        text: "likes tea".to_owned(),
        source: FactSource::User,
        from_outside: false,
    };
    let kept = local.create_fact(user.id, &fact).await.unwrap();
    assert_eq!(socket.create_fact(user.id, &fact).await.unwrap(), kept);

    let empty = NewFact {
        text: String::new(),
        ..fact
    };
    for client in [&local, &socket] {
        let unknown = client.user(no_id()).await.unwrap_err();
        assert!(matches!(unknown, Error::NotFound), "{unknown:?}");
        let refused = client.create_fact(user.id, &empty).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{refused:?}");
    }
    let stranger = open("another key than the service has");
    let refused = stranger.assistant(DEFAULT_ASSISTANT).await.unwrap_err();
    assert!(matches!(refused, Error::Unauthorized), "{refused:?}");
}

async fn a_service_that_has_stopped_is_not_found(db: TestDb) {
    let app = TestApp::start(db).await;
    let (lifecycle, url) = (app.lifecycle.clone(), app.url.clone());
    let local = app.client_with(KEY).within(&lifecycle);
    local.ready().await.unwrap();
    let _db = app.stop().await;
    assert!(lifecycle.local().find(&url).is_none());
    let gone = local.ready().await.unwrap_err();
    assert!(matches!(gone, Error::Unavailable(_)), "{gone:?}");
}
