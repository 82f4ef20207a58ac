//! `manage calendar`: who is connected, and a new key for what is stored of them.
