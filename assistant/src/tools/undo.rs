//! `undo`: the last change is taken back, as its Undo button does.

use messages::ReplyV1;
use rest_client::{Decision, PageQuery, PendingState};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use texts::Language;

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    deeds::{self, Hands, Made},
};
use crate::actions::Action;

/// Takes the last change back.
pub(super) struct Undo;

/// How many of the newest turns are looked through.
const TURNS: u32 = 20;

/// Nothing is needed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {}

impl Tool for Undo {
    const NAME: &'static str = "undo";
    const DESCRIPTION: &'static str = "Take the last change back.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, _args: Args) -> Result<ToolOutput, ToolError> {
        if context.is_reading_outside() {
            return Err(ToolError::Told(
                "the user can press Undo below the change themselves".to_owned(),
            ));
        }
        let query = PageQuery {
            cursor: None,
            limit: Some(TURNS),
        };
        let turns = context.rest.turns(context.user_id, &query).await?;
        for turn in turns.items {
            let actions = undos(&turn.replies, context);
            let made = take_back(context, &actions).await?;
            if !made.is_empty() {
                let told: Vec<&String> = made.iter().map(|made| &made.told).collect();
                return Ok(ToolOutput {
                    content: json!({ "undone": told }),
                    receipts: made.into_iter().map(|made| made.receipt).collect(),
                    questions: Vec::new(),
                });
            }
        }
        Err(ToolError::Told("there is nothing to undo".to_owned()))
    }
}

/// What the Undo buttons of a turn in this conversation do, the last first.
fn undos(replies: &[ReplyV1], context: &ToolContext) -> Vec<Action> {
    let here = replies.iter().filter(|reply| reply.to == context.to);
    let undos = here.flat_map(|reply| &reply.receipts).filter_map(|receipt| {
        let action: Action = receipt.undo.as_ref()?.action.parse().ok()?;
        matches!(action, Action::Undo(_) | Action::UndoWrite(_)).then_some(action)
    });
    let mut undos: Vec<Action> = undos.collect();
    undos.reverse();
    undos
}

/// Does them; those that were done before, or that it is too late for, are passed over.
async fn take_back(context: &ToolContext, actions: &[Action]) -> Result<Vec<Made>, ToolError> {
    let mut all = Vec::new();
    for action in actions {
        match action {
            Action::Undo(id) => {
                let decision = Decision {
                    confirmed: true,
                    event_id: context.event_id.clone(),
                };
                let action = context.rest.decide(context.user_id, *id, &decision).await?;
                let is_this = action.decided_by.as_ref() == Some(&context.event_id);
                if action.state == PendingState::Confirmed && is_this {
                    let hands = Hands {
                        undo: None,
                        ..Hands::of(context, Undo::NAME)
                    };
                    all.extend(hands.perform(&deeds::read(&action)?).await?);
                }
            }
            Action::UndoWrite(write) => {
                let client = calendar::client(context)?;
                match client.undo(context.user_id, *write).await {
                    Ok(undone) => all.push(calendar::undone(
                        &undone,
                        context.zone,
                        Language::of(&context.locale),
                    )),
                    Err(calendar_client::Error::NotFound | calendar_client::Error::Gone { .. }) => {}
                    Err(error) => return Err(calendar::again(error)),
                }
            }
            _ => {}
        }
    }
    Ok(all)
}
