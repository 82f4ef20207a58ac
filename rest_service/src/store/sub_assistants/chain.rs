//! Whether one more link closes a circle or makes a chain too long. Pure.

use rest_client::MAX_SUB_DEPTH;
use uuid::Uuid;

/// Why a link is refused, with the assistants on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The way leads back to where it begins.
    Circle(Vec<Uuid>),
    /// The way has more than [`MAX_SUB_DEPTH`] links.
    TooDeep(Vec<Uuid>),
}

/// What stands against the link `from` → `to` beside the `links` that there are.
pub(super) fn refusal(links: &[(Uuid, Uuid)], from: Uuid, to: Uuid) -> Option<Refusal> {
    if let Some(way) = way(links, to, from) {
        return Some(Refusal::Circle([vec![from], way].concat()));
    }
    let mut chain = longest(links, from, |link, at| (link.1 == at).then_some(link.0), 0);
    chain.reverse();
    chain.extend(longest(links, to, |link, at| (link.0 == at).then_some(link.1), 0));
    (chain.len() - 1 > MAX_SUB_DEPTH).then_some(Refusal::TooDeep(chain))
}

/// The assistants from one to another, both included.
fn way(links: &[(Uuid, Uuid)], from: Uuid, to: Uuid) -> Option<Vec<Uuid>> {
    let mut ways = vec![vec![from]];
    let mut seen = vec![from];
    while let Some(way) = ways.pop() {
        let at = way.last().copied()?;
        if at == to {
            return Some(way);
        }
        for (_, next) in links.iter().filter(|(asking, _)| *asking == at) {
            if !seen.contains(next) {
                seen.push(*next);
                ways.push([way.as_slice(), &[*next]].concat());
            }
        }
    }
    None
}

/// The longest chain that begins with `at`, in the direction of `next`. What is stored has no circles; the depth bounds
/// the search all the same.
fn longest(
    links: &[(Uuid, Uuid)],
    at: Uuid,
    next: impl Fn(&(Uuid, Uuid), Uuid) -> Option<Uuid> + Copy,
    depth: usize,
) -> Vec<Uuid> {
    let behind = links
        .iter()
        .filter(|_| depth <= MAX_SUB_DEPTH)
        .filter_map(|link| next(link, at))
        .map(|neighbour| longest(links, neighbour, next, depth + 1))
        .max_by_key(Vec::len)
        .unwrap_or_default();
    [vec![at], behind].concat()
}
