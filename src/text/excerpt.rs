//! Shortens a text to one line, cut where a person would cut it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::clean;

const ELLIPSIS: &str = "…";

/// Characters that end a sentence if white space follows.
const SPACED_ENDS: [char; 6] = ['.', '!', '?', '…', '؟', '۔'];

/// Characters that end a sentence in scripts without spaces.
const UNSPACED_ENDS: [char; 4] = ['。', '！', '？', '｡'];

/// A full stop ends a sentence only after a word of this length. Shorter words are abbreviations (`ул.`, `Dr.`, `т. е.`).
const MIN_LAST_WORD: usize = 4;

/// Characters that are read for each column, to bound the time.
const MAX_CHARACTERS_PER_COLUMN: usize = 16;

/// Each opening character with all that close it.
const PAIRS: [(char, &[char]); 16] = [
    ('(', &[')']),
    ('[', &[']']),
    ('{', &['}']),
    ('«', &['»']),
    ('“', &['”']),
    ('„', &['“', '”']),
    ('‹', &['›']),
    ('「', &['」']),
    ('『', &['』']),
    ('【', &['】']),
    ('《', &['》']),
    ('〈', &['〉']),
    ('（', &['）']),
    ('［', &['］']),
    ('〔', &['〕']),
    ('〝', &['〞', '〟']),
];

/// The text on one line of at most `columns` columns. Wide characters take two, and no grapheme is cut.
///
/// A longer text is cut at the last end of a sentence after the first quarter, or else at a word, with an ellipsis. Open
/// brackets and quotation marks are closed; colons, commas and dashes at the end are dropped. White space becomes single
/// spaces; invisible spacers and direction overrides are dropped.
pub fn excerpt(text: &str, columns: usize) -> String {
    let max = columns.saturating_mul(MAX_CHARACTERS_PER_COLUMN);
    let line = one_line(text, max);
    let whole = closed(trim_end(&line), "");
    if whole.width() <= columns && text.chars().nth(max).is_none() {
        return whole;
    }
    by_sentence(&line, columns).unwrap_or_else(|| by_word(&line, columns))
}

/// SECURITY: direction overrides in a post would reverse the reader's list of titles -> dropped.
fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    for character in clean(text).chars().take(max) {
        match character {
            '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            space if space.is_whitespace() || matches!(space, '\u{2800}' | '\u{3164}') => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            other => line.push(other),
        }
    }
    line
}

/// The width of a grapheme. Almost all are a letter.
fn width_of(grapheme: &str) -> usize {
    if grapheme.len() == 1 { 1 } else { grapheme.width() }
}

/// Up to the last end of a sentence that fits, after the first quarter.
fn by_sentence(line: &str, columns: usize) -> Option<String> {
    let mut best = None;
    let mut width = 0;
    for (start, grapheme) in line.grapheme_indices(true) {
        width += width_of(grapheme);
        if width > columns {
            break;
        }
        let end = start + grapheme.len();
        let can_end = !grapheme.ends_with(|last: char| last == ' ' || last.is_alphanumeric());
        if width * 4 >= columns && can_end && ends_sentence(&line[..end], &line[end..]) {
            best = Some(end);
        }
    }
    let sentence = closed(line[..best?].trim_end(), "");
    (sentence.width() <= columns).then_some(sentence)
}

/// Whether a sentence ends between the two parts of a line.
fn ends_sentence(before: &str, after: &str) -> bool {
    if after.starts_with(|next: char| is_closer(next) || is_end(next)) {
        return false;
    }
    let body = before.trim_end_matches(is_closer);
    let Some(last) = body.chars().next_back() else { return false };
    if UNSPACED_ENDS.contains(&last) {
        return true;
    }
    if !SPACED_ENDS.contains(&last) {
        return false;
    }
    let rest = after.trim_start();
    let continues = rest.len() == after.len() || rest.starts_with(char::is_lowercase);
    if continues && !rest.is_empty() {
        return false;
    }
    last != '.' || body.ends_with("..") || last_word_length(body) >= MIN_LAST_WORD
}

fn is_closer(character: char) -> bool {
    character == '"' || PAIRS.iter().any(|(_, closers)| closers.contains(&character))
}

fn is_opener(character: char) -> bool {
    PAIRS.iter().any(|(opener, _)| *opener == character)
}

fn is_end(character: char) -> bool {
    SPACED_ENDS.contains(&character) || UNSPACED_ENDS.contains(&character)
}

fn last_word_length(text: &str) -> usize {
    let word = text.trim_end_matches(is_end);
    word.chars().rev().take_while(|character| character.is_alphanumeric()).count()
}

/// Up to the last word that fits, with an ellipsis. A word longer than half of the line is cut.
fn by_word(line: &str, columns: usize) -> String {
    let mut words: Vec<usize> = Vec::new();
    let mut graphemes: Vec<usize> = Vec::new();
    let mut width = 0;
    for (start, grapheme) in line.grapheme_indices(true) {
        if start > 0 && is_between_words(&line[..start], &line[start..]) {
            words.push(start);
        }
        if width > columns {
            break;
        }
        graphemes.push(start);
        width += width_of(grapheme);
    }
    let words = words.iter().rev().take_while(|cut| line[..**cut].width() * 2 >= columns);
    for cut in words.chain(graphemes.iter().rev()) {
        let part = trim_end(&line[..*cut]);
        let text = closed(part.trim_end_matches(SPACED_ENDS), ELLIPSIS);
        if !part.is_empty() && text.width() <= columns {
            return text;
        }
    }
    ELLIPSIS.to_owned()
}

/// Whether a line may be cut here: at a space, or beside a character of a script without spaces.
fn is_between_words(before: &str, after: &str) -> bool {
    let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    next == ' ' || (last != ' ' && (is_unspaced(last) || is_unspaced(next)))
}

/// Han, kana, Thai, Lao, Burmese, Khmer and emoji.
fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3000}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff9f}'
        | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Removes what must not end a title: spaces, colons, commas, dashes, and opening characters.
fn trim_end(text: &str) -> &str {
    let trimmed = text.trim_end_matches([' ', ':', '：', ',', ';', '،', '؛', '、', '，', '；']);
    let trimmed = match trimmed.strip_suffix(['-', '–', '—', '―', '•', '·', '∙', '|']) {
        Some(rest) if rest.ends_with(' ') => trim_end(rest),
        _ => trimmed,
    };
    match trimmed.strip_suffix(is_opener) {
        // A sad smiley (`:(`) opens nothing.
        Some(rest) if !rest.ends_with([':', ';', '=', '-']) && !rest.ends_with(is_opener) => {
            trim_end(rest)
        }
        _ => trimmed,
    }
}

/// The text and `end`, then the closing characters for all that is open.
fn closed(text: &str, end: &str) -> String {
    let mut closers: Vec<&[char]> = Vec::new();
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    let mut last = ' ';
    while let Some(character) = characters.next() {
        let is_before_word = characters.peek().is_some_and(|next| !next.is_whitespace());
        if let Some(depth) = closers.iter().rposition(|closers| closers.contains(&character)) {
            closers.truncate(depth);
        } else if let Some((_, pair)) = PAIRS.iter().find(|(opener, _)| *opener == character) {
            if is_before_word && characters.peek() != Some(&character) {
                closers.push(pair);
            }
        } else if character == '"' {
            is_quoted = !is_quoted && is_before_word && !last.is_alphanumeric();
        }
        last = character;
    }
    let mut closed = format!("{text}{end}");
    if is_quoted {
        closed.push('"');
    }
    closed.extend(closers.iter().rev().filter_map(|closers| closers.last()));
    closed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Conformance: 1.5
    #[test]
    fn excerpt_is_cut_at_sentence_or_word() {
        for (columns, text, expected) in [
            (40, "Short.", "Short."),
            (40, "  Two\n lines\t here  ", "Two lines here"),
            (
                30,
                "The harbour is closed today. Ships wait outside.",
                "The harbour is closed today.",
            ),
            (30, "No! The harbour is closed today, ships wait.", "No! The harbour is closed…"),
            (30, "The road by Dr. Winter is closed for repairs", "The road by Dr. Winter is…"),
            (30, "Он живёт на ул. Садовой вместе с котом", "Он живёт на ул. Садовой…"),
            (30, "В каталоге 2024. Новые сорта чая и посуда", "В каталоге 2024."),
            (20, "港口今天关闭。所有船只都在外面等待。", "港口今天关闭。"),
            (11, "港口今天关闭所有船只", "港口今天关…"),
            (20, "الميناء مغلق اليوم؟ السفن تنتظر في الخارج", "الميناء مغلق اليوم؟"),
            (10, "abcdefghijklmnop", "abcdefghi…"),
            (8, "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦…"),
            (20, "ท่าเรือปิดวันนี้เรือรอข้างนอก", "ท่าเรือปิดวันนี้เรือรอข้างน…"),
        ] {
            let cut = excerpt(text, columns);
            assert_eq!(cut, expected);
            assert!(cut.width() <= columns, "{cut}");
        }
    }

    #[test]
    fn excerpt_closes_quotes_and_drops_dangling_punctuation() {
        for (columns, text, expected) in [
            (40, "Сегодня в выпуске:", "Сегодня в выпуске"),
            (40, "The plan —", "The plan"),
            (40, "Well-", "Well-"),
            (20, "Tea ∙ Coffee ∙ Something else", "Tea ∙ Coffee…"),
            (40, "The Tea Road |", "The Tea Road"),
            (40, "«Первая строка стихотворения,", "«Первая строка стихотворения»"),
            (24, "Роман «Война и мир» (издание 1869 года)", "Роман «Война и мир»…"),
            (28, "Роман «Война и мир» (издание 1869 года)", "Роман «Война и мир»…"),
            (33, "Роман «Война и мир» (издание 1869 года)", "Роман «Война и мир» (издание…)"),
            (20, "She said \"come in and wait\" and left", "She said \"come in…\""),
            (40, "She said \"come in\" and left", "She said \"come in\" and left"),
            (40, "A 5\" pipe", "A 5\" pipe"),
            (40, "„Hafen“ und „Schiff", "„Hafen“ und „Schiff“"),
            (40, "港口「关闭", "港口「关闭」"),
            (40, "Как жаль :(", "Как жаль :("),
            (40, "Как жаль ((", "Как жаль (("),
            (40, "1) one 2) two", "1) one 2) two"),
            (40, "The list (", "The list"),
        ] {
            assert_eq!(excerpt(text, columns).replace('”', "“"), expected);
        }
    }

    #[test]
    fn excerpt_drops_invisible_characters() {
        assert_eq!(excerpt("\u{feff}a\u{200b}b\u{202e}c\u{2800}\u{3164}d\u{2069}", 40), "abc d");
        assert_eq!(excerpt("می\u{200c}خواهم", 40), "می\u{200c}خواهم");
        assert_eq!(excerpt("", 40), "");
        assert_eq!(excerpt("word", 0), "…");
        assert_eq!(excerpt(&"\u{301}".repeat(10_000), 40).chars().next(), Some('…'));
    }
}
