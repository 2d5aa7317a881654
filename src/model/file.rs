//! The files of a channel: their names in feedline's addresses, and their addresses in posts.

use std::fmt;

use super::{Media, MediaKind, MessageId, Post};
use crate::text::Address;

/// A file of a channel that feedline serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum File {
    /// The photo, video, audio file or sticker of a message, with the extension of its kind.
    Media(MessageId, &'static str),
    /// The still picture of a video, or the thumbnail of a document.
    Poster(MessageId),
    Preview(MessageId),
    Avatar,
}

impl File {
    /// Parses the last segment of an address: `12.jpg`, `12-poster.jpg`, `12-preview.jpg` or `avatar.jpg`.
    pub fn parse(segment: &str) -> Option<Self> {
        if segment == "avatar.jpg" {
            return Some(Self::Avatar);
        }
        let (stem, extension) = segment.rsplit_once('.')?;
        match stem.split_once('-') {
            Some((id, "poster")) if extension == "jpg" => Some(Self::Poster(MessageId::parse(id)?)),
            Some((id, "preview")) if extension == "jpg" => {
                Some(Self::Preview(MessageId::parse(id)?))
            }
            Some(_) => None,
            None => {
                let known = MediaKind::ALL.into_iter().map(MediaKind::extension);
                let extension = known.into_iter().find(|known| *known == extension)?;
                Some(Self::Media(MessageId::parse(stem)?, extension))
            }
        }
    }

    /// `None` for the avatar.
    pub(crate) fn message(self) -> Option<MessageId> {
        match self {
            Self::Media(id, _) | Self::Poster(id) | Self::Preview(id) => Some(id),
            Self::Avatar => None,
        }
    }

    /// The file's address in a post.
    pub(crate) fn find(self, post: &Post) -> Option<&Address> {
        let media =
            |id: MessageId| post.media.iter().find(move |media: &&Media| media.message == id);
        match self {
            Self::Media(id, extension) => {
                media(id).filter(|media| media.kind.extension() == extension)?.file.as_ref()
            }
            Self::Poster(id) => {
                let document = post.documents.iter().find(|document| document.message == id);
                let thumbnail = document.and_then(|document| document.thumbnail.as_ref());
                media(id).and_then(|media| media.poster.as_ref()).or(thumbnail)
            }
            Self::Preview(_) => {
                let preview =
                    post.link_preview.as_ref().and_then(|preview| preview.picture.as_ref());
                let invoice = post.invoice.as_ref().and_then(|invoice| invoice.picture.as_ref());
                let game = post.game.as_ref().and_then(|game| game.picture.as_ref());
                preview.map(|picture| &picture.file).or(invoice).or(game)
            }
            Self::Avatar => None,
        }
    }

    /// A number that changes when an edit replaces the file, and stays when only its address changes.
    ///
    /// UPSTREAM(2026-08): a photo has a number. Videos, audio files and stickers have a name of ten hexadecimal digits,
    /// and only the token after it changes. Pictures of videos, previews and channels have neither.
    pub(crate) fn identity(self, post: &Post) -> Option<u64> {
        let (Self::Media(id, _) | Self::Poster(id)) = self else { return None };
        let media = post.media.iter().find(|media| media.message == id)?;
        media
            .photo_id
            .or_else(|| stable_name(media.file.as_ref()?))
            .filter(|identity| *identity != 0)
    }
}

/// The last segment of the file's address, as [`File::parse`] parses it.
impl fmt::Display for File {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Media(id, extension) => write!(formatter, "{id}.{extension}"),
            Self::Poster(id) => write!(formatter, "{id}-poster.jpg"),
            Self::Preview(id) => write!(formatter, "{id}-preview.jpg"),
            Self::Avatar => formatter.write_str("avatar.jpg"),
        }
    }
}

/// The number in an address such as `/file/0123456789.mp4?token=…`.
fn stable_name(address: &Address) -> Option<u64> {
    let url = address.to_url()?;
    let (stem, _) = url.path_segments()?.next_back()?.split_once('.')?;
    let is_stable =
        stem.len() == 10 && url.query().is_some_and(|query| query.starts_with("token="));
    u64::from_str_radix(stem, 16).ok().filter(|_| is_stable)
}

/// Whether [`File::find`] finds anything in a post.
pub(crate) fn has_files(post: &Post) -> bool {
    !post.media.is_empty()
        || post.documents.iter().any(|document| document.thumbnail.is_some())
        || File::Preview(post.id).find(post).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChannelName, Document, DocumentKind};
    use crate::text::RichText;

    fn id(number: u32) -> MessageId {
        MessageId::new(number).unwrap()
    }

    fn post() -> Post {
        Post::new(ChannelName::parse("tearoad").unwrap(), id(7), chrono::DateTime::UNIX_EPOCH)
    }

    #[test]
    fn file_name_contains_message_and_kind() {
        for (segment, file) in [
            ("12.jpg", Some(File::Media(id(12), "jpg"))),
            ("12.tgs", Some(File::Media(id(12), "tgs"))),
            ("12-poster.jpg", Some(File::Poster(id(12)))),
            ("12-preview.jpg", Some(File::Preview(id(12)))),
            ("avatar.jpg", Some(File::Avatar)),
            ("avatar.png", None),
            ("12-poster.png", None),
            ("12-thumb.jpg", None),
            ("12.exe", None),
            ("12.JPG", None),
            ("0.jpg", None),
            ("+12.jpg", None),
            ("-poster.jpg", None),
            ("12", None),
            (".jpg", None),
            ("", None),
        ] {
            assert_eq!(File::parse(segment), file, "{segment}");
            if let Some(file) = file {
                assert_eq!(file.to_string(), segment);
            }
        }
    }

    #[test]
    fn document_thumbnail_is_served_as_poster() {
        let mut post = post();
        let thumbnail = Address::parse("https://files.example/7.jpg").unwrap();
        post.documents.push(Document {
            message: id(7),
            kind: DocumentKind::File,
            title: "map.pdf".to_owned(),
            extra: None,
            thumbnail: Some(thumbnail.clone()),
            caption: RichText::default(),
        });
        assert!(has_files(&post));
        assert_eq!(File::Poster(id(7)).find(&post), Some(&thumbnail));
        assert_eq!(File::Poster(id(8)).find(&post), None);
        assert_eq!(File::Media(id(7), "jpg").find(&post), None);
    }

    #[test]
    fn file_identity_survives_new_url() {
        let address = |text: &str| Address::parse(text).unwrap();
        let media = |file: Option<Address>, photo_id| Media {
            message: id(7),
            kind: MediaKind::Video,
            file,
            poster: None,
            photo_id,
            duration: None,
            ratio: None,
            width: None,
            outline: None,
            length: None,
            too_big: false,
        };
        for (file, photo, identity) in [
            ("https://cdn4.telesco.pe/file/00000000ff.mp4?token=ab", None, Some(255)),
            ("https://cdn1.telesco.pe/file/00000000ff.mp4?token=cd", None, Some(255)),
            ("https://cdn4.telesco.pe/file/00000000ff.mp4", None, None),
            ("https://cdn4.telesco.pe/file/00000000ff.mp4?x=1", None, None),
            ("https://cdn4.telesco.pe/file/000000000ff.mp4?token=ab", None, None),
            ("https://cdn4.telesco.pe/file/0000000xff.mp4?token=ab", None, None),
            ("https://cdn4.telesco.pe/file/QmFzZTY0.jpg", Some(5), Some(5)),
            ("https://cdn4.telesco.pe/file/QmFzZTY0.jpg", None, None),
        ] {
            let mut post = post();
            post.media.push(media(Some(address(file)), photo));
            assert_eq!(File::Media(id(7), "mp4").identity(&post), identity, "{file}");
            assert_eq!(File::Poster(id(7)).identity(&post), identity, "{file}");
            assert_eq!(File::Media(id(8), "mp4").identity(&post), None);
            assert_eq!(File::Preview(id(7)).identity(&post), None);
        }
        let mut post = post();
        post.media.push(media(None, None));
        assert_eq!(File::Media(id(7), "mp4").identity(&post), None);
    }
}
