//! Where the passphrase of a backup comes from: a file, the environment, or the keyboard.

use std::{
    fs,
    io::{IsTerminal, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

/// The shortest passphrase for a new backup, in characters.
const SHORTEST: usize = 12;

/// The passphrase.
#[derive(Args)]
pub(super) struct PassphraseArgs {
    /// The file whose first line is the passphrase.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase")]
    passphrase_file: Option<PathBuf>,
    /// The passphrase itself; asked for when absent. Set the variable rather than the flag, which others may see.
    #[arg(long, env = "BACKUP_PASSPHRASE", hide_env_values = true, value_name = "TEXT")]
    passphrase: Option<SecretString>,
}

impl PassphraseArgs {
    /// The file that is named.
    pub(super) fn file(&self) -> Option<&Path> {
        self.passphrase_file.as_deref()
    }

    /// The passphrase for a new backup; typed twice.
    pub(super) fn new_one(&self) -> anyhow::Result<SecretString> {
        let passphrase = match self.given()? {
            Some(given) => given,
            None => {
                let first = ask("Passphrase for the backup: ")?;
                if ask("Once more: ")?.expose_secret() != first.expose_secret() {
                    bail!("the two differ; nothing was written");
                }
                first
            }
        };
        if passphrase.expose_secret().chars().count() < SHORTEST {
            bail!("the passphrase is too short; use at least {SHORTEST} characters");
        }
        Ok(passphrase)
    }

    /// The passphrase of a backup that is there.
    pub(super) fn known_one(&self) -> anyhow::Result<SecretString> {
        match self.given()? {
            Some(given) => Ok(given),
            None => ask("Passphrase of the backup: "),
        }
    }

    fn given(&self) -> anyhow::Result<Option<SecretString>> {
        let Some(path) = &self.passphrase_file else {
            return Ok(self.passphrase.clone());
        };
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(text.lines().next().unwrap_or_default().into()))
    }
}

fn ask(question: &str) -> anyhow::Result<SecretString> {
    if !stdin().is_terminal() {
        bail!("no passphrase is given; set BACKUP_PASSPHRASE or name a --passphrase-file");
    }
    let typed = rpassword::prompt_password(question).context("the passphrase cannot be read")?;
    Ok(typed.into())
}
