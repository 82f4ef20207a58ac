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

/// The statement that waits for its answer.
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
) -> ConnectionResult<AsyncPgConnection>
where
    S: TlsStream + Unpin + Send + 'static,
{
    let asked = Arc::new(Asked {
        limit,
        epoch: Instant::now(),
        since: AtomicU64::new(0),
    });
    tokio::spawn(drive(connection, Arc::clone(&asked)));
    let mut connection = AsyncPgConnection::try_from(client).await?;
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { .. } => asked.since.store(asked.now(), Ordering::Relaxed),
        InstrumentationEvent::FinishQuery { .. } => asked.since.store(0, Ordering::Relaxed),
        _ => {}
    });
    Ok(connection)
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
