//! The HTTP side: notes the request, lets it go wrong as it is told to, and answers it.

use super::query::{Query, Refusal};
use super::{Fault, Request, Shared, forecast, geocoding};
use crate::wire::{Connection, CuttableListener};
use axum::Router;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;

const FORECAST: &str = "/v1/forecast";
const SEARCH: &str = "/v1/search";

/// Serves both APIs on the listener until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new()
        .route(FORECAST, get(forecasts))
        .route(SEARCH, get(search))
        .fallback(unknown)
        .with_state(shared);
    let service = router.into_make_service_with_connect_info::<Connection>();
    // `axum::serve` never ends by itself.
    let _ = axum::serve(CuttableListener(listener), service).await;
}

async fn unknown(State(shared): State<Arc<Shared>>, method: Method, uri: Uri) -> Response {
    shared
        .violations
        .record(uri.path(), format!("{method} is not served here"));
    refused(StatusCode::NOT_FOUND, "Not Found")
}

async fn forecasts(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::read(
        &shared,
        FORECAST,
        query.as_deref().unwrap_or_default(),
        forecast::PARAMETERS,
    );
    answer(&shared, &connection, FORECAST, &query, |query| {
        forecast::answer(&shared, query)
    })
    .await
}

async fn search(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::read(
        &shared,
        SEARCH,
        query.as_deref().unwrap_or_default(),
        geocoding::PARAMETERS,
    );
    answer(&shared, &connection, SEARCH, &query, geocoding::search).await
}

async fn answer<'s>(
    shared: &'s Shared,
    connection: &Connection,
    path: &str,
    query: &Query<'s>,
    find: impl FnOnce(&Query<'s>) -> Result<Value, Refusal>,
) -> Response {
    shared.note(Request {
        path: path.to_owned(),
        parameters: query.parameters().to_vec(),
    });
    let fault = shared.lock().fault;
    match fault {
        Some(Fault::Hangs) => std::future::pending().await,
        Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
        Some(Fault::Down) => connection.cut(),
        Some(Fault::BadGateway) => {
            let page = "<html><head><title>502 Bad Gateway</title></head></html>";
            return (
                StatusCode::BAD_GATEWAY,
                [(header::CONTENT_TYPE, "text/html")],
                page,
            )
                .into_response();
        }
        Some(Fault::TooMany) => {
            return refused(
                StatusCode::TOO_MANY_REQUESTS,
                "Minutely API request limit exceeded. Please try again in one minute.",
            );
        }
        Some(Fault::Malformed) => {
            return json_response(StatusCode::OK, "{\"results\":[{\"id\":1,".to_owned());
        }
        Some(Fault::Foreign) => {
            return json_response(StatusCode::OK, "{\"results\":3,\"current\":[]}".to_owned());
        }
        None => {}
    }
    match find(query) {
        Ok(body) => json_response(StatusCode::OK, body.to_string()),
        Err(refusal) => {
            query.refused(&refusal);
            refused(StatusCode::BAD_REQUEST, &refusal.0)
        }
    }
}

fn refused(status: StatusCode, reason: &str) -> Response {
    json_response(status, json!({ "error": true, "reason": reason }).to_string())
}

fn json_response(status: StatusCode, body: String) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, content_type, body).into_response()
}
