//! An answer is seen while it is written, in the message that it becomes, whatever happens in between.

use std::time::Duration;

use fakes::telegram::{Fault, Message, RateLimits, User};
use messages::{Button, Envelope, Event, EventId, ReplyDeltaV1, ReplyKind, ReplyV1, TraceId};
use rest_client::DeliveryStatus;
use service_kit::{Clock, SystemClock};
use tokio::time::Instant;

use crate::stack::{LIMIT, QUIET, Stack, Stores, chat};

pub(crate) const BEGUN: &str =
    "The river rises in the mountains,\nand this is only the first sentence of the answer about it";

/// A question of a person's that the assistant has heard; the answer to it, not published yet.
pub(crate) async fn asked(stack: &mut Stack, person: &User) -> ReplyV1 {
    person.says("tell me about the river");
    let (event_id, heard) = stack.heard().await;
    ReplyV1 {
        event_id,
        user_id: heard.user_id,
        to: heard.from,
        kind: ReplyKind::Answer,
        text: format!("{BEGUN}.\n\n**It ends in the sea.**"),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
        toast: None,
    }
}

/// The model has written so much.
async fn writes(stack: &Stack, answer: &ReplyV1, text: &str) {
    let delta = ReplyDeltaV1 {
        event_id: answer.event_id.clone(),
        user_id: answer.user_id,
        to: answer.to.clone(),
        text: text.to_owned(),
    };
    let envelope = Envelope {
        id: answer.event_id.clone(),
        trace_id: TraceId::random(),
        at: SystemClock.now(),
        event: Event::ReplyDeltaV1(delta),
    };
    stack.bus.broadcast(&envelope).await.unwrap();
}

/// Writes until the person sees it.
pub(crate) async fn is_shown(stack: &Stack, person: &User, answer: &ReplyV1, text: &str) -> Message {
    // Live text may be lost, as while a bot that has just started begins to listen; a model goes on writing.
    let mut preview = None;
    for _ in 0..10 {
        writes(stack, answer, text).await;
        preview = person.try_next_message(LIMIT / 10).await;
        if preview.is_some() {
            break;
        }
    }
    let preview = preview.expect("it is shown");
    assert!(preview.text.ends_with(" …"), "{}", preview.text);
    preview
}

/// What the person sees of the bot since the question, oldest first.
fn seen(person: &User, before: usize) -> Vec<Message> {
    let all = person.bot_messages().into_iter().skip(before);
    all.filter(|message| !message.deleted).collect()
}

/// Waits until the answer itself is delivered.
async fn delivered(stack: &Stack, answer: &ReplyV1) -> rest_client::Delivery {
    delivered_within(stack, answer, LIMIT).await
}

async fn delivered_within(stack: &Stack, answer: &ReplyV1, limit: Duration) -> rest_client::Delivery {
    let mut first = None;
    test_support::wait_until("the answer is delivered", limit, async || {
        let reply = answer.event_id.child(0);
        let recorded = stack.rest.deliveries(answer.user_id, &reply).await.unwrap();
        first = recorded
            .into_iter()
            .find(|delivery| delivery.part == 0 && delivery.status == DeliveryStatus::Sent);
        first.is_some()
    })
    .await;
    first.unwrap()
}

/// What Telegram refused was no more than a change that changes nothing, or of what is gone.
fn only_harmless(stack: &Stack) {
    for violation in stack.telegram.take_violations() {
        let violation = format!("{violation:?}");
        assert!(
            violation.contains("not modified") || violation.contains("not found"),
            "{violation}"
        );
    }
}

fn refusals(stack: &Stack) -> usize {
    let calls = stack.telegram.calls();
    calls.iter().filter(|call| call.status == Some(429)).count()
}

async fn an_answer_is_seen_while_it_is_written(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    stack.telegram.limits_rate(RateLimits::default());
    let before = owner.bot_messages().len();
    let mut answer = asked(&mut stack, &owner).await;
    answer.buttons = vec![Button::press("More", "more:1")];
    let asked_at = Instant::now();
    let preview = is_shown(&stack, &owner, &answer, BEGUN).await;
    assert_eq!(preview.text, format!("{BEGUN} …"));
    assert!(asked_at.elapsed() >= Duration::from_millis(900), "not at once");
    // Many words in a second are one change.
    let mut text = BEGUN.to_owned();
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    for n in 0..30 {
        pace.tick().await;
        text.push_str(&format!(" and{n}"));
        writes(&stack, &answer, &text).await;
    }
    let grown = stack
        .sees_when(&owner, &preview, |seen| seen.text == format!("{text} …"))
        .await;
    assert!((1..=3).contains(&grown.edits), "{} changes", grown.edits);
    stack.publish(&answer).await;
    let whole = stack
        .sees_when(&owner, &preview, |seen| !seen.text.ends_with(" …"))
        .await;
    assert_eq!(whole.text, format!("{BEGUN}.\n\nIt ends in the sea."));
    assert_eq!(whole.entities.len(), 1);
    assert!(whole.button("More").is_some());
    let recorded = delivered(&stack, &answer).await;
    assert_eq!(recorded.external_message_id, Some(preview.message_id.to_string()));
    // Late live text changes nothing any more, and neither does the answer said again.
    writes(&stack, &answer, "something older").await;
    stack.publish(&answer).await;
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
    assert_eq!(seen(&owner, before).len(), 1);
    assert_eq!(seen(&owner, before)[0].text, whole.text);
    assert_eq!(refusals(&stack), 0);
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn an_answer_is_seen_while_it_is_written_on_sqlite() {
    an_answer_is_seen_while_it_is_written(Stores::Embedded).await;
}

#[tokio::test]
async fn an_answer_is_seen_while_it_is_written_on_redis_and_postgres() {
    an_answer_is_seen_while_it_is_written(Stores::Distributed).await;
}

async fn killed_in_between_the_answer_comes_once(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let before = owner.bot_messages().len();
    let answer = asked(&mut stack, &owner).await;
    let preview = is_shown(&stack, &owner, &answer, BEGUN).await;
    let recorded = stack.recorded(&answer, 1).await;
    assert_eq!(recorded[0].status, DeliveryStatus::Failed, "not yet");
    stack.kill_bot();
    stack.publish(&answer).await;
    stack.start_bot().await;
    stack.outbox_is_dry().await;
    let seen = seen(&owner, before);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0].message_id, preview.message_id);
    assert_eq!(seen[0].text, format!("{BEGUN}.\n\nIt ends in the sea."));
    delivered(&stack, &answer).await;

    // Between the change and its record: the change is made again.
    let answer = asked(&mut stack, &owner).await;
    is_shown(&stack, &owner, &answer, BEGUN).await;
    stack.recorded(&answer, 1).await;
    let changes = stack.telegram.calls_of("editMessageText").len();
    stack
        .telegram
        .fails_next("editMessageText", &Fault::CloseAfter, 1);
    stack.publish(&answer).await;
    let changed = stack.telegram.wait_until(LIMIT, |telegram| {
        telegram.calls_of("editMessageText").len() > changes
    });
    changed.await.unwrap();
    stack.kill_bot();
    stack.start_bot().await;
    stack.outbox_is_dry().await;
    assert_eq!(self::seen(&owner, before).len(), 2);
    delivered(&stack, &answer).await;
    only_harmless(&stack);
}

#[tokio::test]
async fn killed_in_between_the_answer_comes_once_on_sqlite() {
    killed_in_between_the_answer_comes_once(Stores::Embedded).await;
}

#[tokio::test]
async fn killed_in_between_the_answer_comes_once_on_redis_and_postgres() {
    killed_in_between_the_answer_comes_once(Stores::Distributed).await;
}

#[tokio::test]
async fn a_change_that_fails_never_costs_the_answer() {
    let faults = [
        Fault::Status(400),
        Fault::BadGatewayPage,
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::RetryAfter(1),
        Fault::Hang,
    ];
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    for fault in faults {
        for is_the_answers in [false, true] {
            let before = owner.bot_messages().len();
            let answer = asked(&mut stack, &owner).await;
            is_shown(&stack, &owner, &answer, BEGUN).await;
            stack.telegram.fails_next("editMessageText", &fault, 1);
            let changes = stack.telegram.calls_of("editMessageText").len();
            if !is_the_answers {
                writes(&stack, &answer, &format!("{BEGUN} and on")).await;
                let tried = stack.telegram.wait_until(LIMIT, |telegram| {
                    telegram.calls_of("editMessageText").len() > changes
                });
                tried.await.unwrap();
            }
            stack.publish(&answer).await;
            // A call that hangs is given up after 15 s.
            delivered_within(&stack, &answer, LIMIT * 2).await;
            stack.outbox_is_dry().await;
            let seen = seen(&owner, before);
            let texts: Vec<&str> = seen.iter().map(|message| message.text.as_str()).collect();
            assert_eq!(
                texts,
                [format!("{BEGUN}.\n\nIt ends in the sea.")],
                "{fault:?} {is_the_answers}"
            );
            while owner.try_next_message(Duration::ZERO).await.is_some() {}
        }
    }
    only_harmless(&stack);
}

#[tokio::test]
async fn a_preview_that_its_reader_deleted_costs_nothing() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let answer = asked(&mut stack, &owner).await;
    let preview = is_shown(&stack, &owner, &answer, BEGUN).await;
    owner.deletes(&preview);
    stack.publish(&answer).await;
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        format!("{BEGUN}.\n\nIt ends in the sea.")
    );
    only_harmless(&stack);
}

#[tokio::test]
async fn what_a_model_says_before_a_tool_is_no_answer() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let before = owner.bot_messages().len();
    let answer = asked(&mut stack, &owner).await;
    writes(&stack, &answer, "Let me look that up in your calendar.").await;
    assert!(
        owner
            .try_next_message(Duration::from_millis(1_500))
            .await
            .is_none()
    );
    assert!(seen(&owner, before).is_empty(), "nothing was shown");
    writes(&stack, &answer, "").await;
    let preview = is_shown(&stack, &owner, &answer, BEGUN).await;
    // A longer one is taken back before anything else stands there.
    writes(&stack, &answer, "").await;
    stack.sees_when(&owner, &preview, |seen| seen.text == "⏳").await;
    stack.publish(&answer).await;
    stack.outbox_is_dry().await;
    let seen = seen(&owner, before);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].text, format!("{BEGUN}.\n\nIt ends in the sea."));
}

#[tokio::test]
async fn a_long_answer_takes_the_place_of_its_preview_and_goes_on_below() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut answer = asked(&mut stack, &owner).await;
    answer.text = format!("{BEGUN}\n\n{}", "A sentence of the middle. ".repeat(400));
    answer.buttons = vec![Button::press("More", "more:1")];
    let preview = is_shown(&stack, &owner, &answer, &answer.text[..6_000]).await;
    stack.publish(&answer).await;
    let parts = tg_bot::outgoing::messages(&answer);
    assert!(parts.len() > 2);
    let first = stack
        .sees_when(&owner, &preview, |seen| seen.text == parts[0].text)
        .await;
    assert!(first.button("More").is_none());
    for part in &parts[1..] {
        assert_eq!(owner.next_message(LIMIT).await.text, part.text);
    }
    stack.recorded(&answer, parts.len()).await;
}

#[tokio::test]
async fn a_fast_answer_and_one_in_a_group_have_no_preview() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let answer = asked(&mut stack, &owner).await;
    writes(&stack, &answer, BEGUN).await;
    stack.publish(&answer).await;
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        format!("{BEGUN}.\n\nIt ends in the sea.")
    );
    let group = stack.telegram.group("Family");
    owner.mentions_bot_in(&group, "tell us about the river");
    let (event_id, heard) = stack.heard().await;
    let answer = ReplyV1 {
        event_id,
        to: heard.from,
        in_reply_to: heard.message_ref,
        ..answer
    };
    writes(&stack, &answer, BEGUN).await;
    assert!(
        group
            .try_next_message(Duration::from_millis(1_500))
            .await
            .is_none()
    );
    stack.publish(&answer).await;
    let whole = group.next_message(LIMIT).await;
    assert!(whole.reply_to.is_some(), "the question is quoted");
    assert_eq!(stack.telegram.calls_of("editMessageText").len(), 0);
}

/// Another process delivered the answer: what this one shows goes, and an answer is never overwritten.
#[tokio::test]
async fn an_answer_that_went_another_way_takes_its_preview_along() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let before = owner.bot_messages().len();
    let answer = asked(&mut stack, &owner).await;
    let elsewhere = rest_client::NewDelivery {
        to: chat(owner.id()),
        external_message_id: Some("4711".to_owned()),
        status: DeliveryStatus::Sent,
        error: None,
    };
    let reply = answer.event_id.child(0);
    stack
        .rest
        .record_delivery(answer.user_id, &reply, 0, &elsewhere)
        .await
        .unwrap();
    writes(&stack, &answer, BEGUN).await;
    let is_gone = |telegram: &fakes::telegram::TelegramServer| {
        let deleted = telegram.calls_of("deleteMessage");
        deleted.iter().any(|call| call.status == Some(200))
    };
    stack.telegram.wait_until(LIMIT, is_gone).await.unwrap();
    assert!(seen(&owner, before).is_empty());
}

/// A preview of another process that is still writing is not changed by two at once.
#[tokio::test]
async fn a_preview_of_another_process_makes_room_for_the_answer() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let first = asked(&mut stack, &owner).await;
    let preview = is_shown(&stack, &owner, &first, BEGUN).await;
    let before = owner.bot_messages().len() - 1;
    let answer = ReplyV1 {
        event_id: EventId::new("tg:of-another-process"),
        ..first
    };
    let shown = rest_client::NewDelivery {
        to: chat(owner.id()),
        external_message_id: Some(preview.message_id.to_string()),
        status: DeliveryStatus::Failed,
        error: Some("only a preview".to_owned()),
    };
    let reply = answer.event_id.child(0);
    stack
        .rest
        .record_delivery(answer.user_id, &reply, 0, &shown)
        .await
        .unwrap();
    writes(&stack, &answer, BEGUN).await;
    // The bot has heard it.
    assert!(owner.try_next_message(QUIET).await.is_none());
    stack.publish(&answer).await;
    let whole = owner.next_message(LIMIT).await;
    assert_eq!(whole.text, format!("{BEGUN}.\n\nIt ends in the sea."));
    let seen = seen(&owner, before);
    assert_eq!(seen.len(), 1, "{seen:?}");
}

/// Thirty answers are written at once under Telegram's own limits, and the finished ones wait for no preview.
#[tokio::test]
async fn previews_keep_no_answer_waiting() {
    const CHATS: usize = 30;
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut people = Vec::new();
    for n in 0..CHATS {
        let person = stack.telegram.user(&format!("P{n}"));
        let patch = rest_client::UserPatch {
            state: Some(rest_client::UserState::Active),
            time_zone: Some("Europe/Berlin".to_owned()),
            ..rest_client::UserPatch::default()
        };
        let id = stack.user_of(&person).await.id;
        stack.rest.update_user(id, &patch).await.unwrap();
        people.push(person);
    }
    stack.outbox_is_dry().await;
    stack.telegram.limits_rate(RateLimits::default());
    let mut answers = Vec::new();
    for person in &people {
        answers.push(asked(&mut stack, person).await);
    }
    let mut text = BEGUN.to_owned();
    let mut pace = tokio::time::interval(Duration::from_millis(80));
    for n in 0..40 {
        pace.tick().await;
        text.push_str(&format!(" and{n}"));
        for answer in &answers {
            writes(&stack, answer, &text).await;
        }
    }
    let shown = stack.telegram.calls_of("editMessageText").len();
    assert!(shown > 0, "some were seen growing");
    // While the others go on.
    let mut slowest = Duration::ZERO;
    for (person, answer) in people.iter().zip(&answers).take(5) {
        let before = Instant::now();
        stack.publish(answer).await;
        let is_there = |_: &fakes::telegram::TelegramServer| {
            let last = person.bot_messages().pop();
            last.is_some_and(|last| last.text.ends_with("sea."))
        };
        stack.telegram.wait_until(LIMIT, is_there).await.unwrap();
        slowest = slowest.max(before.elapsed());
        for answer in &answers {
            writes(&stack, answer, &format!("{text}{slowest:?}")).await;
        }
    }
    assert!(slowest < Duration::from_millis(1_500), "{slowest:?}");
    assert_eq!(refusals(&stack), 0);
    drop(owner);
}
