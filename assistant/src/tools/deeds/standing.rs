//! Whether a reminder stands as a change found it, or as it makes it.

use rest_client::{ScheduledTask, ScheduledTaskPatch};

/// Whether a reminder has what a patch sets.
pub(super) fn is_as(task: &ScheduledTask, patch: &ScheduledTaskPatch) -> bool {
    patch.text.as_ref().is_none_or(|text| *text == task.text)
        && patch
            .schedule
            .as_ref()
            .is_none_or(|schedule| *schedule == task.schedule)
        && patch
            .time_zone
            .as_ref()
            .is_none_or(|zone| *zone == task.time_zone)
        && patch.status.is_none_or(|status| status == task.status)
        && patch.from_outside.is_none_or(|mark| mark == task.from_outside)
        && patch
            .next_run_at
            .is_none_or(|next| task.next_run_at == Some(next))
}
