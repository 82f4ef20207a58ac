//! The operators' endpoints and the trace of a request, over a real port.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Extension, Router, routing::get};
use messages::TraceId;
use secrecy::SecretString;
use service_kit::{
    Lifecycle, SystemClock,
    http::{bind, client, serve},
    ops,
};

async fn start(routes: Router) -> (String, Lifecycle) {
    let (lifecycle, _supervisor) = Lifecycle::new(Arc::new(SystemClock));
    service_kit::telemetry::metrics();
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "TEST_LISTEN")
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let key = SecretString::from("open sesame");
    let routes = routes.merge(ops::routes(&lifecycle, &key));
    let server = lifecycle.clone();
    tokio::spawn(async move { serve(listener, routes, &key, &server).await });
    (url, lifecycle)
}

fn http() -> reqwest::Client {
    client(Duration::from_secs(5)).unwrap()
}

#[tokio::test]
async fn a_busy_port_says_which_setting_to_change() {
    let taken = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "X").await.unwrap();
    let text = bind(taken.local_addr().unwrap(), "REST_LISTEN")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("cannot listen on 127.0.0.1:") && text.contains("set REST_LISTEN"),
        "{text}"
    );
}

#[tokio::test]
async fn readiness_follows_the_checks() {
    let (url, lifecycle) = start(Router::new()).await;
    let ready = format!("{url}/health/ready");
    assert_eq!(
        http()
            .get(format!("{url}/health/live"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(http().get(&ready).send().await.unwrap().status(), 503);
    lifecycle.health().started("test");
    lifecycle.health().fresh_report().await;
    tokio::time::timeout(Duration::from_secs(5), async {
        while http().get(&ready).send().await.unwrap().status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn metrics_need_the_key() {
    let (url, _lifecycle) = start(Router::new()).await;
    let metrics = format!("{url}/metrics");
    assert_eq!(http().get(&metrics).send().await.unwrap().status(), 401);
    assert_eq!(
        http()
            .get(&metrics)
            .bearer_auth("open")
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    let answer = http()
        .get(&metrics)
        .bearer_auth("open sesame")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let answer = http()
        .get(&metrics)
        .bearer_auth("open sesame")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        answer.contains(r#"http_request_seconds_count{method="GET",route="/metrics",status="401"}"#),
        "{answer}"
    );
}

#[tokio::test]
async fn a_request_keeps_the_trace_it_came_with() {
    let echo = get(async |Extension(trace): Extension<TraceId>| trace.to_string());
    let (url, _lifecycle) = start(Router::new().route("/trace", echo)).await;
    let trace = TraceId::random();
    let given = http()
        .get(format!("{url}/trace"))
        .header("traceparent", trace.to_traceparent());
    assert_eq!(
        given.send().await.unwrap().text().await.unwrap(),
        trace.to_string()
    );
    let broken = http()
        .get(format!("{url}/trace"))
        .header("traceparent", "nonsense");
    assert_eq!(broken.send().await.unwrap().text().await.unwrap().len(), 32);
}

#[tokio::test]
async fn an_answer_names_the_request_as_the_logs_do() {
    let echo = get(async |Extension(trace): Extension<TraceId>| trace.to_string());
    let (url, _lifecycle) = start(Router::new().route("/trace", echo)).await;
    for path in ["/trace", "/nowhere", "/metrics", "/health/live"] {
        let trace = TraceId::random();
        let answer = http()
            .get(format!("{url}{path}"))
            .header("traceparent", trace.to_traceparent())
            .header("x-request-id", "what-the-caller-says")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["x-request-id"], trace.to_string(), "{path}");
    }
    let answer = http().get(format!("{url}/trace")).send().await.unwrap();
    let told = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(answer.text().await.unwrap(), told);
}

#[tokio::test]
async fn methods_that_callers_make_up_are_one_in_the_metrics() {
    let (url, _lifecycle) = start(Router::new().route("/made-up", get(async || "ok"))).await;
    for n in 0..300 {
        let method = reqwest::Method::from_bytes(format!("MADEUP{n}").as_bytes()).unwrap();
        let answer = http().request(method, format!("{url}/made-up")).send().await;
        assert_eq!(answer.unwrap().status(), 405);
    }
    let metrics = http().get(format!("{url}/metrics")).bearer_auth("open sesame");
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    let count = r#"http_request_seconds_count{method="other",route="/made-up",status="405"} 300"#;
    assert!(
        metrics.contains(count) && !metrics.contains("MADEUP"),
        "{metrics}"
    );
    for name in [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_open_fds",
    ] {
        assert!(metrics.contains(&format!("\n{name} ")), "{name}: {metrics}");
    }
    for line in metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(
            metrics.contains(&format!("# HELP {name} ")),
            "{name} says what it is"
        );
    }
}

#[tokio::test]
async fn a_server_finishes_what_it_has_in_hand() {
    let (started, mut has_started) = tokio::sync::mpsc::channel::<()>(1);
    let (release, released) = tokio::sync::watch::channel(false);
    let slow = get(async move || {
        started.send(()).await.unwrap();
        released.clone().wait_for(|released| *released).await.unwrap();
        "finished"
    });
    let (url, lifecycle) = start(Router::new().route("/slow", slow)).await;
    let request = tokio::spawn(http().get(format!("{url}/slow")).send());
    has_started.recv().await.unwrap();
    lifecycle.stop();
    release.send(true).unwrap();
    assert_eq!(request.await.unwrap().unwrap().text().await.unwrap(), "finished");
}
