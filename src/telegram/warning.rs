//! What looked strange on a page that could be read all the same.

use std::fmt;

use serde::Serialize;

use crate::model::MessageId;
use crate::text::clean;

/// The most warnings that one page gives; the rest is only counted.
const MOST: usize = 200;

/// The longest name or detail that is repeated in a warning, in characters.
const LONGEST: usize = 120;

/// Something that was not as we know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What happened.
    pub kind: WarningKind,
    /// Where: a class (`.tgme_…`), element or attribute.
    pub selector: String,
    /// The message in which it happened first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<MessageId>,
    /// How often, or what stood there.
    pub detail: String,
}

/// The kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A block whose message has no time or no readable name: it is left out.
    UnreadableBlock,
    /// A block that does not tell the id of its message: it is left out.
    NamelessBlock,
    /// A post in which nothing was found to show.
    EmptyPost,
    /// A part that lacks what makes it one: it is left out.
    MissingPart,
    /// A value that is not of its kind: it is left out.
    BadValue,
    /// A text or name longer than any of Telegram's: it was cut.
    TooLong,
    /// A class of Telegram's that we have never seen.
    UnknownClass,
    /// An element that does not belong into text: its words are kept.
    UnknownElement,
    /// More warnings than are told one by one.
    More,
}

impl WarningKind {
    /// A few words for a person.
    pub fn describe(self) -> &'static str {
        match self {
            Self::UnreadableBlock => "unreadable block",
            Self::NamelessBlock => "block without an id",
            Self::EmptyPost => "nothing to show",
            Self::MissingPart => "missing part",
            Self::BadValue => "bad value",
            Self::TooLong => "cut, because it is too long",
            Self::UnknownClass => "unknown class",
            Self::UnknownElement => "unknown element in text",
            Self::More => "more warnings",
        }
    }
}

impl fmt::Display for Warning {
    /// One line: `post 17: unknown class .tgme_widget_message_x (3 times)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(post) = self.post {
            write!(formatter, "post {post}: ")?;
        }
        write!(formatter, "{}", self.kind.describe())?;
        if !self.selector.is_empty() {
            write!(formatter, " {}", self.selector)?;
        }
        if !self.detail.is_empty() {
            write!(formatter, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// Warnings under way: the message that is being read, and what was strange so far.
#[derive(Default)]
pub(super) struct Warnings {
    /// The message that is being read.
    pub(super) post: Option<MessageId>,
    told: Vec<Warning>,
    counted: Vec<(WarningKind, String, Option<MessageId>, usize)>,
    untold: usize,
}

impl Warnings {
    /// Tells of something once.
    pub(super) fn tell(&mut self, kind: WarningKind, selector: &str, detail: &str) {
        if self.told.len() + self.counted.len() >= MOST {
            self.untold += 1;
            return;
        }
        let selector = shorten(selector);
        self.told.push(Warning { kind, selector, post: self.post, detail: shorten(detail) });
    }

    /// Tells of something that may come often: one warning with a count.
    pub(super) fn count(&mut self, kind: WarningKind, selector: &str) {
        let selector = shorten(selector);
        let is_full = self.told.len() + self.counted.len() >= MOST;
        let known = self.counted.iter_mut().find(|known| known.0 == kind && known.1 == selector);
        match known {
            Some(known) => known.3 += 1,
            None if is_full => self.untold += 1,
            None => self.counted.push((kind, selector, self.post, 1)),
        }
    }

    /// All of them, those told once first.
    pub(super) fn finish(self) -> Vec<Warning> {
        let mut warnings = self.told;
        for (kind, selector, post, times) in self.counted {
            let detail = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            warnings.push(Warning { kind, selector, post, detail });
        }
        if self.untold > 0 {
            warnings.push(Warning {
                kind: WarningKind::More,
                selector: String::new(),
                post: None,
                detail: self.untold.to_string(),
            });
        }
        warnings
    }
}

/// One line without control characters, cut.
fn shorten(text: &str) -> String {
    let text = clean(text);
    let mut short: String =
        text.chars().take(LONGEST).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_often_is_one_warning_with_a_count() {
        let mut warnings = Warnings { post: MessageId::new(17), ..Warnings::default() };
        for _ in 0..3 {
            warnings.count(WarningKind::UnknownClass, ".tgme_widget_message_story");
            warnings.post = MessageId::new(18);
        }
        warnings.tell(WarningKind::BadValue, "data-view", "two\nlines\u{1b}");
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
    fn a_hostile_page_gives_a_bounded_list() {
        let mut warnings = Warnings::default();
        for number in 0..1000 {
            warnings
                .count(WarningKind::UnknownClass, &format!(".tgme_{number}{}", "x".repeat(5000)));
        }
        let list = warnings.finish();
        assert_eq!(list.len(), MOST + 1);
        assert_eq!(list[MOST].to_string(), "more warnings (800)");
        assert!(list[0].selector.chars().count() <= LONGEST + 1);
    }
}
