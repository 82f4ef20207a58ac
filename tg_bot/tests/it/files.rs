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
    assert!(text.ends_with("(cut here: it goes on)") && text.len() < 20_100);
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

/// A file that comes slowly keeps its own chat waiting, and nobody else; nothing is confirmed before it is on the bus.
async fn a_slow_file_keeps_only_its_own_chat_waiting(stores: Stores) {
    let mut stack = Stack::start(stores).await;
    let owner = stack.owner().await;
    let mia = stack.telegram.user("Mia");
    let active = rest_client::UserPatch {
        state: Some(rest_client::UserState::Active),
        ..rest_client::UserPatch::default()
    };
    let id = stack.user_of(&mia).await.id;
    stack.rest.update_user(id, &active).await.unwrap();
    stack.all_confirmed().await;
    let slow = fakes::telegram::Fault::Slow(std::time::Duration::from_secs(8));
    stack.telegram.fails_next("getFile", &slow, 1);
    let begun = tokio::time::Instant::now();
    sends_file(&owner, &stack.telegram, "slow.txt", 4, "slow".into());
    owner.says("what does it say?");
    let asked = stack
        .telegram
        .wait_until(LIMIT, |telegram| !telegram.calls_of("getFile").is_empty());
    asked.await.unwrap();
    for text in ["hello", "are you there?"] {
        mia.says(text);
        assert_eq!(stack.heard().await.1.text, text);
    }
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        stack.telegram.unconfirmed_updates(),
        4,
        "the first is not on the bus"
    );
    let typing = stack.telegram.chat_actions();
    assert!(
        typing.iter().any(|action| action.chat_id == owner.id()),
        "it is seen"
    );
    // Killed meanwhile, nothing is lost.
    stack.kill_bot();
    stack.start_bot().await;
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let (_, message) = stack.heard().await;
        if message.from == crate::stack::chat(owner.id()) {
            heard.push((message.text, message.attachments.len()));
        }
    }
    assert_eq!(heard, [(String::new(), 1), ("what does it say?".to_owned(), 0)]);
    stack.all_confirmed().await;
}

#[tokio::test]
async fn a_slow_file_keeps_only_its_own_chat_waiting_on_sqlite() {
    a_slow_file_keeps_only_its_own_chat_waiting(Stores::Embedded).await;
}

#[tokio::test]
async fn a_slow_file_keeps_only_its_own_chat_waiting_on_redis_and_postgres() {
    a_slow_file_keeps_only_its_own_chat_waiting(Stores::Distributed).await;
}

/// Ten of them in one album, each slow: the chat goes on after the time that one message has.
#[tokio::test]
async fn the_files_of_one_message_have_one_limit_together() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack
        .telegram
        .fails_next("getFile", &fakes::telegram::Fault::Hang, 3);
    for n in 0..3 {
        let name = format!("{n}.txt");
        stack.telegram.has_file(&name, b"text".to_vec());
        owner.sends(&part("slow", &name, (n == 0).then_some("read")));
    }
    let begun = tokio::time::Instant::now();
    owner.says("go on");
    let on_the_bus = stack
        .telegram
        .wait_until(LIMIT * 2, |telegram| telegram.unconfirmed_updates() == 0);
    on_the_bus.await.expect("the chat goes on");
    assert!(begun.elapsed() < LIMIT + LIMIT / 2, "{:?}", begun.elapsed());
    assert_eq!(stack.heard().await.1.text, "read");
    assert_eq!(stack.heard().await.1.text, "go on");
}

fn part(album: &str, name: &str, caption: Option<&str>) -> serde_json::Value {
    let mut part = json!({ "media_group_id": album, "document": {
        "file_id": name, "file_unique_id": name, "file_name": name, "file_size": 4,
    } });
    if let Some(caption) = caption {
        part["caption"] = caption.into();
    }
    part
}

#[tokio::test]
async fn of_an_album_whatever_can_be_read_is_read_and_every_caption_counts() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.kill_bot();
    stack.telegram.has_file("notes.txt", b"milk".to_vec());
    owner.sends(&part("mixed", "x.pdf", None));
    owner.sends(&part("mixed", "notes.txt", None));
    owner.sends(&part("captions", "x.pdf", Some("first")));
    owner.sends(&part("captions", "notes.txt", Some("second")));
    stack.start_bot().await;
    for text in ["", "first\nsecond"] {
        let (_, heard) = stack.heard().await;
        let read: Vec<_> = heard
            .attachments
            .iter()
            .map(|file| file.text.as_deref())
            .collect();
        assert_eq!((heard.text.as_str(), read), (text, vec![None, Some("milk")]));
    }
    stack.outbox_is_dry().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

/// It counts as answered when it is on the bus, and not before.
#[tokio::test]
async fn an_album_is_not_lost_while_the_bus_is_away() {
    let stack = Stack::start(Stores::Distributed).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.redis().kill();
    owner.sends(&photo(Some("unlucky"), None));
    let tried = stack
        .telegram
        .wait_until(QUIET * 10, |telegram| telegram.unconfirmed_updates() == 0);
    assert!(tried.await.is_err(), "confirmed without being handled");
    stack.redis().restart().await;
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "I cannot read pictures yet. Please write it to me as text."
    );
    stack.all_confirmed().await;
}

#[tokio::test]
async fn a_hiccup_of_telegrams_costs_no_file() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    for fault in [
        fakes::telegram::Fault::Status(500),
        fakes::telegram::Fault::CloseBefore,
        fakes::telegram::Fault::NotFoundPage,
        fakes::telegram::Fault::RetryAfter(1),
    ] {
        stack.telegram.fails_next("getFile", &fault, 1);
    }
    sends_file(&owner, &stack.telegram, "list.md", 4, "milk".into());
    assert_eq!(stack.heard().await.1.attachments[0].text.as_deref(), Some("milk"));
}

#[tokio::test]
async fn a_name_is_no_way_to_hand_on_without_end() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.telegram.has_file("f", "milk".into());
    owner.sends(&json!({ "document": {
        "file_id": "f", "file_unique_id": "u", "file_name": format!("{}.txt", "x".repeat(100_000)),
        "mime_type": "t".repeat(100_000),
    } }));
    let (_, heard) = stack.heard().await;
    let [file] = heard.attachments.as_slice() else {
        panic!("one file: {heard:?}")
    };
    assert!(serde_json::to_string(file).unwrap().len() < 10_000);
}
