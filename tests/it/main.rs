//! The integration tests: one binary, a file a topic.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what stands beside the tests may fail as loudly as they do"
)]

mod app;
mod demo;
mod http;
mod parse;
mod upstream;
