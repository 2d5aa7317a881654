//! Machine faults against the archive: killed processes, full disks, read-only and corrupt files, locks, clock jumps.
//! The tests run the real program. A post that was served once is never lost.
//!
//! They are not part of `cargo test`: `scripts/faults` provides a namespace for mounts, and a clock that can be moved.

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
