//! A real model that hands the user's own words on (`said`), in four languages: what was asked for, and what the user
//! reads. `said.txt` has the conversations: `>` is what the user says, `<` what is answered. It is Friday, 20 November
//! 2026, 12:03 in Berlin, for each of them.

use std::sync::Arc;
use std::time::Duration;

use fakes::openai::{OpenAiServer, Step};
use rest_client::UserPatch;
use serde_json::json;

use crate::{
    openai::model,
    world::{Stores, World, shown},
};

/// A model that calls the tool with the words that it was told, and repeats what the tool asks.
fn hands_words_on(openai: &OpenAiServer) {
    openai.answers_with(|request| {
        if request.last_role() != "tool" {
            let said = request.last_user_text();
            return Step::tool_call("reminder_create", json!({ "text": "tea", "said": said }));
        }
        let result = request
            .tool_results()
            .pop()
            .map(|(_, result)| result)
            .unwrap_or_default();
        match result.split_once("ask the user: ") {
            Some((_, question)) => Step::text(question.trim_end_matches(['"', '}'])),
            None => Step::text("OK."),
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_a_model_hands_on_come_to_what_they_say() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/said.txt");
    let wanted = std::fs::read_to_string(file).expect("the conversations");
    let openai = OpenAiServer::start().await;
    hands_words_on(&openai);
    let mut world: Option<World> = None;
    let mut wrong = String::new();
    let mut count = 0;
    let mut lines = wanted.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(locale) = line.strip_prefix("# locale=") {
            let model = Arc::new(model(openai.url(), Duration::from_secs(20)));
            let new = World::with_model(Stores::Embedded, model).await;
            let patch = UserPatch {
                locale: Some(locale.trim().to_owned()),
                ..UserPatch::default()
            };
            new.rest.update_user(new.user, &patch).await.expect("changed");
            world = Some(new);
        }
        let (Some(said), Some(world)) = (line.strip_prefix("> "), world.as_mut()) else {
            continue;
        };
        world.writes(said).await;
        world.handle_next().await;
        let got = shown(&world.reply().await).replace('\n', " / ");
        let answer = lines.next_if(|line| line.starts_with("< ")).unwrap_or_default();
        count += 1;
        if answer != format!("< {got}") {
            wrong.push_str(&format!("> {said}\n< {got}\n"));
        }
    }
    assert!(wrong.is_empty(), "answered otherwise:\n{wrong}");
    assert!(count >= 120, "{count} sentences");
}
