//! The channel, as a list page's header describes it.
//!
//! A page carries the same facts up to three times: in the header, in its copy for small screens, and in the head's
//! OpenGraph tags. The first that is there counts.

use scraper::ElementRef;

use super::message::{line, rich};
use super::quantity;
use super::selectors as class;
use super::style;
use super::tree::{Event, Step, attribute, find, find_element, has_class, parent, walk};
use super::warning::Warnings;
use crate::model::{Channel, ChannelName, Counters, Target};
use crate::text::{Address, RichText, clean, is_blank};

/// The most parts of a header that are read: a page's header and its copy have about sixteen.
///
/// SECURITY: parts in parts, two hundred deep, round all that fits on a page -> each would be read as a whole.
const MOST_PARTS: usize = 32;

/// What was found of a header.
#[derive(Default)]
pub(super) struct Header {
    /// Parts that were read.
    parts: usize,
    /// Anything that only such a page has.
    pub(super) was_seen: bool,
    /// The header proper: what it lacks the channel lacks.
    has_info: bool,
    name: Option<ChannelName>,
    title: Option<String>,
    description: Option<RichText>,
    avatar: Option<Address>,
    marks: Marks,
    counters: Counters,
    og_title: Option<String>,
    og_description: Option<String>,
    og_image: Option<Address>,
}

/// What Telegram says about a channel beside its title.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) verified: bool,
    pub(super) scam: bool,
    pub(super) fake: bool,
}

impl Header {
    /// Reads an element of the page if it belongs to the header.
    pub(super) fn read(&mut self, class: &str, element: ElementRef<'_>, warnings: &mut Warnings) {
        if self.parts >= MOST_PARTS {
            return;
        }
        match class {
            class::INFO => self.has_info = true,
            class::MOBILE_INFO => {}
            class::MAIN => self.set_name(attribute(element, "data-url").unwrap_or_default()),
            class::INFO_TITLE | class::MOBILE_TITLE => keep_first(&mut self.title, words(element)),
            class::INFO_USERNAME => {
                self.set_name(&line(element));
                let href = find_element(element, "a").and_then(|link| attribute(link, "href"));
                self.set_name(href.unwrap_or_default());
            }
            class::MOBILE_LINK => self.set_name(attribute(element, "href").unwrap_or_default()),
            class::INFO_LABELS | class::MOBILE_LABELS => {
                self.marks = self.marks.and(marks(element));
            }
            class::INFO_COUNTER => self.count(element),
            class::MOBILE_COUNTER => {
                let shown = line(element);
                if shown.contains("subscriber") || shown.contains("member") {
                    keep_first(&mut self.counters.subscribers, quantity::counter(&shown));
                }
            }
            class::INFO_DESCRIPTION if self.description.is_none() => {
                self.description = Some(rich(element, warnings));
            }
            class::INFO_DESCRIPTION => {}
            class::PAGE_PHOTO => {
                // Landings have one too: it does not tell what the page is.
                self.parts += 1;
                keep_first(&mut self.avatar, avatar(element));
                return;
            }
            _ => return,
        }
        self.parts += 1;
        self.was_seen = true;
    }

    /// Reads a `meta` element. Its values are plain text.
    pub(super) fn read_meta(&mut self, element: ElementRef<'_>) {
        let Some(content) = attribute(element, "content").filter(|content| !is_blank(content))
        else {
            return;
        };
        match attribute(element, "property") {
            Some("og:title") => keep_first(&mut self.og_title, Some(one_line(short(content)))),
            Some("og:description") => {
                keep_first(&mut self.og_description, Some(clean(short(content)).into_owned()));
            }
            Some("og:image") => keep_first(&mut self.og_image, style::web_address(content)),
            Some("al:ios:url" | "al:android:url") => self.set_name(content),
            _ => {}
        }
    }

    /// The channel's name, unless the header does not tell.
    pub(super) fn name(&self) -> Option<&ChannelName> {
        self.name.as_ref()
    }

    /// The channel under the name that its posts carry.
    pub(super) fn into_channel(
        self,
        name: ChannelName,
        numeric_id: Option<i64>,
        owner: Option<String>,
    ) -> Channel {
        let title = self.title.or(self.og_title.filter(|_| !self.has_info)).or(owner);
        let description = match self.description {
            Some(description) => description,
            // Without one in the header, the head's is Telegram's own: "You can view and join …".
            None if self.has_info => RichText::default(),
            None => RichText::from_plain(&self.og_description.unwrap_or_default()),
        };
        let og_image = self.og_image.filter(|image| !self.has_info && !is_telegrams_own(image));
        Channel {
            title: title.unwrap_or_else(|| name.to_string()),
            name,
            numeric_id,
            description,
            avatar: self.avatar.or(og_image),
            verified: self.marks.verified,
            scam: self.marks.scam,
            fake: self.marks.fake,
            shares_name: false,
            counters: self.counters,
        }
    }

    fn set_name(&mut self, link: &str) {
        if self.name.is_none() {
            let link = link.trim();
            let name = link.strip_prefix('/').map_or_else(
                || Target::parse(link).ok().map(|target| target.channel),
                |path| ChannelName::parse(path).ok(),
            );
            self.name = name;
        }
    }

    fn count(&mut self, element: ElementRef<'_>) {
        let value =
            find(element, class::COUNTER_VALUE).and_then(|value| quantity::counter(&line(value)));
        let kind = find(element, class::COUNTER_TYPE).map(line).unwrap_or_default();
        // UPSTREAM(2026-08): singular at one; a counter at zero is missing.
        let counter = match kind.trim_end_matches('s') {
            "subscriber" | "member" => &mut self.counters.subscribers,
            "photo" => &mut self.counters.photos,
            "video" => &mut self.counters.videos,
            "file" => &mut self.counters.files,
            "link" => &mut self.counters.links,
            _ => return,
        };
        if value.is_some() {
            *counter = value;
        }
    }
}

impl Marks {
    fn and(self, other: Self) -> Self {
        Self {
            verified: self.verified || other.verified,
            scam: self.scam || other.scam,
            fake: self.fake || other.fake,
        }
    }
}

/// The marks inside an element.
pub(super) fn marks(element: ElementRef<'_>) -> Marks {
    let mut marks = Marks::default();
    walk(element, |event| {
        let Event::Open(inner) = event else { return Step::Into };
        marks.verified |= has_class(inner, class::VERIFIED);
        let is_label = inner.value().name() == "mark" || has_class(inner, class::LABEL);
        if !is_label {
            return Step::Into;
        }
        match line(inner).to_ascii_uppercase().as_str() {
            "SCAM" => marks.scam = true,
            "FAKE" => marks.fake = true,
            _ => {}
        }
        Step::Over
    });
    marks
}

/// A picture of the channel: an `img` inside or the element itself. Letters on a colour are drawn in the address
/// itself, and are no picture.
pub(super) fn avatar(element: ElementRef<'_>) -> Option<Address> {
    let image =
        if element.value().name() == "img" { Some(element) } else { find_element(element, "img") };
    // A post's sender has one too, elsewhere on the page.
    let is_senders = parent(element).is_some_and(|parent| has_class(parent, class::USER));
    image
        .filter(|_| !is_senders)
        .and_then(|image| attribute(image, "src"))
        .and_then(style::web_address)
}

/// The picture that stands for a channel without one.
pub(super) fn is_telegrams_own(image: &Address) -> bool {
    image.as_str().starts_with("https://telegram.org/")
}

fn words(element: ElementRef<'_>) -> Option<String> {
    Some(line(element)).filter(|words| !is_blank(words))
}

/// The beginning of a value, which is a line or a few.
pub(super) fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(4096)]
}

fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn keep_first<T>(kept: &mut Option<T>, found: Option<T>) {
    if kept.is_none() {
        *kept = found;
    }
}
