//! Reminders and presses never wait behind a question of the same chat that a model is still thinking about.

use std::{sync::Arc, time::Duration};

use fakes::openai::{OpenAiServer, Step};
use messages::{ButtonPressedV1, Envelope, Event, EventId, ReplyKind, TaskAction, TaskDueV1, Topic, TraceId};
use uuid::Uuid;

use crate::{
    openai::model,
    support::now,
    world::{SOON, World, on_both},
};

on_both! {
    a_reminder_and_a_press_come_while_a_question_is_thought_about(stores) {
        let openai = OpenAiServer::start().await;
        let mut world = World::with_model(stores, Arc::new(model(openai.url(), Duration::from_secs(60)))).await;
        world.limits.time = Duration::from_secs(60);
        let (lifecycle, _) = service_kit::Lifecycle::new(Arc::new(world.clock.clone()));
        let (bus, driver) = (world.bus.clone(), world.driver());
        let serving = {
            let lifecycle = lifecycle.clone();
            tokio::spawn(async move { assistant::serve(&bus, driver, &lifecycle).await })
        };
        // Three questions that are never answered, in the conversation's own order.
        openai.script([Step::hang()]);
        for question in ["one?", "two?", "three?"] {
            world.writes(question).await;
        }
        assert!(openai.wait_for_requests(1, SOON).await);

        let due = Event::TaskDueV1(TaskDueV1 {
            from_outside: false,
            task_id: Uuid::nil(),
            user_id: world.user,
            to: world.address(),
            action: TaskAction::Remind,
            text: "take the pill".to_owned(),
            scheduled_for: now(),
            fired_at: now(),
            missed: 0,
        });
        let press = Event::ButtonPressedV1(ButtonPressedV1 {
            user_id: world.user,
            from: world.address(),
            action: "tz:Asia/Tokyo:zone".to_owned(),
            message_ref: None,
            pressed_at: now(),
        });
        for (n, event) in [due, press].into_iter().enumerate() {
            let envelope = Envelope {
                id: EventId::new(format!("prompt:{n}")),
                trace_id: TraceId::random(),
                at: now(),
                event,
            };
            let key = world.address().prompt_key();
            world.bus.publish(&Topic::ASSISTANT_INBOX, &key, &envelope).await.expect("published");
        }
        let reminder = world.reply().await;
        assert_eq!((reminder.kind, reminder.text.as_str()), (ReplyKind::Reminder, "⏰ take the pill"));
        let pressed = world.reply().await;
        assert!(pressed.receipts[0].text.contains("Asia/Tokyo"), "{pressed:?}");
        assert_eq!(openai.served(), 1, "the first question is still being thought about");
        serving.abort();
    }
}
