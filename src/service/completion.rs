//! Completes the posts of a page before it is applied, so that an item is complete when it first appears: it adds the
//! lengths of voice notes and the spoilers of quoted posts.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::channels::Channels;
use super::error::Error;
use super::freshness::elapsed;
use super::memory::{ChannelState, lru};
use super::quotation::{has_same_words, hidden, quotation};
use super::{FileKey, Runtime};
use crate::model::{File, Media, MediaKind, MessageId, Post};
use crate::net::FileClient;
use crate::text::Address;

/// How long a page waits for the lengths of its voice notes. A later length is used for the next page.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The back-off after a failed request for a length.
const RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

const MAX_LENGTHS: u64 = 10_000;

#[derive(Clone, Copy)]
struct Length {
    requested: DateTime<Utc>,
    bytes: Option<u64>,
}

pub(super) struct Completion {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    files: FileClient,
    lengths: Cache<FileKey, Length>,
}

impl Completion {
    pub(super) fn new(runtime: &Arc<Runtime>, channels: &Arc<Channels>, files: FileClient) -> Self {
        let (runtime, channels) = (Arc::clone(runtime), Arc::clone(channels));
        Self { runtime, channels, files, lengths: lru(MAX_LENGTHS) }
    }

    /// Completes posts of a channel; `state` is `None` if it is unknown.
    pub(super) async fn complete(
        &self,
        state: Option<&ChannelState>,
        posts: &mut [Post],
    ) -> Result<(), Error> {
        self.hide_quoted(state, posts).await?;
        self.add_lengths(state, posts).await
    }

    /// Applies the spoilers of quoted posts, from the same page, memory or the archive, to their quotations.
    async fn hide_quoted(
        &self,
        state: Option<&ChannelState>,
        posts: &mut [Post],
    ) -> Result<(), Error> {
        for at in 0..posts.len() {
            let Some((quotation, answered)) = quotation(&posts[at]) else { continue };
            let on_page = posts.iter().find(|post| post.members.contains(&answered));
            let hidden = match (on_page, state) {
                (Some(original), _) => hidden(quotation, original),
                // Merging keeps the spoilers of a known quotation.
                (None, Some(state)) if !is_known_quotation(state, &posts[at]) => {
                    let row = self.channels.row(state, answered).await?;
                    row.and_then(|row| hidden(quotation, &row.kept.post))
                }
                (None, _) => None,
            };
            if let (Some(hidden), Some(reply)) = (hidden, &mut posts[at].reply) {
                reply.text = hidden;
            }
        }
        Ok(())
    }

    /// Requests unknown lengths of voice notes, concurrently.
    async fn add_lengths(
        &self,
        state: Option<&ChannelState>,
        posts: &mut [Post],
    ) -> Result<(), Error> {
        let deadline = Instant::now() + TIMEOUT;
        let mut requests = Vec::new();
        for post in posts {
            let known = state.and_then(|state| state.snapshot.channel.numeric_id);
            let number = post.numeric_channel_id.or(known);
            for media in post.media.iter_mut().filter(|media| lacks_length(media)) {
                if self.is_length_archived(state, media.message).await? {
                    continue;
                }
                let Some(url) = media.file.as_ref().and_then(Address::to_url) else { continue };
                let file = File::Media(media.message, media.kind.extension());
                let key = FileKey::new(number, &post.channel, file);
                requests.push((media, self.length(key, url)));
            }
        }
        for (media, length) in requests {
            media.length = timeout_at(deadline, length).await.ok().flatten();
        }
        Ok(())
    }

    async fn is_length_archived(
        &self,
        state: Option<&ChannelState>,
        message: MessageId,
    ) -> Result<bool, Error> {
        let Some(state) = state else { return Ok(false) };
        let Some(row) = self.channels.row(state, message).await? else { return Ok(false) };
        let mut media = row.kept.post.media.iter();
        Ok(media.any(|media| media.message == message && media.length.is_some()))
    }

    /// The length of a file in bytes, from the cache or by a request that continues if its caller leaves. A failed
    /// request is not repeated within [`RETRY_AFTER`].
    fn length(&self, key: FileKey, url: Url) -> impl Future<Output = Option<u64>> + use<> {
        let now = self.runtime.clock.now();
        let former = self.lengths.get(&key).filter(|length| {
            length.bytes.is_some() || elapsed(length.requested, now) < RETRY_AFTER
        });
        let request = former.is_none().then(|| {
            let (files, lengths) = (self.files.clone(), self.lengths.clone());
            lengths.insert(key, Length { requested: now, bytes: None });
            self.runtime.tasks.spawn(async move {
                let bytes = files.length(&url).await.ok().flatten().filter(|bytes| *bytes > 0);
                lengths.insert(key, Length { requested: now, bytes });
                bytes
            })
        });
        async move {
            match request {
                Some(request) => request.await.ok().flatten(),
                None => former.and_then(|length| length.bytes),
            }
        }
    }
}

/// Whether memory has the post with the same quotation.
fn is_known_quotation(state: &ChannelState, post: &Post) -> bool {
    let row = state.rows.iter().find(|row| row.kept.post.members.contains(&post.id));
    let known = row.and_then(|row| row.kept.post.reply.as_ref());
    known.zip(post.reply.as_ref()).is_some_and(|(known, reply)| has_same_words(known, reply))
}

/// Whether one of the posts is incomplete.
pub(super) fn is_needed(posts: &[Post]) -> bool {
    posts.iter().any(|post| quotation(post).is_some() || post.media.iter().any(lacks_length))
}

fn lacks_length(media: &Media) -> bool {
    media.kind == MediaKind::Voice && media.length.is_none() && !media.too_big
}
