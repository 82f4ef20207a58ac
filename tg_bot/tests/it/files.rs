//! What people send besides words: text files are read in bounds, an album is one message, and what nobody can read is
//! said once.

use fakes::telegram::{TelegramServer, User};
use serde_json::json;

use crate::stack::{LIMIT, QUIET, Stack, Stores};

fn sends_file(owner: &User, telegram: &TelegramServer, name: &str, told: usize, bytes: Vec<u8>) {
    telegram.has_file(name, bytes);
    owner.sends(&json!({ "document": {
        "file_id": name, "file_unique_id": "u", "file_name": name, "file_size": told,
    } }));
}

async fn a_text_file_reaches_the_assistant_with_what_it_says(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    sends_file(
        &owner,
        &stack.telegram,
        "list.md",
        20,
        "\u{feff}# Shopping\n- milk".into(),
    );
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.text, "");
    let [file] = heard.attachments.as_slice() else {
        panic!("one file: {heard:?}")
    };
    assert_eq!(
        (file.kind.as_str(), file.name.as_deref(), file.text.as_deref()),
        ("document", Some("list.md"), Some("# Shopping\n- milk"))
    );
    // With words, and longer than what is handed on.
    stack.telegram.has_file("long", "x".repeat(30_000).into());
    owner.sends(&json!({
        "document": { "file_id": "long", "file_unique_id": "u", "file_name": "a.CSV" }, "caption": "sum it up",
    }));
    let (_, heard) = stack.heard().await;
    assert_eq!(heard.text, "sum it up");
    let text = heard.attachments[0].text.as_deref().unwrap();
    assert!(text.ends_with("(cut here: the file goes on)") && text.len() < 20_100);
}

#[tokio::test]
async fn a_text_file_reaches_the_assistant_with_what_it_says_on_sqlite() {
    a_text_file_reaches_the_assistant_with_what_it_says(Stores::Embedded).await;
}

#[tokio::test]
async fn a_text_file_reaches_the_assistant_with_what_it_says_on_redis_and_postgres() {
    a_text_file_reaches_the_assistant_with_what_it_says(Stores::Distributed).await;
}

#[tokio::test]
async fn files_that_cannot_be_read_get_plain_words() {
    let mut stack = Stack::start(Stores::Embedded).await;
    // One message after the other, at once.
    stack.kill_bot();
    stack.settings.telegram_chat_messages_per_second = 1_000;
    stack.start_bot().await;
    let owner = stack.owner().await;
    let large = "This file is too large: I read up to 1 MB. Send me a part of it.";
    let no_text =
        "I cannot read this file: it is empty, or not text in UTF-8. Save it as UTF-8 and send it again.";
    let other =
        "I cannot read files other than text, Markdown, CSV and JSON yet. Please write it to me as text.";
    let zip_bomb = || {
        b"PK\x03\x04"
            .iter()
            .copied()
            .chain(std::iter::repeat_n(0, 100_000))
            .collect()
    };
    let mb = 1024 * 1024;
    for (name, told, bytes, says) in [
        ("a.txt", 30 * mb, vec![b'a'; 30 * mb], large),
        // The size that is told may be wrong.
        ("b.txt", 10, vec![b'a'; 30 * mb], large),
        ("c.txt", 10, vec![b'a'; 5 * mb], large),
        ("bomb.pdf", 100_004, zip_bomb(), other),
        ("bomb.txt", 100_004, zip_bomb(), no_text),
        ("latin.csv", 3, vec![b'a', 0xe9, b'b'], no_text),
        ("empty.json", 0, Vec::new(), no_text),
    ] {
        sends_file(&owner, &stack.telegram, name, told, bytes);
        assert_eq!(owner.next_message(LIMIT).await.text, says, "{name}");
    }
    let asked = stack.telegram.calls_of("getFile").len();
    assert_eq!(
        asked, 5,
        "neither what is too large by what it says nor a PDF is fetched"
    );
    for _ in 0..10 {
        owner.sends(&json!({ "voice": { "file_id": "v", "file_unique_id": "u", "duration": 3, "file_size": 15 * mb } }));
    }
    for _ in 0..10 {
        let text = owner.next_message(LIMIT).await.text;
        assert_eq!(
            text,
            "I cannot read voice messages yet. Please write it to me as text."
        );
    }
    stack.heard_nothing().await;
}

fn photo(album: Option<&str>, caption: Option<&str>) -> serde_json::Value {
    let mut photo = json!({ "photo": [{ "file_id": "p", "file_unique_id": "u", "width": 1, "height": 1 }] });
    if let Some(album) = album {
        photo["media_group_id"] = album.into();
    }
    if let Some(caption) = caption {
        photo["caption"] = caption.into();
    }
    photo
}

#[tokio::test]
async fn an_album_is_answered_once() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.kill_bot();
    for _ in 0..3 {
        owner.sends(&photo(Some("silent"), None));
    }
    for caption in [None, Some("what are these?"), None] {
        owner.sends(&photo(Some("asked"), caption));
    }
    stack.start_bot().await;
    let notice = owner.next_message(LIMIT).await;
    assert_eq!(
        notice.text,
        "I cannot read pictures yet. Please write it to me as text."
    );
    let (_, heard) = stack.heard().await;
    assert_eq!(
        (heard.text.as_str(), heard.attachments.len()),
        ("what are these?", 3)
    );
    stack.all_confirmed().await;
    // What comes later, by itself, is a part of what was answered.
    owner.sends(&photo(Some("silent"), None));
    owner.sends(&photo(Some("asked"), None));
    stack.all_confirmed().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
    stack.heard_nothing().await;
    // After a restart too: the notice has the same id.
    stack.outbox_is_dry().await;
    stack.kill_bot();
    stack.start_bot().await;
    owner.sends(&photo(Some("silent"), None));
    stack.all_confirmed().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

#[tokio::test]
async fn a_contact_is_the_word_of_others() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.sends(&json!({ "contact": { "phone_number": "+49 1", "first_name": "Bob", "last_name": "B." } }));
    let (_, heard) = stack.heard().await;
    let [contact] = heard.attachments.as_slice() else {
        panic!("one contact: {heard:?}")
    };
    assert_eq!(contact.kind, "contact");
    assert_eq!(contact.text.as_deref(), Some("Bob B.\n+49 1"));
}
