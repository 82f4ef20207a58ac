//! The proxy does what it is told to one command, and nothing to the others.

use std::time::Duration;

use fakes::proxy::{Fault, Proxy, Then};
use test_support::{postgres::TestSchema, redis::TestPrefix, wait_until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_postgres::NoTls;
use url::Url;

use crate::LIMIT;

/// How long is waited for what must not come.
const MOMENT: Duration = Duration::from_millis(200);

/// A client that speaks to Redis without a library, which would try again by itself.
struct Wire(TcpStream);

impl Wire {
    async fn connect(url: &str) -> Self {
        let url: Url = url.parse().unwrap();
        let address = (url.host_str().unwrap(), url.port().unwrap());
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn send(&mut self, words: &[&str]) {
        let mut frame = format!("*{}\r\n", words.len());
        for word in words {
            frame.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        self.0.write_all(frame.as_bytes()).await.unwrap();
    }

    /// What comes within a moment; and whether the connection was closed.
    async fn hear(&mut self) -> (String, bool) {
        let (mut heard, mut bytes) = (Vec::new(), [0; 1024]);
        loop {
            match tokio::time::timeout(MOMENT, self.0.read(&mut bytes)).await {
                Ok(Ok(length @ 1..)) => heard.extend_from_slice(bytes.get(..length).unwrap()),
                Ok(_) => return (String::from_utf8(heard).unwrap(), true),
                Err(_) => return (String::from_utf8(heard).unwrap(), false),
            }
        }
    }

    async fn ask(&mut self, words: &[&str]) -> String {
        self.send(words).await;
        self.hear().await.0
    }
}

#[tokio::test]
async fn one_command_to_redis_goes_wrong_and_the_others_do_not() {
    // The fault, what is heard, whether the connection is closed, whether the command ran.
    let table = [
        (Fault::CommandLost(Then::Cut), "", true, false),
        (Fault::CommandLost(Then::Silence), "", false, false),
        (Fault::AnswerLost(Then::Cut), "", true, true),
        (Fault::AnswerLost(Then::Silence), "", false, true),
        // Half of ":3\r\n".
        (Fault::AnswerCut(Then::Cut), ":3", true, true),
        (Fault::AnswerCut(Then::Silence), ":3", false, true),
    ];
    for (fault, heard, closed, ran) in table {
        let redis = TestPrefix::create().await;
        let proxy = Proxy::redis(redis.url()).await;
        let (mut wire, mut direct) = (Wire::connect(proxy.url()).await, Wire::connect(redis.url()).await);
        let key = format!("{}counter", redis.prefix());
        proxy.arm(3, fault);
        assert_eq!(wire.ask(&["INCR", &key]).await, ":1\r\n");
        assert_eq!(wire.ask(&["INCR", &key]).await, ":2\r\n");
        assert_eq!(proxy.fired(), 0);
        wire.send(&["INCR", &key]).await;
        assert_eq!(wire.hear().await, (heard.to_owned(), closed), "{fault:?}");
        assert_eq!(proxy.fired(), 1);
        let expected = if ran { "$1\r\n3\r\n" } else { "$1\r\n2\r\n" };
        assert_eq!(direct.ask(&["GET", &key]).await, expected, "{fault:?}");
        // A new connection is well.
        let mut again = Wire::connect(proxy.url()).await;
        let expected = if ran { ":4\r\n" } else { ":3\r\n" };
        assert_eq!(again.ask(&["INCR", &key]).await, expected);
        assert_eq!(proxy.commands(), vec![format!("INCR {key}"); 4]);
        assert!(proxy.has_seen(4) && !proxy.has_seen(5));
    }
}

#[tokio::test]
async fn a_late_command_runs_when_its_sender_has_hung_up() {
    let redis = TestPrefix::create().await;
    let proxy = Proxy::redis(redis.url()).await;
    let key = format!("{}counter", redis.prefix());
    proxy.arm_next(Fault::Late(2 * MOMENT), |command| command.starts_with("INCR"));
    let mut wire = Wire::connect(proxy.url()).await;
    assert_eq!(wire.ask(&["PING"]).await, "+PONG\r\n");
    wire.send(&["INCR", &key]).await;
    assert_eq!(wire.hear().await, (String::new(), false));
    drop(wire);
    let mut direct = Wire::connect(redis.url()).await;
    assert_eq!(direct.ask(&["EXISTS", &key]).await, ":0\r\n");
    // Each question waits for a moment, so that this asks and asks until it has run.
    while direct.ask(&["GET", &key]).await != "$1\r\n1\r\n" {}
}

#[tokio::test]
async fn commands_that_come_together_or_in_pieces_are_counted_one_by_one() {
    let redis = TestPrefix::create().await;
    let proxy = Proxy::redis(redis.url()).await;
    let key = format!("{}text", redis.prefix());
    let mut wire = Wire::connect(proxy.url()).await;
    let long = "x\r\n".repeat(50_000);
    wire.send(&["SET", &key, &long]).await;
    wire.send(&["MGET", &key, "nothing"]).await;
    let (heard, _) = wire.hear().await;
    assert_eq!(
        heard,
        format!("+OK\r\n*2\r\n${}\r\n{long}\r\n$-1\r\n", long.len())
    );
    for byte in "*2\r\n$6\r\nSTRLEN\r\n".bytes() {
        wire.0.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.hear().await, (String::new(), false));
    assert_eq!(proxy.commands().len(), 2);
    wire.0
        .write_all(format!("${}\r\n{key}\r\n", key.len()).as_bytes())
        .await
        .unwrap();
    assert_eq!(wire.hear().await.0, format!(":{}\r\n", long.len()));
    assert_eq!(proxy.commands().len(), 3);
}

#[tokio::test]
async fn a_subscription_is_not_mistaken_for_answers() {
    let redis = TestPrefix::create().await;
    let proxy = Proxy::redis(redis.url()).await;
    let channel = format!("{}news", redis.prefix());
    let (mut wire, mut direct) = (Wire::connect(proxy.url()).await, Wire::connect(redis.url()).await);
    assert!(
        wire.ask(&["SUBSCRIBE", &channel])
            .await
            .starts_with("*3\r\n$9\r\nsubscribe\r\n")
    );
    for _ in 0..3 {
        assert_eq!(direct.ask(&["PUBLISH", &channel, "hello"]).await, ":1\r\n");
        assert!(wire.hear().await.0.ends_with("$5\r\nhello\r\n"));
    }
    assert_eq!(proxy.commands().len(), 1);
}

#[tokio::test]
async fn nothing_passes_a_paused_proxy_and_all_of_it_passes_after() {
    let redis = TestPrefix::create().await;
    let proxy = Proxy::redis(redis.url()).await;
    let mut wire = Wire::connect(proxy.url()).await;
    assert_eq!(wire.ask(&["PING"]).await, "+PONG\r\n");
    proxy.pause();
    wire.send(&["PING"]).await;
    assert_eq!(wire.hear().await, (String::new(), false));
    let mut newcomer = Wire::connect(proxy.url()).await;
    newcomer.send(&["PING"]).await;
    assert_eq!(newcomer.hear().await, (String::new(), false));
    proxy.resume();
    assert_eq!(wire.hear().await.0, "+PONG\r\n");
    assert_eq!(newcomer.hear().await.0, "+PONG\r\n");
    proxy.cut();
    assert_eq!(wire.hear().await, (String::new(), true));
}

#[tokio::test]
async fn one_command_to_postgres_goes_wrong_and_runs_or_does_not() {
    let table = [
        (Fault::CommandLost(Then::Cut), 0),
        (Fault::AnswerLost(Then::Cut), 1),
        (Fault::AnswerCut(Then::Cut), 1),
    ];
    for (fault, rows) in table {
        let schema = TestSchema::create().await;
        let proxy = Proxy::postgres(schema.url()).await;
        let (direct, connection) = tokio_postgres::connect(schema.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        direct.batch_execute("CREATE TABLE t (n int)").await.unwrap();
        let (client, connection) = tokio_postgres::connect(proxy.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let insert = client.prepare("INSERT INTO t VALUES ($1)").await.unwrap();
        proxy.arm_next(fault, |command| command.starts_with("INSERT"));
        client.execute(&insert, &[&1_i32]).await.unwrap_err();
        assert_eq!(proxy.fired(), 1);
        let (again, connection) = tokio_postgres::connect(proxy.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        again.batch_execute("BEGIN").await.unwrap();
        wait_until("it ran, if it was delivered", LIMIT, async || {
            let row = again.query_one("SELECT count(*) FROM t", &[]).await.unwrap();
            row.get::<_, i64>(0) == rows
        })
        .await;
        let commands = proxy.commands();
        let inserts = commands
            .iter()
            .filter(|command| command.starts_with("INSERT"))
            .count();
        assert_eq!(inserts, 2, "prepared, and executed: {commands:?}");
        assert!(commands.iter().any(|command| command == "BEGIN"), "{commands:?}");
    }
}
