//! The variables by which a machine offers servers of its own to the tests, and by which a person asks for the long
//! form of those that have one.

/// A PostgreSQL to use instead of a throw-away one; its user must be able to make schemas.
pub(crate) fn postgres_url() -> Option<String> {
    variable("TEST_POSTGRES_URL")
}

/// A Redis to use instead of a throw-away one.
pub(crate) fn redis_url() -> Option<String> {
    variable("TEST_REDIS_URL")
}

/// Whether tests that step over a large matrix take all of it (`TEST_LONG_FORM=1`), and print their tables.
pub fn is_long_form() -> bool {
    variable("TEST_LONG_FORM").is_some()
}

/// For how long a fuzzing test runs in its long form (`TEST_FUZZ_SECONDS=3600`).
///
/// # Panics
/// It is no number.
pub fn fuzz_time() -> Option<std::time::Duration> {
    number("TEST_FUZZ_SECONDS").map(std::time::Duration::from_secs)
}

/// What a fuzzing test begins with (`TEST_FUZZ_SEED=13`), as one that failed has printed it.
///
/// # Panics
/// It is no number.
pub fn fuzz_seed() -> Option<u64> {
    number("TEST_FUZZ_SEED")
}

/// A `manage` to test instead of the one that was built with the tests (`TEST_MANAGE=target/release/manage`).
pub fn manage() -> Option<String> {
    variable("TEST_MANAGE")
}

/// Whether a variable of this crate's own is set.
pub(crate) fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text:?}"))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "test processes are started by cargo: nobody can hand it over"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|url| !url.is_empty())
}
