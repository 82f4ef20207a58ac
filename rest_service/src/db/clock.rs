//! The database's clock, to compare ours with.

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use super::{At, Db, DbError, DbKind, columns::Instant};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Instant)]
    now: At,
}

impl Db {
    /// What time it is for the server; `None` on SQLite, whose clock is ours.
    ///
    /// # Errors
    /// It did not answer.
    pub async fn now(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        if self.kind() == DbKind::Sqlite {
            return Ok(None);
        }
        let row: Row = self
            .read(async |c| sql_query("SELECT clock_timestamp() AS now").get_result(c).await)
            .await?;
        Ok(Some(row.now.0))
    }
}
