//! The settings of the HTTP server.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;

use super::TimeZone;
use crate::links::Base;
use crate::model::ChannelName;

/// `[server]`, `[channels]`, `[collections]`, `[pages]` and `[limits]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub listen: SocketAddr,
    /// The base of all URLs; `None`: derived from each request.
    pub base_url: Option<Base>,
    /// Peers whose `Forwarded` and `X-Forwarded-*` headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// How long shutdown waits for responses in progress.
    pub grace: Duration,
    /// Channels on the start page.
    pub follow: Vec<ChannelName>,
    /// If not empty, only these channels are served.
    pub allow: Vec<ChannelName>,
    /// Channels that are not served, even if allowed.
    pub deny: Vec<ChannelName>,
    pub collections: Vec<Collection>,
    /// Telegram's media hosts as CSP sources; empty if feedline serves media.
    pub media_sources: Vec<String>,
    /// The time zone of pages.
    pub time_zone: TimeZone,
    /// The limit of concurrent connections.
    pub connections: usize,
    /// The time-out for a request's head.
    pub header_timeout: Duration,
    /// The size limit of a request's head.
    pub header_size: ByteSize,
    /// The size limit of a request's body.
    pub body_size: ByteSize,
    /// The time-out for a handler, and for a blocked write of the response.
    pub request_timeout: Duration,
}

/// A named set of channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// The name in the URL.
    pub name: Box<str>,
    /// `None`: the name is the title.
    pub title: Option<String>,
    pub channels: Vec<ChannelName>,
}

impl Settings {
    /// Whether the operator allows this channel.
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
