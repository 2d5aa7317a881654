//! Prefetches the photos of followed channels while downloads are idle.

use std::time::Duration;

use tokio::sync::{Mutex, broadcast, mpsc};

use super::cache::Cache;
use super::download::Downloader;
use super::media_ref::{MediaRef, Priority};
use crate::model::MediaKind;
use crate::service::{ChannelState, File, Service};

/// The queue limit; further files are dropped.
const MAX_QUEUE: usize = 512;

/// The pause between two files.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a file waits while half of the downloads or more are in use.
const WAIT: Duration = Duration::from_secs(2);

/// The number of waits before a file is dropped.
const MAX_WAITS: u32 = 30;

pub(super) struct Prefetch {
    sender: mpsc::Sender<MediaRef>,
    queue: Mutex<mpsc::Receiver<MediaRef>>,
}

impl Prefetch {
    pub(super) fn new() -> Self {
        let (sender, queue) = mpsc::channel(MAX_QUEUE);
        Self { sender, queue: Mutex::new(queue) }
    }

    /// Queues a file. Returns `false` if the queue is full.
    pub(super) fn add(&self, media: MediaRef) -> bool {
        self.sender.try_send(media).is_ok()
    }

    /// Prefetches queued files, and the photos of followed channels after each refresh.
    pub(super) async fn run(&self, service: &Service, cache: &Cache, downloader: &Downloader) {
        let mut refreshed = service.followed_news();
        let mut queue = self.queue.lock().await;
        loop {
            tokio::select! {
                // Refreshes first: they fill the queue, and must not wait until it is empty.
                biased;
                state = refreshed.recv() => match state {
                    Ok(state) => self.add_photos(&state),
                    // The next refresh has the same posts.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                Some(media) = queue.recv() => prefetch(&media, service, cache, downloader).await,
            }
        }
    }

    /// Queues the photos on a channel's newest page.
    fn add_photos(&self, state: &ChannelState) {
        let channel = &state.snapshot.channel.name;
        for stored in state.listed() {
            for media in &stored.post.media {
                if media.kind == MediaKind::Photo && media.file.is_some() {
                    let file = File::Media(media.message, media.kind.extension());
                    self.add(MediaRef::File(channel.clone(), file));
                }
            }
        }
    }
}

async fn prefetch(media: &MediaRef, service: &Service, cache: &Cache, downloader: &Downloader) {
    // If the archive cannot be read, the next refresh queues the file again.
    let Ok(known) = media.known(service).await else { return };
    let is_cached = cache.age(known.key, known.identity).await.is_some();
    if known.is_missing || is_cached || !cache.is_writable() || !downloader.may_prefetch(known.key)
    {
        return;
    }
    let mut waits = 0;
    while !downloader.is_idle() {
        waits += 1;
        if waits > MAX_WAITS {
            return;
        }
        tokio::time::sleep(WAIT).await;
    }
    if let Err(error) = downloader.fetch(media, known, Priority::PREFETCH).await {
        tracing::debug!(%error, "a file was not prefetched");
    }
    tokio::time::sleep(PAUSE).await;
}
