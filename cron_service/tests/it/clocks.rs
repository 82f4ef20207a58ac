//! Clocks that stop, jump and change: the real ticker, rest_service and bus, with the time held by the test.

use std::sync::Arc;

use bus::{Bus, BusOptions, Consumer, ConsumerOptions};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use cron_service::Ticker;
use messages::{Address, Channel, Event, TaskAction, TaskDueV1, Topic};
use rest_client::{Client, NewScheduledTask, NewUser, ScheduledTask, TaskListQuery, UserPatch, UserState};
use schedule::Schedule;
use service_kit::ManualClock;
use test_support::sqlite::TestFile;
use uuid::Uuid;

use crate::clean_up::{instant, rest};

struct World {
    rest: Client,
    ticker: Ticker,
    clock: ManualClock,
    inbox: Consumer,
    user: Uuid,
    _files: (TestFile, TestFile),
}

impl World {
    /// A user in Berlin, at an instant.
    async fn at(now: &str) -> Self {
        let (db, bus_file) = (TestFile::create(), TestFile::create());
        let bus_url = bus_file.url("bus");
        let bus = Bus::connect(&bus_url, BusOptions::default()).await.unwrap();
        let clock = ManualClock::at(instant(now));
        let rest = rest(&db, &bus_url, &clock).await;
        let inbox = bus
            .consumer(&Topic::ASSISTANT_INBOX, "assistant", ConsumerOptions::default())
            .await
            .unwrap();
        let new = NewUser {
            name: "Ada".to_owned(),
            locale: None,
            time_zone: Some("Europe/Berlin".to_owned()),
            role: None,
            state: Some(UserState::Active),
        };
        let user = rest.create_user(&new).await.unwrap().id;
        Self {
            ticker: Ticker::new(rest.clone(), bus.clone(), Arc::new(clock.clone())),
            rest,
            clock,
            inbox,
            user,
            _files: (db, bus_file),
        }
    }

    async fn sets(&self, schedule: Schedule) -> ScheduledTask {
        let new = NewScheduledTask {
            action: TaskAction::Remind,
            text: "tea".to_owned(),
            schedule,
            time_zone: None,
            to: Address {
                channel: Channel::Api,
                chat: self.user.to_string(),
            },
            from_outside: false,
            idempotency_key: None,
        };
        self.rest.create_task(self.user, &new).await.unwrap()
    }

    /// Looks for what is due at an instant; what was put on the bus.
    async fn looks_at(&mut self, now: &str) -> Vec<TaskDueV1> {
        self.clock.set(instant(now));
        let mut fired = Vec::new();
        for _ in 0..self.ticker.tick().await.unwrap() {
            let delivery = self.inbox.next().await.unwrap();
            match delivery.envelope().event.clone() {
                Event::TaskDueV1(due) => fired.push(due),
                other => panic!("{other:?}"),
            }
            delivery.ack().await.unwrap();
        }
        fired
    }

    async fn next(&self) -> Option<DateTime<Utc>> {
        let tasks = self
            .rest
            .tasks(self.user, &TaskListQuery::default())
            .await
            .unwrap();
        tasks.items.first().unwrap().next_run_at
    }
}

fn daily(hour: u32, minute: u32) -> Schedule {
    Schedule::Daily {
        times: vec![NaiveTime::from_hms_opt(hour, minute, 0).unwrap()],
        cycle: None,
    }
}

fn planned(fired: &[TaskDueV1]) -> Vec<(String, i64, u32)> {
    fired
        .iter()
        .map(|due| {
            let late = (due.fired_at - due.scheduled_for).num_seconds();
            (due.scheduled_for.format("%d %H:%M").to_string(), late, due.missed)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn down_for_an_hour() {
    let mut world = World::at("2026-11-20T11:00:00Z").await;
    world
        .sets(Schedule::Once {
            at: instant("2026-11-20T11:10:00Z"),
        })
        .await;
    world
        .sets(Schedule::Every {
            seconds: 600,
            anchor: instant("2026-11-20T11:20:00Z"),
            until: None,
        })
        .await;
    assert_eq!(planned(&world.looks_at("2026-11-20T11:09:59Z").await), []);
    // Nobody looks for an hour: what happens once comes late, what repeats comes once, with how many were missed.
    let mut fired = planned(&world.looks_at("2026-11-20T12:15:00Z").await);
    fired.sort();
    assert_eq!(
        fired,
        [("20 11:10".to_owned(), 3900, 0), ("20 11:20".to_owned(), 3300, 5)]
    );
    assert_eq!(planned(&world.looks_at("2026-11-20T12:19:59Z").await), []);
    assert_eq!(
        planned(&world.looks_at("2026-11-20T12:20:00Z").await),
        [("20 12:20".to_owned(), 0, 0)]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn set_back_and_forth() {
    let mut world = World::at("2026-11-20T07:59:00Z").await;
    world.sets(daily(9, 0)).await;
    assert_eq!(
        planned(&world.looks_at("2026-11-20T08:00:00Z").await),
        [("20 08:00".to_owned(), 0, 0)]
    );
    // Back by an hour, and through nine o'clock once more: it was said already.
    for again in [
        "2026-11-20T07:00:00Z",
        "2026-11-20T08:00:00Z",
        "2026-11-20T09:00:00Z",
    ] {
        assert_eq!(planned(&world.looks_at(again).await), [], "{again}");
    }
    // Two days ahead: as if nobody had looked for two days.
    assert_eq!(
        planned(&world.looks_at("2026-11-22T10:00:00Z").await),
        [("21 08:00".to_owned(), 93_600, 1)]
    );
    // And back: nothing comes twice, and the next one is the day after.
    assert_eq!(planned(&world.looks_at("2026-11-20T10:00:00Z").await), []);
    assert_eq!(planned(&world.looks_at("2026-11-21T10:00:00Z").await), []);
    assert_eq!(planned(&world.looks_at("2026-11-22T10:00:00Z").await), []);
    assert_eq!(
        planned(&world.looks_at("2026-11-23T08:00:00Z").await),
        [("23 08:00".to_owned(), 0, 0)]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zone_is_changed_in_the_middle_of_a_series() {
    let mut world = World::at("2026-11-20T07:59:00Z").await;
    world.sets(daily(9, 0)).await;
    assert_eq!(
        planned(&world.looks_at("2026-11-20T08:00:00Z").await),
        [("20 08:00".to_owned(), 0, 0)]
    );
    let moved = UserPatch {
        time_zone: Some("Asia/Tokyo".to_owned()),
        ..UserPatch::default()
    };
    world.rest.update_user(world.user, &moved).await.unwrap();
    // Nine o'clock in Tokyo is midnight UTC.
    assert_eq!(world.next().await, Some(instant("2026-11-21T00:00:00Z")));
    assert_eq!(
        planned(&world.looks_at("2026-11-21T00:00:00Z").await),
        [("21 00:00".to_owned(), 0, 0)]
    );
    let back = UserPatch {
        time_zone: Some("Europe/Berlin".to_owned()),
        ..UserPatch::default()
    };
    world.rest.update_user(world.user, &back).await.unwrap();
    // Home again on the same morning: nine o'clock of that day lies ahead there.
    assert_eq!(world.next().await, Some(instant("2026-11-21T08:00:00Z")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_both_changes_of_the_clocks() {
    let mut world = World::at("2026-03-27T12:00:00Z").await;
    world.sets(daily(2, 30)).await;
    let mut fired = Vec::new();
    // A look each half hour, over the night when 02:30 does not exist.
    let mut now = instant("2026-03-27T23:00:00Z");
    while now < instant("2026-03-31T00:00:00Z") {
        fired.extend(planned(&world.looks_at(&now.to_rfc3339()).await));
        now += TimeDelta::minutes(30);
    }
    // 02:30, then 03:30 of summer time, then 02:30.
    assert_eq!(
        fired,
        [
            ("28 01:30".to_owned(), 0, 0),
            ("29 01:30".to_owned(), 0, 0),
            ("30 00:30".to_owned(), 0, 0)
        ]
    );
    world.looks_at("2026-10-23T12:00:00Z").await;
    let mut fired = Vec::new();
    let mut now = instant("2026-10-23T23:00:00Z");
    while now < instant("2026-10-27T00:00:00Z") {
        fired.extend(planned(&world.looks_at(&now.to_rfc3339()).await));
        now += TimeDelta::minutes(30);
    }
    // The night when 02:30 comes twice: the first one.
    assert_eq!(
        fired,
        [
            ("24 00:30".to_owned(), 0, 0),
            ("25 00:30".to_owned(), 0, 0),
            ("26 01:30".to_owned(), 0, 0)
        ]
    );
}
