//! What a file is known by, wherever it lies today.

use sha2::{Digest as _, Sha256};

use super::File;
use crate::model::ChannelName;

/// A name of a file that stays: of its channel (by number, so that it survives a change of name), its message, and which
/// of the message's files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(u128);

impl FileKey {
    /// By the channel's number, or its name as long as the number is not known.
    pub fn new(numeric_id: Option<i64>, name: &ChannelName, file: File) -> Self {
        let file = match file {
            File::Media(id, extension) => format!("{id}.{extension}"),
            File::Poster(id) => format!("{id}-poster"),
            File::Preview(id) => format!("{id}-preview"),
            File::Avatar => "avatar".to_owned(),
        };
        match numeric_id {
            Some(number) => Self::of(&format!("channel {number} {file}")),
            None => Self::of(&format!("name {} {file}", name.key())),
        }
    }

    /// The picture of a custom emoji.
    pub fn emoji(id: u64) -> Self {
        Self::of(&format!("emoji {id}"))
    }

    /// As a number that was taken from [`FileKey::number`].
    pub fn from_number(number: u128) -> Self {
        Self(number)
    }

    /// As a number, to be written.
    pub fn number(self) -> u128 {
        self.0
    }

    fn of(text: &str) -> Self {
        let digest = Sha256::digest(text);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(u128::from_be_bytes(bytes))
    }
}
