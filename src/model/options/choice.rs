//! Options that take keywords.

use serde::Deserialize;

use super::BadOption;

/// Declares an option that takes one keyword; the first is the default.
macro_rules! choice {
    (
        $(#[$meta:meta])* $name:ident {
            $(#[$first_doc:meta])* $first:ident = $first_text:literal,
            $($(#[$doc:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
        pub enum $name {
            #[default]
            $(#[$first_doc])* #[serde(rename = $first_text)] $first,
            $($(#[$doc])* #[serde(rename = $text)] $variant),*
        }

        impl $name {
            /// The keyword.
            pub fn text(self) -> &'static str {
                match self { Self::$first => $first_text, $(Self::$variant => $text),* }
            }

            pub(super) fn parse(option: &'static str, value: &str) -> Result<Self, BadOption> {
                match value {
                    $first_text => Ok(Self::$first),
                    $($text => Ok(Self::$variant),)*
                    _ => Err(BadOption::value(option, value)),
                }
            }
        }
    };
}

choice! {
    /// Includes all posts, only posts of one kind, or all except them.
    Presence {
        All = "all",
        Only = "only",
        None = "none",
    }
}

choice! {
    /// The titles of items.
    Title {
        /// The first meaningful line.
        Text = "text",
        /// The same, after a mark for the kind of post.
        Marked = "marked",
        /// No title in RSS and JSON Feed; Atom requires one.
        None = "none",
    }
}

choice! {
    /// The content of items.
    Content {
        Full = "full",
        Text = "text",
    }
}

choice! {
    /// The addresses of files.
    MediaMode {
        /// feedline serves the file.
        Proxy = "proxy",
        /// feedline redirects to Telegram's current URL.
        Redirect = "redirect",
        /// No address: files are only named.
        None = "none",
    }
}

choice! {
    /// The link of an item.
    LinkTarget {
        /// The post at Telegram.
        Telegram = "telegram",
        /// feedline's page of the post.
        Page = "page",
        /// The first link in the post that leaves Telegram, else the post at Telegram.
        First = "first",
    }
}

/// The kinds of content that the option `kind` selects. A post can have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Text without files; it may have a link preview.
    Text,
    Photo,
    Video,
    Gif,
    Round,
    Voice,
    Music,
    File,
    Sticker,
    Poll,
    Location,
    Contact,
    Link,
}

impl Kind {
    pub(crate) const ALL: [(Self, &'static str); 13] = [
        (Self::Text, "text"),
        (Self::Photo, "photo"),
        (Self::Video, "video"),
        (Self::Gif, "gif"),
        (Self::Round, "round"),
        (Self::Voice, "voice"),
        (Self::Music, "music"),
        (Self::File, "file"),
        (Self::Sticker, "sticker"),
        (Self::Poll, "poll"),
        (Self::Location, "location"),
        (Self::Contact, "contact"),
        (Self::Link, "link"),
    ];

    /// The keyword.
    pub fn text(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// The value of `kind`: posts with any of the wanted kinds (all posts if none is named) and none of the unwanted ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kinds {
    wanted: Vec<Kind>,
    unwanted: Vec<Kind>,
}

impl Kinds {
    /// `photo,video` or `-sticker,-poll`, or both.
    pub(super) fn parse(value: &str) -> Result<Self, BadOption> {
        let mut kinds = Self::default();
        for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (list, name) = match word.strip_prefix('-') {
                Some(name) => (&mut kinds.unwanted, name),
                None => (&mut kinds.wanted, word),
            };
            let kind = Kind::ALL.iter().find(|(_, text)| *text == name).map(|(kind, _)| *kind);
            list.push(kind.ok_or_else(|| BadOption::value("kind", word))?);
        }
        for list in [&mut kinds.wanted, &mut kinds.unwanted] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(kinds)
    }

    /// Whether a post with these kinds is selected.
    pub fn accepts(&self, kinds: &[Kind]) -> bool {
        let wanted = self.wanted.is_empty() || kinds.iter().any(|kind| self.wanted.contains(kind));
        wanted && !kinds.iter().any(|kind| self.unwanted.contains(kind))
    }

    pub(super) fn to_text(&self) -> Option<String> {
        let wanted = self.wanted.iter().map(|kind| kind.text().to_owned());
        let unwanted = self.unwanted.iter().map(|kind| format!("-{}", kind.text()));
        let words: Vec<String> = wanted.chain(unwanted).collect();
        (!words.is_empty()).then(|| words.join(","))
    }
}
