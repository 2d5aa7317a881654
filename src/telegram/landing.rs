//! The landing card `t.me/<name>`: what kind of thing a name is.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::error::NotAPage;
use super::header::{Marks, avatar, is_telegrams_own, marks, short};
use super::limits;
use super::message::{line, rich};
use super::preview::is_whole;
use super::quantity;
use super::selectors as class;
use super::style;
use super::tree::{Event, Step, attribute, classes, walk};
use super::warning::Warnings;
use crate::model::{ChannelName, Target};
use crate::text::{Address, RichText, is_blank};

/// What a landing page says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Landing {
    /// What the name is.
    pub kind: LandingKind,
    /// The name, as the page's own links carry it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<ChannelName>,
    /// The title of the channel or group, or the person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Subscribers or members, as Telegram writes them: exact, in groups of three (`1 204 317`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribers: Option<String>,
    /// What it says about itself.
    #[serde(skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    /// Its picture's present address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Address>,
    /// Telegram vouches for it.
    pub verified: bool,
    /// The page has its end.
    pub is_whole: bool,
}

/// What a name may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LandingKind {
    /// A channel.
    Channel {
        /// Whether its posts can be read without an account.
        has_preview: bool,
    },
    /// A public group.
    Group,
    /// A person.
    User,
    /// A bot.
    Bot,
    /// A channel that Telegram does not show here.
    Blocked,
    /// There is no such name; or we are refused: an address that asked too much gets the same page.
    Missing,
    /// A card that we do not know, such as an invitation.
    Other,
}

/// Reads a landing page.
///
/// The title of the document is not to be trusted: until 2024 it said `Contact` for channels too.
///
/// # Errors
/// [`NotAPage`] when it exceeds an input limit or holds no landing card.
pub fn parse(html: &str) -> Result<Landing, NotAPage> {
    from_tree(&limits::parse(html)?, html)
}

pub(super) fn from_tree(tree: &Html, html: &str) -> Result<Landing, NotAPage> {
    let mut card = Card::default();
    walk(tree.root_element(), |event| match event {
        Event::Open(element) => card.read(element),
        Event::Text(_) | Event::Close => Step::Into,
    });
    if !card.was_seen {
        return Err(NotAPage::Unrecognised { bytes: html.len() });
    }
    let kind = card.kind();
    let counts = matches!(kind, LandingKind::Channel { .. } | LandingKind::Group);
    let has_own_words = !matches!(kind, LandingKind::Missing | LandingKind::Blocked);
    Ok(Landing {
        kind,
        name: card.name,
        title: card.title.or(card.og_title.filter(|_| has_own_words)),
        subscribers: quantity::counter(&card.extra).filter(|_| counts),
        description: if has_own_words { card.description } else { RichText::default() },
        avatar: card.avatar.filter(|image| !is_telegrams_own(image)),
        verified: card.marks.verified,
        is_whole: is_whole(html),
    })
}

/// The most parts of a card that are read: a card has about eight.
///
/// SECURITY: parts in parts, two hundred deep, round all that fits on a page -> each would be read as a whole.
const MOST_PARTS: usize = 32;

/// A card that is being read.
#[derive(Default)]
struct Card {
    parts: usize,
    was_seen: bool,
    name: Option<ChannelName>,
    title: Option<String>,
    og_title: Option<String>,
    offers_posts: bool,
    extra: String,
    description: RichText,
    avatar: Option<Address>,
    marks: Marks,
    is_nobody: bool,
    has_preview: bool,
    button: String,
}

impl Card {
    fn read(&mut self, element: ElementRef<'_>) -> Step {
        match element.value().name() {
            "script" | "style" | "svg" => return Step::Over,
            "meta" => self.read_meta(element),
            "a" => self.has_preview |= leads_to_list(element),
            _ => {}
        }
        for class in classes(element) {
            if self.parts >= MOST_PARTS {
                break;
            }
            self.parts += 1;
            match class {
                class::LANDING => self.was_seen = true,
                class::LANDING_TITLE => {
                    self.marks = marks(element);
                    self.title = Some(title(element)).filter(|title| !is_blank(title));
                }
                class::LANDING_EXTRA => self.extra = line(element),
                class::LANDING_DESCRIPTION => {
                    self.offers_posts |= offers_posts(&line(element));
                    self.description = rich(element, &mut Warnings::default());
                }
                class::LANDING_NOBODY => self.is_nobody = true,
                class::PAGE_PHOTO => self.avatar = self.avatar.take().or_else(|| avatar(element)),
                class::LANDING_BUTTON if self.button.is_empty() => self.button = line(element),
                _ => self.parts -= 1,
            }
        }
        Step::Into
    }

    fn read_meta(&mut self, element: ElementRef<'_>) {
        let content = attribute(element, "content").unwrap_or_default();
        match attribute(element, "property") {
            Some("og:title") if !is_blank(content) => {
                self.og_title = Some(short(content.trim()).to_owned());
            }
            Some("og:description") => {
                let words: Vec<&str> = short(content).split_whitespace().collect();
                self.offers_posts |= offers_posts(&words.join(" "));
            }
            Some("al:ios:url") => {
                self.name = Target::parse(content).ok().map(|target| target.channel);
            }
            Some("og:image") if self.avatar.is_none() => {
                let image = style::web_address(content);
                self.avatar =
                    image.filter(|image| !image.as_str().starts_with("https://telegram.org/"));
            }
            _ => {}
        }
    }

    /// Structure first: the link to the list, the picture of nobody. Then words, which we ask for in English.
    fn kind(&self) -> LandingKind {
        if self.has_preview {
            return LandingKind::Channel { has_preview: true };
        }
        if self.title.is_none() {
            return match () {
                () if self.offers_posts => LandingKind::Blocked,
                () if self.is_nobody => LandingKind::Missing,
                () => LandingKind::Other,
            };
        }
        let extra = self.extra.to_lowercase();
        let is_bot = self.name.as_ref().is_some_and(|name| name.key().ends_with("bot"));
        match () {
            () if extra.contains("subscriber") => LandingKind::Channel { has_preview: false },
            // UPSTREAM(2021): channels had "members" too, but never "online"; those with a preview are known above.
            () if extra.contains("online") || extra.contains("member") => LandingKind::Group,
            () if extra.contains("monthly user") || self.button.starts_with("Start") => {
                LandingKind::Bot
            }
            () if extra.starts_with('@') && is_bot => LandingKind::Bot,
            () if extra.starts_with('@') || self.button == "Send Message" => LandingKind::User,
            () => LandingKind::Other,
        }
    }
}

/// Whether a description is the one that Telegram gives a channel that it does not show here.
///
/// UPSTREAM(2026): "If you have Telegram, you can view posts by @name right away." A missing name has "contact @name" in
/// the same place. A card with a title of its own may say so in its owner's words.
fn offers_posts(description: &str) -> bool {
    description.to_lowercase().contains("you can view posts by")
}

/// The title without the marks beside it.
fn title(element: ElementRef<'_>) -> String {
    element
        .child_elements()
        .find(|child| child.value().name() == "span")
        .map_or_else(|| line(element), line)
}

/// A link to the channel's list on the same host: `/s/name`.
fn leads_to_list(element: ElementRef<'_>) -> bool {
    attribute(element, "href").is_some_and(|href| {
        let path = href.strip_prefix("https://t.me").unwrap_or(href);
        path.strip_prefix("/s/").is_some_and(|rest| {
            let name = rest.split(['/', '?', '#']).next().unwrap_or_default();
            ChannelName::parse(name).is_ok()
        })
    })
}
