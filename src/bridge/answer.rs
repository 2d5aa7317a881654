//! A feed from what is known of a channel: gathered, selected, rendered once for all who ask, and kept.

use std::sync::Arc;

use super::history::Gathered;
use super::memory::Known;
use super::render::{RenderKey, Rendered};
use super::{Error, Feed, Inner, View, Visit};
use crate::feed::{self, Selection};
use crate::links::{Base, Links};
use crate::model::{FeedOptions, Format};
use crate::upstream::{Class, Refusal};

/// A rendered feed, and what is to be known about it.
pub(super) type Drawn = Result<(Arc<Rendered>, Option<&'static str>), Error>;

impl Inner {
    /// The posts that the options select, and why they are fewer than were asked for.
    pub(super) fn select(
        &self,
        known: &Known,
        gathered: &Gathered,
        options: &FeedOptions,
        links: &Links,
    ) -> Result<Selection, Error> {
        let selection = feed::select(&self.request(known, gathered, options, links));
        match &gathered.refusal {
            // Nothing at all would say that there is nothing.
            Some(refusal) if selection.posts.is_empty() && options.asks_for_more() => {
                Err(refusal.clone().into())
            }
            _ => Ok(selection),
        }
    }

    pub(super) async fn feed(
        self: &Arc<Self>,
        mut view: View,
        options: &FeedOptions,
        format: Format,
        base: &Base,
        visit: Visit,
    ) -> Result<Feed, Error> {
        let known = &view.known;
        let channel = known.snapshot.channel.name.clone();
        let key = RenderKey {
            channel: known.key(),
            options: self.normal_form(options),
            format,
            base: base.clone(),
        };
        let fetched = known.snapshot.fetched;
        let kept = self.memory.rendered.get(&key).filter(|rendered| rendered.fetched == fetched);
        let rendered = match kept {
            Some(rendered) => rendered,
            None => {
                let work = |_| {
                    let (known, options) = (Arc::clone(known), options.clone());
                    Arc::clone(self).draw(key.clone(), known, options, visit)
                };
                let mut ticket =
                    self.drawings.join((key.clone(), fetched), Class::Waiting, true, work);
                let (rendered, detail) = ticket.landed().await.ok_or(Error::Internal)??;
                view.freshness.detail = view.freshness.detail.or(detail);
                rendered
            }
        };
        Ok(Feed { channel, rendered, freshness: view.freshness })
    }

    /// The options as a key: equal ones are one.
    pub(super) fn normal_form(&self, options: &FeedOptions) -> Box<str> {
        let defaults = &self.settings.feed.options;
        if options == defaults { Box::default() } else { options.to_query(defaults).into() }
    }

    async fn draw(
        self: Arc<Self>,
        key: RenderKey,
        known: Arc<Known>,
        options: FeedOptions,
        visit: Visit,
    ) -> Drawn {
        let former = self.memory.rendered.get(&key);
        let fetched = known.snapshot.fetched;
        // Another drawing may have ended between the look and this one's start.
        if let Some(rendered) = former.as_ref().filter(|rendered| rendered.fetched == fetched) {
            return Ok((Arc::clone(rendered), None));
        }
        let gathered = self.gather(&known, &options, visit).await;
        let detail = gathered.refusal.as_ref().map(Refusal::code);
        let is_kept = gathered.is_complete;
        let (inner, base, format) = (Arc::clone(&self), key.base.clone(), key.format);
        // Rendering takes some milliseconds of computing: not on a thread that serves connections.
        let rendering = tokio::task::spawn_blocking(move || {
            let former = former.as_deref();
            inner.render(&known, &gathered, &options, base, format, former)
        });
        let rendered = Arc::new(rendering.await.map_err(|_| Error::Internal)??);
        if is_kept {
            self.memory.rendered.insert(key, Arc::clone(&rendered));
        }
        Ok((rendered, detail))
    }

    fn render(
        &self,
        known: &Known,
        gathered: &Gathered,
        options: &FeedOptions,
        base: Base,
        format: Format,
        former: Option<&Rendered>,
    ) -> Result<Rendered, Error> {
        let links = Links::new(base, self.settings.feed.options.clone());
        let selection = self.select(known, gathered, options, &links)?;
        let request = self.request(known, gathered, options, &links);
        let body = feed::write(&feed::Feed::build(&request, &selection), format);
        let snapshot = &known.snapshot;
        // Counters change without anything being said: such a feed is as old as its fetch.
        let last_modified = if options.stats() { snapshot.fetched } else { snapshot.updated };
        let same = former.filter(|former| former.body().as_ref() == body);
        Ok(match same {
            Some(former) => former.again(last_modified, snapshot.fetched),
            None => Rendered::new(body, last_modified, snapshot.fetched),
        })
    }

    pub(super) fn request<'a>(
        &'a self,
        known: &'a Known,
        gathered: &'a Gathered,
        options: &'a FeedOptions,
        links: &'a Links,
    ) -> feed::Request<'a> {
        let newest = known.snapshot.posts.first();
        feed::Request {
            snapshot: &known.snapshot,
            posts: &gathered.posts,
            passed: gathered.passed,
            reaches_start: gathered.reaches_start,
            options,
            defaults: &self.settings.feed,
            // The last day is that before the newest post: else posts would leave the feed while nothing is said.
            now: newest.map_or_else(|| self.clock.now(), |kept| kept.post.published),
            links,
            language: known.language,
            life: known.rhythm,
        }
    }
}
