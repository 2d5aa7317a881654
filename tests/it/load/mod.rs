//! Many clients and channels at once: budgets, queues, the schedule.

mod budget;
mod flood;
mod hourly_reader;
mod import;
mod schedule;
