//! The servers that models are at: addresses and keys.
//!
//! The known ones (`models.json` lists them) need a key alone; any other that speaks OpenAI's chat completions is a name
//! and an address.

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{OperatorError, settings::http_url};
use url::Url;

use super::is_set;
use crate::model::catalogue::Catalogue;

/// The server that OPENAI_BASE_URL moves.
const OPENAI: &str = "openai";

/// The server that needs no key.
pub(super) const OLLAMA: &str = "ollama";

/// Keys and addresses.
#[derive(Args, Clone, Debug)]
pub struct ServerSettings {
    /// The key of OpenAI, or of the server at OPENAI_BASE_URL where it wants one.
    #[arg(
        long,
        env = "OPENAI_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub openai_api_key: Option<SecretString>,
    /// The base URL of an OpenAI-compatible API; OpenAI's own when absent.
    #[arg(long, env = "OPENAI_BASE_URL", value_name = "URL", help_heading = "Model")]
    pub openai_base_url: Option<String>,
    /// The key of Anthropic.
    #[arg(
        long,
        env = "ANTHROPIC_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub anthropic_api_key: Option<SecretString>,
    /// The key of Google's Gemini.
    #[arg(
        long,
        env = "GEMINI_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub gemini_api_key: Option<SecretString>,
    /// The key of Mistral.
    #[arg(
        long,
        env = "MISTRAL_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub mistral_api_key: Option<SecretString>,
    /// The key of Groq.
    #[arg(
        long,
        env = "GROQ_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub groq_api_key: Option<SecretString>,
    /// The key of DeepSeek.
    #[arg(
        long,
        env = "DEEPSEEK_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub deepseek_api_key: Option<SecretString>,
    /// The key of OpenRouter.
    #[arg(
        long,
        env = "OPENROUTER_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub openrouter_api_key: Option<SecretString>,
    /// Where Ollama is, such as http://127.0.0.1:11434.
    #[arg(long, env = "OLLAMA_URL", value_name = "URL", help_heading = "Model")]
    pub ollama_url: Option<String>,
    /// More servers with OpenAI's chat completions, as NAME=URL with commas between; a name that is known moves that
    /// server.
    #[arg(
        long,
        env = "MODEL_SERVERS",
        value_name = "NAME=URL,…",
        help_heading = "Model"
    )]
    pub model_servers: Option<String>,
    /// Their keys, as NAME=KEY with commas between.
    #[arg(
        long,
        env = "MODEL_KEYS",
        hide_env_values = true,
        value_name = "NAME=KEY,…",
        help_heading = "Model"
    )]
    pub model_keys: Option<SecretString>,
}

/// A server that is set up.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// What stands behind the @ of its models' names.
    pub(crate) name: String,
    /// Its API.
    pub(crate) url: Url,
    /// Its key, where it wants one.
    pub(crate) key: Option<SecretString>,
    /// The model that is asked when nobody names one.
    pub(crate) model: Option<String>,
}

impl ServerSettings {
    pub(super) fn problems(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut problems = Vec::new();
        for (setting, text) in [
            ("OPENAI_BASE_URL", &self.openai_base_url),
            ("OLLAMA_URL", &self.ollama_url),
        ] {
            if let Err(why) = address(text) {
                problems.push(format!("{setting} cannot be used ({why})"));
            }
        }
        if let Err(why) = self.more() {
            problems.push(why);
        } else if let Err(why) = self.keys() {
            problems.push(why);
        } else if problems.is_empty()
            && let Err(error) = self.set_up(catalogue)
        {
            problems.push(error.to_string());
        }
        problems
    }

    /// The servers that are set up, in the order of the list of known ones; then the others.
    pub(crate) fn set_up(&self, catalogue: &Catalogue) -> Result<Vec<Server>, OperatorError> {
        let wrong = |why: String| OperatorError::new(why, "correct it; --help describes every setting");
        let more = self.more().map_err(wrong)?;
        let keys = self.keys().map_err(wrong)?;
        let own_key = |name: &str| match name {
            OPENAI => is_set(&self.openai_api_key),
            "anthropic" => is_set(&self.anthropic_api_key),
            "gemini" => is_set(&self.gemini_api_key),
            "mistral" => is_set(&self.mistral_api_key),
            "groq" => is_set(&self.groq_api_key),
            "deepseek" => is_set(&self.deepseek_api_key),
            "openrouter" => is_set(&self.openrouter_api_key),
            _ => None,
        };
        let key_of = |name: &str| {
            let listed = keys.iter().find(|(known, _)| known == name);
            listed.map(|(_, key)| key.clone()).or_else(|| own_key(name))
        };
        let mut servers = Vec::new();
        for known in catalogue.servers() {
            let moved = match known.name.as_str() {
                OPENAI => address(&self.openai_base_url).map_err(wrong)?,
                OLLAMA => address(&self.ollama_url).map_err(wrong)?.map(with_version),
                _ => None,
            };
            let moved = moved.or_else(|| {
                let listed = more.iter().find(|(name, _)| *name == known.name);
                listed.map(|(_, url)| url.clone())
            });
            let key = key_of(&known.name);
            // A key says that it is wanted, and so does an address of its own.
            if key.is_none() && moved.is_none() {
                continue;
            }
            let own = || http_url(&known.url).map_err(wrong);
            servers.push(Server {
                name: known.name.clone(),
                url: moved.map_or_else(own, Ok)?,
                key,
                model: known.model.clone(),
            });
        }
        let is_known = |name: &str| catalogue.servers().iter().any(|known| known.name == name);
        for (name, url) in more.into_iter().filter(|(name, _)| !is_known(name)) {
            servers.push(Server {
                key: key_of(&name),
                name,
                url,
                model: None,
            });
        }
        Ok(servers)
    }

    fn more(&self) -> Result<Vec<(String, Url)>, String> {
        let text = self.model_servers.as_deref().unwrap_or_default();
        pairs(text, "MODEL_SERVERS", "NAME=URL")?
            .into_iter()
            .map(|(name, url)| match http_url(url) {
                Ok(url) => Ok((name.to_owned(), url)),
                Err(why) => Err(format!("MODEL_SERVERS has no address for {name} ({why})")),
            })
            .collect()
    }

    fn keys(&self) -> Result<Vec<(String, SecretString)>, String> {
        let text = self.model_keys.as_ref().map_or("", ExposeSecret::expose_secret);
        let pairs = pairs(text, "MODEL_KEYS", "NAME=KEY")?;
        Ok(pairs
            .into_iter()
            .map(|(name, key)| (name.to_owned(), key.into()))
            .collect())
    }
}

fn address(text: &Option<String>) -> Result<Option<Url>, String> {
    let text = text.as_deref().unwrap_or_default().trim();
    (!text.is_empty()).then(|| http_url(text)).transpose()
}

/// Ollama's address is mostly given without the part that is OpenAI's.
fn with_version(mut url: Url) -> Url {
    if url.path() == "/" {
        url.set_path("/v1");
    }
    url
}

fn pairs<'t>(text: &'t str, setting: &str, shape: &str) -> Result<Vec<(&'t str, &'t str)>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (name.trim(), value.trim());
            match name.is_empty() || value.is_empty() || name.contains('@') {
                // The text may be a key, and is not repeated.
                true => Err(format!(
                    "{setting} cannot be used (write {shape}, with commas between)"
                )),
                false => Ok((name, value)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    fn settings(args: &[&str]) -> ServerSettings {
        // What the environment of whoever runs the tests says is none of theirs.
        let command =
            ServerSettings::augment_args(Command::new("test")).mut_args(|arg| arg.env(None::<&str>));
        let matches = command.try_get_matches_from([&["test"], args].concat()).unwrap();
        ServerSettings::from_arg_matches(&matches).unwrap()
    }

    fn set_up(args: &[&str]) -> Vec<String> {
        let servers = settings(args).set_up(&Catalogue::load(None).unwrap()).unwrap();
        let shown = servers.into_iter().map(|server| {
            let key = server
                .key
                .map_or("-".to_owned(), |key| key.expose_secret().to_owned());
            format!("{} {} {key}", server.name, server.url)
        });
        shown.collect()
    }

    #[test]
    fn a_key_or_an_address_sets_a_server_up() {
        assert_eq!(set_up(&[]), [""; 0]);
        assert_eq!(
            set_up(&["--openai-api-key", " ", "--openai-base-url", ""]),
            [""; 0]
        );
        assert_eq!(
            set_up(&["--openai-api-key", "sk"]),
            ["openai https://api.openai.com/v1 sk"]
        );
        assert_eq!(
            set_up(&["--openai-base-url", "http://x/v1"]),
            ["openai http://x/v1 -"]
        );
        assert_eq!(
            set_up(&["--ollama-url", "http://x:1", "--anthropic-api-key", "a"]),
            [
                "anthropic https://api.anthropic.com/v1 a",
                "ollama http://x:1/v1 -"
            ]
        );
        assert_eq!(
            set_up(&[
                "--model-servers",
                "lab=http://lab/v1, gemini=http://proxy/g",
                "--model-keys",
                "lab=l, openai=o",
                "--gemini-api-key",
                "g",
            ]),
            [
                "openai https://api.openai.com/v1 o",
                "gemini http://proxy/g g",
                "lab http://lab/v1 l"
            ]
        );
    }

    #[test]
    fn what_cannot_be_used_is_named_without_the_key() {
        let catalogue = Catalogue::load(None).unwrap();
        let problems = |args: &[&str]| settings(args).problems(&catalogue).join("; ");
        assert!(problems(&["--openai-base-url", "localhost"]).contains("OPENAI_BASE_URL"));
        assert!(problems(&["--ollama-url", "localhost"]).contains("OLLAMA_URL"));
        assert!(problems(&["--model-servers", "lab"]).contains("MODEL_SERVERS"));
        assert!(problems(&["--model-servers", "lab=nowhere"]).contains("for lab"));
        let told = problems(&["--model-keys", "sk-very-secret"]);
        assert!(told.contains("MODEL_KEYS") && !told.contains("secret"), "{told}");
    }
}
