//! The HTTP side: finds what a request is for, writes the log, injects the fault, runs it.

use super::consent;
use super::discovery::{self, Findings, Method, PathParameters};
use super::error::{ApiError, Reply};
use super::events::{self, Context};
use super::fault::Fault;
use super::fields;
use super::listing::{self, Query};
use super::state::{Call, Shared, State};
use super::tokens::{self, Form};
use super::{calendar::View, calendars};
use crate::wire::{Connection, CuttableListener};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State as Extracted};
use axum::http::{HeaderMap, HeaderName, Method as HttpMethod, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::time::Instant;
use url::form_urlencoded;

const CALENDAR_PATH: &str = "/calendar/v3/";

/// Serves OAuth and the API on the listener until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new().fallback(handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Connection>();
    // `axum::serve` never ends by itself.
    let _ = axum::serve(CuttableListener(listener), service).await;
}

/// What a request is for.
enum Route {
    Authorize,
    Consent,
    Token(Option<Form>),
    Revoke(Option<Form>),
    Userinfo,
    Calendar(Method, PathParameters),
    Unknown,
}

/// A request, taken apart.
struct Request {
    route: Route,
    kind: String,
    target: String,
    raw_query: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn is_oauth(&self) -> bool {
        self.kind.starts_with("oauth.")
    }

    /// For the log: the form, or the JSON.
    fn logged_body(&self) -> Value {
        match &self.route {
            Route::Token(form) | Route::Revoke(form) => json!(form),
            _ => serde_json::from_slice(&self.body).unwrap_or(Value::Null),
        }
    }
}

fn read(method: &HttpMethod, uri: &Uri, headers: HeaderMap, body: Bytes) -> Request {
    let raw_query = uri.query().unwrap_or_default().to_owned();
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let form = || tokens::read_form(content_type, &body);
    let (kind, route) = match (method.as_str(), uri.path()) {
        ("GET", consent::PATH) => ("oauth.authorize", Route::Authorize),
        ("POST", consent::FORM_PATH) => ("oauth.consent", Route::Consent),
        ("POST", "/token") => {
            let form = form();
            let grant = form.as_ref().and_then(|form| form.get("grant_type"));
            let is_refresh = grant.is_some_and(|grant| grant == "refresh_token");
            let kind = if is_refresh { "oauth.refresh" } else { "oauth.code" };
            (kind, Route::Token(form))
        }
        ("POST", "/revoke") => ("oauth.revoke", Route::Revoke(form())),
        ("GET", "/v1/userinfo" | "/oauth2/v3/userinfo") => ("oauth.userinfo", Route::Userinfo),
        (method, path) => match segments(path).and_then(|segments| discovery::find(method, &segments)) {
            Some((found, parameters)) => (found.name(), Route::Calendar(found, parameters)),
            None => ("unknown", Route::Unknown),
        },
    };
    Request {
        kind: kind.to_owned(),
        route,
        target: format!("{method} {}", uri.path()),
        query: form_urlencoded::parse(raw_query.as_bytes())
            .into_owned()
            .collect(),
        raw_query,
        headers,
        body,
    }
}

/// The decoded segments of a path below the Calendar API.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix(CALENDAR_PATH)?;
    // In a path a plus is a plus.
    let decode = |segment: &str| {
        let pair = format!("s={}", segment.replace('+', "%2B"));
        form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    path.split('/').map(decode).collect()
}

async fn handle(
    Extracted(shared): Extracted<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = read(&method, &uri, headers, body);
    let (index, fault) = shared.change(|state| {
        let index = state.calls.len();
        if state.keeps_calls {
            let call = log(state, &request);
            state.calls.push(call);
        }
        (index, state.faults.take(&request.kind))
    });
    match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
        Some(Fault::CloseBefore) => {
            connection.cut();
            return StatusCode::BAD_GATEWAY.into_response();
        }
        _ => {}
    }
    let injected = fault.as_ref().and_then(|fault| fault.reply(request.is_oauth()));
    let mut reply = injected.unwrap_or_else(|| shared.change(|state| run(state, &request)));
    if fault == Some(Fault::CloseAfter) {
        connection.cut();
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if fault == Some(Fault::BrokenJson) {
        reply.body.truncate(reply.body.len() / 2);
    }
    shared.change(|state| {
        if let Some(call) = state.calls.get_mut(index) {
            call.status = Some(reply.status);
        }
    });
    respond(reply)
}

fn log(state: &State, request: &Request) -> Call {
    let token = request
        .header(&header::AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "));
    let token = token.and_then(|token| state.access_tokens.get(token));
    Call {
        kind: request.kind.clone(),
        target: request.target.clone(),
        account: token.map(|token| token.account.clone()).unwrap_or_default(),
        query: request.query.iter().cloned().collect::<BTreeMap<_, _>>(),
        body: request.logged_body(),
        if_match: request.header(&header::IF_MATCH).map(str::to_owned),
        at: Instant::now(),
        status: None,
    }
}

fn run(state: &mut State, request: &Request) -> Reply {
    let authorization = request.header(&header::AUTHORIZATION);
    match &request.route {
        Route::Authorize => match consent::read(state, &request.raw_query) {
            Ok(ask) => ask.page(state, &request.raw_query),
            Err(refusal) => {
                state.violations.record("oauth.authorize", refusal.reason.clone());
                refusal.page()
            }
        },
        Route::Consent => consent::submit(state, &request.body),
        Route::Token(form) => tokens::token(state, &request.kind, form.as_ref(), authorization),
        Route::Revoke(form) => tokens::revoke(state, &request.kind, form.as_ref()),
        Route::Userinfo => tokens::userinfo(state, &request.kind, authorization),
        Route::Calendar(method, parameters) => match call(state, request, *method, parameters) {
            Ok(reply) => reply,
            Err(error) => refuse(state, &request.kind, &error),
        },
        Route::Unknown => refuse(state, &request.target, &ApiError::unknown_address()),
    }
}

fn refuse(state: &State, call: &str, error: &ApiError) -> Reply {
    if error.is_violation {
        let reason = format!("{} {}: {}", error.code, error.reason, error.message);
        state.violations.record(call, reason);
    }
    Reply::json(error.code, &error.body())
}

/// A call of the Calendar API: who may do it, whether it has the form, and then the method itself.
fn call(
    state: &mut State,
    request: &Request,
    method: Method,
    parameters: &PathParameters,
) -> Result<Reply, ApiError> {
    let token = state.bearer(request.header(&header::AUTHORIZATION))?;
    let account = token.account.clone();
    state.take_quota(&account)?;
    accept(state, request, method.check_query(&request.query))?;
    let body = read_body(state, request, method)?;
    let parameter = |name: &str| parameters.get(name).map_or("", String::as_str);
    check_scope(state, &token.scopes, &account, method, parameter("calendarId"))?;
    let query = Query(&request.query);
    let send_updates = query.text("sendUpdates").unwrap_or("none");
    let context = Context {
        account: &account,
        calendar: parameter("calendarId"),
        send_updates,
        if_match: request.header(&header::IF_MATCH),
    };
    let event_id = parameter("eventId");
    let answer = match method.name() {
        "events.list" => listing::events(state, &account, context.calendar, &query)?,
        "events.instances" => listing::instances(state, &account, context.calendar, event_id, &query)?,
        "events.get" => {
            let view = events::get(state, &context, event_id)?;
            let known = request.header(&header::IF_NONE_MATCH);
            if known.is_some_and(|known| known == view.etag()) {
                return Ok(Reply::empty(304));
            }
            answer(state, &context, &query, &view)?
        }
        "events.insert" => {
            let view = events::insert(state, &context, &body)?;
            answer(state, &context, &query, &view)?
        }
        "events.update" | "events.patch" => {
            let is_patch = method.name() == "events.patch";
            let view = events::change(state, &context, event_id, &body, is_patch)?;
            answer(state, &context, &query, &view)?
        }
        "events.delete" => {
            events::delete(state, &context, event_id)?;
            return Ok(Reply::empty(204));
        }
        "calendarList.list" => calendars::list(state, &account, &query)?,
        "calendarList.get" => calendars::entry(state, &account, context.calendar)?,
        "calendars.get" => calendars::get(state, &account, context.calendar)?,
        "freebusy.query" => calendars::freebusy(state, &account, &body)?,
        other => return Err(ApiError::not_done(other)),
    };
    let mut answer = answer;
    if let Some((day, names)) = &state.odd_days {
        says_day(&mut answer, day, names, false);
    }
    let answer = match query.text("fields") {
        None => answer,
        Some(wanted) => fields::select(&answer, wanted).ok_or_else(|| {
            ApiError::parameter(
                "fields",
                "invalidParameter",
                format!("Invalid field selection {wanted}"),
            )
        })?,
    };
    Ok(Reply::json(200, &answer))
}

/// Puts a day in place of those under some names, and below them.
fn says_day(answer: &mut Value, day: &str, names: &[String], is_named: bool) {
    match answer {
        Value::Array(items) => {
            for item in items {
                says_day(item, day, names, is_named);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_named = is_named || names.contains(name);
                let is_day = is_named && value.is_string() && name != "timeZone";
                match name.as_str() {
                    "date" if is_day => *value = day.into(),
                    _ if is_day => *value = format!("{day}T23:59:59Z").into(),
                    _ => says_day(value, day, names, is_named),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Notes what Google would drop; refuses what it would refuse.
fn accept(state: &State, request: &Request, findings: Findings) -> Result<(), ApiError> {
    for unknown in findings.unknown {
        state.violations.record(&request.kind, unknown);
    }
    findings.refusal.map_or(Ok(()), Err)
}

fn read_body(state: &State, request: &Request, method: Method) -> Result<Value, ApiError> {
    if !method.has_body() {
        if !request.body.is_empty() {
            state
                .violations
                .record(&request.kind, "a body where there is to be none");
        }
        return Ok(Value::Null);
    }
    let content_type = request.header(&header::CONTENT_TYPE).unwrap_or_default();
    let body: Value = serde_json::from_slice(&request.body)
        .ok()
        .filter(|body: &Value| body.is_object() && content_type.starts_with("application/json"))
        .ok_or_else(|| ApiError::bad("parseError", "Parse Error"))?;
    accept(state, request, method.check_body(&body))?;
    Ok(body)
}

/// One of the method's scopes has to be among the token's. Those that only reach some events don't count, but for
/// those of calendars that the user owns.
fn check_scope(
    state: &State,
    scopes: &[String],
    account: &str,
    method: Method,
    calendar: &str,
) -> Result<(), ApiError> {
    let owns = calendar == "primary"
        || state.calendars.get(calendar).is_some_and(|calendar| {
            calendar
                .roles
                .get(account)
                .is_some_and(|role| role.name() == "owner")
        });
    let covers = |scope: &str| {
        let short = scope.rsplit('/').next().unwrap_or_default();
        match short {
            "calendar.app.created" | "calendar.events.public.readonly" => false,
            "calendar.events.freebusy" => method.name() == "freebusy.query",
            "calendar.events.owned" | "calendar.events.owned.readonly" => owns,
            _ => true,
        }
    };
    let mut useful = method.scopes().filter(|scope| covers(scope));
    if useful.any(|scope| scopes.iter().any(|granted| granted == scope)) {
        return Ok(());
    }
    let was_asked_for = method
        .scopes()
        .any(|scope| covers(scope) && state.asked_scopes.contains(scope));
    Err(ApiError::insufficient_scope(method.name(), was_asked_for))
}

fn answer(state: &State, context: &Context<'_>, query: &Query<'_>, view: &View) -> Result<Value, ApiError> {
    let (calendar, _) = super::calendar::of(&state.calendars, context.calendar, context.account)?;
    let zone = query.zone(calendar.time_zone)?;
    Ok(listing::present(calendar, view, context.account, zone, query))
}

fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    let texts = [
        (header::CONTENT_TYPE, Some(reply.content_type.to_owned())),
        (header::LOCATION, reply.location),
        (header::ETAG, reply.etag),
        (
            header::RETRY_AFTER,
            reply.retry_after.map(|seconds| seconds.to_string()),
        ),
    ];
    for (name, text) in texts {
        if let Some(value) = text
            .filter(|text| !text.is_empty())
            .and_then(|text| text.parse().ok())
        {
            headers.insert(name, value);
        }
    }
    // As Google answers: nothing of this is for a cache.
    let never = axum::http::HeaderValue::from_static("no-cache, no-store, max-age=0, must-revalidate");
    headers.insert(header::CACHE_CONTROL, never);
    response
}
