//! API keys: shown once, kept hashed, bounded, revoked, limited.

use std::time::Duration;

use chrono::TimeDelta;
use rest_client::{
    ApiKey, Client, CreatedApiKey, Error, KeyRole, NewApiKey, PageQuery, Problem, ProblemKind, Scope,
    UserListQuery,
};
use rest_service::CallLimits;
use test_support::wait_until;

use crate::support::{KEY, NO_LIMITS, TestApp, TestDb, no_id, on_both, refused_fields};

on_both!(
    a_key_is_shown_once,
    every_bad_field_is_named,
    a_key_makes_none_that_is_good_for_more,
    a_key_makes_none_that_outlives_it,
    a_key_revokes_only_what_it_could_have_made,
    a_key_ends_with_its_time_and_with_a_word,
    its_last_use_is_noted_once_a_minute,
    a_key_has_so_many_calls_a_minute,
    guessing_locks_an_address_out,
    behind_a_trusted_proxy_each_caller_counts_alone,
);

fn named(name: &str, role: KeyRole) -> NewApiKey {
    NewApiKey {
        name: name.to_owned(),
        role,
        scopes: None,
        expires_at: None,
    }
}

async fn key(app: &TestApp, role: KeyRole) -> CreatedApiKey {
    app.client.create_api_key(&named("test", role)).await.unwrap()
}

fn scopes(names: &[&str]) -> Option<Vec<Scope>> {
    Some(names.iter().map(|name| name.parse().unwrap()).collect())
}

async fn all(app: &TestApp) -> Vec<ApiKey> {
    app.client.api_keys(&PageQuery::default()).await.unwrap().items
}

async fn a_key_is_shown_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let made = key(&app, KeyRole::Admin).await;
    let secret = made.token.strip_prefix(&format!("{}_", made.key.prefix)).unwrap();
    assert!(made.key.prefix.starts_with("sak_"));
    assert_eq!(secret.len(), 43, "256 bits in base64url");
    assert_ne!(key(&app, KeyRole::Admin).await.token, made.token);
    assert!(!format!("{made:?}").contains(secret));

    app.client_with(&made.token)
        .users(&UserListQuery::default())
        .await
        .unwrap();
    for path in ["/api_keys".to_owned(), format!("/api_keys/{}", made.key.id)] {
        let text = app
            .request("GET", &path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(
            text.contains(&made.key.prefix) && !text.contains(secret),
            "{text}"
        );
    }
    if let Some(file) = app.db.url.strip_prefix("sqlite:") {
        for file in [file.to_owned(), format!("{file}-wal")] {
            let bytes = std::fs::read(file).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        }
    }
    for wrong in [
        made.key.prefix.clone(),
        format!("{}_", made.key.prefix),
        format!("{}_{}", made.key.prefix, &secret[1..]),
        format!("{}x", made.token),
        format!("sak_000000000000_{secret}"),
    ] {
        let outcome = app.client_with(&wrong).users(&UserListQuery::default()).await;
        assert!(matches!(outcome, Err(Error::Unauthorized)), "{wrong}");
    }
}

async fn every_bad_field_is_named(db: TestDb) {
    let app = TestApp::start(db).await;
    let bad = NewApiKey {
        name: " ".to_owned(),
        role: KeyRole::ReadOnly,
        scopes: scopes(&["users:read", "users:write"]),
        expires_at: Some(app.clock_now()),
    };
    let refused = app.client.create_api_key(&bad).await;
    assert_eq!(refused_fields(refused), ["name", "scopes[1]", "expires_at"]);
    let none = NewApiKey {
        scopes: Some(Vec::new()),
        ..named("none", KeyRole::Admin)
    };
    assert_eq!(refused_fields(app.client.create_api_key(&none).await), ["scopes"]);
    assert!(matches!(app.client.api_key(no_id()).await, Err(Error::NotFound)));
    assert!(matches!(
        app.client.revoke_api_key(no_id()).await,
        Err(Error::NotFound)
    ));
    assert!(all(&app).await.is_empty());
}

async fn a_key_makes_none_that_is_good_for_more(db: TestDb) {
    let app = TestApp::start(db).await;
    let narrow = NewApiKey {
        scopes: scopes(&["api_keys:write", "users:read"]),
        ..named("narrow", KeyRole::Admin)
    };
    let narrow = app.client.create_api_key(&narrow).await.unwrap();
    let with_narrow = app.client_with(&narrow.token);
    for too_much in [
        named("all", KeyRole::Admin),
        named("reads", KeyRole::ReadOnly),
        NewApiKey {
            scopes: scopes(&["users:read", "users:write"]),
            ..named("writes", KeyRole::Admin)
        },
    ] {
        match with_narrow.create_api_key(&too_much).await {
            Err(Error::Forbidden { detail }) => assert!(detail.contains("the scope "), "{detail}"),
            other => panic!("{}: {other:?}", too_much.name),
        }
    }
    let as_much = NewApiKey {
        scopes: scopes(&["users:read"]),
        ..named("as much", KeyRole::ReadOnly)
    };
    with_narrow.create_api_key(&as_much).await.unwrap();
    let service = app.client_with(&key(&app, KeyRole::Service).await.token);
    let refused = service.create_api_key(&as_much).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "services make no keys"
    );
    service.users(&UserListQuery::default()).await.unwrap();
}

async fn a_key_makes_none_that_outlives_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let end = app.clock_now() + TimeDelta::hours(1);
    let brief = NewApiKey {
        expires_at: Some(end),
        ..named("brief", KeyRole::Admin)
    };
    let brief = app.client.create_api_key(&brief).await.unwrap();
    let with_brief = app.client_with(&brief.token);
    for (expires_at, is_made) in [
        (None, false),
        (Some(end + TimeDelta::seconds(1)), false),
        (Some(end), true),
    ] {
        let new = NewApiKey {
            expires_at,
            ..named("child", KeyRole::ReadOnly)
        };
        let outcome = with_brief.create_api_key(&new).await;
        if is_made {
            outcome.unwrap();
        } else {
            assert_eq!(refused_fields(outcome), ["expires_at"]);
        }
    }
}

async fn a_key_revokes_only_what_it_could_have_made(db: TestDb) {
    let app = TestApp::start(db).await;
    let narrow = NewApiKey {
        scopes: scopes(&["api_keys:write", "users:read"]),
        ..named("narrow", KeyRole::Admin)
    };
    let narrow = app.client.create_api_key(&narrow).await.unwrap();
    // It has every scope of today, but not those of later versions.
    let listed = NewApiKey {
        scopes: Some(Scope::all().collect()),
        ..named("listed", KeyRole::Admin)
    };
    let listed = app.client.create_api_key(&listed).await.unwrap();
    let (admin, service) = (key(&app, KeyRole::Admin).await, key(&app, KeyRole::Service).await);
    let reader = NewApiKey {
        scopes: scopes(&["users:read"]),
        ..named("reader", KeyRole::ReadOnly)
    };
    let reader = app.client.create_api_key(&reader).await.unwrap();
    for (holder, victim) in [
        (&narrow, &admin),
        (&narrow, &service),
        (&narrow, &listed),
        (&listed, &admin),
    ] {
        let refused = app.client_with(&holder.token).revoke_api_key(victim.key.id).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{} revokes {}: {refused:?}",
            holder.key.name,
            victim.key.name
        );
        let untouched = app.client.api_key(victim.key.id).await.unwrap();
        assert!(untouched.revoked_at.is_none());
    }
    let refused = app
        .client_with(&listed.token)
        .create_api_key(&named("open", KeyRole::ReadOnly))
        .await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    for (holder, victim) in [
        (&narrow, &reader),
        (&listed, &narrow),
        (&admin, &service),
        (&listed, &listed),
        (&admin, &admin),
    ] {
        let revoked = app
            .client_with(&holder.token)
            .revoke_api_key(victim.key.id)
            .await
            .unwrap();
        assert!(revoked.revoked_at.is_some());
    }
}

async fn a_key_ends_with_its_time_and_with_a_word(db: TestDb) {
    let app = TestApp::start(db).await;
    let brief = NewApiKey {
        expires_at: Some(app.clock_now() + TimeDelta::hours(1)),
        ..named("brief", KeyRole::ReadOnly)
    };
    let brief = app.client.create_api_key(&brief).await.unwrap();
    let with_brief = app.client_with(&brief.token);
    let query = UserListQuery::default();
    with_brief.users(&query).await.unwrap();
    app.clock.advance(TimeDelta::minutes(61));
    assert!(matches!(with_brief.users(&query).await, Err(Error::Unauthorized)));

    let made = key(&app, KeyRole::ReadOnly).await;
    let here = app.client_with(&made.token);
    let other_replica = Client::new(app.replica_url().await, made.token.clone().into()).unwrap();
    here.users(&query).await.unwrap();
    other_replica.users(&query).await.unwrap();
    let revoked = app.client.revoke_api_key(made.key.id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert!(
        matches!(here.users(&query).await, Err(Error::Unauthorized)),
        "at once, where it was revoked"
    );
    // Within a second; the rest is for a loaded machine.
    wait_until(
        "the other replica refuses it",
        Duration::from_secs(3),
        async || matches!(other_replica.users(&query).await, Err(Error::Unauthorized)),
    )
    .await;
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(
        app.client.revoke_api_key(made.key.id).await.unwrap(),
        revoked,
        "once is enough"
    );
}

async fn its_last_use_is_noted_once_a_minute(db: TestDb) {
    let app = TestApp::start(db).await;
    let made = key(&app, KeyRole::ReadOnly).await;
    assert_eq!(made.key.last_used_at, None);
    let client = app.client_with(&made.token);
    let noted = async || app.client.api_key(made.key.id).await.unwrap().last_used_at;
    let first = app.clock_now();
    wait_until("the first use is noted", Duration::from_secs(10), async || {
        client.users(&UserListQuery::default()).await.unwrap();
        noted().await == Some(first)
    })
    .await;
    app.clock.advance(TimeDelta::seconds(61));
    wait_until(
        "a use after a minute is noted",
        Duration::from_secs(10),
        async || {
            client.users(&UserListQuery::default()).await.unwrap();
            noted().await == Some(app.clock_now())
        },
    )
    .await;
}

async fn ask(app: &TestApp, token: &str, forwarded: Option<&str>) -> reqwest::Response {
    let mut request = app.raw.get(app.url.join("/users").unwrap()).bearer_auth(token);
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    request.send().await.unwrap()
}

async fn kind(answer: reqwest::Response) -> ProblemKind {
    answer.json::<Problem>().await.unwrap().kind
}

fn header(answer: &reqwest::Response, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}

async fn a_key_has_so_many_calls_a_minute(db: TestDb) {
    let limits = CallLimits {
        rest_rate_limit: 3,
        ..NO_LIMITS
    };
    let app = TestApp::start_with(db, limits).await;
    let (one, other) = (
        key(&app, KeyRole::ReadOnly).await,
        key(&app, KeyRole::ReadOnly).await,
    );
    for left in [2, 1, 0] {
        let answer = ask(&app, &one.token, None).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "ratelimit-policy"), "\"default\";q=3;w=60");
        assert_eq!(header(&answer, "ratelimit"), format!("\"default\";r={left};t=60"));
    }
    app.clock.advance(TimeDelta::seconds(20));
    let refused = ask(&app, &one.token, None).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "retry-after"), "40");
    assert_eq!(header(&refused, "ratelimit"), "\"default\";r=0;t=40");
    assert_eq!(kind(refused).await, ProblemKind::TooManyRequests);
    assert_eq!(
        ask(&app, &other.token, None).await.status(),
        200,
        "each key has its own"
    );
    for _ in 0..5 {
        let answer = ask(&app, KEY, None).await;
        assert_eq!(answer.status(), 200, "the services' key is not counted");
        assert!(!answer.headers().contains_key("ratelimit"));
    }
    app.clock.advance(TimeDelta::seconds(40));
    assert_eq!(ask(&app, &one.token, None).await.status(), 200);
}

async fn guessing_locks_an_address_out(db: TestDb) {
    let limits = CallLimits {
        rest_wrong_keys: 3,
        ..NO_LIMITS
    };
    let app = TestApp::start_with(db, limits).await;
    let (known, unknown) = (
        key(&app, KeyRole::ReadOnly).await,
        key(&app, KeyRole::ReadOnly).await,
    );
    assert_eq!(ask(&app, &known.token, None).await.status(), 200);
    for _ in 0..3 {
        assert_eq!(
            ask(&app, "sak_0123456789ab_guess", Some("192.0.2.1"))
                .await
                .status(),
            401
        );
    }
    app.clock.advance(TimeDelta::seconds(10));
    let wrong_secret = format!("{}_guess", unknown.key.prefix);
    for token in ["sak_0123456789ab_guess", "another", &wrong_secret] {
        // Whom the caller says it speaks for counts for nothing.
        let refused = ask(&app, token, Some("192.0.2.2")).await;
        assert_eq!(refused.status(), 429);
        assert_eq!(header(&refused, "retry-after"), "50");
        assert_eq!(kind(refused).await, ProblemKind::TooManyRequests);
    }
    assert_eq!(ask(&app, KEY, None).await.status(), 200, "the services go on");
    assert_eq!(
        ask(&app, &known.token, None).await.status(),
        200,
        "so do callers who were let in before"
    );
    assert_eq!(
        ask(&app, &unknown.token, None).await.status(),
        200,
        "and whoever shows a good key, also one that was not seen since the start"
    );
    app.clock.advance(TimeDelta::seconds(50));
    assert_eq!(ask(&app, "another", None).await.status(), 401);

    // A nightly job behind the address of somebody who guesses all day, and whose key nobody remembers by then: each
    // night it is let in, also by a service that has just been started.
    app.clock.advance(TimeDelta::hours(24));
    nightly(&app, &unknown.token).await;
    let limits = CallLimits {
        rest_wrong_keys: 3,
        ..NO_LIMITS
    };
    let app = TestApp::start_with(app.stop().await, limits).await;
    nightly(&app, &unknown.token).await;
}

/// The address is locked out, and a good key is let in.
async fn nightly(app: &TestApp, good: &str) {
    for _ in 0..3 {
        assert_eq!(ask(app, "sak_0123456789ab_guess", None).await.status(), 401);
    }
    assert_eq!(ask(app, "sak_0123456789ab_guess", None).await.status(), 429);
    assert_eq!(ask(app, good, None).await.status(), 200);
}

async fn behind_a_trusted_proxy_each_caller_counts_alone(db: TestDb) {
    let limits = CallLimits {
        rest_wrong_keys: 2,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..NO_LIMITS
    };
    let app = TestApp::start_with(db, limits).await;
    // The first hop is the caller's own invention; the last one is what the proxy saw.
    for (address, status) in [
        ("10.9.9.9, 192.0.2.1", 401),
        ("192.0.2.1", 401),
        ("10.8.8.8, 192.0.2.1", 429),
        ("192.0.2.2", 401),
        ("2001:db8::1", 401),
        ("2001:db8::2", 401),
        ("2001:db8::3", 429),
        ("2001:db8:0:1::1", 401),
        // A proxy that writes ports: still the same caller, who chooses nothing.
        ("10.7.7.7, 192.0.2.9:4711", 401),
        ("10.6.6.6, 192.0.2.9:4712", 401),
        ("10.5.5.5, 192.0.2.9:4713", 429),
    ] {
        assert_eq!(
            ask(&app, "wrong", Some(address)).await.status(),
            status,
            "{address}"
        );
    }
}
