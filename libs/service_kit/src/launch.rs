//! From the first line of `main` to the exit code.

use std::{ffi::OsString, io::Write, process::ExitCode, sync::Arc};

use clap::Args;

use crate::{
    Lifecycle, OperatorError, SystemClock,
    http::{ConnectionLimits, ConnectionSettings, Connections, install_tls, raise_open_files},
    settings::{self, Settings, SettingsError},
    telemetry::{self, LogSettings},
};

// What every process has besides its service's settings. Not a doc comment: clap would show it as the help.
#[derive(Args, Clone, Debug)]
#[expect(missing_docs, reason = "clap would show it as the help")]
pub struct ProcessSettings {
    /// What is logged, and how.
    #[command(flatten)]
    pub log: LogSettings,
    /// What HTTP connections may take.
    #[command(flatten)]
    pub connections: ConnectionSettings,
}

impl Settings for ProcessSettings {}

// A service's settings with the process's.
#[derive(Args)]
struct Process<S: Args> {
    #[command(flatten)]
    service: S,
    #[command(flatten)]
    process: ProcessSettings,
}

impl<S: Settings> Settings for Process<S> {
    fn problems(&self) -> Vec<String> {
        self.service.problems()
    }
}

/// Runs one service as this process: `.env`, flags, environment, logs, signals. What goes wrong is one line on
/// standard error and exit code 1.
pub fn launch<S, F>(name: &'static str, about: &'static str, run: impl FnOnce(S, Lifecycle) -> F) -> ExitCode
where
    S: Settings,
    F: Future<Output = Result<(), OperatorError>> + Send + 'static,
{
    match settings::load_dotenv() {
        Ok(()) => launch_with_args(name, about, std::env::args_os(), run),
        Err(error) => failure(&error),
    }
}

/// [`launch`] with flags given by the caller (the first is the program's name), without reading `.env`.
pub fn launch_with_args<S, F>(
    name: &'static str,
    about: &'static str,
    args: impl IntoIterator<Item = impl Into<OsString>>,
    run: impl FnOnce(S, Lifecycle) -> F,
) -> ExitCode
where
    S: Settings,
    F: Future<Output = Result<(), OperatorError>> + Send + 'static,
{
    match settings::parse::<Process<S>>(name, about, args) {
        Ok(Process { service, process }) => launch_with(&process, |lifecycle| {
            lifecycle.health().expect(name);
            lifecycle.clone().spawn(name, run(service, lifecycle));
            async { Ok(()) }
        }),
        Err(SettingsError::Info(text)) => {
            // Help on a closed pipe is nobody's problem.
            drop(text.print());
            ExitCode::SUCCESS
        }
        Err(SettingsError::Wrong(error)) => failure(&error),
    }
}

/// Runs a process of several services: `start` spawns them on the lifecycle; then they are supervised to
/// their end.
pub fn launch_with<F>(settings: &ProcessSettings, start: impl FnOnce(Lifecycle) -> F) -> ExitCode
where
    F: Future<Output = Result<(), OperatorError>>,
{
    install_tls();
    let outcome = telemetry::init(&settings.log).and_then(|()| {
        telemetry::metrics();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                OperatorError::new(
                    "cannot start the runtime",
                    "check the process's limits on threads",
                )
                .because(error)
            })?;
        let outcome = runtime.block_on(async {
            raise_open_files();
            let connections = Connections::new(ConnectionLimits::from(&settings.connections));
            let (lifecycle, supervisor) = Lifecycle::with_connections(Arc::new(SystemClock), connections);
            start(lifecycle).await?;
            supervisor.supervise().await
        });
        // What is still running was given up already; a blocked thread must not hold the exit.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

fn failure(error: &OperatorError) -> ExitCode {
    // The last word of a process goes to the operator, whatever the log filter says; with standard error closed
    // there is nobody to tell.
    drop(writeln!(std::io::stderr(), "error: {error}"));
    ExitCode::FAILURE
}
