//! One post by itself, and where its files lie today.

use std::sync::Arc;
use std::time::Duration;

use super::freshness::elapsed;
use super::memory::{BESIDES_LIFE, Kept, KeptSingle, Key, Known, SinglePost};
use super::{Error, Inner, merge};
use crate::model::{ChannelName, KeptPost, Media, MediaKind, MessageId, Post};
use crate::text::Address;
use crate::upstream::Refusal;
use crate::upstream::{Class, Priority};

/// How long a file's address is trusted: Telegram's live for hours.
const ADDRESS_LIFE: Duration = BESIDES_LIFE;

/// A file of a channel that has an address of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum File {
    /// The photo, film, sound or sticker of a message, of a kind with this extension.
    Media(MessageId, &'static str),
    /// The still picture of a film, or the thumbnail of a document.
    Poster(MessageId),
    /// The picture of a link preview, an invoice or a game.
    Preview(MessageId),
    /// The channel's own picture.
    Avatar,
}

impl File {
    /// The last segment of an address: `12.jpg`, `12-poster.jpg`, `12-preview.jpg`, `avatar.jpg`.
    #[must_use]
    pub fn parse(segment: &str) -> Option<Self> {
        if segment == "avatar.jpg" {
            return Some(Self::Avatar);
        }
        let (stem, extension) = segment.rsplit_once('.')?;
        match stem.split_once('-') {
            Some((id, "poster")) if extension == "jpg" => Some(Self::Poster(MessageId::parse(id)?)),
            Some((id, "preview")) if extension == "jpg" => {
                Some(Self::Preview(MessageId::parse(id)?))
            }
            Some(_) => None,
            None => {
                let known = MediaKind::ALL.into_iter().map(MediaKind::extension);
                let extension = known.into_iter().find(|known| *known == extension)?;
                Some(Self::Media(MessageId::parse(stem)?, extension))
            }
        }
    }

    fn message(self) -> Option<MessageId> {
        match self {
            Self::Media(id, _) | Self::Poster(id) | Self::Preview(id) => Some(id),
            Self::Avatar => None,
        }
    }

    /// Where it lies, as far as a post tells.
    fn find(self, post: &Post) -> Option<&Address> {
        let media =
            |id: MessageId| post.media.iter().find(move |media: &&Media| media.message == id);
        match self {
            Self::Media(id, extension) => {
                media(id).filter(|media| media.kind.extension() == extension)?.file.as_ref()
            }
            Self::Poster(id) => {
                let document = post.documents.iter().find(|document| document.message == id);
                let thumbnail = document.and_then(|document| document.thumbnail.as_ref());
                media(id).and_then(|media| media.poster.as_ref()).or(thumbnail)
            }
            Self::Preview(_) => {
                let preview =
                    post.link_preview.as_ref().and_then(|preview| preview.picture.as_ref());
                let invoice = post.invoice.as_ref().and_then(|invoice| invoice.picture.as_ref());
                let game = post.game.as_ref().and_then(|game| game.picture.as_ref());
                preview.map(|picture| &picture.file).or(invoice).or(game)
            }
            Self::Avatar => None,
        }
    }
}

/// One post with what its page needs beside it.
#[derive(Clone, Debug)]
pub struct PostView {
    /// The post.
    pub kept: Arc<KeptPost>,
    /// What its channel or group calls itself.
    pub title: String,
    /// What is known of its channel; nothing of a group.
    pub known: Option<Arc<Known>>,
}

impl PostView {
    /// The neighbours in the channel as far as they are known: the next newer and the next older post, and up to `count`
    /// further older ones.
    #[must_use]
    pub fn neighbours(&self, count: usize) -> (Option<&KeptPost>, Vec<&KeptPost>) {
        let posts = self.known.as_ref().map_or(&[][..], |known| &known.snapshot.posts);
        let said = |kept: &&Arc<KeptPost>| kept.post.service.is_none();
        let id = self.kept.post.id;
        let newer = posts.iter().filter(said).rfind(|kept| kept.post.id > id);
        let older = posts.iter().filter(said).filter(|kept| kept.post.id < id).take(count);
        (newer.map(AsRef::as_ref), older.map(AsRef::as_ref).collect())
    }
}

impl Inner {
    pub(super) async fn post(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
    ) -> Result<PostView, Error> {
        let known = self.memory.channels.get(&self.memory.key(name, self.clock.now()));
        let kept = known.as_ref().and_then(|known| find(known, id));
        if let (Some(known), Some(kept)) = (&known, kept) {
            let title = known.snapshot.channel.title.clone();
            return Ok(PostView { kept: Arc::clone(kept), title, known: Some(Arc::clone(known)) });
        }
        let single = self.single(name, id, Class::Waiting).await?;
        let SinglePost { post, title } = single.value.clone()?;
        Ok(PostView { kept: Arc::new(merge::fresh(&post)), title, known })
    }

    /// Where a file lies today.
    pub(super) async fn file(
        self: &Arc<Self>,
        name: &ChannelName,
        file: File,
    ) -> Result<Address, Error> {
        let known = self.memory.channels.get(&self.memory.key(name, self.clock.now()));
        let Some(id) = file.message() else {
            return known
                .and_then(|known| known.snapshot.channel.avatar.clone())
                .ok_or(Error::NoSuchFile);
        };
        let is_fresh =
            |known: &&Arc<Known>| elapsed(known.snapshot.fetched, self.clock.now()) < ADDRESS_LIFE;
        let shown = known.as_ref().filter(is_fresh).and_then(|known| shown_lately(known, id));
        if let Some(kept) = shown {
            return file.find(&kept.post).cloned().ok_or(Error::NoSuchFile);
        }
        let single = self.single(name, id, Class::Media).await?;
        let post = single.value.as_ref().map_err(|refusal| Error::Refused(refusal.clone()))?;
        file.find(&post.post).cloned().ok_or(Error::NoSuchFile)
    }

    /// The post as its embed shows it, asked at most once an hour.
    async fn single(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        class: Class,
    ) -> Result<KeptSingle, Error> {
        let key = (Key::from(name.key()), id);
        if let Some(kept) =
            self.memory.posts.get(&key).filter(|kept| kept.is_alive(self.clock.now()))
        {
            return Ok(kept);
        }
        let work = |priority: Priority| {
            let (inner, name, key) = (Arc::clone(self), name.clone(), key.clone());
            async move {
                let outcome = inner.upstream.post(&name, id, &priority).await;
                let life = outcome.as_ref().err().map_or(BESIDES_LIFE, Refusal::kept);
                let value = outcome.map(|fetched| {
                    let title = fetched.title.unwrap_or_else(|| name.to_string());
                    SinglePost { post: fetched.post, title }
                });
                let kept = Arc::new(Kept::new(value, inner.clock.now(), life));
                inner.memory.posts.insert(key, Arc::clone(&kept));
                kept
            }
        };
        let mut ticket = self.single_flights.join(key.clone(), class, false, work);
        tokio::time::timeout(super::COLD_PATIENCE, ticket.landed())
            .await
            .map_err(|_| Error::Refused(Refusal::Timeout { limit: super::COLD_PATIENCE }))?
            .ok_or(Error::Internal)
    }
}

fn find(known: &Known, id: MessageId) -> Option<&Arc<KeptPost>> {
    known.snapshot.posts.iter().find(|kept| kept.post.members.contains(&id))
}

/// A post whose addresses are those of the last fetch: the newest page shows about twenty messages, older ones carry the
/// addresses of earlier fetches.
fn shown_lately(known: &Known, id: MessageId) -> Option<&Arc<KeptPost>> {
    find(known, id).filter(|kept| known.shown_from.is_some_and(|from| kept.post.id >= from))
}
