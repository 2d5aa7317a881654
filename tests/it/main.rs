//! The integration tests: one binary, a file a topic.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should be"
)]
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests talk to servers, files and tasks themselves"
)]

mod app;
mod config;
mod demo;
mod feed;
mod hostile;
mod http;
mod parse;
mod tidy;
mod upstream;
