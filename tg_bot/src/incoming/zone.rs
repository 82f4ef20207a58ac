//! Where people are: `/tz`, a pin on the map, and the question at the beginning.
//!
//! Who never said it has the zone `UTC`; who wants that zone has `Etc/UTC`. What a choice of several does, the
//! assistant does: its buttons carry `tz:{zone}:zone`, as the undo of each change does.

use chrono_tz::Tz;
use messages::{Address, Button, EventId, TraceId};
use places::Place as Town;
use rest_client::{Role, User, UserPatch};
use teloxide::types::ChatId;
use texts::Text;

use super::{HandleError, Incoming};
use crate::{
    callback,
    notices::Notice,
    place::Place,
    words::{self, button, language},
};

/// How long after `/tz` a pin is the answer to it.
const PIN_IS_ANSWER: std::time::Duration = std::time::Duration::from_secs(3_600);

/// How many chats are remembered that were asked for a pin.
const REMEMBERED: usize = 1_000;

/// One message of a user's, and where its answer goes.
pub(super) struct Asked<'a> {
    pub(super) user: &'a User,
    pub(super) to: &'a Address,
    pub(super) place: Place,
    /// The message's id in its chat.
    pub(super) message_ref: Option<String>,
    pub(super) event_id: EventId,
    pub(super) trace_id: TraceId,
}

/// What an answer says, and what can be pressed.
pub(super) type Answer = (String, Vec<Button>);

/// Whether a user ever said where they are.
pub(super) fn is_unknown(user: &User) -> bool {
    user.time_zone == Tz::UTC.name()
}

/// The question where somebody is, with the likeliest places of their language.
pub(super) fn question(user: &User) -> Answer {
    let places = places::guesses(&user.locale);
    (language(user).say(&Text::WhereAreYou), buttons(&places))
}

fn buttons(places: &[Town]) -> Vec<Button> {
    let choices = places
        .iter()
        .map(|place| Button::press(&place.name, action(place.zone)));
    choices.collect()
}

fn action(zone: Tz) -> String {
    format!("tz:{}:zone", zone.name())
}

impl Incoming {
    /// The zone that a new owner begins with is this machine's, where it has one.
    pub(super) async fn owner_zone(&self, user: &User, trace_id: TraceId) -> Result<Option<Tz>, HandleError> {
        let Some(zone) = self
            .owner_zone
            .filter(|_| user.role == Role::Owner && is_unknown(user))
        else {
            return Ok(None);
        };
        self.set_zone(user, zone, trace_id).await?;
        Ok(Some(zone))
    }

    /// `/tz` and what stands behind it.
    pub(super) async fn zone_command(&self, asked: &Asked<'_>, words: &str) -> Result<Answer, HandleError> {
        let words = words.trim();
        let language = language(asked.user);
        let now = self.clock.now();
        if words.is_empty() {
            let is_private = asked.place.chat.0 > 0;
            let mut buttons = Vec::new();
            if is_private {
                self.expect_pin(asked.place.chat);
                buttons.push(button(language, &Text::ShareLocation, callback::SHARE_LOCATION));
            }
            return Ok((
                words::your_zone(language, &asked.user.time_zone, now, is_private),
                buttons,
            ));
        }
        let found = places::search(words, now);
        match (places::sure(&found), found.as_slice()) {
            (Some(place), _) => self.change_zone(asked, place.zone).await,
            (None, []) => Ok((words::no_such_place(language, words), Vec::new())),
            (None, found) => Ok((words::which_place(language, words), buttons(found))),
        }
    }

    /// A place on the map: the answer to `/tz`, or an offer.
    pub(super) async fn pin(
        &self,
        asked: &Asked<'_>,
        latitude: f64,
        longitude: f64,
    ) -> Result<Answer, HandleError> {
        let language = language(asked.user);
        let found = tokio::task::spawn_blocking(move || places::zone_at(latitude, longitude)).await;
        let Some(zone) = found.ok().flatten() else {
            return Ok((language.say(&Text::NoZoneThere), Vec::new()));
        };
        let own = asked.user.time_zone.as_str();
        if self.was_asked_for_pin(asked.place.chat) || is_unknown(asked.user) {
            return self.change_zone(asked, zone).await;
        }
        if own == zone.name() {
            return Ok((words::in_your_zone(language, zone, self.clock.now()), Vec::new()));
        }
        let mut choices = vec![button(
            language,
            &Text::UseZone { zone: zone.name() },
            action(zone),
        )];
        if let Ok(own) = own.parse::<Tz>() {
            let keep = |own: Tz| button(language, &Text::KeepZone { zone: own.name() }, action(own));
            choices.push(keep(own));
        }
        Ok((words::elsewhere(language, zone, own), choices))
    }

    async fn change_zone(&self, asked: &Asked<'_>, zone: Tz) -> Result<Answer, HandleError> {
        let language = language(asked.user);
        let before = asked.user.time_zone.as_str();
        if before == zone.name() {
            return Ok((words::in_your_zone(language, zone, self.clock.now()), Vec::new()));
        }
        self.set_zone(asked.user, zone, asked.trace_id).await?;
        let undo = before
            .parse()
            .map(|before| button(language, &Text::Undo, action(before)));
        Ok((
            words::zone_is(language, zone, self.clock.now()),
            undo.into_iter().collect(),
        ))
    }

    async fn set_zone(&self, user: &User, zone: Tz, trace_id: TraceId) -> Result<(), HandleError> {
        let patch = UserPatch {
            time_zone: Some(zone.name().to_owned()),
            ..UserPatch::default()
        };
        self.rest
            .with_trace(trace_id)
            .update_user(user.id, &patch)
            .await?;
        self.access.forget(messages::Resource::User, user.id);
        tracing::info!(user_id = %user.id, zone = zone.name(), "a time zone was set");
        Ok(())
    }

    /// Says an answer of these.
    pub(super) async fn say(&self, asked: &Asked<'_>, (text, buttons): Answer) -> Result<(), HandleError> {
        let notice = Notice {
            event_id: asked.event_id.clone(),
            user_id: asked.user.id,
            to: asked.to.clone(),
            text,
            buttons,
        };
        Ok(self.notices.say(asked.trace_id, notice).await?)
    }

    fn expect_pin(&self, chat: ChatId) {
        let mut asked = self
            .asked_for_pin
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if asked.len() >= REMEMBERED {
            asked.retain(|_, at| at.elapsed() < PIN_IS_ANSWER);
        }
        asked.insert(chat.0, tokio::time::Instant::now());
    }

    fn was_asked_for_pin(&self, chat: ChatId) -> bool {
        let mut asked = self
            .asked_for_pin
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        asked
            .remove(&chat.0)
            .is_some_and(|at| at.elapsed() < PIN_IS_ANSWER)
    }
}
