//! The allocator of every process that links this crate: a turn makes thousands of small pieces on several threads,
//! for which the C library's takes a fifth of the processor's time.

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
