//! `calendar_account`: connecting and disconnecting the user's Google Calendar.

use calendar_client::AccountStatus;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use texts::{Language, Text};

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    deeds::{self, Deed, Offer},
};

/// Connects and disconnects.
pub(super) struct CalendarAccount;

/// What is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    #[serde(rename = "do")]
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum What {
    Connect,
    Disconnect,
    Status,
}

impl Tool for CalendarAccount {
    const NAME: &'static str = "calendar_account";
    const DESCRIPTION: &'static str =
        "Connect or disconnect the user's Google Calendar, or see whether it is.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let account = calendar::client(context)?.account(context.user_id).await?;
        let language = Language::of(&context.locale);
        let whose = account
            .email
            .clone()
            .unwrap_or_else(|| "a Google account".to_owned());
        match (account.status, args.what) {
            (AccountStatus::NotSetUp, _) => Err(ToolError::Told(calendar::NOT_HERE.to_owned())),
            (AccountStatus::NotConnected, What::Disconnect) => Ok(ToolOutput::answer(
                json!({ "status": language.say(&Text::CalendarNotConnected) }),
            )),
            (AccountStatus::Connected | AccountStatus::ReconnectNeeded, What::Disconnect) => {
                let offer = Offer {
                    tool: Self::NAME,
                    key: context.idempotency_key(Self::NAME),
                    deed: Deed::Disconnect {
                        account: account.email,
                    },
                    decided_by: None,
                };
                deeds::make_or_ask(context, offer).await
            }
            (AccountStatus::Connected, What::Connect | What::Status) => Ok(ToolOutput::answer(
                json!({ "status": language.say(&Text::CalendarConnected { account: &whose }) }),
            )),
            (AccountStatus::NotConnected, _) => {
                calendar::offer_to_connect(context, "Google Calendar is not connected yet").await
            }
            (AccountStatus::ReconnectNeeded, _) => {
                calendar::offer_to_connect(context, "Google Calendar must be connected again").await
            }
        }
    }
}
