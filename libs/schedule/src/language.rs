//! The languages in which schedules and instants are put into words.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};

/// A language that schedules are described in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English; also what other languages fall back to.
    #[default]
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
}

impl Language {
    /// Of a tag such as `en`, `de-AT`. What is unknown is English.
    pub fn of(tag: &str) -> Self {
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "de" => Self::German,
            "es" => Self::Spanish,
            "ru" => Self::Russian,
            _ => Self::English,
        }
    }

    /// One of the same words in each language: English, German, Spanish, Russian.
    pub fn pick<T>(self, [english, german, spanish, russian]: [T; 4]) -> T {
        match self {
            Self::English => english,
            Self::German => german,
            Self::Spanish => spanish,
            Self::Russian => russian,
        }
    }

    /// A date with its weekday: `Fri 20 Nov 2026`, `Fr 20. Nov 2026`, `vie 20 nov 2026`, `пт 20 ноя 2026`.
    pub fn date(self, date: NaiveDate) -> String {
        format!("{} {}", self.day(date), date.year())
    }

    /// The same without the year.
    pub fn day(self, date: NaiveDate) -> String {
        let number = date.day();
        let dot = if self == Self::German { "." } else { "" };
        let month = from(
            &self.pick([
                [
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
                ],
                [
                    "Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez",
                ],
                [
                    "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
                ],
                [
                    "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
                ],
            ]),
            date.month0(),
        );
        let weekday = from(
            &self.pick([
                ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
                ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
                ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
            ]),
            date.weekday().num_days_from_monday(),
        );
        format!("{weekday} {number}{dot} {month}")
    }

    /// A wall-clock time with its date: `Tue 24 Nov 2026, 09:00`. Seconds are shown only when they are not zero.
    pub fn local(self, local: NaiveDateTime) -> String {
        let clock = if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
        format!("{}, {}", self.date(local.date()), local.format(clock))
    }

    /// `a`, `a and b`, `a, b and c`.
    pub fn list(self, items: &[String]) -> String {
        let and = self.pick(["and", "und", "y", "и"]);
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [head @ .., last] => format!("{} {and} {last}", head.join(", ")),
        }
    }

    /// A weekday's name, as it stands in a sentence.
    pub fn weekday(self, day: Weekday) -> &'static str {
        from(
            &self.pick([
                [
                    "Monday",
                    "Tuesday",
                    "Wednesday",
                    "Thursday",
                    "Friday",
                    "Saturday",
                    "Sunday",
                ],
                [
                    "Montag",
                    "Dienstag",
                    "Mittwoch",
                    "Donnerstag",
                    "Freitag",
                    "Samstag",
                    "Sonntag",
                ],
                [
                    "lunes",
                    "martes",
                    "miércoles",
                    "jueves",
                    "viernes",
                    "sábado",
                    "domingo",
                ],
                [
                    "понедельник",
                    "вторник",
                    "среду",
                    "четверг",
                    "пятницу",
                    "субботу",
                    "воскресенье",
                ],
            ]),
            day.num_days_from_monday(),
        )
    }

    /// A month's name, as it stands behind a day: `24 de diciembre`, `24 декабря`.
    pub(crate) fn month(self, month: u8) -> &'static str {
        from(
            &self.pick([
                [
                    "January",
                    "February",
                    "March",
                    "April",
                    "May",
                    "June",
                    "July",
                    "August",
                    "September",
                    "October",
                    "November",
                    "December",
                ],
                [
                    "Januar",
                    "Februar",
                    "März",
                    "April",
                    "Mai",
                    "Juni",
                    "Juli",
                    "August",
                    "September",
                    "Oktober",
                    "November",
                    "Dezember",
                ],
                [
                    "enero",
                    "febrero",
                    "marzo",
                    "abril",
                    "mayo",
                    "junio",
                    "julio",
                    "agosto",
                    "septiembre",
                    "octubre",
                    "noviembre",
                    "diciembre",
                ],
                [
                    "января",
                    "февраля",
                    "марта",
                    "апреля",
                    "мая",
                    "июня",
                    "июля",
                    "августа",
                    "сентября",
                    "октября",
                    "ноября",
                    "декабря",
                ],
            ]),
            u32::from(month).saturating_sub(1),
        )
    }

    /// `1 hour`, `2 Stunden`, `5 минут`.
    pub fn count(self, number: i64, unit: Unit) -> String {
        format!("{number} {}", self.unit(number, unit))
    }

    fn unit(self, number: i64, unit: Unit) -> &'static str {
        let forms: [&[&'static str]; 4] = match unit {
            Unit::Second => [
                &["second", "seconds"],
                &["Sekunde", "Sekunden"],
                &["segundo", "segundos"],
                &["секунда", "секунды", "секунд"],
            ],
            Unit::Minute => [
                &["minute", "minutes"],
                &["Minute", "Minuten"],
                &["minuto", "minutos"],
                &["минута", "минуты", "минут"],
            ],
            Unit::Hour => [
                &["hour", "hours"],
                &["Stunde", "Stunden"],
                &["hora", "horas"],
                &["час", "часа", "часов"],
            ],
            Unit::Day => [
                &["day", "days"],
                &["Tag", "Tage"],
                &["día", "días"],
                &["день", "дня", "дней"],
            ],
            Unit::Week => [
                &["week", "weeks"],
                &["Woche", "Wochen"],
                &["semana", "semanas"],
                &["неделя", "недели", "недель"],
            ],
            Unit::Month => [
                &["month", "months"],
                &["Monat", "Monate"],
                &["mes", "meses"],
                &["месяц", "месяца", "месяцев"],
            ],
            Unit::Year => [
                &["year", "years"],
                &["Jahr", "Jahre"],
                &["año", "años"],
                &["год", "года", "лет"],
            ],
        };
        let place = match self {
            Self::Russian => match (number % 100, number % 10) {
                (11..=14, _) => 2,
                (_, 1) => 0,
                (_, 2..=4) => 1,
                _ => 2,
            },
            _ => usize::from(number != 1),
        };
        self.pick(forms).get(place).copied().unwrap_or_default()
    }

    /// `every hour`, `alle 6 Stunden`, `cada 6 horas`, `каждые 6 часов`.
    pub fn every(self, number: i64, unit: Unit) -> String {
        if number == 1 {
            let forms = match unit {
                Unit::Second => ["every second", "jede Sekunde", "cada segundo", "каждую секунду"],
                Unit::Minute => ["every minute", "jede Minute", "cada minuto", "каждую минуту"],
                Unit::Hour => ["every hour", "jede Stunde", "cada hora", "каждый час"],
                Unit::Day => ["every day", "jeden Tag", "cada día", "каждый день"],
                Unit::Week => ["every week", "jede Woche", "cada semana", "каждую неделю"],
                Unit::Month => ["every month", "jeden Monat", "cada mes", "каждый месяц"],
                Unit::Year => ["every year", "jedes Jahr", "cada año", "каждый год"],
            };
            return self.pick(forms).to_owned();
        }
        let every = self.pick(["every", "alle", "cada", "каждые"]);
        format!("{every} {}", self.count(number, unit))
    }
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 1 second.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// A day of the calendar.
    Day,
    /// Seven of them.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

fn from(names: &[&'static str], place: u32) -> &'static str {
    usize::try_from(place)
        .ok()
        .and_then(|place| names.get(place))
        .copied()
        .unwrap_or_default()
}
