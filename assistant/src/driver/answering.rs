//! Buttons that answer a question: a press is the same as saying the words, for as long as the question is the last thing
//! that was said.

use messages::{Envelope, Event, EventId, ReplyKind, ReplyV1};
use rest_client::{Context, MessageRole, NewTurn, TurnCost, TurnStatus};
use schedule::Language;

use super::Task;
use crate::{context::to_stored, model::Message};

/// What the buttons below an answer carry, so that none of them answers another question: made of what was said and
/// what was answered (FNV-1a, 32 bits).
pub(super) fn mark(said: &str, answered: &str) -> String {
    let bytes = said.trim().bytes().chain([0]).chain(answered.trim().bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// Whether the question with this mark is the last thing that was said to the user in the conversation, but for
/// reminders.
pub(super) fn is_open(question: &str, context: &Context) -> bool {
    let newest = context
        .messages
        .iter()
        .rposition(|message| message.role == MessageRole::User);
    let Some(exchange) = newest.and_then(|newest| context.messages.get(newest..)) else {
        return false;
    };
    let answered = exchange
        .iter()
        .find(|message| message.role == MessageRole::Assistant && !message.content.is_empty());
    match (exchange.first(), answered) {
        (Some(said), Some(answered)) => mark(&said.content, &answered.content) == question,
        _ => false,
    }
}

/// The turn of a press that came too late: it says so, and does nothing.
pub(super) fn too_late(cause: &Envelope, task: &Task<'_>, context: &Context) -> NewTurn {
    let text = Language::of(&context.user.locale).pick([
        "That question is over. Please say in words what you want.",
        "Diese Frage ist vorbei. Bitte sag in Worten, was du möchtest.",
        "Esa pregunta ya pasó. Dime con palabras qué quieres.",
        "Этот вопрос уже закрыт. Напишите словами, что нужно.",
    ]);
    let now = cause.at;
    NewTurn {
        event_id: cause.id.clone(),
        conversation: task.to.key(),
        assistant_id: context.assistant.id,
        thread_id: context.thread.as_ref().map(|thread| thread.id),
        status: TurnStatus::Completed,
        messages: vec![to_stored(&Message::said(text), false)],
        replies: vec![notice(cause.id.clone(), task, text)],
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

/// The turn of a correction that came when the message had been answered: a word on it, and nothing in the thread.
pub(super) fn too_late_to_correct(cause: &Envelope, task: &Task<'_>, context: &Context) -> NewTurn {
    let language = texts::Language::of(&context.user.locale);
    let text = language.say(&texts::Text::AnsweredEarlierVersion);
    NewTurn {
        messages: Vec::new(),
        replies: vec![notice(cause.id.clone(), task, &text)],
        ..too_late(cause, task, context)
    }
}

fn notice(event_id: EventId, task: &Task<'_>, text: &str) -> ReplyV1 {
    ReplyV1 {
        event_id,
        user_id: task.user_id,
        to: task.to.clone(),
        kind: ReplyKind::Notice,
        text: text.to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: task.message_ref.map(str::to_owned),
        toast: None,
    }
}

/// The question that an event answers by a button.
pub(super) fn answered_by(event: &Event) -> Option<(&str, &str)> {
    match event {
        Event::ButtonPressedV1(press) => messages::Button::answer(&press.action),
        _ => None,
    }
}
