//! JSON as it was sent: what a body says and would not come back the same is refused here.
//!
//! A JSON number may have any length, while what holds it here has 64 bits: an integer, or a double of some 15
//! digits. Silently rounding it would store something else than was sent (RFC 8259 §6). The same goes for a name
//! that an object has twice, of which one would be lost (§4).

use std::{collections::HashSet, fmt};

use rest_client::{FieldError, ProblemKind};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::{error::ApiError, place::Place};

/// The most digits of which every double keeps each one (IEEE 754, `DBL_DIG`).
const DIGITS_OF_ANY_DOUBLE: usize = 15;

/// Doubles near the ends of their range have fewer digits.
const PLAIN_EXPONENTS: std::ops::RangeInclusive<i64> = -290..=290;

/// A JSON body, none of whose objects has a name twice.
pub(super) fn json(bytes: &[u8]) -> Result<Value, ApiError> {
    let Tree(body) = serde_json::from_slice(bytes)
        .map_err(|error| ApiError::saying(ProblemKind::Malformed, error.to_string()))?;
    Ok(body)
}

/// Notes the numbers of a document that are not what its text says. `value` was read from `text`, JSON or YAML.
pub(super) fn refuse_rounded(text: &[u8], value: &Value, errors: &mut Vec<FieldError>) {
    let rounded = rounded(text);
    if !rounded.is_empty() {
        refuse(value, Place::Document, &rounded, errors);
    }
}

/// The doubles, by their bits, that stand for numbers in the text which they are not.
fn rounded(text: &[u8]) -> HashSet<u64> {
    // Whole words: in an id such as `9a43e-812f` there is no number.
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
    text.split(|byte| !is_of_word(byte))
        .filter_map(|word| {
            let number = std::str::from_utf8(word).ok()?.replace('_', "");
            let said = Decimal::of(&number)?;
            if said.is_in_any_double() || number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
                return None;
            }
            let double: f64 = number.parse().ok()?;
            let kept = Decimal::of(&format!("{double:e}"));
            (kept != Some(said)).then_some(double.to_bits())
        })
        .collect()
}

fn refuse(value: &Value, place: Place<'_>, rounded: &HashSet<u64>, errors: &mut Vec<FieldError>) {
    match value {
        Value::Number(number) if is_rounded(number, rounded) => place.is_wrong(
            || format!("has more digits than can be kept ({number} would be kept); send fewer, or a text"),
            errors,
        ),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                refuse(item, Place::Item(&place, i), rounded, errors);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                refuse(value, Place::Field(&place, name), rounded, errors);
            }
        }
        _ => {}
    }
}

fn is_rounded(number: &Number, rounded: &HashSet<u64>) -> bool {
    number.is_f64()
        && number
            .as_f64()
            .is_some_and(|double| rounded.contains(&double.to_bits()))
}

/// The value of a decimal number: `0.DIGITS * 10^exponent`, the digits without zeros at either end.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// `None` where the text is no number.
    fn of(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            // An exponent beyond all measure is one beyond all doubles.
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().unwrap_or(i64::MAX / 2)),
            None => (text, 0),
        };
        let is_negative = mantissa.starts_with('-');
        let mantissa = mantissa.trim_start_matches(['-', '+']);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let leading = all.len() - all.trim_start_matches('0').len();
        let digits = all.trim_matches('0').to_owned();
        if digits.is_empty() {
            // Zero is zero, whatever its sign and its exponent.
            return Some(Self {
                is_negative: false,
                digits,
                exponent: 0,
            });
        }
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        Some(Self {
            is_negative,
            digits,
            exponent: exponent.saturating_add(point),
        })
    }

    fn is_in_any_double(&self) -> bool {
        self.digits.len() <= DIGITS_OF_ANY_DOUBLE && PLAIN_EXPONENTS.contains(&self.exponent)
    }
}

/// Any JSON value, read strictly.
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Strict)
    }
}

struct Strict;

impl<'de> Visitor<'de> for Strict {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Tree(Value::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
        Ok(Tree(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut read = Vec::new();
        while let Some(Tree(item)) = items.next_element()? {
            read.push(item);
        }
        Ok(Tree(Value::Array(read)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Tree, A::Error> {
        let mut read = Map::new();
        while let Some((name, Tree(value))) = fields.next_entry::<String, Tree>()? {
            if read.contains_key(&name) {
                return Err(A::Error::custom(format!("the name {name:?} is there twice")));
            }
            read.insert(name, value);
        }
        Ok(Tree(Value::Object(read)))
    }
}
