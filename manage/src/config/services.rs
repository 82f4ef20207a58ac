//! The services' settings as they would start with them, here or in containers of their own.

use std::path::PathBuf;

use clap::{Args, FromArgMatches};
use secrecy::{ExposeSecret, SecretString};
use service_kit::{
    ProcessSettings,
    settings::{self, Settings},
};

use crate::data_folder;

/// Stands for a key that nothing was made from yet, where only the form counts.
const SOME_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What `manage run` hands to its services when it is not set.
pub(crate) struct Supplied {
    /// The data folder.
    pub(crate) data_dir: PathBuf,
    /// The database, when it is not the folder's.
    pub(crate) database_url: Option<SecretString>,
    /// The bus, when it is not the folder's.
    pub(crate) bus_url: Option<SecretString>,
    /// The service key, when it is not the folder's.
    pub(crate) service_key: Option<SecretString>,
    /// The key for calendar tokens, when it is not the folder's.
    pub(crate) encryption_key: Option<SecretString>,
}

impl Supplied {
    /// Whether both stores are named by URL, so that nothing comes from the data folder.
    pub(crate) fn is_distributed(&self) -> bool {
        self.database_url.is_some() && self.bus_url.is_some()
    }

    /// The database's URL, whether it is there or not.
    pub(crate) fn database_url(&self) -> SecretString {
        self.stored(self.database_url.as_ref(), data_folder::DATABASE_FILE)
    }

    /// The bus's URL, whether it is there or not.
    pub(crate) fn bus_url(&self) -> SecretString {
        self.stored(self.bus_url.as_ref(), data_folder::BUS_FILE)
    }

    fn stored(&self, given: Option<&SecretString>, file: &str) -> SecretString {
        given.map_or_else(
            || format!("sqlite:{}", self.data_dir.join(file).display()).into(),
            Clone::clone,
        )
    }

    /// One service's settings.
    ///
    /// # Errors
    /// What is wrong with them, a sentence each.
    pub(crate) fn settings<S: Settings>(&self, name: &'static str) -> Result<S, Vec<String>> {
        let flags = || std::iter::once(name.to_owned()).chain(self.flags::<S>());
        let problems = settings::problems::<S>(name, flags());
        if !problems.is_empty() {
            return Err(problems);
        }
        settings::parse(name, "", flags()).map_err(|error| vec![format!("{error:?}")])
    }

    /// The bot's settings; `None` without a token, which is how Telegram is switched off.
    ///
    /// # Errors
    /// What is wrong with them, a sentence each.
    pub(crate) fn telegram(&self) -> Result<Option<tg_bot::Settings>, Vec<String>> {
        match self.settings("tg_bot") {
            Ok(settings) => Ok(Some(settings)),
            Err(problems) => {
                let is_off = |problem: &String| {
                    problem.starts_with("missing: ") && problem.contains("TELEGRAM_BOT_TOKEN")
                };
                let others: Vec<_> = problems
                    .iter()
                    .filter(|problem| !is_off(problem))
                    .cloned()
                    .collect();
                if others.is_empty() { Ok(None) } else { Err(others) }
            }
        }
    }

    /// The flags for what a service wants and the data folder has.
    fn flags<S: Args>(&self) -> Vec<String> {
        let mut all = vec![
            ("--database-url", self.database_url()),
            ("--bus-url", self.bus_url()),
        ];
        // With both stores elsewhere, nothing is supplied: a missing key is a mistake.
        if !self.is_distributed() || self.service_key.is_some() {
            all.push(("--service-key", self.key(self.service_key.as_ref())));
        }
        if !self.is_distributed() || self.encryption_key.is_some() {
            all.push(("--encryption-key", self.key(self.encryption_key.as_ref())));
        }
        let command = S::augment_args(clap::Command::new("service"));
        let takes = |flag: &str| {
            command
                .get_arguments()
                .any(|arg| arg.get_long() == flag.strip_prefix("--"))
        };
        all.into_iter()
            .filter(|(flag, _)| takes(flag))
            .map(|(flag, value)| format!("{flag}={}", value.expose_secret()))
            .collect()
    }

    fn key(&self, given: Option<&SecretString>) -> SecretString {
        given.cloned().unwrap_or_else(|| SOME_KEY.into())
    }
}

/// What is wrong with the settings of all services, each thing once.
pub(crate) fn problems(supplied: &Supplied) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |problems: Vec<String>| {
        for problem in problems {
            if !all.contains(&problem) {
                all.push(problem);
            }
        }
    };
    add(of::<rest_service::Settings>(supplied, "rest_service"));
    add(of::<assistant::Settings>(supplied, "assistant"));
    add(of::<cron_service::Settings>(supplied, "cron_service"));
    add(of::<calendar_service::Settings>(supplied, "calendar_service"));
    add(supplied.telegram().err().unwrap_or_default());
    add(of::<ProcessSettings>(supplied, "process"));
    all
}

fn of<S: Settings + FromArgMatches>(supplied: &Supplied, name: &'static str) -> Vec<String> {
    supplied.settings::<S>(name).err().unwrap_or_default()
}
