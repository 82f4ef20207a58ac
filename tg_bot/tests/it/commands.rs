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
        ("/Memory", "I remember nothing about you yet."),
        ("/why", "I have answered nothing here lately."),
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
        "stop",
        "reminders",
        "calendar",
        "tz",
        "language",
        "memory",
        "why",
        "usage",
        "status",
        "privacy",
        "export",
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
    stack
        .sees_when(&sam, &question, |seen| seen.text == "Nothing was deleted.")
        .await;
    stack.rest.user(user).await.unwrap();

    let question = answer(&sam, "/delete_me").await;
    sam.presses(&question, "Delete everything");
    stack.all_confirmed().await;
    assert!(matches!(stack.rest.user(user).await, Err(Error::NotFound)));
    let goodbye = |seen: &fakes::telegram::Message| seen.text == "Everything about you is deleted. Goodbye!";
    stack.sees_when(&sam, &question, goodbye).await;
    assert_ne!(stack.user_of(&sam).await.id, user, "a stranger again");
    stack.heard_nothing().await;
}

/// Everything that the bot says is in the language of the person's app, or in the one that they choose.
#[tokio::test]
async fn people_are_spoken_to_in_their_language() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let menu =
        |telegram: &fakes::telegram::TelegramServer, chat: Option<i64>, language: &str| -> Vec<String> {
            let kind = if chat.is_some() { "chat" } else { "default" };
            let commands = telegram.commands_of(kind, chat, language);
            let commands = commands.as_array().unwrap().clone();
            commands
                .iter()
                .map(|command| command["description"].as_str().unwrap().to_owned())
                .collect()
        };
    let is_set = stack
        .telegram
        .wait_until(LIMIT, |telegram| menu(telegram, None, "ru").len() == 15);
    is_set.await.unwrap();
    for (language, hello) in [
        ("", "Say hello"),
        ("en", "Say hello"),
        ("de", "Hallo sagen"),
        ("es", "Saludar"),
        ("ru", "Поздороваться"),
    ] {
        assert_eq!(menu(&stack.telegram, None, language)[0], hello, "{language}");
    }

    for (language, refused, let_in, help, unread) in [
        (
            "de",
            "Das ist ein privater Assistent.",
            "Du bist dabei!",
            "Ich beantworte Fragen",
            "Sprachnachrichten kann ich noch nicht lesen.",
        ),
        (
            "es",
            "Este es un asistente privado.",
            "¡Ya puedes usarme!",
            "Respondo preguntas",
            "Todavía no puedo leer mensajes de voz.",
        ),
        (
            "ru-RU",
            "Это личный помощник.",
            "Доступ открыт!",
            "Я отвечаю на вопросы",
            "Я пока не умею читать голосовые сообщения.",
        ),
        (
            "fr",
            "This is a private assistant.",
            "You are in!",
            "I answer questions",
            "I cannot read voice messages yet.",
        ),
    ] {
        let person = stack.telegram.user("Sam");
        person.speaks(language);
        assert!(answer(&person, "hello").await.text.starts_with(refused));
        let request = owner.next_message(LIMIT).await;
        owner.presses(&request, "Approve");
        let welcome = person.next_message(LIMIT).await.text;
        assert!(welcome.starts_with(let_in), "{welcome}");
        let said = answer(&person, "/help").await.text;
        assert!(said.starts_with(help), "{said}");
        person
            .sends(&serde_json::json!({ "voice": { "file_id": "v", "file_unique_id": "v", "duration": 1 } }));
        let said = person.next_message(LIMIT).await.text;
        assert!(said.starts_with(unread), "{said}");
    }

    // Chosen by a button, in words, and back; the menu of the chat goes with it.
    let question = answer(&owner, "/language").await;
    owner.presses(&question, "Deutsch");
    let chosen = "Ich spreche jetzt Deutsch mit dir.";
    stack
        .sees_when(&owner, &question, |seen| seen.text == chosen)
        .await;
    assert!(
        answer(&owner, "/reminders")
            .await
            .text
            .starts_with("Du hast keine Erinnerungen.")
    );
    let own = menu(&stack.telegram, Some(owner.id()), "");
    assert_eq!((own[0].as_str(), own.len()), ("Hallo sagen", 17));
    assert_eq!(
        answer(&owner, "/language klingon").await.text,
        "Diese Sprache spreche ich nicht, aber diese:"
    );
    assert_eq!(
        answer(&owner, "/LANGUAGE english").await.text,
        "I speak English with you now."
    );
    assert!(
        answer(&owner, "/reminders")
            .await
            .text
            .starts_with("You have no reminders.")
    );
    stack.heard_nothing().await;
}

#[tokio::test]
async fn the_owner_sees_who_is_there_and_decides() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam");
    answer(&sam, "hello").await;
    owner.next_message(LIMIT).await;
    let people = answer(&owner, "/users").await;
    assert_eq!(
        people.text,
        "2 people are known here:\n\n• Sam is waiting\n• Olga, owner"
    );
    owner.presses(&people, "Approve: Sam");
    assert!(sam.next_message(LIMIT).await.text.starts_with("You are in!"));
    for command in ["/users", "/invite"] {
        assert_eq!(
            answer(&sam, command).await.text,
            "Only the owner of this assistant can do that."
        );
    }
    let invitation = answer(&owner, "/invite").await.text;
    assert!(
        invitation.contains("https://t.me/assistant_fake_bot?start=hello"),
        "{invitation}"
    );
    assert!(!answer(&sam, "/help").await.text.contains("/users"));
    assert!(answer(&owner, "/help").await.text.contains("/users"));
}

#[tokio::test]
async fn what_is_remembered_is_listed_and_forgotten_one_by_one() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await.id;
    for text in ["eats no *meat*", "lives in Lisbon"] {
        let fact = rest_client::NewFact {
            text: text.to_owned(),
            source: rest_client::FactSource::User,
            from_outside: false,
        };
        stack.rest.create_fact(user, &fact).await.unwrap();
    }
    let list = answer(&owner, "/memory").await;
    assert!(
        list.text.contains("eats no *meat*") && list.text.contains("lives in Lisbon"),
        "{}",
        list.text
    );
    let line = list.text.lines().find(|line| line.contains("Lisbon")).unwrap();
    let number = line.split('.').next().unwrap();
    owner.presses(&list, &format!("🗑 {number}"));
    stack
        .sees_when(&owner, &list, |seen| seen.keyboard.concat().len() == 1)
        .await;
    let facts = stack
        .rest
        .facts(user, &rest_client::PageQuery::default())
        .await
        .unwrap();
    let left: Vec<&str> = facts.items.iter().map(|fact| fact.text.as_str()).collect();
    assert_eq!(left, ["eats no *meat*"]);
    assert!(
        stack
            .telegram
            .callback_answers()
            .iter()
            .any(|answer| answer.text == "Forgotten.")
    );
    stack.telegram.assert_clean();
}

async fn everything_that_is_kept_comes_as_a_file(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    remind(&stack, &owner, "water the plants").await;
    // Telegram has a problem, and the bot is killed: the file comes all the same, and the words before it once.
    stack
        .telegram
        .fails_next("sendDocument", &fakes::telegram::Fault::Status(500), 1);
    owner.says("/export");
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "Here is everything that I keep about you:"
    );
    let tried = stack
        .telegram
        .wait_until(LIMIT, |telegram| !telegram.calls_of("sendDocument").is_empty());
    tried.await.unwrap();
    stack.kill_bot();
    stack.start_bot().await;
    let (name, content) = owner.next_message(LIMIT).await.file.expect("a file");
    assert_eq!(name, "export.tar.gz");
    assert!(content.starts_with('\u{1f}'), "gzip");
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(crate::stack::QUIET).await.is_none());
    // What Telegram refuses for good is said.
    stack
        .telegram
        .fails_next("sendDocument", &fakes::telegram::Fault::Status(400), 1);
    owner.says("/export");
    owner.next_message(LIMIT).await;
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "Telegram does not take the file. Please try /export again later."
    );
    let group = stack.telegram.group("Family");
    owner.mentions_bot_in(&group, "/export");
    assert_eq!(
        group.next_message(LIMIT).await.text,
        "Please ask me that in our private chat."
    );
}

#[tokio::test]
async fn everything_that_is_kept_comes_as_a_file_on_sqlite() {
    everything_that_is_kept_comes_as_a_file(Stores::Embedded).await;
}

#[tokio::test]
async fn everything_that_is_kept_comes_as_a_file_on_redis_and_postgres() {
    everything_that_is_kept_comes_as_a_file(Stores::Distributed).await;
}

#[tokio::test]
async fn why_tells_how_the_last_answer_came_about() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut reply = stack.answer(&owner, "Done.").await;
    reply.receipts.push(messages::Receipt {
        text: "⏰ Tue 24 Nov, 09:00: tea".to_owned(),
        undo: None,
    });
    let began = SystemClock.now() - TimeDelta::seconds(10);
    let message = |role, content: &str, tool_calls| rest_client::NewMessage {
        role,
        content: content.to_owned(),
        tool_calls,
        tool_call_id: None,
        from_outside: false,
    };
    let turn = rest_client::NewTurn {
        event_id: reply.event_id.clone(),
        covers: Vec::new(),
        conversation: reply.to.key(),
        assistant_id: rest_client::DEFAULT_ASSISTANT,
        thread_id: None,
        status: rest_client::TurnStatus::Completed,
        messages: vec![
            message(rest_client::MessageRole::User, "remind me of tea", None),
            message(
                rest_client::MessageRole::Assistant,
                "",
                Some(serde_json::json!([{ "id": "1", "name": "reminder_create", "arguments": "{}" }])),
            ),
            message(rest_client::MessageRole::Assistant, "Done.", None),
        ],
        replies: vec![reply.clone()],
        sub_turns: Vec::new(),
        model: Some("gpt-test".to_owned()),
        prompt_tokens: 1_200,
        completion_tokens: 34,
        model_calls: 2,
        cost: rest_client::TurnCost {
            micros: 1_234,
            ..rest_client::TurnCost::default()
        },
        error: None,
        started_at: began,
        finished_at: began + TimeDelta::milliseconds(2_345),
    };
    stack.rest.create_turn(reply.user_id, &turn).await.unwrap();
    let why = answer(&owner, "/why").await.text;
    for part in [
        "My last answer here:",
        "I asked the model gpt-test 2 times; it read 1200 tokens and wrote 34. As far as prices are known, that cost $0.001234.",
        "It used: reminder_create",
        "I changed: ⏰ Tue 24 Nov, 09:00: tea",
        "I answered, after 2.3 s.",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    let limited = rest_client::UserPatch {
        budget_day_micros: Some(Some(500_000)),
        budget_month_tokens: Some(Some(20_000)),
        ..rest_client::UserPatch::default()
    };
    stack.rest.update_user(reply.user_id, &limited).await.unwrap();
    let usage = answer(&owner, "/usage").await.text;
    for part in [
        "it read 1200 tokens and wrote 34. As far as prices are known, that cost $0.001234.",
        "Budget for today: $0.001234 of $0.50 spent; the next one begins ",
        "Budget for this month: 1234 tokens of 20000 tokens spent; the next one begins ",
    ] {
        assert!(usage.contains(part), "{part}: {usage}");
    }
    stack.telegram.assert_clean();
}
