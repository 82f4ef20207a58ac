//! Measures what is asked most with 1,000 users, 10,000 messages and as many tasks, and again with a hundred times as many, on PostgreSQL and on SQLite: `cargo bench -p rest_service`. docs/performance.md says what came out.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends when something fails"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Command, FromArgMatches};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use indicatif::{ProgressBar, ProgressStyle};
use messages::EventId;
use rest_client::{
    ClaimTasks, Client, ContextQuery, DEFAULT_ASSISTANT, MessageRole, NewMessage, NewTurn, PageQuery,
    TurnStatus, UserListQuery,
};
use rest_service::{Db, Settings};
use service_kit::{Lifecycle, ManualClock, http};
use test_support::postgres::TestPostgres;
use tokio::net::TcpListener;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// How many users there are, small and large; each has a thread of ten messages, and ten tasks
/// that are not due.
const SIZES: [u64; 2] = [1_000, 100_000];

/// The first user has this part of all the messages besides, in one more thread.
const LONG: u64 = 10;

/// How often each call is measured, after some that are not.
const CALLS: usize = 300;
const WARM_UP: usize = 30;

/// How many users are filled in at a time.
const BATCH: u64 = 1_000;

const KEY: &str = "a-service-key-for-the-benchmark";

/// One call's times, sorted.
struct Times {
    name: &'static str,
    sorted: Vec<Duration>,
}

#[tokio::main]
async fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    for kind in ["postgres", "sqlite"] {
        // Cargo adds flags of its own, such as `--bench`.
        let is_chosen = chosen.iter().all(|arg| arg.starts_with('-')) || chosen.iter().any(|arg| arg == kind);
        if is_chosen {
            let mut both = Vec::new();
            for users in SIZES {
                both.push(measure(kind, users).await);
            }
            print_table(kind, &both);
        }
    }
}

/// Fills a new database and measures the calls.
async fn measure(kind: &str, users: u64) -> Vec<Times> {
    // On the disk that the build is on: /tmp may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let postgres = match kind {
        "postgres" => Some(TestPostgres::start().await),
        _ => None,
    };
    let url = postgres
        .as_ref()
        .map_or_else(|| file("data.db"), |server| server.url().to_owned());
    Db::open(&url, 1).await.unwrap().migrate().await.unwrap();
    let bar = ProgressBar::new(users);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len} users");
    bar.set_style(style.unwrap());
    bar.set_message(format!("filling {kind}"));
    match &postgres {
        Some(server) => fill_postgres(server.url(), users, &bar).await,
        None => fill_sqlite(&url, users, &bar),
    }
    bar.finish_and_clear();

    http::install_tls();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // With the defaults that an installation has.
    let arguments = [
        "--database-url",
        &url,
        "--bus-url",
        &file("bus.db"),
        "--service-key",
        KEY,
    ];
    let command = Settings::augment_args(Command::new("rest_service").no_binary_name(true));
    let settings = Settings::from_arg_matches(&command.get_matches_from(arguments)).unwrap();
    let clock = ManualClock::at(now());
    let (lifecycle, _) = Lifecycle::new(Arc::new(clock.clone()));
    let life = lifecycle.clone();
    let server = tokio::spawn(async move { rest_service::serve(settings, listener, life).await });
    let client = Client::new(format!("http://{address}").parse().unwrap(), KEY.into()).unwrap();
    let times = all_calls(&client, &clock, users).await;
    lifecycle.stop();
    server.await.unwrap().unwrap();
    times
}

async fn all_calls(client: &Client, clock: &ManualClock, users: u64) -> Vec<Times> {
    let mut times = Vec::new();
    let page = UserListQuery::default();
    times.push(
        timed("list users: the first page", async |_| {
            assert_eq!(client.users(&page).await.unwrap().items.len(), 50);
        })
        .await,
    );
    let middle = cursors_to_the_middle(client, users).await;
    times.push(
        timed("list users: a page in the middle", async |n| {
            let page = UserListQuery {
                cursor: Some(middle[middle.len() - 1 - n % middle.len().min(100)].clone()),
                ..UserListQuery::default()
            };
            assert_eq!(client.users(&page).await.unwrap().items.len(), 50);
        })
        .await,
    );
    times.push(
        timed("list messages: anybody's thread", async |n| {
            let n = pick(users, n);
            let of = PageQuery::default();
            let page = client.messages(id("1", n), id("2", n), &of).await.unwrap();
            assert_eq!(page.items.len(), 10);
        })
        .await,
    );
    let long = users * 10 / LONG;
    times.push(
        timed("list messages: in the middle of the long thread", async |n| {
            let of = PageQuery {
                cursor: Some((pick(long - 100, n)).to_string()),
                limit: None,
            };
            let page = client.messages(id("1", 0), id("6", 0), &of).await.unwrap();
            assert_eq!(page.items.len(), 50);
        })
        .await,
    );
    let context = async |user: u64, conversation: &str, found: usize| {
        let query = ContextQuery {
            conversation: conversation.to_owned(),
            event_id: EventId::new("new"),
            limit: None,
            known_thread: None,
            known_seq: None,
        };
        let context = client.context(id("1", user), &query).await.unwrap();
        assert_eq!(context.messages.len(), found);
    };
    times.push(
        timed("context: anybody's", async |n| {
            context(pick(users, n), "c", 10).await;
        })
        .await,
    );
    times.push(
        timed("context: of the long thread", async |_| {
            context(0, "long", 50).await;
        })
        .await,
    );
    times.push(
        timed("turn: anybody's", async |n| {
            let turn = turn(format!("anybody:{n}"), "c");
            client.create_turn(id("1", pick(users, n)), &turn).await.unwrap();
        })
        .await,
    );
    times.push(
        timed("turn: in the long thread", async |n| {
            let turn = turn(format!("long:{n}"), "long");
            client.create_turn(id("1", 0), &turn).await.unwrap();
        })
        .await,
    );
    let claim = async |found: usize| {
        let ask = ClaimTasks {
            limit: 10,
            lease_seconds: 1,
        };
        assert_eq!(client.claim_tasks(&ask).await.unwrap().tasks.len(), found);
    };
    times.push(timed("claim: nothing is due", async |_| claim(0).await).await);
    // A hundred are due from here on; the leases of the last claim are over at the next.
    clock.advance(TimeDelta::days(365) + TimeDelta::seconds(100));
    times.push(
        timed("claim: 10 of 100 that are due", async |_| {
            clock.advance(TimeDelta::milliseconds(150));
            claim(10).await;
        })
        .await,
    );
    times
}

/// The cursors of the list of users, from the first page to the one in the middle.
async fn cursors_to_the_middle(client: &Client, users: u64) -> Vec<String> {
    const PAGE: u32 = 200;
    let mut page = UserListQuery {
        limit: Some(PAGE),
        ..UserListQuery::default()
    };
    let mut cursors = Vec::new();
    while (cursors.len() as u64) < users / 2 / u64::from(PAGE) {
        let cursor = client.users(&page).await.unwrap().next_cursor.unwrap();
        page.cursor = Some(cursor.clone());
        cursors.push(cursor);
    }
    cursors
}

/// Measures a call, with the number of each.
async fn timed(name: &'static str, call: impl AsyncFn(usize)) -> Times {
    let mut sorted = Vec::new();
    for n in 0..WARM_UP + CALLS {
        let started = Instant::now();
        call(n).await;
        if n >= WARM_UP {
            sorted.push(started.elapsed());
        }
    }
    sorted.sort();
    Times { name, sorted }
}

fn print_table(kind: &str, both: &[Vec<Times>]) {
    let [small, large] = both else { return };
    let of = |times: &Times, percent: usize| percentile(&times.sorted, percent).as_secs_f64() * 1000.0;
    println!("\n| {kind} | 10,000 messages: median, p99 | 1,000,000: median, p99 | ratio of the medians |");
    println!("|---|---|---|---|");
    for (small, large) in small.iter().zip(large) {
        println!(
            "| {} | {:.2} ms, {:.2} ms | {:.2} ms, {:.2} ms | {:.2} |",
            small.name,
            of(small, 50),
            of(small, 99),
            of(large, 50),
            of(large, 99),
            of(large, 50) / of(small, 50),
        );
    }
}

/// The value that `percent` of the sorted ones are at or below (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

/// A number below `count` that differs from call to call.
fn pick(count: u64, n: usize) -> u64 {
    (n as u64 * 7_919) % count
}

/// The id of a row: the kind of row, and its number. They sort by their numbers, as those of the service do by time.
fn id(kind: &str, n: u64) -> Uuid {
    format!("01980000-0000-7000-800{kind}-{n:012x}").parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn turn(event: String, conversation: &str) -> NewTurn {
    let message = |role, content: &str| NewMessage {
        role,
        content: content.to_owned(),
        tool_calls: None,
        tool_call_id: None,
        from_outside: false,
    };
    NewTurn {
        event_id: EventId::new(event),
        conversation: conversation.to_owned(),
        assistant_id: DEFAULT_ASSISTANT,
        thread_id: None,
        status: TurnStatus::Completed,
        messages: vec![
            message(MessageRole::User, "What is the weather?"),
            message(MessageRole::Assistant, "It is fine."),
        ],
        replies: Vec::new(),
        covers: Vec::new(),
        sub_turns: Vec::new(),
        model: None,
        prompt_tokens: 0,
        completion_tokens: 0,
        model_calls: 1,
        cost: rest_client::TurnCost::default(),
        error: None,
        started_at: now(),
        finished_at: now(),
    }
}

async fn fill_postgres(url: &str, users: u64, bar: &ProgressBar) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let dialect = Dialect {
        id: |kind, n| format!("('01980000-0000-7000-800{kind}-' || lpad(to_hex({n}), 12, '0'))::uuid"),
        now: "'2026-11-20T12:00:00Z'".to_owned(),
        due: "'2027-11-20T12:00:00Z'::timestamptz + n * interval '1 second' + (m - 1) * interval '1 year'"
            .to_owned(),
        series: |n, from, to| {
            format!("(SELECT {n}::bigint FROM generate_series({from}, {to}) AS {n}) AS of_{n}")
        },
        assistant: format!("'{DEFAULT_ASSISTANT}'"),
    };
    for from in (0..users).step_by(usize::try_from(BATCH).unwrap()) {
        client.batch_execute(&dialect.batch(from)).await.unwrap();
        bar.inc(BATCH);
    }
    client
        .batch_execute(&dialect.long(users * 10 / LONG))
        .await
        .unwrap();
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
}

fn fill_sqlite(url: &str, users: u64, bar: &ProgressBar) {
    let mut connection = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    let micros = now().timestamp_micros();
    let due = (now() + TimeDelta::days(365)).timestamp_micros();
    let dialect = Dialect {
        id: |kind, n| format!("unhex('0198000000007000800{kind}' || printf('%012x', {n}))"),
        now: micros.to_string(),
        due: format!("{due} + n * 1000000 + (m - 1) * 31536000000000"),
        series: |n, from, to| {
            format!(
                "(WITH RECURSIVE s({n}) AS (SELECT {from} UNION ALL SELECT {n} + 1 FROM s WHERE {n} < {to}) SELECT {n} FROM s) AS of_{n}"
            )
        },
        assistant: format!("X'{}'", DEFAULT_ASSISTANT.simple()),
    };
    for from in (0..users).step_by(usize::try_from(BATCH).unwrap()) {
        let batch = format!("BEGIN; {} COMMIT;", dialect.batch(from));
        connection.batch_execute(&batch).unwrap();
        bar.inc(BATCH);
    }
    let long = format!("BEGIN; {} COMMIT;", dialect.long(users * 10 / LONG));
    connection.batch_execute(&long).unwrap();
    connection.batch_execute("ANALYZE").unwrap();
}

/// What the databases write in different ways.
struct Dialect {
    /// The id of the row `n` of a kind.
    id: fn(&str, &str) -> String,
    now: String,
    /// When the `m`-th task of the user `n` is due; the first of each in a year and some seconds, the others later.
    due: String,
    /// The numbers from one to the other, by a name.
    series: fn(&str, u64, u64) -> String,
    assistant: String,
}

impl Dialect {
    /// A batch of users, each with a thread, a turn, ten messages and ten tasks.
    fn batch(&self, from: u64) -> String {
        let series = (self.series)("n", from, from + BATCH - 1);
        let ten = (self.series)("m", 1, 10);
        let (user, thread, turn, task) = (
            (self.id)("1", "n"),
            (self.id)("2", "n"),
            (self.id)("3", "n"),
            (self.id)("4", "(n * 10 + m)"),
        );
        let message = (self.id)("5", "(n * 10 + m)");
        let Self {
            now, due, assistant, ..
        } = self;
        format!(
            "INSERT INTO users (id, name, locale, time_zone, role, state, created_at, updated_at)
                SELECT {user}, 'user ' || n, 'en', 'UTC', 'member', 'active', {now}, {now} FROM {series};
            INSERT INTO threads (id, user_id, assistant_id, conversation, last_seq, created_at, updated_at)
                SELECT {thread}, {user}, {assistant}, 'c', 10, {now}, {now} FROM {series};
            INSERT INTO turns (id, event_id, user_id, thread_id, status, replies, prompt_tokens, completion_tokens, model_calls, started_at, finished_at)
                SELECT {turn}, 'e' || n, {user}, {thread}, 'completed', '[]', 0, 0, 0, {now}, {now} FROM {series};
            INSERT INTO messages (id, user_id, thread_id, turn_id, seq, role, content, created_at)
                SELECT {message}, {user}, {thread}, {turn}, m, 'user', 'This is what a message may be about, in one sentence or in two.', {now} FROM {series}, {ten};
            INSERT INTO scheduled_tasks (id, user_id, action, text, schedule, time_zone, status, next_run_at, channel, chat, created_at, updated_at)
                SELECT {task}, {user}, 'remind', 'x', '{{\"kind\": \"daily\", \"times\": [\"09:00\"]}}', 'UTC', 'active', {due}, 'telegram', '1', {now}, {now} FROM {series}, {ten};"
        )
    }

    /// The long thread of the first user.
    fn long(&self, messages: u64) -> String {
        let series = (self.series)("n", 1, messages);
        let (user, thread, turn) = ((self.id)("1", "0"), (self.id)("6", "0"), (self.id)("7", "0"));
        let message = (self.id)("8", "n");
        let Self { now, assistant, .. } = self;
        format!(
            "INSERT INTO threads (id, user_id, assistant_id, conversation, last_seq, created_at, updated_at)
                VALUES ({thread}, {user}, {assistant}, 'long', {messages}, {now}, {now});
            INSERT INTO turns (id, event_id, user_id, thread_id, status, replies, prompt_tokens, completion_tokens, model_calls, started_at, finished_at)
                VALUES ({turn}, 'long', {user}, {thread}, 'completed', '[]', 0, 0, 0, {now}, {now});
            INSERT INTO messages (id, user_id, thread_id, turn_id, seq, role, content, created_at)
                SELECT {message}, {user}, {thread}, {turn}, n, 'user', 'One of very many.', {now} FROM {series};"
        )
    }
}
