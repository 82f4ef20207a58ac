//! Lines back into rows.

use std::io::BufRead;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde::Deserialize;

use super::{BATCH, BackupError, FORM, sql};
use crate::db::{Db, DbKind, catalogue::Kind};

/// The first line.
#[derive(Deserialize)]
struct Head {
    smart_assistant: u32,
    schema: Vec<String>,
    tables: Vec<String>,
}

/// Any other line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Record {
    /// A row.
    Row(Vec<serde_json::Value>),
    /// The rows of this table follow.
    Table {
        table: String,
        columns: Vec<(String, Kind)>,
    },
    /// That were all of the table.
    End { end: String, rows: u64 },
    /// That was all.
    Total { rows: u64 },
}

/// One statement of the restore.
struct Insert {
    sql: String,
    /// An array of rows; `None` when the statement takes none.
    rows: Option<String>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Db {
    /// Puts what [`Db::back_up`] wrote into this database, in place of what is in it, and brings it to this version's
    /// schema; `told` hears of how many rows have been written. Gives the number of rows.
    ///
    /// Unless it is to `replace`, a database that has users is left as it is.
    ///
    /// # Errors
    /// See [`BackupError`]; the rows are then as they were before.
    pub async fn restore(
        &self,
        from: &mut (dyn BufRead + Send),
        replace: bool,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<u64, BackupError> {
        let mut lines = Lines {
            from,
            text: String::new(),
        };
        let head: Head = lines.head()?;
        let mut status = self.migration_status().await.map_err(BackupError::Schema)?;
        let known = |name: &String| status.applied.contains(name) || status.pending.contains(name);
        if let Some(unknown) = head.schema.iter().find(|name| !known(name)) {
            return Err(BackupError::Newer(unknown.clone()));
        }
        if !status.applied.is_empty() && !replace {
            let users: Count = self
                .read(async |c| {
                    sql_query("SELECT count(*) AS count FROM users")
                        .get_result(c)
                        .await
                })
                .await?;
            if users.count > 0 {
                return Err(BackupError::NotEmpty(users.count));
            }
        }
        // The schema that the copy had: its rows fit that one.
        while status.applied.iter().any(|name| !head.schema.contains(name)) {
            self.revert().await.map_err(BackupError::Schema)?;
            status = self.migration_status().await.map_err(BackupError::Schema)?;
        }
        self.migrate_to(&head.schema).await.map_err(BackupError::Schema)?;
        let clear: Vec<_> = head
            .tables
            .iter()
            .rev()
            .map(|table| format!("DELETE FROM \"{table}\""))
            .collect();
        let clear = clear.join(";");
        let kind = self.kind();
        let restored: Result<u64, BackupError> = self
            .transaction(async |c| {
                c.batch_execute(&clear).await?;
                let mut reader = Reader::new(kind, &head.tables, &mut lines);
                while let Some(insert) = reader.next()? {
                    match insert.rows {
                        Some(rows) => sql_query(insert.sql).bind::<Text, _>(rows).execute(c).await?,
                        None => sql_query(insert.sql).execute(c).await?,
                    };
                    told(reader.total);
                }
                Ok(reader.total)
            })
            .await;
        let rows = restored?;
        self.migrate().await.map_err(BackupError::Schema)?;
        Ok(rows)
    }
}

/// The lines of the file.
struct Lines<'a> {
    from: &'a mut (dyn BufRead + Send),
    text: String,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<&str>, BackupError> {
        self.text.clear();
        let read = self.from.read_line(&mut self.text)?;
        Ok((read > 0).then(|| self.text.trim_end()))
    }

    fn head(&mut self) -> Result<Head, BackupError> {
        let line = self.next()?.ok_or_else(|| damaged("it is empty"))?;
        let head: Head = serde_json::from_str(line).map_err(|_| damaged("it does not begin like one"))?;
        if head.smart_assistant != FORM {
            return Err(damaged("it has another form than this version writes"));
        }
        for name in &head.tables {
            plain(name)?;
        }
        Ok(head)
    }
}

/// Turns lines into statements, and checks on the way that none is missing.
struct Reader<'a, 'b> {
    db: DbKind,
    tables: &'a [String],
    lines: &'a mut Lines<'b>,
    /// The table that is being read: its name, its columns, how many of its rows were read.
    current: Option<(String, Vec<sql::ColumnSpec>, u64)>,
    /// What is to be done behind the statement that was given last.
    waiting: Option<Insert>,
    done: usize,
    total: u64,
    is_whole: bool,
}

impl<'a, 'b> Reader<'a, 'b> {
    fn new(db: DbKind, tables: &'a [String], lines: &'a mut Lines<'b>) -> Self {
        Self {
            db,
            tables,
            lines,
            current: None,
            waiting: None,
            done: 0,
            total: 0,
            is_whole: false,
        }
    }

    /// The next statement; `None` when the whole copy was read.
    fn next(&mut self) -> Result<Option<Insert>, BackupError> {
        if let Some(insert) = self.waiting.take() {
            return Ok(Some(insert));
        }
        let mut rows: Vec<String> = Vec::new();
        loop {
            let Some(line) = self.lines.next()? else {
                return if self.is_whole {
                    Ok(None)
                } else {
                    Err(damaged("it ends early"))
                };
            };
            if self.is_whole {
                return Err(damaged("something follows its end"));
            }
            let record: Record = serde_json::from_str(line).map_err(|_| damaged("a line cannot be read"))?;
            match (record, &mut self.current) {
                (Record::Row(values), Some((_, columns, count))) if values.len() == columns.len() => {
                    *count += 1;
                    self.total += 1;
                    rows.push(line.to_owned());
                    if rows.len() == BATCH {
                        return Ok(Some(self.insert(&rows)));
                    }
                }
                (Record::Table { table, columns }, None) if self.tables.get(self.done) == Some(&table) => {
                    for (name, _) in &columns {
                        plain(name)?;
                    }
                    self.current = Some((table, columns, 0));
                }
                (Record::End { end, rows: said }, Some((table, _, count)))
                    if end == *table && said == *count =>
                {
                    self.waiting = self.counter();
                    let last = (!rows.is_empty()).then(|| self.insert(&rows));
                    self.done += 1;
                    self.current = None;
                    if let Some(insert) = last.or_else(|| self.waiting.take()) {
                        return Ok(Some(insert));
                    }
                }
                (Record::Total { rows: said }, None)
                    if said == self.total && self.done == self.tables.len() =>
                {
                    self.is_whole = true;
                }
                _ => return Err(damaged("its lines are not in order")),
            }
        }
    }

    fn insert(&self, rows: &[String]) -> Insert {
        let (table, columns) = match &self.current {
            Some((table, columns, _)) => (table.as_str(), columns.as_slice()),
            None => ("", &[][..]),
        };
        Insert {
            sql: sql::insert(self.db, table, columns),
            rows: Some(format!("[{}]", rows.join(","))),
        }
    }

    /// PostgreSQL numbers rows by a counter of its own, which is to go on behind the restored ones.
    fn counter(&self) -> Option<Insert> {
        let (table, columns, count) = self.current.as_ref()?;
        let is_numbered = columns
            .as_slice()
            .first()
            .is_some_and(|(name, kind)| name == "id" && *kind == Kind::Number);
        (self.db == DbKind::Postgres && is_numbered && *count > 0).then(|| Insert {
            sql: sql::go_on_counting(table),
            rows: None,
        })
    }
}

/// Table and column names become part of statements.
fn plain(name: &str) -> Result<(), BackupError> {
    let is_plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if is_plain {
        Ok(())
    } else {
        Err(damaged("a name in it is none of ours"))
    }
}

fn damaged(why: &str) -> BackupError {
    BackupError::Damaged(why.to_owned())
}
