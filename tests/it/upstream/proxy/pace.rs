//! Each proxy has its own tokens and its own back-off, and an unreachable proxy is skipped. In simulated time.

use std::net::SocketAddr;
use std::time::Duration;

use feedline::demo::{Control, Fault, Repeat, RequestKind, Target, Telegram};
use feedline::net::{self, Client};
use feedline::upstream::Upstream;
use futures_util::future::join_all;

use super::server::{Manner, Proxy, Speech};
use super::{page, telegram, unspeakable, upstream};
use crate::support::Simulation;

const SECOND: Duration = Duration::from_secs(1);

/// Proxies in different countries: each leads to a different server of Telegram.
struct Countries {
    fakes: Vec<(Telegram, Control)>,
    _proxies: Vec<Proxy>,
    client: Client,
    upstream: Upstream,
}

impl Countries {
    async fn new(number: usize, settings: net::Settings) -> Self {
        let (mut fakes, mut proxies) = (Vec::new(), Vec::new());
        for _ in 0..number {
            let (fake, control) = telegram().await;
            proxies.push(Proxy::start(Speech::Socks, knowing(fake.address())).await);
            fakes.push((fake, control));
        }
        let urls: Vec<String> = proxies.iter().map(|proxy| proxy.url("socks5h", "")).collect();
        let (client, upstream) = upstream(settings, &urls, &format!("http://{}", unspeakable()));
        Self { fakes, _proxies: proxies, client, upstream }
    }

    fn lists(&self, country: usize) -> u64 {
        self.fakes[country].1.hits_of_kind(RequestKind::List)
    }
}

/// A proxy that resolves Telegram's name.
fn knowing(address: SocketAddr) -> Manner {
    Manner { names: vec![(unspeakable(), address)], ..Manner::default() }
}

/// The default settings without a burst.
fn steady() -> net::Settings {
    net::Settings { burst: 1, ..net::Settings::default() }
}

#[tokio::test]
async fn two_proxies_double_the_rate() {
    let simulation = Simulation::begin();
    for number in [1_u32, 2, 3] {
        let countries = Countries::new(number as usize, steady()).await;
        let begin = simulation.elapsed();
        let pages = (0..30 * number).map(|_| page(&countries.upstream));
        assert!(join_all(pages).await.iter().all(Result::is_ok));
        // The first is sent at once, the other 29 at two a second.
        let (least, took) = (SECOND * 29 / 2, simulation.elapsed() - begin);
        assert!((least..least + SECOND).contains(&took), "{number}: {took:?}");
        for country in 0..number as usize {
            assert_eq!(countries.lists(country), 30, "{country} of {number}");
        }
    }
}

#[tokio::test]
async fn throttled_proxy_backs_off_alone() {
    let _simulation = Simulation::begin();
    let countries = Countries::new(2, net::Settings::default()).await;
    let throttled = Fault::Status { code: 429, retry_after: Some(120) };
    countries.fakes[0].1.fault(Target::Everything, throttled, Repeat::Always);
    for _ in 0..10 {
        assert!(page(&countries.upstream).await.is_ok(), "the other one answers");
    }
    assert_eq!(countries.client.backoff(None), Duration::ZERO);
    let before = (countries.fakes[0].1.total(), countries.lists(1));
    assert_eq!(before, (2, 10), "the page, and the canary that was refused too");
    tokio::time::sleep(SECOND * 100).await;
    for _ in 0..30 {
        assert!(page(&countries.upstream).await.is_ok());
    }
    assert_eq!(countries.fakes[0].1.total(), 2, "no requests during the back-off");
    assert_eq!(countries.lists(1), 40);
    countries.fakes[0].1.clear_faults();
    tokio::time::sleep(SECOND * 30).await;
    let pages = (0..10).map(|_| page(&countries.upstream));
    assert!(join_all(pages).await.iter().all(Result::is_ok));
    assert!(countries.fakes[0].1.total() > 2, "requests after the back-off");
}

#[tokio::test]
async fn shortest_backoff_is_reported_if_all_proxies_are_throttled() {
    let _simulation = Simulation::begin();
    let countries = Countries::new(2, net::Settings::default()).await;
    for (country, seconds) in [(0, 300), (1, 60)] {
        let fault = Fault::Status { code: 429, retry_after: Some(seconds) };
        countries.fakes[country].1.fault(Target::Everything, fault, Repeat::Always);
    }
    // The first request finds one proxy throttled, and gets the refusal from the other.
    let refusal = page(&countries.upstream).await.unwrap_err();
    assert_eq!(refusal.code(), "throttled");
    let refusal = page(&countries.upstream).await.unwrap_err();
    let pause = refusal.retry_after().unwrap();
    assert!((SECOND * 58..=SECOND * 60).contains(&pause), "{pause:?}");
}

#[tokio::test]
async fn unreachable_proxy_delays_at_most_one_request() {
    let simulation = Simulation::begin();
    let (fake, control) = telegram().await;
    let good = Proxy::start(Speech::Socks, knowing(fake.address())).await;
    let mute = Manner { is_mute: true, ..Manner::default() };
    let closed = Proxy::start(Speech::Http, Manner::default()).await.url("http", "");
    let strict = Manner { secret: Some(("anna", "other")), ..knowing(fake.address()) };
    for (name, bad, most) in [
        ("nobody listens", closed, Duration::ZERO),
        (
            "wrong password",
            Proxy::start(Speech::Socks, strict).await.url("socks5h", "anna:x"),
            Duration::ZERO,
        ),
        (
            "another language",
            Proxy::start(Speech::Http, Manner::default()).await.url("socks5h", ""),
            SECOND * 5,
        ),
        ("silent", Proxy::start(Speech::Socks, mute).await.url("socks5h", ""), SECOND * 5),
    ] {
        let proxies = [bad, good.url("socks5h", "")];
        let settings = net::Settings { rate: 100.0, ..net::Settings::default() };
        let (_, upstream) = upstream(settings, &proxies, &format!("http://{}", unspeakable()));
        let (mut begin, mut slow_requests) = (simulation.elapsed(), 0);
        for _ in 0..6 {
            assert!(page(&upstream).await.is_ok(), "{name}");
            let took = simulation.elapsed() - begin;
            slow_requests += u32::from(took >= SECOND);
            assert!(took < most + SECOND, "{name}: {took:?}");
            begin = simulation.elapsed();
        }
        assert!(slow_requests <= 1, "{name}: only the first waits for it");
    }
    assert_eq!(control.hits_of_kind(RequestKind::List), 24);
    assert_eq!(good.seen().strangers, 0);
}
