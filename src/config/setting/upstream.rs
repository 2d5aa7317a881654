//! `[upstream]`, `[cache]` and `[refresh]`: Telegram, and how fresh we are.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;
use toml::Value;
use url::Url;

use super::Setting;
use crate::config::error::Why;
use crate::config::value::Given;
use crate::config::{channel, print};
use crate::net;

/// The most addresses in one list.
const MOST_ADDRESSES: usize = 64;

/// The longest `User-Agent`, in bytes.
const LONGEST_AGENT: usize = 512;

/// The bounds of `upstream.timeout`.
const TIMEOUT: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);

/// The bounds of `upstream.max_body`.
const MAX_BODY: RangeInclusive<ByteSize> = ByteSize::kib(64)..=ByteSize::mib(64);

/// The bounds of `cache.memory`.
const MEMORY: RangeInclusive<ByteSize> = ByteSize::mib(4)..=ByteSize::tib(1);

/// The bounds of `cache.min_age` and `cache.max_age`: a newcomer's shortest rhythm, and a week.
const AGE: RangeInclusive<Duration> =
    Duration::from_secs(10)..=Duration::from_secs(7 * 24 * 60 * 60);

/// The bounds of `cache.patience`: less than the 18 s that a channel never seen is waited for.
const PATIENCE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(17);

/// The bounds of `refresh.active_for`.
const ACTIVE_FOR: RangeInclusive<Duration> =
    Duration::ZERO..=Duration::from_secs(365 * 24 * 60 * 60);

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "upstream.url",
        "an http or https address without a path, such as \"https://t.me\"",
        |config, given| {
            config.upstream.url = host(given.text()?)?;
            Ok(())
        },
        |config| Value::from(without_slash(&config.upstream.url)),
    ),
    Setting::new(
        "upstream.fallback",
        "a list of http or https addresses without a path, such as [\"https://telegram.me\"], or []",
        |config, given| {
            let texts = given.texts(MOST_ADDRESSES)?;
            config.upstream.fallback = texts.into_iter().map(host).collect::<Result<_, _>>()?;
            Ok(())
        },
        |config| print::list(config.upstream.fallback.iter().map(without_slash)),
    ),
    Setting::new(
        "upstream.rate",
        "a number of requests a second from 0.01 to 100, such as 2.0",
        |config, given| {
            config.net.rate = given.number(&(0.01..=100.0))?;
            Ok(())
        },
        |config| Value::Float(config.net.rate),
    ),
    Setting::new(
        "upstream.burst",
        "a number of requests from 1 to 1000",
        |config, given| {
            config.net.burst = given.whole(&(1..=1000))?;
            Ok(())
        },
        |config| Value::Integer(config.net.burst.into()),
    ),
    Setting::new(
        "upstream.concurrency",
        "a number of requests from 1 to 256",
        |config, given| {
            config.net.concurrency = given.whole(&(1..=256_u16))?.into();
            Ok(())
        },
        |config| Value::Integer(i64::try_from(config.net.concurrency).unwrap_or(i64::MAX)),
    ),
    Setting::new(
        "upstream.timeout",
        "a time from \"1s\" to \"60s\"",
        |config, given| {
            config.net.timeout = given.duration(&TIMEOUT)?;
            Ok(())
        },
        |config| print::duration(config.net.timeout),
    ),
    Setting::new(
        "upstream.max_body",
        "a size from \"64KiB\" to \"64MiB\"",
        |config, given| {
            config.net.max_body = given.size(&MAX_BODY)?;
            Ok(())
        },
        |config| print::size(config.net.max_body),
    ),
    Setting::new(
        "upstream.proxies",
        "a list of http, https, socks5 and socks5h addresses, such as [\"socks5h://127.0.0.1:9050\"], or []",
        |config, given| {
            let texts = given.texts(MOST_ADDRESSES)?;
            config.net.proxies = texts.into_iter().map(proxy).collect::<Result<_, _>>()?;
            Ok(())
        },
        |config| print::list(config.net.proxies.iter().map(without_password)),
    )
    .secret(),
    Setting::new(
        "upstream.canary",
        "a channel that is sure to exist, such as \"telegram\"",
        |config, given| {
            config.upstream.canary = channel::parse(given.text()?)?;
            Ok(())
        },
        |config| Value::from(config.upstream.canary.as_str()),
    ),
    Setting::new(
        "upstream.media_hosts",
        "a list of 1 to 64 hosts such as \"telesco.pe\" (with all below it) or \"http://127.0.0.1:9000\" (taken literally); if it is not set, the host of upstream.url is added",
        |config, given| {
            let texts = given.texts(MOST_ADDRESSES)?;
            let hosts: Vec<String> = texts.into_iter().map(media_host).collect::<Result<_, _>>()?;
            if hosts.is_empty() {
                return Err(Why::Shape);
            }
            config.upstream.media_hosts = hosts;
            Ok(())
        },
        |config| print::list(&config.upstream.media_hosts),
    ),
    Setting::new(
        "upstream.user_agent",
        "a text of ASCII characters, or \"\" for feedline's own name and version",
        |config, given| {
            config.net.user_agent = user_agent(given)?;
            Ok(())
        },
        |config| Value::from(config.net.user_agent.as_str()),
    ),
    Setting::new(
        "cache.memory",
        "a size from \"4MiB\" to \"1TiB\"",
        |config, given| {
            config.service.memory = given.size(&MEMORY)?;
            Ok(())
        },
        |config| print::size(config.service.memory),
    ),
    Setting::new(
        "cache.min_age",
        "a time from \"10s\" to \"7d\"",
        |config, given| {
            config.service.min_ttl = given.duration(&AGE)?;
            Ok(())
        },
        |config| print::duration(config.service.min_ttl),
    ),
    Setting::new(
        "cache.max_age",
        "a time from \"10s\" to \"7d\"",
        |config, given| {
            config.service.max_ttl = given.duration(&AGE)?;
            Ok(())
        },
        |config| print::duration(config.service.max_ttl),
    ),
    Setting::new(
        "cache.patience",
        "a time from \"0s\" to \"17s\"",
        |config, given| {
            config.service.refresh_timeout = given.duration(&PATIENCE)?;
            Ok(())
        },
        |config| print::duration(config.service.refresh_timeout),
    ),
    Setting::new(
        "refresh.active_for",
        "a time from \"0s\" to \"365d\"",
        |config, given| {
            config.service.schedule.active_for = given.duration(&ACTIVE_FOR)?;
            Ok(())
        },
        |config| print::duration(config.service.schedule.active_for),
    ),
    Setting::new(
        "refresh.backfill_pages",
        "a number of pages from 0 to 100",
        |config, given| {
            config.service.backfill_pages = given.whole(&(0..=100))?;
            Ok(())
        },
        |config| Value::Integer(config.service.backfill_pages.into()),
    ),
];

/// Scheme, host and port, and nothing else.
fn host(text: &str) -> Result<Url, Why> {
    let url = Url::parse(text).map_err(|_| Why::Shape)?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/";
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_web && is_plain { Ok(url) } else { Err(Why::Shape) }
}

fn proxy(text: &str) -> Result<Url, Why> {
    if text.contains(print::MASK) {
        return Err(Why::Masked);
    }
    let url = Url::parse(text).map_err(|_| Why::Shape)?;
    let is_proxy = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h")
        && url.has_host()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    if is_proxy { Ok(url) } else { Err(Why::Shape) }
}

/// A host with all below it, in lower case, or a literal address.
fn media_host(text: &str) -> Result<String, Why> {
    if text.contains("://") {
        return host(text).map(|url| without_slash(&url));
    }
    let text = text.trim_start_matches('.').to_ascii_lowercase();
    // A name without a dot would let in everything below a top-level domain.
    let is_name = text.contains('.') && !text.ends_with('.') && text.len() <= 253;
    match url::Host::parse(&text) {
        Ok(url::Host::Domain(domain)) if is_name && domain == text => Ok(text),
        _ => Err(Why::Shape),
    }
}

fn user_agent(given: &Given) -> Result<String, Why> {
    let text = given.text()?;
    if text.is_empty() {
        return Ok(net::Settings::default().user_agent);
    }
    let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_printable && text.len() <= LONGEST_AGENT { Ok(text.to_owned()) } else { Err(Why::Shape) }
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

fn without_password(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for addresses that have no host, and so no password.
    if url.password().is_some() && url.set_password(Some(&print::MASK.to_string())).is_err() {
        return String::new();
    }
    without_slash(&url).replace("%E2%80%A6", &print::MASK.to_string())
}
