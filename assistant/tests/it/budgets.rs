//! Budgets through the whole: what a call may cost is held back, the one that would cross a limit is not made, and what
//! calls cost is counted to the millionth of a dollar.

use std::{sync::Arc, time::Duration};

use assistant::model::{
    Model, ModelError, Usage as Tokens, catalogue::Catalogue, chain::Chain, openai::OpenAi,
};
use chrono::TimeDelta;
use fakes::openai::{OpenAiServer, Step};
use messages::{EventId, ReplyKind, TaskAction, TaskDueV1};
use rest_client::{
    AssistantPatch, Budget, DEFAULT_ASSISTANT, Role, TurnStatus, Usage, UsageQuery, UsageReport, UserPatch,
};
use serde_json::json;
use test_support::wait_until;
use tokio::sync::watch;

use crate::{
    openai::model,
    subs::sub,
    support::{conversation, now, request},
    world::{SOON, Stores, World, on_both, shown},
};

/// Its price is 0.40 and 1.60 dollars for a million tokens.
const MODEL: &str = "gpt-4.1-mini";

fn priced(openai: &OpenAiServer) -> OpenAi {
    let catalogue = Arc::new(Catalogue::load(None).expect("a catalogue"));
    model(openai.url(), Duration::from_secs(10)).knowing(catalogue)
}

async fn world_of(stores: Stores, openai: &OpenAiServer, settings: &[&str]) -> World {
    let world = World::with_settings(stores, Arc::new(priced(openai)), settings).await;
    let named = AssistantPatch {
        model: Some(Some(MODEL.to_owned())),
        ..AssistantPatch::default()
    };
    let changed = world.rest.update_assistant(DEFAULT_ASSISTANT, &named).await;
    changed.expect("an assistant with a model");
    world
}

async fn limit(world: &World, patch: UserPatch) {
    world.rest.update_user(world.user, &patch).await.expect("a limit");
}

async fn per_day(world: &World, micros: i64) {
    let patch = UserPatch {
        budget_day_micros: Some(Some(micros)),
        ..UserPatch::default()
    };
    limit(world, patch).await;
}

async fn report(world: &World) -> UsageReport {
    let report = world.rest.usage_of(world.user, &UsageQuery::default()).await;
    report.expect("a report")
}

async fn budget(world: &World) -> Budget {
    report(world).await.budgets.remove(0)
}

fn sum(report: &UsageReport, of: fn(&Usage) -> i64) -> i64 {
    report.items.iter().map(of).sum()
}

/// By hand: 0.40 and 1.60 dollars for a million tokens, rounded up to the millionth.
fn by_hand(input: u32, output: u32) -> i64 {
    let tenths = 4 * u64::from(input) + 16 * u64::from(output);
    i64::try_from(tenths.div_ceil(10)).expect("little")
}

on_both! {
    the_call_that_would_cross_the_limit_is_not_made(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = world_of(stores, &openai, &[]).await;
        openai.answers_with(|_| Step::text("All right."));
        // What a turn costs, where nothing is limited.
        let first = world.writes("hello").await;
        world.handle_next().await;
        assert_eq!(shown(&world.reply().await), "All right.");
        let turn = world.rest.turn(world.user, &first.id).await.expect("a turn");
        let cost = by_hand(turn.prompt_tokens, turn.completion_tokens);
        assert_eq!((turn.cost_micros, turn.completion_tokens), (cost, 3));
        assert!(report(&world).await.budgets.is_empty());

        // Enough for some: 1,000 tokens of an answer cost 1,600, and the request as much as it is long.
        let most = i64::try_from(openai.requests()[0].bytes.div_ceil(3)).expect("little");
        let worst = (most * 4 + 16_000) / 10 + 200;
        let most_spent = cost * 12 + worst;
        per_day(&world, most_spent).await;
        let mut notices = Vec::new();
        let mut answered = 1;
        let refused = loop {
            let text = world.says(&format!("message {answered}")).await;
            if text.contains("does not cover") {
                break text;
            }
            assert!(text.starts_with("All right."), "{text}");
            answered += 1;
            if text.contains('⚠') {
                notices.push((answered, text));
            }
            assert!(answered < 60, "no limit is reached");
        };
        assert_eq!(
            refused,
            "What is left of your budget for today does not cover another answer. Nothing was changed. \
             The next budget begins tomorrow 01:00. Reminders come all the same."
        );
        assert_eq!(openai.served(), answered, "no call was made that would cross it");
        let spent = report(&world).await;
        let state = budget(&world).await;
        assert_eq!((state.spent, state.held), (sum(&spent, |usage| usage.cost_micros), 0));
        assert!(state.spent <= most_spent && state.spent + worst * 2 > most_spent, "{state:?}, {worst}");
        let (at, notice) = notices.first().expect("a notice");
        assert_eq!(notices.len(), 1, "one notice: {notices:?}");
        assert!(*at > 4, "{at}");
        assert!(notice.starts_with("All right.\n\n⚠️ Of your budget for today, $0.0"), "{notice}");
        assert!(notice.ends_with("are spent. The next one begins tomorrow 01:00."), "{notice}");

        // The model is shown none of it, and in the language of the user it is said.
        let german = UserPatch { locale: Some("de".to_owned()), ..UserPatch::default() };
        limit(&world, german).await;
        let refused = world.says("und jetzt?").await;
        assert!(refused.starts_with("Was von deinem Budget für heute übrig ist, reicht für keine weitere Antwort."), "{refused}");
        assert_eq!(openai.served(), answered);
        assert!(!openai.requests().last().expect("a request").body.to_string().contains("⚠"));

        // The next day.
        world.clock.advance(TimeDelta::hours(13));
        assert_eq!(world.says("good morning").await, "All right.");
        let state = budget(&world).await;
        assert!(state.spent < cost * 3 && state.held == 0, "{state:?}");
        openai.assert_clean();
    }

    two_replicas_at_once_do_not_cross_it_together(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = world_of(stores, &openai, &[]).await;
        openai.answers_with(|_| Step::text("All right.").after(Duration::from_millis(100)));
        world.says("hello").await;
        let cost = sum(&report(&world).await, |usage| usage.cost_micros);
        // Two may cost the most at the same time, and a third may not.
        let most = i64::try_from(openai.requests()[0].bytes.div_ceil(3)).expect("little");
        let worst = (most * 4 + 16_000) / 10 + 50;
        per_day(&world, cost + worst * 2).await;
        let drivers = [Arc::new(world.driver()), Arc::new(world.driver())];
        let mut deliveries = Vec::new();
        for n in 0..8 {
            world.writes_in(&format!("chat {n}"), "hello").await;
            deliveries.push(world.delivery().await);
        }
        let handled = deliveries.into_iter().zip(drivers.iter().cycle()).map(|(delivery, driver)| {
            let driver = Arc::clone(driver);
            tokio::spawn(async move { driver.handle(delivery).await })
        });
        for handled in futures::future::join_all(handled).await {
            handled.expect("handled");
        }
        let mut answered = 0;
        for _ in 0..8 {
            let text = world.reply().await.text;
            answered += u64::from(text.starts_with("All right."));
        }
        let state = budget(&world).await;
        assert!(state.spent <= state.limit && state.held == 0, "{state:?}");
        assert!((1..8).contains(&answered), "{answered}");
        assert_eq!(openai.served(), answered + 1);
    }

    a_call_whose_process_is_killed_is_held_back_once_and_expires(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = world_of(stores, &openai, &[]).await;
        per_day(&world, 10_000_000).await;
        openai.script([Step::hang()]);
        world.writes("hello").await;
        let (driver, delivery) = (world.driver(), world.delivery().await);
        let first = tokio::spawn(async move { driver.handle(delivery).await });
        wait_until("the model is asked", SOON, async || openai.served() == 1).await;
        let held = budget(&world).await.held;
        assert!(held > 1_600, "{held}");
        first.abort();
        assert!(first.await.expect_err("killed").is_cancelled());
        assert_eq!(budget(&world).await.held, held);

        // Begun again, it is held back once, while its model is asked.
        openai.script([Step::hang()]);
        let (driver, delivery) = (world.driver(), world.delivery().await);
        let second = tokio::spawn(async move { driver.handle(delivery).await });
        wait_until("the model is asked again", SOON, async || openai.served() == 2).await;
        assert_eq!(budget(&world).await.held, held);
        second.abort();
        assert!(second.await.expect_err("killed").is_cancelled());

        // Nobody is left to give it back.
        world.clock.advance(TimeDelta::minutes(76));
        assert_eq!(budget(&world).await.held, 0);
        openai.answers("All right.");
        world.handle_next().await;
        assert_eq!(shown(&world.reply().await), "All right.");
        let state = budget(&world).await;
        assert!(state.held == 0 && state.spent > 0, "{state:?}");
    }

    what_all_spend_together_is_limited(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = world_of(stores, &openai, &["--budget-installation-month-tokens", "4000"]).await;
        openai.answers_with(|_| Step::text("All right."));
        // Who owns the assistant is told.
        limit(&world, UserPatch { role: Some(Role::Owner), ..UserPatch::default() }).await;
        let mut texts = Vec::new();
        for n in 0..4 {
            texts.push(world.says(&format!("message {n}")).await);
        }
        let refused = texts.last().expect("an answer");
        assert_eq!(
            *refused,
            "What is left of this assistant's budget for this month does not cover another answer. Nothing was changed. \
             The next budget begins Tue 1 Dec 2026, 01:00. Reminders come all the same."
        );
        let all = world.rest.usage(&UsageQuery::default()).await.expect("a report");
        assert!(all.budgets[0].spent <= 4_000, "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_of_a_turn_counts_also_those_of_sub_assistants() {
    let openai = OpenAiServer::start().await;
    let mut world = world_of(Stores::Embedded, &openai, &[]).await;
    sub(&world, DEFAULT_ASSISTANT, "Cook", &[]).await;
    let cheap = AssistantPatch {
        model: Some(Some("gpt-4.1-nano".to_owned())),
        ..AssistantPatch::default()
    };
    let query = rest_client::AssistantListQuery::default();
    let cook = world.rest.assistants(&query).await.expect("assistants").items;
    let cook = cook
        .iter()
        .find(|assistant| assistant.name == "Cook")
        .expect("the cook");
    world
        .rest
        .update_assistant(cook.id, &cheap)
        .await
        .expect("a cheap cook");
    per_day(&world, 10_000_000).await;
    openai.script([
        Step::tool_call("ask_cook", json!({ "request": "a soup" })),
        Step::text("Leek soup."),
        Step::text("Leek soup it is."),
    ]);
    assert_eq!(world.says("a soup").await, "Leek soup it is.");
    let requests = openai.requests();
    let read = |n: usize| u32::try_from(requests[n].bytes.div_ceil(4)).expect("little");
    let asked = r#"{"request":"a soup"}"#.len().div_ceil(4);
    // Each call by itself, rounded up; the cook's at 0.10 and 0.40.
    let own = by_hand(read(0), u32::try_from(asked).expect("little")) + by_hand(read(2), 4);
    let cooks = (u64::from(read(1)) + 4 * 3).div_ceil(10);
    let items = report(&world).await.items;
    let costs: Vec<_> = items
        .iter()
        .map(|row| (row.model.as_str(), row.model_calls, row.cost_micros))
        .collect();
    assert_eq!(
        costs,
        [
            (MODEL, 2, own),
            ("gpt-4.1-nano", 1, i64::try_from(cooks).expect("little"))
        ]
    );
    let state = budget(&world).await;
    assert_eq!(
        (state.spent, state.held),
        (own + i64::try_from(cooks).expect("little"), 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_count_and_are_not_written_beyond_the_budget() {
    let openai = OpenAiServer::start().await;
    let mut world = world_of(Stores::Embedded, &openai, &[]).await;
    openai.answers_with(|_| Step::text("Nothing of note."));
    for n in 0..25 {
        world
            .says(&format!("message {n}: {}", "something long to say ".repeat(60)))
            .await;
    }
    let asked = i64::try_from(openai.served()).expect("few");
    let report = report(&world).await;
    assert!(asked > 25, "notes were written");
    assert_eq!(sum(&report, |usage| usage.model_calls), asked);
    assert_eq!(sum(&report, |usage| usage.turns), 25);
    let sent: usize = openai
        .requests()
        .iter()
        .map(|request| request.bytes.div_ceil(4))
        .sum();
    assert_eq!(
        usize::try_from(sum(&report, |usage| usage.prompt_tokens)).expect("some"),
        sent
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_broken_stopped_or_counted_by_nobody_counts() {
    let openai = OpenAiServer::start().await;
    let mut world = world_of(Stores::Embedded, &openai, &[]).await;
    per_day(&world, 10_000_000).await;
    // Cut twice: paid for, and not told how much; the largest cost of each.
    openai.answers_with(|_| Step::text("All right, and more than that.").cut_after(2));
    let text = world.says("hello").await;
    assert!(
        text.contains("got lost") || text.contains("Please try again"),
        "{text}"
    );
    let bytes = openai.requests()[0].bytes;
    let most = by_hand(u32::try_from(bytes.div_ceil(3)).expect("little"), 1000);
    let state = budget(&world).await;
    assert_eq!((openai.served(), state.spent, state.held), (2, most * 2, 0));

    // Another model has no price: its tokens count, and no money.
    let unpriced = AssistantPatch {
        model: Some(Some("nobody-knows".to_owned())),
        ..AssistantPatch::default()
    };
    world
        .rest
        .update_assistant(DEFAULT_ASSISTANT, &unpriced)
        .await
        .expect("a model");
    openai.answers_with(|_| Step::text("All right."));
    assert_eq!(world.says("hello").await, "All right.");
    assert_eq!(budget(&world).await.spent, most * 2);
    let items = report(&world).await.items;
    let row = items
        .iter()
        .find(|row| row.model == "nobody-knows")
        .expect("a row");
    assert!(row.prompt_tokens > 1_000 && row.cost_micros == 0, "{row:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cheaper_model_of_the_chain_answers_where_the_dear_one_would_cross_the_limit() {
    let openai = OpenAiServer::start().await;
    let names = "gpt-4.1, gpt-4.1-nano";
    let chain = Chain::new(vec![("openai".to_owned(), priced(&openai))], Vec::new(), names);
    let mut world = World::with_model(Stores::Embedded, Arc::new(chain)).await;
    // 1,000 tokens of the first one's cost 8,000 millionths, of the second one's 400.
    per_day(&world, 3_000).await;
    openai.answers_with(|_| Step::text("All right."));
    assert_eq!(world.says("hello").await, "All right.");
    let requests = openai.requests();
    assert_eq!(
        (requests.len(), requests[0].body["model"].as_str()),
        (1, Some("gpt-4.1-nano"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_beyond_the_budget_is_told_at_once_and_reminders_come() {
    let openai = OpenAiServer::start().await;
    let mut world = world_of(Stores::Embedded, &openai, &[]).await;
    per_day(&world, 1).await;
    for action in [TaskAction::Prompt, TaskAction::Remind] {
        let due = messages::Event::TaskDueV1(TaskDueV1 {
            task_id: uuid::Uuid::nil(),
            user_id: world.user,
            action,
            text: "water the plants".to_owned(),
            to: world.address(),
            scheduled_for: now(),
            fired_at: now(),
            missed: 0,
            from_outside: false,
        });
        world
            .publishes(EventId::new(format!("task:{action:?}")), due)
            .await;
        world.handle_next().await;
        let reply = world.reply().await;
        match action {
            TaskAction::Prompt => {
                assert_eq!(reply.kind, ReplyKind::Notice);
                assert!(
                    reply.text.contains("does not cover another answer"),
                    "{}",
                    reply.text
                );
            }
            TaskAction::Remind => assert!(reply.text.contains("water the plants"), "{}", reply.text),
        }
    }
    let turn = world
        .rest
        .turn(world.user, &EventId::new("task:Prompt"))
        .await
        .expect("a turn");
    assert_eq!(turn.status, TurnStatus::Failed);
    assert_eq!(
        turn.error.as_deref(),
        Some("the budget of the user for the day does not cover the call")
    );
    assert_eq!(openai.served(), 0);
}

#[test]
fn prices_come_to_what_is_counted_by_hand() {
    let catalogue = Catalogue::load(None).expect("a catalogue");
    // Dollars for a million tokens, read and written; tokens; millionths, counted by hand.
    for (model, input, output, micros) in [
        ("gpt-4.1-mini", 0, 0, 0),
        ("gpt-4.1-mini", 1, 0, 1),
        ("gpt-4.1-mini", 5, 5, 10),
        ("gpt-4.1-mini", 12_345, 678, 6_023),
        ("gpt-4.1", 12_345, 678, 30_114),
        ("gpt-4.1-nano", 7, 3, 2),
        ("gpt-4.1-nano", 1_000_001, 0, 100_001),
        ("claude-haiku-4-5", 3_333, 777, 7_218),
    ] {
        let facts = catalogue.of(model).expect("a model");
        assert_eq!(
            facts.micros(Tokens { input, output }),
            micros,
            "{model} {input} {output}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_calls_run_at_once_and_others_wait_in_order_of_age() {
    let openai = OpenAiServer::start().await;
    openai.answers_with(|_| Step::text("All right.").after(Duration::from_millis(50)));
    let model = Arc::new(model(openai.url(), Duration::from_secs(5)).at_once(2));
    let mut asked = Vec::new();
    for n in 0..10 {
        let (model, mut request) = (Arc::clone(&model), request(conversation(&["hello"])));
        request.messages = vec![assistant::model::Message::User(format!("number {n}"))];
        asked.push(async move {
            let (live, _) = watch::channel(String::new());
            model.answer(&request, &live).await.map(|answer| answer.text)
        });
    }
    // Joined, they are begun in their order.
    for answer in futures::future::join_all(asked).await {
        assert_eq!(answer, Ok("All right.".to_owned()));
    }
    let requests = openai.requests();
    let order: Vec<u32> = requests
        .iter()
        .map(|request| {
            request
                .last_user_text()
                .rsplit(' ')
                .next()
                .and_then(|n| n.parse().ok())
                .expect("a number")
        })
        .collect();
    // Two that run at once may arrive in either order; no later one overtakes.
    for (place, number) in (0_u32..).zip(&order) {
        assert_eq!(place / 2, number / 2, "{order:?}");
    }
    for pair in requests.windows(3) {
        assert!(
            pair[2].at - pair[0].at >= Duration::from_millis(40),
            "three at once"
        );
    }

    // Who waits longer than an answer is of use is told so.
    openai.answers_with(|_| Step::hang());
    let within = |limit| assistant::model::ModelRequest {
        deadline: tokio::time::Instant::now() + Duration::from_millis(limit),
        ..request(conversation(&["hello"]))
    };
    let (first, late) = (within(2_000), within(200));
    let (live, _) = watch::channel(String::new());
    let held = [0, 1].map(|_| model.answer(&first, &live));
    let waits = async { model.answer(&late, &live).await };
    let (_, waited) = tokio::join!(futures::future::join_all(held), waits);
    assert!(matches!(waited, Err(ModelError::Deadline(_))), "{waited:?}");
    assert_eq!(openai.served(), 12, "it was not sent");
}
