//! Changes in calendars: written down once, settled once, seen by their user alone.

use rest_client::{CalendarWritePatch, CalendarWriteState, ConflictKind, Error, NewCalendarWrite, Sealed};
use uuid::Uuid;

use crate::support::{TestApp, TestDb, no_id, on_both, refused_fields};

on_both!(
    a_change_is_written_down_once,
    a_state_never_goes_back,
    a_change_is_its_users_alone,
);

fn sealed(text: &str) -> Sealed {
    Sealed {
        key_id: "k1".to_owned(),
        ciphertext: text.to_owned(),
    }
}

fn new(text: &str) -> NewCalendarWrite {
    NewCalendarWrite { plan: sealed(text) }
}

fn settled(state: CalendarWriteState, text: &str) -> CalendarWritePatch {
    CalendarWritePatch {
        state,
        plan: sealed(text),
    }
}

const WRITE: Uuid = Uuid::from_u128(7);

async fn a_change_is_written_down_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    assert!(matches!(
        app.client.calendar_write(user, WRITE).await,
        Err(Error::NotFound)
    ));
    let first = app
        .client
        .begin_calendar_write(user, WRITE, &new("one"))
        .await
        .unwrap();
    assert_eq!(
        (first.state, &first.plan),
        (CalendarWriteState::Begun, &sealed("one"))
    );
    let again = app
        .client
        .begin_calendar_write(user, WRITE, &new("two"))
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(app.client.calendar_write(user, WRITE).await.unwrap(), first);
    let nobody = app
        .client
        .begin_calendar_write(no_id(), no_id(), &new("one"))
        .await;
    assert!(matches!(nobody, Err(Error::NotFound)));
    let empty = app.client.begin_calendar_write(user, no_id(), &new("")).await;
    assert_eq!(refused_fields(empty), ["plan.ciphertext"]);
}

async fn a_state_never_goes_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    app.client
        .begin_calendar_write(user, WRITE, &new("begun"))
        .await
        .unwrap();
    let settle = async |state, text| {
        let patch = settled(state, text);
        app.client.settle_calendar_write(user, WRITE, &patch).await
    };
    assert_eq!(
        refused_fields(settle(CalendarWriteState::Begun, "x").await),
        ["state"]
    );
    let early = settle(CalendarWriteState::Undone, "x").await.unwrap();
    assert_eq!(
        early.state,
        CalendarWriteState::Begun,
        "what was not made is not undone"
    );

    let done = settle(CalendarWriteState::Done, "done").await.unwrap();
    assert_eq!(
        (done.state, &done.plan),
        (CalendarWriteState::Done, &sealed("done"))
    );
    assert_eq!(settle(CalendarWriteState::Done, "other").await.unwrap(), done);
    let undone = settle(CalendarWriteState::Undone, "undone").await.unwrap();
    assert_eq!(
        (undone.state, &undone.plan),
        (CalendarWriteState::Undone, &sealed("undone"))
    );
    assert_eq!(settle(CalendarWriteState::Done, "done").await.unwrap(), undone);
    assert_eq!(
        app.client
            .begin_calendar_write(user, WRITE, &new("begun"))
            .await
            .unwrap(),
        undone
    );
}

async fn a_change_is_its_users_alone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (one, two) = (app.user("one").await.id, app.user("two").await.id);
    app.client
        .begin_calendar_write(one, WRITE, &new("one's"))
        .await
        .unwrap();
    assert!(matches!(
        app.client.calendar_write(two, WRITE).await,
        Err(Error::NotFound)
    ));
    let settling = settled(CalendarWriteState::Done, "two's");
    assert!(matches!(
        app.client.settle_calendar_write(two, WRITE, &settling).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        app.client.begin_calendar_write(two, WRITE, &new("two's")).await,
        Err(Error::Conflict {
            kind: ConflictKind::Taken,
            ..
        })
    ));
    let stored = app.client.calendar_write(one, WRITE).await.unwrap();
    assert_eq!(
        (stored.state, stored.plan),
        (CalendarWriteState::Begun, sealed("one's"))
    );
}
