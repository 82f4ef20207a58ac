//! Owns the database: resources, turns, deliveries, over REST.
