//! One post by itself, and where its files lie today.

use std::sync::Arc;
use std::time::Duration;

use super::freshness::elapsed;
use super::memory::{BESIDES_LIFE, Key, Known, SinglePost};
use super::shelf::{self, Deadline};
use super::{COLD_PATIENCE, Error, Inner, is_outage, merge};
use crate::model::{ChannelName, KeptPost, Media, MediaKind, MessageId, Post};
use crate::text::Address;
use crate::upstream::{Class, Priority};

/// How long a file's address is trusted: Telegram's live for hours.
const ADDRESS_LIFE: Duration = BESIDES_LIFE;

/// How long a person who opens a post waits for a fresh look at its channel.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

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
        let name = self.present(name).await;
        let now = self.clock.now();
        let mut known = self.memory.channels.get(&Key::from(name.key()));
        if known.as_ref().is_some_and(|known| !known.is_alive(now) && find(known, id).is_some()) {
            known = Some(self.view(&name, PAGE_PATIENCE).await?.known);
        }
        if let Some(known) = &known
            && let Some(kept) = find(known, id)
        {
            let title = known.snapshot.channel.title.clone();
            return Ok(PostView { kept: Arc::clone(kept), title, known: Some(Arc::clone(known)) });
        }
        let single = self.single(&name, id, Class::Waiting).await;
        let SinglePost { post, title } = single.outcome(self.clock.now())?.clone();
        Ok(PostView { kept: post, title, known })
    }

    /// Where a file lies today.
    pub(super) async fn file(
        self: &Arc<Self>,
        name: &ChannelName,
        file: File,
    ) -> Result<Address, Error> {
        let Some(id) = file.message() else { return self.avatar(name).await };
        let name = self.present(name).await;
        let now = self.clock.now();
        let known = self.memory.channels.get(&Key::from(name.key()));
        let kept = known.as_ref().and_then(|known| find(known, id));
        let is_fresh = |known: &Known, kept: &KeptPost| {
            elapsed(known.snapshot.fetched, now) < ADDRESS_LIFE
                && known.shown.contains(&kept.post.id)
        };
        if let (Some(known), Some(kept)) = (&known, kept)
            && is_fresh(known, kept)
        {
            return file.find(&kept.post).cloned().ok_or(Error::NoSuchFile);
        }
        let single = self.single(&name, id, Class::Media).await;
        match single.outcome(self.clock.now()) {
            Ok(single) => file.find(&single.post.post).cloned().ok_or(Error::NoSuchFile),
            // An old address may work still, an answer that says no does not.
            Err(refusal) if is_outage(&refusal) => {
                let former = kept.and_then(|kept| file.find(&kept.post));
                former.cloned().ok_or(Error::Refused(refusal))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The name that a channel has now; one that it gave up is looked at again when that was long ago.
    async fn present(self: &Arc<Self>, name: &ChannelName) -> ChannelName {
        let now = self.clock.now();
        let alias = self.memory.aliases.get(&Key::from(name.key()));
        if alias.is_some_and(|alias| !alias.is_alive(now)) {
            // Whatever comes of it: what is to be known about the name is known then.
            drop(self.view(name, PAGE_PATIENCE).await);
        }
        self.memory.resolve(name, self.clock.now())
    }

    async fn avatar(self: &Arc<Self>, name: &ChannelName) -> Result<Address, Error> {
        let view = self.view(name, self.settings.patience).await?;
        view.known.snapshot.channel.avatar.clone().ok_or(Error::NoSuchFile)
    }

    /// The post by itself, asked at most once an hour.
    async fn single(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        class: Class,
    ) -> shelf::Outcome<SinglePost> {
        let key = (Key::from(name.key()), id);
        let work = |priority: Priority| {
            let (inner, name) = (Arc::clone(self), name.clone());
            async move {
                let fetched = inner.upstream.post(&name, id, &priority).await?;
                let title = fetched.title.unwrap_or_else(|| name.to_string());
                Ok(SinglePost { post: Arc::new(merge::fresh(&fetched.post)), title })
            }
        };
        self.singles.fetch(&key, class, Deadline::after(COLD_PATIENCE), work).await
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

fn find(known: &Known, id: MessageId) -> Option<&Arc<KeptPost>> {
    known.snapshot.posts.iter().find(|kept| kept.post.members.contains(&id))
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
