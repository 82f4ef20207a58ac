//! A network of a test's own: the test runs again in a network namespace, where it may do to the network what it likes.

use std::{
    fmt,
    io::Write,
    process::{Command, Stdio},
};

use crate::binaries;

/// Set for the run inside.
const INSIDE: &str = "TEST_IN_NAMESPACE";

/// Programs of Linux that make a namespace, bring its loopback up and filter its packets.
const PROGRAMS: [&str; 3] = ["unshare", "ip", "nft"];

/// Which of the two runs of a test this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// The one inside of the namespace: it does the test's work.
    Inside,
    /// The one that started the other, which has passed.
    Passed,
    /// This machine makes no namespaces; why was printed.
    Impossible,
}

/// Runs the calling test (`name`, as the harness names it) in a network namespace of its own, unless this is that run.
/// Nothing but its own loopback is there; servers that it shares with other tests are started anew inside.
///
/// # Panics
/// If the run inside failed.
pub fn enter(name: &str) -> Run {
    if crate::settings::is_set(INSIDE) {
        return Run::Inside;
    }
    if let Some(why) = impossible() {
        // To the terminal, not into what the harness keeps to itself: what did not run must be seen.
        let told = writeln!(std::io::stderr(), "{name} did not run: {why}");
        drop(told);
        return Run::Impossible;
    }
    let this = std::env::current_exe().expect("this program has a path");
    let mut inside = in_namespace();
    inside
        .arg("ip link set lo up && exec \"$0\" \"$@\"")
        .arg(this)
        .args([name, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        // They are outside.
        .env_remove("TEST_POSTGRES_URL")
        .env_remove("TEST_REDIS_URL");
    let output = inside.output().expect("`unshare` starts");
    let (said, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "in the namespace:\n{said}\n{errors}");
    assert!(
        said.contains("1 passed"),
        "no test {name} ran in the namespace:\n{said}\n{errors}"
    );
    tell(&said);
    Run::Passed
}

/// Shows what the test inside printed, as if it had run here.
fn tell(said: &str) {
    // Who cannot read it misses nothing: the test has passed.
    let _ = std::io::stdout().write_all(said.as_bytes());
}

/// Why this machine makes no namespaces.
fn impossible() -> Option<String> {
    let missing: Vec<&str> = PROGRAMS
        .into_iter()
        .filter(|program| !binaries::is_there(program))
        .collect();
    if !missing.is_empty() {
        return Some(format!("this machine has no {}", missing.join(", no ")));
    }
    let mut probe = in_namespace();
    probe.arg("ip link set lo up && nft add table inet probe");
    let output = probe.stdin(Stdio::null()).output().expect("`unshare` starts");
    (!output.status.success()).then(|| {
        format!(
            "no network namespace can be made here: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )
    })
}

/// A shell in a namespace; what it is to run comes next. Root needs no more than the namespace; others become what
/// they are in a user namespace too, with the rights over its network.
fn in_namespace() -> Command {
    let mut command = Command::new("unshare");
    command.arg("--net").env("PATH", binaries::search_path_of_root());
    if !binaries::is_root() {
        command.args(["--map-current-user", "--keep-caps"]);
    }
    command.args(["--", "sh", "-c"]);
    command
}

/// A firewall of this namespace that drops everything to and from a port; gone when dropped.
pub struct Firewall(());

impl fmt::Debug for Firewall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Firewall")
    }
}

impl Firewall {
    /// From now on no packet to or from `port` arrives.
    ///
    /// # Panics
    /// Outside of a namespace of a test's own, or if the rules are refused.
    pub fn around(port: u16) -> Self {
        assert!(
            crate::settings::is_set(INSIDE),
            "only in a namespace of the test's own: see `enter`"
        );
        nft(&format!(
            "table inet cut {{ chain arriving {{ type filter hook input priority 0; \
             tcp dport {port} drop; tcp sport {port} drop; }}; }}"
        ));
        Self(())
    }
}

impl Drop for Firewall {
    fn drop(&mut self) {
        nft("delete table inet cut");
    }
}

fn nft(rules: &str) {
    let mut command = Command::new("nft");
    command.env("PATH", binaries::search_path_of_root());
    let output = command.arg(rules).output().expect("`nft` starts");
    assert!(
        output.status.success(),
        "{rules}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
