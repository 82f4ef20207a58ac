//! The tables of the bus's own SQLite file.

/// WAL with full sync: a commit that returned survives a power cut. Waiting for another process comes first, as
/// even the change to WAL may have to.
pub(crate) const PRAGMAS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
";

/// - `bus_group`: the groups of each topic.
/// - `bus_message`: each message once; `groups` counts the groups that are not done with it, and the last one
///   deletes it. Zero means that it was published before the first group existed.
/// - `bus_waiting`: the order of each key, per group.
/// - `bus_head`: the first waiting message of each key, with what is known about its attempts; there is exactly
///   one row per key that has messages. `bus_head_due` finds what can be handed out, however many keys there are
///   and however many messages wait behind a head. A `holder` is a consumer in whose hand it is.
/// - `bus_consumer`: who is alive until when, by the system clock in Unix milliseconds.
/// - `bus_dead`: the dead letters.
///
/// All times are Unix milliseconds. Sequence numbers are never used twice (AUTOINCREMENT).
pub(crate) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS bus_group (
        id INTEGER PRIMARY KEY,
        topic TEXT NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (topic, name)
    );
    CREATE TABLE IF NOT EXISTS bus_message (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        key TEXT NOT NULL,
        payload BLOB NOT NULL,
        published_at INTEGER NOT NULL,
        groups INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS bus_waiting (
        group_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (group_id, key, seq)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS bus_head (
        group_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        seq INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        first_attempt_at INTEGER,
        last_reason TEXT,
        holder INTEGER,
        PRIMARY KEY (group_id, key)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS bus_head_due ON bus_head (group_id, due_at, seq) WHERE holder IS NULL;
    CREATE INDEX IF NOT EXISTS bus_head_held ON bus_head (holder) WHERE holder IS NOT NULL;
    CREATE TABLE IF NOT EXISTS bus_consumer (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL,
        alive_until INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS bus_dead (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        payload BLOB NOT NULL,
        reason TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        published_at INTEGER NOT NULL,
        first_attempt_at INTEGER,
        failed_at INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS bus_dead_group ON bus_dead (group_id, id);
";
