//! Whether Telegram can be reached: each host, through each outbound address, and then a channel.

use anyhow::Context as _;
use chrono::TimeDelta;
use futures_util::future::join_all;
use url::Url;

use super::page;
use super::report::Report;
use crate::config::Config;
use crate::model::Target;
use crate::net::{self, Cause, Client};
use crate::service::Clock;
use crate::text::counted;
use crate::upstream::{
    self, Class, NetworkError, Priority, Query, Reached, Refusal, Settings, Upstream,
};

/// How far this machine's clock may be from Telegram's: dates of feeds are rounded to less, and certificates of TLS are
/// valid for longer.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(2);

/// Each host through each way out, and the canary through each.
pub(super) async fn check(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    if config.upstream.proxies.is_empty() {
        return check_way(config, &config.net_settings(), "directly", report).await;
    }
    for proxy in &config.upstream.proxies {
        let settings = net::Settings { proxies: vec![proxy.clone()], ..config.net_settings() };
        check_way(config, &settings, &format!("through {}", name(proxy)), report).await?;
    }
    Ok(())
}

/// What a channel's page gives, and a post's if the link names one.
pub(super) async fn check_channel(
    config: &Config,
    target: &Target,
    report: &mut Report,
) -> anyhow::Result<()> {
    report.section(&format!("@{}", target.channel))?;
    let upstream = Upstream::new(client(&config.net_settings())?, &config.upstream_settings());
    if !config.channels.allows(&target.channel) {
        report.note("channels.allow and channels.deny keep this server from serving it")?;
    }
    match upstream.page(&target.channel, &Query::Newest, &waiting()).await {
        Ok(fetched) => {
            report.good(&format!("its page comes in {} ms", fetched.elapsed.as_millis()))?;
            page::list(&fetched.page, &fetched.warnings, report)?;
            page::end(&fetched.page, report)?;
        }
        // Single messages of a public group are served all the same.
        Err(refusal @ Refusal::Group { .. }) if target.message.is_some() => {
            report.note(&format!("{}, so there is no feed of it", refusal.message()))?;
        }
        Err(refusal) => refused(&refusal, report)?,
    }
    let Some(id) = target.message else { return Ok(()) };
    report.section(&format!("@{}, post {id}", target.channel))?;
    match upstream.post(&target.channel, id, &waiting()).await {
        Ok(fetched) => page::post(&fetched.post, &fetched.warnings, report),
        Err(refusal) => refused(&refusal, report),
    }
}

async fn check_way(
    config: &Config,
    settings: &net::Settings,
    way: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    report.section(&format!("Telegram, {way}"))?;
    let client = client(settings)?;
    let hosts = std::iter::once(&config.upstream.url).chain(&config.upstream.fallback);
    let asked = hosts.map(|host| {
        let only =
            Settings { url: host.clone(), fallback: Vec::new(), ..config.upstream_settings() };
        let upstream = Upstream::new(client.clone(), &only);
        async move { (host, upstream.reach().await) }
    });
    let mut is_reachable = false;
    for (number, (host, outcome)) in join_all(asked).await.into_iter().enumerate() {
        let (host, is_first) = (place(host), number == 0);
        match outcome {
            Ok(reached) => {
                is_reachable = true;
                check_answer(&host, &reached, report)?;
            }
            Err(refusal) => {
                let advice = advice(&refusal, is_first);
                unreached(&host, &refusal, &advice, report)?;
            }
        }
    }
    // Without any host there is nothing more to learn.
    if is_reachable {
        check_canary(&client, &config.upstream_settings(), report).await
    } else {
        Ok(())
    }
}

fn check_answer(host: &str, reached: &Reached, report: &mut Report) -> anyhow::Result<()> {
    report.good(&format!("{host} answers in {} ms", reached.elapsed.as_millis()))?;
    let Some(date) = reached.date else { return Ok(()) };
    let difference = Clock::System.now() - date;
    if difference.abs() <= CLOCK_DIFFERENCE {
        return Ok(());
    }
    let side = if difference < TimeDelta::zero() { "behind" } else { "ahead of" };
    let text = format!("this machine's clock is {} {side} that of {host}", spell(difference.abs()));
    report.wrong(&text, "Set the clock, and let it be kept by NTP: freshness and TLS go by it.")
}

/// The canary's list, as any channel's: it tells that pages come and can be read.
async fn check_canary(
    client: &Client,
    settings: &upstream::Settings,
    report: &mut Report,
) -> anyhow::Result<()> {
    let canary = &settings.canary;
    let upstream = Upstream::new(client.clone(), settings);
    match upstream.page(canary, &Query::Newest, &waiting()).await {
        Ok(fetched) if fetched.page.posts.is_empty() => report.wrong(
            &format!("the canary @{canary} has no posts"),
            "Set upstream.canary to a channel that has: it is what tells a doubt about a channel from a throttled address.",
        ),
        Ok(fetched) => {
            let posts = counted(fetched.page.posts.len(), "post");
            report.good(&format!("the canary @{canary} shows {posts}"))
        }
        Err(refusal) => {
            let text = format!("the canary @{canary} is refused: {}", refusal.message());
            let advice = format!(
                "{} If https://t.me/{canary} is no public channel, set upstream.canary to one.",
                refusal.detail_for_operator()
            );
            report.wrong(&text, &advice)
        }
    }
}

fn unreached(
    host: &str,
    refusal: &Refusal,
    advice: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    match refusal {
        Refusal::Unreachable(NetworkError::Network { cause, .. }) => {
            report.wrong(&format!("{host} cannot be reached: {cause}"), advice)
        }
        other => report.wrong(&format!("{host}: {}", other.message()), advice),
    }
}

/// What to do about a host that gives no answer; the first is that of `upstream.url`, the others are fallbacks.
fn advice(refusal: &Refusal, is_first: bool) -> String {
    let Refusal::Unreachable(NetworkError::Network { cause, proxied, .. }) = refusal else {
        return refusal.detail_for_operator();
    };
    let advice = match cause {
        Cause::Tls => {
            "Are CA certificates installed (in Debian: ca-certificates), and is this machine's clock right?"
        }
        _ if *proxied => "Is the proxy of upstream.proxies running, and may it go there?",
        Cause::Dns => {
            "The resolver of this machine does not know it, or may not: check the network, or set upstream.proxies."
        }
        _ if is_first => {
            "It is down, or blocked here: set upstream.proxies, or another address of Telegram's as upstream.url."
        }
        _ => {
            "It is down, or blocked here: set upstream.proxies, or take it out of upstream.fallback."
        }
    };
    advice.to_owned()
}

fn refused(refusal: &Refusal, report: &mut Report) -> anyhow::Result<()> {
    report.wrong(&refusal.message().to_string(), &refusal.detail_for_operator())
}

fn client(settings: &net::Settings) -> anyhow::Result<Client> {
    Client::new(settings).context("the settings of [upstream] do not work")
}

fn waiting() -> Priority {
    Priority::new(Class::Waiting)
}

/// A proxy without its user and password.
fn name(proxy: &Url) -> String {
    format!("{}://{}", proxy.scheme(), place(proxy))
}

/// The host of an address, and its port where it is not the usual one.
fn place(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn spell(difference: TimeDelta) -> impl std::fmt::Display {
    let seconds = u64::try_from(difference.num_seconds()).unwrap_or_default();
    humantime::format_duration(std::time::Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        for (proxy, shown) in [
            ("socks5h://anna:hunter2@127.0.0.1:9050", "socks5h://127.0.0.1:9050"),
            ("http://proxy.example", "http://proxy.example"),
            ("socks5://[::1]", "socks5://[::1]"),
        ] {
            assert_eq!(name(&proxy.parse().unwrap()), shown);
        }
    }
}
