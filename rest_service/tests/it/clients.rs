//! Clients that others' programs make of the OpenAPI document: each is made, its types are checked, and a script uses
//! it against the real service. What they cannot understand of the document fails here.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use test_support::{node, python};

use crate::support::{KEY, TestApp, TestDb};

/// The programs from PyPI; those from npm are in `tests/clients/package.json`.
const PACKAGES: [&str; 1] = ["openapi-python-client==0.29.1"];

/// No formatter has to be there.
const CONFIG: &str = "post_hooks: []\n";

/// What the maker of the Python client leaves out, and says so: it knows no gzip, and no YAML beside the JSON of the same
/// call.
const LEFT_OUT: [&str; 3] = [
    "WARNING parsing GET /users/{user}/export within users.",
    "WARNING parsing POST /import within configuration.",
    "WARNING parsing POST /users/{user}/scheduled_tasks/import within scheduled_tasks.",
];

/// How long one program may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");

async fn both() -> [TestApp; 2] {
    [
        TestApp::start(TestDb::postgres().await).await,
        TestApp::start(TestDb::sqlite()).await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_does_its_work() {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = tokio::task::spawn_blocking(|| python::program(tmp, &PACKAGES, "openapi-python-client"));
    let program = program.await.unwrap();
    let place = tempfile::tempdir_in(tmp).unwrap();
    let folder = place.path();
    fs::write(folder.join("openapi.json"), rest_service::openapi()).unwrap();
    fs::write(folder.join("config.yml"), CONFIG).unwrap();
    fs::copy(Path::new(SCRIPTS).join("script.py"), folder.join("script.py")).unwrap();
    let mut make = Command::new(&program);
    make.args([
        "generate",
        "--path",
        "openapi.json",
        "--output-path",
        "smart_assistant",
    ])
    .args(["--meta", "none", "--config", "config.yml"])
    .current_dir(folder);
    let told = run(make).await;
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
    let mut left_out: Vec<&str> = told.lines().filter(|line| line.starts_with("WARNING")).collect();
    left_out.sort_unstable();
    assert_eq!(left_out, LEFT_OUT, "{told}");
    for app in both().await {
        let mut script = Command::new(program.with_file_name("python"));
        script.arg("script.py").current_dir(folder);
        says(script, &app, "python: all well").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_clients_do_their_work() {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let packages = tokio::task::spawn_blocking(|| node::packages(tmp, Path::new(SCRIPTS)));
    let packages = packages.await.unwrap();
    // Below the packages, so that they are found.
    let place = tempfile::tempdir_in(&packages).unwrap();
    let folder = place.path();
    fs::write(folder.join("openapi.json"), rest_service::openapi()).unwrap();
    fs::write(folder.join("package.json"), r#"{ "type": "commonjs" }"#).unwrap();
    for name in ["openapi_typescript.ts", "hey_api.ts", "tsconfig.json"] {
        fs::copy(Path::new(SCRIPTS).join(name), folder.join(name)).unwrap();
    }
    let tool = |path: &str, args: &[&str]| {
        let mut tool = Command::new(node::program());
        tool.arg(packages.join("node_modules").join(path))
            .args(args)
            .current_dir(folder);
        tool
    };
    run(tool(
        "openapi-typescript/bin/cli.js",
        &["openapi.json", "--output", "schema.d.ts"],
    ))
    .await;
    let hey = [
        "--input",
        "openapi.json",
        "--output",
        "hey",
        "--client",
        "@hey-api/client-fetch",
    ];
    run(tool("@hey-api/openapi-ts/bin/index.cjs", &hey)).await;
    run(tool("typescript/bin/tsc", &["--project", "."])).await;
    for app in both().await {
        for (name, said) in [
            ("openapi_typescript.js", "openapi-typescript: all well"),
            ("hey_api.js", "hey-api: all well"),
        ] {
            let mut script = Command::new(node::program());
            script.arg(folder.join("js").join(name)).current_dir(folder);
            says(script, &app, said).await;
        }
    }
}

/// Runs a script against a service.
async fn says(mut script: Command, app: &TestApp, text: &str) {
    let url = app.url.as_str().trim_end_matches('/');
    script.env("REST_URL", url).env("SERVICE_KEY", KEY);
    let output = run(script).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains(text), "{said}");
}

async fn run(command: Command) -> Output {
    let mut command = tokio::process::Command::from(command);
    let told = format!("{command:?}");
    let ended = tokio::time::timeout(LIMIT, command.kill_on_drop(true).output()).await;
    let output = ended
        .unwrap_or_else(|_| panic!("{told} did not come to an end"))
        .unwrap();
    assert!(
        output.status.success(),
        "{told}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
