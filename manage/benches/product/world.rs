//! The product's processes, and the world around them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fakes::{
    openai::{self, OpenAiServer, Step},
    telegram::{self, TelegramServer, User},
};
use messages::Channel;
use rest_client::{Client, ResolveIdentity, UserPatch, UserState};
use test_support::{postgres::TestPostgres, redis::TestRedis};

/// How long a start, or everything that was written at once, may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

pub(crate) const OWNER: i64 = 4711;
pub(crate) const KEY: &str = "a-service-key-for-the-benchmark";

/// The product and the world around it.
pub(crate) struct World {
    /// The product's binary.
    manage: String,
    pub(crate) telegram: TelegramServer,
    pub(crate) openai: OpenAiServer,
    pub(crate) owner: User,
    pub(crate) rest_url: String,
    pub(crate) environment: BTreeMap<&'static str, String>,
    folder: tempfile::TempDir,
    pub(crate) processes: Vec<Child>,
    /// Of the distributed way; both keep every write on disk, and go when dropped.
    _stores: Option<(TestRedis, TestPostgres)>,
}

impl World {
    pub(crate) async fn new(way: &str, manage: &str) -> Self {
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
        openai.answers_with(|request| match request.tool_names().is_empty() {
            // A conversation is summed up: a model writes notes, and no echo of what it read.
            true => Step::text("They spoke of numbered messages, each of which was answered. ".repeat(15)),
            false => Step::text(request.last_user_text()),
        });
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
    pub(crate) fn spawn(&mut self, args: &[&str]) {
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

    pub(crate) fn log(&self, process: usize) -> PathBuf {
        self.folder.path().join(format!("{process}.log"))
    }

    /// Waits for the next message to the person, which must be an answer to what they said.
    pub(crate) async fn answered(&self, person: &User, starts_with: &str) {
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

    /// New people whom the owner has let in.
    pub(crate) async fn let_in(&self, client: &Client, count: usize) -> Vec<User> {
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

    /// A memory figure of /proc/PID/status, of all processes together, in MiB.
    pub(crate) fn memory(&self, name: &str) -> f64 {
        let of_process = |child: &Child| -> u64 {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        self.processes.iter().map(of_process).sum::<u64>() as f64 / 1024.0
    }

    /// Has strace(1) count the system calls of all processes together, which slows them down.
    pub(crate) fn count_syscalls(&self) -> Syscalls {
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

    /// The processor time of all processes of the product together, in milliseconds.
    pub(crate) fn cpu(&self) -> f64 {
        self.processes.iter().map(|child| cpu_of(child.id())).sum()
    }

    /// Ends all processes of the product as an operator does, and waits for them.
    pub(crate) fn stop(&mut self) {
        for child in &self.processes {
            let pid = child.id().to_string();
            Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        }
        for mut child in self.processes.drain(..) {
            child.wait().unwrap();
        }
    }
}

/// The processor time of a process, in milliseconds (proc_pid_stat(5): utime and stime, in hundredths of a second).
pub(crate) fn cpu_of(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name in parentheses, which may hold spaces, comes field 3.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    let ticks = fields.skip(11).take(2).map(|ticks| ticks.parse::<u32>().unwrap());
    f64::from(ticks.sum::<u32>()) * 10.0
}

/// System calls that are being counted.
pub(crate) struct Syscalls {
    tracer: Child,
    path: PathBuf,
}

impl Syscalls {
    /// Those that are most often made, each with how often in a turn.
    pub(crate) fn per_turn(mut self, turns: f64) -> String {
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
