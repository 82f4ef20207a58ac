//! Where people are: asked at the beginning, changed by words, by a pin and by buttons.

use chrono_tz::Tz;
use messages::{Button, TaskAction};
use rest_client::{NewScheduledTask, UserPatch, UserState};
use serde_json::json;

use crate::stack::{LIMIT, Stack, Stores, chat};

const BERLIN: (f64, f64) = (52.52, 13.405);
const MADRID: (f64, f64) = (40.42, -3.7);

async fn zone_of(stack: &Stack, person: &fakes::telegram::User) -> String {
    stack.user_of(person).await.time_zone
}

fn labels(message: &fakes::telegram::Message) -> Vec<&str> {
    message
        .keyboard
        .iter()
        .flatten()
        .map(|button| button.text.as_str())
        .collect()
}

async fn a_city_in_words_sets_the_zone(stores: Stores) {
    let mut stack = Stack::without_bot(stores).await;
    stack.settings.telegram_owner_time_zone = Some(Tz::America__New_York);
    stack.start_bot().await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await;
    assert_eq!(user.time_zone, "America/New_York", "as the setting says");
    let daily = NewScheduledTask {
        from_outside: false,
        action: TaskAction::Remind,
        text: "stretch".to_owned(),
        schedule: serde_json::from_value(json!({ "kind": "daily", "times": ["09:00:00"] })).unwrap(),
        time_zone: None,
        to: chat(owner.id()),
        idempotency_key: None,
    };
    let task = stack.rest.create_task(user.id, &daily).await.unwrap();
    assert_eq!(task.time_zone, "America/New_York");

    owner.says("/tz leipzig");
    let answer = owner.next_message(LIMIT).await;
    assert!(
        answer
            .text
            .starts_with("🌍 Your time zone is Europe/Berlin; it is "),
        "{}",
        answer.text
    );
    assert_eq!(zone_of(&stack, &owner).await, "Europe/Berlin");
    let task = stack.rest.task(user.id, task.id).await.unwrap();
    assert_eq!(task.time_zone, "Europe/Berlin", "recurring tasks follow");

    // The way back is the assistant's, as that of every change.
    owner.presses(&answer, "Undo");
    assert_eq!(stack.felt().await.1.action, "tz:America/New_York:zone");
    owner.says("/tz Europe/Berlin");
    assert!(
        owner
            .next_message(LIMIT)
            .await
            .text
            .starts_with("That is your time zone: Europe/Berlin")
    );
    stack.heard_nothing().await;
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn a_city_in_words_sets_the_zone_on_sqlite() {
    a_city_in_words_sets_the_zone(Stores::Embedded).await;
}

#[tokio::test]
async fn a_city_in_words_sets_the_zone_on_redis_and_postgres() {
    a_city_in_words_sets_the_zone(Stores::Distributed).await;
}

#[tokio::test]
async fn what_may_be_several_places_is_chosen_by_buttons() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("/tz USA");
    let question = owner.next_message(LIMIT).await;
    assert_eq!(question.text, "Which one is “USA”?");
    assert!(
        labels(&question).contains(&"Chicago, United States"),
        "{:?}",
        labels(&question)
    );
    owner.presses(&question, "Chicago, United States");
    let (_, press) = stack.felt().await;
    assert_eq!(press.action, "tz:America/Chicago:zone");
    stack.all_confirmed().await;
    // One choice uses up all.
    let is_used_up = |seen: &fakes::telegram::Message| labels(seen).is_empty();
    stack.sees_when(&owner, &question, is_used_up).await;

    owner.says("/tz atlantis under the sea");
    let answer = owner.next_message(LIMIT).await;
    assert!(
        answer
            .text
            .starts_with("I do not know a place “atlantis under the sea”."),
        "{}",
        answer.text
    );
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn a_pin_sets_the_zone_when_it_was_asked_for_and_is_an_offer_else() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("/tz");
    let question = owner.next_message(LIMIT).await;
    assert!(
        question
            .text
            .starts_with("I do not know where you are, so I take UTC."),
        "{}",
        question.text
    );
    assert_eq!(question.location_button.as_deref(), Some("📍 Send my location"));
    owner.shares_location(&question, BERLIN.0, BERLIN.1);
    let answer = owner.next_message(LIMIT).await;
    assert!(
        answer.text.starts_with("🌍 Your time zone is Europe/Berlin"),
        "{}",
        answer.text
    );
    assert_eq!(zone_of(&stack, &owner).await, "Europe/Berlin");

    // Nobody asked: a holiday's picture of the map must not move every reminder.
    owner.sends(&json!({ "location": { "latitude": MADRID.0, "longitude": MADRID.1 } }));
    let offer = owner.next_message(LIMIT).await;
    assert_eq!(labels(&offer), ["Use Europe/Madrid", "Keep Europe/Berlin"]);
    assert_eq!(zone_of(&stack, &owner).await, "Europe/Berlin");
    owner.presses(&offer, "Use Europe/Madrid");
    assert_eq!(stack.felt().await.1.action, "tz:Europe/Madrid:zone");

    owner.sends(&json!({ "venue": { "location": { "latitude": BERLIN.0, "longitude": BERLIN.1 }, "title": "Zoo", "address": "-" } }));
    assert!(
        owner
            .next_message(LIMIT)
            .await
            .text
            .starts_with("That is your time zone")
    );
    owner.sends(&json!({ "location": { "latitude": 999, "longitude": 0 } }));
    assert!(
        owner
            .next_message(LIMIT)
            .await
            .text
            .starts_with("I cannot tell the time zone")
    );
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn who_is_let_in_is_asked_where_they_are() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_owner_time_zone = Some(Tz::Europe__Berlin);
    stack.start_bot().await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam");
    sam.says("hello");
    sam.next_message(LIMIT).await;
    let request = owner.next_message(LIMIT).await;
    owner.presses(&request, "Approve");
    let welcome = sam.next_message(LIMIT).await;
    assert!(welcome.text.contains("Where are you?"), "{}", welcome.text);
    assert_eq!(labels(&welcome), ["London", "New York", "Chicago", "Los Angeles"]);
    sam.presses(&welcome, "London");
    assert_eq!(stack.felt().await.1.action, "tz:Europe/London:zone");
    stack.telegram.assert_clean();
}

#[tokio::test]
async fn a_change_by_an_admin_is_seen_at_once() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let user = stack.user_of(&owner).await.id;
    owner.says("/tz");
    owner.next_message(LIMIT).await;
    let patch = UserPatch {
        time_zone: Some("Asia/Tokyo".to_owned()),
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    stack.rest.update_user(user, &patch).await.unwrap();
    test_support::wait_until("the bot knows", LIMIT, async || {
        owner.says("/tz");
        owner
            .next_message(LIMIT)
            .await
            .text
            .starts_with("Your time zone is Asia/Tokyo")
    })
    .await;
}

/// The longest name of a zone fits a button.
#[test]
fn every_zone_fits_a_button() {
    for zone in chrono_tz::TZ_VARIANTS {
        assert!(
            format!("tz:{}:zone", zone.name()).len() <= Button::LONGEST_ACTION,
            "{zone}"
        );
    }
}

#[tokio::test]
async fn in_a_group_nobody_is_asked_for_their_location() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    owner.says_in(&group, "/tz@assistant_fake_bot");
    let answer = group.next_message(LIMIT).await;
    assert_eq!(answer.location_button, None);
    assert!(!answer.text.contains("button below"), "{}", answer.text);
    stack.telegram.assert_clean();
}
