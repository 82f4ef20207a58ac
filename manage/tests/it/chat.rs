//! `manage chat` with piped lines: a conversation with a whole `manage run` and its offline model.

use std::{
    io::Write,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use crate::process::{Place, Running};

/// Talks to a running assistant: the lines in, what comes out.
fn chat(place: &Place, running: &Running, args: &[&str], input: &[u8]) -> Output {
    let mut child = place
        .manage(&["chat", "--rest-url", &running.rest_url])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // It may end before it has read everything.
    drop(writer.join().unwrap());
    output
}

/// What was said, after checking that all went well.
fn said(output: Output) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""));
    String::from_utf8(output.stdout).unwrap()
}

/// Why it failed, after checking that it is one line.
fn failed(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    errors
}

#[test]
fn answers_come_in_order_and_it_ends_after_the_last_one() {
    let place = Place::new().with("TZ", "Europe/Berlin").with("USER", "Ada");
    let running = place.run();
    let started = Instant::now();
    let text = said(chat(
        &place,
        &running,
        &[],
        "hello\n\n   \nwhat time is it in Tokyo?\nremind me every weekday at 9 to stretch\nlist my reminders"
            .as_bytes(),
    ));
    assert!(started.elapsed() < Duration::from_secs(20));
    let mut rest = text.as_str();
    for part in [
        "offline model",
        "Asia/Tokyo",
        "🔁",
        "Europe/Berlin",
        "stretch",
        "stretch",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
        rest = &rest[at + part.len()..];
    }
    // The second call is the same user: what was asked for before is there.
    let text = said(chat(&place, &running, &[], b"list my reminders\n"));
    assert!(text.contains("stretch"), "{text}");
}

#[test]
fn a_reminder_comes_while_it_listens_on() {
    let place = Place::new();
    let running = place.run();
    let text = said(chat(
        &place,
        &running,
        &["--wait", "4"],
        b"remind me in 1 second to drink water\n",
    ));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.contains(&"⏰ drink water"), "{text}");
    assert!(
        text.matches("drink water").count() == 2,
        "a receipt and one reminder: {text}"
    );
}

#[tokio::test]
async fn empty_input_says_nothing_and_long_input_is_answered() {
    let place = Place::new();
    let running = place.run();
    assert_eq!(said(chat(&place, &running, &[], b"")), "");
    assert_eq!(said(chat(&place, &running, &[], b"\n  \n\r\n\n")), "");
    let long = "word ".repeat(20_000);
    assert!(!said(chat(&place, &running, &[], long.as_bytes())).is_empty());
    assert!(
        !said(chat(
            &place,
            &running,
            &[],
            "\u{1f469}\u{200d}\u{1f4bb}\n".as_bytes()
        ))
        .is_empty()
    );
    assert!(!said(chat(&place, &running, &[], b"not \xff UTF-8\n")).is_empty());
    let refused = failed(chat(&place, &running, &[], "x".repeat(200_001).as_bytes()));
    assert!(refused.contains("200000 characters"), "{refused}");
}

#[test]
fn what_a_terminal_would_obey_is_not_printed() {
    let place = Place::new();
    let running = place.run();
    let text = said(chat(
        &place,
        &running,
        &[],
        "remind me in 2 hours to \u{1b}]0;owned\u{7}drink\u{1b}[2J water\n".as_bytes(),
    ));
    assert!(
        text.contains("drink"),
        "the receipt says what was stored: {text:?}"
    );
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn with_nobody_there_it_says_so_in_one_line() {
    let place = Place::new();
    let nowhere = ["chat", "--rest-url", "http://127.0.0.1:9"];
    let text = failed(place.output(&nowhere));
    assert!(
        text.contains("no assistant answers at http://127.0.0.1:9/"),
        "{text}"
    );
    assert!(text.contains("start it with `cargo manage run`"), "{text}");
    let place = place.with("SERVICE_KEY", "a-key-that-fits-nothing");
    let text = failed(place.output(&nowhere));
    assert!(text.contains("start it with `cargo manage run`"), "{text}");
}

#[test]
fn a_wrong_key_is_told_from_nobody() {
    let place = Place::new();
    let running = place.run();
    let text = failed(chat(
        &place,
        &running,
        &["--service-key", "a-key-that-fits-nothing"],
        b"hello\n",
    ));
    assert!(text.contains("refused the key"), "{text}");
}

#[test]
fn a_reader_who_leaves_ends_it_quietly() {
    let place = Place::new();
    let running = place.run();
    let mut child = place
        .manage(&["chat", "--rest-url", &running.rest_url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(b"hello\nhello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

#[test]
fn whoever_talks_first_is_spoken_to_in_the_language_of_the_terminal() {
    let place = Place::new().with("LC_ALL", "").with("LANG", "de_DE.UTF-8");
    let running = place.run();
    let text = said(chat(
        &place,
        &running,
        &[],
        "erinnere mich morgen an Anna".as_bytes(),
    ));
    assert!(text.contains("um wie viel Uhr?"), "{text}");
}
