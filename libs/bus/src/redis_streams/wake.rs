//! Waits for new entries on a connection of its own.
//!
//! A plain `XREAD`, which changes nothing: a blocking `XREADGROUP` may be answered after its partition went to
//! someone else, and then the entries would be nobody's. What is new is then fetched by a script that checks the
//! fence.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection, streams::StreamReadReply,
};

use super::{connection::CONNECT_TIMEOUT, entry_id::EntryId};

/// How long one read blocks; then it is asked again, so that a dead connection is noticed.
const BLOCK: Duration = Duration::from_secs(2);
/// How much longer than [`BLOCK`] an answer may take.
const GRACE: Duration = Duration::from_secs(2);
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(100);

/// What ended the wait.
pub(crate) struct Woken {
    /// The connection, to wait on again; `None` after a failure.
    pub(crate) connection: Option<MultiplexedConnection>,
    /// The partitions that have new entries; all after a failure, because then nobody knows.
    pub(crate) news: Vec<usize>,
}

/// Waits until one of the streams has an entry behind the given one; or for a while.
pub(crate) async fn wait_for_entries(
    client: Client,
    connection: Option<MultiplexedConnection>,
    streams: Vec<(usize, String, EntryId)>,
) -> Woken {
    match tokio::time::timeout(BLOCK + GRACE, read(client, connection, &streams)).await {
        Ok(Ok((connection, news))) => Woken {
            connection: Some(connection),
            news: streams
                .into_iter()
                .filter(|(_, stream, _)| news.contains(stream))
                .map(|(index, ..)| index)
                .collect(),
        },
        Ok(Err(_)) | Err(_) => {
            tokio::time::sleep(PAUSE).await;
            Woken {
                connection: None,
                news: streams.into_iter().map(|(index, ..)| index).collect(),
            }
        }
    }
}

async fn read(
    client: Client,
    connection: Option<MultiplexedConnection>,
    streams: &[(usize, String, EntryId)],
) -> RedisResult<(MultiplexedConnection, Vec<String>)> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => {
            // The default response timeout of 500 ms would end every blocking read.
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT_TIMEOUT))
                .set_response_timeout(None);
            client
                .get_multiplexed_async_connection_with_config(&config)
                .await?
        }
    };
    let mut command = redis::cmd("XREAD");
    command
        .arg("COUNT")
        .arg(1)
        .arg("BLOCK")
        .arg(u64::try_from(BLOCK.as_millis()).unwrap_or(1))
        .arg("STREAMS");
    for (_, stream, _) in streams {
        command.arg(stream);
    }
    for (_, _, last) in streams {
        command.arg(last.to_string());
    }
    let reply: Option<StreamReadReply> = command.query_async(&mut connection).await?;
    let news = reply
        .into_iter()
        .flat_map(|reply| reply.keys)
        .map(|key| key.key)
        .collect();
    Ok((connection, news))
}
