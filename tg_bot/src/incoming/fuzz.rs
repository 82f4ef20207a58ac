//! Updates, changed at random in their fields and in their bytes: each is read without a panic, in bounded time, and whoever
//! can be read gets an answer.
//!
//! `TEST_FUZZ_SECONDS=3600 cargo test -p tg_bot --release --lib -- fuzz --nocapture` is the long form: it goes on for as
//! long as that says, and tells how many updates it has read. `TEST_FUZZ_SEED` begins elsewhere; what fails says where.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use chrono::DateTime;
use messages::{Address, UserMessageV2};
use serde_json::{Value, json};
use test_support::Random;
use uuid::Uuid;

use super::{Me, about, addressed, albums, files, wire};
use crate::{commands::Parsed, place::Place};

/// How many updates the short form reads.
const SHORT_FORM: u64 = 5_000;

/// No update may take longer, on however busy a machine.
const SLOWEST: Duration = Duration::from_secs(5);

/// What people send, as the Bot API hands it out.
const CONTENTS: &str = include_str!("../../tests/updates.json");

/// What a reader needs to know whom to answer; an update keeps it, unless its bytes are changed.
const KEPT: [&str; 7] = [
    "/update_id",
    "/message",
    "/message/chat",
    "/message/chat/id",
    "/message/from",
    "/message/from/id",
    "/message/from/is_bot",
];

fn junk(random: &mut Random) -> Value {
    match random.below(14) {
        0 => Value::Null,
        1 => json!(random.number().is_multiple_of(2)),
        2 => json!(random.number()),
        3 => json!(random.number().cast_signed()),
        4 => json!(f64::from_bits(random.number())),
        5 => json!(""),
        6 => json!("@assistant_fake_bot\u{202e}👨\u{200d}👩\u{200d}👧 /stop@"),
        7 => json!("x".repeat(random.below(20_000))),
        8 => json!([]),
        9 => json!({}),
        10 => json!([[[{ "offset": -1, "length": u64::MAX, "url": 7 }]]]),
        11 => {
            json!([{ "offset": random.below(9), "length": random.below(9), "url": "https://example.com" }, 5])
        }
        12 => json!({ "id": 42, "text": { "text": [{ "text": "deep" }] }, "file_id": {}, "value": "6" }),
        _ => {
            let mut deep = json!("deep");
            for _ in 0..random.below(100) {
                deep = json!([deep]);
            }
            deep
        }
    }
}

/// Every place in a value, by its JSON pointer.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut add = |name: &str, value: &Value| {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        pointers(value, &pointer, all);
        all.push(pointer);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| add(name, value)),
        Value::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                add(&number.to_string(), value);
            }
        }
        _ => {}
    }
}

fn change(update: &mut Value, random: &mut Random) {
    let mut places = Vec::new();
    pointers(update, "", &mut places);
    places.retain(|place| !KEPT.contains(&place.as_str()));
    let place = random.one(&places).clone();
    let (above, name) = place.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    let other = update.pointer(random.one(&places).as_str()).cloned();
    let new = if random.below(3) == 0 {
        other.unwrap_or_default()
    } else {
        junk(random)
    };
    match update.pointer_mut(above).unwrap() {
        Value::Object(fields) if random.below(4) == 0 => drop(fields.remove(&name)),
        Value::Object(fields) if random.below(4) == 0 => drop(fields.insert(format!("{name}_new"), new)),
        Value::Object(fields) => drop(fields.insert(name, new)),
        Value::Array(values) => values[name.parse::<usize>().unwrap()] = new,
        _ => unreachable!(),
    }
}

fn broken(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => bytes[at] = *random.one(b"\"\\{}[],:0-e.\0\xff"),
            2 => bytes.insert(at, *random.one(b"\"\\{}[],:0-e.\0\xff")),
            _ => {
                let part = bytes[at..].to_vec();
                bytes.extend(part);
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn me() -> Me {
    Me {
        hears: false,
        id: 700_000_001,
        username: "assistant_fake_bot".to_owned(),
    }
}

/// Everything that is made of an update before anybody is asked; whether its sender gets an answer.
fn read(text: &str) -> bool {
    let Some(update) = wire::Update::read(text) else {
        return false;
    };
    let _ = update.chat();
    let again = wire::Update::read(text).into_iter();
    let mut is_answered = false;
    for update in albums::joined(again.chain([update]).collect()) {
        let (wire::Kind::Message(message) | wire::Kind::Edited(message)) = &update.kind else {
            continue;
        };
        let said = addressed::said(message, &me());
        is_answered = said.is_some();
        if let Some(addressed::Said::Text(text)) = &said {
            let _ = Parsed::of(text, &me().username);
        }
        let _ = files::is_text(message);
        let to = Place::of_message(message).address();
        assert!(Place::of(&to).is_some());
        if let Some(account) = &message.from {
            let mut said = empty(to);
            about::add(&mut said, message, account, &me());
            assert!(said.attachments.len() <= 11 && said.links.len() <= 100);
        }
    }
    is_answered
}

fn empty(from: Address) -> UserMessageV2 {
    UserMessageV2 {
        user_id: Uuid::nil(),
        from,
        message_ref: None,
        thread: None,
        text: String::new(),
        sent_at: DateTime::UNIX_EPOCH,
        forwarded_from: None,
        reply_to: None,
        links: Vec::new(),
        attachments: Vec::new(),
    }
}

#[test]
fn changed_updates_are_read_and_their_senders_answered() {
    let limit = test_support::fuzz_time();
    let seed = test_support::fuzz_seed().unwrap_or(13);
    let contents: Vec<Value> = serde_json::from_str(CONTENTS).unwrap();
    let begun = Instant::now();
    let mut random = Random::new(seed);
    let (mut count, mut slowest) = (0_u64, Duration::ZERO);
    while limit.map_or(count < SHORT_FORM, |limit| begun.elapsed() < limit) {
        let mut message = json!({
            "message_id": 9, "date": 1_795_176_000, "media_group_id": "1", "is_topic_message": true,
            "message_thread_id": 7,
            "from": { "id": 42, "is_bot": false, "first_name": "Ann", "language_code": "en" },
            "chat": { "id": 42, "type": "private", "first_name": "Ann" },
        });
        let fields = message.as_object_mut().unwrap();
        fields.extend(random.one(&contents).as_object().unwrap().clone());
        let mut update = json!({ "update_id": 7, "message": message });
        for _ in 0..=random.below(5) {
            change(&mut update, &mut random);
        }
        let whole = update.to_string();
        let started = Instant::now();
        let broken = broken(&whole, &mut random);
        let is_answered = std::panic::catch_unwind(|| {
            read(&broken);
            read(&whole)
        });
        let place = format!("seed {seed}, after {count}: {whole}, and broken {broken}");
        assert!(is_answered.expect(&place), "nobody would answer: {place}");
        let took = started.elapsed();
        assert!(took < SLOWEST, "{took:?}: {place}");
        slowest = slowest.max(took);
        count += 2;
    }
    if limit.is_some() {
        let mut out = std::io::stderr();
        writeln!(
            out,
            "{count} updates in {:?} from seed {seed}; the slowest took {slowest:?}",
            begun.elapsed()
        )
        .unwrap();
    }
}
