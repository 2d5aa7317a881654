//! Where a post comes from: its author, a forward's origin, the message it answers, the bot it was sent through.

use scraper::ElementRef;

use super::{Reading, line, rich};
use crate::model::{Forward, Person, Reply};
use crate::telegram::address;
use crate::telegram::selectors as class;
use crate::telegram::tree::{attribute, classes, find, has_class};
use crate::telegram::warning::WarningKind;
use crate::text::is_blank;

impl Reading<'_> {
    /// The line above the message: the channel's title, or a group's member and the group's title.
    pub(super) fn read_author(&mut self, element: ElementRef<'_>) {
        self.title = find(element, class::OWNER_NAME).map(line).filter(|title| !is_blank(title));
        self.verified |= find(element, class::VERIFIED).is_some();
        self.post.sender = find(element, class::AUTHOR_NAME).and_then(person);
        self.read_via(element);
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
        let author = find(element, class::AUTHOR_NAME).or_else(|| find(element, class::AUTHOR));
        let text = element.descendent_elements().find(|inner| {
            classes(*inner).any(|class| matches!(class, class::REPLY_TEXT | class::METATEXT))
        });
        let address = address::of_link(element);
        let reply = Reply {
            author: author.map(line).filter(|name| !is_blank(name)),
            text: text.map(|text| rich(text, self.warnings)).unwrap_or_default(),
            is_media: text.is_some_and(|text| has_class(text, class::METATEXT)),
            address,
        };
        let says_something =
            reply.author.is_some() || !reply.text.is_empty() || reply.address.is_some();
        self.post.reply = says_something.then_some(reply);
    }

    fn read_via(&mut self, element: ElementRef<'_>) {
        if let Some(bot) = find(element, class::VIA_BOT).and_then(person) {
            self.post.via_bot = Some(bot);
        }
    }
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
