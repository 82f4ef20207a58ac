//! The bot's own words to people, by the same way as all replies: paced, delivered once, never lost.

use std::sync::Arc;

use bus::{Bus, BusError};
use messages::{Address, Button, Channel, Envelope, Event, EventId, ReplyKind, ReplyV1, Topic, TraceId};
use service_kit::Clock;
use uuid::Uuid;

/// Publishes notices.
#[derive(Clone)]
pub(crate) struct Notices {
    bus: Bus,
    clock: Arc<dyn Clock>,
}

/// One notice.
pub(crate) struct Notice {
    /// What it follows from. The same id again is the same notice, and is delivered once.
    pub(crate) event_id: EventId,
    /// Whom it is for.
    pub(crate) user_id: Uuid,
    /// Where it goes.
    pub(crate) to: Address,
    /// What it says, in Markdown.
    pub(crate) text: String,
    /// What can be pressed.
    pub(crate) buttons: Vec<Button>,
}

impl Notices {
    /// Publishes on this bus.
    pub(crate) fn new(bus: Bus, clock: Arc<dyn Clock>) -> Self {
        Self { bus, clock }
    }

    /// Says it.
    ///
    /// # Errors
    /// As for [`Bus::publish`]; saying it again is harmless.
    pub(crate) async fn say(&self, trace_id: TraceId, notice: Notice) -> Result<(), BusError> {
        let key = notice.to.key();
        self.publish(trace_id, notice, &key).await
    }

    /// As [`Self::say`], for what nobody has asked for: no answer in the same chat waits behind it.
    ///
    /// # Errors
    /// As for [`Bus::publish`]; saying it again is harmless.
    pub(crate) async fn mention(&self, trace_id: TraceId, notice: Notice) -> Result<(), BusError> {
        let key = format!("{}:aside", notice.to.key());
        self.publish(trace_id, notice, &key).await
    }

    async fn publish(&self, trace_id: TraceId, notice: Notice, key: &str) -> Result<(), BusError> {
        let envelope = Envelope {
            id: notice.event_id.child(0),
            trace_id,
            at: self.clock.now(),
            event: Event::ReplyV1(ReplyV1 {
                event_id: notice.event_id,
                user_id: notice.user_id,
                to: notice.to,
                kind: ReplyKind::Notice,
                text: notice.text,
                receipts: Vec::new(),
                buttons: notice.buttons,
                in_reply_to: None,
                toast: None,
            }),
        };
        self.bus
            .publish(&Topic::outbox(Channel::Telegram), key, &envelope)
            .await
    }
}
