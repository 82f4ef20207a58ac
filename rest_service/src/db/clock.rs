//! The database's clock, to compare ours with.

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use super::{At, Db, DbError, Pools, columns::Instant, postgres_connection};

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
        let Pools::Postgres { pool, .. } = self.pools() else {
            return Ok(None);
        };
        let mut object = postgres_connection(self, pool).await?;
        let row: Row = sql_query("SELECT clock_timestamp() AS now")
            .get_result(&mut *object)
            .await?;
        Ok(Some(row.now.0))
    }
}
