//! Elements by name, as far as they decide what the HTML parser does next.

/// What an element's name means to this pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Without content or end tag.
    Void,
    /// The parser opens it again where it was closed out of order.
    Formatting,
    /// Its content is text.
    Text,
    /// The contents of the elements above may not be text inside it.
    Strange,
    /// Anything else.
    Other,
}

impl Kind {
    pub(super) fn of(name: &[u8]) -> Self {
        let mut lower = [0_u8; 16];
        let Some(lower) = lower.get_mut(..name.len()) else { return Self::Other };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match &*lower {
            b"area" | b"base" | b"basefont" | b"bgsound" | b"br" | b"col" | b"embed" | b"frame"
            | b"hr" | b"image" | b"img" | b"input" | b"keygen" | b"link" | b"meta" | b"param"
            | b"source" | b"track" | b"wbr" => Self::Void,
            b"a" | b"b" | b"big" | b"code" | b"em" | b"font" | b"i" | b"nobr" | b"s" | b"small"
            | b"strike" | b"strong" | b"tt" | b"u" => Self::Formatting,
            b"iframe" | b"noembed" | b"noframes" | b"noscript" | b"script" | b"style"
            | b"textarea" | b"title" | b"xmp" => Self::Text,
            b"math" | b"select" | b"frameset" | b"template" => Self::Strange,
            _ => Self::Other,
        }
    }
}

/// Elements that end a drawing when they begin inside it (HTML, section 13.2.6.5), and the two that hold HTML there.
pub(super) const NO_DRAWING: &str = "b big blockquote body br center code dd desc div dl dt em embed font foreignobject h1 h2 \
     h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strike \
     strong sub sup table tt u ul var";

/// Of the elements without content those that nest nowhere: where others may be ordinary elements, these end a drawing.
pub(super) const NEVER_NESTED: &str = "br embed hr img meta";

/// Whether a tag's name is among these, which spaces separate, whatever its case.
pub(super) fn is_one_of(name: &[u8], names: &str) -> bool {
    names.split(' ').any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}
