//! The integration tests: one binary, a file a topic.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod app;
mod config;
mod demo;
mod feed;
mod fresh;
mod history;
mod http;
mod media;
mod parse;
mod refusal;
mod still;
mod tidy;
mod upstream;
