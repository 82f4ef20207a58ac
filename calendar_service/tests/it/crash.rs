//! Killed between Google's answer and our record: after the retry, the change has happened once.
//!
//! The process that is killed knows no other clock than the system's, so that the world's begins there.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use calendar_client::{Client, EventPatch, PRIMARY, Scope, UpdateEvent};
use serde_json::json;
use service_kit::{Clock, SystemClock};
use test_support::{free_port, wait_until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

use crate::{
    support::{ENCRYPTION_KEY, KEY, World},
    writes::{delete, dentist, update},
};

/// Passes everything on to rest_service until somebody says that a change was made: that request it keeps.
async fn cut(rest: &Url) -> (Url, watch::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let to = format!("127.0.0.1:{}", rest.port().unwrap());
    let (held, is_held) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((inbound, _)) = listener.accept().await {
            let (to, held) = (to.clone(), held.clone());
            tokio::spawn(async move {
                let outbound = TcpStream::connect(to).await.unwrap();
                let (mut from_client, mut to_client) = inbound.into_split();
                let (mut from_server, mut to_server) = outbound.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
                let mut bytes = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
                    let text = String::from_utf8_lossy(&bytes[..count]);
                    if text.starts_with("PATCH ") && text.contains("/calendar_writes/") {
                        held.send_replace(true);
                        std::future::pending::<()>().await;
                    }
                    to_server.write_all(&bytes[..count]).await.unwrap();
                }
            });
        }
    });
    (url, is_held)
}

/// A calendar_service as a process of its own, killed at the end at the latest.
struct Service {
    process: Child,
    client: Client,
}

impl Service {
    async fn start(world: &World, rest: &Url) -> Self {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_calendar_service"));
        command
            .current_dir(world.files.path())
            .env_clear()
            .envs(world.google.settings())
            .env("CALENDAR_LISTEN", format!("127.0.0.1:{port}"))
            .env("GOOGLE_USERINFO_URL", world.google.userinfo_url())
            .env("ENCRYPTION_KEY", ENCRYPTION_KEY)
            .env("SERVICE_KEY", KEY)
            .env("REST_URL", rest.as_str())
            .env("BUS_URL", world.files.url("bus"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}").parse().unwrap();
        let client = Client::new(url, KEY.into()).unwrap();
        let service = Self { process, client };
        wait_until("the process to serve", Duration::from_secs(60), async || {
            service.client.account(world.user).await.is_ok()
        })
        .await;
        service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Begins a change in a process that is killed when Google has made it and nobody has recorded it.
async fn kill_in<T>(world: &World, change: impl AsyncFnOnce(&Client) -> T) {
    let (rest, mut is_held) = cut(&world.rest_url).await;
    let mut service = Service::start(world, &rest).await;
    let client = service.client.clone();
    tokio::select! {
        held = is_held.wait_for(|held| *held) => { held.unwrap(); }
        _ = change(&client) => panic!("the change was recorded before the process could be killed"),
    }
    service.process.kill().unwrap();
    service.process.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creation() {
    let world = World::start_at(&SystemClock.now().to_rfc3339(), "Europe/Berlin").await;
    let new = dentist("k1");
    kill_in(&world, async |client: &Client| {
        client.create(world.user, PRIMARY, &new).await
    })
    .await;
    assert_eq!(world.ann.calendar().events().len(), 1, "Google has made it");

    let made = world.client.create(world.user, PRIMARY, &new).await.unwrap();
    assert_eq!(world.ann.calendar().events().len(), 1);
    assert_eq!(world.ann.calendar().events()[0]["id"], made.event.id.as_str());
    world.client.undo(world.user, made.id).await.unwrap();
    assert!(world.ann.calendar().events().is_empty());
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_a_deletion_and_their_undoing() {
    let world = World::start_at(&SystemClock.now().to_rfc3339(), "Europe/Berlin").await;
    let made = world
        .client
        .create(world.user, PRIMARY, &dentist("k1"))
        .await
        .unwrap();
    let id = made.event.id.as_str();
    let change = update(
        "k2",
        EventPatch {
            title: Some("Doctor".to_owned()),
            ..EventPatch::default()
        },
    );
    kill_in(&world, async |client: &Client| {
        client.update(world.user, PRIMARY, id, &change).await
    })
    .await;
    let patches = world.google.calls_of("events.patch").len();
    let written = world
        .client
        .update(world.user, PRIMARY, id, &change)
        .await
        .unwrap();
    assert_eq!(written.event.title, "Doctor");
    assert_eq!(
        written.before.as_ref().unwrap().title,
        "Dentist",
        "not what the first try left"
    );
    let refused = &world.google.calls_of("events.patch")[patches..];
    assert!(
        refused.iter().all(|call| call.status == Some(412)),
        "the change is not made again"
    );

    kill_in(&world, async |client: &Client| {
        client.undo(world.user, written.id).await
    })
    .await;
    let undone = world.client.undo(world.user, written.id).await.unwrap();
    assert_eq!(undone.event.title, "Dentist");

    let deletion = delete("k3");
    kill_in(&world, async |client: &Client| {
        client.delete_event(world.user, PRIMARY, id, &deletion).await
    })
    .await;
    let deleted = world
        .client
        .delete_event(world.user, PRIMARY, id, &deletion)
        .await
        .unwrap();
    assert_eq!(deleted.event.title, "Dentist");
    kill_in(&world, async |client: &Client| {
        client.undo(world.user, deleted.id).await
    })
    .await;
    world.client.undo(world.user, deleted.id).await.unwrap();
    assert_eq!(world.ann.calendar().events().len(), 1);
    world.google.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_rest_of_a_series() {
    let world = World::start_at(&SystemClock.now().to_rfc3339(), "Europe/Berlin").await;
    let series = world.ann.calendar().adds(json!({
        "summary": "Stand-up",
        "start": {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T09:15:00+01:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=10"],
    }));
    let instance = format!("{series}_20261126T080000Z");
    let change = UpdateEvent {
        scope: Scope::ThisAndFollowing,
        ..update(
            "k1",
            EventPatch {
                title: Some("Sync".to_owned()),
                ..EventPatch::default()
            },
        )
    };
    kill_in(&world, async |client: &Client| {
        client.update(world.user, PRIMARY, &instance, &change).await
    })
    .await;
    let written = world
        .client
        .update(world.user, PRIMARY, &instance, &change)
        .await
        .unwrap();
    let rules: Vec<String> = world
        .ann
        .calendar()
        .events()
        .iter()
        .map(|event| {
            format!(
                "{}: {}",
                event["summary"].as_str().unwrap(),
                event["recurrence"][0].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert!(
        rules.contains(&"Stand-up: RRULE:FREQ=DAILY;UNTIL=20261126T075959Z".to_owned()),
        "{rules:?}"
    );
    assert!(
        rules.contains(&"Sync: RRULE:FREQ=DAILY;COUNT=7".to_owned()),
        "{rules:?}"
    );
    world.client.undo(world.user, written.id).await.unwrap();
    let events = world.ann.calendar().events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["recurrence"][0], "RRULE:FREQ=DAILY;COUNT=10");
    world.google.assert_clean();
}
