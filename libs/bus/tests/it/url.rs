//! What is refused before anything is connected, and what never prints.

use bus::{Bus, BusError, BusOptions, ConsumerOptions};
use messages::Topic;

use crate::backend::{Backend, said};

#[tokio::test]
async fn an_unknown_scheme_is_refused_without_printing_the_password() {
    let error = Bus::connect("amqp://user:secret@host", BusOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, BusError::InvalidUrl));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test]
async fn names_that_could_be_mistaken_for_other_keys_are_refused() {
    let backend = Backend::sqlite();
    let bus = backend.bus().await;
    let topic = Topic::named("a:b");
    let error = bus.publish(&topic, "key", &said("hello")).await.unwrap_err();
    assert!(matches!(error, BusError::InvalidName { name } if name == "a:b"));
    let options = ConsumerOptions::default();
    let error = bus
        .consumer(&Topic::ASSISTANT_INBOX, "", options)
        .await
        .unwrap_err();
    assert!(matches!(error, BusError::InvalidName { name } if name.is_empty()));
}

#[tokio::test]
async fn a_sqlite_file_that_cannot_be_made_is_an_error() {
    let error = Bus::connect("sqlite:/nowhere/at/all/bus.db", BusOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, BusError::Store(_)));
}
