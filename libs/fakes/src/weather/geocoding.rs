//! `/v1/search`: places by name.

use super::places::{PLACES, Place};
use super::query::{Query, Refusal};
use serde_json::{Map, Value, json};

/// Every documented parameter.
pub(crate) const PARAMETERS: &[&str] = &["name", "count", "format", "language", "apikey", "countryCode"];

/// The answer's body.
pub(crate) fn search(query: &Query<'_>) -> Result<Value, Refusal> {
    let Some(name) = query.get("name") else {
        return Err(Refusal("Value required for key 'name'.".to_owned()));
    };
    let count = query.whole("count")?.unwrap_or(10);
    if !(1..=100).contains(&count) {
        return Err(Refusal("Parameter count must be between 1 and 100.".to_owned()));
    }
    query.word("format", "ProtobufSerializationFormat", &["json"])?;
    let language = query.get("language").unwrap_or("en");
    let country = query.get("countryCode");
    let found = PLACES
        .iter()
        .filter(|place| matches(place, name.trim()))
        .filter(|place| country.is_none_or(|code| code.eq_ignore_ascii_case(place.country_code)))
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .map(|place| result(place, language));
    let found: Vec<Value> = found.collect();
    // The real server leaves empty lists out.
    let mut body = Map::new();
    if !found.is_empty() {
        body.insert("results".to_owned(), found.into());
    }
    body.insert("generationtime_ms".to_owned(), json!(0.5));
    Ok(body.into())
}

/// One character finds nothing, two find whole names, more find beginnings.
fn matches(place: &Place, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    [place.name, place.german].iter().any(|name| {
        let name = name.to_lowercase();
        match wanted.chars().count() {
            0 | 1 => false,
            2 => name == wanted,
            _ => name.starts_with(&wanted),
        }
    })
}

fn result(place: &Place, language: &str) -> Value {
    let is_german = language == "de";
    json!({
        "id": place.id,
        "name": if is_german { place.german } else { place.name },
        "latitude": place.latitude,
        "longitude": place.longitude,
        "elevation": place.elevation,
        "feature_code": place.feature_code,
        "country_code": place.country_code,
        "admin1_id": place.id + 1,
        "timezone": place.timezone,
        "population": place.population,
        "country_id": place.id + 2,
        "country": if is_german { place.country_german } else { place.country },
        "admin1": place.admin1,
    })
}
