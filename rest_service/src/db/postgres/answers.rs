//! Gives a connection up whose server does not answer, though nobody has closed it.
//!
//! TCP tells when a peer has closed a connection, and the system when packets are not taken. It does not tell when a
//! proxy, a stopped server or a failed-over address takes what is sent and never says a word. A statement would wait
//! for ever then, and keep its connection from the pool.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{ConnectionResult, connection::InstrumentationEvent};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_postgres::{Client, Connection, Socket, tls::TlsStream};

/// How long a statement may be without an answer: longer than the server lets it run.
pub(super) const LIMIT: Duration = Duration::from_secs(7);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The answers of one connection, for those who read them row by row.
#[derive(Clone)]
pub(crate) struct Answers(Arc<Asked>);

/// An answer of which rows are still to come. The rest is not waited for when it is dropped.
pub(crate) struct Unread(Arc<Asked>);

impl Answers {
    /// The first of an answer is there.
    pub(crate) fn begins(&self) -> Unread {
        self.0.begin();
        Unread(Arc::clone(&self.0))
    }
}

impl Unread {
    /// A row of it has come.
    pub(crate) fn goes_on(&self) {
        self.0.begin();
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The statement that waits for its answer, or for more of it.
struct Asked {
    limit: Duration,
    epoch: Instant,
    /// Since when, in milliseconds from the epoch; 0 when none does.
    since: AtomicU64,
}

impl Asked {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    fn begin(&self) {
        self.since.store(self.now(), Ordering::Relaxed);
    }

    fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    fn is_overdue(&self) -> bool {
        let since = self.since.load(Ordering::Relaxed);
        since != 0 && u128::from(self.now().saturating_sub(since)) > self.limit.as_millis()
    }
}

/// A connection that is driven, and closed when an answer is overdue: then its statements fail, and the pool makes
/// another one.
pub(super) async fn watched<S>(
    client: Client,
    connection: Connection<Socket, S>,
    limit: Duration,
) -> ConnectionResult<(AsyncPgConnection, Answers)>
where
    S: TlsStream + Unpin + Send + 'static,
{
    let asked = Arc::new(Asked {
        limit,
        epoch: Instant::now(),
        since: AtomicU64::new(0),
    });
    tokio::spawn(drive(connection, Arc::clone(&asked)));
    let answers = Answers(Arc::clone(&asked));
    let mut connection = AsyncPgConnection::try_from(client).await?;
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { .. } => asked.begin(),
        InstrumentationEvent::FinishQuery { .. } => asked.end(),
        _ => {}
    });
    Ok((connection, answers))
}

async fn drive<S>(connection: Connection<Socket, S>, asked: Arc<Asked>)
where
    S: TlsStream + Unpin + Send + 'static,
{
    let silence = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !asked.is_overdue() && Arc::strong_count(&asked) > 1 {
            looks.tick().await;
        }
        // Dropped by whoever used it: an answer that still comes is waited for, within the same limit.
        if !asked.is_overdue() {
            tokio::time::sleep(LIMIT).await;
        }
    };
    tokio::select! {
        ended = connection => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        }
        () = silence => tracing::warn!(
            limit_s = LIMIT.as_secs(),
            "PostgreSQL did not answer in time; the connection is given up"
        ),
    }
}
