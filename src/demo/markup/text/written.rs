//! Texts as people type them, taken apart. The markup is described at `Text::Written`.
//!
//! Unclosed markers are plain characters; depth is bounded because a marker cannot stand inside itself.

/// A part of a written text.
pub(super) enum Node {
    Plain(String),
    Break,
    Styled(&'static str, Vec<Node>),
    Link(Vec<Node>, String),
    Code(String),
    Pre(String, String),
    Quote(bool, Vec<Node>),
    CustomEmoji(String, String),
}

/// What stands on both sides of a styled text, and the tag for it.
const MARKERS: [(&str, &str); 5] =
    [("**", "b"), ("__", "i"), ("++", "u"), ("~~", "s"), ("||", "tg-spoiler")];

/// Blocks: code between fences, quotes by their first character, lines.
pub(super) fn parse(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((node, after)) = fence(rest) {
            nodes.push(node);
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        if rest.starts_with("> ") || rest.starts_with(">> ") {
            let (node, after) = quote(rest);
            nodes.push(node);
            rest = after;
            continue;
        }
        let end = rest.find('\n').unwrap_or(rest.len());
        nodes.extend(inline(&rest[..end]));
        if end < rest.len() {
            nodes.push(Node::Break);
        }
        rest = rest.get(end + 1..).unwrap_or("");
    }
    nodes
}

fn fence(text: &str) -> Option<(Node, &str)> {
    let (language, body) = text.strip_prefix("```")?.split_once('\n')?;
    let (code, after) = body.split_once("\n```")?;
    Some((Node::Pre(language.to_owned(), code.to_owned()), after))
}

fn quote(text: &str) -> (Node, &str) {
    let marker = if text.starts_with(">> ") { ">> " } else { "> " };
    let mut rest = text;
    let mut inside = Vec::new();
    while let Some(line) = rest.strip_prefix(marker) {
        if !inside.is_empty() {
            inside.push(Node::Break);
        }
        let end = line.find('\n').unwrap_or(line.len());
        inside.extend(inline(&line[..end]));
        rest = line.get(end + 1..).unwrap_or("");
    }
    (Node::Quote(marker == ">> ", inside), rest)
}

fn inline(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let whole_address = rest.starts_with("http://") || rest.starts_with("https://");
        let found = if whole_address { None } else { spanned(rest) };
        if let Some((node, after)) = found {
            if !plain.is_empty() {
                nodes.push(Node::Plain(std::mem::take(&mut plain)));
            }
            nodes.push(node);
            rest = after;
            continue;
        }
        let length = if whole_address {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    if !plain.is_empty() {
        nodes.push(Node::Plain(plain));
    }
    nodes
}

/// A marked span at the start of `text`, and what follows it.
fn spanned(text: &str) -> Option<(Node, &str)> {
    for (marker, tag) in MARKERS {
        if let Some((inside, after)) =
            text.strip_prefix(marker).and_then(|body| body.split_once(marker))
            && !inside.is_empty()
        {
            return Some((Node::Styled(tag, inline(inside)), after));
        }
    }
    if let Some((code, after)) = text.strip_prefix('`').and_then(|body| body.split_once('`')) {
        return Some((Node::Code(code.to_owned()), after));
    }
    if let Some((label, rest)) = text.strip_prefix('[').and_then(|body| body.split_once("]("))
        && let Some((address, after)) = rest.split_once(')')
    {
        return Some((Node::Link(inline(label), address.to_owned()), after));
    }
    let (number, rest) = text.strip_prefix('{')?.split_once('|')?;
    let (emoji, after) = rest.split_once('}')?;
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| (Node::CustomEmoji(number.to_owned(), emoji.to_owned()), after))
}

pub(super) fn any_custom(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::CustomEmoji(..) => true,
        Node::Styled(_, inside) | Node::Link(inside, _) | Node::Quote(_, inside) => {
            any_custom(inside)
        }
        Node::Plain(_) | Node::Break | Node::Code(_) | Node::Pre(..) => false,
    })
}

pub(super) fn collect_plain(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Plain(text) | Node::Code(text) => out.push_str(text),
            Node::Break => out.push('\n'),
            Node::Styled(_, inside) | Node::Link(inside, _) => collect_plain(inside, out),
            Node::Quote(_, inside) => {
                collect_plain(inside, out);
                out.push('\n');
            }
            Node::Pre(_, code) => {
                out.push_str(code);
                out.push('\n');
            }
            Node::CustomEmoji(_, emoji) => out.push_str(emoji),
        }
    }
}
