//! Where a post comes from: its author, a forward's origin, the message it answers, the bot it was sent through.

use scraper::ElementRef;

use super::{Reading, line, rich};
use crate::model::{Forward, Person, Reply};
use crate::telegram::address::{self, Linked};
use crate::telegram::selectors as class;
use crate::telegram::tree::{attribute, classes, find, has_class};
use crate::telegram::warning::WarningKind;
use crate::text::{Address, RichText, is_blank};

impl Reading<'_> {
    /// The line above the message: the channel's title, or a group's member and the group's title.
    pub(super) fn read_author(&mut self, element: ElementRef<'_>) {
        // A link inside a reply, which is a link itself, makes the parser take the reply apart: its author stands here
        // then, round a copy of the reply's link.
        if find(element, class::REPLY).is_some() {
            return self.read_reply(element);
        }
        self.title = find(element, class::OWNER_NAME).map(line).filter(|title| !is_blank(title));
        self.verified |= find(element, class::VERIFIED).is_some();
        let sender = find(element, class::AUTHOR_NAME).and_then(person);
        let is_itself = sender.as_ref().is_some_and(|sender| self.is_our_channel(sender));
        if is_itself && self.title.is_none() {
            self.title = sender.map(|sender| sender.name);
        } else {
            self.post.sender = sender;
        }
        self.read_via(element);
    }

    fn is_our_channel(&self, person: &Person) -> bool {
        let name = person.address.as_ref().and_then(address::name_of);
        name.is_some_and(|name| name.eq_ignore_ascii_case(self.post.channel.as_str()))
    }

    pub(super) fn read_forward(&mut self, element: ElementRef<'_>) {
        self.read_via(element);
        let Some(from) = find(element, class::FORWARD_NAME).and_then(person) else {
            self.warnings.tell(
                WarningKind::MissingPart,
                ".tgme_widget_message_forwarded_from",
                "no name",
            );
            return;
        };
        let author = find(element, class::FORWARD_AUTHOR).map(line).filter(|name| !is_blank(name));
        self.post.forward = Some(Forward { name: from.name, address: from.address, author });
    }

    /// Author, text and picture in here are those of the message that is answered, the bot too.
    pub(super) fn read_reply(&mut self, element: ElementRef<'_>) {
        let author = find(element, class::AUTHOR_NAME)
            .or_else(|| find(element, class::AUTHOR))
            .map(line)
            .filter(|name| !is_blank(name));
        let address = self.message_link(element);
        if author.is_some() || address.is_some() {
            let reply = self.reply();
            reply.author = reply.author.take().or(author);
            reply.address = reply.address.take().or(address);
        }
        let text = element.descendent_elements().skip(1).find(|inner| is_reply_text(*inner));
        if let Some(text) = text {
            self.read_reply_text(text);
        }
    }

    /// Where a link to a message leads; one that lacks its channel's name leads into ours.
    fn message_link(&self, element: ElementRef<'_>) -> Option<Address> {
        let linked = attribute(element, "href").and_then(address::message_of);
        match linked {
            Some(Linked { channel: None, id, .. }) => {
                Address::parse(&format!("https://t.me/{}/{id}", self.post.channel))
            }
            _ => address::of_link(element),
        }
    }

    /// The quoted words, or a word for media.
    pub(super) fn read_reply_text(&mut self, element: ElementRef<'_>) {
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
}

fn is_reply_text(element: ElementRef<'_>) -> bool {
    classes(element).any(|class| matches!(class, class::REPLY_TEXT | class::METATEXT))
}

/// A name, and where it leads when it is a link.
fn person(element: ElementRef<'_>) -> Option<Person> {
    let name = line(element);
    if is_blank(&name) {
        return None;
    }
    let address = attribute(element, "href").and_then(address::normalise);
    Some(Person { name, address })
}
