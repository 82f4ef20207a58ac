//! `manage assistant edit`: one assistant, by flags or in an editor.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};
use clap::Args;
use rest_client::{Assistant, AssistantPatch, Error};

use super::{find, report};
use crate::document;
use crate::{say, service::ServiceArgs};

/// Which assistant, and what about it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage assistant edit Assistant\n  manage assistant edit Assistant --model gpt-4.1\n  \
    manage assistant edit Assistant --instructions cook.txt\n\n\
    With no change in the flags, the instructions open in $EDITOR. It takes effect with the next message."
)]
pub(super) struct EditArgs {
    /// Its name or id.
    #[arg(value_name = "ASSISTANT")]
    assistant: String,
    /// The new name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The new model; an empty one means the model of the service's settings.
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// The file with the new instructions; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    instructions: Option<PathBuf>,
    /// What the instructions open in, when no flag says what to change.
    #[arg(long, env = "EDITOR", value_name = "COMMAND")]
    editor: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

/// Changes it, unless somebody else did meanwhile.
pub(super) async fn run(args: &EditArgs) -> anyhow::Result<ExitCode> {
    let client = args.service.client()?;
    let assistant = find(&client, &args.service, &args.assistant).await?;
    let mut patch = AssistantPatch {
        name: args.name.clone(),
        model: args
            .model
            .as_ref()
            .map(|model| Some(model.clone()).filter(|model| !model.is_empty())),
        ..AssistantPatch::default()
    };
    if let Some(file) = &args.instructions {
        patch.instructions = Some(document::text_of(file)?.trim_end().to_owned());
    }
    if patch == AssistantPatch::default() {
        let Some(editor) = &args.editor else {
            bail!("say what to change (see --help), or set EDITOR");
        };
        let edited = in_editor(editor, &assistant)?;
        if edited == assistant.instructions {
            say::line("Nothing was changed.");
            return Ok(ExitCode::SUCCESS);
        }
        patch.instructions = Some(edited);
    }
    let changed = client
        .update_assistant_if(assistant.id, assistant.version, &patch)
        .await;
    let changed = match changed {
        Err(Error::Stale { .. }) => {
            bail!("somebody else has changed it meanwhile, and your change is not made; do it again")
        }
        changed => changed.map_err(|error| args.service.explained(error))?,
    };
    if args.json {
        say::json(&document::json(&changed)?);
    } else {
        say::line(&report::row(&changed));
    }
    Ok(ExitCode::SUCCESS)
}

/// The instructions as they are when the editor is closed.
fn in_editor(editor: &str, assistant: &Assistant) -> anyhow::Result<String> {
    let mut file = tempfile::Builder::new()
        .prefix("instructions-")
        .suffix(".txt")
        .tempfile()
        .context("cannot write a temporary file")?;
    writeln!(file, "{}", assistant.instructions).context("cannot write a temporary file")?;
    // Editors come with flags ("code --wait"), which the shell takes apart as everywhere else.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg(editor)
        .arg(file.path())
        .status()
        .with_context(|| format!("cannot run {editor}"))?;
    if !status.success() {
        bail!("{editor} failed; nothing was changed");
    }
    let text = std::fs::read_to_string(file.path()).context("cannot read what was edited")?;
    Ok(text.trim_end().to_owned())
}
