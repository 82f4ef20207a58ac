//! What is said while a turn runs, in several parts, or otherwise than first: one turn, the last word, one answer.

use std::{sync::Arc, time::Duration};

use fakes::openai::{OpenAiServer, Request, Step};
use messages::{
    Attachment, Envelope, Event, EventId, MessageEditedV1, ReplyKind, ReplyV1, StopTurnV1, Topic,
    UserMessageV1, UserMessageV2,
};
use rest_client::{TaskStatus, TurnStatus};
use serde_json::json;

use crate::{
    openai::model,
    support::now,
    world::{SOON, Stores, World, shown},
};

/// A message with an id of the channel's, as tg_bot hands it on.
fn message(world: &World, number: u32, text: &str) -> UserMessageV2 {
    UserMessageV2::from(UserMessageV1 {
        user_id: world.user,
        from: world.address(),
        message_ref: Some(number.to_string()),
        text: text.to_owned(),
        sent_at: now(),
    })
}

async fn says(world: &World, number: u32, text: &str) -> Envelope {
    let event = Event::UserMessageV2(message(world, number, text));
    world.publishes(EventId::telegram(7, number), event).await
}

async fn edits(world: &World, update: u32, number: u32, text: &str) -> Envelope {
    let message = message(world, number, text);
    let event = Event::MessageEditedV1(MessageEditedV1 { message });
    world.publishes(EventId::telegram(7, update), event).await
}

async fn world(stores: Stores, openai: &OpenAiServer) -> World {
    World::with_model(stores, Arc::new(model(openai.url(), SOON))).await
}

async fn what_waits_becomes_one_turn(stores: Stores) {
    let openai = OpenAiServer::start().await;
    openai.answers("All three.");
    let mut world = world(stores, &openai).await;
    let first = says(&world, 1, "buy milk").await;
    says(&world, 2, "and bread").await;
    says(&world, 3, "no, two breads").await;
    world.handle_next().await;
    let (_, reply) = world.reply_with_id().await;
    assert_eq!(reply.event_id, first.id);
    assert_eq!(reply.in_reply_to.as_deref(), Some("3"), "the last one is quoted");
    let asked = openai.requests().pop().expect("a request").last_user_text();
    assert_eq!(asked, "buy milk\n\nand bread\n\nno, two breads");
    // The others are handed out too, and are done already.
    world.handle_next().await;
    world.handle_next().await;
    world.is_silent().await;
    assert_eq!(openai.requests().len(), 1);
    // One that comes again is answered by what is stored.
    world.publish_again(&first).await;
    world.handle_next().await;
    assert_eq!(world.reply().await, reply);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_becomes_one_turn_on_sqlite() {
    what_waits_becomes_one_turn(Stores::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_becomes_one_turn_on_redis_and_postgres() {
    what_waits_becomes_one_turn(Stores::Distributed).await;
}

/// A publisher whose answer was lost publishes again, and two bots may have the same update.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_on_the_bus_twice_is_said_once() {
    let openai = OpenAiServer::start().await;
    openai.script([Step::text("Both."), Step::text("Both again.")]);
    let mut world = world(Stores::Embedded, &openai).await;
    let first = says(&world, 1, "buy milk").await;
    world.publish_again(&first).await;
    let second = says(&world, 2, "and bread").await;
    world.publish_again(&second).await;
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "Both.");
    let asked = openai.requests().pop().expect("a request").last_user_text();
    assert_eq!(asked, "buy milk\n\nand bread");
    // The first one is found stored, and so is all that it was answered with.
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "Both.");
    world.handle_next().await;
    world.handle_next().await;
    world.is_silent().await;
    // One of before does not come into a later turn either.
    says(&world, 3, "call Ann").await;
    world.publish_again(&second).await;
    says(&world, 4, "and Bob").await;
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "Both again.");
    let asked = openai.requests().pop().expect("a request").last_user_text();
    assert_eq!(asked, "call Ann\n\nand Bob");
}

/// Rules read one sentence: glued to another one, half of it would be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_answered_one_by_one_by_the_offline_model() {
    let mut world = World::new(Stores::Embedded).await;
    says(&world, 1, "remind me in 5 minutes to drink").await;
    let mut picture = message(&world, 2, "remind me in 10 minutes to eat");
    picture.attachments = vec![file("photo", None)];
    world
        .publishes(EventId::telegram(7, 2), Event::UserMessageV2(picture))
        .await;
    says(&world, 3, "remind me in 15 minutes to sleep").await;
    edits(&world, 4, 3, "remind me in 15 minutes to rest").await;
    edits(&world, 5, 1, "remind me in 5 minutes to drink tea").await;
    for _ in 0..5 {
        world.handle_next().await;
    }
    for _ in 0..3 {
        assert_eq!(world.reply().await.receipts.len(), 1);
    }
    world.is_silent().await;
    let tasks = world.tasks(TaskStatus::Active).await;
    let mut texts: Vec<&str> = tasks.iter().map(|task| task.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["drink tea", "eat", "rest"]);
}

/// What a file says is cut before what its sender says of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_files_leave_room_for_what_is_asked_about_them() {
    let openai = OpenAiServer::start().await;
    openai.answers("Short.");
    let mut world = world(Stores::Embedded, &openai).await;
    for number in 1..=4 {
        let mut sent = message(&world, number, &format!("question {number}"));
        sent.attachments = vec![file("document", Some("щ".repeat(20_000)))];
        world
            .publishes(EventId::telegram(7, number), Event::UserMessageV2(sent))
            .await;
    }
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "Short.");
    let asked = openai.requests().pop().expect("a request").last_user_text();
    for number in 1..=4 {
        assert!(asked.contains(&format!("\nquestion {number}")), "{number}");
    }
    assert!(asked.contains("more characters are left out]\n\nquestion 2"));
    assert!(asked.len() < 70_000, "{}", asked.len());
}

fn file(kind: &str, text: Option<String>) -> Attachment {
    Attachment {
        kind: kind.to_owned(),
        file_ref: "f".to_owned(),
        name: None,
        media_type: None,
        bytes: None,
        text,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_corrects_what_is_not_answered_yet() {
    let openai = OpenAiServer::start().await;
    openai.answers("At nine.");
    let mut world = world(Stores::Embedded, &openai).await;
    says(&world, 1, "wake me at eight").await;
    says(&world, 2, "on Monday").await;
    edits(&world, 3, 1, "wake me at nine").await;
    for _ in 0..3 {
        world.handle_next().await;
    }
    assert_eq!(world.reply().await.text, "At nine.");
    world.is_silent().await;
    let asked = openai.requests().pop().expect("a request").last_user_text();
    assert_eq!(asked, "wake me at nine\n\non Monday");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_while_the_turn_runs_is_what_is_answered() {
    let openai = OpenAiServer::start().await;
    openai.script([
        Step::text("At eight.").after(Duration::from_millis(800)),
        Step::text("At nine."),
    ]);
    let mut world = world(Stores::Embedded, &openai).await;
    says(&world, 1, "wake me at eight").await;
    let (driver, delivery) = (Arc::new(world.driver()), world.delivery().await);
    let turn = tokio::spawn(async move { driver.handle(delivery).await });
    assert!(openai.wait_for_requests(1, SOON).await);
    edits(&world, 2, 1, "wake me at nine").await;
    turn.await.expect("the turn ends");
    let reply = world.reply().await;
    assert_eq!(reply.text, "At nine.");
    world.handle_next().await;
    world.is_silent().await;
    let asked: Vec<String> = openai.requests().iter().map(Request::last_user_text).collect();
    assert_eq!(asked, ["wake me at eight", "wake me at nine"]);
}

async fn an_edit_of_what_was_answered_is_told_so_once(stores: Stores) {
    let openai = OpenAiServer::start().await;
    openai.answers("At eight.");
    let mut world = world(stores, &openai).await;
    says(&world, 1, "wake me at eight").await;
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "At eight.");
    edits(&world, 2, 1, "wake me at nine").await;
    world.handle_next().await;
    let (id, told) = world.reply_with_id().await;
    assert_eq!(told.kind, ReplyKind::Notice);
    assert_eq!(
        told.text,
        "I had already answered the earlier version of that message. If the new one changes anything, please send it again."
    );
    // The same reply again: the channel has delivered it.
    edits(&world, 3, 1, "wake me at ten").await;
    world.handle_next().await;
    assert_eq!(world.reply_with_id().await, (id, told));
    assert_eq!(openai.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_what_was_answered_is_told_so_once_on_sqlite() {
    an_edit_of_what_was_answered_is_told_so_once(Stores::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_what_was_answered_is_told_so_once_on_redis_and_postgres() {
    an_edit_of_what_was_answered_is_told_so_once(Stores::Distributed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paste_that_telegram_splits_is_one_turn() {
    let openai = OpenAiServer::start().await;
    openai.answers("A long text.");
    let mut world = world(Stores::Embedded, &openai).await;
    let part = "word ".repeat(819);
    says(&world, 1, part.trim_end()).await;
    let (driver, delivery) = (Arc::new(world.driver()), world.delivery().await);
    let turn = tokio::spawn(async move { driver.handle(delivery).await });
    // It is in hand already when the rest comes.
    says(&world, 2, "and the end").await;
    turn.await.expect("the turn ends");
    assert_eq!(world.reply().await.text, "A long text.");
    world.handle_next().await;
    world.is_silent().await;
    let asked = openai.requests().pop().expect("a request").last_user_text();
    assert!(asked.ends_with("word\nand the end"), "{asked}");
}

/// The second or the first of its requests hangs, and then its user stops it.
async fn a_turn_that_is_stopped(step: Option<Step>) -> (ReplyV1, TurnStatus) {
    let asked = if step.is_some() { 2 } else { 1 };
    let openai = OpenAiServer::start().await;
    openai.script(step);
    openai.answers_with(|_| Step::hang());
    let mut world = world(Stores::Embedded, &openai).await;
    let serving = {
        let (bus, driver, lifecycle) = (world.bus.clone(), world.driver(), world.lifecycle.clone());
        tokio::spawn(async move { assistant::serve(&bus, driver, &lifecycle).await })
    };
    let said = says(&world, 1, "think for long").await;
    assert!(openai.wait_for_requests(asked, SOON).await);
    let stop = Envelope {
        id: EventId::telegram(7, 2),
        event: Event::StopTurnV1(StopTurnV1 {
            user_id: world.user,
            from: world.address(),
            message_ref: Some("2".to_owned()),
        }),
        ..said.clone()
    };
    // Until it listens.
    let reply = loop {
        world.bus.broadcast(&stop).await.expect("broadcast");
        let reply = tokio::time::timeout(Duration::from_millis(500), world.reply()).await;
        if let Ok(reply) = reply {
            break reply;
        }
    };
    let turn = world.rest.turn(world.user, &said.id).await.expect("stored");
    drop(serving);
    (reply, turn.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_stops_a_turn() {
    let (reply, status) = a_turn_that_is_stopped(None).await;
    assert_eq!(
        (shown(&reply).as_str(), status),
        ("Stopped. Nothing was changed.", TurnStatus::Failed)
    );
}

/// Whatever was said before it, also what waits; and nothing that was said behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_not_begun_is_stopped_too() {
    let openai = OpenAiServer::start().await;
    openai.answers_with(|request| match request.last_user_text() {
        text if text == "slow" => Step::text("An answer to slow.").after(Duration::from_millis(800)),
        text => Step::text(format!("An answer to {text}.")),
    });
    let mut world = world(Stores::Embedded, &openai).await;
    let serving = {
        let (bus, driver, lifecycle) = (world.bus.clone(), world.driver(), world.lifecycle.clone());
        tokio::spawn(async move { assistant::serve(&bus, driver, &lifecycle).await })
    };
    let said = says(&world, 1, "the first").await;
    assert_eq!(world.reply().await.text, "An answer to the first.");
    let stop = Envelope {
        id: EventId::telegram(7, 3),
        event: Event::StopTurnV1(StopTurnV1 {
            user_id: world.user,
            from: world.address(),
            message_ref: Some("30".to_owned()),
        }),
        ..said
    };
    let mut number = 1;
    // Until it has heard.
    loop {
        number += 1;
        world.bus.broadcast(&stop).await.expect("broadcast");
        says(&world, number, "the second").await;
        let reply = world.reply().await;
        if shown(&reply) == "Stopped. Nothing was changed." {
            break;
        }
        assert!(number < 25, "{}", reply.text);
    }
    // One that was said before the stop waits with one that was said behind it.
    let asked = u64::try_from(openai.requests().len()).expect("few");
    says(&world, 50, "slow").await;
    assert!(openai.wait_for_requests(asked + 1, SOON).await);
    says(&world, 29, "the third").await;
    says(&world, 51, "the fourth").await;
    let mut replies = Vec::new();
    for _ in 0..3 {
        replies.push(shown(&world.reply().await));
    }
    assert_eq!(
        replies,
        [
            "An answer to slow.",
            "Stopped. Nothing was changed.",
            "An answer to the fourth."
        ]
    );
    drop(serving);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stopped_turn_had_done_is_told() {
    let done = Step::tool_call(
        "reminder_create",
        json!({ "text": "drink", "in": { "minutes": 5 } }),
    );
    let (reply, _) = a_turn_that_is_stopped(Some(done)).await;
    assert_eq!(reply.receipts.len(), 1);
    assert_eq!(reply.text, "Stopped. What I did before that is listed below.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_say_in_the_same_conversation_has_turns_of_its_own() {
    let openai = OpenAiServer::start().await;
    openai.answers("To Mia.");
    let mut world = world(Stores::Embedded, &openai).await;
    says(&world, 1, "mine").await;
    let mut other = message(&world, 2, "somebody else's");
    other.user_id = uuid::Uuid::from_u128(9);
    world
        .publishes(EventId::telegram(7, 2), Event::UserMessageV2(other))
        .await;
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "To Mia.");
    let asked = openai.requests().pop().expect("a request").last_user_text();
    assert_eq!(asked, "mine");
    let stats = world
        .bus
        .stats(&Topic::ASSISTANT_INBOX, assistant::GROUP)
        .await
        .expect("figures");
    assert_eq!(stats.waiting + stats.in_flight, 1);
}
