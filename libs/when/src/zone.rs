//! Zones: wall clock to instants, zones of a fixed offset, and the zones of places by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// The instant at which the clocks of a zone show a time; in a gap moved forward by the gap's length, in a fold the
/// first, as docs/time.md promises.
pub(crate) fn local_to_utc(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let seconds = |offset: &chrono_tz::TzOffset| i64::from(offset.fix().local_minus_utc());
    let offset = match zone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) => seconds(&offset),
        LocalResult::Ambiguous(one, other) => seconds(&one).max(seconds(&other)),
        // In a gap the offset from before it moves the time forward by the gap's length.
        LocalResult::None => {
            let before = local.checked_sub_signed(TimeDelta::hours(24)).unwrap_or(local);
            zone.offset_from_local_datetime(&before)
                .earliest()
                .map_or(0, |offset| seconds(&offset))
        }
    };
    let utc = local
        .checked_sub_signed(TimeDelta::seconds(offset))
        .unwrap_or(local);
    utc.and_utc()
}

/// The zone that is always so far from UTC; IANA has whole hours, and some regions that keep others.
pub(crate) fn fixed(hours: i32, minutes: u32) -> Option<Tz> {
    if minutes == 0 {
        // The signs of `Etc/GMT+5` are the reverse of what people mean.
        return match hours {
            0 => Some(Tz::UTC),
            -12..=14 => format!("Etc/GMT{:+}", -hours).parse().ok(),
            _ => None,
        };
    }
    match (hours, minutes) {
        (5, 30) => Some(Tz::Asia__Kolkata),
        (5, 45) => Some(Tz::Asia__Kathmandu),
        (6, 30) => Some(Tz::Asia__Yangon),
        (3, 30) => Some(Tz::Asia__Tehran),
        (4, 30) => Some(Tz::Asia__Kabul),
        (9, 30) => Some(Tz::Australia__Darwin),
        _ => None,
    }
}

/// Places that IANA has no zone of that name for.
const PLACES: &[(&str, Tz)] = &[
    ("abu dhabi", Tz::Asia__Dubai),
    ("atlanta", Tz::America__New_York),
    ("austin", Tz::America__Chicago),
    ("bangalore", Tz::Asia__Kolkata),
    ("barcelona", Tz::Europe__Madrid),
    ("beijing", Tz::Asia__Shanghai),
    ("boston", Tz::America__New_York),
    ("california", Tz::America__Los_Angeles),
    ("cape town", Tz::Africa__Johannesburg),
    ("cologne", Tz::Europe__Berlin),
    ("dallas", Tz::America__Chicago),
    ("delhi", Tz::Asia__Kolkata),
    ("edinburgh", Tz::Europe__London),
    ("england", Tz::Europe__London),
    ("florida", Tz::America__New_York),
    ("france", Tz::Europe__Paris),
    ("frankfurt", Tz::Europe__Berlin),
    ("geneva", Tz::Europe__Zurich),
    ("germany", Tz::Europe__Berlin),
    ("glasgow", Tz::Europe__London),
    ("hamburg", Tz::Europe__Berlin),
    ("hanoi", Tz::Asia__Bangkok),
    ("houston", Tz::America__Chicago),
    ("india", Tz::Asia__Kolkata),
    ("israel", Tz::Asia__Jerusalem),
    ("italy", Tz::Europe__Rome),
    ("japan", Tz::Asia__Tokyo),
    ("las vegas", Tz::America__Los_Angeles),
    ("la", Tz::America__Los_Angeles),
    ("manchester", Tz::Europe__London),
    ("miami", Tz::America__New_York),
    ("milan", Tz::Europe__Rome),
    ("montreal", Tz::America__Toronto),
    ("mumbai", Tz::Asia__Kolkata),
    ("munich", Tz::Europe__Berlin),
    ("new delhi", Tz::Asia__Kolkata),
    ("ny", Tz::America__New_York),
    ("nyc", Tz::America__New_York),
    ("osaka", Tz::Asia__Tokyo),
    ("philadelphia", Tz::America__New_York),
    ("rio", Tz::America__Sao_Paulo),
    ("san diego", Tz::America__Los_Angeles),
    ("san francisco", Tz::America__Los_Angeles),
    ("seattle", Tz::America__Los_Angeles),
    ("sf", Tz::America__Los_Angeles),
    ("spain", Tz::Europe__Madrid),
    ("st petersburg", Tz::Europe__Moscow),
    ("switzerland", Tz::Europe__Zurich),
    ("texas", Tz::America__Chicago),
    ("uk", Tz::Europe__London),
    ("washington", Tz::America__New_York),
    ("wellington", Tz::Pacific__Auckland),
    // In the other languages that are read.
    ("athen", Tz::Europe__Athens),
    ("brüssel", Tz::Europe__Brussels),
    ("kopenhagen", Tz::Europe__Copenhagen),
    ("lissabon", Tz::Europe__Lisbon),
    ("mailand", Tz::Europe__Rome),
    ("moskau", Tz::Europe__Moscow),
    ("münchen", Tz::Europe__Berlin),
    ("peking", Tz::Asia__Shanghai),
    ("prag", Tz::Europe__Prague),
    ("rom", Tz::Europe__Rome),
    ("singapur", Tz::Asia__Singapore),
    ("tokio", Tz::Asia__Tokyo),
    ("warschau", Tz::Europe__Warsaw),
    ("wien", Tz::Europe__Vienna),
    ("zürich", Tz::Europe__Zurich),
    ("atenas", Tz::Europe__Athens),
    ("berlín", Tz::Europe__Berlin),
    ("bogotá", Tz::America__Bogota),
    ("ciudad de méxico", Tz::America__Mexico_City),
    ("estambul", Tz::Europe__Istanbul),
    ("lisboa", Tz::Europe__Lisbon),
    ("londres", Tz::Europe__London),
    ("los ángeles", Tz::America__Los_Angeles),
    ("méxico", Tz::America__Mexico_City),
    ("moscú", Tz::Europe__Moscow),
    ("nueva york", Tz::America__New_York),
    ("parís", Tz::Europe__Paris),
    ("pekín", Tz::Asia__Shanghai),
    ("roma", Tz::Europe__Rome),
    ("sídney", Tz::Australia__Sydney),
    ("viena", Tz::Europe__Vienna),
    ("argentina", Tz::America__Argentina__Buenos_Aires),
    ("chile", Tz::America__Santiago),
    ("colombia", Tz::America__Bogota),
    ("españa", Tz::Europe__Madrid),
    ("centro", Tz::America__Mexico_City),
    ("este", Tz::America__New_York),
    ("mexico", Tz::America__Mexico_City),
    ("pacífico", Tz::America__Los_Angeles),
    ("perú", Tz::America__Lima),
    ("portugal", Tz::Europe__Lisbon),
    ("venezuela", Tz::America__Caracas),
    ("canarias", Tz::Atlantic__Canary),
    ("москва", Tz::Europe__Moscow),
    ("московское", Tz::Europe__Moscow),
    ("лондонское", Tz::Europe__London),
];

static BY_PLACE: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
    let cities = TZ_VARIANTS
        .iter()
        .filter(|zone| zone.name().contains('/') && !zone.name().starts_with("Etc/"))
        .map(|zone| {
            let city = zone.name().rsplit('/').next().unwrap_or_default();
            (city.replace('_', " ").to_lowercase(), *zone)
        });
    let own = PLACES.iter().map(|(place, zone)| ((*place).to_owned(), *zone));
    cities.chain(own).collect()
});

/// The zone of a place: "London", "New York", or an IANA name.
pub(crate) fn of_place(name: &str) -> Option<Tz> {
    let name = name.trim().to_lowercase();
    let name = name
        .strip_suffix("'s")
        .or_else(|| name.strip_suffix("’s"))
        .unwrap_or(&name);
    BY_PLACE.get(name).copied()
}

/// The zone of "Londoner", "New Yorker", "Moskauer", "Zürcher" time.
pub(crate) fn of_german(name: &str) -> Option<Tz> {
    let name = name.to_lowercase();
    let own = match name.as_str() {
        "zürcher" => Some(Tz::Europe__Zurich),
        "römer" => Some(Tz::Europe__Rome),
        "tokioter" => Some(Tz::Asia__Tokyo),
        "pekinger" => Some(Tz::Asia__Shanghai),
        "münchner" => Some(Tz::Europe__Berlin),
        "istanbuler" => Some(Tz::Europe__Istanbul),
        _ => None,
    };
    own.or_else(|| of_place(name.strip_suffix("er")?))
}

/// The zone of Spanish "hora canaria", "hora peninsular".
pub(crate) fn of_spanish(adjective: &str) -> Option<Tz> {
    Some(match adjective.to_lowercase().as_str() {
        "canaria" => Tz::Atlantic__Canary,
        "peninsular" | "española" => Tz::Europe__Madrid,
        "mexicana" => Tz::America__Mexico_City,
        "argentina" => Tz::America__Argentina__Buenos_Aires,
        "chilena" => Tz::America__Santiago,
        "colombiana" => Tz::America__Bogota,
        "peruana" => Tz::America__Lima,
        "venezolana" => Tz::America__Caracas,
        "uruguaya" => Tz::America__Montevideo,
        "portuguesa" => Tz::Europe__Lisbon,
        "inglesa" | "británica" | "londinense" => Tz::Europe__London,
        "francesa" => Tz::Europe__Paris,
        "alemana" => Tz::Europe__Berlin,
        "italiana" => Tz::Europe__Rome,
        "japonesa" => Tz::Asia__Tokyo,
        "china" => Tz::Asia__Shanghai,
        "neoyorquina" => Tz::America__New_York,
        _ => return None,
    })
}

/// Cities by how their names, and the adjectives made of them, begin in Russian.
const RUSSIAN: &[(&str, Tz)] = &[
    ("москов", Tz::Europe__Moscow),
    ("москв", Tz::Europe__Moscow),
    ("лондон", Tz::Europe__London),
    ("гринвич", Tz::UTC),
    ("берлин", Tz::Europe__Berlin),
    ("париж", Tz::Europe__Paris),
    ("мадрид", Tz::Europe__Madrid),
    ("рим", Tz::Europe__Rome),
    ("вен", Tz::Europe__Vienna),
    ("праг", Tz::Europe__Prague),
    ("пражск", Tz::Europe__Prague),
    ("варшав", Tz::Europe__Warsaw),
    ("киев", Tz::Europe__Kyiv),
    ("минск", Tz::Europe__Minsk),
    ("стамбул", Tz::Europe__Istanbul),
    ("тбилис", Tz::Asia__Tbilisi),
    ("ереван", Tz::Asia__Yerevan),
    ("баку", Tz::Asia__Baku),
    ("бакинск", Tz::Asia__Baku),
    ("алмат", Tz::Asia__Almaty),
    ("ташкент", Tz::Asia__Tashkent),
    ("самар", Tz::Europe__Samara),
    ("екатеринбург", Tz::Asia__Yekaterinburg),
    ("омск", Tz::Asia__Omsk),
    ("новосибирск", Tz::Asia__Novosibirsk),
    ("красноярск", Tz::Asia__Krasnoyarsk),
    ("иркутск", Tz::Asia__Irkutsk),
    ("владивосток", Tz::Asia__Vladivostok),
    ("нью-йорк", Tz::America__New_York),
    ("нью йорк", Tz::America__New_York),
    ("токи", Tz::Asia__Tokyo),
    ("пекин", Tz::Asia__Shanghai),
    ("дуба", Tz::Asia__Dubai),
];

/// The zone of "лондонскому" time, or of a city in whatever case: "Лондону", "Москве".
pub(crate) fn of_russian(name: &str) -> Option<Tz> {
    let name = name.to_lowercase();
    RUSSIAN.iter().find_map(|(stem, zone)| {
        let ending = name.strip_prefix(stem)?;
        let fits = matches!(
            ending,
            "" | "у" | "е" | "и" | "ю" | "о" | "а" | "ы" | "я" | "ому" | "скому" | "йскому" | "ю-сити"
        );
        fits.then_some(*zone)
    })
}
