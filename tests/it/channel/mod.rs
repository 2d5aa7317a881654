//! A channel's feed over time: freshness, history, identity, filters, errors.

mod filtered;
mod first_seen;
mod freshness;
mod history;
mod merged;
mod refusal;
mod search;
mod stability;
mod takeover;
