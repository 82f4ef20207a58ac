//! Whether one more link closes a circle or makes a chain too long. Pure.

use std::collections::{HashMap, HashSet};

use rest_client::MAX_SUB_DEPTH;
use uuid::Uuid;

/// Why a link is refused, with the assistants on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Refusal {
    /// The way leads back to where it begins.
    Circle(Vec<Uuid>),
    /// The way has more than [`MAX_SUB_DEPTH`] links.
    TooDeep(Vec<Uuid>),
}

impl Refusal {
    /// For people, who know assistants by `name`.
    pub(in crate::store) fn told(&self, name: impl Fn(Uuid) -> Option<String>) -> String {
        let (Self::Circle(way) | Self::TooDeep(way)) = self;
        let names = way.iter().map(|id| name(*id).unwrap_or_else(|| "?".to_owned()));
        let way = names.collect::<Vec<_>>().join(" → ");
        match self {
            Self::Circle(_) => format!("must not close a circle: {way}"),
            Self::TooDeep(_) => format!("must not lead more than {MAX_SUB_DEPTH} links deep: {way}"),
        }
    }
}

type Neighbours = HashMap<Uuid, Vec<Uuid>>;

/// Who asks whom.
#[derive(Debug, Default)]
pub(in crate::store) struct Links {
    below: Neighbours,
    above: Neighbours,
}

impl FromIterator<(Uuid, Uuid)> for Links {
    fn from_iter<I: IntoIterator<Item = (Uuid, Uuid)>>(all: I) -> Self {
        let mut links = Self::default();
        for (from, to) in all {
            links.add(from, to);
        }
        links
    }
}

impl Links {
    /// Adds the link `from` → `to`.
    pub(in crate::store) fn add(&mut self, from: Uuid, to: Uuid) {
        self.below.entry(from).or_default().push(to);
        self.above.entry(to).or_default().push(from);
    }

    /// How many `from` asks besides `to`.
    pub(in crate::store) fn others(&self, from: Uuid, to: Uuid) -> usize {
        let asked = self.below.get(&from).into_iter().flatten();
        asked.filter(|asked| **asked != to).count()
    }

    /// What stands against the link `from` → `to` beside those that there are. It looks at each assistant that hangs
    /// together with the two once, however many ways lead there.
    pub(in crate::store) fn refusal(&self, from: Uuid, to: Uuid) -> Option<Refusal> {
        if let Some(way) = self.way(to, from) {
            return Some(Refusal::Circle([vec![from], way].concat()));
        }
        let mut chain = longest(&self.above, from, 0, &mut HashMap::new());
        chain.reverse();
        chain.extend(longest(&self.below, to, 0, &mut HashMap::new()));
        (chain.len() - 1 > MAX_SUB_DEPTH).then_some(Refusal::TooDeep(chain))
    }

    /// The assistants from one to another, both included.
    fn way(&self, from: Uuid, to: Uuid) -> Option<Vec<Uuid>> {
        let mut ways = vec![vec![from]];
        let mut seen = HashSet::from([from]);
        while let Some(way) = ways.pop() {
            let at = way.last().copied()?;
            if at == to {
                return Some(way);
            }
            for next in self.below.get(&at).into_iter().flatten() {
                if seen.insert(*next) {
                    ways.push([way.as_slice(), &[*next]].concat());
                }
            }
        }
        None
    }
}

/// The longest chain that begins with `at`. What is stored has no circles; the depth bounds the search all the same.
fn longest(
    neighbours: &Neighbours,
    at: Uuid,
    depth: usize,
    known: &mut HashMap<Uuid, Vec<Uuid>>,
) -> Vec<Uuid> {
    if let Some(chain) = known.get(&at) {
        return chain.clone();
    }
    let mut behind = Vec::new();
    if depth <= MAX_SUB_DEPTH {
        for next in neighbours.get(&at).into_iter().flatten() {
            let chain = longest(neighbours, *next, depth + 1, known);
            if chain.len() > behind.len() {
                behind = chain;
            }
        }
    }
    let chain = [vec![at], behind].concat();
    known.insert(at, chain.clone());
    chain
}
