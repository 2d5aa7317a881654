//! What every page is made with: words, addresses, and what the operator decides.

use chrono::{DateTime, Utc};

use crate::links::{self, Links};
use crate::locale::Words;
use crate::model::options::MediaMode;
use crate::model::{Channel, ChannelName, FeedOptions};
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
        format!("{}, {} {}", self.words.date(local.date), local.clock, local.zone)
    }

    /// `7 March 2026`.
    pub(super) fn day(&self, time: DateTime<Utc>) -> String {
        self.words.date(self.settings.time_zone.local(time).date)
    }

    /// No options, but files as the operator decides.
    pub(super) fn options(&self) -> FeedOptions {
        FeedOptions::default().with_media(self.media())
    }

    /// Our address of a channel's picture, if it has one and pages show pictures.
    pub(super) fn avatar(&self, channel: &Channel) -> Option<String> {
        let avatar = channel.avatar.as_ref().filter(|_| self.shows_files());
        avatar.map(|avatar| self.links.avatar(&channel.name, avatar, self.media()))
    }

    /// Whether pages show files at all.
    fn shows_files(&self) -> bool {
        self.media() != MediaMode::None
    }

    /// Where files come from is what the operator decides.
    fn media(&self) -> MediaMode {
        self.links.defaults().media()
    }

    /// The page here of what an address at Telegram shows.
    pub(super) fn ours(&self, address: &str) -> Option<String> {
        self.links.of_telegram(address, &|name| self.settings.serves(name))
    }

    /// Something that a channel says, as pages write it.
    pub(super) fn written(
        &self,
        channel: &ChannelName,
        write: impl FnOnce(&html::Context<'_>, &mut String),
    ) -> String {
        let tag = |tag: &str| self.links.tagged(channel, tag);
        let emoji =
            |id: u64| if self.shows_files() { self.links.emoji(id, self.media()) } else { None };
        let ours = |address: &str| self.ours(address);
        let place = html::Context {
            tag: &tag,
            emoji: &emoji,
            spoilers: html::SpoilerStyle::Reveal,
            page: Some(self.text(&ours)),
        };
        let mut html = String::new();
        write(&place, &mut html);
        html
    }

    /// The words that stand within an author's text.
    pub(super) fn text<'t>(&self, ours: &'t dyn Fn(&str) -> Option<String>) -> html::Page<'t> {
        let in_telegram = Some(self.words.tr("post-in-telegram"));
        html::Page { ours, in_telegram, unfold: self.words.tr("post-unfold") }
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
