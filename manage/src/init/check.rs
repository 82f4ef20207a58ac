//! Calls Telegram, the model and Google with what was answered, and says in plain words how it is.

use std::time::Duration;

use assistant::{ModelSettings, ModelState};
use calendar_service::GoogleSettings;
use clap::Args;
use service_kit::{
    OperatorError,
    settings::{self, SettingsError},
};
use tg_bot::{Bot, Checkup};
use url::Url;

use super::Answers;
use crate::say::{self, Mark};

/// How long one of them may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

// Not doc comments: clap would show them.
#[derive(Args)]
struct Model {
    #[command(flatten)]
    model: ModelSettings,
}

impl settings::Settings for Model {}

#[derive(Args)]
struct Google {
    #[command(flatten)]
    google: GoogleSettings,
}

impl settings::Settings for Google {}

/// What came of the checks.
pub(super) struct Checked {
    /// The bot, where there is a token and it was asked.
    pub(super) bot: Option<Bot>,
    /// Whether nothing is wrong.
    pub(super) is_good: bool,
}

/// Checks all three, side by side, and prints a line for each.
pub(super) async fn all(answers: &Answers, api_url: &Url) -> Checked {
    let (telegram, model, google) = tokio::join!(telegram(answers, api_url), model(answers), google(answers));
    let is_good = telegram.is_ok() && model.is_ok() && google.is_ok();
    let bot = match telegram {
        Ok(bot) => {
            told_bot(bot.as_ref());
            bot
        }
        Err(error) => {
            say::finding(Mark::Bad, "Telegram", &error.to_string());
            None
        }
    };
    told("model", model);
    told("Google", google);
    Checked { bot, is_good }
}

/// Prints how the bot is.
pub(super) fn told_bot(bot: Option<&Bot>) {
    match bot {
        Some(bot) => say::finding(Mark::Good, "Telegram", &format!("the bot is @{}", bot.username)),
        None => say::finding(
            Mark::Doubtful,
            "Telegram",
            "no token yet; `manage run` works without, `manage start` (containers) does not",
        ),
    }
}

/// Prints how something is; whether it is well.
pub(super) fn told(label: &str, outcome: Result<String, OperatorError>) -> bool {
    match outcome {
        Ok(text) => {
            say::finding(Mark::Good, label, &text);
            true
        }
        Err(error) => {
            say::finding(Mark::Bad, label, &error.to_string());
            false
        }
    }
}

/// Who the bot is; `None` without a token.
pub(super) async fn telegram(answers: &Answers, api_url: &Url) -> Result<Option<Bot>, OperatorError> {
    let Some(token) = answers.get("TELEGRAM_BOT_TOKEN") else {
        return Ok(None);
    };
    let token = tg_bot::bot_token(token).map_err(|why| {
        OperatorError::new(
            format!("TELEGRAM_BOT_TOKEN cannot be used: {why}"),
            "copy it again from @BotFather (/mybots, API Token)",
        )
    })?;
    let checkup = Checkup::new(api_url.clone(), token)?;
    let bot = in_time("Telegram", checkup.bot()).await?;
    let ours: Option<Url> = answers
        .get("TELEGRAM_WEBHOOK_URL")
        .and_then(|url| url.parse().ok());
    if let Some(set) = in_time("Telegram", checkup.webhook()).await?
        && !ours.is_some_and(|url| set.is(&url))
    {
        let host = &set.host;
        return Err(OperatorError::new(
            format!(
                "@{} has a webhook at {host}, which takes all its messages",
                bot.username
            ),
            "stop that program and delete the webhook (open https://api.telegram.org/botTOKEN/deleteWebhook), or make \
             a bot of its own for the assistant",
        ));
    }
    Ok(Some(bot))
}

/// Which model answers.
pub(super) async fn model(answers: &Answers) -> Result<String, OperatorError> {
    let flags = [
        ("--openai-api-key", "OPENAI_API_KEY"),
        ("--openai-base-url", "OPENAI_BASE_URL"),
        ("--openai-model", "OPENAI_MODEL"),
    ];
    let Model { model } = parsed("assistant", answers, &flags)?;
    Ok(match in_time("the model's server", model.check(LIMIT)).await? {
        ModelState::Offline => {
            "none: the offline model answers; OPENAI_API_KEY connects a real one".to_owned()
        }
        ModelState::Ready {
            model,
            is_listed: true,
        } => format!("{model} is there, and the key is good"),
        ModelState::Ready {
            model,
            is_listed: false,
        } => {
            format!("the server answers; whether it has {model}, it does not say")
        }
    })
}

/// Whether Google knows the OAuth client.
pub(super) async fn google(answers: &Answers) -> Result<String, OperatorError> {
    let flags = [
        ("--google-client-id", "GOOGLE_CLIENT_ID"),
        ("--google-client-secret", "GOOGLE_CLIENT_SECRET"),
    ];
    let Google { google } = parsed("calendar_service", answers, &flags)?;
    if google.google_client_id.is_some() != google.google_client_secret.is_some() {
        return Err(OperatorError::new(
            "of GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET there is only one",
            "set both or neither",
        ));
    }
    if !in_time("Google", google.check_client()).await? {
        return Ok("no client: calendars are off".to_owned());
    }
    let pages: Url = answers
        .get("CALENDAR_PUBLIC_URL")
        .unwrap_or(super::LOCAL_PAGES)
        .parse()
        .map_err(|error| {
            OperatorError::new(
                "CALENDAR_PUBLIC_URL is not a URL",
                "set it to the address at which browsers reach calendar_service",
            )
            .because(error)
        })?;
    let redirect = in_time("Google", google.check_redirect(&pages, LIMIT)).await?;
    Ok(match redirect {
        Some(redirect) => format!("knows the client and sends browsers back to {redirect}"),
        None => "knows the client".to_owned(),
    })
}

fn parsed<S: settings::Settings>(
    name: &'static str,
    answers: &Answers,
    flags: &[(&str, &str)],
) -> Result<S, OperatorError> {
    let given = flags
        .iter()
        .filter_map(|(flag, variable)| Some(format!("{flag}={}", answers.get(variable)?)));
    let args = std::iter::once(name.to_owned()).chain(given);
    settings::parse(name, "", args).map_err(|error| match error {
        SettingsError::Wrong(error) => error,
        SettingsError::Info(text) => OperatorError::new(text.to_string(), settings::ADVICE),
    })
}

async fn in_time<T>(
    who: &str,
    call: impl Future<Output = Result<T, OperatorError>>,
) -> Result<T, OperatorError> {
    tokio::time::timeout(LIMIT, call).await.unwrap_or_else(|_| {
        Err(OperatorError::new(
            format!("{who} did not answer within {} s", LIMIT.as_secs()),
            "check this machine's way there, or say --no-check to do without",
        ))
    })
}
