//! How missing servers get installed, system by system.

use test_support::binaries::{InstallCommand, Missing, install_command_on, missing};

const ALL: [Missing; 6] = [
    Missing {
        program: "initdb",
        package: "postgresql",
    },
    Missing {
        program: "postgres",
        package: "postgresql",
    },
    Missing {
        program: "redis-server",
        package: "redis-server",
    },
    Missing {
        program: "python3",
        package: "python3-venv",
    },
    Missing {
        program: "node",
        package: "nodejs",
    },
    Missing {
        program: "npm",
        package: "npm",
    },
];

const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";

#[test]
fn this_machine_has_what_the_tests_run() {
    assert_eq!(missing(), []);
}

#[test]
fn root_on_debian_and_its_kin_installs_by_itself() {
    for system in [
        DEBIAN,
        "ID=ubuntu\nID_LIKE=debian\n",
        "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
    ] {
        let command = install_command_on(system, true, &ALL);
        assert!(command.is_ours_to_run, "{system}");
        assert_eq!(
            command.line,
            "apt-get update && env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
             apt-get install -y --no-install-recommends nodejs npm postgresql python3-venv redis-server"
        );
    }
}

#[test]
fn only_what_is_missing_is_installed() {
    let command = install_command_on(DEBIAN, true, &ALL[2..3]);
    assert!(
        command.line.ends_with("--no-install-recommends redis-server"),
        "{}",
        command.line
    );
}

#[test]
fn everybody_else_gets_one_command_to_type() {
    for (system, is_root, line) in [
        (
            DEBIAN,
            false,
            "sudo apt-get update && sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
             apt-get install -y --no-install-recommends nodejs npm postgresql python3-venv redis-server",
        ),
        (
            "ID=fedora\n",
            false,
            "sudo dnf install -y nodejs npm postgresql-server python3 redis",
        ),
        (
            "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
            true,
            "dnf install -y nodejs npm postgresql-server python3 redis",
        ),
        ("ID=alpine\n", true, "apk add nodejs npm postgresql python3 redis"),
        (
            "ID=arch\n",
            false,
            "sudo pacman -S --needed nodejs npm postgresql python redis",
        ),
        ("", false, "brew install node postgresql python redis"),
    ] {
        let expected = InstallCommand {
            line: line.to_owned(),
            is_ours_to_run: false,
        };
        assert_eq!(install_command_on(system, is_root, &ALL), expected);
    }
}

#[test]
fn a_failed_installation_says_what_failed() {
    let run = |line: &str| {
        InstallCommand {
            line: line.to_owned(),
            is_ours_to_run: true,
        }
        .run()
    };
    assert!(run("true").is_ok());
    assert_eq!(
        run("exit 100").unwrap_err().to_string(),
        "`exit 100` failed: exit status: 100"
    );
}
