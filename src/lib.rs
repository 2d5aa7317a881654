//! feedline turns public Telegram channels into RSS, Atom and JSON feeds.
//!
//! The modules are layers, and imports go down only (`tests/it/tidy.rs` holds the table):
//!
//! ```text
//! cli, app                      the command line; build, spawn and stop in order
//! config       telemetry        file + environment + flags; logs
//! web                           axum: routes, caching headers, pages
//! media                         the media proxy and its disk cache
//! service                        the use cases: snapshot, refresh, history, media address
//! upstream     feed             asks Telegram        model in, feed bytes out
//! net          links            paced HTTP           every address we print
//! archive                       all posts ever seen, in an embedded database
//! telegram                      Telegram's HTML in, model out
//! model                         channel, post, media, page, options
//! locale                        words of pages, feeds and errors in each language
//! text                          RichText: a typed tree, and what is written from it
//! demo                          a Telegram of our own, for trying and for tests
//! ```
//!
//! Start reading at [`service`], which says what happens to a request.

pub mod app;
pub mod archive;
pub mod cli;
pub mod config;
pub mod demo;
pub mod feed;
pub mod links;
pub mod locale;
pub mod media;
pub mod model;
pub mod net;
pub mod service;
pub mod telegram;
pub mod telemetry;
pub mod text;
pub mod upstream;
pub mod web;
