//! `manage assistant`: assistants and their tools, as lists and as a document that can be kept under version control.

mod edit;
mod report;

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::{Args, Subcommand};
use rest_client::{
    Assistant, AssistantListQuery, Client, Configuration, Error, ImportQuery, ListSort, PageQuery,
};

use crate::{
    document, say,
    service::{ServiceArgs, all_pages},
};

/// List, show, export and import assistants.
#[derive(Args)]
pub(crate) struct AssistantArgs {
    #[command(subcommand)]
    command: AssistantCommand,
}

#[derive(Subcommand)]
enum AssistantCommand {
    /// List all assistants.
    List(ListArgs),
    /// Show one assistant: instructions, model, parameters, tools.
    Show(ShowArgs),
    /// Change one assistant: instructions (in your editor, or from a file), model, name.
    Edit(edit::EditArgs),
    /// Write all assistants and tools as one document.
    Export(ExportArgs),
    /// Make assistants and tools what a document says, all or nothing.
    Import(ImportArgs),
}

#[derive(Args)]
#[command(after_help = "Examples:\n  manage assistant list\n  manage assistant list --json | jq '.[].name'")]
struct ListArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(after_help = "Examples:\n  manage assistant show Assistant\n  \
    manage assistant show 01980000-0000-7000-8000-000000000001 --json")]
struct ShowArgs {
    /// Its name or id.
    #[arg(value_name = "ASSISTANT")]
    assistant: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(after_help = "Examples:\n  manage assistant export > assistants.yaml\n  \
    manage assistant export --output assistants.json")]
struct ExportArgs {
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
    after_help = "Examples:\n  manage assistant import assistants.yaml --dry-run\n  \
    manage assistant import assistants.yaml\n  manage assistant export | sed s/gpt-4.1/gpt-5/ | manage assistant import -\n\n\
    With --dry-run the difference is printed and nothing is changed: + what is new, - what goes."
)]
struct ImportArgs {
    /// The document, JSON or YAML; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Change nothing, and print what would be changed.
    #[arg(long)]
    dry_run: bool,
    /// Delete the assistants and tools that the document does not have; what is in use is kept.
    #[arg(long)]
    prune: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

/// Does what was asked.
pub(crate) fn run(args: AssistantArgs) -> anyhow::Result<ExitCode> {
    ServiceArgs::block_on(async {
        match args.command {
            AssistantCommand::List(args) => list(&args).await,
            AssistantCommand::Show(args) => show(&args).await,
            AssistantCommand::Edit(args) => edit::run(&args).await,
            AssistantCommand::Export(args) => export(&args).await,
            AssistantCommand::Import(args) => import(&args).await,
        }
    })
}

async fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let all = all(&args.service.client()?)
        .await
        .map_err(|error| args.service.explained(error))?;
    if args.json {
        say::json(&document::json(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    for assistant in all {
        say::line(&report::row(&assistant));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let client = args.service.client()?;
    let assistant = &find(&client, &args.service, &args.assistant).await?;
    let query = PageQuery {
        limit: Some(200),
        ..PageQuery::default()
    };
    let tools = client
        .assistant_tools(assistant.id, &query)
        .await
        .map_err(|error| args.service.explained(error))?;
    if args.json {
        let mut shown = serde_json::to_value(assistant)?;
        shown["tools"] = serde_json::to_value(&tools.items)?;
        say::json(&document::json(&shown)?);
    } else {
        for line in report::whole(assistant, &tools.items) {
            say::line(&line);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let document = args
        .service
        .client()?
        .export()
        .await
        .map_err(|error| args.service.explained(error))?;
    document::write(&document, args.output.as_deref(), args.json)?;
    Ok(ExitCode::SUCCESS)
}

async fn import(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let document: Configuration = document::read(&args.file)?;
    let how = ImportQuery {
        dry_run: args.dry_run,
        prune: args.prune,
    };
    let outcome = args.service.client()?.import(&document, &how).await;
    document::report(outcome, args.json, &args.service)?;
    Ok(ExitCode::SUCCESS)
}

async fn all(client: &Client) -> Result<Vec<Assistant>, Error> {
    all_pages(async |cursor| {
        let query = AssistantListQuery {
            sort: Some(ListSort::Name),
            limit: Some(200),
            cursor,
            ..AssistantListQuery::default()
        };
        client.assistants(&query).await
    })
    .await
}

/// The one assistant of that name or id.
async fn find(client: &Client, service: &ServiceArgs, wanted: &str) -> anyhow::Result<Assistant> {
    let all = all(client).await.map_err(|error| service.explained(error))?;
    let is_it = |one: &Assistant| one.name == wanted || one.id.to_string() == wanted;
    let mut found: Vec<Assistant> = all.into_iter().filter(is_it).collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => bail!("there is no assistant {wanted:?}; `manage assistant list` shows them"),
        _ => bail!("several are called {wanted:?}; say which by its id"),
    }
}
