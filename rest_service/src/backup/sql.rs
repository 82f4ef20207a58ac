//! The statements that turn rows into lines and back, in each database's own words.
//!
//! Names come from our own schema or were checked to be plain names; values are bound.

use crate::db::{DbKind, catalogue::Kind};

/// A column's name and what it holds.
pub(super) type ColumnSpec = (String, Kind);

/// Selects a page of a table as `line`s, in the order of its key; `$1` is the key of the row before, as an array.
pub(super) fn page(
    db: DbKind,
    table: &str,
    columns: &[ColumnSpec],
    key: &[ColumnSpec],
    is_first: bool,
) -> String {
    let values: Vec<_> = columns.iter().map(|column| to_json(db, column)).collect();
    let keys: Vec<_> = key.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let keys = keys.join(", ");
    let behind = if is_first {
        String::new()
    } else {
        let source = match db {
            DbKind::Postgres => "CAST($1 AS jsonb)",
            DbKind::Sqlite => "$1",
        };
        let last: Vec<_> = key
            .iter()
            .enumerate()
            .map(|(i, (_, kind))| from_json(db, *kind, source, i))
            .collect();
        format!(" WHERE ({keys}) > ({})", last.join(", "))
    };
    let array = match db {
        DbKind::Postgres => "json_build_array",
        DbKind::Sqlite => "json_array",
    };
    format!(
        "SELECT CAST({array}({}) AS text) AS line FROM \"{table}\"{behind} ORDER BY {keys} LIMIT {}",
        values.join(", "),
        super::BATCH
    )
}

/// Inserts the rows in `$1`, an array of arrays.
pub(super) fn insert(db: DbKind, table: &str, columns: &[ColumnSpec]) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let (source, row) = match db {
        DbKind::Postgres => ("jsonb_array_elements(CAST($1 AS jsonb)) AS line(line)", "line"),
        DbKind::Sqlite => ("json_each($1) AS line", "line.value"),
    };
    let values: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(i, (_, kind))| from_json(db, *kind, row, i))
        .collect();
    format!(
        "INSERT INTO \"{table}\" ({}) SELECT {} FROM {source}",
        names.join(", "),
        values.join(", ")
    )
}

/// Lets the numbers that PostgreSQL gives to a table's rows go on behind those that are there.
pub(super) fn go_on_counting(table: &str) -> String {
    format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM \"{table}\"")
}

/// A column as a JSON value that is the same from both databases. Instants are microseconds since 1970, bytes are hex.
fn to_json(db: DbKind, (name, kind): &ColumnSpec) -> String {
    let column = format!("\"{name}\"");
    match (db, kind) {
        (_, Kind::Text | Kind::Number)
        | (DbKind::Postgres, Kind::Flag)
        | (DbKind::Sqlite, Kind::Instant | Kind::Document) => column,
        (DbKind::Postgres, Kind::Key) => format!("replace(CAST({column} AS text), '-', '')"),
        (DbKind::Postgres, Kind::Instant) => {
            format!("CAST(extract(epoch FROM {column}) * 1000000 AS bigint)")
        }
        (DbKind::Postgres, Kind::Document) => format!("CAST({column} AS text)"),
        (DbKind::Postgres, Kind::Bytes) => format!("encode({column}, 'hex')"),
        // hex(NULL) is an empty text.
        (DbKind::Sqlite, Kind::Key | Kind::Bytes) => {
            format!("CASE WHEN {column} IS NOT NULL THEN lower(hex({column})) END")
        }
        (DbKind::Sqlite, Kind::Flag) => {
            format!("json(CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)")
        }
    }
}

/// The value at `i` of the array `row`, as its column's type.
fn from_json(db: DbKind, kind: Kind, row: &str, i: usize) -> String {
    match db {
        DbKind::Postgres => {
            let text = format!("({row} ->> {i})");
            match kind {
                Kind::Key => format!("CAST({text} AS uuid)"),
                Kind::Instant => {
                    format!("(timestamptz 'epoch' + CAST({text} AS bigint) * interval '1 microsecond')")
                }
                Kind::Document => format!("CAST({text} AS jsonb)"),
                Kind::Text => text,
                Kind::Number => format!("CAST({text} AS bigint)"),
                Kind::Flag => format!("CAST({text} AS boolean)"),
                Kind::Bytes => format!("decode({text}, 'hex')"),
            }
        }
        DbKind::Sqlite => {
            let value = format!("({row} ->> '$[{i}]')");
            match kind {
                Kind::Key | Kind::Bytes => format!("unhex({value})"),
                _ => value,
            }
        }
    }
}
