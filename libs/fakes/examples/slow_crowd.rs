//! Many slow callers against one listener, and what others notice of them: the p50 and p99 of calls before and during.
//!
//! `cargo run -p fakes --example slow_crowd -- ADDRESS [CONNECTIONS] [PATH] [KEY]`, for example
//! `127.0.0.1:8080 10000 /health/live`. Of each three slow callers one says nothing, one sends its head a byte at a
//! time, one its body. Whoever is hung up on comes back. To loopback alone; it ends by itself.
#![expect(clippy::print_stdout, reason = "the program's purpose")]

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

/// How many calls are measured, quiet and amid the crowd.
const CALLS: usize = 1000;

/// How long a measured call may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address: SocketAddr = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned())
        .parse()?;
    if !address.ip().is_loopback() {
        return Err("this is for loopback alone".into());
    }
    let count: usize = arguments.next().unwrap_or_else(|| "10000".to_owned()).parse()?;
    let path = arguments.next().unwrap_or_else(|| "/health/live".to_owned());
    let key = arguments.next();
    measure("quiet", address, &path, key.as_deref()).await;
    let (over, open, tries) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut crowd = JoinSet::new();
    for n in 0..count {
        let (over, open, tries) = (Arc::clone(&over), Arc::clone(&open), Arc::clone(&tries));
        crowd.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                tries.fetch_add(1, Ordering::Relaxed);
                let counted = Arc::clone(&open);
                // An error is being hung up on.
                let _: io::Result<()> = be_slow(address, n, &over, &counted).await;
                sleep(Duration::from_secs(5)).await;
            }
        });
        if n % 100 == 99 {
            sleep(Duration::from_millis(10)).await;
        }
    }
    println!("{count} slow callers are there");
    measure("amid them", address, &path, key.as_deref()).await;
    println!(
        "{} connections open, {} tried",
        open.load(Ordering::Relaxed),
        tries.load(Ordering::Relaxed)
    );
    over.store(true, Ordering::Relaxed);
    crowd.shutdown().await;
    measure("quiet again", address, &path, key.as_deref()).await;
    Ok(())
}

async fn be_slow(address: SocketAddr, n: usize, over: &AtomicBool, open: &AtomicUsize) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    open.fetch_add(1, Ordering::Relaxed);
    let said: &[u8] = match n % 3 {
        0 => b"",
        1 => b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ",
        _ => b"POST /auth/start HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 4000\r\n\r\n",
    };
    let mut outcome = stream.write_all(said).await;
    while outcome.is_ok() && !over.load(Ordering::Relaxed) {
        let mut one = [0; 512];
        outcome = match timeout(Duration::from_secs(2), stream.read(&mut one)).await {
            Ok(Ok(0)) | Ok(Err(_)) => Err(io::ErrorKind::ConnectionReset.into()),
            Ok(Ok(_)) => Ok(()),
            Err(_) if n.is_multiple_of(3) => Ok(()),
            Err(_) => stream.write_all(b"x").await,
        };
    }
    open.fetch_sub(1, Ordering::Relaxed);
    outcome
}

async fn measure(what: &str, address: SocketAddr, path: &str, key: Option<&str>) {
    let mut times = Vec::new();
    let mut failed = 0;
    for _ in 0..CALLS {
        let begun = Instant::now();
        match timeout(PATIENCE, call(address, path, key)).await {
            Ok(Ok(())) => times.push(begun.elapsed()),
            _ => failed += 1,
        }
    }
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!(
        "{what}: {} calls, {failed} failed, p50 {:?}, p99 {:?}",
        times.len(),
        at(50),
        at(99)
    );
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
