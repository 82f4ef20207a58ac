//! Presses: what they do, that they do it once, and for their user alone.

use chrono::TimeDelta;
use messages::{EventId, ReplyV1, TaskAction, TaskDueV1};
use rest_client::{NewPendingAction, NewUser, PendingState, ScheduledTask, TaskStatus, UserState};
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, on_both};

const SPENT: &str = "This button does nothing any more.";

/// The reply to what the user says.
async fn answer(world: &mut World, text: &str) -> ReplyV1 {
    world.writes(text).await;
    world.handle_next().await;
    world.reply().await
}

/// The undo button of a reply's only receipt.
fn undo(reply: &ReplyV1) -> String {
    let undos: Vec<_> = reply
        .receipts
        .iter()
        .filter_map(|receipt| receipt.undo.as_ref())
        .collect();
    let [undo] = undos.as_slice() else {
        panic!("one undo was expected: {reply:?}")
    };
    assert_eq!(undo.label, "Undo");
    undo.action.clone()
}

async fn stranger(world: &World) -> Uuid {
    let new = NewUser {
        name: "Eve".to_owned(),
        locale: None,
        time_zone: None,
        role: None,
        state: Some(UserState::Active),
    };
    world.rest.create_user(&new).await.expect("a user").id
}

/// A reminder fires; the reply.
async fn fires(world: &mut World, task: &ScheduledTask) -> ReplyV1 {
    let at = task.next_run_at.expect("it is active");
    let due = TaskDueV1 {
        task_id: task.id,
        user_id: task.user_id,
        to: task.to.clone(),
        action: TaskAction::Remind,
        text: task.text.clone(),
        scheduled_for: at,
        fired_at: at,
        missed: 0,
        from_outside: false,
    };
    let id = EventId::task(task.id, at.timestamp_millis());
    world.publishes(id, messages::Event::TaskDueV1(due)).await;
    world.handle_next().await;
    world.reply().await
}

/// An action that waits for a press: `drink water` is cancelled.
async fn question(world: &World, task: &ScheduledTask, key: &str) -> Uuid {
    let deed = json!({
        "do": "change_reminders",
        "changes": [{ "task": task.id, "only_if": {}, "set": { "status": "cancelled" } }],
    });
    let new = NewPendingAction {
        conversation: world.address().key(),
        tool: "reminder_cancel".to_owned(),
        args: deed.as_object().cloned().expect("an object"),
        summary: "Cancel".to_owned(),
        idempotency_key: key.to_owned(),
        decided_by: None,
        valid_seconds: 24 * 3600,
    };
    world.rest.offer(world.user, &new).await.expect("offered").id
}

on_both! {
    a_reminder_that_was_set_is_undone_once(stores) {
        let mut world = World::new(stores).await;
        let reply = answer(&mut world, "remind me tomorrow at 9 to drink water").await;
        let undo = undo(&reply);
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);

        let press = world.presses_as(world.user, &undo).await;
        world.handle_next().await;
        let (id, first) = world.reply_with_id().await;
        assert_eq!(first.text, "Undone.");
        assert!(first.receipts[0].text.starts_with("🗑 cancelled: drink water"), "{first:?}");
        assert!(world.tasks(TaskStatus::Active).await.is_empty());

        // The same press comes again: the same answer under the same id.
        world.publish_again(&press).await;
        world.handle_next().await;
        assert_eq!(world.reply_with_id().await, (id, first));
        // Pressed again.
        assert_eq!(world.presses(&undo).await, "That is undone already.");
        world.is_silent().await;
    }

    a_change_and_a_cancellation_are_taken_back(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me tomorrow at 9 to drink water").await;
        let before = world.tasks(TaskStatus::Active).await.remove(0);
        let moved = answer(&mut world, "move the water one to 10:30").await;
        assert_ne!(world.tasks(TaskStatus::Active).await[0].next_run_at, before.next_run_at);
        let undone = world.presses(&undo(&moved)).await;
        assert!(undone.contains("09:00") && undone.contains("drink water"), "{undone}");
        assert_eq!(world.tasks(TaskStatus::Active).await[0].next_run_at, before.next_run_at);

        let cancelled = answer(&mut world, "cancel the water one").await;
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
        world.presses(&undo(&cancelled)).await;
        assert_eq!(world.tasks(TaskStatus::Active).await[0].next_run_at, before.next_run_at);

        // What was changed since is left alone.
        let moved = answer(&mut world, "move the water one to 11:00").await;
        world.says("move the water one to 12:00").await;
        let undone = world.presses(&undo(&moved)).await;
        assert!(undone.contains("changed or has fired since"), "{undone}");
    }

    a_reminder_that_fired_is_snoozed_once(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me in 5 minutes to drink water").await;
        let task = world.tasks(TaskStatus::Active).await.remove(0);
        world.clock.advance(TimeDelta::minutes(5));
        let reply = fires(&mut world, &task).await;
        let labels: Vec<_> = reply.buttons.iter().map(|button| button.label.as_str()).collect();
        assert_eq!(labels, ["✅ Done", "💤 10 min", "💤 1 h", "💤 Tomorrow"]);

        let hour = reply.buttons[2].action.clone();
        let said = world.presses(&hour).await;
        assert_eq!(said, "⏰ drink water\n💤 I'll say it again today 13:08");
        let snoozed = |tasks: Vec<ScheduledTask>| tasks.into_iter().filter(|one| one.id != task.id).count();
        assert_eq!(snoozed(world.tasks(TaskStatus::Active).await), 1);
        // Again: it stays as it is. Another button of the same firing moves it, and says so.
        assert_eq!(world.presses(&hour).await, said);
        assert_eq!(
            world.presses(&reply.buttons[3].action).await,
            "⏰ drink water\n💤 I'll say it again tomorrow 12:08 instead of today 13:08"
        );
        assert_eq!(snoozed(world.tasks(TaskStatus::Active).await), 1);
        world.presses_as(world.user, &reply.buttons[1].action).await;
        world.handle_next().await;
        let moved = world.reply().await;
        assert_eq!(moved.toast.as_deref(), Some("💤 I'll say it again today 12:18 instead of tomorrow 12:08"));
        let labels: Vec<_> = moved.buttons.iter().map(|button| button.label.as_str()).collect();
        assert_eq!(labels, ["✅ Done", "💤 10 min", "💤 1 h", "💤 Tomorrow", "Undo"]);
        // Done ends what would have come again, and its undo brings the buttons back.
        world.presses_as(world.user, &moved.buttons[0].action).await;
        world.handle_next().await;
        let done = world.reply().await;
        assert_eq!(done.text, "⏰ drink water\n✅ Done, and it will not come again.");
        assert_eq!(snoozed(world.tasks(TaskStatus::Active).await), 0);
        world.presses_as(world.user, &done.buttons[0].action).await;
        world.handle_next().await;
        let back = world.reply().await;
        assert_eq!((back.text.as_str(), back.toast.as_deref()), ("⏰ drink water", Some("Undone.")));
        assert_eq!(back.buttons, reply.buttons);
        // It can be snoozed again, and taken back at once.
        assert_eq!(world.presses(&hour).await, said);
        assert_eq!(snoozed(world.tasks(TaskStatus::Active).await), 1);
        world.presses(&moved.buttons[4].action).await;
        assert_eq!(snoozed(world.tasks(TaskStatus::Active).await), 0);
    }

    several_reminders_go_only_by_a_press(stores) {
        let openai = fakes::openai::OpenAiServer::start().await;
        let model = crate::openai::model(openai.url(), std::time::Duration::from_secs(5));
        let mut world = World::with_model(stores, std::sync::Arc::new(model)).await;
        for (text, time) in [("drink water", "09:00"), ("stretch", "10:00")] {
            openai.calls_tool("reminder_create", json!({ "text": text, "at": { "day": "tomorrow", "time": time } }));
            openai.answers("Done.");
            world.says("remind me").await;
        }
        openai.calls_tool("reminder_cancel", json!({ "which": "all" }));
        openai.answers("Please press a button.");
        let asked = answer(&mut world, "cancel all my reminders").await;
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 2);
        for line in ["Cancel these 2 reminders?", "drink water", "stretch"] {
            assert!(asked.text.contains(line), "{asked:?}");
        }
        let yes = asked.buttons.iter().find(|button| button.label == "Yes").expect("a Yes").action.clone();
        world.presses(&yes).await;
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
    }

    a_stranger_presses_in_vain(stores) {
        let mut world = World::new(stores).await;
        let eve = stranger(&world).await;
        let reply = answer(&mut world, "remind me in 5 minutes to drink water").await;
        let task = world.tasks(TaskStatus::Active).await.remove(0);
        let asked = question(&world, &task, "q").await;
        let fired = format!("task:1h:{}:{}", task.created_at.timestamp(), task.id.simple());
        for action in [undo(&reply), format!("confirm:{}", asked.simple()), fired] {
            world.presses_as(eve, &action).await;
            world.handle_next().await;
            assert_eq!(world.reply().await.text, SPENT, "{action}");
        }
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
        // It is still its user's to decide.
        assert!(world.presses(&format!("confirm:{}", asked.simple())).await.starts_with("Done."));
        for nonsense in ["", "undo:x", "confirm:", "rm -rf"] {
            assert_eq!(world.presses(nonsense).await, SPENT, "{nonsense:?}");
        }
    }

    a_question_is_answered_once_and_in_time(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me in 3 days to drink water").await;
        let task = world.tasks(TaskStatus::Active).await.remove(0);
        let first = question(&world, &task, "1").await;
        assert_eq!(question(&world, &task, "1").await, first, "offered once");
        let (yes, no) = (format!("confirm:{}", first.simple()), format!("dismiss:{}", first.simple()));
        assert_eq!(world.presses(&no).await, "All right, nothing was changed.");
        assert!(world.presses(&yes).await.starts_with("You have said no to that."));
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);

        let second = question(&world, &task, "2").await;
        world.clock.advance(TimeDelta::hours(25));
        let yes = format!("confirm:{}", second.simple());
        assert_eq!(world.presses(&yes).await, "That question is too old. Please ask me again.");
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
        let kept = world.rest.offered(world.user, "2").await.expect("an answer").expect("it is kept");
        assert_eq!(kept.state, PendingState::Open);

        // No words press a button.
        let third = question(&world, &task, "3").await;
        world.says(&format!("confirm:{}", third.simple())).await;
        world.says("yes").await;
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
        let yes = format!("confirm:{}", third.simple());
        assert!(world.presses(&yes).await.starts_with("Done.\n🗑 cancelled: drink water"));
        assert_eq!(world.presses(&yes).await, "You have said yes to that already.");
        assert!(world.tasks(TaskStatus::Active).await.is_empty());
    }
}
