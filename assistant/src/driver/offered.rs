//! Which tools are offered: only those that can work. Calendar tools are a third of a request, and of no use where
//! Google is not set up.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use calendar_client::AccountStatus;
use rest_client::Tool;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::Driver;

/// How long it is remembered whether Google is set up: an operator who sets it up restarts calendar_service.
const REMEMBERED: Duration = Duration::from_secs(60);

/// How long an answer is waited for by somebody who may only have said hello.
const PATIENCE: Duration = Duration::from_millis(500);

/// The kind of the tools that need Google.
const CALENDAR: &str = "calendar";

/// Whether Google was set up when calendar_service was last asked.
#[derive(Debug, Default)]
pub(super) struct Google(Mutex<Option<(Instant, bool)>>);

impl Google {
    fn known(&self) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .filter(|(at, _)| at.elapsed() < REMEMBERED)
            .map(|(_, is_set_up)| is_set_up)
    }

    fn note(&self, is_set_up: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((Instant::now(), is_set_up));
    }
}

impl Driver {
    /// The tools, without those that can do nothing here.
    pub(super) fn useful(&self, tools: &[Tool]) -> Vec<Tool> {
        let is_off = self.google.known() == Some(false);
        let useful = tools.iter().filter(|tool| !(is_off && tool.kind == CALENDAR));
        useful.cloned().collect()
    }

    /// Asks calendar_service whether Google is set up, where that matters and is not known. What cannot be asked is
    /// taken for set up: the tools then say what is wrong.
    pub(super) async fn learn_of_google(&self, user: Uuid, tools: &[Tool]) {
        let is_wanted = tools.iter().any(|tool| tool.active && tool.kind == CALENDAR);
        let Some(calendar) = self.calendar.as_ref().filter(|_| is_wanted) else {
            return;
        };
        if self.google.known().is_some() {
            return;
        }
        let is_set_up = match timeout(PATIENCE, calendar.account(user)).await {
            Ok(Ok(account)) => account.status != AccountStatus::NotSetUp,
            Ok(Err(_)) | Err(_) => true,
        };
        self.google.note(is_set_up);
    }
}
