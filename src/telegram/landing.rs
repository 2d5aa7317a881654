//! The landing page `t.me/<name>`: what kind of account has a name.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::NotAPage;
use super::header::{Header, Labels, MAX_PARTS, is_placeholder};
use super::limits;
use super::message::{line, rich};
use super::preview::is_whole;
use super::quantity;
use super::selectors as class;
use super::tree::{Event, Step, attribute, classes, walk};
use super::warning::Warnings;
use crate::model::ChannelName;
use crate::text::{Address, RichText, is_blank};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Landing {
    pub kind: LandingKind,
    /// From the page's links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<ChannelName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Subscribers or members as Telegram writes them: exact, in groups of three (`1 204 317`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribers: Option<String>,
    #[serde(skip_serializing_if = "RichText::is_empty")]
    pub description: RichText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Address>,
    pub verified: bool,
    /// The page has its end.
    pub is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LandingKind {
    Channel {
        /// Its posts can be read without an account.
        has_preview: bool,
    },
    Group,
    User,
    Bot,
    /// A channel that Telegram does not show on the web.
    Blocked,
    /// There is no such name, or the client is throttled: it gets the same page.
    Missing,
    /// A card of another kind, such as an invitation.
    Other,
}

/// Parses a landing page. The document's title is ignored: until 2024 it said `Contact` for channels too.
///
/// # Errors
/// [`NotAPage`] if the page exceeds an input limit or has no landing card.
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
    let og_description = card.header.og_description.as_deref().unwrap_or_default();
    card.offers_posts |= offers_posts(og_description);
    let kind = card.kind();
    let has_subscribers = matches!(kind, LandingKind::Channel { .. } | LandingKind::Group);
    // The other texts are Telegram's own.
    let has_own_text = !matches!(kind, LandingKind::Missing | LandingKind::Blocked);
    let images = [card.header.og_image, card.header.avatar];
    Ok(Landing {
        kind,
        title: card.title.or(card.header.og_title.filter(|_| has_own_text)),
        subscribers: quantity::counter(&card.extra).filter(|_| has_subscribers),
        description: if has_own_text { card.description } else { RichText::default() },
        avatar: images.into_iter().flatten().find(|image| !is_placeholder(image)),
        name: card.header.name,
        verified: card.labels.verified,
        is_whole: is_whole(html),
    })
}

#[derive(Default)]
struct Card {
    parts: usize,
    was_seen: bool,
    /// The facts that list pages state in the same way.
    header: Header,
    title: Option<String>,
    offers_posts: bool,
    extra: String,
    description: RichText,
    labels: Labels,
    has_missing_icon: bool,
    has_preview: bool,
    button: String,
}

impl Card {
    fn read(&mut self, element: ElementRef<'_>) -> Step {
        match element.value().name() {
            "script" | "style" | "svg" => return Step::Over,
            "meta" => self.header.read_meta(element),
            "a" => self.has_preview |= leads_to_list(element),
            _ => {}
        }
        for class in classes(element) {
            if self.parts >= MAX_PARTS {
                break;
            }
            self.parts += 1;
            match class {
                class::LANDING => self.was_seen = true,
                class::LANDING_TITLE => {
                    self.labels = Labels::default();
                    self.labels.read(element);
                    self.title = Some(title(element)).filter(|title| !is_blank(title));
                }
                class::LANDING_EXTRA => self.extra = line(element),
                class::LANDING_DESCRIPTION => {
                    self.offers_posts |= offers_posts(&line(element));
                    self.description = rich(element, &mut Warnings::default());
                }
                class::LANDING_MISSING => self.has_missing_icon = true,
                class::PAGE_PHOTO => self.header.read_photo(element),
                class::LANDING_BUTTON if self.button.is_empty() => self.button = line(element),
                _ => self.parts -= 1,
            }
        }
        Step::Into
    }

    /// Structure decides first: the link to the list, the icon of a missing name. Then the text, which is requested in
    /// English.
    fn kind(&self) -> LandingKind {
        if self.has_preview {
            return LandingKind::Channel { has_preview: true };
        }
        if self.title.is_none() {
            return if self.offers_posts {
                LandingKind::Blocked
            } else if self.has_missing_icon {
                LandingKind::Missing
            } else {
                LandingKind::Other
            };
        }
        let extra = self.extra.to_lowercase();
        let is_bot_name = self.header.name.as_ref().is_some_and(|name| name.key().ends_with("bot"));
        if extra.contains("subscriber") {
            LandingKind::Channel { has_preview: false }
        } else if extra.contains("online") || extra.contains("member") {
            // UPSTREAM(2021): channels had "members" too, but never "online". Those with a preview are handled above.
            LandingKind::Group
        } else if extra.contains("monthly user")
            || self.button.starts_with("Start")
            || extra.starts_with('@') && is_bot_name
        {
            LandingKind::Bot
        } else if extra.starts_with('@') || self.button == "Send Message" {
            LandingKind::User
        } else {
            LandingKind::Other
        }
    }
}

/// Whether a description is Telegram's text for a channel that is not shown on the web.
///
/// UPSTREAM(2026): "If you have Telegram, you can view posts by @name right away." A missing name has "contact @name"
/// instead. On a card with a title, the text may be the owner's.
fn offers_posts(description: &str) -> bool {
    let words: Vec<&str> = description.split_whitespace().collect();
    words.join(" ").to_lowercase().contains("you can view posts by")
}

/// The title without the labels beside it.
fn title(element: ElementRef<'_>) -> String {
    let span = element.child_elements().find(|child| child.value().name() == "span");
    line(span.unwrap_or(element))
}

/// Whether a link leads to a list page on the same host: `/s/name`.
fn leads_to_list(element: ElementRef<'_>) -> bool {
    let href = attribute(element, "href").unwrap_or_default();
    let path = href.strip_prefix("https://t.me").unwrap_or(href);
    let Some(rest) = path.strip_prefix("/s/") else { return false };
    ChannelName::parse(rest.split(['/', '?', '#']).next().unwrap_or_default()).is_ok()
}
