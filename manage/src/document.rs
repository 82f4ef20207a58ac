//! Documents in files, as JSON or YAML, and what an import of one has changed.

use std::{
    fs,
    io::{Read, stdin},
    path::Path,
};

use anyhow::{Context, bail};
use rest_client::{Change, ChangeAction, Configured, Error, ImportReport};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{say, service::ServiceArgs};

/// The largest document that is read, in bytes; as much as the service takes.
const LARGEST: usize = 1024 * 1024;

/// How a document is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Yaml,
}

/// Writes a document: into a file as its name says, or to standard output, where it is YAML unless JSON is asked for.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(document: &impl Serialize, output: Option<&Path>, as_json: bool) -> anyhow::Result<()> {
    let form = match output {
        Some(path) => form_of(path),
        None if as_json => Form::Json,
        None => Form::Yaml,
    };
    let text = match form {
        Form::Json => json(document)?,
        Form::Yaml => serde_saphyr::to_string(document).context("cannot write the document as YAML")?,
    };
    match output {
        Some(path) => {
            fs::write(path, format!("{}\n", text.trim_end()))
                .with_context(|| format!("cannot write {}", path.display()))?;
            say::entry("written", &path.display().to_string());
        }
        None => say::line(text.trim_end()),
    }
    Ok(())
}

/// Reads a document from a file, or from standard input for `-`.
///
/// # Errors
/// It cannot be read, is too large, or is not such a document.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = text_of(path)?;
    match form_of(path) {
        Form::Json => serde_json::from_str(&text).map_err(anyhow::Error::from),
        // YAML 1.2 reads JSON too.
        Form::Yaml => {
            let options = serde_saphyr::options! { with_snippet: false };
            serde_saphyr::from_str_with_options(&text, options)
                .map_err(|error| anyhow::anyhow!("{}", error.to_string().trim_start_matches("error: ")))
        }
    }
    .with_context(|| format!("cannot read {}", path.display()))
}

/// Prints what an import has changed, or what is wrong with the document.
///
/// # Errors
/// It was not imported.
pub(crate) fn report(
    outcome: Result<ImportReport, Error>,
    as_json: bool,
    service: &ServiceArgs,
) -> anyhow::Result<()> {
    match outcome {
        Ok(report) if as_json => say::line(&json(&report)?),
        Ok(report) => {
            for line in difference(&report) {
                say::line(&line);
            }
        }
        Err(Error::Invalid { errors, .. }) if !errors.is_empty() => {
            for error in &errors {
                say::line(&format!("{}: {}", error.field, error.message));
            }
            bail!("nothing was changed: correct what is named above");
        }
        Err(error) => return Err(service.explained(error).into()),
    }
    Ok(())
}

/// JSON for people and scripts alike.
///
/// # Errors
/// It cannot be written.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string_pretty(value).context("cannot write JSON")
}

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// It cannot be read, or is too large.
pub(crate) fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let most = u64::try_from(LARGEST)? + 1;
    if path == Path::new("-") {
        stdin()
            .take(most)
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
    } else {
        fs::File::open(path)
            .and_then(|file| file.take(most).read_to_string(&mut text))
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    if text.len() > LARGEST {
        bail!("{} has more than {LARGEST} bytes", path.display());
    }
    Ok(text)
}

fn form_of(path: &Path) -> Form {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("json") => Form::Json,
        _ => Form::Yaml,
    }
}

/// What an import has changed, or would change, line by line.
fn difference(report: &ImportReport) -> Vec<String> {
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
        Configured::Task => "task",
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
