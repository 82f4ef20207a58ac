//! `kill -9` at any moment: it starts again, and no acknowledged write is missing.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rest_client::{Client, NewUser};
use uuid::Uuid;

use crate::process::Place;

/// How often the process is killed.
const KILLS: usize = 20;

/// How many clients write side by side.
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_missing_after_twenty_kills() {
    let place = Place::new();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for kill in 0..KILLS {
        let running = place.run();
        let client = place.client(&running);
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                tokio::spawn(write(
                    client.clone(),
                    format!("{kill}-{writer}"),
                    acknowledged.clone(),
                    stop.clone(),
                ))
            })
            .collect();
        // Killed after so many more writes, so that the moment differs each time and there is always something
        // to lose.
        let goal = acknowledged.lock().unwrap().len() + 1 + kill * 3;
        test_support::wait_until("some writes", Duration::from_secs(30), async || {
            acknowledged.lock().unwrap().len() >= goal
        })
        .await;
        running.kill();
        stop.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let running = place.run();
    let client = place.client(&running);
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > KILLS * 10, "{} writes", acknowledged.len());
    for (id, name) in acknowledged {
        let user = client
            .user(id)
            .await
            .unwrap_or_else(|error| panic!("{name} is lost: {error}"));
        assert_eq!(user.name, name);
    }
    assert_eq!(running.stop(), Some(0));
}

async fn write(
    client: Client,
    writer: String,
    acknowledged: Arc<Mutex<Vec<(Uuid, String)>>>,
    stop: Arc<AtomicBool>,
) {
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let name = format!("user {writer} {n}");
        let new = NewUser {
            name: name.clone(),
            ..new_user()
        };
        if let Ok(user) = client.create_user(&new).await {
            acknowledged.lock().unwrap().push((user.id, name));
        }
    }
}

fn new_user() -> NewUser {
    serde_json::from_value(serde_json::json!({ "name": "x" })).unwrap()
}
