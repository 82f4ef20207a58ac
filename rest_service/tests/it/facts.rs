//! Facts and usage: bounded, the user's own, counted once.

use chrono::TimeDelta;
use messages::EventId;
use rest_client::{
    ConflictKind, ContextQuery, Error, FactPatch, FactSource, MessageRole, NewFact, NewTurn, PageQuery,
    UsageQuery, limits,
};

use crate::support::{TestApp, TestDb, at, no_id, on_both, refused_fields, turn};

on_both!(
    facts_are_kept_and_come_with_the_context,
    a_user_has_so_many_facts_and_no_more,
    each_turn_is_counted_once,
    usage_is_asked_for_by_days,
);

fn fact(text: &str) -> NewFact {
    NewFact {
        text: text.to_owned(),
        source: FactSource::User,
        from_outside: false,
    }
}

async fn facts_are_kept_and_come_with_the_context(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let tea = app.client.create_fact(user, &fact("drinks tea")).await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    let again = app.client.create_fact(user, &fact("drinks tea")).await.unwrap();
    assert_eq!(again, tea, "the same text is the same fact");
    let dog = app.client.create_fact(user, &fact("has a dog")).await.unwrap();
    app.client.create_fact(other, &fact("drinks tea")).await.unwrap();

    let listed = app.client.facts(user, &PageQuery::default()).await.unwrap().items;
    assert_eq!(listed, [tea.clone(), dog.clone()]);
    let query = ContextQuery {
        conversation: "telegram:42".to_owned(),
        event_id: EventId::new("e:1"),
        limit: None,
        known_thread: None,
        known_seq: None,
    };
    let context = app.client.context(user, &query).await.unwrap();
    assert_eq!(context.facts, [dog.clone(), tea.clone()], "the newest first");

    let coffee = FactPatch {
        text: Some("drinks coffee".to_owned()),
        source: None,
    };
    let changed = app.client.update_fact(user, tea.id, &coffee).await.unwrap();
    assert_eq!((changed.text.as_str(), changed.version), ("drinks coffee", 2));
    let taken = app.client.update_fact(user, dog.id, &coffee).await;
    assert!(matches!(
        taken,
        Err(Error::Conflict {
            kind: ConflictKind::AlreadyExists,
            ..
        })
    ));
    for outcome in [
        app.client.fact(other, dog.id).await.map(drop),
        app.client.update_fact(other, dog.id, &coffee).await.map(drop),
        app.client.delete_fact(other, dog.id).await,
        app.client.create_fact(no_id(), &fact("x")).await.map(drop),
    ] {
        assert!(matches!(outcome, Err(Error::NotFound)), "{outcome:?}");
    }
    app.client.delete_fact(user, dog.id).await.unwrap();
    assert_eq!(
        app.client
            .facts(user, &PageQuery::default())
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert_eq!(
        refused_fields(app.client.create_fact(user, &fact(" ")).await),
        ["text"]
    );
    assert_eq!(
        refused_fields(app.client.create_fact(user, &fact(&"x".repeat(501))).await),
        ["text"]
    );
}

async fn a_user_has_so_many_facts_and_no_more(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    for i in 0..limits::FACTS - 1 {
        app.client
            .create_fact(user, &fact(&format!("fact {i}")))
            .await
            .unwrap();
    }
    // Two at once for the last place: one is refused.
    let both = ["one", "other"].map(|text| {
        let (client, new) = (app.client.clone(), fact(text));
        tokio::spawn(async move { client.create_fact(user, &new).await })
    });
    let mut made = 0;
    for outcome in both {
        match outcome.await.unwrap() {
            Ok(_) => made += 1,
            refused => assert_eq!(refused_fields(refused), ["text"]),
        }
    }
    assert_eq!(made, 1);
    app.client.create_fact(user, &fact("fact 0")).await.unwrap();
}

async fn each_turn_is_counted_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (user, other) = (app.user("Ada").await.id, app.user("Bob").await.id);
    let said = |event| turn(event, &[(MessageRole::User, "hello")]);
    for event in ["e:1", "e:2", "e:1"] {
        app.client.create_turn(user, &said(event)).await.unwrap();
    }
    app.client.create_turn(other, &said("e:3")).await.unwrap();
    let free = NewTurn {
        model: None,
        model_calls: 0,
        cost: rest_client::TurnCost::default(),
        prompt_tokens: 0,
        completion_tokens: 0,
        ..said("task:1")
    };
    app.client.create_turn(user, &free).await.unwrap();
    app.clock.set(at("2026-11-21T00:00:01Z"));
    app.client.create_turn(user, &said("e:4")).await.unwrap();

    let days = UsageQuery::default();
    let own = app.client.usage_of(user, &days).await.unwrap();
    let told: Vec<_> = own
        .items
        .iter()
        .map(|usage| {
            (
                usage.day.to_string(),
                usage.model.as_str(),
                usage.turns,
                usage.model_calls,
                usage.prompt_tokens,
                usage.completion_tokens,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("2026-11-20".to_owned(), "test-model", 2, 2, 22, 14),
            ("2026-11-21".to_owned(), "test-model", 1, 1, 11, 7),
        ]
    );
    let all = app.client.usage(&days).await.unwrap();
    let turns: Vec<i64> = all.items.iter().map(|usage| usage.turns).collect();
    assert_eq!(turns, [3, 1]);
    let listed = app.client.turns(user, &PageQuery::default()).await.unwrap().items;
    let events: Vec<&str> = listed.iter().map(|turn| turn.event_id.as_str()).collect();
    assert_eq!(events[0], "e:4", "the newest first");
    assert_eq!(events.len(), 4);
}

async fn usage_is_asked_for_by_days(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    app.client
        .create_turn(user, &turn("e:1", &[(MessageRole::User, "hello")]))
        .await
        .unwrap();
    let day = |text: &str| Some(text.parse().unwrap());
    let asked = async |from, to| app.client.usage_of(user, &UsageQuery { from, to }).await;
    let default = asked(None, None).await.unwrap();
    assert_eq!(
        (default.from.to_string(), default.to.to_string()),
        ("2026-10-22".to_owned(), "2026-11-20".to_owned())
    );
    assert_eq!(default.items.len(), 1);
    assert!(asked(None, day("2026-11-19")).await.unwrap().items.is_empty());
    let long = asked(day("2026-01-01"), day("2026-11-20")).await;
    assert_eq!(refused_fields(long), ["from"]);
    let backwards = asked(day("2026-11-20"), day("2026-11-19")).await;
    assert_eq!(refused_fields(backwards), ["from"]);
    assert!(matches!(
        app.client.usage_of(no_id(), &UsageQuery::default()).await,
        Err(Error::NotFound)
    ));
}
