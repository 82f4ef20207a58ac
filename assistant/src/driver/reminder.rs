//! What due tasks come to without a model: a reminder's text, verbatim, and what is said of a task that could not be
//! done. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use messages::{Button, Envelope, ReplyKind, ReplyV1, TaskDueV1};
use rest_client::{Context, NewTurn, TurnCost, TurnStatus};
use texts::{Language, Text, duration};

use crate::{
    actions::{Action, Fired},
    context::{self, to_stored},
    model::Message,
};

/// How much of a task's text is quoted, in characters.
const SHOWN: usize = 200;

/// What the user is sent.
pub(super) fn reply(cause: &Envelope, due: &TaskDueV1, language: Language) -> ReplyV1 {
    ReplyV1 {
        event_id: cause.id.clone(),
        user_id: due.user_id,
        to: due.to.clone(),
        kind: ReplyKind::Reminder,
        text: text(due, language),
        receipts: Vec::new(),
        buttons: Fired::ALL
            .map(|what| {
                let action = Action::Fired {
                    what,
                    task: due.task_id,
                    at: due.scheduled_for.timestamp(),
                };
                Button::press(what.label(language), action.to_string())
            })
            .into(),
        in_reply_to: None,
        toast: None,
    }
}

/// What is stored, so that it is sent once and the conversation knows of it.
pub(super) fn turn(cause: &Envelope, due: &TaskDueV1, context: &Context, now: DateTime<Utc>) -> NewTurn {
    // Found due in time, it may have waited here.
    let due = &TaskDueV1 {
        fired_at: due.fired_at.max(now),
        ..due.clone()
    };
    let reply = reply(cause, due, context::language_of(context));
    let said = Message::said(&reply.text);
    NewTurn {
        event_id: cause.id.clone(),
        conversation: due.to.key(),
        assistant_id: context.assistant.id,
        thread_id: context.thread.as_ref().map(|thread| thread.id),
        status: TurnStatus::Completed,
        messages: vec![to_stored(&said, due.from_outside)],
        replies: vec![reply],
        covers: Vec::new(),
        sub_turns: Vec::new(),
        model: None,
        prompt_tokens: 0,
        completion_tokens: 0,
        model_calls: 0,
        cost: TurnCost::default(),
        error: None,
        started_at: now,
        finished_at: now,
    }
}

fn text(due: &TaskDueV1, language: Language) -> String {
    let mut text = format!("⏰ {}", due.text);
    let late = due.fired_at - due.scheduled_for;
    if late > TimeDelta::minutes(1) {
        let duration = &duration(language, late);
        text.push_str(&format!("\n{}", language.say(&Text::Late { duration })));
    }
    let count = i64::from(due.missed);
    let missed = match due.missed {
        0 => None,
        n if n >= schedule::MISSED_CAP => Some(Text::MissedMany { count }),
        _ => Some(Text::Missed { count }),
    };
    if let Some(missed) = missed {
        text.push_str(&format!("\n{}", language.say(&missed)));
    }
    text
}

/// What is said of a task whose turn was stopped: nobody has just asked for it, so it is named.
pub(super) fn not_done(due: &TaskDueV1, why: &str, zone: chrono_tz::Tz, locale: &str) -> String {
    let language = schedule::Language::of(locale);
    let when = schedule::format_instant_in(language, due.scheduled_for, zone);
    let what = if due.from_outside {
        String::new()
    } else {
        format!(
            " “{}”",
            context::escaped(&messages::plain::line(&due.text, SHOWN))
        )
    };
    let planned = language.pick([
        "This was planned, and I could not do it:",
        "Das war geplant, und ich konnte es nicht tun:",
        "Esto estaba previsto y no he podido hacerlo:",
        "Это было запланировано, но выполнить не удалось:",
    ]);
    format!("{planned}{what} ({when}).\n\n{why}")
}
