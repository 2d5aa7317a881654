//! Unpacks and decodes the file of a list.
//!
//! SECURITY: a small gzip file that unpacks to gigabytes -> at most [`MAX_SIZE`] bytes and one are unpacked.

use std::borrow::Cow;
use std::io::Read as _;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{MAX_SIZE, Reason};

/// The number of bytes in which an XML declaration is searched.
const MAX_DECLARATION: usize = 512;

/// Unpacks gzip and decodes the text, by its byte order mark or its XML declaration. Returns whether the file exceeds
/// [`MAX_SIZE`]. Invalid bytes are replaced and do not stop the reading: addresses are ASCII.
pub(super) fn read(bytes: &[u8]) -> Result<(String, bool), Reason> {
    let bytes = unpacked(bytes)?;
    let is_cut = bytes.len() > MAX_SIZE;
    let bytes = &bytes[..bytes.len().min(MAX_SIZE)];
    let (text, _, _) = encoding(bytes, is_cut).decode(bytes);
    // No encoding in use has NUL in a text.
    if text.contains('\0') {
        return Err(Reason::Binary);
    }
    Ok((text.into_owned(), is_cut))
}

fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Reason> {
    match bytes {
        [0x1f, 0x8b, ..] => {
            let mut unpacked = Vec::new();
            let unpacker = flate2::read::MultiGzDecoder::new(bytes);
            let most = MAX_SIZE as u64 + 1;
            unpacker.take(most).read_to_end(&mut unpacked).map_err(|_| Reason::Gzip)?;
            if is_packed(&unpacked) { Err(Reason::Binary) } else { Ok(unpacked.into()) }
        }
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => {
            Err(Reason::Zip)
        }
        _ if is_packed(bytes) => Err(Reason::Binary),
        _ => Ok(bytes.into()),
    }
}

/// Whether the file has another compressed or binary format, by its first bytes. Most others have NUL bytes.
fn is_packed(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] =
        [&[0x1f, 0x8b], b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"%PDF-"];
    MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// The encoding: the byte order mark decides, then whether the bytes are valid UTF-8 (text in other encodings rarely
/// is), then the declaration.
fn encoding(bytes: &[u8], is_cut: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    match bytes {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let declared = declared(bytes);
    match std::str::from_utf8(bytes) {
        // Encodings with escape sequences, such as ISO-2022-JP, consist of ASCII bytes.
        Ok(_) if bytes.contains(&0x1b) => declared.unwrap_or(UTF_8),
        Ok(_) => UTF_8,
        // Truncated within a character.
        Err(error) if is_cut && error.error_len().is_none() => UTF_8,
        Err(_) => declared.unwrap_or(UTF_8),
    }
}

/// The encoding in the XML declaration; `None` if it is unknown or contradicts the bytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.trim_ascii_start();
    let head = &head[..head.len().min(MAX_DECLARATION)];
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = std::str::from_utf8(&head[..end]).ok()?;
    let (_, value) = head.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    Some(encoding).filter(|encoding| ![UTF_16LE, UTF_16BE].contains(encoding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn text(bytes: &[u8]) -> Result<String, Reason> {
        read(bytes).map(|(text, _)| text)
    }

    #[test]
    fn file_encoding_is_read_from_bom_or_declaration() {
        let xml = |label: &str| format!("<?xml version='1.0' encoding='{label}'?>");
        for (label, letters, bytes) in [
            ("windows-1251", "Чай, сад", &b"\xd7\xe0\xe9, \xf1\xe0\xe4"[..]),
            ("WINDOWS-1251", "Чай", b"\xd7\xe0\xe9"),
            ("cp1251", "Чай", b"\xd7\xe0\xe9"),
            ("koi8-r", "Чай", b"\xfe\xc1\xca"),
            ("ISO-8859-1", "Café", b"Caf\xe9"),
            ("iso-8859-2", "Łódź", b"\xa3\xf3d\xbc"),
            ("windows-1256", "شاي", b"\xd4\xc7\xed"),
            ("GBK", "茶", b"\xb2\xe8"),
            ("Shift_JIS", "茶", b"\x92\x83"),
            ("ISO-2022-JP", "茶", b"\x1b$BCc\x1b(B"),
            ("utf-8", "Чай", "Чай".as_bytes()),
            // A declaration that was not updated after a conversion, and an unknown encoding.
            ("windows-1251", "Чай", "Чай".as_bytes()),
            ("utf-16", "Чай", "Чай".as_bytes()),
            ("klingon", "Чай", "Чай".as_bytes()),
            ("windows-1251", "tea", b"tea"),
        ] {
            let xml = xml(label);
            let whole = [xml.as_bytes(), bytes].concat();
            assert_eq!(text(&whole).unwrap(), format!("{xml}{letters}"), "{label}");
            assert_eq!(text(&gzip(&whole)).unwrap(), format!("{xml}{letters}"), "{label}, packed");
        }
        let double = [b"\n<?xml encoding = \"windows-1251\" ?>".as_slice(), b"\xd7"].concat();
        assert!(text(&double).unwrap().ends_with('Ч'));
        let wide: Vec<u8> = "<a>Чай".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&wide).unwrap(), "<a>Чай", "UTF-16 without its mark");
        let wide: Vec<u8> = "<a>Чай".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&wide).unwrap(), "<a>Чай");
        let marked = [b"\xef\xbb\xbf", xml("windows-1251").as_bytes(), "Чай".as_bytes()].concat();
        assert!(text(&marked).unwrap().ends_with("Чай"), "the mark is stronger");
        assert_eq!(text(b"tea \xd7").unwrap(), "tea \u{fffd}", "nothing says what this is");
    }

    #[test]
    fn binary_list_files_are_refused() {
        for (bytes, reason) in [
            (&b"PK\x03\x04rest"[..], Reason::Zip),
            (b"PK\x05\x06\0\0", Reason::Zip),
            (b"\x1f\x8b\x08damaged", Reason::Gzip),
            (b"\x1f\x8b", Reason::Gzip),
            (&gzip(b"tea")[..12], Reason::Gzip),
            (&gzip(&gzip(b"tea")), Reason::Binary),
            (&gzip(b"a\0b"), Reason::Binary),
            (b"\x89PNG\r\n\x1a\n\0\0", Reason::Binary),
            (b"\x7fELF\x02\x01\x01\0", Reason::Binary),
            (b"SQLite format 3\0", Reason::Binary),
            (b"BZh91AY&SY", Reason::Binary),
            (b"\x28\xb5\x2f\xfd\x04", Reason::Binary),
            (b"%PDF-1.7\n", Reason::Binary),
        ] {
            assert_eq!(text(bytes), Err(reason), "{bytes:?}");
        }
    }

    #[test]
    fn gzip_bomb_is_cut_at_size_limit() {
        let bomb = gzip(&vec![b' '; 64 * MAX_SIZE]);
        let (text, is_cut) = read(&bomb).unwrap();
        assert_eq!((text.len(), is_cut), (MAX_SIZE, true));
    }
}
