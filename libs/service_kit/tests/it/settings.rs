//! Settings: every wrong one named at once, secrets never shown.

use std::net::SocketAddr;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use service_kit::settings::{Settings, SettingsError, load_dotenv_from, parse};

#[derive(Args, Debug)]
struct Sample {
    /// Where to listen.
    #[arg(long, env = "SAMPLE_LISTEN")]
    listen: SocketAddr,
    /// How many.
    #[arg(long, env = "SAMPLE_COUNT", default_value = "3")]
    count: u8,
    /// The key.
    #[arg(long, env = "SAMPLE_KEY", hide_env_values = true, value_parser = long_enough)]
    key: SecretString,
}

impl Settings for Sample {
    fn problems(&self) -> Vec<String> {
        if self.count == 0 {
            vec!["SAMPLE_COUNT must be at least 1".into()]
        } else {
            Vec::new()
        }
    }
}

fn long_enough(text: &str) -> Result<SecretString, String> {
    if text.len() < 8 {
        Err("shorter than 8 characters".into())
    } else {
        Ok(text.into())
    }
}

fn read(args: &[&str]) -> Result<Sample, SettingsError> {
    parse("sample", "A sample.", ["sample"].iter().chain(args).copied())
}

fn complaint(args: &[&str]) -> String {
    match read(args) {
        Err(SettingsError::Wrong(error)) => error.to_string(),
        other => format!("not refused: {other:?}"),
    }
}

#[test]
fn good_settings_are_read_and_do_not_print_their_secret() {
    let sample = read(&["--listen", "127.0.0.1:80", "--key", "correct horse"]).unwrap();
    assert_eq!(
        (sample.listen.port(), sample.count, sample.key.expose_secret()),
        (80, 3, "correct horse")
    );
    assert!(!format!("{sample:?}").contains("horse"));
}

#[test]
fn every_wrong_setting_is_named_at_once_without_the_secret() {
    let text = complaint(&["--listen", "here", "--count", "many", "--key", "hunter2"]);
    assert_eq!(
        text,
        "3 settings are wrong: SAMPLE_LISTEN cannot be \"here\" (invalid socket address syntax); \
         SAMPLE_COUNT cannot be \"many\" (invalid digit found in string); \
         SAMPLE_KEY cannot be what it is (shorter than 8 characters); \
         set it in the environment or in .env; --help describes every setting"
    );
}

#[test]
fn missing_settings_are_named_by_their_variable_beside_the_wrong_ones() {
    let text = complaint(&["--count", "many"]);
    assert!(
        text.starts_with("2 settings are wrong: SAMPLE_COUNT cannot be \"many\""),
        "{text}"
    );
    assert!(text.contains("missing: SAMPLE_LISTEN, SAMPLE_KEY"), "{text}");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let text = complaint(&[
        "--listen",
        "127.0.0.1:80",
        "--key",
        "correct horse",
        "--count",
        "0",
    ]);
    assert!(
        text.starts_with("a setting is wrong: SAMPLE_COUNT must be at least 1"),
        "{text}"
    );
}

#[test]
fn an_unknown_flag_is_named() {
    assert!(complaint(&["--lisen", "x"]).contains("--lisen"));
}

#[test]
fn help_is_not_an_error() {
    assert!(matches!(read(&["--help"]), Err(SettingsError::Info(_))));
}

#[test]
fn a_missing_dotenv_is_fine_and_a_broken_one_is_named_by_line_without_its_text() {
    let folder = tempfile::tempdir().unwrap();
    load_dotenv_from(&folder.path().join("none")).unwrap();
    let file = folder.path().join("broken.env");
    std::fs::write(&file, "SAMPLE_UNUSED=1\nSAMPLE SECRET hunter2\n").unwrap();
    let text = load_dotenv_from(&file).unwrap_err().to_string();
    assert!(
        text.contains("broken.env at line 2") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_dotenv_that_is_a_folder_or_not_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        load_dotenv_from(folder.path())
            .unwrap_err()
            .to_string()
            .contains("readable text file")
    );
    let file = folder.path().join("binary.env");
    std::fs::write(&file, [0xff, 0xfe, b'=', 0x80]).unwrap();
    assert!(
        load_dotenv_from(&file)
            .unwrap_err()
            .to_string()
            .contains("binary.env")
    );
}
