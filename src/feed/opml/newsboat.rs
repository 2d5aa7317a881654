//! Parses lines of newsboat's file `urls`: an address, then tags and a title, as in
//! `https://example.org/feed garden "my reading" "~Title"`.

use super::Outline;

/// A word, and whether it was quoted.
type Word = (String, bool);

/// The feed of a line, with its tags as folders; `None` if the line has another format. Unquoted words after an address
/// are tags only if there is a title: without one, they may be a person's words about the link.
pub(super) fn parse(text: &str) -> Option<Outline> {
    let mut words = words(text)?.into_iter();
    let (feed, _) = words.next().filter(|(address, _)| has_scheme(address))?;
    let rest: Vec<Word> = words.collect();
    let all_quoted = rest.iter().all(|(_, is_quoted)| *is_quoted);
    let has_title = rest.iter().any(|(word, _)| word.starts_with('~'));
    let has_link = rest.iter().any(|(word, is_quoted)| !is_quoted && word.contains("://"));
    if rest.is_empty() || has_link || !(all_quoted || has_title) {
        return None;
    }
    let mut outline = Outline { feed, ..Outline::default() };
    for (word, _) in rest {
        match word.strip_prefix('~') {
            Some(title) => outline.title = super::line(title),
            // newsboat's mark for a hidden feed.
            None if word.starts_with('!') => {}
            None => {
                let tag = super::line(&word);
                if !tag.is_empty() && !outline.folders.contains(&tag) {
                    outline.folders.push(tag);
                }
            }
        }
    }
    Some(outline)
}

/// Whether a word is a URL or one of newsboat's pseudo-URLs.
fn has_scheme(word: &str) -> bool {
    const OTHERS: [&str; 4] = ["feed:", "exec:", "filter:", "query:"];
    word.contains("://") || OTHERS.iter().any(|scheme| word.starts_with(scheme))
}

/// The words of a line; double quotes enclose one word. `None` if a quote does not end, or ends inside a word.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = if first == '"' {
            let (word, behind) = quoted(&rest[1..])?;
            ((word, true), behind)
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            ((rest[..end].to_owned(), false), &rest[end..])
        };
        if !behind.is_empty() && !behind.starts_with(char::is_whitespace) {
            return None;
        }
        words.push(word);
        rest = behind.trim_start();
    }
    Some(words)
}

/// The text up to the closing quote, and the rest. A backslash escapes the next character.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((word, &text[at + 1..])),
            '\\' => word.push(characters.next()?.1),
            other => word.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newsboat_line_yields_url_tags_and_title() {
        for (text, address, tags, title) in [
            (r#"https://t.me/tea "garden""#, "https://t.me/tea", &["garden"][..], None),
            (
                r#"https://t.me/tea "my garden" "fruit" "~Tea and more""#,
                "https://t.me/tea",
                &["my garden", "fruit"],
                Some("Tea and more"),
            ),
            (
                r#"  https://t.me/tea   garden "~The \"Tea\" Road"  "#,
                "https://t.me/tea",
                &["garden"],
                Some("The \"Tea\" Road"),
            ),
            (r#"https://t.me/tea "~Tea" "!" "a" "a""#, "https://t.me/tea", &["a"], Some("Tea")),
            ("https://t.me/tea ~Tea", "https://t.me/tea", &[], Some("Tea")),
            (
                r#""query:Unread:unread = \"yes\"" "garden""#,
                "query:Unread:unread = \"yes\"",
                &["garden"],
                None,
            ),
            (r#""exec:feedline fetch tea" "~Tea""#, "exec:feedline fetch tea", &[], Some("Tea")),
        ] {
            let outline = parse(text).unwrap();
            let title = title.unwrap_or_default();
            assert_eq!((&*outline.feed, &*outline.title), (address, title), "{text}");
            assert_eq!(outline.folders, tags, "{text}");
        }
    }

    #[test]
    fn non_newsboat_lines_are_rejected() {
        for text in [
            "",
            "@tea",
            "https://t.me/tea",
            "https://t.me/tea the tea road",
            "https://t.me/tea https://t.me/sea ~Both",
            "@tea \"garden\"",
            "Tea \"https://t.me/tea\"",
            "https://t.me/tea \"garden",
            "https://t.me/tea,\"Tea\"",
            "https://t.me/tea \"gar\"den",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
