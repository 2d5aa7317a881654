//! What a page does not tell of its posts, and others know: how long voice notes are, and what answered posts hide.
//!
//! It is added before a page is merged, so that an item has it from the beginning.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::freshness::elapsed;
use super::memory::{ChannelState, latest};
use super::merge::Merged;
use super::persistence::unread;
use super::{Error, File, FileKey, Inner};
use crate::archive::PostRow;
use crate::model::{ChannelName, Media, MediaKind, MessageId, Post, StoredPost};
use crate::text::{Address, RichText};

/// How long one page waits for the lengths of its voice notes. Those that come later are there for the next page.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a length that was not told is not asked for again.
const AGAIN: Duration = Duration::from_secs(60 * 60);

/// The posts behind an original that are looked at for answers to it.
const MOST_ANSWERS: usize = 200;

/// The voice notes of which it is remembered that they were asked for.
const MOST_ASKED: u64 = 10_000;

/// When the length of a file was asked for, and what came of it.
#[derive(Clone, Copy)]
struct Asked {
    since: DateTime<Utc>,
    length: Option<u64>,
}

/// The lengths that were asked for.
pub(super) struct Lengths(Cache<FileKey, Asked>);

impl Lengths {
    pub(super) fn new() -> Self {
        Self(latest(MOST_ASKED))
    }
}

impl Inner {
    /// Adds to a channel's posts what others know of them.
    pub(super) async fn complete(
        &self,
        name: &ChannelName,
        number: Option<i64>,
        posts: &mut [Post],
    ) -> Result<(), Error> {
        let lacks = |post: &Post| quotation(post).is_some() || post.media.iter().any(is_unmeasured);
        if posts.iter().any(lacks) {
            let known = self.known_as(name, number).await?;
            self.hide_answered(known.as_deref(), posts).await?;
            self.measure(known.as_deref(), posts).await?;
        }
        Ok(())
    }

    /// The known channel with a number; without one, or when it is not known by its number, that with the name.
    async fn known_as(
        &self,
        name: &ChannelName,
        number: Option<i64>,
    ) -> Result<Option<Arc<ChannelState>>, Error> {
        if let Some(number) = number
            && let Some(known) = self.recall_number(number).await?
        {
            return Ok(Some(known));
        }
        let is_it = |known: &Arc<ChannelState>| {
            let pair = known.snapshot.channel.numeric_id.zip(number);
            pair.is_none_or(|(known, number)| known == number)
        };
        Ok(self.recall(name).await?.filter(is_it))
    }

    /// Hides in quotations of answered posts what these hide: on the same page, in memory, or in the archive.
    async fn hide_answered(
        &self,
        known: Option<&ChannelState>,
        posts: &mut [Post],
    ) -> Result<(), Error> {
        for at in 0..posts.len() {
            let Some((quotation, answered)) = quotation(&posts[at]) else { continue };
            let on_page = posts.iter().find(|post| post.members.contains(&answered));
            let hidden = match (on_page, known) {
                (Some(original), _) => hidden(quotation, original),
                (None, Some(known)) => {
                    let held = self.held_post(known, answered).await?;
                    held.and_then(|held| hidden(quotation, &held.kept.post))
                }
                (None, None) => None,
            };
            if let (Some(hidden), Some(reply)) = (hidden, &mut posts[at].reply) {
                reply.text = hidden;
            }
        }
        Ok(())
    }

    /// Hides what older posts hide, which have just become known, in the quotations of posts that answer them.
    pub(super) async fn hide_in_answers(
        &self,
        known: &mut ChannelState,
        merged: &mut Merged,
    ) -> Result<(), Error> {
        let originals = originals(merged.put.iter().map(|held| &held.kept));
        let oldest = originals.keys().min();
        let (Some(channel), Some(oldest)) = (known.id, oldest) else { return Ok(()) };
        let answers = self.archive.newer(channel, *oldest, MOST_ANSWERS).await.map_err(unread)?;
        // What the same page showed is hidden already.
        let put: HashSet<_> = merged.put.iter().map(|held| held.kept.identity.clone()).collect();
        let mut changed = HashMap::new();
        for mut answer in answers {
            let is_changed = hide_by(&originals, &mut answer.kept);
            if is_changed && !put.contains(&answer.kept.identity) {
                changed.insert(answer.kept.identity.clone(), answer);
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        merged.has_changed = true;
        merged.put.extend(changed.values().cloned());
        let now = |held: &PostRow| changed.get(&held.kept.identity).unwrap_or(held).clone();
        known.held = known.held.iter().map(now).collect();
        known.snapshot.posts = self.shown(&known.held);
        Ok(())
    }

    /// Asks for the lengths of voice notes that are not known, of all at once.
    async fn measure(&self, known: Option<&ChannelState>, posts: &mut [Post]) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        let mut asking = Vec::new();
        for post in posts {
            let number = post
                .numeric_channel_id
                .or(known.and_then(|known| known.snapshot.channel.numeric_id));
            for media in post.media.iter_mut().filter(|media| is_unmeasured(media)) {
                if self.is_measured(known, media.message).await? {
                    continue;
                }
                let Some(url) = media.file.as_ref().and_then(Address::to_url) else { continue };
                let file = File::Media(media.message, media.kind.extension());
                let key = FileKey::new(number, &post.channel, file);
                asking.push((media, self.ask_length(key, url)));
            }
        }
        for (media, length) in asking {
            media.length = timeout_at(deadline, length).await.ok().flatten();
        }
        Ok(())
    }

    /// Whether the length of a message's file is in the archive.
    async fn is_measured(
        &self,
        known: Option<&ChannelState>,
        message: MessageId,
    ) -> Result<bool, Error> {
        let Some(known) = known else { return Ok(false) };
        let Some(held) = self.held_post(known, message).await? else { return Ok(false) };
        Ok(held
            .kept
            .post
            .media
            .iter()
            .any(|media| media.message == message && media.length.is_some()))
    }

    /// The length of a file, asked for unless that was done lately. Whoever does not wait for it cancels nothing.
    fn ask_length(&self, key: FileKey, url: Url) -> impl Future<Output = Option<u64>> + use<> {
        let now = self.clock.now();
        let asked = self.lengths.0.get(&key);
        let asked =
            asked.filter(|asked| asked.length.is_some() || elapsed(asked.since, now) < AGAIN);
        let asking = asked.is_none().then(|| {
            let (files, lengths) = (self.files.clone(), self.lengths.0.clone());
            lengths.insert(key, Asked { since: now, length: None });
            self.tasks.spawn(async move {
                let length = files.length(&url).await.ok().flatten().filter(|length| *length > 0);
                lengths.insert(key, Asked { since: now, length });
                length
            })
        });
        async move {
            match asking {
                Some(asking) => asking.await.ok().flatten(),
                None => asked.and_then(|asked| asked.length),
            }
        }
    }
}

fn is_unmeasured(media: &Media) -> bool {
    media.kind == MediaKind::Voice && media.length.is_none() && !media.too_big
}

/// What a post quotes of another one of its channel, and which that is.
fn quotation(post: &Post) -> Option<(&RichText, MessageId)> {
    let reply = post.reply.as_ref().filter(|reply| !reply.is_media)?;
    Some((&reply.text, reply.answered_in(&post.channel)?))
}

/// The quotation with the words hidden that its original hides, if there are any.
fn hidden(quotation: &RichText, original: &Post) -> Option<RichText> {
    texts(original).find_map(|text| quotation.hidden_as_in(text))
}

/// Hides in quotations among these posts what originals among them hide.
pub(super) fn hide_among(posts: &mut [Arc<StoredPost>]) {
    let originals = originals(posts.iter());
    if !originals.is_empty() {
        posts.iter_mut().for_each(|kept| {
            hide_by(&originals, kept);
        });
    }
}

/// Those of the posts that hide something, by each of their messages.
fn originals<'a>(
    posts: impl Iterator<Item = &'a Arc<StoredPost>>,
) -> HashMap<MessageId, Arc<StoredPost>> {
    let hiding = posts.filter(|kept| texts(&kept.post).any(RichText::hides));
    hiding.flat_map(|kept| kept.post.members.iter().map(|id| (*id, Arc::clone(kept)))).collect()
}

/// Hides in a post's quotation what its original hides, and tells whether that changes it.
fn hide_by(originals: &HashMap<MessageId, Arc<StoredPost>>, answer: &mut Arc<StoredPost>) -> bool {
    let text = quotation(&answer.post).and_then(|(quotation, answered)| {
        let text = hidden(quotation, &originals.get(&answered)?.post)?;
        (text != *quotation).then_some(text)
    });
    let Some(text) = text else { return false };
    if let Some(reply) = &mut Arc::make_mut(answer).post.reply {
        reply.text = text;
    }
    true
}

fn texts(post: &Post) -> impl Iterator<Item = &RichText> {
    std::iter::once(&post.text).chain(post.documents.iter().map(|document| &document.caption))
}
