//! Prefetching the photos of followed channels, while downloads are idle.

use std::time::Duration;

use tokio::sync::{Mutex, broadcast, mpsc};

use super::cache::Cache;
use super::download::Downloader;
use super::media_ref::{MediaRef, Priority};
use crate::model::MediaKind;
use crate::service::{ChannelState, File, Service};

/// The longest queue; more files are dropped.
const MAX_QUEUE: usize = 512;

/// Between two files.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a file waits while clients have many downloads under way.
const WAIT: Duration = Duration::from_secs(2);

/// How often it waits before it is dropped.
const MAX_WAITS: u32 = 30;

/// Files to prefetch.
pub(super) struct Prefetch {
    sender: mpsc::Sender<MediaRef>,
    queue: Mutex<mpsc::Receiver<MediaRef>>,
}

impl Prefetch {
    pub(super) fn new() -> Self {
        let (sender, queue) = mpsc::channel(MAX_QUEUE);
        Self { sender, queue: Mutex::new(queue) }
    }

    /// Puts a file into the queue. `false`: the queue is full.
    pub(super) fn add(&self, media: MediaRef) -> bool {
        self.sender.try_send(media).is_ok()
    }

    /// Prefetches what is in the queue, and the photos of followed channels after each refresh.
    pub(super) async fn run(&self, service: &Service, cache: &Cache, downloader: &Downloader) {
        let mut refreshed = service.followed_news();
        let mut queue = self.queue.lock().await;
        loop {
            tokio::select! {
                // Refreshes first: their photos must not wait for the queue that they fill.
                biased;
                known = refreshed.recv() => match known {
                    Ok(known) => self.add_photos(&known),
                    // The next refreshes show the same posts.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                Some(media) = queue.recv() => prefetch(&media, service, cache, downloader).await,
            }
        }
    }

    /// Queues the photos on a channel's newest page.
    fn add_photos(&self, known: &ChannelState) {
        let channel = &known.snapshot.channel.name;
        for kept in known.listed() {
            for media in &kept.post.media {
                if media.kind == MediaKind::Photo && media.file.is_some() {
                    let file = File::Media(media.message, media.kind.extension());
                    self.add(MediaRef::File(channel.clone(), file));
                }
            }
        }
    }
}

async fn prefetch(media: &MediaRef, service: &Service, cache: &Cache, downloader: &Downloader) {
    // The archive cannot be read; the next refresh queues the file again.
    let Ok(held) = media.held(service).await else { return };
    let is_cached = cache.age(held.key, held.identity).await.is_some();
    if held.is_missing || is_cached || !cache.is_writable() || !downloader.may_prefetch(held.key) {
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
    if let Err(error) = downloader.fetch(media, held, Priority::PREFETCH).await {
        tracing::debug!(%error, "a file was not prefetched");
    }
    tokio::time::sleep(PAUSE).await;
}
