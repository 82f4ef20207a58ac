//! What the engine asks of Redis: adopt, read, hand out, trim. Each script checks the fence.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::future::join_all;
use redis::Value;
use tokio::time::Instant;

use super::Engine;
use crate::{
    BusError,
    delivery::{self, Candidate},
    redis_streams::{
        entry_id::EntryId,
        keys::READER,
        scripts,
        ticket::{Hold, Ticket},
    },
};

/// How many entries one fetch of a partition brings at most.
const FETCH_MAX: usize = 128;
/// How many entries a page of an adoption has.
const ADOPT_PAGE: usize = 500;

impl Engine {
    /// Reads a page of what former holders of the partitions left unsettled.
    pub(super) async fn adopt(&mut self) -> Result<(), BusError> {
        for (index, partition) in &mut self.partitions {
            let (Some(cursor), false) = (&partition.adopting, partition.lost) else {
                continue;
            };
            let Some(keys) = self.keys.partitions.get(*index) else {
                continue;
            };
            let mut call = scripts::ADOPT.key(&keys.fence);
            call.key(&keys.stream).key(&keys.state);
            call.arg(&*partition.token)
                .arg(&*self.keys.name.group)
                .arg(READER)
                .arg(cursor)
                .arg(ADOPT_PAGE);
            let call = &call;
            type Page = (
                String,
                Vec<(String, u64)>,
                Vec<(String, u32)>,
                Vec<(String, Value)>,
            );
            let page: Option<Page> = self
                .bus
                .run(|mut connection| async move { call.invoke_async(&mut connection).await })
                .await?;
            let Some((cursor, due, attempts, entries)) = page else {
                partition.lost = true;
                continue;
            };
            let now = Instant::now();
            let due: HashMap<EntryId, Instant> = due
                .into_iter()
                .map(|(id, ms)| (EntryId::from_redis(&id), now + Duration::from_millis(ms)))
                .collect();
            let attempts: HashMap<EntryId, u32> = attempts
                .into_iter()
                .map(|(id, attempts)| (EntryId::from_redis(&id), attempts))
                .collect();
            for (id, key) in entries {
                let id = EntryId::from_redis(&id);
                partition.last = partition.last.max(id);
                partition.lanes.push(&text(&key), id, due.get(&id).copied());
                if !partition.lanes.is_in_flight(&text(&key), id) {
                    partition
                        .lanes
                        .set_attempts(id, attempts.get(&id).copied().unwrap_or_default());
                }
            }
            partition.adopting = Some(cursor).filter(|cursor| !cursor.is_empty());
        }
        Ok(())
    }

    /// Reads what is behind the last known entry of all partitions that may have some. An answer that is lost is no
    /// loss: the next one tells the same and more.
    pub(super) async fn fetch(&mut self) -> Result<(), BusError> {
        let (bus, keys) = (&self.bus, &self.keys);
        let reads = self
            .partitions
            .iter()
            .filter(|(_, partition)| partition.unread && partition.is_readable())
            .map(|(index, partition)| async move {
                let Some(partition_keys) = keys.partitions.get(*index) else {
                    return Err(BusError::Closed);
                };
                let mut call = scripts::FETCH.key(&partition_keys.fence);
                call.key(&partition_keys.stream);
                call.arg(&*partition.token)
                    .arg(&*keys.name.group)
                    .arg(READER)
                    .arg(FETCH_MAX)
                    .arg(partition.last.to_string());
                let call = &call;
                type Read = Option<(String, bool, Vec<(String, Value)>)>;
                let read: Read = bus
                    .run(|mut connection| async move { call.invoke_async(&mut connection).await })
                    .await?;
                Ok((*index, read))
            });
        let mut failure = None;
        for read in join_all(reads).await {
            let (index, read) = match read {
                Ok(read) => read,
                Err(error) => {
                    failure = Some(error);
                    continue;
                }
            };
            let Some(partition) = self.partitions.get_mut(&index) else {
                continue;
            };
            let Some((last, more, entries)) = read else {
                partition.lost = true;
                continue;
            };
            partition.unread = more;
            partition.last = partition.last.max(EntryId::from_redis(&last));
            for (id, key) in entries {
                partition.lanes.push(&text(&key), EntryId::from_redis(&id), None);
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Hands out as much as there is room for, in turns over the partitions.
    pub(super) async fn hand_out(&mut self) -> Result<(), BusError> {
        let holds = self.choose(self.room());
        if holds.is_empty() {
            return Ok(());
        }
        let mut call = scripts::HAND_OUT.prepare_invoke();
        call.arg(&*self.keys.name.group);
        for hold in &holds {
            if let Some(keys) = self.keys.partitions.get(hold.partition) {
                call.key(&keys.fence).key(&keys.stream).key(&keys.state);
                call.arg(&*hold.token).arg(hold.id.to_string());
                call.arg(hold.number).arg(hold.attempt);
            }
        }
        // An attempt that is counted now need not be taken back before.
        self.uncounted
            .retain(|earlier| !holds.iter().any(|hold| hold.is_of_the_same(earlier)));
        let call = &call;
        let handed: Result<Vec<Value>, BusError> = self
            .bus
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await;
        let handed = match handed {
            Ok(handed) => handed,
            Err(error) => {
                for hold in &holds {
                    if let Some(partition) = self.partitions.get_mut(&hold.partition) {
                        partition.lanes.returned(&hold.key);
                    }
                }
                // It may have run all the same, or run yet.
                self.uncounted.extend(holds);
                return Err(error);
            }
        };
        for (hold, handed) in holds.into_iter().zip(handed) {
            self.deliver(hold, handed).await;
        }
        Ok(())
    }

    fn choose(&mut self, room: usize) -> Vec<Hold> {
        let mut holds = Vec::new();
        let indexes: Vec<usize> = self
            .partitions
            .iter()
            .filter(|(_, partition)| partition.ready() > 0)
            .map(|(index, _)| *index)
            .collect();
        let mut barren = 0;
        while holds.len() < room && barren < indexes.len() {
            self.turn = self.turn.wrapping_add(1);
            let Some(index) = indexes.get(self.turn % indexes.len()) else {
                break;
            };
            let Some(partition) = self.partitions.get_mut(index) else {
                break;
            };
            let Some((key, id)) = partition.lanes.pop_ready() else {
                barren += 1;
                continue;
            };
            barren = 0;
            // By two: the odd number between is that of its being taken back.
            self.handed += 2;
            holds.push(Hold {
                partition: *index,
                token: Arc::clone(&partition.token),
                key,
                id,
                number: self.handed,
                attempt: partition.lanes.attempts(id) + 1,
            });
        }
        holds
    }

    async fn deliver(&mut self, mut hold: Hold, handed: Value) {
        let Some(partition) = self.partitions.get_mut(&hold.partition) else {
            return;
        };
        let Some((attempt, payload, last_reason)) = parse_handed(handed) else {
            partition.lost = true;
            partition.lanes.returned(&hold.key);
            return;
        };
        if attempt == 0 {
            partition.lanes.settled(&hold.key);
            return;
        }
        self.in_flight += 1;
        hold.attempt = attempt;
        partition.lanes.set_attempts(hold.id, attempt);
        let candidate = Candidate {
            key: hold.key.to_string(),
            payload,
            attempt,
            last_reason: Some(last_reason).filter(|reason| !reason.is_empty()),
            ticket: delivery::Ticket::Redis(Ticket {
                bus: Arc::clone(&self.bus),
                keys: Arc::clone(&self.keys),
                hold,
                handed_over: false,
                returns: Some(self.returns_sender.clone()),
            }),
        };
        match candidate.into_delivery(self.options.max_attempts).await {
            // A consumer that was just closed drops it: then the ticket comes back.
            Ok(Some(delivery)) => drop(self.outlet.deliveries.try_send(delivery)),
            Ok(None) => {}
            Err(error) => {
                let name = &self.keys.name;
                tracing::warn!(%error, topic = %name.topic, group = %name.group, "cannot store a dead letter; trying again");
            }
        }
    }

    /// Drops what every group is done with, now and then.
    pub(super) async fn trim(&mut self, now: Instant) -> Result<(), BusError> {
        if self.trim_at.is_none_or(|at| at > now) || self.partitions.is_empty() {
            return Ok(());
        }
        self.trim_at = None;
        let mut call = scripts::TRIM.prepare_invoke();
        for keys in self
            .partitions
            .keys()
            .filter_map(|index| self.keys.partitions.get(*index))
        {
            call.key(&keys.stream);
        }
        let call = &call;
        self.bus
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }
}

/// Attempt, payload and last reason; attempt 0 for an entry that is settled already; `None` without the partition.
fn parse_handed(handed: Value) -> Option<(u32, Vec<u8>, String)> {
    let Value::Array(fields) = handed else { return None };
    let mut fields = fields.into_iter();
    let attempt: u32 = redis::from_redis_value(fields.next()?).ok()?;
    let payload = fields
        .next()
        .and_then(|value| redis::from_redis_value(value).ok())
        .unwrap_or_default();
    let reason = fields.next().map(|value| text(&value)).unwrap_or_default();
    Some((attempt, payload, reason))
}

/// Text of a value that anyone may have written.
fn text(value: &Value) -> String {
    match value {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}
