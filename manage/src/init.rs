//! `manage init`: writes the settings into `.env`: fresh secrets, and what Telegram, the model and Google need, after
//! asking them whether it is right.

mod ask;
mod check;
mod env_file;

use std::{
    collections::BTreeMap,
    io::{IsTerminal, stdin, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use service_kit::settings::{came_from_file, http_url, read_dotenv};
use url::Url;

use crate::{data_folder, say};
use env_file::EnvFile;

/// The file, in the working folder.
const ENV_FILE: &str = ".env";

/// Where the calendar pages are, unless CALENDAR_PUBLIC_URL says otherwise: docker-compose.yml publishes this port, and
/// `manage run` listens there.
const LOCAL_PAGES: &str = "http://localhost:8081";

/// What to write, and whether to ask.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage init\n  manage init --yes\n  manage init --yes --telegram-bot-token 123456:ABC… --openai-api-key sk-…\n  \
    manage init --yes --openai-base-url http://localhost:11434/v1 --openai-model llama3.2\n\n\
    What .env has stays; only what is missing is added, so it may be run again. Keys that `manage run` made in the \
    data folder are taken over. Set variables rather than flags for secrets: others may see flags.\n\n\
    Exit codes: 0 .env is complete, or complete but for a bot's token; 1 something given is wrong, and nothing was \
    written; 2 wrong usage."
)]
pub(crate) struct InitArgs {
    /// Ask nothing: make the secrets, take the defaults, and leave out what was not given.
    #[arg(long, short)]
    yes: bool,
    /// Replace settings that .env has by those that are given.
    #[arg(long)]
    force: bool,
    /// Do not ask Telegram, the model and Google whether the settings are right.
    #[arg(long)]
    no_check: bool,
    /// The bot's token from @BotFather.
    #[arg(
        long,
        visible_alias = "telegram-token",
        env = "TELEGRAM_BOT_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    telegram_bot_token: Option<SecretString>,
    /// This Telegram id owns the bot without a code.
    #[arg(long, env = "TELEGRAM_OWNER_ID", value_name = "ID")]
    telegram_owner_id: Option<u64>,
    /// The Bot API's address; another one for an own Bot API server.
    #[arg(long, env = "TELEGRAM_API_URL", value_name = "URL", default_value = TELEGRAM, value_parser = http_url)]
    telegram_api_url: Url,
    /// The key of OpenAI, or of the server at --openai-base-url; without either, the offline model answers.
    #[arg(long, env = "OPENAI_API_KEY", hide_env_values = true, value_name = "KEY")]
    openai_api_key: Option<SecretString>,
    /// The base URL of an OpenAI-compatible API; OpenAI's own when absent.
    #[arg(long, env = "OPENAI_BASE_URL", value_name = "URL")]
    openai_base_url: Option<String>,
    /// The model's name.
    #[arg(long, env = "OPENAI_MODEL", value_name = "NAME")]
    openai_model: Option<String>,
    /// The OAuth client's id, from Google's console; without it, calendars are off.
    #[arg(long, env = "GOOGLE_CLIENT_ID", value_name = "ID")]
    google_client_id: Option<String>,
    /// The OAuth client's secret.
    #[arg(
        long,
        env = "GOOGLE_CLIENT_SECRET",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    google_client_secret: Option<SecretString>,
    /// Where browsers reach the pages that connect a calendar; http://localhost:8081 when absent.
    #[arg(long, env = "CALENDAR_PUBLIC_URL", value_name = "URL", value_parser = http_url)]
    calendar_public_url: Option<Url>,
    /// The data folder, whose keys are taken over when `manage run` has made some.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

const TELEGRAM: &str = "https://api.telegram.org";

/// What is asked for or given, each with the comment above it in the file.
const SETTINGS: [(&str, &str); 9] = [
    ("TELEGRAM_BOT_TOKEN", "The bot's token, from @BotFather."),
    ("TELEGRAM_OWNER_ID", "This Telegram id owns the bot."),
    ("TELEGRAM_API_URL", "The Bot API's address."),
    ("OPENAI_API_KEY", "The model's key."),
    ("OPENAI_BASE_URL", "The model's API."),
    ("OPENAI_MODEL", "The model."),
    (
        "GOOGLE_CLIENT_ID",
        "The OAuth client, from https://console.cloud.google.com/apis/credentials.",
    ),
    ("GOOGLE_CLIENT_SECRET", "Its secret."),
    ("CALENDAR_PUBLIC_URL", "Where browsers reach calendar_service."),
];

/// Makes a secret.
type Maker = fn() -> String;

/// What is made when it is missing.
const SECRETS: [(&str, &str, Maker); 5] = [
    (
        "POSTGRES_PASSWORD",
        "PostgreSQL's password in the containers, read when its volume is made.",
        data_folder::random_key,
    ),
    (
        "REDIS_PASSWORD",
        "Redis' password in the containers.",
        data_folder::random_key,
    ),
    (
        "SERVICE_KEY",
        "What services show each other.",
        data_folder::random_key,
    ),
    (
        "ENCRYPTION_KEY",
        "Encrypts calendar tokens: who loses it must connect every calendar again.",
        data_folder::random_key,
    ),
    (
        "TELEGRAM_OWNER_CODE",
        "Who sends this to the bot first owns it.",
        data_folder::owner_code,
    ),
];

/// What was answered, given or there already, by the settings' names.
#[derive(Default)]
struct Answers(BTreeMap<&'static str, String>);

impl Answers {
    /// What is set, and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn set(&mut self, name: &'static str, value: Option<String>) {
        match value {
            Some(value) => drop(self.0.insert(name, value)),
            None => drop(self.0.remove(name)),
        }
    }

    /// What flags and variables say, where they say anything.
    fn given(args: &InitArgs) -> Self {
        let secret =
            |value: &Option<SecretString>| value.as_ref().map(|text| text.expose_secret().to_owned());
        let api_url = args.telegram_api_url.as_str().trim_end_matches('/');
        let all = [
            ("TELEGRAM_BOT_TOKEN", secret(&args.telegram_bot_token)),
            (
                "TELEGRAM_OWNER_ID",
                args.telegram_owner_id.map(|id| id.to_string()),
            ),
            (
                "TELEGRAM_API_URL",
                (api_url != TELEGRAM).then(|| api_url.to_owned()),
            ),
            ("OPENAI_API_KEY", secret(&args.openai_api_key)),
            ("OPENAI_BASE_URL", args.openai_base_url.clone()),
            ("OPENAI_MODEL", args.openai_model.clone()),
            ("GOOGLE_CLIENT_ID", args.google_client_id.clone()),
            ("GOOGLE_CLIENT_SECRET", secret(&args.google_client_secret)),
            (
                "CALENDAR_PUBLIC_URL",
                args.calendar_public_url.as_ref().map(Url::to_string),
            ),
        ];
        let trimmed = all.into_iter().filter_map(|(name, value)| {
            let value = value?.trim().to_owned();
            (!value.is_empty()).then_some((name, value))
        });
        Self(trimmed.collect())
    }
}

/// Asks, checks, writes, and says what to do next.
pub(crate) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    let on_a_terminal = stdin().is_terminal() && stdout().is_terminal();
    if !args.yes && !on_a_terminal {
        bail!("there is no terminal to ask on; say --yes to take the defaults and what the flags give");
    }
    let mut file = EnvFile::read(Path::new(ENV_FILE))?;
    let mut answers = Answers::given(args);
    for (name, _) in SETTINGS {
        match (file.get(name), answers.get(name)) {
            (Some(there), Some(given)) if !is_same(there, given) && !args.force => bail!(
                "{ENV_FILE} has another {name} than the one given; say --force to replace it (nothing was written)"
            ),
            (Some(there), None) => answers.set(name, Some(there.to_owned())),
            _ => {}
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let checked = runtime.block_on(async {
        if !args.yes {
            ask_for_the_rest(&mut answers, args).await?;
        }
        if args.no_check {
            return Ok(None);
        }
        Ok::<_, anyhow::Error>(Some(check::all(&answers, &args.telegram_api_url).await))
    })?;
    if checked.as_ref().is_some_and(|checked| !checked.is_good) {
        bail!("nothing was written; correct what is wrong, or say --no-check");
    }
    let existed = file.exists();
    let mut added = Vec::new();
    let made_by_run = read_dotenv(&args.data_dir.join(data_folder::SECRETS_FILE))?;
    for (name, what_for, make) in SECRETS {
        if file.get(name).is_none() && !came_from_file(name) {
            let kept = made_by_run.iter().find(|(there, _)| there == name);
            let value = kept.map_or_else(make, |(_, value)| value.clone());
            file.set(name, &value, what_for)?;
            added.push(name);
        }
    }
    if let Some((name, old)) = made_by_run.iter().find(|(name, _)| name == "ENCRYPTION_KEY_OLD")
        && added.contains(&"ENCRYPTION_KEY")
        && file.get(name).is_none()
    {
        file.set(name, old, "Earlier keys, which still decrypt.")?;
        added.push("ENCRYPTION_KEY_OLD");
    }
    for (name, what_for) in SETTINGS {
        if let Some(value) = answers.get(name)
            && !came_from_file(name)
            && !file.get(name).is_some_and(|there| is_same(there, value))
        {
            file.set(name, value, what_for)?;
            added.push(name);
        }
    }
    let is_written = file.write()?;
    let text = match (is_written, existed) {
        (false, _) => format!("{ENV_FILE} has everything already; nothing was changed."),
        (true, false) => format!("{ENV_FILE} written, for your eyes alone: {}.", added.join(", ")),
        (true, true) => format!(
            "Added to {ENV_FILE}: {}. The rest is as it was.",
            added.join(", ")
        ),
    };
    say::line(&text);
    let bot = checked.and_then(|checked| checked.bot);
    say_what_is_next(&answers, &file, bot.map(|bot| bot.username));
    Ok(ExitCode::SUCCESS)
}

/// Whether two values mean the same: addresses may end in a slash or not.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// Asks for what is neither given nor there; each answer is tried before the next question.
async fn ask_for_the_rest(answers: &mut Answers, args: &InitArgs) -> anyhow::Result<()> {
    if answers.get("TELEGRAM_BOT_TOKEN").is_none() {
        say::line("Telegram: write /newbot to @BotFather (https://t.me/BotFather); it answers with a token.");
        loop {
            let token = ask::secret("  Token, which is not shown (empty: later): ")?;
            answers.set("TELEGRAM_BOT_TOKEN", token);
            if args.no_check {
                break;
            }
            match check::telegram(answers, &args.telegram_api_url).await {
                Ok(_) => break,
                Err(error) => drop(check::told("Telegram", Err(error))),
            }
        }
    }
    if answers.get("OPENAI_API_KEY").is_none() && answers.get("OPENAI_BASE_URL").is_none() {
        say::line(
            "Model: OpenAI's, or any with its API (Ollama, vLLM, …). With none, a small offline one answers.",
        );
        loop {
            answers.set("OPENAI_BASE_URL", ask::line("  Base URL (empty: OpenAI's): ")?);
            answers.set(
                "OPENAI_API_KEY",
                ask::secret("  Key, which is not shown (empty: none): ")?,
            );
            let is_set = ["OPENAI_API_KEY", "OPENAI_BASE_URL"]
                .iter()
                .any(|name| answers.get(name).is_some());
            let model = match is_set {
                true => ask::line("  Model (empty: gpt-4.1-mini): ")?,
                false => None,
            };
            answers.set("OPENAI_MODEL", model);
            if args.no_check || check::told("model", check::model(answers).await) {
                break;
            }
        }
    }
    if answers.get("GOOGLE_CLIENT_ID").is_none() && ask::yes("Google Calendar: set it up now? [y/N] ")? {
        say::line(&format!(
            "  Make an OAuth client of the kind \"Web application\" at \
             https://console.cloud.google.com/apis/credentials, with {LOCAL_PAGES}/auth/callback (or your own address) \
             among its redirect URIs."
        ));
        loop {
            answers.set("GOOGLE_CLIENT_ID", ask::line("  Client id (empty: later): ")?);
            if answers.get("GOOGLE_CLIENT_ID").is_none() {
                answers.set("GOOGLE_CLIENT_SECRET", None);
                break;
            }
            answers.set(
                "GOOGLE_CLIENT_SECRET",
                ask::secret("  Client secret, which is not shown: ")?,
            );
            let pages = ask::line(&format!(
                "  Where browsers reach this machine (empty: {LOCAL_PAGES}): "
            ))?;
            answers.set("CALENDAR_PUBLIC_URL", pages);
            if args.no_check || check::told("Google", check::google(answers).await) {
                break;
            }
        }
    }
    Ok(())
}

fn say_what_is_next(answers: &Answers, file: &EnvFile, bot: Option<String>) {
    say::line("");
    say::heading("Next:");
    if answers.get("TELEGRAM_BOT_TOKEN").is_some() {
        say::line("  manage start   every service in its own container (needs Docker), or");
        say::line("  manage run     everything in one process");
        let bot = bot.map_or_else(
            || "your bot".to_owned(),
            |name| format!("@{name} (https://t.me/{name})"),
        );
        if let (None, Some(code)) = (answers.get("TELEGRAM_OWNER_ID"), file.get("TELEGRAM_OWNER_CODE")) {
            say::line(&format!(
                "Then send {code} to {bot}: whoever does so first owns it."
            ));
        }
    } else {
        say::line("  manage run     everything in one process; talk to it in this terminal");
        say::line(
            "For Telegram, and for `manage start` (containers), get a token: write /newbot to @BotFather \
             (https://t.me/BotFather), then",
        );
        say::line("  manage init --yes --telegram-bot-token TOKEN");
    }
}
