//! A process's life: what runs in it, how it stops, and what a crash in it means.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use tokio::{signal::unix, sync::mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    Clock, Health, OperatorError,
    http::{Connections, local::Local},
};

/// How long work in hand may take to finish after the first signal; then it is dropped.
pub const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Everything the services of one process share. Clones are the same life.
///
/// The first signal asks the services to take no new work and to finish what they have in hand; the second,
/// or [`STOP_LIMIT`] later, drops it, which loses nothing because nothing is acknowledged before it is done.
/// A task that fails or panics ends the process with an error: a service that is half alive is worse than one
/// that is restarted.
#[derive(Clone)]
pub struct Lifecycle {
    clock: Arc<dyn Clock>,
    health: Health,
    connections: Connections,
    local: Local,
    gauges: Arc<Mutex<Vec<Gauge>>>,
    stopping: CancellationToken,
    tasks: TaskTracker,
    failures: mpsc::UnboundedSender<OperatorError>,
}

/// Puts what it sees into the metrics.
type Gauge = Box<dyn Fn() + Send>;

/// The receiving end of a life, held by the one that supervises it.
pub struct Supervisor {
    lifecycle: Lifecycle,
    failed: mpsc::UnboundedReceiver<OperatorError>,
}

impl Lifecycle {
    /// Starts a life that runs by `clock`, with the connections that the process's own limits allow.
    pub fn new(clock: Arc<dyn Clock>) -> (Self, Supervisor) {
        Self::with_connections(clock, Connections::default())
    }

    /// Starts a life with limits on its HTTP connections.
    pub fn with_connections(clock: Arc<dyn Clock>, connections: Connections) -> (Self, Supervisor) {
        let (failures, failed) = mpsc::unbounded_channel();
        let lifecycle = Self {
            clock,
            health: Health::default(),
            connections,
            local: Local::default(),
            gauges: Arc::default(),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            failures,
        };
        (lifecycle.clone(), Supervisor { lifecycle, failed })
    }

    /// The process's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The process's health.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The process's HTTP connections.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// The servers of this process, for callers in it.
    pub fn local(&self) -> &Local {
        &self.local
    }

    /// Has `gauge` put what it sees into the metrics whenever they are asked for.
    pub fn gauge(&self, gauge: impl Fn() + Send + 'static) {
        self.lock_gauges().push(Box::new(gauge));
    }

    /// Brings the metrics of what is looked at only when somebody asks up to date.
    pub(crate) fn measure(&self) {
        self.connections.measure();
        for gauge in self.lock_gauges().iter() {
            gauge();
        }
    }

    fn lock_gauges(&self) -> MutexGuard<'_, Vec<Gauge>> {
        self.gauges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when the process was asked to stop: take no new work.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Whether the process was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Asks the process to stop, as a first signal would.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Runs a task that the process cannot do without: its error or panic ends the process. The process's end
    /// waits for it, within [`STOP_LIMIT`].
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = Result<(), OperatorError>> + Send + 'static,
    {
        let failures = self.failures.clone();
        let task = async move {
            let failure = match AssertUnwindSafe(task).catch_unwind().await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error,
                Err(panic) => OperatorError::new(
                    format!("{name} crashed: {}", panic_text(panic.as_ref())),
                    "this is a bug, please report it; nothing that was accepted is lost",
                ),
            };
            // The supervisor may be gone already when the process is being dropped.
            drop(failures.send(failure));
        };
        self.tasks
            .spawn(task.instrument(tracing::info_span!("task", service = name)));
    }

    /// Runs `work` until the process is asked to stop; `None` if it was.
    pub async fn until_stopping<F: Future>(&self, work: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => None,
            output = work => Some(output),
        }
    }
}

impl Supervisor {
    /// Waits until the process is told to stop (by SIGINT, SIGTERM or [`Lifecycle::stop`]) or a task fails;
    /// then sees it to its end.
    ///
    /// # Errors
    /// The failure of the first task that failed.
    pub async fn supervise(self) -> Result<(), OperatorError> {
        self.supervise_within(STOP_LIMIT).await
    }

    /// [`Supervisor::supervise`] with another limit for finishing.
    ///
    /// # Errors
    /// The failure of the first task that failed.
    pub async fn supervise_within(mut self, limit: Duration) -> Result<(), OperatorError> {
        let mut signals = Signals::listen()?;
        let Lifecycle { stopping, tasks, .. } = self.lifecycle.clone();
        tasks.close();
        let mut outcome = Ok(());
        tokio::select! {
            name = signals.next() => {
                tracing::info!(signal = name, "stopping: finishing what is in hand; again to drop it");
            }
            () = stopping.cancelled() => tracing::info!("stopping: finishing what is in hand"),
            Some(failure) = self.failed.recv() => outcome = Err(failure),
            () = tasks.wait() => {}
        }
        stopping.cancel();
        tokio::select! {
            // After a failure the operator's one line is the failure.
            () = tasks.wait() => tracing::debug!("every task has ended"),
            name = signals.next() => {
                tracing::warn!(signal = name, "dropping what is in hand; it will be done again after the next start");
            }
            () = tokio::time::sleep(limit) => {
                tracing::warn!(limit_s = limit.as_secs(), "work in hand did not finish in time; it will be done again after the next start");
            }
        }
        // A task may fail while the others finish, or at the same moment as the signal.
        if outcome.is_ok()
            && let Ok(failure) = self.failed.try_recv()
        {
            outcome = Err(failure);
        }
        outcome
    }
}

struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    fn listen() -> Result<Self, OperatorError> {
        let listen = |kind| {
            unix::signal(kind).map_err(|error| {
                OperatorError::new("cannot listen for signals", "check the process's limits").because(error)
            })
        };
        Ok(Self {
            interrupt: listen(unix::SignalKind::interrupt())?,
            terminate: listen(unix::SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// The message of a panic, as far as it carries one.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
