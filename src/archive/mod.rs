//! The archive of posts.

pub mod search;
