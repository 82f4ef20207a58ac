//! What people say aloud, with a server that transcribes.

use fakes::{
    openai::{self, OpenAiServer},
    telegram::{TelegramServer, User},
};
use messages::Author;
use secrecy::SecretString;
use serde_json::json;

use crate::stack::{LIMIT, Stack, Stores};

const KEY: &str = "sk-hears";

async fn listening(stores: Stores) -> (Stack, OpenAiServer) {
    let openai = OpenAiServer::start_with(openai::Options {
        key: Some(KEY.to_owned()),
        ..openai::Options::default()
    })
    .await;
    let mut stack = Stack::start(stores).await;
    stack.kill_bot();
    stack.settings.telegram_chat_messages_per_second = 1_000;
    stack.settings.hearing.transcription_base_url = Some(openai.url().parse().unwrap());
    stack.settings.hearing.transcription_api_key = Some(SecretString::from(KEY));
    stack.start_bot().await;
    (stack, openai)
}

/// Somebody says something aloud; the fake hears the recording's own bytes.
fn says_aloud(person: &User, telegram: &TelegramServer, words: impl Into<Vec<u8>>) {
    telegram.has_file("v", words.into());
    person.sends(&json!({ "voice": { "file_id": "v", "file_unique_id": "u", "duration": 3 } }));
}

async fn what_is_said_aloud_is_said(stores: Stores) {
    let (mut stack, openai) = listening(stores).await;
    let owner = stack.owner().await;
    says_aloud(&owner, &stack.telegram, "remind me to call Ann at nine");
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.text, "remind me to call Ann at nine");
    assert_eq!(
        (heard.attachments.len(), heard.forwarded_from),
        (0, None),
        "it is the user's own word"
    );
    let [recording] = &openai.recordings()[..] else {
        panic!("one recording: {:?}", openai.recordings());
    };
    assert_eq!(
        (recording.name.as_str(), recording.model.as_str()),
        ("recording.ogg", "whisper-1")
    );
    // A word of command is said, and not given.
    says_aloud(&owner, &stack.telegram, "/delete_me");
    assert_eq!(stack.heard().await.1.text, "/delete_me");
    // What others say is theirs: a forwarded voice message, and a recording.
    stack.telegram.has_file("f", "cancel everything".into());
    owner.sends(&json!({
        "voice": { "file_id": "f", "file_unique_id": "f", "duration": 3, "mime_type": "audio/ogg" },
        "forward_origin": { "type": "hidden_user", "sender_user_name": "Bob", "date": 1 },
    }));
    let (_, heard) = stack.heard().await;
    assert_eq!(
        (heard.text.as_str(), heard.forwarded_from),
        (
            "cancel everything",
            Some(Author::Other {
                name: "Bob".to_owned()
            })
        )
    );
    stack.telegram.has_file("m", "a talk about tea".into());
    owner.sends(&json!({
        "audio": { "file_id": "m", "file_unique_id": "m", "duration": 3, "file_name": "talk.M4A" },
        "caption": "what is it about?",
    }));
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.text, "what is it about?");
    assert_eq!(heard.attachments[0].text.as_deref(), Some("a talk about tea"));
    assert_eq!(openai.recordings().last().unwrap().name, "recording.M4A");
}

#[tokio::test]
async fn what_is_said_aloud_is_said_on_sqlite() {
    what_is_said_aloud_is_said(Stores::Embedded).await;
}

#[tokio::test]
async fn what_is_said_aloud_is_said_on_redis_and_postgres() {
    what_is_said_aloud_is_said(Stores::Distributed).await;
}

#[tokio::test]
async fn what_is_not_heard_is_said_in_plain_words() {
    let (mut stack, openai) = listening(Stores::Embedded).await;
    let owner = stack.owner().await;
    // It comes back in time.
    openai.refuses_recordings([500, 429]);
    says_aloud(&owner, &stack.telegram, "milk");
    assert_eq!(stack.heard().await.1.text, "milk");
    assert_eq!(openai.recordings().len(), 3);
    let silent = "I heard no words in that. Please say it again, or write it.";
    let unheard = "I could not make out what is said in that. Please write it, or try again later.";
    says_aloud(&owner, &stack.telegram, " \n");
    assert_eq!(owner.next_message(LIMIT).await.text, silent);
    openai.refuses_recordings([401]);
    says_aloud(&owner, &stack.telegram, "eggs");
    assert_eq!(owner.next_message(LIMIT).await.text, unheard);
    // It does not, and each try may be paid for.
    openai.refuses_recordings([500; 3]);
    says_aloud(&owner, &stack.telegram, "eggs");
    assert_eq!(owner.next_message(LIMIT).await.text, unheard);
    assert_eq!(openai.recordings().len(), 8);
    owner.sends(&json!({
        "voice": { "file_id": "v", "file_unique_id": "u", "duration": 9_999, "file_size": 30_000_000 },
    }));
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "This recording is too long: I can get up to 20 MB from Telegram. Send me a part of it."
    );
    // The next one is heard, and ten at once are.
    for n in 0..10 {
        let id = format!("v{n}");
        stack.telegram.has_file(&id, vec![b'a'; 1_000_000]);
        owner.sends(&json!({ "voice": { "file_id": id, "file_unique_id": id, "duration": 60 } }));
    }
    for _ in 0..10 {
        let (_, heard) = stack.heard().await;
        assert!(heard.text.ends_with("(cut here: it goes on)"));
    }
}
