//! The conversation as every server takes it: user and assistant in turns, beginning with the user. Pure.
//!
//! What is stored does not alternate: a reminder that fired and a pressed button are an assistant's messages without a
//! user's. The templates of Mistral, Gemma and others refuse such a conversation, and with it every further message.

use std::borrow::Cow;

use super::super::{Message, ProviderFields};

/// Stands where a conversation begins with the assistant.
const BEGINNING: &str = "(You wrote first.)";

/// Stands where an answer is missing.
const LOST: &str = "(This answer was lost.)";

/// Stands for a message that says nothing: some servers refuse those.
const EMPTY: &str = "(an empty message)";

/// Folds the messages; those that stay as they are, are not copied.
pub(super) fn folded(messages: &[Message]) -> Vec<Cow<'_, Message>> {
    let mut folded: Vec<Cow<'_, Message>> = Vec::with_capacity(messages.len());
    for message in messages {
        let message = match message {
            Message::User(text) if text.trim().is_empty() => Cow::Owned(Message::User(EMPTY.to_owned())),
            Message::Assistant { text, tool_calls, .. }
                if text.trim().is_empty() && tool_calls.is_empty() =>
            {
                continue;
            }
            other => Cow::Borrowed(other),
        };
        match folded.last_mut() {
            Some(before) if are_one(before, &message) => {
                join(before.to_mut(), message.into_owned());
                continue;
            }
            Some(before) => {
                if let (Message::Tool { .. }, Message::User(_)) = (&**before, &*message) {
                    folded.push(Cow::Owned(Message::said(LOST)));
                }
            }
            None => {
                if let Message::Assistant { .. } = &*message {
                    folded.push(Cow::Owned(Message::User(BEGINNING.to_owned())));
                }
            }
        }
        folded.push(message);
    }
    folded
}

/// Whether a message belongs to the one before it, which is of the same side.
fn are_one(before: &Message, message: &Message) -> bool {
    match (before, message) {
        (Message::User(_), Message::User(_)) => true,
        (Message::Assistant { tool_calls, .. }, Message::Assistant { .. }) => tool_calls.is_empty(),
        _ => false,
    }
}

fn join(before: &mut Message, message: Message) {
    match (before, message) {
        (Message::User(before), Message::User(text)) => append(before, &text),
        (
            Message::Assistant {
                text: before,
                tool_calls: known,
                provider: fields,
            },
            Message::Assistant {
                text,
                tool_calls,
                provider,
            },
        ) => {
            append(before, &text);
            *known = tool_calls;
            if provider.is_some() {
                *fields = provider;
            }
        }
        _ => {}
    }
}

/// The same without calls and results, for a model that knows no tools, or none but its own: what they were is told in
/// words. `is_kept` tells of a message with calls whether it stays.
pub(super) fn without_tools(
    messages: &[Message],
    is_kept: impl Fn(Option<&ProviderFields>) -> bool,
) -> Vec<Message> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    let mut plain = Vec::new();
    for message in messages {
        match message {
            Message::User(text) => plain.push(Message::User(text.clone())),
            Message::Assistant { provider, .. } if is_kept(provider.as_ref()) => plain.push(message.clone()),
            Message::Assistant { text, tool_calls, .. } => {
                names.extend(
                    tool_calls
                        .iter()
                        .map(|call| (call.id.as_str(), call.name.as_str())),
                );
                if !text.trim().is_empty() {
                    plain.push(Message::said(text));
                }
            }
            Message::Tool { call_id, content } => {
                let Some((_, name)) = names.iter().rfind(|(id, _)| id == call_id) else {
                    plain.push(message.clone());
                    continue;
                };
                plain.push(Message::User(format!("(Result of {name}: {content})")));
            }
        }
    }
    folded(&plain).into_iter().map(Cow::into_owned).collect()
}

fn append(before: &mut String, text: &str) {
    if !before.is_empty() && !text.is_empty() {
        before.push_str("\n\n");
    }
    before.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{Message, ToolCall},
        *,
    };

    fn user(text: &str) -> Message {
        Message::User(text.to_owned())
    }

    fn calls(text: &str) -> Message {
        Message::Assistant {
            text: text.to_owned(),
            tool_calls: vec![ToolCall {
                id: "a".to_owned(),
                name: "time".to_owned(),
                arguments: "{}".to_owned(),
            }],
            provider: None,
        }
    }

    fn result() -> Message {
        Message::Tool {
            call_id: "a".to_owned(),
            content: "noon".to_owned(),
        }
    }

    #[test]
    fn user_and_assistant_take_turns() {
        let said = |text: &str| Message::said(text);
        let rows = [
            (
                vec![user("a"), said("b"), user("c")],
                vec![user("a"), said("b"), user("c")],
            ),
            // A reminder fired first, and another one.
            (
                vec![said("⏰ a"), said("⏰ b"), user("c")],
                vec![user(BEGINNING), said("⏰ a\n\n⏰ b"), user("c")],
            ),
            // A turn that was lost, and one that said nothing.
            (
                vec![user("a"), user("b"), said(" "), user("c")],
                vec![user("a\n\nb\n\nc")],
            ),
            (vec![user(" ")], vec![user(EMPTY)]),
            // Calls behind a reminder, and a result without an answer.
            (
                vec![user("a"), said("⏰"), calls(""), result(), user("b")],
                vec![user("a"), calls("⏰"), result(), said(LOST), user("b")],
            ),
            (
                vec![user("a"), calls("x"), result(), said("b"), said("⏰"), user("c")],
                vec![user("a"), calls("x"), result(), said("b\n\n⏰"), user("c")],
            ),
        ];
        for (messages, expected) in rows {
            let folded: Vec<Message> = folded(&messages).into_iter().map(Cow::into_owned).collect();
            assert_eq!(folded, expected, "{messages:?}");
        }
    }

    #[test]
    fn without_tools_results_are_told_in_words() {
        let messages = [
            user("a"),
            calls(""),
            result(),
            Message::said("It is noon."),
            user("b"),
        ];
        assert_eq!(
            without_tools(&messages, |_| false),
            [
                user("a\n\n(Result of time: noon)"),
                Message::said("It is noon."),
                user("b")
            ]
        );
        let as_it_is: Vec<Message> = folded(&messages).into_iter().map(Cow::into_owned).collect();
        assert_eq!(without_tools(&messages, |_| true), as_it_is);
    }
}
