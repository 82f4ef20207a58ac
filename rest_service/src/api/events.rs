//! One user's event stream: replies from the table, in order, none left out; live text as it passes.
//!
//! Nothing is gathered for a reader who is slow: replies wait in the table and are read a page at a time, when
//! the reader has taken the page before; live text that passes meanwhile is dropped. The broadcast only says when
//! to look, and because it may be lost, the stream looks every few seconds anyway.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::response::sse;
use bus::{BusError, Subscription};
use futures::Stream;
use messages::{Channel, Envelope, Event, ReplyDeltaV1, ReplyV1};
use rest_client::{Hello, StreamEnd, StreamEndReason};
use service_kit::Lifecycle;
use tokio::time::Instant;
use uuid::Uuid;

use super::{App, error::ApiError, watch::Watched};
use crate::{db::Db, outbox::BusSlot, store::user_events};

/// How often a comment is sent when there is nothing else, so that both ends notice a dead connection.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often the table is looked at without a broadcast.
const LOOK: Duration = Duration::from_secs(2);

/// How many replies are read at a time.
const PAGE: usize = 16;

/// How long a caller should wait before it connects again.
const RECONNECT: Duration = Duration::from_secs(1);

/// One caller's view of a user's events.
pub(super) struct Feed {
    db: Db,
    bus: BusSlot,
    lifecycle: Lifecycle,
    user: Uuid,
    /// The id of the last reply that was handed out.
    position: i64,
    greeted: bool,
    broadcast: Option<Subscription>,
    watched: Watched,
    has_ended: bool,
    page: VecDeque<(i64, ReplyV1)>,
    /// There may be replies behind the page.
    look: bool,
    next_look: Instant,
}

impl Feed {
    /// Opens the feed at a position: the caller's, or behind the newest reply.
    pub(super) async fn open(
        app: &App,
        user: Uuid,
        watched: Watched,
        after: Option<i64>,
    ) -> Result<Self, ApiError> {
        // Listening comes first, so that no reply falls between the position and the first look.
        let broadcast = subscription(&app.bus).await;
        let newest = user_events::newest(&app.db, user).await?;
        // A position that is not reached yet is one of a database that was restored: what comes now is new.
        let position = after.map_or(newest, |after| after.min(newest));
        Ok(Self {
            db: app.db.clone(),
            bus: app.bus.clone(),
            lifecycle: app.lifecycle.clone(),
            user,
            position,
            greeted: false,
            broadcast,
            watched,
            has_ended: false,
            page: VecDeque::new(),
            look: true,
            next_look: Instant::now() + LOOK,
        })
    }

    /// The next event; `None` when it has ended, or the process stops: the caller goes on elsewhere from its position.
    async fn next(&mut self) -> Option<sse::Event> {
        if self.has_ended {
            return None;
        }
        if !self.greeted {
            self.greeted = true;
            let hello = Hello {
                position: self.position,
            };
            return Some(event("hello", Some(self.position), &hello).retry(RECONNECT));
        }
        loop {
            if self.lifecycle.is_stopping() {
                return None;
            }
            // Before what was read meanwhile: nothing is told to who may no longer hear it.
            if let Some(reason) = self.watched.has_ended() {
                return Some(self.end(reason));
            }
            if let Some((id, reply)) = self.page.pop_front() {
                self.position = id;
                return Some(event("reply", Some(id), &reply));
            }
            if self.look {
                self.read_page().await;
                continue;
            }
            tokio::select! {
                biased;
                () = self.lifecycle.stopping() => return None,
                reason = self.watched.ended() => return Some(self.end(reason)),
                heard = hear(&mut self.broadcast) => match heard {
                    Ok(envelope) => match self.for_this_user(envelope.event) {
                        Heard::Reply => self.look = true,
                        Heard::Delta(delta) => return Some(event("delta", None, &delta)),
                        Heard::Nothing => {}
                    },
                    Err(_) => self.broadcast = None,
                },
                () = tokio::time::sleep_until(self.next_look) => {
                    self.look = true;
                    self.next_look = Instant::now() + LOOK;
                    if self.broadcast.is_none() {
                        self.broadcast = subscription(&self.bus).await;
                    }
                }
            }
        }
    }

    /// The last event.
    fn end(&mut self, reason: StreamEndReason) -> sse::Event {
        self.has_ended = true;
        event("end", None, &StreamEnd { reason })
    }

    async fn read_page(&mut self) {
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        match user_events::after(&self.db, self.user, self.position, limit).await {
            Ok(page) => {
                self.look = page.len() == PAGE;
                self.page = page.into();
            }
            Err(error) => {
                tracing::debug!(user_id = %self.user, %error, "cannot read events; looking again later");
                self.look = false;
            }
        }
    }

    fn for_this_user(&self, event: Event) -> Heard {
        match event {
            Event::ReplyV1(reply) if reply.user_id == self.user && reply.to.channel == Channel::Api => {
                Heard::Reply
            }
            Event::ReplyDeltaV1(delta) if delta.user_id == self.user && delta.to.channel == Channel::Api => {
                Heard::Delta(delta)
            }
            Event::ConfigChangedV1(change) => {
                self.watched.hear(&change);
                Heard::Nothing
            }
            _ => Heard::Nothing,
        }
    }
}

/// What a broadcast means to one user's stream.
enum Heard {
    Reply,
    Delta(ReplyDeltaV1),
    Nothing,
}

/// The feed as the body of a response.
pub(super) fn stream(feed: Feed) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    futures::stream::unfold(feed, async |mut feed| {
        let event = feed.next().await?;
        Some((Ok(event), feed))
    })
}

async fn subscription(bus: &BusSlot) -> Option<Subscription> {
    bus.get()?.subscribe().await.ok()
}

/// The next broadcast; waits for ever where there is none to listen to.
async fn hear(broadcast: &mut Option<Subscription>) -> Result<Envelope, BusError> {
    match broadcast {
        Some(broadcast) => broadcast.next().await,
        None => std::future::pending().await,
    }
}

fn event(name: &str, id: Option<i64>, data: &impl serde::Serialize) -> sse::Event {
    let event = sse::Event::default().event(name);
    let event = match id {
        Some(id) => event.id(id.to_string()),
        None => event,
    };
    event.json_data(data).unwrap_or_else(|error| {
        // Wire types have string keys and finite numbers, so this does not happen.
        tracing::error!(%error, "an event cannot be written");
        sse::Event::default().comment("an event could not be written")
    })
}
