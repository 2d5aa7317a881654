//! Files that are fetched before somebody asks: the photos of followed channels, as nobody's business of waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::arrival::State;
use super::fetch::{Outcome, Wish};
use super::subject::Subject;
use super::{Inner, MOST_PLACES, Media};
use crate::model::{ChannelName, MediaKind};
use crate::service::{ChannelState, File};

/// The files that wait to be fetched ahead; more are dropped.
pub(super) const MOST_AHEAD: usize = 512;

/// Between two of them.
const PAUSE: Duration = Duration::from_millis(250);

/// How long one waits while people fetch many.
const PEOPLE_FIRST: Duration = Duration::from_secs(2);

/// How often one waits before it is dropped.
const MOST_WAITS: u32 = 30;

impl Media {
    /// Has a file fetched when nobody waits for one. Tells whether there was room for the wish.
    pub fn ahead(&self, channel: &ChannelName, file: File) -> bool {
        self.0.wishes.try_send(Subject::File(channel.clone(), file)).is_ok()
    }

    /// Finds out what the cache has, for which whoever asks waits, and fetches ahead until `stop`: what [`Media::ahead`] was
    /// told, and the photos of followed channels after each of their refreshes. Then what arrives for nobody is given up.
    pub async fn run(&self, stop: CancellationToken) {
        let inner = Arc::clone(&self.0);
        self.0.tasks.spawn(async move { inner.cache.read().await });
        let mut news = self.0.service.followed_news();
        let mut wishes = self.0.waiting.lock().await;
        let work = async {
            loop {
                tokio::select! {
                    // What is new may come in while files are fetched: it is looked at first.
                    biased;
                    known = news.recv() => match known {
                        Ok(known) => self.want(&known),
                        // More refreshes than can be looked at: the next ones tell the same.
                        Err(broadcast::error::RecvError::Lagged(_)) => {}
                        Err(broadcast::error::RecvError::Closed) => break,
                    },
                    Some(subject) = wishes.recv() => self.0.fetch_ahead(&subject).await,
                }
            }
        };
        let has_cache = self.0.is_proxy() && self.0.settings.cache_dir.is_some();
        tokio::select! {
            () = stop.cancelled() => {}
            () = work, if has_cache => {}
        }
        stop.cancelled().await;
        self.0.stop.cancel();
    }

    /// The photos that a channel's newest page shows.
    fn want(&self, known: &ChannelState) {
        let channel = &known.snapshot.channel.name;
        for kept in known.listed() {
            for media in &kept.post.media {
                if media.kind == MediaKind::Photo && media.file.is_some() {
                    self.ahead(channel, File::Media(media.message, media.kind.extension()));
                }
            }
        }
    }
}

impl Inner {
    /// Fetches a file if it is not there, when people leave room.
    async fn fetch_ahead(self: &Arc<Self>, subject: &Subject) {
        // Without an archive nothing is known of the file; the next refresh wants it again.
        let Ok(held) = subject.held(&self.service).await else { return };
        let is_kept = self.cache.age(held.key, held.identity).await.is_some();
        if held.is_missing || is_kept || self.is_in_vain(held.key) || !self.cache.is_open() {
            return;
        }
        let mut waits = 0;
        while self.places.free() <= MOST_PLACES / 2 {
            waits += 1;
            if waits > MOST_WAITS {
                return;
            }
            tokio::time::sleep(PEOPLE_FIRST).await;
        }
        if let Outcome::Arriving(arrival) = self.fetch(subject, held, Wish::AHEAD).await {
            let mut progress = arrival.progress.clone();
            drop(progress.wait_for(|progress| progress.state != State::Coming).await);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
