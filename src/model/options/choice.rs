//! Options that take one or several of a few words.

use super::BadOption;

/// Declares an option that takes one of a few words; the first is the default.
macro_rules! choice {
    (
        $(#[$meta:meta])* $name:ident {
            $(#[$first_doc:meta])* $first:ident = $first_text:literal,
            $($(#[$doc:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $name {
            #[default]
            $(#[$first_doc])* $first,
            $($(#[$doc])* $variant),*
        }

        impl $name {
            /// The word of an address.
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
    /// Whether posts of some sort are wanted.
    Presence {
        /// With all others.
        All = "all",
        /// Only these.
        Only = "only",
        /// All but these.
        None = "none",
    }
}

choice! {
    /// How titles look.
    Title {
        /// The first line that says something.
        Text = "text",
        /// The same, with a mark of the kind in front.
        Marked = "marked",
        /// No title (RSS and JSON Feed; Atom needs one).
        None = "none",
    }
}

choice! {
    /// How much of a post is given.
    Content {
        /// Everything.
        Full = "full",
        /// Words only.
        Text = "text",
    }
}

choice! {
    /// Where files are.
    MediaMode {
        /// At an address of ours, from us.
        Proxy = "proxy",
        /// At an address of ours that leads to Telegram's present address.
        Redirect = "redirect",
        /// Nowhere: files are named only.
        None = "none",
    }
}

choice! {
    /// Where an item's link leads.
    LinkTarget {
        /// To the post at Telegram.
        Telegram = "telegram",
        /// To the post's page here.
        Page = "page",
        /// To the first page outside Telegram that the post links to; else to Telegram.
        First = "first",
    }
}

/// What a post holds, as far as `kind` can ask for it. A post is of every kind of which it holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing but words (a link preview may be there).
    Text,
    /// A photo.
    Photo,
    /// A film.
    Video,
    /// A silent film that repeats.
    Gif,
    /// A round film.
    Round,
    /// A spoken note.
    Voice,
    /// Music.
    Music,
    /// A file.
    File,
    /// A sticker.
    Sticker,
    /// A poll or quiz.
    Poll,
    /// A place.
    Location,
    /// A person's card.
    Contact,
    /// A link preview.
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

    /// The word by which `kind` asks for it.
    pub fn text(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Which kinds of posts are wanted: any of the wanted ones (all, when none is named) and none of the unwanted.
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

    /// Whether a post that holds these kinds is wanted.
    pub fn accepts(&self, held: &[Kind]) -> bool {
        let wanted = self.wanted.is_empty() || held.iter().any(|kind| self.wanted.contains(kind));
        wanted && !held.iter().any(|kind| self.unwanted.contains(kind))
    }

    pub(super) fn to_text(&self) -> Option<String> {
        let wanted = self.wanted.iter().map(|kind| kind.text().to_owned());
        let unwanted = self.unwanted.iter().map(|kind| format!("-{}", kind.text()));
        let words: Vec<String> = wanted.chain(unwanted).collect();
        (!words.is_empty()).then(|| words.join(","))
    }
}
