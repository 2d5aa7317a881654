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
mod archive;
mod base;
mod budget;
mod cli;
mod config;
mod conformance;
mod demo;
mod document;
mod feed;
mod feed_in_browser;
mod files;
mod filtered;
mod flood;
mod floor;
mod freshness;
mod history;
mod hostile;
mod http;
mod import;
mod links;
mod listing;
mod media;
mod media_guard;
mod media_once;
mod merged;
mod negotiation;
mod operate;
mod opml;
mod owner;
mod page;
mod pages;
mod parse;
mod persistence;
mod proxy;
mod reading;
mod refusal;
mod schedule;
mod search;
mod server;
mod simulation;
mod stability;
mod status;
mod tidy;
mod unread;
mod upstream;
mod visit;
mod weight;
