//! Many slow callers against one listener, and what others notice of them: the p50 and p99 of calls without and with
//! them, by turns.
//!
//! `cargo run --release -p fakes --example slow_crowd -- ADDRESS CONTROL [CONNECTIONS] [PATH] [KEY] [ROUNDS]`, for
//! example `127.0.0.1:8080 127.0.0.1:8081 10000 /health/live`. Of each three slow callers one says nothing, one sends
//! its head a byte at a time, one its body. Whoever is hung up on comes back. They are a process of their own, but they
//! share the machine: CONTROL is a listener of the same kind that no crowd comes to, called by turns with the other. What
//! its callers notice is the machine's, and what those of the first notice beyond that is the listener's. A single round
//! is worth little; what counts is the ratio of the medians. To loopback alone; it ends by itself.
#![expect(clippy::print_stdout, reason = "the program's purpose")]

use std::{
    io,
    net::SocketAddr,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

/// How many calls are measured in a round without and in one with the crowd.
const CALLS: usize = 1000;

/// How far apart they begin, at least.
const PACE: Duration = Duration::from_millis(2);

/// How long a measured call may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The crowd's longest life, should nobody end it.
const CROWD_LIMIT: Duration = Duration::from_secs(120);

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run())
}

async fn run() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    let is_crowd = first.as_deref() == Some("crowd");
    let listener = |given: Option<String>| -> Outcome<SocketAddr> {
        let address: SocketAddr = given.ok_or("name an address")?.parse()?;
        if !address.ip().is_loopback() {
            return Err("this is for loopback alone".into());
        }
        Ok(address)
    };
    let address = listener(if is_crowd { arguments.next() } else { first })?;
    let control = if is_crowd {
        address
    } else {
        listener(arguments.next())?
    };
    let count: usize = arguments.next().unwrap_or_else(|| "10000".to_owned()).parse()?;
    if is_crowd {
        crowd(address, count).await;
        return Ok(());
    }
    let path = arguments.next().unwrap_or_else(|| "/health/live".to_owned());
    let key = arguments.next().filter(|key| !key.is_empty());
    let rounds: usize = arguments.next().unwrap_or_else(|| "5".to_owned()).parse()?;
    let what = ["quiet", "quiet, control", "amid them", "amid them, control"];
    let mut seen: [Vec<Seen>; 4] = Default::default();
    for round in 1..=rounds {
        let quiet = measure([address, control], &path, key.as_deref()).await;
        let mut crowd = gather(address, count).await?;
        let amid = measure([address, control], &path, key.as_deref()).await;
        crowd.kill().await?;
        // What they left behind is cleared away.
        sleep(Duration::from_secs(1)).await;
        for ((what, all), Seen { failed, p50, p99 }) in
            what.iter().zip(&mut seen).zip(quiet.into_iter().chain(amid))
        {
            println!("{round} {what}: {failed} failed, p50 {p50:?}, p99 {p99:?}");
            all.push(Seen { failed, p50, p99 });
        }
    }
    for (name, of) in [
        ("p50", (|seen| seen.p50) as fn(&Seen) -> Duration),
        ("p99", |seen| seen.p99),
    ] {
        let [quiet, _, amid, control] = seen.each_ref().map(|seen| median(seen, of));
        let ratio = |of: Duration| amid.as_secs_f64() / of.as_secs_f64().max(f64::MIN_POSITIVE);
        println!(
            "median {name}: quiet {quiet:?}, amid {count} slow callers {amid:?}, control meanwhile {control:?}; \
             {:.2} × quiet, {:.2} × control",
            ratio(quiet),
            ratio(control)
        );
    }
    Ok(())
}

/// Starts the crowd and waits until all of it has come.
async fn gather(address: SocketAddr, count: usize) -> Outcome<Child> {
    let mut crowd = Command::new(std::env::current_exe()?)
        .args(["crowd", &address.to_string(), &count.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let said = crowd.stdout.take().ok_or("the crowd has no output")?;
    BufReader::new(said).lines().next_line().await?;
    Ok(crowd)
}

async fn crowd(address: SocketAddr, count: usize) {
    let (mut callers, tried) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    for n in 0..count {
        let tried = Arc::clone(&tried);
        callers.spawn(async move {
            loop {
                tried.fetch_add(1, Ordering::Relaxed);
                // An error is being hung up on.
                let _: io::Result<()> = be_slow(address, n).await;
                sleep(Duration::from_secs(5)).await;
            }
        });
        // Even as they come, and so as they come again: 2,000 a second.
        if n % 4 == 3 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    while tried.load(Ordering::Relaxed) < count {
        sleep(Duration::from_millis(10)).await;
    }
    println!("all are there");
    sleep(CROWD_LIMIT).await;
}

async fn be_slow(address: SocketAddr, n: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let said: &[u8] = match n % 3 {
        0 => b"",
        1 => b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ",
        _ => b"POST /auth/start HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 4000\r\n\r\n",
    };
    stream.write_all(said).await?;
    loop {
        let mut some = [0; 512];
        match timeout(Duration::from_secs(2), stream.read(&mut some)).await {
            Ok(Ok(0)) => return Err(io::ErrorKind::ConnectionReset.into()),
            Ok(read) => drop(read?),
            Err(_) if n.is_multiple_of(3) => {}
            Err(_) => stream.write_all(b"x").await?,
        }
    }
}

/// What a round of calls showed.
struct Seen {
    failed: usize,
    p50: Duration,
    p99: Duration,
}

/// Calls both by turns.
async fn measure(of: [SocketAddr; 2], path: &str, key: Option<&str>) -> [Seen; 2] {
    let mut ticks = interval(PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut times, mut failed) = ([Vec::new(), Vec::new()], [0, 0]);
    for _ in 0..CALLS {
        for ((address, times), failed) in of.iter().zip(&mut times).zip(&mut failed) {
            ticks.tick().await;
            let begun = Instant::now();
            match timeout(PATIENCE, call(*address, path, key)).await {
                Ok(Ok(())) => times.push(begun.elapsed()),
                _ => *failed += 1,
            }
        }
    }
    let [mut first, mut second] = times;
    [summary(&mut first, failed[0]), summary(&mut second, failed[1])]
}

fn summary(times: &mut [Duration], failed: usize) -> Seen {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Seen {
        failed,
        p50: at(50),
        p99: at(99),
    }
}

fn median(seen: &[Seen], of: fn(&Seen) -> Duration) -> Duration {
    let mut values: Vec<Duration> = seen.iter().map(of).collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// One call on a connection of its own.
async fn call(address: SocketAddr, path: &str, key: Option<&str>) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let key = key
        .map(|key| format!("authorization: Bearer {key}\r\n"))
        .unwrap_or_default();
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{key}\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await?;
    if said.starts_with(b"HTTP/1.1 200") {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}
