//! `manage backup` and `manage restore`: one encrypted file with the database and the settings.
//!
//! The file is an age file (<https://age-encryption.org/v1>) under a passphrase: what is cut short or changed does not
//! decrypt. Inside is one line with the settings' files, and behind it what `rest_service` writes of its rows.

mod passphrase;
mod settings_files;

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use age::{Decryptor, Encryptor, scrypt};
use anyhow::{Context, bail};
use clap::Args;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use rest_service::{BackupError, Db};
use secrecy::{ExposeSecret, SecretString};
use service_kit::{Clock, SystemClock, http::install_tls};

use crate::{data_folder, say};
use passphrase::PassphraseArgs;
use settings_files::SettingsFiles;

/// One works, and one is spare for the lock that keeps two migrations apart.
const CONNECTIONS: usize = 2;

/// The file is for its owner's eyes alone.
const MODE: u32 = 0o600;

/// The most that a file may make us compute for its passphrase, as the logarithm of scrypt's N: 4 GiB of memory.
const MOST_WORK: u8 = 22;

/// What to back up, and where to.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage backup\n  manage backup /mnt/safe/assistant.backup --passphrase-file key\n  \
    DATABASE_URL=postgres://… manage backup\n\nIt may run while the assistant does: the file holds one moment. What \
    waits on the bus is not in it. Without the passphrase nobody can read it, you neither."
)]
pub(crate) struct BackupArgs {
    /// The file; smart-assistant-DATE.backup in this folder when absent.
    file: Option<PathBuf>,
    #[command(flatten)]
    from: StoreArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// What to restore, and where to.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage restore smart-assistant-2026-11-21.backup\n  \
    DATABASE_URL=postgres://… manage restore laptop.backup\n\nStop the services first. The file may come from the \
    other kind of database: that is how an assistant moves from a laptop to a server."
)]
pub(crate) struct RestoreArgs {
    /// The file that `manage backup` wrote.
    file: PathBuf,
    #[command(flatten)]
    to: StoreArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Replace what is in the database.
    #[arg(long)]
    force: bool,
}

/// Which database, and which settings.
#[derive(Args)]
struct StoreArgs {
    /// The database; the data folder's own when absent.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

impl BackupArgs {
    /// The files that are named.
    pub(crate) fn files(&self) -> Vec<&Path> {
        self.file
            .as_deref()
            .into_iter()
            .chain(self.passphrase.file())
            .collect()
    }
}

impl RestoreArgs {
    /// The files that are named.
    pub(crate) fn files(&self) -> Vec<&Path> {
        std::iter::once(self.file.as_path())
            .chain(self.passphrase.file())
            .collect()
    }
}

/// Writes a copy.
pub(crate) fn back_up(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let url = match &args.from.database_url {
        Some(url) => url.clone(),
        None => data_folder::existing_sqlite_url(&args.from.data_dir, data_folder::DATABASE_FILE)?,
    };
    let path = args.file.clone().unwrap_or_else(|| {
        let now = SystemClock.now().format("%Y-%m-%d-%H%M%S");
        format!("smart-assistant-{now}.backup").into()
    });
    if path.exists() {
        bail!("{} is there already; name another file", path.display());
    }
    let passphrase = args.passphrase.new_one()?;
    let settings = SettingsFiles::read(&args.from.data_dir)?;
    // Under another name until it is whole.
    let mut draft = path.clone().into_os_string();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let written = write(&draft, &url, passphrase, &settings);
    if written.is_err() {
        // What is left of it helps nobody.
        drop(fs::remove_file(&draft));
    }
    let rows = written?;
    fs::rename(&draft, &path).with_context(|| format!("cannot write {}", path.display()))?;
    let size = fs::metadata(&path).map_or(0, |file| file.len());
    say::line(&format!(
        "{}: {} rows and {} in {}.",
        path.display(),
        HumanCount(rows),
        settings.described(),
        HumanBytes(size)
    ));
    Ok(ExitCode::SUCCESS)
}

fn write(
    path: &Path,
    url: &SecretString,
    passphrase: SecretString,
    settings: &SettingsFiles,
) -> anyhow::Result<u64> {
    let cannot = || format!("cannot write {}", path.display());
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(MODE)
        .open(path)
        .with_context(cannot)?;
    let encrypted = Encryptor::with_user_passphrase(passphrase).wrap_output(BufWriter::new(file));
    let mut to = encrypted.with_context(cannot)?;
    serde_json::to_writer(&mut to, settings)?;
    to.write_all(b"\n").with_context(cannot)?;
    let progress = progress("copying");
    let rows = with_database(url, async |db| {
        db.back_up(&mut to, &mut |table, rows| {
            progress.set_message(table);
            progress.set_position(rows);
        })
        .await
        .map_err(explained)
    })?;
    progress.finish_and_clear();
    let file = to
        .finish()
        .and_then(|buffer| buffer.into_inner().map_err(Into::into))
        .with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    Ok(rows)
}

/// Puts a copy into a database.
pub(crate) fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let file = File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let passphrase = args.passphrase.known_one()?;
    let no_backup = || format!("{} is not a backup of Smart Assistant", args.file.display());
    // age's own words are about its tools.
    let decryptor = Decryptor::new_buffered(BufReader::new(file)).ok();
    let Some(decryptor) = decryptor.filter(Decryptor::is_scrypt) else {
        bail!("{}, or it was cut short; nothing was restored", no_backup());
    };
    let mut identity = scrypt::Identity::new(passphrase);
    // By itself it would measure this machine, and refuse what a faster or less busy one wrote.
    identity.set_max_work_factor(MOST_WORK);
    let decrypted = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity));
    let Ok(decrypted) = decrypted else {
        bail!("the passphrase is wrong, or the file was changed; nothing was restored");
    };
    let mut from = BufReader::new(decrypted);
    let mut first = String::new();
    from.read_line(&mut first)
        .context("the file was cut short or changed; nothing was restored")?;
    let settings: SettingsFiles = serde_json::from_str(&first).with_context(no_backup)?;
    let folder = data_folder::Target::claim(&args.to.data_dir, args.to.database_url.as_ref())?;
    let progress = progress("restoring");
    let rows = with_database(&folder.url, async |db| {
        db.restore(&mut from, args.force, &mut |rows| progress.set_position(rows))
            .await
            .map_err(explained)
    })?;
    progress.finish_and_clear();
    say::line(&format!("{} rows restored.", HumanCount(rows)));
    for told in settings.write(&args.to.data_dir)? {
        say::line(&told);
    }
    Ok(ExitCode::SUCCESS)
}

/// What went wrong, with what to do.
fn explained(error: BackupError) -> anyhow::Error {
    let advice = match &error {
        BackupError::Damaged(_) | BackupError::File(_) => "nothing was restored; use another copy",
        BackupError::Newer(_) => "nothing was restored; update Smart Assistant first",
        BackupError::NotEmpty(_) => "nothing was changed; say --force to replace what is in it",
        BackupError::Database(_) | BackupError::Schema(_) => "check DATABASE_URL and that the database runs",
    };
    anyhow::Error::new(error).context(advice)
}

fn with_database<T>(
    url: &SecretString,
    work: impl AsyncFnOnce(Db) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    install_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async { work(Db::open(url.expose_secret(), CONNECTIONS).await?).await })
}

fn progress(doing: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_prefix(doing);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} {human_pos} rows, {per_sec}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
