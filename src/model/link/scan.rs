//! Scans lines of free text for links, and for the words beside them.
//!
//! SECURITY: text from strangers -> each character is examined a bounded number of times, and a line has at most
//! [`MAX_PIECES`] pieces.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::entity;

/// The maximum number of links and texts of a line.
const MAX_PIECES: usize = 10_000;

/// The maximum nesting of encoded or quoted text.
const MAX_DEPTH: usize = 3;

/// How many layers of bullets, numbers and brackets around words are removed.
const MAX_MARKS: usize = 8;

/// How far a word after a comma is examined, in characters.
const MAX_CELL: usize = 64;

/// The longest host, in bytes.
const MAX_HOST: usize = 253;

/// The longest entity that is decoded, in bytes.
const MAX_ENTITY: usize = 10;

/// The elements of HTML in lists of links. Other text in angle brackets is not a tag.
const ELEMENTS: &str = "a article b blockquote body br code dd div dl dt em font h1 h2 h3 h4 h5 h6 head hr html i img li link \
    meta nav ol p pre script section small span strong table tbody td th title tr u ul";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A link to any site, or an `@name`.
    Link(String),
    /// Words between links, separators and quotation marks, without bullets and punctuation around them.
    Text(String),
}

/// A line, split into its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// In order.
    pub pieces: Vec<Piece>,
    /// The line exceeds a limit.
    pub is_cut: bool,
    /// The line is HTML, JSON or a setting, so its words are not names.
    is_code: bool,
}

impl Line {
    pub fn parse(line: &str) -> Self {
        let mut pieces = Vec::new();
        let is_cut = !scan(line, 0, &mut pieces);
        let has_late_tag = line.contains('<') && !line.trim_start().starts_with('<');
        let is_setting = line.contains('=') && !line.contains('?');
        let has_key = line.contains("\":") || line.contains("':");
        Self { pieces, is_cut, is_code: has_late_tag || is_setting || has_key }
    }

    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Link(link) => Some(&**link),
            Piece::Text(_) => None,
        })
    }

    pub fn has_link(&self) -> bool {
        self.links().next().is_some()
    }

    /// The words, if they are single words between commas and can be names. `None` if there is a link or a sentence.
    pub fn names(&self) -> Option<Vec<&str>> {
        if self.is_code {
            return None;
        }
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) if !text.contains(char::is_whitespace) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// The lines of a text with their numbers, from 1, with any line ending.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.split('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\r')
    });
    lines.enumerate().map(|(number, line)| (number + 1, line))
}

/// Invisible characters that are copied with links: order and direction marks, joiners, soft hyphens.
pub(super) fn is_invisible(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Punctuation and symbols outside ASCII, including emoji. Links have them only escaped.
fn is_sign(one: char) -> bool {
    matches!(one,
        '\u{80}'..='\u{a9}' | '\u{ab}'..='\u{b4}' | '\u{b6}'..='\u{b9}' | '\u{bb}'..='\u{bf}' | '\u{60c}' | '\u{61b}'
        | '\u{61f}' | '\u{6d4}' | '\u{964}' | '\u{965}' | '\u{2000}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{2190}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3030}'
        | '\u{fd3e}' | '\u{fd3f}' | '\u{fe10}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '\u{fffd}' | '\u{1f000}'..='\u{1faff}')
}

/// Letters of scripts without spaces between words: a Latin name ends before them.
fn is_unspaced(one: char) -> bool {
    matches!(one,
        '\u{e00}'..='\u{eff}' | '\u{3005}'..='\u{3007}' | '\u{3031}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Characters that cannot be part of a link.
fn ends_link(one: char) -> bool {
    one.is_whitespace() || one.is_control() || matches!(one, '"' | '<' | '>' | '`') || is_sign(one)
}

/// Characters between the cells of a table and the items of a list.
fn is_separator(one: char) -> bool {
    matches!(one, ',' | ';' | '|' | '\t' | '，' | '、' | '；' | '｜')
}

/// Further characters that separate words.
fn is_bracket(one: char) -> bool {
    "[]{}<>«»“”„「」『』【】".contains(one)
}

/// Whether a character continues a word.
fn is_of_word(one: char) -> bool {
    (one.is_alphanumeric() && !is_unspaced(one))
        || matches!(one, '_' | '.' | '-' | '+' | '@' | '%' | '/' | '&' | '$' | '#')
}

/// Splits a text; returns `false` if it exceeds [`MAX_PIECES`].
fn scan(text: &str, depth: usize, pieces: &mut Vec<Piece>) -> bool {
    let text = plain(text);
    let mut scanner = Scanner { text: &text, at: 0, from: 0, is_quoted: false, depth, pieces };
    scanner.run();
    scanner.pieces.len() < MAX_PIECES
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The start of the words that have not been taken yet.
    from: usize,
    is_quoted: bool,
    depth: usize,
    pieces: &'a mut Vec<Piece>,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let last_quote = self.text.rfind('"').unwrap_or_default();
        while let Some(one) = self.text[self.at..].chars().next() {
            if self.pieces.len() >= MAX_PIECES {
                return;
            }
            let rest = &self.text[self.at..];
            if let Some(length) = escaped_link(rest) {
                self.open(length);
            } else if let Some(end) = link(self.text, self.at) {
                self.take_text();
                self.pieces.push(Piece::Link(self.text[self.at..end].to_owned()));
                self.skip(end);
                if escapes_end(&self.text[end..]) {
                    self.open(escaped_length(&self.text[end..]));
                }
            } else if one == '"' && self.is_quoted && rest.starts_with("\"\"") {
                self.at += 2;
            } else if one == '"' {
                self.take_text();
                self.is_quoted = !self.is_quoted && self.at < last_quote;
                self.skip(self.at + 1);
            } else if let Some(length) = tag(rest) {
                self.take_text();
                self.take_references(length);
                self.skip(self.at + length);
            } else if let Some(rest) = rest.strip_prefix('[').and_then(check_mark) {
                self.skip(self.text.len() - rest.len());
            } else if is_bracket(one) || (is_separator(one) && !self.is_quoted) {
                self.take_text();
                self.skip(self.at + one.len_utf8());
            } else {
                self.at += if one.is_alphanumeric() { word(rest) } else { one.len_utf8() };
            }
        }
        self.take_text();
    }

    fn skip(&mut self, end: usize) {
        (self.at, self.from) = (end, end);
    }

    fn take_text(&mut self) {
        let text = trimmed(&self.text[self.from..self.at]);
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text.replace("\"\"", "\"")));
        }
        self.from = self.at;
    }

    /// Scans a part that is percent-encoded as a whole.
    fn open(&mut self, length: usize) {
        self.take_text();
        let inner = &self.text[self.at..self.at + length];
        let inner = percent_decode_str(inner).decode_utf8_lossy();
        if self.depth < MAX_DEPTH {
            scan(&inner, self.depth + 1, self.pieces);
        } else {
            self.pieces.push(Piece::Text(inner.into_owned()));
        }
        self.skip(self.at + length);
    }

    /// Adds the links in a tag's `href`.
    fn take_references(&mut self, length: usize) {
        let tag = &self.text[self.at..self.at + length];
        let Some(value) = reference(tag).filter(|_| self.depth < MAX_DEPTH) else { return };
        let mut inner = Vec::new();
        scan(value, MAX_DEPTH, &mut inner);
        self.pieces.extend(inner.into_iter().filter(|piece| matches!(piece, Piece::Link(_))));
    }
}

/// The text without encodings: HTML entities, slashes escaped for JSON, backslashes. Invisible characters are removed;
/// before a link, a space replaces them.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(|one| matches!(one, '&' | '\\') || is_invisible(one)) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(one) = rest.chars().next() {
        let next = &rest[one.len_utf8()..];
        rest = next;
        match one {
            '&' => match entity(next) {
                Some((decoded, length)) => {
                    plain.push_str(&decoded);
                    rest = &next[length..];
                }
                None => plain.push('&'),
            },
            '\\' if next.starts_with('/') => {}
            '\\' => plain.push('/'),
            _ if is_invisible(one) => {
                if next.starts_with('@') || scheme(next).is_some() {
                    plain.push(' ');
                }
            }
            _ => plain.push(one),
        }
    }
    Cow::Owned(plain)
}

/// The characters of an entity, and its length. `rest` follows `&`.
fn entity(rest: &str) -> Option<(String, usize)> {
    let length = rest.bytes().take(MAX_ENTITY).position(|byte| byte == b';')?;
    Some((entity::meaning(&rest[..length])?, length + 1))
}

/// Words without surrounding bullets, list numbers, emoji and punctuation.
fn trimmed(text: &str) -> &str {
    let is_mark = |one: char| one.is_whitespace() || one.is_control() || is_sign(one);
    let mut text = text;
    for _ in 0..MAX_MARKS {
        let before = text.len();
        text = text.trim_start_matches(|one| is_mark(one) || "*>':!?)`~".contains(one));
        text = text.trim_end_matches(|one| is_mark(one) || ".,:;!?'*~=-(`".contains(one));
        if let Some(rest) = text
            .strip_prefix('-')
            .filter(|rest| !rest.starts_with(|one: char| one.is_ascii_digit()))
        {
            text = rest;
        }
        if text.starts_with('(') && (text.ends_with(')') || !text.contains(')')) {
            text = &text[1..];
        }
        if text.ends_with(')') && !text.contains('(') {
            text = &text[..text.len() - 1];
        }
        text = text.strip_prefix(numbering(text)).unwrap_or(text);
        if text.len() == before {
            break;
        }
    }
    text
}

/// The number of a list item: `1.`, `2)`, `(2)`, `#3`, `№ 4:`.
fn numbering(text: &str) -> &str {
    let sign = text.strip_prefix(['#', '№', '(']);
    let number = sign.unwrap_or(text).trim_start();
    let rest = number.trim_start_matches(|one: char| one.is_ascii_digit());
    let digits = number.len() - rest.len();
    let end = rest.trim_start_matches(['.', ')', ':']);
    let is_number = (1..=4).contains(&digits)
        && (end.len() < rest.len() || sign.is_some())
        && (end.is_empty() || end.starts_with(char::is_whitespace) || end.starts_with('@'));
    if is_number { &text[..text.len() - end.len()] } else { "" }
}

/// The text after a check box: `[x]`, `[ ]`. `rest` follows the first bracket.
fn check_mark(rest: &str) -> Option<&str> {
    let mark = rest.chars().next().filter(|one| " xX✓✔☑".contains(*one))?;
    rest[mark.len_utf8()..].strip_prefix(']')
}

/// The length of the first word, without a scheme at its end.
fn word(rest: &str) -> usize {
    let end = rest.find(|one| !is_of_word(one)).unwrap_or(rest.len());
    let schemes = ["https", "http"];
    let glued = schemes.iter().find_map(|scheme| {
        let start = end.checked_sub(scheme.len()).filter(|start| rest.is_char_boundary(*start))?;
        (rest[start..end].eq_ignore_ascii_case(scheme) && rest[end..].starts_with(":/"))
            .then_some(start)
    });
    match glued {
        Some(start) if start > 0 => start,
        _ => end.max(rest.chars().next().map_or(0, char::len_utf8)),
    }
}

/// The length of an HTML tag at the beginning. An unclosed tag extends to the end.
fn tag(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('<')?;
    let is_declaration = inner.starts_with(['!', '?']);
    let name = inner.trim_start_matches('/');
    let length = name.bytes().take(12).take_while(u8::is_ascii_alphanumeric).count();
    let is_element =
        ELEMENTS.split(' ').any(|element| name[..length].eq_ignore_ascii_case(element))
            && name[length..]
                .chars()
                .next()
                .is_none_or(|next| next.is_whitespace() || "/>".contains(next));
    let end = || rest.find('>').map_or(rest.len(), |end| end + 1);
    (is_declaration || is_element).then(end)
}

/// The value of a tag's `href`.
fn reference(tag: &str) -> Option<&str> {
    let start = tag.as_bytes().windows(5).position(|part| part.eq_ignore_ascii_case(b"href="))? + 5;
    let value = tag.get(start..)?;
    let quote = value.chars().next().filter(|one| matches!(one, '"' | '\''));
    match quote {
        Some(quote) => value[1..].split(quote).next(),
        None => value.split(|one: char| one.is_whitespace() || one == '>').next(),
    }
}

/// The length of a scheme that is followed by a host: `https://`, `http:/`.
fn scheme(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let is_web =
        |name: &[u8]| bytes.len() > name.len() && bytes[..name.len()].eq_ignore_ascii_case(name);
    let name = [&b"https:/"[..], b"http:/"].into_iter().find(|name| is_web(name))?;
    let slashes = bytes[name.len()..].iter().take(2).take_while(|byte| **byte == b'/').count();
    Some(name.len() + slashes)
}

/// The length of a link that is percent-encoded as a whole, including others after it.
fn escaped_link(rest: &str) -> Option<usize> {
    let colon = rest.bytes().take(64).position(|byte| byte == b'%')?;
    let is_start = ["http", "https", "tg", "t.me", "telegram.me", ""]
        .iter()
        .any(|start| rest[..colon].eq_ignore_ascii_case(start));
    if colon == 0 && escapes_end(rest) {
        return Some(escaped_length(rest));
    }
    let escape = rest[colon + 1..].trim_start_matches("25");
    let expected: &[&str] = match &rest[..colon] {
        "" => &["40"],
        start if start.contains('.') => &["2F", "2f"],
        _ => &["3A", "3a"],
    };
    let is_escaped = is_start && expected.iter().any(|code| escape.starts_with(code));
    is_escaped.then(|| escaped_length(rest))
}

/// The length of the percent-encoded text at the beginning.
fn escaped_length(rest: &str) -> usize {
    rest.find(ends_link).unwrap_or(rest.len())
}

/// The end of a link that begins at `at`.
fn link(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with('@') {
        let end = at + mention(rest)?;
        let is_emphasis = text[..at].ends_with('_');
        return Some(if is_emphasis { text[..end].trim_end_matches('_').len() } else { end });
    }
    if let Some(length) = scheme(rest) {
        return web_link(text, at, at + length);
    }
    if let Some(host) = rest.strip_prefix("//") {
        host_length(host)?;
        return web_link(text, at, at + 2);
    }
    if !rest.starts_with(|one: char| one.is_alphanumeric()) {
        return None;
    }
    let name = rest
        .bytes()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        .count();
    let (name, behind) = rest.split_at(name);
    let is = |scheme: &&str| name.eq_ignore_ascii_case(scheme);
    let goes_on =
        |rest: &str| rest.starts_with(|one: char| one.is_ascii_alphanumeric() || one == '/');
    let is_app = ["tg", "feed"].iter().any(is) && behind.strip_prefix(':').is_some_and(goes_on);
    // The schemes of the web may directly follow a word.
    let is_web =
        name.len() >= 4 && name.to_ascii_lowercase().trim_end_matches('s').ends_with("http");
    if is_app || !name.is_empty() && !is_web && behind.starts_with("://") {
        return Some(link_end(text, at, at + name.len() + 1, false));
    }
    let host = host_length(rest)?;
    let is_telegrams = is_telegrams(&rest[..host]);
    let behind = &rest[host..];
    let has_path = behind.starts_with('/') && behind.len() > 1;
    (has_path || is_telegrams).then_some(())?;
    web_link(text, at, at)
}

/// The length of an `@name`, with an optional message id, or of a similar text that is no name: an address of another
/// network (`@name@host`), or a name followed by other word characters.
fn mention(rest: &str) -> Option<usize> {
    let name = |text: &str| {
        text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
    };
    rest[1..].starts_with(|first: char| first.is_ascii_alphabetic()).then_some(())?;
    let mut end = 1 + name(&rest[1..]);
    for _ in 0..2 {
        let Some(number) = rest[end..].strip_prefix('/') else { break };
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            break;
        }
        end += 1 + digits;
    }
    if is_query(&rest[end..]) {
        return Some(link_end(rest, 0, end, true));
    }
    let mut next = rest[end..].chars();
    let goes_on = match next.next() {
        Some('@') => true,
        Some('.' | '-' | '/' | '+') => {
            next.next().is_some_and(|one| one.is_alphanumeric() && !is_unspaced(one))
        }
        Some(one) => one.is_alphanumeric() && !is_unspaced(one),
        None => false,
    };
    // Further word characters show that it is no name.
    Some(if goes_on {
        end + rest[end..].find(|one| !is_of_word(one)).unwrap_or(rest.len() - end)
    } else {
        end
    })
}

/// Whether a query begins here, as opposed to a question mark at the end of a question.
fn is_query(rest: &str) -> bool {
    let name = rest.strip_prefix('?').unwrap_or_default();
    let end = name.find(|one: char| !one.is_ascii_alphanumeric());
    end.is_some_and(|end| end > 0 && name[end..].starts_with('='))
}

/// The length of a host: at least two labels, the last one of letters; with an optional port.
fn host_length(rest: &str) -> Option<usize> {
    let is_of_host =
        |one: char| (one.is_alphanumeric() && !is_unspaced(one)) || matches!(one, '-' | '_' | '.');
    let end = rest.char_indices().find(|(at, one)| *at > MAX_HOST || !is_of_host(*one));
    let mut end = end.map_or(rest.len(), |(at, _)| at);
    end = rest[..end].trim_end_matches('.').len();
    let (before, last) = rest[..end].rsplit_once('.')?;
    let is_host = !before.is_empty()
        && !before.split('.').any(str::is_empty)
        && last.chars().count() >= 2
        && last.chars().all(|one| one.is_alphabetic() || last.starts_with("xn--"));
    is_host.then_some(())?;
    if is_telegrams(&rest[..end]) && rest[end..].starts_with("./") {
        end += 1;
    }
    let port = rest[end..]
        .strip_prefix(':')
        .map_or(0, |port| port.bytes().take_while(u8::is_ascii_digit).count());
    if port > 0 {
        end += 1 + port;
    }
    Some(end)
}

/// Whether this is a host of Telegram or of its mirror, or a subdomain.
pub fn is_telegrams(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let is = |site: &&str| {
        let start = host.len().checked_sub(site.len());
        start.is_some_and(|start| {
            host.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(site))
                && (start == 0 || host[..start].ends_with('.'))
        })
    };
    super::TELEGRAM_HOSTS.iter().chain(&super::WEB).chain([&super::MIRROR]).any(is)
}

/// The end of a web link with a host at `host`; `None` if there is no host.
fn web_link(text: &str, at: usize, host: usize) -> Option<usize> {
    let authority = &text[host..];
    let length = authority
        .find(|one| matches!(one, '/' | '?' | '#' | ',' | ';' | '|' | ')') || ends_link(one));
    let authority = &authority[..length.unwrap_or(authority.len())];
    let name = authority.rsplit_once('@').map_or(authority, |(_, name)| name);
    name.starts_with(|one: char| one.is_alphanumeric() || one == '[').then_some(())?;
    let is_telegrams = is_telegrams(name);
    Some(link_end(text, at, host, is_telegrams))
}

/// The end of the link that begins at `at` and has its host or path at `start`. Telegram's paths have only names and
/// numbers; other addresses may have commas and brackets.
fn link_end(text: &str, at: usize, start: usize, is_telegrams: bool) -> usize {
    let opener = text[..at].chars().next_back();
    let (mut brackets, mut is_path, mut is_pair, mut previous) = (0_usize, true, false, ' ');
    let mut end = text.len();
    for (offset, one) in text[start..].char_indices() {
        let here = start + offset;
        let rest = &text[here..];
        let is_end = match one {
            _ if ends_link(one) => true,
            '?' | '#' => {
                is_path = false;
                false
            }
            // Paths of other bridges may contain parameters.
            '=' => {
                is_pair = true;
                false
            }
            ',' | ';' | '|' if opener == Some(one) || ends_item(rest) => true,
            ',' | ';' | '|' => is_path && (is_telegrams || !is_pair && begins_cell(rest)),
            '(' | '[' | '{' if !(is_path && is_telegrams) => {
                brackets += 1;
                false
            }
            ')' | ']' | '}' => {
                let is_open = brackets > 0;
                brackets = brackets.saturating_sub(1);
                !is_open
            }
            '\'' => opener == Some('\'') || is_path && is_telegrams,
            '%' => is_path && is_telegrams && previous.is_alphanumeric() && escapes_end(rest),
            'h' | 'H' => {
                is_path && (previous.is_alphanumeric() || previous == '_') && scheme(rest).is_some()
            }
            _ if is_path && is_telegrams => {
                is_unspaced(one) || !(one.is_alphanumeric() || "_-.+$@=&/:~".contains(one))
            }
            _ => false,
        };
        if is_end {
            end = here;
            break;
        }
        previous = one;
    }
    let link = &text[at..end];
    let marks = if is_telegrams { ".,:;!?'*~|-&" } else { ".,:;!?'*~|" };
    let link =
        link.trim_end_matches(|one| marks.contains(one) || one == '_' && opener == Some('_'));
    // A scheme without a host is not shortened.
    start.max(at + link.len())
}

/// Whether a table cell of words follows the separator, as opposed to the rest of a path.
fn begins_cell(rest: &str) -> bool {
    let ends = |one: &char| ends_link(*one) || is_separator(*one);
    let mut cell = rest.chars().skip(1).take(MAX_CELL).take_while(|one| !ends(one));
    cell.all(|one| !"/=&?.#@%".contains(one))
}

/// Whether a separator ends an item: nothing or the next link follows.
fn ends_item(rest: &str) -> bool {
    let next = rest.char_indices().take(8).find(|(_, one)| !matches!(one, ',' | ';' | '|'));
    let Some((at, one)) = next else { return rest.len() <= 8 };
    let next = &rest[at..];
    ends_link(one)
        || matches!(one, '@' | ')' | ']' | '}')
        || scheme(next).is_some()
        || next.starts_with("//")
        || host_length(next).is_some_and(|length| is_telegrams(&next[..length]))
}

/// Whether an escape encodes a character that ends a Telegram link: white space, punctuation, an invisible character.
fn escapes_end(rest: &str) -> bool {
    let escapes = rest.as_bytes().chunks(3).take(4);
    let length = escapes.take_while(|part| part[0] == b'%' && part.len() == 3).count() * 3;
    let decoded = rest.get(..length).map(|part| percent_decode_str(part).decode_utf8_lossy());
    decoded.and_then(|decoded| decoded.chars().next()).is_some_and(|one| {
        !(one.is_alphanumeric()
            || matches!(
                one,
                '@' | '+' | '$' | '%' | '/' | '_' | '-' | '.' | '?' | '=' | '&' | '#' | '\u{fffd}'
            ))
    })
}
