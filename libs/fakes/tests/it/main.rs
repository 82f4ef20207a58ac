//! The fakes, driven over HTTP as their clients would.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod google;
mod openai;
mod proxy;
mod telegram;
mod weather;

use std::sync::OnceLock;
use std::time::Duration;

/// How long a test waits for what must come.
const LIMIT: Duration = Duration::from_secs(10);

/// A plain HTTP client that gives up in time.
#[expect(
    clippy::disallowed_methods,
    reason = "the fakes stand below `service_kit` and bring their own client"
)]
fn http() -> reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    let build = || {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
        // Each test has a runtime of its own, which an idle connection must not outlive.
        reqwest::Client::builder()
            .timeout(LIMIT)
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
    };
    CLIENT.get_or_init(build).clone()
}
