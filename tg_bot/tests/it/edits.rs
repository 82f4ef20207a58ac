//! Changed messages: what was said is corrected, what was not is said now, and what says the same is nothing.

use fakes::telegram::User;
use messages::{Event, UserMessageV2};
use serde_json::{Value, json};

use crate::stack::{LIMIT, QUIET, Stack, Stores};

async fn corrected(stack: &mut Stack) -> UserMessageV2 {
    match stack.next_event().await.event {
        Event::MessageEditedV1(edit) => edit.message,
        other => panic!("an edit: {other:?}"),
    }
}

fn document(name: &str, unique: &str) -> Value {
    json!({ "document": { "file_id": name, "file_unique_id": unique, "file_name": name, "file_size": 9 } })
}

fn sends_file(stack: &Stack, owner: &User, name: &str, caption: &str) {
    stack.telegram.has_file(name, "- milk".into());
    let mut fields = document(name, name);
    if !caption.is_empty() {
        fields["caption"] = caption.into();
    }
    owner.sends(&fields);
}

#[tokio::test]
async fn a_changed_message_keeps_its_attachment() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    sends_file(&stack, &owner, "list.md", "sum up");
    assert_eq!(
        stack.heard().await.1.attachments[0].text.as_deref(),
        Some("- milk")
    );
    owner.edits_fields(&json!({ "caption": "sum it up" }));
    let edit = corrected(&mut stack).await;
    assert_eq!(edit.text, "sum it up");
    assert_eq!(edit.attachments[0].text.as_deref(), Some("- milk"));
    // Another file in its place, and no words any more.
    stack.telegram.has_file("other.md", "- bread".into());
    let mut other = document("other.md", "other");
    other["caption"] = json!(null);
    owner.edits_fields(&other);
    let edit = corrected(&mut stack).await;
    assert_eq!(
        (edit.text.as_str(), edit.attachments[0].text.as_deref()),
        ("", Some("- bread"))
    );
    // One that nobody can read.
    owner.edits_fields(&document("gone.md", "gone"));
    assert_eq!(
        owner.next_message(LIMIT).await.text,
        "I could not get this file from Telegram. Please send it again."
    );
    stack.all_confirmed().await;
    stack.heard_nothing().await;
    assert_eq!(stack.telegram.take_violations().len(), 1, "the file that is gone");
}

#[tokio::test]
async fn a_changed_caption_keeps_the_whole_album() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    for (name, caption) in [("a.md", ""), ("b.md", "compare")] {
        stack.telegram.has_file(name, name.into());
        let mut part = document(name, name);
        part["media_group_id"] = "7".into();
        if !caption.is_empty() {
            part["caption"] = caption.into();
        }
        owner.sends(&part);
    }
    stack.start_bot().await;
    assert_eq!(stack.heard().await.1.attachments.len(), 2);
    owner.edits_fields(&json!({ "caption": "compare them" }));
    let edit = corrected(&mut stack).await;
    let mut texts: Vec<_> = edit
        .attachments
        .iter()
        .filter_map(|file| file.text.as_deref())
        .collect();
    texts.sort_unstable();
    assert_eq!(
        (edit.text.as_str(), texts),
        ("compare them", vec!["a.md", "b.md"])
    );
}

/// The words of all parts are one message; a part that is changed does not say its words anew.
#[tokio::test]
async fn a_part_of_an_album_with_words_of_its_own_is_no_new_message() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    for name in ["a.md", "b.md"] {
        stack.telegram.has_file(name, name.into());
        let mut part = document(name, name);
        part["media_group_id"] = "7".into();
        part["caption"] = format!("read {name}").into();
        owner.sends(&part);
    }
    stack.start_bot().await;
    assert_eq!(stack.heard().await.1.text, "read a.md\nread b.md");
    owner.edits_fields(&json!({ "has_media_spoiler": true }));
    stack.all_confirmed().await;
    stack.heard_nothing().await;
    owner.edits_fields(&json!({ "caption": "read b.md twice" }));
    assert_eq!(corrected(&mut stack).await.text, "read b.md twice");
}

#[tokio::test]
async fn what_says_the_same_is_no_change() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("see https://example.com");
    stack.heard().await;
    owner.edits_fields(&json!({ "link_preview_options": { "url": "https://example.com" } }));
    sends_file(&stack, &owner, "list.md", "");
    stack.heard().await;
    owner.edits_fields(&json!({ "has_media_spoiler": true }));
    owner.sends(&json!({ "location": { "latitude": 52.5, "longitude": 13.4, "live_period": 900 } }));
    owner.next_message(LIMIT).await;
    owner.edits_fields(&json!({ "location": { "latitude": 52.6, "longitude": 13.4, "live_period": 900 } }));
    owner.says("/nonsense");
    owner.next_message(LIMIT).await;
    owner.edits_fields(&json!({ "link_preview_options": { "is_disabled": true } }));
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.heard_nothing().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
    // The link below the same words opens something else.
    let link = |url: &str| json!([{ "type": "text_link", "offset": 0, "length": 4, "url": url }]);
    owner.sends(&json!({ "text": "this?", "entities": link("https://a.example") }));
    stack.heard().await;
    owner.edits_fields(&json!({ "entities": link("https://b.example") }));
    assert_eq!(corrected(&mut stack).await.links[0].url, "https://b.example");
}

#[tokio::test]
async fn what_was_not_for_us_before_is_said_now() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    let group = stack.telegram.group("Family");
    owner.says_in(&group, "remind us at 7");
    stack.all_confirmed().await;
    owner.edits_last_message_in(&group, "@assistant_fake_bot remind us at 7");
    assert_eq!(stack.heard().await.1.text, "remind us at 7");
    // From now on it is a correction.
    owner.edits_last_message_in(&group, "@assistant_fake_bot remind us at 8");
    assert_eq!(corrected(&mut stack).await.text, "remind us at 8");
    owner.edits_last_message_in(&group, "remind us at 9");
    // A command that there is not, corrected to words and to one that there is.
    owner.says("/remind me at 7");
    assert!(
        owner
            .next_message(LIMIT)
            .await
            .text
            .starts_with("I do not know that command")
    );
    owner.edits_last_message("remind me at 7");
    assert_eq!(stack.heard().await.1.text, "remind me at 7");
    owner.says("/stauts");
    owner.next_message(LIMIT).await;
    owner.edits_last_message("/status");
    assert!(owner.next_message(LIMIT).await.text.contains("Olga"));
    // A picture without words gets some.
    owner.sends_photo("");
    owner.next_message(LIMIT).await;
    owner.edits_fields(&json!({ "caption": "what is this?" }));
    assert_eq!(stack.heard().await.1.text, "what is this?");
    stack.all_confirmed().await;
    stack.outbox_is_dry().await;
    stack.heard_nothing().await;
    assert!(owner.try_next_message(QUIET).await.is_none());
}

/// What it was before, another process knows: it may have been answered.
#[tokio::test]
async fn after_a_restart_a_change_is_a_correction() {
    let mut stack = Stack::start(Stores::Embedded).await;
    let owner = stack.owner().await;
    owner.says("at eight");
    stack.heard().await;
    stack.all_confirmed().await;
    stack.kill_bot();
    stack.start_bot().await;
    owner.edits_last_message("at nine");
    assert_eq!(corrected(&mut stack).await.text, "at nine");
}
