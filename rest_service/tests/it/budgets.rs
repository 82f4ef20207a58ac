//! Budgets: what is held back, what is spent, and that no two callers cross a limit together.

use chrono::TimeDelta;
use messages::EventId;
use rest_client::{
    Budget, BudgetOf, BudgetPeriod, BudgetUnit, Budgeted, Client, ContextQuery, EndedCall, Error, Held,
    NewHold, NewSpending, NewTurn, TurnCost, UsageQuery, UserPatch, dollars_of, micros_of,
};
use rest_service::{Amount, BudgetSettings};
use uuid::Uuid;

use crate::support::{TestApp, TestDb, at, no_id, on_both, refused_fields, turn};

on_both!(
    a_call_that_would_cross_a_limit_is_refused,
    many_at_once_on_two_replicas_do_not_cross_it_together,
    what_all_spend_is_limited_too,
    a_call_that_is_made_again_is_held_back_once_and_what_nobody_gives_back_expires,
    day_and_month_begin_anew,
    a_user_has_limits_of_their_own,
    what_is_spent_outside_of_turns_counts,
    the_user_is_told_once_in_each_period,
    what_is_no_amount_is_refused,
);

/// Two dollars a day and five a month for each, none for all together.
fn of_users() -> BudgetSettings {
    BudgetSettings {
        budget_user_day: Amount(Some(2_000_000)),
        budget_user_month: Amount(Some(5_000_000)),
        ..BudgetSettings::default()
    }
}

fn hold(event: &str, call: u32, micros: i64) -> NewHold {
    NewHold {
        id: format!("{event}#{call}"),
        event_id: EventId::new(event),
        tokens: micros / 2,
        micros,
        ended: Vec::new(),
    }
}

async fn held(client: &Client, user: Uuid, hold: &NewHold) -> Held {
    client.hold(user, hold).await.unwrap()
}

/// A turn that gives back what was held for it, and has cost so much.
fn paid(event: &str, micros: i64) -> NewTurn {
    NewTurn {
        cost: TurnCost {
            micros,
            held: true,
            told: Vec::new(),
        },
        ..turn(event, &[])
    }
}

async fn budgets(app: &TestApp, user: Uuid) -> Vec<Budget> {
    let report = app.client.usage_of(user, &UsageQuery::default()).await;
    report.unwrap().budgets
}

/// What is spent and what is held of the user's first limit.
async fn state(app: &TestApp, user: Uuid) -> (i64, i64) {
    let first = budgets(app, user).await.remove(0);
    (first.spent, first.held)
}

async fn a_call_that_would_cross_a_limit_is_refused(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    let other = app.user("Bob").await.id;
    // Exactly the limit is within it.
    assert_eq!(
        held(&app.client, user, &hold("e:1", 0, 1_500_000)).await.refused,
        None
    );
    assert_eq!(
        held(&app.client, user, &hold("e:2", 0, 500_000)).await.refused,
        None
    );
    let refused = held(&app.client, user, &hold("e:3", 0, 1)).await.refused.unwrap();
    assert_eq!(
        (refused.of, refused.period, refused.unit, refused.limit),
        (BudgetOf::User, BudgetPeriod::Day, BudgetUnit::Micros, 2_000_000)
    );
    assert_eq!((refused.spent, refused.held), (0, 2_000_000));
    assert_eq!(refused.resets_at, at("2026-11-21T00:00:00Z"));
    assert_eq!(held(&app.client, other, &hold("e:3", 0, 1)).await.refused, None);
    // What costs nothing goes on.
    assert_eq!(held(&app.client, user, &hold("e:4", 0, 0)).await.refused, None);

    // The first call of an event has cost less than was held back for it: the second one fits.
    let second = NewHold {
        ended: vec![EndedCall {
            id: "e:1#0".to_owned(),
            tokens: 10,
            micros: 400_000,
        }],
        ..hold("e:1", 1, 1_100_000)
    };
    assert_eq!(held(&app.client, user, &second).await.refused, None);
    assert_eq!(state(&app, user).await, (0, 2_000_000));

    // With its turn, what it cost is counted, and what was held for it is given back; once.
    app.client.create_turn(user, &paid("e:1", 900_000)).await.unwrap();
    assert_eq!(state(&app, user).await, (900_000, 500_000));
    app.client.create_turn(user, &paid("e:1", 900_000)).await.unwrap();
    assert_eq!(state(&app, user).await, (900_000, 500_000));
    let stored = app.client.turn(user, &EventId::new("e:1")).await.unwrap();
    assert_eq!(stored.cost_micros, 900_000);
    assert_eq!(
        held(&app.client, user, &hold("e:5", 0, 600_001))
            .await
            .refused
            .map(|budget| budget.spent),
        Some(900_000)
    );
    assert_eq!(
        held(&app.client, user, &hold("e:5", 0, 600_000)).await.refused,
        None
    );
    assert!(matches!(
        app.client.hold(no_id(), &hold("e:6", 0, 1)).await,
        Err(Error::NotFound)
    ));
}

async fn many_at_once_on_two_replicas_do_not_cross_it_together(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    let clients = [app.client.clone(), app.replica_within(of_users()).await];
    // Seven fit of forty.
    let calls = (0..40).map(|n| {
        let client = clients[n % 2].clone();
        async move {
            held(&client, user, &hold(&format!("e:{n}"), 0, 280_000))
                .await
                .refused
                .is_none()
        }
    });
    let granted = futures::future::join_all(calls).await;
    assert_eq!(granted.iter().filter(|granted| **granted).count(), 7);
    assert_eq!(state(&app, user).await, (0, 1_960_000));
    // Turns are stored while others ask: what is spent never is more than the limit.
    let rounds = (0..40).map(|n| {
        let client = clients[n % 2].clone();
        let is_granted = granted[n];
        async move {
            if is_granted {
                client
                    .create_turn(user, &paid(&format!("e:{n}"), 280_000))
                    .await
                    .unwrap();
            } else if held(&client, user, &hold(&format!("e:{n}"), 1, 40_001))
                .await
                .refused
                .is_none()
            {
                panic!("{n} was granted");
            }
        }
    });
    futures::future::join_all(rounds).await;
    assert_eq!(state(&app, user).await, (1_960_000, 0));
}

async fn what_all_spend_is_limited_too(db: TestDb) {
    let settings = BudgetSettings {
        budget_installation_day_tokens: Amount(Some(1_000)),
        ..BudgetSettings::default()
    };
    let app = TestApp::start_within(db, settings.clone()).await;
    let clients = [app.client.clone(), app.replica_within(settings).await];
    let mut users = Vec::new();
    for n in 0..20 {
        users.push(app.user(&format!("User {n}")).await.id);
    }
    let calls = users.iter().enumerate().map(|(n, user)| {
        let client = clients[n % 2].clone();
        // 300 tokens each.
        async move {
            held(&client, *user, &hold(&format!("e:{n}"), 0, 600))
                .await
                .refused
        }
    });
    let refused = futures::future::join_all(calls).await;
    assert_eq!(refused.iter().filter(|refused| refused.is_none()).count(), 3);
    let why = refused.into_iter().flatten().next().unwrap();
    assert_eq!(
        (why.of, why.unit, why.held),
        (BudgetOf::Installation, BudgetUnit::Tokens, 900)
    );
    // A user's own report says nothing of what others spend.
    assert_eq!(budgets(&app, users[0]).await, []);
    let all = app.client.usage(&UsageQuery::default()).await.unwrap().budgets;
    assert_eq!((all.len(), all[0].held, all[0].limit), (1, 900, 1_000));
}

async fn a_call_that_is_made_again_is_held_back_once_and_what_nobody_gives_back_expires(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    let call = hold("e:1", 0, 1_500_000);
    assert_eq!(held(&app.client, user, &call).await.refused, None);
    // Killed before the turn was stored, and begun again by another process.
    let replica = app.replica_within(of_users()).await;
    assert_eq!(held(&replica, user, &call).await.refused, None);
    assert_eq!(state(&app, user).await, (0, 1_500_000));
    // Nobody comes back: after more than an hour it may be spent otherwise.
    app.clock.advance(TimeDelta::minutes(74));
    assert!(
        held(&app.client, user, &hold("e:2", 0, 1_000_000))
            .await
            .refused
            .is_some()
    );
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(state(&app, user).await, (0, 0));
    assert_eq!(
        held(&app.client, user, &hold("e:2", 0, 1_000_000)).await.refused,
        None
    );
    let clean = rest_client::CleanUp {
        dead_letters_days: 30,
    };
    let cleaned = app.client.clean_up(&clean).await.unwrap();
    assert_eq!(cleaned.removed.get("budget_holds"), Some(&1));
    // The first one ends all the same: what it cost counts.
    app.client.create_turn(user, &paid("e:1", 700_000)).await.unwrap();
    assert_eq!(state(&app, user).await, (700_000, 1_000_000));
}

async fn day_and_month_begin_anew(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    for n in 0..2 {
        app.client
            .create_turn(user, &paid(&format!("e:{n}"), 1_900_000))
            .await
            .unwrap();
        assert!(
            held(&app.client, user, &hold("e:now", 0, 200_000))
                .await
                .refused
                .is_some()
        );
        app.clock.advance(TimeDelta::days(1));
    }
    // 3.80 of the month's 5 dollars: two more would cross it, though the day has enough.
    let refused = held(&app.client, user, &hold("e:now", 0, 1_300_000))
        .await
        .refused
        .unwrap();
    assert_eq!(
        (refused.period, refused.spent, refused.resets_at),
        (BudgetPeriod::Month, 3_800_000, at("2026-12-01T00:00:00Z"))
    );
    app.clock.advance(TimeDelta::days(9));
    assert_eq!(
        held(&app.client, user, &hold("e:now", 0, 1_300_000))
            .await
            .refused,
        None
    );
}

async fn a_user_has_limits_of_their_own(db: TestDb) {
    let app = TestApp::start_within(db, BudgetSettings::default()).await;
    let user = app.user("Ada").await.id;
    let context = async || {
        let query = ContextQuery {
            conversation: "telegram:42".to_owned(),
            event_id: EventId::new("e:1"),
            limit: None,
            known_thread: None,
            known_seq: None,
        };
        app.client.context(user, &query).await.unwrap().budget
    };
    assert_eq!(
        context().await,
        Some(Budgeted::default()),
        "no limit is the default"
    );
    assert_eq!(budgets(&app, user).await, []);
    let limited = UserPatch {
        budget_month_tokens: Some(Some(100)),
        ..UserPatch::default()
    };
    let changed = app.client.update_user(user, &limited).await.unwrap();
    assert_eq!((changed.budget_month_tokens, changed.version), (Some(100), 2));
    let tokens = Budgeted {
        money: false,
        tokens: true,
    };
    assert_eq!(context().await, Some(tokens));
    // A turn of 18 tokens.
    app.client.create_turn(user, &paid("e:1", 0)).await.unwrap();
    assert_eq!(held(&app.client, user, &hold("e:2", 0, 164)).await.refused, None);
    assert!(
        held(&app.client, user, &hold("e:2", 0, 166))
            .await
            .refused
            .is_some()
    );
    // Another field is changed, and this one stays; null takes it away.
    let named = UserPatch {
        name: Some("Eve".to_owned()),
        ..UserPatch::default()
    };
    assert_eq!(
        app.client
            .update_user(user, &named)
            .await
            .unwrap()
            .budget_month_tokens,
        Some(100)
    );
    let free = UserPatch {
        budget_month_tokens: Some(None),
        ..UserPatch::default()
    };
    assert_eq!(
        app.client
            .update_user(user, &free)
            .await
            .unwrap()
            .budget_month_tokens,
        None
    );
    assert_eq!(context().await, Some(Budgeted::default()));
}

async fn what_is_spent_outside_of_turns_counts(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    held(&app.client, user, &hold("summary:1", 0, 1_000_000)).await;
    let spent = NewSpending {
        event_id: EventId::new("summary:1"),
        model: "test-model".to_owned(),
        prompt_tokens: 1_000,
        completion_tokens: 100,
        model_calls: 1,
        cost_micros: 123_456,
    };
    app.client.spend(user, &spent).await.unwrap();
    assert_eq!(state(&app, user).await, (123_456, 0));
    let report = app.client.usage_of(user, &UsageQuery::default()).await.unwrap();
    let row = &report.items[0];
    assert_eq!(
        (
            row.turns,
            row.model_calls,
            row.prompt_tokens,
            row.completion_tokens,
            row.cost_micros
        ),
        (0, 1, 1_000, 100, 123_456)
    );
    assert!(matches!(
        app.client.spend(no_id(), &spent).await,
        Err(Error::NotFound)
    ));
}

async fn the_user_is_told_once_in_each_period(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    let told = async || {
        let budgets = budgets(&app, user).await;
        budgets.iter().map(|budget| budget.told).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [false, false]);
    let tells = |event: &str, told: BudgetPeriod| {
        let mut turn = paid(event, 1);
        turn.cost.told = vec![told];
        turn
    };
    app.client
        .create_turn(user, &tells("e:1", BudgetPeriod::Day))
        .await
        .unwrap();
    assert_eq!(told().await, [true, false]);
    app.client
        .create_turn(user, &tells("e:2", BudgetPeriod::Month))
        .await
        .unwrap();
    assert_eq!(told().await, [true, true]);
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(told().await, [false, true]);
    app.clock.advance(TimeDelta::days(20));
    assert_eq!(told().await, [false, false]);
}

async fn what_is_no_amount_is_refused(db: TestDb) {
    let app = TestApp::start_within(db, of_users()).await;
    let user = app.user("Ada").await.id;
    let wrong = NewHold {
        ended: vec![EndedCall {
            id: String::new(),
            tokens: -1,
            micros: 0,
        }],
        ..hold("e:1", 0, -5)
    };
    assert_eq!(
        refused_fields(app.client.hold(user, &wrong).await),
        ["tokens", "micros", "ended[0].id", "ended[0].tokens"]
    );
    let wrong = UserPatch {
        budget_day_micros: Some(Some(-1)),
        ..UserPatch::default()
    };
    assert_eq!(
        refused_fields(app.client.update_user(user, &wrong).await),
        ["budget_day_micros"]
    );
}

#[test]
fn money_is_read_and_written_to_the_millionth() {
    for (text, micros, shown) in [
        ("0", 0, "$0.00"),
        ("2.50", 2_500_000, "$2.50"),
        ("$2.5", 2_500_000, "$2.50"),
        ("10", 10_000_000, "$10.00"),
        (".05", 50_000, "$0.05"),
        ("0.000001", 1, "$0.000001"),
        ("1.0004", 1_000_400, "$1.0004"),
        ("1234567.89", 1_234_567_890_000, "$1234567.89"),
    ] {
        assert_eq!(micros_of(text), Ok(micros), "{text}");
        assert_eq!(dollars_of(micros), shown, "{text}");
    }
    for text in [
        "",
        ".",
        "-1",
        "1,50",
        "1.0000001",
        "2 dollars",
        "1e3",
        "99999999999999999999",
    ] {
        assert!(micros_of(text).is_err(), "{text}");
    }
}
