//! async-openai, the product's client, is content with the fake.

use crate::http;
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessageArgs, ChatCompletionTool, ChatCompletionTools,
    CreateChatCompletionRequest, CreateChatCompletionRequestArgs, FunctionObjectArgs,
};
use fakes::openai::{OpenAiServer, Step};
use futures::StreamExt;
use serde_json::json;

fn client(openai: &OpenAiServer) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new()
        .with_api_base(openai.url())
        .with_api_key("key");
    Client::build(http(), config)
}

fn request(stream: bool) -> CreateChatCompletionRequest {
    let user = ChatCompletionRequestUserMessageArgs::default()
        .content("hello")
        .build()
        .unwrap();
    let parameters = json!({ "type": "object", "properties": { "zone": { "type": "string" } } });
    let function = FunctionObjectArgs::default()
        .name("get_time")
        .parameters(parameters)
        .build()
        .unwrap();
    let tools = vec![ChatCompletionTools::Function(ChatCompletionTool { function })];
    let mut request = CreateChatCompletionRequestArgs::default();
    request
        .model("gpt-x")
        .messages([user.into()])
        .tools(tools)
        .stream(stream)
        .build()
        .unwrap()
}

#[tokio::test]
async fn answers_and_tool_calls_go_through_async_openai() {
    let openai = OpenAiServer::start().await;
    openai.answers("Grüße 😀");
    openai.calls_tool("get_time", json!({ "zone": "UTC" }));
    let client = client(&openai);
    let response = client.chat().create(request(false)).await.unwrap();
    assert_eq!(response.choices[0].message.content.as_deref(), Some("Grüße 😀"));
    assert!(response.usage.unwrap().total_tokens > 0);
    let response = client.chat().create(request(false)).await.unwrap();
    assert_eq!(response.choices[0].message.tool_calls.as_ref().unwrap().len(), 1);
    assert_eq!(openai.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_goes_through_async_openai() {
    let openai = OpenAiServer::start().await;
    let client = client(&openai);
    for seed in 0..10 {
        openai.script([Step::tool_call("get_time", json!({ "zone": "日本" }))
            .saying("Grüße 😀")
            .split_anywhere(seed)]);
        let mut stream = client.chat().create_stream(request(true)).await.unwrap();
        let (mut text, mut arguments) = (String::new(), String::new());
        while let Some(chunk) = stream.next().await {
            for choice in chunk.unwrap().choices {
                text.push_str(choice.delta.content.as_deref().unwrap_or_default());
                for call in choice.delta.tool_calls.into_iter().flatten() {
                    arguments.push_str(call.function.unwrap().arguments.as_deref().unwrap_or_default());
                }
            }
        }
        assert_eq!(
            (text.as_str(), arguments.as_str()),
            ("Grüße 😀", r#"{"zone":"日本"}"#)
        );
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_by_async_openai() {
    let openai = OpenAiServer::start().await;
    openai.script([Step::rate_limited(1), Step::text("at last")]);
    let response = client(&openai).chat().create(request(false)).await.unwrap();
    assert_eq!(response.choices[0].message.content.as_deref(), Some("at last"));
    assert_eq!(openai.served(), 2);
}
