//! One post by itself, and where its files lie today.

use std::sync::Arc;
use std::time::Duration;

use super::freshness::elapsed;
use super::keeping::told;
use super::memory::{BESIDES_LIFE, Key, Known, SinglePost};
use super::merge::Merged;
use super::shelf::{self, Deadline};
use super::{Asker, COLD_PATIENCE, Error, Inner, is_outage, merge};
use crate::archive::HeldPost;
use crate::model::{ChannelName, KeptPost, Media, MediaKind, MessageId, Post};
use crate::text::Address;
use crate::upstream::{self, Class, Priority, Refusal};

/// How long a file's address is trusted: Telegram's live for hours.
const ADDRESS_LIFE: Duration = BESIDES_LIFE;

/// How long a person who opens a post waits for a fresh look at its channel.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

/// The older posts that a post's page names: the one before it, and three further ones.
pub const OLDER_POSTS: usize = 4;

/// The posts that are read from the archive to find neighbours: some are service messages, or deleted.
const NEIGHBOURS: usize = 12;

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
    /// The next newer post, as far as is known.
    pub newer: Option<Arc<KeptPost>>,
    /// The next older posts, as far as they are known: up to [`OLDER_POSTS`], newest first.
    pub older: Vec<Arc<KeptPost>>,
}

impl Inner {
    pub(super) async fn post(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        asker: Asker,
    ) -> Result<PostView, Error> {
        let name = self.present(name, asker).await;
        let mut known = self.recall(&name).await;
        if let Some(old) = known.as_ref().filter(|known| !known.is_alive(self.clock.now()))
            && self.shown_post(old, id).await.is_some()
        {
            known = Some(self.view(&name, PAGE_PATIENCE, asker).await?.known);
        }
        let Some(known) = known else {
            let single = self.single(&name, id, Class::Waiting, || self.charge(asker)).await;
            let SinglePost { post: kept, title } = single.outcome(self.clock.now())?.clone();
            let known = self.recall(&name).await;
            return Ok(PostView { kept, title, known, newer: None, older: Vec::new() });
        };
        let (kept, title) = match self.shown_post(&known, id).await {
            Some(kept) => (kept, known.snapshot.channel.title.clone()),
            None => {
                let single = self.single(&name, id, Class::Waiting, || self.charge(asker)).await;
                let SinglePost { post, title } = single.outcome(self.clock.now())?.clone();
                (post, title)
            }
        };
        let (newer, older) = self.neighbours(&known, kept.post.id).await;
        Ok(PostView { kept, title, known: Some(known), newer, older })
    }

    /// A post that is held and shown, by any of its messages.
    pub(super) async fn shown_post(&self, known: &Known, id: MessageId) -> Option<Arc<KeptPost>> {
        let held = self.held_post(known, id).await?;
        (held.deleted.is_none() || self.settings.keeps_deleted).then_some(held.kept)
    }

    /// The next newer post, and some older ones: in memory, else in the archive.
    async fn neighbours(
        &self,
        known: &Known,
        id: MessageId,
    ) -> (Option<Arc<KeptPost>>, Vec<Arc<KeptPost>>) {
        let said = |kept: &&Arc<KeptPost>| kept.post.service.is_none();
        let posts = &known.snapshot.posts;
        let is_below = posts.last().is_none_or(|last| id < last.post.id);
        let mut newer = posts.iter().filter(said).rfind(|kept| kept.post.id > id).cloned();
        let older = posts.iter().filter(said).filter(|kept| kept.post.id < id);
        let mut older: Vec<_> = older.take(OLDER_POSTS).cloned().collect();
        let Some(channel) = known.id else { return (newer, older) };
        if is_below {
            let held = told(self.archive.newer(channel, id, NEIGHBOURS).await, "reading");
            let held = self.shown(&held.unwrap_or_default());
            newer = held.iter().rev().find(said).cloned().or(newer);
        }
        if older.len() < OLDER_POSTS {
            let held = told(self.archive.older(channel, id, NEIGHBOURS).await, "reading");
            let held = self.shown(&held.map(|stretch| stretch.posts).unwrap_or_default());
            older = held.iter().filter(said).take(OLDER_POSTS).cloned().collect();
        }
        (newer, older)
    }

    /// Where a file lies today.
    pub(super) async fn file(
        self: &Arc<Self>,
        name: &ChannelName,
        file: File,
        asker: Asker,
    ) -> Result<Address, Error> {
        let address = match file.message() {
            Some(id) => self.message_file(name, file, id, asker).await?,
            None => self.avatar(name, asker).await?,
        };
        if !self.upstream.keeps_files_at(&address) {
            tracing::warn!(
                file.host = address.to_url().and_then(|url| url.host_str().map(str::to_owned)),
                "a file lies at a host that upstream.media_hosts does not name"
            );
            return Err(Error::NoSuchFile);
        }
        Ok(address)
    }

    async fn message_file(
        self: &Arc<Self>,
        name: &ChannelName,
        file: File,
        id: MessageId,
        asker: Asker,
    ) -> Result<Address, Error> {
        let name = self.present(name, asker).await;
        let now = self.clock.now();
        let known = self.recall(&name).await;
        let kept = match &known {
            Some(known) => self.shown_post(known, id).await,
            None => None,
        };
        let is_fresh = |known: &Known, kept: &KeptPost| {
            elapsed(known.snapshot.fetched, now) < ADDRESS_LIFE
                && known.shown.contains(&kept.post.id)
        };
        if let (Some(known), Some(kept)) = (&known, &kept)
            && is_fresh(known, kept)
        {
            return file.find(&kept.post).cloned().ok_or(Error::NoSuchFile);
        }
        // The files of a known channel's feed are no news.
        let toll = || if kept.is_some() { Ok(()) } else { self.charge(asker) };
        let single = self.single(&name, id, Class::Media, toll).await;
        match single.outcome(self.clock.now()) {
            Ok(single) => file.find(&single.post.post).cloned().ok_or(Error::NoSuchFile),
            // An old address may work still, an answer that says no does not.
            Err(refusal) if is_outage(&refusal) => {
                let former = kept.as_ref().and_then(|kept| file.find(&kept.post));
                former.cloned().ok_or(Error::Refused(refusal))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The name that a channel has now; one that it gave up is looked at again when that was long ago.
    async fn present(self: &Arc<Self>, name: &ChannelName, asker: Asker) -> ChannelName {
        let now = self.clock.now();
        let alias = self.memory.aliases.get(&Key::from(name.key()));
        if alias.is_some_and(|alias| !alias.is_alive(now)) {
            // Whatever comes of it: what is to be known about the name is known then.
            drop(self.view(name, PAGE_PATIENCE, asker).await);
        }
        self.memory.resolve(name, self.clock.now())
    }

    async fn avatar(self: &Arc<Self>, name: &ChannelName, asker: Asker) -> Result<Address, Error> {
        let view = self.view(name, self.settings.patience, asker).await?;
        view.known.snapshot.channel.avatar.clone().ok_or(Error::NoSuchFile)
    }

    /// The post by itself, asked at most once an hour.
    async fn single(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        class: Class,
        toll: impl FnOnce() -> Result<(), Refusal>,
    ) -> shelf::Outcome<SinglePost> {
        let key = (Key::from(name.key()), id);
        let work = |priority: Priority| {
            let (inner, name) = (Arc::clone(self), name.clone());
            async move {
                let fetched = inner.upstream.post(&name, id, &priority).await?;
                let title = fetched.title.unwrap_or_else(|| name.to_string());
                Ok(SinglePost { post: inner.learn_single(&name, &fetched.post).await, title })
            }
        };
        self.singles.fetch(&key, class, Deadline::after(COLD_PATIENCE), toll, work).await
    }

    /// A post of a known channel that was not held goes into the archive, and has its identity from then on. A single page
    /// is no list: it tells nothing about edits.
    async fn learn_single(&self, name: &ChannelName, post: &Post) -> Arc<KeptPost> {
        let _applying = self.applying.lock().await;
        let Some(known) = self.recall(name).await else { return Arc::new(merge::fresh(post)) };
        if let Some(held) = self.held_post(&known, post.id).await {
            // Where its files lie now is told by the page, what the post is by what is held.
            let kept = KeptPost { post: post.clone(), ..KeptPost::clone(&held.kept) };
            return Arc::new(kept);
        }
        let kept = Arc::new(merge::fresh(post));
        let held = HeldPost::new(Arc::clone(&kept), upstream::PARSER);
        let merged = Merged { put: vec![held], ..Merged::default() };
        self.keep_besides(&known, merged, None).await;
        kept
    }

    /// Posts that came on a page: their files need not be asked for one by one.
    pub(super) fn shelve(&self, channel: &Key, title: &str, posts: &[Arc<KeptPost>]) {
        let with_files = posts.iter().filter(|kept| has_files(&kept.post));
        for (kept, id) in
            with_files.flat_map(|kept| kept.post.members.iter().map(move |id| (kept, id)))
        {
            let single = SinglePost { post: Arc::clone(kept), title: title.to_owned() };
            self.singles.put((Key::clone(channel), *id), single);
        }
    }
}

/// Whether a post has anything that is found by [`File::find`].
fn has_files(post: &Post) -> bool {
    !post.media.is_empty()
        || post.documents.iter().any(|document| document.thumbnail.is_some())
        || File::Preview(post.id).find(post).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::tests::{id, minute, post};
    use crate::model::{Document, DocumentKind};
    use crate::text::RichText;

    #[test]
    fn a_file_is_named_by_its_message_and_what_it_is() {
        for (segment, file) in [
            ("12.jpg", Some(File::Media(id(12), "jpg"))),
            ("12.tgs", Some(File::Media(id(12), "tgs"))),
            ("12-poster.jpg", Some(File::Poster(id(12)))),
            ("12-preview.jpg", Some(File::Preview(id(12)))),
            ("avatar.jpg", Some(File::Avatar)),
            ("avatar.png", None),
            ("12-poster.png", None),
            ("12-thumb.jpg", None),
            ("12.exe", None),
            ("12.JPG", None),
            ("0.jpg", None),
            ("+12.jpg", None),
            ("-poster.jpg", None),
            ("12", None),
            (".jpg", None),
            ("", None),
        ] {
            assert_eq!(File::parse(segment), file, "{segment}");
        }
    }

    #[test]
    fn a_documents_thumbnail_is_found_as_its_poster() {
        let mut post = post(7, minute(0), "");
        let thumbnail = Address::parse("https://files.example/7.jpg").unwrap();
        post.documents.push(Document {
            message: id(7),
            kind: DocumentKind::File,
            title: "map.pdf".to_owned(),
            extra: None,
            thumbnail: Some(thumbnail.clone()),
            caption: RichText::default(),
        });
        assert!(has_files(&post));
        assert_eq!(File::Poster(id(7)).find(&post), Some(&thumbnail));
        assert_eq!(File::Poster(id(8)).find(&post), None);
        assert_eq!(File::Media(id(7), "jpg").find(&post), None);
    }
}
