//! Parses paths in Rust code, to find the modules that a file names.

/// The parts of a path: `["feed", "content"]`.
pub(super) type Path = Vec<String>;

/// The paths of a `use` tree or of an expression: `a::{b, c::d}` gives `a::b` and `a::c::d`.
pub(super) fn paths(text: &str) -> Vec<Path> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let text = text.trim_start();
    let end = text.find(|character| !is_word(character)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if let Some(group) = rest.strip_prefix('{').filter(|_| word.is_empty()) {
        return members(group).into_iter().flat_map(paths).collect();
    }
    match rest.strip_prefix("::").filter(|_| !word.is_empty()) {
        Some(rest) => {
            let mut all = paths(rest);
            if all.is_empty() {
                all.push(Path::new());
            }
            all.iter_mut().for_each(|path| path.insert(0, word.to_owned()));
            all
        }
        None if word.is_empty() => Vec::new(),
        None => vec![vec![word.to_owned()]],
    }
}

/// The comma-separated parts of a group, given without its opening brace.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                members.push(&group[start..at]);
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    members
}

/// The places in the code where a path begins with `root`, with the paths after `root::`.
pub(super) fn rooted<'a>(code: &'a str, root: &'a str) -> impl Iterator<Item = Vec<Path>> + 'a {
    let starts = code.match_indices(root).filter(move |(at, _)| {
        let before = code[..*at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '_' | ':'))
    });
    starts.filter_map(move |(at, _)| code[at + root.len()..].strip_prefix("::").map(paths))
}

#[test]
fn path_parser_reads_groups_and_names() {
    let read = |text: &str| -> Vec<String> {
        paths(text).into_iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(read("a::{b, c::{d, e as f}};"), ["a::b", "a::c::d", "a::c::e"]);
    assert_eq!(read("{self, b}"), ["self", "b"]);
    assert_eq!(read("x::Y::new()"), ["x::Y::new"]);
    assert_eq!(read("render(x)"), ["render"]);
}

#[test]
fn import_parser_reads_every_form() {
    for (code, named) in [
        ("use crate::model::Post;", &["model::Post"][..]),
        ("use crate::{net, telemetry, upstream};", &["net", "telemetry", "upstream"]),
        (
            "use crate::{\n    feed::{rss, atom},\n    model::{Post, options::Kind},\n    text,\n};",
            &["feed::rss", "feed::atom", "model::Post", "model::options::Kind", "text"],
        ),
        ("pub(in crate::web) fn x(post: crate::model::Post) {}", &["web", "model::Post"]),
        ("let other_crate::x = 1;", &[]),
        ("$crate::text::clean(x)", &["text::clean"]),
    ] {
        let paths: Vec<String> =
            rooted(code, "crate").flatten().map(|path| path.join("::")).collect();
        assert_eq!(paths, named, "{code}");
    }
}
