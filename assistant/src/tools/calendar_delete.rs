//! `calendar_delete`: an event called off, once the user has pressed Yes.

use calendar_client::DeleteEvent;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    calendar_change::Series,
    deeds::{self, Deed, Offer},
};

/// Deletes events.
pub(super) struct CalendarDelete;

/// Which one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// as in calendar_change
    which: String,
    #[serde(default)]
    on: Option<String>,
    #[serde(default)]
    series: Option<Series>,
}

impl Tool for CalendarDelete {
    const NAME: &'static str = "calendar_delete";
    const DESCRIPTION: &'static str = "Delete an event. The user is asked by buttons.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let key = context.idempotency_key(Self::NAME);
        if let Some(known) = context.rest.offered(context.user_id, &key).await? {
            return deeds::carry_out(context, &known).await;
        }
        let calendar::Found {
            event,
            calendar: calendar_name,
        } = calendar::find(context, &args.which, args.on.as_deref()).await?;
        let offer = Offer {
            tool: Self::NAME,
            key: key.clone(),
            decided_by: None,
            deed: Deed::DeleteEvent {
                calendar: event.calendar_id.clone(),
                calendar_name,
                event: event.id.clone(),
                deletion: DeleteEvent {
                    idempotency_key: key,
                    scope: Series::scope(args.series),
                    if_version: Some(event.etag.clone()),
                },
                was: Some(Box::new(calendar::remembered(event))),
            },
        };
        deeds::make_or_ask(context, offer).await
    }
}
