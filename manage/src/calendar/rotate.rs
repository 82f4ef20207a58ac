//! `manage calendar rotate-key`: all tokens encrypted with a new key.
//!
//! In the one-process mode it makes the key: the former one is kept in the secrets as an old one first, so that it can
//! be killed at any moment; run again, it finishes what was begun before it makes another. Of services that run
//! elsewhere it does not know the settings: there it encrypts with the key that they have, and says how they get one.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use calendar_client::Reencrypt;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::{ExposeSecret, SecretString};
use service_kit::{
    Clock, Lifecycle, OperatorError, http,
    retry::wait_for,
    settings::{Settings, SettingsError, http_url, parse},
};
use url::Url;

use super::{KeyArgs, key_flags};
use crate::{data_folder::DataFolder, say};

/// Whose key.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage calendar rotate-key\n  \
    manage calendar rotate-key --calendar-url http://calendar.internal:8081\n\n\
    Without --calendar-url it works on the data folder of `manage run`, which must not be running.")]
pub(crate) struct RotateArgs {
    /// A calendar_service that runs elsewhere, whose accounts to encrypt with the key that it has.
    #[arg(long, value_name = "URL", value_parser = http_url)]
    calendar_url: Option<Url>,
    #[command(flatten)]
    key: KeyArgs,
    /// Another database than the data folder's.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// Earlier keys, besides the data folder's; separated by commas.
    #[arg(long, env = "ENCRYPTION_KEY_OLD", hide_env_values = true, value_name = "KEYS")]
    encryption_key_old: Option<SecretString>,
}

/// What a pass over all accounts did.
#[derive(Default)]
struct Pass {
    key_id: String,
    checked: u64,
    reencrypted: u64,
    unreadable: usize,
}

/// Does it.
pub(super) async fn run(args: RotateArgs, clock: Arc<dyn Clock>) -> anyhow::Result<()> {
    match &args.calendar_url {
        Some(url) => elsewhere(url, &args).await,
        None => in_folder(&args, &clock).await,
    }
}

async fn elsewhere(url: &Url, args: &RotateArgs) -> anyhow::Result<()> {
    let client = calendar_client::Client::new(url.clone(), args.key.service_key()?)?;
    let pass = encrypt_all(&client)
        .await
        .map_err(|error| explained(error, &format!("at {url}")))?;
    tell(&pass);
    if pass.reencrypted == 0 {
        say::line(&format!(
            "Nothing was to be done. For a new key:\n  \
             1. make one: openssl rand -hex 32\n  \
             2. add it to ENCRYPTION_KEY_OLD of every calendar_service and restart one after the other, so that all can read it\n  \
             3. make it their ENCRYPTION_KEY, move the former one to ENCRYPTION_KEY_OLD, and restart one after the other\n  \
             4. manage calendar rotate-key --calendar-url {url}"
        ));
    }
    Ok(())
}

async fn in_folder(args: &RotateArgs, clock: &Arc<dyn Clock>) -> anyhow::Result<()> {
    if !args.key.data_dir.join("secrets.env").exists() {
        bail!(
            "{} is not the data folder of `manage run`; set DATA_DIR, or name a running service with --calendar-url",
            args.key.data_dir.display()
        );
    }
    let mut folder = DataFolder::open(&args.key.data_dir)?;
    let unfinished = pass_over(&folder, args, clock).await?;
    if unfinished.reencrypted > 0 {
        tell(&unfinished);
        say::line("This finished a change of keys that had been interrupted. Run it again for a new key.");
        return Ok(());
    }
    folder.rotate_encryption_key()?;
    say::entry(
        "new key",
        "in secrets.env of the data folder, the former one behind it as an old one",
    );
    tell(&pass_over(&folder, args, clock).await?);
    say::line(
        "Keep the old key while backups need it, and for a day: it still opens what can be undone until then.",
    );
    Ok(())
}

/// Starts what it takes in this process, on the folder's stores and keys, and encrypts all accounts.
async fn pass_over(folder: &DataFolder, args: &RotateArgs, clock: &Arc<dyn Clock>) -> anyhow::Result<Pass> {
    let (lifecycle, supervisor) = Lifecycle::new(Arc::clone(clock));
    let loopback = "127.0.0.1:0".parse().context("cannot listen")?;
    let rest_listener = http::bind(loopback, "REST_LISTEN").await?;
    let listener = http::bind(loopback, "CALENDAR_LISTEN").await?;
    let at = |address: std::net::SocketAddr| format!("http://{address}");
    let rest_url = at(rest_listener.local_addr()?);
    let calendar_url: Url = at(listener.local_addr()?).parse()?;
    let database = match &args.database_url {
        Some(url) => url.clone(),
        None => folder.sqlite_url("smart_assistant.db")?,
    };
    let secrets = &folder.secrets;
    let key = &secrets.service_key;
    let bus = format!("--bus-url={}", folder.sqlite_url("bus.db")?.expose_secret());
    let rest: rest_service::Settings = settings(
        key,
        &[
            format!("--database-url={}", database.expose_secret()),
            bus.clone(),
        ],
    )?;
    let mut flags = vec![bus, format!("--rest-url={rest_url}")];
    flags.extend(key_flags(None, args.encryption_key_old.as_ref(), secrets));
    let calendar: calendar_service::Settings = settings(key, &flags)?;
    lifecycle.spawn(
        "rest_service",
        rest_service::serve(rest, rest_listener, lifecycle.clone()),
    );
    lifecycle.spawn(
        "calendar_service",
        calendar_service::serve(calendar, listener, lifecycle.clone()),
    );
    let ready = rest_client::Client::new(rest_url.parse()?, key.clone())?;
    let client = calendar_client::Client::new(calendar_url, key.clone())?;
    let watched = lifecycle.clone();
    let work = async {
        wait_for(&watched, "rest_service", || ready.ready()).await?;
        let pass = encrypt_all(&client).await;
        watched.stop();
        Some(pass)
    };
    let (pass, ended) = tokio::join!(work, supervisor.supervise());
    ended?;
    pass.context("it was stopped")?
        .map_err(|error| explained(error, "of this folder"))
}

/// What the operator can do about an error, whose own words are for users.
fn explained(error: calendar_client::Error, which: &str) -> anyhow::Error {
    use calendar_client::Error::{NotSetUp, Unauthorized, Unavailable};
    match error {
        NotSetUp => anyhow!(
            "calendar_service {which} has no Google client, so there are no calendars: \
             set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET as for the services"
        ),
        Unauthorized => {
            anyhow!(
                "calendar_service {which} refused the service key: set SERVICE_KEY to the one that it has"
            )
        }
        Unavailable(Some(cause)) => anyhow!(
            "calendar_service {which} does not answer; see that it runs, and run this again: {}",
            below(&*cause)
        ),
        error => anyhow::Error::new(error).context(format!(
            "calendar_service {which} did not encrypt the accounts anew"
        )),
    }
}

/// An error with what lies below it.
fn below(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

/// A service's settings: its own from the environment, the folder's from here.
fn settings<S: Settings>(key: &SecretString, flags: &[String]) -> Result<S, OperatorError> {
    let key = format!("--service-key={}", key.expose_secret());
    let args = ["manage".to_owned(), key]
        .into_iter()
        .chain(flags.iter().cloned());
    parse("manage", "", args).map_err(|error| match error {
        SettingsError::Wrong(error) => error,
        SettingsError::Info(text) => OperatorError::new(text.to_string(), "this is a bug, please report it"),
    })
}

async fn encrypt_all(client: &calendar_client::Client) -> Result<Pass, calendar_client::Error> {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} accounts, {elapsed}") {
        bar.set_style(style);
    }
    let (mut ask, mut pass) = (Reencrypt::default(), Pass::default());
    loop {
        let done = client.reencrypt(&ask).await?;
        pass.key_id = done.key_id;
        pass.checked += u64::from(done.checked);
        pass.reencrypted += u64::from(done.reencrypted);
        pass.unreadable += done.unreadable.len();
        bar.set_position(pass.checked);
        match done.next_cursor {
            Some(cursor) => ask.cursor = Some(cursor),
            None => break,
        }
    }
    bar.finish_and_clear();
    Ok(pass)
}

fn tell(pass: &Pass) {
    let Pass {
        key_id,
        checked,
        reencrypted,
        unreadable,
    } = pass;
    say::entry("key", key_id);
    say::entry(
        "accounts",
        &format!("{checked} looked at, {reencrypted} encrypted anew"),
    );
    if *unreadable > 0 {
        say::entry(
            "lost",
            &format!(
                "{unreadable} were encrypted with a key that is not here: put it into ENCRYPTION_KEY_OLD, or their users connect again (`manage calendar accounts` lists them)"
            ),
        );
    }
}
