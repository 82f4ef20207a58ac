//! Calls about scheduled tasks.

use reqwest::Method;
use uuid::Uuid;

use super::{Again, Call, Client};
use crate::{
    AllTasksQuery, Claim, ClaimTasks, Error, HeldTasks, HoldTasks, MoveChat, MovedChat, NewScheduledTask,
    NewTaskRun, NewTaskRuns, Page, PageQuery, RecordedRuns, ScheduledTask, ScheduledTaskPatch, TaskListQuery,
    TaskRun,
};

impl Client {
    /// Makes a scheduled task; with an idempotency key, again is the same.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it would never fire, in words for the user; see [`Error`].
    pub async fn create_task(&self, user: Uuid, new: &NewScheduledTask) -> Result<ScheduledTask, Error> {
        let again = if new.idempotency_key.is_some() {
            Again::Safe
        } else {
            Again::Once
        };
        self.post(&["users", &user.to_string(), "scheduled_tasks"], new, again)
            .await
    }

    /// One of a user's tasks.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn task(&self, user: Uuid, task: Uuid) -> Result<ScheduledTask, Error> {
        self.get(&["users", &user.to_string(), "scheduled_tasks", &task.to_string()])
            .await
    }

    /// A user's tasks, the oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tasks(&self, user: Uuid, query: &TaskListQuery) -> Result<Page<ScheduledTask>, Error> {
        self.get_with(&["users", &user.to_string(), "scheduled_tasks"], query)
            .await
    }

    /// Changes a task: text, schedule, zone, pause, resume, cancel.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it would never fire, in words for the user; see [`Error`].
    pub async fn update_task(
        &self,
        user: Uuid,
        task: Uuid,
        patch: &ScheduledTaskPatch,
    ) -> Result<ScheduledTask, Error> {
        self.patch(
            &["users", &user.to_string(), "scheduled_tasks", &task.to_string()],
            patch,
        )
        .await
    }

    /// As [`Self::update_task`], of a task that still has this version.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed since, also by this very call when its answer was lost: read it again and
    /// see. As for [`Self::update_task`].
    pub async fn update_task_if(
        &self,
        user: Uuid,
        task: Uuid,
        version: i64,
        patch: &ScheduledTaskPatch,
    ) -> Result<ScheduledTask, Error> {
        let path = ["users", &user.to_string(), "scheduled_tasks", &task.to_string()];
        let mut call = Call::new(Method::PATCH, &path, Some(patch), Again::Safe);
        call.if_match = Some(version);
        self.call(call).await
    }

    /// Cancels a task; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn cancel_task(&self, user: Uuid, task: Uuid) -> Result<ScheduledTask, Error> {
        self.delete(&["users", &user.to_string(), "scheduled_tasks", &task.to_string()])
            .await
    }

    /// Makes an active task due now; after that it goes on as planned.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not active; see [`Error`].
    pub async fn run_task_now(&self, user: Uuid, task: Uuid) -> Result<ScheduledTask, Error> {
        let path = [
            "users",
            &user.to_string(),
            "scheduled_tasks",
            &task.to_string(),
            "run",
        ];
        self.post(&path, &serde_json::json!({}), Again::Once).await
    }

    /// One task of any user.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn any_task(&self, task: Uuid) -> Result<ScheduledTask, Error> {
        self.get(&["scheduled_tasks", &task.to_string()]).await
    }

    /// Takes due tasks, of all users. A claim whose answer is lost is made again; what the lost one took comes
    /// back when its lease ends.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn claim_tasks(&self, claim: &ClaimTasks) -> Result<Claim, Error> {
        self.post(&["scheduled_tasks", "claim"], claim, Again::Unsafe)
            .await
    }

    /// Holds the tasks of a chat that cannot be reached, or lets them go on; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn hold_tasks(&self, ask: &HoldTasks) -> Result<HeldTasks, Error> {
        self.post(&["scheduled_tasks", "hold"], ask, Again::Safe).await
    }

    /// Gives everything of a chat to the id that it has now; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn move_chat(&self, ask: &MoveChat) -> Result<MovedChat, Error> {
        self.post(&["chats", "move"], ask, Again::Safe).await
    }

    /// Records that a claimed task fired, and when it fires next; again is the same.
    ///
    /// # Errors
    /// [`crate::ConflictKind::StaleLease`] when the lease no longer holds; see [`Error`].
    pub async fn record_run(&self, task: Uuid, run: &NewTaskRun) -> Result<TaskRun, Error> {
        self.post(&["scheduled_tasks", &task.to_string(), "runs"], run, Again::Safe)
            .await
    }

    /// Records what one claim fired; again is the same. What became of each run is in the answer.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn record_runs(&self, runs: &NewTaskRuns) -> Result<RecordedRuns, Error> {
        self.post(&["scheduled_tasks", "runs"], runs, Again::Safe).await
    }

    /// Tasks of all users.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn all_tasks(&self, query: &AllTasksQuery) -> Result<Page<ScheduledTask>, Error> {
        self.get_with(&["scheduled_tasks"], query).await
    }

    /// A task's runs, the newest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn task_runs(&self, user: Uuid, task: Uuid, page: &PageQuery) -> Result<Page<TaskRun>, Error> {
        let path = [
            "users",
            &user.to_string(),
            "scheduled_tasks",
            &task.to_string(),
            "runs",
        ];
        self.get_with(&path, page).await
    }
}
