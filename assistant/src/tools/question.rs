//! The one way to write a question: every field that a Yes changes stands on a line of its own, old → new.
//!
//! The question is written from the deed that the press makes, so the two cannot differ. What others may have written
//! is quoted, on one line, without anything invisible. A new value is shown whole: what is longer than [`LONGEST`] is
//! not asked about, and so not done. An old value may be cut to [`LONGEST_OLD`] characters.

use calendar_client::{Event, EventPatch, NewEvent, ReminderMethod, Reminders, Scope, UpdateEvent};
use chrono_tz::Tz;
use messages::{TaskAction, plain};
use rest_client::{NewScheduledTask, ScheduledTaskPatch, TaskStatus};
use schedule::Schedule;

use super::{
    ToolError, calendar,
    deeds::{Deed, ReminderPatch},
};

/// The longest new text that is asked about, in characters: a question shows it whole.
pub(crate) const LONGEST: usize = 500;

/// How much of a text that is there already a question shows, in characters.
const LONGEST_OLD: usize = 120;

/// The most things that one question is about: it names each.
const MOST: usize = 20;

/// How long a whole question may be, in characters; rest_service keeps 4,000.
const LONGEST_QUESTION: usize = 3_900;

/// A question under construction.
struct Lines(Vec<String>);

impl Lines {
    fn headed(headline: impl Into<String>) -> Self {
        Self(vec![headline.into()])
    }

    fn add(&mut self, label: &str, value: impl AsRef<str>) {
        self.0.push(format!("{label}: {}", value.as_ref()));
    }

    fn change(&mut self, label: &str, old: &str, new: &str) {
        self.add(label, format!("{old} → {new}"));
    }

    fn say(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }
}

/// The question about a deed, one line for each thing that it changes.
///
/// # Errors
/// It cannot be shown whole; what to do instead is said to the model.
pub(crate) fn of(deed: &Deed, zone: Tz) -> Result<String, ToolError> {
    let lines = match deed {
        Deed::SetReminder { new } => set_reminder(new, zone)?,
        Deed::ChangeReminders { changes } => change_reminders(changes, zone)?,
        Deed::RememberFact { new } => fact("Remember this about you?", &new.text)?,
        Deed::ForgetFact { fact: known } => fact("Forget this about you?", &known.text)?,
        Deed::CreateEvent { new, .. } => create_event(new, zone)?,
        Deed::UpdateEvent {
            calendar,
            calendar_name,
            change,
            was,
            ..
        } => {
            let calendar = calendar_name.as_deref().unwrap_or(calendar);
            update_event(calendar, change, was.as_deref(), zone)?
        }
        Deed::DeleteEvent {
            calendar,
            calendar_name,
            deletion,
            was,
            ..
        } => {
            let calendar = calendar_name.as_deref().unwrap_or(calendar);
            delete_event(calendar, deletion.scope, was.as_deref(), zone)
        }
        Deed::Disconnect { account } => disconnect(account.as_deref()),
    };
    let text = lines.0.join("\n");
    if text.chars().count() > LONGEST_QUESTION {
        return Err(too_long("this as a whole"));
    }
    Ok(text)
}

const UNDO: &str = "You can undo this for 24 hours.";

fn set_reminder(new: &NewScheduledTask, zone: Tz) -> Result<Lines, ToolError> {
    let text = whole("the text", &new.text)?;
    let mut lines;
    match new.action {
        TaskAction::Remind => {
            lines = Lines::headed("Set this reminder?");
            lines.add("Text", text);
        }
        TaskAction::Prompt => {
            lines = Lines::headed("Let me do this by myself when it is due?");
            lines.add(prompt_label(&new.schedule), text);
        }
    }
    lines.add("When", when(&new.schedule, new.time_zone.as_deref(), zone));
    lines.say(UNDO);
    Ok(lines)
}

fn fact(headline: &str, text: &str) -> Result<Lines, ToolError> {
    let mut lines = Lines::headed(headline);
    lines.add("Text", whole("the text", text)?);
    lines.say(UNDO);
    Ok(lines)
}

/// A prompt is an instruction to the model, and is called so.
fn prompt_label(schedule: &Schedule) -> &'static str {
    if schedule.is_recurring() {
        "Do this each time"
    } else {
        "Do this then"
    }
}

fn change_reminders(changes: &[ReminderPatch], zone: Tz) -> Result<Lines, ToolError> {
    let is_cancelling = |change: &ReminderPatch| {
        change.set.status == Some(TaskStatus::Cancelled) && change.set.text.is_none()
    };
    if changes.iter().all(is_cancelling) {
        return cancel_reminders(changes, zone);
    }
    let [change] = changes else {
        return Err(ToolError::Told("change one reminder at a time".to_owned()));
    };
    let ReminderPatch {
        only_if: was, set, ..
    } = change;
    let mut lines = Lines::headed(match change.action {
        TaskAction::Remind => "Change this reminder?",
        TaskAction::Prompt => "Change what I do by myself?",
    });
    lines.add(kind(change.action), old(was.text.as_deref().unwrap_or_default()));
    let own_zone = |patch: &ScheduledTaskPatch| patch.time_zone.clone().or(was.time_zone.clone());
    if let Some(text) = &set.text {
        let label = match (change.action, set.schedule.as_ref().or(was.schedule.as_ref())) {
            (TaskAction::Prompt, Some(schedule)) => prompt_label(schedule),
            _ => "Text",
        };
        let before = old(was.text.as_deref().unwrap_or_default());
        lines.change(label, &before, &whole("the text", text)?);
    }
    if let Some(schedule) = &set.schedule {
        let before = was
            .schedule
            .as_ref()
            .map_or_else(String::new, |was_at| when(was_at, own_zone(was).as_deref(), zone));
        lines.change("When", &before, &when(schedule, own_zone(set).as_deref(), zone));
    } else if let Some(new_zone) = &set.time_zone {
        lines.change("Time zone", was.time_zone.as_deref().unwrap_or("?"), new_zone);
    }
    if let Some(status) = set.status {
        lines.change("Status", was.status.map_or("?", status_name), status_name(status));
    }
    lines.say(UNDO);
    Ok(lines)
}

fn cancel_reminders(changes: &[ReminderPatch], zone: Tz) -> Result<Lines, ToolError> {
    if changes.len() > MOST {
        return Err(ToolError::Told(format!(
            "a question can name {MOST} reminders at most, and these are {}: cancel fewer at once",
            changes.len()
        )));
    }
    let mut lines = Lines::headed(match changes {
        [_] => "Cancel this reminder?".to_owned(),
        several => format!("Cancel these {} reminders?", several.len()),
    });
    for change in changes {
        let was = &change.only_if;
        let at = was
            .schedule
            .as_ref()
            .map_or_else(String::new, |at| when(at, was.time_zone.as_deref(), zone));
        lines.say(&format!(
            "• {}: {}, {at}",
            kind(change.action),
            old(was.text.as_deref().unwrap_or_default())
        ));
    }
    lines.say(UNDO);
    Ok(lines)
}

fn kind(action: TaskAction) -> &'static str {
    match action {
        TaskAction::Remind => "Reminder",
        TaskAction::Prompt => "What I do by myself",
    }
}

fn status_name(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Active => "active",
        TaskStatus::Paused => "paused",
        TaskStatus::Done => "done",
        TaskStatus::Cancelled => "cancelled",
    }
}

/// When a task fires, with the zone whose clock it goes by.
fn when(schedule: &Schedule, own_zone: Option<&str>, zone: Tz) -> String {
    let zone = own_zone
        .and_then(|name| schedule::parse_zone(name).ok())
        .unwrap_or(zone);
    let described = schedule.describe(zone);
    format!("{} ({})", described.trim_start_matches("once on "), zone.name())
}

fn create_event(new: &NewEvent, zone: Tz) -> Result<Lines, ToolError> {
    let mut lines = Lines::headed("Add this event?");
    lines.add("Title", whole("the title", &new.title)?);
    lines.add("When", calendar::described(&new.time, zone));
    if let Some(location) = &new.location {
        lines.add("Where", whole("the location", location)?);
    }
    if let Some(description) = &new.description {
        lines.add("Description", whole("the description", description)?);
    }
    if !new.recurrence.is_empty() {
        lines.add("Repeats", repeats(&new.recurrence)?);
    }
    lines.add("Calendar", "your main one");
    if !new.attendees.is_empty() {
        lines.add("Guests", people(&new.attendees)?);
        lines.say("Google sends each guest an invitation.");
    }
    lines.add("Notifications", notifications(new.reminders.as_ref()));
    lines.say(UNDO);
    Ok(lines)
}

fn update_event(
    calendar_name: &str,
    change: &UpdateEvent,
    was: Option<&Event>,
    zone: Tz,
) -> Result<Lines, ToolError> {
    let EventPatch {
        title,
        time,
        location,
        description,
        attendees,
        reminders,
        recurrence,
    } = &change.patch;
    let mut lines = Lines::headed("Change this event?");
    shown_event(&mut lines, calendar_name, was, change.scope, zone);
    let nothing = "nothing";
    let before = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() => old(text),
        _ => nothing.to_owned(),
    };
    if let Some(title) = title {
        lines.change(
            "Title",
            &before(was.map(|was| was.title.as_str())),
            &whole("the title", title)?,
        );
    }
    if let Some(time) = time {
        let was = was.map_or_else(|| "?".to_owned(), |was| was.time.describe(zone));
        lines.change("When", &was, &calendar::described(time, zone));
    }
    for (label, new, was) in [
        ("Where", location, was.and_then(|was| was.location.as_deref())),
        (
            "Description",
            description,
            was.and_then(|was| was.description.as_deref()),
        ),
    ] {
        if let Some(new) = new {
            let new = match new {
                Some(text) => whole("the new text", text)?,
                None => nothing.to_owned(),
            };
            lines.change(label, &before(was), &new);
        }
    }
    if let Some(rules) = recurrence {
        let before = was
            .and_then(|was| was.recurrence.as_ref())
            .map_or("not at all", |recurrence| recurrence.description.as_str());
        let after = if rules.is_empty() {
            "not at all".to_owned()
        } else {
            repeats(rules)?
        };
        lines.change("Repeats", before, &after);
    }
    if let Some(invited) = attendees {
        guests(&mut lines, was, invited)?;
    }
    if let Some(reminders) = reminders {
        lines.change(
            "Notifications",
            &notifications(was.map(|was| &was.reminders)),
            &notifications(Some(reminders)),
        );
    }
    if was.is_some_and(Event::has_guests) || attendees.as_ref().is_some_and(|all| !all.is_empty()) {
        lines.say("Google tells the guests.");
    }
    lines.say(UNDO);
    Ok(lines)
}

/// Who is invited besides, and who no longer is.
fn guests(lines: &mut Lines, was: Option<&Event>, invited: &[String]) -> Result<(), ToolError> {
    let known: Vec<&str> = was.map_or_else(Vec::new, |was| {
        let others = was.attendees.iter().filter(|guest| !guest.is_self);
        others.map(|guest| guest.email.as_str()).collect()
    });
    let is_known = |email: &str| known.iter().any(|known| known.eq_ignore_ascii_case(email));
    let new: Vec<String> = invited.iter().filter(|email| !is_known(email)).cloned().collect();
    let stays = |email: &str| invited.iter().any(|stays| stays.eq_ignore_ascii_case(email));
    let gone: Vec<String> = known
        .iter()
        .filter(|email| !stays(email))
        .map(|email| (*email).to_owned())
        .collect();
    if !new.is_empty() {
        lines.add("Invites", people(&new)?);
    }
    if !gone.is_empty() {
        lines.add("No longer invites", people(&gone)?);
    }
    lines.change("Guests", &known.len().to_string(), &invited.len().to_string());
    Ok(())
}

fn delete_event(calendar_name: &str, scope: Scope, was: Option<&Event>, zone: Tz) -> Lines {
    let mut lines = Lines::headed("Delete this event?");
    shown_event(&mut lines, calendar_name, was, scope, zone);
    if let Some(location) = was.and_then(|was| was.location.as_deref()) {
        lines.add("Where", old(location));
    }
    let guests = was.map_or(0, |was| {
        was.attendees.iter().filter(|guest| !guest.is_self).count()
    });
    match guests {
        0 => {}
        1 => lines.say("Google tells its guest."),
        several => lines.say(&format!("Google tells its {several} guests.")),
    }
    lines.say(UNDO);
    lines
}

/// Which event is meant, as it is now.
fn shown_event(lines: &mut Lines, calendar_name: &str, was: Option<&Event>, scope: Scope, zone: Tz) {
    let Some(was) = was else { return };
    lines.add(
        "Event",
        format!("{}, {}", old(&was.shown_title()), was.time.describe(zone)),
    );
    if was.is_of_series() {
        lines.add(
            "Changes",
            match scope {
                Scope::ThisOne => "only this one of the series",
                Scope::ThisAndFollowing => "this one of the series and all after it",
                Scope::All => "the whole series",
            },
        );
    }
    if let Some(recurrence) = &was.recurrence {
        lines.add("It repeats", &recurrence.description);
    }
    lines.add("Calendar", plain::line(calendar_name, LONGEST_OLD));
}

fn disconnect(account: Option<&str>) -> Lines {
    let mut lines = Lines::headed("Disconnect Google Calendar?");
    if let Some(account) = account {
        lines.add("Account", plain::line(account, LONGEST_OLD));
    }
    lines.say("I can no longer read or change it; the events stay at Google.");
    lines.say("There is no undo: you would connect it again.");
    lines
}

/// How an event repeats, in words; a rule that has none here is shown as it is.
fn repeats(rules: &[String]) -> Result<String, ToolError> {
    let words: Vec<String> = rules
        .iter()
        .map(|rule| match rule.as_str() {
            "RRULE:FREQ=DAILY" => Ok("every day".to_owned()),
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR" => Ok("every weekday".to_owned()),
            "RRULE:FREQ=WEEKLY" => Ok("every week".to_owned()),
            "RRULE:FREQ=MONTHLY" => Ok("every month".to_owned()),
            "RRULE:FREQ=YEARLY" => Ok("every year".to_owned()),
            other => whole("the repetition", other),
        })
        .collect::<Result<_, _>>()?;
    Ok(words.join(", "))
}

fn notifications(reminders: Option<&Reminders>) -> String {
    match reminders {
        None | Some(Reminders::Default) => "as your calendar has them".to_owned(),
        Some(Reminders::Own { list }) if list.is_empty() => "none".to_owned(),
        Some(Reminders::Own { list }) => {
            let minutes: Vec<String> = list
                .iter()
                .map(|reminder| {
                    let by = match reminder.method {
                        ReminderMethod::Popup => "on your devices",
                        ReminderMethod::Email => "by mail",
                    };
                    format!("{} minutes before {by}", reminder.minutes)
                })
                .collect();
            minutes.join(", ")
        }
    }
}

/// Addresses, each of them.
fn people(emails: &[String]) -> Result<String, ToolError> {
    if emails.len() > MOST {
        return Err(ToolError::Told(format!(
            "a question can name {MOST} guests at most: invite fewer at once"
        )));
    }
    let shown: Vec<String> = emails.iter().map(|email| address(email)).collect();
    Ok(shown.join(", "))
}

/// An address. Letters of other alphabets may look like those of a person the user knows.
fn address(email: &str) -> String {
    let odd: String = email.chars().filter(|c| !c.is_ascii()).take(10).collect();
    let shown = plain::line(email, 320);
    if odd.is_empty() {
        shown
    } else {
        format!("{shown} (beware, unusual letters: {})", plain::line(&odd, 10))
    }
}

/// A text that is there already.
fn old(text: &str) -> String {
    plain::quoted(text, LONGEST_OLD)
}

/// A text that a Yes would store, whole.
fn whole(what: &str, text: &str) -> Result<String, ToolError> {
    if text.chars().count() > LONGEST {
        return Err(too_long(what));
    }
    // Stored would be what nobody was shown.
    if plain::clean(text) != text {
        return Err(ToolError::Told(format!(
            "{what} holds line breaks or characters that cannot be seen: leave them out"
        )));
    }
    Ok(plain::quoted(text, LONGEST))
}

fn too_long(what: &str) -> ToolError {
    ToolError::Told(format!(
        "{what} is too long to be shown in a question (at most {LONGEST} characters for a text), and it must be asked \
         about: make it shorter"
    ))
}
