//! Form bodies: `application/x-www-form-urlencoded`, or `multipart/form-data` (RFC 7578) with files.

use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::response::IntoResponse;
use bytes::Bytes;
use bytesize::ByteSize;
use encoding_rs::{Encoding, UTF_8};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::error::Error;

const MAX_FIELDS: usize = 16;

/// The decoded fields of a form. Text is converted to UTF-8 if the form or the field names another encoding.
pub(super) struct Form(Vec<(String, Bytes)>);

impl Form {
    /// Reads a request body of at most `limit` bytes.
    pub(super) async fn read(mut request: Request, limit: ByteSize) -> Result<Self, Error> {
        let most = usize::try_from(limit.as_u64()).unwrap_or(usize::MAX);
        DefaultBodyLimit::max(most).apply(&mut request);
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let (name, parameters) = kind.split_once(';').unwrap_or((&kind, ""));
        match &*name.trim().to_ascii_lowercase() {
            "application/x-www-form-urlencoded" => {
                let charset = charset(parameters);
                let body = Bytes::from_request(request, &()).await;
                Ok(Self(url_encoded(&body.map_err(|error| refusal(error, limit))?, charset)))
            }
            "multipart/form-data" => {
                let form = Multipart::from_request(request, &()).await;
                multipart(form.map_err(|_| Error::NoForm)?, limit).await
            }
            _ => Err(Error::NoForm),
        }
    }

    /// The value of a field, empty if it is missing.
    pub(super) fn get(&self, name: &str) -> Bytes {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

fn refusal(error: impl IntoResponse, limit: ByteSize) -> Error {
    match error.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge { limit },
        _ => Error::NoForm,
    }
}

fn url_encoded(body: &[u8], charset: Option<&'static Encoding>) -> Vec<(String, Bytes)> {
    let fields = body.split(|byte| *byte == b'&').filter(|field| !field.is_empty());
    let decoded = fields.take(MAX_FIELDS).map(|field| {
        let mut halves = field.splitn(2, |byte| *byte == b'=').map(percent_decoded);
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        (String::from_utf8_lossy(&name).into_owned(), in_utf8(value.into(), charset))
    });
    decoded.collect()
}

/// A plus sign means a space.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

async fn multipart(mut form: Multipart, limit: ByteSize) -> Result<Form, Error> {
    let mut fields = Vec::new();
    while fields.len() < MAX_FIELDS
        && let Some(field) = form.next_field().await.map_err(|error| refusal(error, limit))?
    {
        let name = field.name().unwrap_or_default().to_owned();
        let charset = field.content_type().and_then(charset);
        let value = field.bytes().await.map_err(|error| refusal(error, limit))?;
        fields.push((name, in_utf8(value, charset)));
    }
    Ok(Form(fields))
}

/// The encoding named by a media type's parameters, unless it is UTF-8, which is the default.
fn charset(parameters: &str) -> Option<&'static Encoding> {
    let mut parameters = parameters.split(';').filter_map(|one| one.trim().split_once('='));
    let (_, label) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let encoding = Encoding::for_label(label.trim().trim_matches('"').as_bytes());
    encoding.filter(|encoding| *encoding != UTF_8)
}

/// The value in UTF-8. A gzip file is not decoded as text.
fn in_utf8(value: Bytes, encoding: Option<&'static Encoding>) -> Bytes {
    match encoding.filter(|_| !value.starts_with(&[0x1f, 0x8b])) {
        Some(encoding) => Bytes::from(encoding.decode(&value).0.into_owned()),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: &str, body: impl Into<axum::body::Body>) -> Result<Form, Error> {
        let request = Request::builder().header(CONTENT_TYPE, kind).body(body.into()).unwrap();
        Form::read(request, ByteSize::kib(4)).await
    }

    #[tokio::test]
    async fn both_kinds_of_forms_are_read() {
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let form = read(kind, "text=a+b%0Ac&x=").await.unwrap();
        assert_eq!((&*form.get("text"), &*form.get("none")), (&b"a b\nc"[..], &b""[..]));
        let body = "--XX\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ntea\r\n--sea\r\n--XX\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"a.opml\"\r\n\
                    Content-Type: text/x-opml\r\n\r\n<opml>\r\n\r\n</opml>\r\n--XX--\r\n";
        for kind in ["multipart/form-data; boundary=XX", "Multipart/Form-Data; Boundary=\"XX\""] {
            let form = read(kind, body).await.unwrap();
            assert_eq!(&*form.get("text"), b"tea\r\n--sea", "{kind}");
            assert_eq!(&*form.get("file"), b"<opml>\r\n\r\n</opml>", "{kind}");
        }
    }

    #[tokio::test]
    async fn text_is_decoded_from_the_encoding_of_the_form_or_the_field() {
        let kind = "application/x-www-form-urlencoded; charset=windows-1251";
        let form = read(kind, "text=%D7%E0%E9+%26&file=%1F%8B%D7").await.unwrap();
        assert_eq!(&*form.get("text"), "Чай &".as_bytes());
        assert_eq!(&*form.get("file"), b"\x1f\x8b\xd7");
        let kind = "application/x-www-form-urlencoded";
        let form = read(kind, "text=%D7%A7+a%2Bb&x&=").await.unwrap();
        assert_eq!(&*form.get("text"), "ק a+b".as_bytes());
        let body = [
            &b"--X\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: text/plain; \
               charset=\"KOI8-R\"\r\n\r\n\xfe\xc1\xca\r\n--X\r\nContent-Disposition: form-data; name=text\r\n\r\n"
                [..],
            "Чай\r\n--X--\r\n".as_bytes(),
        ]
        .concat();
        let form = read("multipart/form-data; boundary=X", body).await.unwrap();
        assert_eq!(&*form.get("file"), "Чай".as_bytes());
        assert_eq!(&*form.get("text"), "Чай".as_bytes());
    }

    #[tokio::test]
    async fn other_types_broken_and_large_forms_are_refused() {
        for kind in [
            "text/plain",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "application/json",
        ] {
            assert_eq!(read(kind, "text=a").await.err(), Some(Error::NoForm), "{kind}");
        }
        let part = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
        let kind = "multipart/form-data; boundary=X";
        for body in ["", "--X", part, "--X\r\nname=\"text\"\r\n\r\nx\r\n"] {
            assert_eq!(read(kind, body).await.err(), Some(Error::NoForm), "{body:?}");
        }
        assert!(read(kind, "--X--\r\n").await.unwrap().get("a").is_empty());
        assert_eq!(read(kind, part.repeat(40)).await.unwrap().0.len(), MAX_FIELDS);
        let large = format!("{}{}", part.replace('b', &"b".repeat(5000)), "--X--\r\n");
        let too_large = Some(Error::TooLarge { limit: ByteSize::kib(4) });
        assert_eq!(read(kind, large.clone()).await.err(), too_large);
        assert_eq!(read("application/x-www-form-urlencoded", large).await.err(), too_large);
    }
}
