//! A row of a result, of either database.

use std::{ops::Range, sync::Arc};

use diesel::{
    QueryResult, SqliteConnection,
    connection::LoadConnection,
    row::{Field, PartialRow, Row as DieselRow, RowIndex, RowSealed},
    sqlite::SqliteType,
};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};

use super::{DbKind, backend::Raw};

/// A row as PostgreSQL's driver gives it.
pub(super) type PgRow = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;
type PgField<'a> = <PgRow as DieselRow<'static, diesel::pg::Pg>>::Field<'a>;

/// A row of a result.
pub(crate) struct Row(Inner);

enum Inner {
    Postgres(PgRow),
    Sqlite { names: Names, cells: Vec<Cell> },
}

/// The columns' names, which all rows of a result share.
pub(super) type Names = Arc<[Option<String>]>;

/// A value out of SQLite.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Bytes(Vec<u8>),
    Long(i64),
    Double(f64),
}

impl Row {
    pub(super) fn of_postgres(row: PgRow) -> Self {
        Self(Inner::Postgres(row))
    }

    /// Copies a row out of SQLite's memory.
    pub(super) fn of_sqlite(
        row: <SqliteConnection as LoadConnection>::Row<'_, '_>,
        names: &mut Option<Names>,
    ) -> QueryResult<Self> {
        let count = row.field_count();
        let mut cells = Vec::with_capacity(count);
        for i in 0..count {
            let field = row.get(i).ok_or(diesel::NotFound)?;
            let cell = match field.value() {
                None => Cell::Null,
                Some(mut value) => match value.value_type() {
                    None => Cell::Null,
                    Some(SqliteType::Text) => Cell::Text(value.read_text().to_owned()),
                    Some(SqliteType::Binary) => Cell::Bytes(value.read_blob().to_owned()),
                    Some(SqliteType::Float | SqliteType::Double) => Cell::Double(value.read_double()),
                    Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                        Cell::Long(value.read_long())
                    }
                },
            };
            cells.push(cell);
        }
        let names = names.get_or_insert_with(|| {
            (0..count)
                .map(|i| row.get(i).and_then(|field| field.field_name().map(str::to_owned)))
                .collect()
        });
        Ok(Self(Inner::Sqlite {
            names: Arc::clone(names),
            cells,
        }))
    }
}

impl RowSealed for Row {}

impl<'a> DieselRow<'a, DbKind> for Row {
    type Field<'f>
        = Column<'f>
    where
        'a: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        match &self.0 {
            Inner::Postgres(row) => row.field_count(),
            Inner::Sqlite { cells, .. } => cells.len(),
        }
    }

    fn get<'f, I>(&'f self, index: I) -> Option<Self::Field<'f>>
    where
        'a: 'f,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        match &self.0 {
            Inner::Postgres(row) => DieselRow::get(row, index).map(Column::Postgres),
            Inner::Sqlite { names, cells } => Some(Column::Sqlite {
                name: names.get(index)?.as_deref(),
                cell: cells.get(index)?,
            }),
        }
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for Row {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.field_count()).then_some(index)
    }
}

impl<'a> RowIndex<&'a str> for Row {
    fn idx(&self, name: &'a str) -> Option<usize> {
        match &self.0 {
            Inner::Postgres(row) => row.idx(name),
            Inner::Sqlite { names, .. } => names.iter().position(|known| known.as_deref() == Some(name)),
        }
    }
}

/// A column of a row.
pub(crate) enum Column<'a> {
    /// One of PostgreSQL's.
    Postgres(PgField<'a>),
    /// One of SQLite's.
    Sqlite { name: Option<&'a str>, cell: &'a Cell },
}

impl<'a> Field<'a, DbKind> for Column<'a> {
    fn field_name(&self) -> Option<&str> {
        match self {
            Self::Postgres(field) => field.field_name(),
            Self::Sqlite { name, .. } => *name,
        }
    }

    fn value(&self) -> Option<Raw<'_>> {
        match self {
            Self::Postgres(field) => field.value().map(Raw::Postgres),
            Self::Sqlite { cell: Cell::Null, .. } => None,
            Self::Sqlite { cell, .. } => Some(Raw::Sqlite(cell)),
        }
    }
}
