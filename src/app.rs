//! The composition root: builds everything in order, runs it, and stops it in the reverse order.
//!
//! The tests use the same path, on port 0.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::archive::Archive;
use crate::config::Config;
use crate::links::Base;
use crate::media::Media;
use crate::net;
use crate::service::{Clock, Service};
use crate::upstream::Upstream;
use crate::web::{self, Server};

/// A feedline that listens and can be run.
pub struct App {
    server: Server,
    archive: Archive,
    service: Service,
    media: Media,
    tasks: TaskTracker,
    grace: Duration,
}

/// The use cases without a server.
///
/// # Errors
/// What of the settings does not work.
pub fn build_service(
    config: &Config,
    files: net::FileClient,
    archive: Archive,
    clock: Clock,
    tasks: &TaskTracker,
) -> anyhow::Result<Service> {
    let client = net::Client::new(&config.net_settings())
        .context("the settings of [upstream] do not work")?;
    let upstream = Upstream::new(client, &config.upstream_settings());
    Ok(Service::new(upstream, files, archive, config.service_settings(), clock, tasks))
}

/// What fetches files from Telegram's servers.
///
/// # Errors
/// What of the settings does not work.
pub fn build_files(config: &Config) -> anyhow::Result<net::FileClient> {
    let files =
        net::FileClient::new(&config.net_settings(), config.upstream_settings().file_hosts());
    files.context("the settings of [upstream] do not work")
}

impl App {
    /// Builds everything and listens.
    ///
    /// # Errors
    /// What of the settings does not work, or why the address cannot be listened on.
    pub async fn build(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let tasks = TaskTracker::new();
        let archive = Archive::start(&config.archive_settings())?;
        let files = build_files(config)?;
        let service = build_service(config, files.clone(), archive.clone(), clock, &tasks)?;
        let media = Media::new(service.clone(), files, config.media_settings(), &tasks);
        let settings = config.web_settings();
        let server = Server::bind(&settings, |address| {
            let settings = web::Settings { listen: address, ..settings.clone() };
            web::State::new(service.clone(), media.clone(), settings)
        })
        .await?;
        Ok(Self { server, archive, service, media, tasks, grace: settings.grace })
    }

    /// Logs where it listens, which base its feeds get, and where the archive is.
    pub fn announce(&self, base: Option<&Base>) {
        tracing::info!("feedline is ready: http://{}/", self.address());
        match base {
            Some(base) => tracing::info!("addresses in feeds begin with {}", base.as_str()),
            None => tracing::info!(
                "addresses in feeds begin with the host that each request names, unless server.base_url is set"
            ),
        }
        // If it cannot be opened, that is in the log already, and each post tries again.
        if let Some(path) = self.archive.path().filter(|_| self.archive.health().is_ok()) {
            tracing::info!("the archive is {}", path.display());
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The use cases.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Files.
    pub fn media(&self) -> &Media {
        &self.media
    }

    /// Serves until `stop`; then connections, then the work under way, have the grace time to end, all together.
    pub async fn run(self, stop: CancellationToken) {
        let stopped = async {
            stop.cancelled().await;
            Instant::now()
        };
        let (service, fresh_stop) = (self.service, stop.clone());
        self.tasks.spawn(async move { service.keep_fresh(fresh_stop).await });
        let (media, media_stop) = (self.media, stop.clone());
        self.tasks.spawn(async move { media.run(media_stop).await });
        let (stopped, ()) = tokio::join!(stopped, self.server.run(stop.clone()));
        self.tasks.close();
        if tokio::time::timeout_at(stopped + self.grace, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "work under way was cut");
        }
        if let Err(error) = self.archive.close().await {
            tracing::warn!(archive.error = error.code(), "the archive was left as it is: {error}");
        }
        tracing::info!("stopped");
    }
}

/// Logs whether Telegram is reachable from here.
pub async fn log_reach(service: Service) {
    match service.reach().await {
        Ok(reached) => {
            tracing::info!("{} answers in {} ms", reached.host, reached.elapsed.as_millis());
        }
        Err(refusal) => {
            tracing::warn!(refusal = refusal.code(), "no channel can be read now. {refusal}")
        }
    }
}

/// Each connection is an open file, and the limit that programs start with, often 1024, is far below what
/// `limits.connections` asks for: it is raised as far as the system lets us.
pub fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays at {:?}", limit.current);
    }
}

/// Cancelled at the first SIGINT or SIGTERM.
///
/// # Errors
/// When the system does not let signals be awaited.
pub fn stop_signal(tasks: &TaskTracker) -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be awaited")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be awaited")?;
    let stopping = stop.clone();
    tasks.spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        stopping.cancel();
    });
    Ok(stop)
}
