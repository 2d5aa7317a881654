//! Values of `style` attributes: pictures and proportions.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::model::{Outline, Ratio};
use crate::text::Address;

/// The longest `style` that is looked at, in bytes: outlines that are drawn in the attribute take some thousands.
const LONGEST: usize = 64 * 1024;

/// What a drawing in an attribute begins with.
const DRAWN: &str = "data:image/svg+xml;base64,";

/// The picture of a `background-image`, whatever its quotes; `None` for drawings that stand in the attribute itself.
///
/// UPSTREAM(2026-08): the server writes `url('…')`, pages saved by a browser `url("…")`; addresses hold `)` and may
/// lack their scheme.
pub(super) fn picture(style: &str) -> Option<Address> {
    let style = Some(style).filter(|style| style.len() <= LONGEST)?;
    let rest = &style[find_ignoring_case(style, "background-image")?..];
    let rest = &rest[find_ignoring_case(rest, "url(")? + "url(".len()..];
    let rest = rest.trim_start();
    let address = match rest.chars().next()? {
        quote @ ('\'' | '"') => rest[1..].split(quote).next()?,
        _ => unquoted(rest),
    };
    web_address(address)
}

/// The outline that is drawn in an attribute itself.
pub(super) fn outline(address: &str) -> Option<Outline> {
    let drawn = Some(address).filter(|address| address.len() <= LONGEST)?.strip_prefix(DRAWN)?;
    Outline::from_svg(std::str::from_utf8(&BASE64_STANDARD.decode(drawn).ok()?).ok()?)
}

/// A picture's or film's address: of the web, not drawn in the attribute itself.
pub(super) fn web_address(text: &str) -> Option<Address> {
    Address::parse(text).filter(Address::is_web)
}

/// Up to the bracket that closes `url(`: brackets inside come in pairs, or the last one before a semicolon closes it.
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

/// A share in percent: `padding-top:56.25%`.
pub(super) fn percent(style: &str, property: &str) -> Option<f64> {
    let number: f64 = value(style, property)?.strip_suffix('%')?.trim().parse().ok()?;
    (number > 0.0 && number < 100_000.0).then_some(number)
}

/// The proportions of a box whose height is kept by `padding-top`, as a share of a full width.
pub(super) fn padding_ratio(style: &str) -> Option<Ratio> {
    Ratio::new(100.0 / percent(style, "padding-top")?)
}

/// The value of a property, of the first declaration that has it. Addresses may hold `;` and `:`, so that a
/// declaration counts at the attribute's start or behind `;` or white space only.
fn value<'a>(style: &'a str, property: &str) -> Option<&'a str> {
    let style = Some(style).filter(|style| style.len() <= LONGEST)?;
    let mut from = 0;
    while let Some(found) = find_ignoring_case(&style[from..], property) {
        let start = from + found;
        let end = start + property.len();
        let stands_alone = style[..start]
            .chars()
            .next_back()
            .is_none_or(|before| before == ';' || before.is_whitespace());
        if stands_alone && let Some(value) = style[end..].trim_start().strip_prefix(':') {
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
    fn trap_28_and_52_pictures_are_found_in_every_quoting() {
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
    fn lengths_are_read_from_their_own_declaration() {
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
