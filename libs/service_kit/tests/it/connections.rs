//! Slow, silent and too many callers, over a real port: each is ended in its time, and nobody else notices.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use futures::{StreamExt, stream};
use secrecy::SecretString;
use service_kit::{
    Lifecycle, SystemClock,
    http::{ConnectionLimits, Connections, SlowBody, bind, client, serve},
    ops,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

const KEY: &str = "open sesame";

/// For what must happen; far longer than any limit under test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A limit that a test waits for.
const SHORT: Duration = Duration::from_millis(400);

/// Limits that no test reaches.
fn wide() -> ConnectionLimits {
    ConnectionLimits {
        in_all: 64,
        per_address: 64,
        header: PATIENCE,
        body: PATIENCE,
        idle: PATIENCE,
        total: PATIENCE,
        stalled: PATIENCE,
    }
}

struct Server {
    address: SocketAddr,
    lifecycle: Lifecycle,
    /// Lets go of the requests that wait.
    release: watch::Sender<bool>,
    /// Requests that wait.
    held: watch::Receiver<usize>,
}

impl Server {
    async fn start(limits: ConnectionLimits) -> Self {
        let (lifecycle, _) = Lifecycle::with_connections(Arc::new(SystemClock), Connections::new(limits));
        let (release, released) = watch::channel(false);
        let (holding, held) = watch::channel(0);
        let hold =
            async |State((released, holding)): State<(watch::Receiver<bool>, watch::Sender<usize>)>| {
                holding.send_modify(|held| *held += 1);
                released.clone().wait_for(|released| *released).await.unwrap();
                "let go"
            };
        let endless = || stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![b'x'; 64 * 1024])));
        let ticks = || {
            stream::repeat(()).then(async |()| {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok::<_, Infallible>(Bytes::from_static(b": tick\n\n"))
            })
        };
        let slow = move || ticks();
        let routes = Router::new()
            .route("/hold", get(hold))
            .with_state((released, holding))
            .route("/", get(async || "hello"))
            .route(
                "/read",
                post(async |body: Result<Bytes, _>| match body {
                    Ok(body) => body.len().to_string().into_response(),
                    Err(error) if SlowBody::caused(&error as &axum::extract::rejection::BytesRejection) => {
                        StatusCode::REQUEST_TIMEOUT.into_response()
                    }
                    Err(_) => StatusCode::BAD_REQUEST.into_response(),
                }),
            )
            .route("/endless", get(async move || Body::from_stream(endless())))
            .route("/slow", get(async move || Body::from_stream(slow())))
            .route(
                "/events",
                get(async move || {
                    (
                        [(header::CONTENT_TYPE, "text/event-stream")],
                        Body::from_stream(ticks()),
                    )
                }),
            );
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "TEST_LISTEN")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let key = SecretString::from(KEY);
        let routes = routes.merge(ops::routes(&lifecycle, &key));
        let server = lifecycle.clone();
        tokio::spawn(async move { serve(listener, routes, &key, &server).await });
        Self {
            address,
            lifecycle,
            release,
            held,
        }
    }

    async fn connect(&self, said: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        stream
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        client(PATIENCE)
            .unwrap()
            .get(format!("http://{}{path}", self.address))
    }

    async fn wait_for_held(&mut self, count: usize) {
        timeout(PATIENCE, self.held.wait_for(|held| *held == count))
            .await
            .unwrap()
            .unwrap();
    }
}

/// Reads until the server ends the connection; what it said. A reset is an end too.
async fn rest_of(mut stream: TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut said));
    let _: std::io::Result<usize> = read.await.expect("the server ends the connection");
    said
}

#[tokio::test]
async fn a_caller_who_does_not_come_to_the_point_is_ended() {
    let server = Server::start(ConnectionLimits {
        header: SHORT,
        ..wide()
    })
    .await;
    for said in ["", "GET / HTT", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let begun = Instant::now();
        assert_eq!(rest_of(server.connect(said).await).await, b"", "{said:?}");
        assert!(begun.elapsed() >= SHORT, "{said:?}: not before its time");
    }
    // Who drips is ended as well: what counts is when the head began.
    let mut stream = server.connect("GET / HTTP/1.1\r\n").await;
    let ended = timeout(PATIENCE, async {
        while stream.write_all(b"x-y: z\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    ended.await.unwrap();
}

#[tokio::test]
async fn a_head_has_a_size() {
    let server = Server::start(wide()).await;
    for (length, status) in [(16 * 1024, "200"), (64 * 1024, "431"), (4 * 1024 * 1024, "431")] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: {}\r\n\r\n",
            "a".repeat(length)
        );
        // Refused before it is whole.
        stream.write_all(head.as_bytes()).await.unwrap();
        let said = String::from_utf8(rest_of(stream).await).unwrap();
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status} ")),
            "{length}: {said}"
        );
    }
}

/// A socket that is closed with something unread in it resets the connection, and the reset overtakes the answer.
#[tokio::test]
async fn who_is_still_sending_gets_the_answer() {
    let server = Server::start(wide()).await;
    let host = "host: x\r\n";
    let part = vec![b'a'; 64 * 1024];
    for (request, status) in [
        (
            format!("POST / HTTP/1.1\r\n{host}content-length: 99999999\r\n\r\n"),
            "405",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}x: {}", "a".repeat(40_000)),
            "431",
        ),
        (format!("HEY\r\n{host}\r\n"), "400"),
    ] {
        let shown = &request[..request.len().min(40)];
        let mut stream = server.connect(&request).await;
        timeout(PATIENCE, stream.readable()).await.unwrap().unwrap();
        // The answer is here, and the caller has not looked yet.
        for _ in 0..32 {
            stream.write_all(&part).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        let mut said = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut said))
            .await
            .unwrap()
            .unwrap();
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown:?}: {said}"
        );
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", body.len())),
            "{shown:?}: {said}"
        );
    }
}

/// Who sends on and on after a refusal is closed in its time.
#[tokio::test]
async fn who_does_not_stop_sending_is_closed() {
    let server = Server::start(wide()).await;
    let mut stream = server.connect("HEY\r\n\r\n").await;
    let ended = timeout(PATIENCE, async {
        while stream.write_all(b"more").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    ended.await.unwrap();
}

/// A request that no route gets to see is answered like any other: a problem, and its trace.
#[tokio::test]
async fn what_the_server_refuses_by_itself_is_a_problem_with_a_trace() {
    let server = Server::start(wide()).await;
    let host = "host: x\r\n";
    let long = "a".repeat(60 * 1024);
    let refused = [
        ("400", "GET / HTTP/1.1\r\n\r\n".to_owned()),
        ("400", format!("GET / HTTP/1.1\r\n{host}{host}\r\n")),
        ("400", format!("GET / HTTP/1.0\r\n{host}{host}\r\n")),
        ("400", "GET / HTTP/1.1\r\nhost: a b/@,c\r\n\r\n".to_owned()),
        ("400", "HEY\r\n\r\n".to_owned()),
        ("400", format!("GET / HTTP/1.1\r\n{host}no colon\r\n\r\n")),
        ("400", format!("GET / HTTP/1.1\r\n{host}x: \u{1}\r\n\r\n")),
        (
            "400",
            format!("POST /read HTTP/1.1\r\n{host}content-length: -1\r\n\r\n"),
        ),
        (
            "400",
            format!("POST /read HTTP/1.1\r\n{host}content-length: 1\r\ncontent-length: 2\r\n\r\n"),
        ),
        ("431", format!("GET / HTTP/1.1\r\n{host}x: {long}\r\n\r\n")),
        (
            "431",
            format!("GET / HTTP/1.1\r\n{host}{}\r\n", "x: y\r\n".repeat(200)),
        ),
        ("431", format!("GET /{long} HTTP/1.1\r\n{host}\r\n")),
    ];
    for (status, request) in refused {
        let (shown, said) = (
            &request[..request.len().min(60)],
            rest_of(server.connect(&request).await).await,
        );
        let said = String::from_utf8(said).unwrap();
        let (head, body) = said
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("{shown:?}: {said:?}"));
        assert_eq!(head.split(' ').nth(1), Some(status), "{shown:?}: {said}");
        let header = |name: &str| {
            let line = head
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_else(|| panic!("{shown:?}: no {name}: {said}"))
                .to_owned()
        };
        assert_eq!(header("content-type"), "application/problem+json", "{shown:?}");
        assert_eq!(header("content-length"), body.len().to_string(), "{shown:?}");
        assert_eq!(header("x-request-id").len(), 32, "{shown:?}");
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"].to_string(), status, "{shown:?}");
        assert_eq!(problem["request_id"], header("x-request-id"), "{shown:?}");
    }
    // HTTP/1.0 knows no Host, and a bare 400 of a route is left as it is.
    let said = rest_of(server.connect("GET / HTTP/1.0\r\n\r\n").await).await;
    assert!(
        said.starts_with(b"HTTP/1.0 200 "),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

#[tokio::test]
async fn a_connection_that_is_done_is_ended_when_nothing_comes() {
    let server = Server::start(ConnectionLimits {
        idle: SHORT,
        ..wide()
    })
    .await;
    let said = rest_of(server.connect("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await).await;
    assert!(said.ends_with(b"hello"), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn a_slow_body_is_its_senders_fault() {
    let server = Server::start(ConnectionLimits {
        body: SHORT,
        ..wide()
    })
    .await;
    let head = "POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345";
    let said = rest_of(server.connect(head).await).await;
    assert!(
        said.starts_with(b"HTTP/1.1 408 "),
        "{}",
        String::from_utf8_lossy(&said)
    );
    let whole = client(PATIENCE)
        .unwrap()
        .post(format!("http://{}/read", server.address))
        .body("1234567890");
    assert_eq!(whole.send().await.unwrap().text().await.unwrap(), "10");
}

#[tokio::test]
async fn an_answer_has_its_time_and_an_event_stream_has_any() {
    let server = Server::start(ConnectionLimits {
        total: SHORT,
        stalled: SHORT,
        ..wide()
    })
    .await;
    let mut events = server.get("/events").send().await.unwrap();
    let mut slow = server.get("/slow").send().await.unwrap();
    // One that takes nothing of what it is sent.
    let mut deaf = server.connect("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let ended = timeout(PATIENCE, async { while let Ok(Some(_)) = slow.chunk().await {} });
    ended.await.expect("an answer that goes on for too long is ended");
    for _ in 0..20 {
        assert!(events.chunk().await.unwrap().is_some());
    }
    let mut buffer = vec![0; 64 * 1024];
    let ended = timeout(PATIENCE, async {
        while deaf.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    });
    ended.await.expect("who reads nothing is ended");
}

/// Many more half-sent requests than there is room for: everybody else is served, and no more sockets are open than
/// the limit allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_slow_callers_costs_others_nothing() {
    let limits = ConnectionLimits {
        in_all: 32,
        per_address: 16,
        ..wide()
    };
    let server = Server::start(limits).await;
    let mut crowd = Vec::new();
    for n in 0..400 {
        crowd.push(server.connect("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await);
        if n % 20 == 0 {
            let answer = server.get("/").send().await.unwrap();
            assert_eq!(answer.text().await.unwrap(), "hello", "behind {n}");
            let answer = server.get("/").bearer_auth(KEY).send().await.unwrap();
            assert_eq!(answer.text().await.unwrap(), "hello", "a service behind {n}");
        }
    }
    let ended = async |stream: &mut TcpStream| {
        let mut one = [0; 1];
        timeout(Duration::from_millis(1), stream.read(&mut one))
            .await
            .is_ok()
    };
    let mut open = 0;
    let all_settled = timeout(PATIENCE, async {
        loop {
            open = 0;
            for stream in &mut crowd {
                open += usize::from(!ended(stream).await);
            }
            if open <= 16 {
                return;
            }
        }
    });
    all_settled.await.expect("one address has no more than its share");
    assert!(open > 0, "those that fit may stay");
    drop(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_in_hand_leave_room_for_services_and_probes() {
    let limits = ConnectionLimits {
        in_all: 16,
        per_address: 16,
        ..wide()
    };
    let at_a_time = limits.at_a_time();
    assert_eq!(at_a_time, 12);
    let mut server = Server::start(limits).await;
    let waiting: Vec<_> = (0..at_a_time)
        .map(|_| tokio::spawn(server.get("/hold").send()))
        .collect();
    server.wait_for_held(at_a_time).await;
    let refused = server.get("/").send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["x-request-id"].len(), 32);
    for _ in 0..3 {
        let live = server.get("/health/live").send().await.unwrap();
        assert_eq!(live.status(), 200);
        let served = server.get("/").bearer_auth(KEY).send().await.unwrap();
        assert_eq!(served.text().await.unwrap(), "hello");
    }
    // Services are not counted, however many they are.
    let services: Vec<_> = (0..40)
        .map(|_| tokio::spawn(server.get("/hold").bearer_auth(KEY).send()))
        .collect();
    server.wait_for_held(at_a_time + 40).await;
    server.release.send(true).unwrap();
    for answer in waiting.into_iter().chain(services) {
        assert_eq!(answer.await.unwrap().unwrap().text().await.unwrap(), "let go");
    }
    assert_eq!(server.get("/").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_half_sent_request_does_not_hold_the_end_up() {
    let server = Server::start(wide()).await;
    let half = server.connect("GET / HTTP/1.1\r\n").await;
    assert_eq!(server.get("/").send().await.unwrap().status(), 200);
    server.lifecycle.stop();
    assert_eq!(rest_of(half).await, b"");
}
