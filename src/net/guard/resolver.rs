//! Names become addresses, of which only public ones are used.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// Asks for the addresses of a name.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The client's only way from a name to an address.
///
/// SECURITY: a name that leads to a public address when it is checked and to this machine when it is used -> the client
/// connects to the addresses that are given here, and asks nobody else.
#[derive(Clone)]
pub(in crate::net) struct Guard {
    /// Names for which the operator vouches: hosts that are written out in the list, and outbound proxies.
    vouched: Arc<HashSet<String>>,
    lookup: Lookup,
    is_open: fn(IpAddr) -> bool,
}

/// A name without any public address.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub(in crate::net) struct NotPublic;

impl Guard {
    /// By the system's resolver.
    pub(in crate::net) fn new(vouched: impl IntoIterator<Item = String>) -> Self {
        let lookup = |name: String| {
            // Port 0 becomes that of the address which is asked for.
            async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }.boxed()
        };
        Self {
            vouched: Arc::new(vouched.into_iter().map(|name| name.to_ascii_lowercase()).collect()),
            lookup: Arc::new(lookup),
            is_open: is_public,
        }
    }

    /// The same with answers that a test gives, and with its idea of what is public.
    #[cfg(test)]
    pub(in crate::net) fn scripted(
        mut self,
        lookup: impl Fn(String) -> Vec<SocketAddr> + Send + Sync + 'static,
        is_open: fn(IpAddr) -> bool,
    ) -> Self {
        self.lookup = Arc::new(move |name| std::future::ready(Ok(lookup(name))).boxed());
        self.is_open = is_open;
        self
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let is_vouched = self.vouched.contains(&name);
        let (found, is_open) = ((self.lookup)(name), self.is_open);
        Box::pin(async move {
            let mut addresses = found.await?;
            addresses.retain(|address| is_vouched || is_open(address.ip()));
            if addresses.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Guard").field("vouched", &self.vouched).finish_non_exhaustive()
    }
}
