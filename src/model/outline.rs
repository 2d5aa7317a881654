//! The outline of an animated sticker, which Telegram's page shows until the animation is loaded.

use serde::{Deserialize, Serialize};

/// The longest path in bytes; Telegram's have a few thousand.
const MAX_LENGTH: usize = 16 * 1024;

/// An SVG path in a square of `side` units.
///
/// SECURITY: an SVG with a script or an external reference -> only the commands and numbers of one path are taken from
/// Telegram's SVG; the SVG around it is feedline's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Outline {
    side: u16,
    path: Box<str>,
}

impl Outline {
    /// The first path of a square SVG, if it consists of path commands only.
    pub fn from_svg(svg: &str) -> Option<Self> {
        let value = |name: &str| {
            let rest = &svg[svg.find(name)? + name.len()..];
            rest.split('"').next()
        };
        let mut sides = value("viewBox=\"0 0 ")?.split(' ');
        let (width, height) = (sides.next()?, sides.next()?);
        if width != height {
            return None;
        }
        Self::new(width.parse().ok()?, value(" d=\"")?)
    }

    fn new(side: u16, path: &str) -> Option<Self> {
        let is_of_path =
            |byte: u8| byte.is_ascii_digit() || b" ,.-+eMmLlHhVvCcSsQqTtAaZz".contains(&byte);
        let is_path = path.starts_with(['M', 'm'])
            && path.len() <= MAX_LENGTH
            && path.bytes().all(is_of_path)
            && side > 0;
        is_path.then(|| Self { side, path: path.into() })
    }

    pub fn size(&self) -> usize {
        self.path.len()
    }

    /// An SVG with the outline in translucent grey.
    pub fn to_svg(&self) -> String {
        let Self { side, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><path fill=\"#888\" fill-opacity=\".5\" \
             d=\"{path}\"/></svg>"
        )
    }
}

impl From<Outline> for String {
    fn from(outline: Outline) -> Self {
        format!("{} {}", outline.side, outline.path)
    }
}

impl TryFrom<String> for Outline {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let outline =
            text.split_once(' ').and_then(|(side, path)| Self::new(side.parse().ok()?, path));
        outline.ok_or("not the outline of a sticker")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(path: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 512 512\"><defs id=\"x\"/><path fill=\"url(#g)\" d=\"{path}\"/></svg>"
        )
    }

    #[test]
    fn outline_accepts_single_svg_path_only() {
        let outline = Outline::from_svg(&svg("M1.5,-2e1 c3 4 5 6,7 8z")).unwrap();
        assert_eq!(
            outline.to_svg(),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 512 512\"><path fill=\"#888\" fill-opacity=\".5\" \
             d=\"M1.5,-2e1 c3 4 5 6,7 8z\"/></svg>"
        );
        let long = format!("M{}", "1 ".repeat(MAX_LENGTH));
        for path in ["", "12", "M1 2<script>", "M1&#34;", "M1 2\n", "url(#a)", "Mж", &long] {
            assert_eq!(Outline::from_svg(&svg(path)), None, "{path:.20}");
        }
        for drawing in [
            "",
            "<svg viewBox=\"0 0 512 256\"><path d=\"M1 2z\"/>",
            "<svg viewBox=\"0 0 0 0\"><path d=\"M1 2z\"/>",
            "<svg viewBox=\"0 0 512 512\"><circle r=\"5\"/>",
            "<svg><path d=\"M1 2z\"/>",
        ] {
            assert_eq!(Outline::from_svg(drawing), None, "{drawing}");
        }
    }

    #[test]
    fn outline_is_serialised_as_text_and_validated_on_load() {
        let outline = Outline::from_svg(&svg("M1 2z")).unwrap();
        let kept = serde_json::to_string(&outline).unwrap();
        assert_eq!(kept, "\"512 M1 2z\"");
        assert_eq!(serde_json::from_str::<Outline>(&kept).unwrap(), outline);
        for bad in ["\"512\"", "\"x M1\"", "\"512 M1<\"", "5"] {
            assert!(serde_json::from_str::<Outline>(bad).is_err(), "{bad}");
        }
    }
}
