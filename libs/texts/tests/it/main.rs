//! Every language has every text, with all that stands in it, and nothing that nobody says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use texts::{Language, Text, duration, full, spoken};

/// The texts as a file has them, each with the names of what stands in it.
fn written(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in language.source().lines() {
        if let Some((id, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '#'])) {
            assert!(!all.contains_key(id), "{id} is there twice in {language:?}");
            current = id.to_owned();
            all.insert(current.clone(), BTreeSet::new());
        }
        if line.starts_with('#') {
            continue;
        }
        for variable in line.split('$').skip(1) {
            let name: String = variable
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            all.get_mut(&current).unwrap().insert(name);
        }
    }
    all
}

#[test]
fn no_language_lacks_a_text_or_has_one_that_nobody_says() {
    for language in Language::ALL {
        let mut written = written(language);
        for [text, ..] in Text::samples() {
            let fields: BTreeSet<String> = text.fields().iter().map(|field| (*field).to_owned()).collect();
            let has = written.remove(text.id());
            assert_eq!(has, Some(fields), "{} in {language:?}", text.id());
        }
        assert!(written.is_empty(), "nobody says {written:?} in {language:?}");
    }
}

/// The sources of everything that speaks.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("catalogue.rs")
        {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_text_is_said_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut said = String::new();
    for folder in ["assistant/src", "tg_bot/src", "libs/texts/src"] {
        sources(&root.join(folder), &mut said);
    }
    let words: BTreeSet<&str> = said
        .split("Text::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap())
        .collect();
    for [text, ..] in Text::samples() {
        let shown = format!("{text:?}");
        let variant = shown.split(' ').next().unwrap();
        assert!(words.contains(variant), "nobody says {variant}");
    }
}

#[test]
fn every_text_can_be_said_with_any_number() {
    for samples in Text::samples() {
        for text in samples {
            for language in Language::ALL {
                let words = language.try_say(&text);
                let words = words.unwrap_or_else(|| panic!("{} in {language:?}", text.id()));
                assert!(
                    !words.trim().is_empty() && !words.contains(['{', '}', '\u{2068}']),
                    "{words}"
                );
            }
        }
    }
}

/// A menu's words are cut at 256 characters by Telegram, a toast's at 200, and a button's by a phone.
#[test]
fn what_has_little_room_is_short() {
    for [text, ..] in Text::samples() {
        let most = match text.id() {
            id if id.starts_with("menu-") => 100,
            "undo" | "yes" | "no" | "approve" | "decline" | "done" | "erase" | "keep" => 24,
            id if id.starts_with("snooze-") && !id.contains("moved") && !id.contains("came") => 16,
            "not-your-button" | "spent-button" | "only-owner-decides" | "kept" | "erased" => 200,
            _ => continue,
        };
        for language in Language::ALL {
            let words = language.say(&text);
            assert!(words.chars().count() <= most, "{words}");
        }
    }
}

#[test]
fn a_locale_chooses_its_language() {
    for (locale, language) in [
        ("de", Language::German),
        ("de-AT", Language::German),
        ("es_MX", Language::Spanish),
        ("RU", Language::Russian),
        ("en-GB", Language::English),
        ("fr", Language::English),
        ("", Language::English),
    ] {
        assert_eq!(Language::of(locale), language, "{locale}");
    }
}

#[test]
fn times_and_numbers_are_said_as_people_say_them() {
    let now: DateTime<Utc> = "2026-11-24T11:00:00Z".parse().unwrap();
    let mut lines = Vec::new();
    for language in Language::ALL {
        let said = [
            TimeDelta::minutes(72),
            TimeDelta::days(1),
            TimeDelta::days(3),
            TimeDelta::days(30),
        ]
        .map(|later| spoken(language, now + later, now, Tz::Europe__Berlin));
        let spans = [45, 60, 7_500, 86_400, 21 * 86_400 + 3_600]
            .map(|seconds| duration(language, TimeDelta::seconds(seconds)));
        lines.push(format!(
            "{} | {} | {}",
            said.join(" | "),
            full(language, now, Tz::UTC),
            spans.join(" | ")
        ));
        let missed = [1, 2, 5, 21].map(|count| language.say(&Text::Missed { count }));
        lines.push(missed.join(" | "));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    today 13:12 | tomorrow 12:00 | Fri 12:00 | Thu 24 Dec 2026, 12:00 | Tue 24 Nov 2026, 11:00 | 45 seconds | 1 minute | 2 hours 5 minutes | 1 day | 21 days 1 hour
    (1 earlier one was missed while I was away) | (2 earlier ones were missed while I was away) | (5 earlier ones were missed while I was away) | (21 earlier ones were missed while I was away)
    heute 13:12 | morgen 12:00 | Fr. 12:00 | Do., 24. Dez. 2026, 12:00 | Di., 24. Nov. 2026, 11:00 | 45 Sekunden | 1 Minute | 2 Stunden 5 Minuten | 1 Tag | 21 Tage 1 Stunde
    (1 frühere ist ausgefallen, während ich weg war) | (2 frühere sind ausgefallen, während ich weg war) | (5 frühere sind ausgefallen, während ich weg war) | (21 frühere sind ausgefallen, während ich weg war)
    hoy 13:12 | mañana 12:00 | vie 12:00 | jue 24 dic 2026, 12:00 | mar 24 nov 2026, 11:00 | 45 segundos | 1 minuto | 2 horas 5 minutos | 1 día | 21 días 1 hora
    (1 anterior se perdió mientras no estaba) | (2 anteriores se perdieron mientras no estaba) | (5 anteriores se perdieron mientras no estaba) | (21 anteriores se perdieron mientras no estaba)
    сегодня 13:12 | завтра 12:00 | пт 12:00 | чт 24 дек. 2026, 12:00 | вт 24 нояб. 2026, 11:00 | 45 секунд | 1 минута | 2 часа 5 минут | 1 день | 21 день 1 час
    (пока меня не было, пропущено 1 напоминание) | (пока меня не было, пропущено 2 напоминания) | (пока меня не было, пропущено 5 напоминаний) | (пока меня не было, пропущено 21 напоминание)
    ");
}
