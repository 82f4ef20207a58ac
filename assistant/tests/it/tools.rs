//! The tools as models see them.

use serde_json::json;

use crate::support::{all_specs, registry, row};

#[test]
fn the_rest_tools_of_an_assistant_switch_on_what_the_model_sees() {
    let names = |rows: &[rest_client::Tool]| registry().toolbox(rows).names();
    assert_eq!(names(&[]), Vec::<&str>::new());
    assert_eq!(names(&[row("time")]), ["time"]);
    assert_eq!(
        names(&[row("reminder"), row("unknown"), row("reminder")]),
        [
            "reminder_create",
            "reminder_list",
            "reminder_change",
            "reminder_cancel",
            "undo"
        ]
    );
    let off = rest_client::Tool {
        active: false,
        ..row("time")
    };
    assert_eq!(names(&[off]), Vec::<&str>::new());
}

#[test]
fn a_description_over_rest_replaces_the_built_in_one() {
    let row = rest_client::Tool {
        description: "Ask me what time it is.".to_owned(),
        ..row("time")
    };
    assert_eq!(
        registry().toolbox(&[row]).specs()[0].description,
        "Ask me what time it is."
    );
}

#[test]
fn the_schemas_are_small_and_without_noise() {
    let specs: Vec<_> = all_specs()
        .iter()
        .map(|spec| json!({ "name": spec.name, "description": spec.description, "parameters": spec.parameters }))
        .collect();
    let size = serde_json::to_string(&specs).expect("JSON").len();
    assert!(size < 7000, "the tools take {size} bytes of every request");
    insta::assert_json_snapshot!(specs);
}
