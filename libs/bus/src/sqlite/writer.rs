//! The one thread that owns the connection, and commits the jobs of many callers together.

use std::sync::Arc;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tokio::sync::{mpsc, oneshot};

use super::schema;
use crate::BusError;

/// How many jobs share a transaction, and so an fsync, at most.
const GROUP_COMMIT_MAX: usize = 256;

/// What the writes of a job must outlive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlives {
    /// The machine losing power: the commit waits for the disk.
    PowerCut,
    /// The process alone: they say what it has in hand, and a machine that lost power has nothing in hand.
    Process,
}

/// What the writer thread does.
struct Job {
    outlives: Outlives,
    work: Work,
}

/// Runs in the writer thread within a transaction; what it returns runs after the commit, with its outcome.
/// Without a connection no transaction could be begun, and it does nothing but return.
type Work = Box<dyn FnOnce(Option<&mut SqliteConnection>) -> Report + Send>;
type Report = Box<dyn FnOnce(Committed) + Send>;
type Committed = Result<(), Arc<diesel::result::Error>>;

/// The way to the writer thread, which ends when the last of these is gone.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Writer {
    /// Opens the file, makes the tables if they are missing, and starts the thread.
    pub(crate) fn start(path: &str) -> Result<Self, BusError> {
        let mut connection =
            SqliteConnection::establish(path).map_err(|error| BusError::Store(Box::new(error)))?;
        connection.batch_execute(schema::PRAGMAS)?;
        connection.batch_execute(schema::TABLES)?;
        let (jobs, receiver) = mpsc::unbounded_channel();
        std::thread::Builder::new()
            .name("bus-writer".into())
            .spawn(move || write(connection, receiver))
            .map_err(|error| BusError::Store(Box::new(error)))?;
        Ok(Self { jobs })
    }

    /// Runs the job in a transaction that may hold other jobs too, and returns when it is committed. A job that
    /// fails is undone alone.
    pub(crate) async fn run<R: Send + 'static>(
        &self,
        outlives: Outlives,
        job: impl FnOnce(&mut SqliteConnection) -> Result<R, BusError> + Send + 'static,
    ) -> Result<R, BusError> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let result = connection.map_or(Err(BusError::Closed), |connection| in_savepoint(connection, job));
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(error) => Err(BusError::Store(Box::new(error))),
                };
                // A caller that was cancelled no longer listens.
                let _ = sender.send(result);
            })
        });
        self.jobs
            .send(Job { outlives, work })
            .map_err(|_| BusError::Closed)?;
        receiver.await.map_err(|_| BusError::Closed)?
    }
}

fn in_savepoint<R>(
    connection: &mut SqliteConnection,
    job: impl FnOnce(&mut SqliteConnection) -> Result<R, BusError>,
) -> Result<R, BusError> {
    connection.batch_execute("SAVEPOINT job")?;
    let result = job(connection);
    connection.batch_execute(if result.is_ok() {
        "RELEASE job"
    } else {
        "ROLLBACK TO job; RELEASE job"
    })?;
    result
}

fn write(mut connection: SqliteConnection, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut next = None;
    while let Some(job) = next.take().or_else(|| jobs.blocking_recv()) {
        let outlives = job.outlives;
        if let Err(error) = begin(&mut connection, outlives) {
            (job.work)(None)(Err(Arc::new(error)));
            continue;
        }
        let mut reports = vec![(job.work)(Some(&mut connection))];
        while reports.len() < GROUP_COMMIT_MAX {
            let Ok(job) = jobs.try_recv() else { break };
            if job.outlives == Outlives::PowerCut && outlives == Outlives::Process {
                next = Some(job);
                break;
            }
            reports.push((job.work)(Some(&mut connection)));
        }
        let committed = connection.batch_execute("COMMIT").map_err(Arc::new);
        if committed.is_ok() {
            service_kit::commits::committed();
        } else {
            // Fails when no transaction is open, which is what is wanted.
            let _ = connection.batch_execute("ROLLBACK");
        }
        for report in reports {
            report(committed.clone());
        }
    }
}

/// A lazy commit is written behind the earlier ones all the same, and the next full one takes it to the disk.
fn begin(connection: &mut SqliteConnection, outlives: Outlives) -> diesel::QueryResult<()> {
    connection.batch_execute(match outlives {
        Outlives::PowerCut => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
        Outlives::Process => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
    })
}
