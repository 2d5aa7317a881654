//! The archive: kept posts, failed reads, and the commands over it.

mod command;
mod persistence;
mod read_error;
