//! The feed of several channels: gathered, selected, written once for all who ask, and kept.

use std::sync::Arc;
use std::time::Duration;

use super::gather::GatheredSeveral;
use crate::feed::{self, Entry, Several};
use crate::links::{Base, Links};
use crate::model::{ChannelName, Format, Merged, MergedOptions};
use crate::service::Key;
use crate::service::memory::ChannelState;
use crate::service::render::Rendered;
use crate::service::render_cache::{RenderKey, Rendering};
use crate::service::{Error, Inner, RequestContext};

/// All that decides a feed's bytes.
struct Draft {
    merged: Merged,
    asked: MergedOptions,
    known: Vec<Arc<ChannelState>>,
    gathered: GatheredSeveral,
    links: Links,
    format: Format,
}

impl Inner {
    pub(super) fn merged_key(
        &self,
        merged: &Merged,
        asked: &MergedOptions,
        format: Format,
        base: &Base,
    ) -> RenderKey {
        let mut options = self.normal_form(&asked.options).into_string();
        if let Some(before) = &asked.before {
            options.push_str("&before=");
            options.push_str(&before.to_text());
        }
        // A collection keeps its name when its channels change.
        let channel: Key = format!("{} {}", merged.path(), merged.channels().key()).into();
        RenderKey { channel, options: options.into(), format, base: base.clone() }
    }

    pub(super) async fn render_merged(
        self: Arc<Self>,
        key: RenderKey,
        merged: Merged,
        asked: MergedOptions,
        known: Vec<Arc<ChannelState>>,
        former: Option<Arc<Rendered>>,
        context: RequestContext,
    ) -> Result<Rendering, Error> {
        let RenderKey { format, base, .. } = key;
        let known = match asked.has_floor() {
            true => self.fix_floors(known, &asked.options, &base, context).await?,
            false => known,
        };
        let gathered = self.gather_merged(&known, &asked, context).await?;
        let detail = gathered.detail();
        let is_complete = gathered.is_complete;
        let links = Links::new(base, self.settings.feed.options.clone());
        let draft = Draft { merged, asked, known, gathered, links, format };
        let now = self.clock.now();
        // Writing takes some milliseconds of computing: not on a thread that serves connections.
        let writing = tokio::task::spawn_blocking(move || draft.render(former.as_deref(), now));
        let rendered = Arc::new(writing.await.map_err(|_| Error::Internal)?);
        Ok(Rendering { rendered, detail, is_complete })
    }
}

impl Draft {
    fn render(&self, former: Option<&Rendered>, now: chrono::DateTime<chrono::Utc>) -> Rendered {
        let body = feed::write(&self.document(), self.format);
        let dates = self.known.iter().map(|known| &known.snapshot);
        let fetched = dates.clone().map(|snapshot| snapshot.fetched).max().unwrap_or(now);
        let updated = dates.map(|snapshot| snapshot.updated).max().unwrap_or(now);
        // Counters change without anything being said: such a feed is as old as its fetch.
        let changed = if self.asked.options.stats() { fetched } else { updated };
        match former {
            Some(former) if former.body().as_ref() == body => {
                former.again(changed.max(former.last_modified()))
            }
            // A channel that came late brings posts that are older than the newest of the others.
            Some(former) if changed <= former.last_modified() => Rendered::new(body, now),
            _ => Rendered::new(body, changed),
        }
    }

    fn document(&self) -> feed::Feed {
        let Self { merged, asked, known, links, .. } = self;
        let selection = &self.gathered.selection;
        let entries: Vec<Entry<'_>> = selection
            .entries
            .iter()
            .map(|(part, kept)| {
                let known = &known[*part];
                Entry { kept, channel: &known.snapshot.channel, language: known.language }
            })
            .collect();
        let addresses = |asked: &MergedOptions| {
            Format::ALL.map(|format| links.merged_feed(merged, format, asked))
        };
        let own = addresses(asked);
        let first = asked.before.as_ref().map(|_| addresses(&asked.with_before(None)));
        let next = |items: usize| {
            let cursor = selection.cursor(items)?;
            Some(addresses(&asked.with_before(Some(cursor))))
        };
        feed::Feed::of_several(&Several {
            id: &merged.identity(&asked.options),
            title: merged.title(),
            description: Some(&description(merged)),
            home: &links.merged(
                merged,
                &MergedOptions { before: None, options: asked.options.content_only() },
            ),
            entries: &entries,
            updated: known.iter().map(|known| known.snapshot.updated).max().unwrap_or_default(),
            ttl: known.iter().map(|known| known.base_ttl).min().unwrap_or(Duration::ZERO),
            options: &asked.options,
            links,
            addresses: own.each_ref().map(String::as_str),
            first: first.as_ref().map(|first| first.each_ref().map(String::as_str)),
            next: &next,
        })
    }
}

/// Names alone: what channels call themselves changes, and whether one of them is there.
fn description(merged: &Merged) -> String {
    let names = merged.channels().names().iter();
    names.map(|name: &ChannelName| format!("@{}", name.key())).collect::<Vec<_>>().join(", ")
}
