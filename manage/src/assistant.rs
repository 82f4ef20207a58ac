//! `manage assistant`: assistants and their tools, as lists and as a document that can be kept under version control.
//!
//! It goes over the REST API like any other admin, so that it works while `manage run` runs and against a
//! distributed set-up alike.

mod report;

use std::{
    fs,
    io::{Read, stdin},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use rest_client::{
    Assistant, AssistantListQuery, Client, Configuration, Error, ImportQuery, ListSort, PageQuery,
};
use secrecy::SecretString;
use serde::Serialize;
use service_kit::settings::http_url;
use url::Url;

use crate::{data_folder, say};

/// The largest document that is read, in bytes; as much as the service takes.
const LARGEST: usize = 1024 * 1024;

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

/// Where the service is.
#[derive(Args)]
struct ServiceArgs {
    /// Where the REST API is.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    rest_url: Url,
    /// The key that opens it; the data folder's when absent.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

impl ServiceArgs {
    fn client(&self) -> anyhow::Result<Client> {
        service_kit::http::install_tls();
        let key = match &self.service_key {
            Some(key) => key.clone(),
            None => data_folder::service_key(&self.data_dir).with_context(|| {
                format!(
                    "no key is in the data folder {}; set SERVICE_KEY or DATA_DIR",
                    self.data_dir.display()
                )
            })?,
        };
        Ok(Client::new(self.rest_url.clone(), key)?)
    }
}

/// How a document is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Json,
    Yaml,
}

/// Does what was asked.
pub(crate) fn run(args: AssistantArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        match args.command {
            AssistantCommand::List(args) => list(&args).await,
            AssistantCommand::Show(args) => show(&args).await,
            AssistantCommand::Export(args) => export(&args).await,
            AssistantCommand::Import(args) => import(&args).await,
        }
    })
}

async fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let all = all(&args.service.client()?)
        .await
        .map_err(|error| told(error, &args.service))?;
    if args.json {
        say::line(&json(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    for assistant in all {
        say::line(&report::row(&assistant));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let client = args.service.client()?;
    let all = all(&client).await.map_err(|error| told(error, &args.service))?;
    let is_it = |one: &&Assistant| one.name == args.assistant || one.id.to_string() == args.assistant;
    let found: Vec<&Assistant> = all.iter().filter(is_it).collect();
    let assistant = match found.as_slice() {
        [one] => *one,
        [] => bail!(
            "there is no assistant {:?}; `manage assistant list` shows them",
            args.assistant
        ),
        _ => bail!("several are called {:?}; say which by its id", args.assistant),
    };
    let query = PageQuery {
        limit: Some(200),
        ..PageQuery::default()
    };
    let tools = client
        .assistant_tools(assistant.id, &query)
        .await
        .map_err(|error| told(error, &args.service))?;
    if args.json {
        let mut shown = serde_json::to_value(assistant)?;
        shown["tools"] = serde_json::to_value(&tools.items)?;
        say::line(&json(&shown)?);
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
        .map_err(|error| told(error, &args.service))?;
    let form = match &args.output {
        Some(path) => form_of(path),
        None if args.json => Form::Json,
        None => Form::Yaml,
    };
    let text = match form {
        Form::Json => json(&document)?,
        Form::Yaml => serde_saphyr::to_string(&document).context("cannot write the document as YAML")?,
    };
    match &args.output {
        Some(path) => {
            fs::write(path, format!("{}\n", text.trim_end()))
                .with_context(|| format!("cannot write {}", path.display()))?;
            say::entry("written", &path.display().to_string());
        }
        None => say::line(text.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn import(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let text = read(&args.file)?;
    let document: Configuration = match form_of(&args.file) {
        Form::Json => serde_json::from_str(&text).map_err(anyhow::Error::from),
        // YAML 1.2 reads JSON too.
        Form::Yaml => serde_saphyr::from_str(&text).map_err(|error| anyhow::anyhow!("{error}")),
    }
    .with_context(|| format!("cannot read {}", args.file.display()))?;
    let how = ImportQuery {
        dry_run: args.dry_run,
        prune: args.prune,
    };
    match args.service.client()?.import(&document, &how).await {
        Ok(report) if args.json => say::line(&json(&report)?),
        Ok(report) => {
            for line in report::difference(&report) {
                say::line(&line);
            }
        }
        Err(Error::Invalid { errors, .. }) if !errors.is_empty() => {
            for error in &errors {
                say::line(&format!("{}: {}", error.field, error.message));
            }
            bail!("nothing was changed: correct what is named above");
        }
        Err(error) => return Err(told(error, &args.service)),
    }
    Ok(ExitCode::SUCCESS)
}

async fn all(client: &Client) -> Result<Vec<Assistant>, Error> {
    let mut query = AssistantListQuery {
        sort: Some(ListSort::Name),
        limit: Some(200),
        ..AssistantListQuery::default()
    };
    let mut all = Vec::new();
    loop {
        let page = client.assistants(&query).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(all),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let most = u64::try_from(LARGEST)? + 1;
    if path == Path::new("-") {
        stdin()
            .take(most)
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
    } else {
        fs::File::open(path)
            .and_then(|file| file.take(most).read_to_string(&mut text))
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    if text.len() > LARGEST {
        bail!("{} has more than {LARGEST} bytes", path.display());
    }
    Ok(text)
}

fn form_of(path: &Path) -> Form {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("json") => Form::Json,
        _ => Form::Yaml,
    }
}

fn json(value: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string_pretty(value).context("cannot write JSON")
}

/// What to do about a failed call.
fn told(error: Error, service: &ServiceArgs) -> anyhow::Error {
    let advice = match &error {
        Error::Unavailable(_) => format!(
            "nothing answers at {}; start it with `manage run`, or set REST_URL",
            service.rest_url
        ),
        Error::Unauthorized => "the key is not this installation's; set SERVICE_KEY or DATA_DIR".to_owned(),
        _ => return anyhow::Error::new(error),
    };
    anyhow::Error::new(error).context(advice)
}
