//! Broadcast by Redis pub/sub: one subscribed connection per bus, however many subscribers.

use std::time::Duration;

use futures::StreamExt;
use messages::Envelope;
use redis::{Client, RedisResult, aio::PubSub};
use tokio::sync::broadcast;

use super::connection::CONNECT_TIMEOUT;

/// How often a silent connection is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(10);
/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(200);

/// Connects and listens.
pub(crate) async fn listen(client: &Client, channel: &str) -> RedisResult<PubSub> {
    let listening = async {
        let mut pubsub = client.get_async_pubsub().await?;
        pubsub.subscribe(channel).await?;
        Ok(pubsub)
    };
    tokio::time::timeout(CONNECT_TIMEOUT * 2, listening)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}

/// Hands on what is received, over one connection after the other, as long as it is not aborted.
pub(crate) async fn forward(
    client: Client,
    channel: String,
    first: PubSub,
    sender: broadcast::Sender<Envelope>,
) {
    let mut connected = Some(first);
    loop {
        match connected.take() {
            Some(pubsub) => forward_until_lost(pubsub, &sender).await,
            None => tokio::time::sleep(PAUSE).await,
        }
        connected = listen(&client, &channel).await.ok();
    }
}

async fn forward_until_lost(pubsub: PubSub, sender: &broadcast::Sender<Envelope>) {
    let (mut sink, mut stream) = pubsub.split();
    loop {
        match tokio::time::timeout(PING_EVERY, stream.next()).await {
            Ok(Some(message)) => match Envelope::decode(message.get_payload_bytes()) {
                // Nobody listening is no error: what is broadcast may be lost.
                Ok(envelope) => drop(sender.send(envelope)),
                Err(error) => tracing::debug!(%error, "a broadcast message was not understood"),
            },
            Ok(None) => return,
            Err(_) => {
                let pong = tokio::time::timeout(CONNECT_TIMEOUT, sink.ping::<redis::Value>()).await;
                if !matches!(pong, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}
