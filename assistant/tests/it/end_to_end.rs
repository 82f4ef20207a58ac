//! A message in, an answer out: the driver with real peers, on both ways to run.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use fakes::openai::{OpenAiServer, Step};
use messages::{Channel, Event, EventId, ReplyKind, TaskAction, TaskDueV1};
use rest_client::{TaskStatus, TurnStatus, UserPatch, UserState};
use serde_json::json;
use uuid::Uuid;

use crate::{
    openai::model,
    support::now,
    world::{SOON, World, on_both, shown},
};

on_both! {
    a_conversation_with_the_offline_model(stores) {
        let mut world = World::new(stores).await;
        assert!(world.says("hello").await.contains("offline model"));
        assert_eq!(world.says("what time is it in Tokyo?").await, "It is Fri 20 Nov 2026, 20:03 Asia/Tokyo.");
        assert_eq!(
            world.says("remind me in 5 seconds to drink water").await,
            "Done, I'll remind you.\n⏰ Fri 20 Nov 2026, 12:03:05 Europe/Berlin: drink water"
        );
        assert_eq!(
            world.says("remind me every weekday at 9 to stretch").await,
            "Done, I'll remind you.\n🔁 every weekday at 09:00 (next: Mon 23 Nov 2026, 09:00 Europe/Berlin): stretch"
        );
        assert_eq!(
            world.says("list my reminders").await,
            "Your reminders:\n\
             1. Fri 20 Nov 2026, 12:03:05 Europe/Berlin — drink water\n\
             2. every weekday at 09:00 — stretch (next: Mon 23 Nov 2026, 09:00 Europe/Berlin)"
        );
        assert_eq!(
            world.says("move the stretch one to 10").await,
            "Done, it is changed.\n🔁 every weekday at 10:00 (next: Mon 23 Nov 2026, 10:00 Europe/Berlin): stretch"
        );
        assert_eq!(
            world.says("pause the stretch one").await,
            "Done, it is changed.\n⏸ paused: stretch (every weekday at 10:00)"
        );
        assert_eq!(
            world.says("cancel the stretch one").await,
            "Done.\n🗑 cancelled: stretch (every weekday at 10:00)"
        );
        assert_eq!(
            world.says("cancel the dance one").await,
            "There is no reminder \"dance\"; there are:\n1. drink water (Fri 20 Nov 2026, 12:03:05 Europe/Berlin)\n\n\
             If it is in your calendar, say “the dance event”."
        );
        assert_eq!(
            world.says("remind me today at 9am to jump").await,
            "Fri 20 Nov 2026, 09:00 is in the past. When instead?"
        );
        assert_eq!(
            world.says("cancel all reminders").await,
            "Cancel this reminder?\n- Fri 20 Nov 2026, 12:03:05 Europe/Berlin: drink water\n\nAnswer “yes” and I will."
        );
        assert_eq!(
            world.says("yes").await,
            "Done.\n🗑 cancelled: drink water (Fri 20 Nov 2026, 12:03:05 Europe/Berlin)"
        );
        assert_eq!(world.says("list").await, "You have no reminders.");
        for odd in ["", "🎉", "qwertz", "\0", &"word ".repeat(20_000)] {
            assert!(world.says(odd).await.contains("remind me in 20 minutes"));
        }
    }

    a_model_with_tools_answers_from_what_was_stored(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(5)))).await;
        openai.calls_tool("reminder_create", json!({ "text": "drink water", "at": { "day": "tomorrow", "time": "09:00" } }));
        openai.answers("I will remind you.");
        let first = world.says("remind me tomorrow at 9 to drink water").await;
        assert_eq!(first, "I will remind you.\n⏰ Sat 21 Nov 2026, 09:00 Europe/Berlin: drink water");
        let task = &world.tasks(TaskStatus::Active).await[0];
        assert_eq!((task.text.as_str(), &task.to), ("drink water", &world.address()));

        openai.answers("You're welcome.");
        world.says("thanks").await;
        let request = openai.requests().pop().expect("a request");
        let roles: Vec<_> = request.messages().iter().map(|message| message["role"].as_str().unwrap_or("?").to_owned()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool", "assistant", "user"], "the conversation is remembered");
        let turn = world.rest.turn(world.user, &EventId::api(world.user, "1")).await.expect("the turn");
        assert_eq!((turn.status, turn.model_calls, turn.model.as_deref()), (TurnStatus::Completed, 2, Some("gpt-test")));
        assert!(turn.prompt_tokens > 0 && turn.completion_tokens > 0);
    }

    an_event_that_comes_again_is_not_answered_again(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(5)))).await;
        openai.answers("Hello!");
        let envelope = world.writes("hello").await;
        world.handle_next().await;
        let first = world.reply_with_id().await;
        world.publish_again(&envelope).await;
        world.handle_next().await;
        assert_eq!(world.reply_with_id().await, first, "the same reply under the same id");
        assert_eq!(first.0, envelope.id.child(0));
        assert_eq!(openai.served(), 1, "the model is not asked again");
    }

    a_turn_that_breaks_off_after_a_tool_call_makes_one_reminder(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(30)))).await;
        let create = || Step::tool_call("reminder_create", json!({ "text": "drink", "in": { "minutes": 5 } }));
        openai.script([create(), Step::hang()]);
        let envelope = world.writes("remind me in 5 minutes to drink").await;
        let (driver, delivery) = (world.driver(), world.delivery().await);
        let broken = tokio::spawn(async move { driver.handle(delivery).await });
        assert!(openai.wait_for_requests(2, SOON).await, "the tool was run and the model is asked again");
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
        broken.abort();

        world.clock.advance(TimeDelta::minutes(1));
        // This time the model looks at the clock first.
        openai.script([Step::tool_call("time", json!({})), create(), Step::text("Done.")]);
        world.handle_next().await;
        let (id, reply) = world.reply_with_id().await;
        assert_eq!(shown(&reply), "Done.\n⏰ Fri 20 Nov 2026, 12:08 Europe/Berlin: drink");
        assert_eq!(id, envelope.id.child(0));
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1, "the reminder was made once");
        world.is_silent().await;
    }

    a_turn_that_breaks_off_after_a_cancellation_says_it_was_done(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(30)))).await;
        openai.calls_tool("reminder_create", json!({ "text": "stretch", "in": { "minutes": 5 } }));
        openai.answers("Done.");
        world.says("remind me in 5 minutes to stretch").await;
        let cancel = || Step::tool_call("reminder_cancel", json!({ "which": "stretch" }));
        openai.script([cancel(), Step::hang()]);
        world.writes("cancel the stretch one").await;
        let (driver, delivery) = (world.driver(), world.delivery().await);
        let broken = tokio::spawn(async move { driver.handle(delivery).await });
        assert!(openai.wait_for_requests(4, SOON).await);
        broken.abort();

        openai.script([cancel(), Step::text("Cancelled.")]);
        world.handle_next().await;
        assert_eq!(
            shown(&world.reply().await),
            "Cancelled.\n🗑 cancelled: stretch (Fri 20 Nov 2026, 12:08 Europe/Berlin)"
        );
    }

    numbers_and_words_mean_the_same_one_throughout_a_turn_and_when_it_is_run_again(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(30)))).await;
        for text in ["stretch", "stretch legs", "read"] {
            openai.calls_tool("reminder_create", json!({ "text": text, "in": { "minutes": 5 } }));
            openai.answers("Done.");
            world.says(text).await;
        }
        let cancel = |which: &str| Step::tool_call("reminder_cancel", json!({ "which": which }));
        openai.script([cancel("1"), cancel("3"), Step::hang()]);
        world.writes("cancel the first and the third").await;
        let (driver, delivery) = (world.driver(), world.delivery().await);
        let broken = tokio::spawn(async move { driver.handle(delivery).await });
        assert!(openai.wait_for_requests(9, SOON).await);
        broken.abort();

        openai.script([cancel("stretch"), cancel("3"), Step::text("Cancelled.")]);
        world.handle_next().await;
        assert_eq!(
            shown(&world.reply().await),
            "Cancelled.\n\
             🗑 cancelled: stretch (Fri 20 Nov 2026, 12:08 Europe/Berlin)\n\
             🗑 cancelled: read (Fri 20 Nov 2026, 12:08 Europe/Berlin)"
        );
        let left = world.tasks(TaskStatus::Active).await;
        assert_eq!(left.iter().map(|task| task.text.as_str()).collect::<Vec<_>>(), ["stretch legs"]);
    }

    a_due_reminder_is_sent_verbatim_once_and_remembered(stores) {
        let mut world = World::new(stores).await;
        let due = |late: TimeDelta, missed| {
            Event::TaskDueV1(TaskDueV1 {
                task_id: Uuid::nil(),
                user_id: world.user,
                to: world.address(),
                action: TaskAction::Remind,
                text: "drink *water*\nnow".to_owned(),
                scheduled_for: now(),
                fired_at: now() + late,
                missed,
from_outside: false,
})
        };
        let events = [due(TimeDelta::seconds(60), 0), due(TimeDelta::minutes(5), 0), due(TimeDelta::zero(), 3)];
        let texts = [
            "⏰ drink *water*\nnow",
            "⏰ drink *water*\nnow\n(late by 5 minutes)",
            "⏰ drink *water*\nnow\n(3 earlier ones were missed while I was away)",
        ];
        for (n, (event, text)) in (0..).zip(events.into_iter().zip(texts)) {
            let envelope = world.publishes(EventId::task(Uuid::nil(), n), event).await;
            world.handle_next().await;
            let (id, reply) = world.reply_with_id().await;
            assert_eq!((reply.text.as_str(), reply.kind), (text, ReplyKind::Reminder));
            world.publish_again(&envelope).await;
            world.handle_next().await;
            assert_eq!(world.reply_with_id().await, (id, reply), "again, it is the same one");
        }
        let thread = world.rest.threads(world.user, &rest_client::PageQuery::default()).await.expect("threads").items.remove(0);
        let stored = world.rest.messages(world.user, thread.id, &rest_client::PageQuery::default()).await.expect("messages").items;
        assert_eq!(stored.len(), 3, "each was stored once");
    }

    a_due_prompt_is_answered_as_if_the_user_had_said_it(stores) {
        let mut world = World::new(stores).await;
        let event = Event::TaskDueV1(TaskDueV1 {
            task_id: Uuid::nil(),
            user_id: world.user,
            to: world.address(),
            action: TaskAction::Prompt,
            text: "what time is it?".to_owned(),
            scheduled_for: now(),
            fired_at: now(),
            missed: 0,
from_outside: false,
});
        world.publishes(EventId::task(Uuid::nil(), 1), event).await;
        world.handle_next().await;
        assert_eq!(world.reply().await.text, "It is Fri 20 Nov 2026, 12:03 Europe/Berlin.");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_was_shut_out_is_not_answered() {
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(5)))).await;
    let blocked = UserPatch {
        state: Some(UserState::Blocked),
        ..UserPatch::default()
    };
    world
        .rest
        .update_user(world.user, &blocked)
        .await
        .expect("blocked");
    world.writes("hello").await;
    world.handle_next().await;
    world.is_silent().await;
    assert_eq!(openai.served(), 0, "no model call is made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_erased_user_said_is_dropped_without_a_trace() {
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(5)))).await;
    world.rest.erase_user(world.user).await.expect("erased");
    world.writes("hello").await;
    world.handle_next().await;
    world.is_silent().await;
    assert_eq!(openai.served(), 0, "no model call is made");
    let dead = world
        .bus
        .dead_letters(&messages::Topic::ASSISTANT_INBOX, "assistant", None, 10)
        .await
        .expect("dead letters");
    assert!(dead.is_empty(), "nothing of theirs is kept: {dead:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hello_makes_a_request_under_8000_bytes_with_all_tools_on() {
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(5)))).await;
    openai.answers("Hello!");
    world.says("hello").await;
    let request = &openai.requests()[0];
    assert_eq!(request.tool_names().len(), 17, "{:?}", request.tool_names());
    assert!(request.bytes < 8_000, "the request has {} bytes", request.bytes);
    println!("a bare hello is {} bytes", request.bytes);
    let bare = request.bytes;
    // As many and as long facts as there may be.
    for i in 0..rest_client::limits::FACTS {
        let fact = rest_client::NewFact {
            text: format!("fact {i}: {}", "x".repeat(rest_client::limits::FACT - 20)),
            source: rest_client::FactSource::User,
            from_outside: false,
        };
        world.rest.create_fact(world.user, &fact).await.expect("a fact");
    }
    openai.answers("Hello again!");
    world.says("hello").await;
    let request = &openai.requests()[1];
    assert!(
        request.bytes < bare + 1600,
        "facts make {} bytes of {bare}",
        request.bytes
    );
    let instructions = request.messages()[0]["content"].as_str().unwrap_or_default();
    assert!(
        instructions.contains("The user is Mia (language: en). It is Fri 20 Nov 2026, 12:03 Europe/Berlin"),
        "{instructions}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_seen_while_it_is_written() {
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(30)))).await;
    let text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen";
    openai.script([Step::text(text).every(Duration::from_millis(60))]);
    let mut live = world.bus.subscribe().await.expect("a subscription");
    let envelope = world.writes("count").await;
    world.handle_next().await;
    assert_eq!(world.reply().await.text, text);
    let delta = tokio::time::timeout(SOON, live.next())
        .await
        .expect("live text in time")
        .expect("live text");
    assert_eq!(delta.id, envelope.id);
    let Event::ReplyDeltaV1(delta) = delta.event else {
        panic!("live text was expected")
    };
    assert!(
        text.starts_with(&delta.text) && !delta.text.is_empty() && delta.text != text,
        "{}",
        delta.text
    );
    assert_eq!(delta.to.channel, Channel::Api);
}

/// The turn has less time than the answer takes: deadlines are for the first word and for silence. Long form: 55 seconds
/// with the deadlines that come with the product.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_coming_outlasts_every_deadline() {
    let (words, patience, time) = match test_support::is_long_form() {
        true => (550, Duration::from_secs(45), Duration::from_secs(45)),
        false => (30, Duration::from_millis(600), Duration::from_millis(300)),
    };
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), patience))).await;
    world.limits.time = time;
    let text = vec!["word"; words].join(" ");
    openai.script([Step::text(&text).every(Duration::from_millis(100))]);
    let begun = tokio::time::Instant::now();
    world.writes("a long song, please").await;
    world.handle_next().await;
    assert!(begun.elapsed() > patience.max(time), "{:?}", begun.elapsed());
    let reply = world.reply().await;
    assert_eq!((reply.kind, reply.text), (ReplyKind::Answer, text));
}

/// What a model says before it calls a tool is no part of the answer, and does not stay in view as if it were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_before_a_tool_is_taken_back() {
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(30)))).await;
    let slowly = Duration::from_millis(60);
    openai.script([
        Step::tool_call("time", json!({}))
            .saying("One moment please while I have a good long look at the clock")
            .every(slowly),
        Step::text("It is noon, and the sun stands in the south, where it stands each day")
            .after(Duration::from_millis(700))
            .every(slowly),
    ]);
    let mut live = world.bus.subscribe().await.expect("a subscription");
    world.writes("what time is it?").await;
    world.handle_next().await;
    let answer = world.reply().await.text;
    let mut shown: Vec<String> = Vec::new();
    while let Ok(Ok(delta)) = tokio::time::timeout(Duration::from_millis(300), live.next()).await {
        if let Event::ReplyDeltaV1(delta) = delta.event {
            shown.push(delta.text);
        }
    }
    let taken_back = shown.iter().position(String::is_empty).expect("it is taken back");
    let (before, behind) = shown.split_at(taken_back);
    assert!(
        !before.is_empty() && before.iter().all(|text| text.starts_with("One")),
        "{shown:?}"
    );
    assert!(
        behind.len() > 1 && behind.iter().all(|text| answer.starts_with(text.as_str())),
        "{shown:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_rest_service_is_away_the_message_waits() {
    let mut world = World::new(crate::world::Stores::Embedded).await;
    let nobody = format!("http://127.0.0.1:{}", test_support::free_port());
    let away = rest_client::Client::new(nobody.parse().expect("a URL"), "a-service-key-for-tests".into())
        .expect("a client");
    world.writes("what time is it?").await;
    let delivery = world.delivery().await;
    world.driver_with(away).handle(delivery).await;
    world.is_silent().await;
    world.handle_next().await;
    assert_eq!(
        world.reply().await.text,
        "It is Fri 20 Nov 2026, 12:03 Europe/Berlin."
    );
    world.is_silent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calendar_tools_are_not_offered_where_google_is_not_set_up() {
    let openai = OpenAiServer::start().await;
    let stores = crate::world::Stores::Embedded;
    let mut world = World::with_model(stores, Arc::new(model(openai.url(), SOON))).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let settings: calendar_service::Settings = service_kit::settings::parse(
        "calendar_service",
        "",
        [
            "calendar_service".to_owned(),
            format!("--calendar-public-url={url}"),
            format!("--bus-url={}", world.bus_url),
            format!("--rest-url={}", world.rest_url),
            format!("--service-key={}", crate::world::KEY),
        ],
    )
    .expect("settings");
    tokio::spawn(calendar_service::serve(
        settings,
        listener,
        world.lifecycle.clone(),
    ));
    let client = calendar_client::Client::new(url.parse().expect("a URL"), crate::world::KEY.into());
    let client = client.expect("a client");
    let user = world.user;
    test_support::wait_until("calendar_service", SOON, async || {
        client.account(user).await.is_ok()
    })
    .await;
    world.calendar = Some(client);
    openai.answers("Hello!");
    world.says("hello").await;
    let request = &openai.requests()[0];
    let names = request.tool_names();
    assert!(
        names.iter().all(|name| !name.starts_with("calendar")),
        "{names:?}"
    );
    assert!(
        names.contains(&"reminder_create") && request.bytes < 5_500,
        "{names:?}, {} bytes",
        request.bytes
    );
}
