//! What an admin changes over REST holds for the very next message.

use std::time::{Duration, Instant};

use fakes::{openai::Step, telegram::User};
use messages::Channel;
use rest_client::{AssistantPatch, DEFAULT_ASSISTANT, ResolveIdentity, UserPatch, UserState};
use test_support::wait_until;
use uuid::Uuid;

use super::{
    both_ways,
    world::{LIMIT, Model, Way, World},
};

both_ways! {
    a_changed_instruction_is_in_the_next_prompt;
    a_blocked_user_gets_no_further_turn;
}

/// How long a change may take to reach every service.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn a_changed_instruction_is_in_the_next_prompt(world: World) {
    world.openai.answers("Hello!");
    assert_eq!(world.ask("hello").await, "Hello!");
    let prompt = || {
        let request = world.openai.requests().pop().unwrap();
        request.messages()[0]["content"].to_string()
    };
    assert!(!prompt().contains("like a pirate"));

    let patch = AssistantPatch {
        instructions: Some("Answer like a pirate.".to_owned()),
        ..AssistantPatch::default()
    };
    let client = world.client();
    client.update_assistant(DEFAULT_ASSISTANT, &patch).await.unwrap();
    let changed = Instant::now();
    world.ann.says("hello again");
    assert!(changed.elapsed() < AT_ONCE);
    world.openai.answers("Arr!");
    assert_eq!(world.answer().await.text, "Arr!");
    assert!(prompt().contains("Answer like a pirate."), "{}", prompt());
    world.telegram.assert_clean();
    world.openai.assert_clean();
}

async fn a_blocked_user_gets_no_further_turn(world: World) {
    world
        .openai
        .answers_with(|request| Step::text(request.last_user_text()));
    let bob = world.telegram.user("Bob");
    let id = let_in(&world, &bob).await;
    bob.says("hello");
    assert_eq!(bob.next_message(LIMIT).await.text, "hello");
    world.settled().await;
    let served = world.openai.served();

    set_state(&world, id, UserState::Blocked).await;
    bob.says("are you there?");
    world.settled().await;
    assert_eq!(world.openai.served(), served, "the model was not asked");
    assert!(bob.bot_messages().len() == 1, "{:?}", bob.bot_messages());

    // Let in again, he is heard at once, because the bot forgets that he was blocked: what he says before it does is
    // not answered, so the first answer tells when it did.
    set_state(&world, id, UserState::Active).await;
    let changed = Instant::now();
    let mut said = Vec::new();
    let mut answered = None;
    wait_until("he is heard again", LIMIT, async || {
        said.push(changed.elapsed());
        bob.says(&format!("message {}", said.len() - 1));
        answered = bob.try_next_message(Duration::from_millis(200)).await;
        answered.is_some()
    })
    .await;
    let text = answered.unwrap().text;
    let first: usize = text.strip_prefix("message ").unwrap().parse().unwrap();
    assert!(said[first] < AT_ONCE, "{text} of {said:?}");
}

/// Makes a person who writes to the bot an active user.
async fn let_in(world: &World, person: &User) -> Uuid {
    let account = ResolveIdentity {
        channel: Channel::Telegram,
        external_id: person.id().to_string(),
        display_name: "Bob".to_owned(),
        locale: None,
        time_zone: None,
    };
    let user = world.client().resolve_identity(&account).await.unwrap().user;
    set_state(world, user.id, UserState::Active).await;
    user.id
}

async fn set_state(world: &World, id: Uuid, state: UserState) {
    let patch = UserPatch {
        state: Some(state),
        ..UserPatch::default()
    };
    world.client().update_user(id, &patch).await.unwrap();
}
