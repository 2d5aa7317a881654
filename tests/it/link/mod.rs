//! Links and lists that people paste.

mod links;
mod opml;
