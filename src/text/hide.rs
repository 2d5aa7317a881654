//! Hides spoilers in quotations: Telegram quotes an answered post without its spoilers.

use std::collections::HashSet;

use super::plain::{Piece, visit_blocks};
use super::{Builder, RichText, Span, Spoilers, Style};

/// A text with single spaces, and for each byte whether it is hidden.
#[derive(Default)]
struct Line {
    text: String,
    is_hidden: Vec<bool>,
}

impl RichText {
    pub(crate) fn has_spoilers(&self) -> bool {
        let mut has_spoilers = false;
        self.visit(Spoilers::Show, &mut |inline| has_spoilers |= inline.is_hidden());
        has_spoilers
    }

    /// This quotation with the text hidden that the original hides; `None` if there is none.
    ///
    /// A quotation may begin and end anywhere in its original. If the original has been edited and does not contain it, every
    /// word that the original hides is hidden.
    pub(crate) fn hidden_as_in(&self, original: &Self) -> Option<Self> {
        let original = Line::of(original);
        if !original.is_hidden.contains(&true) {
            return None;
        }
        let mut quotation = Line::default();
        quotation.push(&self.plain(Spoilers::Show), false);
        // Without the ellipsis of a cut quotation.
        let length = quotation.text.trim_end_matches(['…', '.', ' ']).len();
        let is_found = quotation.hide_occurrences(length, &original);
        if !is_found {
            quotation.hide_words_of(&original);
        }
        quotation.is_hidden.contains(&true).then(|| quotation.to_rich_text())
    }
}

impl Line {
    fn of(text: &RichText) -> Self {
        let mut line = Self::default();
        visit_blocks(text.blocks(), Spoilers::Show, &mut |piece| match piece {
            Piece::Block => line.push("\n", false),
            Piece::Text { text, is_hidden, .. } => line.push(text, is_hidden),
        });
        line
    }

    fn push(&mut self, text: &str, is_hidden: bool) {
        for character in text.chars() {
            let character = if character.is_whitespace() { ' ' } else { character };
            if character == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
                continue;
            }
            self.text.push(character);
            self.is_hidden.resize(self.text.len(), is_hidden);
        }
    }

    /// Hides in the first `length` bytes what is hidden in any occurrence of them in the original. Returns whether there is
    /// one.
    fn hide_occurrences(&mut self, length: usize, original: &Self) -> bool {
        if length == 0 {
            return true;
        }
        let mut is_found = false;
        for (at, _) in original.text.match_indices(&self.text[..length]) {
            is_found = true;
            let hidden = &original.is_hidden[at..at + length];
            for (mine, hidden) in self.is_hidden.iter_mut().zip(hidden) {
                *mine |= hidden;
            }
        }
        is_found
    }

    fn hide_words_of(&mut self, original: &Self) {
        let mut hidden_words = HashSet::new();
        for (run, is_hidden) in original.runs() {
            if is_hidden {
                hidden_words.extend(run.split(' ').map(normalise).filter(|word| !word.is_empty()));
            }
        }
        let mut at = 0;
        for word in self.text.split_inclusive(' ') {
            let normalised = normalise(word);
            // In scripts without spaces, the hidden text is a part of a longer word.
            let is_hidden = hidden_words.iter().any(|hidden| {
                *hidden == normalised || !hidden.is_ascii() && normalised.contains(&**hidden)
            });
            if is_hidden {
                self.is_hidden[at..at + word.trim_end().len()].fill(true);
            }
            at += word.len();
        }
    }

    /// The longest parts that are either hidden or not.
    fn runs(&self) -> impl Iterator<Item = (&str, bool)> {
        let mut at = 0;
        self.is_hidden.chunk_by(|one, next| one == next).map(move |run| {
            let text = &self.text[at..at + run.len()];
            at += run.len();
            (text, run[0])
        })
    }

    fn to_rich_text(&self) -> RichText {
        let mut builder = Builder::new();
        for (text, is_hidden) in self.runs() {
            if is_hidden {
                builder.open(Span::Style(Style::Spoiler));
            }
            builder.text(text);
            if is_hidden {
                builder.close();
            }
        }
        builder.finish()
    }
}

/// Letters and digits in lower case.
fn normalise(word: &str) -> String {
    word.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` begins and ends a spoiler.
    fn hiding(text: &str) -> RichText {
        let mut builder = Builder::new();
        for (number, piece) in text.split('|').enumerate() {
            if number % 2 == 1 {
                builder.open(Span::Style(Style::Spoiler));
            }
            for (number, line) in piece.split('\n').enumerate() {
                if number > 0 {
                    builder.line_break();
                }
                builder.text(line);
            }
            if number % 2 == 1 {
                builder.close();
            }
        }
        builder.finish()
    }

    #[test]
    fn quotation_hides_spoilers_of_its_original() {
        for (original, quotation, expected) in [
            ("It was |the gardener|!", "It was the gardener!", Some("It was ▒▒▒!")),
            ("|All of it|", "All of it", Some("▒▒▒")),
            ("|All\n\nof it|", "All of it", Some("▒▒▒ ▒▒▒")),
            ("Long ago |a king of old| lived", "Long ago a king of…", Some("Long ago ▒▒▒…")),
            ("Long ago |a king| lived in peace", "a king lived", Some("▒▒▒ lived")),
            ("the key is |the key|", "the key", Some("▒▒▒")),
            ("Nothing |hidden| behind the open words", "behind the open", None),
            ("Nothing hidden", "Nothing hidden", None),
            ("It was |the gardener|!", "It was not the gardener?", Some("It was not ▒▒▒ ▒▒▒")),
            ("It was |Anna|.", "Something else", None),
            ("答案是|影子|。", "答案是影子。", Some("答案是▒▒▒。")),
            ("答案是|影子|。", "新答案是影子吗", Some("▒▒▒")),
            ("Secret: |xyz|", "…", None),
            ("Secret: |xyz|", "", None),
        ] {
            let hidden = RichText::from_plain(quotation).hidden_as_in(&hiding(original));
            let masked = hidden.as_ref().map(|text| text.plain(Spoilers::Mask));
            // One mask is as good as two for two hidden paragraphs.
            let once = |text: String| text.replace("▒▒▒ ▒▒▒", "▒▒▒");
            assert_eq!(masked.map(once), expected.map(str::to_owned).map(once), "{original}");
            if let Some(hidden) = hidden {
                assert_eq!(hidden.plain(Spoilers::Show), quotation, "no word is lost");
            }
        }
    }

    #[test]
    fn quotation_hides_tags_and_mentions_in_quoted_spoiler() {
        let mut builder = Builder::new();
        builder.open_quote(true);
        builder.open(Span::Style(Style::Spoiler));
        builder.tag("#secret");
        builder.text(" and ");
        builder.mention("secret");
        builder.close();
        builder.close_quote();
        let quotation = RichText::from_plain("#secret and @secret");
        let hidden = quotation.hidden_as_in(&builder.finish()).unwrap();
        assert!(!hidden.plain(Spoilers::Mask).contains("secret"));
    }
}
