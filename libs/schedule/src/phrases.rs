//! The parts of a rule in words, in each language: days of the week, of the month and of the year, and times.

use chrono::{NaiveTime, TimeDelta, Weekday};

use crate::{Language, language::Unit};

impl Language {
    /// ` at 09:00 and 17:30`; `, every 30 minutes from 09:00 to 17:00` where more than four times are evenly apart.
    pub(crate) fn at(self, times: &[NaiveTime]) -> String {
        let mut times = times.to_vec();
        times.sort_unstable();
        times.dedup();
        if let Some(window) = self.window(&times) {
            return window;
        }
        let times: Vec<String> = times
            .iter()
            .map(|time| time.format("%H:%M").to_string())
            .collect();
        let at = self.pick(["at", "um", "a las", "в"]);
        format!(" {at} {}", self.list(&times))
    }

    fn window(self, times: &[NaiveTime]) -> Option<String> {
        let [first, second, .., last] = times else {
            return None;
        };
        let step = *second - *first;
        let is_even = times
            .windows(2)
            .all(|pair| matches!(pair, [one, next] if *next - *one == step));
        if times.len() < 5 || !is_even || step <= TimeDelta::zero() {
            return None;
        }
        let minutes = step.num_minutes();
        let step = if minutes % 60 == 0 {
            self.every(minutes / 60, Unit::Hour)
        } else {
            self.every(minutes, Unit::Minute)
        };
        let (from, to) = self.pick([("from", "to"), ("von", "bis"), ("de", "a"), ("с", "до")]);
        Some(format!(
            ", {step} {from} {} {to} {}",
            first.format("%H:%M"),
            last.format("%H:%M")
        ))
    }

    /// `, from Tue 24 Nov 2026`.
    pub(crate) fn from(self, date: &str) -> String {
        format!(", {} {date}", self.pick(["from", "ab", "desde el", "с"]))
    }

    /// `, until Tue 24 Nov 2026`.
    pub(crate) fn until(self, when: &str) -> String {
        format!(", {} {when}", self.pick(["until", "bis", "hasta el", "до"]))
    }

    /// `every Monday and Friday`, `every weekday`, `every day`.
    pub(crate) fn each_weekday(self, days: &[Weekday]) -> String {
        match days {
            all if all.len() == 7 => self.every(1, Unit::Day),
            [
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ] => self
                .pick([
                    "every weekday",
                    "montags bis freitags",
                    "de lunes a viernes",
                    "по будням",
                ])
                .to_owned(),
            some => match self {
                Self::English => format!("every {}", self.weekdays(some)),
                Self::German => format!("jeden {}", self.weekdays(some)),
                Self::Spanish => format!("cada {}", self.weekdays(some)),
                Self::Russian => self.on_weekdays(some),
            },
        }
    }

    /// `Monday and Friday`.
    pub(crate) fn weekdays(self, days: &[Weekday]) -> String {
        let names: Vec<String> = days.iter().map(|day| self.weekday(*day).to_owned()).collect();
        self.list(&names)
    }

    /// `on Monday and Friday`.
    pub(crate) fn on_weekdays(self, days: &[Weekday]) -> String {
        match self {
            Self::English => format!("on {}", self.weekdays(days)),
            Self::German => format!("am {}", self.weekdays(days)),
            Self::Spanish => format!("el {}", self.weekdays(days)),
            Self::Russian => {
                let names: Vec<String> = days
                    .iter()
                    .map(|day| {
                        match day {
                            Weekday::Mon => "понедельникам",
                            Weekday::Tue => "вторникам",
                            Weekday::Wed => "средам",
                            Weekday::Thu => "четвергам",
                            Weekday::Fri => "пятницам",
                            Weekday::Sat => "субботам",
                            Weekday::Sun => "воскресеньям",
                        }
                        .to_owned()
                    })
                    .collect();
                format!("по {}", self.list(&names))
            }
        }
    }

    /// Puts `on` in front of days where the language does not say it with each of them.
    pub(crate) fn on(self, days: &str) -> String {
        match self {
            Self::English => format!("on {days}"),
            Self::German | Self::Spanish | Self::Russian => days.to_owned(),
        }
    }

    /// `of each month`.
    pub(crate) fn of_each_month(self) -> &'static str {
        self.pick(["of each month", "jedes Monats", "de cada mes", "каждого месяца"])
    }

    /// A day of the month, from its end where it is negative: `the 15th`, `the last day`, `the 2nd to last day`.
    pub(crate) fn month_day(self, day: i8) -> String {
        let number = u32::from(day.unsigned_abs());
        match (day, self) {
            (-1, _) => self
                .pick([
                    "the last day",
                    "am letzten Tag",
                    "el último día",
                    "в последний день",
                ])
                .to_owned(),
            (..0, Self::English) => format!("the {} to last day", ordinal(number)),
            (..0, Self::German) => format!("am {number}.-letzten Tag"),
            (..0, Self::Spanish) => format!("el día {number} contando desde el final"),
            (..0, Self::Russian) => format!("в {number}-й день с конца"),
            (_, Self::English) => format!("the {}", ordinal(number)),
            (_, Self::German) => format!("am {number}."),
            (_, Self::Spanish) => format!("el día {number}"),
            (_, Self::Russian) => format!("{number}-го числа"),
        }
    }

    /// `24 December`, with what stands before it.
    pub(crate) fn day_of_year(self, day: u8, month: u8) -> String {
        let month = self.month(month);
        match self {
            Self::English => format!("on {day} {month}"),
            Self::German => format!("am {day}. {month}"),
            Self::Spanish => format!("el {day} de {month}"),
            Self::Russian => format!("{day} {month}"),
        }
    }

    /// `the third Friday`, `am letzten Montag`, `в третью пятницу`.
    pub(crate) fn nth_weekday(self, place: i32, day: Weekday) -> String {
        let name = self.weekday(day);
        match self {
            Self::Russian => format!("{} {name}", russian_nth(place, day)),
            _ => format!("{} {name}", self.nth(place)),
        }
    }

    /// `the first`, `the last`, `the 7th`, before some days among which it is one.
    pub(crate) fn nth(self, place: i32) -> String {
        let number = place.unsigned_abs();
        let named = match place {
            1 => Some(["the first", "am ersten", "el primer", "в первый"]),
            2 => Some(["the second", "am zweiten", "el segundo", "во второй"]),
            3 => Some(["the third", "am dritten", "el tercer", "в третий"]),
            4 => Some(["the fourth", "am vierten", "el cuarto", "в четвёртый"]),
            5 => Some(["the fifth", "am fünften", "el quinto", "в пятый"]),
            -1 => Some(["the last", "am letzten", "el último", "в последний"]),
            _ => None,
        };
        match (named, place) {
            (Some(named), _) => self.pick(named).to_owned(),
            (None, ..0) => self.pick([
                format!("the {} to last", ordinal(number)),
                format!("am {number}.-letzten"),
                format!("el {number}.º desde el final"),
                format!("в {number}-й с конца"),
            ]),
            (None, _) => self.pick([
                format!("the {}", ordinal(number)),
                format!("am {number}."),
                format!("el {number}.º"),
                format!("в {number}-й"),
            ]),
        }
    }

    /// One working day, as it stands behind [`Self::nth`].
    pub(crate) fn a_weekday(self) -> &'static str {
        self.pick(["weekday", "Werktag (Mo–Fr)", "día laborable", "будний день"])
    }

    /// One day, as it stands behind [`Self::nth`].
    pub(crate) fn a_day(self) -> &'static str {
        self.pick(["day", "Tag", "día", "день"])
    }
}

fn russian_nth(place: i32, day: Weekday) -> String {
    let [masculine, feminine, neuter] = match place {
        1 => ["в первый", "в первую", "в первое"],
        2 => ["во второй", "во вторую", "во второе"],
        3 => ["в третий", "в третью", "в третье"],
        4 => ["в четвёртый", "в четвёртую", "в четвёртое"],
        5 => ["в пятый", "в пятую", "в пятое"],
        -1 => ["в последний", "в последнюю", "в последнее"],
        _ => return Language::Russian.nth(place),
    };
    match day {
        Weekday::Mon | Weekday::Tue | Weekday::Thu => masculine,
        Weekday::Wed | Weekday::Fri | Weekday::Sat => feminine,
        Weekday::Sun => neuter,
    }
    .to_owned()
}

/// `1st`, `22nd`, `13th`.
pub(crate) fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
