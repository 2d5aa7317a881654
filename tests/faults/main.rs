//! What machines do to an archive: programs are killed, disks fill up, files become read-only or break, others hold them,
//! clocks jump. The program itself goes through it, and what it answered is never lost.
//!
//! No part of `cargo test`: `scripts/faults` gives it a place where it may mount file systems, and a clock to turn.

#![expect(
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should be"
)]
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests talk to servers and tasks themselves"
)]

mod clock;
mod disk;
mod file;
mod kill;
mod program;
