//! Questions with buttons: a press is the same as saying the words, while the question is open. And changes that are taken
//! back, or left out once, by a word.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fakes::openai::{OpenAiServer, Step};
use messages::ReplyV1;
use rest_client::{TaskStatus, UserPatch};
use serde_json::json;

use crate::{
    openai::model,
    world::{Stores, World, on_both, shown},
};

fn labels(reply: &ReplyV1) -> Vec<&str> {
    reply.buttons.iter().map(|button| button.label.as_str()).collect()
}

fn action(reply: &ReplyV1, label: &str) -> String {
    let button = reply.buttons.iter().find(|button| button.label == label);
    button.expect("a button").action.clone()
}

impl World {
    async fn asked(&mut self, text: &str) -> ReplyV1 {
        self.writes(text).await;
        self.handle_next().await;
        self.reply().await
    }
}

on_both! {
    a_press_is_the_answer(stores) {
        let mut world = World::new(stores).await;
        let question = world.asked("remind me tomorrow to stretch").await;
        assert_eq!(question.text, "Sat 21 Nov 2026: at what time? (9:00, 12:00 or 18:00)");
        assert_eq!(labels(&question), ["9:00", "12:00", "18:00"]);
        let press = action(&question, "9:00");
        assert_eq!(
            world.presses(&press).await,
            "Done, I'll remind you.\n⏰ Sat 21 Nov 2026, 09:00 Europe/Berlin: stretch"
        );
        // Pressed again, and the button beside it: the question is over.
        let over = "That question is over. Please say in words what you want.";
        assert_eq!(world.presses(&press).await, over);
        assert_eq!(world.presses(&action(&question, "18:00")).await, over);
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
    }

    a_button_answers_its_own_question_alone(stores) {
        let mut world = World::new(stores).await;
        let first = world.asked("remind me tomorrow to stretch").await;
        world.says("never mind").await;
        let second = world.asked("remind me tomorrow to pay the rent").await;
        assert_eq!(first.text, second.text);
        let late = world.presses(&action(&first, "9:00")).await;
        assert!(late.starts_with("That question is over."), "{late}");
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
        let asked = world.asked("remind me tomorrow to pay the rent").await;
        let done = world.presses(&action(&asked, "18:00")).await;
        assert!(done.ends_with("18:00 Europe/Berlin: pay the rent"), "{done}");
    }

    a_question_goes_on_by_buttons(stores) {
        let mut world = World::new(stores).await;
        let day = world.asked("remind me next weekend to call Ann").await;
        assert_eq!(labels(&day), ["Sat 21 November", "Sun 22 November", "Sat 28 November", "Sun 29 November"]);
        world.presses_as(world.user, &action(&day, "Sun 29 November")).await;
        world.handle_next().await;
        let hour = world.reply().await;
        assert_eq!(labels(&hour), ["9:00", "12:00", "18:00"]);
        let done = world.presses(&action(&hour, "12:00")).await;
        assert!(done.ends_with("⏰ Sun 29 Nov 2026, 12:00 Europe/Berlin: call Ann"), "{done}");
    }

    in_the_users_language(stores) {
        let mut world = World::new(stores).await;
        let german = UserPatch { locale: Some("de".to_owned()), ..UserPatch::default() };
        world.rest.update_user(world.user, &german).await.expect("changed");
        let question = world.asked("Erinnere mich morgen an die Steuer").await;
        assert_eq!(question.text, "Sa 21. Nov 2026: um wie viel Uhr? (9:00, 12:00 oder 18:00)");
        let done = world.presses(&action(&question, "18:00")).await;
        assert_eq!(
            done,
            "Gut, ich erinnere dich.\n⏰ Sa 21. Nov 2026, 18:00 Europe/Berlin: die Steuer"
        );
        assert_eq!(
            world.says("rückgängig").await,
            "Rückgängig gemacht.\n🗑 gelöscht: die Steuer (Sa 21. Nov 2026, 18:00 Europe/Berlin)"
        );
    }

    undo_takes_the_last_change_back(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me tomorrow at 9:00 to stretch").await;
        world.says("move the stretch one to 10:30").await;
        let undone = world.says("undo").await;
        assert_eq!(undone, "Undone.\n⏰ Sat 21 Nov 2026, 09:00 Europe/Berlin: stretch");
        let undone = world.says("undo").await;
        assert!(undone.starts_with("Undone.\n🗑 cancelled: stretch"), "{undone}");
        let nothing = world.says("undo").await;
        assert!(nothing.starts_with("There is nothing to undo."), "{nothing}");
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
    }

    the_next_time_is_skipped_by_a_word(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me every day at 8:00 to take the pill").await;
        assert_eq!(
            world.says("skip the next pill").await,
            "Done, it is changed.\n🔁 every day at 08:00 (next: Sun 22 Nov 2026, 08:00 Europe/Berlin): take the pill"
        );
        assert_eq!(
            world.says("undo").await,
            "Undone.\n🔁 every day at 08:00 (next: Sat 21 Nov 2026, 08:00 Europe/Berlin): take the pill"
        );
    }

    what_is_on_tells_the_reminders_of_the_day(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me tomorrow at 9:00 to stretch").await;
        world.says("remind me on monday at 9:00 to call Ann").await;
        world.says("remind me every day at 8:00 to take the pill").await;
        assert_eq!(
            world.says("what's on monday?").await,
            "Reminders:\n- Mon 23 Nov 2026, 09:00 Europe/Berlin: call Ann\n\
             - every day at 08:00: take the pill (next: Sat 21 Nov 2026, 08:00 Europe/Berlin)"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_model_asks_with_the_same_buttons() {
    let openai = OpenAiServer::start().await;
    let model = Arc::new(model(openai.url(), Duration::from_secs(20)));
    let mut world = World::with_model(Stores::Embedded, model).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = told.clone();
    openai.answers_with(move |request| {
        let said = request.last_user_text();
        let results = request.tool_results();
        let is_answered = request.last_role() == "tool";
        match (said.contains("9:00"), is_answered) {
            (false, false) => Step::tool_call(
                "reminder_create",
                json!({ "text": "call Ann", "said": "on monday" }),
            ),
            (false, true) => {
                seen.lock()
                    .expect("unpoisoned")
                    .extend(results.into_iter().map(|(_, result)| result));
                Step::text("At what time on Monday?")
            }
            (true, false) => Step::tool_call(
                "reminder_create",
                json!({ "text": "call Ann", "said": "on monday at 9:00" }),
            ),
            (true, true) => Step::text("I will remind you."),
        }
    });
    let question = world.asked("remind me on monday to call Ann").await;
    assert_eq!(question.text, "At what time on Monday?");
    assert_eq!(labels(&question), ["9:00", "12:00", "18:00"]);
    assert!(
        told.lock().expect("unpoisoned")[0]
            .contains("ask the user: Mon 23 Nov 2026: at what time? (9:00, 12:00 or 18:00)")
    );
    world.presses_as(world.user, &action(&question, "9:00")).await;
    world.handle_next().await;
    assert_eq!(
        shown(&world.reply().await),
        "I will remind you.\n⏰ Mon 23 Nov 2026, 09:00 Europe/Berlin: call Ann"
    );
}
