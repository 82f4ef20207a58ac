//! One member of a group: hands out deliveries one after the other.

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{BusError, Delivery};

/// One member of a group. Dropping it gives its work up in the background; [`Self::close`] says when that is done.
#[derive(Debug)]
pub struct Consumer {
    deliveries: mpsc::Receiver<Delivery>,
    stop: CancellationToken,
    given_up: Option<oneshot::Receiver<()>>,
}

/// The engine's end of a [`Consumer`].
pub(crate) struct Outlet {
    pub(crate) deliveries: mpsc::Sender<Delivery>,
    pub(crate) stop: CancellationToken,
    given_up: Option<oneshot::Sender<()>>,
}

impl Consumer {
    pub(crate) fn new(buffer: usize) -> (Self, Outlet) {
        let (sender, deliveries) = mpsc::channel(buffer);
        let (given_up_sender, given_up) = oneshot::channel();
        let stop = CancellationToken::new();
        let outlet = Outlet {
            deliveries: sender,
            stop: stop.clone(),
            given_up: Some(given_up_sender),
        };
        (
            Self {
                deliveries,
                stop,
                given_up: Some(given_up),
            },
            outlet,
        )
    }

    /// The next delivery; waits for one, through outages of the store too. Cancel-safe.
    ///
    /// # Errors
    /// [`BusError::Closed`] when the bus's runtime is gone.
    pub async fn next(&mut self) -> Result<Delivery, BusError> {
        let delivery = self.deliveries.recv().await.ok_or(BusError::Closed)?;
        Ok(delivery.hand_over())
    }

    /// Gives everything up at once that no handler holds, so that others take it over without waiting for the
    /// lease. Deliveries that are still in a handler's hand can be settled as before, and keep their place until
    /// they are.
    pub async fn close(mut self) {
        let given_up = self.given_up.take();
        drop(self);
        if let Some(given_up) = given_up {
            // An error means that the engine has ended, which is as good.
            let _ = given_up.await;
        }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // What was fetched ahead goes back first, uncounted: its tickets were never handed over.
        self.deliveries.close();
        while self.deliveries.try_recv().is_ok() {}
        self.stop.cancel();
    }
}

impl Outlet {
    /// Tells [`Consumer::close`] that everything idle was given up.
    pub(crate) fn report_given_up(&mut self) {
        if let Some(given_up) = self.given_up.take() {
            // Nobody listens when the consumer was dropped rather than closed.
            let _ = given_up.send(());
        }
    }
}
