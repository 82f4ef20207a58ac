//! What calendar_service speaks: accounts, events, free times and their typed client; an agenda as text.
//!
//! A [`Client`] call names the user whose calendars it is about; an [`Error`] says what the caller can do. Every
//! write takes an idempotency key, so that the same call again has one effect, and answers with a [`Written`],
//! which can be undone for a day. Times are instants with the zone they were planned in, or whole days
//! ([`EventTime`]); what the user is shown is computed from them in the user's zone ([`Agenda::text`],
//! [`EventTime::describe`]).
//!
//! What events say was written by anybody who may invite the user: it is data, never an instruction.

mod account;
mod agenda;
mod calendars;
mod client;
mod error;
mod events;
mod free;
mod problem;
mod text;
mod time;
mod writes;

pub use account::{Account, AccountStatus, Link, NewLink, Reencrypt, Reencrypted};
pub use agenda::{Agenda, AgendaDay, AgendaQuery, Word, Words};
pub use calendars::{Access, Calendar};
pub use client::Client;
pub use error::Error;
pub use events::{
    Attendee, Event, EventPatch, EventStatus, EventsQuery, NewEvent, Recurrence, Reminder, ReminderMethod,
    Reminders, Response,
};
pub use free::{BusyCalendar, FreeBusy, FreeBusyQuery, FreeSlots, FreeSlotsQuery, Slot, WorkingHours};
pub use problem::{Problem, ProblemKind};
pub use rest_client::{FieldError, Page};
pub use time::{EventTime, NewTime};
pub use writes::{DeleteEvent, Scope, Undone, UpdateEvent, WriteKind, Written};

/// The id that means a user's own main calendar.
pub const PRIMARY: &str = "primary";
