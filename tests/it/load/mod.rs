//! Many clients and channels at once: limits per client, queues, the refresh schedule.

mod budget;
mod flood;
mod hourly_reader;
mod import;
mod schedule;
