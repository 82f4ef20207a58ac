//! The user's zone: set in words, moved by buttons, asked for when it matters.

use assistant::model::{Message, Model, offline::Offline};
use chrono::TimeDelta;
use messages::{Author, EventId, Quoted, UserMessageV2};
use rest_client::{TaskStatus, UserPatch};
use tokio::sync::watch;

use crate::{
    support::{conversation, now, registry, request, row},
    world::{World, on_both, shown},
};

async fn zone_is(world: &World, zone: &str) {
    assert_eq!(world.rest.user(world.user).await.expect("a user").time_zone, zone);
}

async fn set_zone(world: &World, zone: &str) {
    let patch = UserPatch {
        time_zone: Some(zone.to_owned()),
        ..UserPatch::default()
    };
    world.rest.update_user(world.user, &patch).await.expect("set");
}

on_both! {
    where_the_user_is_can_be_said_in_words(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me every weekday at 9 to stretch").await;
        world.writes("I'm in New York now").await;
        world.handle_next().await;
        let reply = world.reply().await;
        assert_eq!(
            shown(&reply),
            "Done, that is your time zone now.\n🌍 Your time zone: America/New_York (now Fri 06:03)"
        );
        zone_is(&world, "America/New_York").await;
        let tasks = world.tasks(TaskStatus::Active).await;
        assert_eq!(tasks[0].time_zone, "America/New_York", "recurring reminders follow");

        let undo = reply.receipts[0].undo.clone().expect("an undo");
        let undone = world.presses(&undo.action).await;
        assert!(undone.contains("Europe/Berlin"), "{undone}");
        zone_is(&world, "Europe/Berlin").await;

        // What may be several places is chosen by a button.
        world.writes("my time zone is USA").await;
        world.handle_next().await;
        let reply = world.reply().await;
        assert_eq!(reply.text, "Which one is it?");
        zone_is(&world, "Europe/Berlin").await;
        let chicago = reply.buttons.iter().find(|button| button.label.starts_with("Chicago")).expect("a choice").clone();
        let chosen = world.presses(&chicago.action).await;
        assert!(chosen.contains("America/Chicago"), "{chosen}");
        zone_is(&world, "America/Chicago").await;
        assert!(world.says("my time zone is Xyzzyland").await.contains("place \"Xyzzyland\""));
    }

    whoever_never_said_where_they_are_is_asked_when_it_matters(stores) {
        let mut world = World::new(stores).await;
        set_zone(&world, "UTC").await;
        world.writes("remind me in 5 minutes to drink water").await;
        world.handle_next().await;
        assert_eq!(world.reply().await.buttons, [], "five minutes are the same everywhere");

        world.writes("remind me at 18:00 to call Ann").await;
        world.handle_next().await;
        let reply = world.reply().await;
        assert!(reply.text.contains("Where are you?"), "{}", reply.text);
        let berlin = reply.buttons.iter().find(|button| button.label == "London").expect("a guess").clone();
        let before = world.tasks(TaskStatus::Active).await;
        let called = before.iter().find(|task| task.text == "call Ann").expect("a task").clone();
        set_zone(&world, "Europe/Berlin").await;
        let moved = world.rest.task(world.user, called.id).await.expect("a task");
        assert_eq!(moved.next_run_at, called.next_run_at.map(|at| at - TimeDelta::hours(1)), "18:00 there");
        world.presses(&berlin.action).await;
        zone_is(&world, "Europe/London").await;
    }

    words_of_others_change_nothing_without_a_yes(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me tomorrow at 9 to take the pill").await;
        let message = |n: u32, text: &str| UserMessageV2 {
            user_id: world.user,
            from: world.address(),
            message_ref: Some(n.to_string()),
            thread: None,
            text: text.to_owned(),
            sent_at: now(),
            forwarded_from: None,
            reply_to: None,
            links: Vec::new(),
            attachments: Vec::new(),
        };
        let eve = Author::Other { name: "Eve".to_owned() };
        let forwarded = UserMessageV2 { forwarded_from: Some(eve.clone()), ..message(1, "cancel the pill one") };
        let about = UserMessageV2 {
            reply_to: Some(Quoted { message_ref: None, author: eve, text: "the pill".to_owned() }),
            ..message(2, "cancel this one")
        };
        let own = UserMessageV2 {
            reply_to: Some(Quoted { message_ref: None, author: Author::Assistant, text: "⏰ take the pill".to_owned() }),
            ..message(3, "cancel this one")
        };
        let mut said = Vec::new();
        for (n, message) in (1..).zip([forwarded, about]) {
            world.publishes(EventId::telegram(1, n), messages::Event::UserMessageV2(message)).await;
            world.handle_next().await;
            said.push(world.reply().await);
            assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1, "{said:?}");
        }
        assert!(said[0].text.contains("You forwarded"), "{said:?}");
        assert!(said[1].text.contains("❓"), "{said:?}");
        // Two turns later nothing of Eve's is shown any more, and the user's own words are enough.
        world.says("hello").await;
        world.says("hello").await;
        world.publishes(EventId::telegram(1, 9), messages::Event::UserMessageV2(own)).await;
        world.handle_next().await;
        let reply = shown(&world.reply().await);
        assert!(reply.contains("🗑 cancelled: take the pill"), "{reply}");
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
    }

    a_reminder_of_a_list_is_cancelled_by_its_button(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me tomorrow at 9 to drink water").await;
        let task = world.tasks(TaskStatus::Active).await.remove(0);
        let off = format!("task:off:{}", task.id.simple());
        let said = world.presses(&off).await;
        assert!(said.starts_with("Cancelled.\n🗑 cancelled: drink water"), "{said}");
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
        let back = world.presses(&format!("task:on:{}", task.id.simple())).await;
        assert!(back.starts_with("Undone.\n⏰ Sat 21 Nov 2026, 09:00"), "{back}");
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
    }
}

/// What a sentence leads to: `tool {arguments}`, or nothing.
async fn outcome(text: &str) -> Option<String> {
    let (live, _) = watch::channel(String::new());
    let messages: Vec<Message> = conversation(&[text]);
    let mut request = request(messages);
    request.tools = registry()
        .toolbox_with(
            &[row("time"), row("reminder"), row("calendar"), row("weather")],
            |_| Vec::new(),
        )
        .specs();
    let answer = Offline.answer(&request, &live).await.expect("an answer");
    let call = answer.tool_calls.first()?;
    Some(format!("{} {}", call.name, call.arguments))
}

#[tokio::test]
async fn sentences_about_where_somebody_is() {
    for (sentence, place) in [
        ("I'm in Berlin", "Berlin"),
        ("I'm in Berlin now.", "Berlin"),
        ("i am in new york right now", "new york"),
        ("I live in São Paulo", "São Paulo"),
        ("I moved to Japan", "Japan"),
        ("my time zone is Europe/Berlin", "Europe/Berlin"),
        ("My timezone is CET!", "CET"),
        ("set my time zone to UTC+2", "UTC+2"),
        ("please change my timezone to Leipzig", "Leipzig"),
        ("timezone Tokyo", "Tokyo"),
        ("my time zone is Atlantis", "Atlantis"),
    ] {
        let expected = format!("timezone_set {}", serde_json::json!({ "place": place }));
        assert_eq!(outcome(sentence).await, Some(expected), "{sentence}");
    }
    for sentence in [
        "I'm in a meeting",
        "I live in fear",
        "I am in trouble",
        "my time zone is",
    ] {
        let got = outcome(sentence).await;
        assert!(
            got.as_ref().is_none_or(|call| !call.starts_with("timezone_set")),
            "{sentence}: {got:?}"
        );
    }
}
