//! All of Telegram's limits at once, as strict as they are published, with "typing…" and changes of buttons counted: all
//! is delivered, in order, in little more than the limits' own time, and nothing is refused.
//!
//! The thousand: `TEST_LONG_FORM=1 cargo test -p tg_bot --test it -- --nocapture flood`.

use std::time::Duration;

use fakes::telegram::{Fault, RateLimits, User};
use messages::{Button, ReplyKind};
use rest_client::{UserPatch, UserState};
use tokio::time::Instant;

use crate::stack::{LIMIT, Stack, Stores, chat};

/// How long all of them may take before the test gives up.
const FLOOD_LIMIT: Duration = Duration::from_secs(180);

fn refusals(stack: &Stack) -> usize {
    let calls = stack.telegram.calls();
    calls.iter().filter(|call| call.status == Some(429)).count()
}

/// People who are let in, and whom the bot may write to.
async fn people(stack: &Stack, count: usize) -> Vec<User> {
    let mut people = Vec::new();
    for n in 0..count {
        let person = stack.telegram.user(&format!("P{n}"));
        let patch = UserPatch {
            state: Some(UserState::Active),
            time_zone: Some("Europe/Berlin".to_owned()),
            ..UserPatch::default()
        };
        let id = stack.user_of(&person).await.id;
        stack.rest.update_user(id, &patch).await.unwrap();
        people.push(person);
    }
    people
}

async fn is_dry(stack: &Stack) {
    let topic = messages::Topic::outbox(messages::Channel::Telegram);
    test_support::wait_until("the outbox is dry", FLOOD_LIMIT, async || {
        let stats = stack.bus.stats(&topic, tg_bot::outgoing::GROUP).await.unwrap();
        stats.waiting == 0 && stats.in_flight == 0
    })
    .await;
}

#[expect(clippy::print_stdout, reason = "the long form tells its figures")]
async fn a_flood_is_delivered_within_the_limits(stores: Stores) {
    let chats: usize = if test_support::is_long_form() { 1_000 } else { 90 };
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await.id;
    let group = stack.telegram.group("Family");
    let people = people(&stack, chats).await;
    stack.telegram.limits_rate(RateLimits::default());
    // All write at once, and wait: "typing…" goes to each.
    for person in &people {
        person.says("hello");
    }
    for _ in &people {
        stack.heard().await;
    }
    stack.all_confirmed().await;
    let before: Vec<usize> = people.iter().map(|person| person.bot_messages().len()).collect();
    let typed = stack.telegram.chat_actions().len();
    let begun = Instant::now();
    let mut replies = Vec::new();
    for n in 0..2 {
        for person in &people {
            let mut reply = stack.answer(&owner, &format!("answer {n}")).await;
            reply.to = chat(person.id());
            reply.buttons = vec![Button::press("Fine", format!("task:done:{n}"))];
            replies.push(reply);
        }
    }
    for n in 0..4 {
        let mut reply = stack.answer(&owner, &format!("to all {n}")).await;
        reply.to = chat(group.id());
        reply.user_id = user;
        replies.push(reply);
    }
    for reply in &replies {
        stack.publish(reply).await;
    }
    is_dry(&stack).await;
    let took = begun.elapsed();
    for (person, before) in people.iter().zip(before) {
        let got: Vec<String> = person
            .bot_messages()
            .iter()
            .skip(before)
            .map(|message| message.text.clone())
            .collect();
        assert_eq!(got, ["answer 0", "answer 1"]);
    }
    assert_eq!(refusals(&stack), 0);
    // Typing that was shown meanwhile took a place, too.
    let sent = replies.len() + (stack.telegram.chat_actions().len() - typed);
    let own = f64::from(u32::try_from(sent).unwrap()) / 30.0;
    let ratio = took.as_secs_f64() / own;
    println!(
        "{sent} calls to {chats} chats in {:.1} s, {ratio:.3} of the limit's own {own:.1} s",
        took.as_secs_f64()
    );
    assert!(ratio <= 1.1 || !test_support::is_long_form(), "{ratio}");
}

#[tokio::test]
async fn a_flood_is_delivered_within_the_limits_on_sqlite() {
    a_flood_is_delivered_within_the_limits(Stores::Embedded).await;
}

#[tokio::test]
async fn a_flood_is_delivered_within_the_limits_on_redis_and_postgres() {
    a_flood_is_delivered_within_the_limits(Stores::Distributed).await;
}

/// More chats wait for an hour than are sent to at once, and others get theirs all the same.
#[tokio::test]
async fn chats_that_have_to_wait_for_an_hour_delay_nobody() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let people = people(&stack, 3).await;
    for person in &people {
        person.says("/help");
        person.next_message(LIMIT).await;
    }
    stack
        .telegram
        .fails_next("sendMessage", &Fault::RetryAfter(3_600), 1);
    for n in 0..3 {
        let mut reply = stack.answer(&owner, &format!("limited {n}")).await;
        reply.to = chat(people[0].id());
        stack.publish(&reply).await;
    }
    let asked = stack.telegram.wait_until(LIMIT, |_| refusals(&stack) == 1);
    asked.await.unwrap();
    for n in 0..3 {
        for person in &people[1..] {
            let mut reply = stack.answer(&owner, &format!("free {n}")).await;
            reply.to = chat(person.id());
            stack.publish(&reply).await;
        }
    }
    for n in 0..3 {
        for person in &people[1..] {
            assert_eq!(person.next_message(LIMIT).await.text, format!("free {n}"));
        }
    }
    assert_eq!(refusals(&stack), 1, "the limited chat is left alone");
}

/// A hundred strangers ask, and an answer that comes later than all of that goes first.
#[tokio::test]
async fn strangers_do_not_keep_the_owners_answer_waiting() {
    const STRANGERS: usize = 100;
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_messages_per_second = 5;
    stack.start_bot().await;
    let owner = stack.owner().await;
    stack.outbox_is_dry().await;
    let before = owner.bot_messages().len();
    stack.telegram.limits_rate(RateLimits {
        overall_per_second: 5,
        ..RateLimits::default()
    });
    for n in 0..STRANGERS {
        stack.telegram.user(&format!("Stranger {n}")).says("hello");
    }
    stack.all_confirmed().await;
    let mut answer = stack.answer(&owner, "your answer").await;
    answer.kind = ReplyKind::Answer;
    let sent = || stack.telegram.calls_of("sendMessage").len();
    let sent_before = sent();
    stack.publish(&answer).await;
    stack.recorded(&answer, 1).await;
    // What was on its way, and what the owner's own chat has to wait for.
    let meanwhile = sent() - sent_before;
    assert!(meanwhile <= 12, "{meanwhile} messages went before the answer");
    let topic = messages::Topic::outbox(messages::Channel::Telegram);
    let stats = stack.bus.stats(&topic, tg_bot::outgoing::GROUP).await.unwrap();
    assert!(
        stats.waiting + stats.in_flight > 0,
        "nothing was left to overtake"
    );
    is_dry(&stack).await;
    let asked = owner.bot_messages().len() - before - 1;
    assert!(asked <= 6, "{asked} questions about {STRANGERS} strangers");
    assert_eq!(refusals(&stack), 0);
}
