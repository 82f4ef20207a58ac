//! The assistant at the other end, and the user as whom this machine's person talks to it.

use std::time::Duration;

use messages::{Address, Channel, EventId, ReplyKind, ReplyV1};
use rest_client::{
    Client, CloseThreads, Error, Events, NewPress, NewUserMessage, ResolveIdentity, Role, UsageQuery,
    UserEvent, UserPatch, UserState,
};
use service_kit::{Clock, OperatorError, SystemClock};
use url::Url;
use uuid::Uuid;

use super::{
    Person,
    text::{Meant, Offered},
};

/// How long an answer may take; the assistant itself gives up, and says so, well before.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(240);

/// The account of whoever sits at the terminal.
const ACCOUNT: &str = "terminal";

/// An open conversation.
pub(super) struct Partner {
    client: Client,
    url: Url,
    user: Uuid,
    events: Events,
}

/// A call to nobody.
pub(super) fn nobody(url: &Url) -> OperatorError {
    OperatorError::new(
        format!("no assistant answers at {url}"),
        "start it with `cargo manage run`, or set REST_URL to where it runs",
    )
}

impl Partner {
    /// Reaches the assistant, makes the person known to it, and listens.
    pub(super) async fn meet(client: &Client, url: &Url, person: &Person) -> Result<Self, OperatorError> {
        let told = |error| explained(url, error);
        let user = known_user(client, person).await.map_err(told)?;
        let mut events = client.events(user, None);
        // Once greeted, the stream misses no answer to what is said from now on.
        match tokio::time::timeout(Duration::from_secs(15), events.next()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(told(error)),
            Err(_) => return Err(told(Error::Unavailable(None))),
        }
        Ok(Self {
            client: client.clone(),
            url: url.clone(),
            user,
            events,
        })
    }

    /// Says something; the event that the answer will name.
    pub(super) async fn say(&self, text: &str) -> Result<EventId, OperatorError> {
        let message = NewUserMessage {
            client_id: Uuid::new_v4().to_string(),
            text: text.to_owned(),
            sent_at: None,
        };
        let accepted = self.client.send_message(self.user, &message).await;
        accepted
            .map(|accepted| accepted.event_id)
            .map_err(|error| explained(&self.url, error))
    }

    /// Presses a button; the event that the answer will name.
    pub(super) async fn press(&self, action: &str) -> Result<EventId, OperatorError> {
        let press = NewPress {
            client_id: Uuid::new_v4().to_string(),
            action: action.to_owned(),
        };
        let accepted = self.client.press(self.user, &press).await;
        accepted
            .map(|accepted| accepted.event_id)
            .map_err(|error| explained(&self.url, error))
    }

    /// Says something, or presses the button that a line such as `/1` names; `None` when there is no such button.
    pub(super) async fn say_or_press(
        &self,
        line: &str,
        offered: &Offered,
    ) -> Result<Option<EventId>, OperatorError> {
        match offered.meant(line) {
            Meant::Press(action) => self.press(action).await.map(Some),
            Meant::NoButton => Ok(None),
            Meant::Words => self.say(line).await.map(Some),
        }
    }

    /// Begins a new conversation: what was said before is not taken into account any more.
    pub(super) async fn forget(&self) -> Result<(), OperatorError> {
        let address = Address {
            channel: Channel::Api,
            chat: self.user.to_string(),
        };
        let which = CloseThreads {
            conversation: address.key(),
        };
        let closed = self.client.close_threads(self.user, &which).await;
        closed.map(drop).map_err(|error| explained(&self.url, error))
    }

    /// What the person's questions have used, and what they may.
    pub(super) async fn usage(&self) -> Result<String, OperatorError> {
        let told = |error| explained(&self.url, error);
        let report = self.client.usage_of(self.user, &UsageQuery::default()).await;
        let report = report.map_err(told)?;
        let user = self.client.user(self.user).await.map_err(told)?;
        Ok(tg_bot::usage(&user, &report, SystemClock.now(), str::to_owned))
    }

    /// What the assistant says next. Cancel-safe.
    pub(super) async fn hear(&mut self) -> Result<UserEvent, OperatorError> {
        let event = self.events.next().await;
        event.map_err(|error| explained(&self.url, error))
    }
}

/// Whether a reply is the answer that is waited for.
pub(super) fn answers(reply: &ReplyV1, question: &EventId) -> bool {
    reply.event_id == *question && reply.kind != ReplyKind::Reminder
}

/// The user as whom the person talks: the same at every call, and the owner, for whoever has the service key can
/// do everything anyway.
async fn known_user(client: &Client, person: &Person) -> Result<Uuid, Error> {
    let locale = [&person.locale, &person.lang]
        .into_iter()
        .find_map(|setting| of_environment(setting.as_deref()?));
    let account = |time_zone, locale| ResolveIdentity {
        channel: Channel::Api,
        external_id: ACCOUNT.to_owned(),
        display_name: person
            .name
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect(),
        locale,
        time_zone,
    };
    let resolved = match client
        .resolve_identity(&account(Some(zone(person)), locale))
        .await
    {
        // The server's list of zones may be older than this machine's.
        Err(Error::Invalid { .. }) => client.resolve_identity(&account(None, None)).await?,
        resolved => resolved?,
    };
    // A call that was cut after making the user left it pending.
    if resolved.user.state == UserState::Pending {
        let owner = UserPatch {
            role: Some(Role::Owner),
            state: Some(UserState::Active),
            ..UserPatch::default()
        };
        client.update_user(resolved.user.id, &owner).await?;
    }
    Ok(resolved.user.id)
}

/// The language tag of a setting such as `de_DE.UTF-8`; `C` and `POSIX` name none.
fn of_environment(setting: &str) -> Option<String> {
    let name = setting.split(['.', '@']).next().unwrap_or_default().trim();
    let is_named = !matches!(name, "" | "C" | "POSIX")
        && name.len() <= 20
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    is_named.then(|| name.replace('_', "-"))
}

/// The person's zone, or else the machine's, or else UTC.
fn zone(person: &Person) -> String {
    let of_person = person
        .time_zone
        .as_deref()
        .and_then(|name| schedule::parse_zone(name).ok());
    let of_machine = || {
        let name = iana_time_zone::get_timezone().ok()?;
        schedule::parse_zone(&name).ok()
    };
    of_person
        .or_else(of_machine)
        .map_or_else(|| "UTC".to_owned(), |zone| zone.name().to_owned())
}

fn explained(url: &Url, error: Error) -> OperatorError {
    match error {
        Error::Unavailable(_) => nobody(url),
        Error::Unauthorized => OperatorError::new(
            format!("the assistant at {url} refused the key"),
            "set DATA_DIR to its data folder, or SERVICE_KEY to its key",
        ),
        Error::NotActive => OperatorError::new("you are blocked", "ask an owner to let you in again"),
        Error::Invalid { detail, .. } => OperatorError::new(
            format!("the message was refused: {detail}"),
            "change it and send it again",
        ),
        error => OperatorError::new(
            format!("the assistant at {url} cannot be talked to"),
            "check that it is of the same version",
        )
        .because(error),
    }
}
