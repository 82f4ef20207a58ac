//! How the service goes wrong.

use std::time::Duration;

/// What happens to every request while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset.
    Down,
    /// 502 with a page of a proxy's.
    BadGateway,
    /// 429 in Open-Meteo's words, without `Retry-After`, as it sends none.
    TooMany,
    /// 200 with JSON that ends early.
    Malformed,
    /// 200 with JSON of another shape.
    Foreign,
    /// The right answer, late.
    Slow(Duration),
    /// No answer, ever.
    Hangs,
}
