//! Commands about what is kept of the user: /memory, /export, /why.

use chrono::TimeDelta;
use messages::{Button, EventId, plain};
use rest_client::{ContextQuery, PageQuery, Turn, dollars_of};
use texts::{Language, Text};
use uuid::Uuid;

use super::{
    super::{
        HandleError, Incoming, access,
        wire::Press,
        zone::{Answer, Asked},
    },
    zone_of,
};
use crate::{
    notices::Notice,
    outgoing::{EXPORT, render::escape},
    words::language,
};

/// How many facts one list shows; each has a button.
const LISTED: usize = 20;

/// How much of a fact a list shows, in characters.
const SHOWN: usize = 200;

/// What the button that forgets a fact begins with.
const FORGET: &str = "me:forget:";

/// Among how many of the newest turns the last answer of a chat is looked for.
const LOOKED_AT: u32 = 20;

impl Incoming {
    /// What is remembered of the user, each with a button that forgets it.
    pub(super) async fn memory(&self, asked: &Asked<'_>) -> Result<Answer, HandleError> {
        let language = language(asked.user);
        // A user has a hundred at most.
        let page = PageQuery {
            limit: Some(100),
            ..PageQuery::default()
        };
        let rest = self.rest.with_trace(asked.trace_id);
        let facts = rest.facts(asked.user.id, &page).await?.items;
        if facts.is_empty() {
            return Ok((language.say(&Text::NoMemory), Vec::new()));
        }
        let mut text = format!("{}\n", language.say(&Text::MemoryHead));
        let mut buttons = Vec::new();
        for (number, fact) in (1..).zip(facts.iter().take(LISTED)) {
            let line = escape(&plain::line(&fact.text, SHOWN));
            text.push_str(&format!("\n{number}. {line}"));
            buttons.push(Button::press(
                format!("🗑 {number}"),
                format!("{FORGET}{}", fact.id.simple()),
            ));
        }
        if facts.len() > LISTED {
            let count = i64::try_from(facts.len() - LISTED).unwrap_or(i64::MAX);
            text.push_str(&format!("\n\n{}", language.say(&Text::MemoryMore { count })));
        }
        Ok((text, buttons))
    }

    /// The press of a button below /memory: what is said over the chat.
    pub(in crate::incoming) async fn forgets(
        &self,
        press: &Press,
        action: &str,
    ) -> Result<Option<String>, HandleError> {
        let fact = action
            .strip_prefix(FORGET)
            .and_then(|id| Uuid::parse_str(id).ok());
        let Some(fact) = fact else { return Ok(None) };
        let standing = self.access.standing(&press.from.to_user(), None).await?;
        let access::Standing::Member(user) = standing else {
            let locale = press.from.language_code.as_deref().unwrap_or_default();
            return Ok(Some(Language::of(locale).say(&Text::NotYourButton)));
        };
        let said = match self.rest.delete_fact(user.id, fact).await {
            Ok(()) => Text::Forgotten,
            // Forgotten already, or another's.
            Err(rest_client::Error::NotFound) => Text::SpentButton,
            Err(error) => return Err(error.into()),
        };
        Ok(Some(language(&user).say(&said)))
    }

    /// Promises the file with everything that is kept of the user: it goes the way of all replies, and is made when it is
    /// delivered.
    pub(super) async fn export(&self, asked: &Asked<'_>) -> Result<(), HandleError> {
        let notice = Notice {
            event_id: EventId::new(format!("{}{EXPORT}", asked.event_id)),
            user_id: asked.user.id,
            to: asked.to.clone(),
            text: language(asked.user).say(&Text::ExportHere),
            buttons: Vec::new(),
        };
        Ok(self.notices.say(asked.trace_id, notice).await?)
    }

    /// How the last answer in this chat came about.
    pub(super) async fn why(&self, asked: &Asked<'_>) -> Result<String, HandleError> {
        let language = language(asked.user);
        let rest = self.rest.with_trace(asked.trace_id);
        let page = PageQuery {
            limit: Some(LOOKED_AT),
            ..PageQuery::default()
        };
        let turns = rest.turns(asked.user.id, &page).await?.items;
        let is_here = |turn: &&Turn| {
            let is_answer = turn.model_calls > 0 || turn.model.is_some();
            is_answer && turn.replies.iter().any(|reply| reply.to == *asked.to)
        };
        let Some(turn) = turns.iter().find(is_here) else {
            return Ok(language.say(&Text::WhyNothing));
        };
        let query = ContextQuery {
            conversation: asked.to.key(),
            event_id: asked.event_id.clone(),
            limit: Some(LOOKED_AT * 2),
            known_thread: None,
            known_seq: None,
        };
        let newest = rest.context(asked.user.id, &query).await?.messages;
        let calls = newest
            .iter()
            .filter(|message| message.turn_id == turn.id)
            .filter_map(|message| message.tool_calls.as_ref()?.as_array())
            .flatten();
        let tools: Vec<String> = calls
            .filter_map(|call| call["name"].as_str())
            .map(|name| plain::line(name, 64).replace('`', ""))
            .collect();
        Ok(timeline(language, turn, &tools, asked))
    }
}

/// The line of a turn's life: asked, thought about, looked up, answered.
fn timeline(language: Language, turn: &Turn, tools: &[String], asked: &Asked<'_>) -> String {
    let zone = zone_of(asked.user);
    let clock = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%H:%M:%S").to_string();
    let mut lines = vec![language.say(&Text::WhyBegan {
        time: &clock(turn.started_at),
    })];
    let model = turn.model.as_deref().unwrap_or("—");
    let mut thought = language.say(&Text::WhyModel {
        model: &escape(model),
        calls: turn.model_calls.into(),
        read: turn.prompt_tokens.into(),
        written: turn.completion_tokens.into(),
    });
    if turn.cost_micros > 0 {
        let cost = &escape(&dollars_of(turn.cost_micros));
        thought.push_str(&format!(" {}", language.say(&Text::UsageCost { cost })));
    }
    lines.push(thought);
    if !tools.is_empty() {
        let names: Vec<String> = tools.iter().map(|name| format!("`{name}`")).collect();
        lines.push(language.say(&Text::WhyTools {
            tools: &names.join(", "),
        }));
    }
    let receipts = turn.replies.iter().flat_map(|reply| &reply.receipts);
    for receipt in receipts {
        lines.push(language.say(&Text::WhyChanged {
            what: &escape(&plain::line(&receipt.text, SHOWN)),
        }));
    }
    let took = (turn.finished_at - turn.started_at).max(TimeDelta::zero());
    let seconds = format!("{}.{}", took.num_seconds(), took.subsec_millis() / 100);
    let (time, took) = (clock(turn.finished_at), seconds.as_str());
    lines.push(language.say(&match turn.error {
        None => Text::WhyAnswered { time: &time, took },
        Some(_) => Text::WhyStopped { time: &time, took },
    }));
    let lines: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
    format!("{}\n\n{}", language.say(&Text::WhyHead), lines.join("\n"))
}
