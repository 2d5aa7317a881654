//! Warnings about unexpected markup on a page that could be parsed.

use std::fmt;

use serde::Serialize;

use crate::model::MessageId;
use crate::text::clean;

/// Warnings per page. Further ones are only counted.
const MAX_WARNINGS: usize = 200;

/// Longest quotation in a warning, in characters.
const MAX_QUOTE: usize = 120;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub kind: WarningKind,
    /// A class (`.tgme_…`), element or attribute.
    pub selector: String,
    /// The first message with the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<MessageId>,
    /// How often, or the unexpected value.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A message without a time or a readable name. It is left out.
    #[error("unreadable block")]
    UnreadableBlock,
    /// A message without an id. It is left out.
    #[error("block without an id")]
    NamelessBlock,
    /// A post without content.
    #[error("nothing to show")]
    EmptyPost,
    /// A part without its essential content. It is left out.
    #[error("missing part")]
    MissingPart,
    /// It is left out.
    #[error("bad value")]
    BadValue,
    /// A text or name longer than any of Telegram's. It is cut.
    #[error("cut, because it is too long")]
    TooLong,
    /// A class of Telegram that the parser does not know.
    #[error("unknown class")]
    UnknownClass,
    /// An element that does not belong into text. Its text is kept.
    #[error("unknown element in text")]
    UnknownElement,
    /// There are too many warnings.
    #[error("more warnings")]
    More,
}

impl fmt::Display for Warning {
    /// One line: `post 17: unknown class .tgme_widget_message_x (3 times)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(post) = self.post {
            write!(formatter, "post {post}: ")?;
        }
        write!(formatter, "{}", self.kind)?;
        if !self.selector.is_empty() {
            write!(formatter, " {}", self.selector)?;
        }
        if !self.detail.is_empty() {
            write!(formatter, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// Collects the warnings of a page.
#[derive(Default)]
pub(super) struct Warnings {
    /// The current message.
    pub(super) post: Option<MessageId>,
    single: Vec<Warning>,
    counted: Vec<(Warning, usize)>,
    dropped: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, kind: WarningKind, selector: &str, detail: &str) {
        if self.is_full() {
            self.dropped += 1;
            return;
        }
        let warning = self.warning(kind, selector, detail);
        self.single.push(warning);
    }

    /// Adds a warning that may be frequent: it is reported once, with a count.
    pub(super) fn count(&mut self, kind: WarningKind, selector: &str) {
        let warning = self.warning(kind, selector, "");
        let is_full = self.is_full();
        let same = self
            .counted
            .iter_mut()
            .find(|(other, _)| other.kind == kind && other.selector == warning.selector);
        match same {
            Some((_, times)) => *times += 1,
            None if is_full => self.dropped += 1,
            None => self.counted.push((warning, 1)),
        }
    }

    pub(super) fn finish(self) -> Vec<Warning> {
        let mut warnings = self.single;
        for (warning, times) in self.counted {
            let detail = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            warnings.push(Warning { detail, ..warning });
        }
        if self.dropped > 0 {
            let (selector, detail) = (String::new(), self.dropped.to_string());
            warnings.push(Warning { kind: WarningKind::More, selector, post: None, detail });
        }
        warnings
    }

    fn is_full(&self) -> bool {
        self.single.len() + self.counted.len() >= MAX_WARNINGS
    }

    fn warning(&self, kind: WarningKind, selector: &str, detail: &str) -> Warning {
        Warning { kind, selector: quote(selector), post: self.post, detail: quote(detail) }
    }
}

/// One line without control characters, truncated.
fn quote(text: &str) -> String {
    let text = clean(text);
    let mut quote: String = text.chars().take(MAX_QUOTE).collect();
    if quote.len() < text.len() {
        quote.push('…');
    }
    quote.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_warnings_are_merged_with_count() {
        let mut warnings = Warnings { post: MessageId::new(17), ..Warnings::default() };
        for _ in 0..3 {
            warnings.count(WarningKind::UnknownClass, ".tgme_widget_message_story");
            warnings.post = MessageId::new(18);
        }
        warnings.add(WarningKind::BadValue, "data-view", "two\nlines\u{1b}");
        let lines: Vec<String> = warnings.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "post 18: bad value data-view (two lines)",
                "post 17: unknown class .tgme_widget_message_story (3 times)",
            ]
        );
    }

    #[test]
    fn warning_list_of_hostile_page_is_bounded() {
        let mut warnings = Warnings::default();
        for number in 0..1000 {
            warnings
                .count(WarningKind::UnknownClass, &format!(".tgme_{number}{}", "x".repeat(5000)));
        }
        let list = warnings.finish();
        assert_eq!(list.len(), MAX_WARNINGS + 1);
        assert_eq!(list[MAX_WARNINGS].to_string(), "more warnings (800)");
        assert!(list[0].selector.chars().count() <= MAX_QUOTE + 1);
    }
}
