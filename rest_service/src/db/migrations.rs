//! The schema's versions: applying, taking back, and refusing a database from a newer version.

use std::error::Error;

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel_async::{SimpleAsyncConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use service_kit::OperatorError;

use super::{Db, pool::Maker, postgres::PostgresTarget};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Held while the schema is changed, so that replicas that start together do it one after the other. The
/// second number keeps schemas of one database apart.
const LOCK: &str = "SELECT pg_advisory_lock(7316884, hashtext(coalesce(current_schema(), '')))";

type AnyError = Box<dyn Error + Send + Sync>;

/// Which migrations the database has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Those that this build knows and the database has, the oldest first.
    pub applied: Vec<String>,
    /// Those that this build knows and the database lacks, the oldest first.
    pub pending: Vec<String>,
    /// Those that the database has and this build does not know: a newer version made them.
    pub unknown: Vec<String>,
}

/// What to do with the schema.
enum Step {
    Look,
    Apply,
    /// Apply only those of these names.
    ApplyOnly(Vec<String>),
    Revert,
}

/// The state before the step, and what the step did.
struct Outcome {
    before: MigrationStatus,
    done: Vec<String>,
}

impl Db {
    /// Which migrations the database has.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn migration_status(&self) -> Result<MigrationStatus, OperatorError> {
        self.step(Step::Look).await.map(|outcome| outcome.before)
    }

    /// Applies what is pending: on PostgreSQL each migration in a transaction of its own, on SQLite all in one.
    /// Gives their names. Safe when two processes start at once.
    ///
    /// # Errors
    /// A newer version made the database, or a migration fails.
    pub async fn migrate(&self) -> Result<Vec<String>, OperatorError> {
        let outcome = self.step(Step::Apply).await?;
        refuse_newer(&outcome.before)?;
        Ok(outcome.done)
    }

    /// Takes the newest migration back; gives its name, or `None` when there is none.
    ///
    /// # Errors
    /// A newer version made the database, or the migration fails.
    pub async fn revert(&self) -> Result<Option<String>, OperatorError> {
        let outcome = self.step(Step::Revert).await?;
        refuse_newer(&outcome.before)?;
        Ok(outcome.done.into_iter().next())
    }

    /// Applies, of what is pending, the migrations of these names: the schema that a backup had.
    ///
    /// # Errors
    /// As for [`Db::migrate`].
    pub(crate) async fn migrate_to(&self, names: &[String]) -> Result<(), OperatorError> {
        let outcome = self.step(Step::ApplyOnly(names.to_vec())).await?;
        refuse_newer(&outcome.before)
    }

    async fn step(&self, step: Step) -> Result<Outcome, OperatorError> {
        let outcome = match self.pools.write.manager() {
            Maker::Postgres(target) => on_postgres(target, step).await?,
            Maker::Reader(_) | Maker::Writer(_) => self.on_sqlite(step).await,
        };
        outcome.map_err(|error| {
            OperatorError::new(
                "cannot bring the database to this version's schema",
                "nothing was changed; restore a backup or report this",
            )
            .because(error)
        })
    }

    /// One transaction from the look to the last migration: of two that open the file at once, the second waits, and
    /// finds nothing left to do.
    async fn on_sqlite(&self, step: Step) -> Result<Outcome, AnyError> {
        let mut connection = self.connection(&self.pools.write).await?;
        let outcome = connection.sqlite(move |connection| {
            Ok(connection.immediate_transaction(|connection| take(connection, &SQLITE, &step)))
        });
        outcome.await?
    }
}

async fn on_postgres(
    target: &PostgresTarget,
    step: Step,
) -> Result<Result<Outcome, AnyError>, OperatorError> {
    // A connection of its own, without the requests' time limits. The lock goes with it.
    let mut connection = target.first_connection().await?;
    if let Err(error) = connection.batch_execute(LOCK).await {
        return Ok(Err(error.into()));
    }
    let outcome = tokio::task::spawn_blocking(move || {
        let mut harness: AsyncConnectionWrapper<_> = connection.into();
        take(&mut harness, &POSTGRES, &step)
    });
    Ok(outcome.await.map_err(AnyError::from).and_then(|outcome| outcome))
}

fn take<DB: Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: &EmbeddedMigrations,
    step: &Step,
) -> Result<Outcome, AnyError> {
    let mut known: Vec<Box<dyn Migration<DB>>> = source.migrations()?;
    known.sort_by_key(|migration| migration.name().version().as_owned());
    let has: Vec<String> = harness
        .applied_migrations()?
        .iter()
        .map(ToString::to_string)
        .collect();
    let version = |migration: &dyn Migration<DB>| migration.name().version().to_string();
    let (applied, pending): (Vec<_>, Vec<_>) = known
        .into_iter()
        .partition(|migration| has.contains(&version(migration.as_ref())));
    let name = |migration: &dyn Migration<DB>| migration.name().to_string();
    let before = MigrationStatus {
        unknown: has
            .iter()
            .filter(|&has| {
                !applied
                    .iter()
                    .any(|migration| version(migration.as_ref()) == *has)
            })
            .cloned()
            .collect(),
        applied: applied.iter().map(|migration| name(migration.as_ref())).collect(),
        pending: pending.iter().map(|migration| name(migration.as_ref())).collect(),
    };
    let mut done = Vec::new();
    if before.unknown.is_empty() {
        match step {
            Step::Look => {}
            Step::Apply | Step::ApplyOnly(_) => {
                for migration in &pending {
                    if let Step::ApplyOnly(names) = step
                        && !names.contains(&name(migration.as_ref()))
                    {
                        continue;
                    }
                    harness.run_migration(migration.as_ref())?;
                    done.push(name(migration.as_ref()));
                }
            }
            Step::Revert => {
                if let Some(newest) = applied.last() {
                    harness.revert_migration(newest.as_ref())?;
                    done.push(name(newest.as_ref()));
                }
            }
        }
    }
    Ok(Outcome { before, done })
}

fn refuse_newer(before: &MigrationStatus) -> Result<(), OperatorError> {
    if before.unknown.is_empty() {
        return Ok(());
    }
    Err(OperatorError::new(
        format!(
            "this database was made by a newer version (it has the migration {})",
            before.unknown.join(", ")
        ),
        "run that version, or restore a backup from before it",
    ))
}
