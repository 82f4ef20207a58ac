//! An Open-Meteo for tests, forecast and geocoding: as strict as the real one about parameters, with weather that the
//! test sets, and every way in which the service can be away.
//!
//! ```no_run
//! # async fn example() {
//! use fakes::weather::{Day, Fault, WeatherServer};
//!
//! let weather = WeatherServer::start().await;
//! weather.sets_day("Bergen", "2026-01-02", Day { code: 63, low: 3.0, high: 7.0, ..Day::default() });
//! weather.breaks(Fault::Down);
//! // … start what asks for the weather, with `weather.forecast_url()` and `weather.geocoding_url()` …
//! # }
//! ```
//!
//! Checked against <https://open-meteo.com/en/docs> and <https://open-meteo.com/en/docs/geocoding-api>; the words of
//! refusals are the server's own.

mod fault;
mod forecast;
mod geocoding;
mod places;
mod query;
mod server;

pub use fault::Fault;
pub use forecast::Day;

use crate::clock::{Now, default_clock};
use crate::violations::{Violation, Violations, fail};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a server is started with; `Options::default()` suits a test.
pub struct Options {
    /// What time it is for the server; the default starts on 2026-01-01.
    pub clock: Option<Now>,
    /// Whether dropping the server with unread violations fails the test.
    pub leftovers_fail: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: None,
            leftovers_fail: true,
        }
    }
}

/// A request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `/v1/forecast` or `/v1/search`.
    pub path: String,
    /// The parameters in the order they were sent, decoded.
    pub parameters: Vec<(String, String)>,
}

impl Request {
    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }
}

/// What the handlers share.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) violations: Violations,
    pub(crate) now: Now,
}

#[derive(Default)]
pub(crate) struct State {
    /// By the place's name and the date.
    pub(crate) days: HashMap<(String, String), Day>,
    pub(crate) fault: Option<Fault>,
    requests: Vec<Request>,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, request: Request) {
        self.lock().requests.push(request);
    }
}

/// A running server; dropping it stops it and fails the test when a violation is left.
pub struct WeatherServer {
    shared: Arc<Shared>,
    base: String,
    leftovers_fail: bool,
    task: JoinHandle<()>,
}

impl WeatherServer {
    /// Starts a server with default options on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start_with(options: Options) -> Self {
        match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => Self::serve(listener, options),
            Err(error) => fail(&format!("no free port for the fake Open-Meteo: {error}")),
        }
    }

    /// Serves on a socket of the caller's, such as one that a container publishes.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn serve(listener: TcpListener, options: Options) -> Self {
        let address = listener
            .local_addr()
            .map_or_else(|_| String::new(), |address| address.to_string());
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            violations: Violations::default(),
            now: options.clock.unwrap_or_else(default_clock),
        });
        let task = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Self {
            shared,
            base: format!("http://{address}"),
            leftovers_fail: options.leftovers_fail,
            task,
        }
    }

    /// The address for `WEATHER_URL`.
    #[must_use]
    pub fn forecast_url(&self) -> String {
        format!("{}/v1/forecast", self.base)
    }

    /// The address for `GEOCODING_URL`.
    #[must_use]
    pub fn geocoding_url(&self) -> String {
        format!("{}/v1/search", self.base)
    }

    /// Sets the weather of one day (`YYYY-MM-DD`, at the place) of the first place of that name.
    pub fn sets_day(&self, place: &str, date: &str, day: Day) {
        self.shared
            .lock()
            .days
            .insert((place.to_owned(), date.to_owned()), day);
    }

    /// From now on every request goes wrong in this way.
    pub fn breaks(&self, fault: Fault) {
        self.shared.lock().fault = Some(fault);
    }

    /// Everything works again.
    pub fn heals(&self) {
        self.shared.lock().fault = None;
    }

    /// The requests so far, oldest first, refused ones too.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// How many requests a path (`/v1/forecast`, `/v1/search`) had so far.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        let state = self.shared.lock();
        state
            .requests
            .iter()
            .filter(|request| request.path == path)
            .count()
    }

    /// What was done against the rules so far; it stays on the list.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.violations.list()
    }

    /// What was done against the rules so far; the list is empty afterwards.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.violations.take()
    }

    /// Fails when a violation is on the list.
    ///
    /// # Panics
    /// When one is.
    pub fn assert_clean(&self) {
        self.shared.violations.assert_clean("the fake Open-Meteo");
    }
}

impl Drop for WeatherServer {
    fn drop(&mut self) {
        self.task.abort();
        if self.leftovers_fail {
            self.assert_clean();
        }
    }
}
