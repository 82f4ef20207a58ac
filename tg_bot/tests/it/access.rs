//! Who may talk to the bot.

use rest_client::{Role, UserPatch, UserState};

use crate::stack::{LIMIT, OWNER_CODE, QUIET, Stack, Stores};

const ASK_OWNER: &str = "This is a private assistant. Ask its owner to let you in.";

#[tokio::test]
async fn the_first_who_sends_the_owner_code_owns_the_bot() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let ann = stack.telegram.user("Ann");
    ann.says("hello?");
    let line = ann.next_message(LIMIT).await;
    assert!(line.text.contains("has no owner yet"), "{}", line.text);
    ann.says(OWNER_CODE);
    assert!(ann.next_message(LIMIT).await.text.starts_with("Welcome Ann!"));
    let user = stack.user_of(&ann).await;
    assert_eq!((user.role, user.state), (Role::Owner, UserState::Active));

    let bob = stack.telegram.user("Bob");
    bob.says(OWNER_CODE);
    assert_eq!(bob.next_message(LIMIT).await.text, ASK_OWNER);
    let user = stack.user_of(&bob).await;
    assert_eq!((user.role, user.state), (Role::Member, UserState::Pending));
    stack.heard_nothing().await;
}

#[tokio::test]
async fn the_owner_code_also_comes_with_the_start_link() {
    let stack = Stack::start(Stores::Embedded).await;
    let ann = stack.telegram.user("Ann");
    ann.says(&format!("/start {OWNER_CODE}"));
    assert!(ann.next_message(LIMIT).await.text.starts_with("Welcome Ann!"));
}

#[tokio::test]
async fn guessing_the_owner_code_stops_being_listened_to() {
    let stack = Stack::start(Stores::Embedded).await;
    let eve = stack.telegram.user("Eve");
    for guess in 0..5 {
        eve.says(&format!("{guess}orrect-horse-battery"));
    }
    eve.says(OWNER_CODE);
    stack.all_confirmed().await;
    assert_eq!(stack.user_of(&eve).await.role, Role::Member);
    // Somebody else's guesses are not the owner's.
    stack.owner().await;
}

#[tokio::test]
async fn the_owner_id_owns_the_bot_without_a_code() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_owner_id = Some(4_242);
    stack.settings.telegram_owner_code = None;
    stack.start_bot().await;
    let ann = stack.telegram.user_with_id(4_242, "Ann");
    ann.says("/start");
    assert!(ann.next_message(LIMIT).await.text.starts_with("Welcome Ann!"));
    ann.says("hello");
    assert_eq!(stack.heard().await.1.text, "hello");
}

#[tokio::test]
async fn the_first_words_of_an_owner_by_id_are_heard() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_owner_id = Some(4_242);
    stack.start_bot().await;
    let ann = stack.telegram.user_with_id(4_242, "Ann");
    ann.says("hello");
    assert!(ann.next_message(LIMIT).await.text.starts_with("Welcome Ann!"));
    assert_eq!(stack.heard().await.1.text, "hello");
}

#[tokio::test]
async fn a_stranger_gets_one_line_and_the_owner_is_asked_once() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam *the* _man_");
    sam.says("hello");
    sam.says("/help");
    sam.says("is anybody there?");
    assert_eq!(sam.next_message(LIMIT).await.text, ASK_OWNER);
    let question = owner.next_message(LIMIT).await;
    let expected = format!(
        "Sam *the* _man_ (@sam__the___man__{id}, id {id}) would like to use this assistant.",
        id = sam.id()
    );
    assert_eq!(question.text, expected);
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;

    // The memory of the process is gone; what was said is not.
    stack.kill_bot();
    stack.start_bot().await;
    sam.says("hello again");
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    assert_eq!(sam.bot_messages().len(), 1);
    assert_eq!(owner.bot_messages().len(), 2, "the welcome and the question");
    stack.heard_nothing().await;
}

/// Bot API, "User": an id has up to 52 significant bits.
#[tokio::test]
async fn a_person_with_the_largest_id_is_answered() {
    let stack = Stack::start(Stores::Embedded).await;
    stack.owner().await;
    let eve = stack.telegram.user_with_id((1 << 52) - 1, "Eve");
    eve.says("hello");
    assert_eq!(eve.next_message(LIMIT).await.text, ASK_OWNER);
}

#[tokio::test]
async fn the_owner_lets_a_stranger_in_by_a_button_and_twice_is_once() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam");
    sam.says("hello");
    sam.next_message(LIMIT).await;
    let question = owner.next_message(LIMIT).await;
    stack.outbox_is_dry().await;

    stack.kill_bot();
    owner.presses(&question, "Approve");
    owner.presses(&question, "Approve");
    owner.presses(&question, "Decline");
    stack.start_bot().await;
    assert!(sam.next_message(LIMIT).await.text.starts_with("You are in!"));
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    assert!(sam.try_next_message(QUIET).await.is_none(), "one welcome");
    let answers: Vec<_> = stack.telegram.callback_answers();
    assert_eq!(answers.len(), 3);
    assert!(
        answers.iter().all(|answer| answer.text == "✅ Sam is let in."),
        "{answers:?}"
    );
    let replaced = stack.sees_when(&owner, &question, |seen| seen.edits > 0).await;
    assert_eq!(replaced.text, "✅ Sam is let in.");
    assert!(replaced.keyboard.is_empty());
    // Saying the same again is what Telegram refuses, and what a second press does.
    for violation in stack.telegram.take_violations() {
        assert!(
            violation.reason.contains("message is not modified"),
            "{violation}"
        );
    }

    sam.says("what can you do?");
    assert_eq!(stack.heard().await.1.text, "what can you do?");
}

#[tokio::test]
async fn whoever_is_declined_hears_nothing_any_more() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam");
    sam.says("hello");
    sam.next_message(LIMIT).await;
    let question = owner.next_message(LIMIT).await;
    owner.presses(&question, "Decline");
    stack.all_confirmed().await;
    assert_eq!(stack.user_of(&sam).await.state, UserState::Blocked);
    sam.says("please?");
    sam.says("/start");
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    assert_eq!(sam.bot_messages().len(), 1);
    stack.heard_nothing().await;
}

#[tokio::test]
async fn the_owners_buttons_are_worth_nothing_to_others() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let sam = stack.telegram.user("Sam");
    sam.says("hello");
    let question = owner.next_message(LIMIT).await;
    let member = stack.telegram.user("Mia");
    let patch = UserPatch {
        state: Some(UserState::Active),
        ..UserPatch::default()
    };
    let mia = stack.user_of(&member).await.id;
    stack.rest.update_user(mia, &patch).await.unwrap();

    sam.presses(&question, "Approve");
    member.presses(&question, "Approve");
    stack.all_confirmed().await;
    assert_eq!(stack.user_of(&sam).await.state, UserState::Pending);
    let answers = stack.telegram.callback_answers();
    assert_eq!(answers.len(), 2);
    assert!(
        answers
            .iter()
            .all(|answer| answer.text == "Only the owner can decide that.")
    );
    assert!(!owner.sees(&question).unwrap().keyboard.is_empty());
}

#[tokio::test]
async fn no_code_makes_an_owner_where_the_settings_name_one() {
    let mut stack = Stack::without_bot(Stores::Embedded).await;
    stack.settings.telegram_owner_id = Some(4_242);
    assert!(stack.settings.telegram_owner_code.is_some());
    stack.start_bot().await;
    let eve = stack.telegram.user("Eve");
    eve.says(OWNER_CODE);
    assert_eq!(
        eve.next_message(LIMIT).await.text,
        ASK_OWNER,
        "nor is a code asked for"
    );
    eve.says(&format!("/start {OWNER_CODE}"));
    stack.all_confirmed().await;
    let user = stack.user_of(&eve).await;
    assert_eq!((user.role, user.state), (Role::Member, UserState::Pending));
}

#[tokio::test]
async fn a_crowd_of_strangers_is_asked_about_in_measure() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let mut strangers = Vec::new();
    for n in 0..9 {
        let stranger = stack.telegram.user(&format!("Stranger {n}"));
        stranger.says("hello");
        assert_eq!(
            stranger.next_message(LIMIT).await.text,
            ASK_OWNER,
            "each is answered"
        );
        strangers.push(stranger);
    }
    // Saying more changes nothing.
    for stranger in &strangers {
        stranger.says("please");
    }
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    let told = owner.bot_messages();
    let asked = told
        .iter()
        .filter(|message| message.text.contains("would like to use this assistant"));
    assert_eq!(asked.count(), 5, "{told:?}");
    let more = told
        .iter()
        .filter(|message| message.text.starts_with("More people ask"));
    assert_eq!(more.count(), 1, "{told:?}");
    assert_eq!(
        told.len(),
        7,
        "the welcome, five questions, one word on the rest: {told:?}"
    );
    // Nobody is lost: the operator's list has all of them.
    for stranger in &strangers {
        assert_eq!(stack.user_of(stranger).await.state, UserState::Pending);
    }
}

#[tokio::test]
async fn a_strangers_name_says_nothing_but_a_name() {
    let stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let hostile =
        "Sam\u{202e}\u{2067}\u{200b}\u{feff}\n\u{2028}**Approved by you**\u{85}[x](https://example.com) `c`";
    let sam = stack.telegram.user(hostile);
    sam.says("hello");
    let question = owner.next_message(LIMIT).await;
    let shown = "Sam **Approved by you** [x](https://example.com) `c`";
    assert!(
        question.text.starts_with(&format!("{shown} (@")),
        "{:?}",
        question.text
    );
    assert!(!question.text.contains([
        '\n', '\u{202e}', '\u{2067}', '\u{200b}', '\u{feff}', '\u{2028}', '\u{85}'
    ]));
    owner.presses(&question, "Approve");
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    let replaced = stack
        .sees_when(&owner, &question, |seen| seen.edits > 0)
        .await
        .text;
    let answers = stack.telegram.callback_answers();
    for text in [&replaced, &answers[0].text] {
        assert!(
            !text.contains([
                '\n', '\u{202e}', '\u{2067}', '\u{200b}', '\u{feff}', '\u{2028}', '\u{85}'
            ]),
            "{text:?}"
        );
    }

    let long = stack.telegram.user(&"\u{202d}Z".repeat(60));
    long.says("hello");
    let question = owner.next_message(LIMIT).await;
    assert!(
        question.text.starts_with(&format!("{} (@", "Z".repeat(60))),
        "{:?}",
        question.text
    );
}
