//! Feeds: model in, bytes out.
