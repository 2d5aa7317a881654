//! The integration tests: one binary, a file a topic.

mod app;
mod demo;
mod feed;
mod http;
mod parse;
mod upstream;
