//! One process on SQLite, which dies right behind its n-th commit, before anybody in it hears that it was made, and is
//! started again: everything said is answered, once and in order, and each reminder is made and fires once.
//!
//! The n-th commit of a process that starts, hears two messages, runs their turns, makes a reminder, sends the answers
//! and fires the reminder. The suite steps over them; every one, with a table:
//! `TEST_LONG_FORM=1 cargo test -p manage --test it -- --nocapture e2e::commits`.

use std::time::Duration;

use fakes::openai::Step;
use serde_json::json;
use tokio::time::Instant;

use super::world::{LIMIT, Model, Service, Way, World};

/// Every so many commits, where not every one is tried.
const STEP: usize = 9;

/// More commits than the story can have: the loop ends by itself.
const MOST: u64 = 400;

#[derive(Default)]
struct Tally {
    deaths: u32,
    /// What Telegram had accepted when the process died, unrecorded.
    twice: u32,
    slowest: Duration,
    at: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_dies_behind_a_commit_embedded_sqlite() {
    let mut world = World::start(Way::Embedded, Model::OpenAi).await;
    world.openai.answers_with(|request| {
        let text = request.last_user_text();
        if request.last_role() == "tool" {
            return Step::text(format!("Set {text}."));
        }
        if text.starts_with("remind") {
            return Step::tool_call("reminder_create", json!({"text": text, "in": {"seconds": 1}}));
        }
        Step::text(format!("You said {text}."))
    });
    let step = if test_support::is_long_form() { 1 } else { STEP };
    let mut tally = Tally::default();
    let mut expected = Vec::new();
    for number in (1..MOST).step_by(step) {
        let has_died = die_behind(&mut world, number, &mut expected, &mut tally).await;
        if !has_died {
            break;
        }
    }
    println!(
        "| deaths | lost | twice (accepted by Telegram, unrecorded) | out of order | slowest | at commit |\n\
         |---|---|---|---|---|---|\n| {} | 0 | {} | 0 | {:.1} s | {} |",
        tally.deaths,
        tally.twice,
        tally.slowest.as_secs_f64(),
        tally.at
    );
    assert!(tally.deaths >= 4, "only {} commits were tried", tally.deaths);
    let fired = |text: &String| text.starts_with('⏰');
    // It dies of its commits between two stories too.
    world.restart(Service::Rest);
    world.serves().await;
    // Behind the welcome.
    let (mut reminders, mut answers): (Vec<String>, Vec<String>) =
        texts(&world).into_iter().skip(1).partition(fired);
    reminders.dedup();
    answers.dedup();
    assert_eq!(reminders.len(), expected.len() / 2, "{reminders:?}");
    // Without the receipt below.
    let answers: Vec<&str> = answers.iter().filter_map(|text| text.lines().next()).collect();
    assert_eq!(answers, expected);
    assert_eq!(all_tasks(&world).await, expected.len() / 2);
    world.telegram.assert_clean();
    world.openai.assert_clean();
}

/// One death, and what was said around it; `false` when the story was over before.
async fn die_behind(world: &mut World, number: u64, expected: &mut Vec<String>, tally: &mut Tally) -> bool {
    let (reminder, answer) = (format!("remind {number}"), format!("thanks {number}"));
    let before = world.ann.bot_messages().len();
    world.restart_to_die_after_commit(number);
    world.ann.says(&reminder);
    let mut has_thanked = false;
    expected.extend([format!("Set {reminder}."), format!("You said {answer}.")]);
    let until = Instant::now() + LIMIT;
    let mut died: Option<(Instant, usize)> = None;
    loop {
        if died.is_none() && world.has_died(Service::Rest) {
            died = Some((Instant::now(), world.ann.bot_messages().len()));
            world.start_again(Service::Rest);
        }
        // Said sooner, it would be answered together with the reminder.
        let is_set = |text: &String| text.starts_with("Set ");
        if !has_thanked && texts(world).split_off(before).iter().any(is_set) {
            world.ann.says(&answer);
            has_thanked = true;
        }
        if distinct(&texts(world).split_off(before)) >= 3 {
            break;
        }
        assert!(
            Instant::now() < until,
            "commit {number}: not all is answered: {:?}; the logs:\n{}",
            texts(world).split_off(before),
            world.logs()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let Some((at, accepted)) = died else {
        return world.has_died(Service::Rest);
    };
    tally.deaths += 1;
    if at.elapsed() > tally.slowest {
        (tally.slowest, tally.at) = (at.elapsed(), number);
    }
    world.settled().await;
    tally.twice += only_unrecorded_ones_twice(world, before, accepted);
    true
}

/// How many messages came twice: only what Telegram accepted last before the death may, in the order in which they went.
fn only_unrecorded_ones_twice(world: &World, before: usize, accepted: usize) -> u32 {
    let texts = texts(world);
    let (sent, again) = texts.split_at(accepted);
    let sent = sent.get(before..).unwrap_or_default();
    let twice: Vec<&String> = again.iter().filter(|text| sent.contains(text)).collect();
    let last = sent.get(sent.len().saturating_sub(2)..).unwrap_or_default();
    assert!(
        twice.len() <= 1 && twice.iter().all(|text| last.contains(text)),
        "{twice:?} came twice, {sent:?} was there before"
    );
    u32::try_from(twice.len()).unwrap()
}

fn distinct(texts: &[String]) -> usize {
    texts.iter().collect::<std::collections::BTreeSet<_>>().len()
}

/// What the bot said.
fn texts(world: &World) -> Vec<String> {
    let messages = world.ann.bot_messages();
    messages.into_iter().map(|message| message.text).collect()
}

async fn all_tasks(world: &World) -> usize {
    let (client, ann) = (world.client(), world.ann_id().await);
    let (mut count, mut query) = (0, rest_client::TaskListQuery::default());
    loop {
        let page = client.tasks(ann, &query).await.unwrap();
        count += page.items.len();
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return count,
        }
    }
}
