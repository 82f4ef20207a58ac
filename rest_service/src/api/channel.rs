//! The API channel: what a user says, and the stream of what the user is told.

use axum::{
    Extension,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, request::Parts},
    response::{IntoResponse, Sse, sse::KeepAlive},
};
use messages::{Address, ButtonPressedV1, Channel, Envelope, Event, EventId, Topic, TraceId, UserMessageV1};
use rest_client::{
    AcceptedMessage, EventsQuery, NewPress, NewUserMessage, ProblemKind, Resource, Scope, UserState, Verb,
    limits,
};
use schemars::SchemaGenerator;
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    answer::{Accepted, EventStream},
    caller::Caller,
    check::Check,
    describe::{Described, Input},
    error::ApiError,
    events::{self, Feed, KEEP_ALIVE},
    extract::{Json, Path, Query, State},
    watch::Needs,
};
use crate::store::users;

/// Where a stream goes on (WHATWG HTML §9.2.4).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What a stream needs to go on, as it does to begin.
const LISTEN: Scope = Scope {
    resource: Resource::Channel,
    verb: Verb::Read,
};

/// Puts what the user says on the bus; 202 when it is there, so that it is not lost any more.
pub(super) async fn say(
    State(app): State<App>,
    Extension(trace_id): Extension<TraceId>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewUserMessage>,
) -> Result<Accepted<AcceptedMessage>, ApiError> {
    let mut check = Check::default();
    check_client_id(&mut check, &new.client_id);
    check.text("text", &new.text, 1..=limits::TEXT);
    if let Some(at) = new.sent_at {
        check.instant("sent_at", at);
    }
    check.done()?;
    let said = Event::UserMessageV1(UserMessageV1 {
        user_id: user,
        from: address(user),
        message_ref: None,
        text: new.text,
        sent_at: new.sent_at.unwrap_or(app.now()),
    });
    publish(&app, user, trace_id, EventId::api(user, &new.client_id), said).await
}

/// Puts a press on the bus, as [`say`] does with words.
pub(super) async fn press(
    State(app): State<App>,
    Extension(trace_id): Extension<TraceId>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewPress>,
) -> Result<Accepted<AcceptedMessage>, ApiError> {
    let mut check = Check::default();
    check_client_id(&mut check, &new.client_id);
    check.text("action", &new.action, 1..=limits::SHORT);
    check.done()?;
    let pressed = Event::ButtonPressedV1(ButtonPressedV1 {
        user_id: user,
        from: address(user),
        action: new.action,
        message_ref: None,
        pressed_at: app.now(),
    });
    publish(
        &app,
        user,
        trace_id,
        EventId::api_press(user, &new.client_id),
        pressed,
    )
    .await
}

fn check_client_id(check: &mut Check, client_id: &str) {
    check.text("client_id", client_id, 1..=limits::CLIENT_ID);
    // The colon separates the parts of an event's id.
    let is_plain = !client_id.contains(|c: char| c == ':' || c.is_control());
    check.that(
        "client_id",
        is_plain,
        "must not contain colons or control characters",
    );
}

/// The user's conversation on this channel.
fn address(user: Uuid) -> Address {
    Address {
        channel: Channel::Api,
        chat: user.to_string(),
    }
}

/// Puts what an active user did on the bus.
async fn publish(
    app: &App,
    user: Uuid,
    trace_id: TraceId,
    event_id: EventId,
    event: Event,
) -> Result<Accepted<AcceptedMessage>, ApiError> {
    if users::get(&app.db, user).await?.state != UserState::Active {
        return Err(ApiError::of(ProblemKind::NotActive));
    }
    let envelope = Envelope {
        id: event_id.clone(),
        trace_id,
        at: app.now(),
        event,
    };
    let key = match &envelope.event {
        Event::ButtonPressedV1(press) => press.key(),
        _ => address(user).key(),
    };
    let away = || {
        ApiError::saying(
            ProblemKind::Unavailable,
            "the bus cannot be reached; send the message again",
        )
    };
    let bus = app.bus.get().ok_or_else(away)?;
    if let Err(error) = bus.publish(&Topic::ASSISTANT_INBOX, &key, &envelope).await {
        tracing::warn!(%event_id, %error, "a message could not be put on the bus");
        return Err(away());
    }
    tracing::info!(%event_id, user_id = %user, "message accepted");
    Ok(Accepted(AcceptedMessage { event_id }))
}

/// What the user is told from now on, or from where the caller was, as Server-Sent Events.
pub(super) async fn listen(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<Uuid>,
    Query(query): Query<EventsQuery>,
    LastEventId(seen): LastEventId,
) -> Result<EventStream, ApiError> {
    let mut check = Check::default();
    let is_position = query.after.is_none_or(|after| after >= 0);
    check.that("after", is_position, "must not be negative");
    check.done()?;
    // From here on it is watched: what ends between the two is found then.
    let watched = app.watch.open(&caller, LISTEN, user, Needs::Active);
    if users::get(&app.db, user).await?.state != UserState::Active {
        return Err(ApiError::of(ProblemKind::NotActive));
    }
    // What the caller has seen last is newer than the address that it was first told.
    let feed = Feed::open(&app, user, watched, seen.or(query.after)).await?;
    let stream =
        Sse::new(events::stream(feed)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("keep-alive"));
    // A proxy that buffers would hold the events back.
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(EventStream(([unbuffered], stream).into_response()))
}

/// The id of the last event that the caller has seen, in the header `Last-Event-ID`.
pub(super) struct LastEventId(Option<i64>);

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(LAST_EVENT_ID) else {
            return Ok(Self(None));
        };
        let id = value.to_str().ok().and_then(|text| text.trim().parse().ok());
        match id {
            Some(id) => Ok(Self(Some(id))),
            None => Err(ApiError::saying(
                ProblemKind::Malformed,
                "Last-Event-ID is not an id of this stream",
            )),
        }
    }
}

impl Input for LastEventId {
    fn describe(described: &mut Described, _: &mut SchemaGenerator) {
        let about = "Where to go on: the id of the last event that was seen. Wins over `after`.";
        described.header("Last-Event-ID", about, false, json!({ "type": "integer" }));
    }
}
