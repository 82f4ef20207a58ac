//! Every setting by its name: what it is set to, from where, who reads it; and names that are none.

use std::{collections::BTreeMap, fmt, path::Path};

use anyhow::Context;
use clap::{Args, Command, CommandFactory, builder::OsStringValueParser, parser::ValueSource};
use serde::{Serialize, Serializer};
use service_kit::{
    ProcessSettings,
    settings::{SECRETS, came_from_dotenv, came_from_file, read_dotenv},
};
use url::Url;

use crate::{cli::Cli, run::RunArgs};

/// What docker-compose.yml reads besides the services' settings.
const OF_COMPOSE: [&str; 7] = [
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "SMART_ASSISTANT_TAG",
    "REST_PORT",
    "CALENDAR_PORT",
    "PROMETHEUS_PORT",
    "GRAFANA_PORT",
];

/// What Docker itself reads from `.env`.
const OF_DOCKER: [&str; 2] = ["COMPOSE_", "DOCKER_"];

/// What `manage run` makes and keeps in the data folder when it is not set.
const OF_THE_DATA_FOLDER: [&str; 5] = [
    "DATABASE_URL",
    "BUS_URL",
    "SERVICE_KEY",
    "ENCRYPTION_KEY",
    "TELEGRAM_OWNER_CODE",
];

/// A setting.
#[derive(Serialize)]
pub(super) struct Setting {
    /// Its variable.
    pub(super) name: String,
    /// What it is set to; a secret as `***`, `None` when it is not set.
    value: Option<String>,
    /// Where that comes from.
    pub(super) from: Origin,
    /// The services that read it.
    pub(super) read_by: Vec<&'static str>,
}

impl Setting {
    /// The value for people.
    pub(super) fn shown(&self) -> &str {
        self.value.as_deref().unwrap_or("–")
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Environment,
    DotEnv,
    File,
    Default,
    DataFolder,
    Unset,
}

impl Origin {
    /// As it is printed.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::DotEnv => ".env",
            Self::File => "file",
            Self::Default => "default",
            Self::DataFolder => "data folder",
            Self::Unset => "not set",
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}

/// A name in `.env` that is no setting of ours, though it looks like one.
#[derive(Serialize)]
pub(super) struct Unknown {
    name: String,
    did_you_mean: Option<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in .env is no setting", self.name)?;
        match &self.did_you_mean {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => f.write_str("; `manage config show` lists those that there are"),
        }
    }
}

/// All settings of all services, by name.
pub(super) fn all() -> anyhow::Result<Vec<Setting>> {
    let mut settings = BTreeMap::new();
    of::<RunArgs>("manage run", &mut settings)?;
    of::<rest_service::Settings>("rest_service", &mut settings)?;
    of::<assistant::Settings>("assistant", &mut settings)?;
    of::<cron_service::Settings>("cron_service", &mut settings)?;
    of::<calendar_service::Settings>("calendar_service", &mut settings)?;
    of::<tg_bot::Settings>("tg_bot", &mut settings)?;
    for service in [
        "rest_service",
        "assistant",
        "cron_service",
        "calendar_service",
        "tg_bot",
    ] {
        of::<ProcessSettings>(service, &mut settings)?;
    }
    Ok(settings.into_values().collect())
}

/// Adds the settings of one service.
fn of<S: Args>(service: &'static str, settings: &mut BTreeMap<String, Setting>) -> anyhow::Result<()> {
    // Whatever is set is taken, and nothing is missed: what is wrong is for `check` to say.
    let command = S::augment_args(Command::new(service)).mut_args(|arg| match arg.get_env() {
        Some(_) => arg.required(false).value_parser(OsStringValueParser::new()),
        None => arg,
    });
    let matches = command
        .clone()
        .try_get_matches_from([service])
        .with_context(|| format!("the settings of {service} cannot be listed"))?;
    for arg in command.get_arguments() {
        let Some(name) = arg.get_env().map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        if let Some(known) = settings.get_mut(&name) {
            if !known.read_by.contains(&service) {
                known.read_by.push(service);
            }
            continue;
        }
        let id = arg.get_id().as_str();
        let values = matches.get_raw(id).map(|values| {
            let texts: Vec<_> = values.map(|value| value.to_string_lossy().into_owned()).collect();
            texts.join(",")
        });
        let from = match matches.value_source(id) {
            Some(ValueSource::EnvVariable) if came_from_file(&name) => Origin::File,
            Some(ValueSource::EnvVariable) if came_from_dotenv(&name) => Origin::DotEnv,
            Some(ValueSource::EnvVariable) => Origin::Environment,
            Some(_) => Origin::Default,
            None if OF_THE_DATA_FOLDER.contains(&name.as_str()) => Origin::DataFolder,
            None => Origin::Unset,
        };
        let value = values.map(|value| {
            if arg.is_hide_env_values_set() && !value.is_empty() {
                "***".to_owned()
            } else {
                without_password(value)
            }
        });
        let read_by = vec![service];
        settings.insert(
            name.clone(),
            Setting {
                name,
                value,
                from,
                read_by,
            },
        );
    }
    Ok(())
}

/// A URL may have a password in it, whichever setting it is.
fn without_password(value: String) -> String {
    match value.parse::<Url>() {
        Ok(mut url) if url.password().is_some() => match url.set_password(Some("***")) {
            Ok(()) => url.into(),
            Err(()) => "***".to_owned(),
        },
        _ => value,
    }
}

/// The names in `.env` that are no settings.
pub(super) fn unknown() -> anyhow::Result<Vec<Unknown>> {
    let known = known();
    let mut unknown = Vec::new();
    for (name, _) in read_dotenv(Path::new(".env"))? {
        if known.contains(&name) || OF_DOCKER.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let did_you_mean = nearest(&name, &known);
        if did_you_mean.is_some() || looks_like_ours(&name, &known) {
            unknown.push(Unknown { name, did_you_mean });
        }
    }
    Ok(unknown)
}

/// Every name that something of ours reads.
fn known() -> Vec<String> {
    let mut names: Vec<String> = OF_COMPOSE.iter().map(|name| (*name).to_owned()).collect();
    names.extend(SECRETS.iter().map(|name| format!("{name}_FILE")));
    add_names(&Cli::command(), &mut names);
    let services = [
        rest_service::Settings::augment_args(Command::new("rest_service")),
        assistant::Settings::augment_args(Command::new("assistant")),
        cron_service::Settings::augment_args(Command::new("cron_service")),
        calendar_service::Settings::augment_args(Command::new("calendar_service")),
        tg_bot::Settings::augment_args(Command::new("tg_bot")),
    ];
    for service in &services {
        add_names(service, &mut names);
    }
    names
}

fn add_names(command: &Command, names: &mut Vec<String>) {
    for arg in command.get_arguments() {
        if let Some(name) = arg.get_env() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    for sub in command.get_subcommands() {
        add_names(sub, names);
    }
}

/// The known name that differs least, when it differs by little or by whole words only.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    let typed = name.to_ascii_uppercase().replace('-', "_");
    let (distance, best) = known
        .iter()
        .map(|known| (distance(&typed, known), known))
        .min_by_key(|(distance, _)| *distance)?;
    if distance <= (name.len() / 4).max(1) {
        return Some(best.clone());
    }
    let words: Vec<_> = typed.split('_').collect();
    let has_all = |known: &&String| {
        words
            .iter()
            .all(|word| known.split('_').any(|part| part == *word))
    };
    let mut longer: Vec<_> = known.iter().filter(|_| words.len() > 1).filter(has_all).collect();
    longer.sort_by_key(|known| known.len());
    longer.first().map(|known| (*known).clone())
}

/// Whether it begins as some of ours do.
fn looks_like_ours(name: &str, known: &[String]) -> bool {
    name.split_once('_')
        .is_some_and(|(first, _)| known.iter().any(|known| known.starts_with(&format!("{first}_"))))
}

/// How many characters must be put in, taken out or replaced to get from one to the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, known, nearest, without_password};

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!((distance("kitten", "sitting"), distance("", "ab")), (3, 2));
        let known = known();
        for (typed, meant) in [
            ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
            ("OPENAI_KEY", "OPENAI_API_KEY"),
            ("openai_api_key", "OPENAI_API_KEY"),
            ("REST_LISTN", "REST_LISTEN"),
        ] {
            assert_eq!(nearest(typed, &known).as_deref(), Some(meant), "{typed}");
        }
        assert_eq!(nearest("HOME_ASSISTANT_URL", &known), None);
    }

    #[test]
    fn all_names_in_the_compose_file_and_in_the_example_are_known() {
        let known = known();
        let read = |file: &str| {
            std::fs::read_to_string(format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let is_name = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        };
        let compose = read("docker-compose.yml");
        let in_compose = compose
            .split("${")
            .skip(1)
            .filter_map(|rest| rest.split([':', '}']).next());
        let example = read(".env.example");
        let in_example = example
            .lines()
            .filter_map(|line| line.trim_start_matches('#').split_once('=').map(|(name, _)| name));
        let mut seen = 0;
        for name in in_compose.chain(in_example).filter(|name| is_name(name)) {
            assert!(known.iter().any(|known| known == name), "{name}");
            seen += 1;
        }
        assert!(seen > 40, "{seen}");
    }

    #[test]
    fn passwords_in_urls_are_not_shown() {
        assert_eq!(without_password("http://a:b@c/d".to_owned()), "http://a:***@c/d");
        assert_eq!(without_password("info,bus=debug".to_owned()), "info,bus=debug");
    }
}
