//! The one way to write a question: every field that a Yes changes stands on a line of its own, old → new.
//!
//! The question is written from the deed that the press makes, so the two cannot differ. What others may have written
//! is quoted, on one line, without anything invisible. A new value is shown whole: what is longer than [`LONGEST`] is
//! not asked about, and so not done. An old value may be cut to [`LONGEST_OLD`] characters.

use calendar_client::{Event, EventPatch, NewEvent, Scope, UpdateEvent};
use chrono_tz::Tz;
use messages::{TaskAction, plain};
use rest_client::{NewScheduledTask, ScheduledTaskPatch, TaskStatus};
use schedule::Schedule;
use texts::{Language, Text};

use super::{
    ToolError, calendar,
    deeds::{Deed, ReminderPatch},
};

mod values;

use values::{notifications, old, people, repeats, too_long, whole};

/// The longest new text that is asked about, in characters: a question shows it whole.
pub(crate) const LONGEST: usize = 500;

/// How much of a text that is there already a question shows, in characters.
const LONGEST_OLD: usize = 120;

/// The most things that one question is about: it names each.
const MOST: usize = 20;

/// How long a whole question may be, in characters; rest_service keeps 4,000.
const LONGEST_QUESTION: usize = 3_900;

/// A question under construction.
struct Lines {
    language: Language,
    lines: Vec<String>,
}

impl Lines {
    fn headed(language: Language, headline: &Text<'_>) -> Self {
        Self {
            language,
            lines: vec![language.say(headline)],
        }
    }

    fn add(&mut self, label: &Text<'_>, value: impl AsRef<str>) {
        let label = self.language.say(label);
        self.lines.push(format!("{label}: {}", value.as_ref()));
    }

    fn change(&mut self, label: &Text<'_>, old: &str, new: &str) {
        self.add(label, format!("{old} → {new}"));
    }

    fn say(&mut self, line: &Text<'_>) {
        self.lines.push(self.language.say(line));
    }

    fn value(&self, text: &Text<'_>) -> String {
        self.language.say(text)
    }
}

/// The question about a deed, one line for each thing that it changes.
///
/// # Errors
/// It cannot be shown whole; what to do instead is said to the model.
pub(crate) fn of(deed: &Deed, zone: Tz, language: Language) -> Result<String, ToolError> {
    let lines = match deed {
        Deed::SetReminder { new } => set_reminder(new, zone, language)?,
        Deed::ChangeReminders { changes } => change_reminders(changes, zone, language)?,
        Deed::RememberFact { new } => fact(language, &Text::AskRemember, &new.text)?,
        Deed::ForgetFact { fact: known } => fact(language, &Text::AskForget, &known.text)?,
        Deed::CreateEvent { new, .. } => create_event(new, zone, language)?,
        Deed::UpdateEvent {
            calendar,
            calendar_name,
            change,
            was,
            ..
        } => {
            let calendar = calendar_name.as_deref().unwrap_or(calendar);
            update_event(calendar, change, was.as_deref(), zone, language)?
        }
        Deed::DeleteEvent {
            calendar,
            calendar_name,
            deletion,
            was,
            ..
        } => {
            let calendar = calendar_name.as_deref().unwrap_or(calendar);
            delete_event(calendar, deletion.scope, was.as_deref(), zone, language)
        }
        Deed::Disconnect { account } => disconnect(account.as_deref(), language),
    };
    let text = lines.lines.join("\n");
    if text.chars().count() > LONGEST_QUESTION {
        return Err(too_long("this as a whole"));
    }
    Ok(text)
}

fn set_reminder(new: &NewScheduledTask, zone: Tz, language: Language) -> Result<Lines, ToolError> {
    let text = whole("the text", &new.text)?;
    let mut lines;
    match new.action {
        TaskAction::Remind => {
            lines = Lines::headed(language, &Text::AskSetReminder);
            lines.add(&Text::LabelText, text);
        }
        TaskAction::Prompt => {
            lines = Lines::headed(language, &Text::AskSetPrompt);
            lines.add(&prompt_label(&new.schedule), text);
        }
    }
    lines.add(
        &Text::LabelWhen,
        when(&new.schedule, new.time_zone.as_deref(), zone, language),
    );
    lines.say(&Text::AskUndo);
    Ok(lines)
}

fn fact(language: Language, headline: &Text<'_>, text: &str) -> Result<Lines, ToolError> {
    let mut lines = Lines::headed(language, headline);
    lines.add(&Text::LabelText, whole("the text", text)?);
    lines.say(&Text::AskUndo);
    Ok(lines)
}

/// A prompt is an instruction to the model, and is called so.
fn prompt_label(schedule: &Schedule) -> Text<'static> {
    if schedule.is_recurring() {
        Text::LabelEachTime
    } else {
        Text::LabelThen
    }
}

fn change_reminders(changes: &[ReminderPatch], zone: Tz, language: Language) -> Result<Lines, ToolError> {
    let is_cancelling = |change: &ReminderPatch| {
        change.set.status == Some(TaskStatus::Cancelled) && change.set.text.is_none()
    };
    if changes.iter().all(is_cancelling) {
        return cancel_reminders(changes, zone, language);
    }
    let [change] = changes else {
        return Err(ToolError::Told("change one reminder at a time".to_owned()));
    };
    let ReminderPatch {
        only_if: was, set, ..
    } = change;
    let headline = match change.action {
        TaskAction::Remind => Text::AskChangeReminder,
        TaskAction::Prompt => Text::AskChangePrompt,
    };
    let mut lines = Lines::headed(language, &headline);
    lines.add(&kind(change.action), old(was.text.as_deref().unwrap_or_default()));
    let own_zone = |patch: &ScheduledTaskPatch| patch.time_zone.clone().or(was.time_zone.clone());
    if let Some(text) = &set.text {
        let label = match (change.action, set.schedule.as_ref().or(was.schedule.as_ref())) {
            (TaskAction::Prompt, Some(schedule)) => prompt_label(schedule),
            _ => Text::LabelText,
        };
        let before = old(was.text.as_deref().unwrap_or_default());
        lines.change(&label, &before, &whole("the text", text)?);
    }
    if let Some(schedule) = &set.schedule {
        let before = was.schedule.as_ref().map_or_else(String::new, |was_at| {
            when(was_at, own_zone(was).as_deref(), zone, language)
        });
        let after = when(schedule, own_zone(set).as_deref(), zone, language);
        lines.change(&Text::LabelWhen, &before, &after);
    } else if let Some(new_zone) = &set.time_zone {
        lines.change(
            &Text::LabelZone,
            was.time_zone.as_deref().unwrap_or("?"),
            new_zone,
        );
    }
    if let Some(next) = set.next_run_at {
        let shown = |at| schedule::format_instant_in(language.into(), at, zone);
        let before = was.next_run_at.map_or_else(|| "?".to_owned(), shown);
        lines.change(&Text::LabelNext, &before, &shown(next));
    }
    if let Some(status) = set.status {
        let before = was
            .status
            .map_or_else(|| "?".to_owned(), |was| language.say(&status_name(was)));
        lines.change(&Text::LabelStatus, &before, &language.say(&status_name(status)));
    }
    lines.say(&Text::AskUndo);
    Ok(lines)
}

fn cancel_reminders(changes: &[ReminderPatch], zone: Tz, language: Language) -> Result<Lines, ToolError> {
    if changes.len() > MOST {
        return Err(ToolError::Told(format!(
            "a question can name {MOST} reminders at most, and these are {}: cancel fewer at once",
            changes.len()
        )));
    }
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let mut lines = Lines::headed(language, &Text::AskCancelReminders { count });
    for change in changes {
        let was = &change.only_if;
        let at = was.schedule.as_ref().map_or_else(String::new, |at| {
            when(at, was.time_zone.as_deref(), zone, language)
        });
        lines.lines.push(format!(
            "• {}: {}, {at}",
            language.say(&kind(change.action)),
            old(was.text.as_deref().unwrap_or_default())
        ));
    }
    lines.say(&Text::AskUndo);
    Ok(lines)
}

fn kind(action: TaskAction) -> Text<'static> {
    match action {
        TaskAction::Remind => Text::LabelReminder,
        TaskAction::Prompt => Text::LabelPrompt,
    }
}

fn status_name(status: TaskStatus) -> Text<'static> {
    match status {
        TaskStatus::Active => Text::IsActive,
        TaskStatus::Paused => Text::IsPaused,
        TaskStatus::Done => Text::IsDone,
        TaskStatus::Cancelled => Text::IsCancelled,
    }
}

/// When a task fires, with the zone whose clock it goes by.
fn when(schedule: &Schedule, own_zone: Option<&str>, zone: Tz, language: Language) -> String {
    let zone = own_zone
        .and_then(|name| schedule::parse_zone(name).ok())
        .unwrap_or(zone);
    let described = if schedule.is_recurring() {
        schedule.describe_in(language.into(), zone)
    } else {
        schedule.shown_in(language.into(), zone)
    };
    format!("{described} ({})", zone.name())
}

fn create_event(new: &NewEvent, zone: Tz, language: Language) -> Result<Lines, ToolError> {
    let mut lines = Lines::headed(language, &Text::AskAddEvent);
    lines.add(&Text::LabelTitle, whole("the title", &new.title)?);
    lines.add(&Text::LabelWhen, calendar::described(&new.time, zone, language));
    if let Some(location) = &new.location {
        lines.add(&Text::LabelWhere, whole("the location", location)?);
    }
    if let Some(description) = &new.description {
        lines.add(&Text::LabelDescription, whole("the description", description)?);
    }
    if !new.recurrence.is_empty() {
        lines.add(&Text::LabelRepeats, repeats(&new.recurrence, language)?);
    }
    let main = lines.value(&Text::MainCalendar);
    lines.add(&Text::LabelCalendar, main);
    if !new.attendees.is_empty() {
        lines.add(&Text::LabelGuests, people(&new.attendees, language)?);
        lines.say(&Text::GoogleInvites);
    }
    lines.add(
        &Text::LabelNotifications,
        notifications(new.reminders.as_ref(), language),
    );
    lines.say(&Text::AskUndo);
    Ok(lines)
}

fn update_event(
    calendar_name: &str,
    change: &UpdateEvent,
    was: Option<&Event>,
    zone: Tz,
    language: Language,
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
    let mut lines = Lines::headed(language, &Text::AskChangeEvent);
    shown_event(&mut lines, calendar_name, was, change.scope, zone);
    let nothing = language.say(&Text::NothingThere);
    let before = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() => old(text),
        _ => nothing.clone(),
    };
    if let Some(title) = title {
        lines.change(
            &Text::LabelTitle,
            &before(was.map(|was| was.title.as_str())),
            &whole("the title", title)?,
        );
    }
    if let Some(time) = time {
        let was = was.map_or_else(
            || "?".to_owned(),
            |was| calendar::spoken(&was.time, zone, language),
        );
        lines.change(&Text::LabelWhen, &was, &calendar::described(time, zone, language));
    }
    for (label, new, was) in [
        (
            Text::LabelWhere,
            location,
            was.and_then(|was| was.location.as_deref()),
        ),
        (
            Text::LabelDescription,
            description,
            was.and_then(|was| was.description.as_deref()),
        ),
    ] {
        if let Some(new) = new {
            let new = match new {
                Some(text) => whole("the new text", text)?,
                None => nothing.clone(),
            };
            lines.change(&label, &before(was), &new);
        }
    }
    if let Some(rules) = recurrence {
        let before = was.and_then(|was| was.recurrence.as_ref()).map_or_else(
            || language.say(&Text::NotAtAll),
            |recurrence| recurrence.description.clone(),
        );
        let after = if rules.is_empty() {
            language.say(&Text::NotAtAll)
        } else {
            repeats(rules, language)?
        };
        lines.change(&Text::LabelRepeats, &before, &after);
    }
    if let Some(invited) = attendees {
        guests(&mut lines, was, invited)?;
    }
    if let Some(reminders) = reminders {
        lines.change(
            &Text::LabelNotifications,
            &notifications(was.map(|was| &was.reminders), language),
            &notifications(Some(reminders), language),
        );
    }
    if was.is_some_and(Event::has_guests) || attendees.as_ref().is_some_and(|all| !all.is_empty()) {
        lines.say(&Text::GoogleTells);
    }
    lines.say(&Text::AskUndo);
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
        lines.add(&Text::LabelInvites, people(&new, lines.language)?);
    }
    if !gone.is_empty() {
        lines.add(&Text::LabelUninvites, people(&gone, lines.language)?);
    }
    lines.change(
        &Text::LabelGuests,
        &known.len().to_string(),
        &invited.len().to_string(),
    );
    Ok(())
}

fn delete_event(
    calendar_name: &str,
    scope: Scope,
    was: Option<&Event>,
    zone: Tz,
    language: Language,
) -> Lines {
    let mut lines = Lines::headed(language, &Text::AskDeleteEvent);
    shown_event(&mut lines, calendar_name, was, scope, zone);
    if let Some(location) = was.and_then(|was| was.location.as_deref()) {
        lines.add(&Text::LabelWhere, old(location));
    }
    let guests = was.map_or(0, |was| {
        was.attendees.iter().filter(|guest| !guest.is_self).count()
    });
    if guests > 0 {
        let count = i64::try_from(guests).unwrap_or(i64::MAX);
        lines.say(&Text::GoogleTellsGuests { count });
    }
    lines.say(&Text::AskUndo);
    lines
}

/// Which event is meant, as it is now.
fn shown_event(lines: &mut Lines, calendar_name: &str, was: Option<&Event>, scope: Scope, zone: Tz) {
    let Some(was) = was else { return };
    let language = lines.language;
    lines.add(
        &Text::LabelEvent,
        format!(
            "{}, {}",
            old(&calendar::title(was, language)),
            calendar::spoken(&was.time, zone, language)
        ),
    );
    if was.is_of_series() {
        let scope = lines.value(&match scope {
            Scope::ThisOne => Text::ScopeOne,
            Scope::ThisAndFollowing => Text::ScopeFollowing,
            Scope::All => Text::ScopeAll,
        });
        lines.add(&Text::LabelChanges, scope);
    }
    if let Some(recurrence) = &was.recurrence {
        lines.add(&Text::LabelItRepeats, &recurrence.description);
    }
    lines.add(&Text::LabelCalendar, plain::line(calendar_name, LONGEST_OLD));
}

fn disconnect(account: Option<&str>, language: Language) -> Lines {
    let mut lines = Lines::headed(language, &Text::AskDisconnect);
    if let Some(account) = account {
        lines.add(&Text::LabelAccount, plain::line(account, LONGEST_OLD));
    }
    lines.say(&Text::AskDisconnectMeans);
    lines.say(&Text::AskNoUndo);
    lines
}

#[cfg(test)]
mod tests;
