//! The integration tests: one binary, a file a topic.

mod app;
mod demo;
mod http;
mod parse;
