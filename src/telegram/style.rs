//! Pictures and proportions: `style` and `src` attributes.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use scraper::ElementRef;

use super::tree::attribute;
use crate::model::{Outline, Ratio};
use crate::text::Address;

/// In bytes. Outlines drawn in the attribute take some thousands.
const MAX_STYLE: usize = 64 * 1024;

const SVG_PREFIX: &str = "data:image/svg+xml;base64,";

/// The `background-image` of an element.
pub(super) fn background(element: ElementRef<'_>) -> Option<Address> {
    picture(attribute(element, "style")?)
}

/// The address in an element's `src`.
pub(super) fn source(element: ElementRef<'_>) -> Option<Address> {
    web_address(attribute(element, "src")?)
}

/// The `background-image` of a style, with any quotes; `None` for `data:` URLs.
///
/// UPSTREAM(2026-08): the server writes `url('…')`, browsers save `url("…")`; addresses may contain `)` and lack their
/// scheme.
pub(super) fn picture(style: &str) -> Option<Address> {
    if style.len() > MAX_STYLE {
        return None;
    }
    let rest = &style[find_ignoring_case(style, "background-image")?..];
    let rest = &rest[find_ignoring_case(rest, "url(")? + "url(".len()..];
    let rest = rest.trim_start();
    let address = match rest.chars().next()? {
        quote @ ('\'' | '"') => rest[1..].split(quote).next()?,
        _ => unquoted(rest),
    };
    web_address(address)
}

/// The outline in a `data:` URL.
pub(super) fn outline(address: &str) -> Option<Outline> {
    if address.len() > MAX_STYLE {
        return None;
    }
    let svg = BASE64_STANDARD.decode(address.strip_prefix(SVG_PREFIX)?).ok()?;
    Outline::from_svg(std::str::from_utf8(&svg).ok()?)
}

/// An http or https address.
pub(super) fn web_address(text: &str) -> Option<Address> {
    Address::parse(text).filter(Address::is_web)
}

/// Up to the last `)` of the declaration.
fn unquoted(rest: &str) -> &str {
    let declaration = rest.split(';').next().unwrap_or_default();
    declaration.rfind(')').map_or(declaration, |end| &declaration[..end]).trim_end()
}

/// A length in pixels: `width:800px`.
pub(super) fn pixels(style: &str, property: &str) -> Option<u32> {
    let value = value(style, property)?.strip_suffix("px")?;
    let number: f64 = value.trim().parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..100_000.0).contains(&number).then_some(number.round() as u32)
}

/// `padding-top:56.25%`.
pub(super) fn percent(style: &str, property: &str) -> Option<f64> {
    let number: f64 = value(style, property)?.strip_suffix('%')?.trim().parse().ok()?;
    (number > 0.0 && number < 100_000.0).then_some(number)
}

/// The proportions of a full-width box whose height is set by `padding-top`.
pub(super) fn padding_ratio(style: &str) -> Option<Ratio> {
    Ratio::new(100.0 / percent(style, "padding-top")?)
}

/// The value of a property in its first declaration. Addresses may contain `;` and `:`, so a declaration starts at the
/// attribute's start, or after `;` or white space.
fn value<'a>(style: &'a str, property: &str) -> Option<&'a str> {
    if style.len() > MAX_STYLE {
        return None;
    }
    let mut from = 0;
    while let Some(found) = find_ignoring_case(&style[from..], property) {
        let start = from + found;
        let end = start + property.len();
        let before = style[..start].chars().next_back();
        if before.is_none_or(|before| before == ';' || before.is_whitespace())
            && let Some(value) = style[end..].trim_start().strip_prefix(':')
        {
            return Some(value.split(';').next().unwrap_or_default().trim());
        }
        from = end;
    }
    None
}

fn find_ignoring_case(text: &str, ascii: &str) -> Option<usize> {
    text.as_bytes()
        .windows(ascii.len())
        .position(|window| window.eq_ignore_ascii_case(ascii.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn background_image_is_found_in_any_quoting() {
        for (style, expected) in [
            (
                "background-image:url('https://cdn.example/a.jpg')",
                Some("https://cdn.example/a.jpg"),
            ),
            (
                "width:800px;background-image:url(\"https://cdn.example/a.jpg\");",
                Some("https://cdn.example/a.jpg"),
            ),
            (
                "BACKGROUND-IMAGE: URL( https://cdn.example/a.jpg )",
                Some("https://cdn.example/a.jpg"),
            ),
            ("background-image:url('//cdn.example/a.jpg')", Some("https://cdn.example/a.jpg")),
            (
                "background-image:url('https://cdn.example/a(1).jpg')",
                Some("https://cdn.example/a(1).jpg"),
            ),
            (
                "background-image:url(https://cdn.example/a(1).jpg);width:3px",
                Some("https://cdn.example/a(1).jpg"),
            ),
            (
                "background-image:url('https://cdn.example/a;b.jpg');padding-top:50%",
                Some("https://cdn.example/a;b.jpg"),
            ),
            ("background-image:url('data:image/svg+xml;base64,AAAA')", None),
            ("background-image:url('javascript:alert(1)')", None),
            ("background-image:url('", None),
            ("background-image", None),
            ("url('https://cdn.example/a.jpg')", None),
            ("background-image:url(картинка)", None),
            ("", None),
        ] {
            assert_eq!(picture(style).as_ref().map(Address::as_str), expected, "{style}");
        }
    }

    #[test]
    fn style_lengths_are_read_from_their_own_declaration() {
        let style = "left:0px;max-width:9px;width:453px;background-image:url('https://x.example/?a;width:7px');height:212.555px";
        assert_eq!(pixels(style, "width"), Some(453));
        assert_eq!(pixels(style, "height"), Some(213));
        assert_eq!(pixels("width:100%", "width"), None);
        assert_eq!(pixels("width:-3px", "width"), None);
        assert_eq!(pixels("width:1e99px", "width"), None);
        assert_eq!(pixels("width:NaNpx", "width"), None);
        assert_eq!(padding_ratio("padding-top:56.25%").unwrap().thousandths(), 1778);
        assert_eq!(padding_ratio("padding-top:0%"), None);
        assert_eq!(padding_ratio("padding-top:inf%"), None);
    }
}
