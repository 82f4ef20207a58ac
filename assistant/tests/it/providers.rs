//! Every server that we know of: what it writes is read, what it refuses is left out, and docs/models.md says so.

mod matrix;
mod third_party;

use std::{borrow::Cow, sync::Arc, time::Duration};

use assistant::model::{
    Message, Model, ModelAnswer, ModelError, ModelRequest, ProviderFields, ToolSpec,
    chain::Chain,
    openai::{OpenAi, OpenAiSettings},
};
use fakes::openai::{OpenAiServer, Options, Provider, Request, Step, ToolCall, provider};
use messages::{Event, EventId, TaskAction, TaskDueV1};
use serde_json::{Value, json};
use service_kit::retry::RetryPolicy;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use crate::{
    support::now,
    world::{Stores, World},
};

const QUICK: RetryPolicy = RetryPolicy {
    attempts: 3,
    first_wait: Duration::from_millis(5),
    longest_wait: Duration::from_millis(20),
};

/// A server that is strict about what the real one refuses.
async fn server(provider: Provider) -> OpenAiServer {
    OpenAiServer::start_with(Options {
        provider: Some(provider),
        ..Options::default()
    })
    .await
}

async fn server_named(name: &str) -> OpenAiServer {
    server(provider(name).expect("a provider of this name")).await
}

fn model_at(server: &OpenAiServer, patience: Duration) -> OpenAi {
    OpenAi::new(OpenAiSettings {
        base_url: server.url().parse().expect("a URL"),
        api_key: Some("sk-test".into()),
        model: "m".to_owned(),
        first_word: patience,
        silence: patience,
        retries: QUICK,
    })
    .expect("a model")
}

fn model(server: &OpenAiServer) -> OpenAi {
    model_at(server, Duration::from_secs(10))
}

/// Two tools, one with a schema that strict servers have their doubts about.
fn tools() -> Arc<[ToolSpec]> {
    let tool = |name: &'static str, properties: Value| ToolSpec {
        name: Cow::Borrowed(name),
        description: Cow::Borrowed("Tells something."),
        parameters: json!({ "type": "object", "properties": properties, "additionalProperties": false }),
    };
    Arc::new([
        tool(
            "time",
            json!({ "place": { "type": "string" }, "plus_days": { "type": "integer" } }),
        ),
        tool("weather", json!({ "place": { "type": "string" } })),
    ])
}

fn request(messages: Vec<Message>) -> ModelRequest {
    ModelRequest {
        model: None,
        instructions: "You are Ada.".to_owned(),
        messages,
        tools: tools(),
        parameters: json!({ "temperature": 0.2 })
            .as_object()
            .cloned()
            .unwrap_or_default(),
        max_output_tokens: 1000,
        time: assistant::tools::when::context(crate::support::now(), chrono_tz::Tz::UTC, "en"),
        now: crate::support::now(),
        deadline: Instant::now() + Duration::from_secs(60),
        purse: None,
    }
}

async fn ask(model: &impl Model, messages: Vec<Message>) -> Result<ModelAnswer, ModelError> {
    let (live, _) = watch::channel(String::new());
    model.answer(&request(messages), &live).await
}

fn user(text: &str) -> Message {
    Message::User(text.to_owned())
}

/// A conversation as it is stored: a reminder fired before anybody said anything, and a button was pressed.
fn conversation() -> Vec<Message> {
    vec![
        Message::said("⏰ drink water"),
        Message::said("Done."),
        user("thanks"),
        Message::said("You're welcome."),
        Message::said("⏰ drink more water"),
        user("What time will it be in Rome in three days?"),
    ]
}

/// The answer of a tool round, as the turn makes messages of it.
fn round(answer: ModelAnswer) -> Vec<Message> {
    let mut calls = answer.tool_calls;
    for (n, call) in calls.iter_mut().enumerate() {
        if call.id.is_empty() {
            call.id = format!("call{n:05}");
        }
    }
    let results: Vec<Message> = calls
        .iter()
        .map(|call| Message::Tool {
            call_id: call.id.clone(),
            content: json!({ "now": "noon" }).to_string(),
        })
        .collect();
    let called = Message::Assistant {
        text: answer.text,
        tool_calls: calls,
        provider: answer.provider,
    };
    std::iter::once(called).chain(results).collect()
}

/// Calls the tools until they have answered, and then says what time it is.
fn calls_once(calls: Vec<ToolCall>) -> impl Fn(&Request) -> Step + Send + Sync + 'static {
    move |request| match (request.last_role(), request.tool_names().is_empty()) {
        ("tool", _) => Step::text("It is noon."),
        (_, true) => Step::text("I can't look that up."),
        _ => Step::tool_calls(calls.clone()),
    }
}

fn time_in(place: &str) -> ToolCall {
    ToolCall::new("time", &json!({ "place": place, "plus_days": 3 }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_reminder_a_strict_template_still_answers() {
    let server = server_named("Mistral: ").await;
    server.answers_with(|_| Step::text("Hello, Mia!"));
    let mut world = World::with_model(Stores::Embedded, Arc::new(model(&server))).await;
    let due = Event::TaskDueV1(TaskDueV1 {
        from_outside: false,
        task_id: Uuid::nil(),
        user_id: world.user,
        to: world.address(),
        action: TaskAction::Remind,
        text: "drink water".to_owned(),
        scheduled_for: now(),
        fired_at: now(),
        missed: 0,
    });
    world.publishes(EventId::task(Uuid::nil(), 1), due.clone()).await;
    world.handle_next().await;
    assert_eq!(world.reply().await.text, "⏰ drink water");
    assert_eq!(world.says("hello").await, "Hello, Mia!");
    world.publishes(EventId::task(Uuid::nil(), 2), due).await;
    world.handle_next().await;
    world.reply().await;
    assert_eq!(world.says("hello again").await, "Hello, Mia!");
    assert_eq!(server.answered(), 2, "nothing was paid for twice");
    assert_eq!(
        server.refused(),
        2,
        "each of the two fields that it does not take was refused once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_wants_back_it_gets_in_later_turns_too_and_no_other_does() {
    for name in ["Gemini", "Kimi"] {
        let server = server_named(name).await;
        server.answers_with(calls_once(vec![ToolCall::new(
            "time",
            &json!({ "place": "Rome" }),
        )]));
        let mut world = World::with_model(Stores::Embedded, Arc::new(model(&server))).await;
        assert_eq!(
            world.says("what time is it in Rome?").await,
            "It is noon.",
            "{name}"
        );
        assert_eq!(world.says("and now?").await, "It is noon.", "{name}");
        let sent = server.requests();
        let last = sent.last().expect("a request").body["messages"].to_string();
        let field = if name == "Gemini" {
            "\"thought_signature\":\"sig-"
        } else {
            "\"reasoning_content\":\"They want"
        };
        assert_eq!(
            last.matches(field).count(),
            if name == "Gemini" { 2 } else { 3 },
            "{name}: {last}"
        );
    }
    // The same conversation at another server.
    let other = OpenAiServer::start().await;
    other.answers("Hello!");
    let fields = ProviderFields {
        server: "https://elsewhere.example/v1".to_owned(),
        message: json!({ "reasoning_content": "secret" })
            .as_object()
            .cloned()
            .unwrap_or_default(),
        calls: vec![
            json!({ "extra_content": "secret" })
                .as_object()
                .cloned()
                .unwrap_or_default(),
        ],
    };
    let mut messages = vec![user("time?")];
    messages.extend(round(ModelAnswer {
        tool_calls: vec![assistant::model::ToolCall {
            id: "a".to_owned(),
            name: "time".to_owned(),
            arguments: "{}".to_owned(),
        }],
        provider: Some(fields),
        ..ModelAnswer::default()
    }));
    ask(&model(&other), messages).await.expect("an answer");
    assert!(!other.requests()[0].body.to_string().contains("secret"));
}

#[tokio::test]
async fn calls_that_another_server_made_are_told_in_words_where_they_are_refused() {
    let server = server_named("Gemini").await;
    server.answers_with(|_| Step::text("It is noon."));
    let mut messages = vec![user("time?")];
    messages.extend(round(ModelAnswer {
        tool_calls: vec![assistant::model::ToolCall {
            id: "a".to_owned(),
            name: "time".to_owned(),
            arguments: "{}".to_owned(),
        }],
        ..ModelAnswer::default()
    }));
    assert_eq!(
        ask(&model(&server), messages).await.expect("an answer").text,
        "It is noon."
    );
    let sent = server.requests()[0].body["messages"].to_string();
    assert!(
        sent.contains("(Result of time: ") && sent.contains("noon"),
        "{sent}"
    );
}

#[tokio::test]
async fn what_was_learnt_is_remembered_and_for_this_model_alone() {
    let server = server_named("OpenAI, reasoning").await;
    server.answers_with(|_| Step::text("Hello!"));
    let model = model(&server);
    for _ in 0..3 {
        ask(&model, vec![user("hello")]).await.expect("an answer");
    }
    assert_eq!((server.refused(), server.answered()), (1, 3));
    let mut other = request(vec![user("hello")]);
    other.model = Some("another".to_owned());
    let (live, _) = watch::channel(String::new());
    model.answer(&other, &live).await.expect("an answer");
    assert_eq!(server.refused(), 2, "what one model refuses another may take");
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_shortened_and_stays_so() {
    let server = server(Provider {
        refuses: &[fakes::openai::providers::Rule::Over(6_000)],
        ..provider("OpenAI").expect("a provider")
    })
    .await;
    server.answers_with(|_| Step::text("Hello!"));
    let model = model(&server);
    let long = || {
        let mut messages: Vec<Message> = (0..40)
            .flat_map(|n| {
                [
                    user(&format!("question {n} {}", "x".repeat(200))),
                    Message::said("y".repeat(200)),
                ]
            })
            .collect();
        messages.push(user("hello"));
        messages
    };
    ask(&model, long()).await.expect("an answer");
    let refused = server.refused();
    assert!((1..=3).contains(&refused), "{refused} refusals");
    let sent = server.requests()[0].body["messages"].clone();
    assert_eq!(sent[0]["role"], "system");
    assert!(
        sent[0]["content"]
            .as_str()
            .is_some_and(|text| text.contains("not shown"))
    );
    assert!(sent.to_string().contains("question 39") && !sent.to_string().contains("question 1 "));
    ask(&model, long()).await.expect("an answer");
    assert!(
        server.refused() <= refused + 1,
        "it is not sent as long as that again"
    );
    // One message that is too long by itself is cut.
    let answer = ask(&model, vec![user(&"z".repeat(9_000))]).await;
    assert!(answer.is_ok(), "{answer:?}");
}

#[tokio::test]
async fn the_next_model_answers_when_one_cannot() {
    let (first, second) = (OpenAiServer::start().await, server_named("Ollama: ").await);
    let chain = Chain::new(
        vec![
            ("openai".to_owned(), model(&first)),
            ("ollama".to_owned(), model(&second)),
        ],
        vec!["anthropic".to_owned()],
        "gpt-x, claude@anthropic, qwen3:8b@ollama",
    );
    assert_eq!(chain.name(), "gpt-x");
    second.answers_with(|_| Step::text("Hello from here!"));
    // It asks for five minutes, so it is not asked again meanwhile.
    first.script([Step::rate_limited(300)]);
    for _ in 0..2 {
        let answer = ask(&chain, vec![user("hello")]).await.expect("an answer");
        assert_eq!(
            (answer.text.as_str(), answer.model.as_str()),
            ("Hello from here!", "qwen3:8b")
        );
    }
    assert_eq!((first.served(), second.served()), (1, 2));
    assert_eq!(second.requests()[0].body["model"], "qwen3:8b");

    // A chain of the assistant's own is all that is asked, whatever else is set up.
    let mut own = request(vec![user("hello")]);
    own.model = Some("local@ollama".to_owned());
    second.answers_with(|_| Step::error(500, "server_error", "down"));
    let (live, _) = watch::channel(String::new());
    let answer = chain.answer(&own, &live).await;
    assert!(
        matches!(answer, Err(ModelError::Unavailable { .. })),
        "{answer:?}"
    );
    own.model = Some("claude@anthropic".to_owned());
    let answer = chain.answer(&own, &live).await;
    assert!(
        matches!(&answer, Err(ModelError::Refused(why)) if why.contains("anthropic")),
        "{answer:?}"
    );
    assert_eq!(first.served(), 1, "nothing went to the other server");
}

#[tokio::test]
async fn an_answer_that_is_coming_is_waited_for_and_silence_is_not() {
    let server = OpenAiServer::start().await;
    let model = model_at(&server, Duration::from_millis(600));
    let (live, _) = watch::channel(String::new());
    // Longer in all than the deadline, the first word and the silence may be.
    let mut slow = request(vec![user("hello")]);
    slow.deadline = Instant::now() + Duration::from_millis(500);
    let text = "a song with many words that goes on and on";
    server.script([Step::text(text).every(Duration::from_millis(120))]);
    let began = Instant::now();
    let answer = model.answer(&slow, &live).await.expect("an answer");
    assert_eq!(answer.text, text);
    assert!(
        began.elapsed() > Duration::from_millis(1100),
        "{:?}",
        began.elapsed()
    );
    // Silent before the first word, and in the middle.
    for step in [Step::hang(), Step::text(text).hang_after(3)] {
        server.script([step]);
        let answer = ask(&model, vec![user("hello")]).await;
        assert_eq!(answer, Err(ModelError::Deadline(Duration::from_millis(600))));
    }
    // Silent behind its end: it is whole.
    server.script([Step::text("Hello!").without_done().hang_after(4)]);
    assert_eq!(
        ask(&model, vec![user("hello")]).await.expect("an answer").text,
        "Hello!"
    );
}

#[tokio::test]
async fn a_call_that_the_server_could_not_read_is_asked_for_again_once() {
    let server = OpenAiServer::start().await;
    let failed = || {
        Step::error(
            400,
            "tool_use_failed",
            "Failed to call a function. See 'failed_generation'.",
        )
    };
    server.script([failed(), Step::text("Hello!")]);
    assert_eq!(
        ask(&model(&server), vec![user("hello")])
            .await
            .expect("an answer")
            .text,
        "Hello!"
    );
    server.script([failed(), failed()]);
    let answer = ask(&model(&server), vec![user("hello")]).await;
    assert!(matches!(answer, Err(ModelError::Broken(_))), "{answer:?}");
    assert_eq!(server.served(), 4);
}

#[tokio::test]
async fn errors_are_told_without_what_users_wrote() {
    let said = "my PIN is 4711 and my sister lives in Montevideo";
    let bodies = [
        json!({ "error": { "message": format!("cannot process {said:?}"), "code": "bad_words" } })
            .to_string(),
        json!({ "detail": [{ "loc": ["body", "messages", 1], "msg": "bad words", "input": said }] })
            .to_string(),
        json!([{ "error": { "message": format!("bad words: {}", said.to_uppercase()) } }]).to_string(),
        format!("<html><body><h1>bad words</h1><pre>{said}</pre></body></html>"),
        format!("bad words in: {said}"),
        json!({ "message": json!({ "error": { "message": format!("bad words {said}") } }).to_string() })
            .to_string(),
    ];
    for body in bodies {
        let server = OpenAiServer::start().await;
        server.answers_with(move |_| Step::raw(400, "text/plain", &body));
        let answer = ask(&model(&server), vec![user(said)]).await;
        let Err(ModelError::Refused(why)) = answer else {
            panic!("it was to be refused: {answer:?}");
        };
        let lower = why.to_lowercase();
        assert!(
            !lower.contains("4711") && !lower.contains("montevideo") && !lower.contains("sister"),
            "{why}"
        );
        assert!(
            why.contains("400") && (lower.contains("bad words") || lower.contains("cannot process")),
            "{why}"
        );
        assert_eq!(server.served(), 1, "it would be refused again");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_end_costs_little() {
    use fakes::{Flood, Flow};
    for flow in [
        Flow::Chunked,
        Flow::EndlessLine,
        Flow::EndlessEvent,
        Flow::EndlessEvents,
        Flow::DripEvents,
    ] {
        let flood = Flood::start(flow).await.expect("a flood");
        let model = OpenAi::new(OpenAiSettings {
            base_url: flood.url().clone(),
            api_key: None,
            model: "m".to_owned(),
            first_word: Duration::from_secs(2),
            silence: Duration::from_secs(2),
            retries: QUICK,
        })
        .expect("a model");
        let answer = ask(&model, vec![user("hello")]).await;
        let is_given_up = matches!(answer, Err(ModelError::Broken(_) | ModelError::Deadline(_)));
        assert!(is_given_up, "{flow:?}: {answer:?}");
    }
}
