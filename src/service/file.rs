//! The cache keys of files.

use sha2::{Digest as _, Sha256};

use crate::model::{ChannelName, File};

/// A stable key of a file: 128 bits of a SHA-256 digest. It depends on the channel (by number, so that it survives a
/// rename), the message, and the file within the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(u128);

impl FileKey {
    /// Identifies the channel by its number, or by its name while the number is unknown.
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

    /// The key of a custom emoji's still picture.
    pub fn emoji(id: u64) -> Self {
        Self::of(&format!("emoji {id}"))
    }

    pub fn from_number(number: u128) -> Self {
        Self(number)
    }

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
