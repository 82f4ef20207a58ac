//! Look-ups leave nothing behind: the tables stay where they are in the binary.

use std::process::Command;

/// Anonymous memory of this process, in KiB: what the allocator holds, without what is mapped from files.
fn anonymous_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn look_ups_hold_no_memory() {
    // In a process of its own: the other tests use memory too.
    let alone = ["--exact", "memory::look_ups_alone", "--ignored", "--nocapture"];
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(alone)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        outcome.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}

#[test]
#[ignore = "runs in a child process of other tests"]
fn look_ups_alone() {
    let before = anonymous_kib();
    for step in 0..20 {
        assert!(places::zone_at(f64::from(step), f64::from(step * 4)).is_some());
        assert!(!places::search("Berlin", chrono::DateTime::UNIX_EPOCH).is_empty());
    }
    let grown = anonymous_kib().saturating_sub(before);
    println!("{grown} KiB more than the {before} KiB before");
    // The whole of the borders, unpacked, is some hundred megabytes.
    assert!(grown < 4 * 1024, "{grown} KiB");
}
