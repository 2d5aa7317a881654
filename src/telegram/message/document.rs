//! Files and music: Telegram's pages name them and never carry them.

use scraper::ElementRef;

use super::{MOST_PARTS, Reading, line};
use crate::model::{Document, DocumentKind};
use crate::telegram::selectors as class;
use crate::telegram::style;
use crate::telegram::tree::{attribute, find, has_class};
use crate::telegram::warning::WarningKind;
use crate::text::{RichText, is_blank};

impl Reading<'_> {
    pub(super) fn read_document(&mut self, element: ElementRef<'_>) {
        if self.post.documents.len() >= MOST_PARTS {
            return;
        }
        let message = self.message_of(element);
        let words = |class| find(element, class).map(line).filter(|words| !is_blank(words));
        let extra = words(class::DOCUMENT_EXTRA);
        let Some(title) = words(class::DOCUMENT_TITLE).or_else(|| extra.clone()) else {
            self.warnings.tell(
                WarningKind::MissingPart,
                ".tgme_widget_message_document_wrap",
                "no name",
            );
            return;
        };
        let is_music =
            find(element, class::DOCUMENT_ICON).is_some_and(|icon| has_class(icon, class::MUSIC));
        let thumbnail = element
            .descendent_elements()
            .skip(1)
            .find_map(|inner| style::picture(attribute(inner, "style")?));
        self.document = Some(self.post.documents.len());
        self.post.documents.push(Document {
            message,
            kind: if is_music { DocumentKind::Music } else { DocumentKind::File },
            title,
            extra,
            thumbnail,
            caption: RichText::default(),
        });
    }
}
