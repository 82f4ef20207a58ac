//! Reads sentences from standard input, one a line, and shows what each comes to: `read 2026-11-26T14:05 Europe/Berlin de`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is its whole purpose to print"
)]

use std::io::BufRead;

use chrono::{NaiveDateTime, TimeZone};
use when::{Context, Locale, parse};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [now, zone, locale] = arguments.as_slice() else {
        eprintln!("read NOW ZONE LOCALE");
        return;
    };
    let (Ok(now), Ok(zone)) = (
        NaiveDateTime::parse_from_str(now, "%Y-%m-%dT%H:%M"),
        zone.parse::<chrono_tz::Tz>(),
    ) else {
        eprintln!("read 2026-11-26T14:05 Europe/Berlin de");
        return;
    };
    let Some(now) = zone.from_local_datetime(&now).earliest() else {
        return;
    };
    let context = Context::new(now.to_utc(), zone, Locale::of(locale));
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let reading = parse(&line, &context);
        let shown = match (&reading.value, &reading.need) {
            (Some(value), _) => value.to_string(),
            (None, Some(need)) => format!("?{need}"),
            (None, None) => "-".to_owned(),
        };
        println!("{line}\t{}\t{shown}", reading.kept);
    }
}
