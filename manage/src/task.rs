//! `manage task`: reminders and other scheduled tasks, of all users.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use messages::TaskAction;
use rest_client::{
    AllTasksQuery, Client, Error, PageQuery, ScheduledTask, ScheduledTaskPatch, TaskDocument,
    TaskImportQuery, TaskRun, TaskStatus,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    document, say,
    service::{ServiceArgs, all_pages},
};

/// How many of its runs `manage task show` prints.
const RUNS: u32 = 10;

/// Look at reminders and other tasks; fire, hold or end one.
#[derive(Args)]
pub(crate) struct TaskArgs {
    #[command(subcommand)]
    command: TaskCommand,
}

#[derive(Subcommand)]
enum TaskCommand {
    /// List tasks: when each fires next, and whose it is. Not what they say.
    List(ListArgs),
    /// Show one task, what it says, and when it has fired.
    Show(OneArgs),
    /// Fire a task now; after that it goes on as planned.
    RunNow(OneArgs),
    /// Hold a task: it does not fire until it is resumed.
    Pause(OneArgs),
    /// Let a held task go on.
    Resume(OneArgs),
    /// End a task.
    Cancel(OneArgs),
    /// Write a user's tasks that are not over as one document.
    Export(ExportArgs),
    /// Make a user's tasks what a document says, all or nothing.
    Import(ImportArgs),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage task list\n  manage task list --status paused\n  \
    manage task list --user 0198c5a0-7e00-7000-8000-000000000001 --all\n  \
    manage task list --json | jq '.[].next_run_at'"
)]
struct ListArgs {
    /// Only this user's, by the id that `manage user list` prints.
    #[arg(long, value_name = "ID")]
    user: Option<Uuid>,
    /// Only those with this status; those that are active when absent.
    #[arg(long, value_enum)]
    status: Option<StatusName>,
    /// Those that are over, too.
    #[arg(long, conflicts_with = "status")]
    all: bool,
    /// Print JSON, with what each says.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(after_help = "Example:\n  manage task run-now 0198c5a0-7e00-7000-8000-000000000001")]
struct OneArgs {
    /// The id that `manage task list` prints.
    #[arg(value_name = "TASK")]
    task: Uuid,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage task export --user 0198c5a0-7e00-7000-8000-000000000001 > tasks.yaml\n  \
    manage task export --user 0198c5a0-7e00-7000-8000-000000000001 --output tasks.json"
)]
struct ExportArgs {
    /// Whose, by the id that `manage user list` prints.
    #[arg(long, value_name = "ID")]
    user: Uuid,
    /// Where to write it; standard output when absent. `.json` is written as JSON, all else as YAML.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// JSON instead of YAML on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage task import tasks.yaml --user 0198c5a0-7e00-7000-8000-000000000001 --dry-run\n  \
    manage task import tasks.yaml --user 0198c5a0-7e00-7000-8000-000000000001\n\n\
    A task that is there already, by its id or because it says the same, is not made twice; tasks that the document does \
    not have stay."
)]
struct ImportArgs {
    /// The document, JSON or YAML; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose tasks they become, by the id that `manage user list` prints.
    #[arg(long, value_name = "ID")]
    user: Uuid,
    /// Change nothing, and print what would be changed.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

/// The statuses, as they are typed.
#[derive(Clone, Copy, ValueEnum)]
enum StatusName {
    /// Will fire.
    Active,
    /// Held.
    Paused,
    /// Has fired for the last time.
    Done,
    /// Called off.
    Cancelled,
}

impl From<StatusName> for TaskStatus {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::Paused => Self::Paused,
            StatusName::Done => Self::Done,
            StatusName::Cancelled => Self::Cancelled,
        }
    }
}

/// Does what was asked.
pub(crate) fn run(args: TaskArgs) -> anyhow::Result<ExitCode> {
    ServiceArgs::block_on(async {
        match args.command {
            TaskCommand::List(args) => list(&args).await,
            TaskCommand::Show(args) => show(&args).await,
            TaskCommand::RunNow(args) => run_now(&args).await,
            TaskCommand::Pause(args) => set_status(&args, TaskStatus::Paused).await,
            TaskCommand::Resume(args) => set_status(&args, TaskStatus::Active).await,
            TaskCommand::Cancel(args) => set_status(&args, TaskStatus::Cancelled).await,
            TaskCommand::Export(args) => export(&args).await,
            TaskCommand::Import(args) => import(&args).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let document = args.service.client()?.export_tasks(args.user).await;
    let document = document.map_err(|error| of_user(args.user, error, &args.service))?;
    document::write(&document, args.output.as_deref(), args.json)
}

async fn import(args: &ImportArgs) -> anyhow::Result<()> {
    let document: TaskDocument = document::read(&args.file)?;
    let how = TaskImportQuery {
        dry_run: args.dry_run,
    };
    let outcome = args
        .service
        .client()?
        .import_tasks(args.user, &document, &how)
        .await;
    if let Err(error @ Error::NotFound) = outcome {
        return Err(of_user(args.user, error, &args.service));
    }
    document::report(outcome, args.json, &args.service)
}

/// What to do about a failed call about a user's tasks.
fn of_user(user: Uuid, error: Error, service: &ServiceArgs) -> anyhow::Error {
    match error {
        Error::NotFound => anyhow::anyhow!("there is no user {user}; `manage user list` shows them"),
        error => service.explained(error).into(),
    }
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let status = match args.status {
        Some(status) => Some(status.into()),
        None if args.all => None,
        None => Some(TaskStatus::Active),
    };
    let tasks = all_pages(async |cursor| {
        let query = AllTasksQuery {
            user: args.user,
            status,
            limit: Some(200),
            cursor,
            ..AllTasksQuery::default()
        };
        client.all_tasks(&query).await
    });
    let tasks = tasks.await.map_err(|error| args.service.explained(error))?;
    if args.json {
        say::json(&format!("{:#}", json!(tasks)));
        return Ok(());
    }
    if tasks.is_empty() {
        say::line("There are none.");
    }
    for task in &tasks {
        say::line(&row(task));
    }
    Ok(())
}

async fn show(args: &OneArgs) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let task = find(&client, args).await?;
    let page = PageQuery {
        limit: Some(RUNS),
        cursor: None,
    };
    let runs = client.task_runs(task.user_id, task.id, &page).await;
    let runs = runs.map_err(|error| args.service.explained(error))?.items;
    if args.json {
        let mut whole = json!(task);
        whole["runs"] = json!(runs);
        say::json(&format!("{whole:#}"));
        return Ok(());
    }
    say::line(&row(&task));
    say::entry("user", &task.user_id.to_string());
    say::entry("goes to", &format!("{} {}", task.to.channel, task.to.chat));
    say::entry(
        "schedule",
        &format!("{} ({})", json!(task.schedule), task.time_zone),
    );
    say::entry("made", &instant(task.created_at));
    say::entry("says", &task.text);
    if runs.is_empty() {
        say::entry("has fired", "never");
    }
    for run in &runs {
        say::entry("has fired", &fired(run));
    }
    Ok(())
}

async fn run_now(args: &OneArgs) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let task = find(&client, args).await?;
    let due = client.run_task_now(task.user_id, task.id).await;
    told(args, &due.map_err(|error| args.service.explained(error))?);
    Ok(())
}

async fn set_status(args: &OneArgs, wanted: TaskStatus) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let task = find(&client, args).await?;
    let patch = ScheduledTaskPatch {
        status: Some(wanted),
        ..ScheduledTaskPatch::default()
    };
    let changed = client.update_task(task.user_id, task.id, &patch).await;
    let changed = changed.map_err(|error| args.service.explained(error))?;
    if changed.status != wanted {
        bail!("it is {} already", status(changed.status));
    }
    told(args, &changed);
    Ok(())
}

async fn find(client: &Client, args: &OneArgs) -> anyhow::Result<ScheduledTask> {
    match client.any_task(args.task).await {
        Err(Error::NotFound) => bail!("there is no task {}; `manage task list` shows them", args.task),
        found => found.map_err(|error| args.service.explained(error).into()),
    }
}

fn told(args: &OneArgs, task: &ScheduledTask) {
    if args.json {
        say::json(&format!("{:#}", json!(task)));
    } else {
        say::line(&row(task));
    }
}

fn row(task: &ScheduledTask) -> String {
    let action = match task.action {
        TaskAction::Remind => "remind",
        TaskAction::Prompt => "prompt",
    };
    let next = task
        .next_run_at
        .map_or_else(|| "-".to_owned(), |at| format!("next {}", instant(at)));
    format!("{}  {action:<6}  {:<9}  {next}", task.id, status(task.status))
}

fn fired(run: &TaskRun) -> String {
    let late = run.fired_at - run.scheduled_for;
    let mut text = instant(run.fired_at);
    if late.num_seconds() > 0 {
        text.push_str(&format!(", {} s late", late.num_seconds()));
    }
    if run.missed > 0 {
        text.push_str(&format!(", for {} more that were missed", run.missed));
    }
    text
}

fn status(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Active => "active",
        TaskStatus::Paused => "paused",
        TaskStatus::Done => "done",
        TaskStatus::Cancelled => "cancelled",
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
