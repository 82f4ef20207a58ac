//! `manage calendar`: who is connected, and a new key for what is stored of them.

use std::{process::Output, sync::Arc};

use calendar_client::{AccountStatus, AgendaQuery, NewLink};
use fakes::google::{GoogleServer, Options};
use messages::{Address, Channel};
use rest_client::NewUser;
use service_kit::{Clock, SystemClock};
use test_support::free_port;
use url::Url;
use uuid::Uuid;

use crate::{
    browser::Browser,
    process::{Place, Running},
};

/// A data folder with a user whose calendar is at a fake Google.
struct Office {
    place: Place,
    google: GoogleServer,
    ann: Uuid,
}

impl Office {
    /// Ann is connected; nothing runs any more.
    async fn new() -> Self {
        let google = GoogleServer::start_with(Options {
            clock: Some(Arc::new(|| SystemClock.now().timestamp())),
            ..Options::default()
        })
        .await;
        let mut place = Place::new();
        for (name, value) in google.settings() {
            place = place.with(name, value);
        }
        let running = place.run();
        let new = NewUser {
            name: "Ann".to_owned(),
            locale: None,
            time_zone: None,
            role: None,
            state: None,
        };
        let ann = place.client(&running).create_user(&new).await.unwrap().id;
        let reply_to = Address {
            channel: Channel::Api,
            chat: ann.to_string(),
        };
        let office = Self { place, google, ann };
        let calendar = office.calendar(&running);
        let link = calendar.link(ann, &NewLink { reply_to }).await.unwrap().url;
        // Without CALENDAR_PUBLIC_URL the pages are at localhost, which Google takes without TLS.
        let callback = link.join("/auth/callback").unwrap();
        assert_eq!(callback.host_str(), Some("localhost"));
        office.google.registers_redirect(callback.as_str());
        let _account = office.google.account("ann@example.com", "Europe/Berlin");
        let done = Browser::default().connects(&link, "ann@example.com").await;
        assert_eq!(done.status, 200, "{done:?}");
        assert_eq!(running.stop(), Some(0));
        office
    }

    /// The way to the calendar_service of a running process.
    fn calendar(&self, running: &Running) -> calendar_client::Client {
        let mut lines = running.said.iter();
        let url: Url = lines
            .find_map(|line| line.trim().strip_prefix("calendar"))
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        calendar_client::Client::new(url, self.secret("SERVICE_KEY").unwrap().into()).unwrap()
    }

    fn secrets(&self) -> String {
        std::fs::read_to_string(self.place.data().join("secrets.env")).unwrap()
    }

    fn secret(&self, name: &str) -> Option<String> {
        let secrets = self.secrets();
        let value = secrets
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    }

    /// Writes other keys into the data folder.
    fn has_keys(&self, key: &str, old: Option<&str>) {
        let secrets = self.secrets();
        let mut lines: Vec<String> = secrets
            .lines()
            .filter(|line| !line.starts_with("ENCRYPTION_KEY"))
            .map(str::to_owned)
            .collect();
        lines.push(format!("ENCRYPTION_KEY={key}"));
        lines.extend(old.map(|old| format!("ENCRYPTION_KEY_OLD={old}")));
        std::fs::write(self.place.data().join("secrets.env"), lines.join("\n") + "\n").unwrap();
    }

    fn rotates(&self) -> String {
        said(&self.place.output(&["calendar", "rotate-key"]))
    }

    /// What `manage calendar accounts` lists beside a running process.
    fn accounts(&self, running: &Running, args: &[&str]) -> Output {
        self.place
            .manage(&[&["calendar", "accounts"], args].concat())
            .env("REST_URL", &running.rest_url)
            .output()
            .unwrap()
    }

    /// Whether Ann's calendar can be read.
    async fn is_read(&self, running: &Running) -> bool {
        let calendar = self.calendar(running);
        calendar.agenda(self.ann, &AgendaQuery::default()).await.is_ok()
    }
}

fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line on standard error of a call that failed.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// The id of the key in the last line of a list.
fn listed_key(list: &str) -> String {
    list.trim_end().rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_listed_with_their_states_and_keys() {
    let office = Office::new().await;
    let running = office.place.run();
    let list = said(&office.accounts(&running, &[]));
    let lines: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["USER", "ACCOUNT", "STATE", "KEY"]);
    assert_eq!(lines[1][..3], ["Ann", "ann@example.com", "connected"], "{list}");
    assert_eq!(lines.len(), 2);
    let json = said(&office.accounts(&running, &["--json"]));
    let entry: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&entry["email"], &entry["key_id"]),
        (&"ann@example.com".into(), &listed_key(&list).into())
    );
    for output in [&list, &json] {
        assert!(!output.contains(&office.secret("ENCRYPTION_KEY").unwrap()) && !output.contains("1//"));
    }

    // Google ends it: whoever looks, sees it.
    office
        .google
        .account("ann@example.com", "Europe/Berlin")
        .removes_app();
    assert!(!office.is_read(&running).await);
    let list = said(&office.accounts(&running, &[]));
    assert!(list.contains("reconnect needed"), "{list}");

    let calendar = office.calendar(&running);
    calendar.disconnect(office.ann).await.unwrap();
    let client = office.place.client(&running);
    test_support::wait_until("it is erased", std::time::Duration::from_secs(60), async || {
        client.calendar_account(office.ann).await.is_err()
    })
    .await;
    let none = said(&office.accounts(&running, &[]));
    assert_eq!(none.lines().count(), 1, "{none}");
    assert!(none.starts_with("No calendar is connected."), "{none}");
    assert_eq!(said(&office.accounts(&running, &["--json"])), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_takes_the_old_ones_place_and_everybody_stays_connected() {
    let office = Office::new().await;
    let first = office.secret("ENCRYPTION_KEY").unwrap();
    let running = office.place.run();
    let before = listed_key(&said(&office.accounts(&running, &[])));
    // Beside a running process it does nothing.
    let refused = complaint(&office.place.output(&["calendar", "rotate-key"]));
    assert!(
        refused.contains("is using the data folder") && refused.contains("stop it first"),
        "{refused}"
    );
    assert_eq!(office.secret("ENCRYPTION_KEY").unwrap(), first);
    assert_eq!(running.stop(), Some(0));

    let text = office.rotates();
    assert!(
        text.contains("1 looked at, 1 encrypted anew") && text.contains("Keep the old key"),
        "{text}"
    );
    let second = office.secret("ENCRYPTION_KEY").unwrap();
    assert!(second != first && !text.contains(&second) && !text.contains(&first));
    assert_eq!(office.secret("ENCRYPTION_KEY_OLD").unwrap(), first);
    let running = office.place.run();
    let after = listed_key(&said(&office.accounts(&running, &[])));
    assert_ne!(after, before);
    assert!(text.contains(&after), "{text}");
    assert!(office.is_read(&running).await);
    assert_eq!(running.stop(), Some(0));

    // Without the old key, and once more.
    office.has_keys(&second, None);
    office.rotates();
    let running = office.place.run();
    assert!(office.is_read(&running).await);
    let list = said(&office.accounts(&running, &[]));
    assert!(list.contains("connected") && listed_key(&list) != after, "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_was_killed_is_finished_before_another_begins() {
    let office = Office::new().await;
    let first = office.secret("ENCRYPTION_KEY").unwrap();
    // Killed when the new key was written and nothing encrypted with it yet.
    let second = "ab".repeat(32);
    office.has_keys(&second, Some(&first));
    let text = office.rotates();
    assert!(
        text.contains("1 encrypted anew") && text.contains("had been interrupted"),
        "{text}"
    );
    assert_eq!(office.secret("ENCRYPTION_KEY").unwrap(), second);
    let text = office.rotates();
    assert!(text.contains("new key"), "{text}");
    assert_ne!(office.secret("ENCRYPTION_KEY").unwrap(), second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_is_told_and_nothing_is_lost_when_it_comes_back() {
    let office = Office::new().await;
    let lost = office.secret("ENCRYPTION_KEY").unwrap();
    office.has_keys(&"cd".repeat(32), None);
    let output = office.place.output(&["calendar", "rotate-key"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success()
            && text.contains("1 were encrypted with a key that is not here: put it into ENCRYPTION_KEY_OLD"),
        "{text}"
    );
    let log = String::from_utf8(output.stderr).unwrap();
    let key_id = log.split("encrypted with the key ").nth(1).unwrap();
    let key_id = key_id.split(',').next().unwrap();
    let running = office.place.run();
    let account = office.calendar(&running).account(office.ann).await.unwrap();
    assert_eq!(account.status, AccountStatus::ReconnectNeeded);
    let list = said(&office.accounts(&running, &[]));
    assert_eq!(listed_key(&list), key_id);
    assert_eq!(running.stop(), Some(0));

    let current = office.secret("ENCRYPTION_KEY").unwrap();
    office.has_keys(&current, Some(&lost));
    let running = office.place.run();
    assert!(office.is_read(&running).await);
    assert_eq!(running.stop(), Some(0));

    // From the environment too, whatever earlier key the folder has.
    office.has_keys(&current, Some(&"cd".repeat(32)));
    let output = office
        .place
        .manage(&["calendar", "rotate-key"])
        .env("ENCRYPTION_KEY_OLD", &lost)
        .output()
        .unwrap();
    assert!(said(&output).contains("1 encrypted anew"));
    let running = office.place.run();
    assert!(office.is_read(&running).await);
    assert_ne!(listed_key(&said(&office.accounts(&running, &[]))), key_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_run_elsewhere_are_told_how_they_get_a_key() {
    let office = Office::new().await;
    let first = office.secret("ENCRYPTION_KEY").unwrap();
    let elsewhere = |office: &Office, running: &Running| {
        let lines = running.said.iter();
        let url = lines
            .filter_map(|line| line.trim().strip_prefix("calendar"))
            .next()
            .unwrap();
        let args = ["calendar", "rotate-key", "--calendar-url", url.trim()];
        said(&office.place.output(&args))
    };
    let running = office.place.run();
    let text = elsewhere(&office, &running);
    assert!(
        text.contains("Nothing was to be done") && text.contains("openssl rand -hex 32"),
        "{text}"
    );
    assert_eq!(running.stop(), Some(0));
    office.has_keys(&"ef".repeat(32), Some(&first));
    let running = office.place.run();
    let text = elsewhere(&office, &running);
    assert!(
        text.contains("1 encrypted anew") && !text.contains("Nothing was to be done"),
        "{text}"
    );
    assert!(office.is_read(&running).await);
}

#[test]
fn what_cannot_be_is_one_clear_line() {
    let place = Place::new();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let run = |args: &[&str]| complaint(&place.output(&[&["calendar"], args].concat()));
    for (args, words) in [
        (&["accounts"][..], "no key is in the data folder data"),
        (&["rotate-key"], "is not the data folder of `manage run`"),
        (
            &["accounts", "--service-key", "k", "--rest-url", &nobody],
            "cannot list the accounts at",
        ),
        (
            &["rotate-key", "--service-key", "k", "--calendar-url", &nobody],
            "does not answer; see that it runs, and run this again",
        ),
    ] {
        let text = run(args);
        assert!(
            text.starts_with("error: ") && text.contains(words),
            "{args:?}: {text}"
        );
    }
    for args in [
        &["rotate-key", "--calendar-url", "ftp://x"][..],
        &["rotate-key", "now"],
        &["account"],
        &["accounts", "--rest-url", "here"],
        &[],
    ] {
        let output = place.output(&[&["calendar"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    let running = place.run();
    let wrong = place
        .manage(&["calendar", "accounts", "--service-key", "a-key-that-fits-nothing"])
        .env("REST_URL", &running.rest_url)
        .output()
        .unwrap();
    let text = complaint(&wrong);
    assert!(text.contains("key"), "{text}");
}
