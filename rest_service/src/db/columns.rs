//! The SQL types of the columns, each the native one on both databases, and the Rust types that carry them.
//!
//! | SQL type | in Rust | PostgreSQL | SQLite |
//! |---|---|---|---|
//! | [`Key`] | [`Id`] | `uuid` | 16 bytes |
//! | [`Instant`] | [`At`] | `timestamptz` | microseconds since 1970 |
//! | [`Document`] | [`Json`] | `jsonb` | JSON text |
//! | [`Word`] | [`Named`] | `text` | `text` |
//!
//! A word is an enum by its name on the wire, so that the names are written once, on the enum.

use std::{fmt::Debug, io::Write};

use chrono::{DateTime, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self, SqlType},
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value},
};
use serde_json::ser::Formatter;
use uuid::Uuid;

use super::{
    DbKind,
    backend::{Raw, Value},
};

/// The version that precedes the text in `jsonb`'s binary format.
pub(super) const JSONB_VERSION: u8 = 1;

/// PostgreSQL counts microseconds from the year 2000 on: where that is, counted from 1970.
pub(super) const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// An id.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
pub struct Key;

/// A point in time, to the microsecond.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
pub struct Instant;

/// JSON.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
pub struct Document;

/// One of an enum's names.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
pub struct Word;

impl sql_types::SqlOrd for Key {}
impl sql_types::SqlOrd for Instant {}

/// An id, as a column holds it.
#[derive(AsExpression, Clone, Copy, Debug, Eq, FromSqlRow, Hash, PartialEq)]
#[diesel(sql_type = Key)]
pub(crate) struct Id(pub(crate) Uuid);

/// A point in time, as a column holds it.
#[derive(AsExpression, Clone, Copy, Debug, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub(crate) struct At(pub(crate) DateTime<Utc>);

/// A value as JSON, as a column holds it.
#[derive(AsExpression, Clone, Debug, FromSqlRow)]
#[diesel(sql_type = Document)]
pub(crate) struct Json<T: Debug>(pub(crate) T);

/// An enum by its name, as a column holds it.
#[derive(AsExpression, Clone, Copy, Debug, FromSqlRow)]
#[diesel(sql_type = Word)]
pub(crate) struct Named<T: Debug>(pub(crate) T);

impl ToSql<Key, DbKind> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Key(self.0));
        Ok(IsNull::No)
    }
}

impl FromSql<Key, DbKind> for Id {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(raw.bytes()?)?))
    }
}

impl ToSql<Instant, DbKind> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Instant(self.0.timestamp_micros()));
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, DbKind> for At {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<sql_types::BigInt, DbKind>>::from_sql(raw)?;
        let micros = match raw {
            Raw::Postgres(_) => micros.checked_add(POSTGRES_EPOCH),
            Raw::Sqlite(_) => Some(micros),
        };
        let at = micros.and_then(DateTime::from_timestamp_micros);
        Ok(Self(at.ok_or("an instant is out of range")?))
    }
}

/// Writes every double with its decimal point and without an exponent. PostgreSQL keeps the digits and writes `1e300`
/// as an integer of 301 digits; with the point it comes back as the double that it was.
struct WithPoint;

impl Formatter for WithPoint {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> std::io::Result<()> {
        let text = value.to_string();
        writer.write_all(text.as_bytes())?;
        if text.contains('.') {
            return Ok(());
        }
        writer.write_all(b".0")
    }
}

impl<T: Debug + Serialize> ToSql<Document, DbKind> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        let mut text = Vec::with_capacity(128);
        self.0
            .serialize(&mut serde_json::Serializer::with_formatter(&mut text, WithPoint))?;
        out.set_value(Value::Document(String::from_utf8(text)?));
        Ok(IsNull::No)
    }
}

impl<T: Debug + DeserializeOwned> FromSql<Document, DbKind> for Json<T> {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        let text = match raw {
            Raw::Postgres(value) => match value.as_bytes().split_first() {
                Some((&JSONB_VERSION, text)) => text,
                _ => return Err("an unknown version of jsonb".into()),
            },
            Raw::Sqlite(_) => raw.text()?.as_bytes(),
        };
        Ok(Self(serde_json::from_slice(text)?))
    }
}

impl<T: Debug + Serialize> ToSql<Word, DbKind> for Named<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::OwnedText(name(&self.0)?));
        Ok(IsNull::No)
    }
}

impl<T: Debug + DeserializeOwned> FromSql<Word, DbKind> for Named<T> {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        named(raw.text()?)
    }
}

fn name<T: Serialize>(word: &T) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    match serde_json::to_value(word)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err("not an enum of plain names".into()),
    }
}

fn named<T: Debug + DeserializeOwned>(name: &str) -> deserialize::Result<Named<T>> {
    let name: value::StrDeserializer<'_, value::Error> = name.into_deserializer();
    Ok(Named(T::deserialize(name)?))
}
