//! Sentences that make reminders.

use serde_json::{Value, json};

use super::{at, check, on};

#[tokio::test]
async fn reminders_in_elapsed_time_are_understood() {
    let within = |text: &str, amount: Value| json!({ "text": text, "in": amount });
    check(&[
        (
            "remind me in 5 seconds to drink water",
            "reminder_create",
            within("drink water", json!({ "seconds": 5 })),
        ),
        (
            "remind me to drink water in 5 seconds",
            "reminder_create",
            within("drink water", json!({ "seconds": 5 })),
        ),
        (
            "Remind me in 90 minutes to call Anna Müller.",
            "reminder_create",
            within("call Anna Müller", json!({ "minutes": 90 })),
        ),
        (
            "please remind me to check the oven in 20 min",
            "reminder_create",
            within("check the oven", json!({ "minutes": 20 })),
        ),
        (
            "can you remind me in two hours to leave?",
            "reminder_create",
            within("leave?", json!({ "hours": 2 })),
        ),
        (
            "remind me in 2h to leave",
            "reminder_create",
            within("leave", json!({ "hours": 2 })),
        ),
        (
            "remind me in an hour and a half to leave",
            "reminder_create",
            within("leave", json!({ "minutes": 90 })),
        ),
        (
            "remind me in half an hour about the laundry",
            "reminder_create",
            within("the laundry", json!({ "minutes": 30 })),
        ),
        (
            "remind me in 1 hour and 15 minutes to leave",
            "reminder_create",
            within("leave", json!({ "hours": 1, "minutes": 15 })),
        ),
        (
            "in 10 minutes remind me to turn off the stove",
            "reminder_create",
            within("turn off the stove", json!({ "minutes": 10 })),
        ),
        (
            "remind me to stretch 10 minutes from now",
            "reminder_create",
            within("stretch", json!({ "minutes": 10 })),
        ),
        (
            "remind me in 2 weeks to renew the passport",
            "reminder_create",
            within("renew the passport", json!({ "days": 14 })),
        ),
        (
            "set a reminder in 3 days to pay rent",
            "reminder_create",
            within("pay rent", json!({ "days": 3 })),
        ),
        (
            "remind me to buy 2 tickets in 5 minutes",
            "reminder_create",
            within("buy 2 tickets", json!({ "minutes": 5 })),
        ),
    ])
    .await;
}

#[tokio::test]
async fn reminders_at_local_times_are_understood() {
    check(&[
        (
            "remind me at 9 to stretch",
            "reminder_create",
            at("stretch", "09:00"),
        ),
        (
            "remind me at 17:30 to stretch",
            "reminder_create",
            at("stretch", "17:30"),
        ),
        (
            "remind me at 5pm to call mom",
            "reminder_create",
            at("call mom", "17:00"),
        ),
        (
            "remind me at 5 pm to call mom",
            "reminder_create",
            at("call mom", "17:00"),
        ),
        (
            "remind me at 9 in the evening to read",
            "reminder_create",
            at("read", "21:00"),
        ),
        ("remind me at noon to eat", "reminder_create", at("eat", "12:00")),
        ("wake me up at 7", "reminder_create", at("wake up", "07:00")),
        (
            "remind me tomorrow at 9am to call the dentist",
            "reminder_create",
            on("call the dentist", "tomorrow", "09:00"),
        ),
        (
            "remind me to call the dentist tomorrow at 9am",
            "reminder_create",
            on("call the dentist", "tomorrow", "09:00"),
        ),
        (
            "remind me tomorrow to call the dentist at 9am",
            "reminder_create",
            on("call the dentist", "tomorrow", "09:00"),
        ),
        (
            "remind me on Friday at noon to eat fish",
            "reminder_create",
            on("eat fish", "fri", "12:00"),
        ),
        (
            "remind me on 24 November at 9:00 to pack",
            "reminder_create",
            on("pack", "11-24", "09:00"),
        ),
        (
            "remind me on November 24th at 9:00 to pack",
            "reminder_create",
            on("pack", "11-24", "09:00"),
        ),
        (
            "remind me on the 24th of november 2027 at 9 to pack",
            "reminder_create",
            on("pack", "2027-11-24", "09:00"),
        ),
        (
            "remind me on 2026-12-24 at 18:00 to light the candles",
            "reminder_create",
            on("light the candles", "2026-12-24", "18:00"),
        ),
        (
            "remind me on 24.12.2026 at 18.00 to light the candles",
            "reminder_create",
            on("light the candles", "2026-12-24", "18:00"),
        ),
        (
            "remind me tonight to take the bins out",
            "reminder_create",
            on("take the bins out", "today", "20:00"),
        ),
        (
            "remind me tomorrow morning to water the plants",
            "reminder_create",
            on("water the plants", "tomorrow", "09:00"),
        ),
        (
            "remind me yesterday at 9 to call",
            "reminder_create",
            on("call", "yesterday", "09:00"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn recurring_reminders_are_understood() {
    let every = |text: &str, rule: Value| json!({ "text": text, "repeat": rule });
    let weekdays = json!(["mon", "tue", "wed", "thu", "fri"]);
    check(&[
        (
            "remind me every weekday at 9 to stretch",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me to stretch every weekday at 9",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "every weekday at 9 remind me to stretch",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me at 9 every weekday to stretch",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every day at 8:30 and 20:00 to take the pill",
            "reminder_create",
            every(
                "take the pill",
                json!({ "unit": "days", "times": ["08:30", "20:00"] }),
            ),
        ),
        (
            "remind me to take out the trash every tuesday evening at 7",
            "reminder_create",
            every(
                "take out the trash",
                json!({ "unit": "weeks", "weekdays": ["tue"], "times": ["19:00"] }),
            ),
        ),
        (
            "remind me every monday at 9 and 17 to check",
            "reminder_create",
            every(
                "check",
                json!({ "unit": "weeks", "weekdays": ["mon"], "times": ["09:00", "17:00"] }),
            ),
        ),
        (
            "remind me daily at 7 to run",
            "reminder_create",
            every("run", json!({ "unit": "days", "times": ["07:00"] })),
        ),
        (
            "remind me every morning to journal",
            "reminder_create",
            every("journal", json!({ "unit": "days", "times": ["09:00"] })),
        ),
        (
            "remind me every Monday at 10 to plan the week",
            "reminder_create",
            every(
                "plan the week",
                json!({ "unit": "weeks", "weekdays": ["mon"], "times": ["10:00"] }),
            ),
        ),
        (
            "remind me every monday and thursday at 18:00 to train",
            "reminder_create",
            every(
                "train",
                json!({ "unit": "weeks", "weekdays": ["mon", "thu"], "times": ["18:00"] }),
            ),
        ),
        (
            "remind me every 6 hours to drink",
            "reminder_create",
            every("drink", json!({ "unit": "hours", "every": 6 })),
        ),
        (
            "remind me every hour to blink",
            "reminder_create",
            every("blink", json!({ "unit": "hours" })),
        ),
        (
            "remind me every 3 days at 9 to water the cactus",
            "reminder_create",
            every(
                "water the cactus",
                json!({ "unit": "days", "every": 3, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every other week on friday at 9 to pay",
            "reminder_create",
            every(
                "pay",
                json!({ "unit": "weeks", "every": 2, "weekdays": ["fri"], "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every month on the 1st at 9 to pay rent",
            "reminder_create",
            every(
                "pay rent",
                json!({ "unit": "months", "month_days": [1], "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every month on the last day at 18:00 to do the books",
            "reminder_create",
            every(
                "do the books",
                json!({ "unit": "months", "month_days": [31], "times": ["18:00"] }),
            ),
        ),
        (
            "remind me every year on 24 december at 18:00 to call home",
            "reminder_create",
            every(
                "call home",
                json!({ "unit": "years", "month": 12, "month_days": [24], "times": ["18:00"] }),
            ),
        ),
    ])
    .await;
}
