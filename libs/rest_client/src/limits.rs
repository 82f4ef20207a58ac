//! The limits of what callers send: the server checks them and the OpenAPI document tells them.

/// The most events that one turn answers besides its own.
pub const COVERED: usize = 50;

/// Names, keys and outside ids, in characters.
pub const SHORT: usize = 200;

/// An assistant's instructions, in characters.
pub const INSTRUCTIONS: usize = 50_000;

/// A tool's description, in characters.
pub const DESCRIPTION: usize = 4_000;

/// When to ask a sub-assistant, in characters.
pub const SUB_DESCRIPTION: usize = 1_000;

/// How many sub-assistants one assistant may ask itself.
pub const SUB_ASSISTANTS: usize = 8;

/// How many sub-assistants' parts one turn may have.
pub const SUB_TURNS: usize = 20;

/// What failed, in characters.
pub const ERROR: usize = 4_000;

/// A thread's summary, in characters.
pub const SUMMARY: usize = 50_000;

/// The text of a message or a reply, in characters.
pub const TEXT: usize = 200_000;

/// The text of a fact, in characters.
pub const FACT: usize = 500;

/// The facts of one user.
pub const FACTS: u32 = 100;

/// The days that one question about usage may cover.
pub const USAGE_DAYS: i64 = 92;

/// What a budget may be, and what a call may cost: millionths of a dollar, or tokens.
pub const MOST_SPENT: i64 = 1_000_000_000_000_000;

/// The id of a call that is held back for, in characters.
pub const HOLD_ID: usize = 250;

/// The ended calls that one call tells of.
pub const ENDED_CALLS: usize = 50;

/// The text of a scheduled task, in characters.
pub const TASK_TEXT: usize = 10_000;

/// The scheduled tasks of one user that are active or paused.
pub const TASKS: u32 = 1_000;

/// How many of a task's next instants are told.
pub const NEXT_RUNS: usize = 5;

/// A client's own id of a message, in characters.
pub const CLIENT_ID: usize = 100;

/// The messages of one turn.
pub const TURN_MESSAGES: usize = 200;

/// The replies of one turn.
pub const TURN_REPLIES: usize = 50;

/// The tasks of one claim.
pub const CLAIM: u32 = 1_000;

/// The longest lease, in seconds.
pub const LEASE_SECONDS: u32 = 3_600;

/// The tools, and the assistants, of one configuration document.
pub const CONFIGURED: usize = 500;

/// How many items a page has when the caller does not say.
pub const PAGE: u32 = 50;

/// How many items a page has at most.
pub const LONGEST_PAGE: u32 = 200;

/// A JSON document in a field, in bytes.
pub const DOCUMENT: usize = 64 * 1024;

/// How many lists and objects of a JSON document in a field may lie within one another. Far fewer than readers of JSON
/// take (128 in Rust), because documents come back inside of pages, exports and contexts.
pub const DOCUMENT_DEPTH: usize = 64;

/// The longest time that something is kept, in days: a hundred years.
pub const LONGEST_KEPT_DAYS: u32 = 36_500;

/// The longest lease of an account's refresh, in seconds.
pub const REFRESH_LEASE_SECONDS: u32 = 300;

/// The longest time in which an action can be decided, in seconds: a week.
pub const LONGEST_VALID: u32 = 604_800;

/// More than white space.
pub const NOT_BLANK: &str = r"\S";

/// A name that models and programs use.
pub const SYMBOL: &str = "^[A-Za-z0-9_-]{1,64}$";

/// A language tag, in characters.
pub const LOCALE_LENGTH: usize = 35;

/// The shape of a BCP 47 language tag.
pub const LOCALE: &str = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";

/// A client's own id has no colon, which separates the parts of an event's id, and no control character.
pub const CLIENT_ID_PATTERN: &str =
    r"^[^:\x00-\x1f\x7f-\x9f]*[^:\s\x00-\x1f\x7f-\x9f][^:\x00-\x1f\x7f-\x9f]*$";
