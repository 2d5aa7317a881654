//! The settings by section, and their conversion to the settings of each module below.
//!
//! Each setting is a field here and a line in `config.toml`. The forms in `value` check bounds during deserialisation.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::{Table, Value};
use url::Url;

use super::reference;
use super::value::{
    As, DAY, Database, GIB, Given, HOUR, Host, KIB, LanguageOrAuto, List, MIB, MINUTE, MediaHost,
    Names, Proxy, Rate, SECOND, Size, TIB, Time, Title, UserAgent, Whole,
};
use crate::links::Base;
use crate::media::Mode;
use crate::model::options::{FeedDefaults, FeedOptions, MediaMode};
use crate::model::{ChannelName, Language};
use crate::{archive, media, net, service, telemetry, upstream, web};

/// The most channels in a list of `[channels]`.
const MOST_CHANNELS: usize = 10_000;

/// The most channels in a collection, equal to the limit of a merged feed.
const MOST_COLLECTED: usize = 50;

/// All settings, validated.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub limits: Limits,
    pub upstream: Upstream,
    pub cache: Cache,
    pub refresh: Refresh,
    pub archive: Archive,
    pub feed: Feed,
    pub pages: Pages,
    pub media: Media,
    pub channels: Channels,
    pub log: telemetry::Settings,
    #[serde(default)]
    pub collections: BTreeMap<CollectionName, Collection>,
    /// Service links: variables that a container platform created for a service named `feedline`. They set nothing.
    #[serde(skip)]
    pub service_links: Vec<String>,
    /// The path of the loaded file, absolute.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// The base of relative paths: the file's folder, absolute once loaded.
    #[serde(skip)]
    pub folder: PathBuf,
    /// All values as set, by section.
    #[serde(skip)]
    pub values: Table,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    #[serde(with = "As::<Option<Base>>")]
    pub base_url: Option<Base>,
    #[serde(with = "As::<List<IpNet, 0, 256>>")]
    pub trusted_proxies: Vec<IpNet>,
    #[serde(with = "As::<Time<0, { 10 * MINUTE }>>")]
    pub grace: Duration,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(with = "As::<Whole<u32, 1, 100_000>>")]
    pub new_fetches: u32,
    #[serde(with = "As::<Time<10, HOUR>>")]
    pub new_fetch_interval: Duration,
    #[serde(with = "As::<Whole<usize, 1, 1_000_000>>")]
    pub connections: usize,
    /// The minimum is the size of hyper's own buffer, 8 KiB.
    #[serde(with = "As::<Size<{ 8 * KIB }, MIB>>")]
    pub header_size: ByteSize,
    #[serde(with = "As::<Time<SECOND, { 2 * MINUTE }>>")]
    pub header_timeout: Duration,
    #[serde(with = "As::<Size<KIB, { 16 * MIB }>>")]
    pub body_size: ByteSize,
    /// The minimum exceeds the longest wait for Telegram, 18 s.
    #[serde(with = "As::<Time<{ 20 * SECOND }, { 10 * MINUTE }>>")]
    pub request_timeout: Duration,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    #[serde(with = "As::<Host>")]
    pub url: Url,
    #[serde(with = "As::<List<Host, 0, 64>>")]
    pub fallback: Vec<Url>,
    #[serde(with = "As::<Rate>")]
    pub rate: f64,
    #[serde(with = "As::<Whole<u32, 1, 1000>>")]
    pub burst: u32,
    #[serde(with = "As::<Whole<usize, 1, 256>>")]
    pub concurrency: usize,
    #[serde(with = "As::<Time<SECOND, MINUTE>>")]
    pub timeout: Duration,
    #[serde(with = "As::<Size<{ 64 * KIB }, { 64 * MIB }>>")]
    pub max_body: ByteSize,
    #[serde(with = "As::<List<Proxy, 0, 64>>")]
    pub proxies: Vec<Url>,
    #[serde(with = "As::<ChannelName>")]
    pub canary: ChannelName,
    #[serde(with = "As::<List<MediaHost, 1, 64>>")]
    pub media_hosts: Vec<String>,
    #[serde(with = "As::<Option<UserAgent>>")]
    pub user_agent: Option<String>,
    /// The limit of queued requests. Not configurable.
    #[serde(skip, default = "queue")]
    pub queue: usize,
}

fn queue() -> usize {
    net::Settings::default().queue
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    #[serde(with = "As::<Size<{ 4 * MIB }, TIB>>")]
    pub memory: ByteSize,
    #[serde(with = "As::<Time<{ 10 * SECOND }, { 7 * DAY }>>")]
    pub min_ttl: Duration,
    #[serde(with = "As::<Time<{ 10 * SECOND }, { 7 * DAY }>>")]
    pub max_ttl: Duration,
    /// The maximum stays below the 18 s that a new channel may take.
    #[serde(with = "As::<Time<0, { 17 * SECOND }>>")]
    pub refresh_timeout: Duration,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[serde(with = "As::<Time<0, { 365 * DAY }>>")]
    pub active_for: Duration,
    #[serde(with = "As::<Whole<u32, 0, 100>>")]
    pub backfill_pages: u32,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// The database file, absolute once loaded. `None`: in memory, which no setting selects.
    #[serde(rename = "url", with = "As::<Given<Database>>")]
    pub path: Option<PathBuf>,
    #[serde(with = "As::<Whole<u32, 0, 100_000>>")]
    pub initial_posts: u32,
    pub deleted: Deleted,
    #[serde(with = "As::<Whole<u32, 0, 100>>")]
    pub revisions: u32,
    /// 0: unlimited.
    #[serde(with = "As::<Whole<u32, 0, 100_000_000>>")]
    pub keep_posts: u32,
    #[serde(with = "As::<Option<Time<DAY, { 36_500 * DAY }>>>")]
    pub keep_for: Option<Duration>,
    #[serde(with = "As::<Option<Size<{ 16 * MIB }, { 16 * TIB }>>>")]
    pub max_size: Option<ByteSize>,
}

/// The treatment of posts that Telegram no longer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deleted {
    Hide,
    Keep,
}

#[derive(Clone, PartialEq, Deserialize)]
pub struct Feed {
    #[serde(with = "As::<Whole<u16, 1, 300>>")]
    pub limit: u16,
    /// `None`: the language of each channel.
    #[serde(with = "As::<LanguageOrAuto>")]
    pub language: Option<Language>,
    /// The defaults of feed options, except `media`, which is `media.mode`.
    #[serde(flatten, deserialize_with = "feed_options")]
    pub options: FeedOptions,
}

fn feed_options<'de, D: Deserializer<'de>>(from: D) -> Result<FeedOptions, D::Error> {
    let mut options = FeedOptions::default();
    for (name, value) in Table::deserialize(from)? {
        let text = match value {
            Value::String(text) => text,
            Value::Boolean(on) => on.to_string(),
            _ => return Err(D::Error::custom("")),
        };
        options.set(&name, &text).map_err(|_| D::Error::custom(""))?;
    }
    Ok(options)
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    #[serde(with = "As::<web::TimeZone>")]
    pub time_zone: web::TimeZone,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub mode: Mode,
    /// Absolute once loaded. `None`: no cache, which no setting selects.
    #[serde(with = "As::<Given<PathBuf>>")]
    pub cache_dir: Option<PathBuf>,
    #[serde(with = "As::<Size<{ 16 * MIB }, { 64 * TIB }>>")]
    pub cache_size: ByteSize,
    #[serde(with = "As::<Size<MIB, { 4 * GIB }>>")]
    pub max_file: ByteSize,
}

#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    #[serde(with = "As::<Names<MOST_CHANNELS>>")]
    pub follow: Vec<ChannelName>,
    /// Empty: all channels.
    #[serde(with = "As::<Names<MOST_CHANNELS>>")]
    pub allow: Vec<ChannelName>,
    #[serde(with = "As::<Names<MOST_CHANNELS>>")]
    pub deny: Vec<ChannelName>,
}

impl Channels {
    pub(crate) fn allows(&self, channel: &ChannelName) -> bool {
        !self.deny.contains(channel) && (self.allow.is_empty() || self.allow.contains(channel))
    }
}

#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Collection {
    /// `None`: the collection's name.
    #[serde(with = "As::<Option<Title>>")]
    pub title: Option<String>,
    #[serde(with = "As::<Names<MOST_COLLECTED>>")]
    pub channels: Vec<ChannelName>,
}

/// The name of a collection, used in its URL and in variables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct CollectionName(String);

impl CollectionName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CollectionName {
    type Error = BadCollectionName;

    fn try_from(text: String) -> Result<Self, BadCollectionName> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let well_formed = (1..=64).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'));
        if well_formed { Ok(Self(text)) } else { Err(BadCollectionName) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The name of a collection has 1 to 64 of a–z, 0–9, “-” and “_” and begins with a letter or digit."
)]
pub struct BadCollectionName;

impl fmt::Display for CollectionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Default for Config {
    #[expect(clippy::expect_used, reason = "a constant, covered by a test")]
    fn default() -> Self {
        Self::new(reference::defaults()).expect("the defaults of config.toml")
    }
}

impl Config {
    /// Deserialises a complete table of settings.
    pub(super) fn new(values: Table) -> Result<Self, toml::de::Error> {
        Ok(Self { values: values.clone(), ..Self::deserialize(values)? })
    }

    pub(crate) fn net_settings(&self) -> net::Settings {
        let default = net::Settings::default();
        net::Settings {
            rate: self.upstream.rate,
            burst: self.upstream.burst,
            concurrency: self.upstream.concurrency,
            timeout: self.upstream.timeout,
            max_body: self.upstream.max_body,
            proxies: self.upstream.proxies.clone(),
            user_agent: self.upstream.user_agent.clone().unwrap_or(default.user_agent),
            queue: self.upstream.queue,
        }
    }

    pub(crate) fn upstream_settings(&self) -> upstream::Settings {
        upstream::Settings {
            url: self.upstream.url.clone(),
            fallback: self.upstream.fallback.clone(),
            canary: self.upstream.canary.clone(),
            media_hosts: self.upstream.media_hosts.clone(),
        }
    }

    pub(crate) fn archive_settings(&self) -> archive::Settings {
        archive::Settings {
            path: self.archive.path.clone(),
            revisions: self.archive.revisions,
            keep_posts: self.archive.keep_posts,
            keep_for: self.archive.keep_for,
            max_size: self.archive.max_size,
        }
    }

    pub fn service_settings(&self) -> service::Settings {
        let media = match self.media.mode {
            Mode::Proxy => MediaMode::Proxy,
            Mode::Redirect => MediaMode::Redirect,
            Mode::None => MediaMode::None,
        };
        service::Settings {
            memory: self.cache.memory,
            min_ttl: self.cache.min_ttl,
            max_ttl: self.cache.max_ttl,
            refresh_timeout: self.cache.refresh_timeout,
            backfill_pages: self.refresh.backfill_pages,
            client_burst: self.limits.new_fetches,
            client_interval: self.limits.new_fetch_interval,
            keeps_deleted: self.archive.deleted == Deleted::Keep,
            schedule: service::ScheduleSettings {
                follow: self.followed(),
                active_for: self.refresh.active_for,
                initial_posts: self.archive.initial_posts,
                ..Default::default()
            },
            feed: FeedDefaults {
                window: self.feed.limit,
                language: self.feed.language,
                options: self.feed.options.with_media(media),
            },
        }
    }

    /// Channels to refresh: followed channels and those of collections, without duplicates and without channels that
    /// are not served.
    fn followed(&self) -> Vec<ChannelName> {
        let collected = self.collections.values().flat_map(|collection| &collection.channels);
        let mut seen = HashSet::new();
        let all = self.channels.follow.iter().chain(collected);
        let served = all.filter(|name| self.channels.allows(name) && seen.insert(name.key()));
        served.cloned().collect()
    }

    pub(crate) fn media_settings(&self) -> media::Settings {
        media::Settings {
            mode: self.media.mode,
            cache_dir: self.media.cache_dir.clone(),
            cache_size: self.media.cache_size,
            max_file: self.media.max_file,
        }
    }

    pub(crate) fn web_settings(&self) -> web::Settings {
        let collections = self.collections.iter().map(|(name, collection)| web::Collection {
            name: name.as_str().into(),
            title: collection.title.clone(),
            channels: collection.channels.clone(),
        });
        web::Settings {
            listen: self.server.listen,
            base_url: self.server.base_url.clone(),
            trusted_proxies: self.server.trusted_proxies.clone(),
            grace: self.server.grace,
            follow: self.channels.follow.clone(),
            allow: self.channels.allow.clone(),
            deny: self.channels.deny.clone(),
            collections: collections.collect(),
            media_sources: self.media_sources(),
            time_zone: self.pages.time_zone,
            connections: self.limits.connections,
            header_timeout: self.limits.header_timeout,
            header_size: self.limits.header_size,
            body_size: self.limits.body_size,
            request_timeout: self.limits.request_timeout,
        }
    }

    /// CSP sources for media: Telegram's hosts, if media URLs lead there.
    fn media_sources(&self) -> Vec<String> {
        if self.media.mode == Mode::Proxy {
            return Vec::new();
        }
        let sources = |host: &String| {
            if host.contains("://") {
                vec![host.clone()]
            } else {
                vec![format!("https://{host}"), format!("https://*.{host}")]
            }
        };
        self.upstream.media_hosts.iter().flat_map(sources).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_defaults_equal_module_defaults() {
        let config = Config::default();
        assert!(config.net_settings() == net::Settings::default());
        assert_eq!(config.upstream_settings(), upstream::Settings::default());
        assert_eq!(config.service_settings(), service::Settings::default());
        assert_eq!(config.media_settings(), media::Settings::default());
        assert_eq!(config.web_settings(), web::Settings::default());
        assert_eq!(config.log, telemetry::Settings::default());
        let path = config.archive.path.clone();
        assert_eq!(config.archive_settings(), archive::Settings { path, ..Default::default() });
    }

    #[test]
    fn denied_channel_is_not_served_even_if_allowed() {
        let names = |names: &[&str]| -> Vec<ChannelName> {
            names.iter().map(|name| ChannelName::parse(name).unwrap()).collect()
        };
        let channels =
            |allow, deny| Channels { follow: Vec::new(), allow: names(allow), deny: names(deny) };
        let [tea, sea] = [ChannelName::parse("TEA").unwrap(), ChannelName::parse("sea").unwrap()];
        let open = channels(&[], &[]);
        assert!(open.allows(&tea) && open.allows(&sea));
        let some = channels(&["tea"], &[]);
        assert!(some.allows(&tea) && !some.allows(&sea));
        let denied = channels(&["tea"], &["tea"]);
        assert!(!denied.allows(&tea) && !denied.allows(&sea));
    }
}
