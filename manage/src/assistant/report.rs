//! What `manage assistant` prints for people. Pure.

use rest_client::{Assistant, AssistantKind, Tool};
use serde_json::Value;

/// One line of the list.
pub(super) fn row(assistant: &Assistant) -> String {
    let kind = match assistant.kind {
        AssistantKind::Secretary => "secretary",
        AssistantKind::Sub => "sub",
    };
    let state = if assistant.active { "active" } else { "inactive" };
    let model = assistant.model.as_deref().unwrap_or("-");
    format!(
        "{}  {kind:<9}  {state:<8}  {model:<16}  {}",
        assistant.id, assistant.name
    )
}

/// One assistant, whole.
pub(super) fn whole(assistant: &Assistant, tools: &[Tool]) -> Vec<String> {
    let tools: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let mut lines = vec![
        row(assistant),
        format!(
            "tools: {}",
            if tools.is_empty() {
                "none".to_owned()
            } else {
                tools.join(", ")
            }
        ),
    ];
    if !assistant.parameters.is_empty() {
        lines.push(format!(
            "parameters: {}",
            Value::Object(assistant.parameters.clone())
        ));
    }
    lines.push("instructions:".to_owned());
    lines.extend(assistant.instructions.lines().map(|line| format!("  {line}")));
    lines
}
