//! Deliveries: what was sent is remembered.

use messages::EventId;
use rest_client::{ConflictKind, DeliveryStatus, Error, NewDelivery};

use crate::support::{TestApp, TestDb, chat, on_both, refused_fields};

on_both!(a_part_is_recorded_once, a_reply_of_another_user_is_refused);

fn sent(id: &str) -> NewDelivery {
    NewDelivery {
        to: chat("42"),
        external_message_id: Some(id.to_owned()),
        status: DeliveryStatus::Sent,
        error: None,
    }
}

async fn a_part_is_recorded_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let reply = EventId::new("tg:1:2:0/ü?#%");
    assert!(app.client.deliveries(user, &reply).await.unwrap().is_empty());
    let failed = NewDelivery {
        external_message_id: None,
        status: DeliveryStatus::Failed,
        error: Some("chat not found".to_owned()),
        ..sent("")
    };
    let second = app
        .client
        .record_delivery(user, &reply, 1, &failed)
        .await
        .unwrap();
    assert_eq!(second.status, DeliveryStatus::Failed);
    let first = app
        .client
        .record_delivery(user, &reply, 0, &sent("100"))
        .await
        .unwrap();
    let retried = app
        .client
        .record_delivery(user, &reply, 1, &sent("101"))
        .await
        .unwrap();
    assert_eq!(
        (retried.status, retried.error.as_deref()),
        (DeliveryStatus::Sent, None)
    );

    let late = app
        .client
        .record_delivery(user, &reply, 0, &sent("999"))
        .await
        .unwrap();
    assert_eq!(late, first, "what was sent stays as it is");
    assert_eq!(
        app.client.deliveries(user, &reply).await.unwrap(),
        [first, retried]
    );
    let long = EventId::new("x".repeat(201));
    assert_eq!(
        refused_fields(app.client.record_delivery(user, &long, 0, &sent("1")).await),
        ["reply_id"]
    );
}

async fn a_reply_of_another_user_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let (one, two) = (app.user("one").await.id, app.user("two").await.id);
    let reply = EventId::new("tg:1:2:0");
    app.client
        .record_delivery(one, &reply, 0, &sent("100"))
        .await
        .unwrap();
    assert!(matches!(
        app.client.record_delivery(two, &reply, 0, &sent("200")).await,
        Err(Error::Conflict {
            kind: ConflictKind::Taken,
            ..
        })
    ));
    assert!(app.client.deliveries(two, &reply).await.unwrap().is_empty());
}
