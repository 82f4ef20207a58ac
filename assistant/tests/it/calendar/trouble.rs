//! What goes wrong at Google, and what the user is told of it.

use chrono::TimeDelta;
use fakes::google::{Fault, Role};
use serde_json::json;

use super::{Diary, listed};
use crate::world::KEY;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_google_refuses_is_told_in_plain_words() {
    let mut diary = Diary::connected().await;
    let dentist = diary.has("Dentist", "2026-11-21T15:00", "2026-11-21T16:00", json!({}));
    let bob = diary.google.account("bob@example.com", "Europe/Berlin");
    let shared = bob.new_calendar("Team", "Europe/Berlin");
    shared.shares_with(&diary.account, Role::Reader);
    shared.adds(json!({
        "summary": "Retreat", "start": { "date": "2026-11-25" }, "end": { "date": "2026-11-26" },
    }));
    // 401: a token that ran out is renewed, and nobody notices.
    diary.account.expires_access_tokens();
    let told = diary.call("calendar_agenda", json!({ "day": "tomorrow" })).await;
    assert!(listed(&told.content).contains("Dentist"));

    // 403: a calendar that she may only read.
    let change = json!({ "which": "retreat", "new_day": "2026-11-26" });
    let told = diary.call("calendar_change", change).await;
    insta::assert_snapshot!(told.error(), @"Google does not allow it: the user may read this calendar, but not change it");

    // 412: somebody else was faster than her press.
    let asked = diary.call("calendar_delete", json!({ "which": "dentist" })).await;
    diary
        .calendar()
        .changes(&dentist, json!({ "location": "elsewhere" }));
    let told = diary.world.presses(asked.action("Yes")).await;
    insta::assert_snapshot!(told, @r"
    I did nothing: the event was changed since.

    ❓ Delete this event?
    Event: “Dentist”, Sat 21 Nov 2026, 15:00–16:00 Europe/Berlin
    Calendar: your main one
    Where: “elsewhere”
    You can undo this for 24 hours.
    ");
    assert_eq!(diary.titles(), ["Dentist"]);
    // … and than her undo.
    let moved = diary
        .call(
            "calendar_change",
            json!({ "which": "dentist", "new_time": "16:00" }),
        )
        .await;
    diary
        .calendar()
        .changes(&dentist, json!({ "location": "Main Street 1" }));
    let told = diary.world.presses(moved.action("Undo")).await;
    assert_eq!(told, "The event was changed since then, so I left it as it is.");

    // 404 and 410: it is gone.
    let asked = diary
        .call(
            "calendar_change",
            json!({ "which": "dentist", "add_guests": ["bob@example.com"] }),
        )
        .await;
    diary.calendar().deletes(&dentist);
    let told = diary.world.presses(asked.action("Yes")).await;
    insta::assert_snapshot!(told, @"That did not work: it is no longer there: the event was deleted.");
    assert_eq!(diary.google.mails(), []);

    // A day later nothing is undone.
    let made = diary
        .call(
            "calendar_create",
            json!({ "title": "Lunch", "day": "2026-12-24" }),
        )
        .await;
    diary.world.clock.advance(TimeDelta::hours(25));
    let told = diary.world.presses(made.action("Undo")).await;
    assert_eq!(told, "It is too late to undo that.");
    diary.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_google_that_is_down_or_busy_is_said_to_be() {
    let mut diary = Diary::connected().await;
    diary.call("calendar_agenda", json!({})).await;
    for (fault, words) in [
        (Fault::Status(500), "Google Calendar cannot be reached now"),
        (Fault::BadGatewayPage, "Google Calendar cannot be reached now"),
        (
            Fault::RetryAfter(429, 3600),
            "Google Calendar asks to wait before it is asked again",
        ),
    ] {
        diary.google.fails_next("*", &fault, 100);
        let told = diary.call("calendar_agenda", json!({})).await;
        assert_eq!(told.error(), words, "{fault:?}");
        diary.google.works_again();
    }
    // Whether a write had its effect is not known then: the turn is run again, and it has it once.
    let new = json!({ "title": "Lunch", "day": "mon" });
    diary.google.fails_next("events.insert", &Fault::Status(503), 100);
    let away = diary.try_call("calendar_create", new.clone()).await;
    assert!(matches!(away, Err(rest_client::Error::Unavailable(_))));
    // For so long, and then what is known is said.
    diary.is_late = true;
    let told = diary.call_again("calendar_create", new.clone()).await;
    assert_eq!(
        told.expect("a result").error(),
        "Google Calendar cannot be reached now, so it is not known whether this was done: look into the calendar \
         before you ask for it again"
    );
    diary.google.works_again();
    let made = diary.call_again("calendar_create", new).await.expect("a result");
    assert_eq!(made.receipt(), "📅 Mon 23 Nov 2026, all day: Lunch");
    assert_eq!(diary.titles(), ["Lunch"]);
    diary.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_waits_a_while_for_a_calendar_that_is_away() {
    let mut diary = Diary::connected().await;
    diary.has("Dentist", "2026-11-21T15:00", "2026-11-21T16:00", json!({}));
    let asked = diary.call("calendar_delete", json!({ "which": "dentist" })).await;
    let here = diary.world.calendar.take();
    let nobody = format!("http://127.0.0.1:{}", test_support::free_port());
    let away = calendar_client::Client::new(nobody.parse().expect("a URL"), KEY.into());
    diary.world.calendar = Some(away.expect("a client"));
    let yes = asked.action("Yes").to_owned();
    diary.world.presses_as(diary.world.user, &yes).await;
    diary.world.handle_next().await;
    diary.world.is_silent().await;
    // It is there again at the next try.
    let away = std::mem::replace(&mut diary.world.calendar, here);
    diary.world.handle_next().await;
    let done = diary.world.reply().await;
    assert!(done.receipts[0].text.starts_with("🗑 deleted"), "{done:?}");

    diary.world.calendar = away;
    let undo = done.receipts[0].undo.as_ref().expect("an undo").action.clone();
    diary.world.presses_as(diary.world.user, &undo).await;
    for _ in 0..3 {
        diary.world.handle_next().await;
    }
    assert_eq!(
        diary.world.reply().await.text,
        "Google Calendar cannot be reached now, so it is not known whether this was done: look into the calendar \
         before you ask for it again."
    );
    assert!(diary.titles().is_empty());
    diary.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_google_no_longer_lets_in_is_offered_to_be_connected_again() {
    let mut diary = Diary::connected().await;
    diary.has("Dentist", "2026-11-21T15:00", "2026-11-21T16:00", json!({}));
    let asked = diary.call("calendar_delete", json!({ "which": "dentist" })).await;
    diary.account.removes_app();
    let told = diary.call("calendar_agenda", json!({})).await;
    assert_eq!(told.error(), "Google Calendar must be connected again");
    assert_eq!(told.buttons[0].label, "Connect Google Calendar");
    let notice = diary.world.reply().await;
    assert_eq!(
        notice.text,
        "Google no longer lets me into the calendar of mia@example.com. Connect it again and I can go on; \
         the link works once, for 7 days."
    );
    assert_eq!(notice.buttons[0].label, "Connect Google Calendar");
    diary
        .world
        .presses_as(diary.world.user, asked.action("Yes"))
        .await;
    diary.world.handle_next().await;
    let reply = diary.world.reply().await;
    assert_eq!(
        reply.text,
        "That did not work: Google Calendar must be connected again."
    );
    assert_eq!(reply.buttons[0].label, "Connect Google Calendar");
    diary.connect().await;
    let told = diary.call("calendar_agenda", json!({ "day": "tomorrow" })).await;
    assert!(listed(&told.content).contains("Dentist"));
    diary.google.assert_clean();
}
