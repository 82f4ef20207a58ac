//! The data folder: everything that the one-process mode keeps, its secrets, and the lock that makes one
//! process its owner.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use service_kit::OperatorError;
use uuid::Uuid;

/// An owned data folder; the lock is held until it is dropped or the process dies.
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
    /// What was made because it was not there, for the operator to read.
    pub(crate) made: Vec<String>,
    /// The keys that the services share.
    pub(crate) secrets: Secrets,
}

/// The secrets that are made once and kept.
pub(crate) struct Secrets {
    /// `SERVICE_KEY`: what services show each other.
    pub(crate) service_key: SecretString,
    /// `ENCRYPTION_KEY`: what calendar tokens are encrypted with.
    pub(crate) encryption_key: SecretString,
    /// `ENCRYPTION_KEY_OLD`: earlier ones, separated by commas; they still decrypt.
    pub(crate) encryption_key_old: Option<SecretString>,
    /// `TELEGRAM_OWNER_CODE`: who sends it to the bot first owns the bot.
    pub(crate) owner_code: SecretString,
}

/// The database, in a data folder.
pub(crate) const DATABASE_FILE: &str = "smart_assistant.db";
/// The bus, in a data folder.
pub(crate) const BUS_FILE: &str = "bus.db";
/// The keys, in a data folder.
pub(crate) const SECRETS_FILE: &str = "secrets.env";
const LOCK_FILE: &str = "lock";
/// The folder holds conversations and keys: nobody else's to read.
const FOLDER_MODE: u32 = 0o700;
const SECRET_MODE: u32 = 0o600;

impl DataFolder {
    /// Opens the folder, making it and what it lacks.
    ///
    /// # Errors
    /// It cannot be made or written, another process owns it, or its secrets cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Self, OperatorError> {
        let mut made = Vec::new();
        let path = make_folder(path, &mut made)?;
        let lock = lock(&path)?;
        let secrets = secrets(&path, &mut made)?;
        Ok(Self {
            path,
            _lock: lock,
            made,
            secrets,
        })
    }

    /// The folder's absolute path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a new key for calendar tokens and keeps the former one as an old one, which still decrypts.
    ///
    /// # Errors
    /// The secrets cannot be read or written; then they are as they were.
    pub(crate) fn rotate_encryption_key(&mut self) -> Result<(), OperatorError> {
        let path = self.path.join(SECRETS_FILE);
        let text = fs::read_to_string(&path).map_err(|error| unusable(&self.path, error))?;
        let former = &self.secrets.encryption_key;
        let old = std::iter::once(former)
            .chain(&self.secrets.encryption_key_old)
            .map(ExposeSecret::expose_secret)
            .collect::<Vec<_>>()
            .join(",");
        let kept = text
            .lines()
            .filter(|line| !line.starts_with("ENCRYPTION_KEY=") && !line.starts_with("ENCRYPTION_KEY_OLD="));
        let current = random_key();
        let lines = kept
            .map(str::to_owned)
            .chain([
                format!("ENCRYPTION_KEY={current}"),
                format!("ENCRYPTION_KEY_OLD={old}"),
            ])
            .collect::<Vec<_>>();
        write_whole(&self.path, &path, &lines).map_err(|error| unusable(&self.path, error))?;
        self.secrets.encryption_key = current.into();
        self.secrets.encryption_key_old = Some(old.into());
        Ok(())
    }

    /// The URL of an SQLite file in the folder; an empty one is made, because SQLite would let others read it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn sqlite_url(&self, name: &str) -> Result<SecretString, OperatorError> {
        sqlite_url(&self.path, name)
    }
}

/// The database that a restore writes to. The data folder's own is owned until this is dropped, and its keys are
/// not made: the restore brings them.
pub(crate) struct Target {
    /// The database's URL.
    pub(crate) url: SecretString,
    _lock: Option<File>,
}

impl Target {
    /// The database at `url`, or else the data folder's.
    ///
    /// # Errors
    /// The folder cannot be made or written, or another process owns it.
    pub(crate) fn claim(folder: &Path, url: Option<&SecretString>) -> Result<Self, OperatorError> {
        if let Some(url) = url {
            return Ok(Self {
                url: url.clone(),
                _lock: None,
            });
        }
        let folder = make_folder(folder, &mut Vec::new())?;
        let lock = lock(&folder)?;
        Ok(Self {
            url: sqlite_url(&folder, DATABASE_FILE)?,
            _lock: Some(lock),
        })
    }
}

/// The folder's absolute path; it is made when it is not there.
fn make_folder(path: &Path, made: &mut Vec<String>) -> Result<PathBuf, OperatorError> {
    if !path.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(path)
            .map_err(|error| unusable(path, error))?;
        made.push(format!("{} (only you can read it)", path.display()));
    }
    path.canonicalize().map_err(|error| unusable(path, error))
}

fn sqlite_url(folder: &Path, name: &str) -> Result<SecretString, OperatorError> {
    let path = folder.join(name);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(SECRET_MODE)
        .open(&path)
        .map_err(|error| unusable(folder, error))?;
    Ok(format!("sqlite:{}", path.display()).into())
}

/// The service key in a folder that another process may own.
///
/// # Errors
/// There is no such folder, or its key is not ours to read.
pub(crate) fn service_key(folder: &Path) -> io::Result<SecretString> {
    let text = fs::read_to_string(folder.join(SECRETS_FILE))?;
    value_of(&text, "SERVICE_KEY").ok_or_else(|| io::Error::other("its secrets have no SERVICE_KEY"))
}

/// The URL of an SQLite file in a folder that another process may own.
///
/// # Errors
/// There is no such file: nothing has run in that folder.
pub(crate) fn existing_sqlite_url(folder: &Path, name: &str) -> Result<SecretString, OperatorError> {
    let file = folder.join(name);
    if !file.is_file() {
        return Err(OperatorError::new(
            format!("there is no {}", file.display()),
            "set DATA_DIR to the folder of `manage run`, or the URLs to the stores that are used",
        ));
    }
    Ok(format!("sqlite:{}", file.display()).into())
}

/// A secret in the text of the secrets file.
fn value_of(text: &str, name: &str) -> Option<SecretString> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .map(|value| SecretString::from(value.trim()))
}

fn unusable(path: &Path, error: io::Error) -> OperatorError {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make it writable for this user, or set DATA_DIR to a folder that is"
        }
        io::ErrorKind::StorageFull => "free some space, or set DATA_DIR to a folder on another disk",
        _ => "set DATA_DIR to a folder that can be made and written",
    };
    OperatorError::new(format!("cannot use the data folder {}", path.display()), advice).because(error)
}

fn lock(folder: &Path) -> Result<File, OperatorError> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(SECRET_MODE)
        .open(folder.join(LOCK_FILE))
        .map_err(|error| unusable(folder, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            // The number is a help, not a need: without it the sentence still holds.
            let owner = match file.read_to_string(&mut pid) {
                Ok(_) if !pid.trim().is_empty() => format!("another `manage run` (process {})", pid.trim()),
                _ => "another `manage run`".to_owned(),
            };
            return Err(OperatorError::new(
                format!("{owner} is using the data folder {}", folder.display()),
                "stop it first, or set DATA_DIR to another folder",
            ));
        }
        Err(TryLockError::Error(error)) => return Err(unusable(folder, error)),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|error| unusable(folder, error))?;
    Ok(file)
}

fn secrets(folder: &Path, made: &mut Vec<String>) -> Result<Secrets, OperatorError> {
    let path = folder.join(SECRETS_FILE);
    if !path.exists() {
        write_secrets(folder, &path).map_err(|error| unusable(folder, error))?;
        made.push(format!(
            "{} (fresh keys; keep it with your backups)",
            path.display()
        ));
    }
    let unreadable = |why: String| {
        OperatorError::new(
            format!("cannot read the secrets in {}: {why}", path.display()),
            "restore the file from a backup; without its keys, connected calendars must be connected again",
        )
    };
    let mode = fs::metadata(&path)
        .map_err(|error| unreadable(error.to_string()))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(&path, fs::Permissions::from_mode(SECRET_MODE))
            .map_err(|error| unusable(folder, error))?;
        made.push(format!("{} made readable for you alone", path.display()));
    }
    let text = fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let secret = |name: &str| value_of(&text, name).ok_or_else(|| unreadable(format!("{name} is missing")));
    Ok(Secrets {
        service_key: secret("SERVICE_KEY")?,
        encryption_key: secret("ENCRYPTION_KEY")?,
        encryption_key_old: value_of(&text, "ENCRYPTION_KEY_OLD"),
        owner_code: secret("TELEGRAM_OWNER_CODE")?,
    })
}

fn write_secrets(folder: &Path, path: &Path) -> io::Result<()> {
    let lines = [
        "# Made by `manage run`. Whoever has these keys can read everything here.".to_owned(),
        format!("SERVICE_KEY={}", random_key()),
        format!("ENCRYPTION_KEY={}", random_key()),
        format!("TELEGRAM_OWNER_CODE={}", owner_code()),
    ];
    write_whole(folder, path, &lines)
}

/// Writes the file whole or not at all: a crash must not leave half a set of keys behind.
fn write_whole(folder: &Path, path: &Path, lines: &[String]) -> io::Result<()> {
    let draft = folder.join("secrets.env.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(SECRET_MODE)
        .open(&draft)?;
    for line in lines {
        writeln!(file, "{line}")?;
    }
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()
}

/// 64 hex digits of which 244 bits are random, from the system's generator.
pub(crate) fn random_key() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// A code that a person can type: 12 characters without look-alikes, 60 bits.
pub(crate) fn owner_code() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let bytes = [*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat();
    // Bytes 6 and 8 of each half carry the version and variant of a UUID, so only the first six are used.
    let random = bytes[..6].iter().chain(&bytes[16..22]);
    let mut code = String::new();
    for (i, byte) in random.enumerate() {
        if i > 0 && i % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    code
}
