//! The tables of cities and regions, line by line.

use chrono_tz::Tz;

/// Cities by zone and country.
const CITIES: &str = include_str!("../data/cities.tsv");

/// Countries and states with their zones.
const REGIONS: &str = include_str!("../data/regions.tsv");

/// A city.
#[derive(Clone, Copy, Debug)]
pub(crate) struct City {
    /// Its zone.
    pub(crate) zone: Tz,
    /// Its country, by ISO 3166-1.
    pub(crate) country: &'static str,
    /// Its names, the one to show first.
    pub(crate) names: &'static str,
    /// How many people live there, in thousands.
    pub(crate) people: u32,
}

/// A country, or a state of the United States.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    /// ISO 3166: `DE`, `US-TX`.
    pub(crate) code: &'static str,
    /// Its names, the one to show first.
    pub(crate) names: &'static str,
    zones: &'static str,
}

impl City {
    /// The name to show.
    pub(crate) fn name(&self) -> &'static str {
        first(self.names)
    }
}

impl Region {
    /// The name to show.
    pub(crate) fn name(&self) -> &'static str {
        first(self.names)
    }

    /// Its zones and how many thousands live there, the most first; what this build does not know is left out.
    pub(crate) fn zones(&self) -> impl Iterator<Item = (Tz, u32)> + use<> {
        self.zones.split(',').filter_map(|zone| {
            let (name, people) = zone.rsplit_once(' ')?;
            Some((name.parse().ok()?, people.parse().ok()?))
        })
    }
}

/// All names in a field.
pub(crate) fn names(field: &'static str) -> impl Iterator<Item = &'static str> {
    field.split('|')
}

fn first(field: &'static str) -> &'static str {
    names(field).next().unwrap_or_default()
}

/// All cities; those of one zone and country from the largest down.
pub(crate) fn cities() -> impl Iterator<Item = City> {
    CITIES.lines().flat_map(|line| {
        let mut fields = line.split('\t');
        let (zone, country, cities) = (fields.next(), fields.next(), fields.next());
        let zone: Option<Tz> = zone.and_then(|name| name.parse().ok());
        let known = zone.zip(country).zip(cities);
        known.into_iter().flat_map(|((zone, country), cities)| {
            cities.split(';').filter_map(move |city| {
                let (names, people) = city.rsplit_once(' ')?;
                Some(City {
                    zone,
                    country,
                    names,
                    people: people.parse().ok()?,
                })
            })
        })
    })
}

/// All regions.
pub(crate) fn regions() -> impl Iterator<Item = Region> {
    REGIONS.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some(Region {
            code: fields.next()?,
            names: fields.next()?,
            zones: fields.next()?,
        })
    })
}

/// What a country is called.
pub(crate) fn country_name(code: &str) -> &'static str {
    regions()
        .find(|region| region.code == code)
        .map_or("", |region| region.name())
}
