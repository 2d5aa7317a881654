//! HTTP: headers, validators, bases, connections, and hostile requests.

mod base;
mod feed;
mod feed_in_browser;
mod hostile;
mod negotiation;
mod server;
mod status;
