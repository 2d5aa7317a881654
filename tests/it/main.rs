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
mod cli;
mod config;
mod demo;
mod feed;
mod fresh;
mod history;
mod http;
mod media;
mod negotiation;
mod page;
mod parse;
mod refusal;
mod server;
mod still;
mod tidy;
mod upstream;
