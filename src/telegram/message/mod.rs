//! One message block, to a post.
//!
//! A block is walked once. Each part that is known is read by the module named after it and passed over; what is not
//! known is stepped into, so that a new wrapper round known parts costs nothing. One bad part is a warning, and the rest
//! of the post stands; a block without a readable id or time is no post.

mod button;
mod card;
mod document;
mod emoji;
mod frame;
mod link_preview;
mod media;
mod origin;
mod poll;
mod reaction;
mod service;
mod text;

use chrono::{DateTime, Utc};
use scraper::ElementRef;

use text::rich_without;
pub(super) use text::{line, rich};

use super::address::{self, Linked};
use super::selectors::{self as class, OURS};
use super::tree::{Event, Step, attribute, classes, find, has_class, walk};
use super::warning::{WarningKind, Warnings};
use crate::model::{ChannelName, MessageId, Post};
use crate::text::{RichText, is_blank};

/// The most messages that one post may hold: Telegram's albums have ten.
const MOST_MEMBERS: usize = 100;

/// The most media, documents, reactions, and buttons of one post each.
const MOST_PARTS: usize = 200;

/// What a block gives.
pub(super) enum Block {
    /// A post, and the title of the channel or group as the block shows it.
    Post {
        post: Box<Post>,
        title: Option<String>,
        verified: bool,
        /// Whether something of a kind that we know was found in it.
        is_known: bool,
    },
    /// A message whose id can be read, and nothing more.
    Unreadable(MessageId),
    /// A message without a readable id.
    Nameless,
}

/// Reads the message whose outermost element (`.tgme_widget_message`) is given. `channel` is asked for the channel's name
/// when the message does not tell it.
pub(super) fn parse(
    message: ElementRef<'_>,
    channel: impl FnOnce() -> Option<ChannelName>,
    warnings: &mut Warnings,
) -> Block {
    let data_post = attribute(message, "data-post").unwrap_or_default();
    let Some((name, id)) = frame::name_and_id(message) else {
        warnings.post = None;
        warnings.tell(WarningKind::NamelessBlock, "data-post", data_post);
        return Block::Nameless;
    };
    warnings.post = Some(id);
    let channel = name.map_or_else(channel, |name| ChannelName::parse(&name).ok());
    let Some(channel) = channel else {
        warnings.tell(WarningKind::UnreadableBlock, "data-post", data_post);
        return Block::Unreadable(id);
    };
    let mut reading = Reading::new(channel, id, warnings);
    reading.read(message);
    reading.post.numeric_channel_id = frame::numeric_channel_id(message, reading.warnings);
    reading.note_unknown_classes(message);
    if has_class(message, class::SERVICE) {
        reading.post.service = Some(service::kind(message, &reading.post));
    }
    let Reading { mut post, published, texts, title, verified, .. } = reading;
    let Some(published) = published else {
        warnings.tell(WarningKind::UnreadableBlock, ".tgme_widget_message_date", "no time");
        return Block::Unreadable(id);
    };
    post.published = published;
    place_texts(&mut post, texts);
    post.members.sort_unstable();
    post.members.dedup();
    let is_known = !is_empty(&post) || read_as_unknown(message, &mut post);
    if !is_known {
        warnings.tell(WarningKind::EmptyPost, "", "");
    }
    Block::Post { post: Box::new(post), title, verified, is_known }
}

/// Takes the words of a post of which nothing was read, wherever they stand, and marks it as one that cannot be shown. Says
/// whether Telegram's page does so too and shows nothing more.
///
/// UPSTREAM(2026-06): a rich message (tables, headings, checklists, formulas) may be nothing but the notice that is prepared
/// for old browsers in other posts.
fn read_as_unknown(message: ElementRef<'_>, post: &mut Post) -> bool {
    let label = find(message, class::UNSUPPORTED_LABEL).map(line).unwrap_or_default();
    post.text = rich_without(message, is_frame, &mut Warnings::default());
    let is_known = post.text.is_empty() && !is_blank(&label);
    post.unsupported = Some(label);
    is_known
}

/// Whether an element of a message is not part of what its author wrote.
fn is_frame(element: ElementRef<'_>) -> bool {
    classes(element).any(|class| {
        matches!(
            class,
            class::USER
                | class::AUTHOR
                | class::FORWARD
                | class::REPLY
                | class::REPLY_TEMPLATE
                | class::REPLY_TEXT
                | class::METATEXT
                | class::FOOTER
                | class::META
                | class::VIEWS
                | class::VOTERS
                | class::DATE
                | class::REACTIONS
                | class::KEYBOARD
                | class::UNSUPPORTED
        )
    })
}

/// Reads parts of a message that stand alone, as people save them: texts, media and documents.
pub(super) fn parse_parts(
    root: ElementRef<'_>,
    channel: ChannelName,
    id: MessageId,
    warnings: &mut Warnings,
) -> Post {
    let mut reading = Reading::new(channel, id, warnings);
    reading.is_loose = true;
    reading.read(root);
    let Reading { mut post, texts, .. } = reading;
    place_texts(&mut post, texts);
    post
}

/// Whether nothing was found in a post that could be shown.
fn is_empty(post: &Post) -> bool {
    let has_part = post.poll.is_some()
        || post.location.is_some()
        || post.contact.is_some()
        || post.invoice.is_some()
        || post.game.is_some()
        || post.link_preview.is_some()
        || post.service.is_some()
        || post.unsupported.is_some();
    !has_part && post.text.is_empty() && post.media.is_empty() && post.documents.is_empty()
}

/// A message that is being read.
struct Reading<'w> {
    /// What was found so far; its time is not yet known.
    post: Post,
    published: Option<DateTime<Utc>>,
    /// The texts in order, each with the document that it follows.
    texts: Vec<(Option<usize>, RichText)>,
    /// The document that was read last, until something else comes that a text may belong to.
    document: Option<usize>,
    title: Option<String>,
    verified: bool,
    /// There is no message round the parts: each belongs to the message that it links to.
    is_loose: bool,
    warnings: &'w mut Warnings,
}

impl<'w> Reading<'w> {
    fn new(channel: ChannelName, id: MessageId, warnings: &'w mut Warnings) -> Self {
        Self {
            post: Post::new(channel, id, DateTime::UNIX_EPOCH),
            published: None,
            texts: Vec::new(),
            document: None,
            title: None,
            verified: false,
            is_loose: false,
            warnings,
        }
    }

    fn read(&mut self, root: ElementRef<'_>) {
        walk(root, |event| match event {
            Event::Open(element) => self.part(element),
            Event::Text(_) | Event::Close => Step::Into,
        });
    }

    /// Reads an element if it is a part that is known.
    fn part(&mut self, element: ElementRef<'_>) -> Step {
        if matches!(element.value().name(), "script" | "style" | "svg") {
            return Step::Over;
        }
        for class in classes(element) {
            let step =
                self.frame_part(class, element).or_else(|| self.content_part(class, element));
            if let Some(step) = step {
                return step;
            }
        }
        Step::Into
    }

    /// What stands round the content.
    fn frame_part(&mut self, class: &str, element: ElementRef<'_>) -> Option<Step> {
        match class {
            class::USER | class::REPLY_TEMPLATE => {}
            class::AUTHOR => self.read_author(element),
            class::FORWARD => self.read_forward(element),
            class::REPLY => self.read_reply(element),
            class::REPLY_TEXT | class::METATEXT => self.read_reply_text(element),
            class::VIEWS => self.post.views = frame::counter(element),
            class::VOTERS => self.note_voters(frame::counter(element)),
            class::META => {
                self.post.edited |= frame::says_edited(element);
                return Some(Step::Into);
            }
            class::SIGNATURE => {
                self.post.signature = Some(line(element)).filter(|name| !is_blank(name));
            }
            class::DATE => {
                let published = frame::published(element, self.warnings);
                self.published = self.published.or(published);
            }
            class::REACTIONS => self.post.reactions = reaction::parse(element, self.warnings),
            class::KEYBOARD => self.post.buttons = button::parse(element),
            class::UNSUPPORTED => {
                if let Some(label) = frame::unsupported(element) {
                    self.read_unsupported(label);
                }
            }
            _ => return None,
        }
        Some(Step::Over)
    }

    /// The content.
    fn content_part(&mut self, class: &str, element: ElementRef<'_>) -> Option<Step> {
        match class {
            class::TEXT => return Some(self.read_text(element)),
            class::PHOTO
            | class::SERVICE_PHOTO
            | class::VIDEO
            | class::ROUND_VIDEO
            | class::VOICE => {
                self.read_media(class, element);
            }
            class::STICKER | class::TGS_STICKER | class::VIDEO_STICKER => {
                self.read_media(class, element);
            }
            class::DOCUMENT => self.read_document(element),
            class::POLL => self.read_poll(element),
            class::LOCATION => self.post.location = card::location(element, self.warnings),
            // The names of a venue may stand beside the map instead of inside it.
            class::VENUE_TITLE | class::VENUE_ADDRESS => self.read_venue(class, element),
            class::CONTACT => self.post.contact = card::contact(element, self.warnings),
            class::INVOICE => self.post.invoice = card::invoice(element, self.warnings),
            class::GAME => self.post.game = card::game(element, self.warnings),
            class::PREVIEW => self.post.link_preview = link_preview::parse(element, self.warnings),
            _ => return None,
        }
        Some(Step::Over)
    }

    /// A text, unless it holds another: then those inside are the texts.
    ///
    /// UPSTREAM(2026-08): the caption of an album is a text inside a text.
    fn read_text(&mut self, element: ElementRef<'_>) -> Step {
        let holds_another = element
            .descendent_elements()
            .skip(1)
            .any(|inner| inner.value().name() == "div" && has_class(inner, class::TEXT));
        if holds_another {
            return Step::Into;
        }
        let text = rich(element, self.warnings);
        if !text.is_empty() {
            self.texts.push((self.document, text));
        }
        Step::Over
    }

    /// The message that an item belongs to; an item of an album adds its own to the post.
    fn message_of(&mut self, element: ElementRef<'_>) -> MessageId {
        let linked = attribute(element, "href").and_then(address::message_of);
        let Some(Linked { channel, id, is_single, .. }) = linked else { return self.post.id };
        if self.is_loose {
            return id;
        }
        let ours = is_single && channel.is_none_or(|channel| channel == self.post.channel);
        if !ours || self.post.members.len() >= MOST_MEMBERS {
            return self.post.id;
        }
        if !self.post.members.contains(&id) {
            self.post.members.push(id);
        }
        id
    }

    fn read_unsupported(&mut self, label: String) {
        // UPSTREAM(2026-08): an embedded page names what happened in a group in these words and shows no more of it.
        if label == "Service message" {
            self.post.service = Some(crate::model::ServiceMessage::Other);
        }
        self.post.unsupported = Some(label);
    }

    fn read_venue(&mut self, class: &str, element: ElementRef<'_>) {
        let mut location = self.post.location.take().unwrap_or_default();
        card::add_venue(&mut location, class, element);
        self.post.location = Some(location).filter(|location| !location.is_empty());
    }

    fn note_unknown_classes(&mut self, message: ElementRef<'_>) {
        for element in message.descendent_elements() {
            for class in classes(element).filter(|class| class.starts_with(OURS)) {
                if !class::is_known(class) {
                    self.warnings.count(WarningKind::UnknownClass, &format!(".{class}"));
                }
            }
        }
    }
}

/// Puts texts where they belong: behind one of several documents they are its caption, else they are the post's.
fn place_texts(post: &mut Post, texts: Vec<(Option<usize>, RichText)>) {
    let several = post.documents.len() > 1;
    for (document, text) in texts {
        let document = document.filter(|_| several).and_then(|at| post.documents.get_mut(at));
        match document {
            Some(document) => document.caption.append(text),
            None => post.text.append(text),
        }
    }
}
