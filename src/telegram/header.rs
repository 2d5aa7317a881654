//! The channel as described by the header of its list page.
//!
//! A page states the same facts up to three times: in the header, in the header for small screens, and in OpenGraph tags.
//! The first occurrence wins.

use scraper::ElementRef;

use super::message::{line, nonblank_line, rich};
use super::quantity;
use super::selectors as class;
use super::style;
use super::tree::{Event, Step, attribute, find, find_element, has_class, parent, walk};
use super::warning::Warnings;
use crate::model::{Channel, ChannelName, Counters, Target};
use crate::text::{Address, RichText, clean, is_blank};

/// Parts of a header or landing card that are read. Telegram's pages have at most sixteen.
///
/// SECURITY: parts nested two hundred deep around a whole page, each read with all its text -> limit.
pub(super) const MAX_PARTS: usize = 32;

#[derive(Default)]
pub(super) struct Header {
    parts: usize,
    /// The page has an element that only list pages have.
    pub(super) was_seen: bool,
    /// The page has the main header: a fact missing there does not come from OpenGraph tags.
    has_info: bool,
    pub(super) name: Option<ChannelName>,
    title: Option<String>,
    description: Option<RichText>,
    pub(super) avatar: Option<Address>,
    labels: Labels,
    counters: Counters,
    pub(super) og_title: Option<String>,
    pub(super) og_description: Option<String>,
    pub(super) og_image: Option<Address>,
}

/// Telegram's labels beside a title.
#[derive(Clone, Copy, Default)]
pub(super) struct Labels {
    pub(super) verified: bool,
    scam: bool,
    fake: bool,
}

impl Header {
    /// Reads an element with this class if it belongs to the header.
    pub(super) fn read(&mut self, class: &str, element: ElementRef<'_>, warnings: &mut Warnings) {
        if self.parts >= MAX_PARTS {
            return;
        }
        match class {
            class::INFO => self.has_info = true,
            class::MOBILE_INFO => {}
            class::MAIN => self.set_name(attribute(element, "data-url").unwrap_or_default()),
            class::INFO_TITLE | class::MOBILE_TITLE => {
                set_if_none(&mut self.title, nonblank_line(element));
            }
            class::INFO_USERNAME => {
                self.set_name(&line(element));
                let href = find_element(element, "a").and_then(|link| attribute(link, "href"));
                self.set_name(href.unwrap_or_default());
            }
            class::MOBILE_LINK => self.set_name(attribute(element, "href").unwrap_or_default()),
            class::INFO_LABELS | class::MOBILE_LABELS => self.labels.read(element),
            class::INFO_COUNTER => self.read_counter(element),
            class::MOBILE_COUNTER => {
                let shown = line(element);
                if shown.contains("subscriber") || shown.contains("member") {
                    set_if_none(&mut self.counters.subscribers, quantity::counter(&shown));
                }
            }
            class::INFO_DESCRIPTION if self.description.is_none() => {
                self.description = Some(rich(element, warnings));
            }
            class::INFO_DESCRIPTION => {}
            class::PAGE_PHOTO => {
                // Landing pages have one too.
                self.parts += 1;
                return self.read_photo(element);
            }
            _ => return,
        }
        self.parts += 1;
        self.was_seen = true;
    }

    /// Reads a `meta` element. Its values are plain text.
    pub(super) fn read_meta(&mut self, element: ElementRef<'_>) {
        let content = attribute(element, "content").unwrap_or_default();
        if is_blank(content) {
            return;
        }
        match attribute(element, "property") {
            Some("og:title") => set_if_none(&mut self.og_title, Some(single_spaces(content))),
            Some("og:description") => {
                let description = clean(truncate(content)).into_owned();
                set_if_none(&mut self.og_description, Some(description));
            }
            Some("og:image") => set_if_none(&mut self.og_image, style::web_address(content)),
            Some("al:ios:url" | "al:android:url") => self.set_name(content),
            _ => {}
        }
    }

    pub(super) fn read_photo(&mut self, element: ElementRef<'_>) {
        set_if_none(&mut self.avatar, avatar(element));
    }

    /// The channel. `owner` is the title that its posts show.
    pub(super) fn into_channel(
        self,
        name: ChannelName,
        numeric_id: Option<i64>,
        owner: Option<String>,
    ) -> Channel {
        let title = self.title.or(self.og_title.filter(|_| !self.has_info)).or(owner);
        let description = match self.description {
            Some(description) => description,
            // Without a description, OpenGraph has Telegram's own text: "You can view and join …".
            None if self.has_info => RichText::default(),
            None => RichText::from_plain(&self.og_description.unwrap_or_default()),
        };
        let og_image = self.og_image.filter(|image| !self.has_info && !is_placeholder(image));
        Channel {
            title: title.unwrap_or_else(|| name.to_string()),
            name,
            numeric_id,
            description,
            avatar: self.avatar.or(og_image),
            verified: self.labels.verified,
            scam: self.labels.scam,
            fake: self.labels.fake,
            shares_name: false,
            counters: self.counters,
        }
    }

    fn set_name(&mut self, link: &str) {
        if self.name.is_none() {
            let link = link.trim();
            self.name = match link.strip_prefix('/') {
                Some(path) => ChannelName::parse(path).ok(),
                None => Target::parse(link).ok().map(|target| target.channel),
            };
        }
    }

    fn read_counter(&mut self, element: ElementRef<'_>) {
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

impl Labels {
    /// Adds the labels inside an element.
    pub(super) fn read(&mut self, element: ElementRef<'_>) {
        walk(element, |event| {
            let Event::Open(inner) = event else { return Step::Into };
            self.verified |= has_class(inner, class::VERIFIED);
            if inner.value().name() != "mark" && !has_class(inner, class::LABEL) {
                return Step::Into;
            }
            let label = line(inner);
            self.scam |= label.eq_ignore_ascii_case("SCAM");
            self.fake |= label.eq_ignore_ascii_case("FAKE");
            Step::Over
        });
    }
}

/// The channel's picture: an `img` inside or the element itself. Generated pictures (letters on a colour) are `data:` URLs
/// and do not count.
fn avatar(element: ElementRef<'_>) -> Option<Address> {
    // The class also marks the picture of a post's sender.
    if parent(element).is_some_and(|parent| has_class(parent, class::USER)) {
        return None;
    }
    if element.value().name() == "img" {
        style::source(element)
    } else {
        find_element(element, "img").and_then(style::source)
    }
}

/// Whether a picture is Telegram's placeholder for a channel without one.
pub(super) fn is_placeholder(image: &Address) -> bool {
    image.as_str().starts_with("https://telegram.org/")
}

/// The first 4 KiB.
fn truncate(text: &str) -> &str {
    &text[..text.floor_char_boundary(4096)]
}

/// The truncated text on one line.
fn single_spaces(text: &str) -> String {
    clean(truncate(text)).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn set_if_none<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}
