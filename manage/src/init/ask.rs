//! Questions on the terminal.

use std::io::{Write, stdin, stdout};

use anyhow::{Context, bail};

use crate::say;

/// A line that is typed; `None` when it is empty.
pub(super) fn line(question: &str) -> anyhow::Result<Option<String>> {
    say::question(question);
    stdout().flush().context("cannot print")?;
    let mut typed = String::new();
    if stdin().read_line(&mut typed).context("cannot read the answer")? == 0 {
        bail!("the input ended; nothing was written");
    }
    Ok(some(&typed))
}

/// A secret that is typed or pasted, and not shown; `None` when it is empty.
pub(super) fn secret(question: &str) -> anyhow::Result<Option<String>> {
    let typed = rpassword::prompt_password(question).context("the answer cannot be read")?;
    Ok(some(&typed))
}

/// Yes, or else no.
pub(super) fn yes(question: &str) -> anyhow::Result<bool> {
    let typed = line(question)?.unwrap_or_default();
    Ok(matches!(typed.to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn some(typed: &str) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty()).then(|| typed.to_owned())
}
