//! What several tests need.

use std::sync::Arc;

use assistant::{
    model::{Message, ModelRequest, ToolSpec},
    tools::{Outside, Registry, WeatherClient, WeatherSettings},
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

/// All tools, with the weather service at these addresses.
pub(crate) fn registry_with(weather_url: &str, geocoding_url: &str) -> Registry {
    let settings = WeatherSettings {
        weather_url: weather_url.parse().expect("a URL"),
        geocoding_url: geocoding_url.parse().expect("a URL"),
    };
    let weather = Arc::new(WeatherClient::new(settings).expect("a client"));
    Registry::new(&Outside { weather })
}

/// All tools, for tests that run none.
pub(crate) fn registry() -> Registry {
    registry_with(
        "http://weather.invalid/v1/forecast",
        "http://weather.invalid/v1/search",
    )
}

/// Every tool as models see it.
pub(crate) fn all_specs() -> Arc<[ToolSpec]> {
    registry()
        .toolbox(&[
            row("time"),
            row("weather"),
            row("reminder"),
            row("calendar"),
            row("memory"),
        ])
        .specs()
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
        time: assistant::tools::when::context(now(), chrono_tz::Europe::Berlin, "en"),
        now: now(),
        deadline: Instant::now() + Duration::from_secs(60),
        purse: None,
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
                    provider: None,
                }
            }
        })
        .collect()
}
