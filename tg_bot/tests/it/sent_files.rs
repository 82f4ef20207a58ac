//! Files that the bot sends: nothing of the chat waits behind one, and one that does not come is said.

use std::time::Duration;

use fakes::telegram::{Fault, User};
use rest_client::DeliveryStatus;
use tokio::time::Instant;

use crate::stack::{LIMIT, QUIET, Stack, Stores};

const HERE: &str = "Here is everything that I keep about you:";

async fn asks_for_export(owner: &User) {
    owner.says("/export");
    assert_eq!(owner.next_message(LIMIT).await.text, HERE);
}

/// Waits until Telegram has had so many uploads.
async fn uploads(stack: &Stack, count: usize) {
    let tried = stack
        .telegram
        .wait_until(LIMIT, |telegram| telegram.calls_of("sendDocument").len() >= count);
    tried.await.expect("an upload");
}

async fn answers_go_on(stack: &Stack, owner: &User, text: &str) {
    let begun = Instant::now();
    stack.publish(&stack.answer(owner, text).await).await;
    assert_eq!(owner.next_message(LIMIT).await.text, text);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

async fn a_file_that_cannot_be_sent_is_said_and_nothing_waits_behind_it(stores: Stores) {
    let stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    stack
        .telegram
        .fails_next("sendDocument", &Fault::Status(500), 100);
    asks_for_export(&owner).await;
    uploads(&stack, 1).await;
    answers_go_on(&stack, &owner, "meanwhile").await;
    let said = owner.next_message(LIMIT * 2).await;
    assert_eq!(
        said.text,
        "I tried several times, but the file did not get through. Please try /export again later, or ask the owner for it."
    );
    assert_eq!(stack.telegram.calls_of("sendDocument").len(), 5, "few tries");
    stack.outbox_is_dry().await;
    stack.telegram.works_again();
    asks_for_export(&owner).await;
    assert_eq!(
        owner.next_message(LIMIT).await.file.expect("a file").0,
        "export.tar.gz"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_said_and_nothing_waits_behind_it_on_sqlite() {
    a_file_that_cannot_be_sent_is_said_and_nothing_waits_behind_it(Stores::Embedded).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_said_and_nothing_waits_behind_it_on_redis_and_postgres() {
    a_file_that_cannot_be_sent_is_said_and_nothing_waits_behind_it(Stores::Distributed).await;
}

#[tokio::test]
async fn a_slow_upload_keeps_no_answer_waiting_and_comes() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack
        .telegram
        .fails_next("sendDocument", &Fault::Slow(Duration::from_secs(8)), 1);
    asks_for_export(&owner).await;
    uploads(&stack, 1).await;
    answers_go_on(&stack, &owner, "one").await;
    answers_go_on(&stack, &owner, "two").await;
    assert!(owner.next_message(LIMIT).await.file.is_some());
    stack.outbox_is_dry().await;
    assert_eq!(stack.telegram.calls_of("sendDocument").len(), 1);
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn a_file_that_is_larger_than_telegram_takes_is_refused_at_once() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.fails_next("sendDocument", &Fault::Status(413), 1);
    asks_for_export(&owner).await;
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "This is too much for one file in Telegram. Ask the owner for it."
    );
    stack.outbox_is_dry().await;
    assert_eq!(stack.telegram.calls_of("sendDocument").len(), 1);
}

#[tokio::test]
async fn who_blocks_the_bot_gets_no_file_and_is_told_nothing() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.fails_next("sendDocument", &Fault::Status(500), 1);
    asks_for_export(&owner).await;
    uploads(&stack, 1).await;
    let before = stack.telegram.calls_of("sendMessage").len();
    owner.blocks_bot_unheard();
    stack.outbox_is_dry().await;
    assert_eq!(stack.telegram.calls_of("sendDocument").len(), 2);
    assert_eq!(stack.telegram.calls_of("sendMessage").len(), before);
    let topic = messages::Topic::outbox(messages::Channel::Telegram);
    let group = tg_bot::outgoing::GROUP;
    let dead = stack.bus.dead_letters(&topic, group, None, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    // The operator tries again when they are back.
    owner.unblocks_bot_unheard();
    assert!(stack.bus.retry_dead(&topic, group, &dead[0].id).await.unwrap());
    assert!(owner.next_message(LIMIT).await.file.is_some());
}

/// All of it has come as messages, and nobody asked for the file.
#[tokio::test]
async fn of_a_long_answers_file_that_does_not_come_nothing_is_said() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_chat_messages_per_second = 10_000;
    stack.start_bot().await;
    let owner = stack.owner().await;
    stack.telegram.fails_next("sendDocument", &Fault::Status(400), 1);
    let answer = stack.answer(&owner, &"A sentence of it.\n\n".repeat(3_000)).await;
    let parts = tg_bot::outgoing::messages(&answer).len();
    stack.publish(&answer).await;
    for _ in 0..parts {
        owner.next_message(LIMIT).await;
    }
    let recorded = stack.recorded(&answer, parts + 1).await;
    assert_eq!(recorded[parts].status, DeliveryStatus::Failed);
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}
