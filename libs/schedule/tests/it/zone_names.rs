//! Zones as people write them.

use chrono_tz::{TZ_VARIANTS, Tz};
use schedule::parse_zone;

#[test]
fn every_name_of_the_database_is_read_in_any_case() {
    for zone in TZ_VARIANTS {
        assert_eq!(parse_zone(zone.name()), Ok(zone));
        assert_eq!(parse_zone(&zone.name().to_uppercase()), Ok(zone));
    }
}

#[test]
fn cities_and_large_places_are_understood() {
    for (name, zone) in [
        ("europe/berlin", Tz::Europe__Berlin),
        (" America/new york ", Tz::America__New_York),
        ("Berlin", Tz::Europe__Berlin),
        ("new york", Tz::America__New_York),
        ("Lord Howe", Tz::Australia__Lord_Howe),
        ("Munich", Tz::Europe__Berlin),
        ("San Francisco", Tz::America__Los_Angeles),
        ("Japan", Tz::Japan),
        ("utc", Tz::UTC),
    ] {
        assert_eq!(parse_zone(name), Ok(zone), "{name}");
    }
}

#[test]
fn near_misses_are_asked_back() {
    for (name, meant) in [
        ("Europe/Berlim", "Europe/Berlin"),
        ("Pariss", "Europe/Paris"),
        ("Amercia/New_York", "America/New_York"),
        ("Ausralia/Sydney", "Australia/Sydney"),
    ] {
        assert_eq!(
            parse_zone(name).unwrap_err().suggestions.first(),
            Some(&meant),
            "{name}"
        );
    }
    insta::assert_snapshot!(parse_zone("Berlim").unwrap_err(), @r#""Berlim" is not a time zone; did you mean Europe/Berlin?"#);
}

#[test]
fn offsets_and_nonsense_are_refused_without_a_guess() {
    // POSIX turns the sign round: `Etc/GMT+2` is two hours behind. So nobody gets it by accident.
    for name in [
        "GMT+2",
        "UTC+2",
        "+02:00",
        "UTC-5",
        "",
        "/",
        "ü",
        "nowhere at all",
    ] {
        assert_eq!(parse_zone(name).unwrap_err().suggestions, [""; 0], "{name}");
    }
    insta::assert_snapshot!(parse_zone("UTC+2").unwrap_err(), @r#""UTC+2" is not a time zone; take a place, such as Europe/Berlin"#);
    assert!(parse_zone(&"x".repeat(1_000_000)).unwrap_err().name.len() <= 64);
}

#[test]
fn a_city_that_several_zones_share_is_asked_back() {
    let error = parse_zone("Eastern").unwrap_err();
    assert!(error.suggestions.contains(&"US/Eastern"), "{error}");
}
