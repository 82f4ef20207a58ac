//! Every Redis key of the bus: `{prefix}:bus:…`. There are no others.

/// Pub/sub channel of the broadcast.
pub fn broadcast(prefix: &str) -> String {
    format!("{prefix}:bus:broadcast")
}

/// String: into how many partitions the topic is cut; set once.
pub fn partitions(prefix: &str, topic: &str) -> String {
    format!("{prefix}:bus:{topic}:partitions")
}

/// Stream: the messages of one partition, with the groups as its consumer groups. Fields: `k` the ordering key,
/// `p` the payload, and on a retried dead letter `g`, the only group that it is for.
pub fn stream(prefix: &str, topic: &str, partition: u32) -> String {
    format!("{prefix}:bus:{topic}:{partition}")
}

/// String with expiry: the answer to a call that must have its effect once. Asked again, because the first answer was
/// lost, the call finds it and changes nothing.
pub fn once(prefix: &str, call: &str) -> String {
    format!("{prefix}:bus:once:{call}")
}

/// Sorted set: the living consumers of a group, scored by when their lease runs out (Unix milliseconds, by the
/// clock of Redis).
pub fn members(prefix: &str, topic: &str, group: &str) -> String {
    format!("{prefix}:bus:{topic}:{group}:members")
}

/// String with expiry: who holds the partition and is alive. Its value is the holder's fencing token.
pub fn lease(prefix: &str, topic: &str, group: &str, partition: u32) -> String {
    format!("{prefix}:bus:{topic}:{group}:{partition}:lease")
}

/// String: the fencing token of the last consumer that took the partition. It outlives the lease: a consumer whose
/// lease ran out may go on as long as nobody has taken the partition, and changes nothing once someone has.
pub fn fence(prefix: &str, topic: &str, group: &str, partition: u32) -> String {
    format!("{prefix}:bus:{topic}:{group}:{partition}:fence")
}

/// Hash: what is known about the attempts of messages that are not settled. Fields, each followed by the entry's
/// id: `a:` attempts, `f:` first attempt and `d:` when the retry is due (Unix milliseconds, by the clock of
/// Redis), `r:` the reason of the last retry, `h:` the last handing-out (`{token}#{number}`). An `a:` without a `d:` is
/// in a handler's hand.
pub fn state(prefix: &str, topic: &str, group: &str, partition: u32) -> String {
    format!("{prefix}:bus:{topic}:{group}:{partition}:state")
}

/// Stream: the group's dead letters. Fields: `k` key, `p` payload, `r` reason, `a` attempts, `c` published,
/// `f` first attempt (0: none), both in Unix milliseconds; the id's time is when it was given up.
pub fn dead(prefix: &str, topic: &str, group: &str) -> String {
    format!("{prefix}:bus:{topic}:{group}:dead")
}

/// The one name under which every holder of a partition reads: the lease says who that is, so that a takeover
/// finds the pending entries under its own name, and dead consumers leave nothing behind.
pub const READER: &str = "reader";

/// The partition of an ordering key: FNV-1a, 64 bit, modulo the number of partitions.
pub fn partition_of(key: &str, partitions: u32) -> u32 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    u32::try_from(hash % u64::from(partitions.max(1))).unwrap_or_default()
}
