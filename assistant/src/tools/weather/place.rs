//! Which of the places of one name is meant. Pure.

use messages::plain;

use super::wire::Place;

/// A place this many times as large as the next of its name is the one that people mean.
const FAR_LARGER: u64 = 4;

/// How many candidates are named.
const SHOWN: usize = 5;

/// How much of each part of a name is shown, in characters.
const LONGEST_PART: usize = 60;

/// What a name comes to.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'p> {
    /// The place that is meant.
    One(&'p Place),
    /// Several that may be meant.
    Several(Vec<String>),
    /// None; those of the name without its region, if there are any.
    None(Vec<String>),
}

impl Place {
    /// "Bergen, Vestland, Norway".
    pub(super) fn label(&self) -> String {
        let shown = |part: &str| plain::line(part, LONGEST_PART);
        let mut parts = vec![shown(&self.name)];
        for part in [shown(&self.admin1), shown(&self.country)] {
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(", ")
    }

    fn is_in(&self, area: &str) -> bool {
        let area = area.to_lowercase();
        [&self.admin1, &self.admin2, &self.country, &self.country_code]
            .iter()
            .any(|known| known.to_lowercase() == area)
            || matches!(
                (area.as_str(), self.country_code.as_str()),
                ("usa" | "us", "US") | ("uk" | "england", "GB")
            )
    }
}

/// What is searched for: the name without the region and the country behind it.
pub(super) fn name_of(asked: &str) -> &str {
    asked.split(',').next().unwrap_or_default().trim()
}

/// Chooses among what the search found for [`name_of`] `asked`.
pub(super) fn choose<'p>(asked: &str, places: &'p [Place]) -> Found<'p> {
    let mut parts = asked.split(',').map(str::trim);
    let name = parts.next().unwrap_or_default().to_lowercase();
    let areas: Vec<&str> = parts.filter(|area| !area.is_empty()).collect();
    let Some(first) = places.first() else {
        return Found::None(Vec::new());
    };
    // The search also finds what begins so ("Bergen op Zoom") and what is called so in another language.
    let has_name = places.iter().any(|place| place.name.to_lowercase() == name);
    let name = if has_name { name } else { first.name.to_lowercase() };
    let called_so: Vec<&Place> = places
        .iter()
        .filter(|place| place.name.to_lowercase() == name)
        .collect();
    // Airports, lakes and districts of that name count only where there is no town.
    let towns: Vec<&Place> = called_so
        .iter()
        .copied()
        .filter(|place| place.feature_code.starts_with("PPL"))
        .collect();
    let candidates = if towns.is_empty() { called_so } else { towns };
    let meant: Vec<&Place> = candidates
        .iter()
        .copied()
        .filter(|place| areas.iter().all(|area| place.is_in(area)))
        .collect();
    match meant.as_slice() {
        [] => Found::None(labels(&candidates)),
        [one] => Found::One(one),
        [first, others @ ..] => {
            let next = others.iter().map(|place| place.population).max().unwrap_or(0);
            let is_capital = first.feature_code == "PPLC";
            if is_capital || first.population > next.saturating_mul(FAR_LARGER) {
                Found::One(first)
            } else {
                Found::Several(labels(&meant))
            }
        }
    }
}

fn labels(places: &[&Place]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for label in places.iter().map(|place| place.label()) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.truncate(SHOWN);
    labels
}
