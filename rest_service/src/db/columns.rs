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
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self, SqlType},
    sqlite::{Sqlite, SqliteValue},
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value},
};
use serde_json::ser::Formatter;
use uuid::Uuid;

/// The version that precedes the text in `jsonb`'s binary format.
const JSONB_VERSION: u8 = 1;

/// An id.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Key;

/// A point in time, to the microsecond.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Instant;

/// JSON.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Document;

/// One of an enum's names.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 25, array_oid = 1009))]
#[diesel(sqlite_type(name = "Text"))]
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

impl ToSql<Key, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Key, Pg> for Id {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(raw.as_bytes())?))
    }
}

impl ToSql<Key, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Key, Sqlite> for Id {
    fn from_sql(raw: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<sql_types::Binary, Sqlite>>::from_sql(raw)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<Instant, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamptz, Pg>::to_sql(&self.0, &mut out.reborrow())
    }
}

impl FromSql<Instant, Pg> for At {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Timestamptz, Pg>::from_sql(raw).map(Self)
    }
}

impl ToSql<Instant, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Sqlite> for At {
    fn from_sql(raw: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<sql_types::BigInt, Sqlite>>::from_sql(raw)?;
        let at = DateTime::from_timestamp_micros(micros).ok_or("an instant is out of range")?;
        Ok(Self(at))
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

impl<T: Debug + Serialize> ToSql<Document, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        self.0
            .serialize(&mut serde_json::Serializer::with_formatter(out, WithPoint))?;
        Ok(IsNull::No)
    }
}

impl<T: Debug + DeserializeOwned> FromSql<Document, Pg> for Json<T> {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        match raw.as_bytes().split_first() {
            Some((&JSONB_VERSION, text)) => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("an unknown version of jsonb".into()),
        }
    }
}

impl<T: Debug + Serialize> ToSql<Document, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: Debug + DeserializeOwned> FromSql<Document, Sqlite> for Json<T> {
    fn from_sql(raw: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(raw)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl<T: Debug + Serialize> ToSql<Word, Pg> for Named<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(name(&self.0)?.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<T: Debug + DeserializeOwned> FromSql<Word, Pg> for Named<T> {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        named(std::str::from_utf8(raw.as_bytes())?)
    }
}

impl<T: Debug + Serialize> ToSql<Word, Sqlite> for Named<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(name(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: Debug + DeserializeOwned> FromSql<Word, Sqlite> for Named<T> {
    fn from_sql(raw: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        named(&<String as FromSql<sql_types::Text, Sqlite>>::from_sql(raw)?)
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
