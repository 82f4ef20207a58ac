//! Who blocks the bot, or takes it out of a group, has their tasks wait; a group that moves keeps everything.

use chrono::TimeDelta;
use messages::{Address, TaskAction};
use rest_client::{NewScheduledTask, PageQuery, ScheduledTask, ScheduledTaskPatch, TaskStatus};
use schedule::Schedule;
use service_kit::{Clock, SystemClock};
use uuid::Uuid;

use crate::stack::{LIMIT, Stack, Stores, chat};

async fn plan(stack: &Stack, user: Uuid, to: Address) -> ScheduledTask {
    let new = NewScheduledTask {
        from_outside: false,
        action: TaskAction::Remind,
        text: "drink water".to_owned(),
        schedule: Schedule::Once {
            at: SystemClock.now() + TimeDelta::days(1),
        },
        time_zone: None,
        to,
        idempotency_key: None,
    };
    stack.rest.create_task(user, &new).await.unwrap()
}

async fn wait_for(stack: &Stack, task: &ScheduledTask, is_held: bool) {
    test_support::wait_until("the task is held or goes on", LIMIT, async || {
        let task = stack.rest.task(task.user_id, task.id).await.unwrap();
        task.held_since.is_some() == is_held
    })
    .await;
}

async fn a_blocked_users_tasks_wait_until_they_write(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await.id;
    let task = plan(&stack, user, chat(owner.id())).await;
    let paused = plan(&stack, user, chat(owner.id())).await;
    let pause = ScheduledTaskPatch {
        status: Some(TaskStatus::Paused),
        ..ScheduledTaskPatch::default()
    };
    stack.rest.update_task(user, paused.id, &pause).await.unwrap();
    owner.blocks_bot();
    wait_for(&stack, &task, true).await;
    owner.unblocks_bot();
    wait_for(&stack, &task, false).await;
    // The update that says so is lost while the bot is away for more than a day; writing is enough.
    owner.blocks_bot();
    wait_for(&stack, &task, true).await;
    stack.all_confirmed().await;
    stack.kill_bot();
    owner.unblocks_bot_unheard();
    stack.start_bot().await;
    owner.says("I am back");
    stack.heard().await;
    wait_for(&stack, &task, false).await;
    let paused = stack.rest.task(user, paused.id).await.unwrap();
    assert_eq!((paused.status, paused.held_since), (TaskStatus::Paused, None));
}

#[tokio::test]
async fn a_blocked_users_tasks_wait_until_they_write_on_sqlite() {
    a_blocked_users_tasks_wait_until_they_write(Stores::Embedded).await;
}

#[tokio::test]
async fn a_blocked_users_tasks_wait_until_they_write_on_redis_and_postgres() {
    a_blocked_users_tasks_wait_until_they_write(Stores::Distributed).await;
}

#[tokio::test]
async fn a_message_that_telegram_forbids_holds_the_tasks_too() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let task = plan(&stack, stack.user_of(&owner).await.id, chat(owner.id())).await;
    owner.blocks_bot_unheard();
    stack.publish(&stack.answer(&owner, "are you there?").await).await;
    wait_for(&stack, &task, true).await;
}

/// Where the answer takes the place of a message that is there: of its preview, and of the one whose button was pressed.
#[tokio::test]
async fn a_change_that_telegram_forbids_holds_the_tasks_too() {
    for is_pressed in [true, false] {
        let mut stack = Stack::start(Stores::Embedded).await;
        let owner = stack.owner().await;
        let task = plan(&stack, stack.user_of(&owner).await.id, chat(owner.id())).await;
        let mut answer = stack.answer(&owner, "done").await;
        if is_pressed {
            stack.publish(&stack.answer(&owner, "Done?").await).await;
            let question = owner.next_message(LIMIT).await;
            answer.in_reply_to = Some(question.message_id.to_string());
            answer.toast = Some("Done.".to_owned());
        } else {
            answer = crate::live::asked(&mut stack, &owner).await;
            crate::live::is_shown(&stack, &owner, &answer, crate::live::BEGUN).await;
        }
        owner.blocks_bot_unheard();
        stack.publish(&answer).await;
        wait_for(&stack, &task, true).await;
        let recorded = stack.recorded(&answer, 1).await;
        assert_eq!(recorded[0].status, rest_client::DeliveryStatus::Failed);
    }
}

#[tokio::test]
async fn out_of_a_group_its_tasks_wait_and_no_others() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await.id;
    let group = stack.telegram.forum("Family");
    let there = plan(&stack, user, Address::telegram(group.id(), Some(3))).await;
    let here = plan(&stack, user, chat(owner.id())).await;
    group.removes_bot(&owner);
    wait_for(&stack, &there, true).await;
    wait_for(&stack, &here, false).await;
    owner.says("/reminders");
    let list = owner.next_message(LIMIT).await.text;
    let waits = |line: &&str| line.ends_with("drink water (waits: I cannot write in its chat)");
    assert_eq!(list.lines().filter(waits).count(), 1, "{list}");
    group.adds_bot(&owner);
    wait_for(&stack, &there, false).await;
}

async fn a_group_that_becomes_a_supergroup_keeps_its_history(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await.id;
    let group = stack.telegram.basic_group("Family");
    owner.mentions_bot_in(&group, "we cook on Friday");
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.from, chat(group.id()));
    let assistant = rest_client::DEFAULT_ASSISTANT;
    let turn = rest_client::NewTurn {
        event_id: messages::EventId::new("test:turn"),
        conversation: heard.from.key(),
        assistant_id: assistant,
        thread_id: None,
        status: rest_client::TurnStatus::Completed,
        messages: Vec::new(),
        replies: Vec::new(),
        covers: Vec::new(),
        sub_turns: Vec::new(),
        model: None,
        prompt_tokens: 0,
        completion_tokens: 0,
        model_calls: 0,
        cost: rest_client::TurnCost::default(),
        error: None,
        started_at: SystemClock.now(),
        finished_at: SystemClock.now(),
    };
    stack.rest.create_turn(user, &turn).await.unwrap();
    let task = plan(&stack, user, chat(group.id())).await;
    let larger = group.becomes_supergroup(&owner);
    stack.all_confirmed().await;
    let moved = stack.rest.task(user, task.id).await.unwrap();
    assert_eq!(moved.to, chat(larger.id()));
    let threads = stack.rest.threads(user, &PageQuery::default()).await.unwrap();
    let keys: Vec<_> = threads
        .items
        .into_iter()
        .map(|thread| thread.conversation)
        .collect();
    assert_eq!(keys, [chat(larger.id()).key()]);
    // An answer that was on its way to the old id arrives all the same.
    let mut answer = stack.answer(&owner, "Noted.").await;
    answer.to = heard.from;
    stack.publish(&answer).await;
    assert_eq!(larger.next_message(LIMIT).await.text, "Noted.");
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_keeps_its_history_on_sqlite() {
    a_group_that_becomes_a_supergroup_keeps_its_history(Stores::Embedded).await;
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_keeps_its_history_on_redis_and_postgres() {
    a_group_that_becomes_a_supergroup_keeps_its_history(Stores::Distributed).await;
}
