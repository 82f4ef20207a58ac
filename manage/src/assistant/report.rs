//! What `manage assistant` prints for people. Pure.

use rest_client::{Assistant, AssistantKind, Change, ChangeAction, Configured, ImportReport, Tool};
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

/// What an import has changed, or would change, line by line.
pub(super) fn difference(report: &ImportReport) -> Vec<String> {
    let mut lines = Vec::new();
    let mut unchanged = 0;
    for change in &report.changes {
        match change.action {
            ChangeAction::Unchanged => unchanged += 1,
            ChangeAction::Created => lines.push(format!("+ {}", named(change))),
            ChangeAction::Changed => lines.push(format!("~ {}", named(change))),
            ChangeAction::Deleted => lines.push(format!("- {}", named(change))),
            ChangeAction::Kept => lines.push(format!("  {}: kept, because it is in use", named(change))),
        }
        for field in &change.fields {
            lines.extend(sides('-', &field.field, &field.before));
            lines.extend(sides('+', &field.field, &field.after));
        }
    }
    let changed = lines
        .iter()
        .filter(|line| line.starts_with(['+', '~', '-']))
        .count();
    lines.push(match (report.dry_run, changed) {
        (_, 0) => format!("Nothing to change; {unchanged} are as the document says."),
        (true, _) => format!("{changed} would change, {unchanged} stay; nothing was changed (dry run)."),
        (false, _) => format!("{changed} changed, {unchanged} stayed."),
    });
    lines
}

fn named(change: &Change) -> String {
    let what = match change.what {
        Configured::Tool => "tool",
        Configured::Assistant => "assistant",
    };
    format!("{what} {}", change.name)
}

/// A field's value on one side, a line for each of its own.
fn sides(sign: char, field: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) if text.contains('\n') => std::iter::once(format!("    {sign} {field}:"))
            .chain(text.lines().map(|line| format!("    {sign}   {line}")))
            .collect(),
        Value::String(text) => vec![format!("    {sign} {field}: {text}")],
        other => vec![format!("    {sign} {field}: {other}")],
    }
}

#[cfg(test)]
mod tests {
    use rest_client::FieldChange;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_difference_reads_line_by_line() {
        let change = |name: &str, action, fields| Change {
            what: Configured::Assistant,
            id: Uuid::nil(),
            name: name.to_owned(),
            action,
            fields,
        };
        let fields = vec![
            FieldChange {
                field: "instructions".to_owned(),
                before: json!("one\ntwo"),
                after: json!("three"),
            },
            FieldChange {
                field: "model".to_owned(),
                before: Value::Null,
                after: json!("gpt-x"),
            },
        ];
        let report = ImportReport {
            dry_run: true,
            changes: vec![
                change("Coach", ChangeAction::Changed, fields),
                change("Old", ChangeAction::Deleted, Vec::new()),
                change("Busy", ChangeAction::Kept, Vec::new()),
                change("Same", ChangeAction::Unchanged, Vec::new()),
            ],
        };
        assert_eq!(
            difference(&report),
            [
                "~ assistant Coach",
                "    - instructions:",
                "    -   one",
                "    -   two",
                "    + instructions: three",
                "    + model: gpt-x",
                "- assistant Old",
                "  assistant Busy: kept, because it is in use",
                "2 would change, 1 stay; nothing was changed (dry run).",
            ]
        );
    }
}
