//! What strangers may send: pages that are no pages, and requests that are no requests.

mod bomb;
mod page;
mod request;
