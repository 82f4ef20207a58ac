//! Where somebody may be, by their language alone: a few places to choose from.

use chrono_tz::Tz;

use crate::{search::Place, table::regions};

/// How many places are offered at most.
const MOST: usize = 4;

/// Countries where a language is spoken, those with the most people who may use this first.
const LANGUAGES: [(&str, &[&str]); 22] = [
    ("ar", &["EG", "SA", "AE", "MA"]),
    ("cs", &["CZ"]),
    ("de", &["DE", "AT", "CH"]),
    ("en", &["GB", "US"]),
    ("es", &["ES", "MX", "CO", "AR"]),
    ("fa", &["IR"]),
    ("fr", &["FR", "BE", "CA", "CH"]),
    ("he", &["IL"]),
    ("hi", &["IN"]),
    ("id", &["ID"]),
    ("it", &["IT"]),
    ("ja", &["JP"]),
    ("ko", &["KR"]),
    ("nl", &["NL", "BE"]),
    ("pl", &["PL"]),
    ("pt", &["BR", "PT"]),
    ("ru", &["RU", "KZ", "BY"]),
    ("sv", &["SE"]),
    ("tr", &["TR"]),
    ("uk", &["UA"]),
    ("uz", &["UZ"]),
    ("zh", &["CN", "TW", "HK", "SG"]),
];

/// The likeliest zones of a language tag (`de`, `en-US`); none for a language that is not known here.
pub fn guesses(locale: &str) -> Vec<Place> {
    let mut subtags = locale.split(['-', '_']);
    let language = subtags.next().unwrap_or_default().to_ascii_lowercase();
    let own = subtags
        .find(|subtag| subtag.len() == 2)
        .map(str::to_ascii_uppercase);
    let spoken = LANGUAGES.iter().find(|(tag, _)| *tag == language);
    let spoken = spoken.map(|(_, countries)| *countries).unwrap_or_default();
    let countries: Vec<&str> = match &own {
        Some(country) => vec![country],
        None => spoken.to_vec(),
    };
    // Of one country, its zones; of several, the largest of each, and then what room there is for the last.
    let zones = |country: &str| -> Vec<Tz> {
        let region = regions().find(|region| region.code == country);
        region
            .map(|region| region.zones().map(|(zone, _)| zone).take(MOST).collect())
            .unwrap_or_default()
    };
    let mut found: Vec<Tz> = Vec::new();
    let largest = countries
        .iter()
        .filter_map(|country| zones(country).first().copied());
    let others = countries.iter().rev().flat_map(|country| zones(country));
    for zone in largest.chain(others.take(MOST)) {
        if !found.contains(&zone) {
            found.push(zone);
        }
    }
    found.truncate(MOST);
    found.into_iter().map(crate::search::of_zone_by_city).collect()
}
