//! Replies arrive once, whole and readable, whatever Telegram does.

use std::time::Duration;

use fakes::telegram::Fault;
use messages::{Button, Channel, Receipt, ReplyKind, Topic};
use rest_client::DeliveryStatus;
use tg_bot::outgoing::GROUP;

use crate::stack::{LIMIT, QUIET, Stack, Stores};

async fn an_answer_arrives_with_its_formatting(stores: Stores) {
    let stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let mut answer = stack
        .answer(&owner, "**Done.** See `x` and [this](https://a.example/b).")
        .await;
    answer.receipts.push(Receipt {
        text: "⏰ Tue 24 Nov 2026, 09:00 Europe/Berlin: drink *water*".into(),
        undo: Some(Button::press("Undo", "undo:1")),
    });
    stack.publish(&answer).await;
    let message = owner.next_message(LIMIT).await;
    assert_eq!(
        message.text,
        "Done. See x and this.\n\n⏰ Tue 24 Nov 2026, 09:00 Europe/Berlin: drink *water*"
    );
    let entities: Vec<_> = message
        .entities
        .iter()
        .map(|entity| (entity.kind.as_str(), entity.offset, entity.length))
        .collect();
    assert_eq!(entities, [("bold", 0, 5), ("code", 10, 1), ("text_link", 16, 4)]);
    assert_eq!(
        message
            .button("Undo")
            .unwrap()
            .callback_data
            .as_deref()
            .and_then(|data| data.split('~').next()),
        Some("undo:1")
    );
    let recorded = stack.recorded(&answer, 1).await;
    assert_eq!(recorded[0].status, DeliveryStatus::Sent);
    assert_eq!(
        recorded[0].external_message_id,
        Some(message.message_id.to_string())
    );

    // Said again, as after a crash before the ack: nothing is sent again.
    stack.publish(&answer).await;
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn an_answer_arrives_with_its_formatting_on_sqlite() {
    an_answer_arrives_with_its_formatting(Stores::Embedded).await;
}

#[tokio::test]
async fn an_answer_arrives_with_its_formatting_on_redis_and_postgres() {
    an_answer_arrives_with_its_formatting(Stores::Distributed).await;
}

#[tokio::test]
async fn a_long_answer_arrives_in_parts() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let section = "## A *heading*\n\n- one **bold** item\n- `code` & <b>html</b>\n\n> quoted\n\n\
        ```rust\nfn main() {\n    println!(\"👋\");\n}\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n";
    let mut answer = stack.answer(&owner, &section.repeat(75)).await;
    assert!(answer.text.len() > 10_000);
    answer.buttons.push(Button::press("More", "more:1"));
    stack.publish(&answer).await;
    let parts = tg_bot::outgoing::messages(&answer);
    assert!(parts.len() > 1);
    for (number, part) in parts.iter().enumerate() {
        let message = owner.next_message(LIMIT).await;
        assert_eq!(message.text, part.text);
        assert_eq!(message.entities.len(), part.entities.len());
        assert_eq!(message.button("More").is_some(), number == parts.len() - 1);
    }
    stack.recorded(&answer, parts.len()).await;
}

async fn after_a_crash_the_rest_of_the_parts_follows(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let text: Vec<String> = (0..6)
        .map(|n| format!("part {n} {}", "x".repeat(4_000)))
        .collect();
    let answer = stack.answer(&owner, &text.join("\n\n")).await;
    stack.publish(&answer).await;
    for n in 0..3 {
        assert!(
            owner
                .next_message(LIMIT)
                .await
                .text
                .starts_with(&format!("part {n}"))
        );
    }
    stack.recorded(&answer, 3).await;
    stack.kill_bot();
    stack.start_bot().await;
    for n in 3..6 {
        assert!(
            owner
                .next_message(LIMIT)
                .await
                .text
                .starts_with(&format!("part {n}"))
        );
    }
    stack.recorded(&answer, 6).await;
    stack.outbox_is_dry().await;
}

#[tokio::test]
async fn after_a_crash_the_rest_of_the_parts_follows_on_sqlite() {
    after_a_crash_the_rest_of_the_parts_follows(Stores::Embedded).await;
}

#[tokio::test]
async fn after_a_crash_the_rest_of_the_parts_follows_on_redis_and_postgres() {
    after_a_crash_the_rest_of_the_parts_follows(Stores::Distributed).await;
}

#[tokio::test]
async fn a_reminder_is_sent_word_for_word() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut reminder = stack.answer(&owner, "# 2 * 3 * 4 _and_ `more`\n- <b>").await;
    reminder.kind = ReplyKind::Reminder;
    stack.publish(&reminder).await;
    let message = owner.next_message(LIMIT).await;
    assert_eq!(message.text, "# 2 * 3 * 4 _and_ `more`\n- <b>");
    assert!(message.entities.is_empty());
}

#[tokio::test]
async fn in_a_group_the_question_is_quoted() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    owner.mentions_bot_in(&group, "who cooks?");
    let (_, question) = stack.heard().await;
    for (quoted, exists) in [(question.message_ref, true), (Some("987654".into()), false)] {
        let mut answer = stack.answer(&owner, "You do.").await;
        answer.to = question.from.clone();
        answer.in_reply_to = quoted.clone();
        stack.publish(&answer).await;
        let message = group.next_message(LIMIT).await;
        let expected = quoted.and_then(|id| id.parse().ok()).filter(|_| exists);
        assert_eq!(message.reply_to, expected);
    }
}

#[tokio::test]
async fn an_answer_without_anything_visible_is_a_message_all_the_same() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let answer = stack.answer(&owner, " \u{200b}\n").await;
    stack.publish(&answer).await;
    assert_eq!(owner.next_message(LIMIT).await.text, "…");
}

#[tokio::test]
async fn buttons_that_telegram_would_refuse_do_not_cost_the_answer() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut answer = stack.answer(&owner, "choose").await;
    for (label, action) in [
        ("Fine", "a".repeat(Button::LONGEST_ACTION)),
        ("Long", "a".repeat(Button::LONGEST_ACTION + 1)),
        ("Empty", String::new()),
        (" ", "b".into()),
    ] {
        answer.buttons.push(Button::press(label, action));
    }
    stack.publish(&answer).await;
    let message = owner.next_message(LIMIT).await;
    assert_eq!(message.keyboard.concat().len(), 1);
}

#[tokio::test]
async fn formatting_that_telegram_refuses_is_left_off() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.fails_next("sendMessage", &Fault::Status(400), 1);
    let answer = stack.answer(&owner, "**bold**").await;
    stack.publish(&answer).await;
    let message = owner.next_message(LIMIT).await;
    assert_eq!(message.text, "bold");
    assert!(message.entities.is_empty());
}

#[tokio::test]
async fn a_flood_limit_delays_its_chat_alone() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Others");
    stack.telegram.fails_next("sendMessage", &Fault::RetryAfter(2), 1);
    let limited = stack.answer(&owner, "limited").await;
    stack.publish(&limited).await;
    let refused = stack.telegram.wait_until(LIMIT, |telegram| {
        telegram
            .calls_of("sendMessage")
            .iter()
            .any(|call| call.parameters["text"] == "limited")
    });
    refused.await.unwrap();
    let refused_at = tokio::time::Instant::now();
    let mut free = stack.answer(&owner, "free").await;
    free.to = crate::stack::chat(group.id());
    stack.publish(&free).await;
    assert_eq!(
        group.next_message(Duration::from_millis(1_500)).await.text,
        "free"
    );
    assert_eq!(owner.next_message(LIMIT).await.text, "limited");
    assert!(
        refused_at.elapsed() >= Duration::from_millis(1_900),
        "as long as Telegram asked"
    );
}

#[tokio::test]
async fn telegrams_own_troubles_are_outlasted() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack
        .telegram
        .fails_next("sendMessage", &Fault::BadGatewayPage, 1);
    stack.telegram.fails_next("sendMessage", &Fault::CloseBefore, 1);
    let answer = stack.answer(&owner, "here it is").await;
    stack.publish(&answer).await;
    assert_eq!(owner.next_message(LIMIT).await.text, "here it is");
    stack.recorded(&answer, 1).await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn an_answer_whose_receipt_was_lost_may_come_twice_but_never_not() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.fails_next("sendMessage", &Fault::CloseAfter, 1);
    let answer = stack.answer(&owner, "did you get it?").await;
    stack.publish(&answer).await;
    stack.recorded(&answer, 1).await;
    stack.outbox_is_dry().await;
    let arrived = owner
        .bot_messages()
        .iter()
        .filter(|message| message.text == answer.text)
        .count();
    assert!((1..=2).contains(&arrived), "{arrived}");
}

#[tokio::test]
async fn a_chat_that_blocked_the_bot_is_a_dead_letter_with_its_reason() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.outbox_is_dry().await;
    owner.blocks_bot();
    let answer = stack.answer(&owner, "hello?").await;
    stack.publish(&answer).await;
    let recorded = stack.recorded(&answer, 1).await;
    assert_eq!(recorded[0].status, DeliveryStatus::Failed);
    stack.outbox_is_dry().await;
    let topic = Topic::outbox(Channel::Telegram);
    let dead = stack.bus.dead_letters(&topic, GROUP, None, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(
        dead[0].reason.contains("blocked by the user"),
        "{}",
        dead[0].reason
    );

    // The operator tries again later.
    owner.unblocks_bot();
    assert!(stack.bus.retry_dead(&topic, GROUP, &dead[0].id).await.unwrap());
    assert_eq!(owner.next_message(LIMIT).await.text, "hello?");
    stack.stop_bot().await;
}

#[tokio::test]
async fn a_chat_that_does_not_exist_is_a_dead_letter() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let topic = Topic::outbox(Channel::Telegram);
    for (number, nowhere) in ["99", "not a number"].into_iter().enumerate() {
        let mut answer = stack.answer(&owner, "hello?").await;
        answer.to.chat = nowhere.to_owned();
        stack.publish(&answer).await;
        test_support::wait_until("it is dead", LIMIT, async || {
            stack
                .bus
                .dead_letters(&topic, GROUP, None, 10)
                .await
                .unwrap()
                .len()
                == number + 1
        })
        .await;
    }
    assert_eq!(
        stack.telegram.take_violations().len(),
        1,
        "the chat is asked for once"
    );
}

#[tokio::test]
async fn an_answer_waits_for_rest_service_and_arrives_once() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let answer = stack.answer(&owner, "patience").await;
    stack.outbox_is_dry().await;
    stack.kill_rest();
    stack.publish(&answer).await;
    assert!(owner.try_next_message(QUIET).await.is_none());
    stack.start_rest().await;
    assert_eq!(owner.next_message(LIMIT).await.text, "patience");

    // Away just between Telegram's acceptance and the record.
    let answer = stack.answer(&owner, "once").await;
    stack
        .telegram
        .fails_next("sendMessage", &Fault::Slow(Duration::from_millis(500)), 1);
    stack.publish(&answer).await;
    let called = stack.telegram.wait_until(LIMIT, |telegram| {
        telegram
            .calls_of("sendMessage")
            .iter()
            .any(|call| call.parameters["text"] == "once")
    });
    called.await.unwrap();
    stack.kill_rest();
    assert_eq!(owner.next_message(LIMIT).await.text, "once");
    stack.start_rest().await;
    stack.recorded(&answer, 1).await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn a_reminder_in_a_group_mentions_whom_it_is_for() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    let mut reminder = stack.answer(&owner, "⏰ feed the *cat*").await;
    reminder.kind = ReplyKind::Reminder;
    reminder.to = crate::stack::chat(group.id());
    stack.publish(&reminder).await;
    let message = group.next_message(LIMIT).await;
    assert_eq!(message.text, "Olga: ⏰ feed the *cat*");
    let [mention] = message.entities.as_slice() else {
        panic!("one mention: {:?}", message.entities)
    };
    assert_eq!(
        (mention.kind.as_str(), mention.offset, mention.length),
        ("text_mention", 0, 4)
    );
    assert_eq!(mention.user.as_ref().unwrap()["id"], owner.id());
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn a_very_long_answer_also_comes_as_a_file() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_chat_messages_per_second = 10_000;
    stack.start_bot().await;
    let owner = stack.owner().await;
    let text = "A sentence with a **word** in it.\n\n".repeat(1_500);
    let answer = stack.answer(&owner, &text).await;
    let parts = tg_bot::outgoing::messages(&answer);
    assert!((11..30).contains(&parts.len()), "{}", parts.len());
    stack.publish(&answer).await;
    for (number, part) in (1..).zip(&parts) {
        let message = owner.next_message(LIMIT).await;
        assert_eq!(message.text, part.text);
        let end = format!("\n\n({number}/{})", parts.len());
        assert!(message.text.ends_with(&end), "{}", message.text);
    }
    let file = owner.next_message(LIMIT).await.file.expect("a file");
    assert_eq!(file, ("answer.md".to_owned(), text.clone()));
    stack.recorded(&answer, parts.len() + 1).await;
    // Said again, nothing is sent again; and a chat that takes no file has its answer all the same.
    stack.publish(&answer).await;
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
    stack.telegram.fails_next("sendDocument", &Fault::Status(400), 1);
    let answer = stack.answer(&owner, &text).await;
    stack.publish(&answer).await;
    stack.recorded(&answer, parts.len() + 1).await;
    stack.outbox_is_dry().await;
}
