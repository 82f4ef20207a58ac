//! docker-compose.yml keeps its promises: what is locked down, what is published, and that every setting gets through.

use std::{collections::BTreeSet, path::PathBuf};

use clap::{Args, Command};
use serde_json::{Map, Value};
use service_kit::settings::SECRETS;

/// Our own services; each is our image.
const SERVICES: [&str; 5] = [
    "rest_service",
    "assistant",
    "cron_service",
    "calendar_service",
    "tg_bot",
];

/// What others wrote and we run.
const STORES: [&str; 2] = ["postgres", "redis"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the source's folder.
pub(crate) fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn compose() -> Value {
    serde_saphyr::from_str(&file("docker-compose.yml")).unwrap()
}

fn services(compose: &Value) -> &Map<String, Value> {
    compose["services"].as_object().unwrap()
}

fn list(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|items| items.iter().map(|item| item.as_str().unwrap()).collect())
        .unwrap_or_default()
}

#[test]
fn every_service_of_ours_is_locked_down_limited_and_looked_after() {
    let compose = compose();
    let services = services(&compose);
    for name in SERVICES.into_iter().chain(["migrate", "manage"]) {
        let service = &services[name];
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(list(&service["cap_drop"]), ["ALL"], "{name}");
        assert!(service.get("cap_add").is_none(), "{name}");
        assert!(service.get("privileged").is_none(), "{name}");
        assert!(
            service.get("user").is_none(),
            "{name}: the image's own user is not root"
        );
        assert!(service.get("volumes").is_none(), "{name} keeps nothing itself");
        assert!(
            list(&service["security_opt"]).contains(&"no-new-privileges:true"),
            "{name}"
        );
        assert_limited(name, service);
        if ["migrate", "manage"].contains(&name) {
            assert_eq!(service["restart"], "no", "it ends by itself");
        } else {
            assert_eq!(service["restart"], "unless-stopped", "{name}");
            assert_eq!(
                list(&service["healthcheck"]["test"])[..3],
                ["CMD", "manage", "health"],
                "{name}"
            );
        }
    }
}

#[test]
fn the_stores_have_no_more_rights_than_they_need_and_answer_the_services_only() {
    let compose = compose();
    for name in STORES {
        let store = &services(&compose)[name];
        assert_eq!(list(&store["networks"]), ["stores"], "{name}");
        assert!(store.get("ports").is_none(), "{name}");
        assert_eq!(list(&store["cap_drop"]), ["ALL"], "{name}");
        let needed = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];
        assert_eq!(list(&store["cap_add"]), needed, "{name}");
        assert!(
            list(&store["security_opt"]).contains(&"no-new-privileges:true"),
            "{name}"
        );
        assert!(store["healthcheck"]["test"].is_string(), "{name}");
        assert_limited(name, store);
    }
    assert_eq!(compose["networks"]["stores"]["internal"], true);
    assert_eq!(compose["networks"]["services"]["internal"], true);
}

fn assert_limited(name: &str, service: &Value) {
    let limits = &service["deploy"]["resources"]["limits"];
    for limit in ["cpus", "memory", "pids"] {
        assert!(limits.get(limit).is_some(), "{name}: {limit}");
    }
    assert!(
        service["logging"]["options"]["max-size"].is_string(),
        "{name} could fill the disk with its log"
    );
}

#[test]
fn what_is_published_is_published_to_this_machine_alone() {
    for path in [
        "docker-compose.yml",
        "docker-compose.test.yml",
        "docker/stores.yml",
    ] {
        let compose: Value = serde_saphyr::from_str(&file(path)).unwrap();
        let mut published = 0;
        for (name, service) in services(&compose) {
            for port in list(&service["ports"]) {
                assert!(port.starts_with("127.0.0.1:"), "{path}: {name}: {port}");
                published += 1;
            }
            assert!(service.get("network_mode").is_none(), "{path}: {name}");
        }
        assert!(published > 0, "{path} publishes something");
    }
}

#[test]
fn migrations_come_before_the_services_and_the_services_behind_rest() {
    let compose = compose();
    let waits =
        |service: &str, behind: &str| services(&compose)[service]["depends_on"][behind]["condition"].clone();
    assert_eq!(waits("migrate", "postgres"), "service_healthy");
    assert_eq!(waits("rest_service", "migrate"), "service_completed_successfully");
    for name in ["assistant", "cron_service", "calendar_service", "tg_bot"] {
        assert_eq!(waits(name, "rest_service"), "service_healthy", "{name}");
        assert_eq!(waits(name, "redis"), "service_healthy", "{name}");
    }
}

#[test]
fn manage_has_a_container_that_reaches_all_and_knows_what_is_secret_or_an_address() {
    let compose = compose();
    let manage = &services(&compose)["manage"];
    assert_eq!(
        list(&manage["profiles"]),
        ["tools"],
        "it starts when it is asked to"
    );
    assert_eq!(list(&manage["networks"]), ["stores", "services", "outside"]);
    assert!(manage.get("ports").is_none());
    let given = manage["environment"].as_object().unwrap();
    let all = [
        settings::<rest_service::Settings>(),
        settings::<assistant::Settings>(),
        settings::<cron_service::Settings>(),
        settings::<calendar_service::Settings>(),
        settings::<tg_bot::Settings>(),
        SECRETS.map(str::to_owned).into(),
    ];
    let missing: Vec<_> = all
        .iter()
        .flatten()
        .filter(|name| name.ends_with("_URL") || SECRETS.contains(&name.as_str()))
        .filter(|name| !given.contains_key(*name))
        .collect();
    assert!(missing.is_empty(), "it does not get {missing:?}");
    let asked = given["HEALTH_URLS"].as_str().unwrap();
    for name in SERVICES.into_iter().filter(|name| *name != "rest_service") {
        let test = list(&services(&compose)[name]["healthcheck"]["test"]);
        let port = test.last().unwrap().rsplit(':').next().unwrap();
        assert!(
            asked.contains(&format!("http://{name}:{port}")),
            "{name}: {asked}"
        );
    }
}

/// The variables that a service's settings are read from.
fn settings<S: Args>() -> BTreeSet<String> {
    let command = S::augment_args(Command::new("service"));
    let variables = command.get_arguments().filter_map(clap::Arg::get_env);
    variables
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_setting_of_a_service_reaches_its_container() {
    let compose = compose();
    let process = settings::<service_kit::ProcessSettings>();
    let wanted = [
        ("rest_service", settings::<rest_service::Settings>()),
        ("assistant", settings::<assistant::Settings>()),
        ("cron_service", settings::<cron_service::Settings>()),
        ("calendar_service", settings::<calendar_service::Settings>()),
        ("tg_bot", settings::<tg_bot::Settings>()),
    ];
    for (name, mut wanted) in wanted {
        wanted.extend(process.iter().cloned());
        // A container's log goes to its standard error; the root is read-only.
        wanted.remove("LOG_FILE");
        let environment = services(&compose)[name]["environment"].as_object().unwrap();
        let given: BTreeSet<String> = environment.keys().cloned().collect();
        let missing: Vec<_> = wanted.difference(&given).collect();
        assert!(missing.is_empty(), "{name} does not get {missing:?}");
        // What every service gets may be more than it reads; what it alone gets is read.
        let common = ["CALENDAR_URL", "REST_URL"];
        let unread: Vec<_> = given
            .difference(&wanted)
            .filter(|setting| !common.contains(&setting.as_str()))
            .collect();
        assert!(unread.is_empty(), "{name} does not read {unread:?}");
    }
}
