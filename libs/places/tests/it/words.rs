//! What people write when they are asked where they are.

use chrono::{DateTime, Utc};
use places::{MOST, search, sure};

fn summer() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn winter() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

#[test]
fn what_is_meant_without_a_doubt() {
    for (words, zone) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("america/argentina/buenos aires", "America/Argentina/Buenos_Aires"),
        ("berlin", "Europe/Berlin"),
        ("  BERLIN ", "Europe/Berlin"),
        ("Берлин", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("munich", "Europe/Berlin"),
        ("Muenchen", "Europe/Berlin"),
        ("Leipzig", "Europe/Berlin"),
        ("Köln", "Europe/Berlin"),
        ("cologne", "Europe/Berlin"),
        ("Москва", "Europe/Moscow"),
        ("Екатеринбург", "Asia/Yekaterinburg"),
        ("London", "Europe/London"),
        ("london, canada", "America/Toronto"),
        ("Paris", "Europe/Paris"),
        ("New York", "America/New_York"),
        ("San Francisco", "America/Los_Angeles"),
        ("Portland, Oregon", "America/Los_Angeles"),
        ("São Paulo", "America/Sao_Paulo"),
        ("sao paulo", "America/Sao_Paulo"),
        ("Mumbai", "Asia/Kolkata"),
        ("Bombay", "Asia/Kolkata"),
        ("Tokyo", "Asia/Tokyo"),
        ("Shenzhen", "Asia/Shanghai"),
        ("Germany", "Europe/Berlin"),
        ("Deutschland", "Europe/Berlin"),
        ("Германия", "Europe/Berlin"),
        ("Japan", "Asia/Tokyo"),
        ("India", "Asia/Kolkata"),
        ("UK", "Europe/London"),
        ("at", "Europe/Vienna"),
        ("California", "America/Los_Angeles"),
        ("UTC", "Etc/UTC"),
        ("MSK", "Europe/Moscow"),
        ("JST", "Asia/Tokyo"),
    ] {
        let found = search(words, winter());
        assert_eq!(
            sure(&found).map(|place| place.zone.name()),
            Some(zone),
            "{words}: {found:?}"
        );
    }
}

#[test]
fn what_may_be_several_is_offered() {
    for (words, first, among) in [
        ("USA", "America/New_York", "America/Chicago"),
        ("Russia", "Europe/Moscow", "Asia/Vladivostok"),
        ("Россия", "Europe/Moscow", "Asia/Yekaterinburg"),
        ("Spain", "Europe/Madrid", "Atlantic/Canary"),
        ("CET", "Europe/Berlin", "Europe/Paris"),
        ("EST", "America/New_York", "America/Toronto"),
        ("IST", "Asia/Kolkata", "Europe/Dublin"),
        ("San Jose", "America/Los_Angeles", "America/Costa_Rica"),
        ("berl", "Europe/Berlin", "Europe/Berlin"),
        ("Berlim", "Europe/Berlin", "Europe/Berlin"),
        ("Hambrug", "Europe/Berlin", "Europe/Berlin"),
        ("San Fransisco", "America/Los_Angeles", "America/Los_Angeles"),
    ] {
        let found = search(words, winter());
        let zones: Vec<_> = found.iter().map(|place| place.zone.name()).collect();
        assert_eq!(zones.first(), Some(&first), "{words}: {found:?}");
        assert!(zones.contains(&among), "{words}: {found:?}");
        assert!(zones.len() <= MOST, "{words}");
    }
}

#[test]
fn an_offset_is_what_clocks_show_now() {
    let zones = |words: &str, now| -> Vec<&str> {
        search(words, now).iter().map(|place| place.zone.name()).collect()
    };
    assert!(zones("UTC+2", summer()).contains(&"Europe/Berlin"));
    assert!(!zones("UTC+2", winter()).contains(&"Europe/Berlin"));
    assert!(
        zones("+1", winter())
            .iter()
            .any(|zone| zone.starts_with("Europe/"))
    );
    assert_eq!(zones("UTC+05:30", winter()), zones("gmt +5:30", winter()));
    assert_eq!(zones("+0530", winter())[0], "Asia/Kolkata");
    assert!(
        zones("-5", winter()).contains(&"America/New_York")
            || zones("-5", winter()).contains(&"America/Bogota")
    );
    // No offset says where somebody is.
    assert_eq!(sure(&search("UTC+2", summer())), None);
}

#[test]
fn nonsense_finds_nothing() {
    for words in [
        "",
        " ",
        "/",
        ",",
        "x",
        "+",
        "+99",
        "UTC+25",
        "+1:7",
        "zzzzzz",
        "🌍",
        "-",
        "+é",
        "utc+",
        "a city that is nowhere at all in this whole wide world and has far too long a name to be one of them",
    ] {
        assert_eq!(search(words, winter()), [], "{words}");
    }
    assert_eq!(search(&"berlin".repeat(100_000), winter()), []);
}

#[test]
fn places_are_called_by_names_that_tell_them_apart() {
    let names = |words| -> Vec<String> {
        search(words, winter())
            .into_iter()
            .map(|place| format!("{} {}", place.name, place.zone))
            .collect()
    };
    insta::assert_debug_snapshot!([names("London"), names("Spain"), names("Singapore")], @r#"
    [
        [
            "London, United Kingdom Europe/London",
            "London, Canada America/Toronto",
        ],
        [
            "Madrid, Spain Europe/Madrid",
            "Canary, Spain Atlantic/Canary",
            "Ceuta, Spain Africa/Ceuta",
        ],
        [
            "Singapore Asia/Singapore",
        ],
    ]
    "#);
}
