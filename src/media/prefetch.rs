//! Prefetches the photos of followed channels while downloads are idle.

use std::sync::Arc;

use tokio::sync::{Mutex, broadcast, mpsc};

use super::download::Downloader;
use super::media_ref::MediaRef;
use crate::model::{File, MediaKind};
use crate::service::{ChannelState, Service};

/// The queue limit; further files are dropped.
const MAX_QUEUE: usize = 512;

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
    pub(super) async fn run(&self, service: &Service, downloader: &Arc<Downloader>) {
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
                Some(media) = queue.recv() => downloader.prefetch(media).await,
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
