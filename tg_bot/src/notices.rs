//! The bot's own words to people, by the same way as all replies: paced, delivered once, never lost.

use std::sync::Arc;

use bus::{Bus, BusError};
use messages::{Address, Button, Channel, Envelope, Event, EventId, ReplyKind, ReplyV1, Topic, TraceId};
use service_kit::Clock;
use uuid::Uuid;

/// Publishes notices.
#[derive(Clone)]
pub struct Notices {
    bus: Bus,
    clock: Arc<dyn Clock>,
}

/// One notice.
pub struct Notice {
    /// What it follows from. The same id again is the same notice, and is delivered once.
    pub event_id: EventId,
    /// Whom it is for.
    pub user_id: Uuid,
    /// Where it goes.
    pub to: Address,
    /// What it says, in Markdown.
    pub text: String,
    /// What can be pressed.
    pub buttons: Vec<Button>,
}

impl Notices {
    /// Publishes on this bus.
    pub fn new(bus: Bus, clock: Arc<dyn Clock>) -> Self {
        Self { bus, clock }
    }

    /// Says it.
    ///
    /// # Errors
    /// As for [`Bus::publish`]; saying it again is harmless.
    pub async fn say(&self, trace_id: TraceId, notice: Notice) -> Result<(), BusError> {
        let key = notice.to.key();
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
            }),
        };
        self.bus
            .publish(&Topic::outbox(Channel::Telegram), &key, &envelope)
            .await
    }
}
