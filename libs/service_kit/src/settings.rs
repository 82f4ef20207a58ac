//! Settings: clap structs filled from flags, the environment and `.env`; wrong ones named all at once.

use std::ffi::OsString;

use clap::{
    Arg, Args, Command, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::OperatorError;

mod dotenv;
mod peers;
mod secret_files;

pub use dotenv::{came_from_dotenv, came_from_file, load_dotenv, load_dotenv_from, read_dotenv};
pub use peers::{BusSettings, RestSettings, SERVICE_KEY_MIN, ServiceKey, http_url};
pub use secret_files::SECRETS;

/// The settings of one service.
pub trait Settings: Args + FromArgMatches {
    /// What clap cannot check: whole settings that contradict each other. One sentence each.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What to do about a setting that is wrong.
pub const ADVICE: &str = "set it in the environment or in .env; --help describes every setting";

/// Why there are no settings.
#[derive(Debug)]
pub enum SettingsError {
    /// Not an error: `--help` or `--version` was asked; the text to print.
    Info(clap::Error),
    /// What is wrong, all of it, in one line.
    Wrong(OperatorError),
}

/// Parses `args` (the first is the program's name) and the environment.
///
/// # Errors
/// All settings that are wrong, in one error.
pub fn parse<S: Settings>(
    name: &'static str,
    about: &'static str,
    args: impl IntoIterator<Item = impl Into<OsString>>,
) -> Result<S, SettingsError> {
    match attempt(name, about, args) {
        Ok(settings) => Ok(settings),
        Err(Failure::Info(text)) => Err(SettingsError::Info(text)),
        Err(Failure::Wrong(problems)) => Err(wrong(&problems)),
    }
}

/// [`parse`] for a list of what is wrong: one sentence each, none where all is well.
pub fn problems<S: Settings>(
    name: &'static str,
    args: impl IntoIterator<Item = impl Into<OsString>>,
) -> Vec<String> {
    match attempt::<S>(name, "", args) {
        Ok(_) => Vec::new(),
        Err(Failure::Info(text)) => vec![text.to_string()],
        Err(Failure::Wrong(problems)) => problems,
    }
}

/// Why settings could not be read.
enum Failure {
    Info(clap::Error),
    Wrong(Vec<String>),
}

fn attempt<S: Settings>(
    name: &'static str,
    about: &'static str,
    args: impl IntoIterator<Item = impl Into<OsString>>,
) -> Result<S, Failure> {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let command = S::augment_args(Command::new(name).about(about).version(env!("CARGO_PKG_VERSION")));
    let mut problems = Vec::new();
    let mut settings = None;
    match command.clone().try_get_matches_from(&args) {
        Ok(matches) => match S::from_arg_matches(&matches) {
            Ok(parsed) => settings = Some(parsed),
            Err(error) => problems.push(one_line(&command, &error)),
        },
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return Err(Failure::Info(error));
        }
        Err(error) => problems = all_problems(command, &args, error),
    }
    match settings {
        Some(settings) => {
            problems.extend(settings.problems());
            if problems.is_empty() {
                Ok(settings)
            } else {
                Err(Failure::Wrong(problems))
            }
        }
        None => Err(Failure::Wrong(problems)),
    }
}

fn wrong(problems: &[String]) -> SettingsError {
    let what = match problems {
        [one] => format!("a setting is wrong: {one}"),
        many => format!("{} settings are wrong: {}", many.len(), many.join("; ")),
    };
    SettingsError::Wrong(OperatorError::new(what, ADVICE))
}

/// clap stops at the first wrong value. To name them all, each argument found wrong is made one that takes
/// anything, and the rest is parsed again.
fn all_problems(mut command: Command, args: &[OsString], first: clap::Error) -> Vec<String> {
    let mut problems = Vec::new();
    let mut next = Some(first);
    while let Some(error) = next.take() {
        problems.push(one_line(&command, &error));
        if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
            break;
        }
        let Some(id) = text(&error, ContextKind::InvalidArg)
            .and_then(|shown| argument(&command, &shown))
            .map(|arg| arg.get_id().clone())
        else {
            break;
        };
        command = command.mut_arg(id, |arg| {
            arg.value_parser(clap::builder::OsStringValueParser::new())
        });
        next = command.clone().try_get_matches_from(args).err();
    }
    problems
}

/// The argument that clap shows as `--name <VALUE>`.
fn argument<'c>(command: &'c Command, shown: &str) -> Option<&'c Arg> {
    let long = shown.strip_prefix("--")?.split([' ', '=']).next()?;
    command.get_arguments().find(|arg| arg.get_long() == Some(long))
}

/// The setting's name as the operator knows it: its variable, where it has one.
fn name_of(command: &Command, shown: &str) -> String {
    argument(command, shown).and_then(Arg::get_env).map_or_else(
        || shown.to_owned(),
        |variable| variable.to_string_lossy().into_owned(),
    )
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    }
}

/// An error of clap's as one sentence that names the setting as the operator wrote it, without the value of
/// a secret one.
fn one_line(command: &Command, error: &clap::Error) -> String {
    let shown = text(error, ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let is_secret = argument(command, &shown).is_some_and(Arg::is_hide_env_values_set);
            let value = match text(error, ContextKind::InvalidValue) {
                Some(value) if !is_secret => format!("{value:?}"),
                _ => "what it is".to_owned(),
            };
            let why = std::error::Error::source(error)
                .map(ToString::to_string)
                .or_else(|| text(error, ContextKind::ValidValue).map(|valid| format!("use one of {valid}")));
            let name = name_of(command, &shown);
            match why {
                Some(why) => format!("{name} cannot be {value} ({why})"),
                None => format!("{name} cannot be {value}"),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let names: Vec<_> = shown.split(", ").map(|one| name_of(command, one)).collect();
            format!("missing: {}", names.join(", "))
        }
        _ => {
            let text = error.to_string();
            text.lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned()
        }
    }
}
