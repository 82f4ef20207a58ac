//! The rows of the database as lines.

use std::io::Write;

use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use super::{BATCH, BackupError, FORM, Line, sql};
use crate::db::{Db, DbKind, catalogue::Table, schema::TABLES};

impl Db {
    /// Writes all rows of all tables as they are at this moment, while the database goes on serving; `told` hears of
    /// each table and of how many rows have been written in all. Gives the number of rows.
    ///
    /// # Errors
    /// See [`BackupError`]; what was written until then is no whole copy.
    pub async fn back_up(
        &self,
        to: &mut (dyn Write + Send),
        told: &mut (dyn FnMut(&'static str, u64) + Send),
    ) -> Result<u64, BackupError> {
        let schema = self
            .migration_status()
            .await
            .map_err(BackupError::Schema)?
            .applied;
        let names: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        line(
            to,
            &json!({ "smart_assistant": FORM, "schema": schema, "tables": names }),
        )?;
        let mut total = 0;
        // One snapshot for all tables.
        self.snapshot(async |c| {
            for table in TABLES {
                told(table.name, total);
                let mut pages = Pages::of(self.kind(), table);
                line(to, &pages.heading())?;
                loop {
                    let page: Vec<Line> = match pages.after() {
                        None => sql_query(&pages.first).load(c).await?,
                        Some(after) => sql_query(&pages.next).bind::<Text, _>(after).load(c).await?,
                    };
                    for row in &page {
                        to.write_all(row.line.as_bytes())?;
                        to.write_all(b"\n")?;
                    }
                    total += u64::try_from(page.len()).unwrap_or(u64::MAX);
                    told(table.name, total);
                    if !pages.passed(&page)? {
                        break;
                    }
                }
                line(to, &json!({ "end": table.name, "rows": pages.rows }))?;
            }
            Ok::<_, BackupError>(())
        })
        .await?;
        line(to, &json!({ "rows": total }))?;
        to.flush()?;
        Ok(total)
    }
}

fn line(to: &mut (dyn Write + Send), value: &Value) -> Result<(), BackupError> {
    writeln!(to, "{value}")?;
    Ok(())
}

/// How far a table has been read.
struct Pages {
    columns: Vec<sql::ColumnSpec>,
    name: &'static str,
    /// Where the key's columns are in a row.
    key: Vec<usize>,
    first: String,
    next: String,
    last: Option<String>,
    rows: usize,
}

impl Pages {
    fn of(db: DbKind, table: &Table) -> Self {
        let columns: Vec<_> = table
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), column.kind))
            .collect();
        let place = |name: &&str| table.columns.iter().position(|column| column.name == *name);
        let key: Vec<_> = table.key.iter().filter_map(place).collect();
        let key_columns: Vec<_> = key.iter().map(|&i| columns[i].clone()).collect();
        Self {
            name: table.name,
            first: sql::page(db, table.name, &columns, &key_columns, true),
            next: sql::page(db, table.name, &columns, &key_columns, false),
            columns,
            key,
            last: None,
            rows: 0,
        }
    }

    fn heading(&self) -> Value {
        json!({ "table": self.name, "columns": self.columns })
    }

    /// The key of the last row read.
    fn after(&self) -> Option<String> {
        self.last.clone()
    }

    /// Notes what was read; whether there may be more.
    fn passed(&mut self, page: &[Line]) -> Result<bool, BackupError> {
        self.rows += page.len();
        let Some(last) = page.last().filter(|_| page.len() == BATCH) else {
            return Ok(false);
        };
        let row: Vec<Value> = serde_json::from_str(&last.line)
            .map_err(|error| BackupError::Damaged(format!("a row of {} is not JSON: {error}", self.name)))?;
        let key: Vec<_> = self.key.iter().filter_map(|&i| row.get(i)).collect();
        self.last = Some(json!(key).to_string());
        Ok(true)
    }
}
