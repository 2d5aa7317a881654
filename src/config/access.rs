//! `[access]`: who may read.

use std::fmt;

use sha2::{Digest, Sha256};

/// The shortest secret, in characters.
const SHORTEST: usize = 12;

/// The longest secret, in characters.
const LONGEST: usize = 256;

/// The longest name of a key, in characters.
const LONGEST_NAME: usize = 32;

/// Who may read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// Everybody, or those with a key.
    pub mode: AccessMode,
    /// The keys, by distinct names.
    pub keys: Vec<Key>,
}

/// Everybody, or those with a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessMode {
    /// Everybody who reaches the server.
    #[default]
    Open,
    /// Those with a key.
    Keys,
}

/// A key: the name by which logs know it, and what recognises its secret.
///
/// SECURITY: a secret that is kept can be printed, logged or dumped -> only its SHA-256 is kept. Comparing digests also
/// takes no longer for a guess that begins right, because nobody can choose how a digest begins.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    name: Box<str>,
    digest: [u8; 32],
}

impl Key {
    /// `name:secret`.
    ///
    /// # Errors
    /// [`BadKey`], which never repeats the secret.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let (name, secret) = text.split_once(':').ok_or(BadKey::NoColon)?;
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(BadKey::Name);
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadKey::Characters { name: name.to_owned() });
        }
        if !(SHORTEST..=LONGEST).contains(&secret.len()) {
            return Err(BadKey::Length { name: name.to_owned() });
        }
        Ok(Self { name: name.into(), digest: Sha256::digest(secret).into() })
    }

    /// The name by which logs know it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is its secret.
    #[must_use]
    pub fn opens_with(&self, secret: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(secret)) == self.digest
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:…", self.name)
    }
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// One part only.
    #[error("A key without a colon is there.")]
    NoColon,
    /// No name.
    #[error("A name has 1 to 32 letters, digits, “-”, “_” and “.”.")]
    Name,
    /// A secret that no reader could send.
    #[error("The secret of “{name}” holds a space or a character outside ASCII.")]
    Characters {
        /// Whose.
        name: String,
    },
    /// Too easy to guess, or too long for an address.
    #[error("The secret of “{name}” is not 12 to 256 characters long.")]
    Length {
        /// Whose.
        name: String,
    },
    /// Two keys of one name.
    #[error("There are two keys named “{name}”.")]
    Twice {
        /// Whose.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_with_its_own_secret_only() {
        let key = Key::parse("anna:correct-horse:battery").unwrap();
        assert_eq!(key.name(), "anna");
        assert!(key.opens_with("correct-horse:battery"));
        assert!(!key.opens_with("correct-horse"));
        assert!(!key.opens_with(""));
        assert_eq!(format!("{key:?}"), "anna:…");
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_the_secret() {
        let named = |name: &str| name.to_owned();
        for (text, reason) in [
            ("correct-horse-battery", BadKey::NoColon),
            (":correct-horse-battery", BadKey::Name),
            ("anna berg:correct-horse-battery", BadKey::Name),
            ("anna:hunter2", BadKey::Length { name: named("anna") }),
            ("anna:correct horse battery", BadKey::Characters { name: named("anna") }),
            ("anna:пароль-пароль-пароль", BadKey::Characters { name: named("anna") }),
        ] {
            let refused = Key::parse(text).unwrap_err();
            assert_eq!(refused, reason, "{text}");
            let told = refused.to_string();
            assert!(!told.contains("horse") && !told.contains("hunter2"), "{told}");
        }
    }
}
