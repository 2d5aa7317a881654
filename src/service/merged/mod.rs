//! Several channels that are read as one.
//!
//! Each channel is asked for by itself, all at once, as if somebody asked for it alone (`snapshot`); so whoever reads it
//! alone and whoever reads it with others wait for the same refresh. Who waited long enough gets what is there, and hears
//! which channels are missing; when none is there, the refusal.
//!
//! A feed is drawn once for all who ask, and kept with what it was drawn from: each channel's last fetch. When one of them
//! was fetched again, it is drawn again.

mod gather;
mod render;
mod view;

use std::sync::Arc;

pub use view::{MergedView, Missing, Renamed};

use super::Key;
use super::memory::ChannelState;
use super::render::Rendered;
use super::{ClientId, Error, Freshness, RequestContext, Service};
use crate::feed::SeveralSelection;
use crate::links::Base;
use crate::model::{Format, Merged, MergedOptions, StoredPost};

/// A feed of several channels, to be sent.
#[derive(Clone, Debug)]
pub struct MergedFeed {
    /// Body and validators.
    pub rendered: Arc<Rendered>,
    /// How fresh it is: the channel whose TTL ends first decides.
    pub freshness: Freshness,
    /// The channels that are not in it.
    pub missing: Vec<Missing>,
    /// Names that were asked for and that channels do not have any more, with those that they have.
    pub renamed: Renamed,
}

/// A page of posts of several channels, newest first, each with what is known of its channel.
#[derive(Clone, Debug)]
pub struct MergedPage {
    /// The channels.
    pub view: MergedView,
    /// The posts.
    pub entries: Vec<(Arc<ChannelState>, Arc<StoredPost>)>,
    asked: MergedOptions,
    selection: SeveralSelection,
}

impl MergedPage {
    /// How many posts were looked at, those that are not wanted included.
    pub fn considered(&self) -> usize {
        self.selection.considered
    }

    /// What to ask for the posts behind the first `entries` of these; none when there are none.
    pub fn next(&self, entries: usize) -> Option<MergedOptions> {
        Some(self.asked.with_before(Some(self.selection.cursor(entries)?)))
    }
}

impl Service {
    /// The feed of several channels, for whoever asks.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Gone`] when none of the channels is there.
    pub async fn merged_feed(
        &self,
        merged: &Merged,
        asked: &MergedOptions,
        format: Format,
        base: &Base,
        client_id: ClientId,
    ) -> Result<MergedFeed, Error> {
        let inner = &self.0;
        let context = RequestContext::new(client_id);
        let view = inner.merged_view(merged, inner.settings.refresh_timeout, client_id).await?;
        let key = inner.merged_key(merged, asked, format, base);
        let rendering = {
            let (inner, merged, asked) = (Arc::clone(inner), merged.clone(), asked.clone());
            let known = view.known.clone();
            let render =
                move |key, former| inner.render_merged(key, merged, asked, known, former, context);
            self.0.renders.get_or_render(key, &view.known, render).await?
        };
        Ok(MergedFeed {
            freshness: view.freshness().lacking(rendering.detail),
            rendered: rendering.rendered,
            missing: view.missing,
            renamed: view.renamed,
        })
    }

    /// The same, if it lies ready: every channel alive, or known not to be there, and the feed drawn from them.
    pub fn warm_merged(
        &self,
        merged: &Merged,
        asked: &MergedOptions,
        format: Format,
        base: &Base,
    ) -> Option<MergedFeed> {
        let inner = &self.0;
        let key = inner.merged_key(merged, asked, format, base);
        let view = inner.merged_view_at_hand(merged)?;
        let rendering = inner.renders.get(&key.as_ref(), &view.known)?;
        if !view.renamed.is_empty() {
            return None;
        }
        let freshness = view.freshness();
        let MergedView { missing, renamed, .. } = view;
        Some(MergedFeed { rendered: rendering.rendered, freshness, missing, renamed })
    }

    /// What a channel calls itself, if that is known without asking.
    pub fn title_at_hand(&self, name: &crate::model::ChannelName) -> Option<String> {
        let known = self.0.memory.channels.get(&Key::from(name.key()))?;
        Some(known.snapshot.channel.title.clone())
    }

    /// The posts of several channels that the options select, for a page.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Gone`] when none of the channels is there.
    pub async fn merged_page(
        &self,
        merged: &Merged,
        asked: &MergedOptions,
        refresh_timeout: std::time::Duration,
        client_id: ClientId,
    ) -> Result<MergedPage, Error> {
        let inner = &self.0;
        let context = RequestContext::new(client_id);
        let mut view = inner.merged_view(merged, refresh_timeout, client_id).await?;
        let gathered = inner.gather_merged(&view.known, asked, context).await?;
        view.detail = view.detail.or(gathered.detail());
        let selection = gathered.selection;
        let entry = |(part, kept): &(usize, Arc<StoredPost>)| {
            (Arc::clone(&view.known[*part]), Arc::clone(kept))
        };
        let entries = selection.entries.iter().map(entry).collect();
        Ok(MergedPage { entries, asked: asked.clone(), selection, view })
    }
}
