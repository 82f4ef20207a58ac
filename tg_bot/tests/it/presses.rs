//! A press reaches whoever offered the button, once, and takes the buttons that it uses up with it.

use fakes::telegram::Message;
use messages::{Button, Receipt, ReplyKind, ReplyV1};

use crate::stack::{LIMIT, Stack, Stores, chat};

/// A reply with two things to undo, one question and a link.
async fn with_buttons(stack: &Stack, mut reply: ReplyV1) -> ReplyV1 {
    for n in 1..=2 {
        reply.receipts.push(Receipt {
            text: format!("receipt {n}"),
            undo: Some(Button::press(format!("Undo {n}"), format!("undo:{n}"))),
        });
    }
    reply.buttons = vec![
        Button::press("Yes", "confirm:7"),
        Button::press("No", "dismiss:7"),
        Button::link("Page", "https://calendar.example/connect?state=1"),
    ];
    stack.publish(&reply).await;
    reply
}

fn labels(message: &Message) -> Vec<Vec<&str>> {
    let row = |row: &Vec<fakes::telegram::Button>| row.len();
    assert!(message.keyboard.iter().map(row).all(|buttons| buttons > 0));
    message
        .keyboard
        .iter()
        .map(|row| row.iter().map(|button| button.text.as_str()).collect())
        .collect()
}

async fn a_press_reaches_the_assistant(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let reply = stack.answer(&owner, "Well?").await;
    with_buttons(&stack, reply.clone()).await;
    let message = owner.next_message(LIMIT).await;
    assert_eq!(
        labels(&message),
        [vec!["Undo 1"], vec!["Undo 2"], vec!["Yes", "No", "Page"]]
    );
    let page = message.button("Page").unwrap().url.as_deref();
    assert_eq!(page, Some("https://calendar.example/connect?state=1"));
    stack.outbox_is_dry().await;

    owner.presses(&message, "Undo 2");
    let (_, press) = stack.felt().await;
    assert_eq!(press.user_id, reply.user_id);
    assert_eq!(press.from, chat(owner.id()));
    assert_eq!(press.action, "undo:2");
    assert_eq!(press.message_ref, Some(message.message_id.to_string()));
    stack.all_confirmed().await;
    let left = stack
        .sees_when(&owner, &message, |left| left.keyboard.len() == 2)
        .await;
    assert_eq!(labels(&left), [vec!["Undo 1"], vec!["Yes", "No", "Page"]]);
    assert_eq!(left.text, message.text);

    // One answer to a question uses up the other.
    owner.presses(&message, "No");
    assert_eq!(stack.felt().await.1.action, "dismiss:7");
    stack.all_confirmed().await;
    let left = stack
        .sees_when(&owner, &message, |left| left.button("No").is_none())
        .await;
    assert_eq!(labels(&left), [vec!["Undo 1"], vec!["Page"]]);
    let answers = stack.telegram.callback_answers();
    assert!(answers.iter().all(|answer| answer.text.is_empty()), "{answers:?}");
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn a_press_reaches_the_assistant_on_sqlite() {
    a_press_reaches_the_assistant(Stores::Embedded).await;
}

#[tokio::test]
async fn a_press_reaches_the_assistant_on_redis_and_postgres() {
    a_press_reaches_the_assistant(Stores::Distributed).await;
}

#[tokio::test]
async fn a_press_that_comes_again_after_a_crash_has_the_same_id() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let reply = stack.answer(&owner, "Well?").await;
    with_buttons(&stack, reply).await;
    let message = owner.next_message(LIMIT).await;
    stack.outbox_is_dry().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    owner.presses(&message, "Yes");
    // The bus takes the press, and Telegram never hears that the bot has it.
    stack
        .telegram
        .fails_next("answerCallbackQuery", &fakes::telegram::Fault::Hang, 1);
    stack.start_bot().await;
    let (first, _) = stack.felt().await;
    stack.kill_bot();
    stack.telegram.works_again();
    assert!(stack.telegram.unconfirmed_updates() > 0);
    stack.start_bot().await;
    assert_eq!(stack.felt().await.0, first);
    stack.all_confirmed().await;
    // The first life may have taken the buttons away already; Telegram refuses to do that again.
    for violation in stack.telegram.take_violations() {
        assert!(
            violation.reason.contains("message is not modified"),
            "{violation}"
        );
    }
}

#[tokio::test]
async fn nobody_else_in_a_group_can_press_my_buttons() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let bob = stack.telegram.user("Bob");
    bob.says("hello");
    bob.next_message(LIMIT).await;
    let question = owner.next_message(LIMIT).await;
    owner.presses(&question, "Approve");
    assert!(bob.next_message(LIMIT).await.text.starts_with("You are in!"));
    let eve = stack.telegram.user("Eve");
    let group = stack.telegram.group("Family");
    let mut reply = stack.answer(&owner, "Well?").await;
    reply.to = chat(group.id());
    with_buttons(&stack, reply).await;
    let message = group.next_message(LIMIT).await;
    stack.all_confirmed().await;
    let before = stack.telegram.callback_answers().len();

    // Somebody who is let in, and a stranger.
    bob.presses(&message, "Yes");
    eve.presses(&message, "Undo 1");
    stack.all_confirmed().await;
    stack.heard_nothing().await;
    let answers = stack.telegram.callback_answers();
    for answer in &answers[before..] {
        assert_eq!(answer.text, "This button is for the person I was talking to.");
        assert!(answer.show_alert);
    }
    assert_eq!(answers.len() - before, 2);
    assert_eq!(
        labels(&group.bot_messages()[0]).concat().len(),
        5,
        "nothing is used up"
    );

    owner.presses(&message, "Yes");
    let (_, press) = stack.felt().await;
    assert_eq!(press.from, chat(group.id()));
    assert_eq!(press.action, "confirm:7");
}

#[tokio::test]
async fn a_page_that_telegram_takes_no_button_for_stands_in_the_text() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut reply = stack.answer(&owner, "Connect here.").await;
    reply.buttons = vec![Button::link(
        "Connect",
        "http://localhost:8081/auth/start?link=abc",
    )];
    stack.publish(&reply).await;
    let message = owner.next_message(LIMIT).await;
    assert_eq!(
        message.text,
        "Connect here.\n\nConnect: http://localhost:8081/auth/start?link=abc"
    );
    assert!(message.keyboard.is_empty());
    stack.telegram.assert_clean();
}

/// A press below a reminder: the words over the chat say what was done, and the reminder itself shows it.
async fn a_reminder_shows_what_became_of_it(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let task = "01900000000070008000000000000002";
    let mut reminder = stack.answer(&owner, "⏰ drink *water*").await;
    reminder.kind = ReplyKind::Reminder;
    reminder.buttons = vec![
        Button::press("✅ Done", format!("task:done:1795176000:{task}")),
        Button::press("💤 1 h", format!("task:1h:1795176000:{task}")),
    ];
    stack.publish(&reminder).await;
    let message = owner.next_message(LIMIT).await;
    stack.outbox_is_dry().await;
    owner.presses(&message, "💤 1 h");
    let (event_id, press) = stack.felt().await;
    assert_eq!(press.message_ref, Some(message.message_id.to_string()));
    assert!(
        stack.telegram.callback_answers().is_empty(),
        "the outcome is awaited"
    );
    let mut outcome = stack
        .answer(&owner, "⏰ drink \\*water\\*\n💤 I'll say it again today 13:12")
        .await;
    outcome.event_id = event_id;
    outcome.kind = ReplyKind::Notice;
    outcome.in_reply_to = press.message_ref.clone();
    outcome.toast = Some("💤 I'll say it again today 13:12".to_owned());
    outcome.buttons = vec![Button::press("Undo", format!("task:back:1795176000:{task}"))];
    stack.publish(&outcome).await;
    let recorded = stack.recorded(&outcome, 1).await;
    assert_eq!(
        recorded[0].external_message_id,
        Some(message.message_id.to_string())
    );
    let seen = owner.sees(&message).unwrap();
    assert_eq!(seen.text, "⏰ drink *water*\n💤 I'll say it again today 13:12");
    assert_eq!(labels(&seen), [["Undo"]]);
    let answers = stack.telegram.callback_answers();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].text, "💤 I'll say it again today 13:12");
    assert!(!answers[0].show_alert);

    // Published again, as after a crash: nothing more.
    stack.publish(&outcome).await;
    stack.outbox_is_dry().await;
    assert_eq!(owner.sees(&message).unwrap().edits, 1);

    // A message that cannot be changed any more: the outcome comes as one of its own.
    owner.presses(&message, "Undo");
    let (event_id, press) = stack.felt().await;
    stack
        .telegram
        .fails_next("editMessageText", &fakes::telegram::Fault::Status(400), 1);
    let mut undone = outcome.clone();
    undone.event_id = event_id;
    undone.text = "⏰ drink water, after all".to_owned();
    undone.toast = Some("Undone.".to_owned());
    undone.in_reply_to = press.message_ref;
    stack.publish(&undone).await;
    assert_eq!(owner.next_message(LIMIT).await.text, undone.text);
}

#[tokio::test]
async fn a_reminder_shows_what_became_of_it_on_sqlite() {
    a_reminder_shows_what_became_of_it(Stores::Embedded).await;
}

#[tokio::test]
async fn a_reminder_shows_what_became_of_it_on_redis_and_postgres() {
    a_reminder_shows_what_became_of_it(Stores::Distributed).await;
}

/// Whoever handles it is away: the button stops spinning all the same.
#[tokio::test]
async fn a_press_whose_outcome_does_not_come_is_answered_all_the_same() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut reminder = stack.answer(&owner, "⏰ tea").await;
    reminder.buttons = vec![Button::press(
        "✅ Done",
        "task:done:1:01900000000070008000000000000002",
    )];
    stack.publish(&reminder).await;
    let message = owner.next_message(LIMIT).await;
    owner.presses(&message, "✅ Done");
    stack.felt().await;
    let answered = stack
        .telegram
        .wait_until(LIMIT, |telegram| telegram.callback_answers().len() == 1);
    answered.await.unwrap();
    assert_eq!(stack.telegram.callback_answers()[0].text, "");
}
