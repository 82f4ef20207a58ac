//! A query string taken apart, and the server's words for what it refuses.

use super::Shared;

/// The parameters of one request.
pub(crate) struct Query<'s> {
    shared: &'s Shared,
    path: &'static str,
    parameters: Vec<(String, String)>,
}

/// Why a request is refused: `reason` of the answer with status 400.
pub(crate) struct Refusal(pub(crate) String);

impl<'s> Query<'s> {
    /// Takes the query apart. A parameter that is not documented is dropped by the real server without a word: here it
    /// is a violation.
    pub(crate) fn read(shared: &'s Shared, path: &'static str, query: &str, known: &[&str]) -> Self {
        let parameters: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        for (at, (name, _)) in parameters.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                shared
                    .violations
                    .record(path, format!("there is no parameter '{name}'"));
            }
            if parameters[..at].iter().any(|(earlier, _)| earlier == name) {
                shared
                    .violations
                    .record(path, format!("parameter '{name}' is there twice"));
            }
        }
        Self {
            shared,
            path,
            parameters,
        }
    }

    pub(crate) fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// A number, which must be there.
    pub(crate) fn number(&self, name: &str) -> Result<f64, Refusal> {
        let Some(text) = self.get(name) else {
            return Err(Refusal(
                "Parameter 'latitude' and 'longitude' must not be empty".to_owned(),
            ));
        };
        text.parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| Refusal(format!("Value of type 'Float' required for key '{name}'.")))
    }

    /// A whole number.
    pub(crate) fn whole(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.get(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Refusal(format!("Value of type 'Int' required for key '{name}'.")))
            })
            .transpose()
    }

    /// One of the names that stand in `names`; the first when absent.
    pub(crate) fn word(
        &self,
        name: &str,
        kind: &str,
        names: &[&'static str],
    ) -> Result<&'static str, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(names.first().copied().unwrap_or_default());
        };
        names.iter().copied().find(|known| *known == text).ok_or_else(|| {
            Refusal(format!(
                "Cannot initialize {kind} from invalid String value {text} for key {name}"
            ))
        })
    }

    /// Comma-separated names of weather variables, each of them in `known`.
    pub(crate) fn variables(&self, name: &str, known: &[&'static str]) -> Result<Vec<&'static str>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(Vec::new());
        };
        text.split(',')
            .map(|variable| {
                known
                    .iter()
                    .copied()
                    .find(|known| *known == variable)
                    .ok_or_else(|| {
                        Refusal(format!(
                            "Cannot initialize WeatherVariable from invalid String value {variable} for key {name}"
                        ))
                    })
            })
            .collect()
    }

    /// Keeps a refusal as a violation.
    pub(crate) fn refused(&self, refusal: &Refusal) {
        self.shared.violations.record(self.path, refusal.0.clone());
    }
}
