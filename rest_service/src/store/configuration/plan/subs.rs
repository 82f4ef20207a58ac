//! Who asks whom when the document is applied, and who stays because somebody asks them.

use std::collections::{BTreeMap, HashMap, HashSet};

use rest_client::{AssistantKind, Configuration, FieldChange};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Current, Faults, Step};
use crate::store::sub_assistants::chain::Links;

/// The sub-assistants of one assistant, and when it is to ask them.
type Subs = BTreeMap<Uuid, String>;

/// Who asks whom afterwards.
pub(super) struct Asking {
    /// Those that the document has.
    wanted: HashSet<Uuid>,
    /// Those that there are afterwards.
    staying: HashSet<Uuid>,
    /// The sub-assistants of those of whom the document says any, or that they have none.
    said: BTreeMap<Uuid, Subs>,
    /// What each is called afterwards.
    names: HashMap<Uuid, String>,
}

/// Plans who asks whom; `ids` are those of the document's assistants.
pub(super) fn plan(
    current: &Current,
    document: &Configuration,
    ids: &[(Uuid, bool)],
    prune: bool,
    errors: &mut Faults,
) -> Asking {
    let wanted: HashSet<Uuid> = ids.iter().map(|(id, _)| *id).collect();
    let is_said: HashSet<Uuid> = document
        .assistants
        .iter()
        .zip(ids)
        .filter(|(entry, _)| entry.sub_assistants.is_some())
        .map(|(_, (id, _))| *id)
        .collect();
    let unsaid = || {
        current
            .subs
            .keys()
            .filter(|(asking, _)| !is_said.contains(asking))
    };
    let mut staying: HashSet<Uuid> = wanted.union(&current.in_use).copied().collect();
    if !prune {
        staying.extend(current.assistants.iter().map(|assistant| assistant.id));
    }
    // Whoever is asked by one who stays does stay too, and so on.
    while let Some((_, sub)) =
        unsaid().find(|(asking, sub)| staying.contains(asking) && !staying.contains(sub))
    {
        staying.insert(*sub);
    }

    let mut there: Vec<(Uuid, &str, AssistantKind)> = document
        .assistants
        .iter()
        .zip(ids)
        .map(|(entry, (id, _))| (*id, entry.name.as_str(), entry.kind))
        .collect();
    let others = current
        .assistants
        .iter()
        .filter(|one| staying.contains(&one.id) && !wanted.contains(&one.id));
    there.extend(others.map(|one| (one.id, one.name.as_str(), one.kind)));
    let names: HashMap<Uuid, String> = there
        .iter()
        .map(|(id, name, _)| (*id, (*name).to_owned()))
        .collect();

    let mut links: Links = unsaid()
        .filter(|(asking, _)| staying.contains(asking))
        .copied()
        .collect();
    let mut said: BTreeMap<Uuid, Subs> = BTreeMap::new();
    for (i, (entry, (asking, _))) in document.assistants.iter().zip(ids).enumerate() {
        let Some(list) = &entry.sub_assistants else {
            continue;
        };
        let subs = said.entry(*asking).or_default();
        for (k, sub) in list.iter().enumerate() {
            let by_id = there.iter().find(|(id, ..)| sub.id == Some(*id));
            let mut by_name = there.iter().filter(|(_, name, _)| *name == sub.name);
            let (found, another) = match by_id {
                Some(found) => (Some(found), None),
                None => (by_name.next(), by_name.next()),
            };
            let fault = match (found, another) {
                (None, _) => "is no assistant, here or in the document".to_owned(),
                (_, Some(_)) => "is the name of several; say which by its id".to_owned(),
                (Some((_, _, kind)), _) if *kind != AssistantKind::Sub => {
                    "must be an assistant of the kind sub".to_owned()
                }
                (Some((id, ..)), _) if subs.contains_key(id) => "is in the list twice".to_owned(),
                (Some((id, ..)), _) => match links.refusal(*asking, *id) {
                    Some(refusal) => refusal.told(|id| names.get(&id).cloned()),
                    None => {
                        links.add(*asking, *id);
                        subs.insert(*id, sub.description.clone());
                        continue;
                    }
                },
            };
            errors.add(format!("assistants[{i}].sub_assistants[{k}]"), &fault);
        }
    }
    Asking {
        wanted,
        staying,
        said,
        names,
    }
}

impl Asking {
    /// Whether the document has the assistant.
    pub(super) fn is_wanted(&self, assistant: Uuid) -> bool {
        self.wanted.contains(&assistant)
    }

    /// Whether the assistant is there afterwards.
    pub(super) fn stays(&self, assistant: Uuid) -> bool {
        self.staying.contains(&assistant)
    }

    /// How the change of an assistant's sub-assistants is told, if there is one.
    pub(super) fn changed(&self, current: &Current, assistant: Uuid) -> Option<FieldChange> {
        let after = self.said.get(&assistant)?;
        let before = before(current, assistant);
        if *after == before {
            return None;
        }
        let old_name = |id: Uuid| {
            let known = current.assistants.iter().find(|one| one.id == id);
            known.map(|one| one.name.clone())
        };
        Some(FieldChange {
            field: "sub_assistants".to_owned(),
            before: told(&before, old_name),
            after: told(after, |id| self.names.get(&id).cloned()),
        })
    }

    /// The links that end.
    pub(super) fn ended(&self, current: &Current) -> Vec<Step> {
        let ends = |asking: &Uuid, sub: &Uuid| match self.said.get(asking) {
            Some(after) => !after.contains_key(sub),
            None => !self.stays(*asking),
        };
        let ended = current.subs.keys().filter(|(asking, sub)| ends(asking, sub));
        ended
            .map(|(asking, sub)| Step::StopAsking(*asking, *sub))
            .collect()
    }

    /// The links that are new, or described anew.
    pub(super) fn begun(&self, current: &Current) -> Vec<Step> {
        let all = self
            .said
            .iter()
            .flat_map(|(asking, subs)| subs.iter().map(|(sub, description)| (*asking, *sub, description)));
        let begun =
            all.filter(|(asking, sub, description)| current.subs.get(&(*asking, *sub)) != Some(description));
        begun
            .map(|(asking, sub, description)| Step::Ask(asking, sub, description.clone()))
            .collect()
    }
}

/// The sub-assistants that an assistant has.
fn before(current: &Current, assistant: Uuid) -> Subs {
    let own = current
        .subs
        .iter()
        .filter(|((asking, _), _)| *asking == assistant);
    own.map(|((_, sub), description)| (*sub, description.clone()))
        .collect()
}

fn told(subs: &Subs, name: impl Fn(Uuid) -> Option<String>) -> Value {
    let told = subs
        .iter()
        .map(|(id, description)| json!({ "name": name(*id), "description": description }));
    told.collect()
}
