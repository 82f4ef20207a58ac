//! What a document changes: compared with what is stored, every fault named by its path. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

mod subs;

use rest_client::{
    Assistant, AssistantEntry, Change, ChangeAction, Configuration, Configured, DEFAULT_ASSISTANT,
    FieldChange, FieldError, SubAssistantEntry, Tool, ToolEntry,
};
use serde_json::json;
use uuid::Uuid;

use crate::store::document::{Faults, created, differs, told, told_fields};

/// What is stored.
pub(super) struct Current {
    pub(super) tools: Vec<Tool>,
    pub(super) assistants: Vec<Assistant>,
    /// Assistant and tool.
    pub(super) links: HashSet<(Uuid, Uuid)>,
    /// Who asks whom, and when.
    pub(super) subs: BTreeMap<(Uuid, Uuid), String>,
    /// The assistants that cannot be deleted.
    pub(super) in_use: HashSet<Uuid>,
}

/// One thing to do, in the plan's order.
pub(super) enum Step {
    CreateTool(Uuid, ToolEntry),
    ChangeTool(Uuid, ToolEntry),
    CreateAssistant(Uuid, AssistantEntry),
    ChangeAssistant(Uuid, AssistantEntry),
    Unlink(Uuid, Uuid),
    Link(Uuid, Uuid),
    StopAsking(Uuid, Uuid),
    Ask(Uuid, Uuid, String),
    DeleteAssistant(Uuid),
    DeleteTool(Uuid),
}

/// What is to be done, and how it is told.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) changes: Vec<Change>,
}

impl Current {
    /// As a document.
    pub(super) fn into_document(self) -> Configuration {
        let names: HashMap<Uuid, String> = self
            .tools
            .iter()
            .map(|tool| (tool.id, tool.name.clone()))
            .collect();
        let tools_of = |assistant: Uuid| {
            let mut tools: Vec<String> = self
                .links
                .iter()
                .filter(|(one, _)| *one == assistant)
                .filter_map(|(_, tool)| names.get(tool).cloned())
                .collect();
            tools.sort();
            tools
        };
        let asked: HashMap<Uuid, String> = self
            .assistants
            .iter()
            .map(|assistant| (assistant.id, assistant.name.clone()))
            .collect();
        let subs_of = |assistant: Uuid| {
            let own = self.subs.iter().filter(|((asking, _), _)| *asking == assistant);
            own.map(|((_, sub), description)| SubAssistantEntry {
                id: Some(*sub),
                name: asked.get(sub).cloned().unwrap_or_default(),
                description: description.clone(),
            })
            .collect()
        };
        let assistants = self.assistants.into_iter().map(|assistant| AssistantEntry {
            id: Some(assistant.id),
            tools: Some(tools_of(assistant.id)),
            sub_assistants: Some(subs_of(assistant.id)),
            kind: assistant.kind,
            name: assistant.name,
            instructions: assistant.instructions,
            model: assistant.model,
            parameters: assistant.parameters,
            active: assistant.active,
        });
        Configuration {
            assistants: assistants.collect(),
            tools: self
                .tools
                .into_iter()
                .map(|tool| ToolEntry {
                    id: Some(tool.id),
                    kind: tool.kind,
                    name: tool.name,
                    description: tool.description,
                    config: tool.config,
                    active: tool.active,
                })
                .collect(),
        }
    }
}

/// Plans how what is stored becomes what the document says.
pub(super) fn plan(
    current: &Current,
    wanted: &Configuration,
    prune: bool,
    new_id: impl Fn() -> Uuid,
) -> Result<Plan, Vec<FieldError>> {
    let mut errors = Faults::default();
    let mut plan = Plan::default();

    let stored: Vec<(Uuid, &str)> = current
        .tools
        .iter()
        .map(|tool| (tool.id, tool.name.as_str()))
        .collect();
    let entries: Vec<(Option<Uuid>, &str)> = wanted
        .tools
        .iter()
        .map(|entry| (entry.id, entry.name.as_str()))
        .collect();
    let tools = matched("tools", &stored, &entries, &mut errors, &new_id);
    let mut names: BTreeMap<&str, Uuid> = BTreeMap::new();
    for (i, (entry, (id, is_known))) in wanted.tools.iter().zip(&tools).enumerate() {
        if names.insert(&entry.name, *id).is_some() {
            errors.add(format!("tools[{i}].name"), "is in the document twice");
        }
        let before = current.tools.iter().find(|tool| *is_known && tool.id == *id);
        let mut fields = Vec::new();
        let Some(before) = before else {
            plan.tell(
                Configured::Tool,
                *id,
                &entry.name,
                ChangeAction::Created,
                created(entry, "name"),
            );
            plan.steps.push(Step::CreateTool(*id, entry.clone()));
            continue;
        };
        if before.kind != entry.kind {
            errors.add(
                format!("tools[{i}].kind"),
                "cannot be changed; make a tool of another name",
            );
        }
        differs(&mut fields, "name", &before.name, &entry.name);
        differs(
            &mut fields,
            "description",
            &before.description,
            &entry.description,
        );
        differs(&mut fields, "config", &before.config, &entry.config);
        differs(&mut fields, "active", &before.active, &entry.active);
        if !fields.is_empty() {
            plan.steps.push(Step::ChangeTool(*id, entry.clone()));
        }
        plan.tell_fields(Configured::Tool, *id, &entry.name, fields);
    }
    let kept_tools: HashSet<Uuid> = tools.iter().map(|(id, _)| *id).collect();
    for tool in current.tools.iter().filter(|tool| !kept_tools.contains(&tool.id)) {
        if prune {
            plan.tell(
                Configured::Tool,
                tool.id,
                &tool.name,
                ChangeAction::Deleted,
                Vec::new(),
            );
        } else if let Some(taken) = names.insert(&tool.name, tool.id) {
            let place = tools.iter().position(|(id, _)| *id == taken).unwrap_or_default();
            errors.add(format!("tools[{place}].name"), "is another tool's");
        }
    }
    let old_names: HashMap<Uuid, &str> = current
        .tools
        .iter()
        .map(|tool| (tool.id, tool.name.as_str()))
        .collect();

    let stored: Vec<(Uuid, &str)> = current
        .assistants
        .iter()
        .map(|assistant| (assistant.id, assistant.name.as_str()))
        .collect();
    let entries: Vec<(Option<Uuid>, &str)> = wanted
        .assistants
        .iter()
        .map(|entry| (entry.id, entry.name.as_str()))
        .collect();
    let assistants = matched("assistants", &stored, &entries, &mut errors, &new_id);
    let asking = subs::plan(current, wanted, &assistants, prune, &mut errors);
    for (i, (entry, (id, is_known))) in wanted.assistants.iter().zip(&assistants).enumerate() {
        let path = format!("assistants[{i}]");
        let wanted_tools = entry.tools.as_ref().map(|wanted| {
            let mut ids = BTreeSet::new();
            for (k, name) in wanted.iter().enumerate() {
                match names.get(name.as_str()) {
                    Some(tool) => {
                        ids.insert(*tool);
                    }
                    None => errors.add(
                        format!("{path}.tools[{k}]"),
                        "is no tool, here or in the document",
                    ),
                }
            }
            ids
        });
        if *id == DEFAULT_ASSISTANT && !entry.active {
            errors.add(
                format!("{path}.active"),
                "must be true: it is the default assistant",
            );
        }
        let before = current
            .assistants
            .iter()
            .find(|assistant| *is_known && assistant.id == *id);
        let Some(before) = before else {
            plan.tell(
                Configured::Assistant,
                *id,
                &entry.name,
                ChangeAction::Created,
                created(entry, "name"),
            );
            plan.steps.push(Step::CreateAssistant(*id, entry.clone()));
            for tool in wanted_tools.into_iter().flatten() {
                plan.steps.push(Step::Link(*id, tool));
            }
            continue;
        };
        if before.kind != entry.kind {
            errors.add(
                format!("{path}.kind"),
                "cannot be changed; make an assistant of another name",
            );
        }
        let mut fields = Vec::new();
        differs(&mut fields, "name", &before.name, &entry.name);
        differs(
            &mut fields,
            "instructions",
            &before.instructions,
            &entry.instructions,
        );
        differs(&mut fields, "model", &before.model, &entry.model);
        differs(&mut fields, "parameters", &before.parameters, &entry.parameters);
        differs(&mut fields, "active", &before.active, &entry.active);
        if !fields.is_empty() {
            plan.steps.push(Step::ChangeAssistant(*id, entry.clone()));
        }
        if let Some(wanted_tools) = wanted_tools {
            let had: BTreeSet<Uuid> = current
                .links
                .iter()
                .filter(|(assistant, _)| assistant == id)
                .map(|(_, tool)| *tool)
                .collect();
            if had != wanted_tools {
                let mut before: Vec<&str> = had
                    .iter()
                    .filter_map(|tool| old_names.get(tool).copied())
                    .collect();
                before.sort_unstable();
                let mut after = entry.tools.clone().unwrap_or_default();
                after.sort_unstable();
                fields.push(FieldChange {
                    field: "tools".to_owned(),
                    before: json!(before),
                    after: json!(after),
                });
                plan.steps
                    .extend(had.difference(&wanted_tools).map(|tool| Step::Unlink(*id, *tool)));
                plan.steps
                    .extend(wanted_tools.difference(&had).map(|tool| Step::Link(*id, *tool)));
            }
        }
        fields.extend(asking.changed(current, *id));
        plan.tell_fields(Configured::Assistant, *id, &entry.name, fields);
    }
    if prune {
        plan.prune(current, &kept_tools, &asking);
    }
    // Whoever goes is no longer asked by then, and whoever is asked is there.
    plan.steps.splice(0..0, asking.ended(current));
    plan.steps.extend(asking.begun(current));
    errors.done()?;
    Ok(plan)
}

impl Plan {
    fn tell(
        &mut self,
        what: Configured,
        id: Uuid,
        name: &str,
        action: ChangeAction,
        fields: Vec<FieldChange>,
    ) {
        self.changes.push(told(what, id, name, action, fields));
    }

    fn tell_fields(&mut self, what: Configured, id: Uuid, name: &str, fields: Vec<FieldChange>) {
        self.changes.push(told_fields(what, id, name, fields));
    }

    /// Deletes what the document does not have, assistants before their tools. The names of deleted tools are free
    /// again only then, so that these deletions stand before all else.
    fn prune(&mut self, current: &Current, tools: &HashSet<Uuid>, asking: &subs::Asking) {
        let mut deletions = Vec::new();
        for assistant in current.assistants.iter().filter(|one| !asking.is_wanted(one.id)) {
            let action = if asking.stays(assistant.id) {
                ChangeAction::Kept
            } else {
                deletions.push(Step::DeleteAssistant(assistant.id));
                ChangeAction::Deleted
            };
            self.tell(
                Configured::Assistant,
                assistant.id,
                &assistant.name,
                action,
                Vec::new(),
            );
        }
        let gone = current.tools.iter().filter(|tool| !tools.contains(&tool.id));
        deletions.extend(gone.map(|tool| Step::DeleteTool(tool.id)));
        self.steps.splice(0..0, deletions);
    }
}

/// Which stored thing each entry is, or the id of a new one, and whether it is stored.
fn matched(
    list: &str,
    stored: &[(Uuid, &str)],
    entries: &[(Option<Uuid>, &str)],
    errors: &mut Faults,
    new_id: &impl Fn() -> Uuid,
) -> Vec<(Uuid, bool)> {
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut matched = Vec::new();
    for (i, (id, name)) in entries.iter().enumerate() {
        let by_id = id.filter(|id| stored.iter().any(|(known, _)| known == id));
        let by_name: Vec<Uuid> = stored
            .iter()
            .filter(|(_, known)| known == name)
            .map(|(id, _)| *id)
            .collect();
        if by_id.is_none() && by_name.len() > 1 {
            errors.add(
                format!("{list}[{i}].name"),
                "is the name of several; say which by its id",
            );
        }
        let known = by_id.or(by_name.first().copied());
        let id = known.or(*id).unwrap_or_else(new_id);
        if let Some(first) = places.insert(id, i) {
            errors.add(format!("{list}[{i}]"), &format!("is the same as {list}[{first}]"));
        }
        matched.push((id, known.is_some()));
    }
    matched
}
