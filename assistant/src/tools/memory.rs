//! `remember`, `memories`, `forget`: facts about the user that stay when the conversation has moved on.
//!
//! The newest facts are part of every request; `memories` finds the others.

use messages::{Receipt, plain};
use rest_client::{Fact, FactSource, NewFact, PageQuery, limits};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use texts::{Language, Text};

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    deeds::{self, Deed, Made, Offer},
};
use crate::context;

/// How many facts a list shows the model.
const LISTED: usize = 30;

/// Keeps a fact.
pub(super) struct Remember;

/// What to keep.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RememberArgs {
    /// one short sentence in the user's words
    fact: String,
}

impl Tool for Remember {
    const NAME: &'static str = "remember";
    const DESCRIPTION: &'static str = "Keep a fact about the user for good, when they ask for it.";
    type Args = RememberArgs;

    async fn call(&self, context: &ToolContext, args: RememberArgs) -> Result<ToolOutput, ToolError> {
        let text = plain::clean(&args.fact);
        if text.is_empty() {
            return Err(ToolError::Told("say what to remember".to_owned()));
        }
        if text.chars().count() > limits::FACT {
            return Err(ToolError::Told(format!(
                "a fact has at most {} characters; shorten it, or keep several",
                limits::FACT
            )));
        }
        let is_asked = context.is_reading_outside();
        let deed = Deed::RememberFact {
            new: NewFact {
                text,
                source: FactSource::User,
                from_outside: is_asked,
            },
        };
        if !is_asked {
            return deeds::make(context, Self::NAME, &deed).await;
        }
        let offer = Offer {
            tool: Self::NAME,
            key: context.idempotency_key(Self::NAME),
            deed,
            decided_by: None,
        };
        deeds::make_or_ask(context, offer).await
    }
}

/// Lists facts.
pub(super) struct Memories;

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemoriesArgs {
    /// words to look for; all when empty
    #[serde(default)]
    about: String,
}

impl Tool for Memories {
    const NAME: &'static str = "memories";
    const DESCRIPTION: &'static str = "Look up facts kept about the user.";
    type Args = MemoriesArgs;

    async fn call(&self, context: &ToolContext, args: MemoriesArgs) -> Result<ToolOutput, ToolError> {
        let mut facts = all(context).await?;
        let words = words_of(&args.about);
        if !words.is_empty() {
            facts.retain(|fact| words_of(&fact.text).iter().any(|word| words.contains(word)));
        }
        let found = facts.len();
        facts.drain(..found.saturating_sub(LISTED));
        let (theirs, own): (Vec<_>, Vec<_>) = facts.iter().partition(|fact| context::is_of_others(fact));
        let texts = |facts: Vec<&Fact>| -> Vec<Value> { facts.iter().map(|fact| json!(fact.text)).collect() };
        let mut content = json!({ "facts": texts(own) });
        if found > LISTED {
            content["not_shown"] = json!(found - LISTED);
        }
        if !theirs.is_empty() {
            content["others"] = calendar::from_outside(context, texts(theirs));
        }
        Ok(ToolOutput::answer(content))
    }
}

/// Deletes a fact.
pub(super) struct Forget;

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgetArgs {
    /// the fact, or words of it
    which: String,
}

impl Tool for Forget {
    const NAME: &'static str = "forget";
    const DESCRIPTION: &'static str = "Delete a fact kept about the user.";
    type Args = ForgetArgs;

    async fn call(&self, context: &ToolContext, args: ForgetArgs) -> Result<ToolOutput, ToolError> {
        let key = context.idempotency_key(Self::NAME);
        // Run again after a crash, the fact may be gone already.
        if let Some(known) = context.rest.offered(context.user_id, &key).await? {
            return deeds::carry_out(context, &known).await;
        }
        let facts = all(context).await?;
        let fact = find(&facts, &args.which)?.clone();
        let is_asked = context.is_reading_outside();
        let offer = Offer {
            tool: Self::NAME,
            key,
            deed: Deed::ForgetFact { fact },
            decided_by: (!is_asked).then(|| context.event_id.clone()),
        };
        deeds::make_or_ask(context, offer).await
    }
}

/// All facts about the user, the oldest first; so many fit on one page.
async fn all(context: &ToolContext) -> Result<Vec<Fact>, rest_client::Error> {
    let page = PageQuery {
        limit: Some(limits::FACTS),
        ..PageQuery::default()
    };
    Ok(context.rest.facts(context.user_id, &page).await?.items)
}

/// The one fact that is meant: the same text, or else the only one that holds all the words.
fn find<'f>(facts: &'f [Fact], which: &str) -> Result<&'f Fact, ToolError> {
    let wanted = words_of(which);
    if wanted.is_empty() {
        return Err(ToolError::Told("say which fact".to_owned()));
    }
    if let Some(same) = facts.iter().find(|fact| words_of(&fact.text) == wanted) {
        return Ok(same);
    }
    let fitting: Vec<&Fact> = facts
        .iter()
        .filter(|fact| {
            let words = words_of(&fact.text);
            wanted.iter().all(|word| words.contains(word))
        })
        .collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(ToolError::Told(
            "no such fact is kept; memories lists them".to_owned(),
        )),
        several => {
            let listed: Vec<&str> = several
                .iter()
                .take(LISTED)
                .map(|fact| fact.text.as_str())
                .collect();
            let why = "several facts fit: ask the user which one";
            if several.iter().any(|fact| context::is_of_others(fact)) {
                return Err(ToolError::Outside {
                    why: why.to_owned(),
                    text: listed.join("\n"),
                });
            }
            Err(ToolError::Told(format!("{why}: {}", listed.join("; "))))
        }
    }
}

fn words_of(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The line for a fact that is kept.
pub(super) fn remembered(fact: &Fact, language: Language) -> Made {
    made("🧠 Remembered", fact, |what| {
        language.say(&Text::ReceiptRemembered { what })
    })
}

/// The line for a fact that is deleted.
pub(super) fn forgotten(fact: &Fact, language: Language) -> Made {
    made("🧠 Forgotten", fact, |what| {
        language.say(&Text::ReceiptForgotten { what })
    })
}

/// The user reads their language, and a model English.
fn made(what: &str, fact: &Fact, line: impl Fn(&str) -> String) -> Made {
    let text = plain::clean(&fact.text);
    Made {
        told: if fact.from_outside {
            format!("{what}: a fact in the words of others")
        } else {
            format!("{what}: {text}")
        },
        receipt: Receipt {
            text: line(&text),
            undo: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn fact(text: &str) -> Fact {
        Fact {
            id: Uuid::from_u128(1),
            user_id: Uuid::from_u128(2),
            text: text.to_owned(),
            source: FactSource::User,
            from_outside: false,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_fact_is_found_by_whole_words_and_never_by_a_part_of_one() {
        let facts = [
            "My wife is Ann",
            "My son is Annan",
            "I like tea",
            "I like green tea",
        ]
        .map(fact);
        let found = |which| find(&facts, which).map(|fact| fact.text.as_str()).ok();
        assert_eq!(found("ann"), Some("My wife is Ann"));
        assert_eq!(found("my wife is ann."), Some("My wife is Ann"));
        assert_eq!(found("I like tea"), Some("I like tea"));
        assert_eq!(found("green"), Some("I like green tea"));
        for unclear in ["tea", "an", "coffee", "", "?"] {
            assert_eq!(found(unclear), None, "{unclear}");
        }
        let error = find(&facts, "tea").unwrap_err().to_string();
        assert_eq!(
            error,
            "several facts fit: ask the user which one: I like tea; I like green tea"
        );
    }
}
