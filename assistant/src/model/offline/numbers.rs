//! Numbers, units of time and names of days and months, as words.

/// A number as digits or a word, `a` and `an` included.
pub(super) fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    if let Some(n) = (0..).zip(WORDS).find_map(|(n, name)| (name == word).then_some(n)) {
        return Some(n);
    }
    match word {
        "fifteen" => Some(15),
        "twenty" => Some(20),
        "thirty" => Some(30),
        "forty-five" | "fourty-five" => Some(45),
        "sixty" => Some(60),
        "ninety" => Some(90),
        _ => digits(word),
    }
}

/// Up to six digits.
pub(super) fn digits(word: &str) -> Option<u32> {
    (!word.is_empty() && word.len() <= 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| word.parse().ok())
        .flatten()
}

/// `1st`, `2nd`, `15th`, `first`, `last` as a day of the month or a place in a list.
pub(super) fn ordinal(word: &str) -> Option<u32> {
    const WORDS: [&str; 10] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ];
    if let Some(n) = (1..).zip(WORDS).find_map(|(n, name)| (name == word).then_some(n)) {
        return Some(n);
    }
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .and_then(digits)
}

/// A unit of elapsed time, and of what a rule counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

/// `min`, `hours`, `days`, ….
pub(super) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minutes,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hours,
        "d" | "day" | "days" => Unit::Days,
        "w" | "week" | "weeks" => Unit::Weeks,
        "month" | "months" => Unit::Months,
        "year" | "years" => Unit::Years,
        _ => return None,
    })
}

/// `90min`, `2h`: a number and a unit in one word.
pub(super) fn number_with_unit(word: &str) -> Option<(u32, Unit)> {
    let split = word.find(|c: char| !c.is_ascii_digit())?;
    let (number, name) = word.split_at_checked(split)?;
    Some((digits(number)?, unit(name)?))
}

/// A weekday's short name, from `mon`, `monday`, `mondays`.
pub(super) fn weekday(word: &str) -> Option<&'static str> {
    const DAYS: [(&str, &str); 7] = [
        ("mon", "monday"),
        ("tue", "tuesday"),
        ("wed", "wednesday"),
        ("thu", "thursday"),
        ("fri", "friday"),
        ("sat", "saturday"),
        ("sun", "sunday"),
    ];
    let word = word.strip_suffix("'s").unwrap_or(word);
    DAYS.iter().find_map(|(short, long)| {
        let is_it = word == *short
            || word == *long
            || word.strip_suffix('s') == Some(long)
            || matches!(
                (*short, word),
                ("tue", "tues") | ("thu", "thur" | "thurs") | ("wed", "weds")
            );
        is_it.then_some(*short)
    })
}

/// A month's number, from `nov`, `november`.
pub(super) fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    (1..).zip(MONTHS).find_map(|(n, name)| {
        let is_it = word == name || (word.len() >= 3 && word == &name[..3]) || (word == "sept" && n == 9);
        is_it.then_some(n)
    })
}
