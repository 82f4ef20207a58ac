//! What several tests need.

use std::sync::Arc;

use assistant::{
    model::{Message, ModelRequest, ToolSpec},
    tools::Registry,
};
use chrono::{DateTime, Utc};
use rest_client::Tool;
use serde_json::Map;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

/// The moment at which most tests stand: Friday, 20 November 2026, 12:03 in Berlin.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-20T11:03:00Z".parse().expect("an instant")
}

/// A REST tool of a kind.
pub(crate) fn row(kind: &str) -> Tool {
    Tool {
        id: Uuid::nil(),
        kind: kind.to_owned(),
        name: kind.to_owned(),
        description: String::new(),
        config: Map::new(),
        active: true,
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

/// Every tool as models see it.
pub(crate) fn all_specs() -> Arc<[ToolSpec]> {
    Registry::new().toolbox(&[row("time"), row("reminder")]).specs()
}

/// A request with all tools and 60 s.
pub(crate) fn request(messages: Vec<Message>) -> ModelRequest {
    ModelRequest {
        model: None,
        instructions: "You are Ada.".to_owned(),
        messages,
        tools: all_specs(),
        parameters: Map::new(),
        max_output_tokens: 1000,
        deadline: Instant::now() + Duration::from_secs(60),
    }
}

/// A conversation that takes turns, the user first.
pub(crate) fn conversation(texts: &[&str]) -> Vec<Message> {
    texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            if n % 2 == 0 {
                Message::User((*text).to_owned())
            } else {
                Message::Assistant {
                    text: (*text).to_owned(),
                    tool_calls: Vec::new(),
                }
            }
        })
        .collect()
}
