//! What every page is made with: words, addresses, and what the operator decides.

use chrono::{DateTime, Utc};

use super::Words;
use crate::links::{self, Links};
use crate::model::{ChannelName, FeedOptions};
use crate::text::html;
use crate::web::Settings;

/// What every page is made with.
#[derive(Clone, Copy)]
pub(in crate::web) struct Context<'a> {
    pub(in crate::web) words: &'static Words,
    pub(in crate::web) links: &'a Links,
    pub(in crate::web) settings: &'a Settings,
}

impl Context<'_> {
    /// `7 March 2026, 14:05 CET`.
    pub(super) fn when(&self, time: DateTime<Utc>) -> String {
        let local = self.settings.time_zone.local(time);
        format!("{}, {} {}", (self.words.day)(local.date), local.clock, local.zone)
    }

    /// `7 March 2026`.
    pub(super) fn day(&self, time: DateTime<Utc>) -> String {
        (self.words.day)(self.settings.time_zone.local(time).date)
    }

    /// The page here of what an address at Telegram shows.
    pub(super) fn ours(&self, address: &str) -> Option<String> {
        self.links.of_telegram(address, &|name| self.settings.serves(name))
    }

    /// The words that stand within an author's text.
    pub(super) fn text<'t>(&self, ours: &'t dyn Fn(&str) -> Option<String>) -> html::Page<'t> {
        let post = &self.words.post;
        html::Page { ours, in_telegram: post.in_telegram, unfold: post.unfold }
    }
}

/// A channel's page without options.
pub(super) fn plain_page(links: &Links, channel: &ChannelName) -> String {
    links.channel(channel, &FeedOptions::default())
}

/// The same at Telegram.
pub(super) fn there(channel: &ChannelName) -> String {
    links::telegram_channel(channel)
}
