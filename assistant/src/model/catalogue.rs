//! What is known of models: what they cost, how much they read, what they can. One file of data, `models.json`; an
//! operator's own file adds to it.

use std::{collections::HashMap, path::Path};

use serde::Deserialize;
use service_kit::OperatorError;

use super::Usage;

const BUILT_IN: &str = include_str!("models.json");

/// A model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ModelFacts {
    /// Its name, as requests have it.
    pub name: String,
    /// How many tokens it reads.
    pub context: u32,
    /// How many tokens it writes at most.
    pub answer: Option<u32>,
    /// Dollars for a million tokens of the request.
    pub input: f64,
    /// Dollars for a million tokens of the answer.
    pub output: f64,
    /// Dollars for a million tokens of the request that the provider still knew.
    pub cached_input: Option<f64>,
    /// Whether it calls tools.
    #[serde(default = "yes")]
    pub tools: bool,
    /// Whether it sees pictures.
    #[serde(default)]
    pub vision: bool,
}

/// A server that models are at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KnownServer {
    /// What settings call it: the part behind the `@` of a model's name.
    pub name: String,
    /// Its OpenAI-compatible API.
    pub url: String,
    /// The setting that has its key; none where it needs none.
    pub key: Option<String>,
    /// The model that is asked when nobody names one.
    pub model: Option<String>,
}

/// A file of data.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    servers: Vec<KnownServer>,
    models: Vec<ModelFacts>,
}

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    servers: Vec<KnownServer>,
    models: HashMap<String, ModelFacts>,
}

impl Catalogue {
    /// What comes with the product, and what the operator's own file says.
    ///
    /// # Errors
    /// The file cannot be read, or is no such file.
    pub fn load(own: Option<&Path>) -> Result<Self, OperatorError> {
        let mut catalogue = Self::default();
        catalogue.add(BUILT_IN).map_err(|error| {
            OperatorError::new(
                "the models that come with this are unreadable",
                "report this as a bug",
            )
            .because(error)
        })?;
        if let Some(path) = own {
            let advice = "MODELS_FILE names a JSON file like assistant/src/model/models.json, with the models that you add";
            let text = std::fs::read_to_string(path).map_err(|error| {
                OperatorError::new(format!("cannot read {}", path.display()), advice).because(error)
            })?;
            catalogue.add(&text).map_err(|error| {
                OperatorError::new(format!("{} is no file of models", path.display()), advice).because(error)
            })?;
        }
        Ok(catalogue)
    }

    fn add(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let File { servers, models } = serde_json::from_str(text)?;
        for server in servers {
            self.servers.retain(|known| known.name != server.name);
            self.servers.push(server);
        }
        self.models.extend(
            models
                .into_iter()
                .map(|model| (model.name.to_ascii_lowercase(), model)),
        );
        Ok(())
    }

    /// The servers, in the order in which their models stand in for each other.
    pub fn servers(&self) -> &[KnownServer] {
        &self.servers
    }

    /// What is known of a model. `openai/gpt-4.1-mini`, `gpt-4.1-mini-2025-04-14` and `gpt-4.1-mini:free` are
    /// `gpt-4.1-mini`.
    pub fn of(&self, model: &str) -> Option<&ModelFacts> {
        let model = model.trim().to_ascii_lowercase();
        let bare = model.rsplit('/').next().unwrap_or(&model).to_owned();
        let known = self.models.get(&model).or_else(|| self.models.get(&bare));
        known.or_else(|| {
            // A date or a tag behind the name, and nothing that names another model.
            let (name, rest) = (1..bare.len())
                .rev()
                .filter_map(|place| Some((bare.get(..place)?, bare.get(place..)?)))
                .find(|(name, _)| self.models.contains_key(*name))?;
            let is_version = rest.starts_with(':')
                || (rest.starts_with(['-', '@'])
                    && rest.chars().skip(1).all(|c| c.is_ascii_digit() || c == '-'))
                || rest == "-latest";
            self.models.get(name).filter(|_| is_version)
        })
    }
}

impl ModelFacts {
    /// What tokens cost, in millionths of a dollar, rounded up.
    pub fn micros(&self, usage: Usage) -> u64 {
        let picos = |price: f64, tokens: u32| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "prices are small, and not below zero"
            )]
            let price = (price.max(0.0) * 1_000_000.0).round() as u64;
            price.saturating_mul(u64::from(tokens))
        };
        picos(self.input, usage.input)
            .saturating_add(picos(self.output, usage.output))
            .div_ceil(1_000_000)
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_the_names_it_goes_by() {
        let catalogue = Catalogue::load(None).unwrap();
        for name in [
            "gpt-4.1-mini",
            "openai/gpt-4.1-mini",
            "GPT-4.1-mini",
            "gpt-4.1-mini-2025-04-14",
            "openai/gpt-4.1-mini:free",
        ] {
            assert_eq!(
                catalogue.of(name).map(|facts| facts.name.as_str()),
                Some("gpt-4.1-mini"),
                "{name}"
            );
        }
        // Another model, and not a version of one that is known.
        assert_eq!(catalogue.of("gpt-4.1-mini-super"), None);
        assert_eq!(catalogue.of("qwen3:8b"), None);
        assert!(
            catalogue
                .of("claude-haiku-4-5")
                .is_some_and(|facts| facts.vision && facts.tools)
        );
    }

    #[test]
    fn every_model_and_server_is_sound() {
        let catalogue = Catalogue::load(None).unwrap();
        assert!(catalogue.models.len() > 100);
        for facts in catalogue.models.values() {
            assert!(
                facts.context >= 4000 && facts.input >= 0.0 && facts.output >= facts.input * 0.5,
                "{facts:?}"
            );
        }
        for server in catalogue.servers() {
            assert!(
                server.url.parse::<url::Url>().is_ok() && !server.url.ends_with('/'),
                "{server:?}"
            );
        }
    }

    #[test]
    fn money_is_counted_to_the_micro() {
        let catalogue = Catalogue::load(None).unwrap();
        let facts = catalogue.of("gpt-4.1-mini").unwrap();
        // 0.40 and 1.60 dollars for a million.
        for (input, output, micros) in [
            (0, 0, 0),
            (1, 0, 1),
            (10, 0, 4),
            (1_000_000, 0, 400_000),
            (1000, 250, 800),
            (3, 1, 3),
        ] {
            assert_eq!(facts.micros(Usage { input, output }), micros, "{input} {output}");
        }
    }

    #[test]
    fn an_operators_file_adds_and_replaces() {
        let mut catalogue = Catalogue::load(None).unwrap();
        let own = r#"{ "models": [{ "name": "gpt-4.1-mini", "context": 8000, "input": 1, "output": 2 }, { "name": "mine", "context": 4096, "input": 0, "output": 0 }] }"#;
        catalogue.add(own).unwrap();
        assert_eq!(
            catalogue.of("gpt-4.1-mini").map(|facts| facts.context),
            Some(8000)
        );
        assert!(
            catalogue
                .of("mine")
                .is_some_and(|facts| facts.tools && !facts.vision)
        );
        assert!(catalogue.add(r#"{ "models": 1 }"#).is_err());
    }
}
