//! What each metric of the product says, for the `HELP` lines: one line for each, whichever crate counts it.

/// Name and meaning. A counter's name ends in `_total`, a histogram's in `_seconds`; all others are gauges.
pub const METRICS: &[(&str, &str)] = &[
    (
        "assistant_budget_refusals_total",
        "Model calls that were not made because a budget does not cover them, by whose it is.",
    ),
    (
        "assistant_events_failed_total",
        "Events that were given up after all retries.",
    ),
    (
        "assistant_model_cost_micros_total",
        "What model calls have cost, in millionths of a US dollar, as far as prices are known.",
    ),
    (
        "assistant_model_retries_total",
        "Calls of the model that were sent again.",
    ),
    (
        "assistant_model_seconds",
        "How long the model took to answer, retries included.",
    ),
    (
        "assistant_model_tokens_total",
        "Tokens of requests (input) and answers (output).",
    ),
    (
        "assistant_model_wait_seconds",
        "How long model calls waited until a server had room for them.",
    ),
    (
        "assistant_sub_turns_total",
        "Turns of sub-assistants, by how they ended.",
    ),
    ("assistant_tool_seconds", "How long a tool took."),
    ("assistant_turn_seconds", "How long a turn took."),
    (
        "assistant_weather_cache_total",
        "Look-ups of the weather's memory, by whether it knew.",
    ),
    (
        "assistant_weather_requests_total",
        "Questions to the weather service, by outcome.",
    ),
    (
        "bus_dead_letters",
        "Messages that were given up and wait for the operator.",
    ),
    (
        "bus_dead_letters_purged_total",
        "Dead letters that were dropped for their age.",
    ),
    ("bus_dead_total", "Messages that were given up."),
    ("bus_delivered_total", "Messages that were handed to a consumer."),
    ("bus_handle_seconds", "How long a consumer took with a message."),
    ("bus_published_total", "Messages that were published."),
    (
        "bus_retried_total",
        "Messages that were put back to be tried again.",
    ),
    ("bus_waiting", "Messages that wait for a consumer."),
    ("cache_requests_total", "Look-ups of a cache, by whether it knew."),
    (
        "database_connections",
        "Connections of the database's pool, by state.",
    ),
    (
        "database_connections_limit",
        "How many connections the database's pool may have.",
    ),
    (
        "database_statements_total",
        "Statements sent to the database, but for those that begin and end transactions.",
    ),
    (
        "database_waiting",
        "Requests that wait for a connection of the database's pool.",
    ),
    (
        "http_accept_errors_total",
        "Connections that could not be taken, as when the process is out of files.",
    ),
    (
        "http_connections",
        "Open HTTP connections, of services and of others.",
    ),
    (
        "http_connections_closed_total",
        "HTTP connections that were closed on callers, by reason.",
    ),
    (
        "http_request_seconds",
        "How long a request took, by method, route and status.",
    ),
    (
        "http_requests_in_hand",
        "Requests of callers other than services that are being served.",
    ),
    (
        "http_requests_refused_total",
        "Requests that were refused because too many were in hand.",
    ),
    (
        "rest_key_cache_total",
        "Look-ups of API keys in memory, by whether they were known.",
    ),
    (
        "rest_lockouts_total",
        "Addresses that were locked out for wrong keys.",
    ),
    (
        "retention_removed_total",
        "Rows that were dropped for their age, by table.",
    ),
    ("task_late_seconds", "How late a task fired."),
    ("telegram_replies_total", "Replies to Telegram, by outcome."),
    (
        "telegram_transcriptions_total",
        "Recordings that were to be transcribed, by outcome.",
    ),
    ("telegram_updates_total", "Updates that came from Telegram."),
];
