//! docker/monitoring: every metric that an alert or a panel asks for is one that a service has.

use std::{collections::BTreeSet, path::Path, time::Duration};

use serde_json::Value;
use service_kit::telemetry::METRICS;
use test_support::free_port;

use crate::{compose_file::file, process::Place};

/// Words of the query language that stand where a metric could.
const KEYWORDS: [&str; 12] = [
    "and",
    "bool",
    "by",
    "group_left",
    "group_right",
    "ignoring",
    "le",
    "offset",
    "on",
    "or",
    "unless",
    "without",
];

#[test]
fn every_alert_asks_for_metrics_that_exist() {
    let alerts: Value = serde_saphyr::from_str(&file("docker/monitoring/alerts.yml")).unwrap();
    let rules = alerts["groups"][0]["rules"].as_array().unwrap();
    let known = known();
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        assert_known(name, rule["expr"].as_str().unwrap(), &known);
        for text in ["summary", "description"] {
            assert!(rule["annotations"][text].is_string(), "{name} has no {text}");
        }
        assert!(
            ["page", "ticket"].contains(&rule["labels"]["severity"].as_str().unwrap()),
            "{name}"
        );
    }
    assert!(rules.len() > 5);
}

#[test]
fn every_panel_asks_for_metrics_that_exist_and_stands_alone() {
    let dashboard: Value = serde_json::from_str(&file("docker/monitoring/dashboard.json")).unwrap();
    let source: Value = serde_saphyr::from_str(&file("docker/monitoring/grafana.yml")).unwrap();
    let known = known();
    let mut taken = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert_eq!(
            panel["datasource"]["uid"], source["datasources"][0]["uid"],
            "{title}"
        );
        let queries = panel["targets"].as_array().unwrap();
        assert!(!queries.is_empty(), "{title}");
        for query in queries {
            assert_known(title, query["expr"].as_str().unwrap(), &known);
        }
        let at = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        for x in at("x")..at("x") + at("w") {
            assert!(x < 24, "{title} is wider than the page");
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{title} lies on another panel");
            }
        }
    }
    assert!(!taken.is_empty());
}

#[test]
fn prometheus_reads_every_service_where_it_listens() {
    let prometheus: Value = serde_saphyr::from_str(&file("docker/monitoring/prometheus.yml")).unwrap();
    let compose: Value = serde_saphyr::from_str(&file("docker-compose.yml")).unwrap();
    let jobs = prometheus["scrape_configs"].as_array().unwrap();
    let mut read = BTreeSet::new();
    for job in jobs {
        let service = job["job_name"].as_str().unwrap();
        let place = &job["dns_sd_configs"][0];
        assert_eq!(place["names"][0], service);
        let environment = compose["services"][service]["environment"].as_object().unwrap();
        let port = format!("0.0.0.0:{}", place["port"]);
        assert!(
            environment.values().any(|value| value == &port),
            "{service} does not listen on {port}"
        );
        assert_eq!(
            job["authorization"]["credentials_file"], "service_key",
            "{service}"
        );
        read.insert(service);
    }
    let ours = [
        "assistant",
        "calendar_service",
        "cron_service",
        "rest_service",
        "tg_bot",
    ];
    assert_eq!(read, BTreeSet::from(ours));
}

fn assert_known(place: &str, query: &str, known: &BTreeSet<String>) {
    let metrics = metrics_of(query);
    assert!(!metrics.is_empty(), "{place}: {query}");
    for metric in metrics {
        let base = ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|suffix| metric.strip_suffix(suffix))
            .unwrap_or(&metric);
        // `up` is Prometheus's own.
        assert!(
            base == "up" || known.contains(base),
            "{place}: no service has {metric}"
        );
    }
}

/// The metrics that a query names: the words outside of strings, braces, brackets and lists of labels that are neither
/// functions nor keywords.
fn metrics_of(query: &str) -> BTreeSet<String> {
    let mut metrics = BTreeSet::new();
    let mut rest = query;
    let mut skips_list = false;
    while let Some(char) = rest.chars().next() {
        let is_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | ':' | '$' | '.');
        if is_word(char) {
            let (word, after) = rest.split_at(rest.find(|char| !is_word(char)).unwrap_or(rest.len()));
            let next = after.trim_start();
            // `sum by (topic) (…)` is one as well.
            let is_call = ["(", "by ", "without "]
                .iter()
                .any(|start| next.starts_with(start));
            let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
            skips_list = is_call && KEYWORDS.contains(&word);
            if !is_call && !is_number && !KEYWORDS.contains(&word) {
                metrics.insert(word.to_owned());
            }
            rest = after;
            continue;
        }
        let closes = match char {
            '{' => Some('}'),
            '[' => Some(']'),
            '(' if skips_list => Some(')'),
            _ => None,
        };
        let end = closes.map_or(char.len_utf8(), |closing| {
            rest.find(closing).map_or(rest.len(), |at| at + 1)
        });
        if !char.is_whitespace() {
            skips_list = false;
        }
        rest = &rest[end..];
    }
    metrics
}

#[test]
fn the_metrics_of_a_query_are_found() {
    let query = r#"topk(5, histogram_quantile(0.9, sum by (le, route) (rate(a_seconds_bucket{job="x", b=~"5.."}[$__i]))))
        / max by (topic) (b_total) > 0.5 or absent(up{job="y"})"#;
    assert_eq!(
        metrics_of(query),
        BTreeSet::from(["a_seconds_bucket", "b_total", "up"].map(str::to_owned))
    );
}

#[test]
fn every_metric_that_is_described_is_counted() {
    let known = known();
    for (name, help) in METRICS {
        assert!(known.contains(*name), "nothing counts {name}");
        assert!(help.ends_with('.'), "{name}: {help}");
    }
}

#[tokio::test]
async fn no_metric_of_the_running_product_grows_with_what_callers_say() {
    let calendar = format!("127.0.0.1:{}", free_port());
    let place = Place::new().with("CALENDAR_LISTEN", &calendar);
    let running = place.run();
    let http = service_kit::http::client(Duration::from_secs(10)).unwrap();
    let secrets = std::fs::read_to_string(place.data().join("secrets.env")).unwrap();
    let key = secrets
        .lines()
        .find_map(|line| line.strip_prefix("SERVICE_KEY="))
        .unwrap();
    let attacked = async |mark: &str| {
        for base in [running.rest_url.clone(), format!("http://{calendar}/")] {
            for n in 0..20 {
                let word = format!("{mark}{n}");
                for (method, path) in [
                    (word.to_uppercase(), "auth/start".to_owned()),
                    (word.to_uppercase(), "users".to_owned()),
                    ("GET".to_owned(), word.clone()),
                    (
                        "GET".to_owned(),
                        format!("auth/callback?state={word}&code={word}"),
                    ),
                    ("GET".to_owned(), format!("users/{word}/account")),
                    ("POST".to_owned(), format!("users/{word}/links?{word}")),
                ] {
                    for bearer in [key, word.as_str()] {
                        let request = http
                            .request(method.parse().unwrap(), format!("{base}{path}"))
                            .bearer_auth(bearer)
                            .header("user-agent", &word)
                            .header("traceparent", &word)
                            .header("x-forwarded-for", &word);
                        request.send().await.unwrap();
                    }
                }
            }
        }
        let metrics = http.get(format!("{}metrics", running.rest_url)).bearer_auth(key);
        metrics.send().await.unwrap().text().await.unwrap()
    };
    let series = |metrics: &str| -> BTreeSet<String> {
        let lines = metrics
            .lines()
            .filter(|line| line.starts_with("http_request_seconds_count"));
        lines
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(series, _)| series.to_owned())
            .collect()
    };
    // The first look at the metrics is in the second answer.
    drop(attacked("zqbefore").await);
    let first = attacked("zqfirst").await;
    let second = attacked("zqsecond").await;
    assert!(series(&first).len() > 5, "{first}");
    assert_eq!(series(&first), series(&second));
    for metrics in [&first, &second] {
        assert!(!metrics.to_lowercase().contains("zq"), "{metrics}");
    }
    for line in second.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(
            second.contains(&format!("# HELP {name} ")),
            "{name} says what it is"
        );
    }
}

/// The names of the metrics that the product's source counts.
fn known() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let crates = [
        "rest_service",
        "assistant",
        "cron_service",
        "calendar_service",
        "tg_bot",
        "libs/bus",
        "libs/service_kit",
    ];
    for krate in crates {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(krate)
            .join("src");
        read(&folder, &mut names);
    }
    assert!(names.contains("http_request_seconds") && names.contains("bus_waiting"));
    names
}

/// Adds the names in a file that counts something: its string literals that look like one.
fn read(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            if !text.contains("metrics::") {
                continue;
            }
            let literals = text.split('"').skip(1).step_by(2);
            let is_name = |text: &&str| {
                text.contains('_') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            };
            names.extend(literals.filter(is_name).map(str::to_owned));
        }
    }
}
