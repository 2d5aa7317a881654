//! feedline turns public Telegram channels into RSS, Atom and JSON feeds.
//!
//! The modules are layers. Imports go down only; `tests/it/tidy/layer.rs` holds the table:
//!
//! ```text
//! cli  app  config  telemetry   command line; start and stop; settings; logs
//! web                           axum: routes, extractors, conditional requests, cache policy, pages
//! media                         media proxy and its disk cache
//! service                       use cases: feeds, refresh, history, search, schedule
//! upstream  archive  feed       fetches from Telegram; posts, search, SQLite; selection → document → bytes
//! net  telegram  links          HTTP client, rate limiter, SSRF guard; HTML → model; every printed address
//! model                         channels, posts, media, links, feed options
//! text  locale  setting         RichText; words in each language; how settings are written
//! demo                          the fake Telegram of `feedline demo` and of the tests
//! ```
//!
//! Start reading at [`service`], which describes the path of a request.

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
pub(crate) mod setting;
pub mod telegram;
pub mod telemetry;
pub mod text;
pub mod upstream;
pub mod web;
