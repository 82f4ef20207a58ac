//! Topics of a forum: each is a conversation of its own, and what belongs to it stays in it.

use fakes::telegram::{Group, Topic, User};
use messages::{Address, ReplyKind};

use crate::stack::{LIMIT, Stack, Stores, chat};

fn forum(stack: &Stack, owner: &User) -> (Group, Topic, Topic) {
    let forum = stack.telegram.forum("House");
    let (garden, kitchen) = (
        forum.opens_topic(owner, "Garden"),
        forum.opens_topic(owner, "Kitchen"),
    );
    (forum, garden, kitchen)
}

async fn each_topic_is_a_conversation_of_its_own(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let (forum, garden, kitchen) = forum(&stack, &owner);
    for (topic, text) in [
        (Some(&garden), "what grows?"),
        (Some(&kitchen), "what cooks?"),
        (None, "who pays?"),
    ] {
        match topic {
            Some(topic) => owner.mentions_bot_in_topic(topic, text),
            None => owner.mentions_bot_in(&forum, text),
        };
        let (event, heard) = stack.heard().await;
        let id = topic.map(Topic::id);
        assert_eq!(heard.from, Address::telegram(forum.id(), id));
        assert_eq!((heard.text.as_str(), heard.reply_to), (text, None));
        let typing = |telegram: &fakes::telegram::TelegramServer| {
            let mut actions = telegram.chat_actions().into_iter();
            actions.any(|action| action.chat_id == forum.id() && action.topic == id)
        };
        stack
            .telegram
            .wait_until(LIMIT, typing)
            .await
            .expect("typing there");
        let mut answer = stack.answer(&owner, &"long ".repeat(1_500)).await;
        answer.event_id = event;
        answer.to = heard.from;
        stack.publish(&answer).await;
        for _ in 0..2 {
            assert_eq!(forum.next_message(LIMIT).await.topic, id, "every part");
        }
    }
    // A press in a topic belongs to it too.
    let mut asks = stack.answer(&owner, "Water them?").await;
    asks.to = Address::telegram(forum.id(), Some(garden.id()));
    asks.buttons = vec![messages::Button::press("Yes", "action:yes:1")];
    stack.publish(&asks).await;
    owner.presses(&forum.next_message(LIMIT).await, "Yes");
    assert_eq!(stack.felt().await.1.from, asks.to);
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn each_topic_is_a_conversation_of_its_own_on_sqlite() {
    each_topic_is_a_conversation_of_its_own(Stores::Embedded).await;
}

#[tokio::test]
async fn each_topic_is_a_conversation_of_its_own_on_redis_and_postgres() {
    each_topic_is_a_conversation_of_its_own(Stores::Distributed).await;
}

#[tokio::test]
async fn a_reminder_fires_in_its_topic_and_what_belongs_to_a_deleted_one_in_the_chat() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let (forum, garden, _) = forum(&stack, &owner);
    let mut reminder = stack.answer(&owner, "⏰ water the roses").await;
    reminder.kind = ReplyKind::Reminder;
    reminder.to = Address::telegram(forum.id(), Some(garden.id()));
    stack.publish(&reminder).await;
    let message = forum.next_message(LIMIT).await;
    assert_eq!(message.topic, Some(garden.id()));
    assert_eq!(message.text, "Olga: ⏰ water the roses");
    garden.is_deleted();
    reminder.event_id = messages::EventId::new("test:later");
    stack.publish(&reminder).await;
    let message = forum.next_message(LIMIT).await;
    assert_eq!(
        (message.topic, message.text.as_str()),
        (None, "Olga: ⏰ water the roses")
    );
}

#[tokio::test]
async fn what_belongs_to_a_closed_topic_goes_to_the_chat() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let (forum, garden, _) = forum(&stack, &owner);
    let closed = fakes::telegram::Fault::Refused("TOPIC_CLOSED");
    stack.telegram.fails_next("sendMessage", &closed, 1);
    let mut answer = stack.answer(&owner, "roses").await;
    answer.to = Address::telegram(forum.id(), Some(garden.id()));
    stack.publish(&answer).await;
    let message = forum.next_message(LIMIT).await;
    assert_eq!((message.topic, message.text.as_str()), (None, "roses"));
}

/// An older version knew no topics: what it left for a forum goes to the forum itself. What is no place of Telegram's is a
/// dead letter, and nothing of the chat waits behind it.
#[tokio::test]
async fn what_names_no_topic_goes_to_the_chat_and_what_names_none_of_telegrams_is_given_up() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let (forum, ..) = forum(&stack, &owner);
    let mut answer = stack.answer(&owner, "from before").await;
    answer.to = chat(forum.id());
    stack.publish(&answer).await;
    let message = forum.next_message(LIMIT).await;
    assert_eq!((message.topic, message.text.as_str()), (None, "from before"));
    answer.to.chat = format!("{}/none", forum.id());
    answer.event_id = messages::EventId::new("test:odd");
    stack.publish(&answer).await;
    stack.outbox_is_dry().await;
    let topic = messages::Topic::outbox(messages::Channel::Telegram);
    let dead = stack
        .bus
        .dead_letters(&topic, tg_bot::outgoing::GROUP, None, 10)
        .await
        .unwrap();
    let reasons: Vec<_> = dead.iter().map(|dead| dead.reason.as_str()).collect();
    assert_eq!(reasons, ["the address is not a Telegram chat"]);
}
