//! The number of a message in its channel.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// A message's number: 1 to 2³¹−1, ascending with time, with gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct MessageId(NonZeroU32);

impl MessageId {
    /// Telegram's ids are signed 32-bit numbers.
    pub const MAX: u32 = i32::MAX as u32;

    pub const LAST: Self = match NonZeroU32::new(Self::MAX) {
        Some(id) => Self(id),
        None => unreachable!(),
    };

    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// `None` for 0 and above [`MessageId::MAX`].
    pub fn new(id: u32) -> Option<Self> {
        if id > Self::MAX { None } else { NonZeroU32::new(id).map(Self) }
    }

    /// Decimal digits without sign or leading zero, as in an address; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = text.len() <= 10
            && !text.starts_with('0')
            && text.bytes().all(|byte| byte.is_ascii_digit());
        if canonical { Self::new(text.parse().ok()?) } else { None }
    }

    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The next larger id; the largest is its own successor.
    pub fn next(self) -> Self {
        Self::new(self.get().saturating_add(1)).unwrap_or(self)
    }
}

impl TryFrom<u32> for MessageId {
    type Error = &'static str;

    fn try_from(id: u32) -> Result<Self, Self::Error> {
        Self::new(id).ok_or("no message has this id")
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::MessageId;

    #[test]
    fn message_id_accepts_only_positive_31_bit_numbers() {
        for (text, id) in
            [("1", Some(1)), ("2147483647", Some(2_147_483_647)), ("27042", Some(27042))]
        {
            assert_eq!(MessageId::parse(text).map(MessageId::get), id, "{text}");
        }
        for text in
            ["", "0", "01", "+1", "-1", " 1", "2147483648", "99999999999999999999", "1a", "१"]
        {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
    }
}
