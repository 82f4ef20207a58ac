//! Codes and figures as words. Pure.

/// What a WMO code means (WMO 4677, as Open-Meteo documents it).
pub(super) fn sky(code: Option<f64>) -> &'static str {
    // Codes are whole numbers below 100; what is not has no word.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    let code = code
        .filter(|code| (0.0..100.0).contains(code))
        .map(|code| code as u8);
    match code {
        Some(0) => "clear sky",
        Some(1) => "mainly clear",
        Some(2) => "partly cloudy",
        Some(3) => "overcast",
        Some(45) => "fog",
        Some(48) => "depositing rime fog",
        Some(51) => "light drizzle",
        Some(53) => "moderate drizzle",
        Some(55) => "dense drizzle",
        Some(56) => "light freezing drizzle",
        Some(57) => "dense freezing drizzle",
        Some(61) => "light rain",
        Some(63) => "moderate rain",
        Some(65) => "heavy rain",
        Some(66) => "light freezing rain",
        Some(67) => "heavy freezing rain",
        Some(71) => "light snow",
        Some(73) => "moderate snow",
        Some(75) => "heavy snow",
        Some(77) => "snow grains",
        Some(80) => "light rain showers",
        Some(81) => "moderate rain showers",
        Some(82) => "violent rain showers",
        Some(85) => "light snow showers",
        Some(86) => "heavy snow showers",
        Some(95) => "thunderstorm",
        Some(96) => "thunderstorm with light hail",
        Some(99) => "thunderstorm with heavy hail",
        _ => "unknown sky",
    }
}

/// Where the wind comes from.
pub(super) fn from_where(degrees: f64) -> &'static str {
    const NAMES: [&str; 8] = [
        "north",
        "northeast",
        "east",
        "southeast",
        "south",
        "southwest",
        "west",
        "northwest",
    ];
    let turn = degrees.rem_euclid(360.0);
    (0..8_u8)
        .zip(NAMES)
        .find(|(eighth, _)| (turn - f64::from(*eighth) * 45.0).abs() <= 22.5)
        .map_or("north", |(_, name)| name)
}

/// A figure with its unit: whole, but for small amounts. `None` when it is not known.
pub(super) fn figure(value: Option<f64>, unit: Option<&String>) -> Option<String> {
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
    let text = if text == "-0" { "0" } else { &text };
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
            assert_eq!(from_where(degrees), name, "{degrees}");
        }
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
            assert_eq!(figure(Some(value), Some(&unit.to_owned())).as_deref(), Some(text));
        }
        assert_eq!(figure(None, None), None);
        assert_eq!(sky(Some(63.0)), "moderate rain");
        assert_eq!(sky(Some(1000.0)), "unknown sky");
    }
}
