//! A post's content as plain text, for a terminal. Made from the HTML, so that no part is missing.

use super::Context;
use crate::model::Post;
use crate::text::MASK;

/// The post as plain text; never empty.
pub(crate) fn plain(post: &Post, context: &Context<'_>) -> String {
    from_html(&super::write(post, context))
}

/// An open element with its content.
#[derive(Default)]
struct Element<'a> {
    name: &'a str,
    /// The `href` of a link, else the `src`.
    address: String,
    blocks: Vec<String>,
    /// The text after the last block.
    line: String,
}

impl<'a> Element<'a> {
    fn open(name: &'a str, tag: &str) -> Self {
        let address = attribute(tag, if name == "a" { "href" } else { "src" });
        Self { name, address, ..Self::default() }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.trim().is_empty() {
            self.blocks.push(line.trim().to_owned());
        }
    }

    fn text(&mut self) -> String {
        self.end_line();
        self.blocks.join(if self.name == "ul" { "\n" } else { "\n\n" })
    }

    /// Appends a closed element.
    fn push(&mut self, mut inner: Element<'_>) {
        let text = inner.text();
        match inner.name {
            "a" => self.line.push_str(&link(&text, &inner.address)),
            // The content is for readers that cannot play it.
            "video" | "audio" => self.line.push_str(&inner.address),
            name => {
                self.end_line();
                let text = match name {
                    "blockquote" => indent(&text, "> ", "> "),
                    "li" => indent(&text, "- ", "  "),
                    _ => text,
                };
                if !text.is_empty() {
                    self.blocks.push(text);
                }
            }
        }
    }
}

/// In feedline's own HTML, `<` and `>` are always parts of tags: texts and attributes are escaped.
fn from_html(html: &str) -> String {
    let mut open = Vec::new();
    let mut current = Element::default();
    for piece in html.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        let name = tag.split(' ').next().unwrap_or_default();
        match name {
            "br" => current.line.push('\n'),
            "img" => current.line.push_str(&picture(tag)),
            "p" | "div" | "figure" | "blockquote" | "ul" | "li" | "pre" | "a" | "video"
            | "audio" => {
                open.push(std::mem::replace(&mut current, Element::open(name, tag)));
            }
            _ if name.strip_prefix('/').is_some_and(|name| name == current.name) => {
                if let Some(outer) = open.pop() {
                    let inner = std::mem::replace(&mut current, outer);
                    current.push(inner);
                }
            }
            // Inline elements such as bold or code.
            _ => {}
        }
        current.line.push_str(&unescape(text));
    }
    current.text()
}

/// A link's text and its address, unless the text is the address, a tag, a mention or a mask.
fn link(text: &str, address: &str) -> String {
    if text.is_empty() || without_scheme(text) == without_scheme(address) {
        let is_web = address.starts_with("http");
        if is_web || text.is_empty() { address.to_owned() } else { text.to_owned() }
    } else if text.starts_with(['#', '$', '@']) || text == MASK {
        text.to_owned()
    } else {
        format!("{text} <{address}>")
    }
}

fn without_scheme(address: &str) -> &str {
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    let rest = schemes.iter().find_map(|scheme| address.strip_prefix(scheme));
    rest.unwrap_or(address).trim_end_matches('/')
}

/// `[Photo] https://…`; only the character for an emoji.
fn picture(tag: &str) -> String {
    let (alternative, address) = (attribute(tag, "alt"), attribute(tag, "src"));
    if alternative.is_empty() {
        address
    } else if alternative.contains(char::is_alphanumeric) {
        format!("[{alternative}] {address}")
    } else {
        alternative
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
    unescape(value.unwrap_or_default())
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn indent(text: &str, first: &str, others: &str) -> String {
    let mut indented = String::new();
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            indented.push('\n');
        }
        let indent = if number == 0 { first } else { others };
        indented.push_str(if line.is_empty() { indent.trim_end() } else { indent });
        indented.push_str(line);
    }
    indented
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_elements_have_plain_text_form() {
        for (html, expected) in [
            (
                "<p dir=\"auto\">One<br>two</p><p>three &amp;lt; &lt;b&gt; &quot;</p>",
                "One\ntwo\n\nthree &lt; <b> \"",
            ),
            ("<p>A <b>bold <i>and</i></b> <code>x</code></p>", "A bold and x"),
            (
                "<p>See <a href=\"https://a.example/?a&amp;b\">this page</a>.</p>",
                "See this page <https://a.example/?a&b>.",
            ),
            ("<p><a href=\"https://a.example/x/\">a.example/x</a></p>", "https://a.example/x/"),
            ("<p><a href=\"https://a.example/b\">b</a></p>", "b <https://a.example/b>"),
            ("<p><a href=\"mailto:me@a.example\">me@a.example</a></p>", "me@a.example"),
            (
                "<p><a href=\"https://t.me/s/a?q=%23tea\">#tea</a> <a href=\"https://t.me/b\">@b</a> <a href=\"https://t.me/a/1\">▒▒▒</a></p>",
                "#tea @b ▒▒▒",
            ),
            (
                "<p><img src=\"https://cdn.example/1.jpg\" alt=\"Photo, 1 of 2\" width=\"800\"></p><p><img src=\"https://cdn.example/2.jpg\" alt=\"\"></p>",
                "[Photo, 1 of 2] https://cdn.example/1.jpg\n\nhttps://cdn.example/2.jpg",
            ),
            ("<p>Hi <img src=\"https://feeds.example/-/emoji/5.webp\" alt=\"👋\"></p>", "Hi 👋"),
            (
                "<p><video controls=\"\" src=\"https://cdn.example/a.mp4\"><a href=\"https://t.me/a/1\"><img src=\"https://cdn.example/a.jpg\" alt=\"\"></a></video><br><a href=\"https://t.me/a/1\">Video, 0:42</a></p>",
                "https://cdn.example/a.mp4\nVideo, 0:42 <https://t.me/a/1>",
            ),
            (
                "<ul><li>Yes – 40%</li><li>No<br>never</li></ul><p>Poll</p>",
                "- Yes – 40%\n- No\n  never\n\nPoll",
            ),
            (
                "<blockquote><p>Reply</p><blockquote><p>quoted<br>twice</p></blockquote></blockquote><p>Text</p>",
                "> Reply\n>\n> > quoted\n> > twice\n\nText",
            ),
            (
                "<pre><code class=\"language-rust\">fn a() {\n    b &lt; c\n}</code></pre>",
                "fn a() {\n    b < c\n}",
            ),
            ("<p></p><blockquote></blockquote><p>only</p>", "only"),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }
}
