//! What zone a pin on the map is in.

use places::zone_at;

#[test]
fn a_pin_is_in_the_zone_of_its_country() {
    for (latitude, longitude, zone) in [
        (52.52, 13.405, "Europe/Berlin"),
        (48.137, 11.575, "Europe/Berlin"),
        (55.75, 37.61, "Europe/Moscow"),
        (40.71, -74.0, "America/New_York"),
        (27.71, 85.32, "Asia/Kathmandu"),
        (-33.87, 151.2, "Australia/Sydney"),
        (-31.55, 159.08, "Australia/Lord_Howe"),
        (28.1, -15.4, "Atlantic/Canary"),
        // Two sides of a border.
        (32.71, -117.16, "America/Los_Angeles"),
        (32.5, -117.0, "America/Tijuana"),
        // At sea.
        (0.0, -30.0, "Etc/GMT+2"),
        (90.0, 0.0, "Etc/GMT"),
    ] {
        assert_eq!(
            zone_at(latitude, longitude).map(chrono_tz::Tz::name),
            Some(zone),
            "{latitude} {longitude}"
        );
    }
}

#[test]
fn what_is_no_place_has_no_zone() {
    for (latitude, longitude) in [(91.0, 0.0), (0.0, 181.0), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        assert_eq!(zone_at(latitude, longitude), None, "{latitude} {longitude}");
    }
}

/// The borders may be of a newer edition than the rules.
#[test]
fn every_zone_of_the_map_is_one_that_schedules_know() {
    for name in tzf_rs::EmbeddedFinder::new().timezonenames() {
        assert!(schedule::parse_zone(name).is_ok(), "{name}");
    }
}
