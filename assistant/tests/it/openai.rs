//! The OpenAI model against a strict server: whole answers, and every way in which one can be none.

use std::time::Duration;

use assistant::model::{
    Message, Model, ModelAnswer, ModelError, ToolCall,
    openai::{OpenAi, OpenAiSettings},
};
use fakes::openai::{OpenAiServer, Step};
use serde_json::json;
use service_kit::retry::RetryPolicy;
use tokio::{sync::watch, time::Instant};

use crate::support::{conversation, request};

const QUICK: RetryPolicy = RetryPolicy {
    attempts: 3,
    first_wait: Duration::from_millis(5),
    longest_wait: Duration::from_millis(20),
};

pub(crate) fn model(base_url: &str, call_limit: Duration) -> OpenAi {
    OpenAi::new(OpenAiSettings {
        base_url: base_url.parse().expect("a URL"),
        api_key: Some("sk-test".into()),
        model: "gpt-test".to_owned(),
        first_word: call_limit,
        silence: call_limit,
        retries: QUICK,
    })
    .expect("a model")
}

async fn ask(openai: &OpenAiServer) -> Result<ModelAnswer, ModelError> {
    let (live, _) = watch::channel(String::new());
    model(openai.url(), Duration::from_millis(500))
        .answer(&request(conversation(&["hello"])), &live)
        .await
}

/// What a script of steps comes to, and how many requests it took.
async fn outcome(steps: Vec<Step>) -> (Result<String, ModelError>, u64) {
    let openai = OpenAiServer::start().await;
    openai.script(steps);
    let outcome = ask(&openai).await.map(|answer| answer.text);
    (outcome, openai.served())
}

fn text() -> Step {
    Step::text("Hello, wörld! 🎉 It is a fine day for a longer answer.")
}

const TEXT: &str = "Hello, wörld! 🎉 It is a fine day for a longer answer.";

#[tokio::test]
async fn an_answer_arrives_whole_however_it_is_split() {
    for seed in 0..20 {
        let (answer, calls) = outcome(vec![text().split_anywhere(seed)]).await;
        assert_eq!((answer, calls), (Ok(TEXT.to_owned()), 1), "seed {seed}");
    }
}

#[tokio::test]
async fn servers_that_leave_things_out_are_understood() {
    let steps = [
        text().without_created(),
        text().without_done(),
        text().without_finish(),
        text().duplicated(),
        text().content_type("text/plain"),
    ];
    for step in steps {
        assert_eq!(outcome(vec![step]).await, (Ok(TEXT.to_owned()), 1));
    }
}

#[tokio::test]
async fn tool_calls_arrive_whole_however_they_are_split() {
    let calls = || {
        Step::tool_calls([
            fakes::openai::ToolCall::new("time", &json!({ "place": "São Paulo" })),
            fakes::openai::ToolCall::new(
                "reminder_create",
                &json!({ "text": "drink 🥛", "in": { "seconds": 5 } }),
            ),
        ])
    };
    for seed in 0..20 {
        let openai = OpenAiServer::start().await;
        openai.script([calls().split_anywhere(seed)]);
        let answer = ask(&openai).await.expect("an answer");
        let got: Vec<_> = answer
            .tool_calls
            .iter()
            .map(|call| (call.name.as_str(), call.arguments.as_str()))
            .collect();
        assert_eq!(
            got,
            [
                ("time", json!({ "place": "São Paulo" }).to_string().as_str()),
                (
                    "reminder_create",
                    json!({ "text": "drink 🥛", "in": { "seconds": 5 } })
                        .to_string()
                        .as_str()
                ),
            ],
            "seed {seed}"
        );
        assert!(answer.usage.total() > 0, "the usage was read");
    }
}

#[tokio::test]
async fn the_text_so_far_is_seen_while_it_is_written() {
    let openai = OpenAiServer::start().await;
    openai.script([text().every(Duration::from_millis(5))]);
    let (live, mut seen) = watch::channel(String::new());
    let model = model(openai.url(), Duration::from_secs(5));
    let request = request(conversation(&["hello"]));
    let mut texts = Vec::new();
    let answer = model.answer(&request, &live);
    tokio::pin!(answer);
    let answer = loop {
        tokio::select! {
            answer = &mut answer => break answer.expect("an answer"),
            Ok(()) = seen.changed() => texts.push(seen.borrow_and_update().clone()),
        }
    };
    assert!(texts.len() > 2, "{texts:?}");
    assert!(
        texts.iter().all(|text| answer.text.starts_with(text)),
        "{texts:?}"
    );
}

#[tokio::test]
async fn what_goes_wrong_once_is_tried_again() {
    let faults = [
        ("429", Step::rate_limited(0)),
        ("500", Step::server_error()),
        ("a proxy's page", Step::unavailable_page()),
        ("cut", text().cut_after(3)),
        ("no end", text().without_finish().without_done()),
        ("empty", Step::empty_stream()),
        ("malformed", text().malformed_frame_at(2)),
        ("an error in the stream", text().error_frame_at(2)),
        ("no choices", text().without_choices()),
        ("says nothing", Step::text("")),
        (
            "not a stream",
            Step::raw(200, "application/json", "{\"hello\":1}"),
        ),
    ];
    for (name, fault) in faults {
        let (answer, calls) = outcome(vec![fault, text()]).await;
        assert_eq!((answer, calls), (Ok(TEXT.to_owned()), 2), "{name}");
    }
}

#[tokio::test]
async fn what_goes_wrong_each_time_ends_by_its_meaning() {
    let openai = OpenAiServer::start().await;
    openai.answers_with(|_| text().cut_after(2));
    assert!(matches!(ask(&openai).await, Err(ModelError::Broken(_))));
    openai.answers_with(|_| Step::server_error());
    assert!(matches!(ask(&openai).await, Err(ModelError::Unavailable { .. })));
    openai.answers_with(|_| Step::rate_limited(0));
    assert!(matches!(ask(&openai).await, Err(ModelError::RateLimited { .. })));
    assert_eq!(
        openai.served(),
        8,
        "two tries of what is paid for, three of what is not"
    );
}

#[tokio::test]
async fn what_will_not_get_better_is_not_tried_again() {
    let rows = [
        Step::error(401, "invalid_api_key", "Incorrect API key provided"),
        Step::error(404, "model_not_found", "no such model"),
        Step::error(429, "insufficient_quota", "You exceeded your current quota"),
    ];
    for step in rows {
        let (answer, calls) = outcome(vec![step]).await;
        assert!(matches!(answer, Err(ModelError::Refused(_))), "{answer:?}");
        assert_eq!(calls, 1);
    }
    // Nothing of it can be left out.
    let (answer, calls) = outcome(vec![Step::error(400, "context_length_exceeded", "too long")]).await;
    assert!(matches!(answer, Err(ModelError::TooLong(_))), "{answer:?}");
    assert_eq!(calls, 1);
}

#[tokio::test]
async fn a_long_retry_after_is_not_waited_for() {
    let began = Instant::now();
    let (answer, calls) = outcome(vec![Step::rate_limited(60)]).await;
    assert_eq!(
        answer,
        Err(ModelError::RateLimited {
            retry_after: Some(Duration::from_secs(60))
        })
    );
    assert_eq!(calls, 1);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_short_retry_after_is_waited_for() {
    let began = Instant::now();
    let (answer, calls) = outcome(vec![Step::rate_limited(1), text()]).await;
    assert_eq!((answer, calls), (Ok(TEXT.to_owned()), 2));
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_slow_answer_ends_at_the_deadline() {
    for step in [
        Step::hang(),
        text().hang_after(2),
        text().after(Duration::from_secs(30)),
    ] {
        let began = Instant::now();
        let (answer, calls) = outcome(vec![step]).await;
        assert_eq!(
            (answer, calls),
            (Err(ModelError::Deadline(Duration::from_millis(500))), 1)
        );
        assert!(began.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_said_to_be() {
    let (live, _) = watch::channel(String::new());
    let nobody = format!("http://127.0.0.1:{}/v1", test_support::free_port());
    let answer = model(&nobody, Duration::from_millis(500))
        .answer(&request(conversation(&["hello"])), &live)
        .await;
    assert!(
        matches!(answer, Err(ModelError::Unavailable { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_answer_that_reaches_its_length_limit_says_so() {
    let (answer, _) = outcome(vec![text().finishing_with("length")]).await;
    assert!(
        answer
            .expect("an answer")
            .ends_with("(The answer ends here: it reached its length limit.)")
    );
}

#[tokio::test]
async fn a_conversation_with_tools_is_one_that_the_api_takes() {
    let openai = OpenAiServer::start().await;
    openai.answers("It is noon.");
    let call = ToolCall {
        id: "call_1".to_owned(),
        name: "time".to_owned(),
        arguments: "{}".to_owned(),
    };
    let messages = vec![
        Message::User("what time is it?".to_owned()),
        Message::Assistant {
            text: String::new(),
            tool_calls: vec![call],
            provider: None,
        },
        Message::Tool {
            call_id: "call_1".to_owned(),
            content: "{\"now\":\"noon\"}".to_owned(),
        },
    ];
    let mut request = request(messages);
    request.model = Some("gpt-other".to_owned());
    request.parameters.insert("temperature".to_owned(), json!(0.2));
    request.parameters.insert("stream".to_owned(), json!(false));
    let (live, _) = watch::channel(String::new());
    let answer = model(openai.url(), Duration::from_secs(5))
        .answer(&request, &live)
        .await;
    assert_eq!(answer.expect("an answer").text, "It is noon.");
    let sent = &openai.requests()[0];
    assert_eq!(sent.body["model"], "gpt-other");
    assert_eq!(sent.body["temperature"], 0.2);
    assert!(sent.is_stream());
    assert_eq!(
        sent.tool_results(),
        [("call_1".to_owned(), "{\"now\":\"noon\"}".to_owned())]
    );
}
