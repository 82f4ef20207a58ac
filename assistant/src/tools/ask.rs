//! `ask_{name}`: each sub-assistant linked to an assistant is a tool of it. Which ones it may ask is decided here; the
//! driver runs the sub-assistant's turn.

use std::borrow::Cow;

use rest_client::{MAX_SUB_DEPTH, SubAssistant};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::schema;
use crate::model::ToolSpec;

/// The longest name of a tool that the models' APIs take.
const LONGEST_NAME: usize = 64;

/// How much of the instructions stands for a description that is missing, in characters.
const EXCERPT: usize = 160;

/// What the sub-assistant is to do.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// what to do, with all that is needed for it: it does not see this conversation
    pub request: String,
}

/// A sub-assistant as a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// As the model is told of it.
    pub spec: ToolSpec,
    /// Who is asked.
    pub assistant_id: Uuid,
}

/// The sub-assistants that the last assistant of `path` may ask; `path` leads there from the user's own. Whatever the
/// configuration says, nobody on the path is asked again and nothing goes deeper than [`MAX_SUB_DEPTH`]. `taken` are the
/// names of other tools. The same configuration always gives the same names.
pub fn offer(path: &[Uuid], subs: &[SubAssistant], taken: &[Cow<'static, str>]) -> Vec<Ask> {
    let Some(asker) = path.last() else {
        return Vec::new();
    };
    if path.len() > MAX_SUB_DEPTH {
        return Vec::new();
    }
    let mut linked: Vec<(&SubAssistant, &str)> = subs
        .iter()
        .filter(|sub| sub.assistant.active && !path.contains(&sub.assistant.id))
        .filter_map(|sub| {
            let link = sub.links.iter().find(|link| link.assistant_id == *asker)?;
            Some((sub, link.description.trim()))
        })
        .collect();
    // Ids sort by age: who comes later gets the number behind the name.
    linked.sort_by_key(|(sub, _)| sub.assistant.id);
    let mut asks: Vec<Ask> = Vec::new();
    for (sub, description) in linked {
        let is_free = |name: &String| {
            !taken.iter().any(|known| known == name) && !asks.iter().any(|ask| ask.spec.name == **name)
        };
        let base = tool_name(&sub.assistant.name);
        let numbered = (2..).map(|n: u32| {
            let end = format!("_{n}");
            let front: String = base.chars().take(LONGEST_NAME - end.len()).collect();
            front + &end
        });
        let Some(name) = std::iter::once(base.clone()).chain(numbered).find(is_free) else {
            continue;
        };
        asks.push(Ask {
            spec: ToolSpec {
                name: Cow::Owned(name),
                description: Cow::Owned(description_of(sub, description)),
                parameters: schema::of::<Args>(),
            },
            assistant_id: sub.assistant.id,
        });
    }
    asks
}

/// `ask_` and the name in lower case, with `_` for whatever tool names may not hold.
fn tool_name(name: &str) -> String {
    let mut plain = String::from("ask");
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        plain.push('_');
        plain.push_str(&word.to_ascii_lowercase());
    }
    if plain == "ask" {
        plain.push_str("_assistant");
    }
    plain.truncate(LONGEST_NAME);
    plain
}

fn description_of(sub: &SubAssistant, description: &str) -> String {
    let name = sub
        .assistant
        .name
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if !description.is_empty() {
        return format!("Asks {name}, a sub-assistant: {description}");
    }
    let words: String = sub.assistant.instructions.trim().chars().take(EXCERPT).collect();
    format!("Asks {name}, a sub-assistant that was told: {words}")
}
