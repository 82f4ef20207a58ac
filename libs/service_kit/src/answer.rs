//! Reads what a peer answers, up to a limit: a peer that is broken or hostile sends without end.
//!
//! Whoever calls a peer names the most that an answer may have and reads it with [`read`]; a stream of events is
//! read with [`crate::sse::EventStream`], or made fit for a library's own reader with [`crate::sse::whole_events`].
//! What is counted are the bytes that the client hands out: of an answer that it decompresses, the decompressed ones.
//! Slow peers need no limit of their own here: each call has one for its whole time ([`crate::http::client`]).

use reqwest::Response;

/// Why an answer could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is longer than any that was expected.
    #[error("the answer has more than {0} bytes")]
    TooLong(usize),
    /// The connection broke, or the time was up.
    #[error("the answer was cut off")]
    Cut(#[source] reqwest::Error),
}

impl AnswerError {
    /// Whether the call's time was up before the answer was whole.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Cut(error) if error.is_timeout())
    }
}

impl From<reqwest::Error> for AnswerError {
    fn from(error: reqwest::Error) -> Self {
        // The URL may hold ids or a token.
        Self::Cut(error.without_url())
    }
}

/// Reads a whole answer of at most `most` bytes. Of a longer one no more than that is held, and its connection is
/// closed.
///
/// # Errors
/// It is longer, or it broke off.
pub async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, AnswerError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).unwrap_or(usize::MAX) > most {
        return Err(AnswerError::TooLong(most));
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if piece.len() > most - body.len() {
            return Err(AnswerError::TooLong(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
