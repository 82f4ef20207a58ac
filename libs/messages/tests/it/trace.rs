//! Trace ids in the W3C header form.

use messages::TraceId;

#[test]
fn a_traceparent_header_round_trips() {
    let id = TraceId::random();
    assert_eq!(TraceId::from_traceparent(&id.to_traceparent()).unwrap(), id);
}

#[test]
fn a_header_of_a_later_version_is_read() {
    let header = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra";
    let id = TraceId::from_traceparent(header).unwrap();
    assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn malformed_headers_are_refused() {
    for header in [
        "",
        "00",
        "00-",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f-00f067aa0ba902b7-01",
        "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-äbf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
    ] {
        assert!(TraceId::from_traceparent(header).is_err(), "{header}");
    }
}
