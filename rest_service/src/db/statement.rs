//! A query written down for one of the databases: its text, and its values as that database takes them.

use diesel::{
    QueryResult,
    backend::Backend,
    pg::{Pg, PgTypeMetadata},
    query_builder::{
        BindCollector, CollectedQuery, MoveableBindCollector, QueryBuilder, QueryFragment,
        bind_collector::RawBytesBindCollector,
    },
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, Binary, Integer, Text},
    sqlite::Sqlite,
};

use super::{
    DbKind,
    backend::{Sql, Value, Values},
    columns::{JSONB_VERSION, POSTGRES_EPOCH},
};

/// A query as text, with its values.
pub(super) struct Collected<V> {
    sql: String,
    can_be_cached: bool,
    values: V,
}

impl<V> Collected<V> {
    pub(super) fn into_query(self) -> CollectedQuery<V> {
        CollectedQuery::new(self.sql, self.can_be_cached, self.values)
    }
}

/// Writes a query down, and counts it: whoever does so runs it.
pub(super) fn collect<V>(
    query: &impl QueryFragment<DbKind>,
    kind: &'static DbKind,
    values: impl FnOnce(Values<'_>) -> QueryResult<V>,
) -> QueryResult<Collected<V>> {
    metrics::counter!("database_statements_total").increment(1);
    let mut sql = Sql::new(*kind);
    query.to_sql(&mut sql, kind)?;
    let mut collected = Values::default();
    query.collect_binds(&mut collected, &mut (), kind)?;
    Ok(Collected {
        sql: sql.finish(),
        can_be_cached: query.is_safe_to_cache_prepared(kind)?,
        values: values(collected)?,
    })
}

/// The values in PostgreSQL's binary format.
pub(super) fn for_postgres(values: Values<'_>) -> QueryResult<RawBytesBindCollector<Pg>> {
    let mut collector = RawBytesBindCollector::new();
    for (oid, value) in values.0 {
        collector.metadata.push(PgTypeMetadata::new(oid.0, 0));
        collector.binds.push(match value {
            Value::Null => None,
            Value::Text(text) => Some(text.as_bytes().to_owned()),
            Value::OwnedText(text) => Some(text.into_bytes()),
            Value::Bytes(bytes) => Some(bytes.to_owned()),
            Value::Long(long) => Some(long.to_be_bytes().to_vec()),
            Value::Integer(integer) => Some(integer.to_be_bytes().to_vec()),
            Value::Flag(flag) => Some(vec![u8::from(flag)]),
            Value::Key(id) => Some(id.into_bytes().to_vec()),
            Value::Instant(micros) => Some(micros.saturating_sub(POSTGRES_EPOCH).to_be_bytes().to_vec()),
            Value::Document(text) => {
                let mut bytes = Vec::with_capacity(text.len() + 1);
                bytes.push(JSONB_VERSION);
                bytes.extend_from_slice(text.as_bytes());
                Some(bytes)
            }
        });
    }
    Ok(collector)
}

/// How SQLite takes values.
pub(super) type SqliteValues<'a> = <Sqlite as Backend>::BindCollector<'a>;

/// The values as SQLite takes them.
pub(super) fn for_sqlite(
    values: Values<'_>,
) -> QueryResult<<SqliteValues<'_> as MoveableBindCollector<Sqlite>>::BindData> {
    let values: Vec<Value<'_>> = values.0.into_iter().map(|(_, value)| value).collect();
    let mut collector = SqliteValues::default();
    for value in &values {
        let lookup = &mut ();
        match value {
            Value::Long(_) | Value::Instant(_) => {
                collector.push_bound_value::<BigInt, _>(value, lookup)?;
            }
            Value::Integer(_) | Value::Flag(_) => {
                collector.push_bound_value::<Integer, _>(value, lookup)?;
            }
            Value::Bytes(_) | Value::Key(_) => collector.push_bound_value::<Binary, _>(value, lookup)?,
            Value::Null | Value::Text(_) | Value::OwnedText(_) | Value::Document(_) => {
                collector.push_bound_value::<Text, _>(value, lookup)?;
            }
        }
    }
    Ok(collector.moveable())
}

impl<T> ToSql<T, Sqlite> for Value<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Text(text) => out.set_value(*text),
            Self::OwnedText(text) | Self::Document(text) => out.set_value(text.as_str()),
            Self::Bytes(bytes) => out.set_value(*bytes),
            Self::Key(id) => out.set_value(id.as_bytes().as_slice()),
            Self::Long(long) | Self::Instant(long) => out.set_value(*long),
            Self::Integer(integer) => out.set_value(*integer),
            Self::Flag(flag) => out.set_value(i32::from(*flag)),
        }
        Ok(IsNull::No)
    }
}
