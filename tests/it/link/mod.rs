//! Pasted links and subscription lists.

mod links;
mod opml;
