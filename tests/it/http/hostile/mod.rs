//! Hostile input: malformed pages and malformed requests.

mod bomb;
mod page;
mod request;
