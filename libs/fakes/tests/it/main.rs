//! The fakes, driven over HTTP as their clients would.
