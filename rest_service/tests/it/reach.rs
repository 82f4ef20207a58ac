//! Chats that cannot be reached, whose tasks wait; and chats that have got another id.

use chrono::TimeDelta;
use messages::Channel;
use rest_client::{ClaimTasks, Client, HoldTasks, MessageRole, MoveChat, PageQuery, TaskStatus};
use uuid::Uuid;

use crate::{
    scheduled_tasks::{daily_at_nine, status},
    support::{TestApp, TestDb, chat, on_both, reminder, turn},
};

on_both!(
    tasks_of_a_chat_out_of_reach_wait_and_go_on,
    what_was_paused_while_it_was_held_fires_again_when_it_is_resumed,
    a_chat_that_moves_takes_everything_along,
);

fn hold(chat: &str, user_id: Option<Uuid>, held: bool) -> HoldTasks {
    HoldTasks {
        user_id,
        channel: Channel::Telegram,
        chat: chat.to_owned(),
        held,
    }
}

async fn due(client: &Client) -> Vec<String> {
    let ask = ClaimTasks {
        limit: 10,
        lease_seconds: 1,
    };
    let claim = client.claim_tasks(&ask).await.unwrap();
    claim.tasks.into_iter().map(|task| task.text).collect()
}

async fn tasks_of_a_chat_out_of_reach_wait_and_go_on(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let other = app.user("Bea").await.id;
    let make = async |text: &str, place: &str| {
        let mut new = reminder(text, daily_at_nine());
        new.to = chat(place);
        app.client.create_task(user, &new).await.unwrap()
    };
    let here = make("here", "-10").await;
    let topic = make("in a topic", "-10/7").await;
    make("in another chat", "-101").await;
    let paused = make("paused", "-10").await;
    app.client
        .update_task(user, paused.id, &status(TaskStatus::Paused))
        .await
        .unwrap();
    let tasks = async |ask: HoldTasks| app.client.hold_tasks(&ask).await.unwrap().tasks;
    assert_eq!(
        tasks(hold("-10", Some(other), true)).await,
        0,
        "nothing of theirs"
    );
    assert_eq!(tasks(hold("-1_", None, true)).await, 0, "no pattern");
    assert_eq!(tasks(hold("-10", None, true)).await, 2);
    assert_eq!(tasks(hold("-10", None, true)).await, 0, "the same again");
    let held = app.client.task(user, topic.id).await.unwrap();
    assert_eq!(
        (held.status, held.held_since),
        (TaskStatus::Active, Some(app.clock_now()))
    );
    app.clock.advance(TimeDelta::days(3));
    assert_eq!(due(&app.client).await, ["in another chat"]);
    assert_eq!(tasks(hold("-10", Some(user), false)).await, 2);
    app.clock.advance(TimeDelta::seconds(2));
    let mut fires = due(&app.client).await;
    fires.sort();
    assert_eq!(fires, ["here", "in a topic", "in another chat"]);
    let freed = app.client.task(user, here.id).await.unwrap();
    assert_eq!((freed.held_since, freed.next_run_at), (None, here.next_run_at));
    let paused = app.client.task(user, paused.id).await.unwrap();
    assert_eq!(paused.status, TaskStatus::Paused, "the user's own pause stays");
}

async fn what_was_paused_while_it_was_held_fires_again_when_it_is_resumed(db: TestDb) {
    let app = TestApp::start(db).await;
    let user = app.user("Ada").await.id;
    let mut new = reminder("drink", daily_at_nine());
    new.to = chat("42");
    let task = app.client.create_task(user, &new).await.unwrap();
    let tasks = async |ask: HoldTasks| app.client.hold_tasks(&ask).await.unwrap().tasks;
    let set = async |to| app.client.update_task(user, task.id, &status(to)).await.unwrap();
    assert_eq!(tasks(hold("42", None, true)).await, 1);
    let paused = set(TaskStatus::Paused).await;
    assert!(paused.held_since.is_some());
    assert_eq!(tasks(hold("42", None, false)).await, 1);
    assert_eq!(set(TaskStatus::Active).await.held_since, None);
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(due(&app.client).await, ["drink"]);
}

async fn a_chat_that_moves_takes_everything_along(db: TestDb) {
    let app = TestApp::start(db).await;
    let said = [(MessageRole::User, "we cook on Friday")];
    let (ada, bea) = (app.user("Ada").await.id, app.user("Bea").await.id);
    for (user, event, place) in [
        (ada, "one", "telegram:-5"),
        (bea, "two", "telegram:-5"),
        (bea, "three", "telegram:-1005"),
        (bea, "four", "telegram:-55"),
    ] {
        let mut turn = turn(event, &said);
        turn.conversation = place.to_owned();
        app.client.create_turn(user, &turn).await.unwrap();
    }
    let mut new = reminder("shop", daily_at_nine());
    new.to = chat("-5");
    let task = app.client.create_task(ada, &new).await.unwrap();
    let ask = MoveChat {
        channel: Channel::Telegram,
        from: "-5".to_owned(),
        to: "-1005".to_owned(),
    };
    let moved = app.client.move_chat(&ask).await.unwrap();
    assert_eq!((moved.threads, moved.tasks), (2, 1));
    let moved = app.client.move_chat(&ask).await.unwrap();
    assert_eq!((moved.threads, moved.tasks), (0, 0), "the same again");
    assert_eq!(app.client.task(ada, task.id).await.unwrap().to, chat("-1005"));
    let threads = async |user| {
        let page = app.client.threads(user, &PageQuery::default()).await.unwrap();
        let mut all: Vec<_> = page
            .items
            .into_iter()
            .map(|thread| (thread.conversation, thread.closed_at.is_some()))
            .collect();
        all.sort();
        all
    };
    let place = |place: &str, is_closed| (place.to_owned(), is_closed);
    assert_eq!(threads(ada).await, [place("telegram:-1005", false)]);
    assert_eq!(
        threads(bea).await,
        [
            place("telegram:-1005", false),
            place("telegram:-1005", true),
            place("telegram:-55", false)
        ],
        "what she began under the new id goes on"
    );
}
