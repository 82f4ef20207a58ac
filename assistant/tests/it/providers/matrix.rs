//! The matrix of docs/models.md: each server with a text, a call, calls side by side and errors; what comes of it, and
//! how many answers were paid for.

use std::path::Path;

use fakes::openai::{PROVIDERS, Provider, Step};
use futures::{StreamExt, stream};

use super::*;

/// Where the matrix stands.
const BEGIN: &str = "<!-- matrix: begin -->\n";
const END: &str = "<!-- matrix: end -->";

const HELLO: &str = "Hello, Mia! It is a fine day for a longer answer.";

/// What came of it, and how many answers were paid for.
fn cell(outcome: Result<&str, &ModelError>, paid: u64) -> String {
    let words = match outcome {
        Ok(words) => words,
        Err(ModelError::Unavailable { .. }) => "“can't reach it”",
        Err(ModelError::RateLimited { .. }) => "“too many requests”",
        Err(ModelError::Refused(_)) => "“refused”, reason in the log",
        Err(ModelError::Broken(_)) => "“got lost, try again”",
        Err(ModelError::TooLong(_)) => "“too long, start a new one”",
        Err(ModelError::Deadline(_)) => "“no answer in time”",
        Err(ModelError::Budget { .. }) => "“budget spent”",
    };
    format!("{words} ({paid})")
}

async fn text(provider: Provider) -> (String, u64) {
    let server = server(provider).await;
    server.answers_with(|_| Step::text(HELLO));
    let answer = ask(&model(&server), conversation()).await;
    let words = answer.as_ref().map(
        |answer| match answer.text == HELLO && answer.tool_calls.is_empty() {
            true => "works",
            false => "wrong",
        },
    );
    (cell(words, server.answered()), server.refused())
}

async fn calls(provider: Provider, places: &[&str]) -> String {
    let server = server(provider).await;
    server.answers_with(calls_once(places.iter().map(|place| time_in(place)).collect()));
    let model = model(&server);
    let mut messages = conversation();
    let answer = match ask(&model, messages.clone()).await {
        Ok(answer) => answer,
        Err(error) => return cell(Err(&error), server.answered()),
    };
    if answer.tool_calls.is_empty() {
        let words = match answer.text == "I can't look that up." {
            true => "answers without tools",
            false => "wrong",
        };
        return cell(Ok(words), server.answered());
    }
    let expected = places
        .iter()
        .map(|place| format!(r#"time{{"place":"{place}","plus_days":3}}"#));
    let expected: Vec<String> = expected.collect();
    let made: Vec<String> = answer
        .tool_calls
        .iter()
        .map(|call| format!("{}{}", call.name, call.arguments))
        .collect();
    let are_all = made == expected;
    let are_some = !are_all && made.len() == 1 && expected.starts_with(&made);
    assert!(
        answer.text.is_empty(),
        "{}: {:?} would be shown",
        provider.name,
        answer.text
    );
    messages.extend(round(answer));
    let last = ask(&model, messages).await;
    let words = last
        .as_ref()
        .map(|last| match (last.text == "It is noon.", are_all, are_some) {
            (true, true, _) => "works",
            (true, _, true) => "one at a time",
            _ => "wrong",
        });
    cell(words, server.answered())
}

/// What comes of steps, of which the last one is repeated.
async fn after(provider: Provider, first: Option<Step>, then: Step) -> String {
    let server = server(provider).await;
    server.script(first);
    server.answers_with(move |_| then.clone());
    let answer = ask(&model(&server), conversation()).await;
    let words = answer.as_ref().map(|answer| match answer.text == HELLO {
        true => "works",
        false => "half an answer",
    });
    cell(words, server.answered())
}

async fn wrong_key(provider: Provider) -> String {
    let server = OpenAiServer::start_with(Options {
        provider: Some(provider),
        key: Some("sk-right".to_owned()),
        ..Options::default()
    })
    .await;
    let answer = ask(&model(&server), conversation()).await;
    assert!(!server.take_violations().is_empty(), "the key was refused");
    cell(answer.as_ref().map(|_| "works"), server.answered())
}

async fn row(provider: Provider) -> String {
    let too_long = Step::error(
        400,
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    );
    let down = Step::error(503, "server_error", "The server is overloaded.");
    let ((text, refused), one, several, limited, down, cut, key, long) = tokio::join!(
        text(provider),
        calls(provider, &["Rome"]),
        calls(provider, &["Rome", "Oslo"]),
        after(provider, Some(Step::rate_limited(0)), Step::text(HELLO)),
        after(provider, None, down),
        after(provider, None, Step::text(HELLO).cut_after(2)),
        wrong_key(provider),
        after(provider, Some(too_long), Step::text(HELLO)),
    );
    format!(
        "| {} | {refused} | {text} | {one} | {several} | {limited} | {long} | {down} | {cut} | {key} |\n",
        provider.name
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_matrix_is_what_the_documentation_says() {
    let rows: Vec<String> = stream::iter(PROVIDERS.iter().copied().map(row))
        .buffered(4)
        .collect()
        .await;
    let matrix = format!(
        "| server | refusals until it is known | text | a call, and its result | two calls | 429 once | too long once | down | cut each \
         time | wrong key |\n|---|---|---|---|---|---|---|---|---|---|\n{}",
        rows.concat()
    );
    for row in &rows {
        assert!(
            !row.contains("wrong (") && row.matches("works").count() >= 3,
            "{row}"
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/models.md");
    let document = std::fs::read_to_string(&path).expect("docs/models.md");
    let (before, behind) = document.split_once(BEGIN).expect("where the matrix begins");
    let (known, after) = behind.split_once(END).expect("where the matrix ends");
    if known != matrix {
        let renewed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/models.md");
        std::fs::write(&renewed, format!("{before}{BEGIN}{matrix}{END}{after}")).expect("the target folder");
        panic!("docs/models.md is out of date: read target/models.md, and copy it there\n{matrix}");
    }
}
