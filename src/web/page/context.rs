//! The context of every page: messages, links and settings.

use chrono::{DateTime, Utc};

use crate::links::Links;
use crate::locale::Words;
use crate::model::options::MediaMode;
use crate::model::{Channel, ChannelName, FeedOptions, File};
use crate::text::html;
use crate::web::Settings;

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

    /// No options, except the operator's media mode.
    pub(super) fn options(&self) -> FeedOptions {
        FeedOptions::default().with_media(self.media())
    }

    /// A channel's page without options.
    pub(super) fn page(&self, channel: &ChannelName) -> String {
        self.links.channel(channel, &FeedOptions::default())
    }

    /// The URL of a channel's avatar, if it has one and pages show images.
    pub(super) fn avatar(&self, channel: &Channel) -> Option<String> {
        let avatar = channel.avatar.as_ref().filter(|_| self.shows_files());
        avatar.map(|avatar| {
            self.links.file(&channel.name, File::Avatar, avatar.as_str(), self.media())
        })
    }

    fn shows_files(&self) -> bool {
        self.media() != MediaMode::None
    }

    /// The operator's media mode.
    fn media(&self) -> MediaMode {
        self.links.defaults().media()
    }

    /// feedline's page for a Telegram URL, if there is one.
    pub(super) fn ours(&self, address: &str) -> Option<String> {
        self.links.of_telegram(address, &|name| self.settings.serves(name))
    }

    /// A channel's text as HTML for a page.
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

    /// feedline's labels within an author's text.
    pub(super) fn text<'t>(&self, ours: &'t dyn Fn(&str) -> Option<String>) -> html::Page<'t> {
        let in_telegram = Some(self.words.tr("post-in-telegram"));
        html::Page { ours, in_telegram, unfold: self.words.tr("post-unfold") }
    }
}
