//! `manage migrate`, `upgrade`, `downgrade`: the database's schema, on both databases.

use std::{
    fs,
    io::{IsTerminal, Write, stdin, stdout},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use rest_service::Db;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{Clock, SystemClock};

use crate::{
    data_folder::{self, DataFolder},
    say,
    test::workspace_root,
};

/// The databases, each with its own folder of migrations.
const DIALECTS: [&str; 2] = ["postgres", "sqlite"];

/// One works, and one is spare for the lock that keeps two migrations apart.
const CONNECTIONS: usize = 2;

/// What the new migration is for.
#[derive(Args)]
#[command(after_help = "Example:\n  manage migrate \"add usage per user\"")]
pub(crate) struct MigrateArgs {
    /// What it does, in a few words; becomes its name.
    message: String,
}

/// Which database.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage upgrade\n  DATABASE_URL=postgres://… manage upgrade")]
pub(crate) struct DatabaseArgs {
    /// The database; the data folder's own when absent.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

/// Which database, and whether to ask first.
#[derive(Args)]
#[command(after_help = "Example:\n  manage downgrade --yes")]
pub(crate) struct DowngradeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Do not ask before data is dropped.
    #[arg(long, short)]
    yes: bool,
}

/// Writes the files of a new migration.
pub(crate) fn create(args: &MigrateArgs) -> anyhow::Result<ExitCode> {
    let name = slug(&args.message);
    if name.is_empty() {
        bail!("the message has no letters or digits to make a name of; say what the migration does");
    }
    let root = workspace_root()?.join("rest_service/migrations");
    let version = SystemClock.now().format("%Y-%m-%d-%H%M%S");
    for dialect in DIALECTS {
        let folder = root.join(dialect).join(format!("{version}_{name}"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for (file, hint) in [("up.sql", "What changes"), ("down.sql", "The way back")] {
            let path = folder.join(file);
            fs::write(
                &path,
                format!("-- {}: {} ({dialect}).\n", hint, args.message.trim()),
            )
            .with_context(|| format!("cannot write {}", path.display()))?;
            say::entry("made", &path.display().to_string());
        }
    }
    say::line("Write the same change for both databases; a test compares the two schemas column by column.");
    say::line("Then: cargo manage upgrade (`run` applies migrations by itself).");
    Ok(ExitCode::SUCCESS)
}

/// Applies what is pending.
pub(crate) fn upgrade(args: &DatabaseArgs) -> anyhow::Result<ExitCode> {
    with_database(args, async |database| {
        let applied = database.migrate().await?;
        for name in &applied {
            say::entry("applied", name);
        }
        say::line(if applied.is_empty() {
            "The database is up to date."
        } else {
            "Done."
        });
        Ok(ExitCode::SUCCESS)
    })
}

/// Reverts the newest migration.
pub(crate) fn downgrade(args: &DowngradeArgs) -> anyhow::Result<ExitCode> {
    with_database(&args.database, async |database| {
        let Some(newest) = database.migration_status().await?.applied.pop() else {
            say::line("No migration is applied; there is nothing to revert.");
            return Ok(ExitCode::SUCCESS);
        };
        if !args.yes && !confirmed(&newest)? {
            say::line("Nothing was changed.");
            return Ok(ExitCode::FAILURE);
        }
        if let Some(reverted) = database.revert().await? {
            say::entry("reverted", &reverted);
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn confirmed(migration: &str) -> anyhow::Result<bool> {
    if !stdin().is_terminal() {
        bail!("reverting {migration} may drop data; say --yes if you mean it");
    }
    say::line(&format!("Reverting {migration} may drop data. Go on? [y/N] "));
    stdout().flush().context("cannot print")?;
    let mut answer = String::new();
    stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn with_database(
    args: &DatabaseArgs,
    work: impl AsyncFnOnce(Db) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    service_kit::http::install_tls();
    // The folder is owned while its database changes: a running process must not lose its tables.
    let folder = match &args.database_url {
        Some(_) => None,
        None => Some(DataFolder::open(&args.data_dir)?),
    };
    let url = match (&args.database_url, &folder) {
        (Some(url), _) => url.clone(),
        (None, Some(folder)) => folder.sqlite_url(data_folder::DATABASE_FILE)?,
        (None, None) => bail!("no database is named; set DATABASE_URL or DATA_DIR"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        let database = Db::open(url.expose_secret(), CONNECTIONS).await?;
        work(database).await
    })
}

/// `Add usage, per user!` → `add_usage_per_user`.
fn slug(message: &str) -> String {
    let words = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("_")
        .chars()
        .take(60)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_message_becomes_a_file_name() {
        assert_eq!(slug("Add usage, per user!"), "add_usage_per_user");
        assert_eq!(slug("../../etc/passwd"), "etc_passwd");
        assert_eq!(slug("…"), "");
    }
}
