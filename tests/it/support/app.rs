//! A whole feedline over a fake Telegram, on free local ports, built like the program.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use feedline::app::App;
use feedline::config::Config;
use feedline::demo::{Control, Fault, Repeat, Target, Telegram, World};
use feedline::links::Base;
use feedline::media::Media;
use feedline::service::{Clock, Service, Simulated};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The date at the start of every test.
pub(crate) const START: &str = "2026-05-10T12:00:00Z";

/// The sample channels that have a feed. Together they have every kind of message.
pub(crate) const CHANNELS: [&str; 9] = [
    "tidewater",
    "zenit_library",
    "diwan_alrih",
    "Cha_Yu_Lun",
    "telegram",
    "quiet_corner",
    "blank_page",
    "free_boats_now",
    "tidewater_official",
];

/// A running feedline with its Telegram.
pub(crate) struct TestApp {
    /// `http://127.0.0.1:<port>`
    pub(crate) base: String,
    pub(crate) telegram: Control,
    pub(crate) config: Config,
    clock: Simulated,
    /// Its use cases; `None` during a restart, because they hold the archive open.
    service: Option<Service>,
    media: Option<Media>,
    client: reqwest::Client,
    stop: CancellationToken,
    running: JoinHandle<()>,
    _telegram: Telegram,
    /// The folder of the media cache.
    pub(crate) files: TempDir,
}

/// A response with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl TestApp {
    /// Starts over the sample channels with the default settings.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts over the sample channels with changed settings and an archive `feedline.db` in a folder.
    pub(crate) async fn archived(change: impl FnOnce(&mut Config)) -> (Self, TempDir) {
        let folder = TempDir::new().expect("a folder");
        let app = Self::with(|config| {
            config.archive.path = Some(folder.path().join("feedline.db"));
            // The port changes with a restart.
            config.web.base_url = Some(Base::parse("https://feeds.example").expect("a base"));
            change(config);
        })
        .await;
        (app, folder)
    }

    /// Starts over the sample channels with changed settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let start: DateTime<Utc> = START.parse().expect("a date");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let telegram = Telegram::start(listener, World::sample(start)).expect("a Telegram");
        let control = telegram.control();
        let mut config = Config::default();
        config.web.listen = "127.0.0.1:0".parse().expect("an address");
        config.upstream.url = control.base().parse().expect("an address");
        config.upstream.fallback.clear();
        config.upstream.media_hosts = vec![control.base().to_owned()];
        config.net.rate = 1000.0;
        config.net.burst = 1000;
        config.archive.path = None;
        let files = TempDir::new().expect("a folder");
        config.media.cache_dir = Some(files.path().join("media"));
        // Telegram gets no requests except those that the test causes.
        config.service.schedule.active_for = Duration::ZERO;
        change(&mut config);
        let Clock::Simulated(clock) = Clock::simulated(start) else {
            unreachable!("it was just made")
        };
        let (base, service, media, stop, running) = run(&config, &clock).await;
        Self {
            base,
            telegram: control,
            config,
            clock,
            service: Some(service),
            media: Some(media),
            client: client(),
            stop,
            running,
            _telegram: telegram,
            files,
        }
    }

    /// Advances the clocks of feedline and Telegram.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.leap(time);
        self.telegram.advance(time);
    }

    pub(crate) fn service(&self) -> &Service {
        self.service.as_ref().expect("it runs")
    }

    pub(crate) fn media(&self) -> &Media {
        self.media.as_ref().expect("it runs")
    }

    /// Advances the clocks step by step, so that refreshes ahead of demand begin on time and complete.
    pub(crate) async fn pass_by(&self, time: Duration) {
        let end = self.telegram.now() + time;
        loop {
            let next = self.quiet().await;
            let left = end - self.telegram.now();
            let step = next.map_or(left, |next| left.min(next - self.telegram.now()));
            if left <= TimeDelta::zero() {
                return;
            }
            self.pass(step.max(TimeDelta::milliseconds(1)).to_std().expect("time goes on"));
        }
    }

    /// Waits until no refresh ahead of demand is due or running, and returns the time of the next one.
    pub(crate) async fn quiet(&self) -> Option<DateTime<Utc>> {
        let service = self.service();
        for _ in 0..10_000 {
            let outlook = service.outlook();
            let is_due = outlook.next.is_some_and(|next| next <= service.clock().now());
            if !is_due && outlook.under_way == 0 && outlook.histories == 0 {
                return outlook.next;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("it does not end at {}: {:?}", service.clock().now(), service.outlook());
    }

    /// Makes Telegram answer every request with an error.
    pub(crate) fn break_telegram(&self) {
        let broken = Fault::Status { code: 500, retry_after: None };
        self.telegram.fault(Target::Everything, broken, Repeat::Always);
    }

    /// GET with the headers of a simple reader.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// GET, with status 200.
    pub(crate) async fn ok(&self, path: &str) -> Answer {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer
    }

    /// GET with headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request(reqwest::Method::GET, path, headers).await
    }

    /// GET with the headers of a browser.
    pub(crate) async fn browse(&self, path: &str) -> Answer {
        self.get_with(path, &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]).await
    }

    /// Any request. Redirects are not followed, content encodings are not decoded.
    pub(crate) async fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            (
                name.parse::<HeaderName>().expect("a header"),
                value.parse::<HeaderValue>().expect("a value"),
            )
        });
        let request =
            self.client.request(method, format!("{}{path}", self.base)).headers(headers.collect());
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.expect("a whole body").to_vec() }
    }

    /// Stops as on a signal, and starts again with the same settings and archive.
    pub(crate) async fn restart(&mut self) {
        self.stop.cancel();
        (&mut self.running).await.expect("it ends well");
        (self.service, self.media) = (None, None);
        let (base, service, media, stop, running) = run(&self.config, &self.clock).await;
        (self.base, self.service, self.media) = (base, Some(service), Some(media));
        (self.stop, self.running) = (stop, running);
    }

    /// Stops as on a signal, and waits for the end.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.running.await.expect("it ends well");
    }
}

async fn run(
    config: &Config,
    clock: &Simulated,
) -> (String, Service, Media, CancellationToken, JoinHandle<()>) {
    let app = App::build(config, Clock::Simulated(clock.clone())).await.expect("feedline starts");
    let base = format!("http://{}", app.address());
    let (service, media) = (app.service().clone(), app.media().clone());
    let stop = CancellationToken::new();
    let running = tokio::spawn(app.run(stop.clone()));
    (base, service, media, stop, running)
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// A header's value, empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a plain header"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The ids of a JSON Feed's items, without the common prefix.
    pub(crate) fn ids(&self) -> Vec<String> {
        let json = self.json();
        let items = json["items"].as_array().expect("items");
        let id = |item: &serde_json::Value| {
            item["id"].as_str().expect("an id").replace("https://t.me/", "")
        };
        items.iter().map(id).collect()
    }
}

/// An HTTP client without redirects, cookies and decompression.
pub(crate) fn client() -> reqwest::Client {
    // Another client may have installed it already.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .no_brotli()
        .no_proxy()
        .pool_max_idle_per_host(2000)
        .build()
        .expect("a client")
}
