//! Reads one message block into a post.
//!
//! A block is walked once. An element with a known class is read as a whole; any other element is stepped into, so that new
//! wrappers do no harm. A part that cannot be read is a warning. A block without a readable id or time gives no post.

mod card;
mod emoji;
mod frame;
mod media;
mod text;

use chrono::{DateTime, Utc};
use scraper::ElementRef;

pub(super) use text::{line, nonblank_line, rich};
use text::{line_of, rich_without};

use super::address::{self, MessageLink};
use super::selectors as class;
use super::tree::{Event, Step, attribute, classes, find, has_class, inside, walk};
use super::warning::{WarningKind, Warnings};
use crate::model::{ChannelName, Forward, MessageId, Person, Post, Reply, ServiceMessage};
use crate::text::{Address, RichText, is_blank};

/// Messages of one post. Telegram's albums have ten.
const MAX_MEMBERS: usize = 100;

/// Media of a post; the same for its documents, reactions, buttons and poll options.
const MAX_PARTS: usize = 200;

pub(super) enum Block {
    Post {
        post: Box<Post>,
        /// Of the channel or group.
        title: Option<String>,
        verified: bool,
        /// The post has content of a known kind.
        has_content: bool,
    },
    /// At most the id can be read.
    Unreadable(Option<MessageId>),
}

/// Reads a `.tgme_widget_message`. `channel` is used if the message does not name its channel.
pub(super) fn parse(
    message: ElementRef<'_>,
    channel: Option<&ChannelName>,
    warnings: &mut Warnings,
) -> Block {
    let data_post = attribute(message, "data-post").unwrap_or_default();
    let Some((name, id)) = frame::name_and_id(message) else {
        warnings.post = None;
        warnings.add(WarningKind::NamelessBlock, "data-post", data_post);
        return Block::Unreadable(None);
    };
    warnings.post = Some(id);
    let channel = match name {
        Some(name) => ChannelName::parse(&name).ok(),
        None => channel.cloned(),
    };
    let Some(channel) = channel else {
        warnings.add(WarningKind::UnreadableBlock, "data-post", data_post);
        return Block::Unreadable(Some(id));
    };
    let mut reader = Reader::new(channel, id, warnings);
    reader.read(message);
    reader.post.numeric_channel_id = frame::numeric_channel_id(message, reader.warnings);
    reader.report_unknown_classes(message);
    if has_class(message, class::SERVICE) {
        reader.post.service = Some(frame::service(message, &reader.post));
    }
    let (published, title, verified) = (reader.published, reader.title.take(), reader.verified);
    let mut post = reader.finish();
    let Some(published) = published else {
        warnings.add(WarningKind::UnreadableBlock, ".tgme_widget_message_date", "no time");
        return Block::Unreadable(Some(id));
    };
    post.published = published;
    post.members.sort_unstable();
    post.members.dedup();
    let has_content = !is_empty(&post) || read_unknown(message, &mut post);
    if !has_content {
        warnings.add(WarningKind::EmptyPost, "", "");
    }
    Block::Post { post: Box::new(post), title, verified, has_content }
}

/// Reads the text of a post of unknown kind, wherever it is, and marks the post as unsupported. Returns whether the message
/// has nothing but Telegram's own notice that it is unsupported.
///
/// UPSTREAM(2026-06): a rich message (tables, headings, checklists, formulas) may have nothing but the notice that is hidden
/// in other posts for old browsers.
fn read_unknown(message: ElementRef<'_>, post: &mut Post) -> bool {
    let label = find(message, class::UNSUPPORTED_LABEL).map(line).unwrap_or_default();
    post.text = rich_without(message, is_frame, &mut Warnings::default());
    let is_notice = post.text.is_empty() && !is_blank(&label);
    post.unsupported = Some(label);
    is_notice
}

/// Whether an element of a message is not content by its author.
fn is_frame(element: ElementRef<'_>) -> bool {
    classes(element).any(class::is_frame)
}

/// Reads parts outside any message: texts, media and documents.
pub(super) fn parse_parts(
    root: ElementRef<'_>,
    channel: ChannelName,
    id: MessageId,
    warnings: &mut Warnings,
) -> Post {
    let mut reader = Reader::new(channel, id, warnings);
    reader.is_loose = true;
    reader.read(root);
    reader.finish()
}

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

struct Reader<'w> {
    /// Its time is not set yet.
    post: Post,
    published: Option<DateTime<Utc>>,
    /// The texts in order, each with the index of the document before it.
    texts: Vec<(Option<usize>, RichText)>,
    /// The last document, unless media follow it.
    document: Option<usize>,
    title: Option<String>,
    verified: bool,
    /// There is no message: each part belongs to the message that it links to.
    is_loose: bool,
    warnings: &'w mut Warnings,
}

impl<'w> Reader<'w> {
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
            Event::Open(element) => self.read_element(element),
            Event::Text(_) | Event::Close => Step::Into,
        });
    }

    fn read_element(&mut self, element: ElementRef<'_>) -> Step {
        if matches!(element.value().name(), "script" | "style" | "svg") {
            return Step::Over;
        }
        for class in classes(element) {
            if let Some(step) = self.read_part(class, element) {
                return step;
            }
        }
        Step::Into
    }

    /// Reads an element with a known class; `None` if the class is unknown.
    fn read_part(&mut self, class: &str, element: ElementRef<'_>) -> Option<Step> {
        match class {
            class::USER | class::REPLY_TEMPLATE => {}
            class::AUTHOR => self.read_author(element),
            class::FORWARD => self.read_forward(element),
            class::REPLY => self.read_reply(element),
            class::REPLY_TEXT | class::METATEXT => self.read_reply_text(element),
            class::VIEWS => self.post.views = frame::counter(element),
            class::VOTERS => {
                if let Some(poll) = &mut self.post.poll {
                    poll.voters = frame::counter(element).or(poll.voters.take());
                }
            }
            class::META => {
                self.post.edited |= frame::says_edited(element);
                return Some(Step::Into);
            }
            class::SIGNATURE => self.post.signature = nonblank_line(element),
            class::DATE => {
                let published = frame::published(element, self.warnings);
                self.published = self.published.or(published);
            }
            class::REACTIONS => self.post.reactions = frame::reactions(element, self.warnings),
            class::KEYBOARD => self.post.buttons = frame::buttons(element),
            class::UNSUPPORTED => {
                if let Some(label) = frame::unsupported(element) {
                    // UPSTREAM(2026-08): an embedded page has nothing else for an event in a group.
                    if label == "Service message" {
                        self.post.service = Some(ServiceMessage::Other);
                    }
                    self.post.unsupported = Some(label);
                }
            }
            class::TEXT => return Some(self.read_text(element)),
            class::PHOTO
            | class::SERVICE_PHOTO
            | class::VIDEO
            | class::ROUND_VIDEO
            | class::VOICE
            | class::STICKER
            | class::TGS_STICKER
            | class::VIDEO_STICKER => self.read_media(class, element),
            class::DOCUMENT => self.read_document(element),
            class::POLL => {
                let poll = card::poll(element, self.warnings);
                self.post.poll = poll.or(self.post.poll.take());
            }
            class::LOCATION => self.post.location = card::location(element, self.warnings),
            // The name and street of a venue may be outside the link to its map.
            class::VENUE_TITLE | class::VENUE_ADDRESS => {
                let mut location = self.post.location.take().unwrap_or_default();
                card::add_venue(&mut location, class, element);
                self.post.location = Some(location).filter(|location| !location.is_empty());
            }
            class::CONTACT => self.post.contact = card::contact(element, self.warnings),
            class::INVOICE => self.post.invoice = card::invoice(element, self.warnings),
            class::GAME => self.post.game = card::game(element, self.warnings),
            class::PREVIEW => self.post.link_preview = card::link_preview(element, self.warnings),
            _ => return None,
        }
        Some(Step::Over)
    }

    /// UPSTREAM(2026-08): the caption of an album is a text inside a text. The inner ones count.
    fn read_text(&mut self, element: ElementRef<'_>) -> Step {
        let is_outer = inside(element)
            .any(|inner| inner.value().name() == "div" && has_class(inner, class::TEXT));
        if is_outer {
            return Step::Into;
        }
        let text = rich(element, self.warnings);
        if !text.is_empty() {
            self.texts.push((self.document, text));
        }
        Step::Over
    }

    fn read_media(&mut self, class: &str, element: ElementRef<'_>) {
        if self.post.media.len() >= MAX_PARTS {
            return;
        }
        let message = self.message_of(element);
        let Some(media) = media::media(class, element, message) else { return };
        if media.file.is_none() && !media.too_big {
            self.warnings.add(WarningKind::MissingPart, &format!(".{class}"), "no file");
        }
        self.document = None;
        self.post.media.push(media);
    }

    fn read_document(&mut self, element: ElementRef<'_>) {
        if self.post.documents.len() >= MAX_PARTS {
            return;
        }
        let message = self.message_of(element);
        if let Some(document) = media::document(element, message, self.warnings) {
            self.document = Some(self.post.documents.len());
            self.post.documents.push(document);
        }
    }

    /// The message of an item. An item of an album adds its message to the post.
    fn message_of(&mut self, element: ElementRef<'_>) -> MessageId {
        let link = attribute(element, "href").and_then(address::message_of);
        let Some(MessageLink { channel, id, is_single, .. }) = link else { return self.post.id };
        if self.is_loose {
            return id;
        }
        let is_member = is_single && channel.is_none_or(|channel| channel == self.post.channel);
        if !is_member || self.post.members.len() >= MAX_MEMBERS {
            return self.post.id;
        }
        if !self.post.members.contains(&id) {
            self.post.members.push(id);
        }
        id
    }

    /// The line above the message: the title of the channel, or a member of a group and the group's title.
    fn read_author(&mut self, element: ElementRef<'_>) {
        // A link inside a reply, itself a link, makes the HTML parser split the reply. The author of the reply is then
        // here, around a copy of the reply's link.
        if find(element, class::REPLY).is_some() {
            return self.read_reply(element);
        }
        self.title = line_of(element, class::OWNER_NAME);
        self.verified |= find(element, class::VERIFIED).is_some();
        let sender = find(element, class::AUTHOR_NAME).and_then(person);
        let is_channel = sender.as_ref().is_some_and(|sender| self.is_channel(sender));
        if is_channel && self.title.is_none() {
            self.title = sender.map(|sender| sender.name);
        } else {
            self.post.sender = sender;
        }
        self.read_via(element);
    }

    fn is_channel(&self, person: &Person) -> bool {
        let name = person.address.as_ref().and_then(address::name_of);
        name.is_some_and(|name| name.eq_ignore_ascii_case(self.post.channel.as_str()))
    }

    fn read_forward(&mut self, element: ElementRef<'_>) {
        self.read_via(element);
        let Some(from) = find(element, class::FORWARD_NAME).and_then(person) else {
            let selector = ".tgme_widget_message_forwarded_from";
            return self.warnings.add(WarningKind::MissingPart, selector, "no name");
        };
        let author = line_of(element, class::FORWARD_AUTHOR);
        self.post.forward = Some(Forward { name: from.name, address: from.address, author });
    }

    /// Author, text, picture and bot inside a reply belong to the quoted message.
    fn read_reply(&mut self, element: ElementRef<'_>) {
        let author = find(element, class::AUTHOR_NAME)
            .or_else(|| find(element, class::AUTHOR))
            .and_then(nonblank_line);
        let address = self.reply_address(element);
        if author.is_some() || address.is_some() {
            let reply = self.reply();
            reply.author = reply.author.take().or(author);
            reply.address = reply.address.take().or(address);
        }
        let text = inside(element).find(|inner| {
            has_class(*inner, class::REPLY_TEXT) || has_class(*inner, class::METATEXT)
        });
        if let Some(text) = text {
            self.read_reply_text(text);
        }
    }

    /// A link without a channel's name leads into this channel.
    fn reply_address(&self, element: ElementRef<'_>) -> Option<Address> {
        let link = attribute(element, "href").and_then(address::message_of);
        match link {
            Some(MessageLink { channel: None, id, .. }) => {
                Address::parse(&format!("https://t.me/{}/{id}", self.post.channel))
            }
            _ => address::of_link(element),
        }
    }

    /// The quoted text, or a word for media.
    fn read_reply_text(&mut self, element: ElementRef<'_>) {
        let text = rich(element, self.warnings);
        let is_media = has_class(element, class::METATEXT);
        if !text.is_empty() && self.reply().text.is_empty() {
            let reply = self.reply();
            reply.text = text;
            reply.is_media = is_media;
        }
    }

    fn reply(&mut self) -> &mut Reply {
        self.post.reply.get_or_insert_with(|| Reply {
            author: None,
            text: RichText::default(),
            is_media: false,
            address: None,
        })
    }

    fn read_via(&mut self, element: ElementRef<'_>) {
        if let Some(bot) = find(element, class::VIA_BOT).and_then(person) {
            self.post.via_bot = Some(bot);
        }
    }

    fn report_unknown_classes(&mut self, message: ElementRef<'_>) {
        for class in message.descendent_elements().flat_map(classes) {
            if class.starts_with(class::PREFIX) && !class::is_known(class) {
                self.warnings.count(WarningKind::UnknownClass, &format!(".{class}"));
            }
        }
    }

    /// The post with its texts. Of several documents, each has the texts behind it as its caption.
    fn finish(self) -> Post {
        let mut post = self.post;
        let has_captions = post.documents.len() > 1;
        for (document, text) in self.texts {
            match document.and_then(|index| post.documents.get_mut(index)) {
                Some(document) if has_captions => document.caption.append(text),
                _ => post.text.append(text),
            }
        }
        post
    }
}

/// A name, and its address if it is a link.
fn person(element: ElementRef<'_>) -> Option<Person> {
    let name = nonblank_line(element)?;
    let address = attribute(element, "href").and_then(address::normalise);
    Some(Person { name, address })
}
