//! `manage doctor`: a good system is all green in time, and each fault that was planted is named with how to fix it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::Output,
    time::{Duration, Instant},
};

use bus::{Bus, BusOptions, ConsumerOptions};
use fakes::{
    google::GoogleServer,
    openai::{self, OpenAiServer},
    telegram::TelegramServer,
};
use messages::{Address, Channel, Envelope, Event, EventId, ReplyDeltaV1, Topic, TraceId};
use serde_json::Value;
use test_support::{free_port, postgres::TestSchema, redis::TestRedis, wait_until};

use crate::process::{Place, Running};

/// What the command promises, for all checks together.
const PROMISE: Duration = Duration::from_secs(5);

const KEY: &str = "4dbb8a0f7d6c4b0f8f1f1c3d5c0f9d6e4dbb8a0f7d6c4b0f8f1f1c3d5c0f9d6e";

/// What is outside of an installation, all of it well.
struct Outside {
    telegram: TelegramServer,
    model: OpenAiServer,
    google: GoogleServer,
}

impl Outside {
    async fn start() -> Self {
        let model = openai::Options {
            key: Some("sk-right".to_owned()),
            models: vec!["gpt-4.1-mini".to_owned(), "home-made".to_owned()],
            ..openai::Options::default()
        };
        let outside = Self {
            telegram: TelegramServer::start().await,
            model: OpenAiServer::start_with(model).await,
            google: GoogleServer::start().await,
        };
        // A model that does as it is told.
        outside
            .model
            .answers_with(|request| match request.tool_names().first() {
                Some(name) => openai::Step::tool_call(name, serde_json::json!({ "number": 7 })),
                None => openai::Step::text("Hello!"),
            });
        outside
            .google
            .registers_redirect("http://localhost:8081/auth/callback");
        outside
    }

    /// A place whose settings lead there.
    fn place(&self) -> Place {
        let mut place = Place::new()
            .with("TELEGRAM_API_URL", self.telegram.url())
            .with("TELEGRAM_BOT_TOKEN", self.telegram.token())
            .with("OPENAI_BASE_URL", self.model.url())
            .with("OPENAI_API_KEY", "sk-right")
            .with("CALENDAR_PUBLIC_URL", "http://localhost:8081");
        for (name, value) in self.google.settings() {
            place = place.with(name, value);
        }
        place
    }
}

/// `manage doctor`, with the address of what runs there.
fn doctor(place: &Place, running: Option<&Running>, args: &[&str]) -> Output {
    let mut command = place.manage(&[&["doctor"], args].concat());
    let nobody = || format!("http://127.0.0.1:{}", free_port());
    let rest_url = running.map_or_else(nobody, |running| running.rest_url.clone());
    command.env("REST_URL", rest_url).output().unwrap()
}

/// The findings that are not good, each as "check: text; fix", after checking the exit code.
fn complaints(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let findings: Vec<Value> = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let complaints: Vec<_> = findings
        .iter()
        .filter(|finding| finding["state"] != "good")
        .map(|finding| {
            let [check, text, fix] = ["check", "text", "fix"].map(|name| finding[name].as_str().unwrap());
            assert!(!fix.is_empty(), "{finding}");
            format!("{check}: {text}; {fix}")
        })
        .collect();
    let expected = if complaints.is_empty() { 0 } else { 1 };
    assert_eq!(output.status.code(), Some(expected), "{text}");
    complaints
}

/// Exactly these are wrong: each begins with its check and has all its words.
fn assert_wrong(output: &Output, expected: &[&[&str]]) {
    let complaints = complaints(output);
    assert_eq!(complaints.len(), expected.len(), "{complaints:#?}");
    for words in expected {
        let is_told = |complaint: &&String| {
            complaint.starts_with(words[0]) && words.iter().all(|word| complaint.contains(word))
        };
        assert!(
            complaints.iter().any(|complaint| is_told(&complaint)),
            "{words:?}: {complaints:#?}"
        );
    }
}

fn assert_all_green(place: &Place, running: &Running) {
    let started = Instant::now();
    let output = doctor(place, Some(running), &[]);
    let took = started.elapsed();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(took < PROMISE, "{took:?}");
    let (last, lines) = text
        .trim_end()
        .rsplit_once("\n\n")
        .map(|(lines, last)| (last, lines))
        .unwrap();
    assert_eq!(last, "All is good.");
    assert!(
        lines.lines().count() >= 11 && lines.lines().all(|line| line.starts_with("✓ ")),
        "{text}"
    );
    for secret in ["sk-right", KEY, "AAFakeTokenForTestsOnly"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_good_system_in_one_process_is_all_green_in_time() {
    let outside = Outside::start().await;
    let place = outside.place();
    let running = place.run();
    assert_all_green(&place, &running);
    assert_eq!(running.stop(), Some(0));
    // And the same when it does not run, but for that.
    assert_wrong(
        &doctor(&place, None, &["--json"]),
        &[&["services: nothing answers", "`manage run`"]],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_good_system_on_postgres_and_redis_is_all_green_in_time() {
    let outside = Outside::start().await;
    let (schema, redis) = (TestSchema::create().await, TestRedis::start().await);
    let place = distributed(outside.place(), schema.url(), redis.url());
    let running = place.run();
    assert_all_green(&place, &running);
    assert_eq!(running.stop(), Some(0));
}

fn distributed(place: Place, database: &str, bus: &str) -> Place {
    place
        .with("DATABASE_URL", database)
        .with("BUS_URL", bus)
        .with("SERVICE_KEY", KEY)
        .with("ENCRYPTION_KEY", KEY)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_wrong_outside_is_named() {
    let outside = Outside::start().await;
    let place = outside.place();
    let running = place.run();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let with = |name: &str, value: &str| {
        let mut command = place.manage(&["doctor", "--json", "--clock-url", outside.model.url()]);
        command.env("REST_URL", &running.rest_url).env(name, value);
        command.output().unwrap()
    };
    assert_wrong(
        &with("TELEGRAM_BOT_TOKEN", "1:wrong"),
        &[&["Telegram: Telegram refuses the bot's token", "@BotFather"]],
    );
    assert_wrong(
        &with("TELEGRAM_API_URL", &nobody),
        &[&["Telegram: Telegram does not answer", "TELEGRAM_API_URL"]],
    );
    assert_wrong(
        &with("OPENAI_API_KEY", "sk-wrong"),
        &[&["model: ", "refuses the key", "OPENAI_API_KEY"]],
    );
    assert_wrong(
        &with("OPENAI_BASE_URL", &nobody),
        &[&["model: ", "does not answer", "OPENAI_BASE_URL"]],
    );
    assert_wrong(
        &with("OPENAI_MODEL", "huge"),
        &[&["model: ", "no model \"huge\"", "gpt-4.1-mini"]],
    );
    let mut unpriced = place.manage(&["doctor", "--json", "--clock-url", outside.model.url()]);
    unpriced.env("REST_URL", &running.rest_url);
    unpriced
        .env("OPENAI_MODEL", "home-made")
        .env("BUDGET_USER_DAY", "2.50");
    assert_wrong(
        &unpriced.output().unwrap(),
        &[&["budget: no price is known of home-made", "MODELS_FILE", "_TOKENS"]],
    );
    assert_wrong(
        &with("GOOGLE_CLIENT_SECRET", "wrong"),
        &[&["Google: Google refuses the OAuth client", "GOOGLE_CLIENT_SECRET"]],
    );
    assert_wrong(
        &with("CALENDAR_PUBLIC_URL", "https://assistant.example"),
        &[&[
            "Google: Google does not send browsers back to https://assistant.example/auth/callback",
            "Authorized redirect URIs",
        ]],
    );
    // What never answers costs a check's time and no more.
    outside
        .telegram
        .fails_next("getMe", &fakes::telegram::Fault::Hang, 1);
    let started = Instant::now();
    assert_wrong(&with("RUST_LOG", "info"), &[&["Telegram: no answer within 3 s"]]);
    assert!(started.elapsed() < PROMISE);

    let clock = wrong_clock();
    assert_wrong(
        &doctor(&place, Some(&running), &["--json", "--clock-url", &clock]),
        &[&[
            "clock: this machine's is",
            "ahead of that of 127.0.0.1",
            "timedatectl",
        ]],
    );
    drop(outside.telegram.take_violations());
    drop(outside.model.take_violations());
    drop(outside.google.take_violations());
}

/// A web server whose clock is ours.
async fn clock() -> OpenAiServer {
    OpenAiServer::start_with(openai::Options {
        leftovers_fail: false,
        ..openai::Options::default()
    })
    .await
}

/// A web server in the year 2020.
fn wrong_clock() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        let answer = "HTTP/1.1 200 OK\r\nDate: Wed, 01 Jan 2020 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_webhook_and_a_second_poller_are_named() {
    let outside = Outside::start().await;
    let place = outside.place();
    let call = |method: &str, query: &str| {
        format!(
            "{}/bot{}/{method}?{query}",
            outside.telegram.url(),
            outside.telegram.token()
        )
    };
    let http = service_kit::http::client(Duration::from_secs(30)).unwrap();
    let running = place.run();
    let (poller, url) = (http.clone(), call("getUpdates", "timeout=20"));
    let intruder = tokio::spawn(async move {
        loop {
            drop(poller.get(&url).send().await);
        }
    });
    // Our bot runs, and knows: the doctor does not disturb it.
    wait_until("the doctor says so", Duration::from_secs(60), async || {
        let told = complaints(&doctor(&place, Some(&running), &["--json"]));
        told.iter()
            .any(|one| one.starts_with("Telegram: another program receives"))
            && told
                .iter()
                .any(|one| one.starts_with("services: telegram is not well"))
    })
    .await;
    assert_eq!(running.stop(), Some(0));
    // Nothing of ours runs: the doctor looks for the poller itself.
    assert_wrong(
        &doctor(&place, None, &["--json"]),
        &[
            &["services: nothing answers"],
            &[
                "Telegram: another program receives the messages of @assistant_fake_bot",
                "/revoke",
            ],
        ],
    );
    intruder.abort();

    http.get(call("setWebhook", "url=https://other.example/secret-path"))
        .send()
        .await
        .unwrap();
    let output = doctor(&place, None, &["--json"]);
    assert_wrong(
        &output,
        &[
            &["services: nothing answers"],
            &["Telegram: ", "has a webhook at other.example", "deleteWebhook"],
        ],
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("secret-path"));
    // Our own is how it should be; one that is not set yet is said.
    let by_webhook = |url: &str| {
        let place = outside
            .place()
            .with("TELEGRAM_WEBHOOK_URL", url)
            .with("TELEGRAM_WEBHOOK_LISTEN", "127.0.0.1:0")
            .with("TELEGRAM_WEBHOOK_SECRET", "a-secret-of-our-choice");
        complaints(&doctor(&place, None, &["--json"]))
    };
    let of_telegram = |told: Vec<String>| -> Vec<String> {
        told.into_iter()
            .filter(|one| one.starts_with("Telegram"))
            .collect()
    };
    assert_eq!(
        of_telegram(by_webhook("https://other.example/secret-path")),
        Vec::<String>::new()
    );
    let told = of_telegram(by_webhook("https://ours.example/hook"));
    assert!(
        told.len() == 1 && told[0].contains("do not go to TELEGRAM_WEBHOOK_URL"),
        "{told:?}"
    );
    drop(outside.telegram.take_violations());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_wrong_on_this_machine_is_named() {
    let place = Place::new();
    let clock = clock().await;
    let look = |running: Option<&Running>, args: &[&str]| {
        doctor(
            &place,
            running,
            &[&["--json", "--clock-url", clock.url()], args].concat(),
        )
    };
    let nothing = look(None, &[]);
    let told = complaints(&nothing);
    assert!(
        told.iter()
            .any(|one| one.starts_with("database: there is no data/smart_assistant.db")),
        "{told:?}"
    );
    assert!(!place.data().exists(), "looking makes nothing");

    let running = place.run();
    assert_wrong(&look(Some(&running), &[]), &[]);
    assert_wrong(
        &look(Some(&running), &["--min-free", "999999999"]),
        &[&["disk: only ", "free some space"]],
    );
    let open = |path: &str, mode: u32| {
        fs::set_permissions(place.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::write(place.path().join(".env"), "RUST_LOG=info\n").unwrap();
    open(".env", 0o644);
    open("data", 0o755);
    open("data/secrets.env", 0o640);
    assert_wrong(
        &look(Some(&running), &[]),
        &[
            &["files: others can read .env", "chmod 600 .env"],
            &["files: others can read data;", "chmod 700 data"],
            &[
                "files: others can read data/secrets.env",
                "chmod 600 data/secrets.env",
            ],
        ],
    );
    open(".env", 0o600);
    open("data", 0o700);
    open("data/secrets.env", 0o600);
    fs::write(
        place.path().join(".env"),
        "CRON_POLL_MS=often\nTELEGRAM_TOKEN=x\n",
    )
    .unwrap();
    assert_wrong(
        &look(Some(&running), &[]),
        &[
            &["settings: CRON_POLL_MS cannot be \"often\""],
            &[
                "settings: TELEGRAM_TOKEN in .env is no setting",
                "did you mean TELEGRAM_BOT_TOKEN?",
            ],
        ],
    );
    fs::remove_file(place.path().join(".env")).unwrap();
    assert_eq!(running.stop(), Some(0));

    assert!(place.output(&["downgrade", "--yes"]).status.success());
    assert_wrong(
        &look(None, &[]),
        &[
            &["services: nothing answers"],
            &["database: SQLite: 1 migrations are pending", "manage upgrade"],
        ],
    );
    assert!(place.output(&["upgrade"]).status.success());
    let bus = format!("sqlite:{}", place.data().join("bus.db").display());
    plant_letters(&bus).await;
    let args = ["--max-waiting", "3"];
    assert_wrong(
        &look(None, &args),
        &[
            &["services: nothing answers"],
            &["bus: outbox.telegram: 1 dead letters", "manage queue dead"],
            &["bus: outbox.telegram: 4 messages wait", "tg_bot does not keep up"],
        ],
    );
}

/// On the way to Telegram: one message that was given up, four that wait, and nobody who reads them.
async fn plant_letters(url: &str) {
    let bus = Bus::connect(url, BusOptions::default()).await.unwrap();
    let topic = Topic::outbox(Channel::Telegram);
    let mut consumer = bus
        .consumer(&topic, "tg_bot", ConsumerOptions::default())
        .await
        .unwrap();
    bus.publish(&topic, "1", &letter(0)).await.unwrap();
    consumer
        .next()
        .await
        .unwrap()
        .fail("it cannot be sent")
        .await
        .unwrap();
    consumer.close().await;
    for n in 1..=4 {
        bus.publish(&topic, "1", &letter(n)).await.unwrap();
    }
}

fn letter(n: u32) -> Envelope {
    Envelope {
        id: EventId::new(format!("e:{n}")),
        trace_id: TraceId::random(),
        at: chrono::DateTime::UNIX_EPOCH,
        event: Event::ReplyDeltaV1(ReplyDeltaV1 {
            user_id: uuid::Uuid::nil(),
            to: Address {
                channel: Channel::Telegram,
                chat: "1".into(),
            },
            event_id: EventId::new("test"),
            text: "hello".to_owned(),
        }),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_wrong_with_redis_and_postgres_is_named() {
    let clock = clock().await;
    let (schema, redis) = (TestSchema::create().await, TestRedis::start().await);
    let place = distributed(Place::new(), schema.url(), redis.url());
    let look = |place: &Place, running: Option<&Running>, args: &[&str]| {
        doctor(
            place,
            running,
            &[&["--json", "--clock-url", clock.url()], args].concat(),
        )
    };
    // An empty database has all its migrations before it.
    let told = complaints(&look(&place, None, &[]));
    assert!(
        told.iter().any(|one| one.contains("migrations are pending")),
        "{told:?}"
    );
    let running = place.run();
    assert_wrong(&look(&place, Some(&running), &[]), &[]);

    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut config = async |setting: &str, value: &str| {
        let mut command = redis::cmd("CONFIG");
        command.arg("SET").arg(setting).arg(value);
        command.query_async::<()>(&mut connection).await.unwrap();
    };
    config("maxmemory-policy", "allkeys-lru").await;
    assert_wrong(
        &look(&place, Some(&running), &[]),
        &[&[
            "bus: Redis drops keys",
            "allkeys-lru",
            "maxmemory-policy noeviction",
        ]],
    );
    config("maxmemory-policy", "noeviction").await;
    config("appendfsync", "no").await;
    assert_wrong(
        &look(&place, Some(&running), &[]),
        &[&["bus: ", "a power cut", "appendfsync always"]],
    );
    config("appendfsync", "always").await;
    config("appendonly", "no").await;
    assert_wrong(
        &look(&place, Some(&running), &[]),
        &[&["bus: ", "a restart loses messages", "appendonly yes"]],
    );
    // A managed server does not tell its configuration, and is looked through all the same.
    let mut command = redis::cmd("ACL");
    command
        .arg("SETUSER")
        .arg("ops")
        .arg(&["on", ">secret", "~*", "&*", "+@all", "-config"]);
    command.query_async::<()>(&mut connection).await.unwrap();
    let url = redis.url().replace("redis://", "redis://ops:secret@");
    let managed = distributed(Place::new(), schema.url(), &url);
    assert_wrong(
        &look(&managed, Some(&running), &[]),
        &[&["bus: ", "a restart loses messages"]],
    );
    let wrong = distributed(Place::new(), schema.url(), &url.replace("secret", "wrong"));
    let told = look(&wrong, Some(&running), &[]);
    assert_wrong(&told, &[&["bus: ", "BUS_URL (its password too)"]]);
    let mut command = redis::cmd("CONFIG");
    command.arg("SET").arg("appendonly").arg("yes");
    command.query_async::<()>(&mut connection).await.unwrap();

    // The database's clock an hour ahead.
    let (sql, task) = tokio_postgres::connect(schema.url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(task);
    let later = "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
                 $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$";
    sql.batch_execute(later).await.unwrap();
    // The schema is searched before the server's own functions.
    let shadowed = format!("{}%2Cpg_catalog", schema.url());
    let skewed = distributed(Place::new(), &shadowed, redis.url());
    assert_wrong(
        &look(&skewed, Some(&running), &[]),
        &[&["clock: this machine's is", "behind that of PostgreSQL"]],
    );

    assert_eq!(running.stop(), Some(0));
    plant_letters(redis.url()).await;
    wait_until("nobody holds a partition", Duration::from_secs(30), async || {
        let told = complaints(&look(&place, None, &["--max-waiting", "3"]));
        [
            "nobody reads 16 of its partitions, 4 messages wait; start tg_bot",
            "1 dead letters",
            "4 messages wait; tg_bot does not keep up",
        ]
        .iter()
        .all(|words| {
            told.iter()
                .any(|one| one.starts_with("bus: outbox.telegram: ") && one.contains(words))
        })
    })
    .await;

    redis.pause();
    let started = Instant::now();
    let told = complaints(&look(&place, None, &[]));
    assert!(started.elapsed() < PROMISE);
    redis.resume();
    assert!(
        told.iter()
            .any(|one| one.starts_with("bus: no answer within 3 s; check that Redis runs")),
        "{told:?}"
    );
    let gone = format!("postgres://x:hunter2@127.0.0.1:{}/x?sslmode=disable", free_port());
    let output = look(&distributed(Place::new(), &gone, redis.url()), None, &[]);
    let told = complaints(&output);
    assert!(
        told.iter()
            .any(|one| one.starts_with("database: ") && one.contains("DATABASE_URL")),
        "{told:?}"
    );
    assert!(!told.concat().contains("hunter2"));
}

#[test]
fn with_both_stores_elsewhere_a_missing_key_is_told() {
    let place = Place::new()
        .with(
            "DATABASE_URL",
            format!("postgres://x@127.0.0.1:{}/x", free_port()),
        )
        .with("BUS_URL", format!("redis://127.0.0.1:{}", free_port()));
    let clock = wrong_clock();
    let told = complaints(&doctor(&place, None, &["--json", "--clock-url", &clock]));
    assert!(
        told.iter()
            .any(|one| one.starts_with("settings: missing: SERVICE_KEY")),
        "{told:?}"
    );
}
