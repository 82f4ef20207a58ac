//! Each kind of change, asked about and pressed: exactly what was shown is done, and undone where it can be; and
//! presses of users who are gone.

use calendar_client::AccountStatus;
use messages::Topic;
use rest_client::{TaskStatus, UserPatch, UserState};
use serde_json::json;
use uuid::Uuid;

use crate::{
    questions::{after_reading, undo, yes},
    world::{World, on_both},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_is_installed_and_changed_as_it_was_shown() {
    let (mut diary, pills) = after_reading().await;
    let wanted = json!({ "text": "Read my plans out", "action": "prompt", "repeat": { "unit": "days", "times": ["8:00"] } });
    let asked = diary.call("reminder_create", wanted).await;
    assert_eq!(
        diary.world.tasks(TaskStatus::Active).await.len(),
        1,
        "not before the press"
    );
    let done = yes(&mut diary, &asked).await;
    assert_eq!(
        done.receipts[0].text,
        "🔁 every day at 08:00 (next: Sat 21 Nov 2026, 08:00 Europe/Berlin): Read my plans out"
    );
    let tasks = diary.world.tasks(TaskStatus::Active).await;
    let made = tasks
        .iter()
        .find(|task| task.id != pills.id)
        .expect("a task")
        .clone();
    assert_eq!(made.text, "Read my plans out");
    assert!(
        made.from_outside && made.action == messages::TaskAction::Prompt,
        "{made:?}"
    );

    let asked = diary
        .call(
            "reminder_change",
            json!({ "which": "plans", "text": "Read nothing out", "at": { "time": "7:00" } }),
        )
        .await;
    insta::assert_snapshot!(asked.question(), @r"
    Change what I do by myself?
    What I do by myself: “Read my plans out”
    Do this each time: “Read my plans out” → “Read nothing out”
    When: every day at 08:00 (Europe/Berlin) → every day at 07:00 (Europe/Berlin)
    You can undo this for 24 hours.
    ");
    let done_change = yes(&mut diary, &asked).await;
    let changed = diary
        .world
        .rest
        .task(diary.world.user, made.id)
        .await
        .expect("a task");
    assert_eq!(changed.text, "Read nothing out");
    assert_eq!(
        changed.schedule,
        serde_json::from_value(json!({ "kind": "daily", "times": ["07:00:00"] })).expect("a schedule")
    );
    undo(&mut diary, &done_change).await;
    let back = diary
        .world
        .rest
        .task(diary.world.user, made.id)
        .await
        .expect("a task");
    assert_eq!(
        (&back.text, &back.schedule, back.from_outside),
        (&made.text, &made.schedule, true)
    );

    let asked = diary.call("reminder_cancel", json!({ "which": "plans" })).await;
    insta::assert_snapshot!(asked.question(), @r"
    Cancel this reminder?
    • What I do by myself: “Read my plans out”, every day at 08:00 (Europe/Berlin)
    You can undo this for 24 hours.
    ");
    yes(&mut diary, &asked).await;
    let left = diary.world.tasks(TaskStatus::Active).await;
    assert_eq!((left.len(), left[0].id), (1, pills.id));
    assert!(
        undo(&mut diary, &done).await.starts_with("Undone."),
        "the first undo still finds it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_and_a_resumption_are_what_was_shown() {
    let (mut diary, pills) = after_reading().await;
    let status = async |diary: &crate::calendar::diary::Diary| {
        let task = diary
            .world
            .rest
            .task(diary.world.user, pills.id)
            .await
            .expect("a task");
        assert_eq!((&task.text, &task.schedule), (&pills.text, &pills.schedule));
        task.status
    };
    let asked = diary
        .call("reminder_change", json!({ "which": "pills", "paused": true }))
        .await;
    assert_eq!(status(&diary).await, TaskStatus::Active);
    let done = yes(&mut diary, &asked).await;
    assert_eq!(done.receipts[0].text, "⏸ paused: Take pills (every day at 09:00)");
    assert_eq!(status(&diary).await, TaskStatus::Paused);
    undo(&mut diary, &done).await;
    assert_eq!(status(&diary).await, TaskStatus::Active);

    let asked = diary
        .call("reminder_change", json!({ "which": "pills", "paused": true }))
        .await;
    yes(&mut diary, &asked).await;
    let asked = diary
        .call("reminder_change", json!({ "which": "pills", "paused": false }))
        .await;
    insta::assert_snapshot!(asked.question(), @r"
    Change this reminder?
    Reminder: “Take pills”
    Status: paused → active
    You can undo this for 24 hours.
    ");
    let done = yes(&mut diary, &asked).await;
    assert_eq!(status(&diary).await, TaskStatus::Active);
    undo(&mut diary, &done).await;
    assert_eq!(status(&diary).await, TaskStatus::Paused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_reminders_are_named_each_and_cancelled_together() {
    let (mut diary, _) = after_reading().await;
    let asked = diary
        .call(
            "reminder_create",
            json!({ "text": "Buy milk", "at": { "day": "tomorrow", "time": "9:00" } }),
        )
        .await;
    yes(&mut diary, &asked).await;
    let asked = diary.call("reminder_cancel", json!({ "which": "all" })).await;
    insta::assert_snapshot!(asked.question(), @r"
    Cancel these 2 reminders?
    • Reminder: “Take pills”, every day at 09:00 (Europe/Berlin)
    • Reminder: “Buy milk”, Sat 21 Nov 2026, 09:00 (Europe/Berlin)
    You can undo this for 24 hours.
    ");
    let done = yes(&mut diary, &asked).await;
    assert_eq!(done.receipts.len(), 2);
    assert!(diary.world.tasks(TaskStatus::Active).await.is_empty());
    undo(&mut diary, &done).await;
    assert_eq!(diary.world.tasks(TaskStatus::Active).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_a_series_and_those_after_it_are_changed_as_shown() {
    let (mut diary, _) = after_reading().await;
    let club = json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"] });
    diary.has("Club", "2026-11-24T18:00", "2026-11-24T20:00", club);
    let change = json!({ "which": "club", "new_title": "Chess" });
    let asked = diary.call("calendar_change", change).await;
    insta::assert_snapshot!(asked.question(), @r"
    Change this event?
    Event: “Club”, Tue 24 Nov 2026, 18:00–20:00 Europe/Berlin
    Applies to: only this one of the series
    Calendar: your main one
    Title: “Club” → “Chess”
    You can undo this for 24 hours.
    ");
    let done = yes(&mut diary, &asked).await;
    assert_eq!(
        diary.titles().iter().filter(|title| *title == "Chess").count(),
        1,
        "{:?}",
        diary.titles()
    );
    undo(&mut diary, &done).await;
    assert!(
        !diary.titles().contains(&"Chess".to_owned()),
        "{:?}",
        diary.titles()
    );

    let asked = diary
        .call(
            "calendar_change",
            json!({ "which": "club", "series": "all", "new_title": "Chess" }),
        )
        .await;
    assert!(
        asked.question().contains("Applies to: the whole series"),
        "{}",
        asked.question()
    );
    let done = yes(&mut diary, &asked).await;
    assert!(
        diary.titles().iter().all(|title| title == "Chess"),
        "{:?}",
        diary.titles()
    );
    undo(&mut diary, &done).await;
    assert!(
        diary.titles().iter().all(|title| title == "Club"),
        "{:?}",
        diary.titles()
    );
    diary.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disconnection_is_made_by_its_press_alone() {
    let (mut diary, _) = after_reading().await;
    let status = async |world: &World| {
        let calendar = world.calendar.as_ref().expect("a calendar_service");
        calendar.account(world.user).await.expect("an account").status
    };
    let asked = diary
        .call("calendar_account", json!({ "do": "disconnect" }))
        .await;
    assert_eq!(status(&diary.world).await, AccountStatus::Connected);
    let no = asked.action("No").to_owned();
    assert_eq!(diary.world.presses(&no).await, "All right, nothing was changed.");
    assert_eq!(status(&diary.world).await, AccountStatus::Connected);
    let asked = diary
        .call("calendar_account", json!({ "do": "disconnect" }))
        .await;
    let done = yes(&mut diary, &asked).await;
    assert_eq!(
        done.receipts[0].text,
        "🔌 Google Calendar is disconnected (mia@example.com)"
    );
    assert!(done.receipts[0].undo.is_none() && done.buttons.is_empty());
    assert_eq!(status(&diary.world).await, AccountStatus::NotConnected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_others_forge_no_line_of_a_question() {
    let (mut diary, _) = after_reading().await;
    for (forged, shown) in [
        ("Lunch\nWhen: never", "Lunch When: never"),
        (
            "Lunch\u{2028}Guests: nobody\u{85}x\u{b}y\r\nz",
            "Lunch Guests: nobody x y z",
        ),
        ("Lunch” → “Dinner", "Lunch‟ → ‟Dinner"),
        ("\u{202e}hcnuL\u{2066}\u{200b}", "hcnuL"),
        ("🗑 deleted: Take pills", "🗑 deleted: Take pills"),
        (
            "**Lunch** [x](https://example.com) `y` <b>",
            "**Lunch** [x](https://example.com) `y` <b>",
        ),
        (
            "L\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}unch",
            "L\u{301}\u{301}\u{301}\u{301}unch",
        ),
    ] {
        let wanted = json!({ "title": forged, "day": "tomorrow", "time": "12:00" });
        let asked = diary.call("calendar_create", wanted).await;
        let question = format!(
            "Add this event?\nTitle: “{shown}”\nWhen: Sat 21 Nov 2026, 12:00–13:00 Europe/Berlin\n\
             Calendar: your main one\nNotifications: as usual in your calendar\nYou can undo this for 24 hours."
        );
        assert_eq!(asked.question(), question, "{forged:?}");
        // The same words in a calendar, as others write them: one line, too.
        diary.has(
            forged,
            "2026-11-28T15:00",
            "2026-11-28T16:00",
            json!({ "location": forged }),
        );
        let asked = diary
            .call("calendar_delete", json!({ "which": "15:00", "on": "2026-11-28" }))
            .await;
        let question = format!(
            "Delete this event?\nEvent: “{shown}”, Sat 28 Nov 2026, 15:00–16:00 Europe/Berlin\n\
             Calendar: your main one\nWhere: “{shown}”\nYou can undo this for 24 hours."
        );
        assert_eq!(asked.question(), question, "{forged:?}");
        yes(&mut diary, &asked).await;
    }
    // Long ones: cut where they are there already, refused where they are new.
    let long = "x".repeat(900);
    diary.has(&long, "2026-11-28T15:00", "2026-11-28T16:00", json!({}));
    let asked = diary
        .call("calendar_delete", json!({ "which": "15:00", "on": "2026-11-28" }))
        .await;
    assert!(
        asked
            .question()
            .contains(&format!("Event: “{}…”, Sat 28", "x".repeat(119))),
        "{}",
        asked.question()
    );
    let wanted = json!({ "title": long, "day": "tomorrow", "time": "12:00" });
    assert!(
        diary
            .call("calendar_create", wanted)
            .await
            .error()
            .contains("too long to be shown")
    );
    // Letters that look like others.
    let wanted =
        json!({ "title": "Lunch", "day": "tomorrow", "time": "12:00", "guests": ["b\u{43e}b@example.com"] });
    let asked = diary.call("calendar_create", wanted).await;
    let line = "Guests: b\u{43e}b@example.com (beware, unusual letters: \u{43e})\n";
    assert!(asked.question().contains(line), "{}", asked.question());
    for guest in [
        "bob@example.com,eve@example.com",
        "bob@\u{200d}example.com",
        "bob@example.com\neve@example.com",
    ] {
        let wanted = json!({ "title": "Lunch", "day": "tomorrow", "guests": [guest] });
        assert!(
            diary
                .call("calendar_create", wanted)
                .await
                .error()
                .contains("no e-mail address"),
            "{guest:?}"
        );
    }
}

on_both! {
    a_press_of_somebody_who_is_gone_is_dropped_at_once(stores) {
        let mut world = World::new(stores).await;
        world.says("remind me tomorrow at 9:00 to drink water").await;
        let task = world.tasks(TaskStatus::Active).await.remove(0);
        let off = format!("task:off:{}", task.id.simple());
        let dropped = async |world: &mut World, user: Uuid| {
            world.presses_as(user, &off).await;
            let delivery = world.delivery().await;
            assert_eq!(delivery.attempt(), 1);
            world.driver().handle(delivery).await;
            world.is_silent().await;
            let stats = world.bus.stats(&Topic::ASSISTANT_INBOX, assistant::GROUP).await.expect("figures");
            assert_eq!((stats.waiting, stats.in_flight), (0, 0), "it is not tried again");
            let dead = world.bus.dead_letters(&Topic::ASSISTANT_INBOX, assistant::GROUP, None, 10).await;
            assert!(dead.expect("dead letters").is_empty());
        };
        // Of somebody who was never known, of a user who is turned away, and of one who was erased.
        dropped(&mut world, Uuid::from_u128(77)).await;
        let user = world.user;
        let state = |state| UserPatch { state: Some(state), ..UserPatch::default() };
        world.rest.update_user(user, &state(UserState::Blocked)).await.expect("blocked");
        dropped(&mut world, user).await;
        assert_eq!(world.tasks(TaskStatus::Active).await.len(), 1);
        world.rest.update_user(user, &state(UserState::Active)).await.expect("let in");
        world.rest.erase_user(user).await.expect("erased");
        dropped(&mut world, user).await;
    }
}
