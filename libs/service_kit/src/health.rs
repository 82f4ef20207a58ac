//! What a process needs in order to serve, and whether it has it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::time::Instant;

/// How long one check may take before it counts as failed.
const CHECK_LIMIT: Duration = Duration::from_secs(2);

/// How long an answer is reused, so that the open endpoint cannot be used to load what it checks.
const REUSE: Duration = Duration::from_millis(500);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The checks of one process. Clones share them.
///
/// A service announces itself with [`Health::expect`] before it starts and is not ready until
/// [`Health::started`] was called for it and every check passes.
#[derive(Clone, Default)]
pub struct Health {
    state: Arc<Mutex<State>>,
    last: Arc<tokio::sync::Mutex<Option<(Instant, Report)>>>,
}

#[derive(Default)]
struct State {
    components: Vec<(&'static str, bool)>,
    checks: Vec<(String, Check)>,
}

/// The outcome of all checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether the process can serve.
    pub ready: bool,
    /// Each component and check, in the order they were added.
    pub checks: Vec<Outcome>,
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What was checked.
    pub name: String,
    /// `None` when it is well; otherwise what is wrong, in words without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Health {
    /// Announces a service that is about to start.
    pub fn expect(&self, service: &'static str) {
        let mut state = self.lock();
        if !state.components.iter().any(|(name, _)| *name == service) {
            state.components.push((service, false));
        }
    }

    /// Says that a service has started and is serving.
    pub fn started(&self, service: &'static str) {
        self.expect(service);
        for (name, started) in &mut self.lock().components {
            *started |= *name == service;
        }
    }

    /// Adds a check that is run at each report, for example that the database answers. A second check of one
    /// name is dropped: services in one process share their peers.
    pub fn check<F, Fut>(&self, name: impl Into<String>, check: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        let name = name.into();
        let mut state = self.lock();
        if !state.checks.iter().any(|(taken, _)| *taken == name) {
            state.checks.push((name, Arc::new(move || Box::pin(check()))));
        }
    }

    /// Runs all checks side by side, each with a limit of two seconds; reports younger than half a second
    /// are given again.
    pub async fn report(&self) -> Report {
        let mut last = self.last.lock().await;
        if let Some((at, report)) = last.as_ref()
            && at.elapsed() < REUSE
        {
            return report.clone();
        }
        let report = self.fresh_report().await;
        *last = Some((Instant::now(), report.clone()));
        report
    }

    /// Like [`Health::report`], but never reuses an answer.
    pub async fn fresh_report(&self) -> Report {
        let (components, checks) = {
            let state = self.lock();
            (state.components.clone(), state.checks.clone())
        };
        let services = components.into_iter().map(|(name, started)| Outcome {
            name: name.to_owned(),
            problem: (!started).then(|| "starting".to_owned()),
        });
        let checked = join_all(checks.into_iter().map(|(name, check)| async move {
            let problem = match tokio::time::timeout(CHECK_LIMIT, check()).await {
                Ok(Ok(())) => None,
                Ok(Err(problem)) => Some(problem),
                Err(_) => Some(format!("no answer within {} s", CHECK_LIMIT.as_secs())),
            };
            Outcome { name, problem }
        }))
        .await;
        let checks: Vec<_> = services.chain(checked).collect();
        Report {
            ready: !checks.is_empty() && checks.iter().all(|check| check.problem.is_none()),
            checks,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; a poisoned one still holds whole data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Health")
            .field("components", &state.components)
            .field("checks", &state.checks.len())
            .finish()
    }
}
