//! The containers as Docker Compose lists them (`docker compose ps --format json`).

use std::fmt;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// One container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "PascalCase"))]
pub(crate) struct Container {
    /// The service it is one of.
    service: String,
    /// The container's own name.
    #[serde(rename(deserialize = "Name"))]
    container: String,
    /// `running`, `exited`, `restarting`, `created`, `paused`, `dead`.
    state: String,
    /// `healthy`, `unhealthy`, `starting`; empty where nothing is checked.
    #[serde(default)]
    health: String,
    /// How it ended; 0 while it runs.
    #[serde(default)]
    exit_code: i32,
    /// Since when, in Docker's words.
    #[serde(default)]
    status: String,
}

impl Container {
    /// Reads the list: a JSON array, or one object a line, by the version of Compose.
    ///
    /// # Errors
    /// It is neither.
    pub(super) fn read_all(text: &str) -> anyhow::Result<Vec<Self>> {
        let unreadable =
            "this version of Docker Compose lists containers in a way that is not understood; update it";
        let text = text.trim();
        if text.starts_with('[') {
            return serde_json::from_str(text).context(unreadable);
        }
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).context(unreadable))
            .collect()
    }

    /// Whether it does what it should: runs and is healthy, or has done its one task.
    pub(super) fn is_well(&self) -> bool {
        match self.state.as_str() {
            "running" => matches!(self.health.as_str(), "healthy" | ""),
            "exited" => self.is_one_shot() && self.exit_code == 0,
            _ => false,
        }
    }

    /// Whether its process runs.
    pub(super) fn is_running(&self) -> bool {
        self.state == "running"
    }

    /// What it is called in the list: its service, with its number where there are several.
    pub(super) fn name(&self) -> String {
        match self.container.rsplit('-').next() {
            Some(number) if number != "1" && number.parse::<u32>().is_ok() => {
                format!("{} {number}", self.service)
            }
            _ => self.service.clone(),
        }
    }

    fn is_one_shot(&self) -> bool {
        self.service == "migrate"
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, health) = (self.state.as_str(), self.health.as_str());
        match (state, health) {
            ("exited", _) if self.is_well() => f.write_str("done"),
            ("exited", _) => write!(f, "stopped with exit code {}", self.exit_code),
            (_, "") => write!(f, "{state} ({})", self.status),
            _ => write!(f, "{health} ({})", self.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: &str = r#"{"Service":"assistant","Name":"smart-assistant-assistant-2","State":"running","Health":"healthy","ExitCode":0,"Status":"Up 2 minutes (healthy)"}"#;
    const MIGRATED: &str = r#"{"Service":"migrate","Name":"x-migrate-1","State":"exited","Health":"","ExitCode":0,"Status":"Exited (0)"}"#;
    const FAILED: &str = r#"{"Service":"tg_bot","Name":"x-tg_bot-1","State":"exited","Health":"","ExitCode":1,"Status":"Exited (1)"}"#;

    #[test]
    fn both_forms_of_the_list_are_read() {
        let lines = Container::read_all(&format!("{RUNNING}\n{MIGRATED}\n")).unwrap();
        let array = Container::read_all(&format!("[{RUNNING},{MIGRATED}]")).unwrap();
        assert_eq!(lines, array);
        assert!(Container::read_all("").unwrap().is_empty());
        assert!(Container::read_all("NAME  IMAGE").is_err());
    }

    #[test]
    fn what_should_run_and_does_not_is_told() {
        let all = Container::read_all(&format!("{RUNNING}\n{MIGRATED}\n{FAILED}")).unwrap();
        let well: Vec<_> = all.iter().map(Container::is_well).collect();
        assert_eq!(well, [true, true, false]);
        assert_eq!(all[0].name(), "assistant 2");
        assert_eq!(all[1].to_string(), "done");
        assert_eq!(all[2].to_string(), "stopped with exit code 1");
    }
}
