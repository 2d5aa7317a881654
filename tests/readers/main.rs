//! Real feed readers subscribe to a running feedline, come back after changes, and report their items.
//!
//! The tests are not part of `cargo test`, which needs only crates: `scripts/readers` installs the readers and runs
//! them.

#![expect(
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should be"
)]
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests talk to servers and tasks themselves"
)]

#[path = "../it/support/app.rs"]
#[expect(dead_code, reason = "the other tests ask it for more")]
mod app;
mod story;
mod validator;
mod view;
mod visit;
mod witness;

use feedline::model::Format;
use story::{Edit, Reader};

const XML: &[Format] = &[Format::Rss, Format::Atom];

/// A reader with the most common behaviour.
const USUAL: Reader = Reader {
    name: "",
    formats: &Format::ALL,
    edit: Edit::ShownAgain,
    goes_by_title: false,
    reads_pages: false,
    forgets_once: false,
};

#[tokio::test]
async fn newsboat_follows_feed_changes() {
    Reader { name: "newsboat", formats: XML, forgets_once: true, ..USUAL }.check().await;
}

#[tokio::test]
async fn rss2email_follows_feed_changes() {
    Reader { name: "rss2email", formats: XML, ..USUAL }.check().await;
}

/// Conformance: 7.10
#[tokio::test]
async fn sfeed_follows_feed_changes() {
    let sfeed = Reader { name: "sfeed", formats: XML, edit: Edit::Unseen, ..USUAL };
    Reader { goes_by_title: true, ..sfeed }.check().await;
}

/// Conformance: 6.5
#[tokio::test]
async fn gpodder_follows_feed_changes() {
    let gpodder = Reader { name: "gpodder", formats: XML, edit: Edit::Silent, ..USUAL };
    Reader { reads_pages: true, ..gpodder }.check().await;
}

#[tokio::test]
async fn feedparser_follows_feed_changes() {
    Reader { name: "feedparser", formats: XML, ..USUAL }.check().await;
}

#[tokio::test]
async fn reader_library_follows_feed_changes() {
    Reader { name: "reader", ..USUAL }.check().await;
}

/// Conformance: 11.3, 11.4
#[tokio::test]
async fn freshrss_follows_feed_changes() {
    Reader { name: "freshrss", ..USUAL }.check().await;
}

/// Conformance: 11.2, 11.3
#[tokio::test]
async fn miniflux_follows_feed_changes() {
    Reader { name: "miniflux", edit: Edit::Silent, ..USUAL }.check().await;
}
