//! Owns the database: resources, turns, deliveries, over REST.
//!
//! `db` is the database, `store` what is asked of it, `api` the routes (the list is in `api/routes.rs`).

mod api;
mod backup;
mod db;
mod outbox;
mod settings;
mod store;

use secrecy::ExposeSecret;
use service_kit::{Lifecycle, OperatorError, http, ops};
use tokio::net::TcpListener;

pub use backup::BackupError;
pub use db::{Db, DbError, DbKind, MigrationStatus};
pub use settings::{Amount, BudgetSettings, CallLimits, RetentionSettings, Settings};

use outbox::BusSlot;

/// What the service is, for `--help`.
pub const ABOUT: &str = "Owns the database: resources, turns, deliveries, over REST.";

/// The OpenAPI 3.1 document of the whole interface, as JSON text.
pub fn openapi() -> String {
    api::api().document()
}

/// Runs the service until the process stops.
///
/// # Errors
/// A setting cannot work: the address is taken, the database cannot be used or is from a newer version.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    let listener = http::bind(settings.rest_listen, "REST_LISTEN").await?;
    serve(settings, listener, lifecycle).await
}

/// [`run`] on a listener that the caller has bound: opens the database, applies pending migrations, serves.
///
/// # Errors
/// As for [`run`].
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    // It serves what it can as early as it can, and is ready when the bus is there too.
    lifecycle.health().expect("rest_service");
    let url = settings.database_url.expose_secret();
    let db = Db::open(url, settings.database_connections).await?;
    let applied = db.migrate().await?;
    if let Some(newest) = applied.last() {
        tracing::info!(count = applied.len(), newest, "migrations applied");
    }
    let checked = db.clone();
    lifecycle.health().check("database", move || {
        let db = checked.clone();
        // A task of its own, so that a check that is given up does not give a connection up in mid-query.
        async move {
            match tokio::spawn(async move { db.check().await }).await {
                Ok(answer) => answer.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        }
    });
    let measured = db.clone();
    lifecycle.gauge(move || measured.measure());
    let service_key = settings.key.service_key;
    let operators = ops::routes(&lifecycle, &service_key);
    let watch = api::Watch::default();
    let key = service_key.clone();
    let parts = api::Parts {
        service_key,
        bus: BusSlot::default(),
        retention: settings.retention.clone(),
        budgets: settings.budgets.clone(),
        lifecycle: lifecycle.clone(),
        keyring: api::Keyring::default(),
        watch: watch.clone(),
        rates: api::Rates::new(settings.limits.rest_rate_limit),
        lockout: api::Lockout::new(settings.limits.rest_wrong_keys),
        limits: settings.limits.clone(),
    };
    let app = api::App::new(db.clone(), parts);
    // Everything but the API channel is served without the bus.
    let slot = app.bus.clone();
    let outbox = outbox::run(&settings.bus, &slot, &db, &lifecycle);
    let serving = http::serve(listener, operators.merge(api::routes(app)), &key, &lifecycle);
    let all = async { tokio::try_join!(serving, outbox).map(|_| ()) };
    tokio::select! {
        ended = all => ended,
        () = watch.run(&db, &lifecycle) => Ok(()),
        // Every request has ended by then: who is still connected is a reader of events who does not read.
        () = async {
            lifecycle.stopping().await;
            tokio::time::sleep(api::REQUEST_LIMIT).await;
        } => Ok(()),
    }
}
