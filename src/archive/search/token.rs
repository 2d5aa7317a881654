//! Splits a text into words, with their ranges.
//!
//! Letters and digits are separate tokens (`iPhone15` is `iphone 15`, which people also write), and so are different
//! scripts. Scripts without spaces (Han, kana, Hangul with its particles, Thai…) give overlapping pairs of characters,
//! and a word is found as its consecutive pairs. The last character of a run is also a token of its own, for words that
//! continue in another script.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use super::fold::{combining_class, fold, fold_unspaced, is_unspaced};

/// The maximum number of tokens of one text, far beyond what a person writes.
pub(super) const MOST_TOKENS: usize = 20_000;

/// A word, a number, or one or two characters of a script without spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The bytes in the text.
    pub(super) range: Range<usize>,
    /// Folded; never empty.
    pub(super) word: String,
    pub(super) form: Form,
    /// Only an apostrophe separates the token from the next: `l'homme`, `o'zbek`.
    pub(super) is_joined: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Letters of one script with spaces.
    Word(Script),
    Number,
    /// Two characters of a script without spaces.
    Pair {
        /// The length of the first character in the folded word, in bytes.
        first: usize,
    },
    /// The last or only character of a run in a script without spaces.
    Last,
}

/// Scripts with a stemmer; `Other` stands for all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Other,
}

/// The role of a character in tokenization.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Belongs to a run of its kind.
    Part(Kind),
    /// Belongs to the preceding character.
    Mark,
    Apostrophe,
    Gap,
}

/// The kind of a [`Run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Letters(Script),
    Digits,
    /// A script without spaces.
    Unspaced,
}

/// Consecutive characters of one kind: a word, a number, or several words of a script without spaces.
pub(super) struct Run {
    /// The bytes in the text.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// Only an apostrophe separates the run from the next.
    pub(super) is_joined: bool,
}

pub(super) struct Runs<'t> {
    characters: Peekable<CharIndices<'t>>,
    open: Option<(Kind, Range<usize>)>,
}

impl<'t> Runs<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { characters: text.char_indices().peekable(), open: None }
    }

    fn close(&mut self, is_joined: bool) -> Option<Run> {
        let (kind, range) = self.open.take()?;
        Some(Run { range, kind, is_joined })
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        while let Some((at, character)) = self.characters.next() {
            let end = at + character.len_utf8();
            let class = class(character);
            let Some((open, range)) = &mut self.open else {
                if let Class::Part(kind) = class {
                    self.open = Some((kind, at..end));
                }
                continue;
            };
            match (class, *open) {
                // Persian separates endings by an invisible non-joiner.
                (Class::Mark, Kind::Letters(Script::Arabic)) if character == '\u{200c}' => {
                    return self.close(false);
                }
                (Class::Mark, _) => range.end = end,
                (Class::Apostrophe, Kind::Letters(script)) => {
                    let next = self.characters.peek().map(|(_, next)| self::class(*next));
                    let goes_on = next == Some(Class::Part(Kind::Letters(script)));
                    if !goes_on || script == Script::Latin {
                        return self.close(goes_on);
                    }
                    range.end = end;
                }
                (Class::Gap | Class::Apostrophe, _) => return self.close(false),
                (Class::Part(kind), open) if kind == open => range.end = end,
                (Class::Part(kind), _) => {
                    let run = self.close(false);
                    self.open = Some((kind, at..end));
                    return run;
                }
            }
        }
        self.close(false)
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for Run { range, kind, is_joined } in Runs::of(text) {
        if tokens.len() >= MOST_TOKENS {
            break;
        }
        let form = match kind {
            Kind::Letters(script) => Form::Word(script),
            Kind::Digits => Form::Number,
            Kind::Unspaced => {
                pairs(text, range, |token| tokens.push(token));
                continue;
            }
        };
        let word = fold(&text[range.clone()]);
        if !word.is_empty() {
            tokens.push(Token { range, word, form, is_joined });
        }
    }
    tokens.truncate(MOST_TOKENS);
    tokens
}

/// The joined spellings of words with apostrophes: `dont`, `ozbek`.
pub(super) fn joined(tokens: &[Token]) -> Vec<Token> {
    let mut joined = Vec::new();
    let mut open: Option<Token> = None;
    for token in tokens {
        if let Some(whole) = &mut open {
            whole.range.end = token.range.end;
            whole.word.push_str(&token.word);
            if !token.is_joined {
                joined.extend(open.take());
            }
        } else if token.is_joined {
            open = Some(token.clone());
        }
    }
    joined
}

fn class(character: char) -> Class {
    if character.is_ascii() {
        return match character {
            'a'..='z' | 'A'..='Z' => Class::Part(Kind::Letters(Script::Latin)),
            '0'..='9' => Class::Part(Kind::Digits),
            '\'' | '`' => Class::Apostrophe,
            _ => Class::Gap,
        };
    }
    match character {
        // A fast path without table look-ups: most non-ASCII characters in posts are Russian letters.
        '\u{410}'..='\u{44f}' | 'ё' | 'Ё' => Class::Part(Kind::Letters(Script::Cyrillic)),
        '\u{b4}'
        | '\u{2b9}'..='\u{2bf}'
        | '\u{2018}'
        | '\u{2019}'
        | '\u{2032}'
        | '\u{ff07}'
        | '\u{5f3}'
        | '\u{5f4}' => Class::Apostrophe,
        // Invisible characters, and those that only change their neighbour's look. Halfwidth voice marks belong to
        // their kana.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{640}'
        | '\u{200c}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ff9e}'
        | '\u{ff9f}' => Class::Mark,
        _ if combining_class(character) != 0 => Class::Mark,
        _ if !character.is_alphanumeric() => Class::Gap,
        _ if is_unspaced(character) => Class::Part(Kind::Unspaced),
        _ if character.is_numeric() => Class::Part(Kind::Digits),
        _ => Class::Part(Kind::Letters(script(character))),
    }
}

/// The script of a letter, by Unicode block. Mathematical letters (𝐁) count as Latin; most others are rare.
fn script(character: char) -> Script {
    match character {
        '\u{aa}'..='\u{2af}'
        | '\u{1d00}'..='\u{1dbf}'
        | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}'
        | '\u{fb00}'..='\u{fb06}'
        | '\u{ff21}'..='\u{ff5a}'
        | '\u{1d400}'..='\u{1d6a5}' => Script::Latin,
        '\u{400}'..='\u{52f}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a640}'..='\u{a69f}' => Script::Cyrillic,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{600}'..='\u{6ff}'
        | '\u{750}'..='\u{77f}'
        | '\u{8a0}'..='\u{8ff}'
        | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefe}' => Script::Arabic,
        _ => Script::Other,
    }
}

/// The overlapping pairs of a run in a script without spaces, and its last character.
pub(super) fn pairs(text: &str, run: Range<usize>, mut take: impl FnMut(Token)) {
    let mut clusters: Vec<(Range<usize>, String)> = Vec::new();
    for (at, character) in text[run.clone()].char_indices() {
        let at = run.start + at;
        let end = at + character.len_utf8();
        match clusters.last_mut() {
            Some((range, _)) if class(character) == Class::Mark => range.end = end,
            _ => clusters.push((at..end, String::new())),
        }
    }
    for (range, folded) in &mut clusters {
        *folded = fold_unspaced(&text[range.clone()]);
    }
    clusters.retain(|(_, folded)| !folded.is_empty());
    for window in clusters.windows(2) {
        let [(first, one), (second, other)] = window else { continue };
        take(Token {
            range: first.start..second.end,
            word: format!("{one}{other}"),
            form: Form::Pair { first: one.len() },
            is_joined: false,
        });
    }
    if let Some((range, word)) = clusters.pop() {
        take(Token { range, word, form: Form::Last, is_joined: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_into_words() {
        for (text, words) in [
            ("", ""),
            ("… — !", ""),
            ("Tea, ready!", "tea ready"),
            ("iPhone15 Pro", "iphone 15 pro"),
            ("Су-35 и F-16", "су 35 и f 16"),
            ("VPNы", "vpn ы"),
            ("об'єкт п’ять", "обєкт пять"),
            ("don't l’homme", "don t l homme"),
            ("'quoted' words'", "quoted words"),
            ("example.com/чай_дня", "example com чай дня"),
            ("не\u{ad}видимый пере\u{200d}нос", "невидимый перенос"),
            ("می\u{200c}خواهم", "مي خواهم"),
            ("1 000,50 ₽", "1 000 50"),
            ("人工智能", "人工 工智 智能 能"),
            ("茶", "茶"),
            ("iPhone发布会", "iphone 发布 布会 会"),
            ("ｶﾞｽ", "ガス ス"),
            ("학교에서 만나", "학교 교에 에서 서 만나 나"),
            ("东京、大阪", "东京 京 大阪 阪"),
            ("🔥🔥", ""),
        ] {
            let found: Vec<String> = tokens(text).into_iter().map(|token| token.word).collect();
            assert_eq!(found.join(" "), words, "{text}");
        }
    }

    #[test]
    fn tokens_have_their_text_ranges() {
        let text = "«Ёлка», 茶叶 e\u{301}t";
        let found: Vec<&str> =
            tokens(text).iter().map(|token| &text[token.range.clone()]).collect();
        assert_eq!(found, ["Ёлка", "茶叶", "叶", "e\u{301}t"]);
        let joined: Vec<bool> = tokens("l'homme est").iter().map(|token| token.is_joined).collect();
        assert_eq!(joined, [true, false, false]);
    }

    #[test]
    fn number_of_tokens_is_bounded() {
        let many = "a ".repeat(MOST_TOKENS * 2);
        assert!(tokens(&many).len() <= MOST_TOKENS);
        assert!(tokens(&"字".repeat(MOST_TOKENS * 2)).len() <= MOST_TOKENS);
    }
}
