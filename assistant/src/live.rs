//! Live text: what the model has written so far, broadcast while it writes.

use std::{convert::Infallible, future::pending, time::Duration};

use bus::Bus;
use messages::{Address, Envelope, Event, ReplyDeltaV1};
use service_kit::Clock;
use tokio::sync::watch;
use uuid::Uuid;

/// The shortest time between two broadcasts of one answer; an answer that is faster has none.
const EVERY: Duration = Duration::from_millis(200);

/// Broadcasts the text whenever it has grown, until it is dropped. What is lost costs nothing: each broadcast
/// carries the whole text so far. Text that turns out to be none of the answer, because a tool is called behind it or the
/// model is asked again, is taken back by an empty one.
pub(crate) async fn relay(
    bus: &Bus,
    clock: &dyn Clock,
    cause: &Envelope,
    user_id: Uuid,
    to: &Address,
    mut live: watch::Receiver<String>,
) -> Infallible {
    let mut is_shown = false;
    while live.changed().await.is_ok() {
        tokio::time::sleep(EVERY).await;
        let text = live.borrow_and_update().clone();
        if text.is_empty() && !is_shown {
            continue;
        }
        is_shown = !text.is_empty();
        let delta = Envelope {
            id: cause.id.clone(),
            trace_id: cause.trace_id,
            at: clock.now(),
            event: Event::ReplyDeltaV1(ReplyDeltaV1 {
                event_id: cause.id.clone(),
                user_id,
                to: to.clone(),
                text,
            }),
        };
        if let Err(error) = bus.broadcast(&delta).await {
            tracing::debug!(%error, "live text was lost");
        }
    }
    pending().await
}
