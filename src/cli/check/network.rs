//! Checks of the network: each host through each outbound address, the canary, a channel.

use chrono::TimeDelta;
use futures_util::future::join_all;
use url::Url;

use super::page;
use super::report::Report;
use crate::app;
use crate::cli::refusal;
use crate::config::Config;
use crate::model::Target;
use crate::net::{self, Cause, Client};
use crate::service::Clock;
use crate::text::counted;
use crate::upstream::{
    self, Class, NetworkError, Priority, Query, Reached, Refusal, Settings, Upstream,
};

/// The tolerated clock difference.
const MAX_CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(2);

pub(super) async fn check(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    if config.net.proxies.is_empty() {
        return check_outbound(config, &config.net, "directly", report).await;
    }
    for proxy in &config.net.proxies {
        let settings = net::Settings { proxies: vec![proxy.clone()], ..config.net.clone() };
        check_outbound(config, &settings, &format!("through {}", shown(proxy)), report).await?;
    }
    Ok(())
}

/// Checks a channel's page, and a post if the link has one.
pub(super) async fn check_channel(
    config: &Config,
    target: &Target,
    report: &mut Report,
) -> anyhow::Result<()> {
    report.section(format!("@{}", target.channel));
    let upstream = Upstream::new(app::build_client(&config.net)?, &config.upstream);
    if !config.web.serves(&target.channel) {
        report.note("not served because of channels.allow and channels.deny");
    }
    match upstream.page(&target.channel, &Query::Newest, &waiting()).await {
        Ok(fetched) => {
            report.good(format!("page received in {} ms", fetched.elapsed.as_millis()));
            page::list(&fetched.page, &fetched.warnings, report);
            page::end(&fetched.page, report);
        }
        // Posts of public groups are served.
        Err(refusal @ Refusal::Group { .. }) if target.message.is_some() => {
            report.note(format!("{}: it has no feed", refusal::title(&refusal)));
        }
        Err(refusal) => refused(&refusal, report),
    }
    let Some(id) = target.message else { return Ok(()) };
    report.section(format!("@{}, post {id}", target.channel));
    match upstream.post(&target.channel, id, &waiting()).await {
        Ok(fetched) => page::post(&fetched.post, &fetched.warnings, report),
        Err(refusal) => refused(&refusal, report),
    }
    Ok(())
}

async fn check_outbound(
    config: &Config,
    settings: &net::Settings,
    route: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    report.section(format!("Telegram, {route}"));
    let client = app::build_client(settings)?;
    let hosts = std::iter::once(&config.upstream.url).chain(&config.upstream.fallback);
    let requests = hosts.map(|host| {
        let only = Settings { url: host.clone(), fallback: Vec::new(), ..config.upstream.clone() };
        let upstream = Upstream::new(client.clone(), &only);
        async move { (host, upstream.reach().await) }
    });
    let mut is_reachable = false;
    for (number, (host, outcome)) in join_all(requests).await.into_iter().enumerate() {
        let (host, is_first) = (host_and_port(host), number == 0);
        match outcome {
            Ok(reached) => {
                is_reachable = true;
                check_clock(&host, &reached, report);
            }
            Err(refusal) => report_unreachable(&host, &refusal, is_first, report),
        }
    }
    if is_reachable {
        check_canary(&client, &config.upstream, report).await;
    }
    Ok(())
}

fn check_clock(host: &str, reached: &Reached, report: &mut Report) {
    report.good(format!("{host} answers in {} ms", reached.elapsed.as_millis()));
    let Some(date) = reached.date else { return };
    let difference = Clock::System.now() - date;
    if difference.abs() <= MAX_CLOCK_DIFFERENCE {
        return;
    }
    let side = if difference < TimeDelta::zero() { "behind" } else { "ahead of" };
    let text = format!(
        "this machine's clock is {} {side} that of {host}",
        format_duration(difference.abs())
    );
    report.problem(text, "Set the clock, best by NTP: caching and TLS depend on it.");
}

async fn check_canary(client: &Client, settings: &upstream::Settings, report: &mut Report) {
    let canary = &settings.canary;
    let upstream = Upstream::new(client.clone(), settings);
    match upstream.page(canary, &Query::Newest, &waiting()).await {
        Ok(fetched) if fetched.page.posts.is_empty() => report.problem(
            format!("the canary @{canary} has no posts"),
            "Set upstream.canary to a channel with posts: it tells missing channels from throttling.",
        ),
        Ok(fetched) => {
            let posts = counted(fetched.page.posts.len(), "post");
            report.good(format!("the canary @{canary} shows {posts}"))
        }
        Err(refusal) => {
            let text = format!("the canary @{canary} is refused: {}", refusal::title(&refusal));
            let advice = format!(
                "{} If https://t.me/{canary} is not a public channel, set upstream.canary to a public channel.",
                refusal::detail(&refusal)
            );
            report.problem(text, &advice);
        }
    }
}

/// The first host is `upstream.url`, the others are fallbacks.
fn report_unreachable(host: &str, refusal: &Refusal, is_first: bool, report: &mut Report) {
    let Refusal::Unreachable(NetworkError::Network { cause, proxied, .. }) = refusal else {
        let text = format!("{host}: {}", refusal::title(refusal));
        return report.problem(text, &refusal::detail(refusal));
    };
    let advice = match cause {
        Cause::Tls => {
            "Install CA certificates (Debian: ca-certificates), and check this machine's clock."
        }
        _ if *proxied => {
            "Check that the proxy of upstream.proxies is running and may connect to this host."
        }
        Cause::Dns => "Check the DNS resolver of this machine, or set upstream.proxies.",
        _ if is_first => {
            "It is down or blocked here: set upstream.proxies, or another host of Telegram as upstream.url."
        }
        _ => {
            "It is down or blocked here: set upstream.proxies, or remove it from upstream.fallback."
        }
    };
    report.problem(format!("{host} cannot be reached: {cause}"), advice);
}

fn refused(refusal: &Refusal, report: &mut Report) {
    report.problem(refusal::title(refusal), &refusal::detail(refusal));
}

fn waiting() -> Priority {
    Priority::new(Class::Waiting)
}

/// Without user and password.
fn shown(proxy: &Url) -> String {
    format!("{}://{}", proxy.scheme(), host_and_port(proxy))
}

/// The port only if it is not the default one.
fn host_and_port(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn format_duration(difference: TimeDelta) -> impl std::fmt::Display {
    let seconds = u64::try_from(difference.num_seconds()).unwrap_or_default();
    humantime::format_duration(std::time::Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn proxy_is_shown_without_password() {
        for (proxy, expected) in [
            ("socks5h://anna:hunter2@127.0.0.1:9050", "socks5h://127.0.0.1:9050"),
            ("http://proxy.example", "http://proxy.example"),
            ("socks5://[::1]", "socks5://[::1]"),
        ] {
            assert_eq!(shown(&proxy.parse().unwrap()), expected);
        }
    }
}
