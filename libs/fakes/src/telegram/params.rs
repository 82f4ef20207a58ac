//! A call's parameters, from whichever of the Bot API's four ways they came in.

use super::error::ApiError;
use serde_json::{Map, Value};

/// The parameters of one call by name; absent, null and empty are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(pub(crate) Map<String, Value>);

impl Params {
    /// Reads the query string and the body (JSON, form or multipart); the error is for the violation as well.
    pub(crate) fn read(query: Option<&str>, content_type: &str, body: &[u8]) -> Result<Self, ApiError> {
        let mut params = Self::default();
        params.add_form(query.unwrap_or_default().as_bytes());
        let kind = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match kind.as_str() {
            _ if body.is_empty() => {}
            "application/json" => match serde_json::from_slice(body) {
                Ok(Value::Object(fields)) => params.0.extend(fields),
                _ => return Err(ApiError::bad("can't parse request body as a JSON object")),
            },
            "application/x-www-form-urlencoded" => params.add_form(body),
            "multipart/form-data" => {
                let boundary = content_type
                    .split_once("boundary=")
                    .map(|(_, rest)| rest.trim_matches('"'));
                params.add_multipart(boundary.unwrap_or_default(), body)?;
            }
            other => return Err(ApiError::bad(&format!("unsupported content type \"{other}\""))),
        }
        Ok(params)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// The parameter as text; numbers and booleans are written out, as in a form.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name)
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = value
            .as_i64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number
            .map(Some)
            .ok_or_else(|| ApiError::bad(&format!("invalid parameter \"{name}\": an Integer is expected")))
    }

    pub(crate) fn boolean(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| {
            value
                .as_bool()
                .unwrap_or_else(|| matches!(value.as_str(), Some("true" | "True" | "yes" | "1")))
        })
    }

    /// An object or array, which forms carry as JSON in text.
    pub(crate) fn structure(&self, name: &str) -> Result<Option<Value>, ApiError> {
        match self.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| ApiError::bad(&format!("can't parse {} JSON object", name.replace('_', " ")))),
            other => Ok(other.cloned()),
        }
    }

    fn add_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            self.0
                .insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn add_multipart(&mut self, boundary: &str, body: &[u8]) -> Result<(), ApiError> {
        let malformed = || ApiError::bad("can't parse multipart body");
        // Of a file that is no text, what is text in it.
        let body = String::from_utf8_lossy(body);
        if boundary.is_empty() {
            return Err(malformed());
        }
        let delimiter = format!("--{boundary}");
        for part in body.split(delimiter.as_str()).skip(1) {
            if part.starts_with("--") {
                return Ok(());
            }
            let (head, content) = part.split_once("\r\n\r\n").ok_or_else(malformed)?;
            let name = head
                .split_once("name=\"")
                .and_then(|(_, rest)| rest.split_once('"'));
            let (name, _) = name.ok_or_else(malformed)?;
            let content = content.strip_suffix("\r\n").ok_or_else(malformed)?;
            let file = head
                .split_once("filename=\"")
                .and_then(|(_, rest)| rest.split_once('"'));
            let value = match file {
                Some((file, _)) => serde_json::json!({ "file_name": file, "content": content }),
                None => Value::String(content.to_owned()),
            };
            self.0.insert(name.to_owned(), value);
        }
        Err(malformed())
    }
}
