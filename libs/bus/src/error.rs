//! What can go wrong on the bus.

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why an operation on the bus failed. No variant carries the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// The URL is neither `sqlite:…` nor `redis://…` or `rediss://…`.
    #[error("the bus URL must start with sqlite:, redis:// or rediss://")]
    InvalidUrl,
    /// The name of a topic or a group has other characters than lower-case letters, digits, `.`, `_` and `-`.
    #[error("{name:?} is not a name for a topic or a group")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// The envelope could not be encoded.
    #[error("the envelope could not be encoded")]
    Encode(#[source] serde_json::Error),
    /// The store did not answer within the deadline. A publish that ends so may still have happened.
    #[error("the bus did not answer in time")]
    Unavailable(#[source] Source),
    /// The store refused the operation.
    #[error("the bus refused the operation")]
    Store(#[source] Source),
    /// Someone else has taken the delivery over; nothing was changed.
    #[error("the delivery was taken over by another consumer")]
    LeaseLost,
    /// The bus or the consumer was closed.
    #[error("the bus is closed")]
    Closed,
}

impl From<diesel::result::Error> for BusError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(Box::new(error))
    }
}
