//! `kill -9` at each stage of a message's walk: after the restart there is exactly one answer, and exactly one
//! reminder was made. Only when Telegram had accepted the answer already may it come twice.
//!
//! Each story brings the message to its stage, kills, starts again, and then asks a second question: messages of
//! one conversation are handled in order, so whatever the first one left behind has come by then.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use fakes::{openai::Step, telegram::Fault};
use messages::EventId;
use serde_json::json;
use test_support::wait_until;

use super::{
    both_ways,
    world::{LIMIT, Model, Service, Way, World},
};

both_ways! {
    killed_as_the_update_arrives;
    killed_when_the_update_is_published;
    killed_in_the_model_call;
    every_process_killed_in_the_model_call;
    killed_between_two_tool_calls;
    killed_when_the_turn_is_stored;
    killed_when_the_reply_is_published;
    killed_when_telegram_has_accepted_the_answer;
    rest_service_killed_between_two_tool_calls;
    cron_service_killed_while_a_reminder_fires;
}

/// Which request to the model never gets an answer.
#[derive(Clone)]
struct Hang(Arc<AtomicUsize>);

/// A model that sets one reminder and then says so; the request of the given number (from 1) hangs.
fn one_reminder(world: &World, hang_at: usize) -> Hang {
    let hang = Hang(Arc::new(AtomicUsize::new(hang_at)));
    let (hanging, asked) = (hang.clone(), AtomicUsize::new(0));
    world.openai.answers_with(move |request| {
        if asked.fetch_add(1, Ordering::SeqCst) + 1 == hanging.0.load(Ordering::SeqCst) {
            return Step::hang();
        }
        if request.last_role() == "tool" {
            return Step::text("It is set.");
        }
        match request.last_user_text() {
            text if text.contains("remind") => Step::tool_call(
                "reminder_create",
                json!({"text": "drink water", "at": {"day": "2099-01-01", "time": "09:00"}}),
            ),
            text => Step::text(format!("You said {text}")),
        }
    });
    hang
}

impl Hang {
    /// No request hangs from here on.
    fn no_more(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

const REQUEST: &str = "remind me to drink water";

/// One answer (or two, where that is the one window), one reminder.
async fn exactly_one(world: &World, at_most: usize) {
    let is_answer = |text: &str| text.starts_with("It is set.");
    let first = world.answer().await.text;
    assert!(is_answer(&first), "{first}");
    world.ann.says("thanks");
    let mut answers = 1;
    loop {
        let next = world.answer().await.text;
        if next == "You said thanks" {
            break;
        }
        assert!(is_answer(&next), "{next}");
        answers += 1;
    }
    assert!(
        answers <= at_most,
        "{answers} answers; the logs:\n{}",
        world.logs()
    );
    assert_eq!(world.tasks().await.len(), 1, "{:?}", world.tasks().await);
    world.telegram.assert_clean();
    world.openai.assert_clean();
}

async fn asked(world: &World, times: u64) {
    assert!(
        world.openai.wait_for_requests(times, LIMIT).await,
        "the model was not asked; {}",
        world.logs()
    );
}

async fn killed_as_the_update_arrives(mut world: World) {
    one_reminder(&world, 0);
    world.ann.says(REQUEST);
    world.restart(Service::Telegram);
    exactly_one(&world, 1).await;
}

async fn killed_when_the_update_is_published(mut world: World) {
    let hang = one_reminder(&world, 1);
    world.ann.says(REQUEST);
    let telegram = &world.telegram;
    wait_until("the update is confirmed", LIMIT, async || {
        telegram.unconfirmed_updates() == 0
    })
    .await;
    world.kill(Service::Telegram);
    world.kill(Service::Assistant);
    // The model may or may not have been asked by then.
    hang.no_more();
    world.start_again(Service::Telegram);
    world.start_again(Service::Assistant);
    exactly_one(&world, 1).await;
}

async fn killed_in_the_model_call(mut world: World) {
    one_reminder(&world, 1);
    world.ann.says(REQUEST);
    asked(&world, 1).await;
    world.restart(Service::Assistant);
    exactly_one(&world, 1).await;
}

async fn every_process_killed_in_the_model_call(mut world: World) {
    one_reminder(&world, 1);
    world.ann.says(REQUEST);
    asked(&world, 1).await;
    for service in Service::ALL {
        world.kill(service);
    }
    for service in Service::ALL {
        world.start_again(service);
    }
    exactly_one(&world, 1).await;
}

async fn killed_between_two_tool_calls(mut world: World) {
    one_reminder(&world, 2);
    world.ann.says(REQUEST);
    asked(&world, 2).await;
    assert_eq!(world.tasks().await.len(), 1);
    world.restart(Service::Assistant);
    exactly_one(&world, 1).await;
}

async fn rest_service_killed_between_two_tool_calls(mut world: World) {
    one_reminder(&world, if world.way == Way::Embedded { 2 } else { 0 });
    world.ann.says(REQUEST);
    asked(&world, 2).await;
    world.restart(Service::Rest);
    exactly_one(&world, 1).await;
}

async fn killed_when_the_turn_is_stored(mut world: World) {
    one_reminder(&world, 0);
    let update = world.ann.says(REQUEST);
    let bot: u64 = world.telegram.token().split(':').next().unwrap().parse().unwrap();
    let event = EventId::telegram(bot, u32::try_from(update).unwrap());
    asked(&world, 2).await;
    // Where the bus is a server of its own, the turn is stored while nothing can be published.
    if world.way == Way::Distributed {
        world.pause_bus();
    }
    let (client, ann) = (world.client(), world.ann_id().await);
    wait_until("the turn is stored", LIMIT, async || {
        client.turn(ann, &event).await.is_ok()
    })
    .await;
    world.kill(Service::Assistant);
    if world.way == Way::Distributed {
        world.resume_bus();
    }
    world.start_again(Service::Assistant);
    exactly_one(&world, 1).await;
}

async fn killed_when_the_reply_is_published(mut world: World) {
    one_reminder(&world, 0);
    let sent = world.telegram.calls_of("sendMessage").len();
    world.telegram.fails_next("sendMessage", &Fault::Hang, 1);
    world.ann.says(REQUEST);
    let telegram = &world.telegram;
    wait_until("the answer is being sent", LIMIT, async || {
        telegram.calls_of("sendMessage").len() > sent
    })
    .await;
    world.restart(Service::Telegram);
    exactly_one(&world, 1).await;
}

async fn killed_when_telegram_has_accepted_the_answer(mut world: World) {
    one_reminder(&world, 0);
    let received = world.ann.bot_messages().len();
    world.telegram.fails_next("sendMessage", &Fault::CloseAfter, 1);
    world.ann.says(REQUEST);
    let ann = &world.ann;
    wait_until("the answer is accepted", LIMIT, async || {
        ann.bot_messages().len() > received
    })
    .await;
    world.restart(Service::Telegram);
    // The one window: Telegram has no idempotency key.
    exactly_one(&world, 2).await;
}

async fn cron_service_killed_while_a_reminder_fires(mut world: World) {
    world.openai.calls_tool(
        "reminder_create",
        json!({"text": "drink water", "in": {"seconds": 1}}),
    );
    world.openai.answers("It is set.");
    world.ask("remind me in a second").await;
    world.settled().await;
    if world.way == Way::Distributed {
        world.pause_bus();
        let (client, ann) = (world.client(), world.ann_id().await);
        let task = world.tasks().await.remove(0);
        wait_until("the task is due", LIMIT, async || {
            let task = client.task(ann, task.id).await.unwrap();
            task.next_run_at.is_none_or(|due| due <= now())
        })
        .await;
        world.kill(Service::Cron);
        world.resume_bus();
        world.start_again(Service::Cron);
    } else {
        world.restart(Service::Cron);
    }
    assert!(world.answer().await.text.contains("drink water"));
    world.openai.answers("You are welcome.");
    assert_eq!(world.ask("thanks").await, "You are welcome.");
    let reminders = world.ann.bot_messages();
    assert_eq!(
        reminders
            .iter()
            .filter(|message| message.text.contains("⏰ drink water"))
            .count(),
        1
    );
    assert!(world.active_tasks().await.is_empty());
    world.telegram.assert_clean();
}

fn now() -> chrono::DateTime<chrono::Utc> {
    use service_kit::Clock as _;
    service_kit::SystemClock.now()
}

/// The same with nothing but the product's own model.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offline_answer_survives_a_kill_too() {
    let mut world = World::start(Way::Embedded, Model::Offline).await;
    world
        .ann
        .says("remind me on 1 January 2099 at 9:00 to drink water");
    world.restart(Service::Assistant);
    let text = world.answer().await.text;
    assert!(text.contains("drink water"), "{text}");
    assert_eq!(world.tasks().await.len(), 1);
}
