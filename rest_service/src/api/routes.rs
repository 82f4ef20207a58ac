//! The list of operations: one line makes the route, its scope and its place in the OpenAPI document.
//!
//! To add one: a handler in its resource's module, its types in `libs/rest_client` (with `JsonSchema`), and a
//! line here. The scope is the resource named in the line with `read` for GET and `write` for all else.
//! Parameters, bodies and answers are told by the handler's own types (`describe`), problems that come from what
//! is stored by `fails`.

use axum::{Router, extract::DefaultBodyLimit, middleware};
use rest_client::{
    ProblemKind::{
        AlreadyExists, InUse, Invalid, LastOwner, MethodNotAllowed, NotActive, StaleLease, Taken,
        UnknownRoute,
    },
    Resource::{
        ApiKeys, Assistants, Audit, CalendarAccounts, Channel, Configuration, Deliveries, Facts, Identities,
        Maintenance, ScheduledTasks, Threads, Tools, Turns, Usage, Users,
    },
};

use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
};

use super::{
    App, api_keys, archive, assistants, audit, budgets, calendar_accounts, calendar_writes, channel,
    configuration, deliveries, docs,
    error::{self, ApiError},
    facts, guard, identities, maintenance,
    operation::Api,
    pending_actions, scheduled_tasks, sub_assistants, task_documents, threads, tools, turns, usage, users,
};

/// The largest body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

/// All operations.
#[rustfmt::skip]
pub(crate) fn api() -> Api {
    let mut api = Api::new();

    api.get("/users", Users, users::list, "List users");
    api.post("/users", Users, users::create, "Make a user");
    api.get("/users/{user}", Users, users::get, "Get a user");
    api.patch("/users/{user}", Users, users::update, "Change a user");
    api.delete("/users/{user}", Users, users::erase, "Erase a user with everything that is stored of them")
        .fails(&[LastOwner])
        .note("The answer says what was erased and what is kept, and why. The same call again finds nobody.");
    api.get("/users/{user}/export", Users, archive::export, "Export everything that is stored of a user")
        .note("A gzipped tar file of JSON files, with a README. It is made while it is sent; one that is cut off is not whole.");
    api.post("/users/{user}/ownership", Users, users::claim_ownership, "Make a user the owner, unless there is one on the channel");
    api.get("/users/{user}/secretary", Users, users::secretary, "Get the assistant that serves a user");
    api.put("/users/{user}/secretary", Users, users::set_secretary, "Choose the assistant that serves a user");

    api.get("/users/{user}/identities", Identities, identities::list, "List a user's outside accounts");
    api.post("/users/{user}/identities", Identities, identities::link, "Link an outside account to a user")
        .fails(&[Taken]);
    api.get("/users/{user}/identities/{identity}", Identities, identities::get, "Get a user's outside account");
    api.delete("/users/{user}/identities/{identity}", Identities, identities::unlink, "Take an outside account from a user");
    api.post("/identities/resolve", Identities, identities::resolve, "Find who an outside account is")
        .note("An account that nobody has yet becomes a pending user.");

    api.get("/assistants", Assistants, assistants::list, "List assistants");
    api.post("/assistants", Assistants, assistants::create, "Make an assistant");
    api.get("/assistants/{assistant}", Assistants, assistants::get, "Get an assistant");
    api.patch("/assistants/{assistant}", Assistants, assistants::update, "Change an assistant")
        .fails(&[InUse]);
    api.delete("/assistants/{assistant}", Assistants, assistants::delete, "Delete an assistant")
        .fails(&[InUse]);
    api.get("/assistants/{assistant}/tools", Assistants, assistants::tools, "List an assistant's tools");
    api.put("/assistants/{assistant}/tools/{tool}", Assistants, assistants::link_tool, "Give an assistant a tool");
    api.delete("/assistants/{assistant}/tools/{tool}", Assistants, assistants::unlink_tool, "Take a tool from an assistant");

    api.get("/assistants/{assistant}/sub_assistants", Assistants, sub_assistants::list, "List the sub-assistants that an assistant may ask");
    api.get("/assistants/{assistant}/sub_assistants/{sub}", Assistants, sub_assistants::get, "Get a sub-assistant that an assistant may ask");
    api.put("/assistants/{assistant}/sub_assistants/{sub}", Assistants, sub_assistants::link, "Let an assistant ask a sub-assistant")
        .note("Circles, and chains of more than 3 links, are refused with the names on the way.");
    api.delete("/assistants/{assistant}/sub_assistants/{sub}", Assistants, sub_assistants::unlink, "No longer let an assistant ask a sub-assistant");

    api.get("/tools", Tools, tools::list, "List tools");
    api.post("/tools", Tools, tools::create, "Make a tool").fails(&[AlreadyExists]);
    api.get("/tools/{tool}", Tools, tools::get, "Get a tool");
    api.patch("/tools/{tool}", Tools, tools::update, "Change a tool").fails(&[AlreadyExists]);
    api.delete("/tools/{tool}", Tools, tools::delete, "Delete a tool");

    api.get("/audit", Audit, audit::list, "List who changed what, the newest first");

    api.get("/users/{user}/threads", Threads, threads::list, "List a user's threads, the newest first");
    api.post("/users/{user}/threads/new", Threads, threads::close, "Close a conversation's open threads")
        .note("The next message begins a new thread.");
    api.patch("/users/{user}/threads/{thread}", Threads, threads::summarise, "Summarise a thread's older messages");
    api.get("/users/{user}/threads/{thread}/messages", Threads, threads::messages, "List a thread's messages, the oldest first");

    api.get("/users/{user}/facts", Facts, facts::list, "List what is to be known of a user");
    api.post("/users/{user}/facts", Facts, facts::create, "Add a fact about a user")
        .note("The same text again is the same fact. A user has at most 100.");
    api.get("/users/{user}/facts/{fact}", Facts, facts::get, "Get a fact about a user");
    api.patch("/users/{user}/facts/{fact}", Facts, facts::update, "Change a fact about a user")
        .fails(&[AlreadyExists]);
    api.delete("/users/{user}/facts/{fact}", Facts, facts::delete, "Forget a fact about a user");

    api.get("/users/{user}/usage", Usage, usage::of_user, "Get what a user's turns have cost, by day and model");
    api.post("/users/{user}/usage", Usage, budgets::spend, "Count what models have cost outside of a turn")
        .note("What was held back for the event is given back.");
    api.post("/users/{user}/budget_holds", Usage, budgets::hold, "Hold back what a call of a model may cost")
        .note("The same `id` again is the same call. What is held back is given back when the event's turn is stored, or expires \
               after 75 minutes. `refused` names the budget that the call would cross; then nothing is held back.");
    api.get("/usage", Usage, usage::of_all, "Get what all turns have cost, by day and model");

    api.get("/users/{user}/turns", Turns, turns::list, "List a user's turns, the newest first");
    api.get("/users/{user}/context", Turns, turns::context, "Get everything that a turn starts from");
    api.post("/users/{user}/turns", Turns, turns::create, "Store a turn")
        .fails(&[Taken])
        .note("The same event again stores nothing and answers with what is stored.");
    api.get("/users/{user}/turns/{event}", Turns, turns::get, "Get the turn of an event");

    api.post("/users/{user}/pending_actions", Turns, pending_actions::create, "Offer an action that a press decides about")
        .note("The same `idempotency_key` again answers with the action that it made.");
    api.get("/users/{user}/pending_actions", Turns, pending_actions::list, "Find an action by its key");
    api.get("/users/{user}/pending_actions/{action}", Turns, pending_actions::get, "Get an action");
    api.put("/users/{user}/pending_actions/{action}/decision", Turns, pending_actions::decide, "Decide about an action")
        .note("The first decision stands. After `expires_at` nothing is decided, and the action stays `open`.");

    api.get("/users/{user}/scheduled_tasks", ScheduledTasks, scheduled_tasks::list, "List a user's scheduled tasks");
    api.post("/users/{user}/scheduled_tasks", ScheduledTasks, scheduled_tasks::create, "Make a scheduled task")
        .note("The same `idempotency_key` again answers with the task that it made.");
    api.get("/users/{user}/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::get, "Get a scheduled task");
    api.patch("/users/{user}/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::update, "Change a scheduled task");
    api.delete("/users/{user}/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::cancel, "Cancel a scheduled task")
        .note("It stays, with the status `cancelled`.");
    api.get("/users/{user}/scheduled_tasks/{task}/runs", ScheduledTasks, scheduled_tasks::runs, "List when a task has fired, the newest first");
    api.post("/users/{user}/scheduled_tasks/{task}/run", ScheduledTasks, scheduled_tasks::run_now, "Fire a task now")
        .note("Within seconds; after that it goes on as planned. One that is not active is refused.")
        .fails(&[Invalid]);
    api.get("/users/{user}/scheduled_tasks/export", ScheduledTasks, task_documents::export, "Export a user's tasks that are not over as one document")
        .note("As YAML with `format=yaml`.");
    api.post("/users/{user}/scheduled_tasks/import", ScheduledTasks, task_documents::import, "Make a user's tasks what a document says")
        .note("All or nothing; the same document again changes nothing, and tasks that it does not have stay. JSON, or YAML with \
               `content-type: application/yaml`.");
    api.get("/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::get_any, "Get a scheduled task of any user");
    api.get("/scheduled_tasks", ScheduledTasks, scheduled_tasks::list_all, "List the scheduled tasks of all users");
    api.post("/scheduled_tasks/runs", ScheduledTasks, scheduled_tasks::record_runs, "Record what one claim has fired")
        .note("Each run has its own outcome; the same call again changes nothing.");
    api.post("/scheduled_tasks/claim", ScheduledTasks, scheduled_tasks::claim, "Take due tasks for a while");
    api.post("/scheduled_tasks/hold", ScheduledTasks, scheduled_tasks::hold, "Hold the tasks of a chat that cannot be reached, or let them go on")
        .note("What its users paused stays paused. What came due meanwhile fires once when it goes on.");
    api.post("/chats/move", ScheduledTasks, scheduled_tasks::move_chat, "Give everything of a chat to the id that it has now")
        .note("Conversations, tasks, and where answers about calendars go. The same call again changes nothing.");
    api.post("/scheduled_tasks/{task}/runs", ScheduledTasks, scheduled_tasks::record_run, "Record that a task has fired")
        .fails(&[StaleLease]);

    api.get("/users/{user}/deliveries/{reply}", Deliveries, deliveries::of_reply, "List the parts of a reply that were sent");
    api.put("/users/{user}/deliveries/{reply}/{part}", Deliveries, deliveries::put, "Record that a part of a reply was sent")
        .fails(&[Taken]);

    api.get("/export", Configuration, configuration::export, "Export all assistants and tools as one document")
        .note("As YAML with `format=yaml`.");
    api.post("/import", Configuration, configuration::import, "Make assistants and tools what a document says")
        .fails(&[AlreadyExists, InUse])
        .note("All or nothing; the same document again changes nothing. JSON, or YAML with `content-type: application/yaml`. \
               Nothing is deleted unless `prune` is true.");

    api.post("/maintenance/cleanup", Maintenance, maintenance::clean_up, "Drop what has been kept for long enough")
        .note("It takes some seconds at most; ask again until it is complete.");

    api.get("/users/{user}/calendar_account", CalendarAccounts, calendar_accounts::get, "Get a user's calendar account, as ciphertext");
    api.put("/users/{user}/calendar_account", CalendarAccounts, calendar_accounts::put, "Connect a calendar account")
        .note("It replaces the one that was there; the same `grant_id` again changes nothing.");
    api.patch("/users/{user}/calendar_account", CalendarAccounts, calendar_accounts::update, "Change a calendar account, if it has the version that was read")
        .fails(&[StaleLease]);
    api.delete("/users/{user}/calendar_account/{grant}", CalendarAccounts, calendar_accounts::erase, "Erase a calendar account, if it still is this grant's");
    api.post("/users/{user}/calendar_account/refresh", CalendarAccounts, calendar_accounts::take_refresh, "Ask to be the one who refreshes an account's tokens")
        .fails(&[StaleLease]);
    api.delete("/users/{user}/calendar_account/refresh/{lease}", CalendarAccounts, calendar_accounts::release_refresh, "Give the right to refresh back");
    api.post("/users/{user}/calendar_account/chore_done", CalendarAccounts, calendar_accounts::chore_done, "Strike off what was done about an account");
    api.get("/calendar_accounts", CalendarAccounts, calendar_accounts::list, "List calendar accounts, without their tokens");
    api.post("/calendar_accounts/chores", CalendarAccounts, calendar_accounts::chores, "List what is to be done about calendar accounts");
    api.post("/users/{user}/calendar_links", CalendarAccounts, calendar_accounts::create_link, "Make a link that connects a calendar account");
    api.get("/users/{user}/calendar_links/{link}", CalendarAccounts, calendar_accounts::link, "Get a link");
    api.put("/users/{user}/calendar_links/{link}/start", CalendarAccounts, calendar_accounts::start_link, "Start a link's round trip to Google")
        .note("A link that was used or has expired is not there.");
    api.post("/users/{user}/calendar_links/{link}/use", CalendarAccounts, calendar_accounts::use_link, "Use a link up")
        .note("Of any number of calls, one succeeds.");

    api.get("/users/{user}/calendar_writes/{write}", CalendarAccounts, calendar_writes::get, "Get a change in a user's calendar, as ciphertext");
    api.put("/users/{user}/calendar_writes/{write}", CalendarAccounts, calendar_writes::begin, "Write a change in a user's calendar down before it is made")
        .fails(&[Taken])
        .note("The one that is written down already stays as it is.");
    api.patch("/users/{user}/calendar_writes/{write}", CalendarAccounts, calendar_writes::settle, "Say how far a change in a user's calendar has come")
        .note("A state never goes back.");

    api.post("/users/{user}/messages", Channel, channel::say, "Say something as a user")
        .fails(&[NotActive])
        .note("The same `client_id` again is the same message. The answer comes on the user's event stream.");
    api.post("/users/{user}/presses", Channel, channel::press, "Press a button as a user")
        .fails(&[NotActive])
        .note("The same `client_id` again is the same press. The answer comes on the user's event stream.");
    api.get("/users/{user}/events", Channel, channel::listen, "Follow what a user is told")
        .fails(&[NotActive])
        .note("Events: `hello` (once, `{\"position\": …}`), `reply` (a `ReplyV1`, with an id to go on from), \
               `delta` (a `ReplyDeltaV1`: the answer as far as it is written; may be lost), \
               `end` (once, `{\"reason\": …}`, before the server closes: the `key` no longer holds, `user_not_active`, `user_erased`, \
               or `unavailable`, after which opening it again may work).");

    api.get("/api_keys", ApiKeys, api_keys::list, "List API keys");
    api.post("/api_keys", ApiKeys, api_keys::create, "Make an API key")
        .note("The token is shown this once. A key cannot create one that is good for more than itself, or for longer.");
    api.get("/api_keys/{key}", ApiKeys, api_keys::get, "Get an API key");
    api.delete("/api_keys/{key}", ApiKeys, api_keys::revoke, "Revoke an API key")
        .note("It stays in the list, with the time it was revoked. Within a second no replica takes it any more, and its open streams end. \
               A key can only revoke one that it could have created: it needs all the scopes of the other.");

    api
}

/// All routes but the operators' own.
pub(crate) fn routes(app: App) -> Router {
    api()
        .router(&app)
        .merge(docs::routes())
        .fallback(async || ApiError::of(UnknownRoute))
        .method_not_allowed_fallback(async || ApiError::of(MethodNotAllowed))
        .layer(middleware::from_fn_with_state(app.clone(), guard::run_as_a_task))
        .layer(middleware::from_fn(guard::read_body))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guard::refuse_nul))
        .layer(middleware::from_fn_with_state(app.clone(), guard::require_key))
        .layer(middleware::from_fn(error::name_request))
        .layer(compression())
        .with_state(app)
}

/// Compresses answers for who takes gzip. Not what is compressed already, and no events: one would wait for the next.
/// An answer is bounded (a page has 200 items at most), and the fastest level costs a fraction of making it.
fn compression() -> CompressionLayer<impl Predicate> {
    let what = DefaultPredicate::new().and(NotForContentType::const_new("application/gzip"));
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(what)
}
