//! The receiving end of the broadcast.

use messages::Envelope;
use tokio::sync::broadcast;

use crate::BusError;

/// Receives what is broadcast from now on; a slow receiver loses the oldest.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Envelope>,
}

impl Subscription {
    pub(crate) fn new(receiver: broadcast::Receiver<Envelope>) -> Self {
        Self { receiver }
    }

    /// The next envelope. Cancel-safe.
    ///
    /// # Errors
    /// [`BusError::Closed`] when the bus was dropped.
    pub async fn next(&mut self) -> Result<Envelope, BusError> {
        loop {
            match self.receiver.recv().await {
                Ok(envelope) => return Ok(envelope),
                Err(broadcast::error::RecvError::Lagged(lost)) => {
                    tracing::debug!(lost, "a slow subscriber lost broadcast messages");
                }
                Err(broadcast::error::RecvError::Closed) => return Err(BusError::Closed),
            }
        }
    }
}
