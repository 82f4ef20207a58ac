//! Cron expressions: read by `croner`, with stricter borders and errors that name the field.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};

use crate::ScheduleError;

/// Reads an expression of five fields or a nickname.
pub(crate) fn parse(expression: &str) -> Result<Cron, ScheduleError> {
    let fields = fields(expression)?;
    for (field, text) in FIELDS.iter().zip(&fields) {
        field.check(text)?;
    }
    read(&fields.join(" ")).map_err(|_| ScheduleError::CronField {
        field: "whole expression",
        text: expression.trim().to_owned(),
        allowed: "a cron expression",
    })
}

/// The five fields in upper case, nicknames written out.
pub(crate) fn fields(expression: &str) -> Result<Vec<String>, ScheduleError> {
    let expression = expression.trim();
    if expression.len() > LONGEST_EXPRESSION {
        return Err(ScheduleError::TooMany {
            what: "the cron expression",
            most: LONGEST_EXPRESSION,
        });
    }
    let written_out = if expression.starts_with('@') {
        let known = NICKNAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(expression));
        let Some((_, meaning)) = known else {
            return Err(ScheduleError::CronNickname {
                text: expression.to_owned(),
            });
        };
        meaning
    } else {
        expression
    };
    let fields: Vec<String> = written_out
        .split_whitespace()
        .map(str::to_ascii_uppercase)
        // croner forgets that 7 is Sunday in "the last Sunday of the month".
        .map(|field| {
            field
                .split(',')
                .map(|item| if item == "7L" { "0L" } else { item })
                .collect::<Vec<_>>()
                .join(",")
        })
        .collect();
    match fields.len() {
        5 => Ok(fields),
        6 | 7 => Err(ScheduleError::CronFields {
            fields: fields.len(),
            hint: "; leave seconds and years out",
        }),
        n => Err(ScheduleError::CronFields { fields: n, hint: "" }),
    }
}

const LONGEST_EXPRESSION: usize = 256;

const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

struct Field {
    name: &'static str,
    allowed: &'static str,
    /// Names of values.
    names: &'static [&'static str],
    /// Letters and signs beyond digits and `* , - /`.
    signs: &'static str,
}

const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        allowed: "0 to 59, with * , - /",
        names: &[],
        signs: "",
    },
    Field {
        name: "hour",
        allowed: "0 to 23, with * , - /",
        names: &[],
        signs: "",
    },
    Field {
        name: "day of month",
        allowed: "1 to 31, L (the last day) or 15W (the weekday nearest to the 15th), with * , - /",
        names: &[],
        signs: "LW?",
    },
    Field {
        name: "month",
        allowed: "1 to 12 or JAN to DEC, with * , - /",
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
        signs: "",
    },
    Field {
        name: "day of week",
        allowed: "0 to 7 (0 and 7 are Sunday) or SUN to SAT, 1#2 (the second Monday) or 5L (the last Friday), \
                  with * , - /",
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        signs: "L#?",
    },
];

impl Field {
    fn check(&self, text: &str) -> Result<(), ScheduleError> {
        let readable = self.spells_right(text) && {
            let position = FIELDS.iter().position(|field| field.name == self.name);
            let alone: Vec<&str> = (0..FIELDS.len())
                .map(|n| if Some(n) == position { text } else { "*" })
                .collect();
            read(&alone.join(" ")).is_ok()
        };
        if readable {
            return Ok(());
        }
        Err(ScheduleError::CronField {
            field: self.name,
            text: text.to_owned(),
            allowed: self.allowed,
        })
    }

    /// Refuses what croner would take and silently read as something else: empty items, `MON` as a minute, `15L`
    /// as a day of the month.
    fn spells_right(&self, text: &str) -> bool {
        text.split(',').all(|item| {
            let mut rest = item.to_owned();
            for name in self.names {
                rest = rest.replace(name, "1");
            }
            let plain = |c: char| c.is_ascii_digit() || "*-/".contains(c) || self.signs.contains(c);
            let last_day = self.name != "day of month" || !item.contains('L') || item == "L";
            !rest.is_empty() && rest.chars().all(plain) && last_day && (!item.contains('?') || item == "?")
        })
    }
}

fn read(five_fields: &str) -> Result<Cron, croner::errors::CronError> {
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(five_fields)
}
