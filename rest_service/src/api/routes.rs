//! The list of operations: one line makes the route, its scope and its place in the OpenAPI document.
//!
//! To add one: a handler in its resource's module, its types in `libs/rest_client` (with `JsonSchema`), and a
//! line here. The scope is the resource named in the line with `read` for GET and `write` for all else.
//! Parameters, bodies and answers are told by the handler's own types (`describe`), problems that come from what
//! is stored by `fails`.

use axum::{Router, extract::DefaultBodyLimit, middleware};
use rest_client::{
    ProblemKind::{AlreadyExists, InUse, MethodNotAllowed, NotActive, StaleLease, Taken, UnknownRoute},
    Resource::{
        Assistants, Audit, Channel, Deliveries, Identities, ScheduledTasks, Threads, Tools, Turns, Users,
    },
};

use super::{
    App, assistants, audit, channel, deliveries, error::ApiError, guard, identities, operation::Api,
    scheduled_tasks, threads, tools, turns, users, write,
};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// All operations.
#[rustfmt::skip]
pub(crate) fn api() -> Api {
    let mut api = Api::new();

    api.get("/users", Users, users::list, "List users");
    api.post("/users", Users, users::create, "Make a user");
    api.get("/users/{user}", Users, users::get, "Get a user");
    api.patch("/users/{user}", Users, users::update, "Change a user");
    api.get("/users/{user}/secretary", Users, users::secretary, "Get the assistant that serves a user");
    api.put("/users/{user}/secretary", Users, users::set_secretary, "Choose the assistant that serves a user");

    api.get("/users/{user}/identities", Identities, identities::list, "List a user's outside accounts");
    api.post("/users/{user}/identities", Identities, identities::link, "Link an outside account to a user")
        .fails(&[Taken]);
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

    api.get("/users/{user}/context", Turns, turns::context, "Get everything that a turn starts from");
    api.post("/users/{user}/turns", Turns, turns::create, "Store a turn")
        .fails(&[Taken])
        .note("The same event again stores nothing and answers with what is stored.");
    api.get("/users/{user}/turns/{event}", Turns, turns::get, "Get the turn of an event");

    api.get("/users/{user}/scheduled_tasks", ScheduledTasks, scheduled_tasks::list, "List a user's scheduled tasks");
    api.post("/users/{user}/scheduled_tasks", ScheduledTasks, scheduled_tasks::create, "Make a scheduled task")
        .note("The same `idempotency_key` again answers with the task that it made.");
    api.get("/users/{user}/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::get, "Get a scheduled task");
    api.patch("/users/{user}/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::update, "Change a scheduled task");
    api.delete("/users/{user}/scheduled_tasks/{task}", ScheduledTasks, scheduled_tasks::cancel, "Cancel a scheduled task")
        .note("It stays, with the status `cancelled`.");
    api.get("/users/{user}/scheduled_tasks/{task}/runs", ScheduledTasks, scheduled_tasks::runs, "List when a task has fired, the newest first");
    api.post("/scheduled_tasks/claim", ScheduledTasks, scheduled_tasks::claim, "Take due tasks for a while");
    api.post("/scheduled_tasks/{task}/runs", ScheduledTasks, scheduled_tasks::record_run, "Record that a task has fired")
        .fails(&[StaleLease]);

    api.get("/users/{user}/deliveries/{reply}", Deliveries, deliveries::of_reply, "List the parts of a reply that were sent");
    api.put("/users/{user}/deliveries/{reply}/{part}", Deliveries, deliveries::put, "Record that a part of a reply was sent")
        .fails(&[Taken]);

    api.post("/users/{user}/messages", Channel, channel::say, "Say something as a user")
        .fails(&[NotActive])
        .note("The same `client_id` again is the same message. The answer comes on the user's event stream.");
    api.get("/users/{user}/events", Channel, channel::listen, "Follow what a user is told")
        .note("Events: `hello` (once, `{\"position\": …}`), `reply` (a `ReplyV1`, with an id to go on from), \
               `delta` (a `ReplyDeltaV1`: the answer as far as it is written; may be lost).");

    api
}

/// All routes but the operators' own.
pub(crate) fn routes(app: App) -> Router {
    api()
        .router()
        .fallback(async || ApiError::of(UnknownRoute))
        .method_not_allowed_fallback(async || ApiError::of(MethodNotAllowed))
        .layer(middleware::from_fn_with_state(app.clone(), write::layer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guard::run_as_a_task))
        .layer(middleware::from_fn(guard::refuse_nul))
        .layer(middleware::from_fn_with_state(app.clone(), guard::require_key))
        .with_state(app)
}
