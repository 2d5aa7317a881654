//! What the operator decides about the HTTP server.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;

use super::TimeZone;
use crate::links::Base;
use crate::model::ChannelName;

/// `[server]`, `[channels]` and `[limits]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The base of every address that we print; `None`: that of each request.
    pub base_url: Option<Base>,
    /// Peers whose `Forwarded` and `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a stop waits for answers under way.
    pub grace: Duration,
    /// Channels shown on the start page.
    pub follow: Vec<ChannelName>,
    /// If not empty: only these channels are served.
    pub allow: Vec<ChannelName>,
    /// These channels are not served.
    pub deny: Vec<ChannelName>,
    /// Sets of channels that are read as one.
    pub collections: Vec<Collection>,
    /// Where files lie at Telegram, as sources of a content security policy; empty when they come from us.
    pub media_sources: Vec<String>,
    /// The zone in which pages show times.
    pub time_zone: TimeZone,
    /// Connections at once.
    pub connections: usize,
    /// The longest that a request's head may take to arrive.
    pub header_timeout: Duration,
    /// The largest head of a request.
    pub header_size: ByteSize,
    /// The largest body of a request.
    pub body_size: ByteSize,
    /// The longest that a request may take, and that a client may read nothing of the answer.
    pub request_timeout: Duration,
}

/// A named set of channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// The name in its address.
    pub name: Box<str>,
    /// What people call it; `None`: by its name.
    pub title: Option<String>,
    /// Its channels.
    pub channels: Vec<ChannelName>,
}

impl Settings {
    /// Whether the operator lets this channel be read here.
    pub fn serves(&self, channel: &ChannelName) -> bool {
        let Self { allow, deny, .. } = self;
        (allow.is_empty() || allow.contains(channel)) && !deny.contains(channel)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8417)),
            base_url: None,
            trusted_proxies: vec![
                IpNet::V4(ipnet::Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
                IpNet::V6(ipnet::Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128)),
            ],
            grace: Duration::from_secs(10),
            follow: Vec::new(),
            allow: Vec::new(),
            deny: Vec::new(),
            collections: Vec::new(),
            media_sources: Vec::new(),
            time_zone: TimeZone::UTC,
            connections: 4096,
            header_timeout: Duration::from_secs(10),
            header_size: ByteSize::kib(16),
            body_size: ByteSize::mib(2),
            request_timeout: Duration::from_secs(30),
        }
    }
}
