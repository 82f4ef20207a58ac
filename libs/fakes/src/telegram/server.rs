//! The HTTP side: finds the method, injects the fault, runs the call, writes the log.

use super::error::ApiError;
use super::fault::Fault;
use super::methods::{self, Method};
use super::params::Params;
use super::state::{Call, Shared};
use super::updates;
use crate::wire::{Connection, CuttableListener};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// What the handlers share.
#[derive(Clone)]
struct App {
    shared: Arc<Shared>,
    token: Arc<str>,
}

/// Serves the Bot API on the listener until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, token: Arc<str>) {
    let handlers: MethodRouter<App> = get(handle).post(handle);
    let router = Router::new()
        .route("/{bot}/{method}", handlers)
        .route("/file/{bot}/documents/{id}", get(file))
        .fallback(|| async { respond(&ApiError::not_found()) })
        .with_state(App { shared, token });
    let service = router.into_make_service_with_connect_info::<Connection>();
    // `axum::serve` never ends by itself.
    let _ = axum::serve(CuttableListener(listener), service).await;
}

/// Hands a file out (Bot API, `File`).
async fn file(State(app): State<App>, Path((bot, id)): Path<(String, String)>) -> Response {
    if bot.strip_prefix("bot") != Some(app.token.as_ref()) {
        return respond(&ApiError::unauthorized());
    }
    match app.shared.lock().files.get(&id) {
        Some(bytes) => bytes.clone().into_response(),
        None => respond(&ApiError::not_found()),
    }
}

async fn handle(
    State(app): State<App>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path((bot, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let violations = app.shared.lock().violations.clone();
    let refuse = |error: &ApiError| {
        if error.is_violation {
            violations.record(&name, &error.description);
        }
        respond(error)
    };
    if bot.strip_prefix("bot") != Some(app.token.as_ref()) {
        return refuse(&ApiError::unauthorized());
    }
    if app.shared.lock().is_revoked {
        return respond(&ApiError {
            is_violation: false,
            ..ApiError::unauthorized()
        });
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let params = match Params::read(query.as_deref(), content_type, &body) {
        Ok(params) => params,
        Err(error) => return refuse(&error),
    };
    let (index, fault) = app.shared.change(|state| {
        let index = state.calls.len();
        if state.keeps_calls {
            let parameters = Value::Object(params.0.clone());
            state.calls.push(Call {
                method: name.clone(),
                parameters,
                at: Instant::now(),
                status: None,
            });
        }
        (index, state.faults.take(&name.to_ascii_lowercase()))
    });
    let Some(method) = methods::find(&name) else {
        log_status(&app.shared, index, 404);
        return refuse(&ApiError::not_found());
    };
    for unknown in params
        .0
        .keys()
        .filter(|name| !method.parameters.contains(&name.as_str()))
    {
        violations.record(&name, format!("unknown parameter \"{unknown}\""));
    }
    let response = match before(&fault, &connection).await {
        Some(response) => response,
        None => match run(&app.shared, method, &params).await {
            Ok(result) => json_response(200, &json!({ "ok": true, "result": result })),
            Err(error) => refuse(&error),
        },
    };
    if fault == Some(Fault::CloseAfter) {
        connection.cut();
    } else if fault != Some(Fault::CloseBefore) {
        log_status(&app.shared, index, response.status().as_u16());
    }
    response
}

/// What a fault answers in place of the call.
async fn before(fault: &Option<Fault>, connection: &Connection) -> Option<Response> {
    match fault {
        None | Some(Fault::CloseAfter) => None,
        Some(Fault::Slow(delay)) => {
            tokio::time::sleep(*delay).await;
            None
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::CloseBefore) => {
            connection.cut();
            Some(StatusCode::BAD_GATEWAY.into_response())
        }
        Some(Fault::Status(code)) => Some(respond(&ApiError::injected(*code))),
        Some(Fault::Refused(reason)) => Some(respond(&ApiError::bad(reason))),
        Some(Fault::RetryAfter(seconds)) => Some(respond(&ApiError::too_many(*seconds))),
        Some(Fault::BadGatewayPage) => Some(page(StatusCode::BAD_GATEWAY)),
        Some(Fault::NotFoundPage) => Some(page(StatusCode::NOT_FOUND)),
    }
}

/// A page as something between the bot and Telegram shows it.
fn page(status: StatusCode) -> Response {
    let page = format!("<html>\r\n<head><title>{status}</title></head>\r\n<body></body>\r\n</html>\r\n");
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

async fn run(shared: &Shared, method: &Method, params: &Params) -> Result<Value, ApiError> {
    if method.name == methods::GET_UPDATES {
        return updates::get_updates(shared, params).await;
    }
    shared.change(|state| (method.run)(state, params))
}

fn log_status(shared: &Shared, index: usize, status: u16) {
    shared.change(|state| {
        if let Some(call) = state.calls.get_mut(index) {
            call.status = Some(status);
        }
    });
}

fn respond(error: &ApiError) -> Response {
    json_response(error.code, &error.body())
}

fn json_response(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
