//! `[server]` and `[limits]`: the HTTP server.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;
use toml::Value;

use super::Setting;
use crate::config::error::Why;
use crate::config::print;
use crate::config::value::Given;
use crate::links::Base;

/// The most proxies that can be trusted by address.
const MOST_PROXIES: usize = 256;

/// The bounds of `server.grace`.
const GRACE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(10 * 60);

/// The bounds of `limits.new_fetch_interval`.
const NEW_FETCH_INTERVAL: RangeInclusive<Duration> =
    Duration::from_millis(10)..=Duration::from_secs(60 * 60);

/// The bounds of `limits.header_size`: below 8 KiB the server's own buffer would not fit.
const HEADER_SIZE: RangeInclusive<ByteSize> = ByteSize::kib(8)..=ByteSize::mib(1);

/// The bounds of `limits.body_size`.
const BODY_SIZE: RangeInclusive<ByteSize> = ByteSize::kib(1)..=ByteSize::mib(16);

/// The bounds of `limits.header_timeout`.
const HEADER_TIMEOUT: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(120);

/// The bounds of `limits.request_timeout`: the longest wait for Telegram, 18 s, must fit.
const REQUEST_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_secs(20)..=Duration::from_secs(600);

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "server.listen",
        "an IP address and a port, such as \"127.0.0.1:8417\", or \"0.0.0.0:8417\" for every network",
        |config, given| {
            config.web.listen = given.text()?.parse().map_err(|_| Why::Shape)?;
            Ok(())
        },
        |config| Value::String(config.web.listen.to_string()),
    ),
    Setting::new(
        "server.base_url",
        "an http or https address such as \"https://feeds.example.org\" or \"https://example.org/feeds\", without user, \
         query and fragment, or \"\" for the address of each request",
        |config, given| {
            let text = given.text()?;
            let base = (!text.is_empty()).then(|| Base::parse(text).map_err(|_| Why::Shape));
            config.web.base_url = base.transpose()?;
            Ok(())
        },
        |config| Value::from(config.web.base_url.as_ref().map_or("", Base::as_str)),
    ),
    Setting::new(
        "server.trusted_proxies",
        "a list of addresses and networks, such as [\"127.0.0.0/8\", \"::1\"]",
        |config, given| {
            config.web.trusted_proxies = networks(given)?;
            Ok(())
        },
        |config| print::list(config.web.trusted_proxies.iter().map(network)),
    ),
    Setting::new(
        "server.grace",
        "a time from \"0s\" to \"10m\"",
        |config, given| {
            config.web.grace = given.duration(&GRACE)?;
            Ok(())
        },
        |config| print::duration(config.web.grace),
    ),
    Setting::new(
        "limits.new_fetches",
        "a number of fetches from 1 to 100000",
        |config, given| {
            config.service.client_burst = given.whole(&(1..=100_000))?;
            Ok(())
        },
        |config| Value::Integer(config.service.client_burst.into()),
    ),
    Setting::new(
        "limits.new_fetch_interval",
        "a time from \"10ms\" to \"1h\"",
        |config, given| {
            config.service.client_interval = given.duration(&NEW_FETCH_INTERVAL)?;
            Ok(())
        },
        |config| print::duration(config.service.client_interval),
    ),
    Setting::new(
        "limits.connections",
        "a number of connections from 1 to 1000000",
        |config, given| {
            let number = given.whole(&(1..=1_000_000_u32))?;
            config.web.connections = usize::try_from(number).map_err(|_| Why::Shape)?;
            Ok(())
        },
        |config| Value::Integer(i64::try_from(config.web.connections).unwrap_or(i64::MAX)),
    ),
    Setting::new(
        "limits.header_size",
        "a size from \"8KiB\" to \"1MiB\"",
        |config, given| {
            config.web.header_size = given.size(&HEADER_SIZE)?;
            Ok(())
        },
        |config| print::size(config.web.header_size),
    ),
    Setting::new(
        "limits.header_timeout",
        "a time from \"1s\" to \"2m\"",
        |config, given| {
            config.web.header_timeout = given.duration(&HEADER_TIMEOUT)?;
            Ok(())
        },
        |config| print::duration(config.web.header_timeout),
    ),
    Setting::new(
        "limits.body_size",
        "a size from \"1KiB\" to \"16MiB\"",
        |config, given| {
            config.web.body_size = given.size(&BODY_SIZE)?;
            Ok(())
        },
        |config| print::size(config.web.body_size),
    ),
    Setting::new(
        "limits.request_timeout",
        "a time from \"20s\" to \"10m\"",
        |config, given| {
            config.web.request_timeout = given.duration(&REQUEST_TIMEOUT)?;
            Ok(())
        },
        |config| print::duration(config.web.request_timeout),
    ),
];

fn networks(given: &Given) -> Result<Vec<IpNet>, Why> {
    let parse = |text: &str| {
        let network = text.parse::<IpNet>().map(|network| network.trunc());
        network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| Why::Shape)
    };
    given.texts(MOST_PROXIES)?.into_iter().map(parse).collect()
}

/// A network as people write it: a single address without its mask.
fn network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}
