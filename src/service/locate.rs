//! Looks up the present addresses of files. An address is used for at most an hour; an older or dead one is renewed
//! through the post's own page.

use std::sync::Arc;
use std::time::Duration;

use super::channels::Channels;
use super::client_limiter::ClientId;
use super::error::Error;
use super::file::FileKey;
use super::freshness::elapsed;
use super::memory::{ChannelState, ENTRY_SIZE};
use super::post_fetcher::{self, PostFetcher, PostKey, SinglePost};
use super::refresh::Refresher;
use super::ttl_cache::{Deadline, TtlCache};
use super::{COLD_TIMEOUT, Key, PAGE_TIMEOUT, RequestContext, Runtime};
use crate::model::{ChannelName, File, Media, MessageId, Post, StoredPost};
use crate::text::Address;
use crate::upstream::{Class, Priority};

/// The TTL of a file's address. Telegram's addresses work for a few hours.
const ADDRESS_TTL: Duration = post_fetcher::TTL;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// At a host of `upstream.media_hosts`.
    pub address: Address,
    /// See `File::identity`.
    pub identity: Option<u64>,
}

/// The known facts about a file, without a request to Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The key in the media cache.
    pub key: FileKey,
    /// The post is known and does not have the file.
    pub is_missing: bool,
    /// See `File::identity`.
    pub identity: Option<u64>,
}

impl KnownFile {
    /// Whether a file with this identity is certainly a different one.
    pub fn is_another(&self, identity: Option<u64>) -> bool {
        self.identity.is_some() && identity.is_some() && self.identity != identity
    }
}

pub struct FileLocator {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    posts: Arc<PostFetcher>,
    refresher: Arc<Refresher>,
    /// Addresses of still pictures, by Telegram's number of the custom emoji; `None` if it has no picture.
    emoji: TtlCache<u64, Option<Address>>,
}

impl FileLocator {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        channels: &Arc<Channels>,
        posts: &Arc<PostFetcher>,
        refresher: &Arc<Refresher>,
    ) -> Self {
        let bytes = runtime.settings.memory.as_u64() / 256;
        Self {
            emoji: TtlCache::new(bytes, ADDRESS_TTL, |_, _| ENTRY_SIZE, runtime),
            runtime: Arc::clone(runtime),
            channels: Arc::clone(channels),
            posts: Arc::clone(posts),
            refresher: Arc::clone(refresher),
        }
    }

    /// Looks a file up without a request to Telegram. Deleted posts count too, because the file may be cached.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn known(&self, name: &ChannelName, file: File) -> Result<KnownFile, Error> {
        let name = self.runtime.memory.resolve(name);
        let state = self.channels.recall(&name).await?;
        let numeric_id = state.as_ref().and_then(|state| state.snapshot.channel.numeric_id);
        let key = FileKey::new(numeric_id, &name, file);
        let unknown = KnownFile { key, is_missing: false, identity: None };
        let Some(id) = file.message() else { return Ok(unknown) };
        let stored = self.newest_version(state.as_deref(), &(Key::from(name.key()), id)).await?;
        let Some(stored) = stored else { return Ok(unknown) };
        let is_missing = file.find(&stored.post).is_none();
        Ok(KnownFile { key, is_missing, identity: file.identity(&stored.post) })
    }

    /// The post of a message, from the page that was fetched last: the channel's newest page, the post's own page, or
    /// an older page.
    async fn newest_version(
        &self,
        state: Option<&ChannelState>,
        key: &PostKey,
    ) -> Result<Option<Arc<StoredPost>>, Error> {
        let Some(single) = self.posts.cached_single(key) else {
            let Some(state) = state else { return Ok(None) };
            return Ok(self.channels.row(state, key.1).await?.map(|row| row.kept));
        };
        let newer = state.filter(|state| single.since <= state.snapshot.fetched);
        if let Some(listed) = newer.and_then(|state| state.listed_with(key.1)) {
            return Ok(Some(listed));
        }
        Ok(single.value.as_ref().ok().map(|single| Arc::clone(&single.post)))
    }

    pub fn known_emoji(&self, id: u64) -> KnownFile {
        KnownFile { key: FileKey::emoji(id), is_missing: false, identity: Some(id) }
    }

    /// The photo, video, audio file or sticker of a message, without a request to Telegram; `None` if it has no file.
    ///
    /// # Errors
    /// [`Error::NoArchive`]
    pub async fn media(&self, name: &ChannelName, id: MessageId) -> Result<Option<Media>, Error> {
        let name = self.runtime.memory.resolve(name);
        if let Some(state) = self.channels.recall(&name).await?
            && let Some(row) = self.channels.shown_row(&state, id).await?
        {
            return Ok(media_of(&row.kept.post, id));
        }
        let single = self.posts.cached_single(&(Key::from(name.key()), id));
        let single = single.as_ref().and_then(|single| single.value.as_ref().ok());
        Ok(single.and_then(|single| media_of(&single.post.post, id)))
    }

    /// The present address of a file: never `dead`, and at most an hour old unless Telegram is unavailable.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`]; [`Error::Refused`] when Telegram does not show the post, or not at present.
    pub async fn locate(
        &self,
        name: &ChannelName,
        file: File,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        let located = match file.message() {
            Some(id) => self.locate_in_message(name, file, id, dead, class, client_id).await?,
            None => {
                let address = self.locate_avatar(name, dead, class, client_id).await?;
                Located { address, identity: None }
            }
        };
        self.check_host(located)
    }

    /// The present address of a custom emoji's still picture, by Telegram's number.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`]; [`Error::Refused`].
    pub async fn locate_emoji(
        &self,
        id: u64,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        if let Some(dead) = dead {
            self.emoji.remove_if(&id, |address| address.as_ref() == Some(dead));
        }
        let work = |priority: Priority| {
            let upstream = self.runtime.upstream.clone();
            async move { Ok(upstream.emoji(id, &priority).await?) }
        };
        let deadline = Deadline::after(COLD_TIMEOUT);
        let charge = || self.runtime.limiter.charge(client_id);
        let address = self.emoji.fetch(&id, class, deadline, charge, work).await?;
        let address = address.ok_or(Error::NoSuchFile)?;
        self.check_host(Located { address, identity: Some(id) })
    }

    /// SECURITY: a page with a file address at another host, to make feedline fetch it or send readers there ->
    /// `NoSuchFile`.
    fn check_host(&self, located: Located) -> Result<Located, Error> {
        if self.runtime.upstream.keeps_files_at(&located.address) {
            return Ok(located);
        }
        tracing::warn!(
            file.host = located.address.to_url().and_then(|url| url.host_str().map(str::to_owned)),
            "a file is at a host that upstream.media_hosts does not name"
        );
        Err(Error::NoSuchFile)
    }

    async fn locate_in_message(
        &self,
        name: &ChannelName,
        file: File,
        id: MessageId,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        let context = RequestContext::new(client_id, PAGE_TIMEOUT);
        let name = self.refresher.present_name(name, context).await;
        let key: PostKey = (Key::from(name.key()), id);
        let state = self.channels.recall(&name).await?;
        let row = match &state {
            Some(state) => self.channels.shown_row(state, id).await?,
            None => None,
        };
        let stored = row.map(|row| row.kept);
        if let (Some(state), Some(stored)) = (&state, &stored)
            && self.is_listed(state, stored, &key)
        {
            let listed = located(file, &stored.post)?;
            if dead != Some(&listed.address) {
                return Ok(listed);
            }
        }
        if let Some(dead) = dead {
            self.remove_dead(state.as_deref(), file, &key, dead);
        }
        // Files of a known post do not count against the client's limit.
        let charge =
            || if stored.is_some() { Ok(()) } else { self.runtime.limiter.charge(client_id) };
        match self.posts.single(&name, id, class, charge).await {
            Ok(single) => located(file, &single.post.post),
            // During an outage an old address may still work.
            Err(Error::Refused(refusal)) if refusal.is_outage() => {
                let former = stored.as_ref().and_then(|stored| located(file, &stored.post).ok());
                let former = former.filter(|former| dead != Some(&former.address));
                former.ok_or(Error::Refused(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Removes a post's own page from the cache if it has the dead address, or is older than the newest page, whose
    /// address is dead.
    fn remove_dead(&self, state: Option<&ChannelState>, file: File, key: &PostKey, dead: &Address) {
        let single = self.posts.cached_single(key);
        let is_older =
            single.zip(state).is_some_and(|(single, state)| single.since <= state.snapshot.fetched);
        self.posts.remove_single_if(key, |single: &SinglePost| {
            is_older || file.find(&single.post.post) == Some(dead)
        });
    }

    /// Whether the newest page shows the post, is younger than [`ADDRESS_TTL`], and is newer than the post's own page.
    fn is_listed(&self, state: &ChannelState, stored: &StoredPost, key: &PostKey) -> bool {
        let fetched = state.snapshot.fetched;
        let single = self.posts.cached_single(key);
        elapsed(fetched, self.runtime.clock.now()) < ADDRESS_TTL
            && state.listed.contains(&stored.post.id)
            && single.is_none_or(|single| single.since <= fetched)
    }

    async fn locate_avatar(
        &self,
        name: &ChannelName,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Address, Error> {
        let context = RequestContext::new(client_id, self.runtime.settings.refresh_timeout);
        let view = self.refresher.view(name, context).await?;
        let channel = &view.state.snapshot.channel;
        let avatar = channel.avatar.clone().ok_or(Error::NoSuchFile)?;
        if dead != Some(&avatar) {
            return Ok(avatar);
        }
        let landing = self.runtime.upstream.landing(&channel.name, &Priority::new(class)).await?;
        landing.avatar.filter(|avatar| dead != Some(avatar)).ok_or(Error::NoSuchFile)
    }
}

fn located(file: File, post: &Post) -> Result<Located, Error> {
    let address = file.find(post).cloned().ok_or(Error::NoSuchFile)?;
    Ok(Located { address, identity: file.identity(post) })
}

fn media_of(post: &Post, id: MessageId) -> Option<Media> {
    post.media.iter().find(|media| media.message == id && media.file.is_some()).cloned()
}
