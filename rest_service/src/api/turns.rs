//! Turns and what they start from.

use rest_client::{Context, ContextQuery, NewMessage, NewTurn, PageQuery, Turn, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{Paged, Stored},
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
    newest_first,
};
use crate::store::{context as contexts, turns};

pub(super) async fn context(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<ContextQuery>,
) -> Result<Json<Context>, ApiError> {
    let limit = query.limit.unwrap_or(limits::PAGE);
    let mut check = Check::default();
    check.text("conversation", &query.conversation, 1..=limits::SHORT);
    check.text("event_id", query.event_id.as_str(), 1..=limits::SHORT);
    check.that("limit", limit <= limits::LONGEST_PAGE, "must be 0 to 200");
    let known = query.known_thread.zip(query.known_seq);
    let is_whole = known.is_some() || (query.known_thread.is_none() && query.known_seq.is_none());
    check.that("known_seq", is_whole, "must come together with known_thread");
    check.that(
        "known_seq",
        query.known_seq.is_none_or(|seq| seq >= 0),
        "must be 0 or more",
    );
    check.done()?;
    let wanted = contexts::Wanted {
        conversation: &query.conversation,
        event: query.event_id.as_str(),
        limit,
        known,
    };
    let context = contexts::get(&app.db, user, wanted, &app.budgets).await?;
    Ok(Json(context))
}

pub(super) async fn create(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewTurn>,
) -> Result<Stored<Turn>, ApiError> {
    check_turn(user, &new)?;
    let (turn, is_new) = turns::create(&app.db, app.now(), user, new).await?;
    Ok((turn, is_new).into())
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, event)): Path<(Uuid, String)>,
) -> Result<Json<Turn>, ApiError> {
    Ok(Json(turns::get(&app.db, user, &event).await?))
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Turn>, ApiError> {
    Ok(Paged(turns::list(&app.db, user, newest_first(&query)?).await?))
}

fn check_turn(user: Uuid, new: &NewTurn) -> Result<(), ApiError> {
    let mut check = Check::default();
    check.text("event_id", new.event_id.as_str(), 1..=limits::SHORT);
    check.text("conversation", &new.conversation, 1..=limits::SHORT);
    check.that(
        "replies",
        new.replies.len() <= limits::TURN_REPLIES,
        "must be at most 50",
    );
    check_messages(&mut check, "", &new.messages);
    check.that(
        "covers",
        new.covers.len() <= limits::COVERED,
        "must be at most 50",
    );
    for (i, event) in new.covers.iter().take(limits::COVERED).enumerate() {
        check.text(format!("covers[{i}]"), event.as_str(), 1..=limits::SHORT);
    }
    check.that(
        "sub_turns",
        new.sub_turns.len() <= limits::SUB_TURNS,
        "must be at most 20",
    );
    for (i, sub) in new.sub_turns.iter().take(limits::SUB_TURNS).enumerate() {
        let at = format!("sub_turns[{i}].");
        check.text(format!("{at}event_id"), sub.event_id.as_str(), 1..=limits::SHORT);
        if !sub.event_id.as_str().starts_with(&format!("{}:", new.event_id)) {
            check.wrong(format!("{at}event_id"), "must follow from the turn's event");
        }
        check_messages(&mut check, &at, &sub.messages);
        check.some_text(format!("{at}model"), sub.model.as_ref(), 1..=limits::SHORT);
        check.amount(format!("{at}cost_micros"), sub.cost_micros);
        check.some_text(format!("{at}error"), sub.error.as_ref(), 0..=limits::ERROR);
        check.instant("sub_turns.started_at", sub.started_at);
        check.instant("sub_turns.finished_at", sub.finished_at);
    }
    for (i, reply) in new.replies.iter().take(limits::TURN_REPLIES).enumerate() {
        check.text(format!("replies[{i}].text"), &reply.text, 0..=limits::TEXT);
        check.text(format!("replies[{i}].to.chat"), &reply.to.chat, 1..=limits::SHORT);
        if reply.user_id != user {
            check.wrong(format!("replies[{i}].user_id"), "must be the turn's user");
        }
        if reply.event_id != new.event_id {
            check.wrong(format!("replies[{i}].event_id"), "must be the turn's event");
        }
    }
    check.some_text("model", new.model.as_ref(), 1..=limits::SHORT);
    check.amount("cost.micros", new.cost.micros);
    check.that("cost.told", new.cost.told.len() <= 2, "must be at most 2");
    check.some_text("error", new.error.as_ref(), 0..=limits::ERROR);
    check.instant("started_at", new.started_at);
    check.instant("finished_at", new.finished_at);
    check.done()
}

fn check_messages(check: &mut Check, at: &str, messages: &[NewMessage]) {
    if messages.len() > limits::TURN_MESSAGES {
        check.wrong(format!("{at}messages"), "must be at most 200");
    }
    for (i, message) in messages.iter().take(limits::TURN_MESSAGES).enumerate() {
        let at = format!("{at}messages[{i}]");
        check.text(format!("{at}.content"), &message.content, 0..=limits::TEXT);
        let call = message.tool_call_id.as_ref();
        check.some_text(format!("{at}.tool_call_id"), call, 1..=limits::SHORT);
        if let Some(calls) = &message.tool_calls {
            check.document(format!("{at}.tool_calls"), calls);
        }
    }
}
