//! Builds the parts in order, runs them, and stops them in reverse order. The tests use it too, on port 0.

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

/// A server that listens and can be run.
pub struct App {
    server: Server,
    archive: Archive,
    service: Service,
    media: Media,
    tasks: TaskTracker,
    grace: Duration,
}

pub(crate) fn build_service(
    config: &Config,
    files: net::FileClient,
    archive: Archive,
    clock: Clock,
    tasks: &TaskTracker,
) -> anyhow::Result<Service> {
    let upstream = Upstream::new(build_client(&config.net)?, &config.upstream);
    Ok(Service::new(upstream, files, archive, config.service_settings(), clock, tasks))
}

pub(crate) fn build_client(settings: &net::Settings) -> anyhow::Result<net::Client> {
    net::Client::new(settings).context("the settings in [upstream] are invalid")
}

pub(crate) fn build_files(config: &Config) -> anyhow::Result<net::FileClient> {
    net::FileClient::new(&config.net, config.upstream.file_hosts())
        .context("the settings in [upstream] are invalid")
}

impl App {
    /// Builds everything and listens.
    pub async fn build(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let tasks = TaskTracker::new();
        let archive = Archive::start(&config.archive)?;
        let files = build_files(config)?;
        let service = build_service(config, files.clone(), archive.clone(), clock, &tasks)?;
        let media = Media::new(service.clone(), files, config.media.clone(), &tasks);
        let settings = config.web_settings();
        let server = Server::bind(&settings, |address| {
            let settings = web::Settings { listen: address, ..settings.clone() };
            web::State::new(service.clone(), media.clone(), settings)
        })
        .await?;
        Ok(Self { server, archive, service, media, tasks, grace: settings.grace })
    }

    /// Logs the address, the base of URLs in feeds, and the archive.
    pub fn announce(&self, base: Option<&Base>) {
        tracing::info!("feedline is ready: http://{}/", self.address());
        match base {
            Some(base) => tracing::info!("URLs in feeds begin with {}", base.as_str()),
            None => tracing::info!(
                "URLs in feeds begin with the host of each request, because server.base_url is not set"
            ),
        }
        // An archive that cannot be opened is in the log already; each post retries.
        if let Some(path) = self.archive.path().filter(|_| self.archive.health().is_ok()) {
            tracing::info!("the archive is {}", path.display());
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn service(&self) -> &Service {
        &self.service
    }

    pub fn media(&self) -> &Media {
        &self.media
    }

    /// Serves until `stop`. Then connections and tasks together have the grace period to end.
    pub async fn run(self, stop: CancellationToken) {
        let (service, service_stop) = (self.service, stop.clone());
        self.tasks.spawn(async move { service.keep_fresh(service_stop).await });
        let (media, media_stop) = (self.media, stop.clone());
        self.tasks.spawn(async move { media.run(media_stop).await });
        let (stopped, ()) = tokio::join!(cancelled_at(&stop), self.server.run(stop.clone()));
        self.tasks.close();
        if tokio::time::timeout_at(stopped + self.grace, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "tasks cancelled after the grace period");
        }
        if let Err(error) = self.archive.close().await {
            tracing::warn!(
                archive.error = error.code(),
                "the archive was not closed properly: {error}"
            );
        }
        tracing::info!("stopped");
    }
}

async fn cancelled_at(stop: &CancellationToken) -> Instant {
    stop.cancelled().await;
    Instant::now()
}

/// Each connection is an open file. The default limit, often 1024, is below `limits.connections`.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the open file limit stays at {:?}", limit.current);
    }
}

/// Cancelled at the first SIGINT or SIGTERM.
pub(crate) fn stop_signal(tasks: &TaskTracker) -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
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
