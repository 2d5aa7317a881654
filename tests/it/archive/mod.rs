//! The archive: persistence of posts, failed reads, and the commands.

mod command;
mod persistence;
mod read_error;
