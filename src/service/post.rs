//! One post with its neighbours and earlier versions, for its page.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::channels::Channels;
use super::error::read_failed;
use super::memory::ChannelState;
use super::post_fetcher::PostFetcher;
use super::refresh::Refresher;
use super::{ClientId, Error, PAGE_TIMEOUT, RequestContext, Runtime};
use crate::model::{ChannelName, MessageId, StoredPost};
use crate::upstream::Class;

/// The older posts that a post's page links to.
pub const OLDER_POSTS: usize = 4;

/// The archived posts that are read to find neighbours: some are service messages, or deleted.
const NEIGHBOURS: usize = 12;

#[derive(Clone, Debug)]
pub struct PostView {
    pub post: Arc<StoredPost>,
    /// The title of the channel or group.
    pub title: String,
    /// `None` for a group.
    pub channel: Option<Arc<ChannelState>>,
    /// The date of the deletion, if feeds and pages keep deleted posts.
    pub deleted: Option<DateTime<Utc>>,
    /// Earlier versions, newest first.
    pub former: Vec<StoredPost>,
    /// The next newer post, if it is known.
    pub newer: Option<Arc<StoredPost>>,
    /// The next older known posts, at most [`OLDER_POSTS`], newest first.
    pub older: Vec<Arc<StoredPost>>,
}

/// Reads posts from memory or the archive, else from the post's own page.
pub(super) struct PostReader {
    runtime: Arc<Runtime>,
    channels: Arc<Channels>,
    posts: Arc<PostFetcher>,
    refresher: Arc<Refresher>,
}

impl PostReader {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        channels: &Arc<Channels>,
        posts: &Arc<PostFetcher>,
        refresher: &Arc<Refresher>,
    ) -> Self {
        Self {
            runtime: Arc::clone(runtime),
            channels: Arc::clone(channels),
            posts: Arc::clone(posts),
            refresher: Arc::clone(refresher),
        }
    }

    pub(super) async fn post(
        &self,
        name: &ChannelName,
        id: MessageId,
        client_id: ClientId,
    ) -> Result<PostView, Error> {
        let context = RequestContext::new(client_id, PAGE_TIMEOUT);
        let name = self.refresher.present_name(name, context).await;
        let mut channel = self.channels.recall(&name).await?;
        if let Some(state) =
            channel.as_ref().filter(|state| !state.is_fresh(self.runtime.clock.now()))
            && self.channels.shown_row(state, id).await?.is_some()
        {
            channel = Some(self.refresher.view(&name, context).await?.state);
        }
        let row = match &channel {
            Some(state) => self.channels.shown_row(state, id).await?,
            None => None,
        };
        let (post, title, deleted) = match (row, &channel) {
            (Some(row), Some(state)) => {
                (row.kept, state.snapshot.channel.title.clone(), row.deleted)
            }
            _ => {
                let charge = || self.runtime.limiter.charge(client_id);
                let single = self.posts.single(&name, id, Class::Waiting, charge).await?;
                (single.post, single.title, None)
            }
        };
        let mut view = PostView {
            post,
            title,
            channel,
            deleted,
            former: Vec::new(),
            newer: None,
            older: Vec::new(),
        };
        match view.channel.clone() {
            Some(state) => {
                let id = view.post.post.id;
                (view.newer, view.older) = self.neighbours(&state, id).await?;
                view.former = self.former(&state, &view.post).await?;
            }
            // A fetched page can have made the channel known.
            None => view.channel = self.channels.recall(&name).await?,
        }
        Ok(view)
    }

    async fn former(
        &self,
        state: &ChannelState,
        post: &StoredPost,
    ) -> Result<Vec<StoredPost>, Error> {
        let Some(channel) = state.id else { return Ok(Vec::new()) };
        let revisions = self.runtime.archive.revisions(channel, post.identity.message).await;
        let mut former = revisions.map_err(read_failed)?;
        former.reverse();
        Ok(former)
    }

    /// The next newer post and some older ones, from memory, else from the archive.
    async fn neighbours(
        &self,
        state: &ChannelState,
        id: MessageId,
    ) -> Result<(Option<Arc<StoredPost>>, Vec<Arc<StoredPost>>), Error> {
        let said = |stored: &&Arc<StoredPost>| stored.post.service.is_none();
        let posts = &state.snapshot.posts;
        let is_below = posts.last().is_none_or(|last| id < last.post.id);
        let mut newer = posts.iter().filter(said).rfind(|stored| stored.post.id > id).cloned();
        let older = posts.iter().filter(said).filter(|stored| stored.post.id < id);
        let mut older: Vec<_> = older.take(OLDER_POSTS).cloned().collect();
        let Some(channel) = state.id else { return Ok((newer, older)) };
        if is_below {
            let rows =
                self.runtime.archive.newer(channel, id, NEIGHBOURS).await.map_err(read_failed)?;
            newer = self.channels.shown(&rows).iter().rev().find(said).cloned().or(newer);
        }
        if older.len() < OLDER_POSTS {
            let stretch =
                self.runtime.archive.older(channel, id, NEIGHBOURS).await.map_err(read_failed)?;
            let shown = self.channels.shown(&stretch.posts);
            older = shown.iter().filter(said).take(OLDER_POSTS).cloned().collect();
        }
        Ok((newer, older))
    }
}
