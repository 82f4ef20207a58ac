//! Places to choose from, by language alone.

use places::guesses;

#[test]
fn a_language_suggests_the_places_where_it_is_spoken() {
    for (locale, names) in [
        ("de", &["Berlin", "Vienna", "Zürich", "Büsingen"][..]),
        ("de-AT", &["Vienna"]),
        ("en", &["London", "New York", "Chicago", "Los Angeles"]),
        ("en-US", &["New York", "Chicago", "Los Angeles", "Phoenix"]),
        ("pt-BR", &["São Paulo"]),
        ("zh-hans-cn", &["Shanghai"]),
        ("tlh", &[]),
        ("", &[]),
    ] {
        let found: Vec<_> = guesses(locale).into_iter().map(|place| place.name).collect();
        assert!(
            found.starts_with(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()),
            "{locale}: {found:?}"
        );
        assert!(found.len() <= 4);
    }
}
