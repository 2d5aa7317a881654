//! The metadata of a cached file, and its encoding in the file name. Pure.

use crate::media::sniff::SERVED;
use crate::service::FileKey;

/// The metadata of a cached file. The file name holds all of it, so the folder needs no index file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) struct Entry {
    /// Distinguishes files under the same key; `None` if Telegram's URL does not identify the file.
    pub(in crate::media) identity: Option<u64>,
    /// Source of the entity tag.
    pub(in crate::media) fingerprint: u128,
    /// In bytes.
    pub(in crate::media) length: u64,
    /// Last modification, in Unix seconds.
    pub(in crate::media) modified: i64,
    pub(in crate::media) media_type: &'static str,
}

pub(super) fn name(key: FileKey, entry: &Entry) -> String {
    let Entry { fingerprint, length, media_type, .. } = entry;
    let identity = entry.identity.unwrap_or(0);
    let modified = entry.modified.max(0);
    let served = SERVED.iter().find(|(served, _)| served == media_type);
    let ending = served.map_or("jpg", |(_, ending)| ending);
    format!(
        "{:032x}-{identity:016x}-{fingerprint:032x}-{length:x}-{modified:x}.{ending}",
        key.number()
    )
}

/// Parses a file name; `None` for foreign files in the folder.
pub(super) fn parse(name: &str) -> Option<(FileKey, Entry)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let (media_type, _) = SERVED.iter().find(|(_, served)| *served == ending)?;
    let mut parts = stem.split('-');
    let mut part = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let is_hex = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(part, 16).ok()?;
        (is_hex && digits.contains(&part.len())).then_some(number)
    };
    let key = FileKey::from_number(part(32..=32)?);
    let identity = u64::try_from(part(16..=16)?).ok().filter(|identity| *identity != 0);
    let fingerprint = part(32..=32)?;
    let length = part(1..=16)?.try_into().ok()?;
    let modified = part(1..=16)?.try_into().ok()?;
    parts
        .next()
        .is_none()
        .then_some((key, Entry { identity, fingerprint, length, modified, media_type }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_file_name_round_trips() {
        for (media_type, _) in SERVED {
            for identity in [None, Some(1), Some(u64::MAX)] {
                let entry = Entry {
                    identity,
                    fingerprint: 0xabc,
                    length: 1_048_577,
                    modified: 1_789_000_000,
                    media_type,
                };
                let key = FileKey::emoji(7);
                let name = name(key, &entry);
                assert_eq!(parse(&name), Some((key, entry)), "{name}");
            }
        }
    }

    #[test]
    fn foreign_cache_file_names_are_ignored() {
        let entry = Entry {
            identity: None,
            fingerprint: 5,
            length: 9,
            modified: 3,
            media_type: "image/png",
        };
        let good = name(FileKey::emoji(7), &entry);
        assert!(parse(&good).is_some());
        for bad in [
            "",
            ".png",
            "README.md",
            "a-b-c-d-e.png",
            &good.to_uppercase(),
            &good.replace(".png", ".exe"),
            &good.replace(".png", ""),
            &good.replace(".png", "-5.png"),
            &good.replacen('-', "+", 1),
            &good[1..],
            &format!("{good}.part"),
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
