//! `manage openapi`: the OpenAPI document of the REST API, written from the code.

use std::{fs, process::ExitCode};

use anyhow::Context;
use clap::Args;

use crate::{say, test::workspace_root};

/// Where the document goes.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage openapi\n  manage openapi --print | less")]
pub(crate) struct OpenApiArgs {
    /// Print it instead of renewing the one in the source.
    #[arg(long)]
    print: bool,
}

/// Renews `rest_service/openapi.json`, or prints the document.
pub(crate) fn run(args: &OpenApiArgs) -> anyhow::Result<ExitCode> {
    let document = rest_service::openapi();
    if args.print {
        say::line(document.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let path = workspace_root()?.join("rest_service/openapi.json");
    fs::write(&path, document).with_context(|| format!("cannot write {}", path.display()))?;
    say::entry("written", &path.display().to_string());
    Ok(ExitCode::SUCCESS)
}
