//! Codes and figures as words. Pure.

use texts::{Language, Text};

/// What a WMO code means (WMO 4677, as Open-Meteo documents it).
pub(super) fn sky(language: Language, code: Option<f64>) -> String {
    // Codes are whole numbers below 100; what is not has no word.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    let code = code
        .filter(|code| (0.0..100.0).contains(code))
        .map_or(100, |code| code as u32);
    language.say(&Text::WeatherSky { code })
}

/// How strong the wind is, and where it comes from.
pub(super) fn wind(language: Language, speed: &str, degrees: Option<f64>) -> String {
    let Some(degrees) = degrees else {
        return speed.to_owned();
    };
    language.say(&Text::WindFrom {
        speed,
        direction: eighth(degrees),
    })
}

/// The eighth of the compass: 0 is north, 2 is east.
fn eighth(degrees: f64) -> u32 {
    let turn = degrees.rem_euclid(360.0);
    (0..8_u32)
        .find(|eighth| (turn - f64::from(*eighth) * 45.0).abs() <= 22.5)
        .unwrap_or(0)
}

/// A figure with its unit: whole, but for small amounts. `None` when it is not known.
pub(super) fn figure(language: Language, value: Option<f64>, unit: Option<&String>) -> Option<String> {
    let value = value.filter(|value| value.is_finite())?;
    let unit = match unit.map(String::as_str) {
        Some("mp/h") => "mph",
        Some("inch") => "in",
        Some(unit) => unit,
        None => "",
    };
    let text = match unit {
        "mm" => format!("{value:.1}"),
        "in" => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    };
    let text = if text == "-0" { "0".to_owned() } else { text };
    let text = match language {
        Language::English => text,
        Language::German | Language::Spanish | Language::Russian => text.replace('.', ","),
    };
    Some(format!("{text} {unit}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn winds_come_from_eight_directions() {
        let rows = [
            (0.0, "north"),
            (22.0, "north"),
            (23.0, "northeast"),
            (180.0, "south"),
            (350.0, "north"),
            (290.0, "west"),
            (-90.0, "west"),
        ];
        for (degrees, name) in rows {
            let said = wind(Language::English, "3 km/h", Some(degrees));
            assert_eq!(said, format!("3 km/h from the {name}"), "{degrees}");
        }
        assert_eq!(
            wind(Language::German, "3 km/h", Some(135.0)),
            "3 km/h aus Südosten"
        );
        assert_eq!(wind(Language::Spanish, "3 km/h", Some(270.0)), "3 km/h del oeste");
        assert_eq!(wind(Language::Russian, "3 км/ч", Some(90.0)), "3 км/ч с востока");
    }

    #[test]
    fn figures_have_units_people_read() {
        let rows = [
            (-0.3, "°C", "0 °C"),
            (7.6, "°C", "8 °C"),
            (9.96, "mp/h", "10 mph"),
            (0.254, "inch", "0.25 in"),
            (6.25, "mm", "6.2 mm"),
        ];
        for (value, unit, text) in rows {
            assert_eq!(
                figure(Language::English, Some(value), Some(&unit.to_owned())).as_deref(),
                Some(text)
            );
        }
        assert_eq!(figure(Language::English, None, None), None);
        assert_eq!(
            figure(Language::German, Some(6.2), Some(&"mm".to_owned())).as_deref(),
            Some("6,2 mm")
        );
        assert_eq!(sky(Language::English, Some(63.0)), "moderate rain");
        assert_eq!(sky(Language::German, Some(63.0)), "mäßiger Regen");
        assert_eq!(sky(Language::English, Some(1000.0)), "unknown sky");
    }
}
