//! Secrets from files: `NAME_FILE` names a file that holds the setting `NAME`, as Docker, Podman and Kubernetes mount
//! their secrets.

use std::{ffi::OsString, path::Path};

use crate::OperatorError;

/// The settings that may come from a file: the secret ones, and no others.
pub const SECRETS: [&str; 19] = [
    "ANTHROPIC_API_KEY",
    "BACKUP_PASSPHRASE",
    "BUS_URL",
    "DATABASE_URL",
    "DEEPSEEK_API_KEY",
    "ENCRYPTION_KEY",
    "ENCRYPTION_KEY_OLD",
    "GEMINI_API_KEY",
    "GOOGLE_CLIENT_SECRET",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "MODEL_KEYS",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "SERVICE_KEY",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_OWNER_CODE",
    "TELEGRAM_WEBHOOK_SECRET",
    "TRANSCRIPTION_API_KEY",
];

/// Reads the files that the environment names into the environment. No thread may run yet.
///
/// # Errors
/// A file cannot be read or is empty, or its setting is given in both ways.
pub(super) fn load() -> Result<(), OperatorError> {
    let text = read_all(variable)?;
    // Nothing else here may change the environment: dotenvy does, and is given the lines of a file like `.env`.
    dotenvy::from_read_override(text.as_bytes()).map_err(|error| {
        OperatorError::new(
            "a secret's file cannot be taken over",
            "this is a bug, please report it",
        )
        // Its text may show the line, and thereby the secret.
        .because(std::io::Error::other(match error {
            dotenvy::Error::LineParse(..) => "a line is not understood",
            _ => "the lines cannot be read",
        }))
    })
}

/// The secrets that files hold, as lines of a `.env`.
fn read_all(variable: impl Fn(&str) -> Option<OsString>) -> Result<String, OperatorError> {
    let mut lines = String::new();
    for name in SECRETS {
        let setting = format!("{name}_FILE");
        let Some(path) = variable(&setting).filter(|path| !path.is_empty()) else {
            continue;
        };
        if variable(name).is_some_and(|value| !value.is_empty()) {
            return Err(OperatorError::new(
                format!("both {name} and {setting} are set"),
                format!("set one of them; {setting} names a file that holds the value"),
            ));
        }
        let secret = read(&setting, Path::new(&path))?;
        lines.push_str(&format!("{name}={}\n", quoted(&secret)));
    }
    Ok(lines)
}

fn read(setting: &str, path: &Path) -> Result<String, OperatorError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        OperatorError::new(
            format!("cannot read {shown}, which {setting} names"),
            "make it a text file that this user may read",
        )
        .because(error)
    })?;
    // Editors and `echo` end a file with a line break.
    let secret = text.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(OperatorError::new(
            format!("{shown}, which {setting} names, is empty"),
            format!("write the value into it, or unset {setting}"),
        ));
    }
    Ok(secret.to_owned())
}

/// In double quotes, as `.env` has them, so that every character stands for itself.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for char in value.chars() {
        match char {
            '\\' | '"' | '$' => text.extend(['\\', char]),
            '\n' => text.push_str("\\n"),
            _ => text.push(char),
        }
    }
    text.push('"');
    text
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where settings are read from the environment"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What is taken over from an environment of these variables.
    fn taken(variables: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let text = read_all(find).map_err(|error| error.to_string())?;
        Ok(dotenvy::from_read_iter(text.as_bytes())
            .map(Result::unwrap)
            .collect())
    }

    #[test]
    fn every_character_of_a_secret_arrives() {
        let folder = tempfile::tempdir().unwrap();
        for secret in [
            "plain",
            "sp ace #hash =equals",
            r#"a'b"c\d$e${F}g`h"#,
            "two\nlines",
            "tab\tand ü€😀",
            " edges ",
        ] {
            let path = folder.path().join("secret");
            std::fs::write(&path, format!("{secret}\n")).unwrap();
            let taken = taken(&[("SERVICE_KEY_FILE", path.to_str().unwrap())]).unwrap();
            assert_eq!(
                taken,
                BTreeMap::from([("SERVICE_KEY".to_owned(), secret.to_owned())])
            );
        }
    }

    #[test]
    fn other_settings_that_end_in_file_are_left_alone() {
        assert!(
            taken(&[("LOG_FILE", "/nowhere"), ("RUST_LOG", "info")])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn what_cannot_be_taken_over_is_told_without_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let file = path.to_str().unwrap();
        let missing = taken(&[("SERVICE_KEY_FILE", file)]).unwrap_err();
        assert!(
            missing.contains(file) && missing.contains("SERVICE_KEY_FILE"),
            "{missing}"
        );
        std::fs::write(&path, "\n").unwrap();
        let empty = taken(&[("SERVICE_KEY_FILE", file)]).unwrap_err();
        assert!(empty.contains("is empty"), "{empty}");
        std::fs::write(&path, "from-the-file").unwrap();
        let both = [
            ("SERVICE_KEY_FILE", file),
            ("SERVICE_KEY", "from-the-environment"),
        ];
        let both = taken(&both).unwrap_err();
        assert!(
            both.starts_with("both SERVICE_KEY and SERVICE_KEY_FILE are set"),
            "{both}"
        );
        assert!(!both.contains("from-the"), "{both}");
    }
}
