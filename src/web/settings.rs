//! The settings of the HTTP server.

use std::collections::{BTreeMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::TimeZone;
use crate::links::Base;
use crate::model::{ChannelName, ChannelSet, MAX_CHANNELS, Source, Target};
use crate::setting::{self, KIB, MIB, MINUTE, SECOND, size, time, whole};

/// The longest list of `[channels]`.
const MAX_LISTED: usize = 10_000;

/// `[server]`, `[channels]`, `[collections]`, `[pages]` and `[limits]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    #[serde(rename = "server.listen")]
    pub listen: SocketAddr,
    /// The base of all URLs; `None`: derived from each request.
    #[serde(rename = "server.base_url", deserialize_with = "base_url")]
    pub base_url: Option<Base>,
    /// Peers whose `Forwarded` and `X-Forwarded-*` headers count.
    #[serde(rename = "server.trusted_proxies", deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// How long shutdown waits for responses in progress.
    #[serde(rename = "server.grace", deserialize_with = "time::<_, 0, { 10 * MINUTE }>")]
    pub grace: Duration,
    /// Channels on the start page.
    #[serde(rename = "channels.follow", deserialize_with = "channels")]
    pub follow: Vec<ChannelName>,
    /// If not empty, only these channels are served.
    #[serde(rename = "channels.allow", deserialize_with = "channels")]
    pub allow: Vec<ChannelName>,
    /// Channels that are not served, even if allowed.
    #[serde(rename = "channels.deny", deserialize_with = "channels")]
    pub deny: Vec<ChannelName>,
    /// [`Source::Collection`]s by name.
    #[serde(deserialize_with = "collections")]
    pub collections: BTreeMap<String, Source>,
    /// Telegram's media hosts as CSP sources; empty if feedline serves media.
    #[serde(skip)]
    pub media_sources: Vec<String>,
    /// The time zone of pages.
    #[serde(rename = "pages.time_zone", deserialize_with = "time_zone")]
    pub time_zone: TimeZone,
    /// The limit of concurrent connections.
    #[serde(rename = "limits.connections", deserialize_with = "whole::<_, _, 1, 1_000_000>")]
    pub connections: usize,
    /// The time-out for a request's head.
    #[serde(
        rename = "limits.header_timeout",
        deserialize_with = "time::<_, SECOND, { 2 * MINUTE }>"
    )]
    pub header_timeout: Duration,
    /// The size limit of a request's head. The minimum is the size of hyper's own buffer.
    #[serde(rename = "limits.header_size", deserialize_with = "size::<_, { 8 * KIB }, MIB>")]
    pub header_size: ByteSize,
    /// The size limit of a request's body.
    #[serde(rename = "limits.body_size", deserialize_with = "size::<_, KIB, { 16 * MIB }>")]
    pub body_size: ByteSize,
    /// The time-out for a handler, and for a blocked write of the response. More than the 18 s that a new
    /// channel may take.
    #[serde(
        rename = "limits.request_timeout",
        deserialize_with = "time::<_, { 20 * SECOND }, { 10 * MINUTE }>"
    )]
    pub request_timeout: Duration,
}

impl Settings {
    /// Whether the operator allows this channel.
    pub fn serves(&self, channel: &ChannelName) -> bool {
        let Self { allow, deny, .. } = self;
        (allow.is_empty() || allow.contains(channel)) && !deny.contains(channel)
    }

    /// The channels to keep fresh: the followed ones and those of collections, without duplicates and without channels
    /// that are not served.
    pub fn followed(&self) -> Vec<ChannelName> {
        let collected = self.collections.values().flat_map(Source::channels);
        let mut seen = HashSet::new();
        let all = self.follow.iter().chain(collected);
        all.filter(|name| self.serves(name) && seen.insert(*name)).cloned().collect()
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
            collections: BTreeMap::new(),
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

fn base_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Base>, D::Error> {
    setting::optional(from, |text| Base::parse(text).map_err(|_| ""))
}

/// Networks, or single addresses.
fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    setting::list(from, 0..=256, |text| {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse().map(|network: IpNet| network.trunc())).map_err(|_| "")
    })
}

fn time_zone<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
    setting::parsed(from, |name| {
        TimeZone::of_name(name).ok_or_else(|| {
            let nearest = setting::closest(name, TimeZone::names());
            nearest.map(|nearest| format!("Did you mean “{nearest}”?")).unwrap_or_default()
        })
    })
}

/// Channels in any form that `Target` parses, without duplicates.
fn channels<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ChannelName>, D::Error> {
    let mut channels = setting::list(from, 0..=MAX_LISTED, Target::channel_of_setting)?;
    let mut seen = HashSet::new();
    channels.retain(|channel| seen.insert(channel.clone()));
    Ok(channels)
}

/// Collections by name. One without channels is skipped here and reported by `config`.
fn collections<'de, D>(from: D) -> Result<BTreeMap<String, Source>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Collection {
        #[serde(deserialize_with = "title")]
        title: Option<String>,
        #[serde(deserialize_with = "set")]
        channels: Option<ChannelSet>,
    }
    let mut sources = BTreeMap::new();
    for (name, Collection { title, channels }) in BTreeMap::<String, Collection>::deserialize(from)?
    {
        if !is_collection_name(&name) {
            return Err(D::Error::custom(
                "The name of a collection has 1 to 64 of a–z, 0–9, “-” and “_” and begins with a letter or digit.",
            ));
        }
        if let Some(channels) = channels {
            let source = Source::collection(&name, title.as_deref(), channels);
            sources.insert(name, source);
        }
    }
    Ok(sources)
}

/// The name is a part of URLs and of variables.
fn is_collection_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b'_'))
}

fn title<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    setting::optional(from, |text| {
        let title = crate::text::clean(text).trim().to_owned();
        if title.chars().count() <= 200 { Ok(title) } else { Err("") }
    })
}

fn set<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ChannelSet>, D::Error> {
    let names = setting::list(from, 0..=MAX_CHANNELS, Target::channel_of_setting)?;
    Ok(ChannelSet::new(names).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denied_channel_is_not_served_even_if_allowed() {
        let names = |names: &[&str]| -> Vec<ChannelName> {
            names.iter().map(|name| ChannelName::parse(name).unwrap()).collect()
        };
        let settings = |allow, deny| Settings {
            allow: names(allow),
            deny: names(deny),
            ..Settings::default()
        };
        let [tea, sea] = [ChannelName::parse("TEA").unwrap(), ChannelName::parse("sea").unwrap()];
        let open = settings(&[], &[]);
        assert!(open.serves(&tea) && open.serves(&sea));
        let some = settings(&["tea"], &[]);
        assert!(some.serves(&tea) && !some.serves(&sea));
        let denied = settings(&["tea"], &["tea"]);
        assert!(!denied.serves(&tea) && !denied.serves(&sea));
    }
}
