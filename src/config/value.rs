//! Forms: how `config.toml` writes numbers, times, sizes, addresses and names.
//!
//! A form parses a TOML value and checks its bounds. `config.toml` documents the accepted values; the error of a form
//! is empty, or a sentence that adds detail.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Value;
use url::Url;

use super::LONGEST_ECHO;
use super::suggest::closest;
use crate::links::Base;
use crate::model::{ChannelName, Language, Target};
use crate::web;

pub(super) const SECOND: u64 = 1000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

pub(super) const KIB: u64 = 1 << 10;
pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;
pub(super) const TIB: u64 = 1 << 40;

/// The replacement of a password.
pub(super) const MASK: &str = "…";

/// The longest string of a setting, in bytes.
const LONGEST_TEXT: usize = 4096;

/// Detail in addition to the documentation in `config.toml`: a sentence, or empty.
type Detail = String;

/// The TOML form of a type of value.
pub(super) trait Form {
    type Value;

    fn read(value: &Value) -> Result<Self::Value, Detail>;
}

/// Adapts a form to serde: `#[serde(with = "As::<Time<0, MINUTE>>")]`.
pub(super) struct As<F>(PhantomData<F>);

impl<F: Form> As<F> {
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<F::Value, D::Error> {
        F::read(&Value::deserialize(from)?).map_err(D::Error::custom)
    }
}

fn text(value: &Value) -> Result<&str, Detail> {
    let text = value.as_str().map(str::trim);
    text.filter(|text| text.len() <= LONGEST_TEXT).ok_or_else(Detail::new)
}

/// The value, if it is present and satisfies the condition.
fn only_if<T>(value: Option<T>, is_right: impl FnOnce(&T) -> bool) -> Result<T, Detail> {
    value.filter(is_right).ok_or_else(Detail::new)
}

/// An integer within inclusive bounds.
pub(super) struct Whole<T, const LEAST: i64, const MOST: i64>(PhantomData<T>);

impl<T: TryFrom<i64>, const LEAST: i64, const MOST: i64> Form for Whole<T, LEAST, MOST> {
    type Value = T;

    fn read(value: &Value) -> Result<T, Detail> {
        let number = only_if(value.as_integer(), |number| (LEAST..=MOST).contains(number))?;
        T::try_from(number).map_err(|_| Detail::new())
    }
}

/// Requests per second.
pub(super) struct Rate;

impl Form for Rate {
    type Value = f64;

    fn read(value: &Value) -> Result<f64, Detail> {
        only_if(f64::deserialize(value.clone()).ok(), |rate| (0.01..=100.0).contains(rate))
    }
}

/// A duration such as `5m`; the bounds are in milliseconds.
pub(super) struct Time<const LEAST: u64, const MOST: u64>;

impl<const LEAST: u64, const MOST: u64> Form for Time<LEAST, MOST> {
    type Value = Duration;

    fn read(value: &Value) -> Result<Duration, Detail> {
        let bounds = Duration::from_millis(LEAST)..=Duration::from_millis(MOST);
        only_if(humantime::parse_duration(text(value)?).ok(), |time| bounds.contains(time))
    }
}

/// A size such as `64MiB`, or a number of bytes; the bounds are in bytes.
pub(super) struct Size<const LEAST: u64, const MOST: u64>;

impl<const LEAST: u64, const MOST: u64> Form for Size<LEAST, MOST> {
    type Value = ByteSize;

    fn read(value: &Value) -> Result<ByteSize, Detail> {
        let size = match value.as_integer() {
            Some(bytes) => u64::try_from(bytes).ok().map(ByteSize::b),
            None => text(value)?.parse().ok(),
        };
        only_if(size, |size| (LEAST..=MOST).contains(&size.as_u64()))
    }
}

/// An optional value; the empty string is `None`.
impl<F: Form> Form for Option<F> {
    type Value = Option<F::Value>;

    fn read(value: &Value) -> Result<Self::Value, Detail> {
        if value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        F::read(value).map(Some)
    }
}

/// A list; the bounds are its length.
pub(super) struct List<F, const LEAST: usize, const MOST: usize>(PhantomData<F>);

impl<F: Form, const LEAST: usize, const MOST: usize> Form for List<F, LEAST, MOST> {
    type Value = Vec<F::Value>;

    fn read(value: &Value) -> Result<Self::Value, Detail> {
        let list = only_if(value.as_array(), |list| (LEAST..=MOST).contains(&list.len()))?;
        list.iter().map(F::read).collect()
    }
}

/// A network, or a single address.
impl Form for IpNet {
    type Value = Self;

    fn read(value: &Value) -> Result<Self, Detail> {
        let text = text(value)?;
        let single = text.parse::<IpAddr>().map(Self::from);
        only_if(single.or_else(|_| text.parse().map(|network: Self| network.trunc())).ok(), |_| {
            true
        })
    }
}

impl Form for Base {
    type Value = Self;

    fn read(value: &Value) -> Result<Self, Detail> {
        only_if(Self::parse(text(value)?).ok(), |_| true)
    }
}

/// Whether a URL has a host and no path, query or fragment.
fn is_bare(url: &Url) -> bool {
    let is_root = matches!(url.path(), "" | "/");
    url.has_host() && is_root && url.query().is_none() && url.fragment().is_none()
}

/// Scheme, host and port of an HTTP server, and nothing else.
pub(super) struct Host;

impl Form for Host {
    type Value = Url;

    fn read(value: &Value) -> Result<Url, Detail> {
        only_if(Url::parse(text(value)?).ok(), |url| {
            let has_user = !url.username().is_empty() || url.password().is_some();
            matches!(url.scheme(), "http" | "https") && !has_user && is_bare(url)
        })
    }
}

/// The URL of an outbound proxy.
pub(super) struct Proxy;

impl Form for Proxy {
    type Value = Url;

    fn read(value: &Value) -> Result<Url, Detail> {
        let text = text(value)?;
        if text.contains(MASK) {
            return Err("The password is masked: write the real one.".to_owned());
        }
        only_if(Url::parse(text).ok(), |url| {
            matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && is_bare(url)
        })
    }
}

/// A domain with its subdomains, or an origin such as `https://host:port`.
pub(super) struct MediaHost;

impl Form for MediaHost {
    type Value = String;

    fn read(value: &Value) -> Result<String, Detail> {
        let text = text(value)?;
        if text.contains("://") {
            return Ok(Host::read(value)?.as_str().trim_end_matches('/').to_owned());
        }
        let text = text.trim_start_matches('.').to_ascii_lowercase();
        // A name without a dot would allow a whole top-level domain.
        let is_name = text.contains('.') && !text.ends_with('.') && text.len() <= 253;
        match url::Host::parse(&text) {
            Ok(url::Host::Domain(domain)) if is_name && domain == text => Ok(text),
            _ => Err(Detail::new()),
        }
    }
}

/// Printable ASCII, at most 512 bytes.
pub(super) struct UserAgent;

impl Form for UserAgent {
    type Value = String;

    fn read(value: &Value) -> Result<String, Detail> {
        let is_printable = |text: &String| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        only_if(Some(text(value)?.to_owned()), |text| text.len() <= 512 && is_printable(text))
    }
}

/// A channel in any form that `Target` parses.
impl Form for ChannelName {
    type Value = Self;

    fn read(value: &Value) -> Result<Self, Detail> {
        let text = text(value)?;
        Target::parse(text).map(|target| target.channel).map_err(|reason| {
            let echo: String = crate::text::clean(text).chars().take(LONGEST_ECHO).collect();
            format!("“{echo}”: {reason}")
        })
    }
}

/// Channels without duplicates.
pub(super) struct Names<const MOST: usize>;

impl<const MOST: usize> Form for Names<MOST> {
    type Value = Vec<ChannelName>;

    fn read(value: &Value) -> Result<Vec<ChannelName>, Detail> {
        let mut channels = List::<ChannelName, 0, MOST>::read(value)?;
        let mut seen = HashSet::new();
        channels.retain(|channel| seen.insert(channel.clone()));
        Ok(channels)
    }
}

impl Form for PathBuf {
    type Value = Self;

    fn read(value: &Value) -> Result<Self, Detail> {
        text(value).map(Self::from)
    }
}

/// The path in `sqlite://<path>`.
pub(super) struct Database;

impl Form for Database {
    type Value = PathBuf;

    fn read(value: &Value) -> Result<PathBuf, Detail> {
        let url = text(value)?;
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && !path.ends_with('/') => Ok(PathBuf::from(path)),
            None if url.contains("://") => {
                Err("Other databases than SQLite are not supported yet.".to_owned())
            }
            _ => Err(Detail::new()),
        }
    }
}

/// A required value. Only tests and the demo run without a file or folder, and set that themselves.
pub(super) struct Given<F>(PhantomData<F>);

impl<F: Form> Form for Given<F> {
    type Value = Option<F::Value>;

    fn read(value: &Value) -> Result<Self::Value, Detail> {
        only_if(Option::<F>::read(value)?, |_| true).map(Some)
    }
}

/// A language; `auto` is `None`.
pub(super) struct LanguageOrAuto;

impl Form for LanguageOrAuto {
    type Value = Option<Language>;

    fn read(value: &Value) -> Result<Option<Language>, Detail> {
        match text(value)? {
            "auto" => Ok(None),
            tag => only_if(Language::deserialize(Value::from(tag)).ok(), |_| true).map(Some),
        }
    }
}

impl Form for web::TimeZone {
    type Value = Self;

    fn read(value: &Value) -> Result<Self, Detail> {
        let name = text(value)?;
        Self::of_name(name).ok_or_else(|| {
            let nearest = closest(name, Self::names());
            nearest.map(|nearest| format!("Did you mean “{nearest}”?")).unwrap_or_default()
        })
    }
}

/// A title of at most 200 characters.
pub(super) struct Title;

impl Form for Title {
    type Value = String;

    fn read(value: &Value) -> Result<String, Detail> {
        let title = crate::text::clean(text(value)?).trim().to_owned();
        only_if(Some(title), |title| title.chars().count() <= 200)
    }
}
