//! Topics with keyed FIFO consumers and broadcast, on Redis Streams and on SQLite.
