//! How to install what the tests need: by itself as root on Debian and its kin, else as one command to type.

use std::fs;
use std::process::{Command, ExitStatus};

use super::{Missing, is_root};

/// What would install the missing programs on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallCommand {
    /// One line for a shell, such as `sudo apt-get install -y --no-install-recommends redis-server`.
    pub line: String,
    /// Whether [`InstallCommand::run`] may be called: as root on Debian or a system like it.
    pub is_ours_to_run: bool,
}

/// Why an installation came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The shell could not be started.
    #[error("cannot start a shell")]
    Start(#[source] std::io::Error),
    /// The package manager failed, and said why on its standard error.
    #[error("`{line}` failed: {status}")]
    Failed {
        /// What was run.
        line: String,
        /// How it ended.
        status: ExitStatus,
    },
}

/// The command that installs the packages of `missing` on this machine.
pub fn install_command(missing: &[Missing]) -> InstallCommand {
    // os-release(5)
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    install_command_on(&system, is_root(), missing)
}

/// As [`install_command`], for a system that describes itself by an `os-release` file (os-release(5)); an
/// empty one stands for macOS.
pub fn install_command_on(os_release: &str, is_root: bool, missing: &[Missing]) -> InstallCommand {
    let manager = Manager::of(os_release);
    let mut packages: Vec<&str> = missing
        .iter()
        .map(|missing| manager.package(missing.package))
        .collect();
    packages.sort_unstable();
    packages.dedup();
    let packages = packages.join(" ");
    let sudo = if is_root { "" } else { "sudo " };
    let line = match manager {
        // `RUNLEVEL=1` keeps the packages from starting the system's own servers: nobody needs them.
        Manager::Apt => format!(
            "{sudo}apt-get update && \
             {sudo}env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
             apt-get install -y --no-install-recommends {packages}"
        ),
        Manager::Apk => format!("{sudo}apk add {packages}"),
        Manager::Brew => format!("brew install {packages}"),
        Manager::Dnf => format!("{sudo}dnf install -y {packages}"),
        Manager::Pacman => format!("{sudo}pacman -S --needed {packages}"),
    };
    InstallCommand {
        line,
        is_ours_to_run: is_root && manager == Manager::Apt,
    }
}

impl InstallCommand {
    /// Runs the command; what the package manager writes goes to our own output.
    ///
    /// # Errors
    /// If the shell doesn't start or the package manager fails.
    pub fn run(&self) -> Result<(), InstallError> {
        let status = Command::new("sh")
            .args(["-c", &self.line])
            .status()
            .map_err(InstallError::Start)?;
        if status.success() {
            Ok(())
        } else {
            Err(InstallError::Failed {
                line: self.line.clone(),
                status,
            })
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apk,
    Apt,
    Brew,
    Dnf,
    Pacman,
}

impl Manager {
    fn of(os_release: &str) -> Self {
        let values = os_release.lines().filter_map(|line| line.split_once('='));
        let names = values
            .filter(|(key, _)| matches!(*key, "ID" | "ID_LIKE"))
            .flat_map(|(_, value)| {
                value
                    .split(|char: char| char.is_whitespace() || char == '"')
                    .filter(|name| !name.is_empty())
            });
        let managers = names.filter_map(|name| match name {
            "debian" | "ubuntu" => Some(Self::Apt),
            "alpine" => Some(Self::Apk),
            "fedora" | "rhel" | "centos" => Some(Self::Dnf),
            "arch" => Some(Self::Pacman),
            _ => None,
        });
        let unknown = if os_release.is_empty() {
            Self::Brew
        } else {
            Self::Apt
        };
        managers.into_iter().next().unwrap_or(unknown)
    }

    /// What Debian's package is called here.
    fn package(self, debian: &'static str) -> &'static str {
        match (self, debian) {
            (Self::Dnf, "postgresql") => "postgresql-server",
            (Self::Apk | Self::Brew | Self::Dnf | Self::Pacman, "redis-server") => "redis",
            (Self::Dnf, "iproute2") => "iproute",
            (Self::Apk | Self::Dnf, "python3-venv") => "python3",
            (Self::Brew | Self::Pacman, "python3-venv") => "python",
            (Self::Brew, "nodejs" | "npm") => "node",
            (_, name) => name,
        }
    }
}
