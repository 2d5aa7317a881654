//! Where files may be fetched: at hosts of a list, and at public addresses only.
//!
//! The addresses of files stand on pages, and pages are not trusted. So an address passes two gates: its host is held
//! against the operator's list ([`FileHosts`]) before every request, redirects included, and what DNS makes of the host's
//! name is held against the addresses of the public Internet (`address`) before a connection. The connection goes to the
//! very addresses that passed: nobody is asked a second time.

mod address;
mod host;
mod resolver;
#[cfg(test)]
mod tests;

pub use host::FileHosts;
pub(super) use resolver::{Guard, NotPublic};
