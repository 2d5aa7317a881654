//! The integration tests: one binary, a file a topic.

mod demo;
mod parse;
mod upstream;
