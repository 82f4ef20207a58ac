//! Measures the whole product from a message in to its reply out, through the fake Telegram and a model that answers
//! at once, on both ways to run: `cargo bench -p manage`. docs/performance.md says what the figures mean. With
//! `--syscalls` strace(1) counts the system calls of a turn, which do not depend on how busy the machine is; the other
//! figures of such a run are worth nothing. `--manage=FILE` measures another build, to compare with.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends when something fails"
)]

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fakes::{
    openai::{self, OpenAiServer},
    telegram::{self, TelegramServer, User},
};
use messages::Channel;
use rest_client::{Client, ResolveIdentity, UserPatch, UserState};
use test_support::{postgres::TestPostgres, redis::TestRedis, wait_until};

/// How long a start, or everything that was written at once, may take.
const LIMIT: Duration = Duration::from_secs(120);
/// Messages that are written one a second.
const ONE_BY_ONE: usize = 40;
/// How many chats write how many messages each, all at once.
const BURSTS: [(usize, usize); 2] = [(100, 4), (200, 10)];
/// How long the idle product is watched.
const IDLE: Duration = Duration::from_secs(5);

const OWNER: i64 = 4711;
const KEY: &str = "a-service-key-for-the-benchmark";

/// How the product runs, with the arguments of its processes.
const WAYS: [(&str, &[&[&str]]); 2] = [
    ("embedded", &[&["run"]]),
    (
        "distributed",
        &[
            &["serve", "rest_service"],
            &["serve", "assistant"],
            &["serve", "cron_service"],
            &["serve", "tg_bot"],
        ],
    ),
];

#[tokio::main]
async fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let other = chosen.iter().find_map(|arg| arg.strip_prefix("--manage="));
    let manage = other.unwrap_or(env!("CARGO_BIN_EXE_manage"));
    let counts_syscalls = chosen.iter().any(|arg| arg == "--syscalls");
    for (way, processes) in WAYS {
        // Cargo adds flags of its own, such as `--bench`.
        let is_chosen = chosen.iter().all(|arg| arg.starts_with('-')) || chosen.iter().any(|arg| arg == way);
        if is_chosen {
            measure(way, processes, counts_syscalls, manage).await;
        }
    }
}

async fn measure(way: &str, processes: &[&[&str]], counts_syscalls: bool, manage: &str) {
    let mut world = World::new(way, manage).await;
    println!("\n| {way} | |\n|---|---|");
    // It waits at Telegram while the product starts.
    world.owner.says("/start");
    let started = Instant::now();
    for args in processes {
        world.spawn(args);
    }
    let client = Client::new(world.rest_url.parse().unwrap(), KEY.into()).unwrap();
    wait_until("rest_service is ready", LIMIT, async || {
        client.ready().await.is_ok()
    })
    .await;
    row("first start → REST ready", millis(started.elapsed()));
    world.answered(&world.owner, "Welcome Ann!").await;
    row("first start → first reply", millis(started.elapsed()));

    // What the start left to do is not the idle product's.
    tokio::time::sleep(Duration::from_secs(2)).await;
    row("memory, idle (VmRSS)", world.memory("VmRSS:"));
    let before = world.cpu_ticks();
    tokio::time::sleep(IDLE).await;
    // Linux counts in hundredths of a second for user space, whatever the machine.
    let used = (world.cpu_ticks() - before) as f64 / IDLE.as_secs_f64();
    row("CPU, idle", format!("{used:.1} % of a core"));

    let mut taken = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let before = world.cpu_ticks();
    for n in 0..ONE_BY_ONE {
        ticks.tick().await;
        let text = format!("message {n}");
        let said = Instant::now();
        world.owner.says(&text);
        world.answered(&world.owner, &text).await;
        taken.push(said.elapsed());
    }
    let used = (world.cpu_ticks() - before) as f64 * 10.0 / ONE_BY_ONE as f64;
    taken.sort();
    row("message in → reply out, median", millis(percentile(&taken, 50)));
    row("message in → reply out, p99", millis(percentile(&taken, 99)));
    row("CPU of a message, and of a second", format!("{used:.1} ms"));

    for (chats, each) in BURSTS {
        let people = world.let_in(&client, chats).await;
        let counter = counts_syscalls.then(|| world.count_syscalls());
        let before = world.cpu_ticks();
        let began = Instant::now();
        for n in 0..each {
            for person in &people {
                person.says(&format!("message {n}"));
            }
        }
        for person in &people {
            world.answered_all(person, each).await;
        }
        let (turns, took) = ((chats * each) as f64, began.elapsed());
        let used = (world.cpu_ticks() - before) as f64 * 10.0 / turns;
        row(
            &format!("{} messages of {chats} chats at once", chats * each),
            format!(
                "{:.0} turns/s, {used:.1} ms of CPU each",
                turns / took.as_secs_f64()
            ),
        );
        if let Some(counter) = counter {
            row("system calls of a turn", counter.per_turn(turns));
        }
    }
    row("memory after the load (VmRSS)", world.memory("VmRSS:"));
    row("memory, highest (VmHWM)", world.memory("VmHWM:"));
    for violation in world
        .telegram
        .violations()
        .iter()
        .chain(&world.openai.violations())
    {
        println!("against the protocol: {violation:?}");
    }
}

/// The product and the world around it.
struct World {
    /// The product's binary.
    manage: String,
    telegram: TelegramServer,
    openai: OpenAiServer,
    owner: User,
    rest_url: String,
    environment: BTreeMap<&'static str, String>,
    folder: tempfile::TempDir,
    processes: Vec<Child>,
    /// Of the distributed way; both keep every write on disk, and go when dropped.
    _stores: Option<(TestRedis, TestPostgres)>,
}

impl World {
    async fn new(way: &str, manage: &str) -> Self {
        let telegram = TelegramServer::start_with(telegram::Options {
            keeps_calls: false,
            leftovers_fail: false,
            ..telegram::Options::default()
        })
        .await;
        let openai = OpenAiServer::start_with(openai::Options {
            keeps_requests: false,
            leftovers_fail: false,
            ..openai::Options::default()
        })
        .await;
        let owner = telegram.user_with_id(OWNER, "Ann");
        let address = format!("127.0.0.1:{}", test_support::free_port());
        let rest_url = format!("http://{address}");
        let mut environment = BTreeMap::from([
            ("REST_LISTEN", address),
            ("CALENDAR_LISTEN", "127.0.0.1:0".to_owned()),
            ("REST_URL", rest_url.clone()),
            ("SERVICE_KEY", KEY.to_owned()),
            ("TELEGRAM_BOT_TOKEN", telegram.token().to_owned()),
            ("TELEGRAM_API_URL", telegram.url().to_owned()),
            ("TELEGRAM_OWNER_ID", OWNER.to_string()),
            // The product's own speed, not the one that Telegram allows.
            ("TELEGRAM_CHAT_MESSAGES_PER_SECOND", "10000".to_owned()),
            ("TELEGRAM_MESSAGES_PER_SECOND", "10000".to_owned()),
            ("OPENAI_BASE_URL", openai.url().to_owned()),
            ("OPENAI_API_KEY", "sk-benchmark".to_owned()),
        ]);
        let mut stores = None;
        if way == "distributed" {
            let (redis, postgres) = (TestRedis::start().await, TestPostgres::start().await);
            environment.insert("BUS_URL", redis.url().to_owned());
            environment.insert("DATABASE_URL", postgres.url().to_owned());
            stores = Some((redis, postgres));
        }
        Self {
            manage: manage.to_owned(),
            telegram,
            openai,
            owner,
            rest_url,
            environment,
            // On the disk that the build is on: /tmp may be memory.
            folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
            processes: Vec::new(),
            _stores: stores,
        }
    }

    /// Starts a process of the product; it sees nothing of this process's environment.
    fn spawn(&mut self, args: &[&str]) {
        let log = File::create(self.log(self.processes.len())).unwrap();
        let child = Command::new(&self.manage)
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.processes.push(child.unwrap());
    }

    fn log(&self, process: usize) -> PathBuf {
        self.folder.path().join(format!("{process}.log"))
    }

    /// Waits for the next message to the person, which must be an answer to what they said.
    async fn answered(&self, person: &User, starts_with: &str) {
        let answer = person.try_next_message(LIMIT).await;
        let is_right = answer
            .as_ref()
            .is_some_and(|answer| answer.text.starts_with(starts_with));
        if !is_right {
            let logs = (0..self.processes.len()).map(|process| fs::read_to_string(self.log(process)));
            println!("{}", logs.map(Result::unwrap).collect::<String>());
        }
        assert!(is_right, "not the answer to {starts_with:?}: {answer:?}");
    }

    /// Every message is answered, in order; those that waited while another answer was made, together.
    async fn answered_all(&self, person: &User, count: usize) {
        let mut answered = 0;
        while answered < count {
            let answer = person.try_next_message(LIMIT).await.expect("an answer");
            for part in answer.text.split("\n\n") {
                assert!(part.starts_with(&format!("message {answered}")), "{part:?}");
                answered += 1;
            }
        }
    }

    /// New people whom the owner has let in.
    async fn let_in(&self, client: &Client, count: usize) -> Vec<User> {
        let people: Vec<User> = (0..count)
            .map(|n| self.telegram.user(&format!("User {n}")))
            .collect();
        for person in &people {
            let account = ResolveIdentity {
                channel: Channel::Telegram,
                external_id: person.id().to_string(),
                display_name: "User".to_owned(),
                locale: None,
                time_zone: None,
            };
            let user = client.resolve_identity(&account).await.unwrap().user;
            let let_in = UserPatch {
                state: Some(UserState::Active),
                ..UserPatch::default()
            };
            client.update_user(user.id, &let_in).await.unwrap();
        }
        people
    }

    /// A memory figure of /proc/PID/status, of all processes together.
    fn memory(&self, name: &str) -> String {
        let of_process = |child: &Child| -> u64 {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        let each: Vec<u64> = self.processes.iter().map(of_process).collect();
        let total = each.iter().sum::<u64>() / 1024;
        match each.as_slice() {
            [_] => format!("{total} MiB"),
            _ => {
                let each: Vec<String> = each.iter().map(|kib| (kib / 1024).to_string()).collect();
                format!("{total} MiB ({})", each.join(" + "))
            }
        }
    }

    /// Has strace(1) count the system calls of all processes together, which slows them down.
    fn count_syscalls(&self) -> Syscalls {
        let path = self.folder.path().join("syscalls");
        let mut command = Command::new("strace");
        command.args(["-f", "-c", "-o"]).arg(&path);
        for process in &self.processes {
            command.args(["-p", &process.id().to_string()]);
        }
        let tracer = command.stderr(Stdio::piped()).spawn().unwrap();
        // It says so once it is there.
        let mut tracer = Syscalls { tracer, path };
        let told = tracer.tracer.stderr.take().unwrap();
        let attached = BufReader::new(told).lines().take(self.processes.len()).count();
        assert_eq!(attached, self.processes.len(), "strace cannot be attached");
        tracer
    }

    /// The processor time of all processes together, in clock ticks (proc_pid_stat(5): utime and stime).
    fn cpu_ticks(&self) -> u64 {
        let of_process = |child: &Child| -> u64 {
            let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
            // Behind the name in parentheses, which may hold spaces, comes field 3.
            let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
            fields
                .skip(11)
                .take(2)
                .map(|ticks| ticks.parse::<u64>().unwrap())
                .sum()
        };
        self.processes.iter().map(of_process).sum()
    }
}

/// System calls that are being counted.
struct Syscalls {
    tracer: Child,
    path: PathBuf,
}

impl Syscalls {
    /// Those that are most often made, each with how often in a turn.
    fn per_turn(mut self, turns: f64) -> String {
        let pid = self.tracer.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().unwrap();
        self.tracer.wait().unwrap();
        let table = fs::read_to_string(&self.path).unwrap();
        // Share, seconds, microseconds each, calls, perhaps errors, name.
        let mut counts: Vec<(f64, &str)> = table
            .lines()
            .filter_map(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                Some((fields.get(3)?.parse().ok()?, *fields.last()?))
            })
            .collect();
        counts.sort_by(|a, b| b.0.total_cmp(&a.0));
        let counts = counts.iter().take(14);
        let counts = counts.map(|(count, name)| format!("{name} {:.1}", count / turns));
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for child in &mut self.processes {
            // Both fail only when the process has ended already.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// The value that `percent` of the sorted ones are at or below (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

fn row(name: &str, value: impl std::fmt::Display) {
    println!("| {name} | {value} |");
}
