//! Commands: in the menu, in /help, and as people type them.

use chrono::TimeDelta;
use fakes::telegram::User;
use messages::TaskAction;
use rest_client::{Error, NewScheduledTask, TaskStatus};
use schedule::Schedule;
use service_kit::{Clock, SystemClock};

use crate::stack::{LIMIT, Stack, Stores, chat};

async fn answer(person: &User, command: &str) -> fakes::telegram::Message {
    person.says(command);
    person.next_message(LIMIT).await
}

async fn remind(stack: &Stack, person: &User, text: &str) -> rest_client::ScheduledTask {
    let new = NewScheduledTask {
        from_outside: false,
        action: TaskAction::Remind,
        text: text.to_owned(),
        schedule: Schedule::Once {
            at: SystemClock.now() + TimeDelta::days(1),
        },
        time_zone: None,
        to: chat(person.id()),
        idempotency_key: None,
    };
    let user = stack.user_of(person).await.id;
    stack.rest.create_task(user, &new).await.unwrap()
}

#[tokio::test]
async fn commands_are_answered_by_the_bot_itself() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    for (command, begins) in [
        ("/start", "Hello Olga!"),
        ("/help", "I answer questions, keep your reminders"),
        ("/HELP", "I answer questions, keep your reminders"),
        ("/new", "A new conversation."),
        ("/reminders", "You have no reminders."),
        ("/usage", "You have asked nothing in the last 30 days."),
        ("/status", "I am here. You are Olga."),
        ("/privacy", "I keep, on the machine of whoever runs me"),
        ("/nonsense", "I do not know that command."),
        ("/", "I do not know that command."),
    ] {
        let text = answer(&owner, command).await.text;
        assert!(text.starts_with(begins), "{command}: {text}");
    }
    stack.heard_nothing().await;
    // What only looks like one is said to the assistant.
    for text in ["/usr/bin/env is what?", "/etc/hosts"] {
        owner.says(text);
        assert_eq!(stack.heard().await.1.text, text);
    }
    owner.says("/calendar");
    assert_eq!(
        stack.heard().await.1.text,
        "What's on in my calendar today and tomorrow?"
    );
}

#[tokio::test]
async fn the_menu_and_the_help_are_one_list() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let names = |commands: &serde_json::Value| -> Vec<String> {
        let commands = commands.as_array().unwrap();
        commands
            .iter()
            .map(|command| command["command"].as_str().unwrap().to_owned())
            .collect()
    };
    let expected = [
        "start",
        "help",
        "new",
        "reminders",
        "calendar",
        "tz",
        "usage",
        "status",
        "privacy",
        "delete_me",
    ];
    let menu = stack
        .telegram
        .wait_until(LIMIT, |telegram| names(&telegram.commands()) == expected);
    menu.await.expect("the commands are in the menu");
    let help = answer(&owner, "/help").await.text;
    for command in stack.telegram.commands().as_array().unwrap() {
        let line = format!(
            "/{} — {}",
            command["command"].as_str().unwrap(),
            command["description"].as_str().unwrap()
        );
        assert!(help.contains(&line), "{line}: {help}");
    }
}

#[tokio::test]
async fn reminders_are_listed_with_a_button_each() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let tea = remind(&stack, &owner, "drink *tea*").await;
    let list = answer(&owner, "/reminders").await;
    assert!(list.text.contains("drink *tea*"), "{}", list.text);
    owner.presses(&list, "🗑 1");
    let (_, press) = stack.felt().await;
    assert_eq!(press.action, format!("task:off:{}", tea.id.simple()));
    let status = answer(&owner, "/status").await.text;
    assert!(
        status.contains("Reminders: 1") && status.contains("drink *tea*"),
        "{status}"
    );
    assert_eq!(tea.status, TaskStatus::Active);
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn whoever_wants_to_be_forgotten_is() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam");
    sam.says("hello");
    sam.next_message(LIMIT).await;
    let request = owner.next_message(LIMIT).await;
    owner.presses(&request, "Approve");
    sam.next_message(LIMIT).await;
    let user = stack.user_of(&sam).await.id;
    remind(&stack, &sam, "tea").await;

    let question = answer(&sam, "/delete_me").await;
    assert!(
        question.text.starts_with("Shall I delete everything"),
        "{}",
        question.text
    );
    sam.presses(&question, "No, keep it");
    stack.all_confirmed().await;
    assert_eq!(sam.sees(&question).unwrap().text, "Nothing was deleted.");
    stack.rest.user(user).await.unwrap();

    let question = answer(&sam, "/delete_me").await;
    sam.presses(&question, "Delete everything");
    stack.all_confirmed().await;
    assert!(matches!(stack.rest.user(user).await, Err(Error::NotFound)));
    assert_eq!(
        sam.sees(&question).unwrap().text,
        "Everything about you is deleted. Goodbye!"
    );
    assert_ne!(stack.user_of(&sam).await.id, user, "a stranger again");
    stack.heard_nothing().await;
}
