//! What is on this machine: who may read the secrets, how full the disks are, how old the zone data is.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Datelike, Utc};
use indicatif::HumanBytes;
use service_kit::{Clock, SystemClock};

use super::finding::Finding;

/// What anybody but the owner may do.
const OTHERS: u32 = 0o077;

/// Whether only their owner can read the secrets and the conversations.
pub(super) fn files(data_dir: &Path) -> Vec<Finding> {
    let mut open = Vec::new();
    let mut look = |path: PathBuf| {
        if let Ok(found) = fs::metadata(&path)
            && found.permissions().mode() & OTHERS != 0
        {
            open.push((path, found.is_dir()));
        }
    };
    look(".env".into());
    look(data_dir.to_owned());
    for entry in fs::read_dir(data_dir).into_iter().flatten().flatten() {
        look(entry.path());
    }
    if open.is_empty() {
        return vec![Finding::good("files", "nobody else can read the secrets")];
    }
    open.into_iter()
        .map(|(path, is_folder)| {
            let mode = if is_folder { "700" } else { "600" };
            Finding::bad(
                "files",
                format!("others can read {}", path.display()),
                format!("chmod {mode} {}", path.display()),
            )
        })
        .collect()
}

/// Whether there is room, in megabytes, where the data folder is and where we are.
pub(super) fn disk(data_dir: &Path, min_free: u64) -> Vec<Finding> {
    let folder = if data_dir.is_dir() {
        data_dir
    } else {
        Path::new(".")
    };
    let space = match rustix::fs::statvfs(folder) {
        Ok(space) => space,
        Err(error) => {
            return vec![Finding::doubtful(
                "disk",
                format!("the free space at {} is not known: {error}", folder.display()),
                "check the folder, or DATA_DIR",
            )];
        }
    };
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let text = format!("{} free at {}", HumanBytes(free), folder.display());
    if free < min_free.saturating_mul(1_000_000) {
        let advice = "free some space, or move the data folder to another disk (DATA_DIR): a full disk stops everything";
        return vec![Finding::bad("disk", format!("only {text}"), advice)];
    }
    vec![Finding::good("disk", text)]
}

/// Whether the rules of the time zones are of this year or the last.
pub(super) fn zones() -> Finding {
    age_of_zones(chrono_tz::IANA_TZDB_VERSION, SystemClock.now())
}

/// A version is a year and a letter ("2025b"). When in the year it came is not written, so it is old when the whole year
/// after it is over.
fn age_of_zones(version: &str, now: DateTime<Utc>) -> Finding {
    let year: i32 = version
        .get(..4)
        .and_then(|year| year.parse().ok())
        .unwrap_or_default();
    let text = format!("version {version} of the time zones");
    if year + 1 < now.year() {
        return Finding::doubtful(
            "zone data",
            format!("{text}, more than a year old"),
            "update Smart Assistant: where a country has changed its clocks since, reminders come an hour early or late",
        );
    }
    Finding::good("zone data", text)
}

#[cfg(test)]
mod tests {
    use super::age_of_zones;
    use crate::say::Mark;

    #[test]
    fn zone_data_is_old_when_the_year_after_it_is_over() {
        let at = |text: &str| text.parse().unwrap();
        for (version, now, state) in [
            ("2025b", "2025-03-22T00:00:00Z", Mark::Good),
            ("2025b", "2026-12-31T23:59:59Z", Mark::Good),
            ("2025b", "2027-01-01T00:00:00Z", Mark::Doubtful),
            ("2025b", "2031-01-01T00:00:00Z", Mark::Doubtful),
            ("", "2026-01-01T00:00:00Z", Mark::Doubtful),
        ] {
            assert_eq!(age_of_zones(version, at(now)).state, state, "{version} at {now}");
        }
        let text = age_of_zones("2025b", at("2031-01-01T00:00:00Z")).words();
        assert!(
            text.contains("2025b") && text.contains("update Smart Assistant"),
            "{text}"
        );
    }
}
