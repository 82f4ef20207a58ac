//! The operator's error is one line that says everything once.

use std::io;

use service_kit::OperatorError;

#[derive(Debug, thiserror::Error)]
#[error("the pool is empty")]
struct Outer(#[source] io::Error);

#[test]
fn the_line_holds_what_failed_every_cause_and_the_advice() {
    let error = OperatorError::new("cannot open the database", "check DATABASE_URL")
        .because(Outer(io::Error::other("connection refused\nby the host")));
    assert_eq!(
        error.to_string(),
        "cannot open the database: the pool is empty: connection refused by the host; check DATABASE_URL"
    );
}

#[test]
fn a_cause_that_is_said_already_is_not_repeated() {
    let error = OperatorError::new("cannot read x: denied", "chmod it").because(io::Error::other("denied"));
    assert_eq!(error.to_string(), "cannot read x: denied; chmod it");
}
