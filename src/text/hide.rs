//! Hiding in a quotation what its original hides: Telegram quotes an answered post without its spoilers.

use std::collections::HashSet;

use super::{Block, Builder, Inline, RichText, Span, Spoilers, Style};

/// Characters with white space as single spaces, and for each byte whether it is hidden.
#[derive(Default)]
struct Line {
    text: String,
    is_hidden: Vec<bool>,
}

impl RichText {
    /// Whether any of its words are hidden.
    pub fn hides(&self) -> bool {
        let mut hides = false;
        self.visit(Spoilers::Show, &mut |inline| hides |= inline.is_hidden());
        hides
    }

    /// This quotation with the words hidden that are hidden in the original; `None` when there are none.
    ///
    /// A quotation may begin and end anywhere in its original. One that is not found there (the original was edited since)
    /// hides every word that the original hides.
    pub fn hidden_as_in(&self, original: &Self) -> Option<Self> {
        let original = Line::of(original);
        if !original.is_hidden.contains(&true) {
            return None;
        }
        let mut quotation = Line::default();
        quotation.push(&self.plain(Spoilers::Show), false);
        let quoted = quotation.text.trim_end_matches(['…', '.', ' ']).len();
        quotation.hide_where_it_stands(quoted, &original);
        if !original.text.contains(&quotation.text[..quoted]) {
            quotation.hide_words_of(&original);
        }
        quotation.is_hidden.contains(&true).then(|| quotation.rich())
    }
}

impl Line {
    fn of(text: &RichText) -> Self {
        let mut line = Self::default();
        line.push_blocks(text.blocks());
        line
    }

    fn push_blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.push("\n", false);
            match block {
                Block::Paragraph(inlines) => self.push_inlines(inlines, false),
                Block::Quote { blocks, .. } => self.push_blocks(blocks),
                Block::Preformatted { text, .. } => self.push(text, false),
            }
        }
    }

    fn push_inlines(&mut self, inlines: &[Inline], hidden: bool) {
        for inline in inlines {
            match inline {
                Inline::Text(text) | Inline::Code(text) | Inline::Tag(text) => {
                    self.push(text, hidden);
                }
                Inline::Break => self.push("\n", hidden),
                Inline::Styled(style, content) => {
                    self.push_inlines(content, hidden || *style == Style::Spoiler);
                }
                Inline::Link { content, .. } => self.push_inlines(content, hidden),
                Inline::Mention(name) => self.push(&format!("@{name}"), hidden),
                Inline::CustomEmoji { emoji, .. } => self.push(emoji, hidden),
            }
        }
    }

    fn push(&mut self, text: &str, hidden: bool) {
        for character in text.chars() {
            let character = if character.is_whitespace() { ' ' } else { character };
            if character == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
                continue;
            }
            self.text.push(character);
            self.is_hidden.resize(self.text.len(), hidden);
        }
    }

    /// Hides of the first so many bytes what is hidden wherever they stand in the original.
    fn hide_where_it_stands(&mut self, quoted: usize, original: &Self) {
        if quoted == 0 {
            return;
        }
        for (at, _) in original.text.match_indices(&self.text[..quoted]) {
            let hidden = &original.is_hidden[at..at + quoted];
            for (mine, hidden) in self.is_hidden.iter_mut().zip(hidden) {
                *mine |= hidden;
            }
        }
    }

    fn hide_words_of(&mut self, original: &Self) {
        let bare = |word: &str| -> String {
            word.chars()
                .filter(|character| character.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        let hidden = original.runs().filter(|(_, hidden)| *hidden);
        let words: HashSet<String> = hidden
            .flat_map(|(run, _)| run.split(' '))
            .map(bare)
            .filter(|word| !word.is_empty())
            .collect();
        let mut at = 0;
        for word in self.text.split_inclusive(' ') {
            // Scripts without spaces: what was hidden is part of a longer word.
            let spelling = bare(word);
            let is_hidden = words.iter().any(|hidden| {
                *hidden == spelling || !hidden.is_ascii() && spelling.contains(&**hidden)
            });
            if is_hidden {
                self.is_hidden[at..at + word.trim_end().len()].fill(true);
            }
            at += word.len();
        }
    }

    /// The pieces, each hidden as a whole or not at all.
    fn runs(&self) -> impl Iterator<Item = (&str, bool)> {
        let mut at = 0;
        self.is_hidden.chunk_by(|one, next| one == next).map(move |run| {
            let text = &self.text[at..at + run.len()];
            at += run.len();
            (text, run[0])
        })
    }

    fn rich(&self) -> RichText {
        let mut builder = Builder::new();
        for (text, hidden) in self.runs() {
            if hidden {
                builder.open(Span::Style(Style::Spoiler));
            }
            builder.text(text);
            if hidden {
                builder.close();
            }
        }
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text in which `|` begins and ends what is hidden.
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
    fn a_quotation_hides_what_its_original_hides() {
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
            // One mask or two for two hidden paragraphs is the same to a reader.
            let once = |text: String| text.replace("▒▒▒ ▒▒▒", "▒▒▒");
            assert_eq!(masked.map(once), expected.map(str::to_owned).map(once), "{original}");
            if let Some(hidden) = hidden {
                assert_eq!(hidden.plain(Spoilers::Show), quotation, "no word is lost");
            }
        }
    }

    #[test]
    fn a_hidden_word_in_a_quotation_of_the_original_shows_nowhere() {
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
