//! Writes HTML: tags are opened and closed in pairs, values are escaped on the way. Knows nothing of Telegram's pages.

use std::fmt::Write;

/// The value of an attribute that has none, as in `<video muted>`.
pub(super) const FLAG: &str = "\u{0}";

/// HTML that grows.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// `<tag attributes>inside</tag>`.
    pub(super) fn element(
        &mut self,
        tag: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.void(tag, attributes);
        inside(self);
        let _ = write!(self.0, "</{tag}>");
    }

    /// `<div class="…">inside</div>`, the most frequent of all.
    pub(super) fn div(&mut self, class: &str, inside: impl FnOnce(&mut Self)) {
        self.element("div", &[("class", class)], inside);
    }

    /// `<tag class="…">text</tag>`.
    pub(super) fn labelled(&mut self, tag: &str, class: &str, text: &str) {
        self.element(tag, &[("class", class)], |html| html.text(text));
    }

    /// `<tag attributes>` alone.
    pub(super) fn void(&mut self, tag: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.0, "<{tag}");
        for (name, value) in attributes {
            let _ = write!(self.0, " {name}");
            if *value != FLAG {
                self.0.push_str("=\"");
                self.attribute(value);
                self.0.push('"');
            }
        }
        self.0.push('>');
    }

    /// `<meta property="…" content="…">`.
    pub(super) fn property(&mut self, name: &str, content: &str) {
        self.meta("property", name, content);
    }

    /// A `<meta>`; its content is escaped like text.
    pub(super) fn meta(&mut self, key: &str, name: &str, content: &str) {
        let _ = write!(self.0, "<meta {key}=\"{name}\" content=\"");
        self.text(content);
        self.0.push_str("\">\n");
    }

    /// A text. Telegram escapes more than it must, and so do we.
    pub(super) fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '!' => self.0.push_str("&#33;"),
                '$' => self.0.push_str("&#036;"),
                other => self.0.push(other),
            }
        }
    }

    /// What is HTML already.
    pub(super) fn raw(&mut self, html: &str) {
        self.0.push_str(html);
    }

    /// The value of an attribute. Single quotes stay: addresses in styles stand in them.
    fn attribute(&mut self, value: &str) {
        for letter in value.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
    }

    /// The HTML as it stands.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{FLAG, Html};

    #[test]
    fn texts_and_attributes_are_escaped_as_telegram_does() {
        let mut html = Html::default();
        html.element("a", &[("href", "/?a=1&b=\"x\"&c='y'"), ("download", FLAG)], |html| {
            html.text("<Tom's & \"Jo\"!> $5");
        });
        assert_eq!(
            html.into_string(),
            "<a href=\"/?a=1&amp;b=&quot;x&quot;&amp;c='y'\" download>\
             &lt;Tom&#39;s &amp; &quot;Jo&quot;&#33;&gt; &#036;5</a>"
        );
    }
}
