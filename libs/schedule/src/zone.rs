//! Time zones by name: forgiving about spelling, never guessing.

use chrono_tz::{TZ_VARIANTS, Tz};

/// The name is not a time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a time zone{}", hint(suggestions))]
pub struct ZoneError {
    /// What was written.
    pub name: String,
    /// Names that come close, the closest first; may be empty.
    pub suggestions: Vec<&'static str>,
}

/// Reads an IANA time zone name, whatever its case: `Europe/Berlin`, `america/new york`.
///
/// A city alone is enough where only one zone has its name (`Berlin`), and some large places without a zone of
/// their own are known (`Munich`, `San Francisco`). An offset such as `UTC+2` is refused, for it knows no DST.
///
/// # Errors
/// [`ZoneError`], with what may have been meant.
pub fn parse_zone(name: &str) -> Result<Tz, ZoneError> {
    // As it is stored; what people write takes a look at every name.
    if let Ok(zone) = name.parse() {
        return Ok(zone);
    }
    let wanted = normalise(name);
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| normalise(zone.name()) == wanted) {
        return Ok(*zone);
    }
    let same_city: Vec<Tz> = TZ_VARIANTS
        .iter()
        .copied()
        .filter(|zone| zone.name().contains('/') && !is_offset(zone.name()) && city(zone.name()) == wanted)
        .collect();
    if let [only] = same_city.as_slice() {
        return Ok(*only);
    }
    if let Some((_, zone)) = PLACES.iter().find(|(place, _)| *place == wanted) {
        return Ok(*zone);
    }
    let suggestions = if same_city.is_empty() {
        near_misses(&wanted)
    } else {
        same_city
            .iter()
            .map(|zone| zone.name())
            .take(MOST_SUGGESTIONS)
            .collect()
    };
    Err(ZoneError {
        name: name.chars().take(LONGEST_NAME).collect(),
        suggestions,
    })
}

const MOST_SUGGESTIONS: usize = 3;

/// In characters; longer than any zone's name.
const LONGEST_NAME: usize = 64;

/// Large places for which the database has no zone of their name.
const PLACES: [(&str, Tz); 43] = [
    ("atlanta", Tz::America__New_York),
    ("austin", Tz::America__Chicago),
    ("austria", Tz::Europe__Vienna),
    ("bangalore", Tz::Asia__Kolkata),
    ("barcelona", Tz::Europe__Madrid),
    ("beijing", Tz::Asia__Shanghai),
    ("boston", Tz::America__New_York),
    ("cologne", Tz::Europe__Berlin),
    ("dallas", Tz::America__Chicago),
    ("delhi", Tz::Asia__Kolkata),
    ("england", Tz::Europe__London),
    ("france", Tz::Europe__Paris),
    ("frankfurt", Tz::Europe__Berlin),
    ("geneva", Tz::Europe__Zurich),
    ("germany", Tz::Europe__Berlin),
    ("hamburg", Tz::Europe__Berlin),
    ("hanoi", Tz::Asia__Bangkok),
    ("houston", Tz::America__Chicago),
    ("india", Tz::Asia__Kolkata),
    ("italy", Tz::Europe__Rome),
    ("las_vegas", Tz::America__Los_Angeles),
    ("manchester", Tz::Europe__London),
    ("miami", Tz::America__New_York),
    ("milan", Tz::Europe__Rome),
    ("mumbai", Tz::Asia__Kolkata),
    ("munich", Tz::Europe__Berlin),
    ("netherlands", Tz::Europe__Amsterdam),
    ("new_delhi", Tz::Asia__Kolkata),
    ("osaka", Tz::Asia__Tokyo),
    ("philadelphia", Tz::America__New_York),
    ("rio_de_janeiro", Tz::America__Sao_Paulo),
    ("saint_petersburg", Tz::Europe__Moscow),
    ("san_diego", Tz::America__Los_Angeles),
    ("san_francisco", Tz::America__Los_Angeles),
    ("seattle", Tz::America__Los_Angeles),
    ("spain", Tz::Europe__Madrid),
    ("st_petersburg", Tz::Europe__Moscow),
    ("sweden", Tz::Europe__Stockholm),
    ("switzerland", Tz::Europe__Zurich),
    ("uk", Tz::Europe__London),
    ("ukraine", Tz::Europe__Kyiv),
    ("washington", Tz::America__New_York),
    ("wellington", Tz::Pacific__Auckland),
];

/// `Etc/GMT+2` and its like: their signs are the reverse of what people mean, so they need their full name.
fn is_offset(name: &str) -> bool {
    name.starts_with("Etc/")
}

fn normalise(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

fn city(name: &str) -> String {
    normalise(name.rsplit('/').next().unwrap_or(name))
}

fn hint(suggestions: &[&str]) -> String {
    match suggestions {
        [] => "; take a place, such as Europe/Berlin".to_owned(),
        _ => format!("; did you mean {}?", suggestions.join(" or ")),
    }
}

/// Names within a few typing errors, the nearest first.
fn near_misses(wanted: &str) -> Vec<&'static str> {
    let looks_like_offset = wanted.contains(|c: char| c.is_ascii_digit());
    if looks_like_offset || wanted.chars().count() > LONGEST_NAME {
        return Vec::new();
    }
    let most_errors = (wanted.chars().count() / 4).clamp(1, 3);
    let mut near: Vec<(usize, &'static str)> = TZ_VARIANTS
        .iter()
        .map(|zone| {
            let whole = edit_distance(wanted, &normalise(zone.name()));
            let by_city = edit_distance(wanted, &city(zone.name()));
            (whole.min(by_city), zone.name())
        })
        .filter(|(errors, _)| *errors <= most_errors)
        .collect();
    near.sort_unstable();
    near.into_iter()
        .map(|(_, name)| name)
        .take(MOST_SUGGESTIONS)
        .collect()
}

/// Levenshtein's distance: insertions, deletions and replacements from one text to the other.
fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}
