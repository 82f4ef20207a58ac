//! `manage assistant`, as an operator types it against a running installation.

use std::fs;

use crate::process::{Place, Running};

fn said(place: &Place, running: &Running, args: &[&str]) -> String {
    let output = place
        .manage(args)
        .env("REST_URL", &running.rest_url)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[test]
fn assistants_go_out_into_a_file_and_come_back() {
    let place = Place::new();
    let running = place.run();
    assert!(said(&place, &running, &["assistant", "list"]).contains("secretary  active"));
    let shown = said(&place, &running, &["assistant", "show", "Assistant"]);
    for tool in ["calendar", "memory", "reminder", "time", "weather"] {
        assert!(shown.contains(tool), "{shown}");
    }
    let shown = said(&place, &running, &["assistant", "show", "Assistant", "--json"]);
    assert!(shown.contains("\"name\": \"reminder\""), "{shown}");

    said(&place, &running, &["assistant", "export", "--output", "all.yaml"]);
    let file = place.path().join("all.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let same = said(&place, &running, &["assistant", "import", "all.yaml"]);
    assert!(same.contains("Nothing to change"), "{same}");

    fs::write(&file, text.replace("name: Assistant", "name: Butler")).unwrap();
    let would = said(
        &place,
        &running,
        &["assistant", "import", "all.yaml", "--dry-run"],
    );
    assert!(
        would.contains("~ assistant Butler")
            && would.contains("- name: Assistant")
            && would.contains("+ name: Butler"),
        "{would}"
    );
    assert!(
        said(&place, &running, &["assistant", "list"]).contains("Assistant"),
        "a dry run changes nothing"
    );
    said(&place, &running, &["assistant", "import", "all.yaml"]);
    assert!(said(&place, &running, &["assistant", "list", "--json"]).contains("\"Butler\""));
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn an_assistant_is_edited_by_flags_from_a_file_and_in_an_editor() {
    let place = Place::new();
    let running = place.run();
    let edit = |args: &[&str]| {
        said(
            &place,
            &running,
            &[&["assistant", "edit", "Assistant"], args].concat(),
        )
    };
    let shown = || said(&place, &running, &["assistant", "show", "Assistant", "--json"]);

    edit(&["--model", "gpt-5"]);
    assert!(shown().contains("\"model\": \"gpt-5\""), "{}", shown());
    edit(&["--model", ""]);
    assert!(shown().contains("\"model\": null"), "{}", shown());
    fs::write(place.path().join("new.txt"), "Be brief.\nBe kind.\n").unwrap();
    edit(&["--instructions", "new.txt"]);
    assert!(shown().contains("Be brief.\\nBe kind.\""), "{}", shown());
    edit(&["--editor", "sed -i s/brief/exact/"]);
    assert!(shown().contains("Be exact.\\nBe kind.\""), "{}", shown());
    assert_eq!(edit(&["--editor", "true"]).trim(), "Nothing was changed.");

    let run = |args: &[&str]| {
        let mut command = place.manage(&[&["assistant", "edit", "Assistant"], args].concat());
        let output = command.env("REST_URL", &running.rest_url).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&[]).contains("EDITOR"));
    assert!(run(&["--editor", "false"]).contains("nothing was changed"));
    assert!(shown().contains("Be exact."));
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_done() {
    let place = Place::new();
    let running = place.run();
    fs::write(
        place.path().join("bad.json"),
        r#"{ "assistants": [{ "kind": "sub", "name": " ", "instructions": "", "tools": ["nothing"] }] }"#,
    )
    .unwrap();
    let output = place
        .manage(&["assistant", "import", "bad.json"])
        .env("REST_URL", &running.rest_url)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("assistants[0].name: must not be empty")
    );
    let away = place.output(&["assistant", "list", "--rest-url", "http://127.0.0.1:1"]);
    assert_eq!(away.status.code(), Some(1));
    assert!(String::from_utf8(away.stderr).unwrap().contains("manage run"));
}
