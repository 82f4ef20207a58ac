//! Search: the words of a person to the zones that they may mean.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    fold::{fold, within},
    offset,
    table::{City, Region, cities, country_name, names, regions},
};

/// How many places are found at most.
pub const MOST: usize = 8;

/// A city this many times as large as the next of its name is the one that is meant.
const LARGER: u32 = 20;

/// Longer words are no place, in characters.
const LONGEST: usize = 80;

/// A place that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its zone.
    pub zone: Tz,
    /// What to call it: `Berlin, Germany`.
    pub name: String,
    /// How many people live there, in thousands; 0 where it is not known.
    people: u32,
    /// Whether the words are its name, rather than nearly so.
    exact: bool,
}

/// Abbreviations that are zones of one place, or of several; the database's own `EST` and `MST` know no summer time,
/// so nobody means them.
const ABBREVIATIONS: [(&str, &[Tz]); 22] = [
    ("utc", &[Tz::Etc__UTC]),
    ("z", &[Tz::Etc__UTC]),
    (
        "gmt",
        &[
            Tz::Europe__London,
            Tz::Africa__Accra,
            Tz::Atlantic__Reykjavik,
            Tz::Etc__UTC,
        ],
    ),
    ("wet", &[Tz::Europe__Lisbon, Tz::Atlantic__Canary]),
    ("bst", &[Tz::Europe__London]),
    ("cet", CENTRAL_EUROPE),
    ("cest", CENTRAL_EUROPE),
    ("eet", EASTERN_EUROPE),
    ("eest", EASTERN_EUROPE),
    ("msk", &[Tz::Europe__Moscow]),
    (
        "ist",
        &[Tz::Asia__Kolkata, Tz::Asia__Jerusalem, Tz::Europe__Dublin],
    ),
    ("jst", &[Tz::Asia__Tokyo]),
    ("kst", &[Tz::Asia__Seoul]),
    ("est", &[Tz::America__New_York, Tz::America__Toronto]),
    ("edt", &[Tz::America__New_York, Tz::America__Toronto]),
    (
        "cst",
        &[Tz::America__Chicago, Tz::America__Mexico_City, Tz::Asia__Shanghai],
    ),
    ("cdt", &[Tz::America__Chicago]),
    ("mst", &[Tz::America__Denver, Tz::America__Phoenix]),
    ("mdt", &[Tz::America__Denver]),
    ("pst", &[Tz::America__Los_Angeles, Tz::America__Vancouver]),
    ("pdt", &[Tz::America__Los_Angeles, Tz::America__Vancouver]),
    (
        "aest",
        &[
            Tz::Australia__Sydney,
            Tz::Australia__Brisbane,
            Tz::Australia__Melbourne,
        ],
    ),
];

const CENTRAL_EUROPE: &[Tz] = &[
    Tz::Europe__Berlin,
    Tz::Europe__Paris,
    Tz::Europe__Madrid,
    Tz::Europe__Rome,
    Tz::Europe__Warsaw,
    Tz::Europe__Vienna,
    Tz::Europe__Zurich,
    Tz::Europe__Amsterdam,
];

const EASTERN_EUROPE: &[Tz] = &[
    Tz::Europe__Kyiv,
    Tz::Europe__Athens,
    Tz::Europe__Bucharest,
    Tz::Europe__Helsinki,
    Tz::Europe__Sofia,
    Tz::Africa__Cairo,
];

/// The places that somebody may mean, the likeliest first, each zone and country once: by city, country, state,
/// offset (`UTC+2`, as clocks stand at `now`), abbreviation or IANA name.
pub fn search(words: &str, now: DateTime<Utc>) -> Vec<Place> {
    if words.chars().count() > LONGEST {
        return Vec::new();
    }
    let found = by_abbreviation(words)
        .or_else(|| by_zone_name(words))
        .or_else(|| by_offset(words, now))
        .or_else(|| by_name(words, &|folded, name| fold(name) == folded, true))
        .or_else(|| {
            by_name(
                words,
                &|folded, name| folded.chars().count() >= 3 && fold(name).starts_with(folded),
                false,
            )
        })
        .or_else(|| by_name(words, &is_nearly, false));
    let mut found = found.unwrap_or_default();
    found.truncate(MOST);
    found
}

/// Whether the words are the name of a place, and not only nearly so: of a city, a region or a zone.
pub fn is_name(words: &str) -> bool {
    let folded = fold(words.split(',').next().unwrap_or_default());
    let is_it = |name: &str| fold(name) == folded;
    words.chars().count() <= LONGEST
        && folded.chars().count() > 2
        && (by_zone_name(words).is_some()
            || regions().any(|region| names(region.names).any(is_it))
            || cities().any(|city| names(city.names).any(is_it)))
}

/// The one place that is meant without a doubt: the only one, or the one that is far larger than the others.
pub fn sure(found: &[Place]) -> Option<&Place> {
    match found {
        [only] if only.exact => Some(only),
        [first, second, ..] if first.exact && first.people / LARGER >= second.people.max(1) => Some(first),
        _ => None,
    }
}

fn by_abbreviation(words: &str) -> Option<Vec<Place>> {
    let word = words.trim().to_ascii_lowercase();
    let (_, zones) = ABBREVIATIONS
        .iter()
        .find(|(abbreviation, _)| *abbreviation == word)?;
    Some(zones.iter().map(|zone| of_zone(*zone)).collect())
}

fn by_zone_name(words: &str) -> Option<Vec<Place>> {
    let wanted = words.trim().replace(' ', "_");
    // Single words such as "Japan" or "Turkey" are better known as countries, and "EST" as an abbreviation.
    let is_name = |zone: &&Tz| zone.name().contains('/') && zone.name().eq_ignore_ascii_case(&wanted);
    let zone = chrono_tz::TZ_VARIANTS.iter().find(is_name)?;
    Some(vec![of_zone(*zone)])
}

fn by_offset(words: &str, now: DateTime<Utc>) -> Option<Vec<Place>> {
    let offset = offset::read(words)?;
    let mut found: Vec<City> = Vec::new();
    for city in cities().filter(|city| offset::holds(city.zone, offset, now)) {
        match found.iter_mut().find(|known| known.zone == city.zone) {
            Some(known) if known.people < city.people => *known = city,
            Some(_) => {}
            None => found.push(city),
        }
    }
    found.sort_by_key(|city| std::cmp::Reverse(city.people));
    let found: Vec<_> = found.into_iter().map(|city| of_city(city, false)).collect();
    (!found.is_empty()).then_some(found)
}

/// Whether a name has this (folded) form.
type Fits<'f> = &'f dyn Fn(&str, &str) -> bool;

fn by_name(words: &str, fits: Fits<'_>, exact: bool) -> Option<Vec<Place>> {
    // "Portland, Oregon": the second part says which.
    let (words, within) = match words.split_once(',') {
        Some((words, within)) => (words, fold(within)),
        None => (words, String::new()),
    };
    let folded = fold(words);
    if folded.is_empty() {
        return None;
    }
    let mut found: Vec<Place> = Vec::new();
    let mut add = |place: Place| match found.iter_mut().find(|known| known.zone == place.zone) {
        Some(known) if known.people < place.people => *known = place,
        Some(_) => {}
        None => found.push(place),
    };
    let is_within = |city: &City| {
        within.is_empty()
            || regions().any(|region| {
                let is_its_own = match region.code.split_once('-') {
                    None => region.code == city.country,
                    Some((country, _)) => {
                        country == city.country && region.zones().any(|(zone, _)| zone == city.zone)
                    }
                };
                is_its_own
                    && (region.code.eq_ignore_ascii_case(&within)
                        || names(region.names).any(|name| fold(name) == within))
            })
    };
    let is_code = |region: &Region| exact && folded.len() == 2 && region.code.eq_ignore_ascii_case(&folded);
    for region in regions().filter(|region| {
        within.is_empty() && (is_code(region) || names(region.names).any(|name| fits(&folded, name)))
    }) {
        for (zone, people) in region.zones() {
            let only = region.zones().nth(1).is_none();
            add(Place {
                zone,
                name: if only {
                    region.name().to_owned()
                } else {
                    format!("{}, {}", city_of(zone), region.name())
                },
                people,
                exact,
            });
        }
    }
    for city in cities().filter(|city| names(city.names).any(|name| fits(&folded, name)) && is_within(city)) {
        add(of_city(city, exact));
    }
    found.sort_by_key(|place| std::cmp::Reverse(place.people));
    (!found.is_empty()).then_some(found)
}

/// Whether two names are one typing error apart, or two where they are long.
fn is_nearly(folded: &str, name: &str) -> bool {
    let length = folded.chars().count();
    let most = match length {
        0..=3 => return false,
        4..=5 => 1,
        _ => 2,
    };
    // Folding is what takes the time.
    if name.chars().count().abs_diff(length) > most + 1 {
        return false;
    }
    within(folded, &fold(name), most).is_some()
}

fn of_city(city: City, exact: bool) -> Place {
    let country = country_name(city.country);
    Place {
        zone: city.zone,
        name: if country == city.name() {
            country.to_owned()
        } else {
            format!("{}, {country}", city.name())
        },
        people: city.people,
        exact,
    }
}

fn of_zone(zone: Tz) -> Place {
    Place {
        zone,
        name: match zone {
            Tz::Etc__UTC => "UTC".to_owned(),
            zone => zone.name().to_owned(),
        },
        people: 0,
        exact: true,
    }
}

/// A zone by the place that it is named after.
pub(crate) fn of_zone_by_city(zone: Tz) -> Place {
    Place {
        name: city_of(zone),
        ..of_zone(zone)
    }
}

/// The place that a zone is named after, as its people write it: "Büsingen", "São Paulo".
fn city_of(zone: Tz) -> String {
    let name = zone
        .name()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .replace('_', " ");
    let folded = fold(&name);
    let city = cities().find(|city| city.zone == zone && fold(city.name()) == folded);
    city.map_or(name, |city| city.name().to_owned())
}
