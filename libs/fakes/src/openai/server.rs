//! The HTTP side: checks key and request, takes the script's next step, and delivers it with its faults.

use super::Shared;
use super::frames::{self, Completion};
use super::providers::{Provider, answers::Answer, errors::Failure, rules};
use super::request::Request;
use super::step::{Kind, Manner, Step};
use super::transcriptions;
use super::validate::{self, Refusal};
use crate::wire::{Connection, CuttableListener};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::stream;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// More than any model's context in text.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// Lets what was written leave before the connection is reset.
const BEFORE_CUT: Duration = Duration::from_millis(5);

/// Serves the API on the listener until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/audio/transcriptions", post(transcriptions::transcribe))
        .route("/v1/models", get(models))
        .route("/api/tags", get(tags))
        .route("/api/show", post(show))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared);
    let service = router.into_make_service_with_connect_info::<Connection>();
    // `axum::serve` never ends by itself.
    let _ = axum::serve(CuttableListener(listener), service).await;
}

async fn models(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Err(refusal) = check_key(&shared, &headers) {
        return refuse(&shared, "/v1/models", &refusal);
    }
    let created = (shared.now)();
    let model = |id: &String| json!({ "id": id, "object": "model", "created": created, "owned_by": "fake" });
    let data: Vec<Value> = shared.models.iter().map(model).collect();
    json_response(
        200,
        &json!({ "object": "list", "data": data }),
        "application/json",
    )
}

/// Ollama's own list of models.
async fn tags(State(shared): State<Arc<Shared>>) -> Response {
    let model =
        |name: &String| json!({ "name": name, "model": name, "size": 1, "details": { "family": "fake" } });
    let models: Vec<Value> = shared.models.iter().map(model).collect();
    json_response(200, &json!({ "models": models }), "application/json")
}

/// What a model of Ollama's can: those whose names begin with "gemma" call no tools.
async fn show(body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let capabilities = match asked["model"].as_str() {
        Some(name) if !name.starts_with("gemma") => json!(["completion", "tools"]),
        _ => json!(["completion"]),
    };
    json_response(200, &json!({ "capabilities": capabilities }), "application/json")
}

async fn unknown(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let message = format!("Invalid URL ({})", uri.path());
    refuse(
        &shared,
        uri.path(),
        &Refusal {
            status: 404,
            ..Refusal::general(message)
        },
    )
}

async fn chat(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let at = Instant::now();
    if let Some(provider) = shared.provider
        && let Some(response) = peculiarities(&shared, &provider, &headers, &body)
    {
        return response;
    }
    let request = match check_key(&shared, &headers).and_then(|()| read(&shared, &headers, &body)) {
        Ok(json) => Request {
            body: json,
            bytes: body.len(),
            at,
        },
        Err(refusal) => return refuse(&shared, "/v1/chat/completions", &refusal),
    };
    let (step, number) = shared.next_step(&request);
    if !step.manner.headers_after.is_zero() {
        tokio::time::sleep(step.manner.headers_after).await;
    }
    if let Some(provider) = shared.provider
        && let Some(response) = in_its_way(&shared, &provider, &request, number, &step, &connection)
    {
        return response;
    }
    if matches!(step.kind, Kind::Answer { .. }) {
        shared.answered();
    }
    let created = (shared.now)();
    deliver(&request, number, created, step, connection).await
}

/// The refusal of a request that the server does not take, though OpenAI would.
fn peculiarities(
    shared: &Shared,
    provider: &Provider,
    headers: &HeaderMap,
    body: &Bytes,
) -> Option<Response> {
    let sent: Value = serde_json::from_slice(body).ok()?;
    let key = check_key(shared, headers).err();
    let is_key = key.is_some();
    let rules = provider.refuses.iter();
    let refusal = key.or_else(|| {
        rules
            .into_iter()
            .find_map(|rule| rules::check(*rule, &sent).err())
    })?;
    if is_key {
        shared
            .violations
            .record("/v1/chat/completions", refusal.message.clone());
    } else {
        shared.refused();
    }
    Some(failed(
        provider,
        &Failure {
            status: refusal.status,
            code: refusal.code,
            message: &refusal.message,
            place: rules::place(&refusal),
            sent: &sent,
        },
        None,
    ))
}

/// The answer as the server writes it.
fn in_its_way(
    shared: &Shared,
    provider: &Provider,
    request: &Request,
    number: u64,
    step: &Step,
    connection: &Connection,
) -> Option<Response> {
    match &step.kind {
        Kind::Hang | Kind::Raw { .. } => None,
        Kind::Error {
            status,
            code,
            message,
            retry_after,
        } => Some(failed(
            provider,
            &Failure {
                status: *status,
                code: Some(code),
                message,
                place: Value::Null,
                sent: &request.body,
            },
            *retry_after,
        )),
        Kind::Answer { text, calls, .. } => {
            shared.answered();
            let (content_type, body) = provider.writes.write(&Answer {
                text: text.as_deref(),
                calls,
                number,
                is_stream: request.is_stream(),
                is_cut: step.manner.cut_after.is_some(),
            });
            if step.manner.cut_after.is_some() {
                let manner = Manner {
                    cut_after: Some(1),
                    content_type: Some(content_type.to_owned()),
                    ..Manner::default()
                };
                return Some(stream_response(vec![body], manner, connection.clone()));
            }
            Some((StatusCode::OK, [(header::CONTENT_TYPE, content_type)], body).into_response())
        }
    }
}

fn failed(provider: &Provider, failure: &Failure<'_>, retry_after: Option<u64>) -> Response {
    let (status, content_type, body) = provider.errors.write(failure);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

async fn deliver(
    request: &Request,
    number: u64,
    created: i64,
    step: Step,
    connection: Connection,
) -> Response {
    let Step { kind, manner } = step;
    match kind {
        Kind::Hang => std::future::pending().await,
        Kind::Raw {
            status,
            content_type,
            body,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
        }
        Kind::Error {
            status,
            code,
            message,
            retry_after,
        } => {
            let kind = if status == 429 { "requests" } else { code.as_str() };
            let body = json!({ "error": { "message": message, "type": kind, "param": null, "code": code } });
            let mut response = json_response(status, &body, "application/json");
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
        Kind::Answer {
            text,
            calls,
            finish_reason,
        } => {
            let completion = Completion {
                request,
                number,
                created,
                text: text.as_deref(),
                calls: &calls,
                finish_reason: finish_reason.as_deref(),
                manner: &manner,
            };
            if request.is_stream() {
                let frames = completion.frames();
                return stream_response(frames, manner, connection);
            }
            if manner.cut_after.is_some() {
                connection.cut();
            }
            let content_type = manner.content_type.as_deref().unwrap_or("application/json");
            if manner.empty_stream {
                return (StatusCode::OK, [(header::CONTENT_TYPE, content_type.to_owned())]).into_response();
            }
            if manner.malformed_at.is_some() {
                let broken = completion
                    .body()
                    .to_string()
                    .replace("\"choices\":[", "\"choices\":[,");
                return (
                    StatusCode::OK,
                    [(header::CONTENT_TYPE, content_type.to_owned())],
                    broken,
                )
                    .into_response();
            }
            json_response(200, &completion.body(), content_type)
        }
    }
}

/// What the stream does next.
enum Action {
    Send(Vec<u8>),
    Cut,
    Hang,
}

fn stream_response(mut frames: Vec<String>, manner: Manner, connection: Connection) -> Response {
    let end = match (manner.cut_after, manner.hang_after) {
        (Some(place), _) => {
            frames.truncate(place);
            Some(Action::Cut)
        }
        (None, Some(place)) => {
            frames.truncate(place);
            Some(Action::Hang)
        }
        (None, None) => None,
    };
    let chunks = frames::split(frames, manner.split_seed);
    let actions = chunks.into_iter().map(Action::Send).chain(end);
    let pace = manner.frame_every;
    let body = stream::unfold(
        (actions, connection),
        move |(mut actions, connection)| async move {
            let chunk = match actions.next()? {
                Action::Send(bytes) => {
                    if !pace.is_zero() {
                        tokio::time::sleep(pace).await;
                    }
                    bytes
                }
                Action::Hang => std::future::pending().await,
                Action::Cut => {
                    tokio::time::sleep(BEFORE_CUT).await;
                    connection.cut();
                    // Written to a connection that is cut: this makes the server notice.
                    b"\n".to_vec()
                }
            };
            Some((Ok::<_, io::Error>(Bytes::from(chunk)), (actions, connection)))
        },
    );
    let content_type = manner
        .content_type
        .unwrap_or_else(|| "text/event-stream; charset=utf-8".to_owned());
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (StatusCode::OK, headers, Body::from_stream(body)).into_response()
}

pub(super) fn check_key(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    if shared.is_open {
        return Ok(());
    }
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let key = value.strip_prefix("Bearer ").unwrap_or_default().trim();
    if key.is_empty() {
        let message = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
        return Err(Refusal {
            status: 401,
            ..Refusal::general(message)
        });
    }
    if shared.key.as_ref().is_some_and(|wanted| wanted != key) {
        let code = Some("invalid_api_key");
        return Err(Refusal {
            status: 401,
            code,
            ..Refusal::general("Incorrect API key provided.")
        });
    }
    Ok(())
}

fn read(shared: &Shared, headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !content_type.to_ascii_lowercase().starts_with("application/json") {
        return Err(Refusal {
            status: 415,
            ..Refusal::general(format!(
                "Unsupported content type: '{content_type}'. This API method only accepts 'application/json' requests."
            ))
        });
    }
    let json: Value = serde_json::from_slice(body).map_err(|_| {
        Refusal::general("We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly.)")
    })?;
    match &shared.provider {
        // What only this server takes is its own affair.
        Some(provider) => validate::check(&rules::without(&json, provider.own_fields))?,
        None => validate::check(&json)?,
    }
    let model = json["model"].as_str().unwrap_or_default();
    if !shared.models.is_empty() && !shared.models.iter().any(|known| known == model) {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return Err(Refusal {
            status: 404,
            code: Some("model_not_found"),
            ..Refusal::general(message)
        });
    }
    Ok(json)
}

pub(super) fn refuse(shared: &Shared, call: &str, refusal: &Refusal) -> Response {
    shared.violations.record(call, refusal.message.clone());
    json_response(refusal.status, &refusal.body(), "application/json")
}

pub(super) fn json_response(status: u16, body: &Value, content_type: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (
        status,
        [(header::CONTENT_TYPE, content_type.to_owned())],
        body.to_string(),
    )
        .into_response()
}
