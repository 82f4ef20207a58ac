//! `POST /v1/audio/transcriptions` (OpenAI API reference, "Create transcription"). What is said in a recording is what its
//! bytes say as text; in one that is no text, nothing is said.

use super::Shared;
use super::server::{check_key, json_response, refuse};
use super::validate::Refusal;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

const CALL: &str = "/v1/audio/transcriptions";

/// What a file's name may end in.
const ENDINGS: [&str; 10] = [
    "flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "oga", "wav", "webm",
];

/// The largest file, in bytes.
const LARGEST: usize = 25 * 1024 * 1024;

/// The fields of a request.
const FIELDS: [&str; 10] = [
    "file",
    "model",
    "chunking_strategy",
    "include[]",
    "language",
    "prompt",
    "response_format",
    "stream",
    "temperature",
    "timestamp_granularities[]",
];

/// A recording that was to be transcribed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The file's name.
    pub name: String,
    /// The model that was asked.
    pub model: String,
    /// How many bytes it has.
    pub bytes: usize,
}

struct Part<'b> {
    name: String,
    file_name: Option<String>,
    content: &'b [u8],
}

pub(crate) async fn transcribe(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = check_key(&shared, &headers).and_then(|()| read(&headers, &body));
    let (recording, said) = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refuse(&shared, CALL, &refusal),
    };
    if let Some(status) = shared.next_transcription(recording) {
        let error = json!({ "error": { "message": "The server had an error", "type": "server_error", "code": null } });
        return json_response(status, &error, "application/json");
    }
    let usage = json!({ "type": "duration", "seconds": 3 });
    json_response(200, &json!({ "text": said, "usage": usage }), "application/json")
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<(Recording, String), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=");
    let boundary = boundary.filter(|boundary| (1..=70).contains(&boundary.len()));
    let boundary = boundary.ok_or_else(|| Refusal::general("Could not parse multipart form"))?;
    let parts = parts(boundary, body).ok_or_else(|| Refusal::general("Could not parse multipart form"))?;
    if let Some(part) = parts.iter().find(|part| !FIELDS.contains(&part.name.as_str())) {
        let message = format!("Unrecognized request argument supplied: {}", part.name);
        return Err(Refusal::new(&part.name, message));
    }
    let only = |name: &str| {
        let mut found = parts.iter().filter(|part| part.name == name);
        match (found.next(), found.next()) {
            (Some(part), None) => Ok(part),
            _ => Err(Refusal::new(
                name,
                format!("Missing required parameter: '{name}'."),
            )),
        }
    };
    let (file, model) = (only("file")?, only("model")?);
    let format = parts.iter().find(|part| part.name == "response_format");
    if format.is_some_and(|format| format.content != b"json") {
        return Err(Refusal::new(
            "response_format",
            "This fake transcribes to json alone.",
        ));
    }
    let name = file
        .file_name
        .clone()
        .ok_or_else(|| Refusal::new("file", "The file has no name."))?;
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    if !ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
        let formats = ENDINGS.join("', '");
        let message = format!("Unrecognized file format. Supported formats: ['{formats}']");
        return Err(Refusal::new("file", message));
    }
    if file.content.len() > LARGEST {
        return Err(Refusal {
            status: 413,
            ..Refusal::general("Maximum content size limit (26214400) exceeded")
        });
    }
    let recording = Recording {
        name,
        model: String::from_utf8_lossy(model.content).into_owned(),
        bytes: file.content.len(),
    };
    let said = std::str::from_utf8(file.content).unwrap_or_default();
    Ok((recording, said.to_owned()))
}

/// The parts of a form (RFC 7578).
fn parts<'b>(boundary: &str, body: &'b [u8]) -> Option<Vec<Part<'b>>> {
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..])?;
    let mut parts = Vec::new();
    loop {
        if rest == b"--\r\n" {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let at = find(rest, b"\r\n\r\n")?;
        let head = std::str::from_utf8(&rest[..at]).ok()?;
        rest = &rest[at + 4..];
        let end = find(rest, delimiter.as_bytes())?;
        let quoted = |name: &str| {
            let (_, value) = head.split_once(&format!("; {name}=\""))?;
            Some(value.split_once('"')?.0.to_owned())
        };
        parts.push(Part {
            name: quoted("name")?,
            file_name: quoted("filename"),
            content: &rest[..end],
        });
        rest = &rest[end + delimiter.len()..];
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
