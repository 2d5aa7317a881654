//! A form that was sent: `application/x-www-form-urlencoded`, or `multipart/form-data` (RFC 7578) when it has a file.
//!
//! Of a form with a file, a crate would read more kinds than any browser sends, as a stream; ours is small, in memory, and
//! has three fields.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The most parts of a form.
const MOST_PARTS: usize = 16;

/// The longest boundary (RFC 2046, section 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// The fields of a form, decoded: in UTF-8 where the form, or the part, names the encoding of its text.
pub(super) struct Form(Vec<(String, Bytes)>);

impl Form {
    /// Reads a body as what its type says; none when that is no form.
    pub(super) fn parse(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let (name, parameters) = kind.split_once(';').unwrap_or((kind, ""));
        match &*name.trim().to_ascii_lowercase() {
            "application/x-www-form-urlencoded" => {
                let charset = parameter(parameters, "charset").and_then(encoding);
                let fields = body.split(|byte| *byte == b'&').take(MOST_PARTS);
                let fields = fields.filter(|field| !field.is_empty()).map(|field| {
                    let mut halves = field.splitn(2, |byte| *byte == b'=').map(percent_decoded);
                    let (name, value) = (halves.next(), halves.next());
                    let name = String::from_utf8_lossy(&name.unwrap_or_default()).into_owned();
                    (name, in_utf8(value.unwrap_or_default().into(), charset))
                });
                Some(Self(fields.collect()))
            }
            "multipart/form-data" => Some(Self(parts(body, boundary(parameters)?))),
            _ => None,
        }
    }

    /// A field; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> Bytes {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

fn boundary(parameters: &str) -> Option<&str> {
    let boundary = parameter(parameters, "boundary")?;
    (1..=LONGEST_BOUNDARY).contains(&boundary.len()).then_some(boundary)
}

/// The value of one parameter of a header.
fn parameter<'a>(parameters: &'a str, sought: &str) -> Option<&'a str> {
    let mut parameters = parameters.split(';').filter_map(|one| one.trim().split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(sought))?;
    Some(value.trim().trim_matches('"'))
}

/// Another encoding than UTF-8, which is what is expected.
fn encoding(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8)
}

/// A plus sign means a space.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// A value in UTF-8. A packed file has no encoding itself.
fn in_utf8(value: Bytes, encoding: Option<&'static Encoding>) -> Bytes {
    match encoding.filter(|_| !value.starts_with(&[0x1f, 0x8b])) {
        Some(encoding) => Bytes::from(encoding.decode(&value).0.into_owned()),
        None => value,
    }
}

fn parts(body: &Bytes, boundary: &str) -> Vec<(String, Bytes)> {
    let mark = format!("--{boundary}");
    // Each part is between two marks at the beginning of a line.
    let starts = std::iter::successors(find(body, mark.as_bytes(), 0), |at| {
        find(body, format!("\r\n{mark}").as_bytes(), at + 2).map(|at| at + 2)
    });
    let starts: Vec<usize> = starts.take(MOST_PARTS + 1).collect();
    let between = starts.windows(2).map(|pair| (pair[0] + mark.len(), pair[1] - 2));
    between.filter_map(|(from, to)| part(body, from, to)).collect()
}

/// A part: what follows the mark on its line is nothing, then heads, an empty line, the value.
fn part(body: &Bytes, from: usize, to: usize) -> Option<(String, Bytes)> {
    let whole = body.get(from..to)?;
    let end = find(whole, b"\r\n\r\n", 0)?;
    let heads = String::from_utf8_lossy(&whole[..end]);
    let head = |sought: &str| {
        let pairs = heads.lines().filter_map(|line| line.split_once(':'));
        let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(sought));
        named.next().map(|(_, value)| value)
    };
    let name = parameter(head("content-disposition")?, "name")?;
    let charset = head("content-type").and_then(|kind| parameter(kind, "charset"));
    let value = body.slice(from + end + 4..to);
    Some((name.to_owned(), in_utf8(value, charset.and_then(encoding))))
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let first = *wanted.first()?;
    let mut at = 0;
    while let Some(next) = rest.get(at..)?.iter().position(|byte| *byte == first) {
        at += next;
        if rest[at..].starts_with(wanted) {
            return Some(from + at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: &str, body: &str) -> Option<Form> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
        Form::parse(&headers, &Bytes::from(body.to_owned()))
    }

    #[test]
    fn a_form_is_read_in_either_way() {
        let form =
            parse("application/x-www-form-urlencoded; charset=utf-8", "text=a+b%0Ac&x=").unwrap();
        assert_eq!((&*form.get("text"), &*form.get("none")), (&b"a b\nc"[..], &b""[..]));
        let body = "--XX\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ntea\r\n--sea\r\n--XX\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"a.opml\"\r\n\
                    Content-Type: text/x-opml\r\n\r\n<opml>\r\n\r\n</opml>\r\n--XX--\r\n";
        for kind in ["multipart/form-data; boundary=XX", "Multipart/Form-Data; Boundary=\"XX\""] {
            let form = parse(kind, body).unwrap();
            assert_eq!(&*form.get("text"), b"tea\r\n--sea", "{kind}");
            assert_eq!(&*form.get("file"), b"<opml>\r\n\r\n</opml>", "{kind}");
        }
    }

    #[test]
    fn the_encoding_of_a_form_or_a_part_is_heeded() {
        let form = parse(
            "application/x-www-form-urlencoded; charset=windows-1251",
            "text=%D7%E0%E9+%26&file=%1F%8B%D7",
        );
        let form = form.unwrap();
        assert_eq!(&*form.get("text"), "Чай &".as_bytes());
        assert_eq!(&*form.get("file"), b"\x1f\x8b\xd7");
        let plain = parse("application/x-www-form-urlencoded", "text=%D7%A7+a%2Bb&x&=").unwrap();
        assert_eq!(&*plain.get("text"), "ק a+b".as_bytes());
        let body = [
            &b"--X\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: text/plain; \
               charset=\"KOI8-R\"\r\n\r\n\xfe\xc1\xca\r\n--X\r\nContent-Disposition: form-data; name=text\r\n\r\n"
                [..],
            "Чай\r\n--X--\r\n".as_bytes(),
        ]
        .concat();
        let headers = HeaderMap::from_iter([(
            CONTENT_TYPE,
            "multipart/form-data; boundary=X".parse().unwrap(),
        )]);
        let form = Form::parse(&headers, &Bytes::from(body)).unwrap();
        assert_eq!(&*form.get("file"), "Чай".as_bytes());
        assert_eq!(&*form.get("text"), "Чай".as_bytes());
    }

    #[test]
    fn what_is_no_form_is_none_and_what_is_broken_is_empty() {
        for kind in [
            "text/plain",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "application/json",
        ] {
            assert!(parse(kind, "text=a").is_none(), "{kind}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        assert!(parse(&long, "").is_none());
        for body in [
            "",
            "--X",
            "--X\r\n--X--",
            "--X\r\nname=\"text\"\r\n\r\nx\r\n--X--",
            "\r\n--X\r\n\r\n--X",
        ] {
            let form = parse("multipart/form-data; boundary=X", body).unwrap();
            assert!(form.get("text").is_empty(), "{body:?}");
        }
        let many = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n".repeat(1000);
        assert_eq!(parse("multipart/form-data; boundary=X", &many).unwrap().0.len(), MOST_PARTS);
    }
}
