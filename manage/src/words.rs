//! `manage texts`: what the product itself says to people, in every language.

use std::process::ExitCode;

use clap::Args;

use crate::say;

/// Which texts.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage texts | less\n  manage texts zone")]
pub(crate) struct TextsArgs {
    /// Only those whose names contain this.
    #[arg(default_value = "")]
    part: String,
}

/// Prints them side by side.
pub(crate) fn run(args: &TextsArgs) -> anyhow::Result<ExitCode> {
    let table = texts::table(&args.part);
    if table.is_empty() {
        anyhow::bail!(
            "no text has “{}” in its name: see all with `manage texts`",
            args.part
        );
    }
    say::line(table.trim_end());
    Ok(ExitCode::SUCCESS)
}
