//! The integration tests: one binary, a folder for each feature. `support` has the shared helpers.

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

mod archive;
mod channel;
mod cli;
mod feed;
mod http;
mod link;
mod load;
mod media;
mod page;
mod support;
mod tidy;
mod upstream;
