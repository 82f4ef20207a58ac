//! The tables as values, for what treats all of them alike: backups.

use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};

use super::columns::{Document, Instant, Key, Word};

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns of its primary key.
    pub(crate) key: &'static [&'static str],
    /// All its columns.
    pub(crate) columns: &'static [Column],
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
}

/// What a column holds, whichever database it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A UUID.
    Key,
    /// A point in time.
    Instant,
    /// JSON.
    Document,
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// Bytes.
    Bytes,
}

/// Says which [`Kind`] an SQL type is.
pub(crate) trait HasKind {
    const KIND: Kind;
}

macro_rules! kinds {
    ($($sql_type:ty => $kind:ident),+ $(,)?) => {
        $(impl HasKind for $sql_type {
            const KIND: Kind = Kind::$kind;
        })+
    };
}

kinds! {
    Key => Key,
    Instant => Instant,
    Document => Document,
    Text => Text,
    Word => Text,
    BigInt => Number,
    Bool => Flag,
    Binary => Bytes,
}

impl<T: HasKind> HasKind for Nullable<T>
where
    T: diesel::sql_types::SqlType,
{
    const KIND: Kind = T::KIND;
}

/// Declares tables to diesel, and lists them as [`Table`]s in `TABLES`.
macro_rules! tables {
    ($($table:ident ($($key:ident),+) {
        $($column:ident -> $outer:ident $(<$inner:ident>)?,)+
    })+) => {
        $(diesel::table! {
            use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
            use $crate::db::columns::{Document, Instant, Key, Word};
            $table ($($key),+) {
                $($column -> $outer $(<$inner>)?,)+
            }
        })+

        /// Every table, each behind those that it refers to.
        pub(crate) const TABLES: &[$crate::db::catalogue::Table] = {
            use diesel::sql_types::*;
            use $crate::db::{catalogue::{Column, HasKind, Table}, columns::{Document, Instant, Key, Word}};
            &[$(Table {
                name: stringify!($table),
                key: &[$(stringify!($key)),+],
                columns: &[$(Column {
                    name: stringify!($column),
                    kind: <$outer $(<$inner>)? as HasKind>::KIND,
                }),+],
            }),+]
        };
    };
}

pub(crate) use tables;
