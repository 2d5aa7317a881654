//! One post by itself.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Key;
use super::file::has_files;
use super::memory::{ChannelState, SinglePost};
use super::merge::Merged;
use super::persistence::{Owner, unread};
use super::ttl_cache::{self, Deadline};
use super::{COLD_TIMEOUT, ClientId, Error, Inner, merge};
use crate::archive::PostRow;
use crate::model::{ChannelName, MessageId, Post, StoredPost};
use crate::upstream::{self, Class, Priority, Refusal};

/// How long a person who opens a post waits for a fresh look at its channel.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

/// The older posts that a post's page names: the one before it, and three further ones.
pub const OLDER_POSTS: usize = 4;

/// The posts that are read from the archive to find neighbours: some are service messages, or deleted.
const NEIGHBOURS: usize = 12;

/// One post with what its page needs beside it.
#[derive(Clone, Debug)]
pub struct PostView {
    /// The post.
    pub kept: Arc<StoredPost>,
    /// What its channel or group calls itself.
    pub title: String,
    /// What is known of its channel; nothing of a group.
    pub known: Option<Arc<ChannelState>>,
    /// When Telegram was found not to show it any more, if posts are shown all the same.
    pub deleted: Option<DateTime<Utc>>,
    /// Its earlier versions, newest first.
    pub former: Vec<StoredPost>,
    /// The next newer post, as far as is known.
    pub newer: Option<Arc<StoredPost>>,
    /// The next older posts, as far as they are known: up to [`OLDER_POSTS`], newest first.
    pub older: Vec<Arc<StoredPost>>,
}

impl Inner {
    pub(super) async fn post(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        client_id: ClientId,
    ) -> Result<PostView, Error> {
        let name = self.present(name, client_id).await;
        let mut known = self.recall(&name).await?;
        if let Some(old) = known.as_ref().filter(|known| !known.is_fresh(self.clock.now()))
            && self.shown_post(old, id).await?.is_some()
        {
            known = Some(self.view(&name, PAGE_PATIENCE, client_id).await?.known);
        }
        let Some(known) = known else {
            let single = self.single(&name, id, Class::Waiting, || self.charge(client_id)).await;
            let SinglePost { post: kept, title } = single.outcome(self.clock.now())?.clone();
            let known = self.recall(&name).await?;
            return Ok(PostView {
                kept,
                title,
                known,
                deleted: None,
                former: Vec::new(),
                newer: None,
                older: Vec::new(),
            });
        };
        let (kept, title, deleted) = match self.shown_held(&known, id).await? {
            Some(held) => (held.kept, known.snapshot.channel.title.clone(), held.deleted),
            None => {
                let single =
                    self.single(&name, id, Class::Waiting, || self.charge(client_id)).await;
                let SinglePost { post, title } = single.outcome(self.clock.now())?.clone();
                (post, title, None)
            }
        };
        let (newer, older) = self.neighbours(&known, kept.post.id).await?;
        let former = self.former(&known, &kept).await?;
        Ok(PostView { kept, title, known: Some(known), deleted, former, newer, older })
    }

    /// The earlier versions of a post, newest first.
    async fn former(
        &self,
        known: &ChannelState,
        kept: &StoredPost,
    ) -> Result<Vec<StoredPost>, Error> {
        let Some(channel) = known.id else { return Ok(Vec::new()) };
        let held = self.archive.revisions(channel, kept.identity.message).await;
        let mut former = held.map_err(unread)?;
        former.reverse();
        Ok(former)
    }

    /// A post that is held and shown, by any of its messages.
    async fn shown_held(
        &self,
        known: &ChannelState,
        id: MessageId,
    ) -> Result<Option<PostRow>, Error> {
        let held = self.held_post(known, id).await?;
        Ok(held.filter(|held| held.deleted.is_none() || self.settings.keeps_deleted))
    }

    pub(super) async fn shown_post(
        &self,
        known: &ChannelState,
        id: MessageId,
    ) -> Result<Option<Arc<StoredPost>>, Error> {
        Ok(self.shown_held(known, id).await?.map(|held| held.kept))
    }

    /// The next newer post, and some older ones: in memory, else in the archive.
    async fn neighbours(
        &self,
        known: &ChannelState,
        id: MessageId,
    ) -> Result<(Option<Arc<StoredPost>>, Vec<Arc<StoredPost>>), Error> {
        let said = |kept: &&Arc<StoredPost>| kept.post.service.is_none();
        let posts = &known.snapshot.posts;
        let is_below = posts.last().is_none_or(|last| id < last.post.id);
        let mut newer = posts.iter().filter(said).rfind(|kept| kept.post.id > id).cloned();
        let older = posts.iter().filter(said).filter(|kept| kept.post.id < id);
        let mut older: Vec<_> = older.take(OLDER_POSTS).cloned().collect();
        let Some(channel) = known.id else { return Ok((newer, older)) };
        if is_below {
            let held = self.archive.newer(channel, id, NEIGHBOURS).await.map_err(unread)?;
            let held = self.shown(&held);
            newer = held.iter().rev().find(said).cloned().or(newer);
        }
        if older.len() < OLDER_POSTS {
            let stretch = self.archive.older(channel, id, NEIGHBOURS).await.map_err(unread)?;
            let held = self.shown(&stretch.posts);
            older = held.iter().filter(said).take(OLDER_POSTS).cloned().collect();
        }
        Ok((newer, older))
    }

    /// The name that a channel has now; one that it gave up is looked at again when that was long ago.
    pub(super) async fn present(
        self: &Arc<Self>,
        name: &ChannelName,
        client_id: ClientId,
    ) -> ChannelName {
        let now = self.clock.now();
        let alias = self.memory.aliases.get(&Key::from(name.key()));
        if alias.is_some_and(|alias| !alias.is_fresh(now)) {
            // Whatever comes of it: what is to be known about the name is known then.
            drop(self.view(name, PAGE_PATIENCE, client_id).await);
        }
        self.memory.resolve(name, self.clock.now())
    }

    /// The post by itself, asked at most once an hour.
    pub(super) async fn single(
        self: &Arc<Self>,
        name: &ChannelName,
        id: MessageId,
        class: Class,
        toll: impl FnOnce() -> Result<(), Refusal>,
    ) -> ttl_cache::Outcome<SinglePost> {
        let key = (Key::from(name.key()), id);
        let work = |priority: Priority| {
            let (inner, name) = (Arc::clone(self), name.clone());
            async move {
                let mut fetched = inner.upstream.post(&name, id, &priority).await?;
                let number = fetched.post.numeric_channel_id;
                let post = std::slice::from_mut(&mut fetched.post);
                inner.complete(&name, number, post).await?;
                let title = fetched.title.unwrap_or_else(|| name.to_string());
                Ok(SinglePost { post: inner.learn_single(&name, &fetched.post).await?, title })
            }
        };
        self.singles.fetch(&key, class, Deadline::after(COLD_TIMEOUT), toll, work).await
    }

    /// A post of a known channel that was not held goes into the archive, and has its identity from then on. A single page
    /// is no list: it tells nothing about edits.
    async fn learn_single(
        &self,
        name: &ChannelName,
        post: &Post,
    ) -> Result<Arc<StoredPost>, Error> {
        let _applying = self.applying.lock().await;
        let number = post.numeric_channel_id;
        let known = match self.recall_owner(name, number).await? {
            Owner::ChannelState(known) => known,
            Owner::Another => return Ok(Arc::new(merge::fresh(post, number))),
            Owner::Unknown => return Ok(Arc::new(merge::fresh(post, None))),
        };
        if let Some(held) = self.held_post(&known, post.id).await? {
            // Where its files lie now is told by the page, what the post is by what is held.
            let kept = StoredPost { post: post.clone(), ..StoredPost::clone(&held.kept) };
            return Ok(Arc::new(kept));
        }
        let number = known.snapshot.channel.identity_number();
        let kept = Arc::new(merge::fresh(post, number));
        let held = PostRow::new(Arc::clone(&kept), upstream::PARSER);
        let merged = Merged { put: vec![held], ..Merged::default() };
        self.keep_besides(&known, merged, None).await;
        Ok(kept)
    }

    /// Posts that came on a page: their files need not be asked for one by one.
    pub(super) fn shelve(&self, channel: &Key, title: &str, posts: &[Arc<StoredPost>]) {
        let with_files = posts.iter().filter(|kept| has_files(&kept.post));
        for (kept, id) in
            with_files.flat_map(|kept| kept.post.members.iter().map(move |id| (kept, id)))
        {
            let single = SinglePost { post: Arc::clone(kept), title: title.to_owned() };
            self.singles.put((Key::clone(channel), *id), single);
        }
    }
}
