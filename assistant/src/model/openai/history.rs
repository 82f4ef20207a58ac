//! Makes a conversation shorter for a model that says it is too long. Pure.

use super::super::Message;

/// Texts of this length, in bytes, are left as they are.
const SHORT: usize = 2_000;

/// How much of a context a conversation takes, in bytes.
pub(super) fn size(messages: &[Message]) -> usize {
    messages.iter().map(size_of).sum()
}

/// Leaves out the older half of what came before the present turn, or else cuts the longest text of it; `false` when
/// nothing more can be left out.
pub(super) fn shorten(messages: &mut Vec<Message>) -> bool {
    let begins: Vec<usize> = (0..)
        .zip(messages.iter())
        .filter(|(_, message)| matches!(message, Message::User(_)))
        .map(|(place, _)| place)
        .collect();
    let present = begins.last().copied().unwrap_or(0);
    let older = messages.get(..present).map_or(0, size);
    if older > 0 {
        let border = begins
            .iter()
            .copied()
            .find(|begin| messages.get(..*begin).map_or(0, size) * 2 >= older);
        messages.drain(..border.unwrap_or(present));
        return true;
    }
    let texts = messages.iter_mut().filter_map(|message| match message {
        Message::User(text) => Some(text),
        Message::Tool { content, .. } => Some(content),
        Message::Assistant { .. } => None,
    });
    let Some(longest) = texts
        .max_by_key(|text| text.len())
        .filter(|text| text.len() > SHORT)
    else {
        return false;
    };
    let half = longest.chars().count() / 2;
    *longest = longest.chars().take(half).collect();
    longest.push_str("\n[the rest is left out: it is too long]");
    true
}

fn size_of(message: &Message) -> usize {
    match message {
        Message::User(text) => text.len(),
        Message::Tool { content, .. } => content.len(),
        Message::Assistant {
            text,
            tool_calls,
            provider,
        } => {
            let calls = tool_calls
                .iter()
                .map(|call| call.name.len() + call.arguments.len());
            let fields = provider.as_ref().map_or(0, super::super::ProviderFields::size);
            text.len() + calls.sum::<usize>() + fields
        }
    }
}
