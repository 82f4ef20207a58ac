//! A fake Google to try things by hand: prints the settings to export, then each request and violation as it comes.
//!
//! ```sh
//! cargo run -p fakes --example google -- [LISTEN [REDIRECT_URI…]]
//! ```
//!
//! Two people have accounts, and Ann has a few events; the consent page takes any other address as a new account.
#![expect(clippy::print_stdout, reason = "the program's purpose")]

use fakes::google::{GoogleServer, Options, Role};
use serde_json::json;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;

const LISTEN: &str = "127.0.0.1:8099";
/// Where `manage run` has its pages.
const REDIRECT: &str = "http://localhost:8081/auth/callback";
const DAY: i64 = 24 * 3600;

#[expect(
    clippy::disallowed_methods,
    reason = "a person's own clock is the one to go by here"
)]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let listener = TcpListener::bind(arguments.next().as_deref().unwrap_or(LISTEN)).await?;
    let mut redirect_uris: Vec<String> = arguments.collect();
    if redirect_uris.is_empty() {
        redirect_uris.push(REDIRECT.to_owned());
    }
    let google = GoogleServer::serve(
        listener,
        Options {
            redirect_uris,
            clock: Some(Arc::new(now)),
            leftovers_fail: false,
            ..Options::default()
        },
    );
    people(&google);
    for (name, value) in google.settings() {
        println!("export {name}={value}");
    }
    let (mut calls, mut violations) = (0, 0);
    loop {
        let news = |google: &GoogleServer| {
            let finished = google
                .calls()
                .iter()
                .skip(calls)
                .any(|call| call.status.is_some());
            finished || google.violations().len() > violations
        };
        tokio::select! {
            _ = google.wait_until(Duration::from_secs(3600), news) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
        for call in google.calls().iter().skip(calls) {
            let Some(status) = call.status else { break };
            println!("{status} {} {} {}", call.kind, call.target, call.account);
            calls += 1;
        }
        for violation in google.violations().iter().skip(violations) {
            println!("VIOLATION {violation}");
            violations += 1;
        }
    }
}

/// Ann with a dentist tomorrow at three and a stand-up on workdays, and Bob, whose busy times she may see.
fn people(google: &GoogleServer) {
    let ann = google.account("ann@example.com", "Europe/Berlin");
    let bob = google.account("bob@example.com", "America/New_York");
    let midnight = now() / DAY * DAY;
    let at = |days: i64, hour: i64| {
        let seconds = midnight + days * DAY + hour * 3600;
        json!({ "dateTime": text(seconds), "timeZone": "Europe/Berlin" })
    };
    ann.calendar()
        .adds(json!({ "summary": "Dentist", "start": at(1, 14), "end": at(1, 15) }));
    ann.calendar().adds(json!({
        "summary": "Stand-up", "start": at(0, 8), "end": at(0, 9),
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
    }));
    bob.calendar()
        .adds(json!({ "summary": "Away", "start": at(1, 16), "end": at(1, 20) }));
    bob.calendar().shares_with(&ann, Role::FreeBusyReader);
}

/// RFC 3339 in UTC.
fn text(seconds: i64) -> String {
    let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.to_rfc3339()
}
