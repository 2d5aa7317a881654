//! Outbound proxies: real ones on loopback, between feedline and a fake Telegram.

mod pace;
mod secure;
mod server;

use std::io;
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use feedline::demo::{Control, Telegram, World};
use feedline::model::ChannelName;
use feedline::net::{self, Cause, Class, Client, Priority};
use feedline::upstream::{self, Fetched, NetworkError, Query, Refusal, Upstream};
use tokio::net::TcpListener;

use server::{Manner, Proxy, Speech};

/// A host name with a label longer than DNS allows, so that the local resolver cannot resolve it. Only a proxy can.
fn unspeakable() -> String {
    format!("{}.example", "t".repeat(70))
}

async fn telegram() -> (Telegram, Control) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let telegram = Telegram::start(listener, World::sample(start)).unwrap();
    let control = telegram.control();
    (telegram, control)
}

/// An upstream on one host without a fallback, through these proxies.
fn upstream(settings: net::Settings, proxies: &[String], host: &str) -> (Client, Upstream) {
    let proxies = proxies.iter().map(|url| url.parse().unwrap()).collect();
    let client = Client::new(&net::Settings { proxies, ..settings }).unwrap();
    let settings = upstream::Settings {
        url: host.parse().unwrap(),
        fallback: Vec::new(),
        ..upstream::Settings::default()
    };
    (client.clone(), Upstream::new(client, &settings))
}

fn paceless() -> net::Settings {
    net::Settings { rate: 1000.0, burst: 1000, ..net::Settings::default() }
}

async fn page(upstream: &Upstream) -> Result<Fetched, Refusal> {
    let channel = ChannelName::parse("tidewater").unwrap();
    upstream.page(&channel, &Query::Newest, &Priority::new(Class::Waiting)).await
}

/// Everything that this thread logs, at every level, until it is dropped.
struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
    /// With only one subscriber, tracing caches the interest of a thread without subscriber as "never"; other tests
    /// have such threads.
    _second: tracing::Dispatch,
}

impl Log {
    fn begin() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let writer = Writer(Arc::clone(&text));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let second = tracing::Dispatch::new(tracing_subscriber::registry());
        Self { text, _guard: tracing::subscriber::set_default(subscriber), _second: second }
    }

    fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone)]
struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn http_and_socks_proxies_are_used() {
    let (telegram, control) = telegram().await;
    for (scheme, speech) in
        [("http", Speech::Http), ("socks5", Speech::Socks), ("socks5h", Speech::Socks)]
    {
        control.reset_counts();
        let proxy = Proxy::start(speech, Manner::default()).await;
        let (_, upstream) = upstream(paceless(), &[proxy.url(scheme, "")], control.base());
        let fetched = page(&upstream).await.unwrap();
        assert_eq!(fetched.page.channel.name.as_str(), "tidewater", "{scheme}");
        assert_eq!(proxy.seen().targets, [telegram.address().to_string()], "{scheme}");
        assert_eq!(control.total(), 1, "{scheme}: nothing beside the proxy");
    }
}

#[tokio::test]
async fn proxy_scheme_decides_where_names_are_resolved() {
    let (telegram, _) = telegram().await;
    let host = unspeakable();
    let url = format!("http://{host}:{}", telegram.address().port());
    let manner = Manner { names: vec![(host.clone(), telegram.address())], ..Manner::default() };
    for (scheme, speech) in [("http", Speech::Http), ("socks5h", Speech::Socks)] {
        let proxy = Proxy::start(speech, manner.clone()).await;
        let (_, upstream) = upstream(paceless(), &[proxy.url(scheme, "")], &url);
        assert!(page(&upstream).await.is_ok(), "{scheme}");
        assert_eq!(proxy.seen().targets, [format!("{host}:{}", telegram.address().port())]);
    }
    let proxy = Proxy::start(Speech::Socks, manner).await;
    let (_, by_us) = upstream(paceless(), &[proxy.url("socks5", "")], &url);
    let expected = NetworkError::Network { host, cause: Cause::Dns, proxied: true };
    assert_eq!(page(&by_us).await.unwrap_err(), Refusal::Unreachable(expected));
    assert_eq!(proxy.seen().connections, 0, "no connection to the proxy");

    let (_, by_us) = upstream(
        paceless(),
        &[proxy.url("socks5", "")],
        &format!("http://localhost:{}", telegram.address().port()),
    );
    assert!(page(&by_us).await.is_ok());
    assert_eq!(proxy.seen().targets, [telegram.address().to_string()], "an address, no name");
}

#[tokio::test]
async fn dead_proxy_is_reported_as_proxy_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let nameless = format!("{}:1080", unspeakable());
    for scheme in ["http", "https", "socks5", "socks5h"] {
        for (proxy, host) in [
            (nobody.to_string(), "http://127.0.0.1:1"),
            (nobody.to_string(), "https://127.0.0.1:1"),
            (nameless.clone(), "http://127.0.0.1:1"),
            (nameless.clone(), "https://127.0.0.1:1"),
        ] {
            let (_, upstream) = upstream(paceless(), &[format!("{scheme}://{proxy}")], host);
            let refusal = page(&upstream).await.unwrap_err();
            let expected = NetworkError::Network {
                host: "127.0.0.1".to_owned(),
                cause: Cause::Proxy,
                proxied: true,
            };
            assert_eq!(refusal, Refusal::Unreachable(expected), "{scheme}://{proxy} to {host}");
        }
    }
}

#[tokio::test]
async fn proxy_password_is_sent_to_proxy_only() {
    let (_telegram, control) = telegram().await;
    let log = Log::begin();
    // Percent-encoded, as in a URL.
    let (right, wrong) = ("anna:s%40cret%2Fcr%3Aab", "anna:s%40cret%2Fcrow");
    let secrets = ["s@cret/cr", "s%40cret", "s%40cret%2Fcr", "YW5uYTpzQGNyZXQv"];
    for (scheme, speech) in
        [("http", Speech::Http), ("socks5", Speech::Socks), ("socks5h", Speech::Socks)]
    {
        let secret = Some(("anna", "s@cret/cr:ab"));
        let proxy = Proxy::start(speech, Manner { secret, ..Manner::default() }).await;
        let (client, admitted) = upstream(paceless(), &[proxy.url(scheme, right)], control.base());
        assert!(page(&admitted).await.is_ok(), "{scheme}");
        assert_eq!(proxy.seen().strangers, 0, "{scheme}");
        let mut texts = vec![format!("{client:?} {admitted:?}")];
        for user in [wrong, ""] {
            let (_, refused) = upstream(paceless(), &[proxy.url(scheme, user)], control.base());
            let refusal = page(&refused).await.unwrap_err();
            let host = "127.0.0.1".to_owned();
            let expected = NetworkError::Network { host, cause: Cause::Proxy, proxied: true };
            assert_eq!(refusal, Refusal::Unreachable(expected), "{scheme} {user}");
            texts.push(format!("{refusal} {refusal:?}"));
        }
        assert!(proxy.seen().strangers >= 2, "{scheme}");
        for secret in secrets {
            assert!(!texts.iter().any(|text| text.contains(secret)), "{scheme}: {texts:?}");
        }
    }
    let log = log.text();
    assert!(log.contains("upstream request failed") && log.contains("net.outbound=0"), "{log}");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
