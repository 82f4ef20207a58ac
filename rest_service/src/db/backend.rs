//! Both databases as one diesel backend, so that a query is written and compiled once.
//!
//! A query is turned into SQL and owned values here, and a [`Conn`](super::Conn) hands both to the driver of its
//! database. The SQL of the two is the same but for the placeholders. What one of them lacks:
//!
//! - SQLite knows no `DEFAULT` in `VALUES`: a row with optional columns says `treat_none_as_default_value = false`,
//!   so that `None` is written as `NULL`.
//! - SQLite locks the whole database where PostgreSQL locks rows: see [`skip_locked`].

use diesel::{
    QueryResult,
    backend::{Backend, DieselReserveSpecialization, SqlDialect, TrustedBackend, sql_dialect},
    deserialize::{self, FromSql, FromSqlRef},
    expression::array_comparison::{In, InExpression, Many},
    pg::PgValue,
    query_builder::{
        AstPass, BindCollector, BoxedLimitOffsetClause, IntoBoxedClause, LimitOffsetClause, Query,
        QueryBuilder, QueryFragment, QueryId,
    },
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self, HasSqlType, SingleValue, TypeMetadata},
};
use uuid::Uuid;

use super::{DbKind, row::Cell};

/// How an SQL type is called by PostgreSQL; SQLite goes by the value.
#[derive(Clone, Copy, Debug)]
pub struct Oid(pub(super) u32);

/// A value for a placeholder.
#[derive(Clone, Debug, Default)]
pub enum Value<'a> {
    #[default]
    Null,
    Text(&'a str),
    OwnedText(String),
    Bytes(&'a [u8]),
    Long(i64),
    Integer(i32),
    Flag(bool),
    Key(Uuid),
    /// Microseconds since 1970.
    Instant(i64),
    /// As text.
    Document(String),
}

/// The values of a query, in the order of its placeholders.
#[derive(Debug, Default)]
pub struct Values<'a>(pub(super) Vec<(Oid, Value<'a>)>);

/// What a column holds, as the driver gives it.
#[derive(Clone, Copy)]
pub enum Raw<'a> {
    /// PostgreSQL's binary format.
    Postgres(PgValue<'a>),
    /// A value of SQLite's.
    Sqlite(&'a Cell),
}

/// SQL in the making.
#[derive(Debug)]
pub struct Sql {
    kind: DbKind,
    text: String,
    placeholders: u32,
}

impl Sql {
    pub(super) fn new(kind: DbKind) -> Self {
        Self {
            kind,
            text: String::with_capacity(256),
            placeholders: 0,
        }
    }
}

impl QueryBuilder<DbKind> for Sql {
    fn push_sql(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    fn push_identifier(&mut self, identifier: &str) -> QueryResult<()> {
        self.text.push('"');
        self.text.push_str(&identifier.replace('"', "\"\""));
        self.text.push('"');
        Ok(())
    }

    fn push_bind_param(&mut self) {
        self.placeholders += 1;
        match self.kind {
            DbKind::Postgres => self.text.push_str(&format!("${}", self.placeholders)),
            DbKind::Sqlite => self.text.push('?'),
        }
    }

    fn push_bind_param_value_only(&mut self) {
        self.placeholders += 1;
    }

    fn finish(self) -> String {
        self.text
    }
}

impl Backend for DbKind {
    type QueryBuilder = Sql;
    type RawValue<'a> = Raw<'a>;
    type BindCollector<'a> = Values<'a>;
}

impl TypeMetadata for DbKind {
    type TypeMetadata = Oid;
    type MetadataLookup = ();
}

impl TrustedBackend for DbKind {}
impl DieselReserveSpecialization for DbKind {}

impl SqlDialect for DbKind {
    type ReturningClause = sql_dialect::returning_clause::PgLikeReturningClause;
    type OnConflictClause = OnConflict;
    type InsertWithDefaultKeyword = sql_dialect::default_keyword_for_insert::IsoSqlDefaultKeyword;
    type BatchInsertSupport = sql_dialect::batch_insert_support::PostgresLikeBatchInsertSupport;
    type ConcatClause = sql_dialect::concat_clause::ConcatWithPipesClause;
    type DefaultValueClauseForInsert = sql_dialect::default_value_clause::AnsiDefaultValueClause;
    type EmptyFromClauseSyntax = sql_dialect::from_clause_syntax::AnsiSqlFromClauseSyntax;
    type SelectStatementSyntax = sql_dialect::select_statement_syntax::AnsiSqlSelectStatement;
    type ExistsSyntax = sql_dialect::exists_syntax::AnsiSqlExistsSyntax;
    type ArrayComparison = Lists;
    type AliasSyntax = sql_dialect::alias_syntax::AsAliasSyntax;
    type WindowFrameClauseGroupSupport =
        sql_dialect::window_frame_clause_group_support::IsoGroupWindowFrameUnit;
    type WindowFrameExclusionSupport = sql_dialect::window_frame_exclusion_support::FrameExclusionSupport;
    type AggregateFunctionExpressions =
        sql_dialect::aggregate_function_expressions::PostgresLikeAggregateFunctionExpressions;
    type BuiltInWindowFunctionRequireOrder =
        sql_dialect::built_in_window_function_require_order::NoOrderRequired;
}

/// `ON CONFLICT`, which is the same on both.
#[derive(Clone, Copy, Debug)]
pub struct OnConflict;

impl sql_dialect::on_conflict_clause::SupportsOnConflictClause for OnConflict {}
impl sql_dialect::on_conflict_clause::SupportsOnConflictClauseWhere for OnConflict {}
impl sql_dialect::on_conflict_clause::PgLikeOnConflictClause for OnConflict {}

/// `IN (…)`, whose statement is kept prepared for a few values: for each number of them it is another one.
#[derive(Clone, Copy, Debug)]
pub struct Lists;

/// For how many values at most.
const SHORT_LIST: usize = 4;

impl<T, U> QueryFragment<DbKind, Lists> for In<T, U>
where
    T: QueryFragment<DbKind>,
    U: QueryFragment<DbKind> + InExpression,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbKind>) -> QueryResult<()> {
        if self.values.is_empty() {
            out.push_sql("1=0");
            return Ok(());
        }
        self.left.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.values.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<ST, I> QueryFragment<DbKind, Lists> for Many<ST, I>
where
    DbKind: HasSqlType<ST>,
    ST: SingleValue,
    I: ToSql<ST, DbKind>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbKind>) -> QueryResult<()> {
        if self.values.len() > SHORT_LIST {
            out.unsafe_to_cache_prepared();
        }
        for (n, value) in self.values.iter().enumerate() {
            if n > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param(value)?;
        }
        Ok(())
    }
}

impl<'a> BindCollector<'a, DbKind> for Values<'a> {
    type Buffer = Value<'a>;

    fn push_bound_value<T, U>(&mut self, bind: &'a U, lookup: &mut ()) -> QueryResult<()>
    where
        DbKind: HasSqlType<T>,
        U: ToSql<T, DbKind> + ?Sized + 'a,
    {
        let mut out = Output::new(Value::Null, lookup);
        let is_null = bind
            .to_sql(&mut out)
            .map_err(diesel::result::Error::SerializationError)?;
        let value = match is_null {
            IsNull::Yes => Value::Null,
            IsNull::No => out.into_inner(),
        };
        self.0.push((DbKind::metadata(&mut ()), value));
        Ok(())
    }
}

impl<L, O> QueryFragment<DbKind> for LimitOffsetClause<L, O>
where
    L: QueryFragment<DbKind>,
    O: QueryFragment<DbKind>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbKind>) -> QueryResult<()> {
        self.limit_clause.walk_ast(out.reborrow())?;
        self.offset_clause.walk_ast(out)
    }
}

impl<'a, L, O> IntoBoxedClause<'a, DbKind> for LimitOffsetClause<L, O>
where
    L: QueryFragment<DbKind> + Send + 'a,
    O: QueryFragment<DbKind> + Send + 'a,
{
    type BoxedClause = BoxedLimitOffsetClause<'a, DbKind>;

    fn into_boxed(self) -> Self::BoxedClause {
        BoxedLimitOffsetClause {
            limit: Some(Box::new(self.limit_clause)),
            offset: Some(Box::new(self.offset_clause)),
        }
    }
}

impl QueryFragment<DbKind> for BoxedLimitOffsetClause<'_, DbKind> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbKind>) -> QueryResult<()> {
        if let Some(limit) = &self.limit {
            limit.walk_ast(out.reborrow())?;
        }
        if let Some(offset) = &self.offset {
            offset.walk_ast(out)?;
        }
        Ok(())
    }
}

/// A query whose rows are kept from others until the transaction ends. On SQLite the transaction has the whole database
/// to itself already.
macro_rules! locking {
    ($(#[$doc:meta])* $name:ident, $function:ident, $clause:literal) => {
        #[derive(Clone, Copy, Debug, QueryId)]
        pub(crate) struct $name<Q>(Q);

        $(#[$doc])*
        pub(crate) fn $function<Q>(query: Q) -> $name<Q> {
            $name(query)
        }

        impl<Q: QueryFragment<DbKind>> QueryFragment<DbKind> for $name<Q> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DbKind>) -> QueryResult<()> {
                self.0.walk_ast(out.reborrow())?;
                if *out.backend() == DbKind::Postgres {
                    out.push_sql($clause);
                }
                Ok(())
            }
        }

        impl<Q: Query> Query for $name<Q> {
            type SqlType = Q::SqlType;
        }
    };
}

locking!(
    /// Keeps the rows of a query from others, without those that others keep.
    SkipLocked,
    skip_locked,
    " FOR UPDATE SKIP LOCKED"
);
locking!(
    /// Keeps the rows of a query from others, once they have let go of them.
    Locked,
    locked_rows,
    " FOR UPDATE"
);

/// Says how PostgreSQL calls SQL types, by their numbers in its catalogue.
macro_rules! oids {
    ($($sql_type:ty => $oid:literal),+ $(,)?) => {
        $(impl HasSqlType<$sql_type> for DbKind {
            fn metadata((): &mut ()) -> Oid {
                Oid($oid)
            }
        })+
    };
}

// diesel wants all of them; those of ours are with the columns.
oids! {
    sql_types::Bool => 16,
    sql_types::Binary => 17,
    sql_types::BigInt => 20,
    sql_types::SmallInt => 21,
    sql_types::Integer => 23,
    sql_types::Text => 25,
    sql_types::Float => 700,
    sql_types::Double => 701,
    sql_types::Date => 1082,
    sql_types::Time => 1083,
    sql_types::Timestamp => 1114,
    super::columns::Key => 2950,
    super::columns::Instant => 1184,
    super::columns::Document => 3802,
    super::columns::Word => 25,
}

impl ToSql<sql_types::Text, DbKind> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Text(self));
        Ok(IsNull::No)
    }
}

impl ToSql<sql_types::Binary, DbKind> for [u8] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Bytes(self));
        Ok(IsNull::No)
    }
}

impl ToSql<sql_types::BigInt, DbKind> for i64 {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Long(*self));
        Ok(IsNull::No)
    }
}

impl ToSql<sql_types::Integer, DbKind> for i32 {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Integer(*self));
        Ok(IsNull::No)
    }
}

impl ToSql<sql_types::Bool, DbKind> for bool {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbKind>) -> serialize::Result {
        out.set_value(Value::Flag(*self));
        Ok(IsNull::No)
    }
}

impl<'a> FromSqlRef<'a, sql_types::Text, DbKind> for &'a str {
    fn from_sql(raw: &'a mut Raw<'_>) -> deserialize::Result<Self> {
        raw.text()
    }
}

impl<'a> FromSqlRef<'a, sql_types::Binary, DbKind> for &'a [u8] {
    fn from_sql(raw: &'a mut Raw<'_>) -> deserialize::Result<Self> {
        raw.bytes()
    }
}

impl FromSql<sql_types::BigInt, DbKind> for i64 {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        match raw {
            Raw::Postgres(value) => Ok(Self::from_be_bytes(value.as_bytes().try_into()?)),
            Raw::Sqlite(Cell::Long(long)) => Ok(*long),
            Raw::Sqlite(_) => Err("not a whole number".into()),
        }
    }
}

impl FromSql<sql_types::Integer, DbKind> for i32 {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        match raw {
            Raw::Postgres(value) => Ok(Self::from_be_bytes(value.as_bytes().try_into()?)),
            Raw::Sqlite(Cell::Long(long)) => Ok(Self::try_from(*long)?),
            Raw::Sqlite(_) => Err("not a whole number".into()),
        }
    }
}

impl FromSql<sql_types::Bool, DbKind> for bool {
    fn from_sql(raw: Raw<'_>) -> deserialize::Result<Self> {
        match raw {
            Raw::Postgres(value) => Ok(value.as_bytes() != [0]),
            Raw::Sqlite(Cell::Long(long)) => Ok(*long != 0),
            Raw::Sqlite(_) => Err("neither true nor false".into()),
        }
    }
}

impl<'a> Raw<'a> {
    /// The value as text.
    pub(super) fn text(self) -> deserialize::Result<&'a str> {
        match self {
            Raw::Postgres(value) => Ok(std::str::from_utf8(value.as_bytes())?),
            Raw::Sqlite(Cell::Text(text)) => Ok(text),
            Raw::Sqlite(_) => Err("not text".into()),
        }
    }

    /// The value as bytes.
    pub(super) fn bytes(self) -> deserialize::Result<&'a [u8]> {
        match self {
            Raw::Postgres(value) => Ok(value.as_bytes()),
            Raw::Sqlite(Cell::Bytes(bytes)) => Ok(bytes),
            Raw::Sqlite(_) => Err("not bytes".into()),
        }
    }
}
