//! What is outside of this installation: the clock of others, Telegram, the model, Google.

use assistant::{ModelState, Tried};
use chrono::{DateTime, TimeDelta, Utc};
use service_kit::{Clock, SystemClock, http};
use tg_bot::{Checkup, SetWebhook};
use tokio::time::timeout;
use url::Url;

use super::{LIMIT, MODEL_LIMIT, Patient, finding::Finding, running};

/// How far two clocks may be apart. An HTTP date has whole seconds, and was written some time before it is read.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// Whether our clock is that of a server out there.
pub(super) async fn clock(patient: &Patient) -> Vec<Finding> {
    let Some(url) = clock_url(patient) else {
        return vec![Finding::good("clock", "not compared: no server outside is set")];
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let unknown = |why: String| {
        vec![Finding::doubtful(
            "clock",
            format!("cannot be compared with that of {host}: {why}"),
            "check this machine's way to the internet, or name another server with --clock-url",
        )]
    };
    let client = match http::client(LIMIT) {
        Ok(client) => client,
        Err(error) => return unknown(error.to_string()),
    };
    let before = SystemClock.now();
    let answer = match client.head(url).send().await {
        Ok(answer) => answer,
        Err(error) => return unknown(with_causes(&error.without_url())),
    };
    let after = SystemClock.now();
    let date = answer
        .headers()
        .get("date")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| DateTime::parse_from_rfc2822(text).ok());
    let Some(theirs) = date else {
        return unknown("it sends no date".to_owned());
    };
    let skew = skew_of(theirs.to_utc(), before + (after - before) / 2);
    let good = || {
        Finding::good(
            "clock",
            format!("as that of {host}, within {} s", SKEW.num_seconds()),
        )
    };
    vec![compared(&host, skew).unwrap_or_else(good)]
}

/// The server that is asked anyway, where one is.
fn clock_url(patient: &Patient) -> Option<Url> {
    let given = patient.args.clock_url.clone();
    let telegram = || Some(patient.telegram.as_ref()?.as_ref()?.telegram_api_url.clone());
    let weather = || Some(patient.assistant.as_ref()?.weather.weather_url.clone());
    given.or_else(telegram).or_else(weather)
}

/// How much later it is for us than for them.
pub(super) fn skew_of(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> TimeDelta {
    ours - theirs
}

/// A finding when the clocks differ.
pub(super) fn compared(whose: &str, skew: TimeDelta) -> Option<Finding> {
    (skew.abs() > SKEW).then(|| {
        let direction = if skew > TimeDelta::zero() {
            "ahead of"
        } else {
            "behind"
        };
        Finding::bad(
            "clock",
            format!(
                "this machine's is {} s {direction} that of {whose}",
                skew.abs().num_seconds()
            ),
            "let both machines keep time (`timedatectl set-ntp true`): reminders fire by these clocks",
        )
    })
}

/// Whether the token is a bot's, and its updates come to us alone.
pub(super) async fn telegram(patient: &Patient) -> Vec<Finding> {
    let settings = match &patient.telegram {
        Some(Some(settings)) => settings,
        Some(None) => return vec![Finding::good("Telegram", "off, without TELEGRAM_BOT_TOKEN")],
        None => return Vec::new(),
    };
    let token = settings.telegram_bot_token.clone();
    let checkup = match Checkup::new(settings.telegram_api_url.clone(), token) {
        Ok(checkup) => checkup,
        Err(error) => return vec![Finding::of("Telegram", &error)],
    };
    // Side by side: each takes its time, and all have one limit.
    let (bot, webhook, others) = tokio::join!(
        timeout(LIMIT, checkup.bot()),
        timeout(LIMIT, checkup.webhook()),
        other_poller(patient, &checkup)
    );
    let (Ok(bot), Ok(webhook)) = (bot, webhook) else {
        return vec![Finding::bad(
            "Telegram",
            format!("no answer within {} s", LIMIT.as_secs()),
            "check this machine's way to the internet, and TELEGRAM_API_URL if you set it",
        )];
    };
    let bot = match bot {
        Ok(bot) => bot,
        Err(error) => return vec![Finding::of("Telegram", &error)],
    };
    let mut found = Vec::new();
    let ours = settings.telegram_webhook_url.as_ref();
    let is_ours = |set: &SetWebhook| ours.is_some_and(|url| set.is(url));
    match webhook {
        Ok(Some(set)) if is_ours(&set) => {
            return vec![Finding::good(
                "Telegram",
                format!("@{} answers, and its messages come by webhook to {}", bot.username, set.host),
            )];
        }
        // It sets its webhook when it starts.
        Ok(_) if ours.is_some() => {
            return vec![Finding::bad(
                "Telegram",
                format!("the messages of @{} do not go to TELEGRAM_WEBHOOK_URL", bot.username),
                "start tg_bot, which sets the webhook; where it runs, look at its log",
            )];
        }
        Ok(Some(set)) => found.push(Finding::bad(
            "Telegram",
            format!("@{} has a webhook at {}, which takes all its messages", bot.username, set.host),
            "stop that program and delete the webhook (open https://api.telegram.org/botTOKEN/deleteWebhook), or make a \
             bot of its own for the assistant",
        )),
        Ok(None) => {}
        Err(error) => found.push(Finding::of("Telegram", &error)),
    }
    match others {
        Ok(true) => found.push(Finding::bad(
            "Telegram",
            format!("another program receives the messages of @{} too", bot.username),
            "run tg_bot once only, and stop what else uses this token; when you do not know what does, get a new token \
             from @BotFather (/revoke)",
        )),
        Ok(false) => {}
        Err(error) => found.push(Finding::of("Telegram", &error)),
    }
    if found.is_empty() {
        found.push(Finding::good(
            "Telegram",
            format!("@{} answers, and its messages come to us alone", bot.username),
        ));
    }
    found
}

/// Our own bot knows when it runs; else it is tried.
async fn other_poller(patient: &Patient, checkup: &Checkup) -> Result<bool, service_kit::OperatorError> {
    match running::telegram_conflict(patient).await {
        Some(conflict) => Ok(conflict),
        None => checkup.other_poller().await,
    }
}

/// Whether the models can be reached, take the key, and call a tool when they are asked to.
pub(super) async fn model(patient: &Patient) -> Vec<Finding> {
    let Some(settings) = &patient.assistant else {
        return Vec::new();
    };
    let listed = match settings.model.check(LIMIT).await {
        Ok(ModelState::Offline) => {
            return vec![Finding::good(
                "model",
                "none set: Ollama answers where it runs on this machine, or else the offline model",
            )];
        }
        Ok(ModelState::Ready { model, is_listed }) => match is_listed {
            true => format!("{model} is there"),
            false => format!("its server answers; whether it has {model}, it does not say"),
        },
        Err(error) => return vec![Finding::of("model", &error)],
    };
    let tried = match settings.model.try_out(MODEL_LIMIT).await {
        Ok(tried) => tried,
        Err(error) => return vec![Finding::of("model", &error)],
    };
    let finding = |tried: Tried| match tried.outcome {
        Ok(true) => Finding::good(
            "model",
            format!("{listed}; {} answers and calls tools", tried.model),
        ),
        Ok(false) => Finding::doubtful(
            "model",
            format!("{} answers, but called no tool when it was asked to", tried.model),
            "choose a model that calls tools (OPENAI_MODEL): without, it can set no reminder",
        ),
        Err(error) => Finding::of("model", &error),
    };
    tried
        .into_iter()
        .map(finding)
        .chain(unpriced(patient, settings))
        .collect()
}

/// That a budget in money does not count a model, where it does not.
fn unpriced(patient: &Patient, settings: &assistant::Settings) -> Option<Finding> {
    let budgets = &patient.rest.as_ref()?.budgets;
    let models = settings.model.unpriced().ok()?;
    (budgets.is_in_money() && !models.is_empty()).then(|| {
        Finding::doubtful(
            "budget",
            format!(
                "no price is known of {}: budgets in money do not count it",
                models.join(", ")
            ),
            "add its price to the file that MODELS_FILE names, or limit tokens (BUDGET_USER_DAY_TOKENS, …)",
        )
    })
}

/// Whether Google knows the OAuth client, and would send browsers back to us.
pub(super) async fn google(patient: &Patient) -> Vec<Finding> {
    let Some(settings) = &patient.calendar else {
        return Vec::new();
    };
    let pages = match settings.public_url() {
        Ok(pages) => pages,
        Err(error) => return vec![Finding::of("Google", &error)],
    };
    let google = &settings.google;
    let (client, redirect) = tokio::join!(google.check_client(), google.check_redirect(&pages, LIMIT));
    vec![match (client, redirect) {
        (Ok(false), _) => Finding::good("Google", "no client set: calendars are off"),
        // What the consent page says of a client that is wrong says less.
        (Err(error), _) | (_, Err(error)) => Finding::of("Google", &error),
        (Ok(true), Ok(_)) => Finding::good(
            "Google",
            format!("knows the client, and sends browsers back to {pages}"),
        ),
    }]
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{compared, skew_of};

    #[test]
    fn clocks_that_differ_are_told_with_the_direction() {
        let at = |text: &str| text.parse().unwrap();
        let skew = |theirs, ours| compared("Redis", skew_of(at(theirs), at(ours)));
        assert_eq!(skew("2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z"), None);
        let ahead = skew("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z").unwrap();
        assert!(
            ahead.text.contains("60 s ahead of that of Redis"),
            "{}",
            ahead.text
        );
        let behind = compared("x", TimeDelta::seconds(-7)).unwrap();
        assert!(behind.text.contains("7 s behind") && behind.words().contains("timedatectl"));
    }
}
