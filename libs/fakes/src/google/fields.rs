//! Partial answers: Google's `fields` parameter, such as `nextPageToken,items(id,start/dateTime)`.

use serde_json::{Map, Value};

/// What is selected below a name; empty for all of it.
type Selection = Vec<(String, Tree)>;

#[derive(Default)]
struct Tree(Selection);

/// The selected part of an answer; `None` when the selection can't be read. A name that the answer has not is left
/// out, as at Google where the field is empty.
pub(crate) fn select(answer: &Value, wanted: &str) -> Option<Value> {
    let mut rest = wanted;
    let selection = list(&mut rest)?;
    rest.is_empty().then(|| pick(answer, &Tree(selection)))
}

fn list(rest: &mut &str) -> Option<Selection> {
    let mut selection = Selection::new();
    loop {
        selection.push(path(rest)?);
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(selection),
        }
    }
}

fn path(rest: &mut &str) -> Option<(String, Tree)> {
    let end = rest.find([',', '/', '(', ')']).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    *rest = after;
    if name.is_empty() {
        return None;
    }
    let mut tree = Tree::default();
    if let Some(after) = rest.strip_prefix('/') {
        *rest = after;
        tree.0.push(path(rest)?);
    } else if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        tree.0 = list(rest)?;
        *rest = rest.strip_prefix(')')?;
    }
    Some((name.trim().to_owned(), tree))
}

fn pick(value: &Value, tree: &Tree) -> Value {
    if tree.0.is_empty() {
        return value.clone();
    }
    match value {
        Value::Array(items) => items.iter().map(|item| pick(item, tree)).collect(),
        Value::Object(fields) => {
            let mut picked = Map::new();
            for (name, below) in &tree.0 {
                for (field, value) in fields.iter().filter(|(field, _)| name == "*" || *field == name) {
                    picked.insert(field.clone(), pick(value, below));
                }
            }
            Value::Object(picked)
        }
        other => other.clone(),
    }
}
