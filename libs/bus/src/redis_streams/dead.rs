//! Dead letters and figures of a group, on Redis.

use std::collections::HashMap;

use redis::streams::StreamRangeReply;

use super::{REMEMBERED_MS, RedisBus, entry_id::EntryId, keys, scripts};
use crate::{BusError, DeadLetter, GroupStats, dead_letter::instant, names::GroupName};

impl RedisBus {
    pub(crate) async fn dead_letters(
        &self,
        name: &GroupName,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, BusError> {
        let dead = &keys::dead(self.prefix(), &name.topic, &name.group);
        let after: Option<EntryId> = after.and_then(|id| id.parse().ok());
        let start = &after.map_or_else(|| "-".to_owned(), |id| format!("({id}"));
        let reply: StreamRangeReply = self
            .run(|mut connection| async move {
                let mut command = redis::cmd("XRANGE");
                command.arg(dead).arg(start).arg("+").arg("COUNT").arg(limit);
                command.query_async(&mut connection).await
            })
            .await?;
        Ok(reply
            .ids
            .into_iter()
            .map(|entry| dead_letter(entry.id, entry.map))
            .collect())
    }

    pub(crate) async fn retry_dead(&self, name: &GroupName, id: &str) -> Result<bool, BusError> {
        let Ok(id) = id.parse::<EntryId>() else {
            return Ok(false);
        };
        let found = self.dead_letter_key(name, id).await?;
        let Some(key) = found else { return Ok(false) };
        let partitions = self.partitions(&name.topic).await?;
        let partition = keys::partition_of(&key, partitions);
        let mut call = scripts::RETRY_DEAD.key(self.once());
        call.key(keys::dead(self.prefix(), &name.topic, &name.group))
            .key(keys::stream(self.prefix(), &name.topic, partition))
            .arg(REMEMBERED_MS)
            .arg(&*name.group)
            .arg(id.to_string());
        let call = &call;
        self.run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }

    async fn dead_letter_key(&self, name: &GroupName, id: EntryId) -> Result<Option<String>, BusError> {
        let dead = &keys::dead(self.prefix(), &name.topic, &name.group);
        let id = &id.to_string();
        let reply: StreamRangeReply = self
            .run(|mut connection| async move {
                redis::cmd("XRANGE")
                    .arg(dead)
                    .arg(id)
                    .arg(id)
                    .query_async(&mut connection)
                    .await
            })
            .await?;
        Ok(reply
            .ids
            .into_iter()
            .next()
            .map(|entry| dead_letter(entry.id, entry.map).key))
    }

    pub(crate) async fn purge_dead(&self, name: &GroupName, id: &str) -> Result<bool, BusError> {
        let Ok(id) = id.parse::<EntryId>() else {
            return Ok(false);
        };
        let mut call = scripts::PURGE_DEAD.key(self.once());
        call.key(keys::dead(self.prefix(), &name.topic, &name.group))
            .arg(REMEMBERED_MS)
            .arg(id.to_string());
        let call = &call;
        self.run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }

    pub(crate) async fn stats(&self, name: &GroupName) -> Result<GroupStats, BusError> {
        let group = self.group_keys(name.clone()).await?;
        let mut call = scripts::STATS.key(&group.dead);
        for partition in &group.partitions {
            call.key(&partition.lease)
                .key(&partition.stream)
                .key(&partition.state);
        }
        call.arg(&*name.group);
        let call = &call;
        let (unacked, in_flight, dead, partitions_without_consumer): (u64, u64, u64, u32) = self
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await?;
        Ok(GroupStats {
            waiting: unacked.saturating_sub(in_flight),
            in_flight,
            dead,
            partitions_without_consumer,
        })
    }
}

/// Reads leniently: an operator must see what is there, whoever wrote it.
fn dead_letter(id: String, mut fields: HashMap<String, redis::Value>) -> DeadLetter {
    let mut bytes = |field: &str| -> Vec<u8> {
        fields
            .remove(field)
            .and_then(|value| redis::from_redis_value(value).ok())
            .unwrap_or_default()
    };
    let mut text = |field: &str| String::from_utf8_lossy(&bytes(field)).into_owned();
    let (key, reason) = (text("k"), text("r"));
    let attempts = text("a").parse().unwrap_or_default();
    let published_at = text("c").parse().unwrap_or_default();
    let first_attempt_at = text("f").parse().ok().filter(|ms| *ms > 0);
    let failed_at = i64::try_from(EntryId::from_redis(&id).0).unwrap_or_default();
    DeadLetter {
        payload: bytes("p"),
        id,
        key,
        reason,
        attempts,
        published_at: instant(published_at),
        first_attempt_at: first_attempt_at.map(instant),
        failed_at: instant(failed_at),
    }
}
